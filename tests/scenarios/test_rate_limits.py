"""The dispatcher with the real handlers against stand-ins with limits: nobody waits for another's limit, and no limit
is met with more requests than it takes to learn of it."""

import asyncio
import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.delivery.dispatcher import Dispatcher
from bot.model import ChannelKey, Event, Grade, TopicId, utc_now
from handlers.discord.client import open_discord
from handlers.slack.client import open_session, web_client
from handlers.slack.sending import Sender
from storage import deliveries, items, sources, subscriptions
from storage.database import Database, open_database
from storage.deliveries import DeliveryPlan
from storage.delivery_rows import rows_by_id
from tests.builders import a_catalog, a_source, a_subscription, a_verdict
from tests.scenarios.program import eventually
from tests.scenarios.test_discord_send import NoCommands
from tests.standins.discord import TOKEN, DiscordServer, open_discord_server
from tests.standins.slack import Fault, SlackStandin, open_slack_standin
from tests.standins.slack_limits import SlackLimits
from tests.standins.slack_workspace import BOT_TOKEN, TEAM

MINUTES = 120


class SlackSends:
    """One workspace, without a connection for commands."""

    platform = "slack"

    def __init__(self, sender: Sender) -> None:
        self.send, self.find_sent, self.limits = sender.send, sender.find_sent, sender.limits


@dataclass
class World:
    database: Database
    discord: DiscordServer
    slack: SlackStandin
    began: float = field(default_factory=time.monotonic)
    stories: int = 0

    async def alert(self, *channels: str) -> None:
        """``55`` is a channel of Discord, ``C5`` one of Slack."""
        keys = [
            discord_key(name) if name.isdecimal() else ChannelKey(f"slack:{TEAM}/{name}") for name in channels
        ]
        self.stories += 1
        verdict = a_verdict(number=self.stories, event=Event.NEW, story=self.stories)
        now = utc_now()
        async with self.database.transaction() as tx:
            for key in keys:
                await subscriptions.subscribe(tx, a_subscription(channel=key))
            (item,) = await items.add_verdicts(tx, [verdict])
            alert = await deliveries.add_alert(
                tx, story=verdict.story, item=item, event=Event.NEW, grade=Grade.REPORT, previous_grade=None,
                reason="test", answers=(), topics=(TopicId("deepseek-v4"),), excerpt="x", now=now,
            )  # fmt: skip
            await deliveries.add_deliveries(
                tx, alert, [DeliveryPlan(channel=key, due=now) for key in keys], now=now
            )

    def told(self, *channels: str) -> int:
        """In how many of these channels something stands."""
        spoken = (
            self.discord.messages(name) if name.isdecimal() else self.slack.messages(name)
            for name in channels
        )
        return sum(bool(messages) for messages in spoken)

    async def first_due(self) -> float:
        """In how many seconds the first delivery of all is tried again."""
        async with self.database.reading() as conn:
            (row,) = await rows_by_id(conn, [1])
        return (row.due - utc_now()).total_seconds()

    async def within(self, seconds: float, *channels: str) -> None:
        """All of these are told in that time."""
        await eventually(
            lambda: self.told(*channels) == len(channels),
            within_s=seconds,
            what=f"{len(channels)} channels told",
        )


