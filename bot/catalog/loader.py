"""Reads sources, topics and publishers from TOML into the model's types; refuses what it does not know."""

import re
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

from bot.errors import ConfigError
from bot.model import (
    ALL_TOPICS,
    STREAM_KINDS,
    Catalog,
    Grade,
    KnownState,
    Publisher,
    Source,
    SourceId,
    SourceKind,
    SourceMode,
    TermLists,
    Together,
    Topic,
    TopicId,
    Watch,
)

T = TypeVar("T")
E = TypeVar("E", Source, Topic)

_DURATION = re.compile(r"(\d+)\s*(s|m|h|d)")
_UNIT_S = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
SKIP_KINDS = ("spam", "listicles", "stocks", "passing")
PUBLISHER_KINDS = (
    "party", "authority", "register", "repository", "measurer",
    "outlet", "tipster", "opinion", "social", "aggregator", "release",
)  # fmt: skip


def load_catalog(path: Path | None = None) -> Catalog:
    """The built-in catalog, or the one at ``path`` (a file, or a folder whose ``*.toml`` are read in
    name order), which replaces the built-in sources and topics. The built-in publishers stay: a catalog adds to them.

    Raises ``ConfigError`` that names file, line and key.
    """
    builtin = sorted(
        (
            entry
            for entry in files("bot.catalog").joinpath("builtin").iterdir()
            if entry.name.endswith(".toml")
        ),
        key=lambda entry: entry.name,
    )
    known = [_Document(entry.name, entry.read_text(encoding="utf-8")) for entry in builtin]
    if path is None:
        return _build(known)
    replaced = [_document_at(file) for file in _toml_files(path)]
    return _build(
        replaced, publishers=[p for document in known for p in document.tables("publisher", _publisher)]
    )


def _toml_files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    found = sorted(path.glob("*.toml"))
    if not found:
        raise ConfigError(f"{path}: no .toml file in this folder")
    return found


