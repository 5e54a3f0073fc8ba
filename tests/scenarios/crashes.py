"""A world whose program is killed again and again: news is published, the program dies, starts again, and in the end
each piece of news must stand once in every channel. See ``crash_points`` for where it dies."""

import asyncio
import os
import random
import shutil
import signal
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.scenarios.crash_points import BY_NAME
from tests.scenarios.launcher import Launcher
from tests.scenarios.limits import no_limits
from tests.scenarios.news import News, open_news
from tests.scenarios.program import Program, eventually
from tests.standins import discord as discord_standin
from tests.standins import slack_workspace as slack_standin
from tests.standins.discord import DiscordServer, open_discord_server
from tests.standins.slack import Fault, SlackStandin, open_slack_standin

DISCORD, DISCORD_DIGEST, DISCORD_FORUM = "1001", "1002", "1003"
SLACK, SLACK_DIGEST = "C0NEWS", "C0DIGEST"

#: How many channels each piece of news is to be told in.
CHANNELS = 5
#: Deaths between the request and its answer: the stand-in says when.
WIRE_POINTS = (
    "Discord has the request, has not taken it",
    "Discord took the message, gave no answer",
    "Discord's forum has the post, has not taken it",
    "Discord's forum took the post, gave no answer",
    "Discord's forum takes the post a second later",
    "Slack has the request, has not taken it",
    "Slack took the message, gave no answer",
    "Slack takes the message a second later",
)
FIRST = "before the first start"
RANDOM_POINT = "at a random moment"
MIGRATION_POINTS = tuple(point.name for point in BY_NAME.values() if point.phase == "migration")
STOP_POINTS = frozenset(point.name for point in BY_NAME.values() if point.phase == "stop")
LOOKUP_POINTS = {
    point.name: WIRE_POINTS[1 if "Discord" in point.name else 6]
    for point in BY_NAME.values()
    if point.phase == "look-up"
}
_FIRE_WITHIN_S = 30.0


@dataclass(frozen=True, slots=True)
class Wrong:
    """News that a channel was told ``times`` times. ``point``: where the program died after it was published."""

    title: str
    point: str
    channel: str
    times: int


