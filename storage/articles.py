"""What the articles behind told items say, kept so that every channel, retry and digest is told the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import ItemId
from storage.columns import Moment
from storage.dialects import PerDialect
from storage.schema import alerts, articles, deliveries


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleRow:
    """``url``: where the article really is. ``problem``: why there is none; then the other texts are empty."""

    item: ItemId
    url: str
    summary: str
    keywords: tuple[str, ...]
    problem: str
    read: datetime


_ADD = PerDialect(articles, lambda insert: insert.on_conflict_do_nothing(index_elements=["item_id"]))
_OF = select(articles).where(articles.c.item_id == bindparam("item"))
_AT = (
    select(articles.c.item_id).where(articles.c.url == bindparam("url")).order_by(articles.c.item_id).limit(1)
)
_WANTED = (
    select(alerts.c.item_id)
    .where(
        alerts.c.created >= bindparam("since", type_=Moment()),
        alerts.c.item_id.is_not(None),
        alerts.c.item_id.not_in(select(articles.c.item_id)),
        select(deliveries.c.id)
        .where(deliveries.c.alert_id == alerts.c.id, deliveries.c.state == "pending")
        .exists(),
    )
    .order_by(alerts.c.id)
    .limit(bindparam("most"))
)


async def article(conn: AsyncConnection, item: int) -> ArticleRow | None:
    """What is known of the item's article; None while nobody looked."""
    row = (await conn.execute(_OF, {"item": item})).first()
    if row is None:
        return None
    return ArticleRow(
        item=ItemId(row.item_id), url=row.url, summary=row.summary, keywords=tuple(row.keywords),
        problem=row.problem, read=row.read,
    )  # fmt: skip


async def item_of(conn: AsyncConnection, url: str) -> ItemId | None:
    """The first item whose article is at this address."""
    found = await conn.scalar(_AT, {"url": url})
    return None if found is None else ItemId(found)


async def add_article(tx: AsyncConnection, row: ArticleRow) -> None:
    """Keep it. What was kept of the item before stays: another process was quicker."""
    values = {
        "item_id": row.item, "url": row.url, "summary": row.summary, "keywords": list(row.keywords),
        "problem": row.problem, "read": row.read,
    }  # fmt: skip
    await tx.execute(_ADD.on(tx), values)


async def wanted(conn: AsyncConnection, *, since: datetime, limit: int) -> Sequence[ItemId]:
    """Items alerted since then that are still to be told and whose article nobody looked for, oldest first."""
    found = await conn.scalars(_WANTED, {"since": since, "most": limit})
    return [ItemId(item) for item in found]


async def prune(tx: AsyncConnection, *, older_than: datetime) -> int:
    """Forget articles read before then; returns how many."""
    return (await tx.execute(delete(articles).where(articles.c.read < older_than))).rowcount
