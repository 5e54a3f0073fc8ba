"""The real bolt application against the stand-in: slash commands over Socket Mode and HTTP, and who may what."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route

from bot.delivery.contract import DeliveryUnavailable
from bot.errors import ConfigError
from handlers.commands import Request
from handlers.replies import Entry, Reply
from handlers.slack.app import SlackHandler, open_slack
from handlers.slack.checks import check_slack
from tests.standins.slack import (
    APP_TOKEN,
    BOT_TOKEN,
    SIGNING_SECRET,
    TEAM,
    Fault,
    SlackStandin,
    open_slack_standin,
)


class ScriptedCommands:
    """Answers with what was set, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.reply = Reply(title="Done", text="All good.", tone="done")
        self.before: Callable[[], Awaitable[None]] | None = None

    async def answer(self, request: Request) -> Reply:
        self.asked.append(request)
        if self.before is not None:
            await self.before()
        return self.reply


@pytest.fixture
def commands() -> ScriptedCommands:
    return ScriptedCommands()


@pytest.fixture
async def slack() -> AsyncIterator[SlackStandin]:
    async with open_slack_standin() as standin:
        yield standin


@asynccontextmanager
async def serving(standin: SlackStandin, commands: Any, **given: Any) -> AsyncIterator[SlackHandler]:
    settings: dict[str, Any] = {"bot_token": BOT_TOKEN, "app_token": APP_TOKEN, "signing_secret": None}
    async with open_slack(**{**settings, **given}, api_url=standin.url, commands=commands) as handler:
        running = asyncio.ensure_future(handler.run())
        try:
            if settings["app_token"] and "app_token" not in given:
                await standin.connected()
            yield handler
        finally:
            await handler.close()
            await asyncio.wait_for(running, 5)


async def test_a_command_is_acknowledged_first_and_answered_privately(slack, commands) -> None:
    release = asyncio.Event()
    commands.before = release.wait
    async with serving(slack, commands):
        typing = asyncio.ensure_future(slack.slash("/tipoff", "latest deepseek-v4 count=3", channel_id="C7"))
        await slack.called()
        while not slack.ack_seconds:  # noqa: ASYNC110 - the acknowledgement has no event of its own
            await asyncio.sleep(0.01)
        assert not typing.done()  # acknowledged while the command still works
        release.set()
        reply = await typing
    assert slack.ack_seconds[0] < 1
    assert reply["response_type"] == "ephemeral"
    assert "All good." in str(reply["blocks"])
    (request,) = commands.asked
    assert request == Request(
        command="latest",
        options={"topic": "deepseek-v4", "count": "3"},
        channel=f"slack:{TEAM}/C7",
        user="U1",
        may_manage=False,
    )


async def test_a_public_reply_is_shown_to_the_channel(slack, commands) -> None:
    commands.reply = Reply(title="Hello", private=False)
    async with serving(slack, commands):
        assert (await slack.slash("/tipoff", "status"))["response_type"] == "in_channel"


async def test_a_separate_command_means_the_same(slack, commands) -> None:
    slack.make_admin("U1")
    async with serving(slack, commands):
        await slack.slash("/tipoff-subscribe", "deepseek-v4 --min-grade report")
    assert commands.asked[0].command == "subscribe"
    assert commands.asked[0].options == {"topic": "deepseek-v4", "min-grade": "report"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("dance", "subscribe, unsubscribe", id="unknown-command"),
        pytest.param("subscribe deepseek-v4 color=red", "min-grade", id="unknown-option"),
        pytest.param("latest a b c", "too many", id="too-many-words"),
    ],
)
async def test_a_mistake_gets_a_short_private_answer_that_lists_what_exists(
    slack, commands, text, words
) -> None:
    async with serving(slack, commands):
        reply = await slack.slash("/tipoff", text)
    assert reply["response_type"] == "ephemeral"
    assert words in str(reply["blocks"])
    assert commands.asked == []


async def test_help_names_commands_as_they_are_typed_in_slack(slack, commands) -> None:
    commands.reply = Reply(
        title="Help", text="Try /latest or https://example.com/latest.", entries=(Entry(title="/subscribe"),)
    )
    async with serving(slack, commands):
        shown = str((await slack.slash("/tipoff", ""))["blocks"])
    assert "/tipoff subscribe" in shown
    assert "/tipoff latest or https://example.com/latest." in shown
    assert commands.asked[0].command == "help"


