"""Whether a source can be relied on: well, failing, frozen, stopped. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum

from storage.glances import Glance
from storage.sources import SourceState

#: A source is failing after this many failures in a row ...
FAILURES = 5
#: ... over at least this many of its intervals.
_INTERVALS = 10
#: A source that answers is frozen after this many of its usual gaps without anything new ...
_GAPS = 10
#: ... but never sooner: people have weekends, and holidays.
FROZEN_AT_LEAST = timedelta(days=4)
#: A source counts as read while its last good answer is younger than this many of its intervals ...
_SEEING_INTERVALS = 4
_GRACE = timedelta(minutes=5)


class Condition(StrEnum):
    WELL = "well"
    UNREAD = "unread"  # never read yet
    FAILING = "failing"
    FROZEN = "frozen"  # answers, but with nothing new for far longer than is usual for it
    STOPPED = "stopped"


def condition(state: SourceState | Glance, now: datetime) -> Condition:
    """How a source is doing. A few failures in a row are not yet ``FAILING``."""
    if state.stopped:
        return Condition.STOPPED
    if state.failures >= FAILURES and _long_enough(state, now):
        return Condition.FAILING
    if not state.oks:
        return Condition.UNREAD
    if is_frozen(state, now):
        return Condition.FROZEN
    return Condition.WELL


def _long_enough(state: SourceState | Glance, now: datetime) -> bool:
    return state.last_ok is None or now - state.last_ok >= _INTERVALS * _intervals(state)[0]


def is_frozen(state: SourceState | Glance, now: datetime) -> bool:
    if state.failures or state.last_new is None or state.usual_gap is None:
        return False
    return now - state.last_new > max(_GAPS * state.usual_gap, FROZEN_AT_LEAST)


def is_seen(state: SourceState | Glance, now: datetime) -> bool:
    """Whether silence of this source can be trusted now: it was read lately, and it is not frozen."""
    if state.stopped or state.last_ok is None or is_frozen(state, now):
        return False
    every, every_max = _intervals(state)
    longest = max(every, every_max or every)
    lately = now - state.last_ok < _SEEING_INTERVALS * longest + _GRACE
    on_time = not state.failures and now < state.next_poll + _GRACE  # it asked to be read rarely
    return lately or on_time


def _intervals(state: SourceState | Glance) -> tuple[timedelta, timedelta | None]:
    held = state if isinstance(state, Glance) else state.source
    return held.every, held.every_max
