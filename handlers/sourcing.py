"""Addresses that people in chat give: tried before they are taken, and never a private one."""

from dataclasses import replace
from urllib.parse import urlsplit

from bot.errors import UserError
from bot.flow.examine import given_source
from bot.intake.guard import is_link_local, is_private_host
from bot.model import Source, TopicId
from handlers.answers import ago, counted
from handlers.context import Context
from handlers.options import topic_asked
from handlers.replies import Button, Reply
from handlers.requests import Request
from storage import audit, sources
from storage.database import Connection
from storage.given import at_address, given_there
from storage.subscriptions import ensure_channels

#: So many sources may the people of one server add.
MOST_GIVEN = 20
_MOST_CHARACTERS = 2000


async def add(context: Context, request: Request) -> Reply:
    """Try the address once; read it from then on."""
    topic = topic_asked(request, context.catalog)
    url = request.options["url"].strip().strip("<>")
    if len(url) > _MOST_CHARACTERS:
        raise UserError("url: that is too long for an address.")
    if context.services.take_source is None:
        raise UserError(
            "Addresses are tried by a running Tipoff: tipoff sources add does it from the terminal."
        )
    topics = (TopicId(topic.id),) if topic else ()
    asked = given_source(url, topics=topics, user_given=True)
    if context.services.private_addresses and is_private_host(urlsplit(asked.url).hostname or ""):
        asked = replace(
            asked, user_given=False
        )  # whoever runs Tipoff lets anybody name addresses in its network
    if is_link_local(urlsplit(asked.url).hostname or ""):
        raise UserError(f"{asked.url} is an address inside the machine's own network: it cannot be read.")
    async with context.database.reading() as conn:
        read_already = await at_address(conn, asked.url)
        given = await given_there(conn, request.server, request.channel)
    if read_already is not None:
        return _known(read_already)
    if len(given) >= MOST_GIVEN:
        raise UserError(
            f"source add: {MOST_GIVEN} sources were added here, and that is the most. "
            "/source remove makes room; whoever runs Tipoff can add more from the terminal."
        )
    found = await context.services.take_source(asked)
    source = found.source
    async with context.database.transaction() as tx:
        await ensure_channels(tx, [request.channel])
        added = await sources.add_given(tx, [source], by=str(request.channel), now=context.clock())
        if added:
            await _note(tx, context, request, "source added", source)
    if not added:
        return _known(source)
    facts = [counted(found.items, "entry")]
    if found.newest:
        facts.append(f"the newest {ago(found.newest, context.clock())}")
    every = f"{source.every.total_seconds() / 60:g} min"
    return Reply(
        title=f"Added {source.name}",
        text=f"{source.url}: {', '.join(facts)}. It is read every {every} for everybody who is told by this Tipoff; "
        "what it holds already is recorded, not told.",
        tone="done",
        buttons=(Button(label="Take back", command="source remove", options=(("source", source.id[:60]),)),),
    )


async def remove(context: Context, request: Request) -> Reply:
    """Only what the same server gave may be taken away there."""
    wanted = request.options["source"].strip()
    async with context.database.transaction() as tx:
        given = await given_there(tx, request.server, request.channel)
        found = [source for source in given if wanted in (source.id, source.url, source.name)]
        if not found:
            known = ", ".join(source.id for source in given[:10]) or "none"
            raise UserError(f"source remove: nothing of that name was added here. Added here: {known}.")
        if len(found) > 1:
            raise UserError(
                "source remove: several have that name; give the id: " + ", ".join(s.id for s in found)
            )
        await sources.remove_given(tx, found[0].id)
        await _note(tx, context, request, "source removed", found[0])
    return Reply(title=f"No longer read: {found[0].name}", text="What it brought stays.", tone="done")


async def _note(tx: Connection, context: Context, request: Request, action: str, source: Source) -> None:
    await audit.record(
        tx, server=request.server, channel=request.channel, made_by=request.user, action=action,
        detail=source.url, now=context.clock(),
    )  # fmt: skip


def _known(source: Source) -> Reply:
    return Reply(title=f"{source.name} is read already", text=source.url, tone="info")