@dataclass
class CrashWorld:
    """One database, one Discord, one Slack. Every title is to be told singly and in a digest, on both platforms, and
    as a post in a forum."""

    folder: Path
    news: News
    discord: DiscordServer
    slack: SlackStandin
    launcher: Launcher
    env: dict[str, str]
    rng: random.Random
    published: dict[str, str] = field(default_factory=dict)  # title -> where the program died next
    patience_s: float | None = None
    kills: int = 0
    not_reached: list[str] = field(default_factory=list)

    # -- running and killing

    async def start(self, point: str | None = None, nth: int = 1, *, argv: Sequence[str] = ("run",)) -> None:
        await self.launcher.start(
            env=self.env, cwd=str(self.folder), output=str(self.folder / "output.txt"), argv=[*argv],
            point=point, nth=nth, patience_s=self.patience_s,
        )  # fmt: skip

    async def call(self, *argv: str) -> str:
        """Run a command to its end, while no program runs; what it printed."""
        before = len(self.output)
        await self.start(argv=argv)
        assert await self.launcher.ended(within_s=20) is not None
        return self.output[before:]

    async def stop(self) -> None:
        os.kill(self.launcher.pid, signal.SIGTERM)
        status = await self.launcher.ended(within_s=20)
        assert status == 0, f"a clean stop ended with {status}"

    async def kill(self) -> None:
        os.kill(self.launcher.pid, signal.SIGKILL)
        assert await self.launcher.ended(within_s=10) == -signal.SIGKILL
        self.kills += 1

    def publish(self, point: str) -> str:
        title = a_title(self.rng)
        self.published[title] = point
        self.news.publish("daily", title)
        return title

    async def die_migrating(self, point: str) -> None:
        """The very first start of the program dies before the database is ready."""
        await self._run_into(point, nth=self.rng.randint(1, 15) if "table" in point else 1)

    async def kill_at(self, point: str) -> None:
        """Publish news, and run the program until it dies at the point."""
        if point in LOOKUP_POINTS:  # something must be uncertain first
            await self._kill_on_the_wire(LOOKUP_POINTS[point], self.publish(point))
            await self._run_into(point)
            return
        title = self.publish(point)
        if point in WIRE_POINTS:
            await self._kill_on_the_wire(point, title)
        elif point == RANDOM_POINT:
            await self.start()
            await asyncio.sleep(self.rng.uniform(0.1, 2.5))
            await self.kill()
        elif point in STOP_POINTS:
            await self.start(point)
            await self._until(lambda: any(self.told(title).values()))
            os.kill(self.launcher.pid, signal.SIGTERM)
            await self._dead(point)
        else:
            await self._run_into(point, nth=self.rng.randint(1, 2) if point == "message built" else 1)

    async def _run_into(self, point: str, *, nth: int = 1) -> None:
        await self.start(point, nth)
        await self._dead(point)

    async def _dead(self, point: str) -> None:
        status = await self.launcher.ended(within_s=_FIRE_WITHIN_S)
        if status == -signal.SIGKILL:
            self.kills += 1
            return
        self.not_reached.append(f"{point}: {'still running' if status is None else f'exit {status}'}")
        if status is None:
            os.kill(self.launcher.pid, signal.SIGKILL)
            await self.launcher.ended(within_s=10)

    async def _kill_on_the_wire(self, point: str, title: str) -> None:
        taken, late = "has not taken" not in point, "later" in point
        if "forum" in point:
            path = rf"/channels/{DISCORD_FORUM}/threads"
            self.discord.fail(accept=taken, hang=True, late_s=float(late), path=path)
            tries = self.discord.posts(DISCORD_FORUM, what="threads")
            reached = lambda: self.discord.posts(DISCORD_FORUM, what="threads") > tries  # noqa: E731
        elif "Discord" in point:
            self.discord.fail(accept=taken, hang=True, path=rf"/channels/{DISCORD}/messages")
            tries = self.discord.posts(DISCORD)
            reached = lambda: self.discord.posts(DISCORD) > tries  # noqa: E731
        else:
            self.slack.fail("chat.postMessage", Fault(hang=True, accept=taken, late_s=float(late)))
            tries = self.slack.count("chat.postMessage")
            reached = lambda: self.slack.count("chat.postMessage") > tries  # noqa: E731
        await self.start()
        if await self._until(reached):
            await asyncio.sleep(0.02)  # the stand-in notes the request a moment before it takes the message
        else:
            self.not_reached.append(point)
        await self.kill()

    async def _until(self, condition: Callable[[], Any]) -> bool:
        try:
            await eventually(condition, within_s=_FIRE_WITHIN_S)
        except AssertionError:
            return False
        return True

    # -- counting

    def told(self, title: str) -> dict[str, int]:
        """How many messages of each channel carry the title, whole or cut."""
        spoken: dict[str, list[Any]] = {
            f"discord:{DISCORD}": self.discord.messages(DISCORD),
            f"discord:{DISCORD_FORUM}, as posts": self.discord.posts_in(DISCORD_FORUM),
            f"discord:{DISCORD_DIGEST}, in digests": self.discord.messages(DISCORD_DIGEST),
            f"slack:{SLACK}": self.slack.messages(SLACK),
            f"slack:{SLACK_DIGEST}, in digests": self.slack.messages(SLACK_DIGEST),
        }
        return {
            channel: sum(title.partition(":")[0] in str(message) for message in messages)
            for channel, messages in spoken.items()
        }

    def wrong(self) -> list[Wrong]:
        return [
            Wrong(title, point, channel, times)
            for title, point in self.published.items()
            for channel, times in self.told(title).items()
            if times != 1
        ]

    def _untold(self) -> int:
        return sum(wrong.times == 0 for wrong in self.wrong())

    async def settle(self, *, within_s: float = 20.0) -> list[Wrong]:
        """Run without a death until all is told, or nothing more is for ``within_s``, then a little longer; what is
        lost or doubled then. (Slack takes a message a second in each channel, so a queue needs its time.)"""
        await self.start()
        untold, last = self._untold(), time.monotonic()
        while untold and time.monotonic() - last < within_s:
            await asyncio.sleep(0.2)
            if (now := self._untold()) != untold:
                untold, last = now, time.monotonic()
        await asyncio.sleep(1.5)  # one more poll and digest: whatever would be doubled has its chance
        await self.stop()
        return self.wrong()

    @property
    def output(self) -> str:
        written = self.folder / "output.txt"
        return written.read_text(encoding="utf-8", errors="replace") if written.exists() else ""


