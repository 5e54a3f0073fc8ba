"""Who changed what a server is told, and when."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import ChannelKey
from storage.schema import audit as table


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    channel: ChannelKey
    made_by: str
    action: str
    detail: str
    at: datetime


async def record(
    tx: AsyncConnection,
    *,
    server: str,
    channel: ChannelKey,
    made_by: str,
    action: str,
    detail: str,
    now: datetime,
) -> None:
    """Note it. ``server`` is "" in a direct message."""
    await tx.execute(
        insert(table).values(
            server=server, channel=channel, made_by=made_by, action=action, detail=detail, at=now
        )
    )


async def of_server(conn: AsyncConnection, server: str, channel: ChannelKey, *, limit: int) -> list[AuditRow]:
    """What was changed in this server, or in this channel where it has none; the newest first."""
    where = table.c.server == server if server else table.c.channel == channel
    found = await conn.execute(select(table).where(where).order_by(table.c.id.desc()).limit(limit))
    return [
        AuditRow(
            channel=ChannelKey(row.channel),
            made_by=row.made_by,
            action=row.action,
            detail=row.detail,
            at=row.at,
        )
        for row in found
    ]
