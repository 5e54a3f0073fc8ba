"""The outbox and the dispatcher together, on a real database: nothing lost, nothing twice, nobody waits for another."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.delivery.contract import (
    AlertMessage,
    ChannelGone,
    DigestMessage,
    NoticeMessage,
    Rejected,
    RetryAt,
    Sent,
    Unknown,
)
from bot.delivery.dispatcher import Dispatcher
from bot.model import ChannelKey, Event, Grade, TopicId
from storage import deliveries, items, late, schema, sources, subscriptions
from storage.database import Database, open_database
from storage.deliveries import DeliveryPlan
from tests.builders import a_catalog, a_source, a_subscription, a_verdict
from tests.fakes import FakeClock, FakeHandler

ONE, TWO = ChannelKey("discord:1"), ChannelKey("discord:2")


class Outbox:
    """A database with stories in it, and a dispatcher over it."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        self.database = database
        self.clock = clock
        self.handler = FakeHandler()
        self.stories = 0

    def dispatcher(self, owner: str = "one") -> Dispatcher:
        dispatcher = Dispatcher(self.database, a_catalog(), owner=owner, clock=self.clock)
        dispatcher.serve(self.handler)
        return dispatcher

    async def alert(
        self,
        *channels: ChannelKey,
        digest: bool = False,
        story: int = 0,
        event: Event = Event.NEW,
        after: timedelta = timedelta(),
    ) -> None:
        self.stories += 1
        verdict = a_verdict(number=self.stories, event=event, story=story or self.stories)
        now = self.clock()
        async with self.database.transaction() as tx:
            for channel in channels:
                await subscriptions.subscribe(tx, a_subscription(channel=channel))
            (item,) = await items.add_verdicts(tx, [verdict])
            alert = await deliveries.add_alert(
                tx, story=verdict.story, item=item, event=event, grade=Grade.REPORT, previous_grade=None,
                reason="test", answers=(), topics=(TopicId("deepseek-v4"),), excerpt="x", now=now,
            )  # fmt: skip
            plans = [DeliveryPlan(channel=channel, due=now + after, digest=digest) for channel in channels]
            assert await deliveries.add_deliveries(tx, alert, plans, now=now) == len(channels)

    async def counts(self) -> dict[str, int]:
        async with self.database.reading() as conn:
            return {state: count for state, count in (await deliveries.counts(conn)).items() if count}

    async def errors(self, channel: ChannelKey) -> set[str]:
        """What is kept of why things went as they went."""
        async with self.database.reading() as conn:
            query = select(schema.deliveries.c.last_error).where(schema.deliveries.c.channel == channel)
            return set(await conn.scalars(query))


@pytest.fixture
async def outbox(tmp_path: Path) -> AsyncIterator[Outbox]:
    clock = FakeClock()
    async with open_database(f"sqlite+aiosqlite:///{tmp_path}/t.db") as database:
        async with database.transaction() as tx:
            await sources.sync_catalog(tx, [a_source()], now=clock())
        yield Outbox(database, clock)


async def test_an_alert_is_told_once_to_each_channel(outbox: Outbox) -> None:
    await outbox.alert(ONE, TWO)
    assert await outbox.dispatcher().drain() == 2
    assert {message.channel for message in outbox.handler.accepted} == {ONE, TWO}
    assert await outbox.dispatcher("two").drain() == 0
    assert await outbox.counts() == {"sent": 2}


async def test_a_refused_send_is_tried_again_when_the_platform_said(outbox: Outbox) -> None:
    await outbox.alert(ONE)
    outbox.handler.script = [RetryAt(reason="busy", after_s=20)]
    dispatcher = outbox.dispatcher()
    assert await dispatcher.drain() == 0
    outbox.clock.advance(seconds=19)
    assert await dispatcher.drain() == 0
    outbox.clock.advance(seconds=2)
    assert await dispatcher.drain() == 1
    assert len({message.token for message in outbox.handler.tries}) == 1
    assert outbox.handler.lookups == 0, "a refusal is certain: no need to look"


async def test_an_uncertain_send_is_looked_up_and_not_repeated(outbox: Outbox) -> None:
    await outbox.alert(ONE)
    outbox.handler.script = [Unknown(reason="cut")]
    outbox.handler.accepts = lambda outcome: True
    dispatcher = outbox.dispatcher()
    await dispatcher.drain()
    outbox.clock.advance(minutes=1)
    assert await dispatcher.drain() == 1
    assert len(outbox.handler.tries) == 1
    assert await outbox.counts() == {"sent": 1}


