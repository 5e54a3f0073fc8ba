"""The message of a digest. Pure, but for what ``messages`` reads for it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.delivery.contract import DigestEntry
from bot.delivery.wording import Wording
from bot.model import Event, StoryId
from storage.delivery_rows import DeliveryRow
from storage.late import LATE

#: Why a channel is told something together that its subscription asks for singly.
_REASONS = ("budget", "burst", "quiet", "feedback", LATE)


def digest_title(children: Sequence[DeliveryRow], entries: int, *, made: datetime, said: Wording) -> str:
    """``made`` is on the channel's clock."""
    alerts = said.counted("alert", entries)
    if children and all(child.folded_for == LATE for child in children):
        return said("late", alerts=alerts)
    return said("digest", day=said.day(made.date()), alerts=alerts)


def why_folded(reasons: Iterable[str], said: Wording) -> str:
    """Why these were not told one by one, as one sentence; "" where that is what the channel asked for. ``reasons``:
    ``folded_for`` of each."""
    given = list(reasons)
    counted = Counter(reason for reason in given if reason in _REASONS)
    if not counted:
        return ""
    if len(counted) == 1 and counted.total() == len(given):
        return said("folded", reasons=said(f"why_{given[0]}"))
    return said("folded", reasons="; ".join(f"{n} {said(f'why_{why}')}" for why, n in counted.items()))


def once_a_story(entries: Sequence[DigestEntry]) -> list[DigestEntry]:
    """The best proof of each story, the newest of several; corrections stay apart. Best proof first."""
    best: dict[tuple[StoryId, bool], DigestEntry] = {}
    for entry in entries:
        key = (entry.story, entry.event is Event.CORRECTION)
        held = best.get(key)
        if held is None or entry.grade.rank >= held.grade.rank:
            best[key] = entry
    return sorted(best.values(), key=lambda entry: (-entry.grade.rank, entry.published))
