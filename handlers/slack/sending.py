"""Sends one message to one Slack channel and looks it up again by its metadata."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.delivery.contract import (
    AlertMessage,
    ChannelGone,
    DeliveryUnavailable,
    Message,
    Rejected,
    RetryAt,
    SendOutcome,
    Sent,
    Unknown,
)
from bot.delivery.gate import SlowDown
from bot.model import ChannelKey
from handlers.slack.limits import SlackLimits
from handlers.slack.outcomes import (
    ACCOUNT_GONE,
    TOKEN_REFUSED,
    TOKEN_REFUSED_WAIT_S,
    advice,
    error_code,
    is_rate_limit,
    is_thread_gone,
    outcome_of_error,
    outcome_of_failure,
    retry_after,
)
from handlers.slack.render import render

log = structlog.get_logger()

EVENT_TYPE = "tipoff_alert"
SEND_TIMEOUT_S = 30.0
#: How far before the first try the history is read: clocks of Slack and of this machine differ.
_CLOCK_SLACK = timedelta(seconds=60)
_PAGE, _MAX_PAGES = 100, 20
#: A request that was under way when we lost sight of it (the program died, the connection hung) may be taken a moment
#: later, and Slack knows no nonce: what is not in the history is looked for once more after this.
_SETTLE_S = 2.0
_UNREACHED = (aiohttp.ClientError, TimeoutError, OSError)


class Sender:
    """Owns chat.postMessage and the history calls for one workspace. ``whose``: how a log names the token. ``refusal``:
    Slack's word when it last refused the token or the app itself, "" while they work."""

    def __init__(
        self,
        client: AsyncWebClient,
        *,
        team: str,
        whose: str = "SLACK_BOT_TOKEN",
        timeout_s: float = SEND_TIMEOUT_S,
        settle_s: float = _SETTLE_S,
    ) -> None:
        self._client = client
        self._team = team
        self._timeout_s = timeout_s
        self._settle_s = settle_s
        self._whose = whose
        self._refusal_told = ""
        self.refusal = ""
        self.limits = SlackLimits(team)

    async def send(self, message: Message) -> SendOutcome:
        """Send once; a second request goes out only after Slack refused the first."""
        channel = self._channel(message.channel)
        if channel is None:
            return ChannelGone(reason="the channel is of another workspace than this bot")
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._send(channel, message)
        except TimeoutError as exc:
            return outcome_of_failure(exc)

    async def _send(self, channel: str, message: Message) -> SendOutcome:
        rendered = render(message)
        thread = message.reply_to if isinstance(message, AlertMessage) else None
        body: dict[str, Any] = {"blocks": list(rendered.blocks), "text": rendered.text}
        refused = ""
        while True:
            try:
                outcome = await self._post(channel, message.token, thread, body)
                return replace(outcome, plain_because=refused) if isinstance(outcome, Sent) else outcome
            except SlackApiError as exc:
                self._learn(exc, channel)
                if thread is not None and is_thread_gone(exc):
                    thread = None  # the first alert was deleted: tell it in the channel
                    continue
                ended = outcome_of_error(exc)
                if ended is not None:
                    return ended
                if refused:
                    return Rejected(reason=f"Slack: {error_code(exc)}")
                log.warning("slack_message_refused", channel=channel, error=error_code(exc))
                body, refused = {"text": rendered.text}, f"Slack: {error_code(exc)}"
            except SlowDown as exc:
                return RetryAt(reason="waits for its turn: Slack's limits", after_s=exc.after_s)
            except _UNREACHED as exc:
                return outcome_of_failure(exc)

    async def _post(self, channel: str, token: str, thread: str | None, body: dict[str, Any]) -> SendOutcome:
        async with self.limits.post(channel):
            answer = await self._client.chat_postMessage(
                channel=channel,
                thread_ts=thread,
                metadata={"event_type": EVENT_TYPE, "event_payload": {"delivery": token}},
                unfurl_links=False,
                unfurl_media=False,
                link_names=False,
                parse="none",
                mrkdwn=False,
                **body,
            )
        self._refusal_told = self.refusal = ""
        ts = answer.get("ts")
        if not isinstance(ts, str) or not ts:
            return Unknown(reason="Slack accepted the message without saying where it is")
        return Sent(message_id=ts, thread_id=thread or ts)

    def _learn(self, exc: SlackApiError, channel: str) -> None:
        """Take from a refused send what it says of more than this message."""
        code = error_code(exc)
        self._tell_refusal(code)
        if code in TOKEN_REFUSED | ACCOUNT_GONE:
            self.refusal = code
        if is_rate_limit(exc):
            self.limits.refused(channel, retry_after(exc))
        elif code in TOKEN_REFUSED:
            self.limits.silence(TOKEN_REFUSED_WAIT_S)

    def _tell_refusal(self, code: str) -> None:
        """One log line when the token is refused, not one for each waiting delivery."""
        if code in TOKEN_REFUSED and code != self._refusal_told:
            self._refusal_told = code
            log.error("slack_token_refused", error=code, advice=f"{self._whose}: {advice(code)}")

    async def find_sent(self, message: Message, *, since: datetime) -> Sent | None:
        """Look in the thread, then in the channel, and once more a moment later before it is "no". Raises
        ``DeliveryUnavailable`` when either cannot be read."""
        channel = self._channel(message.channel)
        if channel is None:
            return None
        oldest = f"{(since - _CLOCK_SLACK).timestamp():.6f}"
        thread = message.reply_to if isinstance(message, AlertMessage) else None
        try:
            async with asyncio.timeout(self._timeout_s):
                if found := await self._look_everywhere(channel, oldest, message.token, thread):
                    return found
                await asyncio.sleep(self._settle_s)
                return await self._look_everywhere(channel, oldest, message.token, thread)
        except SlowDown as exc:
            raise DeliveryUnavailable(f"Slack's limits: {exc}") from exc
        except SlackApiError as exc:
            self._tell_refusal(error_code(exc))
            if is_rate_limit(exc):
                self.limits.look_refused(retry_after(exc))
            if error_code(exc) == "channel_not_found":
                return None  # sending will say so, and end it
            raise DeliveryUnavailable(
                f"Slack's history could not be read: {error_code(exc) or 'no proper answer'}"
            ) from exc
        except _UNREACHED as exc:
            raise DeliveryUnavailable(f"Slack's history could not be read: {type(exc).__name__}") from exc

    async def _look_everywhere(
        self, channel: str, oldest: str, token: str, thread: str | None
    ) -> Sent | None:
        found = None
        if thread is not None:
            found = await self._look(channel, oldest, token, thread=thread)
        return found or await self._look(channel, oldest, token, thread=None)

    async def _look(self, channel: str, oldest: str, token: str, *, thread: str | None) -> Sent | None:
        try:
            async for entry in self._entries(channel, oldest, thread):
                if _is_delivery(entry, token):
                    return Sent(
                        message_id=str(entry["ts"]), thread_id=str(entry.get("thread_ts") or entry["ts"])
                    )
        except SlackApiError as exc:
            if thread is not None and is_thread_gone(exc):
                return None
            raise
        return None

    async def _entries(self, channel: str, oldest: str, thread: str | None) -> AsyncIterator[dict[str, Any]]:
        """The messages since ``oldest``, page by page. Raises ``DeliveryUnavailable`` past the bound."""
        cursor: str | None = None
        for _ in range(_MAX_PAGES):
            asked: dict[str, Any] = {
                "channel": channel,
                "oldest": oldest,
                "limit": _PAGE,
                "include_all_metadata": True,
                "cursor": cursor,
            }
            async with self.limits.look():
                if thread is None:
                    answer = await self._client.conversations_history(**asked)
                else:
                    answer = await self._client.conversations_replies(ts=thread, **asked)
            for entry in answer.get("messages") or ():
                if isinstance(entry, dict) and entry.get("ts"):
                    yield entry
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or None
            if cursor is None:
                return
        raise DeliveryUnavailable("Slack's history since the first try is too long to read")

    def _channel(self, key: ChannelKey) -> str | None:
        """Slack's channel id; None when the channel is of another workspace."""
        team, _, channel = key.removeprefix("slack:").partition("/")
        return channel if team == self._team and channel else None


def _is_delivery(entry: dict[str, Any], token: str) -> bool:
    metadata = entry.get("metadata")
    if not isinstance(metadata, dict) or metadata.get("event_type") != EVENT_TYPE:
        return False
    payload = metadata.get("event_payload")
    return isinstance(payload, dict) and payload.get("delivery") == token
