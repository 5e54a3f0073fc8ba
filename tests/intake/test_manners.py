"""How a source is asked from poll to poll: a real server, a real database, a clock that the test moves."""

import random
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from bot.flow.poll import Read, read_source
from bot.intake.fetch import Fetcher, open_fetcher
from bot.model import SourceKind
from storage import sources
from storage.database import Database, open_database
from storage.sources import SourceState
from tests.builders import NOW, a_source
from tests.feed_server import FeedServer, feed_server

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def rss(*titles: str, head: str = "") -> str:
    entries = "".join(f"<item><guid>{title}</guid><title>{title}</title></item>" for title in titles)
    return f"<rss version='2.0'><channel><title>T</title>{head}{entries}</channel></rss>"


class Reader:
    """Polls one source and saves what came of it, as the engine does."""

    def __init__(self, database: Database, fetcher: Fetcher, server: FeedServer) -> None:
        self.database, self.fetcher, self.server = database, fetcher, server
        self.now = NOW

    async def sync(self, url: str, **given: Any) -> None:
        source = a_source(**{"url": url, "every": MINUTE, "kind": SourceKind.RSS, **given})
        async with self.database.transaction() as tx:
            await sources.sync_catalog(tx, [source], now=self.now)

    async def state(self) -> SourceState:
        async with self.database.reading() as conn:
            (state,) = await sources.states(conn)
        return state

    async def poll(self, *, hot: bool = False, after: timedelta = MINUTE) -> Read:
        self.now += after
        read = await read_source(
            await self.state(), self.fetcher, clock=lambda: self.now, rng=random.Random(1), hot=hot
        )
        async with self.database.transaction() as tx:
            await sources.record_polls(tx, [read.record])
        return read

    async def wait(self) -> timedelta:
        """How long the source is left alone after the last poll."""
        return (await self.state()).next_poll - self.now

    def asked(self, path: str) -> int:
        return self.server.count(path)


@pytest.fixture
async def reader(tmp_path: Path) -> AsyncIterator[Reader]:
    async with (
        feed_server() as server,
        open_fetcher(contact="ops@example.org", allow_private=True, total_timeout_s=5) as fetcher,
        open_database(f"sqlite+aiosqlite:///{tmp_path}/t.db") as database,
    ):
        yield Reader(database, fetcher, server)


@pytest.mark.parametrize("status", [301, 308])
async def test_an_address_that_moved_for_good_is_asked_directly_once_that_was_stable(
    reader: Reader, status: int
) -> None:
    reader.server.show("/new", rss("a"), etag="")
    await reader.sync(reader.server.redirect("/old", "/new", status))
    for _ in range(3):
        assert (await reader.poll()).record.error == ""
    assert reader.asked("/old") == 3
    assert (await reader.state()).current_url == reader.server.url("/new")
    read = await reader.poll()
    assert read.not_modified, "the validators belong to the document, wherever it was asked for"
    assert (reader.asked("/old"), reader.asked("/new")) == (3, 4)


@pytest.mark.parametrize("status", [302, 303, 307])
async def test_a_temporary_redirect_changes_no_address(reader: Reader, status: int) -> None:
    reader.server.show("/new", rss("a"))
    await reader.sync(reader.server.redirect("/old", "/new", status))
    for _ in range(5):
        await reader.poll()
    assert reader.asked("/old") == 5
    assert (await reader.state()).current_url == ""


async def test_a_redirect_that_changes_its_mind_is_not_believed(reader: Reader) -> None:
    reader.server.show("/a", rss("a"))
    reader.server.show("/b", rss("a"))
    await reader.sync(reader.server.redirect("/old", "/a", 301))
    for turn in range(6):
        reader.server.redirect("/old", "/a" if turn % 2 else "/b", 301)
        await reader.poll()
    assert (await reader.state()).current_url == ""


async def test_a_learnt_address_that_dies_gives_way_to_the_catalogs(reader: Reader) -> None:
    reader.server.show("/new", rss("a"))
    await reader.sync(reader.server.redirect("/old", "/new", 301))
    for _ in range(3):
        await reader.poll()
    reader.server.show("/new", status=410)
    reader.server.show("/old", rss("a", "b"))
    await reader.poll()
    state = await reader.state()
    assert (state.stopped, state.current_url) == ("", "")
    assert [item.title for item in (await reader.poll()).items] == ["b"]
    assert reader.asked("/old") == 4


async def test_another_address_in_the_catalog_forgets_the_learnt_one(reader: Reader) -> None:
    reader.server.show("/new", rss("a"))
    await reader.sync(reader.server.redirect("/old", "/new", 301))
    for _ in range(3):
        await reader.poll()
    await reader.sync(reader.server.show("/other", rss("a")))
    await reader.poll()
    assert reader.asked("/other") == 1


