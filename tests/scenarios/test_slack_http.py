"""The real bolt application against the stand-in: signed requests in HTTP mode, and what doctor finds."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route

from handlers.slack.app import SlackHandler
from handlers.slack.checks import check_slack
from tests.standins.slack import Fault, SlackStandin, open_slack_standin
from tests.standins.slack_served import ScriptedCommands, serving
from tests.standins.slack_workspace import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET


@pytest.fixture
def commands() -> ScriptedCommands:
    return ScriptedCommands()


@pytest.fixture
async def slack() -> AsyncIterator[SlackStandin]:
    async with open_slack_standin() as standin:
        yield standin


@asynccontextmanager
async def listening(handler: SlackHandler) -> AsyncIterator[str]:
    bound = socket.create_server(("127.0.0.1", 0))
    app = Starlette(routes=[Route("/slack/{what}", handler.http_app)])
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
