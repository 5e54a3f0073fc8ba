"""Scores against labels for the terminal and for machines."""

from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bot.judgement.scoring import Hits, Pairs, Scores
from handlers.answers import counted


def as_json(scores: Scores) -> dict[str, Any]:
    """The object that ``tipoff replay --score GOLD --json`` prints. What was not labelled is null."""
    stories, alerts = scores.stories, scores.alerts
    return {
        "items": scores.items,
        "unlabelled": scores.unlabelled,
        "unjudged": scores.unjudged,
        "without": dict(scores.without),
        "stories": stories
        and {
            "items": stories.items,
            "true": stories.true,
            "found": stories.found,
            "precision": round(stories.precision, 4),
            "recall": round(stories.recall, 4),
            "f1": round(stories.f1, 4),
        },
        "alerts": alerts
        and {
            "stories": alerts.stories,
            "new_per_story": _ratio(alerts.new, alerts.stories),
            "all_per_story": _ratio(alerts.all, alerts.stories),
            "swallowed": alerts.swallowed,
            "unseen": alerts.unseen,
            "false": alerts.false,
        },
        "topics": {topic: _hits(hits) for topic, hits in scores.topics.items()},
        "topics_macro_f1": round(scores.macro_f1, 4) if scores.topics else None,
        "grade": scores.grades and _pairs(scores.grades),
        "event": scores.events and _pairs(scores.events),
        "watch": scores.watch and _hits(scores.watch),
        "claims": scores.claims and _hits(scores.claims),
    }


def _hits(hits: Hits) -> dict[str, Any]:
    return {
        "right": hits.right,
        "wrong": hits.wrong,
        "missed": hits.missed,
        "precision": round(hits.precision, 4),
        "recall": round(hits.recall, 4),
        "f1": round(hits.f1, 4),
    }


def _pairs(pairs: Pairs) -> dict[str, Any]:
    confusion: dict[str, dict[str, int]] = {}
    for (true, found), count in sorted(pairs.counts.items()):
        confusion.setdefault(true, {})[found] = count
    return {"items": pairs.items, "accuracy": round(pairs.accuracy, 4), "confusion": confusion}


def _ratio(one: int, other: int) -> float:
    return round(one / other, 4) if other else 0.0


def tables(scores: Scores) -> RenderableType:
    """The same for people."""
    shown: list[RenderableType] = [_summary(scores)]
    if scores.topics:
        found = Table(title="Topics", title_justify="left")
        _columns(found, "Topic", "P", "R", "F1", "right", "wrong", "missed")
        for topic, hits in scores.topics.items():
            found.add_row(topic, *_figures(hits), str(hits.right), str(hits.wrong), str(hits.missed))
        found.add_section()
        found.add_row("macro F1", "", "", f"{scores.macro_f1:.3f}")
        shown.append(found)
    for title, pairs in (("Evidence grades", scores.grades), ("Events", scores.events)):
        if pairs is not None:
            shown.append(_confusion(title, pairs))
    shown.append(_left_out(scores))
    return Group(*shown)


def _summary(scores: Scores) -> Table:
    table = Table(title="Scores", title_justify="left")
    table.add_column("Measure", no_wrap=True)
    table.add_column("Score", justify="right", no_wrap=True)
    table.add_column("", ratio=1)
    if (stories := scores.stories) is not None:
        table.add_row(
            "Stories, B-cubed F1",
            f"{stories.f1:.3f}",
            f"P {stories.precision:.3f}, R {stories.recall:.3f}; {counted(stories.items, 'item')}, "
            f"{counted(stories.true, 'true story')}, {stories.found} found",
        )
    if (alerts := scores.alerts) is not None:
        count = max(1, alerts.stories)
        table.add_row(
            "Alerts per true story",
            f"{alerts.all / count:.2f}",
            f"new ones {alerts.new / count:.2f}; {counted(alerts.stories, 'true story')} on a topic",
        )
        table.add_row(
            "Swallowed stories",
            f"{alerts.swallowed / count:.1%}",
            f"{alerts.swallowed} had no alert of their own, {alerts.unseen} of them for want of a topic",
        )
        table.add_row("False alerts", str(alerts.false), "of stories that touch no topic")
    if scores.topics:
        table.add_row("Topics, macro F1", f"{scores.macro_f1:.3f}", counted(len(scores.topics), "topic"))
    for name, pairs in (("Grade accuracy", scores.grades), ("Event accuracy", scores.events)):
        if pairs is not None:
            table.add_row(name, f"{pairs.accuracy:.3f}", counted(pairs.items, "item"))
    for name, hits in (("Watch moves, F1", scores.watch), ("Claims, F1", scores.claims)):
        if hits is not None and not hits.right + hits.missed:
            table.add_row(name, "–", f"none to find, {hits.wrong} found")
        elif hits is not None:
            precision, recall, f1 = _figures(hits)
            told = f"P {precision}, R {recall}; {hits.right} right, {hits.wrong} wrong, {hits.missed} missed"
            table.add_row(name, f1, told)
    return table


def _figures(hits: Hits) -> tuple[str, str, str]:
    return f"{hits.precision:.3f}", f"{hits.recall:.3f}", f"{hits.f1:.3f}"


def _confusion(title: str, pairs: Pairs) -> Table:
    names = sorted({name for pair in pairs.counts for name in pair})
    table = Table(title=f"{title}: labelled (down), found (across)", title_justify="left")
    _columns(table, "", *names)
    for true in names:
        counts = [pairs.counts.get((true, found), 0) for found in names]
        table.add_row(
            true, *(_cell(count, right=true == found) for count, found in zip(counts, names, strict=True))
        )
    return table


def _cell(count: int, *, right: bool) -> Text:
    return Text(str(count) if count else "·", style="green" if right else "yellow" if count else "dim")


def _columns(table: Table, first: str, *numbers: str) -> None:
    table.add_column(first, no_wrap=True)
    for name in numbers:
        table.add_column(name, justify="right", no_wrap=True)


def _left_out(scores: Scores) -> Text:
    parts = [counted(scores.items, "labelled item")]
    if scores.unlabelled:
        parts.append(f"without labels: {counted(scores.unlabelled, 'item')}")
    if scores.unjudged:
        parts.append(f"without an item: {counted(scores.unjudged, 'label')}")
    parts += [f"without a {kind} label: {count}" for kind, count in scores.without.items()]
    return Text("; ".join(parts) + ".", style="dim")
