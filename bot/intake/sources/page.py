"""A web page without a feed: one item, new whenever the watched part of its text changes. Pure."""

import hashlib
from urllib.parse import unquote, urldefrag

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from bot.errors import ParseFailed
from bot.intake.sources.charset import decode
from bot.intake.sources.parsed import Parsed, Payload
from bot.intake.sources.text import MAX_SUMMARY, MAX_TITLE, one_line, shorten
from bot.model import RawItem, SourceKind

KINDS = (SourceKind.PAGE,)
_MAX_CHARS = 2_000_000
_SELECTOR = "css="


def request(url: str) -> tuple[str, str]:
    """The fragment ``#css=<selector>`` names the part to watch; it is ours and never sent."""
    return urldefrag(url).url, "text/html, application/xhtml+xml"


def read(payload: Payload) -> Parsed:
    """Raises ``ParseFailed`` when the selector finds nothing or nothing is written there."""
    text = decode(payload.body, payload.charset)[:_MAX_CHARS]
    if not text.strip():
        raise ParseFailed("the document is empty")
    page = LexborHTMLParser(text)
    heading = page.css_first("title")
    title = one_line(heading.text()) if heading else ""
    page.strip_tags(["script", "style", "noscript", "template", "svg"])
    words = _watched(page, payload.source.url)
    digest = hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()
    item = RawItem(
        external_id=f"page:{digest}",
        url=payload.url,
        # With the first words: a page keeps its title when its news change.
        title=shorten(f"{title}: {shorten(words, 160)}" if title else shorten(words, 160), MAX_TITLE),
        summary=shorten(words, MAX_SUMMARY),
        published=None,
        language=payload.source.language,
    )
    return Parsed(items=(item,), feed_title=title, language=payload.source.language)


def _watched(page: LexborHTMLParser, address: str) -> str:
    fragment = unquote(urldefrag(address).fragment)
    selector = fragment.removeprefix(_SELECTOR) if fragment.startswith(_SELECTOR) else "body"
    try:
        nodes = page.css(selector)
    except (SelectolaxError, ValueError) as exc:
        raise ParseFailed(f"{selector!r} is no CSS selector") from exc
    words = one_line(" ".join(node.text(separator=" ") for node in nodes))
    if not words:
        raise ParseFailed(f"nothing is written where {selector!r} points")
    return words
