"""Keeps the chat platforms and the web server up beside each other: one that fails never ends another."""

import asyncio
import random
import socket
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

import structlog
from pydantic import SecretStr
from rich.console import Console
from rich.markup import escape
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.delivery.contract import Handler, Limits
from bot.delivery.dispatcher import Dispatcher
from bot.errors import BotError, ConfigError
from bot.flow.websub_inbox import HubInbox
from bot.settings import Settings
from handlers.commands import Commands
from handlers.servers import Servers
from storage.database import Database

log = structlog.get_logger()

_FIRST_WAIT_S, _LONGEST_WAIT_S = 2.0, 120.0


class ChatHandler(Handler, Protocol):
    """A handler with a connection of its own. ``run`` returns when the connection was closed for good."""

    @property
    def limits(self) -> Limits: ...

    async def run(self) -> None: ...


class SlackEvents:
    """Answers under /slack/ through whichever connection to Slack is up. An object, not a method: Starlette
    takes methods for request handlers."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = self.app or PlainTextResponse("Slack is not connected yet", status_code=503)
        await answer(scope, receive, send)


class Platforms:
    """Discord, Slack and the page, as far as the settings ask for them."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        commands: Commands,
        dispatcher: Dispatcher,
        *,
        console: Console,
        clock: Callable[[], datetime],
    ) -> None:
        self._servers = Servers(database, clock=clock)
        self._database, self._clock = database, clock
        self._settings = settings
        self._commands = commands
        self._dispatcher = dispatcher
        self._console = console
        self._slack_events = SlackEvents()

    async def run(self) -> None:
        """Serve every platform that has a token, until cancelled."""
        async with asyncio.TaskGroup() as group:
            if self._settings.discord_token:
                group.create_task(self._keep("Discord", self._open_discord))
            if self._settings.slack_ready:
                group.create_task(self._keep("Slack", self._open_slack))

    async def serve_web(
        self,
        bound: socket.socket,
        stop: asyncio.Event,
        *,
        clock: Callable[[], datetime],
        hubs: HubInbox | None = None,
    ) -> None:
        from handlers.web.pages import build_app
        from handlers.web.server import serve

        settings = self._settings
        slack = self._slack_events if settings.slack_signing_secret or settings.slack_client_id else None
        await serve(build_app(self._commands, clock=clock, slack=slack, hubs=hubs), bound, stop)

    def _open_discord(self) -> AbstractAsyncContextManager[ChatHandler]:
        from handlers.discord.client import open_discord

        token = self._settings.discord_token
        assert token is not None
        return open_discord(
            token=token.get_secret_value(),
            api_url=self._settings.discord_api_url,
            commands=self._commands,
            database=self._database,
            shards=self._settings.discord_shards,
            clock=self._clock,
        )

    def _open_slack(self) -> AbstractAsyncContextManager[ChatHandler]:
        from handlers.slack.app import open_slack
        from handlers.slack.oauth import Client, open_slack_installs

        settings = self._settings
        app_token, signing_secret = _plain(settings.slack_app_token), _plain(settings.slack_signing_secret)
        if settings.slack_bot_token is not None:
            return open_slack(
                bot_token=settings.slack_bot_token.get_secret_value(),
                app_token=app_token,
                signing_secret=signing_secret,
                api_url=settings.slack_api_url,
                commands=self._commands,
                servers=self._servers,
            )
        return open_slack_installs(
            client=Client(
                id=settings.slack_client_id or "", secret=_plain(settings.slack_client_secret) or ""
            ),
            keys=_plain(settings.secret_key) or "",
            app_token=app_token,
            signing_secret=signing_secret,
            public_url=settings.public_url,
            api_url=settings.slack_api_url,
            database=self._database,
            commands=self._commands,
            servers=self._servers,
            clock=self._clock,
        )

    async def _keep(self, name: str, opener: Callable[[], AbstractAsyncContextManager[ChatHandler]]) -> None:
        """Open, serve, and open again after a failure; a wrong token ends only this platform."""
        wait = _FIRST_WAIT_S
        while True:
            try:
                async with opener() as handler:
                    if handler.platform == "slack":
                        self._slack_events.app = getattr(handler, "http_app", None)
                    self._dispatcher.serve(handler, handler.limits)
                    log.info("platform_connected", platform=name)
                    wait = _FIRST_WAIT_S
                    try:
                        await handler.run()
                    finally:
                        self._dispatcher.withdraw(handler.platform)
            except ConfigError as exc:
                self._console.print(f"[red]{name} is off:[/red] {escape(str(exc))}", highlight=False)
                return
            except BotError as exc:
                log.warning("platform_unavailable", platform=name, error=str(exc), again_in_s=round(wait))
            except Exception:  # a bug in one platform must not silence the other
                log.exception("platform_crashed", platform=name)
            await asyncio.sleep(wait * random.uniform(0.8, 1.2))  # noqa: S311 - spreads reconnects
            wait = min(wait * 2, _LONGEST_WAIT_S)


def _plain(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret is not None else None
