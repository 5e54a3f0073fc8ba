"""What sources bring, who was told that they are lost, which topics are hot."""

from datetime import timedelta

from bot.model import Event, SourceId, TopicId
from storage import deliveries, health, hot, items, sources
from storage.database import Database
from storage.health import Activity
from tests.builders import NOW, a_source, a_verdict

HOUR = timedelta(hours=1)


async def two_sources(database: Database) -> None:
    async with database.transaction() as tx:
        listed = [
            a_source(id=SourceId("reuters"), topics=(TopicId("v4"),)),
            a_source(id=SourceId("bbc"), url="https://bbc.example/", topics=(TopicId("ascend"),)),
        ]
        await sources.sync_catalog(tx, listed, now=NOW)


async def test_activity_counts_live_items_and_those_that_led_to_an_alert(database: Database) -> None:
    await two_sources(database)
    async with database.transaction() as tx:
        old, live = [a_verdict(number=1), a_verdict(number=2)], [a_verdict(number=3), a_verdict(number=4)]
        await items.add_verdicts(tx, old, backfill=True)
        told, _ = await items.add_verdicts(tx, live, backfill=False)
        for _ in range(2):  # an item may lead to more than one alert, and counts once
            await deliveries.add_alert(
                tx, story=live[0].story, item=told, event=Event.NEW, grade=live[0].graded.grade,
                previous_grade=None, reason="", answers=(), topics=("v4",), excerpt="", now=NOW,
            )  # fmt: skip
    async with database.reading() as conn:
        assert await health.activity(conn, since=NOW - HOUR) == {"reuters": Activity(items=2, alerted=1)}
        assert await health.activity(conn, since=NOW + HOUR) == {}


async def test_an_item_told_from_a_sources_first_document_counts_as_brought_and_told(
    database: Database,
) -> None:
    await two_sources(database)
    async with database.transaction() as tx:
        first = [a_verdict(number=1), a_verdict(number=2)]
        told, _ = await items.add_verdicts(tx, first, backfill=True)
        await deliveries.add_alert(
            tx, story=first[0].story, item=told, event=Event.NEW, grade=first[0].graded.grade,
            previous_grade=None, reason="", answers=(), topics=("v4",), excerpt="", now=NOW,
        )  # fmt: skip
    async with database.reading() as conn:
        assert await health.activity(conn, since=NOW - HOUR) == {"reuters": Activity(items=1, alerted=1)}


async def test_an_announcement_is_noted_once_and_taken_back_once(database: Database) -> None:
    await two_sources(database)
    both = [SourceId("reuters"), SourceId("bbc")]
    async with database.transaction() as tx:
        assert await health.mark_announced(tx, [], now=NOW) == set()
        assert await health.mark_announced(tx, both[:1], now=NOW) == {"reuters"}
        assert await health.mark_announced(tx, both, now=NOW) == {"bbc"}
        assert await health.clear_announced(tx, both[1:]) == {"bbc"}
        assert await health.clear_announced(tx, both) == {"reuters"}


async def test_a_hot_topic_makes_its_sources_due_and_ends_by_itself(database: Database) -> None:
    await two_sources(database)
    later = sources.PollRecord(
        source_id=SourceId("reuters"), at=NOW, status=200, etag=None, last_modified=None, next_poll=NOW + HOUR
    )
    async with database.transaction() as tx:
        await sources.record_polls(tx, [later])
        assert await hot.heat(tx, TopicId("v4"), until=NOW + HOUR, by="u", now=NOW) == 1
        assert await hot.heat(tx, TopicId("v4"), until=NOW + 2 * HOUR, by="w", now=NOW) == 1
    async with database.reading() as conn:
        assert "reuters" in {state.source.id for state in await sources.due(conn, now=NOW, limit=9)}
        (entry,) = await hot.hot_topics(conn, now=NOW)
        assert (entry.topic, entry.until, entry.set_by) == ("v4", NOW + 2 * HOUR, "w")
        assert await hot.hot_topics(conn, now=NOW + 3 * HOUR) == []
    async with database.transaction() as tx:
        assert await hot.cool(tx, TopicId("v4")) is True
        assert await hot.cool(tx, TopicId("v4")) is False
