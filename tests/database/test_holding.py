"""Alerts that wait for better proof, in the outbox of both back ends."""

from datetime import timedelta

import pytest

from bot.delivery.messages import build_message
from bot.flow.desk import Desk
from bot.flow.poll import Read
from bot.model import CONSOLE, ChannelKey, Event, Grade, Publisher, RawItem, SourceId, StoryId, TopicId, Watch
from handlers.commands import Commands
from handlers.requests import Request
from storage import deliveries, holding, items, sources, subscriptions
from storage.database import Database
from storage.deliveries import DeliveryPlan
from storage.sources import PollRecord
from tests.builders import NOW, a_catalog, a_source, a_subscription, a_topic, a_verdict

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


CATALOG = a_catalog(
    sources=tuple(
        a_source(id=SourceId(name), name=name, url=f"https://{name}.example/feed")
        for name in ("one", "two", "lab")
    ),
    topics=(
        a_topic(watches=(Watch(id="out", question="Out?", states=("rumoured", "released", "delayed")),)),
    ),
    publishers=(
        Publisher(id="one", names=("One",), kind="outlet", domains=("one.example",)),
        Publisher(id="two", names=("Two",), kind="outlet", domains=("two.example",)),
        Publisher(id="lab", names=("Lab",), kind="party", domains=("lab.example",)),
    ),
)
REPORT = "DeepSeek V4 weights appear on a server in Hangzhou"
RUMOUR = "Rumour: DeepSeek V4 weights appear on a server in Hangzhou, unnamed sources claim"


class Newsroom:
    """A desk that holds, with a chat channel and the terminal subscribed."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = NOW
        self.desk = Desk(database, CATALOG, clock=lambda: self.now, hold=HOLD)
        self._number = 0

    async def read(self, source: str, title: str, *, after_s: int = 0) -> None:
        self.now += timedelta(seconds=after_s)
        self._number += 1
        async with self.database.reading() as conn:
            state = next(state for state in await sources.states(conn) if state.source.id == source)
        record = PollRecord(
            source_id=state.source.id, at=self.now, status=200, etag=None, last_modified=None, next_poll=NOW
        )
        entry = RawItem(
            external_id=str(self._number), url=f"https://{source}.example/{self._number}", title=title,
            published=self.now, publisher=source.title(),
        )  # fmt: skip
        await self.desk.record([Read(state=state, record=record, items=(entry,))])

    async def waiting(self) -> list[timedelta]:
        """How long from the start the chat channel waits for each alert of the newest story."""
        async with self.database.reading() as conn:
            rows = await holding.waiting(conn, StoryId(await items.last_story_id(conn)))
        return [row.due - NOW for row in rows if row.channel == A]


@pytest.fixture
async def newsroom(database: Database) -> Newsroom:
    async with database.transaction() as tx:
        await sources.sync_catalog(tx, CATALOG.sources, now=NOW)
        for channel in (A, CONSOLE):
            await subscriptions.subscribe(tx, a_subscription(channel=channel))
    opened = Newsroom(database)
    for name in ("one", "two", "lab"):
        await opened.read(name, f"A column of {name} about gardens and weather")
    return opened


async def test_a_report_waits_and_a_second_witness_lets_it_go(newsroom: Newsroom) -> None:
    await newsroom.read("one", REPORT)
    assert await newsroom.waiting() == [HOLD]
    await newsroom.read("two", f"{REPORT}, One reports", after_s=5)
    assert await newsroom.waiting() == [HOLD], "a relay is no second witness"
    await newsroom.read("two", REPORT, after_s=5)
    assert await newsroom.waiting() == [timedelta(seconds=10)]


async def test_official_news_is_not_held_and_takes_the_place_of_what_is(newsroom: Newsroom) -> None:
    await newsroom.read("one", REPORT)
    await newsroom.read("lab", REPORT, after_s=5)
    assert await newsroom.waiting() == [timedelta(seconds=5)]
    await newsroom.read("lab", "DeepSeek V4 paper describes sparse attention in Zurich", after_s=5)
    assert await newsroom.waiting() == [timedelta(seconds=10)]
    async with newsroom.database.reading() as conn:
        states = await deliveries.counts(conn)
        item = await items.item_by_url(conn, "https://one.example/4")
    assert item is not None
    assert states["replaced"] == 2, "no terminal runs here, so what it was to be told is replaced too"
    why = await Commands(newsroom.database, CATALOG).answer(
        Request(command="why", options={"story": str(item.story)}, channel=A, user="u", may_manage=False)
    )
    said = [line for entry in why.entries for line in entry.lines]
    assert any(line.startswith("Not told by itself: better news of the story came") for line in said), said
    assert any(line.startswith("Told 24 Nov") for line in said), said


async def test_a_report_after_a_held_rumour_waits_no_longer_than_the_rumour(newsroom: Newsroom) -> None:
    await newsroom.read("one", RUMOUR)
    assert await newsroom.waiting() == [HOLD]
    await newsroom.read("one", REPORT, after_s=12)
    assert await newsroom.waiting() == [HOLD]
