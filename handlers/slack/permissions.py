"""Who may change what a Slack channel is told: workspace admins and owners, who made the channel, and, in a
direct message, the person."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import UserError
from handlers.slack.outcomes import error_code, needed_scope

log = structlog.get_logger()

CACHE_S = 300.0
_CACHE_SIZE = 2000
_LOOKUP_TIMEOUT_S = 10.0
_NOT_THERE = frozenset({"user_not_found", "user_not_visible", "channel_not_found"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """``app_in_channel`` None: not known."""

    may_manage: bool
    app_in_channel: bool | None = None


class Permissions:
    """Asks Slack and remembers the answers for five minutes; failures are not remembered."""

    def __init__(self, client: AsyncWebClient, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._clock = clock
        self._known: dict[str, tuple[float, dict[str, Any]]] = {}

    async def standing(self, *, channel: str, user: str) -> Standing:
        """Raises ``UserError`` when it could not be found out; the text says what to do."""
        if channel.startswith("D"):
            return Standing(may_manage=True)
        person, place = await asyncio.gather(
            self._lookup("users.info", "user", user), self._lookup("conversations.info", "channel", channel)
        )
        in_channel = None if isinstance(place, UserError) else bool(place.get("is_member"))
        if not isinstance(person, UserError) and any(
            person.get(mark) for mark in ("is_admin", "is_owner", "is_primary_owner")
        ):
            return Standing(may_manage=True, app_in_channel=in_channel)
        if not isinstance(place, UserError) and place.get("creator") == user:
            return Standing(may_manage=True, app_in_channel=in_channel)
        for answer in (person, place):
            if isinstance(answer, UserError):
                raise answer
        return Standing(may_manage=False, app_in_channel=in_channel)

    async def _lookup(self, method: str, kind: str, wanted: str) -> dict[str, Any] | UserError:
        """Slack's record, empty when there is none; a ``UserError`` as a value when Slack did not say."""
        held = self._known.get(wanted)
        if held is not None and self._clock() - held[0] < CACHE_S:
            return held[1]
        try:
            async with asyncio.timeout(_LOOKUP_TIMEOUT_S):
                answer = await self._client.api_call(method, http_verb="GET", params={kind: wanted})
            record = dict(answer.get(kind) or {})
        except SlackApiError as exc:
            if error_code(exc) not in _NOT_THERE:
                return _failure(method, exc)
            record = {}
        except (aiohttp.ClientError, TimeoutError, OSError) as exc:
            log.warning("slack_lookup_failed", method=method, error=type(exc).__name__)
            return UserError(
                "Slack could not be asked who may manage this channel. Please try again in a minute."
            )
        if len(self._known) >= _CACHE_SIZE:
            self._known.pop(next(iter(self._known)))
        self._known.pop(wanted, None)
        self._known[wanted] = (self._clock(), record)
        return record


def _failure(method: str, exc: SlackApiError) -> UserError:
    code = error_code(exc)
    log.warning("slack_lookup_failed", method=method, error=code)
    if code == "missing_scope":
        scope = needed_scope(exc) or ("users:read" if method == "users.info" else "channels:read")
        return UserError(
            f"Tipoff may not look up who manages this channel: add the scope {scope} under OAuth & Permissions "
            "of the Slack app and install it again."
        )
    return UserError("Slack could not be asked who may manage this channel. Please try again in a minute.")
