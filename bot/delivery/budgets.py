"""How much a channel is told: a budget for the day, a limit for the hour. Pure.

A channel is told ``budget`` alerts in 24 hours. Past that, what is below a leak waits for the digest of the day, and
the channel is told so once a day; leaks and better are told as ever. In an hour it is told ``burst`` alerts; past that,
all but official news and filings wait for the full hour and are told in one message. What is told singly counts,
whatever it is.

The defaults hold back floods only: a usual day of the built-in topics has some ten alerts. A channel that wants less
chooses so.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.model import CONSOLE, Grade
from storage.channels import ChannelSettings, Load
from storage.deliveries import DeliveryPlan

DEFAULT_BUDGET = 100
DEFAULT_BURST = 30
#: Proof from this grade on is told whatever the day's budget is.
WORTH_MORE = Grade.LEAK
_EXEMPT_FROM_BURST = (Grade.OFFICIAL, Grade.FILING)
#: What is due later than this was put off by quiet hours, not by the wait for better proof.
_PUT_OFF = timedelta(minutes=10)


def budget_of(settings: ChannelSettings) -> int:
    """Alerts a day, 0 for no limit. The terminal has none."""
    return _limit(settings, settings.budget, DEFAULT_BUDGET)


def burst_of(settings: ChannelSettings) -> int:
    """Alerts an hour, 0 for no limit. The terminal has none."""
    return _limit(settings, settings.burst, DEFAULT_BURST)


def _limit(settings: ChannelSettings, chosen: int | None, default: int) -> int:
    if settings.key == CONSOLE:
        return 0
    return default if chosen is None else chosen


def within_limits(
    plan: DeliveryPlan, grade: Grade, settings: ChannelSettings, load: Load, *, now: datetime
) -> DeliveryPlan:
    """The plan, or one for a digest where it would be a message too many. ``load``: what the channel will have been
    told by then."""
    if plan.digest:
        return plan
    budget, burst = budget_of(settings), burst_of(settings)
    if budget and load.day >= budget and grade.rank < WORTH_MORE.rank:
        return _folded(plan, plan.digest_due, "budget")
    if burst and load.hour >= burst and grade not in _EXEMPT_FROM_BURST:
        if plan.due - now > _PUT_OFF:
            return _folded(plan, plan.due, "quiet")  # all of it is told when quiet hours end
        return _folded(plan, plan.hour_due, "burst")
    return plan


def _folded(plan: DeliveryPlan, due: datetime | None, why: str) -> DeliveryPlan:
    return replace(plan, digest=True, due=max(plan.due, due or plan.due), folded_for=why)
