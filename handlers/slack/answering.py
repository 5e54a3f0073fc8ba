"""Answers what a person asked in Slack: runs the command, or opens its form, and posts the reply to the response
address."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, TypeVar

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError

from bot.delivery.contract import DeliveryUnavailable
from bot.errors import StorageError, UserError
from handlers.actions import fits
from handlers.commands import Commands
from handlers.replies import Form, Reply
from handlers.requests import Request
from handlers.servers import Servers
from handlers.slack.forms import form_of, view
from handlers.slack.origin import Origin
from handlers.slack.outcomes import error_code
from handlers.slack.people import Standing
from handlers.slack.render import as_slack_commands, render_reply
from handlers.slack.teams import Team, Teams
from handlers.slack.uploading import upload
from handlers.specs import SPECS

log = structlog.get_logger()

COMMAND_TIMEOUT_S = 60.0
_RESPOND_TIMEOUT_S = 15.0
#: Slack opens a form within 3 s of the press, so who may is asked for a part of that only.
_FORM_LOOKUP_S, _FORM_TIMEOUT_S = 1.5, 5.0
_NAMES = tuple(SPECS)
#: Commands that are for everyone, and do more for who may manage.
_ASKS_WHO = frozenset({"forget"})
#: In a button's options, never in a command's: the press is about the person's direct message.
_ABOUT = "channel"

_Made = TypeVar("_Made")


class Answering:
    """One for all workspaces. Nothing is raised: what goes wrong is told to the person, or logged."""

    def __init__(
        self, commands: Commands, teams: Teams, session: aiohttp.ClientSession, servers: Servers | None
    ) -> None:
        self._commands = commands
        self._teams = teams
        self._session = session
        self._servers = servers

    async def answer(
        self, origin: Origin, command: str, options: dict[str, str], *, replaces: bool = False
    ) -> None:
        """Run the command. ``replaces``: the reply takes the place of the message that was pressed."""
        reply = await self._guarded(command, lambda: self._reply(origin, command, options))
        await self.respond(origin, reply, replaces=replaces and reply.tone != "error")

    async def open_form(self, origin: Origin, command: str, options: dict[str, str], *, blank: bool) -> None:
        """Open the command's form, or (``blank``) one with every option of it, within 3 s of the press."""

        async def opened() -> Reply | None:
            await self._open(origin, command, options, blank=blank)
            return None

        reply = await self._guarded(command, opened)
        if reply is not None:
            await self.respond(origin, reply)

    async def refuse(self, origin: Origin, exc: UserError) -> None:
        await self.respond(origin, _mistake(exc))

    async def suggestions(self, origin: Origin, kind: str, typed: str) -> list[tuple[str, str]]:
        """What a list offers. Raises ``StorageError``."""
        return await self._commands.suggest(kind, typed, origin.key, origin.server)

    async def _guarded(self, command: str, work: Callable[[], Awaitable[_Made]]) -> _Made | Reply:
        """A mistake becomes a reply; a bug a short sentence with a reference, and a traceback in the log."""
        try:
            async with asyncio.timeout(COMMAND_TIMEOUT_S):
                return await work()
        except UserError as exc:
            return _mistake(exc)
        except (StorageError, DeliveryUnavailable) as exc:
            log.warning("command_failed", command=command, error=str(exc))
            return Reply(
                title="Tipoff cannot answer just now", text="Please try again in a minute.", tone="error"
            )
        except Exception:
            reference = secrets.token_hex(4)
            log.exception("command_crashed", reference=reference, command=command)
            return Reply(
                title="Something went wrong",
                text=f"The error was logged. When you report it, name the reference {reference}.",
                tone="error",
            )

    async def _team(self, origin: Origin) -> Team:
        team = await self._teams.find(origin.team, enterprise=origin.enterprise)
        if team is None:
            raise UserError("This Tipoff serves another workspace.")
        return team

    async def _reply(self, origin: Origin, command: str, options: dict[str, str]) -> Reply:
        team = await self._team(origin)
        origin, options, mine = await _about(team, origin, options)
        standing = Standing(may_manage=origin.is_direct)
        if _changes(command):
            standing = await team.people.standing(channel=origin.channel, user=origin.user)
            if self._servers is not None and standing.may_manage:
                await self._servers.used(origin.key, replace(origin.facts, locale=standing.locale))
        reply = await self._commands.answer(_request(origin, command, options, standing))
        if reply.file is not None:
            reply = await self._with_file(team, origin, reply)
        named = as_slack_commands(_bound(reply) if mine else reply, _NAMES, entries=command == "help")
        return _with_invitation(named, command, standing)

    async def _with_file(self, team: Team, origin: Origin, reply: Reply) -> Reply:
        assert reply.file is not None
        channel = await team.people.direct(origin.user) if reply.private else origin.channel
        await upload(team, self._session, reply.file, channel=channel, title=reply.title)
        if channel == origin.channel:
            return reply
        text = f"{reply.text} {reply.file.name} is in your direct messages with Tipoff."
        return replace(reply, text=text.strip())

    async def _open(self, origin: Origin, command: str, options: dict[str, str], *, blank: bool) -> None:
        team = await self._team(origin)
        if not blank:
            origin, options, _ = await _about(team, origin, options)
        spec = SPECS.get(command)
        form = await self._form(team, origin, command, options, blank=blank)
        try:
            async with asyncio.timeout(_FORM_TIMEOUT_S):
                await team.client.views_open(trigger_id=origin.trigger, view=view(form, origin, spec))
        except SlackApiError as exc:
            log.warning("slack_form_not_opened", command=command, error=error_code(exc))
            raise UserError("Slack did not open the form. Please press again.") from exc
        except (aiohttp.ClientError, TimeoutError, OSError) as exc:
            log.warning("slack_form_not_opened", command=command, error=type(exc).__name__)
            raise UserError("Slack did not open the form. Please press again.") from exc

    async def _form(
        self, team: Team, origin: Origin, command: str, options: dict[str, str], *, blank: bool
    ) -> Form:
        standing = Standing(may_manage=origin.is_direct)
        spec = SPECS.get(command)
        if _changes(command):
            try:
                async with asyncio.timeout(_FORM_LOOKUP_S):
                    standing = await team.people.standing(channel=origin.channel, user=origin.user)
            except TimeoutError:
                standing = Standing(may_manage=True)  # asked again when the form is sent off
        if spec is not None and blank:
            return form_of(spec, options)
        return await self._commands.form(_request(origin, command, options, standing))

    async def respond(self, origin: Origin, reply: Reply, *, replaces: bool = False) -> None:
        """Post the reply; in plain form when Slack refuses the blocks. A failure is logged: nobody can be told."""
        rendered = render_reply(reply)
        body: dict[str, Any] = {
            "replace_original": replaces,
            "text": rendered.text,
            "unfurl_links": False,
            "unfurl_media": False,
        }
        if not replaces:
            body["response_type"] = "ephemeral" if reply.private else "in_channel"
            if origin.thread:
                body["thread_ts"] = origin.thread
        try:
            async with asyncio.timeout(_RESPOND_TIMEOUT_S):
                status, said = await self._post(
                    origin.response_url, {**body, "blocks": list(rendered.blocks)}
                )
                if status != 200:
                    log.warning("slack_reply_refused", status=status, said=said[:100])
                    await self._post(origin.response_url, body)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as exc:
            log.warning("slack_reply_not_sent", error=type(exc).__name__)

    async def _post(self, url: str, body: dict[str, Any]) -> tuple[int, str]:
        async with self._session.post(url, json=body, allow_redirects=False) as answer:
            return answer.status, await answer.text(errors="replace")


