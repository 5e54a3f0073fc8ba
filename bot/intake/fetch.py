"""Asks one address, politely and within limits. The only importer of httpx; what it raises is a SourceError."""

import asyncio
import re
import ssl
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import metadata
from typing import Any
from urllib.parse import urlencode

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from bot.errors import AddressRefused, SourceRejected, SourceUnavailable
from bot.intake.guard import GuardingResolver, is_private_host, require_public
from bot.intake.inflate import TooLarge, Unreadable, decode_body
from bot.intake.politeness import HostGate, fresh_for_s, host_gap_s, retry_after
from bot.intake.robots import Robots

_MAX_REDIRECTS = 5
_PERMANENT, _TEMPORARY = frozenset({301, 308}), frozenset({302, 303, 307})
_SAME_METHOD = frozenset({307, 308})
_CODINGS = "gzip, deflate, br, zstd"
#: Validators beyond this are not kept: they would go out with every request.
_MAX_VALIDATOR = 1024
#: Redirects of short links that are remembered.
_MAX_TARGETS = 4096
#: Longest wait for a connection and between two pieces of a body; the total has its own limit.
_CONNECT_S, _READ_S = 10.0, 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """The document is the one whose validators were sent. They are those to send next time."""

    status: int = 304
    etag: str | None = None
    last_modified: str | None = None
    max_age_s: int | None = None
    permanent_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A document. ``url``: where it came from in the end. ``permanent_url``: that address, when every redirect
    on the way said that it is for good. ``content_type`` is lower case and without parameters. ``link``: the whole
    ``Link`` header (RFC 8288)."""

    status: int
    url: str
    body: bytes
    content_type: str = ""
    charset: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    max_age_s: int | None = None
    permanent_url: str | None = None
    link: str = ""


class Fetcher:
    """Fetches addresses; made by ``open_fetcher``. Safe to use from many tasks at once."""

    def __init__(
        self,
        transport: Callable[[bool], httpx.AsyncBaseTransport],
        *,
        allow_private: bool,
        agent: str,
        total_timeout_s: float,
        max_bytes: int,
        per_host_gap_s: float,
        concurrency: int,
    ) -> None:
        self._transport = transport
        self._allow_private = allow_private
        self._agent = agent
        self._total_timeout_s = total_timeout_s
        self._max_bytes = max_bytes
        self._gap_s = per_host_gap_s
        self._gate = HostGate()
        self._slots = asyncio.Semaphore(concurrency)
        self._robots = Robots(self._robots_txt)
        self._targets: OrderedDict[str, str] = OrderedDict()

    async def fetch(
        self,
        url: str,
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        accept: str = "",
        private_ok: bool = False,
        public_only: bool = False,
        obey_robots: bool = False,
    ) -> NotModified | Fetched:
        """Ask once, following at most five redirects. Waiting for the host's turn is not counted as time.

        ``private_ok`` allows private addresses for this one request, ``public_only`` refuses them whatever the
        settings say (an address that a person gave in chat). ``obey_robots`` asks each host's robots.txt first.
        Raises ``SourceUnavailable`` (no answer, not in time, too large, forbidden by robots.txt, any status but
        those named here), ``SourceRejected`` (410), ``AddressRefused``.
        """
        headers = {"User-Agent": self._agent, "Accept-Encoding": _CODINGS, "Accept": accept or "*/*"}
        if etag:
            headers["If-None-Match"] = etag
        if last_modified:
            headers["If-Modified-Since"] = last_modified
        private = (self._allow_private or private_ok) and not public_only
        left_s, permanent = self._total_timeout_s, True
        target = _checked(url, private)
        status = 0
        for hop in range(_MAX_REDIRECTS + 1):
            if obey_robots:
                await self._robots.require(str(target), private=private)
            answer, took_s = await self._turn(target, headers, private, left_s)
            left_s -= took_s
            if answer.status not in _PERMANENT | _TEMPORARY:
                return _result(answer, target, etag, last_modified, moved=permanent and hop > 0)
            status = answer.status
            permanent = permanent and status in _PERMANENT
            target = _next_hop(target, answer, private)
        raise SourceUnavailable(f"{target.host}: more than {_MAX_REDIRECTS} redirects", status=status)

    async def redirect_target(self, url: str, *, public_only: bool = False, timeout_s: float = 3.0) -> str:
        """Where the server at ``url`` sends whoever asks, "" when nowhere; that address itself is not asked.

        ``timeout_s`` begins with the host's turn. What was learnt is remembered for the last few thousand
        addresses. Raises ``SourceUnavailable`` and ``AddressRefused``, also for the target.
        """
        private = self._allow_private and not public_only
        origin = _checked(url, private)
        if url in self._targets:
            self._targets.move_to_end(url)
            return str(_checked(known, private)) if (known := self._targets[url]) else ""
        headers = {"User-Agent": self._agent, "Accept": "*/*"}
        answer, _ = await self._turn(origin, headers, private, timeout_s, method="HEAD")
        if answer.status in _PERMANENT | _TEMPORARY:
            target = str(_next_hop(origin, answer, private))
        elif answer.status // 100 == 2:
            target = ""
        else:
            raise SourceUnavailable(f"{origin.host} answered {answer.status}", status=answer.status)
        self._targets[url] = target
        if len(self._targets) > _MAX_TARGETS:
            self._targets.popitem(last=False)
        return target

    async def _robots_txt(self, url: str, private: bool) -> bytes:
        answer = await self.fetch(url, accept="text/plain", private_ok=private, public_only=not private)
        return answer.body if isinstance(answer, Fetched) else b""

    async def post_form(
        self, url: str, fields: Mapping[str, str], *, private_ok: bool = False, public_only: bool = False
    ) -> None:
        """Send a form once, in the host's turn. Done when any 2xx answers; what it says is not read.

        Only 307 and 308 are followed: every other redirect would lose the form. ``private_ok`` and ``public_only``
        as in ``fetch``. Raises ``SourceUnavailable`` (with ``retry_after`` where it was asked) and
        ``AddressRefused``.
        """
        headers = {"User-Agent": self._agent, "Content-Type": "application/x-www-form-urlencoded"}
        form = urlencode(fields).encode()
        private = (self._allow_private or private_ok) and not public_only
        left_s = self._total_timeout_s
        target = _checked(url, private)
        for _ in range(_MAX_REDIRECTS + 1):
            answer, took_s = await self._turn(target, headers, private, left_s, method="POST", form=form)
            left_s -= took_s
            if answer.status // 100 == 2:
                return
            if answer.status not in _SAME_METHOD:
                raise SourceUnavailable(
                    f"{target.host} answered {answer.status}",
                    status=answer.status,
                    retry_after=_asked_pause(answer.headers),
                )
            secure = target.scheme == "https"
            target = _next_hop(target, answer, private)
            if secure and target.scheme != "https":  # the form may hold a secret
                raise AddressRefused(
                    f"{target.host}: a redirect from https to http is not followed with a form"
                )
        raise SourceUnavailable(f"{target.host}: more than {_MAX_REDIRECTS} redirects")

    async def _turn(
        self,
        url: httpx.URL,
        headers: dict[str, str],
        private: bool,
        left_s: float,
        *,
        method: str = "GET",
        form: bytes | None = None,
    ) -> tuple["_Answer", float]:
        """One request in its host's turn, and the seconds that it took once it was its turn."""
        local = is_private_host(url.host)
        # On this machine each port is a server of its own, and none needs to be spared.
        place = f"{url.host}:{url.port}" if local else url.host
        gap_s = max(0.0 if local else host_gap_s(url.host, self._gap_s), self._robots.delay_s(str(url)))
        async with self._gate.turn(place, gap_s=gap_s), self._slots:
            began = time.monotonic()
            try:
                async with asyncio.timeout(max(left_s, 0.001)):
                    return await self._ask(method, url, headers, private, form), time.monotonic() - began
            except TimeoutError as exc:
                raise SourceUnavailable(
                    f"{url.host}: no whole answer within {self._total_timeout_s:g} s"
                ) from exc
            except (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, OSError) as exc:
                raise SourceUnavailable(f"{url.host}: {cause_of(exc)}") from exc

    async def _ask(
        self, method: str, url: httpx.URL, headers: dict[str, str], private: bool, form: bytes | None
    ) -> "_Answer":
        timeouts = {"connect": _CONNECT_S, "read": _READ_S, "pool": None}
        # As bytes, because httpx itself would take ASCII only, and some validators are not.
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        request = httpx.Request(
            method,
            url,
            headers=raw,
            content=form,
            extensions={"timeout": timeouts},
        )
        response = await self._transport(private).handle_async_request(request)
        wanted = method == "GET" and response.status_code // 100 == 2
        try:
            body = await self._body(response, url.host) if wanted else b""
            return _Answer(status=response.status_code, headers=response.headers, body=body)
        finally:
            await response.aclose()

    async def _body(self, response: httpx.Response, host: str) -> bytes:
        held = bytearray()
        stream = response.stream
        assert isinstance(stream, httpx.AsyncByteStream)
        async for chunk in stream:
            held += chunk
            if len(held) > self._max_bytes:
                raise self._too_large(host)
        codings = response.headers.get("content-encoding", "")
        if not codings or not held:
            return bytes(held)
        try:
            return decode_body(bytes(held), codings, max_bytes=self._max_bytes)
        except TooLarge:
            raise self._too_large(host) from None
        except Unreadable as exc:
            raise SourceUnavailable(f"{host}: {exc}", status=response.status_code) from exc

    def _too_large(self, host: str) -> SourceUnavailable:
        return SourceUnavailable(f"{host}: the document is larger than {self._max_bytes / 2**20:g} MiB")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    status: int
    headers: httpx.Headers
    body: bytes


