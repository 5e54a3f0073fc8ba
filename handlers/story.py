"""One story on a page: what is known, who says so, what was told. Wording only."""

from collections.abc import Sequence

from bot.judgement.summary import brief
from bot.model import Catalog, Claim, Event
from handlers.answers import counted, evidence
from handlers.replies import Button, Entry, Reply
from storage.corrections import Correction
from storage.history import Told
from storage.items import ItemRow
from storage.stories import Story

#: So many of its items are read for it.
MOST_READ = 50
_SAYS_SHOWN, _CLAIMS_SHOWN, _TOLD_SHOWN = 8, 6, 6


def story_page(
    story: Story,
    items: Sequence[ItemRow],
    told: Sequence[Told],
    catalog: Catalog,
    put_right: Sequence[Correction] = (),
) -> Reply:
    """``items``: of the story, the lead first; ``told``: its alerts, the first one first."""
    number = (("story", str(story.id)),)
    buttons = [
        Button(label="Why", command="why", options=number),
        Button(label="Timeline", command="timeline", options=number),
        Button(label="Mute story", command="mute", options=number),
    ]
    if story.url:
        buttons.append(Button(label="Open", url=story.url))
    entries = [
        _lead(story, items, catalog),
        _sayers(items),
        *_figures(items),
        *_answers(items, catalog),
        _alerts(told, put_right),
    ]
    return Reply(
        title=f"#{story.id} {story.title}",
        text=brief(story.summary),
        entries=tuple(entries),
        buttons=tuple(buttons),
    )


def _lead(story: Story, items: Sequence[ItemRow], catalog: Catalog) -> Entry:
    facts = [
        story.publisher,
        evidence(story.grade, story.witnesses),
        f"first {story.first_at:%d %b %Y %H:%M} UTC",
        *((f"last {story.last_at:%d %b %H:%M} UTC",) if story.last_at > story.first_at else ()),
        f"{counted(story.items, 'item')} from {counted(len(story.outlets), 'outlet')}",
        *catalog.topic_names(story.topics),
    ]
    return Entry(
        title="Best evidence", url=story.url, grade=story.grade, facts=tuple(facts),
        text=items[0].graded.reason if items else "",
    )  # fmt: skip


def _sayers(items: Sequence[ItemRow]) -> Entry:
    """Each publisher once, with its best item, the best proof first."""
    best: dict[str, ItemRow] = {}
    for row in items:
        held = best.get(row.publisher)
        if held is None or row.graded.grade.rank > held.graded.grade.rank:
            best[row.publisher] = row
    rows = sorted(best.values(), key=lambda row: (-row.graded.grade.rank, row.published))
    lines = [
        f"{row.graded.grade.value} · {row.publisher or 'unnamed'}"
        + (f" (relays {row.graded.cites})" if row.graded.cites else "")
        + f" · {row.published:%d %b %H:%M} UTC · {row.title}"
        for row in rows[:_SAYS_SHOWN]
    ]
    if len(rows) > _SAYS_SHOWN:
        lines.append(f"and {counted(len(rows) - _SAYS_SHOWN, 'more outlet')}")
    return Entry(title="Who says so", lines=tuple(lines))


def _figures(items: Sequence[ItemRow]) -> list[Entry]:
    seen: dict[str, str] = {}
    for row in items:
        for claim in row.claims:
            seen.setdefault(_figure(claim), row.publisher)
    if not seen:
        return []
    lines = [f"{figure} ({who})" for figure, who in list(seen.items())[:_CLAIMS_SHOWN]]
    return [Entry(title="Figures claimed", lines=tuple(lines))]


def _figure(claim: Claim) -> str:
    value = f"{claim.value:g}" + (f" to {claim.value_max:g}" if claim.value_max is not None else "")
    parts = [claim.subject, claim.metric, f"{value} {claim.unit}".strip(), claim.precision or ""]
    against = f"of {claim.relative_to}" if claim.relative_to else ""
    return " ".join(part for part in (*parts, against) if part)


def _answers(items: Sequence[ItemRow], catalog: Catalog) -> list[Entry]:
    lines = []
    for row in sorted(items, key=lambda row: row.published):
        for move in row.watch:
            topic = catalog.topic(move.topic)
            asked = next((w.question for w in topic.watches if w.id == move.question), "") if topic else ""
            was = f" (was {move.previous})" if move.previous else ""
            lines.append(f"{row.published:%d %b %H:%M} UTC · {asked or move.question} → {move.state}{was}")
    return [Entry(title="Answers that it changed", lines=tuple(lines))] if lines else []


def _alerts(told: Sequence[Told], put_right: Sequence[Correction]) -> Entry:
    lines = [
        f"{alert.at:%d %b %H:%M} UTC · {_WORDS.get(alert.event, 'told')} · "
        f"{counted(alert.planned, 'channel')}, sent to {alert.sent}"
        for alert in told[:_TOLD_SHOWN]
        if alert.planned
    ]
    lines += [f"{made.at:%d %b %H:%M} UTC · put right: {made.kind}" for made in put_right]
    return Entry(title="What was told", lines=tuple(lines or ["nothing, to no channel"]))


_WORDS = {
    Event.NEW: "first told",
    Event.UPDATE: "told again",
    Event.UPGRADE: "better proof",
    Event.CORRECTION: "correction",
}
