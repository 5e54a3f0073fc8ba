"""A first report waits for better proof: in the whole program, with Discord and Slack stood in for."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.scenarios.news import News, open_news
from tests.scenarios.program import Program, eventually
from tests.standins import discord as discord_standin
from tests.standins import slack_workspace as slack_standin
from tests.standins.discord import DiscordServer, open_discord_server
from tests.standins.slack import SlackStandin, open_slack_standin

DISCORD, SLACK = "1001", "C0NEWS"
REPORT = "DeepSeek V4 weights appear on a server in Hangzhou"


@dataclass
class World:
    news: News
    discord: DiscordServer
    slack: SlackStandin
    program: Program

    def told(self, words: str) -> list[list[str]]:
        """What Discord's channel and Slack's were told with these words."""
        spoken = (self.discord.messages(DISCORD), self.slack.messages(SLACK))
        return [[text for message in messages if words in (text := str(message))] for messages in spoken]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_news() as news, open_discord_server() as discord, open_slack_standin() as slack:
        news.publish("daily", "DeepSeek V4 rumours of the winter")
        catalog = news.catalog("daily", "wire", "lab") + (
            '[[publisher]]\nid = "lab"\nnames = ["Lab"]\nkind = "party"\ndomains = ["lab.example"]\n'
        )
        (tmp_path / "catalog.toml").write_text(catalog, encoding="utf-8")
        discord.add_channel(DISCORD)
        slack.set_channel(SLACK, creator="U1")
        program = Program(
            tmp_path, TIPOFF_HOLD="8s", DISCORD_TOKEN=discord_standin.TOKEN, DISCORD_API_URL=discord.url,
            SLACK_BOT_TOKEN=slack_standin.BOT_TOKEN, SLACK_APP_TOKEN=slack_standin.APP_TOKEN,
            SLACK_API_URL=slack.url,
        )  # fmt: skip
        await program.call("subscribe", f"discord:{DISCORD}", "v4")
        await program.call("subscribe", f"slack:{slack_standin.TEAM}/{SLACK}", "v4")
        await program.start()
        made = World(news=news, discord=discord, slack=slack, program=program)
        await eventually(lambda: all(made.told("of the winter")), what="the first start")
        try:
            yield made
        finally:
            await program.stop()
            print(program.output[-8000:])  # shown when the test fails


async def test_better_proof_leads_and_the_weaker_report_is_never_told(world: World) -> None:
    world.news.publish("daily", REPORT)
    await eventually(lambda: "Hangzhou" in world.program.output, what="the terminal is told at once")
    assert world.told("Hangzhou") == [[], []], "chat channels wait"
    world.news.publish("lab", REPORT, link="https://lab.example/v4")
    await eventually(lambda: all(world.told("Hangzhou")))
    await eventually(lambda: "BETTER PROOF" in world.program.output, what="a follow-up where it was told")
    world.news.publish("wire", "DeepSeek V4 gets a new tokenizer in Zurich")
    await eventually(lambda: all(world.told("Zurich")), what="the end of a later hold")
    for spoken in world.told("Hangzhou"):
        (only,) = spoken
        assert "lab.example" in only
        assert "official" in only
        assert "Better proof" not in only


async def test_a_held_alert_outlives_a_kill_and_is_told_once(world: World) -> None:
    world.news.publish("daily", REPORT)
    await eventually(lambda: "Hangzhou" in world.program.output)
    await world.program.kill()
    assert world.told("Hangzhou") == [[], []]
    await world.program.start()
    await eventually(lambda: all(world.told("Hangzhou")))
    world.news.publish("lab", REPORT, link="https://lab.example/v4")
    await eventually(lambda: all(len(spoken) == 2 for spoken in world.told("Hangzhou")))
    first, follow_up = self_and_reply = world.discord.messages(DISCORD)[-2:]
    assert len(self_and_reply) == 2
    assert first["id"] in str(follow_up), "the better proof is a reply to the alert"
