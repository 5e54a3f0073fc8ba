"""What one message tells in the place of several: which proof leads it, and what happened while it waited. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.delivery.wording import Wording
from bot.model import Event, Grade
from storage.delivery_rows import AlertRow, DeliveryRow
from storage.holding import REPLACED
from storage.items import ItemRow

#: A shorter wait (for better proof) is nothing that a reader has to know of.
_WORTH_A_LINE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """An alert with those that it is told in the place of. ``lead``: the one with the best proof, of several the last.
    ``event`` and ``previous_grade`` are as seen from the channel, which may have heard nothing of the story so far.
    ``answers``: the last word on each watch question. ``since``: from when on this waited."""

    lead: AlertRow
    event: Event
    previous_grade: Grade | None
    answers: tuple[str, ...]
    alerts: tuple[AlertRow, ...]
    since: datetime


def gathered(row: DeliveryRow, alert: AlertRow, earlier: Sequence[DeliveryRow]) -> Gathered:
    """``earlier``: the deliveries of the story to the same channel before this one, oldest first, without those that
    were never told."""
    told: list[AlertRow] = []
    replaced: list[DeliveryRow] = []
    for before in earlier:
        if before.alert is None:
            continue
        if before.state == REPLACED:
            replaced.append(before)
        else:
            told, replaced = [*told, before.alert], []
    group = (*(held.alert for held in replaced if held.alert), alert)
    lead = alert if alert.event is Event.CORRECTION else max(group, key=lambda one: (one.grade.rank, one.id))
    event, previous = lead.event, lead.previous_grade if lead.event is Event.UPGRADE else None
    known = max((one.grade for one in told), key=lambda grade: grade.rank, default=None)
    if len(group) > 1 and alert.event is not Event.CORRECTION:
        if known is None:
            event, previous = Event.NEW, None
        elif lead.grade.rank > known.rank:
            event, previous = Event.UPGRADE, known
        else:
            event, previous = Event.UPDATE, None
    return Gathered(
        lead=lead,
        event=event,
        previous_grade=previous,
        answers=_last_answers(one.answers for one in group),
        alerts=group,
        since=replaced[0].created if replaced else row.created,
    )


def meanwhile(
    told: Gathered, lead: ItemRow, items: Iterable[ItemRow], *, due: datetime, zone: ZoneInfo, said: Wording
) -> str:
    """One line on what came while the channel was not to be disturbed: "2 more outlets; report → official at 03:12".
    "" where it did not wait, or nothing came. ``items``: the story's; ``due``: when it is told."""
    if due - told.since < _WORTH_A_LINE:
        return ""
    rows = list(items)
    known = {row.publisher for row in rows if row.seen <= told.since} | {lead.publisher}
    more = len({row.publisher for row in rows} - known)
    parts = [said.counted("outlet", more)] if more else []
    first = min(told.alerts, key=lambda alert: alert.id)
    if told.lead.grade.rank > first.grade.rank:
        at = told.lead.created.astimezone(zone)
        clock = f"{at:%H:%M} UTC" if zone.key == "UTC" else f"{at:%H:%M}"
        parts.append(
            said("rose", before=said.grade(first.grade), after=said.grade(told.lead.grade), clock=clock)
        )
    return "; ".join(parts)


def _last_answers(given: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """The last word on each question ("Is it out? → yes")."""
    return tuple({line.partition(" → ")[0]: line for lines in given for line in lines}.values())
