"""What goes wrong in telling: what waits and why, what was not told or not as it should look."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import ChannelKey
from storage.columns import Moment
from storage.schema import channels, subscriptions
from storage.schema import deliveries as table

_since = bindparam("since", type_=Moment())
#: Digest entries that wait for their time are as they should be: their due time is to come.
_STUCK = (
    select(table.c.platform, table.c.channel, table.c.last_error, table.c.ambiguous, table.c.first_tried, table.c.due)
    .where(
        table.c.state.in_(("pending", "retry", "sending")),
        or_(table.c.first_tried < _since, and_(table.c.first_tried.is_(None), table.c.due < _since)),
    )
    .order_by(table.c.id.desc())
)  # fmt: skip
_how = case((table.c.state == "sent", "plain"), else_=table.c.state)
_ENDED = (
    select(_how.label("how"), func.count().label("number"), func.max(table.c.id).label("last"))
    .where(
        table.c.finished >= _since,
        or_(
            table.c.state.in_(("rejected", "expired")),
            and_(table.c.state == "sent", table.c.last_error != ""),
        ),
    )
    .group_by(_how)
)
_REASON = select(table.c.channel, table.c.last_error).where(table.c.id == bindparam("id"))
_RESTING = (
    select(channels.c.key, channels.c.reason, channels.c.gone_at)
    .where(channels.c.active.is_(False), channels.c.key.in_(select(subscriptions.c.channel)))
    .order_by(channels.c.key)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stuck:
    """A platform's deliveries that could not be told: how many, for how many channels, since when, and what the newest
    try was answered (``error``). ``uncertain``: how many may have been told."""

    platform: str
    number: int
    channels: int
    uncertain: int
    since: datetime
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """``how``: rejected, expired, or plain (told, but not as it should look). ``reason`` is that of the last one."""

    how: str
    number: int
    channel: ChannelKey
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resting:
    """A channel with subscriptions that went away."""

    channel: ChannelKey
    reason: str
    since: datetime | None


async def stuck(conn: AsyncConnection, *, since: datetime) -> list[Stuck]:
    """What should have been told before ``since``, by platform."""
    rows: dict[str, list[Any]] = {}
    for row in await conn.execute(_STUCK, {"since": since}):
        rows.setdefault(row.platform, []).append(row)
    return [
        Stuck(
            platform=platform,
            number=len(waiting),
            channels=len({row.channel for row in waiting}),
            uncertain=sum(row.ambiguous for row in waiting),
            since=min(row.first_tried or row.due for row in waiting),
            error=next((row.last_error for row in waiting if row.last_error), ""),
        )
        for platform, waiting in sorted(rows.items())
    ]


async def ended(conn: AsyncConnection, *, since: datetime) -> list[Ended]:
    """What was not told, or not as it should look, since then."""
    found = []
    for row in list(await conn.execute(_ENDED, {"since": since})):
        last = (await conn.execute(_REASON, {"id": row.last})).one()
        found.append(
            Ended(how=row.how, number=row.number, channel=ChannelKey(last.channel), reason=last.last_error)
        )
    return sorted(found, key=lambda each: each.how)


async def resting(conn: AsyncConnection) -> list[Resting]:
    """Channels whose subscriptions rest, by key."""
    return [
        Resting(channel=ChannelKey(row.key), reason=row.reason, since=row.gone_at)
        for row in await conn.execute(_RESTING)
    ]
