"""Each command as it is used in Discord: through the real client and gateway, to a real database, and back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
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
from handlers.discord.client import DiscordHandler, open_discord
from handlers.specs import COMMANDS
from storage import deliveries, outbox, schema, subscriptions
from storage.database import Database, open_database
from storage.deliveries import DeliveryPlan
from storage.sources import sync_catalog
from tests.builders import NOW, a_subscription
from tests.feed_server import FeedServer, feed_server
from tests.scenarios.test_commands import CATALOG, fill
from tests.standins.discord import TOKEN, DiscordServer, open_discord_server

HERE, V4 = ChannelKey("discord:55"), TopicId("deepseek-v4")
RED = 0xED4245  # the colour of an answer that says no
FEED = (
    "<rss><channel><title>V4 Daily</title><item><title>V4</title><link>https://v4.example/1</link>"
    "<guid>1</guid></item></channel></rss>"
)
#: The options that are chosen, and words of the answer.
USED: dict[str, tuple[dict[str, str], str]] = {
    "subscribe": ({"topic": "ascend", "min-grade": "report", "mode": "daily"}, "Subscribed to Huawei Ascend"),
    "unsubscribe": ({"topic": "deepseek-v4"}, "Unsubscribed"),
    "subscriptions": ({}, "DeepSeek V4"),
    "latest": ({"count": "2"}, "V4"),
    "search": ({"text": "ascend 950"}, "Ascend 950 measured"),
    "status": ({}, "Is V4 out?"),
    "topics": ({}, "Huawei Ascend"),
    "sources": ({}, "Dead"),
    "hot": ({"topic": "deepseek-v4", "time": "6h"}, "is hot until"),
    "why": ({"story": "1"}, "official"),
    "correct": ({"story": "1", "grade": "report"}, "report"),
    "benchmarks": ({"subject": "Ascend 950PR"}, "Ascend 950PR"),
    "licences": ({}, "icence"),
    "story": ({"story": "1"}, "DeepSeek"),
    "timeline": ({"topic": "deepseek-v4"}, ""),
    "settings": ({"zone": "Europe/Berlin"}, "Europe/Berlin"),
    "source add": ({"url": "{feed}"}, "V4"),
    "source remove": ({"source": "{feed}"}, "No longer read"),
    "mute": ({"story": "1", "time": "2d"}, "Muted story"),
    "digest now": ({}, ""),
    "test": ({}, ""),
    "backtest": ({"topic": "deepseek-v4", "days": "30"}, "alert"),
    "feedback": ({}, ""),
    "export": ({"format": "csv"}, ""),
    "privacy": ({}, "What Tipoff keeps"),
    "forget": ({"what": "channel"}, "Delete for good?"),
    "help": ({}, "/subscribe"),
}
BEFORE = {"source remove": ("source add", {"url": "{feed}"})}


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    async with open_discord_server() as opened:
        opened.add_channel(55)
        yield opened


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(f"sqlite+aiosqlite:///{tmp_path}/t.db") as opened:
        async with opened.transaction() as tx:
            await sync_catalog(tx, CATALOG.sources, now=NOW)
            await subscriptions.subscribe(tx, a_subscription(channel=HERE, topic=V4, created_by="discord:7"))
        await fill(opened)
        async with opened.transaction() as tx:
            alert = await deliveries.add_alert(
                tx, story=StoryId(1), item=1, event=Event.NEW, grade=Grade.OFFICIAL, previous_grade=None,
                reason="new", answers=(), topics=(V4,), excerpt="V4", now=NOW,
            )  # fmt: skip
            await deliveries.add_deliveries(tx, alert, [DeliveryPlan(channel=HERE, due=NOW)], now=NOW)
            minute = timedelta(minutes=1)
            (row,) = await outbox.claim(tx, owner="o", now=NOW, lease=minute, limit=1, platforms=["discord"])
            await outbox.record_sent(tx, row.id, message_id="1", thread_id=None, now=NOW)
        yield opened


@pytest.fixture
async def web() -> AsyncIterator[FeedServer]:
    async with feed_server() as opened:
        opened.show("/feed", FEED)
        yield opened


@asynccontextmanager
async def serving(server: DiscordServer, database: Database) -> AsyncIterator[DiscordHandler]:
    async with open_fetcher(contact="", allow_private=True) as fetcher:
        services = Services(
            take_source=partial(take, fetcher=fetcher, clock=lambda: NOW), private_addresses=True
        )
        commands = Commands(database, CATALOG, clock=lambda: NOW, services=services)
        async with (
            open_discord(token=TOKEN, api_url=server.url, commands=commands, database=database) as handler,
            asyncio.TaskGroup() as group,
        ):
            running = group.create_task(handler.run())
            yield handler
            running.cancel()


@pytest.mark.parametrize("name", [spec.name for spec in COMMANDS])
async def test_each_command(server: DiscordServer, database: Database, web: FeedServer, name: str) -> None:
    def filled(options: dict[str, str]) -> dict[str, str]:
        return {key: value.format(feed=web.url("/feed")) for key, value in options.items()}

    options, says = USED[name]
    async with serving(server, database):
        if name in BEFORE:
            before, given = BEFORE[name]
            await server.slash(before, filled(given), channel_id=55)
        answer = await server.slash(name, filled(options), channel_id=55)
    assert says in answer.text
    assert RED not in [embed["color"] for embed in answer.last["embeds"]], answer.text
    assert answer.ephemeral
    assert answer.acknowledged_s < 1
    assert bool(answer.files) == (name in ("timeline", "export"))


@pytest.mark.parametrize("name", [spec.name for spec in COMMANDS if spec.needs_manage])
async def test_only_who_may_manage_the_channel(server: DiscordServer, database: Database, name: str) -> None:
    options, _ = USED[name]
    async with serving(server, database):
        answer = await server.slash(name, options, channel_id=55, permissions=("send_messages",), user_id="8")
    assert "manage" in answer.text
    assert answer.message["embeds"][0]["color"] == RED


async def test_pages_are_turned_and_a_story_is_opened(server: DiscordServer, database: Database) -> None:
    async with serving(server, database):
        shown = await server.slash("latest", {"count": "1"}, channel_id=55)
        first = shown.message["embeds"][0]["description"]
        turned = await server.press(shown.message, "Older ▶")
        assert turned.replaced
        assert shown.message["embeds"][0]["description"] != first
        opened = await server.choose(shown.message, "1")
    assert "V4" in opened.text


async def test_the_settings_of_a_channel_are_changed_in_their_form(
    server: DiscordServer, database: Database
) -> None:
    async with serving(server, database):
        shown = await server.slash("settings", channel_id=55)
        opened = await server.press(shown.message, "Change this channel")
        answer = await server.fill(opened.modal, {"zone": "Europe/Berlin"}, channel_id=55)
    assert "Europe/Berlin" in answer.text
    async with database.reading() as conn:
        row = (await conn.execute(select(schema.channels).where(schema.channels.c.key == HERE))).one()
    assert (row.zone, row.kind) == ("Europe/Berlin", "text")


async def test_what_people_say_of_an_alert_is_kept(server: DiscordServer, database: Database) -> None:
    from bot.delivery.contract import AlertMessage
    from tests.scenarios.test_discord_send import an_alert

    alert: AlertMessage = an_alert(channel=HERE, story=StoryId(1), alert=1)
    async with serving(server, database) as handler:
        await handler.send(alert)
        (message,) = server.messages(55)
        said = await server.press(message, "Noise", permissions=(), user_id="8")
        why = await server.press(message, "Why", permissions=(), user_id="8")
        refused = await server.press(message, "Mute story", permissions=(), user_id="8")
        muted = await server.press(message, "Mute story")
    assert said.ephemeral
    assert "official" in why.text
    assert "manage" in refused.text
    assert RED not in [embed["color"] for embed in muted.message["embeds"]]
    async with database.reading() as conn:
        (row,) = await conn.execute(select(schema.feedback))
    assert (row.alert_id, row.said_by, row.verdict) == (1, "discord:8", "noise")
