"""What an adapter gives back, and the limits that hold for every kind."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from bot.errors import ParseFailed
from bot.model import RawItem, Source

#: Entries kept of one document. A feed of ten thousand is an archive, or an attack.
MAX_ITEMS = 2_000
#: Problems told of one document; more would be noise.
_MAX_PROBLEMS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """One document to read. ``url``: where it came from in the end; ``charset``: what its HTTP header said.

    ``memo``: what this source's adapter kept at the poll before, "" at the first. ``followed``: the address in
    ``Parsed.follow`` that led here, "" for the source's own document.
    """

    body: bytes
    url: str
    source: Source
    now: datetime
    content_type: str = ""
    charset: str | None = None
    memo: str = ""
    followed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """The items of one document, in its own order. ``problems``: a line for each thing that could not be read.

    ``memo`` is handed back in the next poll's ``Payload`` (None keeps the old one). ``follow``: addresses whose
    documents belong to this one and are read in the same poll. ``ask_whole``: the next poll must get the document
    itself, because "not modified" would hide what is new in those it names. ``known``: entries left out because the
    memo says that the last document had them as they are.
    """

    items: tuple[RawItem, ...]
    known: int = 0
    problems: tuple[str, ...] = ()
    feed_title: str = ""
    language: str = ""
    memo: str | None = None
    follow: tuple[str, ...] = ()
    ask_whole: bool = False


class Problems:
    """Collects what could not be read while the rest is."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._unsaid = 0

    def add(self, line: str) -> None:
        if len(self._lines) < _MAX_PROBLEMS:
            self._lines.append(line)
        else:
            self._unsaid += 1

    @property
    def count(self) -> int:
        return len(self._lines) + self._unsaid

    def told(self) -> tuple[str, ...]:
        more = (f"and {self._unsaid} more",) if self._unsaid else ()
        return (*self._lines, *more)


def collect(
    items: Iterable[RawItem | None],
    problems: Problems | None = None,
    *,
    feed_title: str = "",
    language: str = "",
    known: Callable[[], int] = lambda: 0,
) -> Parsed:
    """The usable items, each id once (the first wins) and at most ``MAX_ITEMS``; None stands for none.

    Raises ``ParseFailed`` when there were entries and not one could be read.
    """
    told = problems or Problems()
    kept: dict[str, RawItem] = {}
    for item in items:
        if item is not None and item.title:
            kept.setdefault(item.external_id, item)
    if not kept and told.count and not known():
        raise ParseFailed(f"nothing of it could be read: {told.told()[0]}")
    found = newest(list(kept.values()), told)
    return Parsed(
        items=tuple(found), known=known(), problems=told.told(), feed_title=feed_title, language=language
    )


class Dated(Protocol):
    @property
    def published(self) -> datetime | None: ...


Some = TypeVar("Some", bound=Dated)


def newest(items: Sequence[Some], problems: Problems) -> Sequence[Some]:
    """At most ``MAX_ITEMS``: the newest where there are dates, else the first ones; the order stays."""
    if len(items) <= MAX_ITEMS:
        return items
    problems.add(f"{len(items)} entries in one document; only the newest {MAX_ITEMS} were read")
    dated = sum(1 for item in items if item.published is not None)
    if dated < len(items) // 2:
        return items[:MAX_ITEMS]
    places = sorted(range(len(items)), key=lambda place: _age_key(items[place]), reverse=True)[:MAX_ITEMS]
    return [items[place] for place in sorted(places)]


def _age_key(item: Dated) -> float:
    return item.published.timestamp() if item.published is not None else 0.0
