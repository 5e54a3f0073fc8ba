"""When a delivery is tried again, and when it is given up. Pure."""

from datetime import datetime, timedelta

#: Seconds before the second, third, ... try; the last one repeats.
_DELAYS_S = (1.0, 3.0, 10.0, 30.0, 120.0, 600.0)
#: An alert that could not be told for this long is no longer one.
GIVE_UP_AFTER = timedelta(hours=24)
#: A platform may ask for patience, but not for more than this (a broken clock once asked for 11 days).
_LONGEST_WAIT_S = 3600.0


def next_try(*, attempts: int, now: datetime, asked_s: float | None = None) -> datetime:
    """When to try again after the ``attempts``-th try; a platform's own wish (``asked_s``) is a minimum."""
    delay = _DELAYS_S[min(max(attempts, 1), len(_DELAYS_S)) - 1]
    if asked_s is not None:
        delay = max(min(asked_s, _LONGEST_WAIT_S), 0.05)
    return now + timedelta(seconds=delay)
