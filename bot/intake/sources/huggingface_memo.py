"""What the hub's list showed at the last poll, and what of it is another now. Pure.

The list tells only how things stand: that a model is new, has new files or another licence tag shows beside the list
before.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.intake.sources.dates import moment
from bot.intake.sources.jsontext import as_dict, as_list

#: Models that are remembered; a list shows fifty.
_MOST_MODELS = 500
#: Files of one model whose names are remembered.
_MOST_FILES = 400
#: A model that was made this long before the source was first read is not new when it first shows.
_GRACE = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How one model stands: its revision, licence tag ("" for none) and a short mark of each of its files."""

    revision: str
    licence: str
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """The models as they were last seen, by name. ``since``: when the source was first read, None before."""

    since: datetime | None
    models: Mapping[str, Standing]


def read_shelf(memo: str) -> Shelf:
    """Anything but what ``written`` gave is an empty shelf."""
    try:
        row = as_dict(json.loads(memo)) if memo else {}
    except (ValueError, RecursionError):
        row = {}
    models = {name: _standing(value) for name, value in as_dict(row.get("models")).items()}
    return Shelf(since=moment(row.get("since")), models=models)


def written(shelf: Shelf, now_shown: Mapping[str, Standing], *, now: datetime) -> str:
    """The memo after a poll: what it showed, and before that what earlier ones did."""
    models = {**{name: each for name, each in shelf.models.items() if name not in now_shown}, **now_shown}
    rows = {
        name: [each.revision, each.licence, "".join(each.files)]
        for name, each in list(models.items())[-_MOST_MODELS:]
    }
    since = (shelf.since or now).isoformat()
    return json.dumps({"since": since, "models": rows}, ensure_ascii=False, separators=(",", ":"))


def title_of(
    name: str, stands: Standing, files: Sequence[str], created: datetime | None, shelf: Shelf
) -> str:
    """What is told of a model: ``New model org/name``, ``org/name: license mit -> other; new files: a (+3)``,
    ``org/name: new revision``; the bare name when nothing is known of before, or nothing changed."""
    before = shelf.models.get(name)
    if shelf.since is None or (before is not None and before.revision == stands.revision):
        return name
    if before is None:
        is_new = created is None or created >= shelf.since - _GRACE
        return f"New model {name}" if is_new else f"{name}: new revision"
    told = []
    if before.licence != stands.licence:
        told.append(f"license {before.licence or 'none'} -> {stands.licence or 'none'}")
    known = set(before.files)
    came = [file for file in files[:_MOST_FILES] if mark(file) not in known] if known else []
    if came:
        told.append(f"new files: {came[0]}" + (f" (+{len(came) - 1})" if len(came) > 1 else ""))
    return f"{name}: " + ("; ".join(told) or "new revision")


def standing(revision: str, licence: str, files: Sequence[str]) -> Standing:
    return Standing(revision=revision, licence=licence, files=tuple(map(mark, files[:_MOST_FILES])))


_MARK = 6


def mark(file: str) -> str:
    """Six characters for a file's name: among four hundred, one in 40,000 is taken for another."""
    return hashlib.blake2b(file.encode("utf-8", "replace"), digest_size=3).hexdigest()


def _standing(value: Any) -> Standing:
    fields = [entry if isinstance(entry, str) else "" for entry in (*as_list(value), "", "", "")]
    marks = fields[2]
    return Standing(
        revision=fields[0],
        licence=fields[1],
        files=tuple(marks[place : place + _MARK] for place in range(0, len(marks), _MARK)),
    )
