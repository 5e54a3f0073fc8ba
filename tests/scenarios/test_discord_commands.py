"""Commands in Discord over the real gateway: who may do what, what is shown to whom, and what a fault looks like."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import structlog

from bot.errors import ConfigError, StorageError
from bot.model import ChannelKey, Grade, Mode
from handlers.commands import Commands
from handlers.discord.client import DiscordHandler, open_discord
from handlers.discord.slash import ABOUT_CHANNEL
from handlers.replies import Entry, Reply
from handlers.requests import Request
from handlers.specs import COMMANDS
from storage import subscriptions
from storage.database import open_database
from tests.builders import a_catalog
from tests.standins.discord import TOKEN, DiscordServer, open_discord_server
from tests.standins.discord_payloads import GUILD_ID


class ScriptedCommands(Commands):
    """Answers what the test says, and keeps what was asked."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.typed: list[tuple[str, str, ChannelKey]] = []
        self.reply: Reply | Exception = Reply(title="Done")
        self.suggestions: list[tuple[str, str]] | Exception = [("deepseek-v4", "DeepSeek V4")]

    async def answer(self, request: Request) -> Reply:
        self.requests.append(request)
        if isinstance(self.reply, Exception):
            raise self.reply
        return self.reply

    async def suggest(
        self, kind: str, typed: str, channel: ChannelKey, server: str = ""
    ) -> list[tuple[str, str]]:
        self.typed.append((kind, typed, channel))
        if isinstance(self.suggestions, Exception):
            raise self.suggestions
        return self.suggestions


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    async with open_discord_server() as opened:
        opened.add_channel(55)
        opened.add_channel(66, direct=True)
        yield opened


@pytest.fixture
def commands() -> ScriptedCommands:
    return ScriptedCommands()


@pytest.fixture
async def handler(server: DiscordServer, commands: ScriptedCommands) -> AsyncIterator[DiscordHandler]:
    async with (
        open_discord(token=TOKEN, api_url=server.url, commands=commands) as opened,
        asyncio.TaskGroup() as group,
    ):
        running = group.create_task(opened.run())
        await server.gateway.connected()
        yield opened
        running.cancel()


async def test_every_command_is_registered_with_its_options(
    server: DiscordServer, handler: DiscordHandler
) -> None:
    await server.slash("help", channel_id=55)
    registered = {}
    for spec in server.registered_commands:
        options = spec.get("options", [])
        subs = [option for option in options if option["type"] == 1]
        for name, held in [(f"{spec['name']} {sub['name']}", sub["options"]) for sub in subs] or [
            (spec["name"], options)
        ]:
            registered[name] = [option["name"] for option in held]
    assert registered == {
        spec.name: [
            *(option.name for option in spec.options if not option.hidden),
            *(["channel"] if spec.name in ABOUT_CHANNEL else []),
        ]
        for spec in COMMANDS
    }
    assert all(spec["contexts"] == [0, 1] for spec in server.registered_commands)
    assert all(spec["default_member_permissions"] is None for spec in server.registered_commands)


async def test_a_request_says_what_was_asked_where_and_by_whom(
    server: DiscordServer, handler: DiscordHandler, commands: ScriptedCommands
) -> None:
    await server.slash("subscribe", {"topic": "deepseek-v4", "min-grade": "leak"}, channel_id=55)
    assert commands.requests == [
        Request(
            command="subscribe", options={"topic": "deepseek-v4", "min-grade": "leak"},
            channel=ChannelKey("discord:55"), user="discord:7", may_manage=True, locale="en-US",
            server=f"discord:{GUILD_ID}", place="text",
        )
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("channel_id", "permissions", "may"),
    [
        pytest.param(55, ("manage_channels",), True, id="may manage the channel"),
        pytest.param(55, ("administrator",), True, id="administrator"),
        pytest.param(55, ("send_messages", "view_channel"), False, id="may only speak"),
        pytest.param(55, (), False, id="may do nothing"),
        pytest.param(66, (), True, id="a direct message is one's own"),
    ],
)
async def test_who_may_manage(
    server: DiscordServer, handler: DiscordHandler, commands: ScriptedCommands, channel_id: int,
    permissions: tuple[str, ...], may: bool,
) -> None:  # fmt: skip
    await server.slash("unsubscribe", {"topic": "all"}, channel_id=channel_id, permissions=permissions)
    assert commands.requests[0].may_manage is may
    assert commands.requests[0].channel == f"discord:{channel_id}"


async def test_the_reply_is_seen_by_who_asked_only(
    server: DiscordServer, handler: DiscordHandler, commands: ScriptedCommands
) -> None:
    entry = Entry(
        title="[x](y)", url="https://a.example/", grade=Grade.LEAK, facts=("leak", "today"), text="@everyone"
    )
    commands.reply = Reply(title="Newest **stories**", text="One.", entries=(entry,))
    answer = await server.slash("latest", channel_id=55)
    assert answer.ephemeral
    assert answer.text == (
        "Newest \\*\\*stories\\*\\*\nOne.\n\n"
        "**[\\(x\\)\\(y\\)](https://a.example/)**\nleak · today\n@\u200beveryone"
    )
    assert server.messages(55) == []


