"""JSON from outside, read without trusting a single type. Pure."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from bot.errors import ParseFailed
from bot.intake.sources.charset import decode
from bot.intake.sources.parsed import Payload, Problems
from bot.model import RawItem

Row = dict[str, Any]


def load(payload: Payload) -> Any:
    """The document. Raises ``ParseFailed`` when it is no JSON, or nested beyond reason."""
    text = decode(payload.body, payload.charset).lstrip("\ufeff \t\r\n")
    if not text:
        raise ParseFailed("the document is empty")
    if text.startswith("<"):
        raise ParseFailed("a web page or XML where JSON was expected")
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError) as exc:
        if "{" not in text[:200] and "[" not in text[:200]:
            raise ParseFailed(f"a plain text: {text[:120].strip()}") from exc
        raise ParseFailed("not well-formed JSON") from exc


def as_dict(value: Any) -> Row:
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def text_of(row: Row, *keys: str) -> str:
    """The first of ``keys`` that holds a text or a number, as text; "" when none does."""
    for key in keys:
        value = row.get(key)
        if isinstance(value, str) and value.strip():
            return value
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
    return ""


def each(rows: list[Any], read: Callable[[Row], RawItem | None], problems: Problems) -> Iterator[RawItem]:
    """Items of ``rows``; a row that cannot be read is a problem, not the end. ``read`` gives None to skip."""
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            problems.add(f"entry {number} is not an object")
            continue
        try:
            item = read(row)
        except (ValueError, TypeError, KeyError, AttributeError, IndexError) as exc:
            problems.add(f"entry {number} cannot be read: {exc}"[:200])
            continue
        if item is not None:
            yield item


def required(row: Row, *keys: str) -> str:
    """Like ``text_of``; raises ``ValueError`` that names what is missing."""
    value = text_of(row, *keys)
    if not value:
        raise ValueError(f"no {' or '.join(repr(key) for key in keys)}")
    return value


def refuse_error(document: Any, *keys: str) -> None:
    """Raise ``ParseFailed`` with the API's own words when the document is an error object."""
    row = as_dict(document)
    for key in keys:
        if row.get(key):
            said = row[key] if isinstance(row[key], str) else json.dumps(row[key], ensure_ascii=False)
            raise ParseFailed(f"the API answered with an error: {said[:200]}")
