"""One alert to many channels: how close the real program comes to the limits of Discord and Slack.

    python -m benchmarks.fanout                            # one alert to 1,000 channels of each, 4 minutes
    python -m benchmarks.fanout --alerts 10 --slack 200    # ten alerts: order and memory

Everything is on loopback. The stand-ins enforce what the platforms publish, in its strictest reading (see
``tests/standins/discord_limits.py`` and ``slack_limits.py``). The limit's own time is the number of messages by the
rate that is allowed in the long run.
"""

import argparse
import asyncio
import os
import random
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.latency import made_up_title
from bot.model import ChannelKey, TopicId
from storage import subscriptions
from storage.database import open_database
from storage.subscriptions import Subscription
from tests.scenarios.news import News, open_news
from tests.scenarios.program import Program, eventually
from tests.standins import discord as discord_standin
from tests.standins import slack_workspace as slack_standin
from tests.standins.discord import DiscordServer, open_discord_server
from tests.standins.slack import SlackStandin, open_slack_standin
from tests.standins.slack_limits import POSTS_PER_MINUTE, SlackLimits

AIM, DISCORD_PER_S = 1.05, 50


@dataclass
class Arrivals:
    """Which of these titles came to which channel, and when."""

    titles: list[str]
    at: list[float] = field(default_factory=list)
    order: dict[str, list[int]] = field(default_factory=dict)

    def note(self, channel: str, body: Any) -> None:
        text = str(body)
        for number, title in enumerate(self.titles):
            if title in text:
                self.at.append(time.monotonic())
                self.order.setdefault(channel, []).append(number)

    @property
    def took_s(self) -> float:
        return self.at[-1] - self.at[0] if self.at else 0.0

    def disordered(self) -> int:
        return sum(told != sorted(set(told)) for told in self.order.values())


@dataclass
class Process:
    """What the program costs, read from /proc."""

    pid: int
    rss_mb: list[float] = field(default_factory=list)

    def cpu_s(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    async def sample(self) -> None:
        pages = os.sysconf("SC_PAGE_SIZE") / 2**20
        while True:
            self.rss_mb.append(self.pages() * pages)
            await asyncio.sleep(0.25)

    def pages(self) -> int:
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])


def listen(discord: DiscordServer, slack: SlackStandin, titles: list[str]) -> dict[str, Arrivals]:
    """Note what both take from now on."""
    arrivals = {"discord": Arrivals(titles), "slack": Arrivals(titles)}
    create, post = discord._create, slack._post_message

    def created(channel_id: str, body: dict[str, Any]) -> Any:
        made = create(channel_id, body)
        arrivals["discord"].note(channel_id, body)
        return made

    def posted(arguments: dict[str, Any]) -> dict[str, Any]:
        answer = post(arguments)
        if answer["ok"]:
            arrivals["slack"].note(str(arguments["channel"]), arguments)
        return answer

    discord._create = created  # type: ignore[method-assign]
    slack._post_message = posted  # type: ignore[method-assign]
    return arrivals


async def subscribe(folder: Path, channels: list[ChannelKey]) -> None:
    async with (
        open_database(f"sqlite+aiosqlite:///{folder}/tipoff.db") as database,
        database.transaction() as tx,
    ):
        for channel in channels:
            made = Subscription(channel=channel, topic=TopicId("v4"), created=datetime.now(UTC))
            await subscriptions.subscribe(tx, made)


def catalog(news: News) -> str:
    """One source whose news are official, and so held by nothing."""
    return news.catalog("lab") + (
        '[[publisher]]\nid = "lab"\nnames = ["Lab"]\nkind = "party"\ndomains = ["lab.example"]\n'
    )


async def measure(given: argparse.Namespace) -> bool:
    async with open_news() as news, open_discord_server() as discord, open_slack_standin() as slack:
        discord.budget.limit, discord.budget.window_s = 5, 5.0
        discord.latency_s = given.latency
        slack.limits = SlackLimits()
        numbers = [str(1_000_000 + number) for number in range(given.discord)]
        for number in numbers:
            discord.add_channel(number)
        keys = [ChannelKey(f"discord:{number}") for number in numbers]
        keys += [ChannelKey(f"slack:{slack_standin.TEAM}/C{number:07}") for number in range(given.slack)]
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            await subscribe(folder, keys)
            (folder / "catalog.toml").write_text(catalog(news), encoding="utf-8")
            program = Program(
                folder, DISCORD_TOKEN=discord_standin.TOKEN, DISCORD_API_URL=discord.url,
                SLACK_BOT_TOKEN=slack_standin.BOT_TOKEN, SLACK_APP_TOKEN=slack_standin.APP_TOKEN,
                SLACK_API_URL=slack.url, TIPOFF_LOG_LEVEL="warning",
            )  # fmt: skip
            await program.start()
            try:
                rows = await told(program, news, discord, slack, given)
            finally:
                await program.stop()
                if program.output.strip():
                    print(program.output[-3000:])
    return show(rows, given)