def _document_at(file: Path) -> "_Document":
    try:
        return _Document(str(file), file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError(f"{file}: cannot be read: {exc}") from exc


def _build(documents: list["_Document"], publishers: list[Publisher] | None = None) -> Catalog:
    for document in documents:
        document.refuse_unknown_tables()
    topics = _unique(documents, "topic", _topic)
    known_topics = {topic.id for topic in topics}
    sources = _unique(documents, "source", _source)
    for document in documents:
        for index, source in enumerate(document.tables("source", _source)):
            unknown = [topic for topic in source.topics if topic not in known_topics]
            if unknown:
                line = document.line_of("topics", start=document.table_start("source", index))
                raise ConfigError(f"{document.name}:{line}: topics: unknown topic {unknown[0]!r}")
    own = [entry for document in documents for entry in document.tables("publisher", _publisher)]
    merged = {publisher.id: publisher for publisher in [*(publishers or []), *own]}
    return Catalog(sources=tuple(sources), topics=tuple(topics), publishers=tuple(merged.values()))


def _unique(documents: list["_Document"], kind: str, build: "Callable[[_Table], E]") -> list[E]:
    """All of a kind; two of one id are refused, with the place of both."""
    found: list[E] = []
    seen: dict[str, tuple[_Document, int]] = {}
    for document in documents:
        for index, entry in enumerate(document.tables(kind, build)):
            name = str(entry.id)
            if name in seen:
                here, other = (
                    _line_of_id(document, kind, index),
                    _line_of_id(seen[name][0], kind, seen[name][1]),
                )
                raise ConfigError(f"{here}: id: two {kind}s with the id {name!r}; the other is at {other}")
            seen[name] = (document, index)
            found.append(entry)
    return found


def _line_of_id(document: "_Document", kind: str, index: int) -> str:
    return f"{document.name}:{document.line_of('id', start=document.table_start(kind, index))}"


class _Document:
    """One TOML text that can say where a key stands; tomllib itself forgets the lines."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.lines = text.splitlines()
        try:
            self.values = tomllib.loads(text)
        except tomllib.TOMLDecodeError as exc:
            found = re.search(r"\(at line (\d+), column \d+\)", str(exc))
            place = f"{name}:{found[1]}" if found else name
            raise ConfigError(f"{place}: is not TOML: {exc}") from exc

    def refuse_unknown_tables(self) -> None:
        for key, value in self.values.items():
            if key not in ("source", "topic", "publisher") or not isinstance(value, list):
                line = self.line_of(key, start=0)
                raise ConfigError(
                    f"{self.name}:{line}: unknown key {key!r}; known: [[source]], [[topic]], [[publisher]]"
                )

    def tables(self, kind: str, build: "Callable[[_Table], T]") -> list[T]:
        return [
            build(_Table(self, kind, index, values)) for index, values in enumerate(self.values.get(kind, []))
        ]

    def line_of(self, key: str, *, start: int) -> int:
        """The first line (from 1) at or after ``start`` that sets ``key`` or opens a table of that name."""
        pattern = re.compile(rf"""\s*(\[+\s*(\w+\.)?)?["']?{re.escape(key)}["']?\s*[=.\]]""")
        for number, line in enumerate(self.lines[start:], start + 1):
            if pattern.match(line):
                return number
        return start + 1

    def table_start(self, kind: str, index: int) -> int:
        """Index of the line that opens the ``index``-th ``[[kind]]``."""
        opened = [n for n, line in enumerate(self.lines) if re.match(rf"\s*\[\[\s*{kind}\s*\]\]", line)]
        return opened[index] if index < len(opened) else 0


class _Table:
    """One table of a document, read key by key; what was not read at the end is unknown."""

    def __init__(self, document: _Document, kind: str, index: int, values: object) -> None:
        self._document, self._kind, self._index = document, kind, index
        if not isinstance(values, dict):
            raise self.error(kind, "must be a table")
        self._values: dict[str, Any] = dict(values)
        self._lists: dict[str, tuple[str, ...]] = {}

    def error(self, key: str, problem: str) -> ConfigError:
        start = self._document.table_start(self._kind.split(".")[0], self._index)
        return ConfigError(
            f"{self._document.name}:{self._document.line_of(key, start=start)}: {key}: {problem}"
        )

    def text(self, key: str, default: str | None = None) -> str:
        value = self._values.pop(key, default)
        if value is None:
            raise self.error(key, f"missing in [[{self._kind}]]")
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise self.error(key, "must be a text")
        return value.strip()

    def identifier(self) -> str:
        value = self.text("id")
        if not _ID.fullmatch(value):
            raise self.error("id", f"{value!r} must be lower-case letters, digits, '.', '_' or '-'")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self._values.pop(key, [])
        if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
            raise self.error(key, "must be a list of texts")
        return tuple(value)

    def terms(self, key: str) -> TermLists:
        """A plain list (every language) or a table of lists by language code."""
        value = self._values.pop(key, [])
        by_language = {"": value} if isinstance(value, list) else value
        if not isinstance(by_language, dict):
            raise self.error(key, "must be a list of terms, or a table of lists by language")
        for terms in by_language.values():
            if not isinstance(terms, list) or not all(
                isinstance(term, str) and term.strip() for term in terms
            ):
                raise self.error(key, "must be a list of terms, or a table of lists by language")
        return TermLists(
            terms={language: self._expanded(key, terms) for language, terms in by_language.items() if terms}
        )

    def define_lists(self, key: str) -> None:
        """Named lists; ``"@name"`` among the terms of this table and of its nested ones stands for a list."""
        self._lists = self.term_table(key)

    def _expanded(self, key: str, terms: list[str]) -> tuple[str, ...]:
        found: list[str] = []
        for term in terms:
            if term.startswith("@") and term[1:] not in self._lists:
                raise self.error(key, f"{term!r} names no list; known: {', '.join(self._lists) or 'none'}")
            found += self._lists[term[1:]] if term.startswith("@") else [term]
        return tuple(found)

    def term_groups(self, key: str, *, optional: bool = False) -> tuple[tuple[str, ...], ...]:
        """At least two lists of terms."""
        value = self._values.pop(key, None)
        if value is None and optional:
            return ()
        if not isinstance(value, list) or len(value) < 2:
            raise self.error(key, "must be a list of two or more lists of terms")
        for terms in value:
            if (
                not isinstance(terms, list)
                or not terms
                or not all(isinstance(t, str) and t.strip() for t in terms)
            ):
                raise self.error(key, "must be a list of two or more lists of terms")
        return tuple(self._expanded(key, terms) for terms in value)

    def count(self, key: str, default: int) -> int:
        value = self._values.pop(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self.error(key, "must be a whole number of 0 or more")
        return value

    def choice(self, key: str, choices: Iterable[str], default: str | None = None) -> str:
        value = self.text(key, default)
        known = list(choices)
        if value not in known:
            raise self.error(key, f"unknown {key} {value!r}; known: {', '.join(known)}")
        return value

    def duration(self, key: str, default: str) -> timedelta:
        value = self._values.pop(key, default)
        try:
            return parse_duration(value)
        except ValueError as exc:
            raise self.error(key, str(exc)) from None

    def optional_duration(self, key: str) -> timedelta | None:
        return self.duration(key, "") if key in self._values else None

    def moment(self, key: str) -> datetime:
        value = self._values.pop(key, None)
        if isinstance(value, datetime):
            return value if value.tzinfo else value.replace(tzinfo=UTC)
        if isinstance(value, date):
            return datetime(value.year, value.month, value.day, tzinfo=UTC)
        raise self.error(key, "must be a date such as 2026-04-24")

    def nested(self, key: str, build: "Callable[[_Table], T]") -> tuple[T, ...]:
        value = self._values.pop(key, [])
        if not isinstance(value, list):
            raise self.error(key, f"must be written as [[{self._kind}.{key}]]")
        tables = [_Table(self._document, f"{self._kind}.{key}", self._index, entry) for entry in value]
        for table in tables:
            table._lists = self._lists
        return tuple(build(table) for table in tables)

    def term_table(self, key: str) -> dict[str, tuple[str, ...]]:
        value = self._values.pop(key, {})
        if not isinstance(value, dict):
            raise self.error(key, "must be a table of term lists")
        inner = _Table(self._document, f"{self._kind}.{key}", self._index, value)
        return {name: inner.texts(name) for name in value}

    def done(self) -> None:
        for key in self._values:
            raise self.error(key, f"unknown key in [[{self._kind}]]")


def parse_duration(value: object) -> timedelta:
    """``"2s"``, ``"15m"``, ``"1h"``, ``"1d"``. Raises ``ValueError``; less than a second is refused."""
    match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None or int(match[1]) < 1:
        raise ValueError(f'{value!r} must be a text such as "2s", "15m" or "1h"')
    return timedelta(seconds=min(int(match[1]) * _UNIT_S[match[2]], 365 * 86400))


def _source(table: _Table) -> Source:
    source = Source(
        id=SourceId(table.identifier()),
        name=table.text("name", ""),
        kind=SourceKind(table.choice("kind", list(SourceKind))),
        url=table.text("url"),
        topics=tuple(TopicId(topic) for topic in table.texts("topics")),
        grade=Grade(table.choice("grade", list(Grade), "report")),
        every=table.duration("every", "15m"),
        every_min=table.optional_duration("every_min"),
        every_max=table.optional_duration("every_max"),
        mode=SourceMode(table.choice("mode", list(SourceMode), SourceMode.POLL)),
        stream=table.text("stream", ""),
        language=table.text("language", ""),
        publisher=table.text("publisher", ""),
        why=table.text("why", ""),
    )
    if not re.match(r"https?://[^\s/]+", source.url):
        raise table.error("url", f"{source.url!r} must be an http or https address")
    if source.stream and not re.match(r"(?:https?|wss?)://[^\s/]+", source.stream):
        raise table.error("stream", f"{source.stream!r} must be an http, https, ws or wss address")
    if source.mode is SourceMode.STREAM and source.kind not in STREAM_KINDS:
        known = ", ".join(sorted(STREAM_KINDS))
        raise table.error(
            "mode", f"nothing pushes a source of kind {source.kind.value!r}; kinds that push: {known}"
        )
    if source.kind is SourceKind.PAGE and "#" in source.url:
        from bot.catalog.pages import (
            is_selector,
            selector_of,
        )  # the parser is slow to import, few catalogs need it

        if not is_selector(selector_of(source.url)):
            raise table.error("url", f"{selector_of(source.url)!r} behind #css= is no CSS selector")
    if (source.every_min or source.every) > source.every:
        raise table.error("every_min", "must not be longer than 'every'")
    if (source.every_max or source.every) < source.every:
        raise table.error("every_max", "must not be shorter than 'every'")
    table.done()
    return replace(source, name=source.name or source.id)


def _topic(table: _Table) -> Topic:
    table.define_lists("lists")
    topic = Topic(
        id=TopicId(table.identifier()),
        name=table.text("name", ""),
        any=table.terms("any"),
        all=table.terms("all"),
        none=table.terms("none"),
        ambiguous=table.terms("ambiguous"),
        near=table.terms("near"),
        title=table.terms("title"),
        together=table.nested("together", _together),
        skip=table.texts("skip"),
        watches=table.nested("watch", _watch),
    )
    if topic.id == ALL_TOPICS:
        raise table.error("id", f"{ALL_TOPICS!r} stands for every topic and cannot be one")
    if not topic.any and not topic.all and not topic.together:
        raise table.error("any", "missing: a topic needs terms in 'any' or 'all'")
    unknown = [kind for kind in topic.skip if kind not in SKIP_KINDS]
    if unknown:
        raise table.error("skip", f"unknown skip {unknown[0]!r}; known: {', '.join(SKIP_KINDS)}")
    table.done()
    return replace(topic, name=topic.name or topic.id)


def _together(table: _Table) -> Together:
    together = Together(
        name=table.text("name", ""),
        groups=table.term_groups("groups"),
        none=table.terms("none").all(),
        title=table.count("title", 1),
    )
    table.done()
    return together


def _watch(table: _Table) -> Watch:
    watch = Watch(
        id=table.identifier(),
        question=table.text("question"),
        states=table.texts("states"),
        subject=table.terms("subject"),
        subject_groups=table.term_groups("subject_groups", optional=True),
        cues=table.term_table("cues"),
        min_grade=Grade(table.choice("min_grade", list(Grade), "report")),
        known=table.nested("known", _known),
    )
    if not watch.states:
        raise table.error("states", "needs at least one state")
    for state in [*watch.cues, *(known.state for known in watch.known)]:
        if state not in watch.states:
            raise table.error("states", f"{state!r} is used but not listed")
    table.done()
    return watch


def _known(table: _Table) -> KnownState:
    known = KnownState(
        state=table.text("state"), at=table.moment("at"), link=table.text("link"), note=table.text("note", "")
    )
    table.done()
    return known


def _publisher(table: _Table) -> Publisher:
    publisher = Publisher(
        id=table.identifier(),
        names=table.texts("names"),
        kind=table.choice("kind", PUBLISHER_KINDS),
        domains=table.texts("domains"),
        accounts=table.texts("accounts"),
    )
    table.done()
    return publisher
