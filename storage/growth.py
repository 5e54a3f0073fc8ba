"""How stories grow: what newly stored verdicts do to the stories they belong to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.judgement.witnesses import with_speaker
from bot.model import Event, Grade, Item, StoryId, Verdict
from storage.dialects import PerDialect
from storage.schema import items, stories, story_topics

_HELD = select(
    stories.c.id,
    stories.c.grade,
    stories.c.topics,
    stories.c.outlets,
    stories.c.first_at,
    stories.c.last_at,
    stories.c.item_count,
    stories.c.says,
).where(stories.c.id.in_(bindparam("ids", expanding=True)))
_ADD = insert(stories)
_LEAD_COLUMNS = ("title", "url", "publisher", "language", "summary")
_GROWN_COLUMNS = ("grade", "topics", "outlets", "first_at", "last_at", "item_count", "says", "on_topic")
_GROW = (
    update(stories)
    .where(stories.c.id == bindparam("b_id"))
    .values({name: bindparam(f"b_{name}") for name in _GROWN_COLUMNS})
)
_NEW_LEAD = (
    update(stories)
    .where(stories.c.id == bindparam("b_id"))
    .values({name: bindparam(f"b_{name}") for name in _LEAD_COLUMNS})
)
_TOLD = (
    select(*(items.c[name] for name in _LEAD_COLUMNS), items.c.grade, stories.c.grade.label("story_grade"))
    .join(stories, stories.c.id == items.c.story_id)
    .where(items.c.id == bindparam("item"), stories.c.id == bindparam("story"), items.c.pruned.is_(False))
)
_ADD_TOPICS = PerDialect(
    story_topics, lambda insert: insert.on_conflict_do_nothing(index_elements=["topic", "story_id"])
)


@dataclass(slots=True, kw_only=True)
class _Growing:
    """A story while verdicts are added to it."""

    held: bool
    grade: Grade
    topics: list[str]
    outlets: list[str]
    first_at: datetime
    last_at: datetime
    item_count: int
    says: dict[str, str] = field(default_factory=dict)
    lead: Item | None = None  # only when it is new
    new_topics: list[str] = field(default_factory=list)

    def add(self, verdict: Verdict) -> None:
        item = verdict.item
        # An item on no topic may have begun the story: what it is known by is the first on one.
        if (not self.held and self.lead is None) or verdict.event in (Event.UPGRADE, Event.NEW):
            self.lead = item
        if verdict.graded.grade.rank > self.grade.rank:
            self.grade = verdict.graded.grade
        for topic in verdict.topic_ids:
            if topic not in self.topics:
                self.topics.append(topic)
                self.new_topics.append(topic)
        if item.publisher not in self.outlets:
            self.outlets.append(item.publisher)
        self.first_at = min(self.first_at, item.published)
        self.last_at = max(self.last_at, item.published)
        self.item_count += 1
        self.says = with_speaker(self.says, verdict.graded)

    def grown(self) -> dict[str, Any]:
        return {
            "grade": self.grade.value,
            "topics": self.topics,
            "outlets": self.outlets,
            "first_at": self.first_at,
            "last_at": self.last_at,
            "item_count": self.item_count,
            "says": self.says,
            "on_topic": bool(self.topics),
        }


async def grow_stories(tx: AsyncConnection, verdicts: Sequence[Verdict]) -> None:
    """Begin or extend the stories of these newly stored verdicts, in their order.

    Reads before it writes: in PostgreSQL the caller holds ``judge_lock``, in SQLite a transaction is alone anyway.
    """
    growing = await _held(tx, verdicts)
    for verdict in verdicts:
        story = growing.get(verdict.story)
        if story is None:
            story = growing[verdict.story] = _begun(verdict)
        story.add(verdict)
    begun = [
        {"id": story_id, **story.grown(), **lead_values(story.lead)}
        for story_id, story in growing.items()
        if not story.held and story.lead is not None
    ]
    if begun:
        await tx.execute(_ADD, begun)
    held = {story_id: story for story_id, story in growing.items() if story.held}
    if held:
        await tx.execute(_GROW, [_bound(story_id, story.grown()) for story_id, story in held.items()])
    leads = [_bound(story_id, lead_values(story.lead)) for story_id, story in held.items() if story.lead]
    if leads:
        await tx.execute(_NEW_LEAD, leads)
    topics = [
        {"topic": topic, "story_id": story_id}
        for story_id, story in growing.items()
        for topic in story.new_topics
    ]
    if topics:
        await tx.execute(_ADD_TOPICS.on(tx), topics)


def grown_from(verdicts: Sequence[Verdict], *, topics: Iterable[str] = ()) -> dict[str, Any]:
    """What a story is that holds just these verdicts, in their order. ``topics``: those it is known to be on beside."""
    story = _begun(verdicts[0])
    story.topics.extend(topics)
    for verdict in verdicts:
        story.add(verdict)
    return story.grown()


def lead_values(lead: Item | Row[Any]) -> dict[str, Any]:
    """What a story shows of the item that leads it."""
    return {name: getattr(lead, name) for name in _LEAD_COLUMNS}


async def lead_with_told(tx: AsyncConnection, story: StoryId, item: int) -> None:
    """Show the story by the item that is told of it, unless another one is better proof: what began it may have been
    recorded silently."""
    told = (await tx.execute(_TOLD, {"item": item, "story": story})).first()
    if told is not None and Grade(told.grade).rank >= Grade(told.story_grade).rank:
        await tx.execute(_NEW_LEAD, _bound(story, {name: getattr(told, name) for name in _LEAD_COLUMNS}))


async def _held(tx: AsyncConnection, verdicts: Sequence[Verdict]) -> dict[int, _Growing]:
    ids = sorted({verdict.story for verdict in verdicts})
    rows: list[Row[Any]] = list(await tx.execute(_HELD, {"ids": ids}))
    return {
        row.id: _Growing(
            held=True,
            grade=Grade(row.grade),
            topics=list(row.topics),
            outlets=list(row.outlets),
            first_at=row.first_at,
            last_at=row.last_at,
            item_count=row.item_count,
            says=dict(row.says),
        )
        for row in rows
    }


def _begun(verdict: Verdict) -> _Growing:
    return _Growing(
        held=False,
        grade=verdict.graded.grade,
        topics=[],
        outlets=[],
        first_at=verdict.item.published,
        last_at=verdict.item.published,
        item_count=0,
    )


def _bound(story_id: int, values: dict[str, Any]) -> dict[str, Any]:
    return {"b_id": story_id, **{f"b_{name}": value for name, value in values.items()}}
