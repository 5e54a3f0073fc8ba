"""The answer to "why": who says so, and for each item one line a reason. Wording only."""

from collections.abc import Sequence
from itertools import islice

from bot.model import Catalog, Event
from handlers.replies import Entry, Reply
from storage.history import Told
from storage.items import ItemRow
from storage.stories import Story

#: So many items of a story are shown, the lead first.
MOST_ITEMS = 10
_OUTLETS_SHOWN = 8
_TOPICS_SHOWN = 3
_EVENT_WORDS = {
    Event.NEW: "began the story",
    Event.UPDATE: "adds to it",
    Event.UPGRADE: "better proof",
    Event.NONE: "",
}


def why(story: Story, shown: Sequence[ItemRow], told: Sequence[Told], catalog: Catalog) -> Reply:
    """``shown``: items of the story, at most ``MOST_ITEMS``. ``told``: its alerts."""
    names = ", ".join(catalog.topic_names(story.topics)) or "no topic"
    parts = [
        f"{names} · best evidence: {story.grade.value} · {story.items} item{'s' * (story.items != 1)} "
        f"from {len(story.outlets)} outlet{'s' * (len(story.outlets) != 1)}, "
        f"first {story.first_at:%d %b %Y %H:%M} UTC.",
        f"Who says so: {_outlets(story, shown)}.",
    ]
    if len(shown) < story.items:
        parts.append(f"The lead and {len(shown) - 1} more of {story.items} items are below.")
    by_item = {alert.item: alert for alert in told}
    entries = tuple(_entry(row, by_item.get(row.id), catalog) for row in shown)
    return Reply(title=f"#{story.id} {story.title}", text=" ".join(parts), entries=entries)


def _outlets(story: Story, shown: Sequence[ItemRow]) -> str:
    """The outlets, each with whom it relays: two that relay one source are one witness."""
    relays = {row.publisher: row.graded.cites for row in reversed(shown) if row.graded.cites}
    names = [
        f"{name} (relays {relays[name]})" if name in relays else name
        for name in islice(story.outlets, _OUTLETS_SHOWN)
    ]
    left = len(story.outlets) - len(names)
    return ", ".join(names or ["nobody by name"]) + (f" and {left} more" if left > 0 else "")


def _entry(row: ItemRow, alert: Told | None, catalog: Catalog) -> Entry:
    return Entry(
        title=row.title,
        url=row.url,
        grade=row.graded.grade,
        facts=(
            row.publisher,
            row.graded.grade.value,
            f"{row.published:%d %b %Y %H:%M} UTC",
            *((f"cites {row.graded.cites}",) if row.graded.cites else ()),
            *((_EVENT_WORDS[row.event],) if row.event is not Event.NONE else ()),
        ),
        lines=tuple(_lines(row, alert, catalog)),
    )


def _lines(row: ItemRow, alert: Told | None, catalog: Catalog) -> list[str]:
    """Alert, topic, story, evidence, answers: one line each. A message may cut what stands last."""
    if not row.reasons:
        return ["Its text and its reasons are no longer kept."]
    lines = [_alert(row, alert), f"Topic: {_matched(row, catalog)}"]
    lines += [f"Story: {reason}" for reason in _story_reasons(row)]
    lines.append(f"Evidence: {row.graded.grade.value}, {row.graded.reason}")
    return lines + [f"Answer: {move.question} is {move.state}, by {move.reason}" for move in row.watch]


def _matched(row: ItemRow, catalog: Catalog) -> str:
    if not row.topics:
        return "none"
    told = [
        f"{name}, by {match.reason.removeprefix(f'{match.topic}: ')}"
        for match, name in zip(row.topics, catalog.topic_names([m.topic for m in row.topics]), strict=True)
    ]
    return "; ".join(told[:_TOPICS_SHOWN])


def _story_reasons(row: ItemRow) -> list[str]:
    """What judgement said of the story; it stands behind ``story <number>: ``."""
    return [reason.partition(": ")[2] for reason in row.reasons if reason.startswith("story ")]


def _alert(row: ItemRow, alert: Told | None) -> str:
    if alert is None:
        reason = row.reasons[-1].removeprefix("not told: ")
        if row.alert and row.backfill:
            reason = "it was old news when its source was first read"
        elif row.alert:
            reason = "no channel waited for it"
        return f"Not told: {reason}"
    channels = f"{alert.planned} channel{'s' * (alert.planned != 1)}"
    sent = "" if alert.sent == alert.planned else f", {alert.sent} of them sent so far"
    reason = alert.reason.removeprefix("told: ")
    return f"Told {alert.at:%d %b %H:%M} UTC to {channels}{sent}: {reason}"