async def test_an_uncertain_send_that_is_not_in_the_history_is_sent_again(outbox: Outbox) -> None:
    await outbox.alert(ONE)
    outbox.handler.script = [Unknown(reason="cut")]
    dispatcher = outbox.dispatcher()
    await dispatcher.drain()
    outbox.clock.advance(minutes=1)
    assert await dispatcher.drain() == 1
    assert [message.token for message in outbox.handler.tries] == [outbox.handler.accepted[0].token] * 2


async def test_while_the_history_cannot_be_read_nothing_is_repeated(outbox: Outbox) -> None:
    await outbox.alert(ONE)
    outbox.handler.script = [Unknown(reason="cut")]
    outbox.handler.accepts = lambda outcome: True
    outbox.handler.history_readable = False
    dispatcher = outbox.dispatcher()
    for _ in range(4):
        await dispatcher.drain()
        outbox.clock.advance(minutes=5)
    assert len(outbox.handler.tries) == 1
    outbox.handler.history_readable = True
    assert await dispatcher.drain() == 1
    assert len(outbox.handler.accepted) == 1


@pytest.mark.parametrize("accepted", [True, False], ids=["after acceptance", "before acceptance"])
async def test_a_process_that_dies_in_a_send_loses_and_doubles_nothing(
    outbox: Outbox, accepted: bool
) -> None:
    await outbox.alert(ONE)
    gate = outbox.handler.gates[ONE] = asyncio.Event()
    dying = asyncio.ensure_future(outbox.dispatcher("dying").drain())
    while not outbox.handler.tries:
        await asyncio.sleep(0.01)
    if accepted:
        outbox.handler.accepted.append(outbox.handler.tries[0])
    dying.cancel()
    await asyncio.wait([dying])
    gate.set()
    async with outbox.database.transaction() as tx:
        await deliveries.void_leases(tx)  # what `run` does at its start
    assert await outbox.dispatcher("next").drain() == 1
    assert len(outbox.handler.accepted) == 1
    assert await outbox.counts() == {"sent": 1}


async def test_a_channel_that_is_gone_is_told_nothing_more(outbox: Outbox) -> None:
    await outbox.alert(ONE)
    outbox.handler.script = [ChannelGone(reason="unknown channel")]
    await outbox.dispatcher().drain()
    async with outbox.database.reading() as conn:
        assert await subscriptions.of_topics(conn, [TopicId("deepseek-v4")]) == []
    assert await outbox.counts() == {"gone": 1, "pending": 1}, "what waits is the terminal's notice"


async def test_a_message_that_is_never_taken_does_not_block_the_next(outbox: Outbox) -> None:
    await outbox.alert(ONE)
    await outbox.alert(ONE)
    outbox.handler.script = [Rejected(reason="too odd")]
    assert await outbox.dispatcher().drain() == 1
    assert await outbox.counts() == {"rejected": 1, "sent": 1}


async def test_a_slow_channel_delays_no_other_and_keeps_its_own_order(outbox: Outbox) -> None:
    await outbox.alert(ONE, TWO)
    await outbox.alert(ONE, TWO)
    gate = outbox.handler.gates[ONE] = asyncio.Event()
    stop = asyncio.Event()
    running = asyncio.ensure_future(outbox.dispatcher().run(stop))
    async with asyncio.timeout(10):
        while len([m for m in outbox.handler.accepted if m.channel == TWO]) < 2:
            await asyncio.sleep(0.01)
    assert [message.channel for message in outbox.handler.tries].count(ONE) == 1
    gate.set()
    async with asyncio.timeout(10):
        while len(outbox.handler.accepted) < 4:
            await asyncio.sleep(0.01)
    stop.set()
    await running
    told = [message.story for message in outbox.handler.accepted if message.channel == ONE]  # type: ignore[union-attr]
    assert told == sorted(told)


async def test_digest_alerts_become_one_message(outbox: Outbox) -> None:
    await outbox.alert(ONE, digest=True)
    await outbox.alert(ONE, digest=True)
    await outbox.dispatcher().drain()
    (digest,) = outbox.handler.accepted
    assert isinstance(digest, DigestMessage)
    assert len(digest.entries) == 2
    assert (await outbox.counts())["sent"] == 3


async def test_later_news_of_a_story_replies_to_its_first_alert(outbox: Outbox) -> None:
    await outbox.alert(ONE)
    dispatcher = outbox.dispatcher()
    await dispatcher.drain()
    await outbox.alert(ONE, story=1, event=Event.UPGRADE)
    await dispatcher.drain()
    assert [message.reply_to for message in outbox.handler.accepted] == [None, "m1"]  # type: ignore[union-attr]


