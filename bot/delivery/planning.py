"""Who is told of a verdict, and when. Pure: subscriptions in, delivery plans out."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.delivery.quiet import next_digest, parse_quiet_hours
from bot.model import ALL_TOPICS, ChannelKey, Event, Mode, Verdict
from storage.deliveries import DeliveryPlan
from storage.subscriptions import Subscription


def plans_for(
    verdict: Verdict,
    subscriptions: Iterable[Subscription],
    *,
    now: datetime,
    told: frozenset[ChannelKey] = frozenset(),
) -> list[DeliveryPlan]:
    """One plan for each channel that should be told of this verdict.

    A channel with several fitting subscriptions gets one message, by the soonest of them. A verdict that is no
    alert (an update) is still told to a channel that its filters kept from hearing the story before: the first
    item it admits is news to that channel. ``told`` are the channels that the story was already planned for.
    """
    soonest: dict[ChannelKey, DeliveryPlan] = {}
    for subscription in subscriptions:
        if not admits(subscription, verdict):
            continue
        if not verdict.alert and (subscription.channel in told or not subscription.languages):
            continue
        plan = _plan(subscription, now)
        held = soonest.get(plan.channel)
        if held is None or (plan.digest, plan.due) < (held.digest, held.due):
            soonest[plan.channel] = plan
    return list(soonest.values())


def notice_due(subscription: Subscription, now: datetime) -> datetime:
    """When a notice about Tipoff itself may be told: now, or at the end of the channel's quiet hours."""
    quiet = parse_quiet_hours(subscription.quiet) if subscription.quiet else None
    return (quiet.until(now) if quiet else None) or now


def admits(subscription: Subscription, verdict: Verdict) -> bool:
    """Whether the subscription's topic, grade and languages let this verdict through."""
    if verdict.event is Event.NONE:
        return False
    if subscription.topic != ALL_TOPICS and subscription.topic not in verdict.topic_ids:
        return False
    if verdict.graded.grade.rank < subscription.min_grade.rank:
        return False
    return not subscription.languages or verdict.item.language in subscription.languages


def _plan(subscription: Subscription, now: datetime) -> DeliveryPlan:
    quiet = parse_quiet_hours(subscription.quiet) if subscription.quiet else None
    if subscription.mode is not Mode.INSTANT:
        zone = quiet.zone if quiet else ZoneInfo("UTC")
        due = next_digest(subscription.mode, now, zone)
        if quiet and (ends := quiet.until(due)):
            due = ends
        return DeliveryPlan(channel=subscription.channel, due=due, digest=True)
    return DeliveryPlan(channel=subscription.channel, due=notice_due(subscription, now), digest=False)
