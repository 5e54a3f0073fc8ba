"""Deleting what is kept about a channel, a server or a person, at once.

What news was seen stays: it is nobody's. What people did stays only where others' alerts hang on it (a correction, a
source that others read too), and then without their names.
"""

from collections import Counter
from typing import Any

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import ChannelKey
from storage.database import outbox_lock
from storage.schema import (
    audit,
    channels,
    corrections,
    deliveries,
    feedback,
    hot_topics,
    mutes,
    server_rules,
    servers,
    sources,
    subscriptions,
    websub,
)

#: How many rows were deleted, or had a name taken out, by what they are: "subscriptions", "alerts told", …
Forgotten = Counter[str]


async def forget_channel(tx: AsyncConnection, channel: ChannelKey) -> Forgotten:
    """Delete what is kept about a channel. Nothing is told there any more."""
    await outbox_lock(tx)
    gone = Forgotten()
    for name, table in (("subscriptions", subscriptions), ("mutes", mutes), ("feedback", feedback),
                        ("messages", deliveries), ("changes", audit)):  # fmt: skip
        gone[name] = (await tx.execute(delete(table).where(table.c.channel == channel))).rowcount
    gone["rules"] = (await tx.execute(delete(server_rules).where(server_rules.c.server == channel))).rowcount
    gone["sources"] = await _let_go(tx, sources.c.given_by == channel)
    unnamed = update(corrections).where(corrections.c.channel == channel).values(channel="", made_by="")
    gone["corrections"] = (await tx.execute(unnamed)).rowcount
    await tx.execute(delete(channels).where(channels.c.key == channel))
    return +gone


async def forget_server(tx: AsyncConnection, server: str) -> Forgotten:
    """Delete what is kept about a server (``discord:<guild id>``, ``slack:<team id>``) and all of its channels."""
    mine = channels.c.server == server
    if server.startswith("slack:"):
        mine = or_(mine, channels.c.key.startswith(f"{server}/", autoescape=True))
    gone = Forgotten()
    for key in list(await tx.scalars(select(channels.c.key).where(mine).order_by(channels.c.key))):
        gone += await forget_channel(tx, ChannelKey(key))
    for name, table in (("feedback", feedback), ("changes", audit), ("rules", server_rules)):
        gone[name] += (await tx.execute(delete(table).where(table.c.server == server))).rowcount
    await tx.execute(delete(servers).where(servers.c.key == server))
    return +gone


async def forget_person(tx: AsyncConnection, user: str) -> Forgotten:
    """Delete what is kept about a person (``discord:<user id>``): their direct messages and what they said of alerts.
    What they set up for others stays, without their name."""
    gone = Forgotten()
    for key in list(await tx.scalars(_direct_of(user))):
        gone += await forget_channel(tx, ChannelKey(key))
    gone["feedback"] += (await tx.execute(delete(feedback).where(feedback.c.said_by == user))).rowcount
    for column in (subscriptions.c.created_by, mutes.c.made_by, audit.c.made_by, corrections.c.made_by,
                   hot_topics.c.set_by, server_rules.c.undone_by):  # fmt: skip
        unnamed = update(column.table).where(column == user).values({column.name: ""})
        gone["names"] += (await tx.execute(unnamed)).rowcount
    return +gone


def _direct_of(user: str) -> Any:
    """Direct message channels are known by who subscribed there: nobody else can."""
    own = select(subscriptions.c.channel).where(subscriptions.c.created_by == user)
    return (
        select(channels.c.key)
        .where(channels.c.kind == "direct", channels.c.key.in_(own))
        .order_by(channels.c.key)
    )


async def _let_go(tx: AsyncConnection, mine: Any) -> int:
    """Stop reading these sources. Their rows stay for the items that they brought or are just bringing, without a word
    of who gave them."""
    ids = list(await tx.scalars(select(sources.c.id).where(mine)))
    await tx.execute(delete(websub).where(websub.c.source_id.in_(ids)))
    await tx.execute(update(sources).where(sources.c.id.in_(ids)).values(enabled=False, given_by=""))
    return len(ids)


async def kept_about(conn: AsyncConnection, channel: ChannelKey, user: str) -> dict[str, int]:
    """What is kept about a channel and a person, as numbers by what it is: for ``/privacy``."""
    counted = {
        "subscriptions": (subscriptions, subscriptions.c.channel == channel),
        "messages": (deliveries, deliveries.c.channel == channel),
        "mutes": (mutes, mutes.c.channel == channel),
        "changes": (audit, audit.c.channel == channel),
        "sources": (sources, sources.c.given_by == channel),
        "your feedback": (feedback, feedback.c.said_by == user),
        "your subscriptions": (subscriptions, subscriptions.c.created_by == user),
    }
    return {
        name: await conn.scalar(select(func.count()).select_from(table).where(where)) or 0
        for name, (table, where) in counted.items()
    }
