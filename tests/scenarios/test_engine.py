"""The engine with many sources at once: each is asked, none twice, and a busy host holds up no other."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.flow.desk import Desk, Tally
from bot.flow.embedded import EmbeddedQueue
from bot.flow.engine import Engine
from bot.flow.scheduler import TICK_S
from bot.intake.fetch import open_fetcher
from bot.model import Source, SourceId, TopicId, utc_now
from storage import hot, sources
from storage.database import Database, open_database
from tests.builders import a_catalog, a_source
from tests.feed_server import FeedServer, feed_server
from tests.scenarios.program import eventually

RSS = "<rss version='2.0'><channel><title>T</title><item><guid>1</guid><title>Garden</title></item></channel></rss>"


class Newsroom:
    def __init__(self, database: Database, server: FeedServer) -> None:
        self.database, self.server = database, server
        self.stop = asyncio.Event()
        self.tallies: list[Tally] = []

    async def sync(self, *listed: Source) -> None:
        async with self.database.transaction() as tx:
            await sources.sync_catalog(tx, listed, now=utc_now())

    async def run(self, *, tick_s: float = TICK_S) -> None:
        async with open_fetcher(contact="", allow_private=True) as fetcher:
            engine = Engine(
                self.database, Desk(self.database, a_catalog(), clock=utc_now), fetcher, EmbeddedQueue(room=100),
                clock=utc_now, on_recorded=self.tallies.append, on_blind=lambda *_: None,
                tick_s=tick_s,
            )  # fmt: skip
            await engine.run(self.stop, drain_s=2)

    def asked(self) -> Counter[str]:
        return Counter(seen.path for seen in self.server.seen)


@pytest.fixture
async def newsroom(tmp_path: Path) -> AsyncIterator[Newsroom]:
    async with feed_server() as server, open_database(f"sqlite+aiosqlite:///{tmp_path}/t.db") as database:
        yield Newsroom(database, server)


def listed(server: FeedServer, number: int, **given: object) -> list[Source]:
    return [
        a_source(id=SourceId(f"s{n}"), url=server.show(f"/{n}.xml", RSS), every=timedelta(hours=1), **given)
        for n in range(number)
    ]


async def test_more_sources_than_the_queue_holds_are_all_asked_and_none_twice(newsroom: Newsroom) -> None:
    await newsroom.sync(*listed(newsroom.server, 700))
    running = asyncio.create_task(newsroom.run())
    await eventually(lambda: len(newsroom.asked()) == 700, within_s=40)
    await asyncio.sleep(1.5)  # another tick: whoever would be asked again is asked now
    newsroom.stop.set()
    await running
    assert set(newsroom.asked().values()) == {1}
    assert sum(tally.items_new for tally in newsroom.tallies) == 700


async def test_a_topic_that_becomes_hot_is_asked_while_the_program_runs(newsroom: Newsroom) -> None:
    await newsroom.sync(*listed(newsroom.server, 1, topics=(TopicId("v4"),)))
    running = asyncio.create_task(newsroom.run())
    await eventually(lambda: newsroom.asked()["/0.xml"] == 1 and newsroom.tallies)
    async with newsroom.database.transaction() as tx:
        until = utc_now() + timedelta(hours=1)
        await hot.heat(tx, TopicId("v4"), until=until, by="t", now=utc_now())
    await eventually(lambda: newsroom.asked()["/0.xml"] == 2)
    newsroom.stop.set()
    await running
    async with newsroom.database.reading() as conn:
        (state,) = await sources.states(conn)
    assert state.next_poll - utc_now() <= timedelta(minutes=15), "four times as often as every hour"


async def test_a_host_that_hangs_keeps_no_other_waiting(newsroom: Newsroom) -> None:
    async with feed_server() as slow:
        hanging = [
            a_source(id=SourceId(f"a{n}"), url=slow.show(f"/{n}", RSS, hang=True), every=timedelta(hours=1))
            for n in range(120)
        ]
        await newsroom.sync(*hanging, *listed(newsroom.server, 60))
        running = asyncio.create_task(newsroom.run())
        await eventually(lambda: len(newsroom.asked()) == 60, within_s=15)
        newsroom.stop.set()
        slow.release()
        await running


async def test_a_source_that_is_due_soon_is_asked_then_and_not_at_the_next_tick(newsroom: Newsroom) -> None:
    url = newsroom.server.show("/fast.xml", RSS)
    await newsroom.sync(a_source(url=url, every=timedelta(seconds=1)))
    running = asyncio.create_task(newsroom.run(tick_s=60))
    await eventually(lambda: newsroom.asked()["/fast.xml"] >= 4, within_s=15)
    newsroom.stop.set()
    await running
