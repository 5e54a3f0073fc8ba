"""Sources and what is known of polling them: the due table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Boolean, Row, bindparam, case, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import ANY_PACE, Grade, Pace, Source, SourceId, SourceKind, SourceMode, TopicId
from storage.columns import Moment
from storage.dialects import PerDialect
from storage.schema import sources


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """A source with its polling so far. ``failures`` are those in a row, ``oks`` the good polls ever;
    ``stopped`` says why it is no longer asked, "" while it is; ``items`` were new over all polls.

    ``current_url``: where it moved for good, learnt from redirects; ``moved_url`` was told ``moved_seen`` times in a
    row and is not yet believed. ``memo`` is its adapter's. ``usual_gap``: the usual time between two polls that
    brought something new. ``announced``: since when people know that it cannot be read."""

    source: Source
    etag: str | None
    last_modified: str | None
    next_poll: datetime
    last_poll: datetime | None
    last_ok: datetime | None
    last_new: datetime | None
    last_status: int | None
    last_error: str
    failures: int
    oks: int
    items: int
    stopped: str
    body_hash: str
    current_url: str = ""
    moved_url: str = ""
    moved_seen: int = 0
    memo: str = ""
    pace: Pace = ANY_PACE
    usual_gap: timedelta | None = None
    announced: datetime | None = None
    given_by: str = ""

    @property
    def every(self) -> timedelta:
        return self.source.every

    @property
    def every_max(self) -> timedelta | None:
        return self.source.every_max


@dataclass(frozen=True, slots=True, kw_only=True)
class PollRecord:
    """What one poll came to. ``error == ""`` is a success, also for a 304.

    ``memo``, ``pace``, ``usual_gap`` and ``current_url`` stay as they are where this says None. ``streamed``: it was
    no poll, the source pushed; then only what is new is recorded, and that the source lives.
    """

    source_id: SourceId
    at: datetime
    status: int | None
    etag: str | None
    last_modified: str | None
    next_poll: datetime
    error: str = ""
    stopped: str = ""
    items_new: int = 0
    body_hash: str = ""
    current_url: str | None = None
    moved_url: str = ""
    moved_seen: int = 0
    memo: str | None = None
    pace: Pace | None = None
    usual_gap: timedelta | None = None
    streamed: bool = False


_HTTP_NOT_MODIFIED = 304

_ADD = PerDialect(sources, lambda insert: insert.on_conflict_do_nothing(index_elements=["id"]))
_REDEFINE = update(sources).where(sources.c.id == bindparam("b_id"))
_DUE = (
    select(sources)
    .where(
        sources.c.enabled.is_(True),
        sources.c.stopped == "",
        sources.c.next_poll <= bindparam("now", type_=Moment()),
    )
    .order_by(sources.c.next_poll, sources.c.id)
    .limit(bindparam("most"))
)
_ADDRESSES = select(sources.c.id, sources.c.url, sources.c.enabled)
_BY_ID = select(sources).where(sources.c.id == bindparam("b_id"))
_STATES = select(sources).where(sources.c.enabled.is_(True)).order_by(sources.c.id)
_OF_IDS = _STATES.where(sources.c.id.in_(bindparam("ids", expanding=True)))


def _record_statement() -> Any:
    ok = bindparam("b_ok", type_=Boolean)
    fresh = bindparam(
        "b_fresh", type_=Boolean
    )  # a new document: its validators replace the old, also by none
    at = bindparam("b_at", type_=Moment())
    new = bindparam("b_new", type_=sources.c["items"].type)
    etag = bindparam("b_etag", type_=sources.c.etag.type)
    last_modified = bindparam("b_last_modified", type_=sources.c.last_modified.type)
    body_hash = bindparam("b_body_hash", type_=sources.c.body_hash.type)

    def kept_if_none(name: str) -> Any:
        return func.coalesce(bindparam(f"b_{name}", type_=sources.c[name].type), sources.c[name])

    return (
        update(sources)
        .where(sources.c.id == bindparam("b_id"))
        .values(
            etag=case((fresh, etag), else_=func.coalesce(etag, sources.c.etag)),
            last_modified=case(
                (fresh, last_modified), else_=func.coalesce(last_modified, sources.c.last_modified)
            ),
            body_hash=case((body_hash != "", body_hash), else_=sources.c.body_hash),
            next_poll=bindparam("b_next_poll"),
            last_poll=at,
            last_ok=case((ok, at), else_=sources.c.last_ok),
            last_new=case((new > 0, at), else_=sources.c.last_new),
            last_status=bindparam("b_status"),
            last_error=bindparam("b_error"),
            failures=case((ok, 0), else_=sources.c.failures + 1),
            oks=case((ok, sources.c.oks + 1), else_=sources.c.oks),
            items=sources.c["items"] + new,
            stopped=bindparam("b_stopped"),
            current_url=kept_if_none("current_url"),
            moved_url=bindparam("b_moved_url"),
            moved_seen=bindparam("b_moved_seen"),
            memo=kept_if_none("memo"),
            pace=kept_if_none("pace"),
            usual_gap=kept_if_none("usual_gap"),
        )
    )


_RECORD = _record_statement()
_RECORD_STREAMED = (
    update(sources)
    .where(sources.c.id == bindparam("b_id"))
    .values(
        last_ok=bindparam("b_at"),
        last_new=case(
            (bindparam("b_new", type_=sources.c["items"].type) > 0, bindparam("b_at", type_=Moment())),
            else_=sources.c.last_new,
        ),
        items=sources.c["items"] + bindparam("b_new", type_=sources.c["items"].type),
    )
)
_HASTEN = (
    update(sources)
    .where(sources.c.id.in_(bindparam("ids", expanding=True)), sources.c.stopped == "")
    .values(next_poll=bindparam("b_now"))
)
_HASTEN_HEALTHY = _HASTEN.where(sources.c.failures == 0)


async def sync_catalog(tx: AsyncConnection, catalog: Sequence[Source], *, now: datetime) -> None:
    """Make the table hold these sources: new ones are due at once, changed ones keep their state, missing ones are
    no longer asked (those that a person gave stay).

    A changed address forgets what belonged to the old document, and why it was stopped.
    """
    held = {row.id: row for row in await tx.execute(select(sources))}
    new = [_new_row(source, now) for source in catalog if source.id not in held]
    if new:
        await tx.execute(_ADD.on(tx), new)
    for source in catalog:
        row = held.get(source.id)
        if row is not None and (changes := _changes(row, source, now)):
            await tx.execute(_REDEFINE.values(**changes), {"b_id": source.id})
    listed = {source.id for source in catalog}
    missing = [row.id for row in held.values() if row.enabled and not row.given_by and row.id not in listed]
    if missing:
        await tx.execute(_REDEFINE.values(enabled=False), [{"b_id": source_id} for source_id in missing])


async def add_given(
    tx: AsyncConnection, given: Sequence[Source], *, by: str, now: datetime
) -> list[SourceId]:
    """Read these addresses too, from now on, whatever the catalog lists; returns the ids of those that were not read
    before. ``by``: the channel whose people gave them, ``console:`` for whoever runs Tipoff."""
    held = list(await tx.execute(_ADDRESSES))
    by_url = {row.url for row in held if row.enabled}
    enabled = {row.id: row.enabled for row in held}
    added: list[SourceId] = []
    for source in given:
        if source.url in by_url or enabled.get(source.id):
            continue
        by_url.add(source.url)
        added.append(source.id)
        if source.id in enabled:  # it was removed once
            row = (await tx.execute(_BY_ID, {"b_id": source.id})).one()
            changes = _changes(row, source, now) | {"given_by": by, "next_poll": now}
            await tx.execute(_REDEFINE.values(**changes), {"b_id": source.id})
        else:
            await tx.execute(_ADD.on(tx), [_new_row(source, now, by)])
    return added


async def remove_given(tx: AsyncConnection, source_id: str) -> bool:
    """Stop reading an address that a person gave; what it brought stays. False when there is no such source."""
    gone = await tx.execute(
        update(sources)
        .where(sources.c.id == source_id, sources.c.given_by != "", sources.c.enabled.is_(True))
        .values(enabled=False)
    )
    return gone.rowcount > 0


def _definition(source: Source) -> dict[str, Any]:
    return {
        "name": source.name,
        "kind": source.kind.value,
        "url": source.url,
        "topics": list(source.topics),
        "grade": source.grade.value,
        "every": source.every,
        "language": source.language,
        "publisher": source.publisher,
        "why": source.why,
        "mode": source.mode.value,
        "stream": source.stream,
        "every_min": source.every_min,
        "every_max": source.every_max,
        "user_given": source.user_given,
    }


def _new_row(source: Source, now: datetime, given_by: str = "") -> dict[str, Any]:
    return {
        "id": source.id,
        **_definition(source),
        "enabled": True,
        "body_hash": "",
        "next_poll": now,
        "last_error": "",
        "failures": 0,
        "oks": 0,
        "items": 0,
        "stopped": "",
        "given_by": given_by,
        "current_url": "",
        "moved_url": "",
        "moved_seen": 0,
        "memo": "",
        "pace": {},
    }


def _changes(row: Row[Any], source: Source, now: datetime) -> dict[str, Any]:
    changes = {name: value for name, value in _definition(source).items() if getattr(row, name) != value}
    if "url" in changes or "kind" in changes:
        changes |= {
            "etag": None, "last_modified": None, "body_hash": "", "stopped": "", "failures": 0,
            "last_error": "", "next_poll": now, "current_url": "", "moved_url": "", "moved_seen": 0, "memo": "",
            "pace": {}, "usual_gap": None, "announced": None,
        }  # fmt: skip
    elif "every" in changes:
        changes["next_poll"] = min(row.next_poll, now + source.every)
    if not row.enabled:
        changes["enabled"] = True
    return changes


async def due(conn: AsyncConnection, *, now: datetime, limit: int) -> list[SourceState]:
    """Sources to ask now, the longest overdue first."""
    return [state_of(row) for row in await conn.execute(_DUE, {"now": now, "most": limit})]


async def states(conn: AsyncConnection) -> list[SourceState]:
    """Every source that the catalog or a person names, also stopped ones, by id."""
    return [state_of(row) for row in await conn.execute(_STATES)]


async def pushed(conn: AsyncConnection) -> list[SourceState]:
    """Those that ask to be pushed, by id."""
    query = _STATES.where(sources.c.mode == SourceMode.STREAM.value)
    return [state_of(row) for row in await conn.execute(query)]


async def of_ids(conn: AsyncConnection, ids: Sequence[SourceId]) -> list[SourceState]:
    """Those of these sources that are there, by id."""
    return [state_of(row) for row in await conn.execute(_OF_IDS, {"ids": list(ids)})] if ids else []


async def record_polls(tx: AsyncConnection, records: Sequence[PollRecord]) -> None:
    """Save what polls came to. A 304 and an error keep the validators unless they bring some."""
    polled = [_poll_values(record) for record in records if not record.streamed]
    if polled:
        await tx.execute(_RECORD, polled)
    pushed = [
        {"b_id": record.source_id, "b_at": record.at, "b_new": record.items_new}
        for record in records
        if record.streamed
    ]
    if pushed:
        await tx.execute(_RECORD_STREAMED, pushed)


async def hasten(
    tx: AsyncConnection, ids: Sequence[SourceId], *, now: datetime, healthy_only: bool = False
) -> None:
    """Make these sources due now, unless they are stopped. ``healthy_only``: one that is failing keeps its pause."""
    if ids:
        statement = _HASTEN_HEALTHY if healthy_only else _HASTEN
        await tx.execute(statement, {"ids": list(ids), "b_now": now})


def _poll_values(record: PollRecord) -> dict[str, Any]:
    ok = record.error == ""
    return {
        "b_id": record.source_id,
        "b_ok": ok,
        "b_fresh": ok and record.status != _HTTP_NOT_MODIFIED,
        "b_at": record.at,
        "b_new": record.items_new,
        "b_etag": record.etag,
        "b_last_modified": record.last_modified,
        "b_body_hash": record.body_hash,
        "b_next_poll": record.next_poll,
        "b_status": record.status,
        "b_error": record.error,
        "b_stopped": record.stopped,
        "b_current_url": record.current_url,
        "b_moved_url": record.moved_url,
        "b_moved_seen": record.moved_seen,
        "b_memo": record.memo,
        "b_pace": _pace_values(record.pace) if record.pace is not None else None,
        "b_usual_gap": record.usual_gap,
    }


def _pace_values(pace: Pace) -> dict[str, Any]:
    values = {"s": pace.at_least_s, "hours": sorted(pace.skip_hours), "days": sorted(pace.skip_days)}
    return {name: value for name, value in values.items() if value}


def _pace(values: Any) -> Pace:
    if not values:
        return ANY_PACE
    return Pace(
        at_least_s=values.get("s", 0),
        skip_hours=frozenset(values.get("hours", ())),
        skip_days=frozenset(values.get("days", ())),
    )


def state_of(row: Row[Any]) -> SourceState:
    """A row of the table."""
    return SourceState(
        source=source_of(row),
        etag=row.etag,
        last_modified=row.last_modified,
        next_poll=row.next_poll,
        last_poll=row.last_poll,
        last_ok=row.last_ok,
        last_new=row.last_new,
        last_status=row.last_status,
        last_error=row.last_error,
        failures=row.failures,
        oks=row.oks,
        items=row.items,
        stopped=row.stopped,
        body_hash=row.body_hash,
        current_url=row.current_url,
        moved_url=row.moved_url,
        moved_seen=row.moved_seen,
        memo=row.memo,
        pace=_pace(row.pace),
        usual_gap=row.usual_gap,
        announced=row.announced,
        given_by=row.given_by,
    )


def source_of(row: Row[Any]) -> Source:
    """The source that a row of the table describes."""
    return Source(
        id=SourceId(row.id),
        name=row.name,
        kind=SourceKind(row.kind),
        url=row.url,
        topics=tuple(TopicId(topic) for topic in row.topics),
        grade=Grade(row.grade),
        every=row.every,
        language=row.language,
        publisher=row.publisher,
        why=row.why,
        user_given=row.user_given,
        mode=SourceMode(row.mode),
        stream=row.stream,
        every_min=row.every_min,
        every_max=row.every_max,
    )
