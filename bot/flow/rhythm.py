"""How often a source has news: learnt from its first document's dates, then from poll to poll. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median_low

from bot.model import RawItem

#: Dates of the newest entries from which the first guess is made.
_DATES = 12
#: What the newest gap weighs beside those before.
_NEWEST = 0.3
_LONGEST = timedelta(days=30)


def first_gap(items: Sequence[RawItem], *, now: datetime) -> timedelta | None:
    """The usual time between news as the dates of a document tell it; None when fewer than three are dated.

    The time since the newest entry counts as a gap too: a feed that ended was busy once.
    """
    dates = sorted(
        (item.published for item in items if item.published and item.published <= now), reverse=True
    )
    if len(dates) < 3:
        return None
    moments = [now, *dates[:_DATES]]
    gaps = [later - earlier for later, earlier in pairwise(moments)]
    return min(max(median_low(gaps), gaps[0] / _DATES), _LONGEST)


def next_gap(usual: timedelta | None, *, last_new: datetime | None, now: datetime) -> timedelta | None:
    """The usual time between news after a poll that brought some; ``last_new``: when a poll last did."""
    if last_new is None:
        return usual
    newest = min(max(now - last_new, timedelta(0)), _LONGEST)
    return newest if usual is None else usual + (newest - usual) * _NEWEST
