"""Sending to Discord over real sockets: every way it can go wrong, and never a message twice."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.delivery.contract import (
    AlertMessage,
    ChannelGone,
    DeliveryUnavailable,
    Rejected,
    RetryAt,
    SendOutcome,
    Sent,
    Unknown,
)
from bot.errors import ConfigError
from bot.model import ChannelKey, Event, Grade, StoryId
from handlers.commands import Commands
from handlers.discord.checks import check_discord
from handlers.discord.client import DiscordHandler, open_discord
from tests.standins.discord import TOKEN, DiscordServer, open_discord_server

CHANNEL_ID = 55
LONG_AGO = timedelta(minutes=10)


class NoCommands(Commands):
    """Nobody asks anything here."""

    def __init__(self) -> None:
        pass


def an_alert(**given: Any) -> AlertMessage:
    fields: dict[str, Any] = {
        "token": "0123456789abcdef0123", "channel": ChannelKey(f"discord:{CHANNEL_ID}"), "story": StoryId(12),
        "event": Event.NEW, "title": "DeepSeek V4 @everyone", "url": "https://deepseek.example/v4",
        "publisher": "DeepSeek", "grade": Grade.OFFICIAL, "topics": ("DeepSeek V4",),
        "published": datetime(2026, 11, 24, 9, 30, tzinfo=UTC),
    }  # fmt: skip
    return AlertMessage(**{**fields, **given})


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    async with open_discord_server() as opened:
        opened.add_channel(CHANNEL_ID)
        yield opened


@pytest.fixture
async def handler(server: DiscordServer) -> AsyncIterator[DiscordHandler]:
    """Logged in; the gateway is not connected, so all of this works while it is down."""
    async with open_discord(
        token=TOKEN, api_url=server.url, commands=NoCommands(), send_timeout_s=0.6
    ) as opened:
        yield opened


@asynccontextmanager
async def connected(server: DiscordServer, handler: DiscordHandler) -> AsyncIterator[None]:
    """With the gateway up, and the server's channels known from it."""
    async with asyncio.TaskGroup() as group:
        running = group.create_task(handler.run())
        await server.requested("PUT", "/applications/900000000000000001/commands")
        yield
        running.cancel()


async def test_an_alert_arrives_once_with_its_nonce(server: DiscordServer, handler: DiscordHandler) -> None:
    outcome = await handler.send(an_alert())
    (message,) = server.messages(CHANNEL_ID)
    assert outcome == Sent(message_id=message["id"])
    assert message["embeds"][0]["author"]["name"] == "DeepSeek"
    body = server.requests[-1][2]
    assert body["nonce"] == "0123456789abcdef0123"
    assert body["enforce_nonce"] is True
    assert body["allowed_mentions"] == {"parse": []}


async def test_sending_again_gives_the_first_message(server: DiscordServer, handler: DiscordHandler) -> None:
    assert await handler.send(an_alert()) == await handler.send(an_alert())
    assert len(server.messages(CHANNEL_ID)) == 1


async def test_news_of_a_story_is_a_reply(server: DiscordServer, handler: DiscordHandler) -> None:
    first = await handler.send(an_alert())
    assert isinstance(first, Sent)
    await handler.send(an_alert(token="second", reply_to=first.message_id))
    assert server.messages(CHANNEL_ID)[1]["message_reference"]["message_id"] == first.message_id


async def test_a_reply_to_a_message_that_is_gone_is_told_all_the_same(
    server: DiscordServer, handler: DiscordHandler
) -> None:
    assert isinstance(await handler.send(an_alert(reply_to="123")), Sent)
    assert "message_reference" not in server.messages(CHANNEL_ID)[0]


@pytest.mark.parametrize(
    ("fault", "expected", "stored"),
    [
        pytest.param({"status": 404, "code": 10003}, ChannelGone, 0, id="unknown channel"),
        pytest.param({"status": 403, "code": 50001}, ChannelGone, 0, id="missing access"),
        pytest.param({"status": 401}, RetryAt, 0, id="token revoked"),
        pytest.param({"status": 403, "from_api": False}, RetryAt, 0, id="refused in front of Discord"),
        pytest.param({"status": 429, "retry_after": 40}, RetryAt, 0, id="a longer wait than we have"),
        pytest.param({"status": 429, "retry_after": 5}, RetryAt, 0, id="a wait beyond our deadline"),
        pytest.param(
            {"status": 429, "retry_after": 9, "from_api": False}, RetryAt, 0, id="banned for a while"
        ),
        pytest.param({"status": 503}, Unknown, 0, id="unavailable"),
        pytest.param({"status": 500}, Unknown, 0, id="broken, and still so at our deadline"),
        pytest.param({"status": 502, "accept": True}, Unknown, 1, id="taken, but the answer is an error"),
        pytest.param({"hang": True}, Unknown, 0, id="no answer"),
        pytest.param({"hang": True, "accept": True}, Unknown, 1, id="taken, but no answer"),
        pytest.param({"cut": True, "accept": True}, Unknown, 1, id="taken, then cut"),
        pytest.param({"status": 200, "from_api": False}, Unknown, 0, id="an answer that is no message"),
    ],
)
async def test_outcome(
    server: DiscordServer, handler: DiscordHandler, fault: dict[str, Any], expected: type, stored: int
) -> None:
    server.fail(**fault, times=2)
    outcome = await handler.send(an_alert())
    assert isinstance(outcome, expected), outcome
    assert len(server.messages(CHANNEL_ID)) == stored


