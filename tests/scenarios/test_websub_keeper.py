"""Keeping subscriptions against a hub on loopback, by a clock that the test moves: refused, away, silent, changed."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.flow.poll import Read
from bot.flow.websub import HubKeeper
from bot.flow.websub_inbox import HubInbox
from bot.intake.fetch import Fetcher, open_fetcher
from bot.model import SourceId, SourceKind, SourceMode
from handlers.commands import Commands
from handlers.web.pages import build_app
from handlers.web.server import bind, serve
from storage import sources, websub
from storage.database import Database, open_database
from storage.sources import PollRecord
from storage.websub import HubState, HubSubscription
from tests.builders import NOW, a_catalog, a_source
from tests.scenarios.program import eventually
from tests.standins.websub_hub import Hub, call, open_hub

WIRE = SourceId("wire")
DAY = timedelta(days=1)


class World:
    """A database with one pushed source, a hub, and a web server. ``tomorrow`` moves the clock."""

    def __init__(self, hub: Hub, database: Database, fetcher: Fetcher, public_url: str) -> None:
        self.hub = hub
        self.database = database
        self.fetcher = fetcher
        self.public_url = public_url
        self.now = NOW
        self.offered: list[Read] = []
        self.keeper = self._new_keeper()

    def clock(self) -> datetime:
        return self.now

    def _new_keeper(self) -> HubKeeper:
        return HubKeeper(self.database, self.fetcher, public_url=self.public_url, clock=self.clock)

    async def offer(self, read: Read) -> None:
        self.offered.append(read)

    @asynccontextmanager
    async def keeping(self) -> AsyncIterator[None]:
        self.keeper = self._new_keeper()
        task = asyncio.ensure_future(self.keeper.run())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def later(self, by: timedelta) -> None:
        self.now += by
        self.keeper.wake()

    async def polled(self, **given: Any) -> None:
        """As if the poll had just read the feed."""
        (state,) = await self.states()
        record = PollRecord(
            source_id=WIRE, at=self.now, status=200, etag='"1"', last_modified=None, next_poll=self.now + DAY
        )
        async with self.database.transaction() as tx:
            await sources.record_polls(tx, [record])
        fields = {"hub": f"{self.hub.base}/hub", "self_url": self.hub.topic, **given}
        self.keeper.note([Read(state=state, record=record, **fields)])

    async def states(self) -> list[sources.SourceState]:
        async with self.database.reading() as conn:
            return await sources.states(conn)

    async def kept(self) -> HubSubscription | None:
        async with self.database.reading() as conn:
            return next(iter(await websub.every(conn)), None)

    async def active(self, topic: str = "") -> HubSubscription:
        """Wait until the hub and we agree that it pushes."""
        kept = await self.until(lambda kept: kept.state is HubState.ACTIVE and kept.topic_url.endswith(topic))
        await eventually(
            lambda: [held for held in self.hub.held if held.endswith(kept.token)], what="the hub knows"
        )
        return kept

    async def until(self, right: Callable[[HubSubscription], bool]) -> HubSubscription:
        async with asyncio.timeout(5):
            while (kept := await self.kept()) is None or not right(kept):
                await asyncio.sleep(0.02)
            return kept


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    bound = bind("127.0.0.1", 0)
    public_url = f"http://127.0.0.1:{bound.getsockname()[1]}"
    stop = asyncio.Event()
    async with (
        open_hub() as hub,
        open_database(f"sqlite+aiosqlite:///{tmp_path}/t.db") as database,
        open_fetcher(contact="", allow_private=True, total_timeout_s=5) as fetcher,
    ):
        source = a_source(id=WIRE, kind=SourceKind.RSS, url=hub.topic, mode=SourceMode.STREAM)
        async with database.transaction() as tx:
            await sources.sync_catalog(tx, [source], now=NOW)
        world = World(hub, database, fetcher, public_url)
        inbox = HubInbox(
            database, fetcher, world.offer, clock=world.clock, on_answer=lambda: world.keeper.wake()
        )
        app = build_app(
            Commands(database, a_catalog(), clock=world.clock), clock=world.clock, slack=None, hubs=inbox
        )
        serving = asyncio.ensure_future(serve(app, bound, stop))
        reading = asyncio.ensure_future(inbox.run())
        yield world
        stop.set()
        reading.cancel()
        await asyncio.wait([serving, reading])


def is_in(state: HubState) -> Callable[[HubSubscription], bool]:
    return lambda kept: kept.state is state


async def test_a_verified_subscription_makes_its_source_due(world: World) -> None:
    async with world.keeping():
        await world.polled()
        kept = await world.active()
        assert kept.lease_until == NOW + 10 * DAY
        (state,) = await world.states()
        assert state.next_poll == NOW  # for what came before the hub began to push


async def test_a_denial_is_kept_and_asked_again_a_day_later(world: World) -> None:
    world.hub.deny = "members only"
    async with world.keeping():
        await world.polled()
        kept = await world.until(is_in(HubState.DENIED))
        assert kept.error == "the hub refused: members only"
        world.later(DAY - timedelta(seconds=1))
        await asyncio.sleep(0.3)
        assert len(world.hub.requests) == 1
        world.hub.deny = ""
        world.later(timedelta(seconds=2))
        await world.active()


async def test_a_hub_may_end_it_at_any_time(world: World) -> None:
    async with world.keeping():
        await world.polled()
        await world.active()
        (callback,) = world.hub.held
        assert await call(callback, {"hub.mode": "denied", "hub.topic": world.hub.topic}) == (200, "")
        kept = await world.until(is_in(HubState.DENIED))
        assert (kept.error, kept.lease_until) == ("the hub refused", None)


async def test_a_hub_that_fails_is_left_alone_for_as_long_as_it_asks(world: World) -> None:
    world.hub.refuse, world.hub.retry_after = 503, "1800"
    async with world.keeping():
        await world.polled()
        kept = await world.until(is_in(HubState.FAILED))
        assert kept.error.endswith("answered 503")
        world.hub.refuse = 0
        world.later(timedelta(minutes=29))
        await asyncio.sleep(0.3)
        assert len(world.hub.requests) == 1
        world.later(timedelta(minutes=2))
        await world.active()


async def test_a_hub_that_never_verifies_is_asked_less_and_less_often(world: World) -> None:
    world.hub.silent = True
    async with world.keeping():
        await world.polled()
        await eventually(lambda: len(world.hub.requests) == 1)
        world.later(timedelta(seconds=121))
        await eventually(lambda: len(world.hub.requests) == 2)
        world.later(timedelta(seconds=121))
        await asyncio.sleep(0.3)
        assert len(world.hub.requests) == 2
        world.later(timedelta(seconds=121))
        await eventually(lambda: len(world.hub.requests) == 3)


async def test_a_failed_renewal_keeps_the_lease_and_a_lapsed_one_starts_again(world: World) -> None:
    async with world.keeping():
        await world.polled()
        await world.active()
        world.hub.refuse = 500
        world.later(8.6 * DAY)
        kept = await world.until(lambda kept: bool(kept.error))
        assert (kept.state, kept.lease_until) == (HubState.ACTIVE, NOW + 10 * DAY)
        world.later(2 * DAY)
        await world.until(is_in(HubState.FAILED))
        world.hub.refuse = 0
        world.later(DAY)
        kept = await world.active()
        assert kept.lease_until == NOW + 21.6 * DAY


async def test_another_public_address_means_new_callbacks(world: World) -> None:
    async with world.keeping():
        await world.polled()
        await world.active()
    (before,) = world.hub.held
    world.public_url = world.public_url.replace("127.0.0.1", "localhost")
    async with world.keeping():
        await eventually(lambda: len(world.hub.held) == 2)
    after = next(callback for callback in world.hub.held if callback != before)
    assert after.startswith("http://localhost:")
    assert after.rpartition("/")[2] != before.rpartition("/")[2]


async def test_a_feed_that_was_read_before_hubs_were_asked_is_looked_at_once(world: World) -> None:
    await world.polled()  # nobody keeps subscriptions yet
    async with world.keeping():
        await world.active()
    assert world.hub.polls == 1


async def test_a_feed_that_names_another_self_each_time_is_not_chased(world: World) -> None:
    async with world.keeping():
        await world.polled()
        await world.active()
        await world.polled(self_url=f"{world.hub.topic}?1")
        await world.active("?1")
        await world.polled(self_url=f"{world.hub.topic}?2")
        await asyncio.sleep(0.5)
        kept = await world.kept()
        assert kept is not None
        assert kept.topic_url.endswith("?1")
        world.later(timedelta(minutes=61))
        await world.active("?2")
        assert len(world.hub.held) == 1


async def test_a_hub_that_never_verifies_the_end_is_left_all_the_same(world: World) -> None:
    async with world.keeping():
        await world.polled()
        await world.active()
        world.hub.silent = True
        (callback,) = world.hub.held
        async with world.database.transaction() as tx:
            await sources.sync_catalog(tx, [], now=NOW)
        world.keeper.wake()
        await world.until(is_in(HubState.LEAVING))
        assert await world.hub.send(callback, world.hub.document()) == 410
        world.later(timedelta(minutes=3))
        async with asyncio.timeout(5):
            while await world.kept() is not None:
                await asyncio.sleep(0.02)


async def test_the_hub_of_an_address_that_a_person_gave_must_be_public(world: World) -> None:
    source = (await world.states())[0].source
    async with world.database.transaction() as tx:
        await sources.sync_catalog(tx, [replace(source, user_given=True)], now=NOW)
    async with world.keeping():
        await world.polled()
        kept = await world.until(is_in(HubState.FAILED))
    assert "is a private address" in kept.error
    assert world.hub.requests == []


async def test_two_processes_ask_once(world: World) -> None:
    other = HubKeeper(world.database, world.fetcher, public_url=world.public_url, clock=world.clock)
    async with world.database.transaction() as tx:
        await websub.want(
            tx,
            WIRE,
            hub=f"{world.hub.base}/hub",
            topic_url=world.hub.topic,
            token="t" * 43,
            secret="s",
            now=NOW,
        )
    async with world.keeping():
        task = asyncio.ensure_future(other.run())
        await world.active()
        await asyncio.sleep(0.5)
        task.cancel()
        await asyncio.wait([task])
    assert len(world.hub.requests) == 1
