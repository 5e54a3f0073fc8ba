"""Each command as it is typed in Slack: through the real bolt application, to a real database, and back."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.flow.examine import take
from bot.intake.fetch import open_fetcher
from bot.model import ChannelKey, Event, Grade, StoryId, TopicId
from handlers.commands import Commands
from handlers.context import Services
from handlers.servers import Servers
from handlers.specs import COMMANDS
from storage import deliveries, outbox, schema, subscriptions
from storage.database import Database, open_database
from storage.deliveries import DeliveryPlan
from storage.servers import ChannelFacts, note_channel
from storage.sources import sync_catalog
from tests.builders import NOW, a_subscription
from tests.feed_server import FeedServer, feed_server
from tests.scenarios.test_commands import CATALOG, fill
from tests.scenarios.test_slack_http import HTTP_ONLY, listening
from tests.standins.slack import SlackStandin, open_slack_standin
from tests.standins.slack_people import labels
from tests.standins.slack_served import serving
from tests.standins.slack_workspace import TEAM

HERE, V4 = ChannelKey(f"slack:{TEAM}/C1"), TopicId("deepseek-v4")
#: What is typed after the command, and words of the answer.
TYPED = {
    "subscribe": ("ascend min-grade=report", "Subscribed to Huawei Ascend"),
    "unsubscribe": ("deepseek-v4", "Unsubscribed"),
    "subscriptions": ("", "DeepSeek V4"),
    "latest": ("count=2", "V4"),
    "search": ("ascend 950", "Ascend 950 measured"),
    "status": ("", "Is V4 out?"),
    "topics": ("", "Huawei Ascend"),
    "sources": ("", "Dead"),
    "hot": ("deepseek-v4 time=6h", "is hot until"),
    "why": ("1", "official"),
    "correct": ("story=1 grade=report", "report"),
    "benchmarks": ("Ascend 950PR", "Ascend 950PR"),
    "licences": ("", "icence"),
    "story": ("1", "DeepSeek"),
    "timeline": ("deepseek-v4", "direct messages"),
    "settings": ("zone=Europe/Berlin", "Europe/Berlin"),
    "source add": ("{feed}", "V4"),
    "source remove": ("{feed}", ""),
    "mute": ("story=1 time=2d", ""),
    "digest now": ("", ""),
    "test": ("", ""),
    "backtest": ("deepseek-v4 days=30", ""),
    "feedback": ("", ""),
    "export": ("format=csv", "direct messages"),
    "privacy": ("", "What Tipoff keeps"),
    "forget": ("channel", "Delete for good?"),
    "help": ("", "/tipoff subscribe"),
}
BEFORE = {"source remove": "source add {feed}"}
FEED = (
    "<rss><channel><title>V4 Daily</title><item><title>V4</title><link>https://v4.example/1</link>"
    "<guid>1</guid></item></channel></rss>"
)


@pytest.fixture
async def slack() -> AsyncIterator[SlackStandin]:
    async with open_slack_standin() as standin:
        standin.make_admin("U1")
        yield standin


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(f"sqlite+aiosqlite:///{tmp_path}/t.db") as opened:
        async with opened.transaction() as tx:
            await sync_catalog(tx, CATALOG.sources, now=NOW)
            mine = a_subscription(channel=HERE, topic=V4, created_by=f"slack:{TEAM}/U1")
            await subscriptions.subscribe(tx, mine)
            await note_channel(tx, HERE, ChannelFacts(server=f"slack:{TEAM}", kind="text"))
        await fill(opened)
        async with opened.transaction() as tx:
            alert = await deliveries.add_alert(
                tx, story=StoryId(1), item=1, event=Event.NEW, grade=Grade.OFFICIAL, previous_grade=None,
                reason="new", answers=(), topics=(V4,), excerpt="V4", now=NOW,
            )  # fmt: skip
            await deliveries.add_deliveries(tx, alert, [DeliveryPlan(channel=HERE, due=NOW)], now=NOW)
            minute = timedelta(minutes=1)
            (row,) = await outbox.claim(tx, owner="o", now=NOW, lease=minute, limit=1, platforms=["slack"])
            await outbox.record_sent(tx, row.id, message_id="1.0", thread_id="1.0", now=NOW)
        yield opened


@pytest.fixture
async def web() -> AsyncIterator[FeedServer]:
    async with feed_server() as opened:
        opened.show("/feed", FEED)
        yield opened


@pytest.fixture
async def commands(database: Database) -> AsyncIterator[Commands]:
    async with open_fetcher(contact="", allow_private=True) as fetcher:
        services = Services(
            take_source=partial(take, fetcher=fetcher, clock=lambda: NOW), private_addresses=True
        )
        yield Commands(database, CATALOG, clock=lambda: NOW, services=services)


@pytest.mark.parametrize("name", [spec.name for spec in COMMANDS])
async def test_each_command_over_socket_mode(slack, commands, database, web, name) -> None:
    typed, says = TYPED[name]
    async with serving(slack, commands, servers=Servers(database, clock=lambda: NOW)):
        if name in BEFORE:
            await slack.slash("/tipoff", BEFORE[name].format(feed=web.url("/feed")))
        reply = await slack.slash("/tipoff", f"{name} {typed.format(feed=web.url('/feed'))}")
    shown = str(reply["blocks"])
    assert says in shown
    assert "'warning'" not in shown, shown  # the mark of an answer that says no
    assert reply["response_type"] == "ephemeral"
    assert max(slack.ack_seconds) < 1


@pytest.mark.parametrize("name", ["status", "settings", "source add"])
async def test_commands_over_http_each_by_itself(slack, commands, database, web, name) -> None:
    first, _, second = name.partition(" ")
    typed, says = TYPED[name]
    async with serving(slack, commands, **HTTP_ONLY) as handler, listening(handler) as url:
        text = f"{second} {typed.format(feed=web.url('/feed'))}".strip()
        status, reply = await slack.slash_http(url, f"/tipoff-{first}", text)
    assert status == 200
    assert reply is not None
    assert says in str(reply["blocks"])


async def test_pages_are_turned_and_a_story_is_opened_from_its_list(slack, commands) -> None:
    async with serving(slack, commands):
        first = await slack.slash("/tipoff", "latest count=1")
        second = await slack.press(first, labels(first)[-1])
        assert second["replace_original"] is True
        assert second["text"] != first["text"]
        opened = await slack.choose(second, "1")
    assert "V4" in opened["text"]


async def test_the_settings_of_a_channel_are_changed_in_their_form(slack, commands, database) -> None:
    async with serving(slack, commands):
        shown = await slack.slash("/tipoff", "settings")
        await slack.press_only(shown, "Change this channel")
        view = await slack.opened()
        assert "Europe/Berlin" in await slack.type_into(view, "zone", "berlin")
        answer = await slack.submit(view, zone="Europe/Berlin")
    assert "Europe/Berlin" in str(answer["blocks"])


async def test_a_subscription_is_made_by_a_form_with_lists(slack, commands, database) -> None:
    async with serving(slack, commands, servers=Servers(database, clock=lambda: NOW)):
        await slack.typed("/tipoff", "subscribe", channel_id="C9")
        view = await slack.opened()
        assert "ascend" in await slack.type_into(view, "topic", "huawei")
        answer = await slack.submit(view, topic="ascend", mode="daily", min_grade="report")
    assert "Subscribed to Huawei Ascend" in answer["text"]
    async with database.reading() as conn:
        (held,) = await subscriptions.of_channel(conn, ChannelKey(f"slack:{TEAM}/C9"))
    assert (held.mode.value, held.min_grade.value) == ("daily", "report")


async def test_the_workspace_of_a_token_rests_when_the_app_is_removed_and_comes_back(
    slack, commands, database
) -> None:
    servers = Servers(database, clock=lambda: NOW)
    event = {"type": "event_callback", "team_id": TEAM, "event": {"type": "app_uninstalled"}}

    async def is_told() -> bool:
        async with database.reading() as conn:
            (row,) = await conn.execute(select(schema.channels).where(schema.channels.c.key == HERE))
        return bool(row.active)

    async with serving(slack, commands, servers=servers):
        await slack.envelope("events_api", event)
        async with asyncio.timeout(10):
            while await is_told():
                await asyncio.sleep(0.02)
    async with serving(slack, commands, servers=servers):
        assert await is_told()
