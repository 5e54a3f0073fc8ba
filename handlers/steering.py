"""The commands that change what a channel is told, or what was told."""

from dataclasses import replace
from datetime import timedelta

from bot.errors import UserError
from bot.model import ALL_TOPICS
from handlers import answers
from handlers.context import Context
from handlers.corrections import correct as correct_reply
from handlers.options import parse_span, subscription_options, topic_asked
from handlers.replies import Reply
from handlers.requests import Request
from storage import hot as hot_topics
from storage import subscriptions as stored
from storage.database import judge_lock
from storage.subscriptions import Subscription


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
        subscription = replace(held or fresh, **changes)
        outcome = await stored.subscribe(tx, subscription)
    return answers.subscribed(subscription, topic, outcome)


async def unsubscribe(context: Context, request: Request) -> Reply:
    topic = topic_asked(request, context.catalog)
    async with context.database.transaction() as tx:
        removed = await stored.unsubscribe(tx, request.channel, topic.id if topic else None)
    return answers.unsubscribed(removed, topic)


async def subscriptions(context: Context, request: Request) -> Reply:
    async with context.database.reading() as conn:
        held = await stored.of_channel(conn, request.channel)
    return answers.subscription_list(held, context.catalog)


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
