"""Slack workspaces that installed the app, and installations under way (OAuth 2.0).

What a workspace entrusted us with is ``sealed`` before it comes here: this file has no key.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.dialects import PerDialect
from storage.schema import slack_installs as table
from storage.schema import slack_states

#: Anyone may begin an installation, so what was begun is bounded.
MOST_STATES = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackInstall:
    """``team`` is "" for a whole Enterprise organisation; ``sealed`` is "" for a workspace that its organisation's
    installation serves. ``bot_expires`` None: the token does not expire."""

    enterprise: str
    team: str
    sealed: str = field(repr=False)
    installed: datetime
    bot_expires: datetime | None = None


_SAVE = PerDialect(
    table,
    lambda insert: insert.on_conflict_do_update(
        index_elements=["enterprise", "team", "user_id"],
        set_={
            "sealed": insert.excluded.sealed,
            "bot_expires": insert.excluded.bot_expires,
            "installed": insert.excluded.installed,
        },
    ),
)
_OF_TEAM = (
    select(table)
    .where(table.c.team == bindparam("team"), table.c.team != "")
    .order_by(table.c.installed.desc())
    .limit(1)
)
_OF_ENTERPRISE = select(table).where(table.c.enterprise == bindparam("enterprise"), table.c.team == "")


async def save(tx: AsyncConnection, install: SlackInstall) -> None:
    """Keep an installation, in place of what the workspace had."""
    if install.team:
        moved = table.c.enterprise != install.enterprise
        await tx.execute(delete(table).where(table.c.team == install.team, moved))
    row = {
        "enterprise": install.enterprise,
        "team": install.team,
        "user_id": "",
        "sealed": install.sealed,
        "bot_expires": install.bot_expires,
        "installed": install.installed,
    }
    await tx.execute(_SAVE.on(tx), [row])


async def of_team(conn: AsyncConnection, team: str) -> SlackInstall | None:
    """The workspace's own row; its ``sealed`` is "" when its organisation's installation serves it."""
    return _install((await conn.execute(_OF_TEAM, {"team": team})).first())


async def of_enterprise(conn: AsyncConnection, enterprise: str) -> SlackInstall | None:
    return _install((await conn.execute(_OF_ENTERPRISE, {"enterprise": enterprise})).first())


async def every(conn: AsyncConnection) -> list[SlackInstall]:
    """All of them, the oldest first."""
    rows = await conn.execute(select(table).order_by(table.c.id))
    return [found for row in rows if (found := _install(row)) is not None]


async def remove(tx: AsyncConnection, *, team: str, enterprise: str = "", whole: bool = False) -> list[str]:
    """Forget a workspace's tokens, or (``whole``) those of its organisation; returns the workspaces that are without
    now."""
    gone = table.c.enterprise == enterprise if whole and enterprise else table.c.team == team
    teams = [name for name in await tx.scalars(select(table.c.team).where(gone)) if name]
    await tx.execute(delete(table).where(gone))
    return sorted({*teams, team} - {""})


async def begin(tx: AsyncConnection, state: str, *, expires: datetime, now: datetime) -> bool:
    """An installation begins. False when too many are under way."""
    await tx.execute(delete(slack_states).where(slack_states.c.expires <= now))
    under_way = await tx.scalar(select(func.count()).select_from(slack_states)) or 0
    if under_way >= MOST_STATES:
        return False
    await tx.execute(slack_states.insert(), [{"state": state, "expires": expires}])
    return True


async def end(tx: AsyncConnection, state: str, *, now: datetime) -> bool:
    """Whether this installation was begun, not long ago, and not ended before: each state is good once."""
    found = delete(slack_states).where(slack_states.c.state == state).returning(slack_states.c.expires)
    expires: Sequence[datetime] = list(await tx.scalars(found))
    return bool(expires) and expires[0] > now


def _install(row: Row[Any] | None) -> SlackInstall | None:
    if row is None:
        return None
    return SlackInstall(
        enterprise=row.enterprise,
        team=row.team,
        sealed=row.sealed,
        installed=row.installed,
        bot_expires=row.bot_expires,
    )
