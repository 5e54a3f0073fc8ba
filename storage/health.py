"""How sources are doing: what they brought lately, which cannot be read, and who was told so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, case, distinct, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import SourceId
from storage.columns import Moment
from storage.schema import alerts, items, sources
from storage.sources import SourceState, state_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """What a source brought in a span of time: items (of its first document only what was told), and how many of them
    led to an alert."""

    items: int = 0
    alerted: int = 0


_ITEMS = (
    select(items.c.source_id, func.count().label("number"))
    .where(items.c.seen >= bindparam("since", type_=Moment()), items.c.backfill.is_(False))
    .group_by(items.c.source_id)
)
_ALERTED = (
    select(
        items.c.source_id,
        func.count(distinct(alerts.c.item_id)).label("number"),
        func.count(distinct(case((items.c.backfill, items.c.id)))).label("old"),
    )
    .select_from(alerts)
    .join(items, items.c.id == alerts.c.item_id)
    .where(
        alerts.c.created >= bindparam("since", type_=Moment()),
        items.c.seen >= bindparam("since", type_=Moment()),
    )
    .group_by(items.c.source_id)
)
_ENABLED = (sources.c.enabled.is_(True), sources.c.stopped == "")
_SUSPECTS = (
    select(sources)
    .where(
        *_ENABLED,
        or_(
            sources.c.failures >= bindparam("failures"),
            sources.c.announced.is_not(None),
            sources.c.last_new < bindparam("silent_since", type_=Moment()),
        ),
    )
    .order_by(sources.c.id)
)
_FAILING = (
    select(func.count()).select_from(sources).where(*_ENABLED, sources.c.failures > 0, sources.c.oks > 0)
)
_READ = select(func.count()).select_from(sources).where(*_ENABLED, sources.c.oks > 0)
_MARK = (
    update(sources)
    .where(sources.c.id.in_(bindparam("ids", expanding=True)), sources.c.announced.is_(None))
    .values(announced=bindparam("b_now", type_=Moment()))
    .returning(sources.c.id)
)
_CLEAR = (
    update(sources)
    .where(sources.c.id.in_(bindparam("ids", expanding=True)), sources.c.announced.is_not(None))
    .values(announced=None)
    .returning(sources.c.id)
)


async def activity(
    conn: AsyncConnection, *, since: datetime, ids: Sequence[SourceId] | None = None
) -> dict[SourceId, Activity]:
    """By source, for those (of ``ids``, or of all) that brought something since then."""
    brought_by, told_by = _ITEMS, _ALERTED
    if ids is not None:
        brought_by, told_by = (asked.where(items.c.source_id.in_(ids)) for asked in (_ITEMS, _ALERTED))
    brought = {row.source_id: row.number for row in await conn.execute(brought_by, {"since": since})}
    told = {row.source_id: (row.number, row.old) for row in await conn.execute(told_by, {"since": since})}
    found = {}
    for source in brought.keys() | told.keys():
        alerted, old = told.get(source, (0, 0))
        found[SourceId(source)] = Activity(items=brought.get(source, 0) + old, alerted=alerted)
    return found


async def suspects(conn: AsyncConnection, *, failures: int, silent_since: datetime) -> list[SourceState]:
    """Sources that may have to be announced: that failed so often, brought nothing since then, or are announced."""
    rows = await conn.execute(_SUSPECTS, {"failures": failures, "silent_since": silent_since})
    return [state_of(row) for row in rows]


async def failing_share(conn: AsyncConnection) -> tuple[int, int]:
    """How many of the sources that were ever read failed at their last poll, and of how many."""
    return await conn.scalar(_FAILING) or 0, await conn.scalar(_READ) or 0


async def mark_announced(tx: AsyncConnection, ids: Sequence[SourceId], *, now: datetime) -> set[SourceId]:
    """Note that people are told of these; returns those that nobody had noted before."""
    if not ids:
        return set()
    return {SourceId(row.id) for row in await tx.execute(_MARK, {"ids": list(ids), "b_now": now})}


async def clear_announced(tx: AsyncConnection, ids: Sequence[SourceId]) -> set[SourceId]:
    """Note that these are back; returns those for which nobody had noted it before."""
    if not ids:
        return set()
    return {SourceId(row.id) for row in await tx.execute(_CLEAR, {"ids": list(ids)})}
