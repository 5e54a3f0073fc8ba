"""Replies built from stored values: wording only, no database and no platform."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.flow.health import Condition, condition, is_frozen, is_seen
from bot.judgement.canonical import clean_text
from bot.judgement.watch_question import has_reached
from bot.model import ALL_TOPICS, Catalog, Grade, Mode, SourceId, StoryId, Topic, TopicId, Watch
from handlers.replies import Entry, Reply
from storage.deadlines import Deadline
from storage.glances import Glance
from storage.health import Activity
from storage.hot import HotTopic
from storage.sources import SourceState
from storage.stories import Story, WatchAnswer
from storage.subscriptions import Subscription

WEEK = timedelta(days=7)
MONTH = timedelta(days=30)
_PROOF_SHOWN = 90  # characters of the headline behind an answer, so that all of it is one line


def ago(moment: datetime | None, now: datetime) -> str:
    """``5 min ago``: coarse, for people. A time ahead of ``now`` reads ``in 5 min``."""
    if moment is None:
        return "never"
    seconds = (now - moment).total_seconds()
    size = abs(seconds)
    for limit, unit, name in (
        (90, 1, "s"),
        (5400, 60, "min"),
        (129600, 3600, "h"),
        (float("inf"), 86400, "days"),
    ):
        if size < limit:
            text = f"{size / unit:.0f} {name}"
            return f"{text} ago" if seconds >= 0 else f"in {text}"
    return ""


def counted(number: int, word: str) -> str:
    """``1 source``, ``2 sources``, ``2 stories``."""
    if number == 1:
        return f"1 {word}"
    return f"{number} {word[:-1]}ies" if re.search(r"[^aeiou]y$", word) else f"{number} {word}s"


def stories_counted(number: int) -> str:
    return counted(number, "story")


def subscription_facts(subscription: Subscription) -> tuple[str, ...]:
    """When and of what the channel is told, a few words each."""
    facts = ["at once" if subscription.mode is Mode.INSTANT else f"{subscription.mode.value} digest"]
    if subscription.min_grade is not Grade.OPINION:
        facts.append(f"{subscription.min_grade.value} or better")
    if subscription.languages:
        facts.append("only " + ", ".join(subscription.languages))
    if subscription.quiet:
        facts.append(f"quiet {subscription.quiet}")
    if subscription.digest_at or subscription.digest_day:
        facts.append(" ".join(filter(None, ("at", subscription.digest_day, subscription.digest_at))))
    if subscription.words:
        facts.append("only with " + ", ".join(subscription.words))
    if subscription.not_words:
        facts.append("without " + ", ".join(subscription.not_words))
    if subscription.not_sources:
        facts.append("not from " + ", ".join(subscription.not_sources))
    if subscription.zone:
        facts.append(f"clock of {subscription.zone}")
    if subscription.mention:
        facts.append(f"calls {subscription.mention} from {subscription.mention_from.value} on")
    return tuple(facts)


def _name(topic: TopicId, catalog: Catalog) -> str:
    return "Every topic" if topic == ALL_TOPICS else catalog.topic_names([topic])[0]


def subscribed(subscription: Subscription, topic: Topic | None, outcome: str) -> Reply:
    name = topic.name if topic else "every topic"
    title = {
        "created": f"Subscribed to {name}",
        "changed": f"Changed the subscription to {name}",
        "unchanged": f"Already subscribed to {name}",
    }[outcome]
    return Reply(
        title=title, text=f"This channel is told: {', '.join(subscription_facts(subscription))}.", tone="done"
    )


def unsubscribed(removed: Sequence[Subscription], topic: Topic | None) -> Reply:
    name = topic.name if topic else "anything"
    if not removed:
        return Reply(title=f"This channel was not subscribed to {name}", tone="error")
    if topic is None:
        return Reply(title=f"Ended {counted(len(removed), 'subscription')}", tone="done")
    return Reply(title=f"Unsubscribed from {name}", tone="done")


def subscription_list(held: Sequence[Subscription], catalog: Catalog) -> Reply:
    if not held:
        return Reply(
            title="No subscriptions",
            text="This channel is told nothing. /subscribe begins one; /topics lists what there is.",
        )
    entries = tuple(
        Entry(title=_name(row.topic, catalog), facts=(str(row.topic), *subscription_facts(row)))
        for row in held
    )
    return Reply(title="What this channel is told", entries=entries)


def evidence(grade: Grade, witnesses: int) -> str:
    """The grade, with how many say so independently where that is more than one."""
    return f"{grade.value}, {witnesses} independent" if witnesses > 1 else grade.value


def _story_entry(story: Story, catalog: Catalog) -> Entry:
    others = len(story.outlets) - 1
    facts = [story.publisher, evidence(story.grade, story.witnesses), f"{story.first_at:%d %b %Y %H:%M} UTC"]
    if others > 0:
        facts.append(f"{counted(others, 'more outlet')}")
    facts += [*catalog.topic_names(story.topics), f"#{story.id}"]
    return Entry(
        title=story.title, url=story.url, grade=story.grade, facts=tuple(facts), text=story.summary[:300]
    )


def story_list(title: str, found: Sequence[Story], catalog: Catalog, *, empty: str) -> Reply:
    if not found:
        return Reply(title=title, text=empty)
    return Reply(title=title, entries=tuple(_story_entry(story, catalog) for story in found))


def status(
    given: Sequence[WatchAnswer],
    states: Sequence[Glance],
    catalog: Catalog,
    *,
    hot: Sequence[HotTopic] = (),
    due: Sequence[Deadline] = (),
    now: datetime,
) -> Reply:
    """One entry a watch question, all of it in one line: state, since when, grade, the deadline still ahead of it
    (``due``: what was said last comes first), how many of the sources that could answer it were read lately, and the
    best evidence with its link."""
    by_question = {(row.topic, row.question_id): row for row in given}
    entries = []
    for topic in catalog.topics:
        sight = _sight([state for state in states if state.may_tell_of(topic.id)], now)
        for watch in topic.watches:
            row = by_question.get((topic.id, watch.id))
            named = [each for each in due if (each.topic, each.question_id) == (topic.id, watch.id)]
            entries.append(_answer_entry(watch.question, row, _ahead(named, watch, row), sight))
        if not topic.watches:
            entries.append(Entry(title=topic.name, facts=("no watch question", "", "", "", sight, "")))
    ok = sum(1 for state in states if state.last_ok and not state.failures)
    failing = [state for state in states if state.failures or state.stopped]
    text = f"{ok} of {counted(len(states), 'source')} answered at the last try."
    if failing:
        names = ", ".join(state.name for state in failing[:5])
        text += f" Not answering: {names}{' and more' if len(failing) > 5 else ''}."
    for entry in hot:
        text += f" Hot until {entry.until:%d %b %H:%M} UTC: {_name(entry.topic, catalog)}."
    return Reply(title="Status", text=text, entries=tuple(entries), rows=True)


def _ahead(named: Sequence[Deadline], watch: Watch, row: WatchAnswer | None) -> Deadline | None:
    """The first whose answer the question has not: one that was kept is nothing to wait for."""
    state = row.state if row else ""
    return next((each for each in named if not has_reached(watch, state, each.state)), None)


def feedback_line(said: Mapping[str, int], wrong: Sequence[tuple[StoryId, int]]) -> str:
    """What people said of alerts in a month, and the stories that several of them call wrong; "" for nothing."""
    if not said:
        return ""
    words = ", ".join(f"{said[word]} {word.replace('-', ' ')}" for word in sorted(said))
    stories = ", ".join(f"#{story} ({people} people)" for story, people in wrong[:5])
    return f" Feedback in 30 days: {words}." + (
        f" Said to be of a wrong story: {stories}." if stories else ""
    )


def _answer_entry(question: str, row: WatchAnswer | None, due: Deadline | None, sight: str) -> Entry:
    """Always as many facts, "" for what there is not, so that a terminal can align them."""
    deadline = f"due {due.at - timedelta(seconds=1):%d %b %Y}: “{due.phrase}”" if due else ""
    if row is None:
        return Entry(title=question, facts=("no answer yet", "", "", deadline, sight, ""))
    proof = evidence(row.grade, row.witnesses) if row.grade else ""
    facts = (
        row.state,
        f"since {row.since:%d %b %Y}",
        proof,
        deadline,
        sight,
        clean_text(row.title, limit=_PROOF_SHOWN),
    )
    return Entry(title=question, url=row.url, grade=row.grade, facts=facts)


def _sight(states: Sequence[Glance], now: datetime) -> str:
    """How far silence can be trusted: what was read lately of what should have been."""
    if not states:
        return "blind: no source"
    seen = [state for state in states if is_seen(state, now)]
    if not seen:
        return f"blind: none of {counted(len(states), 'source')} read"
    newest = max(s.last_ok for s in seen if s.last_ok)
    return f"{len(seen)} of {counted(len(states), 'source')} read, {ago(newest, now)}"


def topic_list(catalog: Catalog, counts: dict[TopicId, int], held: set[TopicId]) -> Reply:
    entries = []
    for topic in catalog.topics:
        facts = [str(topic.id), stories_counted(counts.get(topic.id, 0)) + " in 7 days"]
        if topic.id in held or ALL_TOPICS in held:
            facts.append("subscribed")
        # Ids and states are what `correct` wants to be told.
        questions = tuple(
            f"{watch.question} · {watch.id}: {', '.join(watch.states)}" for watch in topic.watches
        )
        entries.append(Entry(title=topic.name, facts=tuple(facts), lines=questions))
    return Reply(title="Topics", entries=tuple(entries))


def worst_first(states: Sequence[Glance], now: datetime) -> list[Glance]:
    """Stopped ones, then by failures in a row, then frozen ones."""

    def place(state: Glance) -> tuple[bool, int, bool, str]:
        return (not state.stopped, -state.failures, not is_frozen(state, now), state.id)

    return sorted(states, key=place)


def source_list(
    all_: Sequence[Glance],
    shown: Sequence[SourceState],
    brought: Mapping[SourceId, Activity],
    topic: Topic | None,
    *,
    now: datetime,
) -> Reply:
    """``all_``: those that are counted; ``shown``: those on this page, in their order. ``brought``: by source, over the
    last seven days."""
    title = f"Sources for {topic.name}" if topic else "Sources"
    if not all_:
        return Reply(title=title, text="None.")
    failing = sum(1 for state in all_ if state.failures or state.stopped)
    frozen = sum(1 for state in all_ if condition(state, now) is Condition.FROZEN)
    text = f"{counted(len(all_), 'source')}, {failing} not answering"
    if frozen:
        text += f", {frozen} frozen (nothing new for far longer than usual)"
    return Reply(
        title=title,
        text=f"{text}.",
        entries=tuple(
            _source_entry(state, condition(state, now), brought.get(state.source.id, Activity()), now)
            for state in shown
        ),
    )


def _source_entry(state: SourceState, found: Condition, brought: Activity, now: datetime) -> Entry:
    """Always as many facts, so that a terminal can align them: kind, read, next, brought, alerted, condition and id.
    The id stands last: it is long, and wraps there where the window is narrow."""
    doing = _doing(state, found, now)
    ahead = (
        "" if state.stopped else f"next {ago(state.next_poll, now)}" if state.next_poll > now else "due now"
    )
    return Entry(
        title=state.source.name,
        url=state.source.url,
        facts=(
            state.source.kind.value,
            f"read {ago(state.last_ok, now)}",
            ahead,
            f"{counted(brought.items, 'item')} in 7 days" if brought.items else "nothing new in 7 days",
            f"{brought.alerted / brought.items:.0%} alerted" if brought.items else "",
            f"{state.source.id}: {doing}" if doing else str(state.source.id),
        ),
    )


def _doing(state: SourceState, found: Condition, now: datetime) -> str:
    """What is wrong with it, "" when nothing is."""
    if state.stopped:
        return f"stopped: {state.stopped}"
    if state.failures:
        times = "once" if state.failures == 1 else f"{state.failures} times in a row"
        return f"failed {times}: {state.last_error}"
    if found is Condition.FROZEN:
        return f"frozen: nothing new for {ago(state.last_new, now).removesuffix(' ago')}"
    if state.current_url and state.current_url != state.source.url:
        return f"moved to {state.current_url}"
    return ""


def heated(topic: Topic, until: datetime, asked: int) -> Reply:
    return Reply(
        title=f"{topic.name} is hot until {until:%d %b %H:%M} UTC",
        text=f"Its {counted(asked, 'source')} are asked as often as they may be.",
        tone="done",
    )


def cooled(topic: Topic, *, was_hot: bool) -> Reply:
    if not was_hot:
        return Reply(title=f"{topic.name} was not hot", tone="error")
    return Reply(title=f"{topic.name} is no longer hot", tone="done")
