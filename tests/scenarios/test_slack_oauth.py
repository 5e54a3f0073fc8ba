"""Many workspaces: the real OAuth flow of bolt against the stand-in, tokens at rest, renewed and taken away."""

import asyncio
import json
import re
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import aiohttp
import pytest
from sqlalchemy import select

from bot.delivery.contract import AlertMessage, ChannelGone, RetryAt, Sent
from bot.errors import ConfigError, StorageError
from bot.model import ChannelKey, Event, Grade, StoryId, utc_now
from handlers.servers import Servers
from handlers.slack.app import SlackHandler
from handlers.slack.checks import check_slack_installs
from handlers.slack.oauth import Client, open_slack_installs
from handlers.slack.sealing import new_key
from storage import schema, servers, slack_installs
from storage.database import Database, open_database
from tests.scenarios.news import open_news
from tests.scenarios.program import Program, eventually
from tests.scenarios.test_slack_http import listening
from tests.standins.slack import Fault, SlackStandin, open_slack_standin
from tests.standins.slack_oauth import CLIENT_ID, CLIENT_SECRET
from tests.standins.slack_served import ScriptedCommands
from tests.standins.slack_workspace import SIGNING_SECRET

KEY = new_key()


@pytest.fixture
def commands() -> ScriptedCommands:
    return ScriptedCommands()


@pytest.fixture
async def slack() -> AsyncIterator[SlackStandin]:
    async with open_slack_standin() as standin:
        yield standin


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(f"sqlite+aiosqlite:///{tmp_path}/tipoff.db") as opened:
        yield opened


@asynccontextmanager
async def installing(
    slack: SlackStandin, database: Database, commands: Any, **given: Any
) -> AsyncIterator[tuple[SlackHandler, str]]:
    """The handler over HTTP, and the address of its pages."""
    settings: dict[str, Any] = {
        "client": Client(id=CLIENT_ID, secret=CLIENT_SECRET), "keys": KEY, "app_token": None,
        "signing_secret": SIGNING_SECRET, "public_url": "https://tipoff.example.org", "clock": utc_now,
    }  # fmt: skip
    async with open_slack_installs(
        **{**settings, **given}, api_url=slack.url, database=database, commands=commands,
        servers=Servers(database),
    ) as handler, listening(handler) as url:  # fmt: skip
        yield handler, url.removesuffix("/events")


async def begin(web: str) -> tuple[str, str]:
    """Open the install page; the state, and the cookie that must come back with it."""
    async with aiohttp.ClientSession() as session, session.get(f"{web}/install") as page:
        text, cookie = await page.text(), page.cookies["slack-app-oauth-state"].value
        assert page.status == 200
    address = re.search(r'href="(https://slack\.com/oauth/v2/authorize[^"]+)"', text)
    assert address is not None
    asked = parse_qs(urlsplit(address[1].replace("&amp;", "&")).query)
    assert asked["client_id"] == [CLIENT_ID]
    assert asked["redirect_uri"] == ["https://tipoff.example.org/slack/oauth_redirect"]
    assert "chat:write" in asked["scope"][0]
    assert asked["state"] == [cookie]
    return cookie, f"slack-app-oauth-state={cookie}"


async def come_back(web: str, code: str, state: str, cookie: str) -> int:
    async with (
        aiohttp.ClientSession() as session,
        session.get(
            f"{web}/oauth_redirect", params={"code": code, "state": state}, headers={"Cookie": cookie}
        ) as page,
    ):
        return page.status


async def install(slack: SlackStandin, web: str, team: str, **given: Any) -> str:
    """The whole way; returns the token that the workspace gave."""
    state, cookie = await begin(web)
    before = set(slack.tokens)
    assert await come_back(web, slack.approve(team, **given), state, cookie) == 200
    (token,) = set(slack.tokens) - before
    return token


def an_alert(team: str, token: str = "d1") -> AlertMessage:
    return AlertMessage(
        token=token, channel=ChannelKey(f"slack:{team}/C1"), story=StoryId(7), event=Event.NEW,
        title="V4 is out", url="https://example.com/v4", publisher="Lab", grade=Grade.OFFICIAL,
        topics=("V4",), published=utc_now(),
    )  # fmt: skip


async def asked_in(
    slack: SlackStandin, web: str, team: str, text: str = "status", **given: Any
) -> dict[str, Any]:
    """Type a command in that workspace."""
    payload, key = slack._command("/tipoff", text, "C1", "U1", team)
    status, _ = await slack.post_signed(f"{web}/events", urlencode({**payload, **given}))
    assert status == 200
    return await slack._answer(key, 10)


