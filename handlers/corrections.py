"""The command by which people put right what Tipoff got wrong: a grade, a merge, a state. Told to all who were told."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from bot.delivery.correcting import BY_HAND, tell_correction, tell_in_words
from bot.delivery.telling import plans_of
from bot.errors import UserError
from bot.flow.corrected import excerpt
from bot.judgement.canonical import canonical_url
from bot.model import ALL_TOPICS, CONSOLE, Catalog, ChannelKey, Event, Grade, ItemId, StoryId, Topic, Watch
from handlers.answers import counted
from handlers.replies import Reply
from storage import corrections, deliveries, items, regroup, stories, subscriptions, watches
from storage.corrections import Correction
from storage.database import Connection
from storage.stories import Story

_CHANGES = ("grade", "merge", "split")


class Asked(Protocol):
    """What is needed of a request."""

    @property
    def options(self) -> dict[str, str]: ...
    @property
    def channel(self) -> ChannelKey: ...
    @property
    def user(self) -> str: ...
    @property
    def private(self) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Done:
    title: str
    lines: tuple[str, ...]
    told: int


async def correct(tx: Connection, catalog: Catalog, asked: Asked, *, now: datetime) -> Reply:
    """Do it, record it, and put it into the outbox, all in one transaction; the caller holds ``judge_lock``.

    Raises ``UserError``: for what does not exist, and where this channel has no say.
    """
    given = {name: value.strip() for name, value in asked.options.items() if value.strip()}
    if asked.private:
        raise UserError(
            "correct concerns every channel that was told: use it in such a channel, or as tipoff correct."
        )
    if "question" in given:
        if given.keys() != {"question", "state"}:
            raise UserError(
                "Give the question its state and nothing else, for example: question=v4-out state=rumoured."
            )
        done = await _state(tx, catalog, asked, given["question"], given["state"], now)
    else:
        wanted = [name for name in _CHANGES if name in given]
        if "story" not in given or len(wanted) != 1 or len(given) != 2:
            raise UserError(
                "Name a story and one change, for example: story=12 grade=report, story=12 merge=15, "
                "story=12 split=340; or a question and its state."
            )
        done = await _story_change(tx, asked, given["story"], wanted[0], given[wanted[0]], now)
    told = f"{counted(done.told, 'channel')} told" if done.told else "No channel had been told"
    return Reply(title=done.title, text=" ".join([*done.lines, f"{told}."]), tone="done")


async def _story_change(
    tx: Connection, asked: Asked, number: str, change: str, value: str, now: datetime
) -> _Done:
    story = await _story(tx, number)
    concerned = [story.id]
    if change == "merge":
        other = await _story(tx, value)
        if other.id == story.id:
            raise UserError(f"Story {story.id} cannot be merged with itself.")
        concerned.append(other.id)
    told = await corrections.hearing(tx, concerned)
    if asked.channel != CONSOLE and asked.channel not in told:
        raise UserError(f"This channel was not told of story {story.id}: only one that was may correct it.")
    changed = await _change(tx, story, change, value, now)
    made = replace(changed, made_by=asked.user, channel=asked.channel)
    await corrections.record(tx, made)
    after = await stories.story(tx, story.id)
    assert after is not None
    lead = (await items.items_of_story(tx, story.id, limit=1))[0]
    lines: tuple[str, ...] = (_line(made),)
    sent = await tell_correction(
        tx, after, told, lines=lines, reason=f"told: {BY_HAND}", now=now, item=lead.id
    )
    title = f"Corrected story {story.id}"
    if made.kind == "split" and made.item and made.other:
        as_new = await _tell_as_new(tx, made.item, made.other, f"told: split off from story {story.id}", now)
        if as_new:
            lines = (*lines, f"Story #{made.other} goes to {counted(as_new, 'channel')} as new.")
    return _Done(title=title, lines=lines, told=sent)


async def _tell_as_new(tx: Connection, item: ItemId, fresh: StoryId, reason: str, now: datetime) -> int:
    """Tell a story that was split off to the channels that never had an alert of it: what comes later is told as more
    of something known. Returns to how many."""
    row = await items.item(tx, item)
    if row is None or not row.topics:
        return 0
    verdict = row.as_verdict(event=Event.NEW, alert=True)
    told = await deliveries.told_channels(tx, fresh)
    holders = await subscriptions.of_topics(tx, verdict.topic_ids)
    plans = await plans_of(tx, verdict, [held for held in holders if held.channel not in told], now=now)
    if not plans:
        return 0
    alert = await deliveries.add_alert(
        tx, story=fresh, item=item, event=Event.NEW, grade=row.graded.grade, previous_grade=None, reason=reason,
        answers=(), topics=verdict.topic_ids, excerpt=excerpt(verdict.item), now=now,
    )  # fmt: skip
    return await deliveries.add_deliveries(tx, alert, plans, now=now)


async def _change(tx: Connection, story: Story, change: str, value: str, now: datetime) -> Correction:
    if change == "grade":
        grade = _grade(value)
        if grade is story.grade:
            raise UserError(f"The best evidence of story {story.id} is {grade} already.")
        await regroup.set_grade(tx, story.id, grade, reason=f"{BY_HAND}, was {story.grade}")
        return Correction(kind="grade", at=now, before=story.grade.value, after=grade.value, story=story.id)
    if change == "merge":
        other = await _story(tx, value)
        await regroup.merge(tx, story.id, other.id)
        return Correction(
            kind="merge", at=now, before=other.title, after=story.title, story=story.id, other=other.id
        )
    item = await _item(tx, value)
    row = await items.item(tx, item)
    fresh = await regroup.split(tx, story.id, item)
    title = row.title if row else ""
    return Correction(
        kind="split", at=now, before=story.title, after=title, story=story.id, other=fresh, item=item
    )


def _line(made: Correction) -> str:
    if made.kind == "grade":
        return f"Evidence: {made.before} → {made.after} ({BY_HAND})"
    if made.kind == "merge":
        return f"Story #{made.other} “{made.before}” is this same event ({BY_HAND})"
    return f"“{made.after}” is another event, now story #{made.other} ({BY_HAND})"


async def _state(
    tx: Connection, catalog: Catalog, asked: Asked, wanted: str, state: str, now: datetime
) -> _Done:
    topic, watch = _question(catalog, wanted)
    if state not in watch.states:
        raise UserError(f"{watch.id} has no state {state!r}. Its states: {', '.join(watch.states)}.")
    held = {row.topic for row in await subscriptions.of_channel(tx, asked.channel)}
    if asked.channel != CONSOLE and held.isdisjoint({topic.id, ALL_TOPICS}):
        raise UserError(f"This channel is not told of {topic.name}: only one that is may correct its answer.")
    answers = {(row.topic, row.question_id): row for row in await stories.watch_answers(tx)}
    before = answers.get((topic.id, watch.id))
    was = before.state if before else ""
    if was == state:
        raise UserError(f"{watch.question} is {state} already.")
    reason = f"{BY_HAND}, was {was or 'not known'}"
    proof = await watches.set_by_hand(tx, topic.id, watch.id, state, reason=reason, now=now)
    story = before.story if before else None
    number = await corrections.record(
        tx,
        Correction(
            kind="state", at=now, before=was, after=state, story=story, topic=topic.id, question=watch.id,
            made_by=asked.user, channel=asked.channel,
        ),
    )  # fmt: skip
    line = f"{watch.question} → {state} ({reason})"
    told = await corrections.hearing(tx, [held for held in (story, proof.story if proof else None) if held])
    sent = 0
    if proof is not None and (told_of := await stories.story(tx, proof.story)) is not None:
        sent = await tell_correction(
            tx, told_of, told, lines=(line,), reason=f"told: {BY_HAND}", now=now, item=proof.item,
            grade=proof.grade, excerpt=proof.title,
        )  # fmt: skip
    elif story is not None:
        # What its story says is another answer: no article is shown as the evidence of this one.
        sent = await tell_in_words(tx, story, told, line, key=f"correction:{number}", topic=topic.id, now=now)
    return _Done(title=f"Corrected: {watch.question}", lines=(line,), told=sent)


def _question(catalog: Catalog, wanted: str) -> tuple[Topic, Watch]:
    """``<question>``, or ``<topic>/<question>`` where two topics use one id."""
    of_topic, _, name = wanted.rpartition("/")
    found = [
        (topic, watch)
        for topic in catalog.topics
        for watch in topic.watches
        if watch.id == name and of_topic in ("", topic.id)
    ]
    if len(found) == 1:
        return found[0]
    known = ", ".join(f"{topic.id}/{watch.id}" for topic in catalog.topics for watch in topic.watches)
    raise UserError(f"{'Unknown' if not found else 'More than one'} question {wanted!r}. Known: {known}.")


def _grade(value: str) -> Grade:
    try:
        return Grade(value)
    except ValueError:
        raise UserError(f"Unknown grade {value!r}. Known: {', '.join(Grade)}.") from None


async def _story(tx: Connection, value: str) -> Story:
    number = value.lstrip("#")
    if not re.fullmatch(r"[0-9]{1,11}", number):
        raise UserError(f"{value!r} is no story number; it stands in every alert.")
    found = await stories.story(tx, await corrections.current_story(tx, StoryId(int(number))))
    if found is None:
        raise UserError(f"There is no story {number}.")
    return found


async def _item(tx: Connection, value: str) -> ItemId:
    """An item's number, or its link."""
    if re.fullmatch(r"[0-9]{1,11}", value):
        return ItemId(int(value))
    found = await items.item_by_url(tx, canonical_url(value)) if value.startswith("http") else None
    if found is None:
        raise UserError(f"{value!r} is no item's number or link; why shows the numbers.")
    return found.id
