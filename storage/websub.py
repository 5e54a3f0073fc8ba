"""Subscriptions at hubs (WebSub): what was asked of which hub for which source, and until when it pushes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, Select, bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import SourceId, SourceMode
from storage.dialects import PerDialect
from storage.schema import sources, websub


class HubState(StrEnum):
    """Where a subscription stands. Only ``ACTIVE`` has a lease."""

    WANTED = "wanted"  # not asked yet
    ASKED = "asked"  # the hub was asked, and has not verified that we meant it
    ACTIVE = "active"
    DENIED = "denied"
    FAILED = "failed"  # the hub could not be asked
    LEAVING = "leaving"  # the hub was asked to end it


@dataclass(frozen=True, slots=True, kw_only=True)
class HubSubscription:
    """What Tipoff has at a hub for one source. ``token`` ends the callback's address, ``secret`` signs what the hub
    sends: both are secrets, and not shown. ``asked``: when the hub was last asked, or said no.

    ``wanted`` is False once its source is gone, stopped, or only polled. ``public_only``: a person gave the source.
    """

    source_id: SourceId
    hub: str
    topic_url: str
    token: str = field(repr=False)
    secret: str = field(repr=False)
    state: HubState
    asked: datetime
    lease_until: datetime | None = None
    error: str = ""
    wanted: bool = True
    public_only: bool = False


_WANT = PerDialect(
    websub,
    lambda insert: insert.on_conflict_do_update(
        index_elements=["source_id"],
        set_={column.name: insert.excluded[column.name] for column in websub.c if not column.primary_key},
    ),
)
_SOURCE = (
    select(sources.c.id).where(sources.c.id == bindparam("b_id")).with_for_update(read=True, key_share=True)
)
_ALL: Select[Any] = (
    select(websub, sources.c.enabled, sources.c.stopped, sources.c.mode, sources.c.user_given)
    .join(sources, sources.c.id == websub.c.source_id)
    .order_by(websub.c.source_id)
)
_FIND = _ALL.where(websub.c.token == bindparam("token"))
_OF: Any = bindparam("b_token")
_CLAIM = (
    update(websub)
    .where(
        websub.c.token == _OF,
        websub.c.state == bindparam("b_was"),
        websub.c.asked == bindparam("b_seen"),
    )
    .values(state=bindparam("b_state"), asked=bindparam("b_asked"), error="")
)
_ACTIVATE = (
    update(websub)
    .where(websub.c.token == _OF, websub.c.state.not_in([HubState.WANTED.value, HubState.LEAVING.value]))
    .values(state=HubState.ACTIVE.value, lease_until=bindparam("b_until"), error="")
)
_DENY = (
    update(websub)
    .where(websub.c.token == _OF, websub.c.state.not_in([HubState.WANTED.value, HubState.LEAVING.value]))
    .values(
        state=HubState.DENIED.value, asked=bindparam("b_at"), error=bindparam("b_error"), lease_until=None
    )
)
_FAIL = (
    update(websub)
    .where(websub.c.token == _OF, websub.c.state == HubState.ASKED.value)
    .values(state=HubState.FAILED.value, error=bindparam("b_error"))
)
_FAIL_RENEWAL = (
    update(websub)
    .where(websub.c.token == _OF, websub.c.state == HubState.ACTIVE.value)
    .values(error=bindparam("b_error"))
)
_FORGET = delete(websub).where(websub.c.token == _OF)


async def want(
    tx: AsyncConnection,
    source_id: SourceId,
    *,
    hub: str,
    topic_url: str,
    token: str,
    secret: str,
    now: datetime,
) -> None:
    """Note that a subscription is wanted. It takes the place of the one that the source has, if any. Nothing happens
    when the source is gone; safe to repeat."""
    if await tx.scalar(_SOURCE, {"b_id": source_id}) is None:
        return
    row = {
        "source_id": source_id, "hub": hub, "topic_url": topic_url, "token": token, "secret": secret,
        "state": HubState.WANTED.value, "asked": now, "lease_until": None, "error": "",
    }  # fmt: skip
    await tx.execute(_WANT.on(tx), row)


async def every(conn: AsyncConnection) -> Sequence[HubSubscription]:
    """All of them, by source."""
    return [_subscription(row) for row in await conn.execute(_ALL)]


async def find(conn: AsyncConnection, token: str) -> HubSubscription | None:
    """The subscription whose callback's address ends with this token."""
    row = (await conn.execute(_FIND, {"token": token})).one_or_none()
    return None if row is None else _subscription(row)


async def claim(tx: AsyncConnection, seen: HubSubscription, state: HubState, *, now: datetime) -> bool:
    """Save that the hub is asked now, before it is. False when another process was first, or the subscription is no
    longer as it was seen; then it must not be asked."""
    done = await tx.execute(
        _CLAIM,
        {
            "b_token": seen.token, "b_was": seen.state.value, "b_seen": seen.asked, "b_state": state.value,
            "b_asked": now,
        },
    )  # fmt: skip
    return bool(done.rowcount)


async def activate(tx: AsyncConnection, token: str, *, until: datetime) -> bool:
    """The hub verified it and pushes until then. False for one that was not asked for, or is being left."""
    done = await tx.execute(_ACTIVATE, {"b_token": token, "b_until": until})
    return bool(done.rowcount)


async def deny(tx: AsyncConnection, token: str, reason: str, *, now: datetime) -> bool:
    """The hub said no, or ended it. False for one that was not asked for, or is being left."""
    done = await tx.execute(_DENY, {"b_token": token, "b_error": reason, "b_at": now})
    return bool(done.rowcount)


async def fail(tx: AsyncConnection, token: str, reason: str) -> None:
    """The hub could not be asked. A lease that still runs stays: then only the reason is kept. One that the hub
    verified in the meantime stays too."""
    for statement in (_FAIL, _FAIL_RENEWAL):
        await tx.execute(statement, {"b_token": token, "b_error": reason})


async def forget(tx: AsyncConnection, token: str) -> None:
    await tx.execute(_FORGET, {"b_token": token})


def _subscription(row: Row[Any]) -> HubSubscription:
    return HubSubscription(
        source_id=SourceId(row.source_id),
        hub=row.hub,
        topic_url=row.topic_url,
        token=row.token,
        secret=row.secret,
        state=HubState(row.state),
        asked=row.asked,
        lease_until=row.lease_until,
        error=row.error,
        wanted=row.enabled and not row.stopped and row.mode == SourceMode.STREAM,
        public_only=row.user_given,
    )
