"""Topics that await their event: their sources are asked as often as they may be, until a set time."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import TopicId
from storage.columns import Moment
from storage.dialects import PerDialect
from storage.schema import hot_topics as table
from storage.sources import hasten, states


@dataclass(frozen=True, slots=True, kw_only=True)
class HotTopic:
    topic: TopicId
    until: datetime
    set_by: str


_SET = PerDialect(
    table,
    lambda insert: insert.on_conflict_do_update(
        index_elements=["topic"], set_={"until": insert.excluded.until, "set_by": insert.excluded.set_by}
    ),
)
_HOT = select(table).where(table.c.until > bindparam("now", type_=Moment())).order_by(table.c.topic)


async def heat(tx: AsyncConnection, topic: TopicId, *, until: datetime, by: str, now: datetime) -> int:
    """Make the topic hot; its sources that answer are due at once. Returns how many sources it has."""
    await tx.execute(_SET.on(tx), {"topic": topic, "until": until, "set_by": by})
    listed = [state for state in await states(tx) if topic in state.source.topics and not state.stopped]
    await hasten(tx, [state.source.id for state in listed], now=now, healthy_only=True)
    return len(listed)


async def cool(tx: AsyncConnection, topic: TopicId) -> bool:
    """End it; False when the topic was not hot."""
    return (await tx.execute(delete(table).where(table.c.topic == topic))).rowcount > 0


async def hot_topics(conn: AsyncConnection, *, now: datetime) -> list[HotTopic]:
    """Topics that are hot now, by id."""
    return [
        HotTopic(topic=TopicId(row.topic), until=row.until, set_by=row.set_by)
        for row in await conn.execute(_HOT, {"now": now})
    ]
