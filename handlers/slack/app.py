"""Connects Tipoff to Slack: Socket Mode, HTTP mode or both, and sending, for one workspace by its token or for every
workspace that installed the app."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import Any

import aiohttp
import structlog
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from starlette.types import ASGIApp

from bot.delivery.contract import ChannelGone, DeliveryUnavailable, Message, RetryAt, SendOutcome, Sent
from bot.errors import BotError, ConfigError, StorageError
from bot.model import ChannelKey
from handlers.commands import Commands
from handlers.servers import Servers
from handlers.slack.answering import Answering
from handlers.slack.bolt import build_bolt
from handlers.slack.client import open_session, web_client
from handlers.slack.http_mode import HttpMode
from handlers.slack.listeners import Listeners
from handlers.slack.origin import server_key
from handlers.slack.outcomes import ACCOUNT_GONE, TOKEN_REFUSED, advice, error_code
from handlers.slack.sending import Sender
from handlers.slack.socket_mode import SocketMode
from handlers.slack.teams import OneTeam, Teams, Workspace, team_of

log = structlog.get_logger()


class SlackHandler:
    """See ``bot.delivery.contract.Handler``. ``http_app`` answers under /slack/; None when nothing is to be answered
    there."""

    platform = "slack"

    def __init__(
        self,
        *,
        teams: Teams,
        servers: Servers | None,
        socket_mode: SocketMode | None,
        http_app: ASGIApp | None,
    ) -> None:
        self.http_app = http_app
        self.limits = teams.limits
        self._teams = teams
        self._servers = servers
        self._socket_mode = socket_mode
        self._closed = asyncio.Event()

    async def run(self) -> None:
        """Serve until closed. Raises ``ConfigError`` when the app token is refused, now or later."""
        if self._socket_mode is None:
            await self._closed.wait()
        else:
            await self._socket_mode.run()

    async def close(self) -> None:
        """Stop being reached; safe to repeat."""
        self._closed.set()
        if self._socket_mode is not None:
            await self._socket_mode.close()

    async def send(self, message: Message) -> SendOutcome:
        try:
            sender = await self._sender(message.channel)
        except (DeliveryUnavailable, StorageError) as exc:
            return RetryAt(reason=str(exc))
        if sender is None:
            return ChannelGone(reason="Tipoff is not installed in the channel's workspace")
        outcome = await sender.send(message)
        if sender.refusal in self._teams.dead:
            # The event that says so did not reach us.
            await leave(self._teams, self._servers, _team(message.channel), why=sender.refusal)
        return outcome

    async def find_sent(self, message: Message, *, since: datetime) -> Sent | None:
        try:
            sender = await self._sender(message.channel)
        except StorageError as exc:
            raise DeliveryUnavailable(str(exc)) from exc
        return await sender.find_sent(message, since=since) if sender is not None else None

    async def _sender(self, channel: ChannelKey) -> Sender | None:
        team = await self._teams.find(_team(channel))
        return team.sender if team is not None else None


@asynccontextmanager
async def open_slack(
    *,
    bot_token: str,
    app_token: str | None,
    signing_secret: str | None,
    api_url: str,
    commands: Commands,
    servers: Servers | None = None,
) -> AsyncIterator[SlackHandler]:
    """Ask who we are and stand ready for the one workspace of ``bot_token``.

    ``servers`` is told of the workspace, and when the app is removed from it. Raises ``ConfigError`` for a refused
    token, ``DeliveryUnavailable`` when Slack cannot be asked.
    """
    async with open_session() as session:
        client = web_client(session, token=bot_token, api_url=api_url)
        workspace = await who_we_are(client)
        teams = OneTeam(team_of(workspace, client, whose="SLACK_BOT_TOKEN"))
        if servers is not None:
            await servers.present("slack", {server_key(workspace.team): workspace.name})
        async with serve(
            teams, session, app_token=app_token, signing_secret=signing_secret, api_url=api_url,
            commands=commands, servers=servers,
        ) as handler:  # fmt: skip
            log.info(
                "slack_ready", team=workspace.team, socket_mode=bool(app_token), http=bool(signing_secret)
            )
            yield handler


@asynccontextmanager
async def serve(
    teams: Teams,
    session: aiohttp.ClientSession,
    *,
    app_token: str | None,
    signing_secret: str | None,
    api_url: str,
    commands: Commands,
    servers: Servers | None,
    oauth: AsyncOAuthFlow | None = None,
) -> AsyncIterator[SlackHandler]:
    """Answer and send for these workspaces; ``oauth`` takes in more of them."""

    async def removed(body: dict[str, Any]) -> None:
        await _removed(teams, servers, body)

    async with AsyncExitStack() as stack:
        # Bolt's own client gets no token: bolt must not ask or send on its own.
        tokenless = web_client(session, token=None, api_url=api_url)
        listeners = Listeners(Answering(commands, teams, session, servers), removed)
        bolt = build_bolt(tokenless, signing_secret=signing_secret or "", listeners=listeners)
        handler = SlackHandler(
            teams=teams,
            servers=servers,
            socket_mode=SocketMode(bolt, tokenless, app_token) if app_token else None,
            http_app=HttpMode(bolt if signing_secret else None, oauth) if signing_secret or oauth else None,
        )
        stack.push_async_callback(listeners.finish)
        stack.push_async_callback(handler.close)
        yield handler


async def _removed(teams: Teams, servers: Servers | None, body: dict[str, Any]) -> None:
    """The events app_uninstalled and tokens_revoked: the workspace is told nothing more. A person's token that is
    taken away alone is none of ours."""
    event, team = body.get("event") or {}, str(body.get("team_id") or "")
    if event.get("type") == "tokens_revoked" and not (event.get("tokens") or {}).get("bot"):
        return
    authorizations = body.get("authorizations") or [{}]
    whole = bool(body.get("is_enterprise_install") or authorizations[0].get("is_enterprise_install"))
    enterprise = str(body.get("enterprise_id") or authorizations[0].get("enterprise_id") or "")
    await leave(teams, servers, team, enterprise=enterprise, whole=whole, why=str(event.get("type")))


async def leave(
    teams: Teams,
    servers: Servers | None,
    team: str,
    *,
    why: str,
    enterprise: str = "",
    whole: bool = False,
) -> None:
    """Forget the workspace's token; its channels rest. A failure is logged: it comes up again with the next message."""
    log.warning("slack_app_removed", team=team, why=why, organisation=whole)
    try:
        for gone in await teams.gone(team, enterprise=enterprise, whole=whole):
            if servers is not None:
                await servers.left(server_key(gone))
    except BotError as exc:
        log.warning("slack_removal_not_recorded", team=team, error=str(exc))


def _team(channel: ChannelKey) -> str:
    return channel.removeprefix("slack:").partition("/")[0]


async def who_we_are(client: AsyncWebClient) -> Workspace:
    """The workspace of the bot token. Raises like ``open_slack``."""
    try:
        answer = await client.auth_test()
    except SlackApiError as exc:
        code = error_code(exc)
        if code in TOKEN_REFUSED | ACCOUNT_GONE:
            raise ConfigError(f"SLACK_BOT_TOKEN: Slack refused it ({code}): {advice(code)}") from exc
        raise DeliveryUnavailable(
            f"Slack could not be asked who we are: {code or 'no proper answer'}"
        ) from exc
    except (aiohttp.ClientError, TimeoutError, OSError) as exc:
        raise DeliveryUnavailable(f"Slack cannot be reached: {type(exc).__name__}") from exc
    return Workspace(
        team=str(answer.get("team_id") or ""),
        name=str(answer.get("team") or ""),
        enterprise=str(answer.get("enterprise_id") or ""),
        bot_user=str(answer.get("user_id") or ""),
        bot=str(answer.get("bot_id") or ""),
    )
