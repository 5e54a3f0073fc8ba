"""From published to told: how long news takes through the real program, pushed and polled.

    python -m benchmarks.latency --samples 100

Everything is on loopback: a Mastodon instance, Bluesky with its Jetstream, a feed server, and a Discord that takes the
messages. Published is the moment before the server shows or pushes an item; told is the moment in which Discord has
the message. While it runs, Jetstream also carries posts that nobody asked for, as the real one does.
"""

import argparse
import asyncio
import contextlib
import math
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.scenarios.limits import no_limits
from tests.scenarios.news import News, open_news
from tests.scenarios.program import Program, eventually
from tests.standins import discord as discord_standin
from tests.standins.discord import DiscordServer, open_discord_server
from tests.standins.jetstream import BEN, Bluesky, open_bluesky
from tests.standins.mastodon import TOKEN, Mastodon, open_mastodon

CHANNEL = "1001"
EVERY_S = 2
#: The longest that is still good, in seconds, by way.
AIMS = {"Mastodon, pushed": 1.0, "Jetstream, pushed": 1.0, f"feed, polled every {EVERY_S} s": EVERY_S + 2.0}


@dataclass
class Watch:
    """Notes when each title was published and when it was told."""

    published: dict[str, float] = field(default_factory=dict)
    told: dict[str, float] = field(default_factory=dict)

    def listen(self, discord: DiscordServer) -> None:
        create = discord._create

        def noting(channel_id: str, body: dict[str, Any]) -> Any:
            created = create(channel_id, body)
            now, text = time.monotonic(), str(body)
            for title in self.published.keys() - self.told.keys():
                if title in text:
                    self.told[title] = now
            return created

        discord._create = noting  # type: ignore[method-assign]

    def took(self, titles: list[str]) -> list[float]:
        return sorted(self.told[title] - self.published[title] for title in titles if title in self.told)


def made_up_title(rng: random.Random) -> str:
    """Words that no other title has, so that each is a story of its own."""
    words = [
        "".join(rng.choice("bdfgklmnprstvz") + rng.choice("aeiou") for _ in range(4)).title()
        for _ in range(4)
    ]
    return f"{words[0]} {words[1]} shows DeepSeek V4 to {words[2]} of {words[3]}"


def catalog(mastodon: Mastodon, bluesky: Bluesky, news: News) -> str:
    search = f"{bluesky.base}/xrpc/app.bsky.feed.searchPosts?q=deepseek+v4"
    return (
        news.catalog("daily", every=f"{EVERY_S}s")
        + f'[[source]]\nid = "masto"\nkind = "mastodon"\nurl = "{mastodon.base}/tags/deepseek"\nmode = "stream"\n'
        f'every = "1h"\n[[source]]\nid = "sky"\nkind = "bluesky"\nurl = "{search}"\nstream = "{bluesky.stream}"\n'
        'mode = "stream"\nevery = "1h"\n'
    )


async def make_noise(bluesky: Bluesky, per_s: float, rng: random.Random) -> None:
    while True:
        await bluesky.post(made_up_title(rng).replace("DeepSeek", "Deepsea"), BEN, shown=False)
        await asyncio.sleep(rng.expovariate(per_s))


async def publish_all(
    ways: dict[str, Callable[[str], Awaitable[object]]], watch: Watch, given: argparse.Namespace
) -> dict[str, list[str]]:
    """Publish by every way in turn, at moments of chance; gives the titles by way."""
    rng = random.Random(given.seed)
    titles: dict[str, list[str]] = {way: [] for way in ways}
    for _ in range(given.samples):
        for way, publish in ways.items():
            title = made_up_title(rng)
            titles[way].append(title)
            watch.published[title] = time.monotonic()
            await publish(title)
            await asyncio.sleep(rng.expovariate(1 / given.gap))
    return titles


async def measure(given: argparse.Namespace) -> bool:
    watch = Watch()
    async with (
        open_mastodon() as mastodon, open_bluesky() as bluesky, open_news() as news, open_discord_server() as discord,
    ):  # fmt: skip
        discord.add_channel(CHANNEL)
        watch.listen(discord)
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "catalog.toml").write_text(catalog(mastodon, bluesky, news), encoding="utf-8")
            program = Program(
                Path(folder), DISCORD_TOKEN=discord_standin.TOKEN, DISCORD_API_URL=discord.url,
                TIPOFF_MASTODON_TOKENS=f"127.0.0.1={TOKEN}",
            )  # fmt: skip
            await program.call("subscribe", f"discord:{CHANNEL}", "v4", "--min-grade", "opinion")
            await no_limits(program.env["TIPOFF_DATABASE_URL"], [f"discord:{CHANNEL}"])
            await program.start()
            noise = None
            try:
                await eventually(lambda: mastodon.listeners and bluesky.listeners, what="the streams stand")
                await eventually(
                    lambda: "first_round_closed" in program.output, what="the first round is over"
                )
                await eventually(lambda: "platform_connected" in program.output, what="Discord is connected")
                await asyncio.sleep(5)  # the polls that follow a new stream
                if given.noise:
                    noise = asyncio.ensure_future(
                        make_noise(bluesky, given.noise, random.Random(given.seed + 1))
                    )

                async def feed(title: str) -> None:
                    news.publish("daily", title)

                ways = dict(zip(AIMS, (mastodon.publish, bluesky.post, feed), strict=True))
                titles = await publish_all(ways, watch, given)
                with contextlib.suppress(AssertionError):
                    await eventually(lambda: len(watch.told) == len(watch.published), within_s=15)
            finally:
                if noise is not None:
                    noise.cancel()
                await program.stop()
    return show(titles, watch)


def show(titles: dict[str, list[str]], watch: Watch) -> bool:
    """Print the table; gives whether every aim was met and everything told."""
    table = Table(title="Published to told, seconds")
    for column in ("way", "items", "told", "p50", "p99", "max", "aim"):
        table.add_column(column, justify="left" if column == "way" else "right")
    good = True
    for way, published in titles.items():
        took = watch.took(published)
        p99 = took[math.ceil(len(took) * 0.99) - 1] if took else math.inf
        worst = took[-1] if took else math.inf
        met = len(took) == len(published) and (p99 if "pushed" in way else worst) <= AIMS[way]
        good = good and met
        aim = f"{'p99' if 'pushed' in way else 'max'} < {AIMS[way]:g}"
        table.add_row(
            way, str(len(published)), str(len(took)), f"{median(took or [math.inf]):.3f}", f"{p99:.3f}",
            f"{worst:.3f}", f"[{'green' if met else 'red'}]{aim}[/]",
        )  # fmt: skip
    Console().print(table)
    return good


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--samples", type=int, default=100, help="items published by each way")
    parser.add_argument("--gap", type=float, default=0.3, help="mean seconds between two items")
    parser.add_argument("--noise", type=float, default=50, help="other posts a second on Jetstream")
    parser.add_argument("--seed", type=int, default=1)
    sys.exit(0 if asyncio.run(measure(parser.parse_args())) else 1)
