"""Tells every channel that got an alert what was put right about it: in the same thread, whatever its filters are, but
not where people muted the story."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from bot.delivery.places import place_of
from bot.delivery.planning import notice_dues
from bot.delivery.wording import Wording, wording
from bot.model import ChannelKey, Event, Grade, StoryId, TopicId
from storage import deliveries, mutes, subscriptions
from storage.corrections import Hearing
from storage.database import Connection
from storage.deliveries import DeliveryPlan
from storage.stories import Story
from storage.subscriptions import Subscription

BY_HAND = "put right by an administrator"
_BY_HAND_AT_END = re.compile(rf"(?s)(.*) \({BY_HAND}(?:, was (.+))?\)")
_GRADES = re.compile(r"Evidence: (\S+) → (\S+)")
_SAME = re.compile(r"(?s)Story #(\d+) “(.*)” is this same event")
_OTHER = re.compile(r"(?s)“(.*)” is another event, now story #(\d+)")
_IT_SAID = re.compile(r"(?s)It said: (.*)")


def in_words_of(said: Wording, line: str) -> str:
    """A line of a correction, which is kept in English, in a channel's language: as far as there are words for it.
    Questions, states and headlines stay as they are."""
    if ended := _BY_HAND_AT_END.fullmatch(line):
        by_hand = said("by_hand_was", state=ended[2]) if ended[2] else said("by_hand")
        return f"{in_words_of(said, ended[1])} ({by_hand})"
    if (graded := _GRADES.fullmatch(line)) and {graded[1], graded[2]} <= set(Grade):
        return f"{said('evidence')}: {said.grade(Grade(graded[1]))} → {said.grade(Grade(graded[2]))}"
    if same := _SAME.fullmatch(line):
        return said("same_event", number=same[1], title=same[2])
    if other := _OTHER.fullmatch(line):
        return said("other_event", number=other[2], title=other[1])
    return said("it_said", title=before[1]) if (before := _IT_SAID.fullmatch(line)) else line


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
        said = wording((await place_of(tx, plan.channel)).locale)
        made += await deliveries.add_notice(
            tx, plan.channel, said("correction"), in_words_of(said, text), now=now, key=key, due=plan.due
        )
    return made


async def _not_muted(
    tx: Connection, story: StoryId, told: Mapping[ChannelKey, Hearing], now: datetime
) -> dict[ChannelKey, Hearing]:
    muted = {mute.channel for mute in await mutes.touching(tx, story, (), now=now)}
    return {channel: heard for channel, heard in told.items() if channel not in muted}
