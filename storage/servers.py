"""Discord servers and Slack workspaces: which there are, which channels are theirs, and what leaving one means."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import ChannelKey
from storage.database import outbox_lock
from storage.dialects import PerDialect
from storage.forgetting import forget_server
from storage.schema import channels, deliveries
from storage.schema import servers as table
from storage.subscriptions import ensure_channels

#: How long a server that Tipoff was removed from may come back to what it had.
KEPT = timedelta(days=30)
_LEFT = "Tipoff was removed from this server"
_WAITING = ("pending", "retry")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerRow:
    """``left_at``: since when Tipoff is not there any more; its data is deleted at ``purge_at``."""

    key: str
    name: str
    since: datetime
    left_at: datetime | None
    purge_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelFacts:
    """What a platform says of a channel. ``kind``: see ``bot.delivery.contract.Place``; "" where it did not say."""

    server: str = ""
    name: str = ""
    kind: str = ""
    locale: str = ""


_JOIN = PerDialect(
    table,
    lambda insert: insert.on_conflict_do_update(
        index_elements=["key"],
        set_={"name": insert.excluded.name, "left_at": None, "purge_at": None},
    ),
)
_ONE = select(table).where(table.c.key == bindparam("key"))


async def joined(tx: AsyncConnection, key: str, name: str, *, now: datetime) -> bool:
    """Tipoff is in this server; true when it was not known to be. After an absence its channels are told again."""
    held = (await tx.execute(_ONE, {"key": key})).first()
    if held is not None and held.left_at is None and held.name == name:
        return False
    await tx.execute(_JOIN.on(tx), [{"key": key, "name": name, "since": now}])
    if held is not None and held.left_at is not None:
        rested = channels.update().where(_of_server(key), channels.c.reason == _LEFT)
        await tx.execute(rested.values(active=True, reason="", gone_at=None))
    return held is None or held.left_at is not None


async def left(tx: AsyncConnection, key: str, *, now: datetime) -> bool:
    """Tipoff was removed: its channels there rest, and after ``KEPT`` their data is deleted. False when that is known
    already."""
    held = (await tx.execute(_ONE, {"key": key})).first()
    if held is not None and held.left_at is not None:
        return False
    await outbox_lock(tx)
    await tx.execute(_JOIN.on(tx), [{"key": key, "name": held.name if held else "", "since": now}])
    await tx.execute(update(table).where(table.c.key == key).values(left_at=now, purge_at=now + KEPT))
    theirs = _of_server(key)
    waiting = deliveries.update().where(
        deliveries.c.channel.in_(select(channels.c.key).where(theirs)), deliveries.c.state.in_(_WAITING)
    )
    await tx.execute(waiting.values(state="gone", last_error=_LEFT, finished=now))
    resting = channels.update().where(theirs, channels.c.active.is_(True))
    await tx.execute(resting.values(active=False, reason=_LEFT, gone_at=now))
    return True


async def present(conn: AsyncConnection, platform: str) -> list[ServerRow]:
    """The servers of a platform that Tipoff is in, as far as it was told."""
    found = select(table).where(
        table.c.key.startswith(f"{platform}:", autoescape=True), table.c.left_at.is_(None)
    )
    return [
        ServerRow(key=row.key, name=row.name, since=row.since, left_at=row.left_at, purge_at=row.purge_at)
        for row in await conn.execute(found.order_by(table.c.key))
    ]


async def purge(tx: AsyncConnection, now: datetime) -> list[str]:
    """Delete the data of the servers whose time has come; returns their keys."""
    found = await tx.scalars(select(table.c.key).where(table.c.purge_at <= now).order_by(table.c.key))
    keys = list(found)
    for key in keys:
        await forget_server(tx, key)
    return keys


async def is_known(conn: AsyncConnection, channel: ChannelKey) -> bool:
    """Whether the channel was ever told anything, or was to be."""
    return await conn.scalar(select(channels.c.key).where(channels.c.key == channel)) is not None


async def is_noted(conn: AsyncConnection, channel: ChannelKey, facts: ChannelFacts) -> bool:
    """Whether noting these facts would change nothing."""
    held = (await conn.execute(select(channels).where(channels.c.key == channel))).first()
    return held is not None and not _fresh(held, facts)


async def note_channel(tx: AsyncConnection, key: ChannelKey, facts: ChannelFacts) -> None:
    """Keep what is known of a channel, which need not have been known before. Its language is kept only where nobody
    chose one."""
    await ensure_channels(tx, [key])
    held = (await tx.execute(select(channels).where(channels.c.key == key))).one()
    fresh = _fresh(held, facts)
    if fresh:
        await tx.execute(update(channels).where(channels.c.key == key).values(**fresh))


async def changed_channels(
    conn: AsyncConnection, seen: Mapping[ChannelKey, ChannelFacts]
) -> dict[ChannelKey, ChannelFacts]:
    """Those of the channels that Tipoff has to do with, and of which something else was known."""
    found: dict[ChannelKey, ChannelFacts] = {}
    # There are far more channels in the servers than Tipoff has to do with.
    for held in await conn.execute(select(channels)):
        key = ChannelKey(held.key)
        if key in seen and _fresh(held, seen[key]):
            found[key] = seen[key]
    return found


def _fresh(held: Any, facts: ChannelFacts) -> dict[str, str]:
    """What is new of it. Nothing that is not known overwrites what is."""
    told = {"server": facts.server, "name": facts.name, "kind": facts.kind}
    if not held.locale:
        told["locale"] = facts.locale
    return {column: value for column, value in told.items() if value and value != getattr(held, column)}


def _of_server(key: str) -> Any:
    """Channels of a server. A Slack channel's address begins with its workspace."""
    mine = channels.c.server == key
    return (
        or_(mine, channels.c.key.startswith(f"{key}/", autoescape=True)) if key.startswith("slack:") else mine
    )
