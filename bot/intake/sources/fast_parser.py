"""fastfeedparser, kept from guessing at what is no date. Pure."""

from datetime import datetime
from functools import lru_cache
from typing import Any

import fastfeedparser
import fastfeedparser.main as inner

#: Feeds repeat their dates, and at every poll.
_REMEMBERED = 512


def parse(text: str) -> Any:
    """The document's ``feed`` and ``entries``. Fails in many ways where it cannot read it."""
    return fastfeedparser.parse(text.encode("utf-8"), include_tags=False, include_media=False)


def _zone(name: str | None, offset: int | None) -> int | None:
    """Seconds from UTC, as dateutil asks for them. A name that nobody knows is none: the time counts as UTC."""
    known: dict[str, int] = inner._custom_tzinfos
    return known.get(name, offset) if name else offset


@lru_cache(maxsize=_REMEMBERED)
def _odd_date(value: str) -> datetime | None:
    """Given a table of zones, dateutil warns of every name outside it ("…02J", "…02X"); given a function, never.
    A filter of warnings would not do: it holds for the whole process, and is not safe with several threads."""
    try:
        found: datetime | None = inner.dateutil_parser.parse(value, tzinfos=_zone)
    except (ValueError, TypeError, ArithmeticError):
        return None
    return found


if hasattr(inner, "_slow_dateutil_parse"):
    inner._slow_dateutil_parse = _odd_date
#: Where dateparser happens to be installed (as a part of something else), the fast parser asks it about all that is no
#: date, ids among it: a third of a millisecond each, and "yesterday" becomes a time. The option to leave it is missing.
if hasattr(inner, "_slow_dateparser"):
    inner._slow_dateparser = lambda value: None
