"""What feedback changed for a server, until somebody takes it back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.schema import server_rules as table

#: "publisher-to-digest": what this publisher brings, below good evidence, waits for the digest.
RuleKind = Literal["publisher-to-digest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """``server``: whose rule it is; a channel's key where it has no server. ``value``: the publisher's name.
    ``cause``: why, in words."""

    id: int
    server: str
    kind: RuleKind
    value: str
    cause: str
    at: datetime
    undone: datetime | None = None
    undone_by: str = ""


_IN_FORCE = select(table).where(table.c.undone.is_(None)).order_by(table.c.id)
_OF = _IN_FORCE.where(table.c.server == bindparam("server"))
_ABOUT = _IN_FORCE.where(
    table.c.kind == bindparam("kind"), table.c.value == bindparam("value")
).with_only_columns(table.c.server)
_LAST_UNDONE = (
    select(table.c.undone)
    .where(
        table.c.server == bindparam("server"),
        table.c.kind == bindparam("kind"),
        table.c.value == bindparam("value"),
        table.c.undone.is_not(None),
    )
    .order_by(table.c.undone.desc())
    .limit(1)
)


async def add(
    tx: AsyncConnection, *, server: str, kind: RuleKind, value: str, cause: str, now: datetime
) -> Rule | None:
    """A rule that holds from now on; None when such a one holds already."""
    if any((held.kind, held.value) == (kind, value) for held in await in_force(tx, server)):
        return None
    values = {"server": server, "kind": kind, "value": value, "cause": cause, "at": now, "undone_by": ""}
    number = (await tx.execute(insert(table).returning(table.c.id), values)).scalar_one()
    return Rule(id=number, server=server, kind=kind, value=value, cause=cause, at=now)


async def in_force(conn: AsyncConnection, server: str) -> list[Rule]:
    """The rules that hold for a server, the oldest first."""
    return _rules(await conn.execute(_OF, {"server": server}))


async def undo(tx: AsyncConnection, number: int, *, server: str, by: str, now: datetime) -> Rule | None:
    """Take back a rule of this server; None when it has no such rule in force."""
    held = next((rule for rule in await in_force(tx, server) if rule.id == number), None)
    if held is not None:
        await tx.execute(update(table).where(table.c.id == number).values(undone=now, undone_by=by))
    return held


async def servers_with(conn: AsyncConnection, kind: RuleKind, value: str) -> frozenset[str]:
    """The servers in which such a rule about this value holds."""
    return frozenset(await conn.scalars(_ABOUT, {"kind": kind, "value": value}))


async def last_undone(conn: AsyncConnection, server: str, kind: RuleKind, value: str) -> datetime | None:
    """When such a rule was last taken back here."""
    moment: datetime | None = await conn.scalar(
        _LAST_UNDONE, {"server": server, "kind": kind, "value": value}
    )
    return moment


def _rules(rows: Iterable[Row[Any]]) -> list[Rule]:
    return [
        Rule(
            id=row.id,
            server=row.server,
            kind=row.kind,
            value=row.value,
            cause=row.cause,
            at=row.at,
            undone=row.undone,
            undone_by=row.undone_by,
        )
        for row in rows
    ]
