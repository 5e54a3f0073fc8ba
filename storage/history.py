"""The history as a whole, for labelling, and what of a story was told."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import ALL_TOPICS, ChannelKey, Event, ItemId, StoryId, TopicId
from storage.delivery_rows import OPEN_STATES
from storage.holding import REPLACED
from storage.items import ItemRow, item_row
from storage.schema import alerts, deliveries, items, stories, story_topics

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """One alert of a story for one channel. ``due``: when it is told, or was; ``folded_for``: see ``DeliveryRow``."""

    alert: int
    item: ItemId | None
    event: Event
    state: str
    digest: bool
    folded_for: str
    due: datetime

    @property
    def waits(self) -> bool:
        return self.state in (*OPEN_STATES, "folded")


_HERE = (
    select(
        alerts.c.id, alerts.c.item_id, alerts.c.event, deliveries.c.state, deliveries.c.digest,
        deliveries.c.folded_for, deliveries.c.due,
    )
    .join(deliveries, deliveries.c.alert_id == alerts.c.id)
    .where(alerts.c.story_id == bindparam("story"), deliveries.c.channel == bindparam("channel"))
    .order_by(deliveries.c.id)
)  # fmt: skip


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


async def on_topic(
    conn: AsyncConnection, *, topic: TopicId, since: datetime, until: datetime
) -> AsyncIterator[tuple[ItemRow, datetime]]:
    """The items that touched a topic (of stories on this one, or on any for ``ALL_TOPICS``) in a span of time, each
    with the moment at which it was news, in that order: when it was seen, or published where its source was read for
    the first time. Those whose text is gone are left out: nothing is known of them any more."""
    moment = case((items.c.backfill, items.c.published), else_=items.c.seen)
    query = (
        select(items, moment.label("moment"))
        .join(stories, stories.c.id == items.c.story_id)
        .where(
            stories.c.on_topic.is_(True),
            items.c.event != Event.NONE.value,
            items.c.pruned.is_(False),
            moment >= since,
            moment < until,
        )
        .order_by(moment, items.c.id)
    )
    if topic != ALL_TOPICS:
        query = query.where(
            items.c.story_id.in_(select(story_topics.c.story_id).where(story_topics.c.topic == topic))
        )
    async with conn.stream(query) as rows:
        async for part in rows.partitions(_AT_ONCE):
            for row in part:
                yield item_row(row), row.moment


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


async def told_here(conn: AsyncConnection, story: StoryId, channel: ChannelKey) -> list[Here]:
    """What a channel was told of a story or is to be told, the first first; also what was ended before it went out."""
    return [
        Here(
            alert=row.id,
            item=None if row.item_id is None else ItemId(row.item_id),
            event=Event(row.event),
            state=row.state,
            digest=row.digest,
            folded_for=row.folded_for,
            due=row.due,
        )
        for row in await conn.execute(_HERE, {"story": story, "channel": channel})
    ]


def _chosen(topic: TopicId | None, since: datetime | None) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if topic is not None:
        of_topic = select(story_topics.c.story_id).where(story_topics.c.topic == topic)
        conditions.append(items.c.story_id.in_(of_topic))
    if since is not None:
        conditions.append(items.c.published >= since)
    return conditions
