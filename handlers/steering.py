"""The commands that change what a channel is told, or what was told."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.delivery.filters import refusal
from bot.delivery.replanning import replan, withdraw_unwanted
from bot.errors import UserError
from bot.model import ALL_TOPICS
from handlers import answers
from handlers.context import Context
from handlers.corrections import correct as correct_reply
from handlers.options import parse_span, subscription_options, topic_asked, with_digest_times
from handlers.replies import Button, Reply
from handlers.requests import Request
from storage import audit
from storage import hot as hot_topics
from storage import subscriptions as stored
from storage.database import judge_lock
from storage.stories import Story, latest
from storage.subscriptions import Subscription

_PREVIEW = 3


async def subscribe(context: Context, request: Request) -> Reply:
    topic = topic_asked(request, context.catalog)
    wanted = topic.id if topic else ALL_TOPICS
    changes = subscription_options(request.options)
    async with context.database.transaction() as tx:
        held = next((s for s in await stored.of_channel(tx, request.channel) if s.topic == wanted), None)
        fresh = Subscription(
            channel=request.channel, topic=wanted, created=context.clock(), created_by=request.user
        )
        # What is not said stays as it is.
        subscription = with_digest_times(replace(held or fresh, **changes), request.options)
        if request.in_chat and (reason := refusal(subscription)):
            raise UserError(f"subscribe: {reason}")
        outcome = await stored.subscribe(tx, subscription)
        freed = ended = 0
        if outcome != "unchanged":
            ended = await withdraw_unwanted(tx, request.channel, now=context.clock())
            freed = await replan(tx, request.channel, now=context.clock())
            await audit.record(
                tx, server=request.server, channel=request.channel, made_by=request.user,
                action="subscribed" if outcome == "created" else "subscription changed",
                detail=_asked(wanted, request.options), now=context.clock(),
            )  # fmt: skip
        preview = await latest(
            tx, topic=topic.id if topic else None, limit=_PREVIEW, min_grade=subscription.min_grade
        )
    reply = _with_withdrawn(answers.subscribed(subscription, topic, outcome), ended)
    if freed:
        context.services.wake()
        reply = replace(reply, text=f"{reply.text} {answers.counted(freed, 'alert')} that waited: told now.")
    return _with_preview(reply, context, request, wanted, preview)


def _with_withdrawn(reply: Reply, ended: int) -> Reply:
    if not ended:
        return reply
    told = f"{answers.counted(ended, 'alert')} that waited will not be told."
    return replace(reply, text=f"{reply.text} {told}".strip())


def _asked(topic: str, options: dict[str, str]) -> str:
    """What was typed, for whoever looks up later who did it."""
    named = (f"{name}={value}" for name, value in options.items() if value and name != "topic")
    return " ".join((topic, *named))


def _with_preview(
    reply: Reply, context: Context, request: Request, topic: str, preview: Sequence[Story]
) -> Reply:
    """The last few stories, so that people see what will come, and the ways on from here."""
    if not request.in_chat:
        return reply
    shown = answers.story_list("", preview, context.catalog, empty="").entries
    text = reply.text + (" The last few stories:" if shown else " Nothing was read about it yet.")
    about = (("topic", topic),)
    return replace(
        reply,
        text=text,
        entries=shown,
        buttons=(
            Button(label="What would 30 days have brought?", command="backtest", options=about),
            Button(label="Change", command="subscribe", options=about, form=True),
            Button(label="Send a sample", command="test"),
        ),
    )


async def unsubscribe(context: Context, request: Request) -> Reply:
    topic = topic_asked(request, context.catalog)
    async with context.database.transaction() as tx:
        removed = await stored.unsubscribe(tx, request.channel, topic.id if topic else None)
        for row in removed:
            await audit.record(
                tx, server=request.server, channel=request.channel, made_by=request.user, action="unsubscribed",
                detail=row.topic, now=context.clock(),
            )  # fmt: skip
        ended = await withdraw_unwanted(tx, request.channel, now=context.clock()) if removed else 0
    return _with_withdrawn(answers.unsubscribed(removed, topic), ended)


async def subscriptions(context: Context, request: Request) -> Reply:
    async with context.database.reading() as conn:
        held = await stored.of_channel(conn, request.channel)
        channel = await stored.channel(conn, request.channel)
    reply = answers.subscription_list(held, context.catalog)
    if held and channel is not None and not channel.active:
        since = answers.ago(channel.gone_at, context.clock())
        reply = replace(
            reply, text=f"They rest: {channel.reason} ({since}). When that is mended, subscribe again."
        )
    buttons = [
        Button(label="Change", command="subscribe", options=(("topic", row.topic),), form=True)
        for row in held[:1]
        if len(held) == 1
    ]
    if request.may_manage:
        buttons.append(Button(label="Settings of this channel", command="settings"))
    return replace(reply, buttons=tuple(buttons))


async def hot(context: Context, request: Request) -> Reply:
    topic = topic_asked(request, context.catalog)
    if topic is None:
        raise UserError("hot: name one topic; not every one can be urgent.")
    wanted = request.options.get("time", "").strip() or "1d"
    now = context.clock()
    async with context.database.transaction() as tx:
        if wanted == "off":
            return answers.cooled(topic, was_hot=await hot_topics.cool(tx, topic.id))
        until = now + parse_span(wanted, at_least=timedelta(hours=1), at_most=timedelta(days=14))
        asked = await hot_topics.heat(tx, topic.id, until=until, by=request.user, now=now)
    return answers.heated(topic, until, asked)


async def correct(context: Context, request: Request) -> Reply:
    async with context.database.transaction() as tx:
        await judge_lock(tx)
        return await correct_reply(tx, context.catalog, request, now=context.clock())
