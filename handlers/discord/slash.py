"""Discord's slash commands, built from the one list of commands: a thin translation, no command is written here."""

import asyncio
import inspect
from collections.abc import Callable, Coroutine
from typing import Any, Optional

import discord
import structlog
from discord import ChannelType, app_commands

from handlers.discord.answering import CHANNEL_OPTION, Desk
from handlers.discord.render import reply_pages
from handlers.discord.whereabouts import Interaction, Picked
from handlers.replies import Reply
from handlers.requests import CommandSpec, Option
from handlers.specs import COMMANDS

log = structlog.get_logger()

_SUGGEST_TIMEOUT_S = 2.5  # Discord drops suggestions that come later than 3 s
#: Commands about one channel: on Discord they take another one than that in which they are used. A forum cannot be
#: spoken in otherwise.
ABOUT_CHANNEL = frozenset(
    {
        "subscribe",
        "unsubscribe",
        "subscriptions",
        "settings",
        "mute",
        "digest now",
        "test",
        "export",
        "forget",
    }
)
_CHANNEL_HELP = "Another channel or forum than this one"
_GROUPS = {"source": "Addresses that are read for this server", "digest": "What waits to be told together"}

_PICKABLE = [
    ChannelType.text,
    ChannelType.news,
    ChannelType.forum,
    ChannelType.public_thread,
    ChannelType.private_thread,
    ChannelType.news_thread,
]


class _Picks(app_commands.Transformer):
    """A channel as Discord describes it with the interaction: also one that the gateway did not tell of."""

    @property
    def type(self) -> discord.AppCommandOptionType:
        return discord.AppCommandOptionType.channel

    @property
    def channel_types(self) -> list[ChannelType]:
        return _PICKABLE

    async def transform(self, interaction: Interaction, value: Any, /) -> Any:
        return value


_PICKS = app_commands.Transform[Any, _Picks]
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
        """Reached by what Discord still lists and we no longer have; errors of commands end in ``Desk``."""
        log.error("interaction_failed", interaction=interaction.id, error=str(error), exc_info=error)
        reply = Reply(title="That command is not known", text="Discord may show an old list.", tone="error")
        if not interaction.response.is_done():
            embed = discord.Embed.from_dict(reply_pages(reply)[0])
            await interaction.response.send_message(embed=embed, ephemeral=True)


def build_tree(client: discord.Client, desk: Desk) -> Tree:
    """A name of two words becomes a group and its command."""
    tree = Tree(client)
    groups: dict[str, app_commands.Group] = {}
    for spec in COMMANDS:
        first, _, second = spec.name.partition(" ")
        if not second:
            tree.add_command(_command(spec, first, desk))
            continue
        if first not in groups:
            groups[first] = app_commands.Group(name=first, description=_GROUPS.get(first, first))
            tree.add_command(groups[first])
        groups[first].add_command(_command(spec, second, desk))
    return tree


def _command(spec: CommandSpec, name: str, desk: Desk) -> app_commands.Command[Any, ..., None]:
    """discord.py reads a command's options from its callback's signature, so one is made from the spec."""
    options = {option.name.replace("-", "_"): option for option in spec.offered}
    about_channel = spec.name in ABOUT_CHANNEL

    async def callback(interaction: Interaction, **given: Any) -> None:
        picked: Picked | None = given.pop(CHANNEL_OPTION, None)
        chosen = {options[key].name: str(value) for key, value in given.items() if value is not None}
        await desk.command(interaction, spec.name, chosen, picked)

    callback.__signature__ = _signature(options, about_channel=about_channel)  # type: ignore[attr-defined]
    described = {key: option.description for key, option in options.items()}
    if about_channel:
        described[CHANNEL_OPTION] = _CHANNEL_HELP
    if described:
        app_commands.describe(**described)(callback)
        app_commands.rename(**{key: option.name for key, option in options.items()})(callback)
    app_commands.choices(
        **{
            key: [app_commands.Choice(name=value, value=value) for value in option.choices]
            for key, option in options.items()
            if option.choices
        }
    )(callback)
    suggesters = {
        key: _suggester(option.autocomplete, desk) for key, option in options.items() if option.autocomplete
    }
    app_commands.autocomplete(**suggesters)(callback)
    return app_commands.Command(name=name, description=spec.description, callback=callback)


def _signature(options: dict[str, Option], *, about_channel: bool) -> inspect.Signature:
    kind = inspect.Parameter.KEYWORD_ONLY
    parameters = [
        inspect.Parameter("interaction", inspect.Parameter.POSITIONAL_OR_KEYWORD),
        *(
            inspect.Parameter(key, kind, annotation=str)
            if option.required
            else inspect.Parameter(key, kind, annotation=Optional[str], default=None)  # noqa: UP045 - read at run time
            for key, option in options.items()
        ),
    ]
    if about_channel:
        parameters.append(inspect.Parameter(CHANNEL_OPTION, kind, annotation=Optional[_PICKS], default=None))  # noqa: UP045
    return inspect.Signature(parameters)


def _suggester(kind: str, desk: Desk) -> Suggester:
    async def suggest(interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        picked = getattr(interaction.namespace, CHANNEL_OPTION, None)
        try:
            async with asyncio.timeout(_SUGGEST_TIMEOUT_S):
                pairs = await desk.suggest(interaction, kind, typed, getattr(picked, "id", None))
        except TimeoutError:
            log.warning("suggestions_failed", kind=kind, error="too slow")
            return []
        return [
            app_commands.Choice(name=(label or value)[:100], value=value)
            for value, label in pairs[:25]
            if len(value) <= 100
        ]

    return suggest
