"""An address given in chat is tried before it is taken, and never a private one unless whoever runs Tipoff says so."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from bot.flow.examine import take
from bot.intake.fetch import open_fetcher
from bot.model import ChannelKey
from handlers.commands import Commands
from handlers.context import Services
from handlers.replies import Reply
from handlers.requests import Request
from storage import sources
from storage.audit import of_server
from storage.database import Database, open_database
from storage.servers import ChannelFacts, note_channel
from tests.builders import NOW, a_catalog, a_topic
from tests.feed_server import FeedServer, feed_server

HERE, ELSEWHERE = ChannelKey("discord:7"), ChannelKey("discord:8")
CATALOG = a_catalog(sources=(), topics=(a_topic(),))


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(f"sqlite+aiosqlite:///{tmp_path}/t.db") as opened:
        async with opened.transaction() as tx:
            await note_channel(tx, HERE, ChannelFacts(server="discord:1", kind="text"))
            await note_channel(tx, ELSEWHERE, ChannelFacts(server="discord:2", kind="text"))
        yield opened


@pytest.fixture
async def web() -> AsyncIterator[FeedServer]:
    async with feed_server() as opened:
        yield opened


@pytest.fixture
def asks(database: Database):
    async def ask(
        command: str,
        *,
        channel: ChannelKey = HERE,
        server: str = "discord:1",
        allowed: bool = True,
        **options: str,
    ) -> Reply:
        async with open_fetcher(contact="", allow_private=allowed) as fetcher:
            services = Services(
                take_source=partial(take, fetcher=fetcher, clock=lambda: NOW), private_addresses=allowed
            )
            commands = Commands(database, CATALOG, clock=lambda: NOW, services=services)
            return await commands.answer(
                Request(
                    command=command, options=options, channel=channel, user="discord:5", may_manage=True,
                    server=server, place="text",
                )
            )  # fmt: skip

    return ask


def feed(title: str = "Chip Daily") -> str:
    entries = "".join(
        f"<item><title>News {n}</title><link>https://chips.example/{n}</link><guid>{n}</guid></item>"
        for n in range(3)
    )
    return f"<rss version='2.0'><channel><title>{title}</title>{entries}</channel></rss>"


async def given(database: Database) -> list[str]:
    async with database.reading() as conn:
        return [state.source.url for state in await sources.states(conn)]


async def test_a_feed_is_tried_taken_noted_and_taken_back(asks, web: FeedServer, database: Database) -> None:
    url = web.show("/feed.xml", feed())
    added = await asks("source add", url=url, topic="deepseek-v4")
    assert added.tone == "done", added.text
    assert "3 entries" in added.text
    assert await given(database) == [url]
    async with database.reading() as conn:
        (noted,) = await of_server(conn, "discord:1", HERE, limit=5)
    assert (noted.action, noted.detail, noted.made_by) == ("source added", url, "discord:5")
    assert "read already" in (await asks("source add", url=url)).title
    (button,) = added.buttons
    assert (await asks(button.command, **dict(button.options))).tone == "done"
    assert await given(database) == []


async def test_what_cannot_be_read_is_not_taken(asks, web: FeedServer, database: Database) -> None:
    for url in (
        web.show("/broken.xml", status=500),
        web.url("/nothing"),
        "ftp://chips.example/",
        "not an address",
    ):
        refused = await asks("source add", url=url)
        assert refused.tone == "error", url
        assert refused.text
    assert await given(database) == []


async def test_nobody_in_chat_looks_into_the_own_network(asks, web: FeedServer, database: Database) -> None:
    url = web.show("/feed.xml", feed())
    refused = await asks("source add", url=url, allowed=False)
    assert "private address" in refused.text
    assert web.seen == []
    for inside in ("http://169.254.169.254/latest", "http://0xA9FEA9FE/", "http://[::ffff:169.254.169.254]/"):
        assert (await asks("source add", url=inside)).tone == "error"
    assert await given(database) == []


async def test_only_the_server_that_gave_it_takes_it_away(asks, web: FeedServer, database: Database) -> None:
    url = web.show("/feed.xml", feed())
    await asks("source add", url=url)
    refused = await asks("source remove", channel=ELSEWHERE, server="discord:2", source=url)
    assert "nothing of that name was added here" in refused.text
    assert await given(database) == [url]


async def test_a_server_may_add_only_so_many(asks, web: FeedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handlers.sourcing.MOST_GIVEN", 1)
    await asks("source add", url=web.show("/a.xml", feed("A")))
    refused = await asks("source add", url=web.show("/b.xml", feed("B")))
    assert "that is the most" in refused.text
    elsewhere = await asks("source add", channel=ELSEWHERE, server="discord:2", url=web.url("/b.xml"))
    assert elsewhere.tone == "done"
