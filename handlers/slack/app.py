"""Connects Tipoff to one Slack workspace: Socket Mode, HTTP mode or both, and sending."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from starlette.types import ASGIApp

from bot.delivery.contract import DeliveryUnavailable, Message, SendOutcome, Sent
from bot.errors import ConfigError
from handlers.commands import Commands
from handlers.slack.bolt import Workspace, build_bolt
from handlers.slack.client import open_session, web_client
from handlers.slack.http_mode import HttpMode
from handlers.slack.listeners import Listeners
from handlers.slack.outcomes import ACCOUNT_GONE, TOKEN_REFUSED, advice, error_code
from handlers.slack.permissions import Permissions
from handlers.slack.sending import Sender
from handlers.slack.socket_mode import SocketMode

log = structlog.get_logger()


class SlackHandler:
    """One workspace. ``http_app`` answers POST /slack/events; None when there is no signing secret."""

    platform = "slack"

    def __init__(
        self, *, team: str, sender: Sender, socket_mode: SocketMode | None, http_app: ASGIApp | None
    ) -> None:
        self.team = team
        self.http_app = http_app
        self._sender = sender
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
        return await self._sender.send(message)

    async def find_sent(self, message: Message, *, since: datetime) -> Sent | None:
        return await self._sender.find_sent(message, since=since)


@asynccontextmanager
async def open_slack(
    *,
    bot_token: str,
    app_token: str | None,
    signing_secret: str | None,
    api_url: str,
    commands: Commands,
) -> AsyncIterator[SlackHandler]:
    """Ask who we are and stand ready. Raises ``ConfigError`` for a refused token, ``DeliveryUnavailable`` when
    Slack cannot be asked."""
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(open_session())
        client = web_client(session, token=bot_token, api_url=api_url)
        workspace = await who_we_are(client)
        # Bolt's own client gets no token: bolt must not ask or send on its own.
        tokenless = web_client(session, token=None, api_url=api_url)
        listeners = Listeners(commands, Permissions(client), team=workspace.team, session=session)
        bolt = build_bolt(tokenless, workspace, signing_secret=signing_secret or "", listeners=listeners)
        handler = SlackHandler(
            team=workspace.team,
            sender=Sender(client, team=workspace.team),
            socket_mode=SocketMode(bolt, tokenless, app_token) if app_token else None,
            http_app=HttpMode(bolt) if signing_secret else None,
        )
        stack.push_async_callback(listeners.finish)
        stack.push_async_callback(handler.close)
        log.info("slack_ready", team=workspace.team, socket_mode=bool(app_token), http=bool(signing_secret))
        yield handler


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
        enterprise=str(answer.get("enterprise_id") or "") or None,
        bot_user=str(answer.get("user_id") or ""),
        bot=str(answer.get("bot_id") or ""),
    )