async def test_two_workspaces_install_and_each_is_served_with_its_own_token(
    slack, database, commands
) -> None:
    async with installing(slack, database, commands) as (handler, web):
        await install(slack, web, "T1")
        await install(slack, web, "T2")
        for team in ("T1", "T2"):
            assert "All good." in (await asked_in(slack, web, team))["text"]
            assert isinstance(await handler.send(an_alert(team, f"d{team}".lower())), Sent)
        assert isinstance(await handler.send(an_alert("T3")), ChannelGone)
        assert "another workspace" in (await asked_in(slack, web, "T3"))["text"]
    assert [request.channel for request in commands.asked] == ["slack:T1/C1", "slack:T2/C1"]
    assert [entry["team"] for entry in slack.messages("C1")] == ["T1", "T2"]
    async with database.reading() as conn:
        assert [(row.key, row.name) for row in await servers.present(conn, "slack")] == [
            ("slack:T1", "Workspace T1"),
            ("slack:T2", "Workspace T2"),
        ]


async def test_a_message_of_one_workspace_is_found_again_there(slack, database, commands) -> None:
    since = utc_now()
    async with installing(slack, database, commands) as (handler, web):
        await install(slack, web, "T1")
        sent = await handler.send(an_alert("T1"))
        assert await handler.find_sent(an_alert("T1"), since=since) == sent


async def test_tokens_are_encrypted_at_rest(slack, database, commands, tmp_path) -> None:
    async with installing(slack, database, commands) as (_, web):
        token = await install(slack, web, "T1", rotates=True)
    held = b"".join(path.read_bytes() for path in tmp_path.glob("tipoff.db*"))
    assert b"T1" in held
    assert token.encode() not in held
    assert b"xox" not in held


async def test_a_restart_knows_its_workspaces(slack, database, commands) -> None:
    async with installing(slack, database, commands) as (_, web):
        await install(slack, web, "T1")
    async with installing(slack, database, commands) as (handler, _):
        assert isinstance(await handler.send(an_alert("T1")), Sent)


@pytest.mark.parametrize(
    ("state", "cookie", "expected"),
    [
        pytest.param(None, "slack-app-oauth-state=other", 400, id="another-browser"),
        pytest.param(None, "", 400, id="no-cookie"),
        pytest.param("made-up", "slack-app-oauth-state=made-up", 401, id="made-up-state"),
    ],
)
async def test_an_installation_that_was_not_begun_here_is_refused(
    slack, database, commands, state, cookie, expected
) -> None:
    async with installing(slack, database, commands) as (_, web):
        begun, _ = await begin(web)
        assert await come_back(web, slack.approve("T1"), state or begun, cookie) == expected
    assert slack.count("oauth.v2.access") == 0


async def test_a_state_is_good_once_and_for_ten_minutes(slack, database, commands) -> None:
    now = utc_now()
    async with installing(slack, database, commands, clock=lambda: now) as (_, web):
        state, cookie = await begin(web)
        assert await come_back(web, slack.approve("T1"), state, cookie) == 200
        assert await come_back(web, slack.approve("T1"), state, cookie) == 401
        state, cookie = await begin(web)
        now += timedelta(minutes=11)
        assert await come_back(web, slack.approve("T1"), state, cookie) == 401


async def test_what_was_begun_is_bounded(slack, database, commands, monkeypatch) -> None:
    monkeypatch.setattr(slack_installs, "MOST_STATES", 1)
    async with installing(slack, database, commands) as (_, web):
        await begin(web)
        async with aiohttp.ClientSession() as session, session.get(f"{web}/install") as page:
            assert page.status == 503


async def test_a_code_that_slack_does_not_know_and_a_person_who_says_no(
    slack, database, commands, capfd
) -> None:
    async with installing(slack, database, commands) as (_, web):
        state, cookie = await begin(web)
        assert await come_back(web, "secret-code", state, cookie) == 401
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{web}/oauth_redirect?error=access_denied") as page,
        ):
            assert page.status == 200
    told = "".join(capfd.readouterr())
    assert "slack_installation_refused" in told
    assert "secret-code" not in told


async def test_a_token_is_renewed_before_it_ends(slack, database, commands) -> None:
    slack.expires_in = 3600  # within the two hours before which tokens are renewed
    async with installing(slack, database, commands) as (handler, web):
        first = await install(slack, web, "T1", rotates=True)
        slack.expires_in = 43200
        both = await asyncio.gather(handler.send(an_alert("T1", "d1")), asked_in(slack, web, "T1"))
        assert isinstance(both[0], Sent)
        slack.expire(first)
        assert isinstance(await handler.send(an_alert("T1", "d2")), Sent)
    renewals = [call for call in slack.calls if call.arguments.get("grant_type") == "refresh_token"]
    assert len(renewals) == 1
    async with installing(slack, database, commands) as (handler, _):
        assert isinstance(await handler.send(an_alert("T1", "d3")), Sent)


