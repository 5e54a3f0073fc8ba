"""Tells every channel that got an alert what was put right about it: in the same thread, whatever its filters are, but
not where people muted the story."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from bot.delivery.places import place_of
from bot.delivery.planning import notice_dues
from bot.delivery.wording import wording
from bot.model import ChannelKey, Event, Grade, StoryId, TopicId
from storage import deliveries, mutes, subscriptions
from storage.corrections import Hearing
from storage.database import Connection
from storage.deliveries import DeliveryPlan
from storage.stories import Story
from storage.subscriptions import Subscription


def correction_plans(
    told: Mapping[ChannelKey, Hearing], holders: Iterable[Subscription], *, now: datetime
) -> list[DeliveryPlan]:
    """One for each channel that was told: not in its quiet hours, and not before what is corrected."""
    awake = notice_dues(holders, now)
    return [
        DeliveryPlan(
            channel=channel, due=max(awake.get(channel, now), heard.until or now), digest=heard.digest
        )
        for channel, heard in told.items()
    ]


async def tell_correction(
    tx: Connection,
    story: Story,
    told: Mapping[ChannelKey, Hearing],
    *,
    lines: Sequence[str],
    reason: str,
    now: datetime,
    item: int | None = None,
    grade: Grade | None = None,
    excerpt: str = "",
    topics: Sequence[TopicId] = (),
) -> int:
    """Put it into the outbox; returns for how many channels. ``lines`` say what was put right; ``excerpt`` is what is
    right now (its first line is the headline), by default the story's headline."""
    told = await _not_muted(tx, story.id, told, now)
    if not told:
        return 0
    concerned = list(topics) or list(story.topics)
    alert = await deliveries.add_alert(
        tx, story=story.id, item=item, event=Event.CORRECTION, grade=grade or story.grade, previous_grade=None,
        reason=reason, answers=tuple(lines), topics=concerned, excerpt=excerpt or story.title, now=now,
    )  # fmt: skip
    holders = await subscriptions.of_topics(tx, concerned)
    plans = correction_plans(told, holders, now=now)
    return await deliveries.add_deliveries(tx, alert, plans, now=now)


async def tell_in_words(
    tx: Connection,
    story: StoryId,
    told: Mapping[ChannelKey, Hearing],
    text: str,
    *,
    key: str,
    topic: TopicId,
    now: datetime,
) -> int:
    """Tell what was put right without an article beside it, as a message of its own; returns in how many channels."""
    told = await _not_muted(tx, story, told, now)
    made = 0
    for plan in correction_plans(told, await subscriptions.of_topics(tx, [topic]), now=now):
        title = wording((await place_of(tx, plan.channel)).locale)("correction")
        made += await deliveries.add_notice(tx, plan.channel, title, text, now=now, key=key, due=plan.due)
    return made


async def _not_muted(
    tx: Connection, story: StoryId, told: Mapping[ChannelKey, Hearing], now: datetime
) -> dict[ChannelKey, Hearing]:
    muted = {mute.channel for mute in await mutes.touching(tx, story, (), now=now)}
    return {channel: heard for channel, heard in told.items() if channel not in muted}
