"""Judges a saved history through exactly the code of the live pipeline: no network, nothing kept."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.errors import ConfigError
from bot.judgement.canonical import make_item
from bot.judgement.explain import Explainer, Why
from bot.judgement.judge import Judge
from bot.model import Catalog, RawItem, Source, SourceId, SourceKind, Verdict

_REQUIRED = ("id", "title", "url", "publisher", "published")


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """``why`` is there where it was asked for."""

    id: str
    verdict: Verdict
    why: Why | None = None

    def as_json(self) -> dict[str, Any]:
        """The object that ``tipoff replay --json`` prints for one item."""
        verdict = self.verdict
        row: dict[str, Any] = {
            "id": self.id,
            "story": verdict.story,
            "topics": list(verdict.topic_ids),
            "grade": verdict.graded.grade.value,
            "alert": verdict.alert,
            "event": verdict.event.value,
            "reason": "; ".join(verdict.reasons),
        }
        if verdict.claims:
            row["claims"] = [
                {
                    "subject": claim.subject,
                    "metric": claim.metric,
                    "value": claim.value,
                    "unit": claim.unit,
                    "precision": claim.precision,
                    "relative_to": claim.relative_to,
                    **({"value_max": claim.value_max} if claim.value_max is not None else {}),
                }
                for claim in verdict.claims
            ]
        if verdict.watch:
            row["watch"] = [{"question": move.question, "state": move.state} for move in verdict.watch]
        if self.why is not None:
            row["why"] = self.why.as_json()
        return row


def replay(
    lines: Iterable[str],
    catalog: Catalog,
    *,
    name: str = "input",
    explain: Callable[[str], bool] | None = None,
) -> Iterator[Replayed]:
    """One verdict for each line, in order. Raises ``ConfigError`` that names file and line.

    ``explain`` is asked for each id whether its verdict shall say why; that costs some milliseconds an item.
    What a watch question was known to be later than the first item is not known to the replay.
    """
    judge: Judge | None = None
    explainer = Explainer(catalog) if explain is not None else None
    known = {source.id: source for source in catalog.sources}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        item_id, raw, source = _parsed(line, known, where=f"{name}:{number}")
        assert raw.published is not None
        if judge is None:
            judge = Judge(catalog, known_until=raw.published)
        item = make_item(raw, source, seen=raw.published)
        verdict = judge.judge(item)
        why = None
        if explainer is not None and explain is not None and explain(item_id):
            why = explainer.explain(judge, verdict)
        judge.remember(verdict)
        yield Replayed(id=item_id, verdict=verdict, why=why)


def _parsed(line: str, known: dict[SourceId, Source], *, where: str) -> tuple[str, RawItem, Source]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as exc:
        raise ConfigError(f"{where}: is not JSON: {exc.msg}") from None
    if not isinstance(row, dict):
        raise ConfigError(f"{where}: must be a JSON object")
    missing = [key for key in _REQUIRED if key not in row]
    if missing:
        raise ConfigError(f"{where}: {', '.join(missing)}: missing; each line needs {', '.join(_REQUIRED)}")
    for key in _REQUIRED:
        if not isinstance(row.get(key), str) and not (key == "id" and isinstance(row.get(key), int)):
            raise ConfigError(f"{where}: {key}: must be a text")
    source_id = SourceId(str(row.get("source") or row["publisher"] or "replay"))
    source = known.get(source_id) or Source(
        id=source_id, name=row["publisher"], kind=SourceKind.FEED, url=row["url"] or "https://replay.invalid/"
    )
    raw = RawItem(
        external_id=str(row["id"]),
        url=row["url"],
        title=row["title"],
        summary=str(row.get("summary") or ""),
        author=str(row.get("author") or ""),
        publisher=row["publisher"],
        published=_moment(row["published"], where),
        language=str(row.get("language") or ""),
    )
    return str(row["id"]), raw, source


def _moment(text: str, where: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(
            f"{where}: published: {text!r} is not a time such as 2026-04-24T08:30:00Z"
        ) from None
    if moment.tzinfo is None:
        raise ConfigError(f"{where}: published: {text!r} has no time zone")
    return moment