@pytest.mark.parametrize("asked_s", [5, 40])
async def test_the_wait_that_discord_asks_for_is_passed_on(
    server: DiscordServer, handler: DiscordHandler, asked_s: float
) -> None:
    server.fail(status=429, retry_after=asked_s)
    assert (await handler.send(an_alert())) == RetryAt(reason="Discord asks to slow down", after_s=asked_s)
    # Who comes too early is not even asked for at Discord.
    server.fail(status=500)
    early = await handler.send(an_alert())
    assert isinstance(early, RetryAt)
    assert server.posts(CHANNEL_ID) == 1


async def test_after_a_short_wait_it_is_taken(server: DiscordServer, handler: DiscordHandler) -> None:
    server.fail(status=429, retry_after=0.05)
    assert (await handler.send(an_alert())) == RetryAt(reason="Discord asks to slow down", after_s=0.05)
    assert isinstance(await handler.send(an_alert()), Sent)  # waits for its turn
    assert len(server.messages(CHANNEL_ID)) == 1


async def test_a_global_limit_holds_every_channel_and_no_longer_than_it_lasts(
    server: DiscordServer, handler: DiscordHandler
) -> None:
    server.add_channel(56)
    server.fail(status=429, retry_after=0.4, is_global=True)
    assert isinstance(await handler.send(an_alert()), RetryAt)
    began = asyncio.get_running_loop().time()
    assert isinstance(await handler.send(an_alert(channel=ChannelKey("discord:56"))), Sent)
    assert asyncio.get_running_loop().time() - began > 0.3


async def test_a_cancelled_send_shuts_nothing(server: DiscordServer, handler: DiscordHandler) -> None:
    server.fail(hang=True)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await handler.send(an_alert())
    assert isinstance(await handler.send(an_alert()), Sent)


async def test_a_server_that_is_not_there_has_taken_nothing() -> None:
    async with open_discord_server() as server:
        opening = open_discord(token=TOKEN, api_url=server.url, commands=NoCommands())
        handler = await opening.__aenter__()
    with pytest.raises(DeliveryUnavailable):
        await handler.find_sent(an_alert(), since=datetime.now(UTC))
    outcome = await handler.send(an_alert())
    await opening.__aexit__(None, None, None)
    assert isinstance(outcome, RetryAt), outcome


async def test_a_message_that_is_refused_goes_out_in_plain_form(
    server: DiscordServer, handler: DiscordHandler
) -> None:
    server.fail(status=400, code=50035)
    outcome = await handler.send(an_alert())
    assert isinstance(outcome, Sent)
    assert outcome.plain_because.startswith("Discord answered 400 (50035)")
    (message,) = server.messages(CHANNEL_ID)
    assert message["embeds"] == []
    assert message["content"].startswith("**DeepSeek V4 @\u200beveryone**\n<https://deepseek.example/v4>")


async def test_a_message_that_is_refused_in_plain_form_too_is_given_up(
    server: DiscordServer, handler: DiscordHandler
) -> None:
    server.fail(status=400, code=50035, times=2)
    assert isinstance(await handler.send(an_alert()), Rejected)


@pytest.mark.parametrize(
    ("denied", "expected"),
    [
        pytest.param({"embed_links"}, Sent, id="no embeds: told in plain form"),
        pytest.param({"send_messages"}, ChannelGone, id="no messages"),
        pytest.param({"view_channel"}, ChannelGone, id="not even seen"),
    ],
)
async def test_permissions(
    server: DiscordServer, handler: DiscordHandler, denied: set[str], expected: type
) -> None:
    server.add_channel(56, denied=denied)
    outcome = await handler.send(an_alert(channel=ChannelKey("discord:56")))
    assert isinstance(outcome, expected), outcome


