"""Looks a message up in a channel, a thread or a forum, by the reference in its footer."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import discord

from bot.delivery.contract import DeliveryUnavailable, Message, Sent
from bot.delivery.gate import SlowDown
from handlers.discord import render
from handlers.discord.api import NETWORK_ERRORS, Api, Refused, cause
from handlers.discord.posting import Way

#: Our clock may run ahead of Discord's.
_CLOCK_SLACK = timedelta(minutes=1)
#: Discord keeps nonces "for the past few minutes"; within this span a repeat is surely recognised.
_NONCE_WINDOW = timedelta(minutes=2)
_TIMEOUT_S = 15.0
_PAGE = 100
#: A post that was on its way when we lost sight of it may be taken a moment later, and has no nonce: what is not there
#: is looked for once more after this.
_SETTLE_S = 2.0
#: How many posts of a forum are looked into, the newest first; each costs a request.
_MOST_POSTS = 25
_MESSAGES = "GET /channels/{channel_id}/messages"
_UNKNOWN_CHANNEL, _MISSING_ACCESS = 10003, 50001

Row = dict[str, Any]


class History:
    """See ``bot.delivery.contract.Handler.find_sent``."""

    def __init__(self, client: discord.Client, api: Api) -> None:
        self._client = client
        self._api = api

    async def find(self, message: Message, ways: list[Way], *, since: datetime) -> Sent | None:
        """Look wherever the message may have gone. Raises ``DeliveryUnavailable``: that is not a "no"."""
        young = datetime.now(UTC) - since < _NONCE_WINDOW
        after = discord.utils.time_snowflake(since - _CLOCK_SLACK)
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                for way in ways:
                    found = await self._in(way, message, after=after, young=young)
                    if found is not None:
                        return found
                if any(way.forum for way in ways):
                    await asyncio.sleep(_SETTLE_S)
                    for way in ways:
                        if (found := await self._in(way, message, after=after, young=young)) is not None:
                            return found
        except SlowDown as exc:
            raise DeliveryUnavailable(f"Discord's limits: {exc}") from exc
        except Refused as exc:
            raise DeliveryUnavailable(f"Discord's channel history could not be read: {exc.status}") from exc
        except NETWORK_ERRORS as exc:
            raise DeliveryUnavailable(f"Discord could not be reached: {cause(exc)}") from exc
        return None

    async def _in(self, way: Way, message: Message, *, after: int, young: bool) -> Sent | None:
        # A post has no nonce, so for it nothing is recognised however soon it is repeated.
        recognised = young and not way.forum
        try:
            if way.forum:
                return await self._among_posts(way.channel_id, message, after=after)
            return await self._among_messages(way, message, after=after, recognised=recognised)
        except Refused as exc:
            gone = exc.code in (_UNKNOWN_CHANNEL, _MISSING_ACCESS)
            if exc.status in (403, 404) and (gone or recognised):
                return None  # sending again is refused for the same reason, or recognised by its nonce
            raise

    async def _among_messages(
        self, way: Way, message: Message, *, after: int, recognised: bool
    ) -> Sent | None:
        read = 0
        async for row in self._history(way.channel_id, after=after):
            read += 1
            if self._is_this(row, message):
                return Sent(message_id=str(row["id"]), thread_id=str(way.channel_id) if way.thread else None)
        if read or recognised or not await self._is_hidden(way.channel_id, after=after):
            return None
        raise DeliveryUnavailable("Tipoff may not read this channel's history. Give it Read Message History")

    async def _among_posts(self, forum: int, message: Message, *, after: int) -> Sent | None:
        """A post's first message has the post's id."""
        own = str(self._client.user.id) if self._client.user else ""
        posts = [
            row for row in await self._posts(forum) if row.get("owner_id") == own and int(row["id"]) > after
        ]
        for post in sorted(posts, key=lambda row: -int(row["id"]))[:_MOST_POSTS]:
            number = int(post["id"])
            try:
                row = await self._api.request(
                    f"{_MESSAGES}/{{message_id}}", channel_id=number, message_id=number
                )
            except Refused as exc:
                if exc.status == 404:
                    continue  # its first message was deleted
                raise
            if self._is_this(row, message):
                return Sent(message_id=str(number), thread_id=str(number))
        return None

    async def _posts(self, forum: int) -> list[Row]:
        guild = getattr(self._client.get_channel(forum), "guild", None)
        if guild is None:
            channel = await self._api.request("GET /channels/{channel_id}", channel_id=forum)
            guild_id = int(channel["guild_id"])
        else:
            guild_id = guild.id
        # The bucket is the server's, so that is what stands for the channel here.
        active = await self._api.request(
            "GET /guilds/{guild_id}/threads/active", channel_id=guild_id, guild_id=guild_id
        )
        archived = await self._api.request(
            "GET /channels/{channel_id}/threads/archived/public",
            channel_id=forum,
            params={"limit": str(_PAGE)},
        )
        threads: list[Row] = [*active["threads"], *archived["threads"]]
        return [row for row in threads if row.get("parent_id") == str(forum)]

    async def _history(self, channel_id: int, *, after: int) -> AsyncIterator[Row]:
        """Messages newer than ``after``, page by page, oldest page first."""
        while True:
            params = {"after": str(after), "limit": str(_PAGE)}
            page = await self._api.request(_MESSAGES, channel_id=channel_id, params=params)
            if not isinstance(page, list):
                raise aiohttp.ClientError("the history is not a list")
            for row in page:
                yield row
            if len(page) < _PAGE:
                return
            after = max(int(row["id"]) for row in page)

    def _is_this(self, row: Row, message: Message) -> bool:
        user = self._client.user
        if user is None or row["author"]["id"] != str(user.id):
            return False
        if row.get("nonce") is not None:
            return str(row["nonce"]) == message.token
        shown = [row.get("content") or "", *((e.get("footer") or {}).get("text", "") for e in row["embeds"])]
        return any(text.endswith(f"· {render.reference(message)}") for text in shown)

    async def _is_hidden(self, channel_id: int, *, after: int) -> bool:
        """Whether an empty history means that we may not see it: Discord then answers with an empty list."""
        channel = self._client.get_channel(channel_id)
        guild = getattr(channel, "guild", None)
        if guild is not None and guild.me is not None:
            return not channel.permissions_for(guild.me).read_message_history  # type: ignore[union-attr]
        answer = await self._api.request("GET /channels/{channel_id}", channel_id=channel_id)
        return int(answer.get("last_message_id") or 0) > after