def _checked(url: str | httpx.URL, private: bool) -> httpx.URL:
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, UnicodeError, ValueError) as exc:
        raise AddressRefused("the address cannot be read") from exc
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise AddressRefused(f"only http and https addresses are read, not {parsed.scheme or 'none'!r}")
    if not private:
        require_public(parsed.host)
    return parsed


def _next_hop(origin: httpx.URL, answer: _Answer, private: bool) -> httpx.URL:
    location = answer.headers.get("location", "").strip()
    if not location:
        raise SourceUnavailable(f"{origin.host}: a redirect without a target", status=answer.status)
    try:
        return _checked(origin.join(location), private)
    except AddressRefused as exc:
        raise AddressRefused(f"{origin.host} redirects: {exc}") from exc
    except (httpx.InvalidURL, UnicodeError, ValueError) as exc:
        raise SourceUnavailable(
            f"{origin.host}: a redirect that cannot be read", status=answer.status
        ) from exc


def _result(
    answer: _Answer, url: httpx.URL, etag: str | None, last_modified: str | None, *, moved: bool
) -> NotModified | Fetched:
    headers = answer.headers
    new_etag, new_modified = _validator(headers, b"etag"), _validator(headers, b"last-modified")
    if answer.status == 304 and (etag or last_modified):
        return NotModified(
            etag=new_etag or etag, last_modified=new_modified or last_modified, max_age_s=fresh_for_s(headers),
            permanent_url=str(url) if moved else None,
        )  # fmt: skip
    if answer.status == 410:
        raise SourceRejected(f"{url.host} says that this source is gone for good (410)", status=410)
    if answer.status // 100 != 2:
        raise SourceUnavailable(
            f"{url.host} answered {answer.status}",
            status=answer.status,
            retry_after=_asked_pause(headers),
        )
    content_type, charset = media_type(headers.get("content-type", ""))
    return Fetched(
        status=answer.status,
        url=str(url),
        body=answer.body,
        content_type=content_type,
        charset=charset,
        etag=new_etag,
        last_modified=new_modified,
        max_age_s=fresh_for_s(headers),
        permanent_url=str(url) if moved else None,
        link=", ".join(headers.get_list("link"))[:4096],
    )


