"""Answers slash commands: acknowledge at once, then work, then post the reply to the response address."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import aiohttp
import structlog

from bot.errors import UserError
from bot.model import ChannelKey
from handlers.commands import Commands
from handlers.replies import Reply
from handlers.requests import Request
from handlers.slack.permissions import Permissions, Standing
from handlers.slack.render import as_slack_commands, render_reply
from handlers.slack.syntax import Asked, parse_command
from handlers.specs import COMMANDS

log = structlog.get_logger()

COMMAND_TIMEOUT_S = 60.0
_RESPOND_TIMEOUT_S = 15.0
_FINISH_TIMEOUT_S = 5.0
_SPECS = {spec.name: spec for spec in COMMANDS}
_NAMES = tuple(_SPECS)


class Listeners:
    """One for a workspace. ``finish`` lets commands under way end before the connections close."""

    def __init__(
        self, commands: Commands, permissions: Permissions, *, team: str, session: aiohttp.ClientSession
    ) -> None:
        self._commands = commands
        self._permissions = permissions
        self._team = team
        self._session = session
        self._running: set[asyncio.Task[Any]] = set()

    async def on_command(self, ack: Callable[[], Awaitable[Any]], command: dict[str, Any]) -> None:
        """Bolt calls this by its parameters' names, in a task of its own."""
        await ack()
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        reply = await self._answer(command)
        await self._respond(str(command.get("response_url") or ""), reply)

    async def finish(self) -> None:
        if self._running:
            await asyncio.wait(self._running, timeout=_FINISH_TIMEOUT_S)
        late = list(self._running)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _answer(self, command: dict[str, Any]) -> Reply:
        """The reply; a bug becomes a short sentence with a reference id, and a traceback in the log."""
        try:
            async with asyncio.timeout(COMMAND_TIMEOUT_S):
                return await self._reply(command)
        except UserError as exc:
            return Reply(title="That did not work", text=str(exc), tone="error")
        except Exception:
            reference = secrets.token_hex(4)
            log.exception("command_crashed", reference=reference, command=command.get("command"))
            return Reply(
                title="Something went wrong",
                text=f"The error was logged. When you report it, name the reference {reference}.",
                tone="error",
            )

    async def _reply(self, command: dict[str, Any]) -> Reply:
        if command.get("team_id") != self._team:
            raise UserError("This Tipoff serves another workspace.")
        channel, user = str(command["channel_id"]), str(command["user_id"])
        asked = parse_command(str(command["command"]), str(command.get("text") or ""))
        standing = Standing(may_manage=False)
        if _SPECS[asked.command].needs_manage:
            standing = await self._permissions.standing(channel=channel, user=user)
        reply = await self._commands.answer(
            Request(
                command=asked.command,
                options=asked.options,
                channel=ChannelKey(f"slack:{self._team}/{channel}"),
                user=user,
                may_manage=standing.may_manage,
                private=channel.startswith("D"),
            )
        )
        named = as_slack_commands(reply, _NAMES, entries=asked.command == "help")
        return _with_invitation(named, asked, standing)

    async def _respond(self, url: str, reply: Reply) -> None:
        """Post the reply; in plain form when Slack refuses the blocks. A failure is logged: nobody can be told."""
        rendered = render_reply(reply)
        kind = "ephemeral" if reply.private else "in_channel"
        body = {
            "response_type": kind,
            "replace_original": False,
            "text": rendered.text,
            "unfurl_links": False,
            "unfurl_media": False,
        }
        try:
            async with asyncio.timeout(_RESPOND_TIMEOUT_S):
                status, said = await self._post(url, {**body, "blocks": list(rendered.blocks)})
                if status != 200:
                    log.warning("slack_reply_refused", status=status, said=said[:100])
                    await self._post(url, body)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as exc:
            log.warning("slack_reply_not_sent", error=type(exc).__name__)

    async def _post(self, url: str, body: dict[str, Any]) -> tuple[int, str]:
        async with self._session.post(url, json=body, allow_redirects=False) as answer:
            return answer.status, await answer.text(errors="replace")


def _with_invitation(reply: Reply, asked: Asked, standing: Standing) -> Reply:
    """A subscription of a channel where the app is not a member would only fail later, unseen."""
    if asked.command != "subscribe" or reply.tone != "done" or standing.app_in_channel is not False:
        return reply
    return replace(reply, text=f"{reply.text} Tipoff is not in this channel yet: /invite @Tipoff".strip())
