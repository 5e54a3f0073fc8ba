"""Saving verdicts and what they do to stories; giving them back to a judge that starts anew."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import (
    ChannelKey,
    Claim,
    Event,
    Grade,
    Graded,
    SourceId,
    StoryId,
    TopicId,
    TopicMatch,
    Verdict,
    WatchMove,
)
from storage import deliveries, items, sources, stories
from storage.database import Database, judge_lock
from storage.deliveries import DeliveryPlan
from tests.builders import NOW, a_source, a_verdict, an_item

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
async def _sources(database: Database) -> None:
    async with database.transaction() as tx:
        await sources.sync_catalog(tx, [a_source(), a_source(id=SourceId("xinhua"))], now=NOW)


async def store(database: Database, *verdicts: Verdict, backfill: bool = False) -> list[int]:
    async with database.transaction() as tx:
        await judge_lock(tx)
        return [int(item) for item in await items.add_verdicts(tx, verdicts, backfill=backfill)]


FULL = Verdict(
    item=an_item(
        title="昇腾 950 leaks", summary="Numbers", author="Lin", language="zh", source_grade=Grade.LEAK,
        publisher="新华社",
    ),
    story=StoryId(7),
    topics=(
        TopicMatch(topic=TopicId("ascend"), matched=("昇腾", "950"), reason="title: 昇腾"),
        TopicMatch(topic=TopicId("chips"), matched=(), reason="all"),
    ),
    graded=Graded(grade=Grade.LEAK, reason="a leak", cites="Reuters"),
    event=Event.UPGRADE,
    alert=True,
    reasons=("one", "二"),
    previous_grade=Grade.RUMOUR,
    claims=(Claim(subject="950", metric="MMLU", value=71.5, unit="%", precision="FP8", value_max=72.0),),
    watch=(WatchMove(topic=TopicId("ascend"), question="out", state="leaked", previous="", reason="cue"),),
)  # fmt: skip


async def test_a_verdict_comes_back_as_it_was_given(database: Database) -> None:
    (item_id,) = await store(database, FULL, backfill=True)
    async with database.reading() as conn:
        (remembered,) = await items.remembered(conn, after=0, since=NOW - DAY, limit=10)
        row = await items.item(conn, item_id)
    assert remembered.verdict == FULL
    assert remembered.seq == item_id
    assert row is not None
    assert (row.as_verdict(), row.id, row.backfill) == (FULL, item_id, True)
    changed = row.as_verdict(event=Event.NEW, alert=False)
    assert (changed.event, changed.alert) == (Event.NEW, False)


async def test_ids_follow_the_order_of_the_verdicts(database: Database) -> None:
    verdicts = [a_verdict(number=n) for n in range(1, 41)]
    ids = await store(database, *verdicts)
    async with database.reading() as conn:
        for verdict, item_id in zip(verdicts, ids, strict=True):
            row = await items.item(conn, item_id)
            assert row is not None
            assert row.external_id == verdict.item.external_id
        assert await items.last_seq(conn) == max(ids)
        assert await items.last_story_id(conn) == 40


async def test_storing_the_same_again_gives_the_same_ids_and_counts_once(database: Database) -> None:
    one, two = (
        a_verdict(number=1, story=StoryId(1)),
        a_verdict(number=2, story=StoryId(1), event=Event.UPDATE),
    )
    first = await store(database, one, two)
    again = await store(database, two, one, a_verdict(number=3, story=StoryId(1), event=Event.UPDATE), two)
    assert again[:2] == first[::-1]
    assert again[3] == first[1]
    async with database.reading() as conn:
        story = await stories.story(conn, StoryId(1))
    assert story is not None
    assert story.items == 3


async def test_a_repeat_brings_neither_story_nor_move(database: Database) -> None:
    await store(database, FULL)
    await store(database, replace(FULL, story=StoryId(8)))
    async with database.reading() as conn:
        assert await stories.story(conn, StoryId(8)) is None
        assert [answer.moves for answer in await stories.watch_answers(conn)] == [1]


async def test_nothing_stored_is_zero_and_nothing_given_is_nothing(database: Database) -> None:
    assert await store(database) == []
    async with database.reading() as conn:
        assert await items.last_seq(conn) == 0
        assert await items.last_story_id(conn) == 0
        assert await items.known_ids(conn, SourceId("reuters"), []) == set()
        assert await items.item(conn, 1) is None
        assert await items.item_by_url(conn, "https://nowhere.example/") is None
        assert await items.items_of_story(conn, StoryId(1), 5) == []
        assert await items.remembered(conn, after=0, since=NOW, limit=5) == []


@pytest.mark.parametrize(
    "external",
    [
        pytest.param("tag:x,2026:1", id="plain"),
        pytest.param("", id="empty"),
        pytest.param("nul\0inside", id="NUL"),
        pytest.param("lone \ud83d surrogate", id="lone surrogate"),
        pytest.param("昇腾" * 5000, id="far too long for an index"),
    ],
)
async def test_an_entry_is_known_by_its_id_whatever_it_looks_like(database: Database, external: str) -> None:
    assert len(await store(database, a_verdict(item={"external_id": external}))) == 1
    async with database.reading() as conn:
        known = await items.known_ids(conn, SourceId("reuters"), [external, external + "x", "other"])
        elsewhere = await items.known_ids(conn, SourceId("xinhua"), [external])
    assert known == {external}
    assert elsewhere == set()


async def test_ten_thousand_ids_are_looked_up(database: Database) -> None:
    await store(database, a_verdict(number=9_999))
    async with database.reading() as conn:
        known = await items.known_ids(conn, SourceId("reuters"), [f"id-{n}" for n in range(10_000)])
    assert known == {"id-9999"}


async def test_an_item_is_found_by_its_address_the_first_first(database: Database) -> None:
    long = "https://reuters.com/" + "a" * 9000
    await store(
        database,
        a_verdict(number=1, item={"url": long}),
        a_verdict(number=2, item={"url": long, "source": SourceId("xinhua")}),
    )
    async with database.reading() as conn:
        found = await items.item_by_url(conn, long)
    assert found is not None
    assert found.external_id == "id-1"


async def test_memory_is_read_in_order_and_in_pieces(database: Database) -> None:
    ids = await store(database, *(a_verdict(number=n) for n in range(1, 8)))
    seen: list[int] = []
    async with database.reading() as conn:
        while rows := await items.remembered(conn, after=seen[-1] if seen else 0, since=NOW - DAY, limit=3):
            seen += [row.seq for row in rows]
    assert seen == sorted(ids)


async def test_memory_leaves_out_stories_that_are_over(database: Database) -> None:
    old, new = NOW - 30 * DAY, NOW - DAY
    await store(
        database,
        a_verdict(number=1, item={"published": old}),
        a_verdict(number=2, story=StoryId(2), item={"published": old}),
        a_verdict(number=3, story=StoryId(2), event=Event.UPDATE, item={"published": new}),
    )
    async with database.reading() as conn:
        rows = await items.remembered(conn, after=0, since=NOW - 21 * DAY, limit=9)
    assert [row.verdict.item.external_id for row in rows] == ["id-2", "id-3"]


async def test_memory_reads_the_latest_of_what_touches_no_topic_and_all_the_rest(database: Database) -> None:
    off = {"topics": (), "event": Event.NONE, "alert": False}
    ids = await store(
        database,
        *(a_verdict(number=n, story=StoryId(n), **({} if n in (1, 4) else off)) for n in range(1, 8)),
    )
    since = NOW - DAY
    async with database.reading() as conn:
        floor = await items.off_topic_before(conn, since=since, kept=2)
        rows = await items.remembered(conn, after=0, since=since, limit=9, off_topic_after=floor)
        few = await items.off_topic_before(conn, since=since, kept=5)
    assert [row.seq for row in rows] == [ids[0], ids[3], ids[5], ids[6]]
    assert few == 0


class TestStories:
    async def grown(self, database: Database) -> stories.Story:
        async with database.reading() as conn:
            story = await stories.story(conn, StoryId(1))
        assert story is not None
        return story

    async def test_begins_as_its_first_item(self, database: Database) -> None:
        verdict = a_verdict(item={"summary": "Short.", "language": "zh"})
        await store(database, verdict)
        story, item = await self.grown(database), verdict.item
        assert (story.title, story.url, story.publisher, story.language, story.summary) == (
            item.title, item.url, item.publisher, "zh", "Short.",
        )  # fmt: skip
        assert (story.grade, story.topics, story.items) == (Grade.REPORT, ("deepseek-v4",), 1)
        assert story.first_at == story.last_at == item.published
        assert story.outlets == ("Reuters",)

    @pytest.mark.parametrize("together", [True, False], ids=["one call", "two calls"])
    async def test_grows_by_an_update_without_changing_its_face(self, database: Database, together) -> None:
        first = a_verdict(number=1)
        second = a_verdict(
            number=2, story=StoryId(1), event=Event.UPDATE, grade=Grade.OPINION, topics=("ascend", "deepseek-v4"),
            item={"publisher": "新华社", "published": NOW - DAY},
        )  # fmt: skip
        for call in ([first, second],) if together else ([first], [second]):
            await store(database, *call)
        story = await self.grown(database)
        assert (story.title, story.publisher, story.grade) == (first.item.title, "Reuters", Grade.REPORT)
        assert (story.first_at, story.last_at) == (NOW - DAY, first.item.published)
        assert (story.items, story.outlets) == (2, ("Reuters", "新华社"))
        assert story.topics == ("deepseek-v4", "ascend")

    @pytest.mark.parametrize("together", [True, False], ids=["one call", "two calls"])
    async def test_an_upgrade_leads_from_then_on(self, database: Database, together) -> None:
        first = a_verdict(number=1)
        better = a_verdict(
            number=2,
            story=StoryId(1),
            event=Event.UPGRADE,
            grade=Grade.OFFICIAL,
            item={"publisher": "DeepSeek"},
        )
        late = a_verdict(number=3, story=StoryId(1), event=Event.UPDATE, grade=Grade.RUMOUR)
        for call in ([first, better, late],) if together else ([first], [better], [late]):
            await store(database, *call)
        story = await self.grown(database)
        assert (story.title, story.publisher, story.grade) == (better.item.title, "DeepSeek", Grade.OFFICIAL)
        async with database.reading() as conn:
            told = await items.items_of_story(conn, StoryId(1), 10)
            lead = await items.items_of_story(conn, StoryId(1), 1)
        assert [row.external_id for row in told] == ["id-2", "id-1", "id-3"]
        assert [row.external_id for row in lead] == ["id-2"]

    async def test_a_story_may_come_to_a_topic_later(self, database: Database) -> None:
        await store(database, a_verdict(number=1, topics=()))
        async with database.reading() as conn:
            assert await stories.latest(conn, topic=None, limit=5) == []
        await store(database, a_verdict(number=2, story=StoryId(1)))
        async with database.reading() as conn:
            assert [story.id for story in await stories.latest(conn, topic=None, limit=5)] == [1]
            assert [
                story.id for story in await stories.latest(conn, topic=TopicId("deepseek-v4"), limit=5)
            ] == [1]


class TestPrune:
    async def test_empties_old_items_but_still_knows_them(self, database: Database) -> None:
        old = NOW - 100 * DAY
        gone = a_verdict(number=1, item={"seen": old, "published": old, "summary": "much text"})
        await store(database, gone, a_verdict(number=2, item={"summary": "kept"}))
        async with database.transaction() as tx:
            assert await items.prune(tx, older_than=NOW - 90 * DAY) == 1
        async with database.transaction() as tx:
            assert await items.prune(tx, older_than=NOW - 90 * DAY) == 0
        async with database.reading() as conn:
            assert await items.known_ids(conn, SourceId("reuters"), ["id-1", "id-2"]) == {"id-1", "id-2"}
            (row,) = await items.items_of_story(conn, StoryId(1), 5)
            (kept,) = await items.items_of_story(conn, StoryId(2), 5)
            assert await stories.story(conn, StoryId(1)) is not None
        assert (row.title, row.url, row.summary, row.reasons, row.topics) == (
            gone.item.title, gone.item.url, "", (), (),
        )  # fmt: skip
        assert kept.summary == "kept"

    async def test_leaves_what_is_still_to_be_told(self, database: Database) -> None:
        old = NOW - 100 * DAY
        (item,) = await store(database, a_verdict(item={"seen": old, "published": old}))
        async with database.transaction() as tx:
            alert = await add_alert(tx, item)
            plan = DeliveryPlan(channel=ChannelKey("slack:T/C"), due=NOW)
            await deliveries.add_deliveries(tx, alert, [plan], now=NOW)
            assert await items.prune(tx, older_than=NOW) == 0


async def add_alert(tx: AsyncConnection, item: int) -> int:
    return await deliveries.add_alert(
        tx, story=StoryId(1), item=item, event=Event.NEW, grade=Grade.REPORT, previous_grade=None, reason="",
        answers=(), topics=(), excerpt="", now=NOW,
    )  # fmt: skip
