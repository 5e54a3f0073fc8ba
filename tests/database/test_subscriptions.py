"""Who is told of what."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.model import ALL_TOPICS, ChannelKey, Event, Grade, Mode, StoryId, TopicId
from storage import deliveries, items, sources, subscriptions
from storage.database import Database
from storage.deliveries import DeliveryPlan
from storage.subscriptions import Subscription
from tests.builders import NOW, a_source, a_subscription, a_verdict

HERE, THERE = ChannelKey("discord:1"), ChannelKey("slack:T1/C1")
V4, ASCEND = TopicId("deepseek-v4"), TopicId("ascend")
FULL = Subscription(
    channel=HERE, topic=V4, min_grade=Grade.LEAK, mode=Mode.DAILY, languages=("en", "zh"),
    quiet="22:00-07:00@Europe/Berlin", created=NOW, created_by="discord:42",
)  # fmt: skip


async def subscribe(database: Database, *wanted: Subscription) -> list[str]:
    async with database.transaction() as tx:
        return [await subscriptions.subscribe(tx, subscription) for subscription in wanted]


async def held(database: Database, channel: ChannelKey = HERE) -> list[Subscription]:
    async with database.reading() as conn:
        return await subscriptions.of_channel(conn, channel)


async def told(database: Database, *topics: TopicId) -> list[tuple[str, str]]:
    async with database.reading() as conn:
        return [(row.channel, row.topic) for row in await subscriptions.of_topics(conn, topics)]


async def test_a_subscription_comes_back_whole(database: Database) -> None:
    assert await subscribe(database, FULL) == ["created"]
    assert await held(database) == [FULL]
    async with database.reading() as conn:
        assert await subscriptions.count(conn) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"min_grade": Grade.OPINION},
        {"mode": Mode.INSTANT},
        {"languages": ("en",)},
        {"quiet": ""},
    ],
    ids=lambda change: next(iter(change)),
)
async def test_another_filter_changes_it(database: Database, change) -> None:
    wanted = replace(FULL, **change)
    assert await subscribe(database, FULL, wanted, wanted) == ["created", "changed", "unchanged"]
    assert await held(database) == [wanted]


async def test_who_asked_first_and_when_stays(database: Database) -> None:
    later = replace(FULL, created=NOW + timedelta(days=1), created_by="other")
    assert await subscribe(database, FULL, later) == ["created", "unchanged"]
    assert await held(database) == [FULL]


async def test_unsubscribing_returns_what_was_ended(database: Database) -> None:
    everything = a_subscription(channel=HERE, topic=ALL_TOPICS)
    other = a_subscription(channel=THERE, topic=V4)
    await subscribe(database, FULL, everything, other)
    async with database.transaction() as tx:
        assert await subscriptions.unsubscribe(tx, HERE, ASCEND) == []
        assert await subscriptions.unsubscribe(tx, HERE, ALL_TOPICS) == [everything]
        assert await subscriptions.unsubscribe(tx, HERE, V4) == [FULL]
    await subscribe(database, FULL, everything)
    async with database.transaction() as tx:
        ended = await subscriptions.unsubscribe(tx, HERE, None)
    assert {row.topic for row in ended} == {V4, ALL_TOPICS}
    assert await held(database) == []
    assert await held(database, THERE) == [other]


async def test_a_topic_reaches_its_subscribers_and_those_of_every_topic(database: Database) -> None:
    await subscribe(
        database,
        FULL,
        a_subscription(channel=THERE, topic=ALL_TOPICS),
        a_subscription(channel=THERE, topic=ASCEND),
    )
    assert await told(database, V4) == [(HERE, V4), (THERE, ALL_TOPICS)]
    assert await told(database, V4, ASCEND) == [(HERE, V4), (THERE, ALL_TOPICS), (THERE, ASCEND)]
    assert await told(database) == [(THERE, ALL_TOPICS)]


async def test_a_channel_that_went_away_is_not_told_and_nothing_waits_for_it(database: Database) -> None:
    await subscribe(database, FULL, a_subscription(channel=THERE, topic=V4))
    async with database.transaction() as tx:
        await sources.sync_catalog(tx, [a_source()], now=NOW)
        (item,) = await items.add_verdicts(tx, [a_verdict()])
        alert = await deliveries.add_alert(
            tx, story=StoryId(1), item=item, event=Event.NEW, grade=Grade.REPORT, previous_grade=None,
            reason="", answers=(), topics=(V4,), excerpt="", now=NOW,
        )  # fmt: skip
        plans = [DeliveryPlan(channel=HERE, due=NOW), DeliveryPlan(channel=THERE, due=NOW)]
        await deliveries.add_deliveries(tx, alert, plans, now=NOW)
        await subscriptions.mark_channel_gone(tx, HERE, "404 Unknown Channel", now=NOW)
    assert await told(database, V4) == [(THERE, V4)]
    assert await held(database) == [FULL]
    async with database.reading() as conn:
        assert await deliveries.counts(conn) == {"gone": 1, "pending": 1}
        gone, there = await subscriptions.channels(conn)
    assert (gone.key, gone.active, gone.reason, gone.gone_at) == (HERE, False, "404 Unknown Channel", NOW)
    assert (there.key, there.active, there.reason, there.gone_at) == (THERE, True, "", None)


@pytest.mark.parametrize("how", ["subscribing again", "reactivating"])
async def test_a_channel_that_is_back_is_told_again(database: Database, how: str) -> None:
    await subscribe(database, FULL)
    async with database.transaction() as tx:
        await subscriptions.mark_channel_gone(tx, HERE, "403", now=NOW)
    async with database.transaction() as tx:
        if how == "reactivating":
            await subscriptions.reactivate_channel(tx, HERE)
        else:
            assert await subscriptions.subscribe(tx, FULL) == "unchanged"
    assert await told(database, V4) == [(HERE, V4)]


async def test_an_unknown_channel_may_go_away(database: Database) -> None:
    async with database.transaction() as tx:
        await subscriptions.mark_channel_gone(tx, THERE, "404", now=NOW)
    async with database.reading() as conn:
        assert [row.active for row in await subscriptions.channels(conn)] == [False]