async def test_a_public_reply_is_seen_by_all(
    server: DiscordServer, handler: DiscordHandler, commands: ScriptedCommands
) -> None:
    commands.reply = Reply(title="For all", private=False)
    answer = await server.slash("status", channel_id=55)
    assert answer.deleted
    assert [bool(message["flags"] & 64) for message in answer.followups] == [False]


async def test_a_long_reply_comes_as_several_messages(
    server: DiscordServer, handler: DiscordHandler, commands: ScriptedCommands
) -> None:
    commands.reply = Reply(
        title="Sources", entries=tuple(Entry(title=f"Source {n}", text="word " * 50) for n in range(30))
    )
    answer = await server.slash("sources", channel_id=55)
    await server.slash("help", channel_id=55)  # by then the first one's pages are all there
    assert len(answer.followups) >= 2
    assert all(message["flags"] & 64 for message in answer.followups)
    assert "Source 0" in answer.text
    assert "Source 29" in answer.text


async def test_a_command_is_acknowledged_before_it_is_answered(
    server: DiscordServer, handler: DiscordHandler, commands: ScriptedCommands
) -> None:
    gate = asyncio.Event()

    async def wait(request: Request) -> Reply:
        await gate.wait()
        return Reply(title="At last")

    commands.answer = wait  # type: ignore[method-assign]
    asking = asyncio.ensure_future(server.slash("status", channel_id=55))
    await server.acknowledged()
    assert not asking.done()
    gate.set()
    assert (await asking).text == "At last\n"


async def test_a_fault_shows_a_reference_that_stands_in_the_log(
    server: DiscordServer, handler: DiscordHandler, commands: ScriptedCommands
) -> None:
    commands.reply = RuntimeError("secret detail")
    with structlog.testing.capture_logs() as logs:
        answer = await server.slash("status", channel_id=55)
    (crash,) = [entry for entry in logs if entry["event"] == "command_crashed"]
    assert crash["reference"] in answer.text
    assert crash["exc_info"]
    assert "secret" not in answer.text


async def test_a_reply_that_discord_refuses_does_not_end_the_next(
    server: DiscordServer, handler: DiscordHandler, commands: ScriptedCommands
) -> None:
    server.fail(method="PATCH", path=r"/webhooks/.*", status=400, code=50035)
    lost = asyncio.ensure_future(server.slash("status", channel_id=55))
    await server.acknowledged()
    assert (await server.slash("status", channel_id=55)).text == "Done\n"
    lost.cancel()


async def test_what_was_not_acknowledged_is_not_done(
    server: DiscordServer, handler: DiscordHandler, commands: ScriptedCommands
) -> None:
    """Discord has told the person that it failed."""
    await server.slash("status", channel_id=55)
    server.fail(path=r"/interactions/.*", status=404, code=10062)
    with pytest.raises(TimeoutError):
        await server.slash("unsubscribe", {"topic": "all"}, channel_id=55, timeout_s=0.3)
    await server.slash("help", channel_id=55)
    assert [request.command for request in commands.requests] == ["status", "help"]


async def test_topics_are_suggested(
    server: DiscordServer, handler: DiscordHandler, commands: ScriptedCommands
) -> None:
    commands.suggestions = [*[(f"t{n}", "Topic" * 40) for n in range(30)], ("x" * 101, "unusable")]
    choices = await server.autocomplete("subscribe", "topic", "deep", channel_id=55)
    assert commands.typed == [("topic", "deep", ChannelKey("discord:55"))]
    assert len(choices) == 25
    assert choices[0]["value"] == "t0"


async def test_only_what_is_subscribed_is_suggested_for_unsubscribe(
    server: DiscordServer, handler: DiscordHandler, commands: ScriptedCommands
) -> None:
    await server.autocomplete("unsubscribe", "topic", "", channel_id=66)
    assert commands.typed == [("subscribed-topic", "", ChannelKey("discord:66"))]


async def test_without_a_database_there_are_no_suggestions(
    server: DiscordServer, handler: DiscordHandler, commands: ScriptedCommands
) -> None:
    commands.suggestions = StorageError("locked")
    assert await server.autocomplete("subscribe", "topic", "x", channel_id=55) == []


