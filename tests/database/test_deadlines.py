"""Deadlines of watch questions from the item to the notice, on both back ends."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.flow.desk import Desk
from bot.flow.poll import Read
from bot.model import ALL_TOPICS, ChannelKey, RawItem, Watch
from handlers.commands import Commands
from handlers.requests import Request
from storage import deadlines, deliveries, sources, subscriptions
from storage.database import Database
from storage.sources import PollRecord
from tests.builders import a_catalog, a_source, a_subscription, a_topic

A = ChannelKey("discord:1")
SAID = datetime(2026, 2, 10, 9, 30, tzinfo=UTC)
MARCH, APRIL = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
WATCH = Watch(id="v4-out", question="Is V4 out?", states=("rumoured", "announced", "released", "delayed"))
CATALOG = a_catalog(topics=(a_topic(watches=(WATCH,)),))


class Office:
    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = SAID
        self.desk = Desk(database, CATALOG, clock=lambda: self.now)
        self._number = 0

    async def read(self, title: str, *, url: str = "", summary: str = "") -> None:
        self._number += 1
        async with self.database.reading() as conn:
            (state,) = await sources.states(conn)
        record = PollRecord(
            source_id=state.source.id, at=self.now, status=200, etag=None, last_modified=None,
            next_poll=self.now,
        )  # fmt: skip
        entry = RawItem(
            external_id=str(self._number), url=url or f"https://reuters.com/{self._number}", title=title,
            published=self.now, summary=summary, publisher="Reuters",
        )  # fmt: skip
        await self.desk.record([Read(state=state, record=record, items=(entry,))])

    async def notices(self) -> list[tuple[str, str]]:
        async with self.database.transaction() as tx:
            rows = []
            while found := await deliveries.claim(
                tx, now=self.now, owner="me", lease=timedelta(days=1), limit=9, platforms=["discord"]
            ):
                for row in found:
                    await deliveries.record_sent(tx, row.id, message_id="m", thread_id=None, now=self.now)
                rows += found
        return [(row.title, row.text) for row in rows if row.kind == "notice"]

    async def status(self) -> str:
        reply = await Commands(self.database, CATALOG, clock=lambda: self.now).answer(
            Request(command="status", options={}, channel=A, user="u", may_manage=False)
        )
        return " · ".join(reply.entries[0].facts)

    async def at(self, moment: datetime) -> list[tuple[str, str]]:
        self.now = moment
        await self.desk.report_deadlines()
        return await self.notices()


@pytest.fixture
async def office(database: Database) -> Office:
    async with database.transaction() as tx:
        await sources.sync_catalog(tx, [a_source()], now=SAID)
        await subscriptions.subscribe(tx, a_subscription(channel=A, topic=ALL_TOPICS))
    opened = Office(database)
    await opened.read("A hobby column about gardens")  # the source's first document is over
    return opened


async def test_a_deadline_is_shown_and_reported_once_when_it_passed(office: Office) -> None:
    await office.read("DeepSeek to release DeepSeek V4 by the end of the month")
    assert "due 28 Feb 2026: “by the end of the month”" in await office.status()
    assert await office.at(MARCH - timedelta(seconds=1)) == []
    ((title, text),) = await office.at(MARCH + timedelta(minutes=1))
    assert title == "Deadline passed: Is V4 out?"
    assert "“by the end of the month” is over, without the answer released" in text
    assert "It stands at: rumoured" in text
    assert "Reuters (report) on 10 Feb 2026" in text
    assert await office.at(MARCH + timedelta(days=1)) == []
    assert "due" not in await office.status()


async def test_a_deadline_that_was_kept_is_not_reported(office: Office) -> None:
    await office.read("DeepSeek to release DeepSeek V4 by the end of the month")
    office.now += timedelta(days=3)
    await office.read("DeepSeek V4 released under an MIT licence, weights posted")
    assert (await office.status()).startswith("released")
    assert "due" not in await office.status()
    assert await office.at(MARCH + timedelta(days=1)) == []


async def test_a_later_word_supersedes_an_earlier_deadline(office: Office) -> None:
    await office.read("DeepSeek to release DeepSeek V4 by the end of February")
    office.now += timedelta(days=5)
    await office.read("DeepSeek V4 release delayed to March after training trouble")
    assert "due 31 Mar 2026" in await office.status()
    assert await office.at(MARCH + timedelta(days=1)) == []
    ((_, text),) = await office.at(APRIL + timedelta(days=1))
    assert "delayed to March" in text


async def test_two_who_name_one_day_make_one_report(office: Office) -> None:
    await office.read("DeepSeek to release DeepSeek V4 by the end of February")
    await office.read("DeepSeek V4 launch is due by the end of the month, a second report says")
    async with office.database.reading() as conn:
        (held,) = await deadlines.open_deadlines(conn)
    assert held.at == MARCH
    assert len(await office.at(MARCH)) == 1


async def test_old_news_brings_no_deadline_that_has_passed(office: Office) -> None:
    office.now = SAID + timedelta(days=60)
    async with office.database.reading() as conn:
        (state,) = await sources.states(conn)
    record = PollRecord(
        source_id=state.source.id, at=office.now, status=200, etag=None, last_modified=None, next_poll=SAID
    )
    entry = RawItem(
        external_id="old", url="https://reuters.com/old", published=SAID,
        title="DeepSeek to release DeepSeek V4 by the end of the month",
    )  # fmt: skip
    await office.desk.record([Read(state=state, record=record, items=(entry,))])
    async with office.database.reading() as conn:
        assert await deadlines.open_deadlines(conn) == []


async def test_two_processes_report_it_once_between_them(office: Office) -> None:
    await office.read("DeepSeek to release DeepSeek V4 by the end of the month")
    office.now = MARCH + timedelta(minutes=1)
    other = Desk(office.database, CATALOG, clock=lambda: office.now)
    assert await office.desk.report_deadlines() + await other.report_deadlines() == 1


@pytest.mark.parametrize(
    "title",
    [
        "DeepSeek will not release DeepSeek V4 before March",
        "DeepSeek missed its target to release DeepSeek V4 by the end of the month",
        "Will DeepSeek release DeepSeek V4 by the end of the month?",
        "DeepSeek hires for DeepSeek V4 until the end of the month",
        "Opinion: DeepSeek V4 will be released by the end of the month",
    ],
)
async def test_what_promises_nothing_sets_no_deadline(office: Office, title: str) -> None:
    await office.read(title)
    async with office.database.reading() as conn:
        assert await deadlines.open_deadlines(conn) == []
