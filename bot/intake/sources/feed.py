"""RSS, Atom and CDF: the fast parser for what it reads right, feedparser for the rest. Pure."""

import io
import re
from calendar import timegm
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

import feedparser

from bot.errors import ParseFailed
from bot.intake.sources import fast_parser, jsonfeed
from bot.intake.sources.dates import moment
from bot.intake.sources.document import Document, depth_of, open_document
from bot.intake.sources.languages import language_code
from bot.intake.sources.links import clean_link, stable_id
from bot.intake.sources.parsed import Parsed, Payload, Problems, collect, newest
from bot.intake.sources.text import one_line, plain, summary_of, title_of
from bot.model import FEED_KINDS, RawItem

KINDS = tuple(sorted(FEED_KINDS))
_ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.1"
)
_ATOM = "http://www.w3.org/2005/Atom"
_RSS10 = "http://purl.org/rss/1.0/"
_RSS09 = re.compile(r"http://(?:my|channel)\.netscape\.com/rdf/simple/0\.9/?")
#: feedparser takes seconds where the fast parser takes milliseconds: it is given only what it can manage.
_SLOW_MAX_CHARS, _SLOW_MAX_TAGS, _SLOW_MAX_DEPTH = 1_000_000, 30_000, 100
_HAS_DATES = re.compile(
    r"<(?:pubdate|[\w.-]+:(?:date|published|updated|modified|issued|created)|published|updated|modified|issued"
    r"|created|date|lastbuilddate)\b",
    re.IGNORECASE,
)
_RELATIVE_LINK = re.compile(r"<(?:[\w.-]+:)?link\b[^>]*?(?:href\s*=\s*[\"'](?!https?:)|>\s*(?!https?:|<)\S)")
_MAX_AUTHOR = 200
#: How parsers fail on documents that nobody foresaw; found by feeding them damaged ones.
_PARSER_BUGS = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    RecursionError,
    ArithmeticError,
    AssertionError,
)
_LANGUAGE = re.compile(r"<(?:dc:)?language>\s*([A-Za-z][\w-]{1,20})\s*<|\bxml:lang=[\"']([\w-]{2,20})[\"']")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry as both parsers give it, before it is cleaned. ``dated`` False: its times are guesses."""

    values: Any
    published: datetime | None
    content: str = ""

    def text(self, key: str) -> str:
        value = self.values.get(key) if key in self.values else None
        return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A whole document as both parsers give it."""

    entries: tuple[Entry, ...]
    title: str = ""
    link: str = ""
    language: str = ""


def request(url: str) -> tuple[str, str]:
    return url, _ACCEPT


def read(payload: Payload) -> Parsed:
    """The entries of a feed of whichever kind. Raises ``ParseFailed`` when it is none."""
    if payload.body[:512].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        return jsonfeed.read(payload)
    channel = read_channel(payload)
    spoken = payload.source.language or language_code(channel.language)
    problems = Problems()
    marks = Marks(payload.memo)
    parsed = collect(
        items(channel, url=payload.url, language=spoken, problems=problems, marks=marks),
        problems,
        feed_title=plain(channel.title, limit=200),
        language=spoken,
        known=lambda: marks.known,
    )
    return replace(parsed, memo=marks.memo())


class Marks:
    """Which entries the last document had: most of a feed is the same at every poll, and need not be cleaned and
    looked up again. A mark is a digest of all that is used of an entry, so that a changed one is read anew."""

    _BYTES = 6
    #: The memo of a feed with more entries than this would cost more than it saves.
    _MOST = 500

    def __init__(self, memo: str) -> None:
        size = 2 * self._BYTES
        self._before = {memo[place : place + size] for place in range(0, len(memo), size)}
        self._now: dict[str, None] = {}
        self.known = 0

    def is_known(self, entry: Entry) -> bool:
        """Whether the last document had the entry as it is; notes it for the next."""
        parts = [entry.text(key) for key in ("id", "link", "title", "description", "summary", "author")]
        text = "\0".join((*parts, entry.content, str(entry.published)))
        mark = blake2b(text.encode("utf-8", "replace"), digest_size=self._BYTES).hexdigest()
        self._now[mark] = None
        self.known += (known := mark in self._before)
        return known

    def memo(self) -> str:
        return "".join(self._now) if len(self._now) <= self._MOST else ""


def items(
    channel: Channel, *, url: str, language: str, problems: Problems, marks: Marks | None = None
) -> Iterator[RawItem]:
    """Cleaned items; what cannot become one is told in ``problems``. What ``marks`` knows is left out."""
    base = clean_link(channel.link, url) or url
    for number, entry in enumerate(newest(channel.entries, problems), 1):
        if marks is not None and marks.is_known(entry):
            continue
        item = to_item(entry, base=base, language=language)
        if item is None:
            problems.add(f"entry {number} has neither title nor text")
        else:
            yield item


