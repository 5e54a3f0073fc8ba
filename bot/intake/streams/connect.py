"""Opens connections that stay open: server-sent events and WebSockets, behind the same guard as the fetcher.

What it raises is a SourceError. No redirect is followed: a stream's address is known beforehand.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import aiohttp

from bot.errors import AddressRefused, ParseFailed, SourceUnavailable
from bot.intake.fetch import cause_of, open_session, tls_context, user_agent
from bot.intake.guard import is_private_host, require_public
from bot.intake.politeness import HostGate, retry_after
from bot.intake.streams.sse import Event, EventParser

#: Pause between two new connections to one host.
_HOST_GAP_S = 1.0
_CLOSE_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """Seconds. ``connect``: until the stream stands. ``silence``: without a whole line or message (Mastodon sends a
    comment every 15 s). ``ping``: between two pings of a WebSocket, whose answer may take half as long."""

    connect: float = 15.0
    silence: float = 60.0
    ping: float = 20.0


class EventStream:
    """Server-sent events, one by one."""

    def __init__(self, response: aiohttp.ClientResponse, silence_s: float) -> None:
        self._response = response
        self._host = response.url.host or ""
        self._silence_s = silence_s
        self._parser = EventParser()
        self._ready: list[Event] = []

    async def next(self) -> Event:
        """Raises ``SourceUnavailable`` at the end, at a cut and after too long a silence; ``ParseFailed`` for an
        event beyond the limit. A line that drips in does not count as a sign of life before it is whole."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._silence_s
        while not self._ready:
            try:
                async with asyncio.timeout_at(deadline):
                    chunk = await self._response.content.readany()
            except TimeoutError as exc:
                raise self._over(f"silent for {self._silence_s:g} s") from exc
            except (aiohttp.ClientError, OSError) as exc:
                raise self._over("the connection was cut") from exc
            if not chunk:
                raise self._over("the server ended the stream")
            lines = self._parser.lines
            self._ready = self._parser.feed(chunk)[::-1]
            if self._parser.lines > lines:
                deadline = loop.time() + self._silence_s
        return self._ready.pop()

    def _over(self, why: str) -> SourceUnavailable:
        return SourceUnavailable(f"{self._host}: {why}", retry_after=self._parser.retry)