async def ask(discord: DiscordServer, channel: str, took_s: list[float]) -> None:
    """Use a command again and again, as people do meanwhile."""
    while True:
        began = time.monotonic()
        await discord.slash("help", channel_id=channel)
        took_s.append(time.monotonic() - began)
        await asyncio.sleep(0.3)


async def told(
    program: Program, news: News, discord: DiscordServer, slack: SlackStandin, given: argparse.Namespace
) -> dict[str, Any]:
    """Publish, wait until all is told; what is to be shown."""
    await slack.connected(timeout_s=60)
    await discord.requested("PUT", "/applications/900000000000000001/commands", timeout_s=60)
    await asyncio.sleep(4)  # the first round is over, the start's own requests are a while ago
    rng = random.Random(given.seed)
    titles = [made_up_title(rng) for _ in range(given.alerts)]
    arrivals = listen(discord, slack, titles)
    process = Process(program.pid)
    sampling = asyncio.ensure_future(process.sample())
    await asyncio.sleep(1)
    cpu, published, commands = process.cpu_s(), time.monotonic(), list[float]()
    asking = asyncio.ensure_future(ask(discord, "1000000", commands))
    for title in titles:
        news.publish("lab", title)
        await asyncio.sleep(1.5)  # a poll for each: their order is then known
    wanted = {"discord": given.discord * given.alerts, "slack": given.slack * given.alerts}
    longest = 60 + 1.5 * max(own_time(name, count) for name, count in wanted.items())
    done_cpu = cpu
    try:
        await eventually(
            lambda: all(len(arrivals[name].at) >= count for name, count in wanted.items()), within_s=longest
        )
        done_cpu = process.cpu_s()
        await asyncio.sleep(1)
    except AssertionError as exc:
        print(exc)
    sampling.cancel()
    asking.cancel()
    return {
        "arrivals": arrivals, "wanted": wanted, "published": published, "rss": process.rss_mb, "cpu_s": done_cpu - cpu,
        "commands": sorted(commands),
        "refused": {
            "discord": discord.all_requests.refused + discord.slowed_down,
            "slack": slack.limits.refused.total() if slack.limits else 0,
        },
    }  # fmt: skip


def own_time(platform: str, messages: int) -> float:
    return messages / (DISCORD_PER_S if platform == "discord" else POSTS_PER_MINUTE / 60)


def show(found: dict[str, Any], given: argparse.Namespace) -> bool:
    """Print the tables; gives whether every aim was met."""
    table = Table(title=f"{given.alerts} alert(s), {given.discord} Discord and {given.slack} Slack channels")
    for column in (
        "platform",
        "messages",
        "told",
        "first after",
        "took",
        "limit's own",
        "ratio",
        "429",
        "out of order",
    ):
        table.add_column(column, justify="left" if column == "platform" else "right")
    good = True
    for name, wanted in found["wanted"].items():
        arrived: Arrivals = found["arrivals"][name]
        own = own_time(name, wanted)
        ratio = arrived.took_s / own
        refused, disordered = found["refused"][name], arrived.disordered()
        met = len(arrived.at) == wanted and ratio <= AIM and not refused and not disordered
        good = good and met
        first = arrived.at[0] - found["published"] if arrived.at else 0.0
        table.add_row(
            name, str(wanted), str(len(arrived.at)), f"{first:.2f} s", f"{arrived.took_s:.1f} s", f"{own:.1f} s",
            f"[{'green' if met else 'red'}]{ratio:.3f}[/]", str(refused), str(disordered),
        )  # fmt: skip
    Console(width=130).print(table)
    rss, sends = found["rss"], sum(len(arrived.at) for arrived in found["arrivals"].values())
    print(
        f"memory: {rss[0]:.0f} MB before, {max(rss):.0f} MB at most, {rss[-1]:.0f} MB after; "
        f"CPU: {1000 * found['cpu_s'] / max(sends, 1):.1f} ms a message"
    )
    asked = found["commands"] or [0.0]
    print(
        f"commands meanwhile: {len(asked)}, p50 {1000 * asked[len(asked) // 2]:.0f} ms, "
        f"p99 {1000 * asked[int(len(asked) * 0.99)]:.0f} ms"
    )
    return good


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--discord", type=int, default=1000, help="Discord channels")
    parser.add_argument("--slack", type=int, default=1000, help="Slack channels, one workspace")
    parser.add_argument("--alerts", type=int, default=1, help="alerts to each channel")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds that Discord takes to answer")
    sys.exit(0 if asyncio.run(measure(parser.parse_args())) else 1)