def to_item(entry: Entry, *, base: str, language: str) -> RawItem | None:
    given = one_line(entry.text("id"))
    link = clean_link(entry.text("link"), base)
    if not link and given.startswith(("http://", "https://")):
        link = clean_link(given, base)  # RSS: a guid that is an address is one, unless it says otherwise
    summary = summary_of(entry.text("description") or entry.text("summary") or entry.content)
    title = title_of(entry.text("title"), summary)
    if not title:
        return None
    return RawItem(
        external_id=stable_id(given, link, title, summary),
        url=link,
        title=title,
        summary="" if summary == title else summary,
        author=plain(entry.text("author"), limit=_MAX_AUTHOR),
        published=entry.published,
        language=language,
    )


def read_channel(payload: Payload) -> Channel:
    """The document, read by whichever parser reads it right. Raises ``ParseFailed``."""
    document = open_document(payload.body, payload.charset)
    if document.root in ("opml", "urlset", "sitemapindex"):
        raise ParseFailed(f"a document of kind {document.root!r}, not a feed")
    ready = _for_fast_parser(document)
    if ready is not None:
        try:
            channel = _fast(ready)
        except _PARSER_BUGS:
            channel = None
        if channel is not None and (channel.entries or not _has_entries(document.text)):
            return channel
    return _slow(document, payload.url)


def _for_fast_parser(document: Document) -> str | None:
    """The text as the fast parser reads it right, or None where it does not."""
    text, head = document.text, document.head
    if document.prefix.lower() not in ("", "rdf:"):
        return None
    if "xml:base" in text and _RELATIVE_LINK.search(text):
        return None  # it forgets xml:base
    match document.root:
        case "rss":
            return text
        case "rdf":
            return _RSS09.sub(_RSS10, text, count=1) if _RSS09.search(head) else text
        case "feed":
            if "xmlns=" in head:
                return text
            return re.sub(r"<feed\b", f'<feed xmlns="{_ATOM}"', text, count=1)
        case "entry":
            return f'<feed xmlns="{_ATOM}">{text}</feed>'
    return None


def _has_entries(text: str) -> bool:
    return re.search(r"<(?:[\w.-]+:)?(?:item|entry)[\s>]", text, re.IGNORECASE) is not None


def _fast(text: str) -> Channel:
    read = fast_parser.parse(text)
    # Without any element for a date it takes one from ids, or makes one up from today's.
    dated = _HAS_DATES.search(text) is not None
    entries = tuple(
        Entry(values=entry, published=_fast_time(entry) if dated else None, content=_content(entry))
        for entry in read.entries
    )
    feed = read.feed
    return Channel(
        entries=entries,
        title=feed.get("title") or "",
        link=feed.get("link") or "",
        language=feed.get("language") or _said_language(text),  # RSS's own element is not given
    )


def _said_language(text: str) -> str:
    found = _LANGUAGE.search(text, 0, 8192)
    return (found[1] or found[2]) if found else ""


def _fast_time(entry: Any) -> datetime | None:
    return moment(entry.get("published")) or moment(entry.get("updated"))


def _content(entry: Any) -> str:
    parts = entry.get("content")
    if isinstance(parts, list) and parts and isinstance(parts[0], dict):
        value = parts[0].get("value")
        return value if isinstance(value, str) else ""
    return ""


def _slow(document: Document, url: str) -> Channel:
    text = document.text
    if len(text) > _SLOW_MAX_CHARS or text.count("<") > _SLOW_MAX_TAGS:
        raise ParseFailed("the document is odd and too large to be read with patience")
    if depth_of(text, enough=_SLOW_MAX_DEPTH) >= _SLOW_MAX_DEPTH:
        raise ParseFailed("the document is nested too deeply")
    try:
        read = feedparser.parse(
            io.BytesIO(text.encode("utf-8")),  # a stream: given bytes, it would try them as a file name first
            response_headers={"content-location": url, "content-type": "application/xml; charset=utf-8"},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except _PARSER_BUGS as exc:
        raise ParseFailed("no parser could read the document") from exc
    if not read.get("version") and not read.entries:
        raise ParseFailed("neither RSS nor Atom")
    entries = tuple(
        Entry(values=entry, published=_slow_time(entry), content=_content(entry)) for entry in read.entries
    )
    feed = read.feed
    return Channel(
        entries=entries,
        title=feed.get("title") or "",
        link=feed.get("link") or "",
        language=feed.get("language") or "",
    )


def _slow_time(entry: Any) -> datetime | None:
    for key in ("published_parsed", "updated_parsed"):
        if parsed := entry.get(key) if key in entry else None:  # asked for what is not there, it warns
            try:
                return moment(datetime.fromtimestamp(timegm(parsed), UTC))
            except (ValueError, TypeError, OverflowError, OSError):
                continue
    return None
