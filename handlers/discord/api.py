"""One request to Discord's REST API, when its limits allow, and never repeated.

discord.py's own requests are not used for this: they repeat some answers by themselves, wait out a full bucket before
they give the answer of a message that was taken, and know no limit over all channels. Whether to try again is the
outbox's decision.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
from discord.http import Route

from handlers.discord.limits import DiscordLimits, retry_after

#: What going to the network can raise, apart from Discord's own answers. ValueError: an answer that is no JSON.
NETWORK_ERRORS = (aiohttp.ClientError, OSError, TimeoutError, ValueError)

_CONNECT_TIMEOUT_S = 10
_JSON = "application/json"


@dataclass(slots=True)
class Attempt:
    """What became of the requests of one send."""

    under_way: bool = False
    maybe_accepted: bool = False

    @property
    def in_doubt(self) -> bool:
        return self.under_way or self.maybe_accepted


class Refused(Exception):
    """An answer of 300 or more. ``code`` is Discord's own, 0 when the answer had none."""

    def __init__(self, status: int, *, code: int, text: str, retry_after_s: float | None) -> None:
        super().__init__(f"{status} ({code}): {text}")
        self.status, self.code, self.text, self.retry_after_s = status, code, text, retry_after_s


@asynccontextmanager
async def open_session() -> AsyncIterator[aiohttp.ClientSession]:
    """What an ``Api`` sends by. Callers set the deadline of a whole request."""
    config = aiohttp.TraceConfig()
    config.on_request_headers_sent.append(_on_sent)
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_TIMEOUT_S)
    # The dispatcher's places bound how many requests there are at once.
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(
        connector=connector, timeout=timeout, trace_configs=[config], cookie_jar=aiohttp.DummyCookieJar()
    ) as session:
        yield session


async def _on_sent(_: Any, ctx: SimpleNamespace, params: Any) -> None:
    if isinstance(ctx.trace_request_ctx, Attempt):
        ctx.trace_request_ctx.under_way = True


class Api:
    """The requests of one logged-in client."""

    def __init__(self, client: discord.Client, session: aiohttp.ClientSession, limits: DiscordLimits) -> None:
        self._client = client
        self._session = session
        self._limits = limits

    async def request(
        self,
        route: str,
        *,
        channel_id: int,
        body: dict[str, Any] | None = None,
        params: dict[str, str] | None = None,
        attempt: Attempt | None = None,
        **ids: int,
    ) -> Any:
        """Ask once. ``route``: ``"POST /channels/{channel_id}/messages"``; ``ids`` are its further placeholders.
        Gives the parsed answer.

        Raises ``Refused``, ``SlowDown`` when it was not sent because a limit forbids it for more than a moment,
        ``ValueError`` for an answer that is no JSON, ``aiohttp.ClientError`` and ``OSError``.
        """
        method, _, path = route.partition(" ")
        attempt = attempt or Attempt()
        headers = {
            "Authorization": f"Bot {self._client.http.token}",
            "User-Agent": self._client.http.user_agent,
        }
        data = None
        if body is not None:
            headers["Content-Type"] = _JSON
            data = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        async with self._limits.turn(route, channel_id) as ticket:
            async with self._session.request(
                method, Route.BASE + path.format(channel_id=channel_id, **ids), data=data, params=params,
                headers=headers, trace_request_ctx=attempt,
            ) as response:  # fmt: skip
                self._limits.end(ticket)
                said = await response.text("utf-8", "replace")
            attempt.under_way = False
            # After a 5xx the message may be there all the same.
            attempt.maybe_accepted |= response.status >= 500
            answer = _parsed(response, said)
            self._limits.learn(route, channel_id, response.status, response.headers, answer)
        if response.status >= 300:
            raise _refused(response, answer)
        if isinstance(answer, str):
            raise ValueError("it is not JSON")  # noqa: TRY004 - an answer, not an argument
        return answer


def trace(limits: DiscordLimits) -> aiohttp.TraceConfig:
    """Hooks for discord.py's session, so that its requests count against the limit over all routes."""
    config = aiohttp.TraceConfig()

    async def on_start(_: Any, ctx: SimpleNamespace, params: aiohttp.TraceRequestStartParams) -> None:
        ctx.ticket = await limits.let_pass(params.url.path)

    async def on_end(_: Any, ctx: SimpleNamespace, params: Any) -> None:
        limits.end(ctx.ticket)

    config.on_request_start.append(on_start)
    config.on_request_end.append(on_end)
    config.on_request_exception.append(on_end)
    return config


def _parsed(response: aiohttp.ClientResponse, text: str) -> Any:
    """The answer, as text when it is no JSON."""
    if not text:
        return None
    if response.content_type != _JSON:
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _refused(response: aiohttp.ClientResponse, answer: Any) -> Refused:
    said = answer if isinstance(answer, dict) else {}
    code = said.get("code")
    wait = None
    if response.status == 429 or "Retry-After" in response.headers:
        wait = retry_after(response.headers, answer)
    return Refused(
        response.status,
        code=code if isinstance(code, int) else 0,
        text=str(said.get("message") or (answer if isinstance(answer, str) else "")),
        retry_after_s=wait,
    )


def cause(exc: BaseException) -> str:
    """What an exception says, or what it is when it says nothing."""
    return str(exc) or type(exc).__name__