async def _about(team: Team, origin: Origin, options: dict[str, str]) -> tuple[Origin, dict[str, str], bool]:
    """Whom the request is about: the channel where it is asked, or (true) the person's direct message with Tipoff."""
    rest = {name: value for name, value in options.items() if name != _ABOUT}
    if options.get(_ABOUT) != "me" and options.get("whom") != "me":
        return origin, rest, False
    direct = replace(origin, channel=await team.people.direct(origin.user), channel_name="", thread="")
    return direct, rest, True


def _bound(reply: Reply) -> Reply:
    """The reply with buttons and lists that are about the direct message, though it is shown elsewhere. One whose id
    has no room for that is left out: it would mean the wrong channel."""
    mine = ((_ABOUT, "me"),)
    pressed = [
        button if button.url else replace(button, options=(*button.options, *mine))
        for button in reply.buttons
    ]
    return replace(
        reply,
        buttons=tuple(button for button in pressed if button.url or fits(button)),
        selects=tuple(replace(select, options=(*select.options, *mine)) for select in reply.selects),
    )


def _changes(command: str) -> bool:
    """Whether it matters who asks."""
    return command in _ASKS_WHO or (command in SPECS and SPECS[command].needs_manage)


def _request(origin: Origin, command: str, options: dict[str, str], standing: Standing) -> Request:
    return Request(
        command=command,
        options=options,
        channel=origin.key,
        user=origin.person,
        may_manage=standing.may_manage,
        may_manage_server=standing.may_manage_server,
        private=origin.is_direct,
        locale=standing.locale or "en",
        server=origin.server,
        place=origin.place,
    )


def _mistake(exc: UserError) -> Reply:
    return Reply(title="That did not work", text=str(exc), tone="error")


def _with_invitation(reply: Reply, command: str, standing: Standing) -> Reply:
    """A subscription of a channel where the app is not a member would only fail later, unseen."""
    if command != "subscribe" or reply.tone != "done" or standing.app_in_channel is not False:
        return reply
    return replace(reply, text=f"{reply.text} Tipoff is not in this channel yet: /invite @Tipoff".strip())
