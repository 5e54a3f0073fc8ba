"""The message of a digest. Pure, but for what ``messages`` reads for it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.delivery.contract import DigestEntry
from bot.model import Event, StoryId
from storage.delivery_rows import DeliveryRow
from storage.late import LATE

#: Why a channel is told something together that its subscription asks for singly.
_WHY = {
    "budget": "over the channel's budget of alerts a day",
    "burst": "over its limit of alerts an hour",
    "quiet": "more than fit in an hour when quiet hours ended",
    "feedback": "of a publisher that people here called noise",
    LATE: "too late: the channel could not be reached",
}


def digest_title(children: Sequence[DeliveryRow], entries: int, *, made: datetime) -> str:
    """``made`` is on the channel's clock."""
    counted = f"{entries} {'alert' if entries == 1 else 'alerts'}"
    if children and all(child.folded_for == LATE for child in children):
        return f"{counted} that could not be told in time"
    return f"Digest, {made:%d %B %Y}: {counted}"


def why_folded(reasons: Iterable[str]) -> str:
    """Why these were not told one by one, as one sentence; "" where that is what the channel asked for. ``reasons``:
    ``folded_for`` of each."""
    given = list(reasons)
    counted = Counter(reason for reason in given if reason in _WHY)
    if not counted:
        return ""
    if len(counted) == 1 and counted.total() == len(given):
        return f"Not told one by one: {_WHY[given[0]]}."
    return "Not told one by one: " + "; ".join(f"{n} {_WHY[why]}" for why, n in counted.items()) + "."


def once_a_story(entries: Sequence[DigestEntry]) -> list[DigestEntry]:
    """The best proof of each story, the newest of several; corrections stay apart. Best proof first."""
    best: dict[tuple[StoryId, bool], DigestEntry] = {}
    for entry in entries:
        key = (entry.story, entry.event is Event.CORRECTION)
        held = best.get(key)
        if held is None or entry.grade.rank >= held.grade.rank:
            best[key] = entry
    return sorted(best.values(), key=lambda entry: (-entry.grade.rank, entry.published))
