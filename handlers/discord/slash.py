"""Discord's slash commands, built from the one list of commands: a thin translation, no command is written here."""

import asyncio
import inspect
import secrets
from collections.abc import Callable, Coroutine
from typing import Any, Optional

import discord
import structlog
from discord import app_commands

from bot.errors import BotError
from bot.model import ChannelKey
from handlers.commands import Commands
from handlers.discord.render import reply_pages
from handlers.discord.rest import NETWORK_ERRORS
from handlers.replies import Reply
from handlers.requests import CommandSpec, Option, Request
from handlers.specs import COMMANDS

log = structlog.get_logger()

_ANSWER_TIMEOUT_S = 60.0
_SUGGEST_TIMEOUT_S = 2.5  # Discord drops suggestions that come later than 3 s
_NO_MENTIONS = discord.AllowedMentions.none()

Interaction = discord.Interaction[discord.Client]
Suggester = Callable[[Interaction, str], Coroutine[Any, Any, list[app_commands.Choice[str]]]]


class Tree(app_commands.CommandTree[discord.Client]):
    """Usable in servers and in direct messages with the bot."""

    def __init__(self, client: discord.Client) -> None:
        super().__init__(
            client,
            allowed_contexts=app_commands.AppCommandContext(
                guild=True, dm_channel=True, private_channel=False
            ),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        )

    async def on_error(self, interaction: Interaction, error: app_commands.AppCommandError, /) -> None:
        """Reached by what Discord still lists and we no longer have; errors of commands end in ``perform``."""
        log.error("interaction_failed", interaction=interaction.id, error=str(error), exc_info=error)
        reply = Reply(title="That command is not known", text="Discord may show an old list.", tone="error")
        if not interaction.response.is_done():
            await interaction.response.send_message(embeds=_embeds(reply)[0], ephemeral=True)


def build_tree(client: discord.Client, commands: Commands) -> Tree:
    tree = Tree(client)
    for spec in COMMANDS:
        tree.add_command(_command(spec, commands))
    return tree


def _command(spec: CommandSpec, commands: Commands) -> app_commands.Command[Any, ..., None]:
    """discord.py reads a command's options from its callback's signature, so one is made from the spec."""
    options = {option.name.replace("-", "_"): option for option in spec.options if not option.hidden}

    async def callback(interaction: Interaction, **given: str | None) -> None:
        chosen = {options[key].name: value for key, value in given.items() if value is not None}
        await perform(interaction, spec.name, chosen, commands)

    callback.__signature__ = _signature(options)  # type: ignore[attr-defined]
    if options:
        app_commands.describe(**{key: option.description for key, option in options.items()})(callback)
        app_commands.rename(**{key: option.name for key, option in options.items()})(callback)
    app_commands.choices(
        **{
            key: [app_commands.Choice(name=value, value=value) for value in option.choices]
            for key, option in options.items()
            if option.choices
        }
    )(callback)
    suggesters = {
        key: _suggester(option.autocomplete, commands)
        for key, option in options.items()
        if option.autocomplete
    }
    app_commands.autocomplete(**suggesters)(callback)
    return app_commands.Command(name=spec.name, description=spec.description, callback=callback)


def _signature(options: dict[str, Option]) -> inspect.Signature:
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Signature(
        [
            inspect.Parameter("interaction", inspect.Parameter.POSITIONAL_OR_KEYWORD),
            *(
                inspect.Parameter(key, kind, annotation=str)
                if option.required
                else inspect.Parameter(key, kind, annotation=Optional[str], default=None)  # noqa: UP045 - read at run time
                for key, option in options.items()
            ),
        ]
    )


def _suggester(kind: str, commands: Commands) -> Suggester:
    async def suggest(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        try:
            async with asyncio.timeout(_SUGGEST_TIMEOUT_S):
                pairs = await commands.suggest(kind, typed, channel_of(interaction))
        except (BotError, TimeoutError) as exc:
            log.warning("suggestions_failed", kind=kind, error=str(exc))
            return []
        return [
            app_commands.Choice(name=(label or value)[:100], value=value)
            for value, label in pairs[:25]
            if len(value) <= 100
        ]

    return suggest


async def perform(
    interaction: Interaction, command: str, options: dict[str, str], commands: Commands
) -> None:
    """Acknowledge at once (Discord waits 3 s), then answer."""
    try:
        await interaction.response.defer(ephemeral=True, thinking=True)
    except (discord.DiscordException, *NETWORK_ERRORS) as exc:
        # The person was told that it failed, so it must not happen behind their back.
        log.warning("interaction_not_acknowledged", command=command, error=str(exc))
        return
    reply = await _answer(interaction, command, options, commands)
    try:
        await _show(interaction, reply)
    except (discord.DiscordException, *NETWORK_ERRORS) as exc:
        log.warning("reply_not_shown", command=command, error=str(exc))


async def _answer(
    interaction: Interaction, command: str, options: dict[str, str], commands: Commands
) -> Reply:
    request = Request(
        command=command,
        options=options,
        channel=channel_of(interaction),
        user=f"discord:{interaction.user.id}",
        may_manage=may_manage(interaction),
        private=interaction.guild_id is None,
        locale=str(interaction.locale.value),
    )
    try:
        async with asyncio.timeout(_ANSWER_TIMEOUT_S):
            return await commands.answer(request)
    except TimeoutError:
        log.warning("command_timed_out", command=command)
        return Reply(title="That took too long", text="Please try again in a minute.", tone="error")
    except Exception:  # one command's bug is that command's only
        number = secrets.token_hex(4)
        log.exception("command_crashed", command=command, reference=number)
        text = f"This is a fault in Tipoff. Whoever runs it finds the cause in its log under {number}."
        return Reply(title="Something went wrong", text=text, tone="error")


async def _show(interaction: Interaction, reply: Reply) -> None:
    """The first page takes the place of "thinking"; a public reply has to be a message of its own."""
    pages = _embeds(reply)
    if reply.private:
        await interaction.edit_original_response(embeds=pages.pop(0), allowed_mentions=_NO_MENTIONS)
    else:
        await interaction.delete_original_response()
    for page in pages:
        await interaction.followup.send(
            embeds=page, ephemeral=reply.private, allowed_mentions=_NO_MENTIONS, wait=True
        )


def _embeds(reply: Reply) -> list[list[discord.Embed]]:
    return [[discord.Embed.from_dict(page)] for page in reply_pages(reply)]


def channel_of(interaction: Interaction) -> ChannelKey:
    return ChannelKey(f"discord:{interaction.channel_id}")


def may_manage(interaction: Interaction) -> bool:
    """Whether the person may manage the channel, by what Discord says of them there. A direct message is one's own."""
    if interaction.guild_id is None:
        return True
    held = interaction.permissions
    return held.administrator or held.manage_channels
