"""Sends one message over REST: works from login on, whether the gateway is up or not."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import aiohttp
import discord
import structlog

from bot.delivery.contract import (
    ChannelGone,
    DeliveryUnavailable,
    Message,
    RetryAt,
    SendOutcome,
    Sent,
    Unknown,
)
from bot.delivery.gate import SlowDown
from bot.model import ChannelKey
from handlers.discord import posting
from handlers.discord.api import NETWORK_ERRORS, Api, Attempt, Refused, cause
from handlers.discord.history import History
from handlers.discord.outcomes import LOGIN_REFUSED, TryPlain, refusal
from handlers.discord.posting import Payload, Way

log = structlog.get_logger()

#: Discord's numbers for forum and media channels, which take posts in place of messages.
_FORUMS = (15, 16)
_KINDS_KEPT = 10_000


class Rest:
    """The requests of one logged-in client."""

    def __init__(self, client: discord.Client, api: Api, *, timeout_s: float) -> None:
        self._client = client
        self._api = api
        self._history = History(client, api)
        self._timeout_s = timeout_s
        self._forums: dict[int, bool] = {}  # of channels that the gateway has not told of

    async def send(self, message: Message) -> SendOutcome:
        """Send once; when Discord does not take the embed, send the plain form in its place. A follow-up whose thread
        went away is told in the channel."""
        channel_id = channel_number(message.channel)
        if channel_id is None:
            return ChannelGone(reason=f"{message.channel} is not the address of a Discord channel")
        outcome: SendOutcome = ChannelGone(reason="there is no way to tell it")
        async for way in self._ways(message, channel_id):
            outcome = way if isinstance(way, RetryAt) else await self._by(way, message)
            if not (isinstance(way, Way) and way.spare and isinstance(outcome, ChannelGone)):
                break
            log.info("discord_thread_gone", channel=message.channel, reason=outcome.reason)
        if isinstance(outcome, RetryAt) and outcome.reason == LOGIN_REFUSED:
            log.error("discord_token_refused", advice="Reset the token and set DISCORD_TOKEN anew.")
        return outcome

    async def find_sent(self, message: Message, *, since: datetime) -> Sent | None:
        """See ``bot.delivery.contract.Handler``."""
        channel_id = channel_number(message.channel)
        if channel_id is None:
            return None
        ways: list[Way] = []
        async for way in self._ways(message, channel_id, looking=True):
            if isinstance(way, RetryAt):
                raise DeliveryUnavailable(way.reason)
            ways.append(way)
        return await self._history.find(message, ways, since=since)

    async def _ways(
        self, message: Message, channel_id: int, *, looking: bool = False
    ) -> AsyncIterator[Way | RetryAt]:
        """Where to tell it, best way first. ``looking``: nothing is made, such as a thread."""
        thread = posting.story_thread(message)
        if thread is not None:
            yield Way(channel_id=thread, thread=True, spare=True)
        try:
            forum = await self._is_forum(message, channel_id)
        except SlowDown as exc:
            yield RetryAt(reason="waits for its turn: Discord's limits", after_s=exc.after_s)
            return
        except (Refused, *NETWORK_ERRORS) as exc:
            yield RetryAt(reason=f"Discord does not say what kind of channel it is: {cause(exc)}")
            return
        if forum:
            yield Way(channel_id=channel_id, forum=True)
            return
        first = posting.opens_thread(message)
        if first is not None and first != thread:
            opened = True if looking else await self._open_thread(message, channel_id, first)
            if isinstance(opened, RetryAt):
                yield opened
            elif opened:
                yield Way(channel_id=first, thread=True, spare=True)
        yield Way(channel_id=channel_id)

    async def _is_forum(self, message: Message, channel_id: int) -> bool:
        """Known from before, or from the gateway; where that has not told of the channel yet, Discord is asked."""
        if message.place.kind:
            return message.place.kind == "forum"
        known = self._client.get_channel(channel_id)
        if known is not None:
            return isinstance(known, discord.ForumChannel)
        if channel_id not in self._forums:
            try:
                async with asyncio.timeout(self._timeout_s):
                    channel = await self._api.request("GET /channels/{channel_id}", channel_id=channel_id)
            except Refused as exc:
                if exc.status in (403, 404):
                    return False  # sending says why
                raise
            if len(self._forums) >= _KINDS_KEPT:
                self._forums.clear()
            self._forums[channel_id] = channel.get("type") in _FORUMS
        return self._forums[channel_id]

    async def _open_thread(self, message: Message, channel_id: int, first: int) -> bool | RetryAt:
        """Open the thread under a story's first alert; it has that message's id. False where there can be none. Safe to
        repeat: Discord opens one."""
        body = {"name": posting.thread_name(message)}
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._api.request(
                    posting.CREATE_THREAD, channel_id=channel_id, message_id=first, body=body
                )
        except Refused as exc:
            if exc.code == posting.THREAD_EXISTS:
                return True
            if exc.status in (401, 429) or exc.status >= 500:
                return RetryAt(reason=f"Discord opens no thread now: {exc}", after_s=exc.retry_after_s)
            log.info("discord_opens_no_thread", channel=message.channel, reason=str(exc))
            return False
        except SlowDown as exc:
            return RetryAt(reason="waits for its turn: Discord's limits", after_s=exc.after_s)
        except NETWORK_ERRORS as exc:
            return RetryAt(reason=f"Discord could not be reached: {cause(exc)}")
        return True

    async def _by(self, way: Way, message: Message) -> SendOutcome:
        tags = self._fitting_tags(way, message)
        outcome = await self._post(way, posting.rich(message, way, tags), message, plain_tried=False)
        if isinstance(outcome, TryPlain):
            log.warning("discord_takes_no_embed", channel=message.channel, token=message.token)
            reason = outcome.reason
            outcome = await self._post(way, posting.bare(message, way, tags), message, plain_tried=True)
            if isinstance(outcome, Sent):
                outcome = replace(outcome, plain_because=reason)
        assert not isinstance(outcome, TryPlain)
        return outcome

    def _fitting_tags(self, way: Way, message: Message) -> list[str]:
        """The forum's tags that the message has, as far as the gateway has told which there are."""
        forum = self._client.get_channel(way.channel_id) if way.forum else None
        if not isinstance(forum, discord.ForumChannel):
            return []
        offered = [
            {"id": tag.id, "name": tag.name, "moderated": tag.moderated} for tag in forum.available_tags
        ]
        return posting.tags_for(message, offered, needed=forum.flags.require_tag)

    async def _post(
        self, way: Way, payload: Payload, message: Message, *, plain_tried: bool
    ) -> SendOutcome | TryPlain:
        attempt = Attempt()
        outcome = await self._try_post(way, payload, message, attempt, plain_tried=plain_tried)
        if isinstance(outcome, RetryAt) and attempt.in_doubt:
            return Unknown(reason=outcome.reason)
        return outcome

    async def _try_post(
        self, way: Way, payload: Payload, message: Message, attempt: Attempt, *, plain_tried: bool
    ) -> SendOutcome | TryPlain:
        try:
            async with asyncio.timeout(self._timeout_s):
                answer = await self._request(way, payload, message, attempt)
        except TimeoutError:
            return RetryAt(reason=f"no answer within {self._timeout_s:g} s")
        except SlowDown as exc:
            return RetryAt(reason="waits for its turn: Discord's limits", after_s=exc.after_s)
        except Refused as exc:
            return refusal(
                status=exc.status,
                code=exc.code,
                text=exc.text[:200],
                retry_after_s=exc.retry_after_s,
                plain_tried=plain_tried,
                missing=self._missing_permissions(way.channel_id),
            )
        except ValueError as exc:
            return Unknown(reason=f"Discord's answer could not be read: {exc}")
        except (aiohttp.ClientError, OSError) as exc:
            return RetryAt(reason=f"Discord could not be reached: {cause(exc)}")
        if not isinstance(answer, dict) or "id" not in answer:
            return Unknown(reason="Discord's answer names no message")
        # A post and its first message have the same id.
        thread = answer["id"] if way.forum else way.channel_id if way.thread else None
        return Sent(message_id=str(answer["id"]), thread_id=None if thread is None else str(thread))

    async def _request(self, way: Way, payload: Payload, message: Message, attempt: Attempt) -> Any:
        try:
            return await self._api.request(
                way.route, channel_id=way.channel_id, body=payload, attempt=attempt
            )
        except Refused as exc:
            if exc.code != posting.TAG_REQUIRED or not way.forum:
                raise
        # The gateway had not told of the forum's tags.
        forum = await self._api.request("GET /channels/{channel_id}", channel_id=way.channel_id)
        tags = posting.tags_for(message, forum.get("available_tags") or (), needed=True)
        tagged = {**payload, "applied_tags": tags}
        return await self._api.request(way.route, channel_id=way.channel_id, body=tagged, attempt=attempt)

    def _missing_permissions(self, channel_id: int) -> str:
        """The names of what we may not do there, as far as the gateway has told."""
        channel = self._client.get_channel(channel_id)
        guild = getattr(channel, "guild", None)
        if guild is None or guild.me is None:
            return ""
        held = channel.permissions_for(guild.me)  # type: ignore[union-attr]
        send = "send_messages_in_threads" if isinstance(channel, discord.Thread) else "send_messages"
        needed = {
            "view_channel": "View Channel",
            send: send.replace("_", " ").title(),
            "embed_links": "Embed Links",
        }
        return ", ".join(name for key, name in needed.items() if not getattr(held, key))


def channel_number(channel: ChannelKey) -> int | None:
    """The id in ``discord:<channel id>``; None when there is none."""
    platform, _, number = channel.partition(":")
    plain = platform == "discord" and number.isascii() and number.isdecimal() and len(number) <= 20
    return int(number) if plain else None