async def test_what_a_channel_missed_for_long_is_one_digest_when_it_is_back(outbox: Outbox) -> None:
    busy = [RetryAt(reason="busy")] * 9
    dispatcher = outbox.dispatcher()
    for _ in range(3):  # one alert each three hours, while nothing goes through
        outbox.handler.script = list(busy)
        await outbox.alert(ONE)
        await dispatcher.drain()
        outbox.clock.advance(hours=3)
    outbox.handler.script = list(busy)
    await dispatcher.drain()
    outbox.clock.advance(hours=5)
    outbox.handler.script = []
    while await dispatcher.drain():
        outbox.clock.advance(minutes=11)
    alert, digest = sorted(outbox.handler.accepted, key=lambda message: isinstance(message, DigestMessage))
    assert isinstance(digest, DigestMessage)
    assert isinstance(alert, AlertMessage)
    assert digest.title == "2 alerts that could not be told in time"
    assert {entry.story for entry in digest.entries} | {alert.story} == {1, 2, 3}
    assert await outbox.counts() == {"sent": 4}


async def test_a_late_alert_that_may_have_been_told_is_looked_up_before_it_joins_a_digest(
    outbox: Outbox,
) -> None:
    await outbox.alert(ONE)
    await outbox.alert(TWO)
    outbox.handler.script = [Unknown(reason="cut"), Unknown(reason="cut")]
    outbox.handler.accepts = lambda outcome: len(outbox.handler.tries) == 1 or isinstance(outcome, Sent)
    dispatcher = outbox.dispatcher()
    await dispatcher.drain()
    outbox.clock.advance(hours=7)
    await dispatcher.drain()
    told, missed = outbox.handler.accepted
    assert isinstance(told, AlertMessage)
    assert isinstance(missed, DigestMessage)
    assert missed.title == "1 alert that could not be told in time"
    assert told.channel != missed.channel
    assert await outbox.counts() == {"sent": 3}


async def test_quiet_hours_make_no_alert_late(outbox: Outbox) -> None:
    await outbox.alert(ONE, after=timedelta(hours=9))
    outbox.clock.advance(hours=9)
    assert await outbox.dispatcher().drain() == 1
    assert isinstance(outbox.handler.accepted[0], AlertMessage)


async def test_what_could_not_be_told_for_a_week_is_given_up_with_its_reason(outbox: Outbox) -> None:
    await outbox.alert(ONE)
    dispatcher = outbox.dispatcher()
    for _ in range(10):
        outbox.handler.script = [RetryAt(reason="busy")] * 9
        await dispatcher.drain()
        outbox.clock.advance(days=1)
    assert await outbox.counts() == {"expired": 2}, "the alert, and the digest that it became"
    assert outbox.handler.accepted == []
    assert await outbox.errors(ONE) == {"given up: busy"}


async def test_what_nobody_serves_is_given_up_too(outbox: Outbox) -> None:
    await outbox.alert(ONE)
    await outbox.alert(TWO, digest=True)
    async with outbox.database.transaction() as tx:
        await deliveries.fold_digests(tx, now=outbox.clock())
    outbox.clock.advance(days=8)
    now = outbox.clock()
    async with outbox.database.transaction() as tx:
        assert await late.expire(tx, before=now - timedelta(days=7), now=now) == 2
    assert await outbox.counts() == {"expired": 3}
    assert await outbox.errors(ONE) == {"given up: the platform was not served"}


async def test_whoever_runs_it_is_told_once_that_a_channel_is_gone(outbox: Outbox) -> None:
    await outbox.alert(ONE)
    await outbox.alert(ONE)
    outbox.handler.script = [ChannelGone(reason="the channel was deleted")] * 2
    terminal = FakeHandler("console")
    dispatcher = outbox.dispatcher()
    dispatcher.serve(terminal)
    await dispatcher.drain()
    (notice,) = terminal.accepted
    assert isinstance(notice, NoticeMessage)
    assert notice.title == "discord:1 is told nothing more"
    assert "The channel was deleted.\nIts subscriptions rest." in notice.text
    outbox.clock.advance(minutes=1)
    await outbox.alert(ONE)  # subscribes again, and so wakes it
    outbox.handler.script = [ChannelGone(reason="the channel was deleted")]
    await dispatcher.drain()
    assert len(terminal.accepted) == 2


async def test_why_a_message_went_out_in_plain_form_is_kept(outbox: Outbox) -> None:
    await outbox.alert(ONE)
    outbox.handler.script = [Sent(message_id="m1", plain_because="Invalid Form Body")]
    await outbox.dispatcher().drain()
    assert await outbox.errors(ONE) == {"Invalid Form Body"}
