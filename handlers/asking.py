"""The commands that only ask: nothing is changed by them."""

from collections.abc import Sequence
from dataclasses import replace

from bot.delivery.fate import fate
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
from handlers.fates import fate_reply
from handlers.helping import help_about, help_text
from handlers.options import parse_count, topic_asked
from handlers.paging import on_page, page_asked, page_buttons
from handlers.replies import Reply, Select
from handlers.requests import Request
from handlers.specs import COMMANDS, SPECS
from handlers.story import MOST_READ, story_page
from handlers.why import MOST_ITEMS
from handlers.why import why as why_reply
from storage import (
    claims,
    corrections,
    deadlines,
    feedback,
    health,
    history,
    hot,
    items,
    sources,
    stories,
    subscriptions,
)
from storage.corrections import Correction
from storage.database import Connection
from storage.glances import glances
from storage.history import Told
from storage.items import ItemRow
from storage.stories import Story

_FOUND_ON_PAGE = 10
_SOURCES_ON_PAGE = 12


async def latest(context: Context, request: Request) -> Reply:
    topic = topic_asked(request, context.catalog)
    count, page = parse_count(request.options.get("count", "")), page_asked(request)
    async with context.database.reading() as conn:
        found = await stories.latest(conn, topic=topic.id if topic else None, limit=count * page + 1)
    title = f"Newest: {topic.name}" if topic else "Newest stories"
    return _story_pages(
        context, request, title, found, page, count, empty="Nothing yet. Sources are still being read."
    )


async def search(context: Context, request: Request) -> Reply:
    topic = topic_asked(request, context.catalog)
    text, page = request.options.get("text", "").strip(), page_asked(request)
    if not text:
        raise UserError("Say what to look for, for example: search ascend 950.")
    size = _FOUND_ON_PAGE
    async with context.database.reading() as conn:
        found = await stories.search(
            conn, text=text, topic=topic.id if topic else None, limit=size * page + 1
        )
    return _story_pages(
        context, request, f"Found for “{text}”", found, page, size, empty="No story has these words."
    )


def _story_pages(
    context: Context,
    request: Request,
    title: str,
    found: Sequence[Story],
    page: int,
    size: int,
    *,
    empty: str,
) -> Reply:
    shown = on_page(found, page, size)
    reply = answers.story_list(title, shown, context.catalog, empty=empty if page == 1 else "No more.")
    choices = tuple((str(story.id), f"#{story.id} {story.title}") for story in shown)
    return replace(
        reply,
        buttons=page_buttons(request, page, more=len(found) > size * page),
        selects=(Select(hint="More about a story", command="story", option="story", choices=choices),)
        if choices
        else (),
    )


async def status(context: Context, request: Request) -> Reply:
    now = context.clock()
    async with context.database.reading() as conn:
        given = await stories.watch_answers(conn)
        states = await glances(conn)
        now_hot = await hot.hot_topics(conn, now=now)
        due = await deadlines.open_deadlines(conn)
        # Whoever runs Tipoff sees what all say, a server its own.
        whose = (request.server or str(request.channel)) if request.in_chat else ""
        said = await feedback.counts(conn, since=now - answers.MONTH, server=whose)
        wrong = await feedback.wrong_stories(conn, since=now - answers.MONTH, server=whose)
    reply = answers.status(given, states, context.catalog, hot=now_hot, due=due, now=now)
    return replace(reply, text=reply.text + answers.feedback_line(said, wrong))


async def topics(context: Context, request: Request) -> Reply:
    async with context.database.reading() as conn:
        counts = await stories.story_counts(conn, since=context.clock() - answers.WEEK)
        held = {row.topic for row in await subscriptions.of_channel(conn, request.channel)}
    return answers.topic_list(context.catalog, counts, held)


async def sources_(context: Context, request: Request) -> Reply:
    topic, page = topic_asked(request, context.catalog), page_asked(request)
    now = context.clock()
    async with context.database.reading() as conn:
        asked = [one for one in await glances(conn) if topic is None or one.may_tell_of(topic.id)]
        ordered = answers.worst_first(asked, now)
        scrolls = not request.in_chat  # a terminal needs no pages
        ids = [one.id for one in (ordered if scrolls else on_page(ordered, page, _SOURCES_ON_PAGE))]
        by_id = {state.source.id: state for state in await sources.of_ids(conn, ids)}
        brought = await health.activity(conn, since=now - answers.WEEK, ids=None if scrolls else ids)
    shown = [by_id[each] for each in ids if each in by_id]
    reply = answers.source_list(asked, shown, brought, topic, now=now)
    if scrolls:
        return reply
    return replace(reply, buttons=page_buttons(request, page, more=len(asked) > page * _SOURCES_ON_PAGE))


async def why(context: Context, request: Request) -> Reply:
    """Of a story: who says so, item by item. Of a link: what became of it, as seen from this channel."""
    wanted = request.options.get("story", "").strip().strip("<>")
    if wanted.startswith(("http://", "https://")):
        async with context.database.reading() as conn:
            became = await fate(conn, context.catalog, wanted, channel=request.channel)
        return fate_reply(became, context.catalog)
    found, shown, told, put_right = await _known_of(context, request, most=MOST_ITEMS)
    return why_reply(found, shown, told, context.catalog, put_right)


async def story(context: Context, request: Request) -> Reply:
    found, shown, told, put_right = await _known_of(context, request, most=MOST_READ)
    return story_page(found, shown, told, context.catalog, put_right)


async def _known_of(
    context: Context, request: Request, *, most: int
) -> tuple[Story, list[ItemRow], list[Told], list[Correction]]:
    """The story that is named, with at most so many of its items, its alerts, and what was put right."""
    async with context.database.reading() as conn:
        found = await story_asked(conn, request)
        return (
            found,
            await items.items_of_story(conn, found.id, limit=most),
            await history.told(conn, found.id),
            await corrections.of_story(conn, found.id),
        )


async def story_asked(conn: Connection, request: Request) -> Story:
    """The story that the request names by number or link. Raises ``UserError``."""
    number = await _story_number(conn, request.options.get("story", "").strip().lstrip("#"))
    found = await stories.story(conn, number)
    if found is None:
        raise UserError(f"There is no story {number}.")
    return found


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
    """Of all commands, or of the one that is named."""
    wanted = " ".join(request.options.get("command", "").lower().removeprefix("/").split())
    if not wanted:
        return help_text(COMMANDS)
    spec = SPECS.get(wanted)
    if spec is not None:
        return help_about(spec)
    group = [spec for spec in COMMANDS if spec.name.startswith(f"{wanted} ")]
    if not group:
        raise UserError(f"There is no command {wanted[:40]!r}. There are: {', '.join(SPECS)}.")
    return help_text(group)


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