async def test_a_bug_becomes_a_sentence_with_a_reference_and_a_traceback_in_the_log(
    slack, commands, monkeypatch
) -> None:
    logged: list[dict[str, Any]] = []

    async def broken() -> None:
        raise RuntimeError("secret detail")

    def exception(event: str, **fields: Any) -> None:
        logged.append({"event": event, **fields})

    monkeypatch.setattr("handlers.slack.listeners.log.exception", exception, raising=False)
    commands.before = broken
    async with serving(slack, commands):
        shown = str((await slack.slash("/tipoff", "status"))["blocks"])
    (line,) = logged
    assert line["reference"] in shown
    assert "secret detail" not in shown


async def test_blocks_that_the_response_address_refuses_are_sent_as_text(slack, commands) -> None:
    slack.refuse_responses = [400]
    async with serving(slack, commands):
        reply = await slack.slash("/tipoff", "status")
    assert "blocks" not in reply
    assert "All good." in reply["text"]


async def test_a_command_of_another_workspace_is_refused(slack, commands) -> None:
    async with serving(slack, commands):
        reply = await slack.slash("/tipoff", "status", team_id="T0OTHER")
    assert "another workspace" in reply["text"]
    assert commands.asked == []


@pytest.mark.parametrize(
    ("channel", "prepare", "may"),
    [
        pytest.param("D1", lambda slack: None, True, id="direct-message"),
        pytest.param("C1", lambda slack: slack.make_admin("U1"), True, id="admin"),
        pytest.param("C1", lambda slack: slack.set_user("U1", is_owner=True), True, id="owner"),
        pytest.param("C1", lambda slack: slack.set_channel("C1", creator="U1"), True, id="creator"),
        pytest.param("C1", lambda slack: slack.set_channel("C1", creator="U2"), False, id="member"),
        pytest.param(
            "C1", lambda slack: slack.set_channel("C1", error="channel_not_found"), False, id="unseen-channel"
        ),
        pytest.param(
            "C1",
            lambda slack: slack.fail("users.info", Fault(error="user_not_found")),
            False,
            id="unknown-user",
        ),
        pytest.param(
            "C1",
            lambda slack: (
                slack.make_admin("U1"),
                slack.fail("conversations.info", Fault(error="missing_scope")),
            ),
            True,
            id="admin-without-channel-scope",
        ),
    ],
)
async def test_who_may_change_a_channel(slack, commands, channel, prepare, may) -> None:
    prepare(slack)
    async with serving(slack, commands):
        await slack.slash("/tipoff", "subscribe deepseek-v4", channel_id=channel)
    assert commands.asked[0].may_manage is may


@pytest.mark.parametrize(
    ("method", "fault", "words"),
    [
        pytest.param(
            "users.info",
            Fault(error="missing_scope", extra={"needed": "users:read"}),
            "scope users:read",
            id="named-scope",
        ),
        pytest.param("users.info", Fault(error="missing_scope"), "scope users:read", id="unnamed-scope"),
        pytest.param(
            "conversations.info",
            Fault(error="missing_scope", extra={"needed": "groups:read"}),
            "scope groups:read",
            id="private-channel",
        ),
        pytest.param("users.info", Fault(status=500, body=""), "try again", id="500"),
        pytest.param("users.info", Fault(cut=True), "try again", id="cut"),
    ],
)
async def test_not_knowing_who_may_is_said_and_changes_nothing(slack, commands, method, fault, words) -> None:
    slack.fail(method, fault, fault)
    async with serving(slack, commands):
        reply = await slack.slash("/tipoff", "subscribe deepseek-v4")
    assert words in str(reply["blocks"])
    assert commands.asked == []


async def test_who_may_is_asked_once_in_a_while_and_only_for_changes(slack, commands) -> None:
    async with serving(slack, commands):
        await slack.slash("/tipoff", "latest")
        assert slack.count("users.info") == 0
        for _ in range(3):
            await slack.slash("/tipoff", "unsubscribe deepseek-v4")
    assert slack.count("users.info") == 1
    assert slack.count("conversations.info") == 1


