"""Who is told of a verdict, and when. Pure: subscriptions in, delivery plans out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.delivery.budgets import WORTH_MORE
from bot.delivery.filters import kept_out
from bot.delivery.quiet import DAILY_AT, QuietHours, next_digest, parse_quiet_hours
from bot.model import CONSOLE, ChannelKey, Event, Grade, Mode, Verdict
from storage.channels import ChannelSettings
from storage.deliveries import DeliveryPlan
from storage.subscriptions import Subscription

#: Proof from this grade on goes out at once; what is weaker waits a little, so that better proof can lead.
_AT_ONCE = Grade.LEAK
NO_HOLD = timedelta()
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What holds in a channel for one verdict, besides its subscriptions. ``muted``: its story is; ``to_digest``:
    people there called its publisher noise, so that it needs good evidence to be told at once."""

    settings: ChannelSettings
    muted: bool = False
    muted_topics: frozenset[str] = frozenset()
    to_digest: bool = False


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
    standings: Mapping[ChannelKey, Standing] | None = None,
) -> list[DeliveryPlan]:
    """One plan for each channel that should be told of this verdict.

    A channel with several fitting subscriptions gets one message, by the soonest of them. A verdict that is no
    alert (an update) is still told to a channel that its filters kept from hearing the story before: the first
    item it admits is news to that channel. ``told`` are the channels that the story was already planned for.
    ``hold``: how long a first weak alert waits for better proof; the terminal and digests do not wait.
    ``standings``: what else holds in a channel; a channel that is not named has the defaults. Budgets are not asked.
    """
    soonest: dict[ChannelKey, DeliveryPlan] = {}
    for subscription in subscriptions:
        channel = subscription.channel
        standing = (standings or {}).get(channel) or Standing(settings=ChannelSettings(key=channel))
        if standing.muted or kept_out(subscription, verdict, muted_topics=standing.muted_topics):
            continue
        if not verdict.alert and (channel in told or not subscription.is_choosy):
            continue
        plan = _plan(subscription, verdict, standing, now=now, hold=hold)
        held = soonest.get(plan.channel)
        if held is None or (plan.digest, plan.due) < (held.digest, held.due):
            soonest[plan.channel] = plan
    return list(soonest.values())


def notice_due(subscription: Subscription, now: datetime) -> datetime:
    """When a notice about Tipoff itself may be told: now, or at the end of the channel's quiet hours."""
    return _awake(quiet_hours_of(subscription), now)


def notice_dues(holders: Iterable[Subscription], now: datetime) -> dict[ChannelKey, datetime]:
    """When each of their channels may be told a notice: by the soonest of its subscriptions."""
    due: dict[ChannelKey, datetime] = {}
    for holder in holders:
        moment = notice_due(holder, now)
        due[holder.channel] = min(moment, due.get(holder.channel, moment))
    return due


def quiet_hours_of(subscription: Subscription) -> QuietHours | None:
    """Its quiet hours, on its own clock where they name none."""
    return parse_quiet_hours(subscription.quiet, subscription.zone) if subscription.quiet else None


def _plan(
    subscription: Subscription, verdict: Verdict, standing: Standing, *, now: datetime, hold: timedelta
) -> DeliveryPlan:
    channel = subscription.channel
    mode = subscription.mode if subscription.mode is not Mode.INSTANT else Mode.DAILY
    told_by = digest_due(subscription, mode, now)
    if subscription.mode is not Mode.INSTANT:
        return DeliveryPlan(channel=channel, due=told_by, digest=True)
    if standing.to_digest and verdict.graded.grade.rank < WORTH_MORE.rank:
        return DeliveryPlan(channel=channel, due=told_by, digest=True, folded_for="feedback")
    due = notice_due(subscription, now if channel == CONSOLE else now + hold)
    hour_due = digest_due(subscription, Mode.HOURLY, due)
    return DeliveryPlan(channel=channel, due=due, hour_due=hour_due, digest_due=told_by)


def digest_due(subscription: Subscription, mode: Mode, now: datetime) -> datetime:
    """When the digest of this mode that takes an alert decided ``now`` may be told: not in quiet hours."""
    quiet = quiet_hours_of(subscription)
    zone = ZoneInfo(subscription.zone) if subscription.zone else quiet.zone if quiet else ZoneInfo("UTC")
    at = time.fromisoformat(subscription.digest_at) if subscription.digest_at else DAILY_AT
    weekday = WEEKDAYS.index(subscription.digest_day) if subscription.digest_day else 0
    return _awake(quiet, next_digest(mode, now, zone, at=at, weekday=weekday))


def _awake(quiet: QuietHours | None, moment: datetime) -> datetime:
    return (quiet.until(moment) if quiet else None) or moment