async def test_commands_that_were_not_taken_are_handed_in_again_at_the_next_session(
    server: DiscordServer, commands: ScriptedCommands
) -> None:
    server.fail(method="PUT", path=r"/applications/\d+/commands", status=403, code=50001)
    async with (
        open_discord(token=TOKEN, api_url=server.url, commands=commands) as handler,
        asyncio.TaskGroup() as group,
    ):
        running = group.create_task(handler.run())
        await server.requested("PUT", "/applications/900000000000000001/commands")
        server.gateway.forget_sessions()
        await server.gateway.drop()
        assert (await server.slash("status", channel_id=55)).text == "Done\n"
        running.cancel()


async def test_a_person_subscribes_a_channel_and_one_who_may_not_is_told_so(
    server: DiscordServer, tmp_path: Path
) -> None:
    """With the real commands on a real database."""
    async with (
        open_database(f"sqlite+aiosqlite:///{tmp_path}/t.db") as database,
        open_discord(token=TOKEN, api_url=server.url, commands=Commands(database, a_catalog())) as handler,
        asyncio.TaskGroup() as group,
    ):
        running = group.create_task(handler.run())
        wanted = {"topic": "deepseek-v4", "mode": "daily"}
        refused = await server.slash("subscribe", wanted, channel_id=55, permissions=())
        assert "may manage the channel" in refused.text
        done = await server.slash("subscribe", wanted, channel_id=55)
        assert done.text.startswith("Subscribed to DeepSeek V4")
        async with database.reading() as conn:
            (held,) = await subscriptions.of_channel(conn, ChannelKey("discord:55"))
        assert (held.topic, held.mode, held.created_by) == ("deepseek-v4", Mode.DAILY, "discord:7")
        (choice,) = await server.autocomplete("unsubscribe", "topic", "deep", channel_id=55)
        assert choice["value"] == "deepseek-v4"
        running.cancel()


# -- the gateway


@pytest.mark.parametrize("lost", ["dropped", "asked to reconnect", "closed cleanly"])
async def test_a_lost_connection_is_taken_up_where_it_was(
    server: DiscordServer, handler: DiscordHandler, lost: str
) -> None:
    await server.slash("status", channel_id=55)
    match lost:
        case "dropped":
            await server.gateway.drop()
        case "asked to reconnect":
            await server.gateway.ask_reconnect()
        case _:
            await server.gateway.drop(1000)
    assert (await server.slash("status", channel_id=55)).text == "Done\n"
    assert server.gateway.resumes == 1
    assert len(server.gateway.identifies) == 1


async def test_a_session_that_was_forgotten_begins_anew(
    server: DiscordServer, handler: DiscordHandler
) -> None:
    """Also a check that the gateway's address stays ours: discord.py goes back to its built-in one here."""
    await server.slash("status", channel_id=55)
    server.gateway.forget_sessions()
    await server.gateway.drop()
    assert (await server.slash("status", channel_id=55)).text == "Done\n"
    assert len(server.gateway.identifies) == 2


async def test_no_privileged_intent_is_asked_for(server: DiscordServer, handler: DiscordHandler) -> None:
    assert server.gateway.identifies[0]["intents"] == 1


async def test_a_token_that_is_revoked_while_running_ends_it_with_advice(
    server: DiscordServer, commands: ScriptedCommands
) -> None:
    async with open_discord(token=TOKEN, api_url=server.url, commands=commands) as handler:
        running = asyncio.ensure_future(handler.run())
        await server.gateway.connected()
        server.gateway.refuse_token = True
        server.gateway.forget_sessions()
        await server.gateway.drop()
        with pytest.raises(ConfigError, match="DISCORD_TOKEN"):
            await running


async def test_a_gateway_that_stays_away_is_a_line_in_the_log_and_not_a_traceback(
    server: DiscordServer, handler: DiscordHandler, caplog: pytest.LogCaptureFixture
) -> None:
    server.gateway.down = True
    await server.gateway.drop()
    async with asyncio.timeout(5):
        await server.gateway.refused.wait()
    server.gateway.down = False
    assert (await server.slash("status", channel_id=55)).text == "Done\n"
    (line,) = [record for record in caplog.records if record.name == "discord.client"]
    assert "out of reach" in line.getMessage()
    assert (line.levelname, line.exc_info) == ("WARNING", None)


async def test_a_gateway_that_is_down_is_asked_again(
    server: DiscordServer, commands: ScriptedCommands
) -> None:
    server.fail(method="GET", path="/gateway/bot", status=503)
    async with (
        open_discord(token=TOKEN, api_url=server.url, commands=commands) as handler,
        asyncio.TaskGroup() as group,
    ):
        running = group.create_task(handler.run())
        assert (await server.slash("status", channel_id=55)).text == "Done\n"
        running.cancel()


async def test_the_addresses_are_put_back_on_leaving(
    server: DiscordServer, commands: ScriptedCommands
) -> None:
    from discord.gateway import DiscordWebSocket
    from discord.http import Route

    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    async with open_discord(token=TOKEN, api_url=server.url, commands=commands):
        assert server.url == Route.BASE
    assert before == (Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY)
