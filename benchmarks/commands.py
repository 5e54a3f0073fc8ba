"""How soon commands are answered in chat while many sources are polled.

    python -m benchmarks.commands --sources 10000 --commands 500

The real program with nginx's documents for sources (see ``benchmarks.polling``; it needs TIPOFF_SHARED_DATA), Discord's
stand-in and Slack's. Two times: while every source is read for the first time, which is the most that there ever is to
do, and while a third of them is polled each minute. Taken is from the gateway's event to the answer that the person
sees; acknowledged is when Discord stops waiting. Two cores, one for the program, one for all that surrounds it.
"""

import argparse
import asyncio
import itertools
import random
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.polling.documents import Site, load
from benchmarks.polling.server import Server, serve
from tests.scenarios.program import Program, eventually
from tests.standins import discord as discord_standin
from tests.standins import slack_workspace as slack_standin
from tests.standins.discord import DiscordServer, open_discord_server
from tests.standins.slack import SlackStandin, open_slack_standin

CHANNEL, SLACK_CHANNEL = "1001", "C1"
#: p99 of the answers, in seconds.
AIM_S = 0.3
#: What takes longer, or was acknowledged too late, counts as not answered.
_PATIENCE_S = 20
#: What people ask, on Discord and as typed on Slack.
ASKED: tuple[tuple[str, dict[str, str], str], ...] = (
    ("latest", {"count": "10"}, "latest count=10"),
    ("search", {"text": "google"}, "search google"),
    ("status", {}, "status"),
    ("sources", {}, "sources"),
    ("story", {"story": "1"}, "story 1"),
    ("why", {"story": "1"}, "why 1"),
    ("subscriptions", {}, "subscriptions"),
    ("subscribe", {"topic": "watched", "min-grade": "report"}, "subscribe watched min-grade=report"),
    ("settings", {"zone": "Europe/Berlin"}, "settings zone=Europe/Berlin"),
    ("topics", {}, "topics"),
)
_TOPIC = '[[topic]]\nid = "watched"\nname = "Watched"\nany = ["apple", "google", "microsoft"]\n'


@dataclass
class Times:
    """Seconds until commands were answered; ``slowest`` by command."""

    answered: list[float] = field(default_factory=list)
    unanswered: int = 0
    acknowledged: list[float] = field(default_factory=list)
    slowest: dict[str, float] = field(default_factory=dict)

    def note(self, command: str, answered_s: float, acknowledged_s: float) -> None:
        self.answered.append(answered_s)
        self.acknowledged.append(acknowledged_s)
        self.slowest[command] = max(answered_s, self.slowest.get(command, 0.0))


def catalog(server: Server, count: int, every: str) -> str:
    return _TOPIC + "".join(
        f'[[source]]\nid = "s{n}"\nkind = "feed"\nurl = "{server.url(n)}"\ntopics = ["watched"]\nevery = "{every}"\n'
        for n in range(count)
    )


async def on_discord(discord: DiscordServer, count: int, gap_s: float, rng: random.Random) -> Times:
    times = Times()
    for command, options, _ in itertools.islice(itertools.cycle(ASKED), count):
        began = time.monotonic()
        try:
            answer = await discord.slash(command, options, channel_id=CHANNEL, timeout_s=_PATIENCE_S)
        except TimeoutError:
            times.unanswered += 1
            continue
        times.note(command, time.monotonic() - began, answer.acknowledged_s)
        await asyncio.sleep(rng.expovariate(1 / gap_s))
    return times


async def on_slack(slack: SlackStandin, count: int, gap_s: float, rng: random.Random) -> Times:
    times = Times()
    for command, _, text in itertools.islice(itertools.cycle(ASKED), count):
        before, began = len(slack.ack_seconds), time.monotonic()
        try:
            await slack.slash("/tipoff", text, channel_id=SLACK_CHANNEL, timeout_s=_PATIENCE_S)
        except TimeoutError:
            times.unanswered += 1
            continue
        times.note(command, time.monotonic() - began, slack.ack_seconds[before])
        await asyncio.sleep(rng.expovariate(1 / gap_s))
    return times


