"""Text from outside made harmless for Slack: no mark-up, no hidden characters, never too long. Pure."""

import re
import unicodedata
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit, urlunsplit
from zoneinfo import ZoneInfo

ELLIPSIS = "…"
#: Longest address that Slack takes in a button; its links have no published limit, so this holds for them too.
MAX_URL = 3000
_MAX_INLINE_URL = 500

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
#: Slack has no escape for its formatting characters: in mrkdwn they give way to ones that look alike.
_LOOK_ALIKE = str.maketrans({"*": "∗", "_": "＿", "~": "∼", "`": "ˋ"})
_EMOJI_NAME = re.compile(r":(?=[\w+'-]+:)")
#: Letters without a shape (Hangul fillers, braille blank): titles of nothing else would look empty.
_SHAPELESS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_MARKS_IN_A_ROW = 3
_NAMED_HOST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}", re.IGNORECASE)
#: Endings under which a word with dots in a text is read as a web address ("node.js" is not).
_ENDING = re.compile(
    "com|org|net|io|ai|cn|eu|gov|edu|mil|int|info|biz|co|dev|app|me|tv|xyz|top|site|online|news|link|click|"
    "de|uk|fr|nl|it|es|pl|ch|at|se|jp|tw|kr|hk|sg|in|ru|us|ca|au"
)


def clean(text: str) -> str:
    """One line without control, bidirectional, zero-width and private characters.

    Joined emoji fall apart into their parts and towers of accents are cut: both are accepted.
    """
    kept: list[str] = []
    marks = 0
    for char in re.sub(r"\s+", " ", text):
        kind = unicodedata.category(char)
        if kind in ("Cc", "Cf", "Cs", "Co") or char in _SHAPELESS:
            continue
        marks = marks + 1 if kind in ("Mn", "Me") else 0
        if marks <= _MARKS_IN_A_ROW:
            kept.append(char)
    return re.sub(r" +", " ", "".join(kept)).strip()


def width(text: str) -> int:
    """Length as Slack's JavaScript counts it: a character outside the basic plane counts twice."""
    return sum(2 if ord(char) > 0xFFFF else 1 for char in text)


def trim(text: str, limit: int) -> str:
    """At most ``limit`` long (by ``width``), cut at a word border where one is near."""
    if width(text) <= limit:
        return text
    return _cut([(char, char) for char in text], limit)


def escaped(text: str, limit: int) -> str:
    """For Slack's mrkdwn: mark-up neutralised, at most ``limit`` long *after* escaping, no entity cut in two."""
    plain = _EMOJI_NAME.sub("∶", clean(text)).translate(_LOOK_ALIKE)
    return _escape_and_cut(plain, limit)


def escaped_only(text: str, limit: int) -> str:
    """For ``text`` that is sent with ``mrkdwn: false``: only what Slack always reads as control is escaped."""
    return _escape_and_cut(text, limit)


def _escape_and_cut(plain: str, limit: int) -> str:
    pairs = [(char, _ENTITIES.get(char, char)) for char in plain]
    if sum(width(shown) for _, shown in pairs) <= limit:
        return "".join(shown for _, shown in pairs)
    return _cut(pairs, limit)


def _cut(pairs: list[tuple[str, str]], limit: int) -> str:
    """Join the right-hand texts up to ``limit`` with an ellipsis, preferably where the left-hand one is a space."""
    if limit < 1:
        return ""
    room, end, border = limit - 1, 0, 0
    for index, (char, shown) in enumerate(pairs):
        if width(shown) > room:
            break
        room -= width(shown)
        end = index + 1
        if char.isspace():
            border = index
    if end < len(pairs) and pairs[end][0].isspace():
        border = end
    # A border that would throw away more than a third is none: Chinese text has no spaces.
    chosen = border if border and border * 3 >= end * 2 else end
    return "".join(shown for _, shown in pairs[:chosen]).rstrip() + ELLIPSIS


def safe_url(url: str) -> str | None:
    """The address in a form that cannot end a link early; None when it is not one that people may follow."""
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").encode("idna").decode("ascii")
        port = parts.port
    except ValueError:  # also UnicodeError, which the idna codec raises
        return None
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
        return None
    shown = f"[{host}]" if ":" in host else host
    place = f"{parts.scheme}://{quote(shown, safe='[]:.-_')}{f':{port}' if port is not None else ''}"
    tail = urlunsplit(("", "", parts.path, parts.query, parts.fragment))
    if any(unicodedata.category(char) in ("Cc", "Cs", "Cf") for char in tail):
        return None
    written = place + quote(tail, safe="!#$%&'()*+,/:;=?@~-._")
    return written if len(written) <= MAX_URL else None


def masks_another_host(text: str, url: str) -> bool:
    """Whether a link with this text reads like an address at another place than the one it leads to."""
    host = (urlsplit(url).hostname or "").casefold()
    # Full-width letters and the Chinese full stop count as what browsers make of them.
    text = unicodedata.normalize("NFKC", text).replace("。", ".")
    for found in _NAMED_HOST.finditer(text):
        named = found[0].casefold()
        address_like = text[: found.start()].endswith("://") or named.startswith("www.")
        if not address_like and not _ENDING.fullmatch(named.rsplit(".", 1)[1]):
            continue
        named = named.removeprefix("www.")
        if not (host == named or host.endswith("." + named)):
            return True
    return False


def host_of(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def link(text: str, url: str, limit: int) -> str:
    """A link in mrkdwn with a text from outside; the plain text when it must not be one, or has no room."""
    shown = escaped(text, limit)
    target = safe_url(url)
    if target is None or len(target) > _MAX_INLINE_URL or not shown or masks_another_host(shown, target):
        return shown
    # quote() left no "<", ">" or "|" in the address.
    return f"<{target.replace('&', '&amp;')}|{shown}>"


def date(moment: datetime, zone: str = "UTC") -> str:
    """The moment in each reader's own time zone; in the channel's ``zone`` for clients that cannot."""
    try:
        local = moment.astimezone(ZoneInfo(zone))
    except (KeyError, ValueError, OSError):
        local, zone = moment.astimezone(UTC), "UTC"
    return f"<!date^{int(moment.timestamp())}^{{date_short_pretty}} {{time}}|{local:%d %b %Y %H:%M} {zone}>"
