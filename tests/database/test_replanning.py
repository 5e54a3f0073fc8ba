"""What waits for a channel follows its settings when they change."""

from datetime import datetime, timedelta

import pytest

from bot.model import ChannelKey, Event, Grade, Mode, StoryId, TopicId
from handlers.commands import Commands
from handlers.replies import Reply
from handlers.requests import Request
from storage import deliveries, holding, items, sources, subscriptions
from storage.database import Database
from storage.deliveries import DeliveryPlan
from tests.builders import NOW, a_catalog, a_source, a_subscription, a_verdict

HERE, OTHER = ChannelKey("slack:T1/C1"), ChannelKey("slack:T1/C2")
CATALOG = a_catalog(sources=(a_source(),))
V4 = TopicId("deepseek-v4")
NIGHT = NOW + timedelta(hours=9)
LATER = NOW + timedelta(hours=1)


@pytest.fixture
async def outbox(database: Database) -> Database:
    async with database.transaction() as tx:
        await sources.sync_catalog(tx, [a_source()], now=NOW)
        await items.add_verdicts(tx, [a_verdict(number=number, story=number) for number in range(1, 4)])
        for channel in (HERE, OTHER):
            await subscriptions.subscribe(tx, a_subscription(channel=channel, topic=V4, quiet="00:00-23:59"))
    return database


async def plan(database: Database, number: int, **fields: object) -> None:
    async with database.transaction() as tx:
        alert = await deliveries.add_alert(
            tx, story=StoryId(number), item=number, event=Event.NEW, grade=Grade.REPORT, previous_grade=None,
            reason="", answers=(), topics=(V4,), excerpt="", now=NOW,
        )  # fmt: skip
        plans = [DeliveryPlan(channel=channel, **{"due": NIGHT, **fields}) for channel in (HERE, OTHER)]  # type: ignore[arg-type]
        await deliveries.add_deliveries(tx, alert, plans, now=NOW)


async def ask(database: Database, command: str, **options: str) -> Reply:
    commands = Commands(database, CATALOG, clock=lambda: LATER)
    return await commands.answer(
        Request(command=command, options=options, channel=HERE, user="u", may_manage=True)
    )


async def dues(database: Database, channel: ChannelKey = HERE) -> list[datetime]:
    async with database.transaction() as tx:
        return [row.due for row in await holding.put_off(tx, channel, now=LATER)]


async def claimed(database: Database) -> list[ChannelKey]:
    async with database.transaction() as tx:
        await deliveries.fold_digests(tx, now=LATER)
        rows = await deliveries.claim(
            tx, now=LATER, owner="me", lease=timedelta(seconds=9), limit=9, platforms=["slack"]
        )
    return [row.channel for row in rows]


async def test_no_more_quiet_hours_let_go_what_they_held(outbox: Database) -> None:
    await plan(outbox, 1)
    await plan(outbox, 2, digest=True, folded_for="quiet")
    assert await claimed(outbox) == []
    reply = await ask(outbox, "subscribe", topic="deepseek-v4", quiet="off")
    assert reply.text.endswith("2 alerts that waited: told now.")
    assert await dues(outbox) == []
    assert await dues(outbox, OTHER) == [NIGHT, NIGHT], "nobody else's"
    assert set(await claimed(outbox)) == {HERE}


async def test_other_quiet_hours_move_it_to_their_end(outbox: Database) -> None:
    await plan(outbox, 1)
    await ask(outbox, "subscribe", topic="deepseek-v4", quiet=f"{NOW:%H:%M}-{NOW + timedelta(hours=3):%H:%M}")
    assert await dues(outbox) == [NOW.replace(second=0, microsecond=0) + timedelta(hours=3)]


async def test_what_waits_for_other_reasons_stays(outbox: Database) -> None:
    await plan(outbox, 1, digest=True, folded_for="budget")
    await plan(outbox, 2, digest=True, folded_for="feedback")
    reply = await ask(outbox, "subscribe", topic="deepseek-v4", quiet="off")
    assert "told now" not in reply.text
    assert await claimed(outbox) == []


async def test_a_digest_that_was_asked_for_follows_its_new_hour_and_comes_when_it_is_no_longer_wanted(
    outbox: Database,
) -> None:
    async with outbox.transaction() as tx:
        daily = a_subscription(channel=HERE, topic=V4, mode=Mode.DAILY, digest_at="20:00")
        await subscriptions.subscribe(tx, daily)
    await plan(outbox, 1, digest=True)
    await ask(outbox, "subscribe", topic="deepseek-v4", at="21:00")
    (due,) = await dues(outbox)
    assert f"{due:%H:%M}" == "21:00"
    await ask(outbox, "settings", zone="Europe/Berlin")
    (due,) = await dues(outbox)
    assert f"{due:%H:%M}" == "20:00"
    await ask(outbox, "subscribe", topic="deepseek-v4", mode="instant")
    assert await claimed(outbox) == [HERE]