@asynccontextmanager
async def open_crash_world(
    folder: Path,
    launcher: Launcher,
    *,
    seed: int,
    forgetful: bool = True,
    dies_first: bool = False,
    **env: str,
) -> AsyncIterator[CrashWorld]:
    """The program was set up, ran once, and told its first news; now it is down. ``dies_first``: it died while it made
    its database, too.

    ``forgetful``: Discord has forgotten every nonce at once, so that only the look-up keeps from doubling.
    """
    async with open_news() as news, open_discord_server() as discord, open_slack_standin() as slack:
        (folder / "catalog.toml").write_text(news.catalog("daily"), encoding="utf-8")
        discord.add_channel(DISCORD)
        discord.add_channel(DISCORD_DIGEST)
        discord.add_channel(DISCORD_FORUM).kind = "forum"
        if forgetful:
            discord.nonce_window_s = 0
        slack.set_channel(SLACK, creator="U1")
        slack.set_channel(SLACK_DIGEST, creator="U1")
        program = Program(
            folder, DISCORD_TOKEN=discord_standin.TOKEN, DISCORD_API_URL=discord.url,
            SLACK_BOT_TOKEN=slack_standin.BOT_TOKEN, SLACK_APP_TOKEN=slack_standin.APP_TOKEN,
            SLACK_API_URL=slack.url, **env,
        )  # fmt: skip
        world = CrashWorld(
            folder=folder, news=news, discord=discord, slack=slack, launcher=launcher, env=program.env,
            rng=random.Random(seed),
        )  # fmt: skip
        for point in MIGRATION_POINTS if dies_first else ():
            await world.die_migrating(point)
        for channel, mode in (
            (f"discord:{DISCORD}", "instant"), (f"discord:{DISCORD_DIGEST}", "hourly"),
            (f"discord:{DISCORD_FORUM}", "instant"),
            (f"slack:{slack_standin.TEAM}/{SLACK}", "instant"),
            (f"slack:{slack_standin.TEAM}/{SLACK_DIGEST}", "hourly"),
        ):  # fmt: skip
            said = await world.call("subscribe", channel, "v4", "--mode", mode)
            assert "Subscribed" in said, said
        told_singly = (f"discord:{DISCORD}", f"slack:{slack_standin.TEAM}/{SLACK}")
        await no_limits(program.env["TIPOFF_DATABASE_URL"], told_singly)
        first = world.publish(FIRST)
        await world.start()
        try:
            await eventually(lambda: all(world.told(first).values()), what="the first news")
            await world.stop()
            yield world
        finally:
            if launcher.pid:
                os.kill(launcher.pid, signal.SIGKILL)
                await launcher.ended(within_s=10)


def copy_for_inspection(world: CrashWorld, to: Path) -> None:
    """Keep the database and the output of a world in which something went wrong."""
    shutil.copytree(world.folder, to, dirs_exist_ok=True)


def a_title(rng: random.Random) -> str:
    """A headline about the topic that shares nothing but the topic with any other."""
    words = ["".join(rng.choice("bdfgklmnprstvz") + rng.choice("aeiou") for _ in range(4)) for _ in range(7)]
    return "{} {} {}: DeepSeek V4 {} {} {} {}".format(words[0].capitalize(), *words[1:])