async def test_a_token_that_slack_does_not_renew_is_used_while_it_is_good(slack, database, commands) -> None:
    slack.expires_in = 3600
    async with installing(slack, database, commands) as (handler, web):
        await install(slack, web, "T1", rotates=True)
        slack.fail("oauth.v2.access", Fault(error="internal_error"))
        assert isinstance(await handler.send(an_alert("T1")), Sent)


@pytest.mark.parametrize(
    "fault", [Fault(error="invalid_refresh_token"), Fault(cut=True)], ids=["refused", "cut"]
)
async def test_a_token_that_ended_and_is_not_renewed_keeps_the_alert(
    slack, database, commands, fault
) -> None:
    slack.expires_in = 1
    async with installing(slack, database, commands) as (handler, web):
        await install(slack, web, "T1", rotates=True)
        ends = time.time() + 1.1
        await until(lambda: asyncio.sleep(0.02, time.time() > ends))
        slack.fail("oauth.v2.access", fault)
        outcome = await handler.send(an_alert("T1"))
        assert isinstance(outcome, RetryAt)
        assert "did not renew" in outcome.reason
        assert "xox" not in outcome.reason


def removal(kind: str, team: str, **given: Any) -> str:
    event: dict[str, Any] = {"type": kind}
    if kind == "tokens_revoked":
        event["tokens"] = given.pop("tokens")
    return json.dumps(
        {
            "type": "event_callback",
            "team_id": team,
            "event_id": "E1",
            "event": event,
            "api_app_id": "A",
            **given,
        }
    )


@pytest.mark.parametrize(
    "body",
    [removal("app_uninstalled", "T1"), removal("tokens_revoked", "T1", tokens={"bot": ["U0TIPOFF"]})],
    ids=["uninstalled", "revoked"],
)
async def test_an_app_that_is_removed_rests_and_comes_back(slack, database, commands, body) -> None:
    async with installing(slack, database, commands) as (handler, web):
        await install(slack, web, "T1")
        await install(slack, web, "T2")
        await slack.post_signed(f"{web}/events", body, content_type="application/json")
        await until(lambda: is_left(database, "slack:T1"))
        assert isinstance(await handler.send(an_alert("T1")), ChannelGone)
        assert isinstance(await handler.send(an_alert("T2")), Sent)
        await install(slack, web, "T1")
        assert isinstance(await handler.send(an_alert("T1")), Sent)
        assert not await is_left(database, "slack:T1")


@pytest.mark.parametrize("error", ["account_inactive", "token_revoked", "invalid_auth"])
async def test_a_removal_that_nobody_told_us_of_is_noticed_at_the_next_message(
    slack, database, commands, error
) -> None:
    async with installing(slack, database, commands) as (handler, web):
        await install(slack, web, "T1")
        slack.fail("chat.postMessage", Fault(error=error))
        await handler.send(an_alert("T1"))
        assert await is_left(database, "slack:T1")
        assert isinstance(await handler.send(an_alert("T1")), ChannelGone)


async def test_a_scope_that_is_missing_is_no_removal(slack, database, commands) -> None:
    async with installing(slack, database, commands) as (handler, web):
        await install(slack, web, "T1")
        slack.fail("chat.postMessage", Fault(error="missing_scope"))
        assert isinstance(await handler.send(an_alert("T1")), RetryAt)
        assert not await is_left(database, "slack:T1")


async def test_one_person_s_token_that_is_taken_away_changes_nothing(slack, database, commands) -> None:
    async with installing(slack, database, commands) as (handler, web):
        await install(slack, web, "T1")
        body = removal("tokens_revoked", "T1", tokens={"oauth": ["U5"]})
        await slack.post_signed(f"{web}/events", body, content_type="application/json")
        assert isinstance(await handler.send(an_alert("T1")), Sent)


async def test_an_organisation_installs_once_for_all_its_workspaces(slack, database, commands) -> None:
    async with installing(slack, database, commands) as (handler, web):
        await install(slack, web, "", enterprise="E1", whole=True)
        whole = {"enterprise_id": "E1", "is_enterprise_install": "true"}
        for team in ("T1", "T2"):
            assert "All good." in (await asked_in(slack, web, team, **whole))["text"]
        assert isinstance(await handler.send(an_alert("T1")), Sent)  # by its own id alone
        gone = removal("app_uninstalled", "T1", enterprise_id="E1", is_enterprise_install=True)
        await slack.post_signed(f"{web}/events", gone, content_type="application/json")
        await until(lambda: is_left(database, "slack:T2"))
        assert isinstance(await handler.send(an_alert("T1")), ChannelGone)


