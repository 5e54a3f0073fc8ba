"""Alerts that wait for better proof: the next ones of their story take their place, a second witness lets them go.

A held delivery is an ordinary one in the outbox that is not due yet, so a crash loses nothing.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import ChannelKey, Event, Grade, StoryId, TopicId
from storage.columns import Moment
from storage.database import outbox_lock
from storage.delivery_rows import DeliveryRow, rows_of_story
from storage.schema import alerts
from storage.schema import deliveries as table

#: The final state of a delivery whose story was told by a better one before it went out.
REPLACED = "replaced"
_TOLD_OR_REPLACED = (REPLACED, "sent", "sending", "retry", "folded")

_WAITING = (
    select(table.c.id, table.c.channel, table.c.due, table.c.created, table.c.digest)
    .join(alerts, alerts.c.id == table.c.alert_id)
    .where(
        alerts.c.story_id == bindparam("story"),
        table.c.state == "pending",
        table.c.digest.is_(False) | (table.c.folded_for != ""),
        table.c.attempts == 0,
    )
    .order_by(table.c.id)
)
_REPLACE = (
    update(table)
    .where(table.c.id.in_(bindparam("ids", expanding=True)), table.c.state == "pending")
    .values(state=REPLACED, finished=bindparam("b_now", type_=Moment()))
    .returning(table.c.channel)
)
_LET_GO = (
    update(table)
    .where(table.c.id.in_(bindparam("ids", expanding=True)), table.c.state == "pending")
    .values(due=bindparam("b_due", type_=Moment()))
)


#: What is due so much later than it was decided was put off by quiet hours, not by the wait for better proof.
_PUT_OFF = timedelta(minutes=10)
_OF_CHANNEL = (
    select(
        table.c.id, table.c.due, table.c.created, table.c.digest, table.c.folded_for,
        alerts.c.topics, alerts.c.grade, alerts.c.event,
    )
    .outerjoin_from(table, alerts, alerts.c.id == table.c.alert_id)
    .where(
        table.c.channel == bindparam("channel"),
        table.c.state == "pending",
        table.c.attempts == 0,
        table.c.due > bindparam("now", type_=Moment()),
        table.c.folded_for.in_(("", "quiet")),
    )
    .order_by(table.c.id)
)  # fmt: skip
_MOVE = (
    update(table)
    .where(table.c.id == bindparam("b_id"), table.c.state == "pending")
    .values(due=bindparam("b_due", type_=Moment()))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PutOff:
    """A delivery that waits for the end of quiet hours, or for a ``digest`` that its subscription asks for. ``to_all``:
    a notice or a correction, which filters do not keep out; a notice is of no topic."""

    id: int
    due: datetime
    created: datetime
    digest: bool
    to_all: bool
    topics: tuple[TopicId, ...] = ()
    grade: Grade = Grade.OFFICIAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A delivery of a story that nobody tried to send yet: held, in quiet hours, or in a ``digest`` that its
    subscription does not ask for."""

    id: int
    channel: ChannelKey
    due: datetime
    created: datetime
    digest: bool = False


async def waiting(conn: AsyncConnection, story: StoryId) -> list[Waiting]:
    """Alerts of the story that were not tried yet, the oldest first, without those for a digest that is asked for."""
    return [
        Waiting(
            id=row.id, channel=ChannelKey(row.channel), due=row.due, created=row.created, digest=row.digest
        )
        for row in await conn.execute(_WAITING, {"story": story})
    ]


async def replace_waiting(
    tx: AsyncConnection, found: Collection[Waiting], *, now: datetime
) -> frozenset[ChannelKey]:
    """End these: a later alert of the story is told in their place. Returns the channels in which that is so; one
    that is being sent by now is not among them."""
    if not found:
        return frozenset()
    channels = await tx.scalars(_REPLACE, {"ids": [row.id for row in found], "b_now": now})
    return frozenset(ChannelKey(channel) for channel in channels)


async def let_go(tx: AsyncConnection, story: StoryId, *, hold: timedelta, now: datetime) -> int:
    """Make due what is held for ``hold`` alone (not what waits for the end of quiet hours); returns how many."""
    ids = [
        row.id
        for row in await waiting(tx, story)
        if not row.digest and row.due - row.created == hold and row.due > now
    ]
    if ids:
        await tx.execute(_LET_GO, {"ids": ids, "b_due": now})
    return len(ids)


async def put_off(tx: AsyncConnection, channel: ChannelKey, *, now: datetime) -> list[PutOff]:
    """What quiet hours or a digest put off for this channel, the oldest first. Nothing of it is sent until the end of
    the transaction."""
    await outbox_lock(tx)
    return [
        PutOff(
            id=row.id, due=row.due, created=row.created, digest=row.digest and row.folded_for != "quiet",
            to_all=row.event in (None, Event.CORRECTION.value), topics=tuple(row.topics or ()),
            grade=Grade(row.grade) if row.grade else Grade.OFFICIAL,
        )
        for row in await tx.execute(_OF_CHANNEL, {"channel": channel, "now": now})
        if row.digest or row.due - row.created > _PUT_OFF
    ]  # fmt: skip


async def move(tx: AsyncConnection, dues: Mapping[int, datetime]) -> None:
    """Tell each of these deliveries, by id, at that moment."""
    if dues:
        await tx.execute(_MOVE, [{"b_id": key, "b_due": due} for key, due in dues.items()])


async def earlier(
    conn: AsyncConnection, story: StoryId, channel: ChannelKey, *, before: int
) -> list[DeliveryRow]:
    """The deliveries of the story to this channel before the one numbered ``before``, the oldest first: what was told,
    what is being told, and what another was told in the place of."""
    return await rows_of_story(conn, story, channel, before=before, states=_TOLD_OR_REPLACED)
