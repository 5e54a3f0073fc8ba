"""Alerts and deliveries as values, and the one query that reads them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row, Select, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import ChannelKey, Event, Grade, ItemId, StoryId, TopicId
from storage.schema import alerts, deliveries

Kind = Literal["alert", "digest", "notice", "sample"]

#: States of a delivery that has no outcome yet; "folded" is told by its digest.
OPEN_STATES = ("pending", "retry", "sending")


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRow:
    """A decision that a story's event deserves telling. ``excerpt`` is what the proof said when it was seen."""

    id: int
    story: StoryId
    item: ItemId | None
    event: Event
    grade: Grade
    previous_grade: Grade | None
    reason: str
    answers: tuple[str, ...]
    topics: tuple[TopicId, ...]
    excerpt: str
    excerpt_sha256: str
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow:
    """One message for one channel. ``ambiguous``: an earlier try may have arrived, so look before sending again.
    ``digest_of``: the ids of the deliveries that a digest tells; ``folded_for``: why one of them is told there and not
    singly, "" when that is its subscription's wish. ``title`` and ``text`` are a notice's."""

    id: int
    token: str
    alert: AlertRow | None
    channel: ChannelKey
    kind: Kind
    state: str
    attempts: int
    due: datetime
    first_tried: datetime | None
    ambiguous: bool
    last_error: str
    message_id: str | None
    thread_id: str | None
    digest_of: tuple[int, ...]
    folded_for: str
    title: str
    text: str
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPlan:
    """A channel to tell, and when. ``digest``: together with others that are due then; ``folded_for``: why so, where
    the subscription does not ask for it: budget, burst, quiet or feedback. ``hour_due`` and ``digest_due``: when the
    digest of the hour and of the day would take it, should it be one message too many."""

    channel: ChannelKey
    due: datetime
    digest: bool = False
    folded_for: str = ""
    hour_due: datetime | None = None
    digest_due: datetime | None = None


_ALERT = "alert_row_"
_ROWS: Select[Any] = select(
    deliveries, *(column.label(_ALERT + column.name) for column in alerts.c)
).outerjoin_from(deliveries, alerts, alerts.c.id == deliveries.c.alert_id)
_BY_IDS = _ROWS.where(deliveries.c.id.in_(bindparam("ids", expanding=True))).order_by(deliveries.c.id)
_OF_DIGESTS = _ROWS.where(deliveries.c.digest_id.in_(bindparam("ids", expanding=True))).order_by(
    deliveries.c.id
)
_FOLDED_IDS = (
    select(deliveries.c.digest_id, deliveries.c.id)
    .where(deliveries.c.digest_id.in_(bindparam("ids", expanding=True)))
    .order_by(deliveries.c.id)
)


_OF_STORY = _ROWS.where(
    alerts.c.story_id == bindparam("story"),
    deliveries.c.channel == bindparam("channel"),
    deliveries.c.id < bindparam("before"),
    deliveries.c.state.in_(bindparam("states", expanding=True)),
).order_by(deliveries.c.id)


async def rows_by_id(conn: AsyncConnection, ids: Iterable[int]) -> list[DeliveryRow]:
    """These deliveries, oldest first."""
    rows = list(await conn.execute(_BY_IDS, {"ids": list(ids)}))
    digests = [row.id for row in rows if row.kind == "digest"]
    folded: dict[int, list[int]] = {}
    if digests:
        for digest, child in await conn.execute(_FOLDED_IDS, {"ids": digests}):
            folded.setdefault(digest, []).append(child)
    return [_delivery(row, tuple(folded.get(row.id, ()))) for row in rows]


async def rows_of_story(
    conn: AsyncConnection, story: StoryId, channel: ChannelKey, *, before: int, states: Sequence[str]
) -> list[DeliveryRow]:
    """The deliveries of a story to a channel that are in one of these states and came before another, oldest first."""
    asked = {"story": story, "channel": channel, "before": before, "states": list(states)}
    return [_delivery(row, ()) for row in await conn.execute(_OF_STORY, asked)]


async def children(conn: AsyncConnection, delivery_id: int) -> list[DeliveryRow]:
    """The deliveries that this digest tells, oldest first."""
    return [_delivery(row, ()) for row in await conn.execute(_OF_DIGESTS, {"ids": [delivery_id]})]


def _delivery(row: Row[Any], digest_of: tuple[int, ...]) -> DeliveryRow:
    return DeliveryRow(
        id=row.id,
        token=row.token,
        alert=None if row.alert_id is None else _alert(row),
        channel=ChannelKey(row.channel),
        kind=row.kind,
        state=row.state,
        attempts=row.attempts,
        due=row.due,
        first_tried=row.first_tried,
        ambiguous=row.ambiguous,
        last_error=row.last_error,
        message_id=row.message_id,
        thread_id=row.thread_id,
        digest_of=digest_of,
        folded_for=row.folded_for,
        title=row.title,
        text=row.text,
        created=row.created,
    )


def _alert(row: Row[Any]) -> AlertRow:
    values = {column.name: getattr(row, _ALERT + column.name) for column in alerts.c}
    previous = values["previous_grade"]
    return AlertRow(
        id=values["id"],
        story=StoryId(values["story_id"]),
        item=None if values["item_id"] is None else ItemId(values["item_id"]),
        event=Event(values["event"]),
        grade=Grade(values["grade"]),
        previous_grade=None if previous is None else Grade(previous),
        reason=values["reason"],
        answers=tuple(values["answers"]),
        topics=tuple(TopicId(topic) for topic in values["topics"]),
        excerpt=values["excerpt"],
        excerpt_sha256=values["excerpt_sha256"],
        created=values["created"],
    )