async def test_a_new_key_takes_over_and_the_former_can_go(slack, database, commands, tmp_path) -> None:
    fresh = new_key()
    async with installing(slack, database, commands) as (_, web):
        await install(slack, web, "T1")
    async with installing(slack, database, commands, keys=f"{fresh}, {KEY}"):
        pass
    async with installing(slack, database, commands, keys=fresh) as (handler, _):
        assert isinstance(await handler.send(an_alert("T1")), Sent)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        pytest.param(new_key(), "does not open the token of Slack workspace T1", id="another"),
        pytest.param("short", "key 1 is none", id="no-key"),
        pytest.param(f"{KEY},x", "key 2 is none", id="second"),
        pytest.param(" , ", "is empty", id="empty"),
    ],
)
async def test_a_wrong_key_is_one_clear_line(slack, database, commands, keys, words, tmp_path) -> None:
    async with installing(slack, database, commands) as (_, web):
        await install(slack, web, "T1")
    with pytest.raises(ConfigError, match=f"TIPOFF_SECRET_KEY: {words}") as caught:
        async with installing(slack, database, commands, keys=keys):
            pass
    assert keys.strip(" ,") not in str(caught.value) or keys == " , "
    (check,) = await check_slack_installs(f"sqlite+aiosqlite:///{tmp_path}/tipoff.db", keys, None, slack.url)
    assert check.state == "failed"
    assert words in check.advice


async def test_doctor_counts_the_workspaces(slack, database, commands, tmp_path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/tipoff.db"
    (before,) = await check_slack_installs(url, KEY, None, slack.url)
    async with installing(slack, database, commands) as (_, web):
        await install(slack, web, "T1")
    (after,) = await check_slack_installs(url, KEY, None, slack.url)
    assert (before.state, after.state, after.text) == ("warning", "ok", "1 workspace")


async def test_a_database_that_does_not_answer_is_said_to_who_installs(
    slack, database, commands, monkeypatch
) -> None:
    async def locked(*_: Any, **__: Any) -> None:
        raise StorageError("the database is locked")

    async with installing(slack, database, commands) as (handler, web):
        await install(slack, web, "T1")
        state, cookie = await begin(web)
        monkeypatch.setattr(slack_installs, "save", locked)
        monkeypatch.setattr(slack_installs, "of_team", locked)
        assert await come_back(web, slack.approve("T2"), state, cookie) == 500
        assert isinstance(await handler.send(an_alert("T1")), RetryAt)
        monkeypatch.setattr(slack_installs, "begin", locked)
        async with aiohttp.ClientSession() as session, session.get(f"{web}/install") as page:
            assert page.status == 503


async def is_left(database: Database, key: str) -> bool:
    async with database.reading() as conn:
        rows = list(await conn.execute(select(schema.servers).where(schema.servers.c.key == key)))
    return bool(rows) and rows[0].left_at is not None


async def until(condition: Any) -> None:
    async with asyncio.timeout(10):
        while not await condition():
            await asyncio.sleep(0.02)


async def test_the_whole_program_serves_a_workspace_that_installs_the_app(slack, tmp_path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    async with open_news() as news:
        news.publish("daily", "DeepSeek V4 rumours of the winter")
        (tmp_path / "catalog.toml").write_text(news.catalog("daily"), encoding="utf-8")
        program = Program(
            tmp_path, SLACK_CLIENT_ID=CLIENT_ID, SLACK_CLIENT_SECRET=CLIENT_SECRET, TIPOFF_SECRET_KEY=KEY,
            SLACK_SIGNING_SECRET=SIGNING_SECRET, SLACK_API_URL=slack.url, TIPOFF_WEB_BIND=f"127.0.0.1:{port}",
            TIPOFF_PUBLIC_URL="https://tipoff.example.org",
        )  # fmt: skip
        await program.start()
        try:
            await eventually(lambda: "platform_connected" in program.output, what="the start")
            web = f"http://127.0.0.1:{port}/slack"
            token = await install(slack, web, "T1")
            slack.make_admin("U1")
            assert "Subscribed" in (await asked_in(slack, web, "T1", "subscribe v4"))["text"]
            news.publish("daily", "DeepSeek V4 weights are out today")
            shown = await eventually(lambda: next(iter(slack.messages("C1")), None), what="the alert")
            assert shown["team"] == "T1"
            # Who subscribed reads German, so that the channel does.
            why = await slack.press(shown, "Warum", events_url=f"{web}/events", team_id="T1")
            assert "V4" in why["text"]
        finally:
            assert await program.stop() == 0
        for secret in (token, CLIENT_SECRET, SIGNING_SECRET, KEY):
            assert secret not in program.output
