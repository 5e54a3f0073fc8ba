"""What people in chat ask to be read: whether it is read already, and what their server gave."""

from sqlalchemy import bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import ChannelKey, Source
from storage.schema import channels
from storage.schema import sources as table
from storage.sources import source_of

#: Looked up by a walk through the table, once for each address that a person gives: an index would have to be kept up
#: at every poll.
_AT_ADDRESS = (
    select(table)
    .where(table.c.url == bindparam("b_url"), table.c.enabled.is_(True))
    .order_by(table.c.id)
    .limit(1)
)


async def at_address(conn: AsyncConnection, url: str) -> Source | None:
    """The source that reads this address, whoever named it."""
    row = (await conn.execute(_AT_ADDRESS, {"b_url": url})).first()
    return source_of(row) if row is not None else None


async def given_there(conn: AsyncConnection, server: str, channel: ChannelKey) -> list[Source]:
    """What is read because somebody in this server asked for it; without a server, in this channel."""
    there = table.c.given_by == channel
    if server:
        there = or_(there, table.c.given_by.in_(select(channels.c.key).where(channels.c.server == server)))
    found = await conn.execute(select(table).where(there, table.c.enabled.is_(True)).order_by(table.c.id))
    return [source_of(row) for row in found]