def discord_key(name: str) -> ChannelKey:
    return ChannelKey(f"discord:{name}")


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Nothing is sent before ``dispatching``."""
    async with (
        open_discord_server() as discord,
        open_slack_standin() as slack,
        open_database(f"sqlite+aiosqlite:///{tmp_path}/t.db") as database,
    ):
        for number in (*range(100, 140), *range(900, 1000)):
            discord.add_channel(number)
        async with database.transaction() as tx:
            await sources.sync_catalog(tx, [a_source()], now=utc_now())
        yield World(database, discord, slack)


@asynccontextmanager
async def dispatching(world: World) -> AsyncIterator[None]:
    dispatcher = Dispatcher(world.database, a_catalog(), owner="one", clock=utc_now)
    async with (
        open_discord(token=TOKEN, api_url=world.discord.url, commands=NoCommands()) as handler,
        open_session() as session,
    ):
        sender = Sender(web_client(session, token=BOT_TOKEN, api_url=world.slack.url), team=TEAM, settle_s=0)
        slack = SlackSends(sender)
        dispatcher.serve(handler, handler.limits)
        dispatcher.serve(slack, slack.limits)
        stop = asyncio.Event()
        running = asyncio.ensure_future(dispatcher.run(stop, drain_s=0.1))
        try:
            yield
        finally:
            stop.set()
            await running


FAST = tuple(str(number) for number in range(100, 130))


@pytest.mark.parametrize("scope", ["user", "shared"])
async def test_a_channel_of_discord_that_must_wait_for_minutes_delays_no_other(
    world: World, scope: str
) -> None:
    world.discord.fail(path="/channels/900/messages", status=429, retry_after=MINUTES, scope=scope, times=99)
    await world.alert("900", *FAST)
    await world.alert("900", *FAST)
    async with dispatching(world):
        await eventually(lambda: all(len(world.discord.messages(name)) == 2 for name in FAST), within_s=5)
    assert world.discord.posts("900") == 1
    assert await world.first_due() > MINUTES - 10
    assert world.discord.invalid.count == (1 if scope == "user" else 0)


async def test_discords_limit_over_all_channels_silences_them_all_for_so_long(world: World) -> None:
    world.discord.fail(status=429, retry_after=1.0, is_global=True)
    await world.alert(*FAST)
    async with dispatching(world):
        await eventually(lambda: world.discord.invalid.count == 1, within_s=5)
        refused_at = time.monotonic()
        await asyncio.sleep(0.3)  # what was under way is answered by then
        before = len(world.discord.requests)
        await asyncio.sleep(0.5)
        assert len(world.discord.requests) == before
        await world.within(5, *FAST)
    assert time.monotonic() - refused_at >= 1.0
    assert world.discord.invalid.count == 1


async def test_a_shut_out_address_is_silent(world: World) -> None:
    world.discord.fail(status=429, retry_after=MINUTES, from_api=False, times=99)
    await world.alert(*FAST)
    async with dispatching(world):
        await eventually(lambda: world.discord.invalid.count, within_s=5)
        await asyncio.sleep(0.5)
        seen = len(world.discord.requests)
        await asyncio.sleep(0.8)
    assert len(world.discord.requests) == seen <= 15


async def test_a_refused_token_is_not_tried_for_each_channel(world: World) -> None:
    world.discord.fail(status=401, times=99)
    await world.alert(*FAST)
    async with dispatching(world):
        await eventually(lambda: world.discord.invalid.count, within_s=5)
        await asyncio.sleep(0.8)
    assert world.discord.invalid.count <= 15


async def test_more_than_fifty_channels_meet_no_refusal(world: World) -> None:
    """The stand-in takes 50 requests in any second."""
    names = tuple(str(number) for number in range(900, 1000))
    await world.alert(*names)
    began = time.monotonic()
    async with dispatching(world):
        await world.within(10, *names)
    assert time.monotonic() - began > 1.0, "the stand-in's limit was not met at all"
    assert world.discord.all_requests.refused == 0


async def test_alerts_of_one_channel_keep_their_order_and_its_limit(world: World) -> None:
    world.discord.budget.limit, world.discord.budget.window_s = 3, 0.6
    world.discord.fail(path="/channels/100/messages", status=429, retry_after=0.2)
    for _ in range(8):
        await world.alert("100", "101")
    async with dispatching(world):
        await eventually(
            lambda: len(world.discord.messages("100")) == 8 == len(world.discord.messages("101"))
        )
    for name in ("100", "101"):
        links = [message["embeds"][0]["url"] for message in world.discord.messages(name)]
        assert links == [f"https://reuters.com/{number}" for number in range(1, 9)]
    assert world.discord.slowed_down == 0


async def test_channels_that_do_not_answer_delay_no_other(world: World) -> None:
    """More of them than there are places, and all before the others; each holds its place for 35 s."""
    dead = tuple(str(number) for number in range(900, 970))
    world.discord.fail(path=r"/channels/9\d\d/messages", hang=True, times=999)
    await world.alert(*dead, *FAST)
    async with dispatching(world):
        await world.within(20, *FAST)
    assert world.told(*dead) == 0


async def test_a_platform_that_does_not_answer_delays_no_other(world: World) -> None:
    world.slack.fail("chat.postMessage", *[Fault(hang=True)] * 99)
    await world.alert(*(f"C{number}" for number in range(30)), *FAST)
    async with dispatching(world):
        await world.within(4, *FAST)


async def test_a_channel_of_slack_that_must_wait_for_minutes_delays_no_other(world: World) -> None:
    refusal = Fault(error="ratelimited", status=429, retry_after=str(MINUTES))
    world.slack.fail("chat.postMessage", *[refusal] * 9, channel="C0")
    others = tuple(f"C{number}" for number in range(1, 13))
    await world.alert("C0", *others)
    async with dispatching(world):
        await world.within(4, *others)
    assert sum(call.arguments["channel"] == "C0" for call in world.slack.calls) == 1


class Closed(SlackLimits):
    """A workspace that takes nothing for three seconds."""

    def __init__(self) -> None:
        super().__init__()
        self.opens = time.monotonic() + 3.0

    def take(self, method: str, channel: str) -> int:
        wait = math.ceil(max(self.opens - time.monotonic(), 0.0))
        self.refused[method] += wait > 0
        return wait


async def test_a_workspace_that_must_wait_is_not_asked_for_each_channel(world: World) -> None:
    names = tuple(f"C{number}" for number in range(40))
    await world.alert(*names)
    world.slack.limits = Closed()
    async with dispatching(world):
        await world.within(15, *names)
    # As many as go out at once, and none after the first answers.
    assert world.slack.limits.refused.total() <= 15


async def test_slacks_channels_and_workspace_meet_no_refusal(world: World) -> None:
    world.slack.limits = SlackLimits()
    names = tuple(f"C{number}" for number in range(18))
    await world.alert(*names)
    await world.alert("C0")
    async with dispatching(world):
        await world.within(8, *names)
        await eventually(lambda: len(world.slack.messages("C0")) == 2, within_s=8)
    assert world.slack.limits.refused.total() == 0
    assert world.slack.count("conversations.list") == 0


async def test_many_lookups_keep_to_slacks_pace_and_hold_up_nobody(world: World) -> None:
    """Twelve sends whose outcome is not known; Slack lets a history be read fifty times a minute."""
    doubtful = tuple(f"C{number}" for number in range(12))
    for name in doubtful:
        world.slack.fail("chat.postMessage", Fault(cut=True), channel=name)
    await world.alert(*doubtful)
    async with dispatching(world):
        await eventually(lambda: world.slack.count("conversations.history") >= 10, within_s=8)
        await world.alert("C90", "C91")
        await world.within(4, "C90", "C91")
        await asyncio.sleep(0.5)
        assert world.slack.count("conversations.history") == 10
