"""A web page without a feed: one item whenever the watched part of its text changes, with what changed. Pure."""

import hashlib
import re
from collections.abc import Iterator
from urllib.parse import urldefrag

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from bot.catalog.pages import selector_of
from bot.errors import ParseFailed
from bot.intake.sources.charset import decode
from bot.intake.sources.pagediff import Change, change_of, essences
from bot.intake.sources.parsed import Parsed, Payload
from bot.intake.sources.text import MAX_SUMMARY, MAX_TITLE, one_line, plain, sentences, shorten
from bot.model import PAGE_CHANGE, RawItem, SourceKind

KINDS = (SourceKind.PAGE,)
#: Pages are made for people: their owner says in robots.txt what programs may read.
OBEYS_ROBOTS = True
_MAX_CHARS = 2_000_000
#: Text that is kept to compare with, and so the length of a page that is watched.
_MAX_WATCHED = 100_000
_CUT = "…"
#: Elements that begin a line. A table's cells do not: a row is one statement.
_BREAK = re.compile(
    r"</?(?:p|br|div|li|ul|ol|dl|dt|dd|h[1-6]|hr|tr|table|caption|blockquote|pre|section|article|aside|header|footer"
    r"|main|nav|form|fieldset|legend|button|figure|figcaption|option|select|summary|details|body)\b[^<>]*>",
    re.IGNORECASE,
)
#: Longer lines are compared sentence by sentence.
_LONG_LINE = 160
_MAX_LINES = 20_000
_ADDED_CHARS, _TITLE_CHARS = 700, 160


def request(url: str) -> tuple[str, str]:
    """The fragment ``#css=<selector>`` names the part to watch; it is ours and never sent."""
    return urldefrag(url).url, "text/html, application/xhtml+xml"


#: The parser takes time with the square of the attributes of one tag (250,000: minutes).
_LONG_TAG = re.compile(r"<[^<>]{65536,}")


def read(payload: Payload) -> Parsed:
    """The first time the page as it is; later what came and what went, and nothing when only its noise changed.

    Raises ``ParseFailed`` when the selector finds nothing or nothing is written there.
    """
    text = decode(payload.body, payload.charset)[:_MAX_CHARS]
    if not text.strip():
        raise ParseFailed("the document is empty")
    if _LONG_TAG.search(text):
        raise ParseFailed("an element of the page is longer than 64 KiB")
    page = LexborHTMLParser(text)
    heading = page.css_first("title")
    title = one_line(heading.text()) if heading else ""
    page.strip_tags(["script", "style", "noscript", "template", "svg"])
    lines = _watched(page, payload.source.url)
    kept = payload.memo.split("\n") if payload.memo else []
    problems = (f"only its first {_MAX_WATCHED:,} characters are watched",) if lines[-1] == _CUT else ()
    if not kept:
        item = _as_it_is(payload, title, lines)
    else:
        change = change_of(kept, lines, cut=_CUT)
        if change is None:
            return Parsed(items=(), problems=problems, feed_title=title, language=payload.source.language)
        item = _changed(payload, title, change, kept, lines)
    return Parsed(
        items=(item,),
        problems=problems,
        feed_title=title,
        language=payload.source.language,
        memo="\n".join(lines),
    )


def _as_it_is(payload: Payload, title: str, lines: list[str]) -> RawItem:
    words = " ".join(lines)
    # With the first words: a page keeps its title when its news change.
    told = f"{title}: {shorten(words, _TITLE_CHARS)}" if title else shorten(words, _TITLE_CHARS)
    return _item(payload, f"{PAGE_CHANGE}{_digest(lines)}", told, words)


def _changed(payload: Payload, title: str, change: Change, old: list[str], new: list[str]) -> RawItem:
    """Its id is the step from one text to the other, so that a page that goes back and forth is told once each way."""
    added = shorten(" · ".join(f"+ {line}" for line in change.added), _ADDED_CHARS)
    gone = " · ".join(f"− {line}" for line in change.gone)
    mark = "" if change.added else "− "
    telling = mark + shorten(change.most_telling, _TITLE_CHARS)
    return _item(
        payload,
        f"{PAGE_CHANGE}{_digest(new)[:32]}:{_digest(old)[:32]}",
        f"{title}: {telling}" if title else telling,
        " · ".join(part for part in (added, gone) if part),
    )


def _item(payload: Payload, external_id: str, title: str, summary: str) -> RawItem:
    return RawItem(
        external_id=external_id,
        url=payload.url,
        title=shorten(title, MAX_TITLE),
        summary=shorten(summary, MAX_SUMMARY),
        published=None,
        language=payload.source.language,
    )


def _digest(lines: list[str]) -> str:
    """The same for texts that differ in noise or in their order only."""
    return hashlib.sha256("\n".join(sorted(essences(lines))).encode("utf-8", "replace")).hexdigest()


def _watched(page: LexborHTMLParser, address: str) -> list[str]:
    selector = selector_of(address)
    try:
        nodes = page.css(selector)
    except (SelectolaxError, ValueError) as exc:
        raise ParseFailed(f"{selector!r} is no CSS selector") from exc
    lines: list[str] = []
    length = 0
    for line in (line for node in nodes for line in _lines(node)):
        length += len(line) + 1
        if length > _MAX_WATCHED or len(lines) >= _MAX_LINES:
            lines.append(_CUT)
            break
        lines.append(line)
    if not lines:
        raise ParseFailed(f"nothing is written where {selector!r} points")
    return lines


def _lines(node: LexborNode) -> Iterator[str]:
    for part in _BREAK.split(node.html or ""):
        if part and not part.isspace():
            line = plain(part, limit=_MAX_CHARS)
            if len(line) > _LONG_LINE:
                yield from sentences(line)
            elif line:
                yield line
