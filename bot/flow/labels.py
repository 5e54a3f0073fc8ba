"""Labelled histories: the lines that ``tipoff label`` writes and people correct, and ``tipoff replay --score`` reads.

A line is an item as ``tipoff replay`` reads it, with its labels under ``gold``: ``story``, ``topics``, ``grade``,
``event``, ``watch`` (a question and the state it moves to, or a list of such), ``claims``. Labels at the top of the
line are read too, so that what an earlier ``tipoff replay --json`` printed can be compared with. Beside them stands
what people said of the item's alerts (``feedback``), where they did.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from datetime import UTC
from typing import Any, TypeVar

from bot.errors import ConfigError
from bot.judgement.scoring import Found, Labels
from bot.model import Catalog, Claim, Event, Grade, Verdict
from storage.items import ItemRow

_KINDS = ("story", "topics", "grade", "event", "watch", "claims")


def found_of(verdict: Verdict) -> Found:
    """A verdict as scores compare it."""
    return Found(
        story=verdict.story,
        topics=frozenset(verdict.topic_ids),
        grade=verdict.graded.grade,
        event=verdict.event,
        alert=verdict.alert,
        watch=tuple((move.question, move.state) for move in verdict.watch),
        claims=verdict.claims,
    )


def label_row(row: ItemRow, feedback: Mapping[str, int] | None = None) -> dict[str, Any]:
    """A stored item as one line, labelled as Tipoff sees it. ``feedback``: how often people called its alerts useful,
    noise or of a wrong story; a hint for whoever corrects the labels."""
    gold: dict[str, Any] = {
        "story": f"s{row.story}",
        "topics": [match.topic for match in row.topics],
        "grade": row.graded.grade.value,
        "event": row.event.value,
        "alert": row.alert,
    }
    if row.topics:
        gold["watch"] = [{"question": move.question, "state": move.state} for move in row.watch]
        gold["claims"] = [_claim_row(claim) for claim in row.claims]
    if row.graded.cites:
        gold["cites"] = row.graded.cites
    return {
        "id": str(row.id),
        "title": row.title,
        "url": row.url,
        "publisher": row.publisher,
        "published": f"{row.published.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "summary": row.summary,
        "language": row.language,
        "source": row.source,
        **({"author": row.author} if row.author else {}),
        **({"feedback": dict(feedback)} if feedback else {}),
        "gold": gold,
    }


def _claim_row(claim: Claim) -> dict[str, Any]:
    fields = asdict(claim)
    if fields["value_max"] is None:
        del fields["value_max"]
    return fields


def read_labels(lines: Iterable[str], *, name: str) -> dict[str, Labels]:
    """The labels by item id. A line without any is left out. Raises ``ConfigError`` that names file and line.

    Where one line has watch moves, a line without them says that there are none: they stand only where a question
    moves. Any other label that is missing says nothing.
    """
    found: dict[str, Labels] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        where = f"{name}:{number}"
        try:
            row = json.loads(line)
        except json.JSONDecodeError as exc:
            raise ConfigError(f"{where}: is not JSON: {exc.msg}") from None
        item = row.get("id") if isinstance(row, dict) else None
        if not isinstance(item, str | int):
            raise ConfigError(f"{where}: must be a JSON object with an id and its labels under gold")
        if str(item) in found:
            raise ConfigError(f"{where}: id {item!r} is there twice")
        gold = row.get("gold", row)
        if not isinstance(gold, dict):
            raise ConfigError(f"{where}: gold: must be a JSON object")
        if any(gold.get(kind) is not None for kind in _KINDS):
            found[str(item)] = _labels(gold, where)
    if not found:
        raise ConfigError(f"{name}: has no labels; a line holds them under gold: {', '.join(_KINDS)}")
    if any(labels.watch is not None for labels in found.values()):
        return {item: _with_no_moves(labels) for item, labels in found.items()}
    return found


def _with_no_moves(labels: Labels) -> Labels:
    return labels if labels.watch is not None else replace(labels, watch=())


def unknown_names(labels: Iterable[Labels], catalog: Catalog) -> list[str]:
    """The topics and questions in labels that the catalog does not have: everything about them counts as missed."""
    topics = {topic.id for topic in catalog.topics}
    questions = {watch.id for topic in catalog.topics for watch in topic.watches}
    unknown: dict[str, None] = {}
    for each in labels:
        unknown |= dict.fromkeys(
            f"topic {name!r}" for name in sorted(each.topics or ()) if name not in topics
        )
        unknown |= dict.fromkeys(
            f"question {name!r}" for name, _ in each.watch or () if name not in questions
        )
    return list(unknown)


_Named = TypeVar("_Named", Grade, Event)


def _one_of(kind: type[_Named], gold: dict[str, Any], key: str) -> _Named | None:
    """Raises ``ValueError`` that names what is known."""
    value = gold.get(key)
    if value is None:
        return None
    if value not in set(kind):
        raise ValueError(f"{key}: {value!r} is none of {', '.join(kind)}")
    return kind(value)


def _labels(gold: dict[str, Any], where: str) -> Labels:
    topics, watch, claims = (_list(gold, kind, where) for kind in ("topics", "watch", "claims"))
    story = gold.get("story")
    try:
        return Labels(
            story=None if story is None else str(story),
            topics=None if topics is None else frozenset(map(str, topics)),
            grade=_one_of(Grade, gold, "grade"),
            event=_one_of(Event, gold, "event"),
            watch=None if watch is None else tuple((str(m["question"]), str(m["state"])) for m in watch),
            claims=None if claims is None else tuple(map(_claim, claims)),
        )
    except ValueError as exc:
        raise ConfigError(f"{where}: {exc}") from None
    except (KeyError, TypeError, OverflowError):
        raise ConfigError(
            f"{where}: a watch move needs question and state, a claim subject, metric, value and unit"
        ) from None


def _list(gold: dict[str, Any], kind: str, where: str) -> list[Any] | None:
    value = gold.get(kind)
    if isinstance(value, dict):
        return [value]
    if value is not None and not isinstance(value, list):
        raise ConfigError(f"{where}: {kind}: must be a list")
    return value


def _claim(row: dict[str, Any]) -> Claim:
    return Claim(
        subject=str(row["subject"]),
        metric=str(row["metric"]),
        value=float(row["value"]),
        unit=str(row["unit"]),
        precision=row.get("precision"),
        relative_to=row.get("relative_to"),
        value_max=None if row.get("value_max") is None else float(row["value_max"]),
    )
