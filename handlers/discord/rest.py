"""Sends one message over REST, and looks one up: works from login on, whether the gateway is up or not."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
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
from handlers.discord import render
from handlers.discord.api import Api, Attempt, Refused
from handlers.discord.limits import CREATE_MESSAGE
from handlers.discord.outcomes import LOGIN_REFUSED, TryPlain, refusal

log = structlog.get_logger()

#: What going to the network can raise, apart from Discord's own answers. ValueError: an answer that is no JSON.
NETWORK_ERRORS = (aiohttp.ClientError, OSError, TimeoutError, ValueError)

#: Our clock may run ahead of Discord's.
_CLOCK_SLACK = timedelta(minutes=1)
#: Discord keeps nonces "for the past few minutes"; within this span a repeat is surely recognised.
_NONCE_WINDOW = timedelta(minutes=2)
_LOOKUP_TIMEOUT_S = 15.0
_HISTORY, _HISTORY_PAGE = "GET /channels/{channel_id}/messages", 100
_NO_MENTIONS: dict[str, Any] = {"parse": []}


class Rest:
    """The requests of one logged-in client."""

    def __init__(self, client: discord.Client, api: Api, *, timeout_s: float) -> None:
        self._client = client
        self._api = api
        self._timeout_s = timeout_s

    async def send(self, message: Message) -> SendOutcome:
        """Send once; when Discord does not take the embed, send the plain form in its place."""
        channel_id = channel_number(message.channel)
        if channel_id is None:
            return ChannelGone(reason=f"{message.channel} is not the address of a Discord channel")
        outcome = await self._post(channel_id, _rich(message), plain_tried=False)
        if isinstance(outcome, TryPlain):
            log.warning("discord_takes_no_embed", channel=message.channel, token=message.token)
            outcome = await self._post(channel_id, _plain(message), plain_tried=True)
        assert not isinstance(outcome, TryPlain)
        if isinstance(outcome, RetryAt) and outcome.reason == LOGIN_REFUSED:
            log.error("discord_token_refused", advice="Reset the token and set DISCORD_TOKEN anew.")
        return outcome

    async def _post(
        self, channel_id: int, payload: dict[str, Any], *, plain_tried: bool
    ) -> SendOutcome | TryPlain:
        attempt = Attempt()
        outcome = await self._try_post(channel_id, payload, attempt, plain_tried=plain_tried)
        if isinstance(outcome, RetryAt) and attempt.in_doubt:
            return Unknown(reason=outcome.reason)
        return outcome

    async def _try_post(
        self, channel_id: int, payload: dict[str, Any], attempt: Attempt, *, plain_tried: bool
    ) -> SendOutcome | TryPlain:
        try:
            async with asyncio.timeout(self._timeout_s):
                answer = await self._api.request(
                    CREATE_MESSAGE, channel_id=channel_id, body=payload, attempt=attempt
                )
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
                missing=self._missing_permissions(channel_id),
            )
        except ValueError as exc:
            return Unknown(reason=f"Discord's answer could not be read: {exc}")
        except (aiohttp.ClientError, OSError) as exc:
            return RetryAt(reason=f"Discord could not be reached: {cause(exc)}")
        if not isinstance(answer, dict) or "id" not in answer:
            return Unknown(reason="Discord's answer names no message")
        return Sent(message_id=str(answer["id"]))

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

    async def find_sent(self, message: Message, *, since: datetime) -> Sent | None:
        """See ``bot.delivery.contract.Handler``."""
        channel_id = channel_number(message.channel)
        if channel_id is None:
            return None
        young = datetime.now(UTC) - since < _NONCE_WINDOW
        after = discord.utils.time_snowflake(since - _CLOCK_SLACK)
        read = 0
        try:
            async with asyncio.timeout(_LOOKUP_TIMEOUT_S):
                async for row in self._history(channel_id, after=after):
                    read += 1
                    if self._is_this(row, message):
                        return Sent(message_id=str(row["id"]))
                if read or young or not await self._history_is_hidden(channel_id, after=after):
                    return None
        except SlowDown as exc:
            raise DeliveryUnavailable(f"Discord's limits: {exc}") from exc
        except Refused as exc:
            if exc.status in (403, 404) and (exc.code == 10003 or exc.code == 50001 or young):
                return None  # sending again is refused for the same reason, or recognised by its nonce
            raise DeliveryUnavailable(f"Discord's channel history could not be read: {exc.status}") from exc
        except NETWORK_ERRORS as exc:
            raise DeliveryUnavailable(f"Discord could not be reached: {cause(exc)}") from exc
        raise DeliveryUnavailable("Tipoff may not read this channel's history. Give it Read Message History")

    async def _history(self, channel_id: int, *, after: int) -> AsyncIterator[dict[str, Any]]:
        """Messages newer than ``after``, page by page, oldest page first."""
        while True:
            params = {"after": str(after), "limit": str(_HISTORY_PAGE)}
            page = await self._api.request(_HISTORY, channel_id=channel_id, params=params)
            if not isinstance(page, list):
                raise aiohttp.ClientError("the history is not a list")
            for row in page:
                yield row
            if len(page) < _HISTORY_PAGE:
                return
            after = max(int(row["id"]) for row in page)

    def _is_this(self, row: dict[str, Any], message: Message) -> bool:
        user = self._client.user
        if user is None or row["author"]["id"] != str(user.id):
            return False
        if row.get("nonce") is not None:
            return str(row["nonce"]) == message.token
        shown = [row.get("content") or "", *((e.get("footer") or {}).get("text", "") for e in row["embeds"])]
        return any(text.endswith(f"· {render.reference(message)}") for text in shown)

    async def _history_is_hidden(self, channel_id: int, *, after: int) -> bool:
        """Whether an empty history means that we may not see it: Discord then answers with an empty list."""
        channel = self._client.get_channel(channel_id)
        guild = getattr(channel, "guild", None)
        if guild is not None and guild.me is not None:
            return not channel.permissions_for(guild.me).read_message_history  # type: ignore[union-attr]
        answer = await self._api.request("GET /channels/{channel_id}", channel_id=channel_id)
        return int(answer.get("last_message_id") or 0) > after


def channel_number(channel: ChannelKey) -> int | None:
    """The id in ``discord:<channel id>``; None when there is none."""
    platform, _, number = channel.partition(":")
    plain = platform == "discord" and number.isascii() and number.isdecimal() and len(number) <= 20
    return int(number) if plain else None


def cause(exc: BaseException) -> str:
    """What an exception says, or what it is when it says nothing."""
    return str(exc) or type(exc).__name__


def _rich(message: Message) -> dict[str, Any]:
    payload = {**_frame(message), "embeds": [render.embed(message)]}
    reply_to = getattr(message, "reply_to", None)
    if reply_to and reply_to.isascii() and reply_to.isdecimal():
        payload["message_reference"] = {"message_id": reply_to, "fail_if_not_exists": False}
    return payload


def _plain(message: Message) -> dict[str, Any]:
    return {**_frame(message), "content": render.content(message)}


def _frame(message: Message) -> dict[str, Any]:
    # The nonce makes Discord answer a repeat with the message that it already has.
    return {"nonce": message.token, "enforce_nonce": True, "allowed_mentions": _NO_MENTIONS}
