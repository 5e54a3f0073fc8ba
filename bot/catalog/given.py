"""Ids of sources that people give: one way for chat, the command line and imported lists. Pure."""

import hashlib
import re
from urllib.parse import urlsplit

from bot.model import SourceId

_READABLE = 40  # characters that a person recognises it by; the digest behind tells addresses apart
_OTHER = re.compile(r"[^a-z0-9]+")


def source_id(url: str) -> SourceId:
    """Made of the address alone, so that a feed that was given another name is the same source:
    host and path as far as they are short, then eight hexadecimal digits."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    slug = _OTHER.sub("-", f"{host}{parts.path}".lower()).strip("-")[:_READABLE].rstrip("-") or "source"
    return SourceId(f"{slug}-{hashlib.sha256(url.encode()).hexdigest()[:8]}")
