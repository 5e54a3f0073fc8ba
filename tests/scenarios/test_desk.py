"""The desk on a real database: what is told of first documents, of floods, of a round that news falls into."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from bot.flow.desk import Desk, Tally
from bot.flow.firstround import NOTE
from bot.flow.poll import Read
from bot.model import CONSOLE, RawItem
from storage import sources, subscriptions
from storage.database import Database, open_database
from storage.sources import PollRecord
from tests.builders import NOW, a_catalog, a_source, a_subscription

TITLES = [
    "DeepSeek V4 tokenizer found in a public bucket",
    "Surgeons in Lyon try DeepSeek V4 on patient letters",
    "Brussels regulator opens hearing about DeepSeek V4 pricing",
    "Zurich researchers describe DeepSeek V4 attention sparsity",
    "Kenyan newsroom translates archives with DeepSeek V4",
    "DeepSeek V4 plays chess against a grandmaster in Oslo",
]


class Newsroom:
    def __init__(self, database: Database) -> None:
        self.database = database
        self.desk = Desk(database, a_catalog(), clock=lambda: NOW)

    async def read(self, *numbers: int, quiet: bool = False, prefix: str = "id") -> Tally:
        """The source shows these entries, the highest number the newest."""
        async with self.database.reading() as conn:
            (state,) = await sources.states(conn)
        record = PollRecord(
            source_id=state.source.id, at=NOW, status=200, etag=None, last_modified=None, next_poll=NOW
        )
        entries = tuple(
            RawItem(
                external_id=f"{prefix}-{number}",
                url=f"https://example.org/{prefix}/{number}",
                title=TITLES[number] if number < len(TITLES) else f"Gardening column, part {number}",
                published=published(number),
            )
            for number in numbers
        )
        return await self.desk.record([Read(state=state, record=record, items=entries)], quiet=quiet)


def published(number: int) -> datetime:
    return NOW - timedelta(hours=100 - number)


@pytest.fixture
async def newsroom(tmp_path: Path) -> AsyncIterator[Newsroom]:
    async with open_database(f"sqlite+aiosqlite:///{tmp_path}/t.db") as database:
        async with database.transaction() as tx:
            await sources.sync_catalog(tx, [a_source()], now=NOW)
            await subscriptions.subscribe(tx, a_subscription(channel=CONSOLE))
        yield Newsroom(database)


async def test_a_new_database_tells_the_newest_three_once(newsroom: Newsroom) -> None:
    assert await newsroom.read(0, 1, 2, 3, 4, quiet=True) == Tally(items_new=5, stories_new=5)
    assert (await newsroom.desk.tell_newest(note=NOTE)).deliveries == 3
    assert await newsroom.desk.tell_newest(note=NOTE) == Tally(), "a second end of the round says nothing"


async def test_news_of_the_first_round_is_not_told_again_at_its_end(newsroom: Newsroom) -> None:
    await newsroom.read(0, 1, quiet=True)
    assert (await newsroom.read(0, 1, 2, quiet=True)).deliveries == 1
    assert (await newsroom.desk.tell_newest(note=NOTE)).deliveries == 2


async def test_a_later_sources_first_document_tells_the_newest_three(newsroom: Newsroom) -> None:
    tally = await newsroom.read(0, 1, 2, 3, 4)
    assert (tally.items_new, tally.alerts) == (5, 3)


async def test_each_new_item_is_told_and_a_known_one_is_not(newsroom: Newsroom) -> None:
    await newsroom.read(0)
    assert (await newsroom.read(0, 1, 2)).alerts == 2
    assert await newsroom.read(0, 1, 2) == Tally()


async def test_a_document_whose_whole_content_changed_floods_nobody(newsroom: Newsroom) -> None:
    await newsroom.read(0)
    tally = await newsroom.read(*range(1, 6), *range(10, 20), prefix="other")
    assert tally.items_new == 15
    assert tally.alerts == 3
    assert tally.deliveries == 4, "three alerts, and a notice that says what was kept back"
    async with newsroom.database.reading() as conn:
        notice = (await conn.execute(text("SELECT title, text FROM deliveries WHERE kind = 'notice'"))).one()
    assert notice.title == "Reuters changed its whole content at once"
    assert "The newest 3 were told, 2 more that touch your topics" in notice.text


async def test_a_failed_transaction_saves_nothing_and_the_same_batch_is_judged_again(
    newsroom: Newsroom,
) -> None:
    await newsroom.read(0)
    async with newsroom.database.transaction() as tx:
        await tx.execute(text("ALTER TABLE deliveries RENAME TO hidden"))
    with pytest.raises(DatabaseError):
        await newsroom.read(0, 1)
    async with newsroom.database.transaction() as tx:
        await tx.execute(text("ALTER TABLE hidden RENAME TO deliveries"))
    tally = await newsroom.read(0, 1)
    assert (tally.items_new, tally.stories_new, tally.deliveries) == (1, 1, 1)


async def show(newsroom: Newsroom, *entries: RawItem) -> Tally:
    async with newsroom.database.reading() as conn:
        (state,) = await sources.states(conn)
    record = PollRecord(
        source_id=state.source.id, at=NOW, status=200, etag=None, last_modified=None, next_poll=NOW
    )
    return await newsroom.desk.record([Read(state=state, record=record, items=entries)])


def entry(external_id: str, **given: Any) -> RawItem:
    fields = {"url": "https://example.org/a", "title": TITLES[0], "published": published(1)}
    return RawItem(external_id=external_id, **{**fields, **given})


START = "https://example.org/"


@pytest.mark.parametrize(
    ("before", "after", "new"),
    [
        ({}, {}, 0),
        ({}, {"published": published(9)}, 0),
        ({}, {"published": None}, 0),
        ({}, {"url": "https://example.org/a?utm_source=feed"}, 0),
        ({}, {"title": TITLES[1]}, 1),
        ({}, {"url": "https://example.org/b"}, 1),
        ({"url": START}, {"url": START}, 0),
        ({"url": START, "published": None}, {"url": START, "published": None}, 0),
        ({"url": START}, {"url": START, "published": published(9)}, 1),
        ({"url": ""}, {"url": ""}, 0),
    ],
    ids=[
        "all-the-same", "another-date", "date-lost", "tracked-address", "another-title", "another-address",
        "start-page", "start-page-undated", "next-on-the-start-page", "no-address",
    ],
)  # fmt: skip
async def test_an_entry_with_a_new_id_is_no_news(
    newsroom: Newsroom, before: dict[str, Any], after: dict[str, Any], new: int
) -> None:
    await newsroom.read(3)
    await show(newsroom, entry("one", **before))
    assert (await show(newsroom, entry("two", **after))).items_new == new


async def test_a_feed_whose_ids_change_at_every_poll_tells_each_entry_once(newsroom: Newsroom) -> None:
    await newsroom.read(0)
    everything = [
        [entry(f"{poll}-{number}", url=f"https://example.org/{number}", title=f"Gardening, part {number}")
         for number in range(1200)]
        for poll in range(3)
    ]  # fmt: skip
    assert [(await show(newsroom, *entries)).items_new for entries in everything] == [1200, 0, 0]
