"""What a subscription would have told: stored verdicts, planned by the same code as live ones, into an outbox in
memory.

What a source held when it was first read counts as if it had been read on the day it was published, so that a new
Tipoff has an answer, too. Mutes count for the time they held; rules and limits as they are now.
"""

import asyncio
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.delivery.budgets import within_limits
from bot.delivery.contract import DigestEntry
from bot.delivery.digests import once_a_story, why_folded
from bot.delivery.filters import kept_out
from bot.delivery.planning import NO_HOLD, Standing, hold_for, is_good_enough, plans_for
from bot.delivery.wording import DEFAULT, wording
from bot.model import Catalog, ChannelKey, Event, StoryId
from storage import channels, history, mutes, rules
from storage.channels import DAY, HOUR, ChannelSettings, Load
from storage.database import Connection
from storage.deliveries import DeliveryPlan
from storage.items import ItemRow
from storage.mutes import Mute
from storage.subscriptions import Subscription

#: So many verdicts are played, in some 5 ms, before others have their turn.
_AT_ONCE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Would:
    """A message that would have been sent ``at`` then: one alert, or a digest of several. ``reason``: why a digest is
    one where the subscription asks for single alerts."""

    at: datetime
    digest: bool
    reason: str
    entries: tuple[DigestEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """``messages``: the first one first. ``alerts``: how many alerts they tell. ``kept``: what touches the topic and
    would have been kept from the channel, by reason."""

    messages: tuple[Would, ...]
    kept: Counter[str]

    @property
    def alerts(self) -> int:
        return sum(len(message.entries) for message in self.messages)


async def backtest(
    conn: Connection,
    catalog: Catalog,
    subscription: Subscription,
    *,
    since: datetime,
    until: datetime,
    hold: timedelta = NO_HOLD,
) -> Backtest:
    """Play what was stored from ``since`` until ``until`` to this subscription, as if it were its channel's only
    one."""
    settings = await channels.settings(conn, subscription.channel)
    trial = Trial(
        subscription=replace(subscription, zone=subscription.zone or settings.zone),
        settings=settings,
        catalog=catalog,
        muted=await mutes.ever_of_channel(conn, subscription.channel),
        noisy=[rule.value for rule in await rules.in_force(conn, settings.owner)],
        hold=hold,
    )
    taken = 0
    async for row, at in history.on_topic(conn, topic=subscription.topic, since=since, until=until):
        trial.take(row, at)
        taken += 1
        if taken % _AT_ONCE == 0:
            await asyncio.sleep(0)
    return trial.result()


@dataclass(slots=True, eq=False)
class _Planned:
    """A delivery in the outbox in memory."""

    plan: DeliveryPlan
    row: ItemRow
    event: Event
    replaced: bool = False


@dataclass(slots=True, kw_only=True)
class Trial:
    """The outbox in memory of one channel. ``noisy``: publishers that need good evidence there."""

    subscription: Subscription
    settings: ChannelSettings
    catalog: Catalog
    muted: Sequence[Mute] = ()
    noisy: Collection[str] = ()
    hold: timedelta = NO_HOLD
    planned: list[_Planned] = field(default_factory=list)
    recent: list[_Planned] = field(default_factory=list)  # of a day, and what is still to come
    told: set[StoryId] = field(default_factory=set)
    kept: Counter[str] = field(default_factory=Counter)

    def take(self, row: ItemRow, now: datetime) -> None:
        """One verdict, given ``now``; verdicts come in order."""
        verdict, channel = row.as_verdict(), self.subscription.channel
        standing = self._standing(row, now)
        reason = kept_out(self.subscription, verdict, muted_topics=standing.muted_topics)
        reason = "its story is muted here" if standing.muted else reason
        if reason and verdict.alert:
            self.kept[reason] += 1
        self.recent = [one for one in self.recent if one.plan.due > now - DAY and not one.replaced]
        told = frozenset[ChannelKey]({channel} if row.story in self.told else ())
        for plan in plans_for(
            verdict, [self.subscription], now=now, told=told, hold=hold_for(verdict, self.hold),
            standings={channel: standing},
        ):  # fmt: skip
            event = Event.NEW if row.story not in self.told else verdict.event
            if verdict.event is not Event.NEW and not plan.digest:
                plan = self._in_place_of_waiting(row, plan, now, good=is_good_enough(verdict))
            plan = within_limits(plan, row.graded.grade, self.settings, self._load(plan.due), now=now)
            made = _Planned(plan, row, event)
            self.planned.append(made)
            self.recent.append(made)
            self.told.add(row.story)

    def result(self) -> Backtest:
        """The messages that come of it, digests put together."""
        planned = [one for one in self.planned if not one.replaced]
        messages = [
            Would(at=one.plan.due, digest=False, reason="", entries=(self._entry(one),))
            for one in planned
            if not one.plan.digest
        ]
        digests: dict[datetime, list[_Planned]] = {}
        for one in planned:
            if one.plan.digest:
                digests.setdefault(one.plan.due, []).append(one)
        for due, held in digests.items():
            reason = why_folded([one.plan.folded_for for one in held], wording(DEFAULT))
            entries = tuple(once_a_story([self._entry(one) for one in held]))
            messages.append(Would(at=due, digest=True, reason=reason, entries=entries))
        return Backtest(messages=tuple(sorted(messages, key=lambda one: one.at)), kept=self.kept)

    def _standing(self, row: ItemRow, now: datetime) -> Standing:
        muted = [mute for mute in self.muted if mute.created <= now < mute.until]
        return Standing(
            settings=self.settings,
            muted=any(mute.story == row.story for mute in muted),
            muted_topics=frozenset(mute.topic for mute in muted if mute.topic),
            to_digest=row.publisher in self.noisy,
        )

    def _in_place_of_waiting(
        self, row: ItemRow, plan: DeliveryPlan, now: datetime, *, good: bool
    ) -> DeliveryPlan:
        waiting = [
            one
            for one in self.recent
            if one.row.story == row.story
            and one.plan.due > now
            and (not one.plan.digest or one.plan.folded_for)
        ]
        for one in waiting:
            one.replaced = True
        if good:
            return plan
        return replace(plan, due=max([plan.due, *(one.plan.due for one in waiting if not one.plan.digest)]))

    def _load(self, moment: datetime) -> Load:
        dues = [one.plan.due for one in self.recent if not one.plan.digest and not one.replaced]
        return Load(
            day=sum(moment - DAY < due <= moment for due in dues),
            hour=sum(moment - HOUR < due <= moment for due in dues),
        )

    def _entry(self, one: _Planned) -> DigestEntry:
        row = one.row
        return DigestEntry(
            story=row.story,
            event=one.event,
            title=row.title,
            url=row.url,
            publisher=row.publisher,
            grade=row.graded.grade,
            topics=self.catalog.topic_names(match.topic for match in row.topics),
            published=row.published,
        )
