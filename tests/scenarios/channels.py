"""The whole program with one Discord and one Slack channel that are told of the topic ``v4``."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.scenarios.news import News, open_news
from tests.scenarios.program import Program, eventually
from tests.standins import discord as discord_standin
from tests.standins import slack_workspace as slack_standin
from tests.standins.discord import DiscordServer, open_discord_server
from tests.standins.slack import SlackStandin, open_slack_standin

DISCORD, SLACK = "1001", "C0NEWS"


@dataclass
class World:
    """``lab`` speaks for itself (official); ``daily`` and ``wire`` report."""

    news: News
    discord: DiscordServer
    slack: SlackStandin
    program: Program

    def told(self, words: str) -> list[list[str]]:
        """What Discord's channel and Slack's were told with these words."""
        spoken = (self.discord.messages(DISCORD), self.slack.messages(SLACK))
        return [[text for message in messages if words in (text := str(message))] for messages in spoken]


@asynccontextmanager
async def open_world(folder: Path, **env: str) -> AsyncIterator[World]:
    """The program runs, and has told its first news."""
    async with open_news() as news, open_discord_server() as discord, open_slack_standin() as slack:
        news.publish("daily", "DeepSeek V4 rumours of the winter")
        catalog = news.catalog("daily", "wire", "lab") + (
            '[[publisher]]\nid = "lab"\nnames = ["Lab"]\nkind = "party"\ndomains = ["lab.example"]\n'
        )
        (folder / "catalog.toml").write_text(catalog, encoding="utf-8")
        discord.add_channel(DISCORD)
        slack.set_channel(SLACK, creator="U1")
        program = Program(
            folder, DISCORD_TOKEN=discord_standin.TOKEN, DISCORD_API_URL=discord.url,
            SLACK_BOT_TOKEN=slack_standin.BOT_TOKEN, SLACK_APP_TOKEN=slack_standin.APP_TOKEN,
            SLACK_API_URL=slack.url, **env,
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
