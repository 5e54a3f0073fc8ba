"""Times as sources write them, as aware UTC; None for what cannot be read. Pure."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

#: Nothing on the web is older. What says so is an unset date (the year 1, the epoch), not an old one.
_FIRST_YEAR = 1990


def moment(value: Any) -> datetime | None:
    """ISO 8601 (also ``20260424T061500Z``), an RFC 822 date, or seconds since the epoch.

    A time without a zone is taken as UTC, a date as its first moment. Never raises.
    """
    try:
        found = _read(value)
        if found is None:
            return None
        aware = found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError, OSError, IndexError):
        return None
    return aware if aware.year >= _FIRST_YEAR else None


def _read(value: Any) -> datetime | None:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, datetime):
        return value
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    text = str(value).strip()
    if len(text) < 8 or len(text) > 64:
        return None
    if text[:4].isdigit():
        return datetime.fromisoformat(text)
    return parsedate_to_datetime(text)
