"""The real bolt application against the stand-in: slash commands over Socket Mode, and who may what."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.delivery.contract import DeliveryUnavailable
from bot.errors import ConfigError
from handlers.replies import Entry, Reply
from handlers.requests import Request
from handlers.slack.app import open_slack
from tests.standins.slack import Fault, SlackStandin, open_slack_standin
from tests.standins.slack_served import ScriptedCommands, serving
from tests.standins.slack_workspace import APP_TOKEN, BOT_TOKEN, TEAM


@pytest.fixture
def commands() -> ScriptedCommands:
    return ScriptedCommands()


@pytest.fixture
async def slack() -> AsyncIterator[SlackStandin]:
    async with open_slack_standin() as standin:
        yield standin


async def test_a_command_is_acknowledged_first_and_answered_privately(slack, commands) -> None:
    release = asyncio.Event()
    commands.before = release.wait
    async with serving(slack, commands):
        typing = asyncio.ensure_future(slack.slash("/tipoff", "latest deepseek-v4 count=3", channel_id="C7"))
        await slack.acknowledged()
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
        user=f"slack:{TEAM}/U1",
        may_manage=False,
        server=f"slack:{TEAM}",
        place="text",
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

    monkeypatch.setattr("handlers.slack.answering.log.exception", exception, raising=False)
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


async def test_an_address_that_never_answers_is_asked_for_anew(slack, commands, monkeypatch) -> None:
    monkeypatch.setattr("handlers.slack.socket_mode.PING_INTERVAL_S", 0.05)
    monkeypatch.setattr("handlers.slack.socket_mode.CONNECT_TIMEOUT_S", 0.3)
    slack.refuse_sockets = 7
    async with serving(slack, commands):
        await slack.slash("/tipoff", "status")
    assert slack.tickets >= 2


async def test_a_rate_limited_connection_waits_as_long_as_asked(slack, commands, monkeypatch) -> None:
    monkeypatch.setattr("handlers.slack.socket_mode.PING_INTERVAL_S", 0.05)
    slack.fail("apps.connections.open", Fault(error="ratelimited", status=429, retry_after="1"))
    started = time.monotonic()
    async with serving(slack, commands):
        assert time.monotonic() - started >= 1
    assert slack.count("apps.connections.open") == 2


async def test_closing_lets_a_command_under_way_end(slack, commands) -> None:
    release = asyncio.Event()
    commands.before = release.wait
    async with serving(slack, commands):
        typing = asyncio.ensure_future(slack.slash("/tipoff", "status"))
        await slack.acknowledged()
        asyncio.get_running_loop().call_later(0.2, release.set)
    assert "All good." in (await typing)["text"]


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
    while slack.sockets:
        await asyncio.sleep(0.01)
    assert len(asyncio.all_tasks()) < 6  # the stand-in's own and this one
