"""What a channel was told, row by row."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import ChannelKey, Event, Grade, StoryId
from storage.columns import Moment
from storage.schema import alerts, deliveries, items

_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldRow:
    """One alert of one channel. ``told``: when it went out, None while it waits or when it never did; ``state`` says
    which. The excerpt and its SHA-256 are what was read when the alert was decided."""

    alert: int
    story: StoryId
    event: Event
    grade: Grade
    topics: tuple[str, ...]
    title: str
    url: str
    publisher: str
    published: datetime
    decided: datetime
    told: datetime | None
    state: str
    reason: str
    excerpt: str
    excerpt_sha256: str


_ROWS = (
    select(
        deliveries.c.id, deliveries.c.state, deliveries.c.finished, alerts.c.id.label("alert"), alerts.c.story_id,
        alerts.c.event, alerts.c.grade, alerts.c.topics, alerts.c.reason, alerts.c.excerpt,
        alerts.c.excerpt_sha256, alerts.c.created, items.c.title, items.c.url, items.c.publisher, items.c.published,
    )
    .join(alerts, alerts.c.id == deliveries.c.alert_id)
    .outerjoin(items, items.c.id == alerts.c.item_id)
    .where(
        deliveries.c.channel == bindparam("channel"),
        alerts.c.created >= bindparam("since", type_=Moment()),
        deliveries.c.id > bindparam("after"),
    )
    .order_by(deliveries.c.id)
    .limit(_AT_ONCE)
)  # fmt: skip


async def told_to(conn: AsyncConnection, channel: ChannelKey, *, since: datetime) -> AsyncIterator[ToldRow]:
    """The channel's alerts since then, the oldest first."""
    after = 0
    while True:
        page = (await conn.execute(_ROWS, {"channel": channel, "since": since, "after": after})).all()
        for row in page:
            title, _, _ = row.excerpt.partition("\n")
            yield ToldRow(
                alert=row.alert,
                story=StoryId(row.story_id),
                event=Event(row.event),
                grade=Grade(row.grade),
                topics=tuple(row.topics),
                title=row.title or title,
                url=row.url or "",
                publisher=row.publisher or "",
                published=row.published or row.created,
                decided=row.created,
                told=row.finished if row.state == "sent" else None,
                state=row.state,
                reason=row.reason,
                excerpt=row.excerpt,
                excerpt_sha256=row.excerpt_sha256,
            )
        if len(page) < _AT_ONCE:
            return
        after = page[-1].id
