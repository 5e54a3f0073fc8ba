"""The local page over a real socket."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot.errors import ConfigError
from handlers.commands import Commands
from handlers.web.pages import build_app
from handlers.web.server import bind, serve
from storage import items, sources
from storage.database import open_database
from tests.builders import NOW, a_catalog, a_source, a_verdict

EVIL = "DeepSeek V4 <script>alert(1)</script>"


@pytest.fixture
async def page(tmp_path: Path) -> AsyncIterator[str]:
    async with open_database(f"sqlite+aiosqlite:///{tmp_path}/t.db") as database:
        async with database.transaction() as tx:
            await sources.sync_catalog(tx, [a_source()], now=NOW)
            await items.add_verdicts(tx, [a_verdict(item={"title": EVIL})])
        bound = bind("127.0.0.1", 0)
        app = build_app(Commands(database, a_catalog(), clock=lambda: NOW), clock=lambda: NOW, slack=None)
        stop = asyncio.Event()
        serving = asyncio.ensure_future(serve(app, bound, stop))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        stop.set()
        await serving


async def test_the_page_shows_stories_and_escapes_what_came_from_outside(page: str) -> None:
    async with aiohttp.ClientSession() as session, session.get(page) as answer:
        text = await answer.text()
        assert answer.status == 200
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "&lt;script&gt;alert(1)" in text
    assert "<script>" not in text
    assert "Reuters" in text


async def test_health_counts(page: str) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{page}/healthz") as answer:
        assert await answer.json() == {"status": "ok", "sources": 1, "failing": 0, "deliveries_waiting": 0}


async def test_an_unknown_topic_and_path_do_no_harm(page: str) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{page}/?topic=nonsense") as answer:
            assert answer.status == 200
        async with session.post(f"{page}/slack/events") as answer:
            assert answer.status == 404


def test_a_taken_address_names_the_setting() -> None:
    first = bind("127.0.0.1", 0)
    try:
        first.listen()
        with pytest.raises(ConfigError, match="TIPOFF_WEB_BIND: cannot listen on"):
            bind("127.0.0.1", first.getsockname()[1])
    finally:
        first.close()
