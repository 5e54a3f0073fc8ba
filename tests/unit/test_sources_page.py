"""Watched pages: what came and what went is told, noise is not."""

import pytest

from bot.errors import ParseFailed
from bot.intake.sources.pagediff import change_of
from bot.intake.sources.parsed import Parsed
from bot.intake.sources.registry import obeys_robots
from bot.model import RawItem, SourceKind
from tests.unit.reading import read

ADDRESS = "https://x.example/news#css=main"


def page(main: str, *, title: str = "Chip news", menu: str = "menu") -> str:
    return (
        f"<html><head><title>{title}</title><script>var t=1</script></head>"
        f"<body><nav>{menu}</nav><main>{main}</main></body></html>"
    )


def look(main: str, memo: str = "", **more: str) -> Parsed:
    return read(page(main, **more), "page", url="https://x.example/news", address=ADDRESS, memo=memo)


def after(old: str, new: str) -> RawItem | None:
    """The item of a page that was ``old`` and is ``new``."""
    memo = look(old).memo
    assert memo
    found = look(new, memo).items
    return found[0] if found else None


def test_the_first_reading_shows_the_page_as_it_is() -> None:
    found = look("<p>V4 is out</p><p>More soon</p>")
    assert (found.items[0].title, found.items[0].summary) == (
        "Chip news: V4 is out More soon",
        "V4 is out More soon",
    )
    assert found.items[0].url == "https://x.example/news"
    assert found.memo == "V4 is out\nMore soon"


def test_only_the_watched_part_counts() -> None:
    memo = look("<p>V4 is out</p>").memo or ""
    assert look("<p>V4 is out</p>", memo, menu="another menu").items == ()


def test_what_came_and_what_went_is_told() -> None:
    item = after(
        "<p>Welcome.</p><p>V4 comes in December.</p><table><tr><td>MMLU</td><td>80.1</td></tr></table>",
        "<p>Welcome.</p><p>V4 is released today under the MIT licence.</p>"
        "<table><tr><td>MMLU</td><td>88.5</td></tr></table>",
    )
    assert item is not None
    assert item.title == "Chip news: V4 is released today under the MIT licence."
    assert item.summary == (
        "+ V4 is released today under the MIT licence. · + MMLU 88.5 · − V4 comes in December. · − MMLU 80.1"
    )


def test_of_a_long_paragraph_only_the_changed_sentence_is_told() -> None:
    start = "The first sentence of this paragraph stands here since years. " * 3
    item = after(f"<p>{start}V4 comes in May.</p>", f"<p>{start}V4 comes in June.</p>")
    assert item is not None
    assert item.summary == "+ V4 comes in June. · − V4 comes in May."


def test_what_only_went_is_told_too() -> None:
    item = after("<p>Welcome</p><p>Benchmarks of the 910C</p>", "<p>Welcome</p>")
    assert item is not None
    assert item.title == "Chip news: − Benchmarks of the 910C"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<p>A  story</p>", "<p>A\n story</p>"),
        ("<p>Posted 3 minutes ago by Ada</p>", "<p>Posted 2 hours ago by Ada</p>"),
        ("<p>news</p><p>5分钟前</p>", "<p>news</p><p>2小时前</p>"),
        ("<p>news</p><p>1,234 views</p>", "<p>news</p><p>1,301 views</p>"),
        ("<p>news</p><p>阅读(123)</p>", "<p>news</p><p>阅读(1.2万)</p>"),
        ("<p>x</p><p>Last updated: 24 Nov 2026, 12:30 UTC</p>", "<p>x</p><p>Last updated: 25 Nov 2026, 08:00 UTC</p>"),
        ("<p>x</p><p>更新时间：2026-11-24 10:00</p>", "<p>x</p><p>更新时间：2026-11-25 09:30</p>"),
        ("<p>x</p><p>Tuesday, 24 November 2026</p>", "<p>x</p><p>Wednesday, 25 November 2026</p>"),
        ("<p>one</p><p>two</p><p>three</p>", "<p>three</p><p>one</p><p>two</p>"),
        ("<p>x</p><p>© 2025 Acme</p>", "<p>x</p><p>© 2026 Acme</p>"),
    ],
    ids=["space", "ago", "ago-zh", "views", "views-zh", "updated", "updated-zh", "today", "order", "copyright"],
)  # fmt: skip
def test_noise_is_no_news(old: str, new: str) -> None:
    assert after(old, new) is None
    assert look(old).items[0].external_id == look(new).items[0].external_id


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<dl><dt>Effective date</dt><dd>2026-12-01</dd></dl>", "<dl><dt>Effective date</dt><dd>2027-03-01</dd></dl>"),
        ("<p>Comments due 24 Nov 2026</p>", "<p>Comments due 31 Dec 2026</p>"),
        ("<p>80.1</p>", "<p>85.2</p>"),
        ("<p>Ascend 910C</p>", "<p>Ascend 910D</p>"),
    ],
)  # fmt: skip
def test_a_date_or_figure_that_may_be_the_news_is_told(old: str, new: str) -> None:
    assert after(old, new) is not None


