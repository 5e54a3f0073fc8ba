"""Who is told of a verdict, and when. Pure: subscriptions in, delivery plans out."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.delivery.quiet import next_digest, parse_quiet_hours
from bot.model import ALL_TOPICS, CONSOLE, ChannelKey, Event, Grade, Mode, Verdict
from storage.deliveries import DeliveryPlan
from storage.subscriptions import Subscription

#: Proof from this grade on goes out at once; what is weaker waits a little, so that better proof can lead.
_AT_ONCE = Grade.LEAK
NO_HOLD = timedelta()


def hold_for(verdict: Verdict, hold: timedelta) -> timedelta:
    """How long this verdict is held where it is the first of its story: not at all when its proof is good, or when
    another witness, who does not repeat the same source, says so too."""
    if verdict.event is not Event.NEW or is_good_enough(verdict):
        return NO_HOLD
    return hold


def is_good_enough(verdict: Verdict) -> bool:
    """Whether there is nothing to wait for."""
    rank = verdict.graded.grade.rank
    return rank >= _AT_ONCE.rank or (rank >= Grade.REPORT.rank and verdict.witnesses > 1)


def plans_for(
    verdict: Verdict,
    subscriptions: Iterable[Subscription],
    *,
    now: datetime,
    told: frozenset[ChannelKey] = frozenset(),
    hold: timedelta = NO_HOLD,
) -> list[DeliveryPlan]:
    """One plan for each channel that should be told of this verdict.

    A channel with several fitting subscriptions gets one message, by the soonest of them. A verdict that is no
    alert (an update) is still told to a channel that its filters kept from hearing the story before: the first
    item it admits is news to that channel. ``told`` are the channels that the story was already planned for.
    ``hold``: how long a first weak alert waits for better proof; the terminal and digests do not wait.
    """
    soonest: dict[ChannelKey, DeliveryPlan] = {}
    for subscription in subscriptions:
        if not admits(subscription, verdict):
            continue
        if not verdict.alert and (subscription.channel in told or not subscription.languages):
            continue
        plan = _plan(subscription, now, hold)
        held = soonest.get(plan.channel)
        if held is None or (plan.digest, plan.due) < (held.digest, held.due):
            soonest[plan.channel] = plan
    return list(soonest.values())


def notice_due(subscription: Subscription, now: datetime) -> datetime:
    """When a notice about Tipoff itself may be told: now, or at the end of the channel's quiet hours."""
    quiet = parse_quiet_hours(subscription.quiet) if subscription.quiet else None
    return (quiet.until(now) if quiet else None) or now


def notice_dues(holders: Iterable[Subscription], now: datetime) -> dict[ChannelKey, datetime]:
    """When each of their channels may be told a notice: by the soonest of its subscriptions."""
    due: dict[ChannelKey, datetime] = {}
    for holder in holders:
        moment = notice_due(holder, now)
        due[holder.channel] = min(moment, due.get(holder.channel, moment))
    return due


def admits(subscription: Subscription, verdict: Verdict) -> bool:
    """Whether the subscription's topic, grade and languages let this verdict through."""
    if verdict.event is Event.NONE:
        return False
    if subscription.topic != ALL_TOPICS and subscription.topic not in verdict.topic_ids:
        return False
    if verdict.graded.grade.rank < subscription.min_grade.rank:
        return False
    return not subscription.languages or verdict.item.language in subscription.languages


def _plan(subscription: Subscription, now: datetime, hold: timedelta) -> DeliveryPlan:
    quiet = parse_quiet_hours(subscription.quiet) if subscription.quiet else None
    if subscription.mode is not Mode.INSTANT:
        zone = quiet.zone if quiet else ZoneInfo("UTC")
        due = next_digest(subscription.mode, now, zone)
        if quiet and (ends := quiet.until(due)):
            due = ends
        return DeliveryPlan(channel=subscription.channel, due=due, digest=True)
    moment = now if subscription.channel == CONSOLE else now + hold
    return DeliveryPlan(channel=subscription.channel, due=notice_due(subscription, moment), digest=False)
