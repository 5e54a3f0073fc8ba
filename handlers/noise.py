"""Hearing less, and knowing beforehand how much it would be: mute, back-test, feedback, digest now, a sample."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.delivery import feedback as said
from bot.delivery.backtest import Backtest, Would
from bot.delivery.backtest import backtest as tried
from bot.errors import UserError
from bot.model import ALL_TOPICS, Event, StoryId, TopicId
from handlers.answers import counted
from handlers.asking import story_asked
from handlers.context import Context
from handlers.options import parse_days, parse_span, subscription_options, topic_asked
from handlers.paging import on_page, page_asked, page_buttons
from handlers.replies import Button, Entry, Reply
from handlers.requests import Request
from handlers.specs import NO_VERDICT
from storage import audit, mutes, on_request
from storage import feedback as words_of
from storage.subscriptions import Subscription

_SHORTEST, _LONGEST, _USUAL = timedelta(hours=1), timedelta(days=90), "7d"
_EVENT_WORD = {event: event.value for event in Event} | {Event.UPGRADE: "better proof"}
_ON_PAGE = 8
_MONTH = timedelta(days=30)


async def mute(context: Context, request: Request) -> Reply:
    """Without a story or topic: what is muted."""
    now = context.clock()
    wanted = request.options.get("time", "").strip().lower() or _USUAL
    story: StoryId | None = None
    topic = ""
    async with context.database.transaction() as tx:
        if request.options.get("story", "").strip():
            found = await story_asked(tx, request)
            story, name = found.id, f"story #{found.id}"
        elif request.options.get("topic", "").strip():
            asked = topic_asked(request, context.catalog)
            if asked is None:
                raise UserError("mute: name one topic; /unsubscribe topic:all ends everything.")
            topic, name = asked.id, asked.name
        else:
            return _muted(await mutes.of_channel(tx, request.channel, now=now), context)
        if wanted == "off":
            if not await mutes.unmute(tx, request.channel, story=story, topic=topic, now=now):
                return Reply(title=f"{_capital(name)} was not muted", tone="error")
            return Reply(title=f"{_capital(name)} is told again", tone="done")
        until = now + parse_span(wanted, at_least=_SHORTEST, at_most=_LONGEST)
        ended = await mutes.mute(
            tx, request.channel, story=story, topic=topic, until=until, by=request.user, now=now
        )
        await audit.record(
            tx, server=request.server, channel=request.channel, made_by=request.user, action="muted", detail=name,
            now=now,
        )  # fmt: skip
    key = ("story", str(story)) if story is not None else ("topic", topic)
    return Reply(
        title=f"Muted {name} until {until:%d %b %Y %H:%M} UTC",
        text=f"{_capital(counted(ended, 'waiting message'))} of it will not be told. Corrections of it are "
        "not told here, either.",
        tone="done",
        buttons=(Button(label="Take back", command="mute", options=(key, ("time", "off"))),),
    )


def _muted(held: Sequence[mutes.Mute], context: Context) -> Reply:
    if not held:
        return Reply(title="Nothing is muted here", text="Name a story or a topic: /mute story:17 time:7d.")
    entries = tuple(
        Entry(
            title=f"Story #{row.story}"
            if row.story is not None
            else context.catalog.topic_names([TopicId(row.topic)])[0],
            facts=(f"until {row.until:%d %b %Y %H:%M} UTC",),
        )
        for row in held
    )
    return Reply(title="Muted here", entries=entries)


async def backtest(context: Context, request: Request) -> Reply:
    """What such a subscription would have told, by the code that tells."""
    now, days = context.clock(), parse_days(request.options.get("days", ""), most=90)
    topic, page = topic_asked(request, context.catalog), page_asked(request)
    fresh = Subscription(
        channel=request.channel, topic=topic.id if topic else ALL_TOPICS, created=now, created_by=request.user
    )
    subscription = replace(fresh, **subscription_options(request.options))
    async with context.database.reading() as conn:
        found = await tried(conn, context.catalog, subscription, since=now - timedelta(days=days), until=now)
    name = topic.name if topic else "every topic"
    span = "in the last 30 days" if days == _MONTH.days else f"in the last {counted(days, 'day')}"
    count = len(found.messages)
    shown = on_page(list(reversed(found.messages)), page, _ON_PAGE)
    settings = tuple(
        (key, value) for key, value in request.options.items() if key not in ("days", "page") and value
    )
    return Reply(
        title=f"These settings would have sent {counted(found.alerts, 'alert')} {span}",
        text=f"Topic: {name}. {_in_messages(found)}{_kept(found.kept)}",
        entries=tuple(_would(each) for each in shown),
        buttons=(
            *page_buttons(request, page, more=count > page * _ON_PAGE),
            *(
                (Button(label="Subscribe with these", command="subscribe", options=settings, style="main"),)
                if request.may_manage
                else ()
            ),
        ),
    )


def _in_messages(found: Backtest) -> str:
    digests = sum(1 for message in found.messages if message.digest)
    if not digests:
        return ""
    single = len(found.messages) - digests
    return f"In {counted(digests, 'digest')}" + (
        f" and {counted(single, 'message')} at once. " if single else ". "
    )


def _would(each: Would) -> Entry:
    first = each.entries[0]
    facts = (
        (f"{each.at:%d %b %Y %H:%M} UTC", each.reason) if each.reason else (f"{each.at:%d %b %Y %H:%M} UTC",)
    )
    if len(each.entries) == 1 and not each.digest:
        return Entry(
            title=first.title, url=first.url, grade=first.grade,
            facts=(first.publisher, first.grade.value, _EVENT_WORD[first.event], *facts, f"#{first.story}"),
        )  # fmt: skip
    lines = tuple(f"{entry.grade.value} · {entry.publisher} · {entry.title}" for entry in each.entries[:10])
    return Entry(title=f"Digest of {counted(len(each.entries), 'alert')}", facts=facts, lines=lines)


def _kept(kept: Counter[str]) -> str:
    if not kept:
        return "Nothing was kept back."
    return "Kept back: " + ", ".join(f"{number} because {what}" for what, number in kept.most_common()) + "."


async def feedback(context: Context, request: Request) -> Reply:
    """A press stores it; the command alone shows what was said and what that changed; ``undo`` takes a change back."""
    now = context.clock()
    alert, verdict = request.options.get("alert", ""), request.options.get("verdict", "")
    undo = request.options.get("undo", "").strip().lstrip("#")
    async with context.database.transaction() as tx:
        if undo:
            if not request.may_manage:
                raise UserError("Only people who may manage the channel can take a change back.")
            if not undo.isdecimal() or len(undo) > 12:
                raise UserError("undo: give the number of a change; /feedback lists them.")
            rule = await said.undo(
                tx, int(undo), server=request.server, channel=request.channel, person=request.user, now=now
            )
            return Reply(title=f"Change {rule.id} is taken back", text=rule.value, tone="done")
        if not alert:
            found = await said.tally(tx, server=request.server, channel=request.channel, since=now - _MONTH)
            return _tally(found)
        if not alert.isdecimal() or len(alert) > 12 or not verdict:
            raise UserError("Use the buttons under an alert.")
        if verdict == NO_VERDICT:
            return _taken_back(await words_of.take_back(tx, int(alert), request.channel, request.user))
        taken = await said.take(
            tx, alert=int(alert), channel=request.channel, server=request.server, person=request.user,
            verdict=verdict, now=now,
        )  # fmt: skip
    words = verdict.replace("-", " ")
    before = (
        f" Before, you had said: {taken.before.replace('-', ' ')}."
        if taken.before not in ("", verdict)
        else ""
    )
    options = (("alert", alert), ("verdict", NO_VERDICT))
    return Reply(
        title=f"Noted: {words}",
        text=f"{before} {taken.effect}".strip(),
        tone="done",
        buttons=(Button(label="Take back", command="feedback", options=options),),
    )


def _taken_back(word: str) -> Reply:
    if not word:
        return Reply(title="You had said nothing of that alert here", tone="error")
    return Reply(
        title=f"Taken back: {word.replace('-', ' ')}",
        text="A change that came of it stays until somebody takes that back: /feedback lists them.",
        tone="done",
    )


def _tally(found: said.FeedbackTally) -> Reply:
    text = f"In 30 days: {found.useful} useful, {found.noise} noise, {found.wrong} wrong story."
    if found.rules:
        text += f" /feedback undo:{found.rules[0].id} takes change {found.rules[0].id} back."
    entries = [
        Entry(
            title=f"Change {rule.id}: {rule.value}",
            facts=(rule.kind.replace("-", " "), f"since {rule.at:%d %b %Y}"),
            text=rule.cause,
        )
        for rule in found.rules
    ]
    for story, number in found.wrong_stories:
        people = "1 person says" if number == 1 else f"{number} people say"
        entries.append(
            Entry(title=f"Story #{story}", text=f"{people} that alerts of it belong to another story.")
        )
    return Reply(title="Feedback", text=text, entries=tuple(entries))


async def digest_now(context: Context, request: Request) -> Reply:
    async with context.database.transaction() as tx:
        waiting = await on_request.digest_now(tx, request.channel, now=context.clock())
    if not waiting:
        return Reply(title="Nothing waits for a digest here", tone="info")
    context.services.wake()
    return Reply(title=f"The digest comes now, with {counted(waiting, 'alert')}", tone="done")


async def test(context: Context, request: Request) -> Reply:
    async with context.database.transaction() as tx:
        await on_request.add_sample(tx, request.channel, now=context.clock())
    context.services.wake()
    return Reply(
        title="A sample alert is on its way to this channel",
        text="If it does not come, Tipoff may not write here: tipoff doctor says what is missing.",
        tone="done",
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
