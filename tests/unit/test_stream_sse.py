"""The event-stream parser against the rules of the WHATWG standard, however the bytes are cut."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ParseFailed
from bot.intake.streams.sse import Event, EventParser


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        (b"data: one\n\n", [Event(data="one")]),
        (b"event: update\ndata: {}\n\n", [Event(name="update", data="{}")]),
        (b"data: a\r\ndata: b\r\n\r\n", [Event(data="a\nb")]),
        (b"data: a\rdata: b\r\r", [Event(data="a\nb")]),
        (b"\xef\xbb\xbfdata: bom\n\n", [Event(data="bom")]),
        (b":)\n:thump\ndata: x\n\n:thump\n", [Event(data="x")]),
        (b"data\n\n", [Event(data="")]),
        (b"data:no space\n\ndata:  two spaces\n\n", [Event(data="no space"), Event(data=" two spaces")]),
        (b"event: lost\n\ndata: kept\n\n", [Event(data="kept")]),
        (b"id: 7\ndata: a\n\ndata: b\n\n", [Event(data="a", last_id="7"), Event(data="b", last_id="7")]),
        (b"id: 7\ndata: a\n\nid\ndata: b\n\n", [Event(data="a", last_id="7"), Event(data="b")]),
        (b"id: a\0b\ndata: x\n\n", [Event(data="x")]),
        (b"unknown: x\ndata: y\n\n", [Event(data="y")]),
        (b"data: not ended\n", []),
        (b"data: \xe4\xb8\xad\xe6\x96\x87 \xff\n\n", [Event(data="中文 \ufffd")]),
        (b"\n\n\n", []),
    ],
)
def test_rules_of_the_format(stream: bytes, events: list[Event]) -> None:
    assert EventParser().feed(stream) == events
    parser = EventParser()
    assert [
        event for place in range(len(stream)) for event in parser.feed(stream[place : place + 1])
    ] == events


@given(
    events=st.lists(
        st.lists(
            st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\r\n")), min_size=1
        ),
        max_size=4,
    ),
    end=st.sampled_from([b"\n", b"\r", b"\r\n"]),
    cuts=st.lists(st.integers(min_value=0, max_value=400), max_size=8),
)
def test_what_was_written_is_read_wherever_it_is_cut(
    events: list[list[str]], end: bytes, cuts: list[int]
) -> None:
    stream = b"".join(b"".join(b"data: " + line.encode() + end for line in lines) + end for lines in events)
    parser, found, before = EventParser(), [], 0
    for cut in [*sorted(cuts), len(stream)]:
        found += parser.feed(stream[before:cut])
        before = max(before, cut)
    assert [event.data for event in found] == ["\n".join(lines) for lines in events]


@given(st.lists(st.binary(max_size=300), max_size=30))
def test_any_bytes_are_read_or_refused(chunks: list[bytes]) -> None:
    whole, cut = EventParser(max_bytes=64), EventParser(max_bytes=64)
    try:
        expected = whole.feed(b"".join(chunks))
    except ParseFailed:
        return  # where exactly the limit is met depends on nothing but the bytes; refusing is the point
    assert [event for chunk in chunks for event in cut.feed(chunk)] == expected


@pytest.mark.parametrize(
    "endless",
    [
        b"data: xxxxxxxx",
        b"data: xxxxxxxx\n",
        b"data\n",
        b"event: xxxxxxxx",
        b"xxxxxxxxxxxxxxxxx",
        b":xxxxxxxxx",
    ],
)
def test_an_endless_event_is_refused_before_it_fills_the_memory(endless: bytes) -> None:
    parser = EventParser(max_bytes=1000)
    with pytest.raises(ParseFailed, match="larger than"):  # noqa: PT012 - some piece of many, not a known one
        for _ in range(2000):
            parser.feed(endless)


def test_many_small_events_are_no_large_one() -> None:
    parser = EventParser(max_bytes=1000)
    assert sum(len(parser.feed(b"data: xxxxxxxx\n\n")) for _ in range(1000)) == 1000


def test_lines_are_counted_and_retry_is_kept() -> None:
    parser = EventParser()
    parser.feed(b":thump\n:thu")
    assert (parser.lines, parser.retry) == (1, None)
    parser.feed(b"mp\nretry: soon\nretry: 2500\n")
    assert (parser.lines, parser.retry) == (4, timedelta(milliseconds=2500))
