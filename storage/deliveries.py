"""The outbox: alerts, the deliveries that tell them, and what became of each."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import ChannelKey, Event, Grade, StoryId, TopicId
from storage.columns import storable
from storage.delivery_rows import OPEN_STATES, AlertRow, DeliveryPlan, DeliveryRow, children
from storage.dialects import PerDialect
from storage.growth import lead_with_told
from storage.outbox import (
    claim,
    fold_digests,
    new_row,
    record_failed,
    record_retry,
    record_sent,
    release,
    void_leases,
)
from storage.schema import alerts
from storage.schema import deliveries as table
from storage.subscriptions import ensure_channels
from storage.withdrawing import WITHDRAWN

__all__ = [
    "AlertRow",
    "DeliveryPlan",
    "DeliveryRow",
    "add_alert",
    "add_deliveries",
    "add_notice",
    "children",
    "claim",
    "counts",
    "first_message",
    "fold_digests",
    "next_due",
    "pending",
    "record_failed",
    "record_retry",
    "record_sent",
    "release",
    "told_channels",
    "void_leases",
]

_ADD_ALERT = insert(alerts).returning(alerts.c.id)
_ADD = PerDialect(
    table,
    lambda insert: insert.on_conflict_do_nothing(index_elements=["alert_id", "channel"]).returning(
        table.c.id
    ),
)
_ADD_NOTICE = PerDialect(
    table,
    lambda insert: insert.on_conflict_do_nothing(index_elements=["channel", "notice_key"]).returning(
        table.c.id
    ),
)
_FIRST_MESSAGE = (
    select(table.c.message_id, table.c.thread_id)
    .join(alerts, alerts.c.id == table.c.alert_id)
    .where(
        alerts.c.story_id == bindparam("story"),
        table.c.channel == bindparam("channel"),
        table.c.state == "sent",
        table.c.message_id.is_not(None),
    )
    .order_by(table.c.id)
    .limit(1)
)
_TOLD = (
    select(table.c.channel)
    .join(alerts, alerts.c.id == table.c.alert_id)
    .where(alerts.c.story_id == bindparam("story"), table.c.state != WITHDRAWN)
    .distinct()
)
_COUNTS = select(table.c.state, func.count().label("number")).group_by(table.c.state)
_SOONEST = select(func.min(table.c.due)).where(table.c.state.in_(("pending", "retry")))
_FIRST_LEASE_END = select(func.min(table.c.lease_until)).where(table.c.state == "sending")


async def add_alert(
    tx: AsyncConnection,
    *,
    story: StoryId,
    item: int | None,
    event: Event,
    grade: Grade,
    previous_grade: Grade | None,
    reason: str,
    answers: Sequence[str],
    topics: Sequence[TopicId],
    excerpt: str,
    now: datetime,
) -> int:
    """Save a decision to tell, with what the proof said and its hash; returns the alert's id."""
    kept = storable(excerpt)
    values = {
        "story_id": story,
        "item_id": item,
        "event": event.value,
        "grade": grade.value,
        "previous_grade": None if previous_grade is None else previous_grade.value,
        "reason": reason,
        "answers": list(answers),
        "topics": list(topics),
        "excerpt": kept,
        "excerpt_sha256": hashlib.sha256(kept.encode()).hexdigest(),
        "created": now,
    }
    if item is not None and event is not Event.CORRECTION:
        await lead_with_told(tx, story, item)
    return int((await tx.execute(_ADD_ALERT, values)).scalar_one())


async def add_deliveries(
    tx: AsyncConnection, alert_id: int, plans: Sequence[DeliveryPlan], *, now: datetime
) -> int:
    """Put the alert into the outbox for these channels; returns how many had it not there yet."""
    if not plans:
        return 0
    await ensure_channels(tx, [plan.channel for plan in plans])
    rows = [
        new_row(
            kind="alert",
            channel=plan.channel,
            due=plan.due,
            now=now,
            alert_id=alert_id,
            digest=plan.digest,
            folded_for=plan.folded_for,
        )
        for plan in plans
    ]
    return len((await tx.execute(_ADD.on(tx), rows)).all())


async def add_notice(
    tx: AsyncConnection,
    channel: ChannelKey,
    title: str,
    text: str,
    *,
    now: datetime,
    key: str,
    due: datetime | None = None,
) -> bool:
    """Tell the channel something about Tipoff itself, once for each ``key``; False when that was said before.
    ``due``: not before then (now)."""
    await ensure_channels(tx, [channel])
    row = new_row(
        kind="notice", channel=channel, due=due or now, now=now, notice_key=key, title=title, text=text
    )
    return (await tx.execute(_ADD_NOTICE.on(tx), row)).first() is not None


async def first_message(
    conn: AsyncConnection, story: StoryId, channel: ChannelKey
) -> tuple[str, str | None] | None:
    """Message and thread id of the first alert of the story that the channel got; digests do not count."""
    row = (await conn.execute(_FIRST_MESSAGE, {"story": story, "channel": channel})).first()
    return None if row is None else (row.message_id, row.thread_id)


async def told_channels(conn: AsyncConnection, story: StoryId) -> frozenset[ChannelKey]:
    """Channels that an alert of the story was ever planned for, whatever became of it, unless their filters kept it out
    while it waited."""
    return frozenset(ChannelKey(key) for key in await conn.scalars(_TOLD, {"story": story}))


async def counts(conn: AsyncConnection) -> dict[str, int]:
    """How many deliveries are in each state that occurs."""
    return {row.state: row.number for row in await conn.execute(_COUNTS)}


async def pending(conn: AsyncConnection, channel: ChannelKey | None = None) -> int:
    """How many deliveries have no outcome yet, of one channel or of all; folded ones count with their digest."""
    query = select(func.count()).where(table.c.state.in_(OPEN_STATES))
    if channel is not None:
        query = query.where(table.c.channel == channel)
    return await conn.scalar(query) or 0


async def next_due(conn: AsyncConnection, *, platforms: Sequence[str] | None = None) -> datetime | None:
    """When there may next be something to claim or fold (of these platforms): the soonest due time or end of a
    lease. A time that has passed may still be blocked by an earlier delivery of its channel."""
    moments: list[datetime | None] = []
    for query in (_SOONEST, _FIRST_LEASE_END):
        asked = query if platforms is None else query.where(table.c.platform.in_(list(platforms)))
        moments.append(await conn.scalar(asked))
    return min((moment for moment in moments if moment is not None), default=None)
