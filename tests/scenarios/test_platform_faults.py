"""The whole program while Discord and Slack fail in every documented way: it goes on, and tells all news once.

What a single send makes of each answer is tested beside the handlers; here it is what people see in the end.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.crashes import (
    DISCORD,
    SLACK,
    CrashWorld,
    open_crash_world,
)
from tests.scenarios.launcher import Launcher, open_launcher
from tests.scenarios.program import eventually
from tests.standins.slack import Fault
from tests.standins.slack_workspace import BOT_TOKEN

pytestmark = pytest.mark.timeout(300)  # many starts and stops of the whole program


@pytest.fixture(scope="module")
def launcher() -> Iterator[Launcher]:
    with open_launcher() as opened:
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


async def _mute(world: CrashWorld) -> None:
    gateway, before = world.discord.gateway, world.discord.gateway.connections
    gateway.silent = True
    await eventually(lambda: gateway.connections > before, what="a new connection")
    gateway.silent = False
    await gateway.drop()


def _closed(code: int) -> Callable[[CrashWorld], Awaitable[None]]:
    return lambda world: world.discord.gateway.drop(code)


#: Each with whether a new session must begin.
#: https://docs.discord.com/developers/topics/opcodes-and-status-codes
GATEWAY: dict[str, list[tuple[Callable[[CrashWorld], Awaitable[None]], bool]]] = {
    "closed": [
        *((_closed(code), False) for code in (4000, 4001, 4002, 4003, 4005, 4008)),
        *((_closed(code), True) for code in (4007, 4009)),
    ],
    "told to": [
        (lambda world: world.discord.gateway.ask_reconnect(), False),
        (lambda world: world.discord.gateway.invalidate(resumable=False), True),
        (lambda world: world.discord.gateway.invalidate(resumable=True), False),
    ],
    "silent": [(_mute, False)],
}


@pytest.mark.parametrize("kind", GATEWAY)
async def test_the_gateway_is_lost_and_found(tmp_path: Path, launcher: Launcher, kind: str) -> None:
    async with open_crash_world(tmp_path, launcher, seed=6) as world:
        gateway = world.discord.gateway
        if kind == "silent":
            gateway.heartbeat_ms, world.patience_s = 400, 1.5
        await world.start()
        await gateway.connected()
        begun = len(gateway.identifies)
        for spoil, _ in GATEWAY[kind]:
            connections = gateway.connections
            await spoil(world)
            world.publish(kind)
            await eventually(lambda seen=connections: gateway.connections > seen, what="a new connection")  # type: ignore[misc]
            await gateway.connected()
        await told(world)
        answer = await world.discord.slash("latest", {}, channel_id=DISCORD)
        assert "DeepSeek V4" in str(answer)
        await world.stop()
        assert len(gateway.identifies) - begun == sum(new for _, new in GATEWAY[kind])
        assert "discord_gateway_lost" in world.output
        assert world.wrong() == []


FATAL = {
    4004: "Discord refuses the token",
    4010: "no such shard",
    4011: "more servers than",
    4012: "a gateway version",
    4013: "an intent that it no longer knows",
    4014: "an intent that the bot may not use",
}


async def test_a_close_that_cannot_be_mended_ends_discord_with_advice_and_slack_goes_on(
    tmp_path: Path, launcher: Launcher
) -> None:
    async with open_crash_world(tmp_path, launcher, seed=4) as world:
        for code, advice in FATAL.items():
            before = len(world.output)
            world.discord.gateway.close_next = [code]
            await world.start()
            await eventually(lambda at=before: "Discord is off" in world.output[at:], what=f"{code} is said")  # type: ignore[misc]
            assert advice in " ".join(world.output[before:].split())
            title = world.publish(f"closed with {code}")
            await eventually(lambda title=title: world.told(title)[f"slack:{SLACK}"], what="Slack is told")  # type: ignore[misc]
            await world.stop()
            assert not world.told(title)[f"discord:{DISCORD}"]
        assert await world.settle() == [], "mended and started again, Discord is told what it missed"


async def _muted(world: CrashWorld) -> None:
    """The connection stays, and nothing comes through it any more."""
    before = world.slack.connections
    world.slack.mute_sockets = 1
    await world.slack.drop_sockets()
    await eventually(lambda: world.slack.connections > before + 1, what="the mute one is given up")


async def _said(world: CrashWorld, reason: str, logged: str) -> None:
    """Slack says why it ends the connections; again, when a busy client was just making a new one."""
    for _ in range(10):
        await world.slack.connected()
        await world.slack.refresh(reason)
        if reason == "link_disabled":
            await world.slack.drop_sockets()
        with contextlib.suppress(AssertionError):
            await eventually(lambda: logged in world.output, within_s=2, what=f"{logged} is said")
            return
    raise AssertionError(f"{reason} was never read")


async def _disabled(world: CrashWorld) -> None:
    world.slack.fail("apps.connections.open", *[Fault(error="internal_error")] * 2)
    await _said(world, "link_disabled", "Turn Socket Mode on again")


SOCKET: list[Callable[[CrashWorld], Awaitable[None]]] = [
    lambda world: _said(world, "warning", '"reason": "warning"'),
    lambda world: _said(world, "refresh_requested", "refresh_requested"),
    _disabled,
    lambda world: world.slack.drop_sockets(),
    _muted,
]


async def _asked(world: CrashWorld) -> dict[str, Any]:
    """The answer to a command; asked again when its connection was just closing."""
    while True:
        with contextlib.suppress(ConnectionError, IndexError):
            return await world.slack.slash("/tipoff", "latest", channel_id=SLACK)
        await asyncio.sleep(0.1)


async def test_socket_mode_is_lost_and_found(tmp_path: Path, launcher: Launcher) -> None:
    async with running(tmp_path, launcher, patience_s=2.5) as world:
        for spoil in SOCKET:
            before = world.slack.connections
            await spoil(world)
            world.publish("Socket Mode is lost")
            await eventually(lambda before=before: world.slack.connections > before, what="a new connection")  # type: ignore[misc]
            await world.slack.connected()
            async with asyncio.timeout(20):
                assert "DeepSeek V4" in str(await _asked(world))


async def test_a_discord_token_that_is_revoked_ends_only_discord(tmp_path: Path, launcher: Launcher) -> None:
    async with open_crash_world(tmp_path, launcher, seed=7) as world:
        await world.start()
        await world.discord.gateway.connected()
        world.discord.token, held = "another", world.discord.token
        world.discord.gateway.refuse_token = True
        await world.discord.gateway.drop(4004)
        await eventually(lambda: "Discord is off" in world.output, what="said in the terminal")
        assert "Reset it in the developer portal" in " ".join(world.output.split())
        title = world.publish("the token is revoked")
        await eventually(lambda: world.told(title)[f"slack:{SLACK}"], what="Slack is told")
        await world.stop()
        assert held not in world.output
        said = await world.call("doctor")
        assert "Discord: the token is refused" in said
        assert world.told(title)[f"discord:{DISCORD}"] == 0
        world.discord.token, world.discord.gateway.refuse_token = held, False
        assert await world.settle() == [], "with a new token Discord is told what it missed"


async def test_a_slack_token_that_is_revoked_ends_only_slack(tmp_path: Path, launcher: Launcher) -> None:
    async with open_crash_world(tmp_path, launcher, seed=8) as world:
        await world.start()
        await world.slack.connected()
        held = world.slack.tokens.pop(BOT_TOKEN)
        title = world.publish("the token is revoked")
        await eventually(
            lambda: all(times for channel, times in world.told(title).items() if "discord" in channel),
            what="Discord is told",
        )
        await eventually(lambda: "slack_token_refused" in world.output)
        await world.stop()
        assert "if it was revoked, install the app again" in world.output
        said = await world.call("doctor")
        assert "Slack bot token: Slack says invalid_auth" in said
        world.slack.tokens[BOT_TOKEN] = held
        assert world.told(title)[f"slack:{SLACK}"] == 0
        assert await world.settle() == [], "with a new token Slack is told what it missed, at once"


async def test_a_channel_that_is_gone_is_said_once_and_rests(tmp_path: Path, launcher: Launcher) -> None:
    async with open_crash_world(tmp_path, launcher, seed=9) as world:
        world.discord.add_channel("1009")
        await world.call("subscribe", "discord:1009", "v4")
        await world.start()
        world.discord.fail(path="/channels/1009/messages", status=404, code=10003, times=9)
        for _ in range(2):
            world.publish("a channel is gone")
            await told(world)
        await eventually(lambda: "discord:1009 is told nothing more" in world.output)
        await world.stop()
        assert world.output.count("discord:1009 is told nothing more") == 1
        said = await world.call("doctor")
        assert "Channel discord:1009: gone" in said
        assert "its subscriptions rest: the channel was deleted" in " ".join(said.split())
        assert "They rest: the channel was deleted" in await world.call("subscriptions", "discord:1009")
        await world.call("subscribe", "discord:1009", "v4")
        assert "They rest" not in await world.call("subscriptions", "discord:1009")
        assert "Channel discord:1009: gone" not in await world.call("doctor")
        assert world.wrong() == []
