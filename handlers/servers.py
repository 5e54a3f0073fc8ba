"""What a platform tells of servers and channels, kept in the database. One for the whole program.

It is told from gateway events and in passing, so nothing here may raise for what the world causes: a database that does
not answer costs a note, which comes again with the next connection.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime

import structlog

from bot.delivery.gone import stop_telling
from bot.errors import StorageError
from bot.model import ChannelKey, utc_now
from storage import servers as stored
from storage.database import Connection, Database
from storage.servers import ChannelFacts

log = structlog.get_logger()


class Servers:
    """See the module. ``key``s are ``discord:<guild id>`` and ``slack:<team id>``."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._clock = clock

    async def joined(self, key: str, name: str) -> None:
        """Tipoff is in this server."""
        async with self._writing("server_not_noted", server=key) as tx:
            if await stored.joined(tx, key, name, now=self._clock()):
                log.info("server_joined", server=key)

    async def left(self, key: str) -> None:
        """Tipoff was removed from it: it rests there, and its data is deleted after a while."""
        async with self._writing("server_not_noted", server=key) as tx:
            if await stored.left(tx, key, now=self._clock()):
                log.info("server_left", server=key, data_deleted_after_days=stored.KEPT.days)

    async def present(self, platform: str, names: Mapping[str, str]) -> None:
        """These are all the servers of a platform that Tipoff is in, by name: others were left while it was away."""
        try:
            async with self._database.reading() as conn:
                held = {row.key: row.name for row in await stored.present(conn, platform)}
        except StorageError as exc:
            log.warning("servers_not_noted", platform=platform, error=str(exc))
            return
        for key, name in names.items():
            if held.get(key) != name:
                await self.joined(key, name)
        for key in held.keys() - names.keys():
            await self.left(key)

    async def seen(self, channels: Mapping[ChannelKey, ChannelFacts]) -> None:
        """What these channels are; kept for those that are told something."""
        try:
            async with self._database.reading() as conn:
                changes = await stored.changed_channels(conn, channels)
        except StorageError as exc:
            log.warning("channels_not_noted", channels=len(channels), error=str(exc))
            return
        if changes:
            async with self._writing("channels_not_noted", channels=len(changes)) as tx:
                for key, facts in changes.items():
                    await stored.note_channel(tx, key, facts)

    async def used(self, channel: ChannelKey, facts: ChannelFacts) -> None:
        """A channel is about to be changed by a command."""
        try:
            async with self._database.reading() as conn:
                if await stored.is_noted(conn, channel, facts):
                    return  # the usual case costs no write
        except StorageError as exc:
            log.warning("channel_not_noted", channel=channel, error=str(exc))
            return
        async with self._writing("channel_not_noted", channel=channel) as tx:
            await stored.note_channel(tx, channel, facts)

    async def is_told(self, channel: ChannelKey) -> bool:
        """Whether the channel is or was told something by itself. Raises ``StorageError``."""
        async with self._database.reading() as conn:
            return await stored.is_known(conn, channel)

    async def channel_gone(self, channel: ChannelKey, reason: str) -> None:
        """A channel went away, or takes nothing any more; only worth a note when it is told something."""
        async with self._writing("channel_not_noted", channel=channel) as tx:
            if await stored.is_known(tx, channel):
                await stop_telling(tx, channel, reason, now=self._clock())
                log.info("channel_gone", channel=channel, reason=reason)

    @asynccontextmanager
    async def _writing(self, failed: str, **about: object) -> AsyncIterator[Connection]:
        try:
            async with self._database.transaction() as tx:
                yield tx
        except StorageError as exc:
            log.warning(failed, error=str(exc), **about)
