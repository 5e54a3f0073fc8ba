"""Changes of a watched page and new pages of a sitemap are events of their own."""

from datetime import timedelta

import pytest

from bot.errors import ParseFailed
from bot.intake.fetch import Fetched
from bot.intake.sources.registry import parse
from bot.judgement.judge import Judge
from bot.model import SourceKind
from tests.builders import NOW, a_catalog, a_source, an_item


def test_each_change_of_a_watched_page_is_told() -> None:
    judge = Judge(a_catalog(), known_until=NOW)
    told = []
    for number, words in enumerate(
        ("DeepSeek V4 in preview", "DeepSeek V4 sold out", "DeepSeek V4 recalled")
    ):
        moment = NOW + timedelta(minutes=40 * number)
        item = an_item(
            external_id=f"page:{number}", url="https://acme.example/news", title=f"Acme: {words}",
            published=moment, seen=moment,
        )  # fmt: skip
        verdict = judge.judge(item)
        judge.remember(verdict)
        told.append((verdict.story, verdict.alert))
    assert [alert for _, alert in told] == [True, True, True]
    assert len({story for story, _ in told}) == 3


def test_titles_made_of_addresses_do_not_share_the_host() -> None:
    body = b"https://shop.example/about-bananas\nhttps://shop.example/battery-fire\nhttps://shop.example/\n"
    fetched = Fetched(status=200, url="https://shop.example/sitemap.txt", body=body)
    found = parse(SourceKind.SITEMAP, fetched, source=a_source(kind=SourceKind.SITEMAP), now=NOW)
    assert {item.title for item in found.items} == {
        "about bananas",
        "battery fire",
        "Start page of shop.example",
    }


def test_a_tag_of_a_hundred_thousand_attributes_is_refused() -> None:
    body = b"<html><body><p " + b"a='1' " * 100_000 + b">news</p></body></html>"
    fetched = Fetched(status=200, url="https://x.example/", body=body)
    with pytest.raises(ParseFailed, match="longer than 64 KiB"):
        parse(SourceKind.PAGE, fetched, source=a_source(kind=SourceKind.PAGE), now=NOW)