def media_type(value: str) -> tuple[str, str | None]:
    """A ``Content-Type`` as the type alone and the charset, both in lower case."""
    content_type, _, parameters = value.partition(";")
    charset = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", parameters, re.IGNORECASE)
    return content_type.strip().lower(), charset[1].lower() if charset else None


def _asked_pause(headers: httpx.Headers) -> timedelta | None:
    return retry_after(headers, now=datetime.now(UTC))


def _validator(headers: httpx.Headers, name: bytes) -> str | None:
    """A validator as it was received, or None when it could not be sent back byte for byte."""
    value = next((value for key, value in headers.raw if key.lower() == name), b"").strip()
    try:
        text = value.decode("utf-8")  # the encoding in which it will go out again
    except UnicodeDecodeError:
        return None
    return text if text and len(text) <= _MAX_VALIDATOR and text.isprintable() else None


def cause_of(exc: Exception) -> str:
    """One short reason, without the address: that may hold a secret."""
    chain: list[BaseException] = [exc]
    while (deeper := chain[-1].__cause__ or chain[-1].__context__) is not None and len(chain) < 8:
        chain.append(deeper)
    for cause in chain:
        if isinstance(cause, aiohttp.ClientConnectorDNSError):
            return "the name has no address"
        if isinstance(cause, aiohttp.ClientConnectorCertificateError):
            return "its certificate is not valid"
        if isinstance(cause, aiohttp.ClientSSLError):
            return "no secure connection"
        if isinstance(cause, aiohttp.ServerDisconnectedError | aiohttp.ClientPayloadError):
            return "the connection was cut"
        if isinstance(cause, aiohttp.ClientResponseError):
            return "not an HTTP answer"
        if isinstance(cause, aiohttp.ServerTimeoutError):
            return "no answer in time"
        if isinstance(cause, OSError) and cause.strerror and not isinstance(cause, aiohttp.ClientError):
            return cause.strerror.lower()
    return type(exc).__name__


