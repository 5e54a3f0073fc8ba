"""What waits for a channel that no longer wants it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import ChannelKey, Event
from storage.columns import Moment
from storage.database import outbox_lock
from storage.delivery_rows import OPEN_STATES
from storage.items import ItemRow, item_row
from storage.schema import alerts, items
from storage.schema import deliveries as table

#: The final state of a delivery that waited when its channel asked for something else.
WITHDRAWN = "withdrawn"
_TOLD = (*OPEN_STATES, "folded", "sent")

_MINE = (
    table.c.channel == bindparam("b_channel"),
    table.c.state == "pending",
    table.c.attempts == 0,
)
_UNTRIED = (
    select(items, table.c.id.label("delivery_id"), alerts.c.event.label("alert_event"))
    .join_from(table, alerts, alerts.c.id == table.c.alert_id)
    .join(items, items.c.id == alerts.c.item_id)
    .where(*_MINE, alerts.c.event != Event.CORRECTION.value)
    .order_by(table.c.id)
)
_END = (
    update(table)
    .where(table.c.id.in_(bindparam("b_ids", expanding=True)), *_MINE)
    .values(state=WITHDRAWN, finished=bindparam("b_now", type_=Moment()))
    .returning(table.c.id)
)
#: Stories of which the channel was told something, or will be.
_TOLD_STORIES = (
    select(alerts.c.story_id)
    .join(table, table.c.alert_id == alerts.c.id)
    .where(
        table.c.channel == bindparam("b_channel"),
        table.c.state.in_(_TOLD),
        alerts.c.event != Event.CORRECTION.value,
        alerts.c.story_id.in_(bindparam("b_stories", expanding=True)),
    )
)
_CORRECTIONS = select(alerts.c.id).where(
    alerts.c.event == Event.CORRECTION.value,
    alerts.c.story_id.in_(bindparam("b_stories", expanding=True)),
    alerts.c.story_id.not_in(_TOLD_STORIES),
)
_END_CORRECTIONS = (
    update(table)
    .where(*_MINE, table.c.alert_id.in_(_CORRECTIONS))
    .values(state=WITHDRAWN, finished=bindparam("b_now", type_=Moment()))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Untried:
    """An alert that waits for a channel, singly or for a digest, and was not tried yet: the item that it tells, and
    as what."""

    id: int
    item: ItemRow
    event: Event


async def untried(tx: AsyncConnection, channel: ChannelKey) -> list[Untried]:
    """The oldest first, without corrections. Nothing of it is sent until the end of the transaction."""
    await outbox_lock(tx)
    return [
        Untried(id=row.delivery_id, item=item_row(row), event=Event(row.alert_event))
        for row in await tx.execute(_UNTRIED, {"b_channel": channel})
    ]


async def withdraw(
    tx: AsyncConnection, channel: ChannelKey, found: Collection[Untried], *, now: datetime
) -> int:
    """End these, with the corrections of what is then not told at all; returns how many alerts that were."""
    if not found:
        return 0
    asked = {"b_channel": channel, "b_now": now}
    ended = set(await tx.scalars(_END, {**asked, "b_ids": [one.id for one in found]}))
    stories = {one.item.story for one in found if one.id in ended}
    if stories:
        await tx.execute(_END_CORRECTIONS, {**asked, "b_stories": sorted(stories)})
    return len(ended)
