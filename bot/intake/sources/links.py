"""Addresses and ids of entries: absolute, http or https, and the same at every poll. Pure."""

import hashlib
import re
from functools import lru_cache
from urllib.parse import urljoin, urlsplit

from bot.intake.guard import is_private_host
from bot.intake.sources.text import one_line

_MAX_LINK = 2_000
_MAX_ID = 500
_UNWANTED = re.compile(r"[\x00-\x20\x7f-\xa0\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def clean_link(link: str, base: str = "") -> str:
    """``link`` as an absolute address, or "" when it is none that may be shown.

    Refused: other schemes than http and https, a name or password before the host (it disguises where the
    link leads), a private host unless the document itself came from one, an impossible port, excessive length.
    """
    link = link.strip()
    if not link or len(link) > _MAX_LINK:
        return ""
    try:
        absolute = link if link.startswith(("https://", "http://")) else urljoin(base, link)
        absolute = _UNWANTED.sub(_escaped, absolute)
        parts = urlsplit(absolute)
        host, _ = parts.hostname, parts.port  # the port is parsed, and refused, here
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc or "%" in host:
        return ""
    if _private(host) and not _private(_host(base)):
        return ""
    return absolute


def _escaped(match: re.Match[str]) -> str:
    return "%20" if match[0] in (" ", "\xa0") else ""


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


@lru_cache(maxsize=4096)
def _private(host: str) -> bool:
    return bool(host) and is_private_host(host)


def stable_id(given: str, link: str, *text: str) -> str:
    """An entry's id: the one it was given, else its link, else a digest of its text.

    Never its place in the document nor the time of the poll: those change while the entry does not.
    """
    chosen = one_line(given) or link
    if not chosen:
        return "sha256:" + hashlib.sha256("\n".join(text).encode("utf-8", "replace")).hexdigest()
    if len(chosen) > _MAX_ID:
        return "sha256:" + hashlib.sha256(chosen.encode("utf-8", "replace")).hexdigest()
    return chosen
