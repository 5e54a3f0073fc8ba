"""The real Slack handler, served to the stand-in by commands that answer from a script."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from handlers.replies import Form, Reply
from handlers.requests import Request
from handlers.slack.app import SlackHandler, open_slack
from tests.standins.slack import SlackStandin
from tests.standins.slack_workspace import APP_TOKEN, BOT_TOKEN


class ScriptedCommands:
    """Answers with what was set, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.reply = Reply(title="Done", text="All good.", tone="done")
        self.before: Callable[[], Awaitable[None]] | None = None
        self.made = Form(title="Form", command="settings", fields=())
        self.formed: list[Request] = []
        self.suggested = [("deepseek-v4", "DeepSeek V4")]
        self.typed: list[tuple[str, str, str, str]] = []

    async def answer(self, request: Request) -> Reply:
        self.asked.append(request)
        if self.before is not None:
            await self.before()
        return self.reply

    async def form(self, request: Request) -> Form:
        self.formed.append(request)
        return self.made

    async def suggest(self, kind: str, typed: str, channel: str, server: str = "") -> list[tuple[str, str]]:
        self.typed.append((kind, typed, channel, server))
        return self.suggested


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
