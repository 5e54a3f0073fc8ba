"""Puts stored stories right: another grade, two stories made one, an item taken out. What judgement remembers is read
from the same rows, so it follows. In PostgreSQL the caller holds ``judge_lock``."""

from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.errors import UserError
from bot.judgement.topics import is_by_story
from bot.model import Event, Grade, ItemId, StoryId, Verdict
from storage.growth import grown_from, lead_values
from storage.items import item_row
from storage.schema import alerts, items, mutes, stories, story_topics, watch_states


async def set_grade(tx: AsyncConnection, story: StoryId, grade: Grade, *, reason: str) -> None:
    """Make this the best grade of the story: of every item that carries more, or else of its lead."""
    rows = await _items(tx, story)
    above = [row.id for row in rows if Grade(row.grade).rank > grade.rank]
    wrong = above or [(await _lead(tx, rows)).id]
    await tx.execute(
        update(items).where(items.c.id.in_(wrong)).values(grade=grade.value, grade_reason=reason)
    )
    await _rebuild(tx, story)


async def merge(tx: AsyncConnection, story: StoryId, other: StoryId) -> None:
    """Make ``other`` a part of ``story``; its number leads to nothing any more."""
    for column in (items.c.story_id, alerts.c.story_id, watch_states.c.story_id, mutes.c.story_id):
        await tx.execute(update(column.table).where(column == other).values(story_id=story))
    await tx.execute(delete(story_topics).where(story_topics.c.story_id == other))
    empty: dict[str, Any] = {"item_count": 0, "on_topic": False, "topics": [], "says": {}}
    await tx.execute(update(stories).where(stories.c.id == other).values(**empty))
    await _rebuild(tx, story)


async def split(tx: AsyncConnection, story: StoryId, item: ItemId) -> StoryId:
    """Take an item out of its story into one of its own, with the alerts that told it; returns the new story.

    Raises ``UserError`` when it is not an item of the story, or the only one.
    """
    rows = await _items(tx, story)
    moved = next((row for row in rows if row.id == item), None)
    if moved is None:
        raise UserError(f"Item {item} is not in story {story}; why {story} shows the numbers of its items.")
    if len(rows) == 1:
        raise UserError(f"Item {item} is the only one of story {story}.")
    fresh = StoryId((await tx.scalar(select(func.max(stories.c.id))) or 0) + 1)
    row = {**grown_from(_verdicts([moved])), **lead_values(moved), "id": fresh}
    await tx.execute(insert(stories), row)
    await tx.execute(update(items).where(items.c.id == item).values(story_id=fresh))
    await tx.execute(update(alerts).where(alerts.c.item_id == item).values(story_id=fresh))
    of_item = (watch_states.c.story_id == story) & (watch_states.c.url == moved.url)
    await tx.execute(update(watch_states).where(of_item).values(story_id=fresh))
    for one in (fresh, story):
        await _drop_topics_of_another_story(tx, one)
        await _rebuild(tx, one)
    return fresh


async def _drop_topics_of_another_story(tx: AsyncConnection, story: StoryId) -> None:
    """Take from each item the topics that it had from an item which is no longer in its story: those that the first
    item of the story is not on by its own words."""
    rows = [row for row in await _items(tx, story) if not row.pruned]
    first = rows[0] if rows else None
    given = {topic for topic, _, reason in first.topics if not is_by_story(reason)} if first else set()
    for row in rows:
        kept = [match for match in row.topics if match[0] in given or not is_by_story(match[2])]
        if kept == row.topics:
            continue
        values: dict[str, Any] = {"topics": kept}
        if not kept:
            values |= {"event": Event.NONE.value, "previous_grade": None}
        await tx.execute(update(items).where(items.c.id == row.id).values(**values))


async def _rebuild(tx: AsyncConnection, story: StoryId) -> None:
    """Say anew of each item what it did to the story, and of the story what its items make it."""
    best: Grade | None = None
    for row in await _items(tx, story):
        grade = Grade(row.grade)
        if row.event == Event.NONE.value:
            continue
        event = Event.NEW if best is None else Event.UPGRADE if grade.rank > best.rank else Event.UPDATE
        changed = {"event": event.value, "previous_grade": best.value if best else None}
        if changed != {"event": row.event, "previous_grade": row.previous_grade}:
            await tx.execute(update(items).where(items.c.id == row.id).values(**changed))
        best = grade if best is None or grade.rank > best.rank else best
    rows = await _items(tx, story)
    # The topics of items whose text is no longer kept are known by the story alone.
    known = await tx.scalar(select(stories.c.topics).where(stories.c.id == story))
    values = {
        **grown_from(_verdicts(rows), topics=known or () if any(row.pruned for row in rows) else ()),
        **lead_values(await _lead(tx, rows)),
    }
    await tx.execute(update(stories).where(stories.c.id == story).values(**values))
    await tx.execute(delete(story_topics).where(story_topics.c.story_id == story))
    if values["topics"]:
        await tx.execute(
            insert(story_topics), [{"topic": topic, "story_id": story} for topic in values["topics"]]
        )


async def _items(tx: AsyncConnection, story: StoryId) -> list[Row[Any]]:
    return list(await tx.execute(select(items).where(items.c.story_id == story).order_by(items.c.id)))


async def _lead(tx: AsyncConnection, rows: list[Row[Any]]) -> Row[Any]:
    """Of the best proof what was told last, else the newest upgrade, else what began the story on a topic."""
    best = max(Grade(row.grade).rank for row in rows)
    equal = [row.id for row in rows if Grade(row.grade).rank == best and not row.pruned]
    told = select(alerts.c.item_id).where(
        alerts.c.item_id.in_(equal), alerts.c.event != Event.CORRECTION.value
    )
    last = await tx.scalar(told.order_by(alerts.c.id.desc()).limit(1))
    led = [row for row in rows if row.id == last]
    for event in (Event.UPGRADE, Event.NEW):
        led = led or [row for row in rows if row.event == event.value][-1:]
    return (led or rows)[0]


def _verdicts(rows: list[Row[Any]]) -> list[Verdict]:
    return [item_row(row).as_verdict() for row in rows]
