"""The history as a stream, and what of a story was told."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.model import ChannelKey, Event, Grade, StoryId, TopicId
from storage import deliveries, history, items, sources
from storage.database import Database
from storage.history import Size
from tests.builders import NOW, a_source, a_verdict

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
async def _stored(database: Database) -> None:
    verdicts = [
        a_verdict(
            number=number, story=story, topics=topics,
            item={"published": NOW - number * DAY, "seen": NOW - (8 if number == 6 else 0) * DAY},
        )
        for number, story, topics in (
            (1, 1, ("deepseek-v4",)), (2, 1, ()), (3, 2, ("ascend",)), (4, 3, ()), (6, 4, ("ascend",)),
        )
    ]  # fmt: skip
    async with database.transaction() as tx:
        await sources.sync_catalog(tx, [a_source()], now=NOW)
        await items.add_verdicts(tx, verdicts)


async def read(database: Database, **asked: Any) -> list[str]:
    async with database.reading() as conn:
        found = history.history(conn, **{"topic": None, "since": None, **asked})
        return [row.external_id async for row in found]


async def sized(database: Database, *, topic: str | None = None, since: datetime | None = None) -> Size:
    async with database.reading() as conn:
        return await history.size(conn, topic=TopicId(topic) if topic else None, since=since)


async def test_the_history_comes_in_the_order_of_publication(database: Database) -> None:
    assert await read(database) == ["id-6", "id-4", "id-3", "id-2", "id-1"]
    assert await read(database, since=NOW - 3 * DAY) == ["id-3", "id-2", "id-1"]
    assert await read(database, topic=TopicId("deepseek-v4")) == ["id-2", "id-1"], "the whole story"
    assert await read(database, topic=TopicId("nothing")) == []


async def test_what_has_lost_its_text_is_left_out_and_counted(database: Database) -> None:
    assert await sized(database) == Size(items=5, pruned=0)
    async with database.transaction() as tx:
        assert await items.prune(tx, older_than=NOW - 5 * DAY) == 1
    assert await sized(database) == Size(items=4, pruned=1)
    assert await sized(database, topic="ascend") == Size(items=1, pruned=1)
    assert await sized(database, since=NOW - 2 * DAY) == Size(items=2, pruned=0)
    assert await read(database, topic=TopicId("ascend")) == ["id-3"]


async def test_a_stream_longer_than_one_part_is_whole(database: Database) -> None:
    more = [a_verdict(number=number, item={"published": NOW}) for number in range(100, 1300)]
    async with database.transaction() as tx:
        await items.add_verdicts(tx, more)
    assert len(await read(database, since=NOW)) == 1200


async def test_what_was_told_of_a_story(database: Database) -> None:
    async with database.transaction() as tx:
        for reason, channels in (("told: first", ("discord:1", "console:")), ("told: better", ())):
            alert = await deliveries.add_alert(
                tx, story=StoryId(1), item=None, event=Event.NEW, grade=Grade.REPORT, previous_grade=None,
                reason=reason, answers=(), topics=(), excerpt="", now=NOW,
            )  # fmt: skip
            plans = [deliveries.DeliveryPlan(channel=ChannelKey(key), due=NOW) for key in channels]
            await deliveries.add_deliveries(tx, alert, plans, now=NOW)
        (row,) = await deliveries.claim(tx, owner="o", platforms=["console"], now=NOW, lease=DAY, limit=1)
        await deliveries.record_sent(tx, row.id, message_id="m", thread_id=None, now=NOW)
    async with database.reading() as conn:
        told = await history.told(conn, StoryId(1))
        assert await history.told(conn, StoryId(2)) == []
    assert [(each.reason, each.planned, each.sent, each.at) for each in told] == [
        ("told: first", 2, 1, NOW), ("told: better", 0, 0, NOW),
    ]  # fmt: skip
