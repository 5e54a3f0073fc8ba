"""The whole program while Discord and Slack fail in every documented way: it goes on, and tells all news once.

What a single send makes of each answer is tested beside the handlers; here it is what people see in the end.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.crashes import (
    DISCORD,
    SLACK,
    CrashWorld,
    Launcher,
    open_crash_world,
    open_launcher,
)
from tests.scenarios.program import eventually
from tests.standins.slack import Fault


@pytest.fixture
async def launcher() -> AsyncIterator[Launcher]:
    async with open_launcher() as opened:
        yield opened


@asynccontextmanager
async def running(
    folder: Path, launcher: Launcher, *, patience_s: float | None = None
) -> AsyncIterator[CrashWorld]:
    """The program runs; in the end it stops cleanly and nothing was lost or doubled."""
    async with open_crash_world(folder, launcher, seed=5) as world:
        world.patience_s = patience_s
        await world.start()
        await world.discord.gateway.connected()
        await world.slack.connected()
        try:
            yield world
            await told(world)
            await world.stop()
        finally:
            print(world.output[-12000:])  # shown when the test fails
        assert world.wrong() == []


async def told(world: CrashWorld, *, within_s: float = 20.0) -> None:
    """Wait until everything that was published was told everywhere."""
    await eventually(
        lambda: not any(wrong.times == 0 for wrong in world.wrong()), within_s=within_s, what="all is told"
    )


def on_discord(**fault: Any) -> Callable[[CrashWorld], None]:
    return lambda world: world.discord.fail(path=rf"/channels/{DISCORD}/messages", **fault)


def on_slack(**fault: Any) -> Callable[[CrashWorld], None]:
    return lambda world: world.slack.fail("chat.postMessage", Fault(**fault))


FAULTS = {
    "refusals": [
        on_discord(status=429, retry_after=1),
        on_discord(status=429, retry_after=1, is_global=True),
        on_slack(status=429, retry_after="1", error="ratelimited"),
        on_discord(status=503),
        on_slack(status=503),
    ],
    "errors": [
        on_discord(status=500),
        on_discord(status=500, accept=True),
        on_discord(status=502, accept=True),
        on_slack(status=500),
        on_slack(status=502, accept=True),
        on_slack(error="internal_error", accept=True),
    ],
    "cuts and silence": [
        on_discord(cut=True),
        on_discord(cut=True, accept=True),
        on_discord(hang=True, accept=True),
        on_slack(cut=True),
        on_slack(cut=True, accept=True),
        on_slack(hang=True, accept=True),
    ],
}


@pytest.mark.parametrize("family", FAULTS)
async def test_a_send_that_fails_is_told_once_all_the_same(
    tmp_path: Path, launcher: Launcher, family: str
) -> None:
    async with running(tmp_path, launcher, patience_s=2.5) as world:
        for spoil in FAULTS[family]:
            spoil(world)
            world.publish(family)
            await told(world)


async def _dropped(world: CrashWorld, code: int) -> None:
    await world.discord.gateway.drop(code)


async def _mute(world: CrashWorld) -> None:
    gateway, before = world.discord.gateway, world.discord.gateway.connections
    gateway.silent = True
    await eventually(lambda: gateway.connections > before, what="a new connection")
    gateway.silent = False
    await gateway.drop()


GATEWAY: dict[str, tuple[list[Callable[[CrashWorld], Awaitable[None]]], int]] = {
    "closed, the session lives": (
        [lambda world, code=code: _dropped(world, code) for code in (4000, 4001, 4002, 4003, 4005, 4008)],  # type: ignore[misc]
        0,
    ),
    "closed, the session is over": (
        [lambda world, code=code: _dropped(world, code) for code in (4007, 4009)],  # type: ignore[misc]
        2,
    ),
    "asked to reconnect": ([lambda world: world.discord.gateway.ask_reconnect()], 0),
    "session invalid": (
        [
            lambda world: world.discord.gateway.invalidate(resumable=False),
            lambda world: world.discord.gateway.invalidate(resumable=True),
        ],
        1,
    ),
    "heartbeats are not answered": ([_mute], 0),
}


@pytest.mark.parametrize("kind", GATEWAY)
async def test_the_gateway_is_lost_and_found(tmp_path: Path, launcher: Launcher, kind: str) -> None:
    faults, new_sessions = GATEWAY[kind]
    patience = 1.5 if kind == "heartbeats are not answered" else None
    async with open_crash_world(tmp_path, launcher, seed=6) as world:
        gateway = world.discord.gateway
        gateway.heartbeat_ms = 400 if patience else 41_250
        world.patience_s = patience
        await world.start()
        await gateway.connected()
        identified = len(gateway.identifies)
        for spoil in faults:
            connections = gateway.connections
            await spoil(world)
            world.publish(kind)
            await eventually(lambda seen=connections: gateway.connections > seen, what="a new connection")  # type: ignore[misc]
            await gateway.connected()
        await told(world)
        answer = await world.discord.slash("latest", {}, channel_id=DISCORD)
        assert answer.text or answer.embeds
        await world.stop()
        assert len(gateway.identifies) - identified == new_sessions
        assert "discord_gateway_lost" in world.output
        assert world.wrong() == []


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        (4004, "Discord refuses the token"),
        (4010, "no such shard"),
        (4011, "more servers than one connection"),
        (4012, "a gateway version"),
        (4013, "an intent that it no longer knows"),
        (4014, "an intent that the bot may not use"),
    ],
)
async def test_a_close_that_cannot_be_mended_ends_discord_with_advice_and_slack_goes_on(
    tmp_path: Path, launcher: Launcher, code: int, advice: str
) -> None:
    async with open_crash_world(tmp_path, launcher, seed=code) as world:
        world.discord.gateway.close_next = [code]
        await world.start()
        await eventually(lambda: "Discord is off" in world.output, what="said in the terminal")
        assert advice in " ".join(world.output.split())
        title = world.publish("Discord is off")
        await eventually(lambda: world.told(title)[f"slack:{SLACK}"], what="Slack is told")
        await world.stop()
        assert not world.told(title)[f"discord:{DISCORD}"]
        assert await world.settle() == [], "mended and started again, Discord is told what it missed"
