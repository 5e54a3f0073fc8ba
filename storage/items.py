"""Items with what judgement said of them: saving verdicts, and giving them back to a judge that starts anew."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Row, bindparam, case, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import (
    Claim,
    Event,
    Grade,
    Graded,
    Item,
    ItemId,
    SourceId,
    StoryId,
    TopicId,
    TopicMatch,
    Verdict,
    WatchMove,
)
from storage.claims import record_claims
from storage.columns import Moment, storable
from storage.dialects import PerDialect
from storage.growth import grow_stories
from storage.schema import alerts, deliveries, items, stories
from storage.watches import record_moves

#: Bound values of one statement stay far below what either back end takes (32,766 and 65,535).
_AT_ONCE = 1000
#: Longer ids are stored shortened, with their hash: PostgreSQL indexes no value above some 2,700 bytes.
_LONGEST_ID = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """A stored item with its verdict. ``backfill``: recorded when its source was first read, not as news."""

    id: ItemId
    source: SourceId
    external_id: str
    url: str
    title: str
    publisher: str
    published: datetime
    seen: datetime
    summary: str
    author: str
    language: str
    source_grade: Grade
    story: StoryId
    graded: Graded
    event: Event
    alert: bool
    topics: tuple[TopicMatch, ...]
    reasons: tuple[str, ...]
    claims: tuple[Claim, ...]
    watch: tuple[WatchMove, ...]
    previous_grade: Grade | None
    backfill: bool

    def as_item(self) -> Item:
        return Item(
            source=self.source,
            external_id=self.external_id,
            url=self.url,
            title=self.title,
            publisher=self.publisher,
            published=self.published,
            seen=self.seen,
            summary=self.summary,
            author=self.author,
            language=self.language,
            source_grade=self.source_grade,
        )

    def as_verdict(self, *, event: Event | None = None, alert: bool | None = None) -> Verdict:
        """The verdict as it was given, with another event or alert where one is named."""
        return Verdict(
            item=self.as_item(),
            story=self.story,
            topics=self.topics,
            graded=self.graded,
            event=self.event if event is None else event,
            alert=self.alert if alert is None else alert,
            reasons=self.reasons,
            previous_grade=self.previous_grade,
            claims=self.claims,
            watch=self.watch,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """A stored verdict; ``seq`` grows in the order in which verdicts were stored."""

    seq: int
    verdict: Verdict


_ADD = PerDialect(
    items,
    lambda insert: insert.on_conflict_do_nothing(index_elements=["source_id", "external_id"]).returning(
        items.c.id, items.c.source_id, items.c.external_id
    ),
)
_KNOWN = select(items.c.external_id).where(
    items.c.source_id == bindparam("source"), items.c.external_id.in_(bindparam("ids", expanding=True))
)
_IDS = select(items.c.external_id, items.c.id).where(
    items.c.source_id == bindparam("source"), items.c.external_id.in_(bindparam("ids", expanding=True))
)
_OF_OPEN_STORIES = (
    select(items)
    .join(stories, stories.c.id == items.c.story_id)
    .where(stories.c.last_at >= bindparam("since", type_=Moment()))
)
_REMEMBERED = (
    _OF_OPEN_STORIES.where(
        items.c.id > bindparam("after"), stories.c.on_topic | (items.c.id > bindparam("off_topic_after"))
    )
    .order_by(items.c.id)
    .limit(bindparam("most"))
)
_OFF_TOPIC_BEFORE = (
    _OF_OPEN_STORIES.with_only_columns(items.c.id)
    .where(stories.c.on_topic.is_(False))
    .order_by(items.c.id.desc())
    .offset(bindparam("kept"))
    .limit(1)
)
_LAST_SEQ = select(func.max(items.c.id))
_LAST_STORY = select(func.max(stories.c.id))
_BY_ID = select(items).where(items.c.id == bindparam("id"))
_BY_URL = (
    select(items)
    .where(items.c.url_key == bindparam("key"), items.c.url == bindparam("url"))
    .order_by(items.c.id)
    .limit(1)
)
_SHOWN_AT = select(items.c.url, items.c.title, items.c.published).where(
    items.c.source_id == bindparam("source"), items.c.url_key.in_(bindparam("keys", expanding=True))
)
_UPGRADES_FIRST = case((items.c.event == Event.UPGRADE.value, -items.c.id), else_=items.c.id)
_OF_STORY = (
    select(items)
    .where(items.c.story_id == bindparam("story"))
    .order_by(case((items.c.event == Event.UPGRADE.value, 0), else_=1), _UPGRADES_FIRST)
    .limit(bindparam("most"))
)


async def known_ids(conn: AsyncConnection, source_id: SourceId, external_ids: Sequence[str]) -> set[str]:
    """Which of these entries of the source are stored."""
    given = {stored_id(external): external for external in external_ids}
    known: set[str] = set()
    for ids in _chunks(list(given)):
        found = await conn.scalars(_KNOWN, {"source": source_id, "ids": ids})
        known.update(given[stored] for stored in found)
    return known


async def add_verdicts(
    tx: AsyncConnection, verdicts: Sequence[Verdict], *, backfill: bool = False
) -> list[ItemId]:
    """Save items with their verdicts, and what they do to stories and watch questions. Returns the items' ids in
    the order of ``verdicts``.

    An item that is stored already is left as it is and adds nothing, so saving the same again is harmless. In
    PostgreSQL the caller holds ``judge_lock``.
    """
    if not verdicts:
        return []
    first: dict[tuple[str, str], Verdict] = {}
    for verdict in verdicts:
        first.setdefault(_key(verdict), verdict)
    rows = [_values(verdict, backfill=backfill) for verdict in first.values()]
    added = await tx.execute(_ADD.on(tx), rows)
    ids = {(row.source_id, row.external_id): ItemId(row.id) for row in added}
    fresh = [(verdict, ids[key]) for key, verdict in first.items() if key in ids]
    if fresh:
        await grow_stories(tx, [verdict for verdict, _ in fresh])
        await record_moves(tx, fresh)
        await record_claims(tx, fresh)
    await _find_ids(tx, first.keys() - ids.keys(), ids)
    return [ids[_key(verdict)] for verdict in verdicts]


async def _find_ids(
    tx: AsyncConnection, keys: Iterable[tuple[str, str]], ids: dict[tuple[str, str], ItemId]
) -> None:
    by_source: dict[str, list[str]] = {}
    for source, external in keys:
        by_source.setdefault(source, []).append(external)
    for source, externals in by_source.items():
        for chunk in _chunks(externals):
            for row in await tx.execute(_IDS, {"source": source, "ids": chunk}):
                ids[source, row.external_id] = ItemId(row.id)


async def remembered(
    conn: AsyncConnection, *, after: int, since: datetime, limit: int, off_topic_after: int = 0
) -> list[Remembered]:
    """Verdicts stored after the one numbered ``after``, in that order, of stories that something was added to
    since ``since``. What judgement's memory is rebuilt and caught up from. Of stories on no topic only those stored
    after ``off_topic_after``."""
    found = await conn.execute(
        _REMEMBERED, {"after": after, "since": since, "most": limit, "off_topic_after": off_topic_after}
    )
    return [Remembered(seq=row.id, verdict=item_row(row).as_verdict()) for row in found]


async def off_topic_before(conn: AsyncConnection, *, since: datetime, kept: int) -> int:
    """The number after which ``kept`` verdicts of stories on no topic were stored, 0 when there are fewer."""
    return await conn.scalar(_OFF_TOPIC_BEFORE, {"since": since, "kept": kept}) or 0


async def last_seq(conn: AsyncConnection) -> int:
    """The number of the verdict stored last, 0 when there is none."""
    return await conn.scalar(_LAST_SEQ) or 0


async def last_story_id(conn: AsyncConnection) -> int:
    """The greatest story id, 0 when there is none."""
    return await conn.scalar(_LAST_STORY) or 0


async def item(conn: AsyncConnection, item_id: int) -> ItemRow | None:
    row = (await conn.execute(_BY_ID, {"id": item_id})).first()
    return None if row is None else item_row(row)


async def item_by_url(conn: AsyncConnection, url: str) -> ItemRow | None:
    """The first stored item with this canonical address."""
    row = (await conn.execute(_BY_URL, {"key": _url_key(url), "url": url})).first()
    return None if row is None else item_row(row)


async def shown_at(
    conn: AsyncConnection, source_id: SourceId, urls: Sequence[str]
) -> dict[tuple[str, str], set[datetime]]:
    """Address and title of this source's stored items at these canonical addresses, with the times they were
    published."""
    shown: dict[tuple[str, str], set[datetime]] = {}
    keys = sorted({_url_key(url) for url in urls})
    for start in range(0, len(keys), _AT_ONCE):
        found = await conn.execute(_SHOWN_AT, {"source": source_id, "keys": keys[start : start + _AT_ONCE]})
        for row in found:
            shown.setdefault((row.url, row.title), set()).add(row.published)
    return shown


async def items_of_story(conn: AsyncConnection, story_id: int, limit: int) -> list[ItemRow]:
    """The story's items, its lead first (the newest upgrade, else the item that began it), then as stored."""
    return [item_row(row) for row in await conn.execute(_OF_STORY, {"story": story_id, "most": limit})]


