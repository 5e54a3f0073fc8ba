"""Stories as people read them: one, the newest, and those with given words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.judgement.witnesses import independent
from bot.model import Grade, StoryId, TopicId
from storage.columns import storable
from storage.schema import items, stories, story_topics
from storage.watches import WatchAnswer, set_known, watch_answers

__all__ = [
    "Story",
    "WatchAnswer",
    "latest",
    "newest_by_topic",
    "search",
    "set_known",
    "story",
    "story_counts",
    "watch_answers",
]

#: Each word is a scan of the items; nobody needs more of them to find a story.
_MOST_WORDS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Title, address, publisher, language and summary are those of its lead item: the best proof, of equal ones what
    was told last, and before anything is told the one that began it. ``grade`` is the best of its items; times are
    those of publication."""

    id: StoryId
    title: str
    url: str
    publisher: str
    language: str
    summary: str
    grade: Grade
    topics: tuple[TopicId, ...]
    first_at: datetime
    last_at: datetime
    items: int
    outlets: tuple[str, ...]
    witnesses: int = 0  # who say so independently of each other


async def story(conn: AsyncConnection, story_id: int) -> Story | None:
    row = (await conn.execute(select(stories).where(stories.c.id == story_id))).first()
    return None if row is None else _story(row)


async def latest(
    conn: AsyncConnection,
    *,
    topic: TopicId | None,
    limit: int,
    before: datetime | None = None,
    min_grade: Grade | None = None,
) -> list[Story]:
    """Stories of the topic, or of any topic, the newest beginning first; ``before`` leads to the next page."""
    query = select(stories).where(stories.c.on_topic.is_(True))
    if topic is not None:
        query = query.where(_has_topic(topic))
    if before is not None:
        query = query.where(stories.c.first_at < before)
    if min_grade is not None:
        query = query.where(_at_least(min_grade))
    query = query.order_by(stories.c.first_at.desc(), stories.c.id.desc()).limit(limit)
    return _stories(await conn.execute(query))


async def newest_by_topic(
    conn: AsyncConnection, *, per_topic: int, since: datetime
) -> dict[TopicId, list[Story]]:
    """The newest few stories of each topic, the newest first. A story of two topics stands under both."""
    place = (
        func.row_number()
        .over(
            partition_by=story_topics.c.topic,
            order_by=(stories.c.first_at.desc(), stories.c.id.desc()),
        )
        .label("place")
    )
    ranked = (
        select(story_topics.c.topic.label("topic_id"), story_topics.c.story_id, place)
        .join(stories, stories.c.id == story_topics.c.story_id)
        .where(stories.c.first_at >= since)
        .subquery()
    )
    found = await conn.execute(
        select(ranked.c.topic_id, stories)
        .join(stories, stories.c.id == ranked.c.story_id)
        .where(ranked.c.place <= per_topic)
        .order_by(ranked.c.topic_id, ranked.c.place)
    )
    newest: dict[TopicId, list[Story]] = {}
    for row in found:
        newest.setdefault(TopicId(row.topic_id), []).append(_story(row))
    return newest


async def search(
    conn: AsyncConnection, *, text: str, topic: TopicId | None = None, limit: int
) -> list[Story]:
    """Stories whose items hold every word of ``text`` in title or summary, in any script and case.

    A word is found inside longer ones, as Chinese needs. Stories with a topic come first, then the newest.
    """
    words = list(dict.fromkeys(storable(text).split()))[:_MOST_WORDS]
    if not words:
        return []
    # SQLite's LIKE knows no case in ASCII letters as it is; to fold them first would double the time of the scan.
    folds = conn.dialect.name == "sqlite"
    query = select(stories).where(*(_holds(word, folds=folds) for word in words))
    if topic is not None:
        query = query.where(_has_topic(topic))
    query = query.order_by(stories.c.on_topic.desc(), stories.c.last_at.desc(), stories.c.id.desc())
    return _stories(await conn.execute(query.limit(limit)))


async def story_counts(conn: AsyncConnection, *, since: datetime) -> dict[TopicId, int]:
    """How many stories of each topic began since then. A topic without any is not named."""
    found = await conn.execute(
        select(story_topics.c.topic, func.count())
        .join(stories, stories.c.id == story_topics.c.story_id)
        .where(stories.c.first_at >= since)
        .group_by(story_topics.c.topic)
    )
    return {TopicId(topic): count for topic, count in found}


def _has_topic(topic: TopicId) -> ColumnElement[bool]:
    return exists(
        select(story_topics.c.story_id).where(
            story_topics.c.topic == topic, story_topics.c.story_id == stories.c.id
        )
    )


def _at_least(grade: Grade) -> ColumnElement[bool]:
    return stories.c.grade.in_([held.value for held in Grade if held.rank >= grade.rank])


def _holds(word: str, *, folds: bool) -> ColumnElement[bool]:
    folded = word.casefold()

    def has(column: Any) -> ColumnElement[bool]:
        found: ColumnElement[bool] = (column.contains if folds else column.icontains)(word, autoescape=True)
        return found

    holding: Select[Any] = select(items.c.story_id).where(
        or_(
            has(items.c.title),
            has(items.c.summary),
            items.c.folded.contains(folded, autoescape=True),
        )
    )
    return stories.c.id.in_(holding)


def _stories(rows: Iterable[Row[Any]]) -> list[Story]:
    return [_story(row) for row in rows]


def _story(row: Row[Any]) -> Story:
    return Story(
        id=StoryId(row.id),
        title=row.title,
        url=row.url,
        publisher=row.publisher,
        language=row.language,
        summary=row.summary,
        grade=Grade(row.grade),
        topics=tuple(TopicId(topic) for topic in row.topics),
        first_at=row.first_at,
        last_at=row.last_at,
        items=row.item_count,
        outlets=tuple(row.outlets),
        witnesses=len(independent(row.says)),
    )
