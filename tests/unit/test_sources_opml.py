"""Subscription lists of other readers, hostile ones, and our own."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.catalog.opml import read_opml, write_opml
from bot.model import SourceKind
from tests.builders import a_source
from tests.paths import DATA

RECORDED = DATA / "api" / "opml"


def opml(*outlines: str) -> bytes:
    return f'<opml version="2.0"><head/><body>{"".join(outlines)}</body></opml>'.encode()


@pytest.mark.parametrize(("file", "count"), [("google_reader.opml", 22), ("latin1.opml", 14)])
def test_a_list_of_another_reader_is_read(file: str, count: int) -> None:
    found = read_opml((RECORDED / file).read_bytes())
    assert (len(found.sources), found.problems) == (count, ())
    assert len({source.id for source in found.sources}) == count
    assert all(source.user_given and source.kind is SourceKind.FEED for source in found.sources)


def test_folders_names_and_letters_are_kept() -> None:
    first = read_opml((RECORDED / "google_reader.opml").read_bytes()).sources[0]
    assert (first.name, first.url, first.why) == (
        "Reflets",
        "http://reflets.info/feed/",
        "imported, folder Presse",
    )
    assert "é" in "".join(s.name for s in read_opml((RECORDED / "google_reader.opml").read_bytes()).sources)


def test_a_list_of_pages_has_no_feed() -> None:
    found = read_opml((RECORDED / "links_1.0.opml").read_bytes())
    assert (found.sources, found.problems) == ((), ("no feed is in the list",))


def test_an_id_depends_on_the_address_alone() -> None:
    one = read_opml(opml('<outline type="rss" text="A" xmlUrl="https://x.example/f"/>')).sources[0]
    two = read_opml(
        opml('<outline text="b"><outline title="B" XMLURL="https://x.example/f"/></outline>')
    ).sources[0]
    other = read_opml(opml('<outline type="rss" text="A" xmlUrl="https://x.example/g"/>')).sources[0]
    assert one.id == two.id != other.id
    assert one.id.startswith("x-example-")


def test_bad_entries_are_told_and_the_others_read() -> None:
    found = read_opml(
        opml(
            '<outline type="rss" text="without"/>',
            '<outline text="script" xmlUrl="javascript:alert(1)"/>',
            '<outline text="secret" xmlUrl="https://me:pw@x.example/"/>',
            '<outline text="odd" xmlUrl="http://[x"/>',
            '<outline text="feed" xmlUrl="feed://x.example/f"/>',
            '<outline text="again" xmlUrl="http://x.example/f"/>',
            '<outline text="R&D" xmlUrl="feed:https://y.example/f" language="zh-CN"/>',
        )
    )
    assert [(source.url, source.language) for source in found.sources] == [
        ("http://x.example/f", ""),
        ("https://y.example/f", "zh"),
    ]
    assert [problem.partition(":")[0] for problem in found.problems] == [
        "without",
        "script",
        "secret",
        "odd",
        "again",
    ]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no XML"),
        (b"{}", "outermost"),
        (b"<html><body>down</body></html>", "outermost"),
        (b"<rss><channel/></rss>", "outermost"),
        (b"<!DOCTYPE opml [<!ENTITY a 'aaaa'>]><opml/>", "entities"),
        ("<!DOCTYPE opml [<!ENTITY a 'aaaa'>]><opml/>".encode("utf-16"), "entities"),
        (b"<opml>" + b" " * 11_000_000, "larger"),
    ],
)
def test_what_is_no_list_is_refused_with_a_reason(data: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_opml(data)


@pytest.mark.parametrize(
    "data",
    [
        b'<opml version="2.0"><body>' + b'<outline text="a">' * 300_000,
        opml(*(f'<outline type="rss" text="x" xmlUrl="http://x.example/{n}"/>' for n in range(60_000))),
        b'<!DOCTYPE opml SYSTEM "file:///etc/passwd"><opml><body><outline text="&x;" xmlUrl="http://x.example/"/></body></opml>',
        opml(f'<outline text="{"x" * 5_000_000}" xmlUrl="http://x.example/"/>'),
        b"<opml " + b" ".join(b"a%d='1'" % number for number in range(100_000)) + b"/>",
    ],
    ids=["deep", "many", "external", "long", "attributes"],
)
def test_a_trap_does_no_harm(data: bytes) -> None:
    began = time.process_time()
    try:
        found = read_opml(data)
    except ValueError:
        found = None
    assert time.process_time() - began < 20
    for source in found.sources if found else ():
        assert len(source.name) <= 200
        assert "root:" not in source.name
    assert found is None or len(found.sources) <= 10_000


def test_only_feeds_are_written() -> None:
    written = write_opml([a_source(), a_source(kind=SourceKind.PAGE, url="https://x.example/p")])
    assert [source.url for source in read_opml(written).sources] == ["https://reuters.example/feed"]


@settings(max_examples=50, deadline=None)
@given(name=st.text(min_size=1, max_size=60), path=st.text("abc/?=&é", max_size=20))
def test_what_was_written_is_read_again(name: str, path: str) -> None:
    source = a_source(name=name, url=f"https://x.example/{path}", language="en")
    read = read_opml(write_opml([source])).sources
    assert [(each.url, each.language) for each in read] == [(source.url, "en")]
    assert read_opml(write_opml(read)).sources == read
