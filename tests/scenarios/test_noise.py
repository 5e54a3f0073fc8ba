"""The real program when more happens than anybody wants to read."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.model import ChannelKey, utc_now
from storage import on_request
from storage.database import Database, open_database
from tests.scenarios.limits import set_limits
from tests.scenarios.news import News, open_news
from tests.scenarios.program import Program, eventually
from tests.standins import discord as discord_standin
from tests.standins.discord import DiscordServer, open_discord_server

CHANNEL = "1001"
KEY = ChannelKey(f"discord:{CHANNEL}")
STORIES = (
    "Surgeons in Lyon try DeepSeek V4 on patient letters",
    "Brussels regulator opens hearing about DeepSeek V4 privacy",
    "Zurich researchers describe DeepSeek V4 attention sparsity",
    "Kenyan newsroom translates archives with DeepSeek V4",
    "DeepSeek V4 plays chess against a grandmaster in Oslo",
    "DeepSeek V4 tokenizer found in a public bucket",
    "Farmers in Ohio ask DeepSeek V4 about soil moisture",
    "Lisbon opera house subtitles arias with DeepSeek V4",
    "Insurers in Seoul price typhoon damage with DeepSeek V4",
    "Prague library catalogues medieval maps using DeepSeek V4",
    "DeepSeek V4 drafts bus timetables for Montevideo",
    "Antarctic station runs DeepSeek V4 on solar power",
    "Cairo startup teaches DeepSeek V4 hieroglyphs",
)


@dataclass
class World:
    news: News
    discord: DiscordServer
    program: Program
    database: Database

    def shown(self, title: str) -> int:
        """In how many messages the title stands."""
        return sum(title in json.dumps(row) for row in self.discord.messages(CHANNEL))

    async def tell_now(self) -> int:
        async with self.database.transaction() as tx:
            return await on_request.digest_now(tx, KEY, now=utc_now())


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_news() as news, open_discord_server() as discord:
        (tmp_path / "catalog.toml").write_text(news.catalog("daily"), encoding="utf-8")
        discord.add_channel(CHANNEL)
        program = Program(tmp_path, DISCORD_TOKEN=discord_standin.TOKEN, DISCORD_API_URL=discord.url)
        await program.call("subscribe", KEY, "v4")
        await set_limits(program.env["TIPOFF_DATABASE_URL"], [KEY], burst=10)
        news.publish("daily", STORIES[0])
        await program.start()
        try:
            async with open_database(f"sqlite+aiosqlite:///{tmp_path}/tipoff.db", migrate=False) as database:
                yield World(news=news, discord=discord, program=program, database=database)
        finally:
            await program.stop()
            print(program.output[-8000:])  # shown when the test fails


async def test_a_burst_is_ten_messages_and_one_digest(world: World) -> None:
    await eventually(lambda: world.shown(STORIES[0]), what="the first story")
    for title in STORIES[1:]:
        world.news.publish("daily", title)
    await eventually(lambda: len(world.discord.messages(CHANNEL)) >= 10, what="ten alerts")
    await asyncio.sleep(2)  # an eleventh would have come by now
    told_singly = [title for title in STORIES if world.shown(title)]
    assert len(told_singly) == 10, "the hour's limit"
    assert await world.tell_now() == len(STORIES) - 10
    await eventually(lambda: all(world.shown(title) == 1 for title in STORIES), what="the digest")
    (digest,) = world.discord.messages(CHANNEL)[10:]
    assert "over its limit of alerts an hour" in json.dumps(digest)
