"""How each channel wants to be told, and what it was told lately."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, bindparam, case, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import ChannelKey, StoryId
from storage.columns import Moment
from storage.delivery_rows import OPEN_STATES
from storage.schema import alerts, deliveries
from storage.schema import channels as table
from storage.subscriptions import ensure_channels

#: Bound values of one statement stay far below what either back end takes.
_AT_ONCE = 1000
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSettings:
    """``server``: ``discord:<guild id>`` or ``slack:<team id>``, "" in a direct message and where it is not known.
    ``kind``: see ``bot.delivery.contract.Place``. ``budget`` is alerts a day, ``burst`` alerts an hour: None is the
    default, 0 is no limit. ``zone`` "" is UTC, ``locale`` "" English."""

    key: ChannelKey
    server: str = ""
    name: str = ""
    kind: str = ""
    locale: str = ""
    zone: str = ""
    budget: int | None = None
    burst: int | None = None
    threads: bool = False
    publish: bool = False

    @property
    def owner(self) -> str:
        """Whose rules hold here: the server's, or the channel's own where it has none."""
        return self.server or str(self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How many alerts a channel is told singly in the day and in the hour before a moment."""

    day: int = 0
    hour: int = 0


NOTHING = Load()
_BY_KEYS = select(table).where(table.c.key.in_(bindparam("keys", expanding=True)))
#: What was told, or is to be told, as a message of its own. ``due`` follows each try, so it is when that was.
_SINGLE = and_(
    deliveries.c.kind == "alert",
    deliveries.c.digest.is_(False),
    deliveries.c.state.in_((*OPEN_STATES, "sent")),
)
_LOADS = (
    select(
        deliveries.c.channel,
        func.count().label("day"),
        func.sum(case((deliveries.c.due > bindparam("hour", type_=Moment()), 1), else_=0)).label("hour"),
    )
    .where(
        deliveries.c.channel.in_(bindparam("keys", expanding=True)),
        deliveries.c.due > bindparam("day", type_=Moment()),
        deliveries.c.due <= bindparam("until", type_=Moment()),
        _SINGLE,
    )
    .group_by(deliveries.c.channel)
)
_THREAD = (
    select(deliveries.c.thread_id)
    .join(alerts, alerts.c.id == deliveries.c.alert_id)
    .where(
        alerts.c.story_id == bindparam("story"),
        deliveries.c.channel == bindparam("channel"),
        deliveries.c.state == "sent",
        deliveries.c.thread_id.is_not(None),
    )
    .order_by(deliveries.c.id.desc())
    .limit(1)
)


async def settings(conn: AsyncConnection, key: ChannelKey) -> ChannelSettings:
    """How this channel wants to be told; the defaults where it is not known."""
    return (await settings_of(conn, [key]))[key]


async def settings_of(
    conn: AsyncConnection, keys: Collection[ChannelKey]
) -> dict[ChannelKey, ChannelSettings]:
    """The same of each of these channels."""
    found = {key: ChannelSettings(key=key, server=_team(key)) for key in keys}
    for part in _parts(sorted(found)):
        for row in await conn.execute(_BY_KEYS, {"keys": part}):
            found[ChannelKey(row.key)] = _settings(row)
    return found


async def change(tx: AsyncConnection, key: ChannelKey, **changes: str | int | bool | None) -> ChannelSettings:
    """Change some of the settings (``zone``, ``locale``, ``budget``, ``burst``, ``threads``, ``publish``), also of a
    channel that was not known; returns what holds then."""
    await ensure_channels(tx, [key])
    if changes:
        await tx.execute(update(table).where(table.c.key == key).values(**changes))
    return await settings(tx, key)


async def loads(conn: AsyncConnection, moments: Mapping[ChannelKey, datetime]) -> dict[ChannelKey, Load]:
    """What each of these channels will have been told singly in the day and the hour up to its moment. A channel that
    is told nothing is left out."""
    found: dict[ChannelKey, Load] = {}
    by_moment: dict[datetime, list[ChannelKey]] = {}
    for key, moment in moments.items():
        by_moment.setdefault(moment, []).append(key)
    for moment, keys in by_moment.items():
        for part in _parts(sorted(keys)):
            asked = {"keys": part, "until": moment, "day": moment - DAY, "hour": moment - HOUR}
            for row in await conn.execute(_LOADS, asked):
                found[ChannelKey(row.channel)] = Load(day=row.day, hour=int(row.hour))
    return found


async def thread_of(conn: AsyncConnection, story: StoryId, channel: ChannelKey) -> str | None:
    """The platform's id of the thread or post in which the story was told in this channel last."""
    thread: str | None = await conn.scalar(_THREAD, {"story": story, "channel": channel})
    return thread


def _team(key: ChannelKey) -> str:
    """The workspace that a Slack channel's address names; a direct message (its id begins with D) is of none."""
    team, _, channel = key.partition("/")
    return team if team.startswith("slack:") and not channel.startswith("D") else ""


def _settings(row: Row[Any]) -> ChannelSettings:
    key = ChannelKey(row.key)
    return ChannelSettings(
        key=key,
        server=row.server or _team(key),
        name=row.name,
        kind=row.kind,
        locale=row.locale,
        zone=row.zone,
        budget=row.budget,
        burst=row.burst,
        threads=row.threads,
        publish=row.publish,
    )


def _parts(keys: Sequence[ChannelKey]) -> list[Sequence[ChannelKey]]:
    return [keys[at : at + _AT_ONCE] for at in range(0, len(keys), _AT_ONCE)]
