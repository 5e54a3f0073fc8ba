"""/benchmarks and /licences from stored items to what Discord and Slack show."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.model import Claim, Grade
from handlers.commands import Commands
from handlers.discord.client import open_discord
from storage import items, sources
from storage.database import Database, open_database
from tests.builders import NOW, a_catalog, a_source, a_verdict
from tests.standins.discord import TOKEN, open_discord_server
from tests.standins.slack import open_slack_standin
from tests.standins.slack_served import serving


@pytest.fixture
async def commands(tmp_path: Path) -> AsyncIterator[Commands]:
    async with open_database(f"sqlite+aiosqlite:///{tmp_path}/tipoff.db") as database:
        await fill(database)
        yield Commands(database, a_catalog(), clock=lambda: NOW)


async def fill(database: Database) -> None:
    claim = Claim(subject="Ascend 950PR", metric="compute", value=812, unit="TFLOPS", precision="FP8")
    other = Claim(subject="Ascend 950PR", metric="compute", value=410, unit="TFLOPS", precision="FP8")
    async with database.transaction() as tx:
        await sources.sync_catalog(tx, [a_source()], now=NOW)
        await items.add_verdicts(
            tx,
            [
                a_verdict(number=1, claims=(claim,), grade=Grade.RUMOUR, item={"publisher": "A forum"}),
                a_verdict(number=2, claims=(other,)),
                a_verdict(number=3, item={"title": "deepseek-ai/DeepSeek-V4: license mit -> other"}),
            ],
        )


BENCHMARKS = ("compute FP8 · Ascend 950PR: 812 TFLOPS", "weak: rumour", "≠ 410 TFLOPS", "H100: 1,979 TFLOPS")


async def test_discord_shows_both(commands: Commands) -> None:
    async with open_discord_server() as server:
        server.add_channel(55)
        async with (
            open_discord(token=TOKEN, api_url=server.url, commands=commands) as handler,
            asyncio.TaskGroup() as group,
        ):
            running = group.create_task(handler.run())
            await server.gateway.connected()
            shown = (await server.slash("benchmarks", {"subject": "昇腾950PR"}, channel_id=55)).text.replace(
                "\\", ""
            )
            changed = (await server.slash("licences", channel_id=55)).text
            running.cancel()
    assert [piece for piece in BENCHMARKS if piece not in shown] == [], shown
    assert "https://reuters.com/1" in shown
    assert "mit → other" in changed


async def test_slack_shows_both(commands: Commands) -> None:
    async with open_slack_standin() as slack, serving(slack, commands):
        shown = str((await slack.slash("/tipoff", "benchmarks ascend 950pr"))["blocks"])
        changed = str((await slack.slash("/tipoff-licences", ""))["blocks"])
    assert [piece for piece in BENCHMARKS if piece not in shown] == [], shown
    assert "https://reuters.com/1" in shown
    assert "mit → other" in changed