async def test_the_permission_that_is_missing_is_named_once_the_gateway_has_told(
    server: DiscordServer, handler: DiscordHandler
) -> None:
    server.add_channel(56, denied={"send_messages", "embed_links"})
    async with connected(server, handler):
        outcome = await handler.send(an_alert(channel=ChannelKey("discord:56")))
    assert outcome == ChannelGone(reason="give Tipoff Send Messages, Embed Links here")


@pytest.mark.parametrize("channel", ["discord:", "discord:abc", "discord:1/2", "discord:٣", "slack:T1/C1"])
async def test_an_address_that_is_none_is_a_channel_that_is_gone(
    handler: DiscordHandler, channel: str
) -> None:
    assert isinstance(await handler.send(an_alert(channel=ChannelKey(channel))), ChannelGone)


async def test_a_slow_channel_does_not_hold_up_another(
    server: DiscordServer, handler: DiscordHandler
) -> None:
    server.add_channel(56)
    server.fail(path=r"/channels/56/messages", hang=True)
    slow = asyncio.ensure_future(handler.send(an_alert(channel=ChannelKey("discord:56"))))
    done: SendOutcome = await handler.send(an_alert())
    assert isinstance(done, Sent)
    assert not slow.done()
    assert isinstance(await slow, Unknown)


async def test_many_alerts_at_once_keep_to_what_a_channel_takes(
    server: DiscordServer, handler: DiscordHandler
) -> None:
    """They are spaced by the headers that Discord sends; nothing is refused, nothing lost."""
    server.budget.limit, server.budget.window_s = 5, 0.15
    messages = [an_alert(token=f"token{number:02}") for number in range(12)]
    outcomes = await asyncio.gather(*(handler.send(message) for message in messages))
    assert all(isinstance(outcome, Sent) for outcome in outcomes)
    assert len(server.messages(CHANNEL_ID)) == 12
    assert server.slowed_down == 0


# -- looking up


async def test_a_message_is_found_by_its_footer(server: DiscordServer, handler: DiscordHandler) -> None:
    server.fail(cut=True, accept=True)
    assert isinstance(await handler.send(an_alert()), Unknown)
    (message,) = server.messages(CHANNEL_ID)
    found = await handler.find_sent(an_alert(), since=datetime.now(UTC))
    assert found == Sent(message_id=message["id"])


async def test_a_message_in_plain_form_is_found(server: DiscordServer, handler: DiscordHandler) -> None:
    server.fail(status=400, code=50035)
    sent = await handler.send(an_alert())
    assert isinstance(sent, Sent)
    found = await handler.find_sent(an_alert(), since=datetime.now(UTC))
    assert found == Sent(message_id=sent.message_id)


async def test_another_message_is_not_taken_for_it(server: DiscordServer, handler: DiscordHandler) -> None:
    await handler.send(an_alert(token="f" * 20))
    server.chat(CHANNEL_ID, "Tipoff · story 12 · ref 0123456789")
    assert await handler.find_sent(an_alert(), since=datetime.now(UTC) - LONG_AGO) is None


async def test_a_message_is_found_behind_many_others(server: DiscordServer, handler: DiscordHandler) -> None:
    for number in range(150):
        server.chat(CHANNEL_ID, f"chatter {number}")
    sent = await handler.send(an_alert())
    for number in range(70):
        server.chat(CHANNEL_ID, f"chatter {number}")
    assert await handler.find_sent(an_alert(), since=datetime.now(UTC) - LONG_AGO) == sent


async def test_what_is_older_than_the_first_try_is_not_looked_at(
    server: DiscordServer, handler: DiscordHandler
) -> None:
    await handler.send(an_alert())
    assert await handler.find_sent(an_alert(), since=datetime.now(UTC) + LONG_AGO) is None


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"status": 503}, id="unavailable"),
        pytest.param({"cut": True, "times": 2}, id="cut"),  # aiohttp repeats a GET once
        pytest.param({"status": 403, "code": 50013}, id="refused"),
        pytest.param({"status": 200, "from_api": False}, id="no list"),
    ],
)
async def test_a_history_that_cannot_be_read_is_not_a_no(
    server: DiscordServer, handler: DiscordHandler, fault: dict[str, Any]
) -> None:
    server.fail(method="GET", **fault)
    with pytest.raises(DeliveryUnavailable):
        await handler.find_sent(an_alert(), since=datetime.now(UTC) - LONG_AGO)