class MessageStream:
    """The text messages of a WebSocket, one by one."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, host: str, silence_s: float | None) -> None:
        self._socket = socket
        self._host = host
        self._silence_s = silence_s

    async def next(self) -> str:
        """Raises ``SourceUnavailable`` at the end, when a ping stays unanswered, and after too long a silence;
        ``ParseFailed`` for a message beyond the limit."""
        while True:
            try:
                async with asyncio.timeout(self._silence_s):
                    message = await self._socket.receive()
            except TimeoutError as exc:
                raise SourceUnavailable(f"{self._host}: silent for {self._silence_s:g} s") from exc
            except (aiohttp.ClientError, OSError) as exc:
                raise SourceUnavailable(f"{self._host}: the connection was cut") from exc
            match message.type:
                case aiohttp.WSMsgType.TEXT:
                    return str(message.data)
                case aiohttp.WSMsgType.ERROR:
                    if getattr(message.data, "code", None) == aiohttp.WSCloseCode.MESSAGE_TOO_BIG:
                        raise ParseFailed("a message of the stream is too large")
                    raise SourceUnavailable(f"{self._host}: the connection was cut")
                case aiohttp.WSMsgType.CLOSE | aiohttp.WSMsgType.CLOSED | aiohttp.WSMsgType.CLOSING:
                    raise SourceUnavailable(f"{self._host}: the server ended the stream")
                case _:
                    continue  # binary messages and pongs say nothing to us


class Connector:
    """Made by ``open_connector``. Safe to use from many tasks at once."""

    def __init__(
        self,
        session: Callable[[bool], aiohttp.ClientSession],
        *,
        allow_private: bool,
        agent: str,
        deadlines: Deadlines,
    ) -> None:
        self._session = session
        self._allow_private = allow_private
        self._agent = agent
        self._deadlines = deadlines
        self._gate = HostGate()

    @asynccontextmanager
    async def events(self, url: str, *, token: str = "", public_only: bool) -> AsyncIterator[EventStream]:
        """Server-sent events of ``url``. ``token`` goes out as a bearer token, over https or inside a private network
        only. ``public_only`` refuses private addresses whatever the settings say.

        Raises ``SourceUnavailable`` (with the status and ``Retry-After`` of a refusal) and ``AddressRefused``.
        """
        private = self._checked(url, "http", "https", public_only=public_only)
        headers = {"User-Agent": self._agent, "Accept": "text/event-stream", "Accept-Encoding": "identity"}
        if token and _is_confidential(url):
            headers["Authorization"] = f"Bearer {token}"
        async with AsyncExitStack() as stack:
            async with self._opening(url):
                response = await stack.enter_async_context(
                    self._session(private).get(url, headers=headers, allow_redirects=False)
                )
            _require_stream(response)
            yield EventStream(response, self._deadlines.silence)

    @asynccontextmanager
    async def messages(
        self, url: str, *, max_bytes: int, public_only: bool, may_be_silent: bool = False
    ) -> AsyncIterator[MessageStream]:
        """The text messages of the WebSocket at ``url``, of at most ``max_bytes`` each. ``may_be_silent``: only
        pings tell whether the server lives. Raises like ``events``."""
        private = self._checked(url, "ws", "wss", public_only=public_only)
        deadlines = self._deadlines
        async with AsyncExitStack() as stack:
            async with self._opening(url):
                socket = await stack.enter_async_context(
                    self._session(private).ws_connect(
                        url,
                        headers={"User-Agent": self._agent},
                        heartbeat=deadlines.ping,
                        max_msg_size=max_bytes,
                        timeout=aiohttp.ClientWSTimeout(ws_close=_CLOSE_S),
                    )
                )
            silence_s = None if may_be_silent else deadlines.silence
            yield MessageStream(socket, _host(url), silence_s)

    def _checked(self, url: str, *schemes: str, public_only: bool) -> bool:
        """Whether private addresses are allowed for this one."""
        private = self._allow_private and not public_only
        if urlsplit(url).scheme not in schemes or not _host(url):
            raise AddressRefused(f"only {' and '.join(schemes)} addresses are listened to here")
        if not private:
            require_public(_host(url))
        return private

    @asynccontextmanager
    async def _opening(self, url: str) -> AsyncIterator[None]:
        """The host's turn, the deadline, and the errors of opening a connection."""
        host = _host(url)
        local = is_private_host(host)
        place = urlsplit(url).netloc if local else host
        async with self._gate.turn(place, gap_s=0.0 if local else _HOST_GAP_S):
            try:
                async with asyncio.timeout(self._deadlines.connect):
                    yield
            except TimeoutError as exc:
                raise SourceUnavailable(f"{host}: no stream within {self._deadlines.connect:g} s") from exc
            except aiohttp.WSServerHandshakeError as exc:
                raise _refusal(host, exc.status, exc.headers or {}) from exc
            except (aiohttp.ClientError, OSError, ValueError) as exc:
                raise SourceUnavailable(f"{host}: {cause_of(exc)}") from exc


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _is_confidential(url: str) -> bool:
    return urlsplit(url).scheme == "https" or is_private_host(_host(url))


def _require_stream(response: aiohttp.ClientResponse) -> None:
    host = response.url.host or ""
    if response.status != 200:
        raise _refusal(host, response.status, response.headers)
    if response.content_type != "text/event-stream":
        raise SourceUnavailable(f"{host}: the answer is no event stream but {response.content_type[:60]}")
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise SourceUnavailable(f"{host}: a compressed stream was not asked for")


def _refusal(host: str, status: int, headers: Mapping[str, str]) -> SourceUnavailable:
    lower = {name.lower(): value for name, value in headers.items()}
    pause: timedelta | None = retry_after(lower, now=datetime.now(UTC))
    return SourceUnavailable(f"{host} answered {status}", status=status, retry_after=pause)


async def _guarded(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Ends a request at the first redirect: a WebSocket's would be followed, past the check of its host."""
    response = await handler(request)
    if 300 <= response.status < 400:
        response.close()
        host = request.url.host or ""
        raise SourceUnavailable(f"{host}: the stream moved ({response.status})", status=response.status)
    return response


@asynccontextmanager
async def open_connector(
    *, contact: str, allow_private: bool, deadlines: Deadlines | None = None
) -> AsyncIterator[Connector]:
    """A connector that closes its connections at the end."""
    async with AsyncExitStack() as stack:
        context = tls_context()
        made: dict[bool, aiohttp.ClientSession] = {}

        def session(private: bool) -> aiohttp.ClientSession:
            # Two pools: a connection opened without the guard must never serve a guarded request.
            if private not in made:
                made[private] = open_session(
                    context, private=private, limit=0, timeout=aiohttp.ClientTimeout(total=None),
                    middlewares=[_guarded],
                )  # fmt: skip
                stack.push_async_callback(made[private].close)
            return made[private]

        yield Connector(
            session,
            allow_private=allow_private,
            agent=user_agent(contact),
            deadlines=deadlines or Deadlines(),
        )
