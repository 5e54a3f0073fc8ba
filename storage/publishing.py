"""What was told in announcement channels and waits to be published to the servers that follow them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import ChannelKey
from storage.schema import channels
from storage.schema import deliveries as table

Ended = Literal["done", "failed"]

_TOLD = ("alert", "digest")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpublished:
    """A message that was told and is to be published. ``told``: when it was."""

    delivery: int
    channel: ChannelKey
    message_id: str
    told: datetime
    due: datetime


async def unpublished(conn: AsyncConnection, *, told_since: datetime) -> list[Unpublished]:
    """What waits to be published, oldest first. Notices about Tipoff itself are nobody else's news."""
    found = await conn.execute(
        select(table.c.id, table.c.channel, table.c.message_id, table.c.finished, table.c.publish_due)
        .join(channels, channels.c.key == table.c.channel)
        .where(
            channels.c.publish.is_(True),
            channels.c.kind == "announcement",
            channels.c.active.is_(True),
            table.c.state == "sent",
            table.c.kind.in_(_TOLD),
            table.c.message_id.is_not(None),
            table.c.thread_id.is_(None),
            table.c.finished >= told_since,
            table.c.publish.in_(("", "waiting")),
        )
        .order_by(table.c.id)
    )
    return [
        Unpublished(
            delivery=row.id,
            channel=ChannelKey(row.channel),
            message_id=row.message_id,
            told=row.finished,
            due=row.publish_due or row.finished,
        )
        for row in found
    ]


async def published_since(conn: AsyncConnection, since: datetime) -> dict[ChannelKey, list[datetime]]:
    """When each channel's messages were published, oldest first."""
    found = await conn.execute(
        select(table.c.channel, table.c.publish_due)
        .join(
            channels, channels.c.key == table.c.channel
        )  # few publish at all, so their index is the short way
        .where(
            channels.c.publish.is_(True),
            table.c.state == "sent",
            table.c.publish == "done",
            table.c.publish_due >= since,
        )
        .order_by(table.c.publish_due)
    )
    by_channel: dict[ChannelKey, list[datetime]] = {}
    for row in found:
        by_channel.setdefault(ChannelKey(row.channel), []).append(row.publish_due)
    return by_channel


async def record(
    tx: AsyncConnection, delivery: int, state: Ended | Literal["waiting"], *, at: datetime
) -> None:
    """``at``: when it is tried again, or when it was done."""
    await tx.execute(update(table).where(table.c.id == delivery).values(publish=state, publish_due=at))