async def test_subscribing_a_channel_without_the_app_asks_for_an_invitation(slack, commands) -> None:
    slack.make_admin("U1")
    slack.set_channel("C1", member=False)
    async with serving(slack, commands):
        assert "/invite @Tipoff" in (await slack.slash("/tipoff", "subscribe deepseek-v4"))["text"]


async def test_every_kind_of_envelope_is_acknowledged(slack, commands) -> None:
    async with serving(slack, commands):
        event = {
            "type": "event_callback",
            "team_id": TEAM,
            "event": {"type": "app_home_opened", "user": "U1"},
        }
        await slack.envelope("events_api", event, timeout_s=3)
        pressed = {
            "type": "block_actions",
            "team": {"id": TEAM},
            "user": {"id": "U1"},
            "actions": [{"action_id": "x"}],
        }
        await slack.envelope("interactive", pressed, timeout_s=3)


async def test_a_refresh_makes_a_new_connection_and_commands_go_on(slack, commands) -> None:
    async with serving(slack, commands):
        await slack.refresh()
        await slack.slash("/tipoff", "status")
    assert slack.connections == 2


async def test_a_lost_connection_is_made_again(slack, commands, monkeypatch) -> None:
    monkeypatch.setattr("handlers.slack.socket_mode.PING_INTERVAL_S", 0.2)
    async with serving(slack, commands):
        slack.fail("apps.connections.open", Fault(status=500, body=""))
        await slack.drop_sockets()
        await slack.slash("/tipoff", "status")
    assert slack.connections == 2


@pytest.mark.parametrize("error", ["invalid_auth", "not_allowed_token_type", "account_inactive"])
async def test_a_refused_app_token_ends_run_with_what_to_do(slack, commands, error) -> None:
    slack.fail("apps.connections.open", Fault(error=error))
    async with open_slack(
        bot_token=BOT_TOKEN, app_token=APP_TOKEN, signing_secret=None, api_url=slack.url, commands=commands
    ) as handler:
        with pytest.raises(ConfigError, match="SLACK_APP_TOKEN"):
            await asyncio.wait_for(handler.run(), 5)


async def test_an_app_token_that_is_revoked_later_ends_run(slack, commands) -> None:
    async with open_slack(
        bot_token=BOT_TOKEN, app_token=APP_TOKEN, signing_secret=None, api_url=slack.url, commands=commands
    ) as handler:
        running = asyncio.ensure_future(handler.run())
        await slack.connected()
        slack.fail("apps.connections.open", Fault(error="token_revoked"))
        await slack.refresh()
        with pytest.raises(ConfigError, match="token_revoked"):
            await asyncio.wait_for(running, 5)


async def test_a_refused_bot_token_is_a_setting_to_correct(slack, commands) -> None:
    with pytest.raises(ConfigError, match="SLACK_BOT_TOKEN"):
        async with serving(slack, commands, bot_token="xoxb-wrong", app_token=None):
            pass


@pytest.mark.parametrize(
    "fault", [Fault(status=502, body="bad gateway"), Fault(cut=True)], ids=["502", "cut"]
)
async def test_a_slack_that_cannot_be_asked_is_tried_again_by_the_caller(slack, commands, fault) -> None:
    slack.fail("auth.test", fault, fault)
    with pytest.raises(DeliveryUnavailable):
        async with serving(slack, commands, app_token=None):
            pass


async def test_cancelling_run_leaves_nothing_open(slack, commands) -> None:
    async with open_slack(
        bot_token=BOT_TOKEN, app_token=APP_TOKEN, signing_secret=None, api_url=slack.url, commands=commands
    ) as handler:
        running = asyncio.ensure_future(handler.run())
        await slack.connected()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    while slack.sockets:  # noqa: ASYNC110 - bounded by the test's own timeout
        await asyncio.sleep(0.01)
    assert len(asyncio.all_tasks()) < 6  # the stand-in's own and this one


# HTTP mode


@asynccontextmanager
async def listening(handler: SlackHandler) -> AsyncIterator[str]:
    bound = socket.create_server(("127.0.0.1", 0))
    app = Starlette(routes=[Route("/slack/events", handler.http_app, methods=["POST"])])
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=1))
    running = asyncio.ensure_future(
        server._serve(sockets=[bound])
    )  # serve() takes the signals of the test run
    try:
        yield f"http://127.0.0.1:{bound.getsockname()[1]}/slack/events"
    finally:
        server.should_exit = True
        await running


