"""The commands that only ask: nothing is changed by them."""

from bot.errors import UserError
from bot.judgement.canonical import canonical_url
from bot.judgement.claims_names import names_in
from bot.judgement.claims_references import references
from bot.judgement.text import fold
from bot.model import StoryId
from handlers import answers
from handlers.benchmarks import MOST_ROWS
from handlers.benchmarks import benchmarks as benchmarks_reply
from handlers.benchmarks import licences as licences_reply
from handlers.context import Context
from handlers.options import parse_count, topic_asked
from handlers.replies import Reply
from handlers.requests import Request
from handlers.specs import COMMANDS
from handlers.why import MOST_ITEMS
from handlers.why import why as why_reply
from storage import (
    claims,
    corrections,
    deadlines,
    health,
    history,
    hot,
    items,
    sources,
    stories,
    subscriptions,
)
from storage.database import Connection


async def latest(context: Context, request: Request) -> Reply:
    topic = topic_asked(request, context.catalog)
    count = parse_count(request.options.get("count", ""))
    async with context.database.reading() as conn:
        found = await stories.latest(conn, topic=topic.id if topic else None, limit=count)
    title = f"Newest: {topic.name}" if topic else "Newest stories"
    return answers.story_list(
        title, found, context.catalog, empty="Nothing yet. Sources are still being read."
    )


async def search(context: Context, request: Request) -> Reply:
    topic = topic_asked(request, context.catalog)
    text = request.options.get("text", "").strip()
    if not text:
        raise UserError("Say what to look for, for example: search ascend 950.")
    async with context.database.reading() as conn:
        found = await stories.search(conn, text=text, topic=topic.id if topic else None, limit=10)
    return answers.story_list(
        f"Found for “{text}”", found, context.catalog, empty="No story has these words."
    )


async def status(context: Context, request: Request) -> Reply:
    now = context.clock()
    async with context.database.reading() as conn:
        given = await stories.watch_answers(conn)
        states = await sources.states(conn)
        now_hot = await hot.hot_topics(conn, now=now)
        due = await deadlines.open_deadlines(conn)
    return answers.status(given, states, context.catalog, hot=now_hot, due=due, now=now)


async def topics(context: Context, request: Request) -> Reply:
    async with context.database.reading() as conn:
        counts = await stories.story_counts(conn, since=context.clock() - answers.WEEK)
        held = {row.topic for row in await subscriptions.of_channel(conn, request.channel)}
    return answers.topic_list(context.catalog, counts, held)


async def sources_(context: Context, request: Request) -> Reply:
    topic = topic_asked(request, context.catalog)
    now = context.clock()
    async with context.database.reading() as conn:
        states = await sources.states(conn)
        brought = await health.activity(conn, since=now - answers.WEEK)
    return answers.source_list(states, brought, topic, now=now)


async def why(context: Context, request: Request) -> Reply:
    wanted = request.options.get("story", "").strip().lstrip("#")
    async with context.database.reading() as conn:
        number = await _story_number(conn, wanted)
        story = await stories.story(conn, number)
        if story is None:
            raise UserError(f"There is no story {number}.")
        shown = await items.items_of_story(conn, number, limit=MOST_ITEMS)
        told = await history.told(conn, number)
        put_right = await corrections.of_story(conn, number)
    return why_reply(story, shown, told, context.catalog, put_right)


async def benchmarks(context: Context, request: Request) -> Reply:
    subject = subject_named(request.options.get("subject", ""))
    async with context.database.reading() as conn:
        told = await claims.claims_about(conn, subject, limit=MOST_ROWS)
    return benchmarks_reply(subject, told, references())


async def licences(context: Context, request: Request) -> Reply:
    subject = " ".join(request.options.get("subject", "").split())[:100]
    async with context.database.reading() as conn:
        told = await claims.licences_about(conn, subject, limit=MOST_ROWS)
    return licences_reply(subject, told)


async def help_(context: Context, request: Request) -> Reply:
    return answers.help_text(COMMANDS)


async def _story_number(conn: Connection, wanted: str) -> StoryId:
    if wanted.isdecimal() and len(wanted) < 12:
        return await corrections.current_story(conn, StoryId(int(wanted)))
    if not wanted.startswith(("http://", "https://")):
        raise UserError("Give a story's number (it stands in every alert) or the link of an article.")
    item = await items.item_by_url(conn, canonical_url(wanted))
    if item is None:
        raise UserError("No source that Tipoff reads has shown this link.")
    return item.story


def subject_named(text: str) -> str:
    """What a person typed as claims write it: ``昇腾950pr`` and ``950PR`` are ``Ascend 950PR``."""
    typed = " ".join(text.split())[:100]
    names = names_in(fold(typed))
    return names[0].text if len(names) == 1 and names[0].kind != "benchmark" else typed