async def test_gone_stops_the_source_and_says_so(reader: Reader) -> None:
    await reader.sync(reader.server.show("/gone", status=410))
    await reader.poll()
    assert "gone for good (410)" in (await reader.state()).stopped
    async with reader.database.reading() as conn:
        assert await sources.due(conn, now=NOW + timedelta(days=99), limit=9) == []


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("asked", ["7200", "date"])
async def test_a_server_that_asks_for_a_pause_gets_it(reader: Reader, status: int, asked: str) -> None:
    until = format_datetime(datetime.now(NOW.tzinfo) + 2 * HOUR, usegmt=False)
    headers = {"Retry-After": until if asked == "date" else asked}
    await reader.sync(reader.server.show("/busy", status=status, headers=headers))
    await reader.poll()
    assert 2 * HOUR - MINUTE <= await reader.wait() <= 2 * HOUR + MINUTE


@pytest.mark.parametrize(
    ("head", "headers", "least"),
    [
        pytest.param("<ttl>90</ttl>", {}, 90 * MINUTE, id="ttl"),
        pytest.param(
            "<sy:updatePeriod xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'>hourly</sy:updatePeriod>",
            {}, HOUR, id="updatePeriod",
        ),
        pytest.param("", {"Cache-Control": "public, max-age=1800"}, 30 * MINUTE, id="max-age"),
        pytest.param(
            "",
            {"Date": "Tue, 24 Nov 2026 12:00:00 GMT", "Expires": "Tue, 24 Nov 2026 12:20:00 GMT"},
            20 * MINUTE, id="Expires",
        ),
        pytest.param("<skipHours><hour>12</hour><hour>13</hour></skipHours>", {}, 118 * MINUTE, id="skipHours"),
    ],
)  # fmt: skip
async def test_what_asks_for_rarer_polls_gets_them_also_while_nothing_changes(
    reader: Reader, head: str, headers: dict[str, str], least: timedelta
) -> None:
    await reader.sync(reader.server.show("/feed", rss("a", head=head), etag="", headers=headers))
    await reader.poll()
    assert await reader.wait() >= least
    assert (await reader.poll(after=timedelta(seconds=1))).not_modified
    assert await reader.wait() >= least - MINUTE


async def test_a_busy_source_is_asked_more_often_a_quiet_one_less_and_a_hot_one_most(reader: Reader) -> None:
    dated = "".join(
        f"<item><guid>{n}</guid><title>Part {n}</title><pubDate>{format_datetime(NOW - n * HOUR)}</pubDate></item>"
        for n in range(1, 8)
    )
    body = f"<rss version='2.0'><channel><title>T</title>{dated}</channel></rss>"
    bounds = {"every": 30 * MINUTE, "every_min": 5 * MINUTE, "every_max": 4 * HOUR}
    await reader.sync(reader.server.show("/feed", body, etag=""), **bounds)
    await reader.poll()
    assert 29 * MINUTE <= await reader.wait() <= 30 * MINUTE, "nothing is known of it yet"
    await reader.poll()
    assert 14 * MINUTE <= await reader.wait() <= 15 * MINUTE, "one entry an hour: four polls in that time"
    await reader.poll(hot=True)
    assert 4 * MINUTE <= await reader.wait() <= 5 * MINUTE


async def test_of_a_changed_document_only_what_is_new_or_changed_is_read(reader: Reader) -> None:
    await reader.sync(reader.server.show("/feed", rss("a", "b", "c")))
    assert [item.title for item in (await reader.poll()).items] == ["a", "b", "c"]
    reader.server.show("/feed", rss("d", "a", "b", "c").replace("<title>b<", "<title>Correction: b<"))
    read = await reader.poll()
    assert [item.title for item in read.items] == ["d", "Correction: b"]
    assert read.known == 2
    reader.server.show("/feed", rss("e", "d") + "<!-- the older ones are gone -->")
    assert [item.title for item in (await reader.poll()).items] == ["e"]


async def test_validators_go_back_byte_for_byte(reader: Reader) -> None:
    etag, modified = 'W/"ä-1:2"', "Tue, 24 nov 2026 12:00:00 +0000"
    body = rss("a")
    await reader.sync(reader.server.show("/feed", body, headers={"ETag": etag, "Last-Modified": modified}))
    await reader.poll()
    await reader.poll()
    sent = reader.server.seen[-1].headers
    assert sent["If-None-Match"].encode("utf-8", "surrogateescape").decode() == etag
    assert sent["If-Modified-Since"] == modified
