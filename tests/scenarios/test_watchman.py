"""People are told once that a source cannot be relied on, and once that it is back."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.flow.watchman import Watchman
from bot.model import ChannelKey, SourceId, TopicId
from storage import sources, subscriptions
from storage.database import Database, open_database
from storage.outbox import claim, record_sent
from storage.sources import PollRecord
from tests.builders import NOW, a_source, a_subscription

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
CHIPS, V4 = ChannelKey("discord:1"), ChannelKey("slack:T/C")


class World:
    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = NOW
        self.watchman = Watchman(database, clock=lambda: self.now)

    async def add(self, *names: str, topic: str = "chips") -> None:
        listed = [
            a_source(
                id=SourceId(name), name=name.title(), url=f"https://{name}.example/", topics=(TopicId(topic),)
            )
            for name in names
        ]
        async with self.database.transaction() as tx:
            await sources.sync_catalog(tx, listed, now=self.now)
            await sources.record_polls(tx, [self._record(name) for name in names])

    def _record(self, name: str, error: str = "") -> PollRecord:
        return PollRecord(
            source_id=SourceId(name), at=self.now, status=None if error else 200, etag=None, last_modified=None,
            next_poll=self.now + (6 * HOUR if error else MINUTE), error=error,
            items_new=0 if error else 1, usual_gap=HOUR,
        )  # fmt: skip

    async def polls(self, name: str, error: str = "", times: int = 1) -> None:
        async with self.database.transaction() as tx:
            for _ in range(times):
                await sources.record_polls(tx, [self._record(name, error)])

    async def notices(self, *, after: timedelta = MINUTE) -> list[tuple[str, str, str]]:
        """What the next looks have to say: channel, title, text."""
        self.now += after
        await self.watchman.look()
        async with self.database.transaction() as tx:
            rows = await claim(
                tx, platforms=["discord", "slack"], limit=50, owner="t", now=self.now, lease=MINUTE
            )
            for row in rows:
                await record_sent(tx, row.id, message_id="m", thread_id=None, now=self.now)
        return [(row.channel, row.title, row.text) for row in rows]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_database(f"sqlite+aiosqlite:///{tmp_path}/t.db") as database:
        async with database.transaction() as tx:
            await subscriptions.subscribe(tx, a_subscription(channel=CHIPS, topic=TopicId("chips")))
            await subscriptions.subscribe(tx, a_subscription(channel=V4, topic=TopicId("v4")))
        yield World(database)


async def test_a_source_that_keeps_failing_is_told_once_and_once_when_it_is_back(world: World) -> None:
    await world.add("reuters", "bbc", "heise")
    world.now += 3 * HOUR
    await world.polls("bbc")
    await world.polls("heise")
    await world.polls("reuters", "reuters.example answered 503", times=5)
    ((channel, title, text),) = await world.notices()
    assert channel == CHIPS, "nobody else relies on it"
    assert "1 source of this channel" in title
    assert "Reuters: reuters.example answered 503; last read" in text
    await world.polls("reuters", "answered 503", times=9)
    assert await world.notices(after=HOUR) == [], "said already"

    await world.polls("reuters")
    assert await world.notices() == [], "one good answer may be chance"
    ((channel, title, text),) = await world.notices()
    assert (channel, title, text) == (CHIPS, "1 source can be read again", "Reuters")
    assert await world.notices(after=HOUR) == []


async def test_what_was_told_survives_a_restart(world: World) -> None:
    await world.add("reuters", "bbc")
    world.now += 3 * HOUR
    await world.polls("bbc")
    await world.polls("reuters", "answered 503", times=5)
    assert len(await world.notices()) == 1
    world.watchman = Watchman(world.database, clock=lambda: world.now)
    assert await world.notices() == []


async def test_a_frozen_source_is_told_too(world: World) -> None:
    await world.add("reuters", "bbc")
    world.now += timedelta(days=6)
    await world.polls("bbc")
    ((_, _, text),) = await world.notices()
    assert "Reuters: answers, but has had nothing new since 24 Nov" in text


async def test_an_outage_is_one_notice_and_the_return_too(world: World) -> None:
    names = [f"outlet{number}" for number in range(12)]
    await world.add(*names)
    world.now += 3 * HOUR
    await world.polls(names[0], "no route to host", times=5)
    for name in names[1:]:
        await world.polls(name, "no route to host", times=2)
    ((_, title, text),) = await world.notices()
    assert "Most sources cannot be read" in title
    assert "and 4 more" in text
    for name in names[1:]:
        await world.polls(name, "no route to host", times=9)
    assert await world.notices(after=HOUR) == []
    for name in names:
        await world.polls(name)
    assert await world.notices() == []
    ((_, title, _),) = await world.notices()
    assert title == "12 sources can be read again"


async def test_when_one_is_back_the_others_are_asked_at_once(world: World) -> None:
    await world.add("reuters", "bbc")
    world.now += 3 * HOUR
    for name in ("reuters", "bbc"):
        await world.polls(name, "no route to host", times=6)
    await world.notices()
    await world.polls("bbc")
    await world.notices()
    await world.notices()
    async with world.database.reading() as conn:
        due = {state.source.id for state in await sources.due(conn, now=world.now, limit=9)}
    assert "reuters" in due
