"""Answers of short entries on a terminal: one line each, whatever its width."""

import asyncio
import io

import pytest
from rich.console import Console

from bot.flow.engine import Progress
from handlers.console.cards import reply
from handlers.console.handler import show_progress
from handlers.replies import Entry, Reply

ENTRIES = (
    Entry(
        title="Has somebody other than its makers measured V4 on Ascend?",
        url="https://example.org/proof",
        facts=(
            "benchmarked", "since 27 Apr 2026", "primary-data, 5 independent", "due 31 May 2026: “by the end of May”",
            "22 of 22 sources read, 2 min ago", "我们实测了昇腾上的V4，所有评测均由我们自己完成",
        ),
    ),
    Entry(title="Is it out?", facts=("no answer yet", "", "", "", "blind: no source", "")),
)  # fmt: skip


def shown(width: int, *entries: Entry, links: bool = False) -> list[str]:
    out = io.StringIO()
    console = Console(
        file=out, width=width, force_terminal=links, color_system="truecolor" if links else None
    )
    console.print(reply(Reply(title="Status", entries=entries, rows=True)))
    return out.getvalue().splitlines()


@pytest.mark.parametrize(("width", "wrapped"), [(125, 1), (160, 1), (250, 0)])
def test_each_entry_is_one_line_unless_its_question_wraps(width: int, wrapped: int) -> None:
    lines = shown(width, *ENTRIES)
    assert len(lines) == 1 + len(ENTRIES) + wrapped
    assert "benchmarked" in lines[1]
    question = " ".join(line[:32].strip() for line in lines[1 : 2 + wrapped])
    assert question == ENTRIES[0].title if wrapped else ENTRIES[0].title in lines[1]


@pytest.mark.parametrize("width", [20, 60, 80])
def test_a_narrow_terminal_cuts_nothing(width: int) -> None:
    text = " ".join(" ".join(shown(width, *ENTRIES)).split())
    assert "…" not in text
    for fact in ("Has somebody other", "benchmarked", "since 27 Apr", "22 of 22", "我们实测"):
        assert fact in text


def test_a_wide_terminal_shows_all_and_links_the_question_and_its_proof() -> None:
    lines = shown(280, *ENTRIES, links=True)
    assert lines[1].count("https://example.org/proof") == 2
    assert "22 of 22 sources read, 2 min ago" in lines[1]
    assert "我们实测了" in lines[1]


def test_an_entry_without_facts_and_no_entry() -> None:
    assert [line.strip() for line in shown(80, Entry(title="alone"))] == ["Status", "alone"]
    assert shown(80) == ["Status", ""]


READ = tuple(
    Entry(
        title=f"A source with a rather long name, number {number}", url="https://example.org/feed",
        facts=("feed", "read 2 min ago", "next in 5 min", "17 items in 7 days", "12% alerted", f"source-{number}"),
    )
    for number in range(5)
)  # fmt: skip


@pytest.mark.parametrize(("width", "lines"), [(80, 15), (120, 10), (200, 5)])
def test_a_list_loses_nothing_where_the_terminal_is_narrow(width: int, lines: int) -> None:
    out = io.StringIO()
    console = Console(file=out, width=width)
    console.print(reply(Reply(title="Sources", entries=READ)))
    text = out.getvalue()
    assert all(f"source-{number}" in text for number in range(5))
    assert text.count("12% alerted") == text.count("number ") == 5
    assert "…" not in text
    assert len(text.splitlines()) == 1 + lines


@pytest.mark.parametrize("width", [80, 120, 200])
def test_the_figure_at_the_end_of_a_long_title_is_always_seen(width: int) -> None:
    figure = "training performance per watt FP16 · Huawei Ascend 950PR: 85% to 95% against H100"
    entries = [Entry(title=figure, facts=("Lab", "report", "24 Nov 2026", "#7", ""))] * 5
    out = io.StringIO()
    Console(file=out, width=width).print(reply(Reply(title="Benchmarks", entries=tuple(entries))))
    text = out.getvalue()
    assert text.count("H100") == 5
    assert text.count("85%") == 5
    assert "…" not in text


async def test_the_live_line_shows_its_counts_in_80_columns() -> None:
    out = io.StringIO()
    console = Console(file=out, width=80, force_terminal=True)
    progress = Progress(
        polled=12345, failed=3, under_way={f"source-with-a-long-name-{n}": 0.0 for n in range(9)}
    )  # type: ignore[misc]
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await show_progress(console, lambda: progress, sources=128)
    for count in ("128 sources", "12345 polls, 3 failed", "0 items", "0 stories", "0 alerts"):
        assert count in out.getvalue()