HTTP_ONLY = {"app_token": None, "signing_secret": SIGNING_SECRET}


async def test_http_mode_answers_a_signed_command(slack, commands) -> None:
    async with serving(slack, commands, **HTTP_ONLY) as handler, listening(handler) as url:
        status, reply = await slack.slash_http(url, "/tipoff", "latest count=2")
    assert status == 200
    assert "All good." in reply["text"]
    assert commands.asked[0].options == {"count": "2"}
    assert slack.count("apps.connections.open") == 0


@pytest.mark.parametrize(
    "forged", [{"secret": "wrong"}, {"age_s": 400}, {"age_s": -400}], ids=["secret", "old", "from-the-future"]
)
async def test_http_mode_refuses_what_slack_did_not_sign(slack, commands, forged) -> None:
    async with serving(slack, commands, **HTTP_ONLY) as handler, listening(handler) as url:
        status, _ = await slack.slash_http(url, "/tipoff", "latest", **forged)
    assert status == 401
    assert commands.asked == []


@pytest.mark.parametrize(
    ("body", "kind", "expected"),
    [
        pytest.param(
            '{"type":"url_verification","challenge":"abc"}', "application/json", 200, id="challenge"
        ),
        pytest.param("{broken", "application/json", 400, id="broken-json"),
        pytest.param("[1]", "application/json", 400, id="json-list"),
        pytest.param("payload=%7Bbroken", "application/x-www-form-urlencoded", 400, id="broken-payload"),
        pytest.param("x" * (1024 * 1024 + 1), "text/plain", 413, id="too-large"),
        pytest.param("", "text/plain", 404, id="empty"),
    ],
)
async def test_http_mode_survives_any_body(slack, commands, body, kind, expected) -> None:
    async with serving(slack, commands, **HTTP_ONLY) as handler, listening(handler) as url:
        status, said = await slack.post_signed(url, body, content_type=kind)
    assert status == expected
    if expected == 200:
        assert "abc" in said


async def test_both_modes_at_once(slack, commands) -> None:
    async with serving(slack, commands, signing_secret=SIGNING_SECRET) as handler, listening(handler) as url:
        await slack.slash("/tipoff", "status")
        assert (await slack.slash_http(url, "/tipoff", "status"))[0] == 200
    assert len(commands.asked) == 2


async def test_without_a_signing_secret_there_is_no_http_app(slack, commands) -> None:
    async with serving(slack, commands) as handler:
        assert handler.http_app is None


# Doctor


@pytest.mark.parametrize(
    ("prepare", "expected"),
    [
        pytest.param(lambda slack: None, ["ok", "ok"], id="all-well"),
        pytest.param(
            lambda slack: setattr(slack, "scopes", "commands,chat:write"),
            ["ok", "warning", "ok"],
            id="scopes",
        ),
        pytest.param(
            lambda slack: setattr(slack, "scopes", "commands"), ["ok", "failed", "ok"], id="cannot-send"
        ),
        pytest.param(lambda slack: setattr(slack, "scopes", None), ["ok", "ok"], id="scopes-not-told"),
        pytest.param(
            lambda slack: slack.fail("auth.test", Fault(error="invalid_auth")),
            ["failed", "ok"],
            id="bot-token",
        ),
        pytest.param(
            lambda slack: slack.fail("apps.connections.open", Fault(error="invalid_auth")),
            ["ok", "failed"],
            id="app-token",
        ),
        pytest.param(
            lambda slack: slack.fail("auth.test", Fault(status=404, body="?")),
            ["failed", "ok"],
            id="not-slack",
        ),
        pytest.param(
            lambda slack: slack.fail("auth.test", Fault(cut=True), Fault(cut=True)),
            ["failed", "ok"],
            id="cut",
        ),
    ],
)
async def test_doctor_says_what_to_do(slack, prepare, expected) -> None:
    prepare(slack)
    checks = await check_slack(BOT_TOKEN, APP_TOKEN, slack.url)
    assert [check.state for check in checks] == expected
    assert all(check.advice for check in checks if check.state != "ok")
