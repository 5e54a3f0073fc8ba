"""The history as a whole, for labelling, and what of a story was told."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Event, ItemId, StoryId, TopicId
from storage.holding import REPLACED
from storage.items import ItemRow, item_row
from storage.schema import alerts, deliveries, items, story_topics

_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """``pruned``: items whose text was removed after the time that texts are kept; they cannot be judged again."""

    items: int
    pruned: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An alert, and how many channels it was planned for and sent to, digests included; in ``replaced`` a later alert
    of the story was told in its place before it went out."""

    item: ItemId | None
    event: Event
    reason: str
    at: datetime
    planned: int
    sent: int
    replaced: int = 0


_TOLD = (
    select(
        alerts.c.item_id,
        alerts.c.event,
        alerts.c.reason,
        alerts.c.created,
        func.count(deliveries.c.id).filter(deliveries.c.state != REPLACED).label("planned"),
        func.count(deliveries.c.id).filter(deliveries.c.state == REPLACED).label("replaced"),
        func.count(deliveries.c.id).filter(deliveries.c.state == "sent").label("sent"),
    )
    .outerjoin(deliveries, deliveries.c.alert_id == alerts.c.id)
    .where(alerts.c.story_id == bindparam("story"))
    .group_by(alerts.c.id, alerts.c.item_id, alerts.c.event, alerts.c.reason, alerts.c.created)
    .order_by(alerts.c.id)
)


async def size(conn: AsyncConnection, *, topic: TopicId | None, since: datetime | None) -> Size:
    """How many items ``history`` gives, and how many it leaves out because their text is gone."""
    counted = select(items.c.pruned, func.count()).where(*_chosen(topic, since)).group_by(items.c.pruned)
    numbers = {bool(pruned): number for pruned, number in await conn.execute(counted)}
    return Size(items=numbers.get(False, 0), pruned=numbers.get(True, 0))


async def history(
    conn: AsyncConnection, *, topic: TopicId | None, since: datetime | None
) -> AsyncIterator[ItemRow]:
    """The items with their verdicts in the order of publication, as a stream: all, or those of stories that touch
    the topic; those published since then."""
    query = (
        select(items)
        .where(*_chosen(topic, since), items.c.pruned.is_(False))
        .order_by(items.c.published, items.c.id)
    )
    async with conn.stream(query) as rows:
        async for part in rows.partitions(_AT_ONCE):
            for row in part:
                yield item_row(row)


async def told(conn: AsyncConnection, story: StoryId) -> list[Told]:
    """The alerts of a story, the first one first."""
    return [
        Told(
            item=None if row.item_id is None else ItemId(row.item_id),
            event=Event(row.event),
            reason=row.reason,
            at=row.created,
            planned=row.planned,
            sent=row.sent,
            replaced=row.replaced,
        )
        for row in await conn.execute(_TOLD, {"story": story})
    ]


def _chosen(topic: TopicId | None, since: datetime | None) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if topic is not None:
        of_topic = select(story_topics.c.story_id).where(story_topics.c.topic == topic)
        conditions.append(items.c.story_id.in_(of_topic))
    if since is not None:
        conditions.append(items.c.published >= since)
    return conditions
