"""Claims and licence events as rows: written with the items that tell them, found by what they are about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.judgement.claims_compare import is_about
from bot.judgement.licences import LicenceEvent, LicenceKind, licence_events
from bot.model import Claim, Grade, ItemId, StoryId, Verdict
from storage.schema import claims, items, licences


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Who told it and where. ``cites``: whom the publisher only relays, "" for nobody."""

    story: StoryId
    publisher: str
    cites: str
    grade: Grade
    url: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldClaim:
    claim: Claim
    told: Told


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldLicence:
    event: LicenceEvent
    told: Told


_ADD_CLAIMS = insert(claims)
_ADD_LICENCES = insert(licences)


async def record_claims(tx: AsyncConnection, fresh: Sequence[tuple[Verdict, ItemId]]) -> None:
    """Save what newly stored items claim, in the transaction that stores them. To be called once an item."""
    rows = [_claim_row(claim, item, verdict) for verdict, item in fresh for claim in verdict.claims]
    if rows:
        await tx.execute(_ADD_CLAIMS, rows)
    events = [
        _licence_row(event, item, verdict)
        for verdict, item in fresh
        for event in licence_events(verdict.item)
    ]
    if events:
        await tx.execute(_ADD_LICENCES, events)


async def claims_about(conn: AsyncConnection, subject: str, *, limit: int) -> list[ToldClaim]:
    """The claims on a subject (see ``is_about``; "" is every one) among the ``limit`` newest that may be on it."""
    asked = _about(select(claims, *_TELLER).join(items), claims.c.subject_key, subject)
    found = await conn.execute(asked.order_by(claims.c.at.desc(), claims.c.id).limit(limit))
    return [
        ToldClaim(
            claim=Claim(
                subject=row.subject,
                metric=row.metric,
                value=row.value,
                unit=row.unit,
                precision=row.precision,
                relative_to=row.relative_to,
                value_max=row.value_max,
            ),
            told=_told(row),
        )
        for row in found
        if is_about(row.subject, subject)
    ]


async def licences_about(conn: AsyncConnection, subject: str, *, limit: int) -> list[ToldLicence]:
    """The newest licence events whose subject or docket has these words; "" is every one."""
    asked = _about(select(licences, *_TELLER).join(items), licences.c.subject_key, subject)
    found = await conn.execute(asked.order_by(licences.c.at.desc(), licences.c.id).limit(limit))
    return [
        ToldLicence(
            event=LicenceEvent(
                kind=LicenceKind(row.kind),
                subject=row.subject,
                before=row.before,
                after=row.after,
                document=row.document,
                agency=row.agency,
                docket=row.docket,
                effective=date.fromisoformat(row.effective) if row.effective else None,
            ),
            told=_told(row),
        )
        for row in found
    ]


#: Of the item as it stands now: a corrected grade or story is not copied.
_TELLER = (items.c.story_id, items.c.publisher, items.c.cites, items.c.grade, items.c.url)


def _about(asked: "Select[Any]", key: Any, subject: str) -> "Select[Any]":
    for word in subject.casefold().split():
        asked = asked.where(key.contains(word, autoescape=True))
    return asked


def _told(row: Any) -> Told:
    return Told(
        story=StoryId(row.story_id),
        publisher=row.publisher,
        cites=row.cites,
        grade=Grade(row.grade),
        url=row.url,
        at=row.at,
    )


def _claim_row(claim: Claim, item: ItemId, verdict: Verdict) -> dict[str, Any]:
    return {
        "item_id": item,
        "subject": claim.subject,
        "subject_key": claim.subject.casefold(),
        "metric": claim.metric,
        "value": claim.value,
        "value_max": claim.value_max,
        "unit": claim.unit,
        "precision": claim.precision,
        "relative_to": claim.relative_to,
        "at": verdict.item.published,
    }


def _licence_row(event: LicenceEvent, item: ItemId, verdict: Verdict) -> dict[str, Any]:
    return {
        "item_id": item,
        "kind": event.kind.value,
        "subject": event.subject,
        "subject_key": f"{event.subject} {event.docket}".casefold(),
        "before": event.before,
        "after": event.after,
        "document": event.document,
        "agency": event.agency,
        "docket": event.docket,
        "effective": event.effective.isoformat() if event.effective else "",
        "at": verdict.item.published,
    }
