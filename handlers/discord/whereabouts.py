"""Who asks, and for which channel: what an interaction says, as our own words."""

from dataclasses import dataclass

import discord
from discord import ChannelType, app_commands

from bot.model import ChannelKey
from handlers.requests import Place
from storage.servers import ChannelFacts

Interaction = discord.Interaction[discord.Client]
#: What a person may pick with a command's ``channel`` option.
Picked = app_commands.AppCommandChannel | app_commands.AppCommandThread

KINDS: dict[ChannelType, Place] = {
    ChannelType.text: "text",
    ChannelType.voice: "text",  # voice channels have a chat of their own
    ChannelType.stage_voice: "text",
    ChannelType.news: "announcement",
    ChannelType.forum: "forum",
    ChannelType.media: "forum",
    ChannelType.public_thread: "thread",
    ChannelType.private_thread: "thread",
    ChannelType.news_thread: "thread",
    ChannelType.private: "direct",
    ChannelType.group: "direct",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """The channel that a request is about. ``parent``: the channel that a thread hangs on. ``may_see``: the person
    reads what is written there."""

    channel: ChannelKey
    kind: Place
    name: str
    server: str
    locale: str
    may_manage: bool
    may_see: bool = True
    parent: "Whereabouts | None" = None

    @property
    def facts(self) -> ChannelFacts:
        return ChannelFacts(server=self.server, name=self.name, kind=self.kind, locale=self.locale)


def key(channel_id: int | None) -> ChannelKey:
    return ChannelKey(f"discord:{channel_id}")


def server_key(guild_id: int | None) -> str:
    """ "" outside of servers."""
    return f"discord:{guild_id}" if guild_id else ""


def of(interaction: Interaction) -> Whereabouts:
    """The channel in which the person asks."""
    channel = interaction.channel
    kind = KINDS.get(channel.type, "") if channel is not None else ""
    here = Whereabouts(
        channel=key(interaction.channel_id),
        kind="direct" if interaction.guild_id is None else kind,
        name=str(getattr(channel, "name", None) or ""),
        server=server_key(interaction.guild_id),
        locale=str((interaction.guild_locale or interaction.locale).value),
        may_manage=may_manage(interaction),
    )
    if not isinstance(channel, discord.Thread):
        return here
    return _with_parent(here, channel)


def picked(interaction: Interaction, channel: Picked) -> Whereabouts:
    """Another channel of the same server; what the person may do there is what Discord says of them there."""
    return Whereabouts(
        channel=key(channel.id),
        kind=KINDS.get(channel.type, ""),
        name=channel.name,
        server=server_key(interaction.guild_id),
        locale=str((interaction.guild_locale or interaction.locale).value),
        may_manage=_manages(channel.permissions),
        may_see=channel.permissions.view_channel or channel.permissions.administrator,
    )


def named(interaction: Interaction, channel_id: str) -> Whereabouts | None:
    """A channel that a button names: picked when the button was made, so what the person may do there is worked out
    from what the gateway told. None when it is not there any more."""
    guild = interaction.guild
    channel = guild.get_channel_or_thread(int(channel_id)) if guild and channel_id.isdecimal() else None
    if channel is None or not isinstance(interaction.user, discord.Member):
        return None
    held = channel.permissions_for(interaction.user)
    return Whereabouts(
        channel=key(channel.id),
        kind=KINDS.get(channel.type, ""),
        name=channel.name,
        server=server_key(interaction.guild_id),
        locale=str((interaction.guild_locale or interaction.locale).value),
        may_manage=_manages(held),
        may_see=held.view_channel or held.administrator,
    )


def direct(interaction: Interaction, channel_id: int) -> Whereabouts:
    """The person's own direct messages, from wherever they ask."""
    return Whereabouts(
        channel=key(channel_id),
        kind="direct",
        name="",
        server="",
        locale=str(interaction.locale.value),
        may_manage=True,
    )


def may_manage(interaction: Interaction) -> bool:
    """Whether the person may manage the channel, by what Discord says of them there. A direct message is one's own."""
    return interaction.guild_id is None or _manages(interaction.permissions)


def _manages(held: discord.Permissions) -> bool:
    return held.administrator or held.manage_channels


def _with_parent(here: Whereabouts, thread: discord.Thread) -> Whereabouts:
    """A thread has its permissions from the channel that it hangs on."""
    on = thread.parent
    parent = Whereabouts(
        channel=key(thread.parent_id),
        kind=KINDS.get(on.type, "") if on is not None else "",
        name=on.name if on is not None else "",
        server=here.server,
        locale=here.locale,
        may_manage=here.may_manage,
    )
    return Whereabouts(
        channel=here.channel, kind=here.kind, name=here.name, server=here.server, locale=here.locale,
        may_manage=here.may_manage, parent=parent,
    )  # fmt: skip
