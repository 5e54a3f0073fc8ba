"""From an interaction to its answer: acknowledge within 3 s, ask the one list of commands, show what it says."""

import asyncio
import io
import secrets
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

import discord
import structlog

from bot.errors import BotError, StorageError, UserError
from handlers.actions import decoded, fits
from handlers.commands import Commands
from handlers.discord import whereabouts
from handlers.discord.api import NETWORK_ERRORS, cause
from handlers.discord.components import modal, reply_rows, submitted
from handlers.discord.render import reply_pages
from handlers.discord.underway import UnderWay, counted
from handlers.discord.whereabouts import Interaction, Picked, Whereabouts
from handlers.replies import Reply
from handlers.requests import Request
from handlers.servers import Servers
from handlers.specs import SPECS

log = structlog.get_logger()

_ANSWER_TIMEOUT_S = 60.0
#: A form cannot be acknowledged first: it is the answer, and Discord waits 3 s for it.
_FORM_TIMEOUT_S = 2.0
_DIRECT_TIMEOUT_S = 10.0
_NO_MENTIONS = discord.AllowedMentions.none()
_CANNOT_MESSAGE_USER = 50007
#: Names the channel that a command is about; never an option of a command itself.
CHANNEL_OPTION = "channel"
_FAILURES = (discord.DiscordException, *NETWORK_ERRORS)


