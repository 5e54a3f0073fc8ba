"""The catalog loader: what it reads, and how it refuses."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from bot.catalog.loader import load_catalog, parse_duration
from bot.errors import ConfigError

GOOD = """\
[[source]]
id = "a"
kind = "rss"
url = "https://example.org/feed"
topics = ["t"]
every = "2s"

[[topic]]
id = "t"
any = {en = ["deepseek v4"], zh = ["深度求索"]}

[[topic.watch]]
id = "out"
question = "Is it out?"
states = ["rumoured", "released"]
"""


def load(tmp_path: Path, text: str) -> object:
    file = tmp_path / "mine.toml"
    file.write_text(text, encoding="utf-8")
    return load_catalog(file)


def test_a_catalog_of_ones_own_replaces_sources_and_topics(tmp_path: Path) -> None:
    catalog = load_catalog(tmp_path) if (tmp_path / "mine.toml").write_text(GOOD, encoding="utf-8") else None
    assert catalog is not None
    assert [source.id for source in catalog.sources] == ["a"]
    assert catalog.sources[0].every == timedelta(seconds=2)
    (topic,) = catalog.topics
    assert topic.any.all() == ("deepseek v4", "深度求索")
    assert topic.watches[0].states == ("rumoured", "released")
    assert catalog.publishers, "the built-in publishers stay known"


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        pytest.param('kind = "rss"', 'kind = "telnet"', 3, "unknown kind", id="kind"),
        pytest.param('every = "2s"', 'evry = "2s"', 6, "unknown key", id="key of a source"),
        pytest.param('every = "2s"', 'every = "0s"', 6, "must be a text such as", id="interval of nothing"),
        pytest.param('topics = ["t"]', 'topics = ["u"]', 5, "unknown topic 'u'", id="topic"),
        pytest.param("https://example.org/feed", "file:///etc/passwd", 4, "http or https", id="address"),
        pytest.param("any = {", "any = 3 #", 10, "list of terms", id="terms"),
        pytest.param('question = "Is it out?"', 'ask = "Is it out?"', 8, "missing", id="question"),
        pytest.param('id = "t"', 'id = "T T"', 9, "must be lower-case", id="id"),
    ],
)
def test_a_wrong_catalog_is_refused_with_file_line_and_key(
    tmp_path: Path, old: str, new: str, line: int, says: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, GOOD.replace(old, new))
    assert f"mine.toml:{line}: " in str(caught.value)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[source]\n", "mine.toml"),
        ("foo = 1\n", "mine.toml:1: unknown key 'foo'"),
        (GOOD + GOOD, "two topics with the id 't'; the other is at "),
        (
            GOOD + GOOD[: GOOD.index("[[topic]]")],
            f"mine.toml:{len(GOOD.splitlines()) + 2}: id: two sources with the id",
        ),
    ],
)
def test_a_broken_document_is_refused(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    assert says in str(caught.value)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no \.toml file"):
        load_catalog(tmp_path)


def test_durations() -> None:
    assert parse_duration("15m") == timedelta(minutes=15)
    with pytest.raises(ValueError, match="must be a text"):
        parse_duration("soon")


@pytest.mark.parametrize(
    ("kind", "url", "more", "says"),
    [
        (
            "page",
            "https://example.org/",
            'mode = "stream"',
            "mine.toml:5: mode: nothing pushes a source of kind 'page'",
        ),
        ("sitemap", "https://example.org/", 'mode = "stream"', "mine.toml:5: mode: nothing pushes"),
        ("page", "https://example.org/#css=[[", "", "mine.toml:4: url: '[[' behind #css= is no CSS selector"),
        ("page", "https://example.org/#css=", "", "mine.toml:4: url: '' behind #css="),
        ("page", "https://example.org/#css=%3E%3E", "", "mine.toml:4: url: '>>'"),
    ],
)
def test_what_no_adapter_could_do_is_refused_with_its_line(
    tmp_path: Path, kind: str, url: str, more: str, says: str
) -> None:
    with pytest.raises(ConfigError, match=re.escape(says)):
        load(
            tmp_path,
            f'[[source]]\nid = "a"\nkind = "{kind}"\nurl = "{url}"\n{more}\n[[topic]]\nid = "t"\nany = ["x"]\n',
        )


@pytest.mark.parametrize(
    ("kind", "url", "more"),
    [
        ("page", "https://example.org/#css=main%20.news%20%3E%20li", ""),
        ("page", "https://example.org/#news", ""),
        ("rss", "https://example.org/feed#css=[[", 'mode = "stream"'),
        ("bluesky", "https://bsky.app/profile/a.bsky.social", 'mode = "stream"'),
    ],
)
def test_what_an_adapter_can_do_is_taken(tmp_path: Path, kind: str, url: str, more: str) -> None:
    load(
        tmp_path,
        f'[[source]]\nid = "a"\nkind = "{kind}"\nurl = "{url}"\n{more}\n[[topic]]\nid = "t"\nany = ["x"]\n',
    )