async def both(discord: DiscordServer, slack: SlackStandin, given: argparse.Namespace) -> dict[str, Times]:
    rng = random.Random(given.seed)
    first, second = await asyncio.gather(
        on_discord(discord, given.commands, given.gap, rng), on_slack(slack, given.commands, given.gap, rng)
    )
    return {"Discord": first, "Slack": second}


async def measure(server: Server, folder: Path, given: argparse.Namespace) -> dict[tuple[str, str], Times]:
    found: dict[tuple[str, str], Times] = {}
    async with open_discord_server() as discord, open_slack_standin() as slack:
        discord.add_channel(CHANNEL)
        slack.make_admin("U1")
        (folder / "catalog.toml").write_text(catalog(server, given.sources, "3m"), encoding="utf-8")
        program = Program(
            folder, DISCORD_TOKEN=discord_standin.TOKEN, DISCORD_API_URL=discord.url,
            SLACK_BOT_TOKEN=slack_standin.BOT_TOKEN, SLACK_APP_TOKEN=slack_standin.APP_TOKEN,
            SLACK_API_URL=slack.url, TIPOFF_LOG_LEVEL="info",
        )  # fmt: skip
        await program.start()
        try:
            await eventually(
                lambda: "discord_commands_registered" in program.output,
                what="Discord is connected",
                within_s=60,
            )
            await eventually(lambda: slack.connections, what="Slack is connected", within_s=60)
            await asyncio.sleep(1)
            server.asked()
            began = time.monotonic()
            found |= {
                ("first reading", name): times for name, times in (await both(discord, slack, given)).items()
            }
            rate = server.asked().requests / (time.monotonic() - began)
            print(f"first reading: {rate:.0f} sources/s beside the commands", file=sys.stderr)
            await eventually(
                lambda: "first_round_closed" in program.output, what="the first round is over", within_s=900
            )
            server.asked()
            began = time.monotonic()
            found |= {("steady", name): times for name, times in (await both(discord, slack, given)).items()}
            rate = server.asked().requests / (time.monotonic() - began)
            print(f"steady: {rate:.0f} sources/s beside the commands", file=sys.stderr)
        finally:
            await program.stop()
    return found


def show(found: dict[tuple[str, str], Times], console: Console) -> bool:
    table = Table(
        "while",
        "platform",
        "answers",
        "unanswered",
        "median ms",
        "p99 ms",
        "slowest ms",
        "acknowledged p99 ms",
    )
    good = True
    for (when, name), times in found.items():
        answered, acknowledged = sorted(times.answered), sorted(times.acknowledged)
        at = min(int(len(answered) * 0.99), len(answered) - 1)
        good &= answered[at] <= AIM_S and not times.unanswered
        figures = (answered[len(answered) // 2], answered[at], answered[-1], acknowledged[at])
        table.add_row(
            when,
            name,
            str(len(answered)),
            str(times.unanswered),
            *(f"{figure * 1000:.0f}" for figure in figures),
        )
    console.print(table)
    for (when, name), times in found.items():
        worst = sorted(times.slowest.items(), key=lambda pair: -pair[1])[:3]
        console.print(f"{when}, {name}: " + ", ".join(f"{command} {s * 1000:.0f} ms" for command, s in worst))
    console.print(f"Aim: p99 under {AIM_S * 1000:.0f} ms: {'kept' if good else 'missed'}.")
    return good


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sources", type=int, default=10_000)
    parser.add_argument("--commands", type=int, default=500, help="on each platform, each time")
    parser.add_argument("--gap", type=float, default=0.1, help="seconds between two commands, on the mean")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    nginx = shutil.which("nginx") or sys.exit("nginx is missing")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "nginx").mkdir()
        site = Site(folder / "site", load(), now=time.time())
        site.reset(given.sources)
        with serve(nginx, folder / "nginx", folder / "site") as server:
            found = asyncio.run(measure(server, folder, given))
    sys.exit(0 if show(found, Console(width=120)) else 1)


if __name__ == "__main__":
    main()
