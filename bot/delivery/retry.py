"""When a delivery is tried again, when it is too late for a message of its own, when it is given up. Pure."""

from datetime import datetime, timedelta

from storage.deliveries import DeliveryRow

#: Seconds before the second, third, ... try; the last one repeats.
_DELAYS_S = (1.0, 3.0, 10.0, 30.0, 120.0, 600.0)
#: An alert that could not be told for this long is no news any more: it is told in a digest with the others.
USEFUL_FOR = timedelta(hours=6)
#: What could not be told for this long, in whatever form, is given up.
GIVE_UP_AFTER = timedelta(days=7)
#: A platform may ask for patience, but not for more than this (a broken clock once asked for 11 days).
_LONGEST_WAIT_S = 3600.0


def next_try(*, attempts: int, now: datetime, asked_s: float | None = None) -> datetime:
    """When to try again after the ``attempts``-th try; a platform's own wish (``asked_s``) is a minimum."""
    delay = _DELAYS_S[min(max(attempts, 1), len(_DELAYS_S)) - 1]
    if asked_s is not None:
        delay = max(min(asked_s, _LONGEST_WAIT_S), 0.05)
    return now + timedelta(seconds=delay)


def overdue(row: DeliveryRow, now: datetime) -> timedelta:
    """For how long the delivery could have been told by now. Quiet hours and digests' times do not count: before the
    first try ``due`` is when it was to be told, after it the first try is not earlier than that."""
    return now - min(row.due, row.first_tried or row.due)
