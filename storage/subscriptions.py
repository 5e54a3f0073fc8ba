"""Who is told of what: channels and their subscriptions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row, Select, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import ALL_TOPICS, ChannelKey, Grade, Mode, TopicId
from storage.database import outbox_lock
from storage.dialects import PerDialect
from storage.schema import channels as channel_table
from storage.schema import deliveries
from storage.schema import subscriptions as table


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """``topic`` may be ``ALL_TOPICS``; ``languages`` empty means every one; ``quiet`` is as a person wrote it:
    ``22:00-07:00@Europe/Berlin``.

    ``words``: only what has one of them. ``not_sources``: names of publishers or hosts. ``digest_at`` (``08:00``) and
    ``digest_day`` (``monday``) are on the clock of ``zone``, "" is the channel's. ``mention``: the platform's id of a
    role or user group, called from the grade ``mention_from`` on."""

    channel: ChannelKey
    topic: TopicId
    min_grade: Grade = Grade.OPINION
    mode: Mode = Mode.INSTANT
    languages: tuple[str, ...] = ()
    quiet: str = ""
    words: tuple[str, ...] = ()
    not_words: tuple[str, ...] = ()
    not_sources: tuple[str, ...] = ()
    digest_at: str = ""
    digest_day: str = ""
    zone: str = ""
    mention: str = ""
    mention_from: Grade = Grade.OFFICIAL
    created: datetime
    created_by: str = ""

    @property
    def is_choosy(self) -> bool:
        """Whether it may keep one item of a story out and let another one in."""
        return bool(self.languages or self.words or self.not_words or self.not_sources)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRow:
    """A channel that is or was told something. Not ``active``: it went away, ``reason`` says how it answered."""

    key: ChannelKey
    active: bool
    reason: str
    gone_at: datetime | None


_LISTS = ("languages", "words", "not_words", "not_sources")
_PLAIN = ("quiet", "digest_at", "digest_day", "zone", "mention")
_FILTERS = ("min_grade", "mode", "mention_from", *_LISTS, *_PLAIN)
_HAVE_CHANNEL = PerDialect(
    channel_table, lambda insert: insert.on_conflict_do_nothing(index_elements=["key"])
)
_ONE = select(table).where(table.c.channel == bindparam("channel"), table.c.topic == bindparam("topic"))
_OF_CHANNEL = select(table).where(table.c.channel == bindparam("channel")).order_by(table.c.topic)
_OF_TOPICS = (
    select(table, channel_table.c.zone.label("channel_zone"))
    .join(channel_table, channel_table.c.key == table.c.channel)
    .where(
        channel_table.c.active.is_(True),
        or_(table.c.topic == ALL_TOPICS, table.c.topic.in_(bindparam("topics", expanding=True))),
    )
    .order_by(table.c.id)
)


async def subscribe(
    tx: AsyncConnection, subscription: Subscription
) -> Literal["created", "changed", "unchanged"]:
    """Begin or change the channel's subscription to the topic. A channel that had gone away is told again."""
    await reactivate_channel(tx, subscription.channel)
    values = _values(subscription)
    key = {"channel": subscription.channel, "topic": subscription.topic}
    held = (await tx.execute(_ONE, key)).first()
    if held is None:
        await tx.execute(insert(table).values(**values))
        return "created"
    if all(getattr(held, name) == values[name] for name in _FILTERS):
        return "unchanged"
    changed = {name: values[name] for name in _FILTERS}
    await tx.execute(update(table).where(table.c.id == held.id).values(**changed))
    return "changed"


async def unsubscribe(tx: AsyncConnection, channel: ChannelKey, topic: TopicId | None) -> list[Subscription]:
    """End the channel's subscription to the topic, or all of them for None; returns what was ended."""
    query: Select[Any] = _OF_CHANNEL if topic is None else _ONE
    held = list(
        await tx.execute(query, {"channel": channel, "topic": topic} if topic else {"channel": channel})
    )
    if held:
        await tx.execute(delete(table).where(table.c.id.in_([row.id for row in held])))
    return _subscriptions(held)


async def of_channel(conn: AsyncConnection, channel: ChannelKey) -> list[Subscription]:
    """The channel's subscriptions, by topic."""
    return _subscriptions(await conn.execute(_OF_CHANNEL, {"channel": channel}))


