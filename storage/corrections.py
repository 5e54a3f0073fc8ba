"""What was put right after it was told: who did, what it was before and after, and who has to hear of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import ChannelKey, Grade, ItemId, SourceId, StoryId, TopicId
from storage.delivery_rows import OPEN_STATES
from storage.items import stored_id
from storage.schema import alerts, deliveries, items
from storage.schema import corrections as table

#: "source": an item that corrects what its source told; "title": an item whose headline was changed. The others are
#: an administrator's, and change what judgement remembers.
Kind = Literal["source", "title", "grade", "merge", "split", "state"]
_BY_PEOPLE = ("grade", "merge", "split", "state")


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """``other``: the story that was merged into ``story``, or split off from it. ``made_by``: the person's id on their
    platform, "" for a source. ``channel``: where it was asked for."""

    kind: Kind
    at: datetime
    before: str
    after: str
    story: StoryId | None = None
    other: StoryId | None = None
    item: ItemId | None = None
    topic: str = ""
    question: str = ""
    made_by: str = ""
    channel: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldItem:
    """An item that was worth an alert, with the headline that it was last told by."""

    id: ItemId
    story: StoryId
    title: str
    grade: Grade
    topics: tuple[TopicId, ...]
    changes: int  # how often its headline was changed and told before


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """How a channel hears of a story. ``until``: when it will have heard what still waits for it, None when nothing
    does; ``digest``: that is told in its next digest."""

    until: datetime | None = None
    digest: bool = False


_OF_STORY = (
    select(table)
    .where((table.c.story_id == bindparam("story")) | (table.c.other_story_id == bindparam("story")))
    .order_by(table.c.id)
)
_EPOCH = select(func.max(table.c.id)).where(table.c.kind.in_(_BY_PEOPLE))
_MERGED = (
    select(table.c.story_id)
    .where(table.c.kind == "merge", table.c.other_story_id == bindparam("story"))
    .order_by(table.c.id.desc())
    .limit(1)
)
_TOLD_ITEMS = select(items).where(
    items.c.source_id == bindparam("source"),
    items.c.external_id.in_(bindparam("ids", expanding=True)),
    items.c.alert.is_(True),
    items.c.pruned.is_(False),
)
_TITLES = (
    select(table.c.item_id, table.c.after)
    .where(table.c.kind == "title", table.c.item_id.in_(bindparam("ids", expanding=True)))
    .order_by(table.c.id)
)
_HEARING = (
    select(deliveries.c.channel, deliveries.c.state, deliveries.c.due, deliveries.c.digest)
    .join(alerts, alerts.c.id == deliveries.c.alert_id)
    .where(
        alerts.c.story_id.in_(bindparam("stories", expanding=True)),
        deliveries.c.state.in_((*OPEN_STATES, "folded", "sent")),
    )
)


async def record(tx: AsyncConnection, correction: Correction) -> int:
    """Keep it; returns its number."""
    values = {
        "kind": correction.kind,
        "story_id": correction.story,
        "other_story_id": correction.other,
        "item_id": correction.item,
        "topic": correction.topic,
        "question": correction.question,
        "before": correction.before,
        "after": correction.after,
        "made_by": correction.made_by,
        "channel": correction.channel,
        "at": correction.at,
    }
    return int((await tx.execute(insert(table).returning(table.c.id), values)).scalar_one())


async def of_story(conn: AsyncConnection, story: StoryId) -> list[Correction]:
    """What was put right about a story, the first first."""
    return [
        Correction(
            kind=row.kind,
            at=row.at,
            before=row.before,
            after=row.after,
            story=row.story_id,
            other=row.other_story_id,
            item=row.item_id,
            topic=row.topic,
            question=row.question,
            made_by=row.made_by,
            channel=row.channel,
        )
        for row in await conn.execute(_OF_STORY, {"story": story})
    ]


async def epoch(conn: AsyncConnection) -> int:
    """Grows whenever a person put right something that judgement remembers."""
    return await conn.scalar(_EPOCH) or 0


async def current_story(conn: AsyncConnection, story: StoryId) -> StoryId:
    """The story under which this one is found today: another one when it was merged."""
    seen = {story}
    while (into := await conn.scalar(_MERGED, {"story": story})) is not None and into not in seen:
        seen.add(into)
        story = StoryId(into)
    return story


async def told_items(
    conn: AsyncConnection, source: SourceId, external_ids: Sequence[str]
) -> dict[str, ToldItem]:
    """Of these entries of a source those that were worth an alert, by entry id."""
    given = {stored_id(external): external for external in external_ids}
    if not given:
        return {}
    rows = list(await conn.execute(_TOLD_ITEMS, {"source": source, "ids": list(given)}))
    if not rows:
        return {}
    titles: dict[int, list[str]] = {}
    for change in await conn.execute(_TITLES, {"ids": [row.id for row in rows]}):
        titles.setdefault(change.item_id, []).append(change.after)
    return {
        given[row.external_id]: ToldItem(
            id=ItemId(row.id),
            story=StoryId(row.story_id),
            title=titles.get(row.id, [row.title])[-1],
            grade=Grade(row.grade),
            topics=tuple(TopicId(topic) for topic, _, _ in row.topics),
            changes=len(titles.get(row.id, ())),
        )
        for row in rows
    }


async def hearing(conn: AsyncConnection, stories: Sequence[StoryId]) -> dict[ChannelKey, Hearing]:
    """Every channel that was told, or is about to be told, of these stories."""
    found: dict[ChannelKey, Hearing] = {}
    for row in await conn.execute(_HEARING, {"stories": list(stories)}):
        key = ChannelKey(row.channel)
        held = found.get(key, Hearing())
        waits = row.state in OPEN_STATES
        until = max(filter(None, (held.until, row.due if waits else None)), default=None)
        found[key] = Hearing(until=until, digest=held.digest or (waits and row.digest))
    return found
