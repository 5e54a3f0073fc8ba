"""Taking deliveries out of the outbox and recording what became of them.

A delivery is sent by whoever holds its lease, and a channel is sent one message at a time, in the order of ids.
A lease that ran out leaves it uncertain whether the message went out: the delivery is then ``ambiguous``.
"""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import and_, bindparam, case, false, func, insert, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import ChannelKey
from storage.columns import Moment
from storage.database import outbox_lock
from storage.delivery_rows import OPEN_STATES, DeliveryRow, rows_by_id
from storage.schema import deliveries as table

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def _claimable(*, uncertain: bool | None) -> Any:
    now = bindparam("now", type_=Moment())
    sending = table.c.state == "sending"
    # Quiet hours hold a delivery without holding up those after it; a failed one that waits for its next try does.
    resting = and_(table.c.state == "pending", table.c.due > now)
    heads = (
        select(func.min(table.c.id).label("id"))
        .where(
            table.c.state.in_(OPEN_STATES),
            table.c.digest.is_(False),
            table.c.platform.in_(bindparam("platforms", expanding=True)),
            ~resting,
        )
        .group_by(table.c.channel)
        .having(func.sum(case((and_(sending, table.c.lease_until > now), 1), else_=0)) == 0)
        .subquery()
    )
    lapsed = and_(sending, table.c.lease_until <= now)
    ready = or_(and_(table.c.state.in_(("pending", "retry")), table.c.due <= now), lapsed)
    wanted = [ready, table.c.channel.not_in(bindparam("resting", expanding=True))]
    if uncertain is not None:
        doubt = or_(table.c.ambiguous, lapsed)
        wanted.append(doubt if uncertain else ~doubt)
    return (
        select(table.c.id)
        .join(heads, heads.c.id == table.c.id)
        .where(*wanted)
        .order_by(table.c.id)
        .limit(bindparam("most"))
        .with_for_update(of=table, skip_locked=True)
    )


_CLAIMABLE = {uncertain: _claimable(uncertain=uncertain) for uncertain in (None, False, True)}
_TAKE = (
    update(table)
    .where(table.c.id.in_(bindparam("ids", expanding=True)))
    .values(
        ambiguous=case((table.c.state == "sending", true()), else_=table.c.ambiguous),
        state="sending",
        attempts=table.c.attempts + 1,
        owner=bindparam("b_owner"),
        lease_until=bindparam("b_lease_until", type_=Moment()),
        first_tried=func.coalesce(table.c.first_tried, bindparam("b_now", type_=Moment())),
    )
)
_ADD = insert(table)
_DUE_CHILDREN = (
    select(table.c.id, table.c.channel)
    .where(
        table.c.state == "pending", table.c.digest.is_(True), table.c.due <= bindparam("now", type_=Moment())
    )
    .order_by(table.c.id)
)
_DIGEST_IDS = select(table.c.channel, table.c.id).where(
    table.c.token.in_(bindparam("tokens", expanding=True))
)
_UNTOLD_DIGESTS = (
    select(table.c.channel, func.max(table.c.id).label("id"))
    .where(
        table.c.channel.in_(bindparam("channels", expanding=True)),
        table.c.kind == "digest",
        table.c.state.in_(("pending", "retry")),
        table.c.ambiguous.is_(False),
    )
    .group_by(table.c.channel)
)
_FOLD = (
    update(table)
    .where(table.c.id == bindparam("b_id"))
    .values(state="folded", digest_id=bindparam("b_digest"))
)


async def claim(
    tx: AsyncConnection,
    *,
    now: datetime,
    owner: str,
    lease: timedelta,
    limit: int,
    platforms: Sequence[str],
    uncertain: bool | None = None,
    resting: Sequence[ChannelKey] = (),
) -> list[DeliveryRow]:
    """Take the next delivery of each channel that has one due, the oldest first, at most ``limit``.

    ``uncertain``: only those that may have been told already (True) or only those that surely were not (False).
    ``resting``: channels to leave alone, and beginnings of channels, which end in "/".

    No channel gets a second one while one of its is being sent, nor one that comes after a failed one that waits
    for its next try. A delivery whose lease ran out is taken over and is ``ambiguous``. Two claims never
    return the same delivery. Waiting digest entries are not claimed: ``fold_digests`` first.
    """
    await outbox_lock(tx)
    query = _CLAIMABLE[uncertain]
    for beginning in (key for key in resting if key.endswith("/")):
        query = query.where(func.substr(table.c.channel, 1, len(beginning)) != beginning)
    asked = {"now": now, "platforms": list(platforms), "resting": list(resting), "most": limit}
    found = await tx.scalars(query, asked)
    ids = list(found)
    if not ids:
        return []
    await tx.execute(_TAKE, {"ids": ids, "b_owner": owner, "b_lease_until": now + lease, "b_now": now})
    return await rows_by_id(tx, ids)


