"""Whether a source can be relied on: well, failing, frozen, stopped. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

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


class Polled(Protocol):
    """What is known of polling a source: its whole state has it, and so has a glance at it."""

    @property
    def every(self) -> timedelta: ...
    @property
    def every_max(self) -> timedelta | None: ...
    @property
    def next_poll(self) -> datetime: ...
    @property
    def last_ok(self) -> datetime | None: ...
    @property
    def last_new(self) -> datetime | None: ...
    @property
    def usual_gap(self) -> timedelta | None: ...
    @property
    def failures(self) -> int: ...
    @property
    def oks(self) -> int: ...
    @property
    def stopped(self) -> str: ...


def condition(state: Polled, now: datetime) -> Condition:
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


def _long_enough(state: Polled, now: datetime) -> bool:
    return state.last_ok is None or now - state.last_ok >= _INTERVALS * state.every


def is_frozen(state: Polled, now: datetime) -> bool:
    if state.failures or state.last_new is None or state.usual_gap is None:
        return False
    return now - state.last_new > max(_GAPS * state.usual_gap, FROZEN_AT_LEAST)


def is_seen(state: Polled, now: datetime) -> bool:
    """Whether silence of this source can be trusted now: it was read lately, and it is not frozen."""
    if state.stopped or state.last_ok is None or is_frozen(state, now):
        return False
    longest = max(state.every, state.every_max or state.every)
    lately = now - state.last_ok < _SEEING_INTERVALS * longest + _GRACE
    on_time = not state.failures and now < state.next_poll + _GRACE  # it asked to be read rarely
    return lately or on_time