async def test_an_empty_history_that_we_may_not_see_is_not_a_no(
    server: DiscordServer, handler: DiscordHandler
) -> None:
    channel = server.add_channel(56, denied={"read_message_history"})
    message = an_alert(channel=ChannelKey("discord:56"))
    server.fail(cut=True, accept=True)
    await handler.send(message)
    assert len(channel.messages) == 1
    with pytest.raises(DeliveryUnavailable, match="Read Message History"):
        await handler.find_sent(message, since=datetime.now(UTC) - LONG_AGO)


@pytest.mark.parametrize(
    ("denied", "readable"),
    [
        pytest.param(set(), True, id="empty, and seen to be"),
        pytest.param({"read_message_history"}, False, id="hidden"),
    ],
)
async def test_whether_an_empty_history_is_hidden_is_known_from_the_gateway(
    server: DiscordServer, handler: DiscordHandler, denied: set[str], readable: bool
) -> None:
    server.add_channel(56, denied=denied)
    message = an_alert(channel=ChannelKey("discord:56"))
    async with connected(server, handler):
        if readable:
            assert await handler.find_sent(message, since=datetime.now(UTC) - LONG_AGO) is None
        else:
            with pytest.raises(DeliveryUnavailable, match="Read Message History"):
                await handler.find_sent(message, since=datetime.now(UTC) - LONG_AGO)


async def test_while_discord_still_knows_the_nonce_a_hidden_history_does_not_matter(
    server: DiscordServer, handler: DiscordHandler
) -> None:
    channel = server.add_channel(56, denied={"read_message_history"})
    message = an_alert(channel=ChannelKey("discord:56"))
    server.fail(cut=True, accept=True)
    await handler.send(message)
    assert await handler.find_sent(message, since=datetime.now(UTC)) is None
    assert isinstance(await handler.send(message), Sent)
    assert len(channel.messages) == 1


async def test_in_a_channel_that_is_gone_there_is_nothing(
    server: DiscordServer, handler: DiscordHandler
) -> None:
    message = an_alert(channel=ChannelKey("discord:404"))
    assert await handler.find_sent(message, since=datetime.now(UTC) - LONG_AGO) is None


# -- opening


async def test_a_wrong_token_says_what_to_do(server: DiscordServer) -> None:
    with pytest.raises(ConfigError, match=r"DISCORD_TOKEN: .*Reset it"):
        async with open_discord(token="wrong", api_url=server.url, commands=NoCommands()):
            pass


@pytest.mark.parametrize(
    "fault", [{"status": 503}, {"cut": True, "times": 2}, {"status": 403, "from_api": False}]
)
async def test_a_discord_that_is_down_is_tried_again(server: DiscordServer, fault: dict[str, Any]) -> None:
    server.fail(method="GET", path="/users/@me", **fault)
    with pytest.raises(DeliveryUnavailable):
        async with open_discord(token=TOKEN, api_url=server.url, commands=NoCommands()):
            pass


@pytest.mark.parametrize(
    ("token", "states"),
    [pytest.param(TOKEN, ["ok", "ok"], id="all well"), pytest.param("wrong", ["failed"], id="wrong token")],
)
async def test_doctor(server: DiscordServer, token: str, states: list[str]) -> None:
    assert [check.state for check in await check_discord(token, server.url)] == states


async def test_doctor_names_the_permissions_that_are_missing(server: DiscordServer) -> None:
    server.bot_permissions &= ~(1 << 14)
    _, check = await check_discord(TOKEN, server.url)
    assert (check.state, check.text) == ("warning", "the bot's roles lack Embed Links")


async def test_doctor_says_when_discord_cannot_be_reached() -> None:
    (check,) = await check_discord(TOKEN, "http://127.0.0.1:9/api/v10")
    assert check.state == "failed"
    assert "DISCORD_API_URL" in check.advice


async def test_a_forum_that_the_gateway_has_not_told_of_gets_a_post(
    server: DiscordServer, handler: DiscordHandler
) -> None:
    server.add_channel(77).kind = "forum"
    alert, since = an_alert(channel=ChannelKey("discord:77")), datetime.now(UTC)
    sent = await handler.send(alert)
    assert isinstance(sent, Sent)
    assert len(server.posts_in(77)) == 1
    assert await handler.find_sent(alert, since=since) == sent
    server.fail(method="GET", path="/channels/78", status=503, times=2)
    server.add_channel(78).kind = "forum"
    other = an_alert(channel=ChannelKey("discord:78"))
    with pytest.raises(DeliveryUnavailable):
        await handler.find_sent(other, since=since)
    assert isinstance(await handler.send(other), RetryAt)
    assert isinstance(await handler.send(other), Sent)
