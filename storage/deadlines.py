"""Until when somebody said that a watch question would have its answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Grade, ItemId, StoryId, TopicId, Verdict
from storage.dialects import PerDialect
from storage.schema import deadlines as table
from storage.schema import items


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """``at``: when it has passed. ``phrase``: the words; ``said``: when they were published, by the item named."""

    id: int
    topic: TopicId
    question_id: str
    state: str
    at: datetime
    phrase: str
    said: datetime
    grade: Grade
    story: StoryId
    title: str
    url: str
    publisher: str


_ADD = PerDialect(
    table, lambda insert: insert.on_conflict_do_nothing(index_elements=["topic", "question", "at"])
)
_OPEN = (
    select(table, items.c.story_id, items.c.title, items.c.url, items.c.publisher)
    .join(items, items.c.id == table.c.item_id)
    .where(table.c.closed.is_(None))
    .order_by(table.c.said.desc(), table.c.at, table.c.id)
)


async def add(tx: AsyncConnection, verdict: Verdict, item: ItemId, *, now: datetime) -> None:
    """Keep what the item says of deadlines that have not passed. Who named a time first stays its source."""
    rows = [
        {
            "topic": found.topic,
            "question": found.question,
            "state": found.state,
            "at": found.at,
            "phrase": found.phrase,
            "said": verdict.item.published,
            "item_id": item,
            "grade": verdict.graded.grade.value,
        }
        for found in verdict.deadlines
        if found.at > now
    ]
    if rows:
        await tx.execute(_ADD.on(tx), rows)


async def open_deadlines(conn: AsyncConnection) -> list[Deadline]:
    """Those neither reached nor reported yet, what was said last first."""
    return [_deadline(row) for row in await conn.execute(_OPEN)]


async def close(tx: AsyncConnection, ids: Sequence[int], *, now: datetime) -> set[int]:
    """End these; returns those that were open till now, so that one process reports each."""
    if not ids:
        return set()
    ended = await tx.scalars(
        update(table)
        .where(table.c.id.in_(list(ids)), table.c.closed.is_(None))
        .values(closed=now)
        .returning(table.c.id)
    )
    return set(ended)


def _deadline(row: Row[Any]) -> Deadline:
    return Deadline(
        id=row.id,
        topic=TopicId(row.topic),
        question_id=row.question,
        state=row.state,
        at=row.at,
        phrase=row.phrase,
        said=row.said,
        grade=Grade(row.grade),
        story=StoryId(row.story_id),
        title=row.title,
        url=row.url,
        publisher=row.publisher,
    )
