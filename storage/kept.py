"""What is kept about a channel, a server and a person, counted."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import ChannelKey
from storage.schema import audit, channels, deliveries, feedback, mutes, sources, subscriptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """``by_person``: rows that name the person as the one who asked for something or said something."""

    subscriptions: int
    deliveries: int
    mutes: int
    sources: int
    feedback: int
    by_person: int


async def kept(conn: AsyncConnection, channel: ChannelKey, server: str, person: str) -> Kept:
    """Counts for this channel (sources: for its server), and for this person in all channels."""

    async def count(query: Any) -> int:
        return int(await conn.scalar(query) or 0)

    there = sources.c.given_by == channel
    if server:
        there = or_(there, sources.c.given_by.in_(select(channels.c.key).where(channels.c.server == server)))
    named = (
        select(func.count()).select_from(subscriptions).where(subscriptions.c.created_by == person),
        select(func.count()).select_from(mutes).where(mutes.c.made_by == person),
        select(func.count()).select_from(feedback).where(feedback.c.said_by == person),
        select(func.count()).select_from(audit).where(audit.c.made_by == person),
    )
    return Kept(
        subscriptions=await count(
            select(func.count()).select_from(subscriptions).where(subscriptions.c.channel == channel)
        ),
        deliveries=await count(
            select(func.count()).select_from(deliveries).where(deliveries.c.channel == channel)
        ),
        mutes=await count(select(func.count()).select_from(mutes).where(mutes.c.channel == channel)),
        sources=await count(
            select(func.count()).select_from(sources).where(there, sources.c.enabled.is_(True))
        ),
        feedback=await count(select(func.count()).select_from(feedback).where(feedback.c.channel == channel)),
        by_person=sum([await count(query) for query in named]),
    )
