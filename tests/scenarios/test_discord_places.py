"""Forums, threads and announcement channels on Discord, and servers that come and go; over real sockets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.delivery.contract import (
    AlertMessage,
    ChannelGone,
    DigestMessage,
    NoticeMessage,
    Place,
    RetryAt,
    Sent,
    Unknown,
)
from bot.errors import ConfigError
from bot.model import ChannelKey, Event, Grade, StoryId, TopicId
from handlers.discord.client import DiscordHandler, open_discord
from storage import deliveries, items, schema, servers, sources, subscriptions
from storage.database import Database, open_database
from storage.deliveries import DeliveryPlan
from tests.builders import NOW, a_source, a_subscription, a_verdict
from tests.scenarios.test_discord_send import NoCommands, an_alert
from tests.standins.discord import TOKEN, DiscordServer, open_discord_server
from tests.standins.discord_payloads import GUILD_ID

TEXT, FORUM, NEWS = 55, 70, 80
IN_FORUM = Place(kind="forum")
LONG_AGO = timedelta(minutes=10)


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    async with open_discord_server() as opened:
        opened.add_channel(TEXT)
        opened.add_channel(FORUM, kind="forum")
        opened.add_channel(NEWS, kind="announcement")
        yield opened


@pytest.fixture
async def handler(server: DiscordServer) -> AsyncIterator[DiscordHandler]:
    async with open_discord(
        token=TOKEN, api_url=server.url, commands=NoCommands(), send_timeout_s=0.6
    ) as opened:
        yield opened


def in_forum(**given: Any) -> AlertMessage:
    return an_alert(**{"channel": ChannelKey(f"discord:{FORUM}"), "place": IN_FORUM, "alert": 3, **given})


def follow_up(first: Sent, **given: Any) -> AlertMessage:
    place = Place(kind="forum", thread=first.thread_id)
    fields = {"token": "second", "event": Event.UPGRADE, "reply_to": first.message_id, "place": place}
    return in_forum(**{**fields, **given})


async def sent(handler: DiscordHandler, message: Any) -> Sent:
    outcome = await handler.send(message)
    assert isinstance(outcome, Sent), outcome
    return outcome


# -- forums


async def test_a_story_is_a_post_of_its_own_and_follow_ups_go_into_it(
    server: DiscordServer, handler: DiscordHandler
) -> None:
    first = await sent(handler, in_forum(title="DeepSeek V4 @everyone **is out**"))
    assert first.thread_id == first.message_id
    second = await sent(handler, follow_up(first))
    assert second.thread_id == first.thread_id
    assert second.message_id != first.message_id
    opening, follow = server.messages(first.thread_id)
    assert [button["label"] for button in opening["components"][0]["components"]][:2] == ["Why", "Mute story"]
    assert "message_reference" not in follow
    post = next(body for method, path, body in server.requests if path == f"/channels/{FORUM}/threads")
    assert post["name"] == "DeepSeek V4 @\u200beveryone **is out**"


@pytest.mark.parametrize("why", ["deleted", "locked"])
async def test_a_post_that_went_away_is_replaced(
    server: DiscordServer, handler: DiscordHandler, why: str
) -> None:
    first = await sent(handler, in_forum())
    channel = server.add_channel(first.thread_id, kind="thread", parent=str(FORUM))
    channel.gone, channel.locked = why == "deleted", why == "locked"
    second = await sent(handler, follow_up(first))
    assert second.thread_id != first.thread_id
    assert len(server.messages(second.thread_id)) == 1


async def test_digests_and_notices_are_posts_too(server: DiscordServer, handler: DiscordHandler) -> None:
    channel = ChannelKey(f"discord:{FORUM}")
    digest = DigestMessage(token="d1", channel=channel, title="Digest: 3 stories", entries=(), place=IN_FORUM)
    notice = NoticeMessage(token="n1", channel=channel, title="A source is away", text="x", place=IN_FORUM)
    for message in (digest, notice):
        outcome = await sent(handler, message)
        assert len(server.messages(outcome.thread_id)) == 1


TAGS = [
    {"id": "901", "name": "Staff picks", "moderated": True, "emoji_id": None, "emoji_name": None},
    {"id": "902", "name": "General", "moderated": False, "emoji_id": None, "emoji_name": None},
    {"id": "903", "name": "Official", "moderated": False, "emoji_id": None, "emoji_name": None},
    {"id": "904", "name": "deepseek v4", "moderated": False, "emoji_id": None, "emoji_name": None},
]


@pytest.mark.parametrize(
    ("given", "tags", "expected"),
    [
        pytest.param({}, TAGS, ["903", "904"], id="those that say its grade and topic"),
        pytest.param({}, TAGS[:2], ["902"], id="else the first that anybody may set"),
    ],
)
async def test_a_forum_that_wants_a_tag_gets_one(
    server: DiscordServer,
    handler: DiscordHandler,
    given: dict[str, Any],
    tags: list[Any],
    expected: list[str],
) -> None:
    """Also before the gateway told which tags there are."""
    server.add_channel(71, kind="forum", needs_tag=True, tags=tags)
    outcome = await sent(handler, in_forum(channel=ChannelKey("discord:71"), **given))
    assert (await thread_of(server, outcome)).applied_tags == expected


async def thread_of(server: DiscordServer, outcome: Sent) -> Any:
    assert outcome.thread_id is not None
    return server.channel(outcome.thread_id)


async def test_tags_that_fit_are_set_once_the_gateway_has_told(
    server: DiscordServer, handler: DiscordHandler
) -> None:
    server.add_channel(71, kind="forum", tags=TAGS)
    async with connected(server, handler):
        outcome = await sent(handler, in_forum(channel=ChannelKey("discord:71"), place=Place()))
    assert (await thread_of(server, outcome)).applied_tags == ["903", "904"]


@asynccontextmanager
async def connected(server: DiscordServer, handler: DiscordHandler) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        running = group.create_task(handler.run())
        await server.requested("PUT", "/applications/900000000000000001/commands")
        yield
        running.cancel()


@pytest.mark.parametrize("archived", [False, True])
async def test_a_post_whose_answer_was_lost_is_found(
    server: DiscordServer, handler: DiscordHandler, archived: bool
) -> None:
    """A post takes no nonce: even at once it would be doubled by asking again."""
    await sent(handler, in_forum(token="other"))
    server.fail(path=rf"/channels/{FORUM}/threads", cut=True, accept=True)
    assert isinstance(await handler.send(in_forum()), Unknown)
    posts = [each for each in server.threads.active()["threads"] if each["parent_id"] == str(FORUM)]
    assert len(posts) == 2
    server.channel(posts[1]["id"]).archived = archived
    found = await handler.find_sent(in_forum(), since=datetime.now(UTC))
    assert found == Sent(message_id=posts[1]["id"], thread_id=posts[1]["id"])


async def test_a_post_that_was_not_taken_is_not_found(server: DiscordServer, handler: DiscordHandler) -> None:
    await sent(handler, in_forum(token="other"))
    server.chat(FORUM, "somebody else")
    assert await handler.find_sent(in_forum(), since=datetime.now(UTC) - LONG_AGO) is None


async def test_a_forum_without_embeds_gets_the_plain_form(
    server: DiscordServer, handler: DiscordHandler
) -> None:
    server.fail(path=rf"/channels/{FORUM}/threads", status=403, code=50013)
    outcome = await sent(handler, in_forum())
    (message,) = server.messages(outcome.thread_id)
    assert message["embeds"] == []


# -- threads under a story's first alert

THREADS = Place(kind="text", threads=True)


async def test_follow_ups_go_into_a_thread_under_the_first_alert(
    server: DiscordServer, handler: DiscordHandler
) -> None:
    first = await sent(handler, an_alert(place=THREADS))
    assert first.thread_id is None
    second = await sent(handler, an_alert(token="second", place=THREADS, reply_to=first.message_id))
    assert second.thread_id == first.message_id
    known = Place(kind="text", threads=True, thread=second.thread_id)
    third = await sent(handler, an_alert(token="third", place=known, reply_to=first.message_id))
    # Also when nobody remembered that it was opened.
    fourth = await sent(handler, an_alert(token="fourth", place=THREADS, reply_to=first.message_id))
    assert (third.thread_id, fourth.thread_id) == (second.thread_id, second.thread_id)
    assert len(server.messages(TEXT)) == 1
    assert len(server.messages(first.message_id)) == 3
    found = await handler.find_sent(
        an_alert(token="fourth", place=THREADS, reply_to=first.message_id), since=datetime.now(UTC) - LONG_AGO
    )
    assert found == fourth


@pytest.mark.parametrize(
    ("denied", "reply_to"),
    [
        pytest.param({"create_public_threads"}, None, id="may open none"),
        pytest.param(set(), "123", id="the first alert was deleted"),
    ],
)
async def test_where_there_can_be_no_thread_a_follow_up_is_a_reply(
    server: DiscordServer, handler: DiscordHandler, denied: set[str], reply_to: str | None
) -> None:
    server.add_channel(56, denied=denied)
    channel = ChannelKey("discord:56")
    first = await sent(handler, an_alert(channel=channel, place=THREADS))
    wanted = an_alert(channel=channel, token="second", place=THREADS, reply_to=reply_to or first.message_id)
    second = await sent(handler, wanted)
    assert second.thread_id is None
    assert len(server.messages(56)) == 2
    assert await handler.find_sent(wanted, since=datetime.now(UTC) - LONG_AGO) == second


async def test_a_thread_that_cannot_be_opened_now_delays_only_the_follow_up(
    server: DiscordServer, handler: DiscordHandler
) -> None:
    first = await sent(handler, an_alert(place=THREADS))
    server.fail(path=r"/channels/\d+/messages/\d+/threads", status=503)
    outcome = await handler.send(an_alert(token="second", place=THREADS, reply_to=first.message_id))
    assert isinstance(outcome, RetryAt)
    assert server.posts(TEXT) == 1


async def test_a_channel_that_is_gone_is_gone_for_threads_too(
    server: DiscordServer, handler: DiscordHandler
) -> None:
    place = Place(kind="text", threads=True, thread="444")
    gone = an_alert(channel=ChannelKey("discord:404"), place=place, reply_to="444")
    assert isinstance(await handler.send(gone), ChannelGone)


# -- calling a role


async def test_only_the_chosen_role_is_called(server: DiscordServer, handler: DiscordHandler) -> None:
    place = Place(kind="text", mention="4242")
    await sent(handler, an_alert(title="<@&999> @here", place=place))
    (message,) = server.messages(TEXT)
    assert message["content"] == "<@&4242>"
    assert server.called == ["<@&4242>"]


# -- announcement channels


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(f"sqlite+aiosqlite:///{tmp_path}/t.db") as opened:
        yield opened


async def told(database: Database, message_ids: list[str], *, ago: timedelta = timedelta(), kind: str = "announcement",
               publish: bool = True) -> None:  # fmt: skip
    """Alerts that the channel was told, as the dispatcher records them."""
    channel = ChannelKey(f"discord:{NEWS}")
    async with database.transaction() as tx:
        await sources.sync_catalog(tx, [a_source()], now=NOW)
        await subscriptions.subscribe(tx, a_subscription(channel=channel))
        await servers.note_channel(tx, channel, servers.ChannelFacts(kind=kind))
        await tx.execute(update(schema.channels).values(publish=publish))
        (item,) = await items.add_verdicts(tx, [a_verdict()])
        for message_id in message_ids:
            alert = await deliveries.add_alert(
                tx, story=StoryId(1), item=item, event=Event.NEW, grade=Grade.REPORT, previous_grade=None,
                reason="", answers=(), topics=(TopicId("t"),), excerpt="", now=NOW,
            )  # fmt: skip
            await deliveries.add_deliveries(tx, alert, [DeliveryPlan(channel=channel, due=NOW)], now=NOW)
            delivery = await tx.scalar(select(schema.deliveries.c.id).order_by(schema.deliveries.c.id.desc()))
            assert delivery is not None
            await deliveries.record_sent(
                tx, delivery, message_id=message_id, thread_id=None, now=datetime.now(UTC) - ago
            )


async def published(database: Database) -> list[str]:
    async with database.reading() as conn:
        rows = await conn.scalars(select(schema.deliveries.c.publish).order_by(schema.deliveries.c.id))
        return list(rows)


async def until_published(database: Database, expected: list[str]) -> None:
    async with asyncio.timeout(10):
        while await published(database) != expected:
            await asyncio.sleep(0.05)


@asynccontextmanager
async def running(server: DiscordServer, database: Database) -> AsyncIterator[DiscordHandler]:
    async with (
        open_discord(token=TOKEN, api_url=server.url, commands=NoCommands(), database=database) as handler,
        connected(server, handler),
    ):
        yield handler


def stand(server: DiscordServer, count: int) -> list[str]:
    for number in range(count):
        server.chat(NEWS, f"alert {number}")
    return [row["id"] for row in server.messages(NEWS)]


async def test_alerts_are_published_ten_an_hour_and_the_rest_waits(
    server: DiscordServer, database: Database
) -> None:
    await told(database, stand(server, 12))
    async with running(server, database):
        await until_published(database, ["done"] * 10 + [""] * 2)
        await asyncio.sleep(0.3)
    assert await published(database) == ["done"] * 10 + [""] * 2
    assert sum(row["flags"] & 1 for row in server.messages(NEWS)) == 10
    assert server.invalid.count == 0


async def test_a_limit_that_came_first_is_obeyed_and_a_published_message_counts_as_done(
    server: DiscordServer, database: Database
) -> None:
    ids = stand(server, 3)
    server.messages(NEWS)[1]["flags"] |= 1
    server.fail(path=rf"/channels/{NEWS}/messages/{ids[2]}/crosspost", status=429, retry_after=900)
    server.fail(path=rf"/channels/{NEWS}/messages/{ids[0]}/crosspost", status=403, code=50013)
    await told(database, ids)
    async with running(server, database):
        await until_published(database, ["failed", "done", "waiting"])


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param({"publish": False}, "", id="off, as it is at first"),
        pytest.param({"kind": "text"}, "", id="no announcement channel any more"),
        pytest.param({"ago": timedelta(hours=7)}, "failed", id="too late"),
    ],
)
async def test_what_is_not_published(
    server: DiscordServer, database: Database, given: dict[str, Any], expected: str
) -> None:
    if given.get("kind"):
        server.channel(NEWS).kind = "text"
    await told(database, stand(server, 1), **given)
    async with running(server, database):
        await until_published(database, [expected])
        await asyncio.sleep(0.2)
    assert server.messages(NEWS)[0]["flags"] == 0


async def test_an_alert_wakes_the_lane(server: DiscordServer, database: Database) -> None:
    async with running(server, database) as handler:
        await asyncio.sleep(0.1)
        channel = ChannelKey(f"discord:{NEWS}")
        outcome = await sent(
            handler, an_alert(channel=channel, place=Place(kind="announcement", publish=True))
        )
        await told(database, [outcome.message_id])
        await until_published(database, ["done"])


# -- servers


async def subscribed(database: Database, *channels: int) -> None:
    async with database.transaction() as tx:
        for channel in channels:
            await subscriptions.subscribe(tx, a_subscription(channel=ChannelKey(f"discord:{channel}")))


async def resting(database: Database) -> dict[str, str]:
    async with database.reading() as conn:
        return {row.key: row.reason for row in await subscriptions.channels(conn) if not row.active}


async def until(condition: Any) -> Any:
    async with asyncio.timeout(10):
        while not (found := await condition()):
            await asyncio.sleep(0.05)
        return found


async def test_what_a_server_is_and_its_channels_are_is_known_after_connecting(
    server: DiscordServer, database: Database
) -> None:
    await subscribed(database, FORUM)
    facts = servers.ChannelFacts(
        server=f"discord:{GUILD_ID}", name=f"channel-{FORUM}", kind="forum", locale="en-US"
    )

    async def noted() -> bool:
        async with database.reading() as conn:
            return await servers.is_noted(conn, ChannelKey(f"discord:{FORUM}"), facts)

    async with running(server, database):
        await until(noted)
    async with database.reading() as conn:
        (row,) = await servers.present(conn, "discord")
        assert not await servers.is_known(conn, ChannelKey(f"discord:{TEXT}"))  # nothing to do with it
    assert (row.key, row.name) == (f"discord:{GUILD_ID}", "Test server")


async def test_removed_from_a_server_it_rests_and_comes_back(
    server: DiscordServer, database: Database
) -> None:
    await subscribed(database, TEXT)
    async with running(server, database):
        await server.gateway.dispatch("GUILD_DELETE", {"id": GUILD_ID})
        assert "removed" in (await until(lambda: resting(database)))[f"discord:{TEXT}"]
        await server.join()
        await until(lambda: _none(database))


async def _none(database: Database) -> bool:
    return not await resting(database)


async def test_a_server_that_is_out_of_order_is_not_left(server: DiscordServer, database: Database) -> None:
    await subscribed(database, TEXT, FORUM)
    async with running(server, database):
        await server.gateway.dispatch("GUILD_DELETE", {"id": GUILD_ID, "unavailable": True})
        await server.gateway.dispatch("CHANNEL_DELETE", server.channel(FORUM).payload())
        await server.join()
        await server.gateway.dispatch("CHANNEL_DELETE", server.channel(FORUM).payload())
        assert await until(lambda: resting(database)) == {f"discord:{FORUM}": "the channel was deleted"}


async def test_a_server_that_was_left_meanwhile_is_noticed_at_the_next_start(
    server: DiscordServer, database: Database
) -> None:
    async with database.transaction() as tx:
        await servers.joined(tx, "discord:1234", "Another", now=NOW)
        await subscriptions.subscribe(tx, a_subscription(channel=ChannelKey("discord:99")))
        await servers.note_channel(tx, ChannelKey("discord:99"), servers.ChannelFacts(server="discord:1234"))
    async with running(server, database):
        assert list(await until(lambda: resting(database))) == ["discord:99"]


# -- several connections


@pytest.mark.parametrize(("shards", "shown"), [("1", [0, 1]), ("auto", [0, 1])])
async def test_with_shards_each_connection_names_its_part(
    server: DiscordServer, database: Database, shards: str, shown: list[int]
) -> None:
    opening = open_discord(
        token=TOKEN, api_url=server.url, commands=NoCommands(), database=database, shards=shards
    )
    async with opening as handler, connected(server, handler):
        assert server.gateway.identifies[0]["shard"] == shown
        assert isinstance(await handler.send(an_alert()), Sent)


async def test_too_many_servers_for_one_connection_names_the_setting(server: DiscordServer) -> None:
    async with open_discord(token=TOKEN, api_url=server.url, commands=NoCommands()) as handler:
        running = asyncio.ensure_future(handler.run())
        await server.gateway.connected()
        await server.gateway.drop(4011)
        with pytest.raises(ConfigError, match="DISCORD_SHARDS"):
            await running
