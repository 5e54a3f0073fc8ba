"""What a channel does not want to hear for a time: one story, or one topic."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import ChannelKey, StoryId, TopicId
from storage.columns import Moment
from storage.database import outbox_lock
from storage.schema import alerts, deliveries
from storage.schema import mutes as table
from storage.subscriptions import ensure_channels

#: The final state of a delivery that was waiting when its story or topic was muted.
MUTED = "muted"
#: How long an ended mute is kept: a back-test looks back so far.
_KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """Of a story or of a topic ("" where it is of a story)."""

    channel: ChannelKey
    story: StoryId | None
    topic: str
    until: datetime
    made_by: str
    created: datetime


_TOUCHING = select(table).where(
    table.c.until > bindparam("now", type_=Moment()),
    or_(table.c.story_id == bindparam("story"), table.c.topic.in_(bindparam("topics", expanding=True))),
)
_OF_CHANNEL = select(table).where(table.c.channel == bindparam("channel")).order_by(table.c.id)
_WAITING = (
    select(deliveries.c.id, alerts.c.story_id, alerts.c.topics)
    .join(alerts, alerts.c.id == deliveries.c.alert_id)
    .where(
        deliveries.c.channel == bindparam("channel"),
        deliveries.c.state == "pending",
        deliveries.c.attempts == 0,
    )
)


async def mute(
    tx: AsyncConnection,
    channel: ChannelKey,
    *,
    story: StoryId | None = None,
    topic: str = "",
    until: datetime,
    by: str,
    now: datetime,
) -> int:
    """Tell the channel nothing of this story, or of this topic, until then; a second mute moves the end of the first.
    What waits for the channel and is of nothing else ends with it: returns how many alerts those are."""
    if (story is None) == (topic == ""):
        raise ValueError("either a story or a topic is muted")
    await ensure_channels(tx, [channel])
    await tx.execute(delete(table).where(table.c.channel == channel, table.c.until < now - _KEPT))
    same = _same(channel, story, topic)
    held = await tx.execute(update(table).where(same, table.c.until > now).values(until=until, made_by=by))
    if not held.rowcount:
        await tx.execute(
            insert(table).values(
                channel=channel, story_id=story, topic=topic, until=until, made_by=by, created=now
            )
        )
    return await _end_waiting(tx, channel, now=now)


async def unmute(
    tx: AsyncConnection, channel: ChannelKey, *, story: StoryId | None = None, topic: str = "", now: datetime
) -> bool:
    """End a mute now; False when there was none."""
    ended = await tx.execute(
        update(table).where(_same(channel, story, topic), table.c.until > now).values(until=now)
    )
    return ended.rowcount > 0


async def of_channel(conn: AsyncConnection, channel: ChannelKey, *, now: datetime) -> list[Mute]:
    """What the channel does not hear now, the oldest mute first."""
    return [mute for mute in await ever_of_channel(conn, channel) if mute.until > now]


async def ever_of_channel(conn: AsyncConnection, channel: ChannelKey) -> list[Mute]:
    """The same with mutes that ended, as far as they are kept."""
    return _mutes(await conn.execute(_OF_CHANNEL, {"channel": channel}))


async def touching(
    conn: AsyncConnection, story: StoryId | None, topics: Sequence[TopicId], *, now: datetime
) -> list[Mute]:
    """Whatever any channel does not want to hear now of this story or of these topics."""
    asked = {"story": story, "topics": list(topics), "now": now}
    return _mutes(await conn.execute(_TOUCHING, asked))


async def _end_waiting(tx: AsyncConnection, channel: ChannelKey, *, now: datetime) -> int:
    await outbox_lock(tx)
    muted = await of_channel(tx, channel, now=now)
    stories = {mute.story for mute in muted if mute.story is not None}
    topics = {mute.topic for mute in muted if mute.topic}
    ids = [
        row.id
        for row in await tx.execute(_WAITING, {"channel": channel})
        if row.story_id in stories or (row.topics and topics.issuperset(row.topics))
    ]
    if ids:
        ending = update(deliveries).where(deliveries.c.id.in_(ids), deliveries.c.state == "pending")
        await tx.execute(ending.values(state=MUTED, finished=now))
    return len(ids)


def _same(channel: ChannelKey, story: StoryId | None, topic: str) -> ColumnElement[bool]:
    of_what = table.c.topic == topic if story is None else table.c.story_id == story
    return (table.c.channel == channel) & of_what


def _mutes(rows: Iterable[Row[Any]]) -> list[Mute]:
    return [
        Mute(
            channel=ChannelKey(row.channel),
            story=None if row.story_id is None else StoryId(row.story_id),
            topic=row.topic,
            until=row.until,
            made_by=row.made_by,
            created=row.created,
        )
        for row in rows
    ]
