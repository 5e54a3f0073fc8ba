"""The whole program as a subprocess, with Discord and Slack stood in for: told once, asked and answered, killed and
started again, nothing lost and nothing doubled."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from tests.database.postgres import PostgresServer
from tests.scenarios.news import News, open_news
from tests.scenarios.program import Program, eventually
from tests.standins import discord as discord_standin
from tests.standins import slack_workspace as slack_standin
from tests.standins.discord import DiscordServer, open_discord_server
from tests.standins.slack import SlackStandin, open_slack_standin

DISCORD, SECOND = "1001", "1002"
SLACK = "C0NEWS"


@dataclass
class World:
    news: News
    discord: DiscordServer
    slack: SlackStandin
    program: Program

    def on_discord(self, words: str, channel: str = DISCORD) -> list[str]:
        return [text for message in self.discord.messages(channel) if words in (text := str(message))]

    def on_slack(self, words: str, channel: str = SLACK) -> list[str]:
        return [text for message in self.slack.messages(channel) if words in (text := str(message))]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_news() as news, open_discord_server() as discord, open_slack_standin() as slack:
        news.publish("daily", "DeepSeek V4 rumours of the winter")
        (tmp_path / "catalog.toml").write_text(news.catalog("daily", "wire"), encoding="utf-8")
        discord.add_channel(DISCORD)
        discord.add_channel(SECOND)
        slack.set_channel(SLACK, creator="U1")
        program = Program(
            tmp_path,
            forked=False,
            DISCORD_TOKEN=discord_standin.TOKEN,
            DISCORD_API_URL=discord.url,
            SLACK_BOT_TOKEN=slack_standin.BOT_TOKEN,
            SLACK_APP_TOKEN=slack_standin.APP_TOKEN,
            SLACK_API_URL=slack.url,
        )
        await program.call("subscribe", f"discord:{DISCORD}", "v4")
        await program.call("subscribe", f"slack:{slack_standin.TEAM}/{SLACK}", "v4")
        await program.start()
        try:
            yield World(news=news, discord=discord, slack=slack, program=program)
        finally:
            await program.stop()
            print(program.output[-8000:])  # shown when the test fails
        assert not discord.violations, discord.violations
        assert not discord.pings, discord.pings


async def test_from_the_first_start_to_a_kill_and_back(world: World) -> None:
    await eventually(lambda: world.on_discord("of the winter"), what="the newest story at the first start")
    await eventually(lambda: world.on_slack("of the winter"))
    assert "of the winter" in world.program.output, "the terminal is told too"

    world.news.publish("daily", "DeepSeek V4 weights appear on a server in Hangzhou <@1> @everyone")
    await eventually(lambda: world.on_discord("Hangzhou") and world.on_slack("Hangzhou"))
    world.news.publish("wire", "DeepSeek V4 weights appear on a server in Hangzhou")

    answer = await world.discord.slash("subscribe", {"topic": "v4"}, channel_id=SECOND)
    assert answer.ephemeral
    assert "Subscribed to DeepSeek V4" in answer.text
    refused = await world.discord.slash("subscribe", {"topic": "v4"}, channel_id=SECOND, permissions=())
    assert "manage the channel" in refused.text
    reply = await world.slack.slash("/tipoff", "latest v4", channel_id=SLACK)
    assert "Hangzhou" in str(reply)

    world.news.publish("daily", "Benchmarks of Kunlun accelerators beside DeepSeek V4 leak from Beijing lab")
    for channel in (DISCORD, SECOND):
        await eventually(lambda channel=channel: world.on_discord("Kunlun", channel))  # type: ignore[misc]
    await eventually(lambda: world.on_slack("Kunlun"))

    await world.program.kill()
    world.news.publish("daily", "Regulator opens hearing about DeepSeek V4 pricing in Brussels")
    await world.program.start()
    for channel in (DISCORD, SECOND):
        await eventually(lambda channel=channel: world.on_discord("Brussels", channel))  # type: ignore[misc]
    await eventually(lambda: world.on_slack("Brussels"))
    await asyncio.sleep(2.5)  # two more polls: whatever would be doubled has its chance

    for words in ("of the winter", "Hangzhou", "Kunlun", "Brussels"):
        assert len(world.on_discord(words)) == 1, words
        assert len(world.on_slack(words)) == 1, words
    assert not world.on_discord("Hangzhou", SECOND), "what was told before a subscription is not told again"
    assert await world.program.stop() == 0


async def test_a_kill_while_discord_swallows_the_answer_doubles_nothing(world: World) -> None:
    await eventually(lambda: world.on_discord("of the winter") and world.on_slack("of the winter"))
    world.discord.fail(accept=True, hang=True)
    world.news.publish("daily", "DeepSeek V4 tokenizer found in a public bucket")
    await eventually(
        lambda: world.on_discord("tokenizer"), what="accepted by Discord, the answer never given"
    )
    await eventually(lambda: world.on_slack("tokenizer"), what="Slack does not wait for Discord")
    await world.program.kill()
    world.discord.nonce_window_s = 0  # Discord has forgotten the nonce by now
    await world.program.start()
    await eventually(lambda: world.discord.gateway is not None)
    world.news.publish("daily", "Researchers describe DeepSeek V4 attention sparsity in Zurich")
    await eventually(lambda: world.on_discord("Zurich"), what="the channel goes on after the uncertain one")
    assert len(world.on_discord("tokenizer")) == 1


async def test_sources_that_are_away_are_said_once_and_come_back(tmp_path: Path) -> None:
    async with open_news() as news:
        news.down = True
        news.publish("daily", "DeepSeek V4 note")
        (tmp_path / "catalog.toml").write_text(news.catalog("daily"), encoding="utf-8")
        program = await Program(tmp_path).start()
        await eventually(lambda: "tipoff demo" in program.output, what="one line that names the demo")
        news.down = False
        await eventually(lambda: "DeepSeek V4 note" in program.output)
        assert program.output.count("No source could be reached") == 1
        assert await program.stop() == 0


async def test_a_second_run_on_one_database_is_refused(tmp_path: Path) -> None:
    async with open_news() as news:
        (tmp_path / "catalog.toml").write_text(news.catalog("daily"), encoding="utf-8")
        first = await Program(tmp_path).start()
        await eventually(lambda: news.asked)
        second = await Program(tmp_path).start()
        assert await second.ended() == 2
        assert re.search(r"tipoff: TIPOFF_DATABASE_URL: another tipoff run has .* open", second.output)
        assert await first.stop() == 0


async def test_a_wrong_discord_token_ends_only_discord(tmp_path: Path) -> None:
    async with open_news() as news, open_discord_server() as discord:
        news.publish("daily", "DeepSeek V4 note")
        (tmp_path / "catalog.toml").write_text(news.catalog("daily"), encoding="utf-8")
        program = await Program(tmp_path, DISCORD_TOKEN="wrong.token", DISCORD_API_URL=discord.url).start()
        await eventually(lambda: "Discord is off" in program.output and "DeepSeek V4 note" in program.output)
        assert "wrong.token" not in program.output
        assert await program.stop() == 0


async def test_the_same_on_postgresql(tmp_path: Path, postgres_server: PostgresServer) -> None:
    async with open_news() as news, open_discord_server() as discord:
        discord.add_channel(DISCORD)
        news.publish("daily", "DeepSeek V4 note of the morning")
        (tmp_path / "catalog.toml").write_text(news.catalog("daily"), encoding="utf-8")
        program = Program(
            tmp_path,
            TIPOFF_DATABASE_URL=postgres_server.new_database(),
            DISCORD_TOKEN=discord_standin.TOKEN,
            DISCORD_API_URL=discord.url,
        )
        await program.call("subscribe", f"discord:{DISCORD}", "v4", "--min-grade", "report")
        await program.start()
        await eventually(lambda: discord.messages(DISCORD))
        await program.kill()
        news.publish("daily", "Surgeons in Lyon try DeepSeek V4 on patient letters")
        await program.start()
        # Killed between Discord's answer and its record, the claim of the dead process has to run out first: on
        # PostgreSQL nobody can know that it is dead.
        await eventually(lambda: len(discord.messages(DISCORD)) == 2, within_s=70)
        assert "note of the morning" in await program.call("latest", "--topic", "v4")
        assert await program.stop() == 0
        assert len(discord.messages(DISCORD)) == 2


async def test_slack_over_http_beside_the_page(tmp_path: Path) -> None:
    async with open_news() as news, open_slack_standin() as slack:
        news.publish("daily", "DeepSeek V4 note of the evening")
        slack.make_admin("U1")
        (tmp_path / "catalog.toml").write_text(news.catalog("daily"), encoding="utf-8")
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        program = Program(
            tmp_path,
            TIPOFF_WEB_BIND=f"127.0.0.1:{port}",
            SLACK_BOT_TOKEN=slack_standin.BOT_TOKEN,
            SLACK_SIGNING_SECRET=slack_standin.SIGNING_SECRET,
            SLACK_API_URL=slack.url,
        )
        await program.start()
        events = f"http://127.0.0.1:{port}/slack/events"
        await eventually(lambda: "platform_connected" in program.output and "evening" in program.output)
        status, reply = await slack.slash_http(events, "/tipoff-subscribe", "v4", channel_id=SLACK)
        assert (status, "Subscribed to DeepSeek V4" in str(reply)) == (200, True)
        assert (await slack.slash_http(events, "/tipoff", "status", secret="wrong"))[0] == 401
        news.publish("daily", "Surgeons in Lyon try DeepSeek V4 on patient letters")
        await eventually(lambda: [m for m in slack.messages(SLACK) if "Lyon" in str(m)])
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/") as page:
            assert "Lyon" in await page.text()
        assert await program.stop() == 0