class Desk:
    """Answers everything that people do with Tipoff on Discord. ``servers`` is None where nothing is stored."""

    def __init__(
        self, commands: Commands, servers: Servers | None, under_way: UnderWay | None = None
    ) -> None:
        self.under_way = under_way or UnderWay()
        self._commands = commands
        self._servers = servers

    @counted
    async def command(
        self, interaction: Interaction, command: str, options: dict[str, str], picked: Picked | None = None
    ) -> None:
        """A slash command. ``picked``: the channel that it shall be about, in place of the one it is used in."""
        if not await self._acknowledge(interaction, command):
            return
        if options.get("whom") == "me":
            reply = await self._for_oneself(interaction, command, options)
        else:
            reply = await self._answer(interaction, command, options, picked)
        if picked is not None:
            reply = bound(reply, str(picked.id))
        await self._show(interaction, command, reply)

    async def component(self, interaction: Interaction) -> None:
        """A button was pressed, or a list's entry chosen."""
        data: Any = interaction.data or {}
        values = data.get("values")
        try:
            pressed = decoded(str(data.get("custom_id")), str(values[0]) if values else None)
        except UserError as exc:
            if await self._acknowledge(interaction, ""):
                await self._show(interaction, "", _refusal(str(exc)))
            return
        options = dict(pressed.options)
        if pressed.form:
            await self._open_form(interaction, pressed.command, options)
        elif await self._acknowledge(interaction, pressed.command, in_place=pressed.replace):
            reply = await self._answer(interaction, pressed.command, options)
            await self._show(interaction, pressed.command, reply, in_place=pressed.replace)

    async def form(self, interaction: Interaction) -> None:
        """A form was sent off."""
        data: Any = interaction.data or {}
        try:
            sent = decoded(str(data.get("custom_id")))
        except UserError as exc:
            if await self._acknowledge(interaction, ""):
                await self._show(interaction, "", _refusal(str(exc)))
            return
        if await self._acknowledge(interaction, sent.command):
            filled = submitted(data.get("components") or ())
            reply = await self._answer(interaction, sent.command, {**dict(sent.options), **filled})
            await self._show(interaction, sent.command, reply)

    @counted
    async def suggest(
        self, interaction: Interaction, kind: str, typed: str, picked_id: int | None
    ) -> list[tuple[str, str]]:
        """What is offered while an option is typed; nothing when the database does not answer."""
        server = whereabouts.server_key(interaction.guild_id)
        try:
            if picked_id is not None:
                channel = whereabouts.key(picked_id)
            else:
                channel = (await self._about(interaction, "", None)).channel
            return await self._commands.suggest(kind, typed, channel, server)
        except (BotError, TimeoutError) as exc:
            log.warning("suggestions_failed", kind=kind, error=cause(exc))
            return []

    # -- asking

    async def _answer(
        self, interaction: Interaction, command: str, options: dict[str, str], picked: Picked | None = None
    ) -> Reply:
        elsewhere = options.pop(CHANNEL_OPTION, "")

        async def asked() -> Reply:
            about = await self._about(interaction, command, picked, elsewhere)
            return await self._ask(interaction, command, options, about)

        reply = await _guarded(command, asked())
        return bound(reply, elsewhere) if elsewhere else reply

    async def _ask(
        self, interaction: Interaction, command: str, options: dict[str, str], about: Whereabouts
    ) -> Reply:
        spec = SPECS.get(command)
        if self._servers and spec is not None and spec.needs_manage and about.may_manage:
            await self._servers.used(about.channel, about.facts)
        return await self._commands.answer(_request(interaction, command, options, about))

    async def _about(
        self, interaction: Interaction, command: str, picked: Picked | None, elsewhere: str = ""
    ) -> Whereabouts:
        """The channel that is meant. In a thread that Tipoff opened for a story it is the channel which is told; only
        a new subscription is for the thread itself. Raises ``UserError`` and ``StorageError``."""
        if picked is not None or elsewhere:
            there = (
                whereabouts.picked(interaction, picked)
                if picked
                else whereabouts.named(interaction, elsewhere)
            )
            if there is None or not there.may_see:
                raise UserError("That channel is not there, or you do not see it.")
            return there
        here = whereabouts.of(interaction)
        if here.parent is None or self._servers is None or command == "subscribe":
            return here
        return here if await self._servers.is_told(here.channel) else here.parent

    async def _for_oneself(self, interaction: Interaction, command: str, options: dict[str, str]) -> Reply:
        """The same command for the person's direct messages, with a first message there: who takes none must know."""
        wanted = {name: value for name, value in options.items() if name != "whom"}
        try:
            async with asyncio.timeout(_DIRECT_TIMEOUT_S):
                channel = await interaction.user.create_dm()
        except _FAILURES as exc:
            log.warning("no_direct_channel", error=cause(exc))
            return _refusal("Discord opens no direct messages now. Please try again in a minute.")
        about = whereabouts.direct(interaction, channel.id)
        reply = await _guarded(command, self._ask(interaction, command, wanted, about))
        if reply.tone == "error" or interaction.guild_id is None:
            return reply
        # The buttons stand in the direct message: pressed here, they would mean this channel.
        here = replace(
            reply, text=f"{reply.text} Look into your direct messages.".strip(), buttons=(), selects=()
        )
        try:
            async with asyncio.timeout(_DIRECT_TIMEOUT_S):
                await channel.send(embed=_embeds(reply)[0], view=_View(reply), allowed_mentions=_NO_MENTIONS)
        except discord.Forbidden as exc:
            if exc.code != _CANNOT_MESSAGE_USER:
                return here
            if self._servers:
                reason = "this person takes no direct messages from Tipoff"
                await self._servers.channel_gone(about.channel, reason)
            return _refusal(
                "You take no direct messages from Tipoff. Allow them in this server's privacy settings, then try again."
            )
        except _FAILURES as exc:
            log.warning("no_direct_message", error=cause(exc))
        return here

    async def _open_form(self, interaction: Interaction, command: str, options: dict[str, str]) -> None:
        elsewhere = options.pop(CHANNEL_OPTION, "")
        made: dict[str, Any] = {}

        async def asked() -> Reply:
            about = await self._about(interaction, command, None, elsewhere)
            form = await self._commands.form(_request(interaction, command, options, about))
            kept = (*form.options, (CHANNEL_OPTION, elsewhere)) if elsewhere else form.options
            made.update(modal(replace(form, options=kept)))
            return Reply(title=form.title)

        problem = await _guarded(command, asked(), within_s=_FORM_TIMEOUT_S)
        try:
            if made:
                await interaction.response.send_modal(_Modal(made))
            else:
                await interaction.response.send_message(embed=_embeds(problem)[0], ephemeral=True)
        except _FAILURES as exc:
            log.warning("reply_not_shown", command=command, error=cause(exc))

    # -- showing

    async def _acknowledge(self, interaction: Interaction, command: str, *, in_place: bool = False) -> bool:
        """Discord waits 3 s. What it was not told in time must not happen: the person was told that it failed."""
        try:
            if in_place:
                await interaction.response.defer()
            else:
                await interaction.response.defer(ephemeral=True, thinking=True)
        except _FAILURES as exc:
            log.warning("interaction_not_acknowledged", command=command, error=cause(exc))
            return False
        return True

    async def _show(
        self, interaction: Interaction, command: str, reply: Reply, *, in_place: bool = False
    ) -> None:
        """The first page takes the place of "thinking"; a public reply has to be a message of its own. A page that
        replaces another is one message; why it could not be turned is a message beside it."""
        reply = _fitting(interaction, reply)
        try:
            if in_place and reply.tone != "error":
                await self._edit(interaction, reply, _embeds(reply, pages=1)[0])
                return
            *first, last = _embeds(reply)
            if reply.private and not in_place:
                if not first:
                    await self._edit(interaction, reply, last)
                    return
                await self._edit(interaction, None, first.pop(0))
            elif not in_place:
                await interaction.delete_original_response()
            for embed in first:
                await interaction.followup.send(
                    embed=embed, ephemeral=reply.private, allowed_mentions=_NO_MENTIONS, wait=True
                )
            # What belongs to the whole answer stands under its end.
            await interaction.followup.send(
                embed=last, view=_View(reply), files=_files(reply), ephemeral=reply.private,
                allowed_mentions=_NO_MENTIONS, wait=True,
            )  # fmt: skip
        except _FAILURES as exc:
            log.warning("reply_not_shown", command=command, error=cause(exc))

    async def _edit(self, interaction: Interaction, reply: Reply | None, embed: discord.Embed) -> None:
        """Put an embed, and what belongs to the reply, in place of what stands there."""
        await interaction.edit_original_response(
            embed=embed,
            view=_View(reply) if reply else None,
            attachments=_files(reply) if reply else [],
            allowed_mentions=_NO_MENTIONS,
        )


