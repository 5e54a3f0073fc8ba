"""What waits for a channel follows its settings when they change."""

from datetime import datetime, timedelta

import pytest

from bot.model import ChannelKey, Event, Grade, Mode, StoryId, TopicId
from handlers.commands import Commands
from handlers.replies import Reply
from handlers.requests import Request
from storage import deliveries, history, holding, items, sources, subscriptions
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
        found = [a_verdict(number=number, story=number) for number in range(1, 4)]
        found.append(
            a_verdict(number=4, story=4, item={"title": "DeepSeek V4 price rises"}, grade=Grade.LEAK)
        )
        await items.add_verdicts(tx, found)
        for channel in (HERE, OTHER):
            await subscriptions.subscribe(tx, a_subscription(channel=channel, topic=V4, quiet="00:00-23:59"))
    return database


async def plan(database: Database, number: int, *, event: Event = Event.NEW, **fields: object) -> None:
    async with database.transaction() as tx:
        alert = await deliveries.add_alert(
            tx, story=StoryId(number), item=number, event=event, grade=Grade.REPORT, previous_grade=None,
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


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"min_grade": "leak"}, id="grade"),
        pytest.param({"words": "price"}, id="words"),
        pytest.param({"not_words": "story"}, id="not-words"),
    ],
)
async def test_a_tightened_filter_ends_what_it_would_have_kept_out(outbox: Database, options) -> None:
    await plan(outbox, 1)
    await plan(outbox, 2, digest=True)
    await plan(outbox, 3, due=LATER, digest=True, folded_for="budget")
    await plan(outbox, 4)
    named = {name.replace("_", "-"): value for name, value in options.items()}
    reply = await ask(outbox, "subscribe", topic="deepseek-v4", **named)
    assert reply.text.endswith("3 alerts that waited will not be told.")
    assert len(await dues(outbox)) == 1
    assert len(await dues(outbox, OTHER)) == 3, "nobody else's"
    assert await claimed(outbox) == [OTHER]
    async with outbox.reading() as conn:
        assert HERE not in await deliveries.told_channels(conn, StoryId(1)), (
            "another item of it may still be news"
        )
        assert HERE in await deliveries.told_channels(conn, StoryId(4))


async def test_what_another_subscription_lets_through_stays(outbox: Database) -> None:
    async with outbox.transaction() as tx:
        await subscriptions.subscribe(tx, a_subscription(channel=HERE, mode=Mode.DAILY))
    await plan(outbox, 1)
    reply = await ask(outbox, "subscribe", topic="deepseek-v4", **{"min-grade": "official"})
    assert "will not be told" not in reply.text
    assert len(await dues(outbox)) == 1


async def test_who_unsubscribes_hears_nothing_more_but_what_is_being_sent(outbox: Database) -> None:
    await plan(outbox, 1, due=NOW)
    assert set(await claimed(outbox)) == {HERE, OTHER}
    await plan(outbox, 2)
    await plan(outbox, 2, event=Event.CORRECTION)
    await plan(outbox, 1, event=Event.CORRECTION)
    reply = await ask(outbox, "unsubscribe", topic="deepseek-v4")
    assert reply.text == "1 alert that waited will not be told."
    async with outbox.reading() as conn:
        states = {
            row.alert: row.state for n in (1, 2) for row in await history.told_here(conn, StoryId(n), HERE)
        }
    # The correction of what is being sent is told, that of what is not told is not.
    assert list(states.values()) == ["sending", "pending", "withdrawn", "withdrawn"]