def tls_context() -> ssl.SSLContext:
    """Checks certificates by certifi's authorities and by the system's."""
    context = httpx.create_ssl_context()
    context.load_default_certs()
    return context


def user_agent(contact: str) -> str:
    """``Tipoff/<version> (…)`` with the contact that the operator gave, so that a host can complain to them."""
    try:
        version = metadata.version("tipoff")
    except metadata.PackageNotFoundError:
        version = "0"
    reach = re.sub(r"[^\x21-\x7e]|[()\\]", "", contact)[:200]
    return f"Tipoff/{version} (+{reach})" if reach else f"Tipoff/{version} (news watcher)"


def open_session(context: ssl.SSLContext, *, private: bool, limit: int, **how: Any) -> aiohttp.ClientSession:
    """A session with a pool of its own, behind the guard unless it is for ``private`` addresses. Without cookies, and
    without the environment's proxies: one would resolve names itself, behind the guard's back. ``limit``: connections
    at once, 0 for any number."""
    connector = aiohttp.TCPConnector(
        ssl=context, limit=limit, ttl_dns_cache=60, resolver=None if private else GuardingResolver()
    )
    return aiohttp.ClientSession(
        connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False, **how
    )


@asynccontextmanager
async def open_fetcher(
    *,
    contact: str,
    allow_private: bool,
    total_timeout_s: float = 30,
    max_bytes: int = 8 * 1024 * 1024,
    per_host_gap_s: float = 1.0,
    concurrency: int = 64,
) -> AsyncIterator[Fetcher]:
    """A fetcher that closes its connections at the end."""
    async with AsyncExitStack() as stack:
        context = tls_context()
        made: dict[bool, httpx.AsyncBaseTransport] = {}

        def transport(private: bool) -> httpx.AsyncBaseTransport:
            # Two pools: a connection opened without the guard must never serve a guarded request.
            if private not in made:
                session = open_session(context, private=private, limit=concurrency)
                stack.push_async_callback(session.close)
                made[private] = AiohttpTransport(verify=context, client=session)
            return made[private]

        yield Fetcher(
            transport,
            allow_private=allow_private,
            agent=user_agent(contact),
            total_timeout_s=total_timeout_s,
            max_bytes=max_bytes,
            per_host_gap_s=per_host_gap_s,
            concurrency=concurrency,
        )