async def prune(tx: AsyncConnection, *, older_than: datetime) -> int:
    """Empty items seen before ``older_than`` of their text and reasons; returns how many were.

    The row stays with its id, title and address: a source that still shows the entry would otherwise bring it
    back as news. Stories stay, and items of stories with deliveries still to be sent are left whole.
    """
    waiting = (
        select(alerts.c.story_id)
        .join(deliveries, deliveries.c.alert_id == alerts.c.id)
        .where(deliveries.c.state.in_(("pending", "retry", "sending", "folded")))
    )
    emptied = await tx.execute(
        update(items)
        .where(items.c.seen < older_than, items.c.pruned.is_(False), items.c.story_id.not_in(waiting))
        .values(
            summary="",
            author="",
            folded=None,
            grade_reason="",
            topics=[],
            reasons=[],
            claims=[],
            watch=[],
            pruned=True,
        )
    )
    return emptied.rowcount


def _key(verdict: Verdict) -> tuple[str, str]:
    return verdict.item.source, stored_id(verdict.item.external_id)


def stored_id(external_id: str) -> str:
    """An entry's id as it is stored."""
    text = storable(external_id)
    if len(text) <= _LONGEST_ID:
        return text
    return f"{text[:_LONGEST_ID]}#{hashlib.sha256(text.encode()).hexdigest()}"


