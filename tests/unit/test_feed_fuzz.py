"""Real documents of every kind, damaged at random: nothing crashes, hangs, grows or gives back what it may not.

``TIPOFF_FUZZ_EXAMPLES`` sets how many documents of each kind are tried (25 without it); a night's run takes 100000.
"""

import os
import random
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.catalog.opml import read_opml
from bot.errors import ParseFailed
from bot.intake.robots import read_robots
from bot.intake.sources.parsed import Parsed
from bot.model import SourceKind
from tests.paths import DATA
from tests.unit.reading import read

EXAMPLES = int(os.environ.get("TIPOFF_FUZZ_EXAMPLES", "25"))
#: A damaged document of some 20 kB takes milliseconds; on a busy machine, under a tracer, up to a second.
LONGEST_S = 20.0
MOST_BYTES = 32 * 1024 * 1024
#: Folders whose documents a kind is fed with: its own, and some that it does not expect.
FOLDERS = {
    SourceKind.RSS: "feeds", SourceKind.ATOM: "feeds", SourceKind.JSONFEED: "feeds", SourceKind.PAGE: "feeds",
    SourceKind.FEED: "feeds",
}  # fmt: skip
PIECES = [
    b"<", b">", b"&", b"]]>", b"<![CDATA[", b"<!--", b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b'"', b"\0", b"\xff", b"null",
    b"{}", b"[]", b"1e999", b"-1", b"true", b'"\\ud800"', b"\xe2\x80\xae", b"&#x0;", b"&#xD800;", b"<item>",
    b"</entry>", b"encoding='utf-16'", b"0001-01-01T00:00:00Z", b"9999-12-31T23:59:59Z", b"99999999999999999999",
    b"http://[", b"\x1f\x8b\x08", b"<p>", b"</div>", b"12:30 3 minutes ago ", b"<sitemap>", b"<outline", b"$", b"*",
]  # fmt: skip
ROBOTS = (
    b"User-agent: *\nDisallow: /*/x$\nAllow: /x/\nCrawl-delay: 3\n\nUser-agent: Tipoff\nDisallow: /private\n"
)


def documents(folder: str) -> list[bytes]:
    paths = [path for path in sorted((DATA / folder).iterdir()) if path.is_file() and path.suffix != ".md"]
    return [body for path in paths if len(body := Path(path).read_bytes()) < 200_000]


def damaged(body: bytes, seed: int, strokes: int) -> bytes:
    rng = random.Random(seed)
    out = bytearray(body)
    for _ in range(strokes):
        place = rng.randrange(len(out) + 1)
        match rng.randrange(6):
            case 0:
                out[place:place] = rng.choice(PIECES)
            case 1:
                del out[place : place + rng.randrange(1, 40)]
            case 2:
                out[place : place + 4] = rng.choice(PIECES)
            case 3:
                other = rng.randrange(len(out) + 1)
                out[place:place] = out[other : other + 200]
            case 4:
                out[place:place] = rng.choice(PIECES) * rng.randrange(1, 300)
            case _:
                if place < len(out):
                    out[place] ^= 1 << rng.randrange(8)
    return bytes(out[: rng.randrange(len(out) + 1)] if rng.random() < 0.2 else out)


def bounded(act: Callable[[], None]) -> None:
    """Run ``act`` and hold it to its time and memory."""
    tracing = tracemalloc.is_tracing()
    if not tracing:
        tracemalloc.start()
    tracemalloc.reset_peak()
    before, began = tracemalloc.get_traced_memory()[0], time.process_time()
    try:
        act()
        assert time.process_time() - began < LONGEST_S
        assert tracemalloc.get_traced_memory()[1] - before < MOST_BYTES
    finally:
        if not tracing:
            tracemalloc.stop()


def assert_clean(found: Parsed) -> None:
    ids = [item.external_id for item in found.items]
    assert len(ids) == len(set(ids))
    for item in found.items:
        assert item.title
        assert len(item.title) <= 500
        assert len(item.summary) <= 1000
        assert not item.url or item.url.startswith(("http://", "https://"))
        for text in (item.title, item.summary, item.author, item.publisher, item.external_id, item.url):
            text.encode("utf-8")
            assert "\0" not in text
            assert "\n" not in text
    assert all(address.startswith(("http://", "https://")) for address in found.follow)
    (found.memo or "").encode("utf-8")
    assert "\0" not in (found.memo or "")


DAMAGE = given(which=st.integers(0, 1000), seed=st.integers(0, 2**32), strokes=st.integers(1, 30))
MANY = settings(
    max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
#: What an adapter kept of the document before it was damaged, so that the two are compared.
KEPT: dict[tuple[SourceKind, int], str] = {}


def kept(kind: SourceKind, place: int, body: bytes) -> str:
    if (kind, place) not in KEPT:
        try:
            KEPT[kind, place] = read(body, kind).memo or ""
        except ParseFailed:
            KEPT[kind, place] = ""
    return KEPT[kind, place]


@pytest.mark.parametrize("kind", list(SourceKind))
@MANY
@example(which=0, seed=12326, strokes=3)  # arXiv: a date whose Z became an X, a zone that nobody knows
@DAMAGE
def test_a_damaged_document_is_survived(kind: SourceKind, which: int, seed: int, strokes: int) -> None:
    choices = documents(FOLDERS.get(kind, f"api/{kind}"))
    whole = choices[which % len(choices)]
    body, memo = damaged(whole, seed, strokes), kept(kind, which % len(choices), whole)

    def act() -> None:
        try:
            found = read(body, kind, memo=memo if seed % 2 else "")
        except ParseFailed:
            return
        assert_clean(found)

    bounded(act)


@pytest.mark.parametrize(
    "kind", [SourceKind.PAGE, SourceKind.SITEMAP, SourceKind.HUGGINGFACE, SourceKind.MASTODON]
)
@MANY
@DAMAGE
def test_a_damaged_memo_is_survived(kind: SourceKind, which: int, seed: int, strokes: int) -> None:
    """It comes from our own database, where an older Tipoff, or a hand, may have written it."""
    choices = documents(FOLDERS.get(kind, f"api/{kind}"))
    whole = choices[which % len(choices)]
    memo = damaged(kept(kind, which % len(choices), whole).encode(), seed, strokes).decode("utf-8", "replace")

    def act() -> None:
        try:
            found = read(whole, kind, memo=memo.replace("\0", ""))
        except ParseFailed:
            return
        assert_clean(found)

    bounded(act)


@MANY
@DAMAGE
def test_a_damaged_list_of_subscriptions_is_survived(which: int, seed: int, strokes: int) -> None:
    choices = documents("api/opml")

    def act() -> None:
        try:
            found = read_opml(damaged(choices[which % len(choices)], seed, strokes))
        except ValueError:
            return
        assert len({source.id for source in found.sources}) == len(found.sources)
        for source in found.sources:
            assert source.url.startswith(("http://", "https://"))
            assert source.name
            assert f"{source.name}{source.why}{source.url}".isprintable()

    bounded(act)


@MANY
@DAMAGE
def test_a_damaged_robots_txt_is_survived(which: int, seed: int, strokes: int) -> None:
    def act() -> None:
        rules = read_robots(damaged(ROBOTS, seed, strokes))
        assert rules.allows(f"https://x.example/{which}") in (True, False)
        assert 0 <= rules.delay_s <= 30

    bounded(act)
