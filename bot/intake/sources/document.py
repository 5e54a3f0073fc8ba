"""Makes a fetched XML document safe and plain for a parser: UTF-8, no DOCTYPE, no traps. Pure.

Parsers of feeds trust what they are given; everything that could cost time or memory is refused here, by
checks whose own cost is linear in the size of the document.
"""

import re
from dataclasses import dataclass
from html.entities import html5
from itertools import islice

from bot.errors import ParseFailed
from bot.intake.sources.charset import decode

_CONTROLS = bytes(code for code in range(32) if code not in (9, 10, 13))
_ROOT = re.compile(
    r"<(?P<prefix>[\w.-]{1,40}:)?(?P<name>rss|feed|rdf|entry|channel|urlset|sitemapindex|opml|html)(?=[\s>/])",
    re.IGNORECASE,
)
#: How far into a document its root may stand: a stray warning before it is common, a page is not.
_ROOT_WITHIN = 65_536
_LONG_TAG = re.compile(r"<[^<>]{16384,}")
_ATTRIBUTE = re.compile(r"\s[\w:.-]+\s*=\s*[\"']")
_MAX_ATTRIBUTES = 256
#: References that XML does not know, and ampersands that begin none.
_FOREIGN = re.compile(
    r"&(?!(?i:amp|lt|gt|quot|apos);)"
    r"(?:(?P<name>[A-Za-z][A-Za-z0-9]{0,30});|\#(?P<code>[xX][0-9a-fA-F]{1,8}|[0-9]{1,10});)?"
)
_CDATA, _CDATA_END = "<![CDATA[", "]]>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An XML document that begins with its root. ``root``: that element's name, lower case, without prefix."""

    text: str
    root: str
    prefix: str = ""

    @property
    def head(self) -> str:
        """The root's start tag."""
        return self.text[: self.text.find(">") + 1]


def open_document(body: bytes, charset: str | None) -> Document:
    """Raises ``ParseFailed`` for an empty document, a web page, and a document that is a trap."""
    text = _without_controls(decode(body, charset))
    if not text.strip():
        raise ParseFailed("the document is empty")
    start, doctype = _after_doctype(text)
    found = _ROOT.search(text, start, start + _ROOT_WITHIN)
    name = found["name"].lower() if found else ""
    if name == "html" or (doctype == "html" and not found):
        raise ParseFailed("a web page, not a feed")
    if found is None:
        raise ParseFailed("not a feed: no element of one was found")
    text = text[found.start() :]
    _refuse_traps(text)
    if "&" in text:
        text = _with_known_references(text)
    return Document(text=text, root=name, prefix=found["prefix"] or "")


def _without_controls(text: str) -> str:
    """Without the control characters that XML forbids; a parser would stop at the first."""
    raw = text.encode("utf-8", "replace")
    cleaned = raw.translate(None, _CONTROLS)
    return text if len(cleaned) == len(raw) else cleaned.decode("utf-8")


def _after_doctype(text: str) -> tuple[int, str]:
    """Where the DOCTYPE ends, and the name in it; (0, "") without one.

    It is cut off whole: entities are the only thing in it that a feed could use, and the classic traps are made
    of them. The names that HTML knows are spelled out by us.
    """
    start = re.search(r"<!DOCTYPE\s+([\w:.-]{1,60})", text[:_ROOT_WITHIN], re.IGNORECASE)
    first_root = _ROOT.search(text, 0, _ROOT_WITHIN)
    if start is None or (first_root and first_root.start() < start.start()):
        return 0, ""
    place, depth, length = start.end(), 0, len(text)
    while place < length:
        char = text[place]
        if char in "\"'":
            closing = text.find(char, place + 1)
            place = closing if closing != -1 else length
        elif text.startswith("<!--", place):
            closing = text.find("-->", place)
            place = closing + 2 if closing != -1 else length
        elif char == "[":
            depth += 1
        elif char == "]":
            depth -= 1
        elif char == ">" and depth <= 0:
            return place + 1, start[1].lower()
        place += 1
    raise ParseFailed("the DOCTYPE has no end")


def _refuse_traps(text: str) -> None:
    for tag in _LONG_TAG.finditer(text):
        attributes = islice(_ATTRIBUTE.finditer(text, tag.start(), tag.end()), _MAX_ATTRIBUTES + 1)
        if sum(1 for _ in attributes) > _MAX_ATTRIBUTES:
            raise ParseFailed(f"an element has more than {_MAX_ATTRIBUTES} attributes")


def _with_known_references(text: str) -> str:
    """Outside of CDATA sections, which are left alone."""
    parts: list[str] = []
    place = 0
    while (opening := text.find(_CDATA, place)) != -1:
        closing = text.find(_CDATA_END, opening)
        end = len(text) if closing == -1 else closing + len(_CDATA_END)
        parts += (_FOREIGN.sub(_spelled_out, text[place:opening]), text[opening:end])
        place = end
    parts.append(_FOREIGN.sub(_spelled_out, text[place:]))
    return "".join(parts)


def _spelled_out(match: re.Match[str]) -> str:
    """A parser in recovery mode would drop the text after what it does not know."""
    if name := match["name"]:
        return html5.get(f"{name};", "")
    if code := match["code"]:
        number = int(code[1:], 16) if code[0] in "xX" else int(code)
        allowed = number in (9, 10, 13) or 32 <= number < 0xD800 or 0xE000 <= number < 0xFFFE
        return match[0] if allowed or 0x10000 <= number < 0x110000 else ""
    return "&amp;" if match[0] == "&" else match[0]


def depth_of(text: str, *, enough: int) -> int:
    """How deep the elements of ``text`` are nested; stops counting at ``enough``. CDATA counts as text."""
    depth = deepest = 0
    for tag in _ANY_TAG.finditer(text):
        if tag["close"]:
            depth -= 1
        elif tag["open"] and not tag["empty"]:
            depth += 1
            if depth > deepest:
                deepest = depth
                if deepest >= enough:
                    break
    return deepest


_ANY_TAG = re.compile(
    r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|(?P<close></)|(?P<open><[A-Za-z])[^<>]*?(?P<empty>/)?>",
    re.DOTALL,
)