def _url_key(url: str) -> int:
    digest = hashlib.blake2b(storable(url).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def _folded(item: Item) -> str | None:
    """What a search that folds case looks in, where the back ends' own lower-casing (ASCII only) falls short."""
    text = f"{item.title}\n{item.summary}"
    if text.isascii():
        return None
    folded = text.casefold()
    return None if folded == _ascii_lower(text) else folded


_ASCII_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def _ascii_lower(text: str) -> str:
    return text.translate(_ASCII_LOWER)


def _chunks(values: list[str]) -> Iterable[list[str]]:
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]


def _values(verdict: Verdict, *, backfill: bool) -> dict[str, Any]:
    item, graded = verdict.item, verdict.graded
    return {
        "source_id": item.source,
        "external_id": stored_id(item.external_id),
        "url": item.url,
        "url_key": _url_key(item.url),
        "title": item.title,
        "summary": item.summary,
        "folded": _folded(item),
        "author": item.author,
        "publisher": item.publisher,
        "language": item.language,
        "published": item.published,
        "seen": item.seen,
        "source_grade": item.source_grade.value,
        "story_id": verdict.story,
        "event": verdict.event.value,
        "alert": verdict.alert,
        "grade": graded.grade.value,
        "grade_reason": graded.reason,
        "cites": graded.cites,
        "speaker": graded.speaker,
        "witness": graded.witness,
        "previous_grade": verdict.previous_grade.value if verdict.previous_grade else None,
        "topics": [[match.topic, list(match.matched), match.reason] for match in verdict.topics],
        "reasons": list(verdict.reasons),
        "claims": [asdict(claim) for claim in verdict.claims],
        "watch": [asdict(move) for move in verdict.watch],
        "backfill": backfill,
        "pruned": False,
    }


def item_row(row: Row[Any]) -> ItemRow:
    """A row of the table ``items``, whole, as a value."""
    return ItemRow(
        id=ItemId(row.id),
        source=SourceId(row.source_id),
        external_id=row.external_id,
        url=row.url,
        title=row.title,
        publisher=row.publisher,
        published=row.published,
        seen=row.seen,
        summary=row.summary,
        author=row.author,
        language=row.language,
        source_grade=Grade(row.source_grade),
        story=StoryId(row.story_id),
        graded=Graded(
            grade=Grade(row.grade),
            reason=row.grade_reason,
            cites=row.cites,
            speaker=row.speaker,
            witness=row.witness,
        ),
        event=Event(row.event),
        alert=row.alert,
        topics=tuple(
            TopicMatch(topic=TopicId(topic), matched=tuple(matched), reason=reason)
            for topic, matched, reason in row.topics
        ),
        reasons=tuple(row.reasons),
        claims=tuple(Claim(**cast("dict[str, Any]", claim)) for claim in row.claims),
        watch=tuple(WatchMove(**cast("dict[str, Any]", move)) for move in row.watch),
        previous_grade=None if row.previous_grade is None else Grade(row.previous_grade),
        backfill=row.backfill,
    )