async def of_topics(conn: AsyncConnection, topics: Sequence[TopicId]) -> list[Subscription]:
    """Subscriptions to any of these topics or to every topic, of channels that are there, oldest first. For telling:
    where one names no time zone, ``zone`` is its channel's."""
    rows = list(await conn.execute(_OF_TOPICS, {"topics": list(topics)}))
    return [
        replace(held, zone=held.zone or row.channel_zone)
        for held, row in zip(_subscriptions(rows), rows, strict=True)
    ]


async def mark_channel_gone(tx: AsyncConnection, channel: ChannelKey, reason: str, *, now: datetime) -> bool:
    """Stop telling the channel: its subscriptions rest, and what waits for it ends as gone. False when that was so
    already."""
    await outbox_lock(tx)
    await ensure_channels(tx, [channel])
    rested = await tx.execute(
        update(channel_table)
        .where(channel_table.c.key == channel, channel_table.c.active.is_(True))
        .values(active=False, reason=reason, gone_at=now)
    )
    # Nothing of the channel is being sent now: what is folded belongs to a digest that ends here, too.
    await tx.execute(
        update(deliveries)
        .where(deliveries.c.channel == channel, deliveries.c.state.in_(("pending", "retry", "folded")))
        .values(state="gone", last_error=reason, finished=now)
    )
    return rested.rowcount > 0


async def reactivate_channel(tx: AsyncConnection, channel: ChannelKey) -> None:
    """Tell the channel again from now on, whether it was known or not."""
    await ensure_channels(tx, [channel])
    await tx.execute(
        update(channel_table)
        .where(channel_table.c.key == channel, channel_table.c.active.is_(False))
        .values(active=True, reason="", gone_at=None)
    )


async def ensure_channels(tx: AsyncConnection, keys: Iterable[ChannelKey]) -> None:
    """Know these channels; those known already stay as they are."""
    rows = [{"key": key, "active": True, "reason": ""} for key in sorted(set(keys))]
    if rows:
        await tx.execute(_HAVE_CHANNEL.on(tx), rows)


async def channels(conn: AsyncConnection) -> list[ChannelRow]:
    """Every channel that was ever known, by key."""
    return [_channel(row) for row in await conn.execute(select(channel_table).order_by(channel_table.c.key))]


async def channel(conn: AsyncConnection, key: ChannelKey) -> ChannelRow | None:
    """The channel, if it was ever known."""
    row = (await conn.execute(select(channel_table).where(channel_table.c.key == key))).first()
    return None if row is None else _channel(row)


async def count(conn: AsyncConnection) -> int:
    """How many subscriptions there are, also of channels that went away."""
    return await conn.scalar(select(func.count()).select_from(table)) or 0


def _channel(row: Row[Any]) -> ChannelRow:
    return ChannelRow(key=ChannelKey(row.key), active=row.active, reason=row.reason, gone_at=row.gone_at)


def _values(subscription: Subscription) -> dict[str, Any]:
    return {
        "channel": subscription.channel,
        "topic": subscription.topic,
        "min_grade": subscription.min_grade.value,
        "mode": subscription.mode.value,
        "mention_from": subscription.mention_from.value,
        **{name: list(getattr(subscription, name)) for name in _LISTS},
        **{name: getattr(subscription, name) for name in _PLAIN},
        "created": subscription.created,
        "created_by": subscription.created_by,
    }


def _subscriptions(rows: Iterable[Row[Any]]) -> list[Subscription]:
    return [
        Subscription(
            channel=ChannelKey(row.channel),
            topic=TopicId(row.topic),
            min_grade=Grade(row.min_grade),
            mode=Mode(row.mode),
            mention_from=Grade(row.mention_from or Grade.OFFICIAL),
            languages=tuple(row.languages),
            words=tuple(row.words),
            not_words=tuple(row.not_words),
            not_sources=tuple(row.not_sources),
            quiet=row.quiet,
            digest_at=row.digest_at,
            digest_day=row.digest_day,
            zone=row.zone,
            mention=row.mention,
            created=row.created,
            created_by=row.created_by,
        )
        for row in rows
    ]
