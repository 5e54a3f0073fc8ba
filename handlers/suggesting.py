"""What is offered while a person types an option."""

from zoneinfo import available_timezones

from bot.model import ALL_TOPICS, ChannelKey
from handlers.context import Context
from handlers.specs import COMMANDS
from storage import stories, subscriptions
from storage.given import given_there

#: Both platforms show no more.
MOST = 25

Pair = tuple[str, str]


async def suggest(
    context: Context, kind: str, typed: str, channel: ChannelKey, server: str = ""
) -> list[Pair]:
    """Up to 25 ``(value, label)`` pairs that hold what was typed."""
    wanted = typed.casefold().strip()
    pairs = await _pairs(context, kind, channel, server)
    return [pair for pair in pairs if any(wanted in text.casefold() for text in pair)][:MOST]


async def _pairs(context: Context, kind: str, channel: ChannelKey, server: str) -> list[Pair]:
    match kind:
        case "topic" | "subscribed-topic":
            return await _topics(context, channel if kind == "subscribed-topic" else None)
        case "story":
            async with context.database.reading() as conn:
                found = await stories.latest(conn, topic=None, limit=100)
            return [(str(story.id), f"{story.id}: {story.title}") for story in found]
        case "given-source":
            async with context.database.reading() as conn:
                given = await given_there(conn, server, channel)
            return [(source.id, f"{source.name} ({source.url})") for source in given]
        case "command":
            return [(spec.name, f"/{spec.name}: {spec.description}") for spec in COMMANDS]
        case "zone":
            return [(zone, zone) for zone in sorted(available_timezones()) if "/" in zone or zone == "UTC"]
    return []


async def _topics(context: Context, channel: ChannelKey | None) -> list[Pair]:
    pairs = [(str(topic.id), topic.name) for topic in context.catalog.topics]
    if channel is not None:
        async with context.database.reading() as conn:
            held = {row.topic for row in await subscriptions.of_channel(conn, channel)}
        pairs = [pair for pair in pairs if pair[0] in held]
    return [*pairs, (str(ALL_TOPICS), "Every topic")]