async def fold_digests(tx: AsyncConnection, *, now: datetime) -> int:
    """Make one digest of what waits for each channel and is due; returns how many digests it went into.

    A digest that the channel surely did not get yet takes in what is due meanwhile: a channel that was out of reach
    for long is told one digest when it is back.
    """
    await outbox_lock(tx)
    by_channel: dict[str, list[int]] = {}
    for child in await tx.execute(_DUE_CHILDREN, {"now": now}):
        by_channel.setdefault(child.channel, []).append(child.id)
    if not by_channel:
        return 0
    untold = await tx.execute(_UNTOLD_DIGESTS, {"channels": list(by_channel)})
    ids: dict[str, int] = {row.channel: row.id for row in untold}
    digests = [
        new_row(kind="digest", channel=ChannelKey(channel), due=now, now=now)
        for channel in by_channel
        if channel not in ids
    ]
    if digests:
        await tx.execute(_ADD, digests)
        found = await tx.execute(_DIGEST_IDS, {"tokens": [row["token"] for row in digests]})
        ids |= {row.channel: row.id for row in found}
    folded = [
        {"b_id": child, "b_digest": ids[channel]}
        for channel, waiting in by_channel.items()
        for child in waiting
    ]
    await tx.execute(_FOLD, folded)
    return len(by_channel)


def new_row(
    *,
    kind: str,
    channel: ChannelKey,
    due: datetime,
    now: datetime,
    alert_id: int | None = None,
    digest: bool = False,
    folded_for: str = "",
    notice_key: str | None = None,
    title: str = "",
    text: str = "",
) -> dict[str, Any]:
    """The values of a delivery that nobody tried yet."""
    return {
        "token": secrets.token_hex(10),  # Discord's nonce may have 25 characters
        "kind": kind,
        "alert_id": alert_id,
        "channel": channel,
        "platform": channel.partition(":")[0],
        "state": "pending",
        "digest": digest,
        "folded_for": folded_for,
        "notice_key": notice_key,
        "title": title,
        "text": text,
        "due": due,
        "attempts": 0,
        "ambiguous": False,
        "last_error": "",
        "created": now,
    }


async def record_sent(
    tx: AsyncConnection,
    delivery_id: int,
    *,
    message_id: str,
    thread_id: str | None,
    now: datetime,
    note: str = "",
) -> None:
    """The message is there. What a digest told counts as sent with it. Saying it twice is harmless. ``note``: why it
    is not in the form that it should have had."""
    done = {"state": "sent", "finished": now, "owner": None, "lease_until": None}
    await tx.execute(
        update(table)
        .where(table.c.id == delivery_id)
        .values(**done, message_id=message_id, thread_id=thread_id, ambiguous=False, last_error=note)
    )
    await tx.execute(update(table).where(table.c.digest_id == delivery_id).values(state="sent", finished=now))


async def record_retry(
    tx: AsyncConnection, delivery_id: int, *, due: datetime, error: str, ambiguous: bool
) -> None:
    """Not told yet; try again at ``due``. A delivery that has its outcome by now keeps it."""
    await tx.execute(
        update(table)
        .where(table.c.id == delivery_id, table.c.state == "sending")
        .values(state="retry", due=due, last_error=error, ambiguous=ambiguous, owner=None, lease_until=None)
    )


async def record_failed(
    tx: AsyncConnection,
    delivery_id: int,
    *,
    state: Literal["gone", "rejected", "expired"],
    error: str,
    now: datetime,
) -> None:
    """It will not be told, nor will what a digest held. A delivery that was sent stays sent."""
    await tx.execute(
        update(table)
        .where(
            or_(table.c.id == delivery_id, table.c.digest_id == delivery_id),
            table.c.state.in_((*OPEN_STATES, "folded")),
        )
        .values(state=state, last_error=error, finished=now, owner=None, lease_until=None)
    )


async def release(tx: AsyncConnection, *, owner: str, ambiguous: bool = True) -> int:
    """Hand back what this owner claimed and recorded no outcome of; returns how many that were.

    ``ambiguous`` (the default is the safe side): a send may have begun, so look before sending again. Pass False
    only for claims that certainly never reached a handler.
    """
    handed_back = await tx.execute(
        update(table)
        .where(table.c.state == "sending", table.c.owner == owner)
        .values(
            state="retry",
            owner=None,
            lease_until=None,
            ambiguous=or_(table.c.ambiguous, true() if ambiguous else false()),
        )
    )
    return handed_back.rowcount


async def void_leases(tx: AsyncConnection) -> int:
    """End every lease. Only for a process that knows itself to be the only one; returns how many there were."""
    ended = await tx.execute(update(table).where(table.c.state == "sending").values(lease_until=_LONG_AGO))
    return ended.rowcount
