"""What the gateway tells: people use buttons and forms, servers come and go, channels change. Handed on, not judged."""

from typing import Any

import discord

from bot.model import ChannelKey
from handlers.discord.answering import Desk
from handlers.discord.underway import UnderWay, counted
from handlers.discord.whereabouts import KINDS, key, server_key
from handlers.servers import Servers
from storage.servers import ChannelFacts

_DELETED = "the channel was deleted"


class Events(discord.Client):
    """The listeners of a client. ``servers`` is None where nothing is stored."""

    desk: Desk
    under_way: UnderWay
    servers: Servers | None = None
    _noted = False

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        """discord.py tells of servers for a moment longer than the client is open."""
        if not self.is_closed():
            super().dispatch(event, *args, **kwargs)

    @counted
    async def on_interaction(self, interaction: discord.Interaction[discord.Client]) -> None:
        """Buttons, lists and forms; commands go through the tree. Works for those that an earlier run has sent."""
        if interaction.type is discord.InteractionType.component:
            await self.desk.component(interaction)
        elif interaction.type is discord.InteractionType.modal_submit:
            await self.desk.form(interaction)

    async def note_servers(self) -> None:
        """After a connection: which servers there are, and what their channels are."""
        if self.servers is not None:
            await self.servers.present(
                "discord", {server_key(each.id): each.name or "" for each in self.guilds}
            )
            await self.servers.seen(
                {name: fact for guild in self.guilds for name, fact in _facts(guild).items()}
            )
        self._noted = True

    @counted
    async def on_connect(self) -> None:
        """A session begins: discord.py tells of each of its servers, and then that all are there."""
        self._noted = False

    @counted
    async def on_guild_join(self, guild: discord.Guild) -> None:
        if self.servers is not None:
            await self.servers.joined(server_key(guild.id), guild.name)
            await self.servers.seen(_facts(guild))

    @counted
    async def on_guild_available(self, guild: discord.Guild) -> None:
        """It was out of order for a while, or its details came late."""
        if self.servers is not None and self._noted:
            await self.servers.joined(server_key(guild.id), guild.name)
            await self.servers.seen(_facts(guild))

    @counted
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Tipoff was thrown out, or the server was deleted; not when a server is out of order."""
        if self.servers is not None:
            await self.servers.left(server_key(guild.id))

    @counted
    async def on_guild_channel_update(
        self, before: discord.abc.GuildChannel, after: discord.abc.GuildChannel
    ) -> None:
        changed = (before.name, before.type) != (after.name, after.type)
        if self.servers is not None and changed and after.type in KINDS:
            await self.servers.seen({key(after.id): _fact(after)})

    @counted
    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        if self.servers is not None and channel.type in KINDS:
            await self.servers.channel_gone(key(channel.id), _DELETED)

    @counted
    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        if self.servers is not None:
            await self.servers.channel_gone(key(payload.thread_id), "the thread was deleted")


def _facts(guild: discord.Guild) -> dict[ChannelKey, ChannelFacts]:
    return {key(each.id): _fact(each) for each in (*guild.channels, *guild.threads) if each.type in KINDS}


def _fact(channel: discord.abc.GuildChannel | discord.Thread) -> ChannelFacts:
    return ChannelFacts(
        server=server_key(channel.guild.id),
        name=channel.name,
        kind=KINDS.get(channel.type, ""),
        locale=str(channel.guild.preferred_locale.value),
    )
