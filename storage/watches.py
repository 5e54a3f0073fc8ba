"""Watch questions: the state of each answer, the evidence for it, and every move it made."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.judgement.witnesses import independent
from bot.model import Grade, ItemId, KnownState, StoryId, TopicId, Verdict
from storage.dialects import PerDialect
from storage.schema import items, stories, watch_moves, watch_states


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchAnswer:
    """Where a question stands. ``title``, ``url`` and ``grade`` are those of the best evidence: what moved it, or
    better proof that its story has since. ``story`` is None when the answer was known before anything was read."""

    topic: TopicId
    question_id: str
    state: str
    since: datetime
    story: StoryId | None
    title: str
    url: str
    grade: Grade | None
    moves: int
    witnesses: int = 0  # of its story, who say so independently of each other


def _overwrite(insert: Any, *, only_older: bool) -> Any:
    new = insert.excluded
    return insert.on_conflict_do_update(
        index_elements=["topic", "question"],
        set_={
            **{name: new[name] for name in ("state", "since", "story_id", "title", "url", "grade")},
            "moves": watch_states.c.moves + 1,
        },
        where=watch_states.c.since < new.since if only_older else None,
    )


_MOVE = PerDialect(watch_states, lambda insert: _overwrite(insert, only_older=False))
_SEED = PerDialect(
    watch_states,
    lambda insert: _overwrite(insert, only_older=True).returning(watch_states.c.topic),
)
_ADD_MOVE = insert(watch_moves)
_ANSWERS = (
    select(
        watch_states,
        stories.c.says,
        stories.c.title.label("lead_title"),
        stories.c.url.label("lead_url"),
        stories.c.grade.label("lead_grade"),
    )
    .outerjoin(stories, stories.c.id == watch_states.c.story_id)
    .order_by(watch_states.c.topic, watch_states.c.question)
)


_MOVES_OF = (
    select(items.c.story_id, watch_moves.c.state)
    .join(items, items.c.id == watch_moves.c.item_id)
    .where(items.c.story_id.in_(bindparam("stories", expanding=True)))
    .order_by(watch_moves.c.id)
)


async def moves_of(conn: AsyncConnection, shown: Sequence[StoryId]) -> dict[StoryId, list[str]]:
    """By story the states that its items gave to answers, the first first."""
    found: dict[StoryId, list[str]] = {}
    for row in await conn.execute(_MOVES_OF, {"stories": list(shown)}):
        found.setdefault(StoryId(row.story_id), []).append(row.state)
    return found


async def watch_answers(conn: AsyncConnection) -> list[WatchAnswer]:
    """The answer of every question that has one."""
    return [_answer(row) for row in await conn.execute(_ANSWERS)]


def _answer(row: Row[Any]) -> WatchAnswer:
    moved_by = None if row.grade is None else Grade(row.grade)
    lead = None if row.lead_grade is None else Grade(row.lead_grade)
    is_better = moved_by is not None and lead is not None and lead.rank > moved_by.rank
    return WatchAnswer(
        topic=TopicId(row.topic),
        question_id=row.question,
        state=row.state,
        since=row.since,
        story=None if row.story_id is None else StoryId(row.story_id),
        title=row.lead_title if is_better else row.title,
        url=row.lead_url if is_better else row.url,
        grade=lead if is_better else moved_by,
        moves=row.moves,
        witnesses=len(independent(row.says or {})),
    )


async def set_known(tx: AsyncConnection, topic: TopicId, question_id: str, known: KnownState) -> None:
    """Seed an answer from the catalog. One that is as new or newer stays; saying it again changes nothing."""
    previous = await tx.scalar(
        select(watch_states.c.state).where(
            watch_states.c.topic == topic, watch_states.c.question == question_id
        )
    )
    row = {
        "topic": topic,
        "question": question_id,
        "state": known.state,
        "since": known.at,
        "story_id": None,
        "title": known.note,
        "url": known.link,
        "grade": None,
        "moves": 1,
    }
    if await tx.scalar(_SEED.on(tx), row) is None:
        return
    move = {
        "topic": topic,
        "question": question_id,
        "state": known.state,
        "previous": previous or "",
        "at": known.at,
        "reason": f"known from the catalog: {known.link}",
        "item_id": None,
    }
    await tx.execute(_ADD_MOVE, move)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """The item that gave an answer."""

    item: ItemId
    story: StoryId
    title: str
    url: str
    grade: Grade


_GAVE = (
    select(items.c.id, items.c.story_id, items.c.title, items.c.url, items.c.grade)
    .join(watch_moves, watch_moves.c.item_id == items.c.id)
    .where(
        watch_moves.c.topic == bindparam("topic"),
        watch_moves.c.question == bindparam("question"),
        watch_moves.c.state == bindparam("state"),
        items.c.pruned.is_(False),
    )
    .order_by(watch_moves.c.id)
)


async def _best_proof(tx: AsyncConnection, topic: TopicId, question_id: str, state: str) -> Proof | None:
    """Of the items that ever gave this answer the best graded, of equals the last."""
    given = await tx.execute(_GAVE, {"topic": topic, "question": question_id, "state": state})
    found = [
        Proof(
            item=ItemId(row.id),
            story=StoryId(row.story_id),
            title=row.title,
            url=row.url,
            grade=Grade(row.grade),
        )
        for row in given
    ]
    return max(reversed(found), key=lambda proof: proof.grade.rank, default=None)


async def set_by_hand(
    tx: AsyncConnection, topic: TopicId, question_id: str, state: str, *, reason: str, now: datetime
) -> Proof | None:
    """Put an answer right. It stands since ``now``, so that nothing older moves it again. Its evidence is what gave
    this answer before, if anything did: that is returned. Else ``reason`` stands there and no article, as that of the
    answer before says something else."""
    proof = await _best_proof(tx, topic, question_id, state)
    held = (
        await tx.execute(
            select(watch_states).where(watch_states.c.topic == topic, watch_states.c.question == question_id)
        )
    ).first()
    row = {
        "topic": topic,
        "question": question_id,
        "state": state,
        "since": now,
        "story_id": proof.story if proof else held.story_id if held else None,
        "title": proof.title if proof else reason,
        "url": proof.url if proof else "",
        "grade": await _grade_to_show(tx, proof) if proof else None,
        "moves": 1,
    }
    await tx.execute(_MOVE.on(tx), row)
    move = {
        "topic": topic,
        "question": question_id,
        "state": state,
        "previous": held.state if held else "",
        "at": now,
        "reason": reason,
        "item_id": None,
    }
    await tx.execute(_ADD_MOVE, move)
    return proof


async def _grade_to_show(tx: AsyncConnection, proof: Proof) -> str | None:
    """None where the proof's story has better proof: that may say something else, and would be shown in its place."""
    best = await tx.scalar(select(stories.c.grade).where(stories.c.id == proof.story))
    return None if best and Grade(best).rank > proof.grade.rank else proof.grade.value


async def record_moves(tx: AsyncConnection, stored: Sequence[tuple[Verdict, ItemId]]) -> None:
    """Save the moves of newly stored verdicts, in their order; the last one is the answer."""
    moved = [(verdict, item, move) for verdict, item in stored for move in verdict.watch]
    if not moved:
        return
    states = [
        {
            "topic": move.topic,
            "question": move.question,
            "state": move.state,
            "since": verdict.item.published,
            "story_id": verdict.story,
            "title": verdict.item.title,
            "url": verdict.item.url,
            "grade": verdict.graded.grade.value,
            "moves": 1,
        }
        for verdict, _, move in moved
    ]
    moves = [
        {
            "topic": move.topic,
            "question": move.question,
            "state": move.state,
            "previous": move.previous,
            "at": verdict.item.published,
            "reason": move.reason,
            "item_id": item,
        }
        for verdict, item, move in moved
    ]
    await tx.execute(_MOVE.on(tx), states)
    await tx.execute(_ADD_MOVE, moves)
