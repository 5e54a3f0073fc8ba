"""The answer to "why": who says so, and for each item one line a reason. Wording only."""

from collections.abc import Sequence

from bot.model import Catalog, Event
from handlers.answers import counted
from handlers.replies import Entry, Reply
from storage.corrections import Correction
from storage.history import Told
from storage.items import ItemRow
from storage.stories import Story

#: So many items of a story are shown, the lead first.
MOST_ITEMS = 10
_OUTLETS_SHOWN = 8
_TOPICS_SHOWN = 3
_CORRECTIONS_SHOWN = 5
_EVENT_WORDS = {
    Event.NEW: "began the story",
    Event.UPDATE: "adds to it",
    Event.UPGRADE: "better proof",
    Event.NONE: "",
    Event.CORRECTION: "",
}


def why(
    story: Story,
    shown: Sequence[ItemRow],
    told: Sequence[Told],
    catalog: Catalog,
    put_right: Sequence[Correction] = (),
) -> Reply:
    """``shown``: items of the story, at most ``MOST_ITEMS``. ``told``: its alerts. ``put_right``: its corrections."""
    names = ", ".join(catalog.topic_names(story.topics)) or "no topic"
    count = story.witnesses
    independent = f" · {count} independent witness{'es' * (count != 1)}" if count else ""
    parts = [
        f"{names} · best evidence: {story.grade.value}{independent} · {counted(story.items, 'item')} "
        f"from {counted(len(story.outlets), 'outlet')}, "
        f"first {story.first_at:%d %b %Y %H:%M} UTC.",
        f"Who says so: {_outlets(story, shown, catalog)}.",
    ]
    parts += [_correction(made) for made in put_right[-_CORRECTIONS_SHOWN:]]
    if len(shown) < story.items:
        parts.append(f"The lead and {len(shown) - 1} more of {story.items} items are below.")
    by_item = {alert.item: alert for alert in told}
    entries = tuple(item_entry(row, by_item.get(row.id), catalog) for row in shown)
    return Reply(title=f"#{story.id} {story.title}", text=" ".join(parts), entries=entries)


def _correction(made: Correction) -> str:
    """What was put right, when and by whom."""
    when = f"{made.at:%d %b %Y %H:%M} UTC"
    if made.kind == "source":
        return f"Corrected by its source {when}: “{made.after}”."
    if made.kind == "title":
        return f"Headline changed by its source {when}: “{made.before}” became “{made.after}”."
    what = {
        "grade": f"evidence {made.before} → {made.after}",
        "merge": f"#{made.other} “{made.before}” merged into #{made.story}",
        "split": f"“{made.after}” split off from #{made.story} as #{made.other}",
        "state": f"{made.question} {made.before or 'not known'} → {made.after}",
    }[made.kind]
    return f"Put right by {made.made_by or 'an administrator'} {when}: {what}."


def _outlets(story: Story, shown: Sequence[ItemRow], catalog: Catalog) -> str:
    """The outlets, each with whom it relays: two that relay one source are one witness."""
    relays = {row.publisher: row.graded.cites for row in reversed(shown) if row.graded.cites}
    names = [
        f"{name} (relays {_publisher(relays[name], catalog)})" if name in relays else name
        for name in story.outlets[:_OUTLETS_SHOWN]
    ]
    left = len(story.outlets) - len(names)
    return ", ".join(names or ["nobody by name"]) + (f" and {left} more" if left > 0 else "")


def _publisher(publisher_id: str, catalog: Catalog) -> str:
    """The name of a cited publisher; one that the catalog no longer has keeps its id."""
    names = (known.names[0] for known in catalog.publishers if known.id == publisher_id and known.names)
    return next(names, publisher_id)


def item_entry(row: ItemRow, alert: Told | None, catalog: Catalog) -> Entry:
    """One item with the reasons of everything that judgement said of it. ``alert``: the one that it made."""
    return Entry(
        title=row.title,
        url=row.url,
        grade=row.graded.grade,
        facts=(
            row.publisher,
            row.graded.grade.value,
            f"{row.published:%d %b %Y %H:%M} UTC",
            *((f"cites {_publisher(row.graded.cites, catalog)}",) if row.graded.cites else ()),
            f"item {row.id}",
            *((_EVENT_WORDS[row.event],) if row.event is not Event.NONE else ()),
        ),
        lines=tuple(_lines(row, alert, catalog)),
    )


def _lines(row: ItemRow, alert: Told | None, catalog: Catalog) -> list[str]:
    """Alert, topic, story, evidence, answers: one line each. A message may cut what stands last."""
    if not row.reasons:
        return ["Its text and its reasons are no longer kept."]
    return [
        _alert(row, alert),
        *_topics(row, catalog),
        *(f"Story: {reason}" for reason in _story_reasons(row)),
        f"Evidence: {row.graded.grade.value}, {row.graded.reason}",
        *(f"Answer: {move.question} is {move.state}, by {move.reason}" for move in row.watch),
    ]


def _topics(row: ItemRow, catalog: Catalog) -> list[str]:
    if not row.topics:
        return ["Topic: none"]
    names = catalog.topic_names([match.topic for match in row.topics])
    return [
        f"Topic: {name}, by {match.reason.removeprefix(f'{match.topic}: ')}"
        for match, name in zip(row.topics[:_TOPICS_SHOWN], names, strict=False)
    ]


def _story_reasons(row: ItemRow) -> list[str]:
    """What judgement said of the story, behind ``story <number>: ``."""
    return [reason.partition(": ")[2] for reason in row.reasons if reason.startswith("story ")]


def _alert(row: ItemRow, alert: Told | None) -> str:
    if alert is None:
        reason = row.reasons[-1].removeprefix("not told: ").removeprefix("told: ")
        if row.alert and row.backfill:
            reason = "it came with a source's first document, or in a flood of old entries"
        return f"Not told: {reason}"
    reason = alert.reason.removeprefix("told: ")
    if alert.reason.startswith("not told: "):
        # Channels that read other languages only were not told of the story before.
        reason = "the first in a language that is asked for"
    if not alert.planned and alert.replaced:
        return f"Not told by itself: better news of the story came while it was held; {reason}"
    if not alert.planned:
        return f"Worth telling, but no channel asks for it: {reason}"
    channels = counted(alert.planned, "channel")
    sent = "" if alert.sent == alert.planned else f", sent to {alert.sent} so far"
    return f"Told {alert.at:%d %b %H:%M} UTC to {channels}{sent}: {reason}"
