"""What Slack says of people: who may change what a channel is told, in which language they read, and where they can
be written to alone. Workspace admins and owners may, who made the channel, and, in a direct message, the person."""

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
_SCOPES = {
    "users.info": "users:read",
    "conversations.info": "channels:read",
    "conversations.open": "im:write",
}
_UNREACHED = (aiohttp.ClientError, TimeoutError, OSError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """``may_manage_server``: the person is an admin or owner of the workspace. ``app_in_channel`` None: not known.
    ``locale`` is "" where Slack does not say."""

    may_manage: bool
    may_manage_server: bool = False
    app_in_channel: bool | None = None
    locale: str = ""


class People:
    """Asks Slack and remembers the answers for five minutes; failures are not remembered. One for a workspace."""

    def __init__(self, client: AsyncWebClient, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._clock = clock
        self._known: dict[str, tuple[float, dict[str, Any]]] = {}

    async def standing(self, *, channel: str, user: str) -> Standing:
        """Raises ``UserError`` when it could not be found out; the text says what to do."""
        if channel.startswith("D"):
            person = await self._person(user)
            return Standing(may_manage=True, locale=_locale(person))
        person, place = await asyncio.gather(self._person(user), self._channel(channel))
        in_channel = None if isinstance(place, UserError) else bool(place.get("is_member"))
        admin = not isinstance(person, UserError) and any(
            person.get(mark) for mark in ("is_admin", "is_owner", "is_primary_owner")
        )
        made = not isinstance(place, UserError) and place.get("creator") == user
        if not admin and not made:
            for answer in (person, place):
                if isinstance(answer, UserError):
                    raise answer
        return Standing(
            may_manage=admin or made,
            may_manage_server=admin,
            app_in_channel=in_channel,
            locale=_locale(person),
        )

    async def direct(self, user: str) -> str:
        """The direct message channel of Tipoff and this person. Raises ``UserError``."""
        answer = await self._lookup("conversations.open", "channel", f"im:{user}", {"users": user})
        if isinstance(answer, UserError):
            raise answer
        if not answer.get("id"):
            raise UserError("Tipoff cannot write to you in Slack.")
        return str(answer["id"])

    async def _person(self, user: str) -> dict[str, Any] | UserError:
        return await self._lookup("users.info", "user", user, {"user": user, "include_locale": "true"})

    async def _channel(self, channel: str) -> dict[str, Any] | UserError:
        return await self._lookup("conversations.info", "channel", channel, {"channel": channel})

    async def _lookup(
        self, method: str, part: str, key: str, asked: dict[str, str]
    ) -> dict[str, Any] | UserError:
        """Slack's record, empty when there is none; a ``UserError`` as a value when Slack did not say."""
        held = self._known.get(key)
        if held is not None and self._clock() - held[0] < CACHE_S:
            return held[1]
        verb = "POST" if method == "conversations.open" else "GET"
        try:
            async with asyncio.timeout(_LOOKUP_TIMEOUT_S):
                answer = await self._client.api_call(method, http_verb=verb, params=asked)
            record = dict(answer.get(part) or {})
        except SlackApiError as exc:
            if error_code(exc) not in _NOT_THERE:
                return _failure(method, exc)
            record = {}
        except _UNREACHED as exc:
            log.warning("slack_lookup_failed", method=method, error=type(exc).__name__)
            return _unknown(method)
        if len(self._known) >= _CACHE_SIZE:
            self._known.pop(next(iter(self._known)))
        self._known.pop(key, None)
        self._known[key] = (self._clock(), record)
        return record


def _locale(person: dict[str, Any] | UserError) -> str:
    return "" if isinstance(person, UserError) else str(person.get("locale") or "")


def _failure(method: str, exc: SlackApiError) -> UserError:
    code = error_code(exc)
    log.warning("slack_lookup_failed", method=method, error=code)
    if code != "missing_scope":
        return _unknown(method)
    scope = needed_scope(exc) or _SCOPES[method]
    what = "write to you alone" if method == "conversations.open" else "look up who manages this channel"
    return UserError(
        f"Tipoff may not {what}: add the scope {scope} under OAuth & Permissions of the Slack app and "
        "install it again."
    )


def _unknown(method: str) -> UserError:
    if method == "conversations.open":
        return UserError("Slack did not open a direct message with you. Please try again in a minute.")
    return UserError("Slack could not be asked who may manage this channel. Please try again in a minute.")
