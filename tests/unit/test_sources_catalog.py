"""The built-in sources: enough of them, asked politely, each with its reason."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from bot.catalog.loader import load_catalog
from bot.intake.sources.registry import request_for
from bot.model import Source

CATALOG = load_catalog()


def test_there_are_many_and_every_topic_is_covered() -> None:
    assert len(CATALOG.sources) >= 80
    for topic in CATALOG.topics:
        assert sum(1 for source in CATALOG.sources if topic.id in source.topics) >= 10, topic.id
    assert sum(1 for source in CATALOG.sources if source.language == "zh") >= 12


@pytest.mark.parametrize("source", CATALOG.sources, ids=lambda source: source.id)
def test_a_source_says_what_it_is_there_for(source: Source) -> None:
    assert source.why
    assert source.publisher
    assert source.language
    assert source.topics
    assert source.every >= timedelta(minutes=5)
    assert urlsplit(request_for(source)[0]).scheme in ("http", "https")


def test_no_address_is_asked_twice() -> None:
    asked = [request_for(source)[0] for source in CATALOG.sources]
    assert len(asked) == len(set(asked))


def test_github_is_asked_within_what_it_allows_without_an_account() -> None:
    """Sixty an hour from one address; feeds under github.com do not count."""
    hour = timedelta(hours=1)
    asked = [s for s in CATALOG.sources if urlsplit(request_for(s)[0]).hostname == "api.github.com"]
    assert sum(hour / source.every for source in asked) <= 30
