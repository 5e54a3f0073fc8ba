"""Corrections by a source: items that say so themselves, and headlines that were changed after they were told."""

from collections.abc import Collection, Sequence
from datetime import datetime

from bot.delivery.correcting import tell_correction
from bot.flow.poll import Read
from bot.judgement.canonical import make_item
from bot.judgement.corrected import is_changed
from bot.model import Item, ItemId, Verdict
from storage import corrections, stories
from storage.corrections import Correction, ToldItem
from storage.database import Connection

#: A headline that changes more often than this is a ticker, and told no further.
_CHANGES_TOLD = 3


async def tell_corrected(
    tx: Connection, verdict: Verdict, item: ItemId, *, answers: Sequence[str], now: datetime
) -> int:
    """Tell an item that says of itself that it puts its story right; returns to how many channels."""
    story = await stories.story(tx, verdict.story)
    told = await corrections.hearing(tx, [verdict.story])
    if story is None or not told:
        return 0
    await corrections.record(
        tx,
        Correction(
            kind="source", at=now, story=verdict.story, item=item, before="", after=verdict.item.title
        ),
    )
    return await tell_correction(
        tx, story, told, lines=answers, reason=verdict.reasons[-1], now=now, item=item,
        grade=verdict.graded.grade, excerpt=excerpt(verdict.item),
    )  # fmt: skip


async def changed_headlines(
    tx: Connection, read: Read, known: Collection[str], *, now: datetime
) -> tuple[tuple[ToldItem, Item], ...]:
    """What was worth an alert and has another headline now that says something else. ``known``: the ids of the
    read's entries that are stored."""
    if not known:
        return ()
    told = await corrections.told_items(tx, read.record.source_id, list(known))
    shown = [
        (told[raw.external_id], make_item(raw, read.state.source, seen=now))
        for raw in read.items
        if raw.external_id in told
    ]
    return tuple(
        (before, item)
        for before, item in shown
        if before.changes < _CHANGES_TOLD and is_changed(before.title, item.title)
    )


async def tell_changed(
    tx: Connection, changed: Sequence[tuple[ToldItem, Item]], *, now: datetime
) -> tuple[int, int]:
    """Tell them to whoever was told before; returns the number of alerts and of deliveries."""
    alerts = deliveries = 0
    for told, item in changed:
        story = await stories.story(tx, told.story)
        channels = await corrections.hearing(tx, [told.story])
        if story is None or not channels:
            continue
        deliveries += await tell_correction(
            tx, story, channels, lines=(f"It said: {told.title}",), item=told.id, grade=told.grade,
            reason="told: its source changed the headline", now=now, excerpt=excerpt(item), topics=told.topics,
        )  # fmt: skip
        await corrections.record(
            tx,
            Correction(
                kind="title", at=now, story=told.story, item=told.id, before=told.title, after=item.title
            ),
        )
        alerts += 1
    return alerts, deliveries


def excerpt(item: Item) -> str:
    """What the proof says now: it outlives a page that is changed or taken down."""
    return f"{item.title}\n{item.summary}".strip()[:1500]