def _request(interaction: Interaction, command: str, options: dict[str, str], about: Whereabouts) -> Request:
    held = interaction.permissions
    return Request(
        command=command,
        options=options,
        channel=about.channel,
        user=f"discord:{interaction.user.id}",
        may_manage=about.may_manage,
        may_manage_server=bool(about.server) and (held.administrator or held.manage_guild),
        private=about.kind == "direct",
        locale=str(interaction.locale.value),
        server=about.server,
        place=about.kind,
    )


def bound(reply: Reply, channel_id: str) -> Reply:
    """The answer with its buttons and lists held to another channel than that in which it is shown. One whose id has no
    room for that is left out: it would mean the wrong channel."""
    there = ((CHANNEL_OPTION, channel_id),)
    buttons = [
        button if button.url else replace(button, options=(*button.options, *there))
        for button in reply.buttons
    ]
    selects = [replace(select, options=(*select.options, *there)) for select in reply.selects]
    return replace(
        reply, buttons=tuple(each for each in buttons if each.url or fits(each)), selects=tuple(selects)
    )


async def _guarded(
    command: str, asked: Coroutine[Any, Any, Reply], *, within_s: float = _ANSWER_TIMEOUT_S
) -> Reply:
    """An answer in any case."""
    try:
        async with asyncio.timeout(within_s):
            return await asked
    except TimeoutError:
        log.warning("command_timed_out", command=command)
        return Reply(title="That took too long", text="Please try again in a minute.", tone="error")
    except StorageError as exc:
        log.warning("command_failed", command=command, error=cause(exc))
        return _refusal("Tipoff cannot reach its database. Please try again in a minute.")
    except BotError as exc:
        return _refusal(str(exc))
    except Exception:  # one command's bug is that command's only
        number = secrets.token_hex(4)
        log.exception("command_crashed", command=command, reference=number)
        text = f"This is a fault in Tipoff. Whoever runs it finds the cause in its log under {number}."
        return Reply(title="Something went wrong", text=text, tone="error")


def _refusal(text: str) -> Reply:
    return Reply(title="That did not work", text=text, tone="error")


def _embeds(reply: Reply, *, pages: int | None = None) -> list[discord.Embed]:
    made = reply_pages(reply) if pages is None else reply_pages(reply, pages=pages)
    return [discord.Embed.from_dict(page) for page in made]


def _fitting(interaction: Interaction, reply: Reply) -> Reply:
    """Without its file when that is larger than Discord takes there."""
    if reply.file is None or len(reply.file.data) <= interaction.filesize_limit:
        return reply
    return replace(reply, file=None, text=f"{reply.text} The file is larger than Discord takes here.".strip())


def _files(reply: Reply) -> list[discord.File]:
    if reply.file is None:
        return []
    data = io.BytesIO(reply.file.data)
    return [discord.File(data, filename=reply.file.name, description=reply.file.described[:1024] or None)]


class _View(discord.ui.View):
    """Components as they are. Stopped from the beginning, so that discord.py sends them and remembers nothing: what a
    press means stands in its id."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(timeout=None)
        self._rows = reply_rows(reply.buttons, reply.selects)
        self.stop()

    def to_components(self) -> list[dict[str, Any]]:
        return self._rows


class _Modal(discord.ui.Modal):
    """A form as it is; see ``_View``."""

    def __init__(self, made: dict[str, Any]) -> None:
        super().__init__(title=made["title"], custom_id=made["custom_id"], timeout=None)
        self._made = made
        self.stop()

    def to_dict(self) -> dict[str, Any]:
        return self._made
