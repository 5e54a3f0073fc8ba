"""What people say of alerts: useful, noise, or told under a story that it does not belong to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import bindparam, delete, distinct, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import ChannelKey, StoryId
from storage.columns import Moment, storable
from storage.dialects import PerDialect
from storage.schema import alerts, deliveries, items
from storage.schema import feedback as table

Said = Literal["useful", "noise", "wrong-story"]
#: So many people must call one alert's story wrong before it is shown to whoever runs Tipoff.
PEOPLE_FOR_WRONG = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackRow:
    """What one person says of one alert now."""

    alert: int
    person: str
    said: Said
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """An alert that a channel was told, as feedback needs it."""

    alert: int
    story: StoryId
    publisher: str


_SAY = PerDialect(
    table,
    lambda insert: insert.on_conflict_do_update(
        index_elements=["alert_id", "said_by"],
        set_={name: insert.excluded[name] for name in ("channel", "server", "verdict", "publisher", "at")},
    ),
)
_BEFORE = select(table.c.verdict).where(
    table.c.alert_id == bindparam("alert"), table.c.said_by == bindparam("person")
)
_TOLD = (
    select(alerts.c.id, alerts.c.story_id, items.c.publisher)
    .join(deliveries, deliveries.c.alert_id == alerts.c.id)
    .outerjoin(items, items.c.id == alerts.c.item_id)
    .where(alerts.c.id == bindparam("alert"), deliveries.c.channel == bindparam("channel"))
)
_OF_PUBLISHER = (
    select(table)
    .where(
        table.c.server == bindparam("server"),
        table.c.publisher == bindparam("publisher"),
        table.c.at >= bindparam("since", type_=Moment()),
    )
    .order_by(table.c.at, table.c.id)
)
_COUNTS = (
    select(table.c.verdict, func.count().label("number"))
    .where(table.c.at >= bindparam("since", type_=Moment()))
    .group_by(table.c.verdict)
)
_people = func.count(distinct(table.c.said_by))
_WRONG = (
    select(alerts.c.story_id, _people.label("people"))
    .join(alerts, alerts.c.id == table.c.alert_id)
    .where(table.c.verdict == "wrong-story", table.c.at >= bindparam("since", type_=Moment()))
    .group_by(alerts.c.story_id)
    .having(_people >= PEOPLE_FOR_WRONG)
    .order_by(_people.desc(), alerts.c.story_id.desc())
)
_BY_ITEM = (
    select(alerts.c.item_id, table.c.verdict, func.count().label("number"))
    .join(alerts, alerts.c.id == table.c.alert_id)
    .where(alerts.c.item_id.is_not(None))
    .group_by(alerts.c.item_id, table.c.verdict)
    .order_by(alerts.c.item_id, table.c.verdict)
)


async def told_alert(conn: AsyncConnection, alert: int, channel: ChannelKey) -> Judged | None:
    """The alert of this number, where this channel was told it."""
    row = (await conn.execute(_TOLD, {"alert": alert, "channel": channel})).first()
    return (
        None
        if row is None
        else Judged(alert=row.id, story=StoryId(row.story_id), publisher=row.publisher or "")
    )


async def say(
    tx: AsyncConnection,
    *,
    judged: Judged,
    channel: ChannelKey,
    server: str,
    person: str,
    said: Said,
    now: datetime,
) -> str:
    """Keep what a person says of an alert, in the place of what they said before: that is returned, "" for nothing.
    ``server`` is the channel's key where it has no server."""
    before: str | None = await tx.scalar(_BEFORE, {"alert": judged.alert, "person": person})
    if before == said:
        return before
    values = {
        "alert_id": judged.alert, "channel": channel, "server": server, "said_by": person, "verdict": said,
        "publisher": judged.publisher, "at": now,
    }  # fmt: skip
    await tx.execute(_SAY.on(tx), [values])
    return before or ""


async def take_back(tx: AsyncConnection, alert: int, channel: ChannelKey, person: str) -> str:
    """Delete what a person said of an alert in this channel: that is returned, "" for nothing."""
    mine = (table.c.alert_id == alert) & (table.c.channel == channel) & (table.c.said_by == person)
    said: str | None = await tx.scalar(delete(table).where(mine).returning(table.c.verdict))
    return said or ""


async def of_publisher(
    conn: AsyncConnection, server: str, publisher: str, *, since: datetime
) -> list[FeedbackRow]:
    """What is said in a server of alerts by this publisher, in the order in which it was said."""
    asked = {"server": server, "publisher": storable(publisher), "since": since}
    return [
        FeedbackRow(alert=row.alert_id, person=row.said_by, said=row.verdict, at=row.at)
        for row in await conn.execute(_OF_PUBLISHER, asked)
    ]


async def counts(conn: AsyncConnection, *, since: datetime, server: str = "") -> dict[str, int]:
    """How often each thing was said since then; in every server, or in this one."""
    query = _COUNTS.where(table.c.server == server) if server else _COUNTS
    return {row.verdict: row.number for row in await conn.execute(query, {"since": since})}


async def wrong_stories(
    conn: AsyncConnection, *, since: datetime, server: str = ""
) -> list[tuple[StoryId, int]]:
    """Stories that several people say are told wrongly, with how many do."""
    query = _WRONG.where(table.c.server == server) if server else _WRONG
    return [(StoryId(row.story_id), row.people) for row in await conn.execute(query, {"since": since})]


async def by_item(conn: AsyncConnection) -> dict[int, dict[str, int]]:
    """How often each thing is said of the alerts of each item; items of which nothing is said are left out."""
    found: dict[int, dict[str, int]] = {}
    for row in await conn.execute(_BY_ITEM):
        found.setdefault(row.item_id, {})[row.verdict] = row.number
    return found