def test_a_page_that_goes_back_and_forth_is_told_once_each_way() -> None:
    memos = [look("<p>calm</p>").memo or "", look("<p>storm</p>").memo or ""]
    there, back = look("<p>storm</p>", memos[0]).items[0], look("<p>calm</p>", memos[1]).items[0]
    assert there.external_id != back.external_id
    assert look("<p>storm</p>", memos[0]).items[0].external_id == there.external_id


def test_a_text_beyond_the_bound_is_cut_and_its_border_is_no_news() -> None:
    lines = [f"line {number} of a very long page" for number in range(6000)]
    before = look("".join(f"<p>{line}</p>" for line in lines))
    assert len(before.memo or "") <= 100_002
    assert "100,000" in before.problems[0]
    shorter = look("".join(f"<p>{line}</p>" for line in lines[10:]), before.memo or "").items[0]
    assert shorter.summary.startswith("− line 0 of")
    assert "+" not in shorter.summary
    longer = look("<p>at the top</p>" + "".join(f"<p>{line}</p>" for line in lines), before.memo or "").items[
        0
    ]
    assert longer.summary == "+ at the top"


@pytest.mark.parametrize(
    "line",
    [
        "Updated 3 minutes ago", "Last updated: less than a minute ago", "Posted just now", "Published yesterday",
        "1 day, 3 hours ago", "Aktualisiert vor 5 Minuten", "il y a 3 minutes", "更新于3分钟前",
        "1.2k views · 3 comments",
        "1 234 views", "Total views 1234", "Read 1234 times", "12 people are viewing this", "5 min read",
    ],
)  # fmt: skip
def test_a_new_line_that_only_counts_or_tells_the_age_is_no_change(line: str) -> None:
    old, new = ["V4 is announced."], ["V4 is announced.", line]
    assert change_of(old, new, cut="…") is None
    assert change_of(new, old, cut="…") is None


@pytest.mark.parametrize(
    "line",
    [
        "V4 released 3 minutes ago",
        "Updated weights yesterday",
        "Score 1234",
        "2026-04-24",
        "Last call",
        "Views on V4",
    ],
)
def test_a_new_line_that_says_more_than_its_age_is_a_change(line: str) -> None:
    change = change_of(["V4 is announced."], ["V4 is announced.", line], cut="…")
    assert change is not None
    assert change.added == (line,)


@pytest.mark.parametrize("fragment", ["#css=article", "#css=[[", "#css=%F0", "#css="])
def test_a_selector_that_finds_nothing_is_an_error(fragment: str) -> None:
    with pytest.raises(ParseFailed):
        read(page("x"), "page", address="https://x.example/" + fragment)


def test_pages_alone_ask_robots_txt() -> None:
    assert [kind for kind in SourceKind if obeys_robots(kind)] == [SourceKind.PAGE]
