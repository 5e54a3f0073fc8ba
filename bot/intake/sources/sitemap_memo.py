"""What a sitemap source keeps from poll to poll: the addresses it has seen, and when each part was read. Pure.

The database knows the items of a source, but a sitemap may list fifty thousand pages of which two thousand at most are
read at a time, and an index has parts that are read for the first time long after the source was.
"""

import base64
import hashlib
import json
from binascii import Error as BadBase64
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.intake.sources.dates import moment
from bot.intake.sources.jsontext import as_dict, text_of

#: Bytes of an address's digest: among sixty thousand, one new address in eighteen million is taken for a known one.
_MARK_BYTES = 5
_MOST_SEEN = 60_000
_MOST_PARTS = 1_000


@dataclass(kw_only=True)
class SitemapMemo:
    """``since``: when the source was first read, None now. ``first``: that is in this very poll. ``newest``: the
    latest date among entries read. ``parts``: each part's ``lastmod`` when it was read, "" when it has none;
    ``asked``: those of the parts that are to be read in this poll. ``full``: marks were dropped."""

    since: datetime | None = None
    first: bool = True
    newest: datetime | None = None
    full: bool = False
    parts: dict[str, str] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)
    seen: dict[bytes, None] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str) -> "SitemapMemo":
        """Anything but what ``written`` gave is an empty memo."""
        try:
            row = as_dict(json.loads(text)) if text else {}
            marks = base64.b64decode(text_of(row, "seen"), validate=True)
        except (ValueError, RecursionError, BadBase64):
            row, marks = {}, b""
        places = range(0, len(marks) - _MARK_BYTES + 1, _MARK_BYTES)
        return cls(
            since=moment(row.get("since")),
            first=row.get("first") is not False,
            newest=moment(row.get("newest")),
            full=row.get("full") is True,
            parts=_texts(row.get("parts")),
            asked=_texts(row.get("asked")),
            seen=dict.fromkeys(marks[place : place + _MARK_BYTES] for place in places),
        )

    def written(self) -> str:
        dropped = len(self.seen) - _MOST_SEEN
        marks = list(self.seen)[max(dropped, 0) :]
        row = {
            "since": self.since.isoformat() if self.since else None,
            "first": self.first,
            "newest": self.newest.isoformat() if self.newest else None,
            "full": self.full or dropped > 0,
            "parts": dict(list(self.parts.items())[-_MOST_PARTS:]),
            "asked": self.asked,
            "seen": base64.b64encode(b"".join(marks)).decode("ascii"),
        }
        return json.dumps(row, separators=(",", ":"))

    def knows(self, link: str) -> bool:
        return _mark(link) in self.seen

    def note(self, links: Iterable[str], dates: Iterable[datetime | None]) -> None:
        """Addresses that stand there now, and their dates."""
        self.seen.update(dict.fromkeys(map(_mark, links)))
        self.newest = max((date for date in (self.newest, *dates) if date is not None), default=None)


def _mark(link: str) -> bytes:
    return hashlib.blake2b(link.encode("utf-8", "replace"), digest_size=_MARK_BYTES).digest()


def _texts(value: Any) -> dict[str, str]:
    return {key: text for key, text in as_dict(value).items() if isinstance(text, str)}
