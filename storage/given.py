"""Sources that people in chat gave, by the server whose people they are."""

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import ChannelKey, Source
from storage.schema import channels
from storage.schema import sources as table
from storage.sources import source_of


async def given_there(conn: AsyncConnection, server: str, channel: ChannelKey) -> list[Source]:
    """What is read because somebody in this server asked for it; without a server, in this channel."""
    there = table.c.given_by == channel
    if server:
        there = or_(there, table.c.given_by.in_(select(channels.c.key).where(channels.c.server == server)))
    found = await conn.execute(select(table).where(there, table.c.enabled.is_(True)).order_by(table.c.id))
    return [source_of(row) for row in found]
