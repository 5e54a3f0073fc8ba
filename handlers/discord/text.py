"""Text from outside made harmless for Discord, and cut to its limits. Pure.

Lengths are counted in UTF-16 units: Discord does not say what it counts, and this is never less than code points.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from urllib.parse import quote, urlsplit

_ELLIPSIS = "…"
#: Format, control, surrogate and private-use characters: bidi overrides, zero widths, tags.
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co"})
#: Letters and symbols that show nothing, though their category does not say so.
_BLANK_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_MARKS = r"\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_PILED_MARKS = re.compile(f"([{_MARKS}]{{3}})[{_MARKS}]+")
#: What could begin or end mark-up anywhere: emphasis, code, spoilers, quotes, headings, links, ``<t:1>``, ``:emoji:``.
_MARKUP = frozenset("\\`*_~|<>[]()#:")
#: What makes a list or small print at the beginning of a line only.
_LIST_HEAD = re.compile(r"(?:\d+)?[.+-]")
_MENTION = re.compile(r"@(?=everyone|here|[!&]?\d)", re.IGNORECASE)
#: How many times its limit is read of a text: it is mostly words, and a huge one shall cost no more than a long one.
_READ = 8
#: Characters that an address may show unencoded; brackets, quotes and backslashes would end a link early.
_URL_SAFE = "%/:?#&=+,;~!$'@-._"
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9])?", re.IGNORECASE)


def width(text: str) -> int:
    """The length of a text as we count it against Discord's limits."""
    return len(text) + sum(1 for ch in text if ord(ch) > 0xFFFF)


def clean(text: str) -> str:
    """One line without invisible characters, and without a mention that could be parsed as one."""
    kept = "".join(
        " " if ch.isspace() else ch
        for ch in text
        if ch.isspace() or (unicodedata.category(ch) not in _DROPPED and ch not in _BLANK_LETTERS)
    )
    line = _PILED_MARKS.sub(r"\1", " ".join(kept.split()))
    return _MENTION.sub("@\u200b", line)


def plain(text: str, limit: int) -> str:
    """For places where Discord shows no mark-up (author, footer): cleaned and cut, not escaped."""
    return _fit(list(clean(text[: _READ * limit])), limit)


def escaped(text: str, limit: int) -> str:
    """For titles, descriptions, fields and content: mark-up shows as the characters it is made of."""
    line = clean(text[: _READ * limit])
    pieces = ["\\" + ch if ch in _MARKUP else ch for ch in line]
    if head := _LIST_HEAD.match(line):
        pieces[head.end() - 1] = "\\" + line[head.end() - 1]
    return _fit(pieces, limit)


def link(text: str, url: str, *, limit: int) -> str:
    """A link whose text comes from outside, or the text alone when the address is not fit to be one.

    ``limit`` is for the text; the address adds at most 512 characters.
    """
    target = safe_url(url, limit=512)
    if not target:
        return escaped(text, limit)
    # Square brackets end a link's text in some clients even when they are escaped.
    return f"[{escaped(text.replace('[', '(').replace(']', ')'), limit)}]({target})"


def safe_url(url: str, *, limit: int = 2048) -> str:
    """The address when it is http or https, shows its real host, and cannot break out of a link; else ``""``."""
    if len(url) > limit:
        return ""
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").encode("idna").decode("ascii")
        port = parts.port
    except ValueError:  # also UnicodeError, which the idna codec raises
        return ""
    if parts.scheme not in ("http", "https") or "@" in parts.netloc or not _HOST.fullmatch(host):
        return ""
    if any(ch.isspace() or unicodedata.category(ch) in _DROPPED for ch in url.strip()):
        return ""
    rest = parts._replace(scheme="", netloc="").geturl()
    tail = _MENTION.sub(
        "%40", quote(rest, safe=_URL_SAFE)
    )  # a link calls nobody; its address need not look like it
    address = f"{parts.scheme}://{host}{f':{port}' if port else ''}{tail}"
    return address if len(address) <= limit else ""


def joined(pieces: Iterable[str], separator: str, *, limit: int, more: str = "") -> str:
    """Whole pieces joined as far as they fit; ``more`` (with ``{}`` for the count left out) ends the list."""
    rows = list(pieces)
    taken = _taken(rows, separator, limit)
    if taken < len(rows) and more:
        taken = _taken(rows, separator, limit - width(separator + more.format(len(rows))))
        return separator.join([*rows[:taken], more.format(len(rows) - taken)])
    return separator.join(rows[:taken])


def _taken(rows: Sequence[str], separator: str, limit: int) -> int:
    used = 0
    for count, row in enumerate(rows):
        used += width(row) + (width(separator) if count else 0)
        if used > limit:
            return count
    return len(rows)


def _fit(pieces: list[str], limit: int) -> str:
    """The pieces as one text; when that is too long, cut at a word's border where one is near."""
    if sum(map(width, pieces)) <= limit:
        return "".join(pieces)
    used, kept = 1, 0  # one for the ellipsis
    while used + width(pieces[kept]) <= limit:
        used += width(pieces[kept])
        kept += 1
    border = next((at for at in range(kept, kept // 2, -1) if pieces[at] == " "), kept)
    return "".join(pieces[:border]).rstrip() + _ELLIPSIS
