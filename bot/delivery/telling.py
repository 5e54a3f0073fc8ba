"""Plans who is told of a verdict with all that the database knows of each channel: mutes, rules, what waits, how much
it was told. The rules themselves are pure, in ``planning``, ``filters`` and ``budgets``."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.delivery.budgets import budget_of, within_limits
from bot.delivery.planning import NO_HOLD, Standing, hold_for, is_good_enough, plans_for
from bot.delivery.wording import wording
from bot.model import ChannelKey, Event, Verdict
from storage import channels, deliveries, holding, mutes, rules
from storage.channels import NOTHING, ChannelSettings
from storage.database import Connection
from storage.deliveries import DeliveryPlan
from storage.subscriptions import Subscription


async def plans_of(
    tx: Connection,
    verdict: Verdict,
    holders: Sequence[Subscription],
    *,
    now: datetime,
    hold: timedelta = NO_HOLD,
) -> list[DeliveryPlan]:
    """One plan for each channel that is told of this verdict. What a channel was still to be told of the story ends:
    this is told in its place. A channel whose budget is used up is told so, once a day.

    ``holders``: the subscriptions to its topics. ``hold``: how long a weak first alert waits for better proof.
    """
    if not verdict.alert:
        holders = [holder for holder in holders if holder.is_choosy]
    if not holders:
        return []
    told = frozenset[ChannelKey]() if verdict.alert else await deliveries.told_channels(tx, verdict.story)
    standings = await standings_of(tx, verdict, {holder.channel for holder in holders}, now=now)
    plans = plans_for(verdict, holders, now=now, told=told, hold=hold_for(verdict, hold), standings=standings)
    if verdict.event is not Event.NEW:
        plans = await _in_place_of_waiting(tx, verdict, plans, now)
    return await _within_limits(tx, verdict, plans, standings, now)


async def standings_of(
    conn: Connection, verdict: Verdict, keys: Collection[ChannelKey], *, now: datetime
) -> dict[ChannelKey, Standing]:
    """What holds in each of these channels for this verdict."""
    settings = await channels.settings_of(conn, keys)
    muted_story: set[ChannelKey] = set()
    muted_topics: dict[ChannelKey, set[str]] = {}
    for mute in await mutes.touching(conn, verdict.story, verdict.topic_ids, now=now):
        if mute.story is not None:
            muted_story.add(mute.channel)
        else:
            muted_topics.setdefault(mute.channel, set()).add(mute.topic)
    noisy = await rules.servers_with(conn, "publisher-to-digest", verdict.item.publisher)
    return {
        key: Standing(
            settings=held,
            muted=key in muted_story,
            muted_topics=frozenset(muted_topics.get(key, ())),
            to_digest=held.owner in noisy,
        )
        for key, held in settings.items()
    }


async def _in_place_of_waiting(
    tx: Connection, verdict: Verdict, plans: Sequence[DeliveryPlan], now: datetime
) -> list[DeliveryPlan]:
    """The plans, each in the place of what its channel was still to be told of the story: one message, led by the best
    proof. While there is still better proof to wait for, it waits as long as that one would have."""
    told = {plan.channel for plan in plans if not plan.digest}
    found = [row for row in await holding.waiting(tx, verdict.story) if row.channel in told]
    replaced = await holding.replace_waiting(tx, found, now=now)
    if is_good_enough(verdict):
        return list(plans)
    due = {row.channel: row.due for row in found if row.channel in replaced and not row.digest}
    return [replace(plan, due=max(plan.due, due.get(plan.channel, plan.due))) for plan in plans]


async def _within_limits(
    tx: Connection,
    verdict: Verdict,
    plans: Sequence[DeliveryPlan],
    standings: dict[ChannelKey, Standing],
    now: datetime,
) -> list[DeliveryPlan]:
    single = {plan.channel: plan.due for plan in plans if not plan.digest}
    loads = await channels.loads(tx, single)
    kept: list[DeliveryPlan] = []
    for plan in plans:
        settings = standings[plan.channel].settings
        load = loads.get(plan.channel, NOTHING)
        within = within_limits(plan, verdict.graded.grade, settings, load, now=now)
        if within.folded_for == "budget":
            await _say_that_the_budget_is_used(tx, settings, plan, within.due, now)
        kept.append(within)
    return kept


async def _say_that_the_budget_is_used(
    tx: Connection, settings: ChannelSettings, plan: DeliveryPlan, digest: datetime, now: datetime
) -> None:
    zone, budget = settings.zone or "UTC", budget_of(settings)
    local, of_digest = plan.due.astimezone(ZoneInfo(zone)), digest.astimezone(ZoneInfo(zone))
    said = wording(settings.locale)
    title = said("budget_title", n=budget)
    text = said("budget_text", clock=f"{of_digest:%H:%M} {zone}")
    await deliveries.add_notice(
        tx, settings.key, title, text, now=now, due=plan.due,
        key=f"budget:{local:%Y-%m-%d}",
    )  # fmt: skip
