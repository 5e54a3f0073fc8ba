"""Stories put right, on both back ends: grades, merges, splits, answers; who hears of it; what a judge remembers."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.delivery.correcting import correction_plans
from bot.delivery.messages import build_message
from bot.flow.desk import Desk
from bot.flow.poll import Read
from bot.judgement.topics import TopicMatcher
from bot.model import (
    ALL_TOPICS,
    CONSOLE,
    ChannelKey,
    Event,
    Grade,
    Graded,
    ItemId,
    RawItem,
    StoryId,
    TermLists,
    TopicId,
    Watch,
    WatchMove,
)
from handlers.commands import Commands
from handlers.replies import Reply
from handlers.requests import Request
from storage import corrections, deliveries, items, sources, stories, subscriptions, watches
from storage.corrections import Correction, Hearing
from storage.database import Database
from storage.sources import PollRecord
from tests.builders import NOW, a_catalog, a_source, a_subscription, a_topic, a_verdict, an_item

A, B = ChannelKey("discord:1"), ChannelKey("discord:2")
ONE, TWO = StoryId(1), StoryId(2)
WATCH = Watch(id="v4-out", question="Is V4 out?", states=("rumoured", "announced", "released"))
CATALOG = a_catalog(topics=(a_topic(watches=(WATCH,)),))
LEASE = timedelta(minutes=1)


def said_by(speaker: str, grade: Grade = Grade.REPORT) -> Graded:
    return Graded(grade=grade, reason="an outlet", speaker=speaker, witness=speaker)


@pytest.fixture
async def stored(database: Database) -> Database:
    """Story 1 with a report and an official item, story 2 with a report; A was told of both, B of the first."""
    move = WatchMove(
        topic=TopicId("deepseek-v4"), question="v4-out", state="released", previous="", reason="weights"
    )
    async with database.transaction() as tx:
        await sources.sync_catalog(tx, [a_source()], now=NOW)
        for channel in (A, B):
            await subscriptions.subscribe(tx, a_subscription(channel=channel, topic=ALL_TOPICS))
        await items.add_verdicts(
            tx,
            [
                a_verdict(number=1, graded=said_by("reuters")),
                a_verdict(
                    number=2, story=ONE, event=Event.UPGRADE, graded=said_by("deepseek", Grade.OFFICIAL),
                    previous_grade=Grade.REPORT, watch=(move,), item={"publisher": "DeepSeek"},
                ),
                a_verdict(number=3, story=TWO, graded=said_by("ft"), item={"publisher": "FT"}),
            ],
        )  # fmt: skip
    await tell(database, ONE, 1, A, B)
    await tell(database, TWO, 3, A)
    return database


async def tell(database: Database, story: StoryId, item: int, *channels: ChannelKey) -> None:
    async with database.transaction() as tx:
        alert = await deliveries.add_alert(
            tx, story=story, item=item, event=Event.NEW, grade=Grade.REPORT, previous_grade=None, reason="",
            answers=(), topics=(TopicId("deepseek-v4"),), excerpt="", now=NOW,
        )  # fmt: skip
        plans = correction_plans(dict.fromkeys(channels, Hearing()), [], now=NOW)
        await deliveries.add_deliveries(tx, alert, plans, now=NOW)
    await send_all(database)


async def send_all(database: Database) -> list[object]:
    """Send what is due; returns the messages, in order."""
    sent = []
    async with database.transaction() as tx:
        while rows := await deliveries.claim(
            tx, now=NOW, owner="me", lease=LEASE, limit=9, platforms=["discord", "console"]
        ):
            for row in rows:
                sent.append(await build_message(tx, row, CATALOG))
                await deliveries.record_sent(tx, row.id, message_id=f"m{row.id}", thread_id=None, now=NOW)
    return sent


async def ask(database: Database, channel: ChannelKey = A, **options: str) -> Reply:
    private = options.pop("private", "") == "yes"
    return await Commands(database, CATALOG, clock=lambda: NOW).answer(
        Request(
            command="correct", options=options, channel=channel, user="discord:9", may_manage=True,
            private=private,
        )
    )  # fmt: skip


async def rows_of(database: Database, story: StoryId) -> list[tuple[int, str, Grade, Grade | None]]:
    async with database.reading() as conn:
        found = await items.items_of_story(conn, story, limit=9)
    return sorted((row.id, row.event.value, row.graded.grade, row.previous_grade) for row in found)


async def test_a_story_counts_its_independent_witnesses(stored: Database) -> None:
    async with stored.transaction() as tx:
        relay = Graded(grade=Grade.REPORT, reason="", cites="ft", speaker="blog", witness="ft")
        await items.add_verdicts(tx, [a_verdict(number=4, story=ONE, event=Event.UPDATE, graded=relay)])
        story = await stories.story(tx, ONE)
    assert story is not None
    assert story.witnesses == 3  # Reuters, DeepSeek, and the FT whom the blog relays


async def test_a_lower_grade_is_the_storys_and_its_items_and_told_to_all_in_the_thread(
    stored: Database,
) -> None:
    reply = await ask(stored, story="1", grade="report")
    assert reply.tone == "done", reply
    assert "2 channels told" in reply.text
    async with stored.reading() as conn:
        story = await stories.story(conn, ONE)
    assert story is not None
    assert story.grade is Grade.REPORT
    assert await rows_of(stored, ONE) == [
        (1, "new", Grade.REPORT, None),
        (2, "update", Grade.REPORT, Grade.REPORT),
    ]
    told = await send_all(stored)
    assert [(message.channel, message.event, message.reply_to is not None) for message in told] == [
        (A, Event.CORRECTION, True), (B, Event.CORRECTION, True),
    ]  # fmt: skip
    assert told[0].answers == ("Evidence: official → report (put right by an administrator)",)
    assert await send_all(stored) == []


async def test_a_higher_grade_is_that_of_the_lead(stored: Database) -> None:
    assert (await ask(stored, story="2", grade="official")).tone == "done"
    assert await rows_of(stored, TWO) == [(3, "new", Grade.OFFICIAL, None)]


async def test_merged_stories_are_one_under_either_number(stored: Database) -> None:
    reply = await ask(stored, story="1", merge="2")
    assert reply.tone == "done", reply
    async with stored.reading() as conn:
        merged = await stories.story(conn, ONE)
        assert merged is not None
        assert (merged.items, merged.witnesses, merged.grade) == (3, 3, Grade.OFFICIAL)
        assert await corrections.current_story(conn, TWO) == ONE
        assert [story.id for story in await stories.latest(conn, topic=None, limit=9)] == [ONE]
        assert await deliveries.told_channels(conn, ONE) == {A, B}
        assert await items.last_story_id(conn) == TWO, "its number is not given again"
    told = await send_all(stored)
    assert sorted(message.channel for message in told) == [A, B]
    why = await Commands(stored, CATALOG).answer(
        Request(command="why", options={"story": "2"}, channel=A, user="u", may_manage=False)
    )
    assert why.title.startswith("#1 ")
    assert "merged into #1" in why.text
    assert "discord:9" in why.text


async def test_an_item_split_off_is_a_story_with_its_alerts(stored: Database) -> None:
    reply = await ask(stored, story="1", split="1")
    assert reply.tone == "done", reply
    assert "now story #3" in reply.text
    async with stored.reading() as conn:
        fresh, rest = await stories.story(conn, 3), await stories.story(conn, ONE)
        assert fresh is not None
        assert rest is not None
        assert (fresh.items, fresh.grade, fresh.title) == (1, Grade.REPORT, "DeepSeek V4 story 1")
        assert (rest.items, rest.grade, rest.outlets) == (1, Grade.OFFICIAL, ("DeepSeek",))
        assert await deliveries.told_channels(conn, StoryId(3)) == {A, B}
    assert await rows_of(stored, ONE) == [(2, "new", Grade.OFFICIAL, None)]


async def test_an_item_split_off_that_was_never_told_itself_is_told_as_new_once(stored: Database) -> None:
    reply = await ask(stored, story="1", split="2")
    assert "#3 goes to 2 channels as new" in reply.text, reply
    told = [
        (message.channel, message.event, message.story, message.reply_to is None)
        for message in await send_all(stored)
    ]
    assert told == [
        (A, Event.CORRECTION, ONE, False), (B, Event.CORRECTION, ONE, False),
        (A, Event.NEW, 3, True), (B, Event.NEW, 3, True),
    ]  # fmt: skip
    # One that had its own alert before is not told again.
    assert "as new" not in (await ask(stored, story="1", merge="3")).text
    assert "as new" not in (await ask(stored, story="1", split="2")).text


async def test_an_item_split_off_leaves_the_topics_that_its_story_gave_it(stored: Database) -> None:
    matcher = TopicMatcher(
        (a_topic(), a_topic(id=TopicId("chips"), any=TermLists(terms={"": ("chip exports",)})))
    )
    began = a_verdict(number=4, story=StoryId(4), topics=("chips",), item={"title": "Chip exports halted"})
    said = an_item(number=5, title="DeepSeek V4 is affected", url="https://ft.com/5")
    shy = an_item(number=6, title="First look at the ruling", url="https://ft.com/6")
    async with stored.transaction() as tx:
        await items.add_verdicts(
            tx,
            [
                began,
                *(
                    replace(
                        a_verdict(number=number, story=StoryId(4), event=Event.UPDATE),
                        item=item, topics=matcher.with_story(item, matcher.match(item), 4, began.topic_ids),
                    )
                    for number, item in ((5, said), (6, shy))
                ),
            ],
        )  # fmt: skip
    await tell(stored, StoryId(4), 4, A)
    async with stored.reading() as conn:
        rows = await items.items_of_story(conn, StoryId(4), limit=9)
        assert {row.id: topics_of(row) for row in rows} == {
            4: {"chips"}, 5: {"chips", "deepseek-v4"}, 6: {"chips"},
        }  # fmt: skip
    assert "now story #5" in (await ask(stored, story="4", split="5")).text
    assert "now story #6" in (await ask(stored, story="4", split="6")).text
    async with stored.reading() as conn:
        said_row, shy_row = await items.item(conn, ItemId(5)), await items.item(conn, ItemId(6))
        assert said_row is not None
        assert shy_row is not None
        assert (topics_of(said_row), said_row.event) == ({"deepseek-v4"}, Event.NEW)
        assert (topics_of(shy_row), shy_row.event) == (set(), Event.NONE)
        of_story = await stories.story(conn, 5), await stories.story(conn, 6), await stories.story(conn, 4)
        assert [set(one.topics) for one in of_story if one] == [{"deepseek-v4"}, set(), {"chips"}]


async def test_what_an_item_split_off_gave_its_story_goes_with_it(stored: Database) -> None:
    matcher = TopicMatcher((a_topic(),))
    shy = an_item(number=5, title="First look at the ruling", url="https://ft.com/5")
    given = matcher.with_story(shy, (), 4, (TopicId("deepseek-v4"),))
    follows = replace(a_verdict(number=5, story=StoryId(4), event=Event.UPDATE), item=shy, topics=given)
    async with stored.transaction() as tx:
        await items.add_verdicts(tx, [a_verdict(number=4, story=StoryId(4)), follows])
    await tell(stored, StoryId(4), 4, A)
    assert "now story #5" in (await ask(stored, story="4", split="4")).text
    async with stored.reading() as conn:
        rest = await stories.story(conn, 4)
        assert rest is not None
        assert (rest.topics, rest.items) == ((), 1)


def topics_of(row: items.ItemRow) -> set[str]:
    return {str(match.topic) for match in row.topics}


async def test_an_answer_put_right_stands_against_older_items(stored: Database) -> None:
    reply = await ask(stored, question="v4-out", state="rumoured")
    assert reply.tone == "done", reply
    async with stored.reading() as conn:
        (answer,) = await stories.watch_answers(conn)
        (made,) = await corrections.of_story(conn, ONE)
    assert (answer.state, answer.since, answer.grade, answer.moves) == ("rumoured", NOW, None, 2)
    assert made == Correction(
        kind="state", at=NOW, before="released", after="rumoured", story=ONE, topic="deepseek-v4",
        question="v4-out", made_by="discord:9", channel=A,
    )  # fmt: skip
    assert (answer.title, answer.url) == ("put right by an administrator, was released", "")
    said = "Is V4 out? → rumoured (put right by an administrator, was released)"
    assert [(message.title, message.text) for message in await send_all(stored)] == [("Correction", said)] * 2


async def test_an_answer_put_right_is_proved_by_what_gave_it_and_not_by_what_denied_it(
    stored: Database,
) -> None:
    denied = WatchMove(
        topic=TopicId("deepseek-v4"),
        question="v4-out",
        state="announced",
        previous="released",
        reason="denied",
    )
    denial = a_verdict(number=4, story=TWO, event=Event.UPGRADE, graded=said_by("deepseek", Grade.OFFICIAL),
                       watch=(denied,), item={"title": "DeepSeek denies that V4 is out"})  # fmt: skip
    async with stored.transaction() as tx:
        await items.add_verdicts(tx, [denial])
    assert (await ask(stored, question="v4-out", state="released")).tone == "done"
    async with stored.reading() as conn:
        (answer,) = await stories.watch_answers(conn)
        assert await watches.moves_of(conn, [ONE, TWO]) == {ONE: ["released"], TWO: ["announced"]}
    assert (answer.story, answer.title, answer.grade) == (ONE, "DeepSeek V4 story 2", Grade.OFFICIAL)
    sent = await send_all(stored)
    assert [message.title for message in sent] == ["DeepSeek V4 story 2"] * 2
    assert all("denies" not in f"{message.title} {message.summary} {message.url}" for message in sent)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({}, "Name a story"),
        ({"story": "1"}, "Name a story"),
        ({"story": "1", "grade": "report", "merge": "2"}, "Name a story"),
        ({"story": "x", "grade": "report"}, "no story number"),
        ({"story": "77", "grade": "report"}, "no story 77"),
        ({"story": "1", "grade": "official"}, "official already"),
        ({"story": "1", "merge": "1"}, "with itself"),
        ({"story": "1", "split": "3"}, "not in story 1"),
        ({"story": "2", "split": "3"}, "the only one"),
        ({"story": "1", "split": "https://nowhere.example/"}, "no item's number"),
        ({"question": "v4-out"}, "its state"),
        ({"question": "v4-out", "state": "sold"}, "no state"),
        ({"question": "v4-out", "state": "released"}, "already"),
        ({"question": "what", "state": "released"}, "deepseek-v4/v4-out"),
        ({"story": "1", "grade": "report", "private": "yes"}, "every channel"),
    ],
)
async def test_what_cannot_be_corrected_is_refused_and_changes_nothing(
    stored: Database, options: dict[str, str], named: str
) -> None:
    reply = await ask(stored, **options)
    assert reply.tone == "error"
    assert named in reply.text
    assert await send_all(stored) == []
    async with stored.reading() as conn:
        assert await corrections.epoch(conn) == 0


async def test_a_channel_that_was_not_told_has_no_say_and_the_terminal_has(stored: Database) -> None:
    assert "was not told" in (await ask(stored, channel=B, story="2", grade="official")).text
    assert (await ask(stored, channel=CONSOLE, story="2", grade="official")).tone == "done"


async def read(desk: Desk, database: Database, *entries: RawItem) -> None:
    async with database.reading() as conn:
        (state,) = await sources.states(conn)
    record = PollRecord(
        source_id=state.source.id, at=NOW, status=200, etag=None, last_modified=None, next_poll=NOW
    )
    await desk.record([Read(state=state, record=record, items=entries)])


async def test_a_running_desk_follows_a_merge_and_a_grade(database: Database) -> None:
    async with database.transaction() as tx:
        await sources.sync_catalog(tx, [a_source()], now=NOW)
        await subscriptions.subscribe(tx, a_subscription(channel=CONSOLE))
    desk = Desk(database, CATALOG, clock=lambda: NOW)
    titles = ("DeepSeek V4 weights appear in Hangzhou", "Surgeons in Lyon try DeepSeek V4 on patient letters")

    def entry(number: int, title: str, minutes: int) -> RawItem:
        return RawItem(
            external_id=str(number), url=f"https://reuters.com/{number}", title=title,
            published=NOW - timedelta(minutes=minutes),
        )  # fmt: skip

    await read(desk, database, entry(9, "DeepSeek V4 chess", 99))
    await read(desk, database, entry(1, titles[0], 60), entry(2, titles[1], 50))
    async with database.reading() as conn:
        one, two = [
            found.story
            for number in (1, 2)
            if (found := await items.item_by_url(conn, f"https://reuters.com/{number}"))
        ]
    assert one != two
    assert (await ask(database, channel=CONSOLE, story=str(one), merge=str(two))).tone == "done"
    again = f"{titles[1]}, ward by ward"
    await read(desk, database, entry(3, again, 40))
    async with database.reading() as conn:
        later = await items.item(conn, ItemId(4))
    assert later is not None
    assert (later.title, later.story) == (again, one)
