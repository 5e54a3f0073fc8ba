"""Deliveries whose time passed while their channel could not be reached: tried again, told together in a digest, or
given up."""

from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, case, false, func, literal, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import ChannelKey
from storage.columns import Moment
from storage.database import outbox_lock
from storage.schema import deliveries as table

#: What ``folded_for`` says of a delivery that came here.
LATE = "late"

_SURELY_UNTOLD = and_(table.c.state.in_(("pending", "retry")), table.c.ambiguous.is_(False))
#: When it was to be told first: ``due`` moves with each try.
_first_due = func.coalesce(table.c.first_tried, table.c.due)
_TO_DIGEST = (
    update(table)
    .where(
        or_(
            and_(table.c.id == bindparam("b_id"), table.c.state == "sending"),
            and_(
                _SURELY_UNTOLD,
                table.c.channel == bindparam("b_channel"),
                table.c.kind == "alert",
                table.c.digest.is_(False),
                _first_due < bindparam("b_before", type_=Moment()),
            ),
        ),
    )
    .values(
        state="pending", digest=true(), folded_for=LATE, due=bindparam("b_now", type_=Moment()), ambiguous=false(),
        owner=None, lease_until=None,
    )
)  # fmt: skip
_why = case(
    (table.c.last_error == "", "given up: the platform was not served"),
    else_=literal("given up: ").concat(table.c.last_error),
)
_EXPIRE = (
    update(table)
    .where(
        table.c.state.in_(("pending", "retry")),
        table.c.due < bindparam("b_before", type_=Moment()),
        _first_due < bindparam("b_before", type_=Moment()),
    )
    .values(state="expired", last_error=_why, finished=bindparam("b_now", type_=Moment()))
)


def _with_its_digest(state: str) -> Any:
    parents = table.alias("parents")
    ended = select(parents.c.id).where(parents.c.state == state)
    return (
        update(table)
        .where(table.c.state == "folded", table.c.digest_id.in_(ended))
        .values(state=state, finished=bindparam("b_now", type_=Moment()))
    )


_EXPIRE_FOLDED = _with_its_digest("expired")


_TRY_NOW = (
    update(table)
    .where(table.c.state == "retry", table.c.due > bindparam("b_now", type_=Moment()))
    .values(due=bindparam("b_now", type_=Moment()))
)


async def try_now(tx: AsyncConnection, *, now: datetime) -> int:
    """Let nothing wait for its next try, for a start: what it waited for may be mended (a new token). Returns how many
    waited."""
    return (await tx.execute(_TRY_NOW, {"b_now": now})).rowcount


async def hand_to_digest(
    tx: AsyncConnection, delivery_id: int, channel: ChannelKey, *, before: datetime, now: datetime
) -> int:
    """This alert, which was claimed and surely not told, waits for a digest from now on, and so does each of its
    channel that should have been told ``before``. Returns how many; ``fold_digests`` makes the digest."""
    await outbox_lock(tx)
    asked = {"b_id": delivery_id, "b_channel": channel, "b_before": before, "b_now": now}
    return (await tx.execute(_TO_DIGEST, asked)).rowcount


async def expire(tx: AsyncConnection, *, before: datetime, now: datetime) -> int:
    """Give up what should have been told ``before``, also for platforms that are not served at all. Returns how
    many deliveries that ends, without what a digest held."""
    await outbox_lock(tx)
    asked = {"b_before": before, "b_now": now}
    ended = (await tx.execute(_EXPIRE, asked)).rowcount
    if ended:
        await tx.execute(_EXPIRE_FOLDED, {"b_now": now})
    return ended
