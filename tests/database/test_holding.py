"""Alerts that wait for better proof, in the outbox of both back ends."""

from datetime import timedelta

import pytest

from bot.delivery.messages import build_message
from bot.model import ChannelKey, Event, Grade, StoryId, TopicId
from storage import deliveries, holding, items, sources
from storage.database import Database
from storage.deliveries import DeliveryPlan
from tests.builders import NOW, a_catalog, a_source, a_verdict

A, B = ChannelKey("discord:1"), ChannelKey("discord:2")
HOLD = timedelta(seconds=30)
STORY = StoryId(1)


@pytest.fixture
async def outbox(database: Database) -> Database:
    async with database.transaction() as tx:
        await sources.sync_catalog(tx, [a_source()], now=NOW)
        better = a_verdict(number=2, story=STORY, event=Event.UPGRADE, grade=Grade.OFFICIAL)
        await items.add_verdicts(tx, [a_verdict(), better])
    return database


async def plan(
    database: Database, *plans: DeliveryPlan, item: int = 1, answer: str = "Out? → rumoured"
) -> None:
    async with database.transaction() as tx:
        alert = await deliveries.add_alert(
            tx, story=STORY, item=item, event=Event.NEW if item == 1 else Event.UPGRADE,
            grade=Grade.REPORT if item == 1 else Grade.OFFICIAL,
            previous_grade=None if item == 1 else Grade.REPORT, reason="", answers=(answer,),
            topics=(TopicId("deepseek-v4"),), excerpt="", now=NOW,
        )  # fmt: skip
        await deliveries.add_deliveries(tx, alert, plans, now=NOW)


def held(channel: ChannelKey) -> DeliveryPlan:
    return DeliveryPlan(channel=channel, due=NOW + HOLD)


async def test_the_better_alert_is_the_first_that_the_channel_hears(outbox: Database) -> None:
    await plan(outbox, held(A), DeliveryPlan(channel=B, due=NOW))
    async with outbox.transaction() as tx:
        (sent,) = await deliveries.claim(tx, now=NOW, owner="me", lease=HOLD, limit=9, platforms=["discord"])
        assert sent.channel == B
        await deliveries.record_sent(tx, sent.id, message_id="m1", thread_id=None, now=NOW)
    async with outbox.transaction() as tx:
        found = await holding.waiting(tx, STORY)
        assert await holding.replace_waiting(tx, found, now=NOW) == {A}
        assert await holding.replace_waiting(tx, found, now=NOW) == frozenset(), "only once"
    now = DeliveryPlan(channel=A, due=NOW), DeliveryPlan(channel=B, due=NOW)
    await plan(outbox, *now, item=2, answer="Out? → released")
    async with outbox.transaction() as tx:
        rows = await deliveries.claim(
            tx, now=NOW + 2 * HOLD, owner="me", lease=HOLD, limit=9, platforms=["discord"]
        )
        told = {row.channel: await build_message(tx, row, a_catalog()) for row in rows}
    first, follow_up = told[A], told[B]
    assert (first.event, first.grade, first.previous_grade) == (Event.NEW, Grade.OFFICIAL, None)
    assert (first.title, first.answers) == ("DeepSeek V4 story 2", ("Out? → released",))
    assert (follow_up.event, follow_up.previous_grade, follow_up.reply_to) == (
        Event.UPGRADE, Grade.REPORT, "m1",
    )  # fmt: skip


async def test_what_a_replaced_alert_answered_is_told_by_the_one_in_its_place(outbox: Database) -> None:
    await plan(outbox, held(A), answer="Delayed? → yes")
    async with outbox.transaction() as tx:
        await holding.replace_waiting(tx, await holding.waiting(tx, STORY), now=NOW)
    await plan(outbox, DeliveryPlan(channel=A, due=NOW), item=2, answer="Out? → released")
    async with outbox.transaction() as tx:
        (row,) = await deliveries.claim(tx, now=NOW, owner="me", lease=HOLD, limit=9, platforms=["discord"])
        message = await build_message(tx, row, a_catalog())
    assert message.answers == ("Delayed? → yes", "Out? → released")


async def test_a_second_witness_lets_go_what_is_held_but_not_what_waits_for_the_morning(
    outbox: Database,
) -> None:
    morning = NOW + timedelta(hours=8)
    await plan(outbox, held(A), DeliveryPlan(channel=B, due=morning))
    later = NOW + timedelta(seconds=5)
    async with outbox.transaction() as tx:
        assert await holding.let_go(tx, STORY, hold=HOLD, now=later) == 1
        assert {row.channel: row.due for row in await holding.waiting(tx, STORY)} == {A: later, B: morning}
        assert await holding.let_go(tx, STORY, hold=HOLD, now=later) == 0


async def test_what_is_being_sent_is_neither_waiting_nor_replaced(outbox: Database) -> None:
    await plan(outbox, held(A))
    async with outbox.transaction() as tx:
        found = await holding.waiting(tx, STORY)
        await deliveries.claim(tx, now=NOW + HOLD, owner="me", lease=HOLD, limit=9, platforms=["discord"])
        assert await holding.waiting(tx, STORY) == []
        assert await holding.replace_waiting(tx, found, now=NOW) == frozenset()
