"""What people ask to be told at once: the waiting digest, or a sample."""

from datetime import datetime

from sqlalchemy import bindparam, insert, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import ChannelKey
from storage.columns import Moment
from storage.database import outbox_lock
from storage.outbox import new_row
from storage.schema import deliveries as table
from storage.subscriptions import ensure_channels

_DUE_NOW = (
    update(table)
    .where(
        table.c.channel == bindparam("b_channel"),
        table.c.state == "pending",
        table.c.digest == true(),
    )
    .values(due=bindparam("b_now", type_=Moment()))
)


async def digest_now(tx: AsyncConnection, channel: ChannelKey, *, now: datetime) -> int:
    """Make what waits for the channel's digest due now; returns how many alerts that are."""
    await outbox_lock(tx)
    return (await tx.execute(_DUE_NOW, {"b_channel": channel, "b_now": now})).rowcount


async def add_sample(tx: AsyncConnection, channel: ChannelKey, *, now: datetime) -> None:
    """Put a sample alert for this channel into the outbox: it shows how alerts look there, and tells no news."""
    await ensure_channels(tx, [channel])
    await tx.execute(insert(table).values(**new_row(kind="sample", channel=channel, due=now, now=now)))
