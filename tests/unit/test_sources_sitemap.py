"""Sitemaps from poll to poll: what was seen is not told again, an index leads to its new parts."""

from datetime import datetime, timedelta

import pytest

from bot.errors import ParseFailed
from bot.intake.sources.parsed import Parsed
from tests.paths import DATA
from tests.unit.reading import NOW, read

RECORDED = DATA / "api" / "sitemap"
SITE = "https://x.example"


def sitemap(*entries: str, dates: dict[str, str] | None = None) -> str:
    said = dates or {}
    rows = (
        f"<url><loc>{SITE}/{name}</loc>{f'<lastmod>{said[name]}</lastmod>' if name in said else ''}</url>"
        for name in entries
    )
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{"".join(rows)}</urlset>'


def index(**parts: str) -> str:
    rows = (
        f"<sitemap><loc>{SITE}/{name}.xml</loc>{f'<lastmod>{when}</lastmod>' if when else ''}</sitemap>"
        for name, when in parts.items()
    )
    return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{"".join(rows)}</sitemapindex>'


def names(found: Parsed) -> list[str]:
    return [item.url.rpartition("/")[2] for item in found.items]


def look(body: str, memo: str | None = "", *, part: str = "", now: datetime = NOW) -> Parsed:
    address = f"{SITE}/{part}.xml" if part else f"{SITE}/sitemap.xml"
    return read(body, "sitemap", url=address, memo=memo or "", followed=address if part else "", now=now)


def test_news_have_titles_and_others_words_of_their_address() -> None:
    assert read(RECORDED / "sitemap-news.xml", "sitemap").items[0].title == "Companies A, B in Merger Talks"
    assert read(RECORDED / "sitemap.txt", "sitemap").items[0].title == "page1"


def test_what_was_seen_is_not_told_again() -> None:
    first = look(sitemap("a", "b"))
    assert names(first) == ["a", "b"]
    later = look(sitemap("a", "b", "c"), first.memo)
    assert names(later) == ["c"]
    assert names(look(sitemap("c", "b", "a"), later.memo)) == []


def test_a_new_page_at_the_end_of_a_big_sitemap_is_found() -> None:
    """Without dates only the first two thousand entries of a document are items."""
    many = [str(number) for number in range(20_000)]
    first = look(sitemap(*many))
    assert len(first.items) == 2_000
    assert names(look(sitemap(*many, "new"), first.memo)) == ["new"]


def test_beyond_what_can_be_remembered_only_what_is_newer_is_told() -> None:
    pages = [str(number) for number in range(40_000)]
    memo = look(sitemap(*pages, dates=dict.fromkeys(pages, "2026-11-01"))).memo
    others = [f"x{number}" for number in range(40_000)]
    memo = look(sitemap(*others, dates=dict.fromkeys(others, "2026-11-10")), memo).memo
    found = look(sitemap("0", "new", dates={"0": "2026-11-01", "new": "2026-11-12"}), memo)
    assert names(found) == ["new"]
    assert len(memo or "") < 500_000


def test_an_index_leads_to_its_news_then_to_what_changed_last() -> None:
    parts = {f"p{number}": f"2026-11-{number:02}T08:00:00Z" for number in range(1, 9)}
    found = look(index(**parts, news="2026-10-01T08:00:00Z"))
    assert found.items == ()
    assert [address.rpartition("/")[2] for address in found.follow] == [
        "news.xml", "p8.xml", "p7.xml", "p6.xml", "p5.xml",
    ]  # fmt: skip
    assert found.ask_whole


def test_a_part_that_did_not_change_is_not_read_again() -> None:
    dated = {"p1": "2026-11-01T08:00:00Z", "p2": "2026-11-02T08:00:00Z"}
    memo = look(index(**dated)).memo
    for part in ("p2", "p1"):
        memo = look(sitemap(part), memo, part=part).memo
    found = look(index(**dated), memo)
    assert found.follow == ()
    assert not found.ask_whole
    changed = look(index(**{**dated, "p1": "2026-11-24T11:00:00Z"}), found.memo)
    assert changed.follow == (f"{SITE}/p1.xml",)
    assert names(look(sitemap("p1", "new"), changed.memo, part="p1")) == ["new"]


def test_a_part_that_failed_is_due_again() -> None:
    memo = look(index(p1="2026-11-01T08:00:00Z")).memo
    assert look(index(p1="2026-11-01T08:00:00Z"), memo).follow == ()  # old before the source was first read
    memo = look(index(p1="2026-11-24T11:00:00Z"), memo, now=NOW).memo
    assert look(index(p1="2026-11-24T11:00:00Z"), memo).follow == (f"{SITE}/p1.xml",)


def test_an_old_part_that_is_read_late_tells_only_what_is_new_in_it() -> None:
    memo = look(index(p1="2026-11-01T08:00:00Z")).memo
    memo = look(sitemap("a"), memo, part="p1").memo
    later = NOW + timedelta(days=3)
    memo = look(index(p1="2026-11-01T08:00:00Z", old="2026-11-26T08:00:00Z"), memo, now=later).memo
    part = sitemap(
        "ancient", "undated", "fresh", dates={"ancient": "2019-01-01", "fresh": "2026-11-26T07:00:00Z"}
    )
    found = look(part, memo, part="old", now=later)
    assert names(found) == ["fresh"]
    assert names(look(sitemap("undated", "fresh", "next"), found.memo, part="old", now=later)) == ["next"]


def test_undated_parts_are_read_in_turns_the_last_named_first() -> None:
    parts = {f"p{number}": "" for number in range(8)}
    memo: str | None = ""
    read_parts = []
    for _ in range(2):
        found = look(index(**parts), memo)
        assert found.ask_whole
        memo = found.memo
        for address in found.follow:
            part = address.rpartition("/")[2].removesuffix(".xml")
            read_parts.append(part)
            memo = look(sitemap(part), memo, part=part).memo
    assert read_parts == ["p7", "p6", "p5", "p4", "p3", "p2", "p1", "p0", "p7", "p6"]


def test_a_part_dated_today_by_the_day_alone_may_change_again() -> None:
    memo = look(index(p="2026-11-24")).memo
    memo = look(sitemap("a"), memo, part="p").memo
    found = look(index(p="2026-11-24"), memo, now=NOW + timedelta(hours=2))
    assert found.follow == (f"{SITE}/p.xml",)
    assert found.ask_whole


def test_an_index_without_loc_elements_is_read() -> None:
    found = read(RECORDED / "sitemap.index.xml", "sitemap")
    assert len(found.follow) == 5
    assert found.follow[0] == "https://example.com/sitemap.jss?portalCode=10570&lang=en"


def test_an_index_in_an_index_and_one_of_nothing_are_refused() -> None:
    with pytest.raises(ParseFailed, match="inside an index"):
        look(index(p1=""), part="p1")
    with pytest.raises(ParseFailed, match="names none"):
        look(index())


@pytest.mark.parametrize(
    "memo", ["nonsense", "[]", '{"seen": 5, "parts": [1], "since": "x"}', '{"seen": "%%"}']
)
def test_a_broken_memo_is_an_empty_one(memo: str) -> None:
    assert names(look(sitemap("a"), memo)) == ["a"]
