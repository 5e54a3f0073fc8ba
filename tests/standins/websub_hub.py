"""A publisher and its hub on loopback, as the WebSub Recommendation describes them: the hub takes subscriptions,
verifies them, honours leases, and distributes signed documents."""

import asyncio
import hashlib
import hmac
import io
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from urllib.parse import parse_qsl

import aiohttp
from aiohttp import web

from tests.standins.serving import serving

_TYPE = "application/rss+xml"


@dataclass
class Held:
    """One subscription that was verified. ``until``: on the monotonic clock."""

    callback: str
    topic: str
    secret: str
    until: float


@dataclass
class Hub:
    """``lease_s``: what it grants, whatever was asked. ``deny``: refuse with this reason instead of verifying.
    ``refuse``: answer requests with this status. ``silent``: take requests and never verify."""

    base: str = ""
    lease_s: int = 864_000
    deny: str = ""
    refuse: int = 0
    retry_after: str = ""
    silent: bool = False
    offers: bool = True  # whether the feed names the hub
    path: str = "/hub"  # the hub that the feed names
    requests: list[dict[str, str]] = field(default_factory=list)
    held: dict[str, Held] = field(default_factory=dict)
    polls: int = 0
    answers: list[int] = field(default_factory=list)  # to what was distributed
    _entries: list[str] = field(default_factory=list)
    _tasks: set["asyncio.Task[None]"] = field(default_factory=set)

    @property
    def topic(self) -> str:
        return f"{self.base}/feed.xml"

    def asked(self, mode: str, path: str = "") -> list[dict[str, str]]:
        return [
            form for form in self.requests if form["hub.mode"] == mode and (not path or form["path"] == path)
        ]

    def entry(self, title: str) -> str:
        """An entry that is not in the feed yet."""
        number = len(self._entries) + secrets.randbelow(10**9)
        return (
            f"<item><guid isPermaLink='false'>entry-{number}</guid><title>{escape(title)}</title>"
            f"<link>https://wire.example/{number}</link>"
            f"<pubDate>{format_datetime(datetime.now(UTC))}</pubDate></item>"
        )

    def add(self, entry: str) -> None:
        """Put an entry into the feed, where only a poll finds it."""
        self._entries.insert(0, entry)

    def document(self, *entries: str) -> str:
        links = (
            f'<atom:link rel="hub" href="{self.base}{self.path}"/><atom:link rel="self" href="{self.topic}"/>'
            if self.offers
            else ""
        )
        return (
            "<rss version='2.0' xmlns:atom='http://www.w3.org/2005/Atom'><channel><title>Wire</title>"
            f"{links}{''.join(entries)}</channel></rss>"
        )

    async def answer_feed(self, request: web.Request) -> web.Response:
        self.polls += 1
        return web.Response(text=self.document(*self._entries), content_type=_TYPE)

    async def answer_hub(self, request: web.Request) -> web.Response:
        assert request.content_type == "application/x-www-form-urlencoded"
        form = dict(parse_qsl(await request.text(), keep_blank_values=True, strict_parsing=True))
        self.requests.append({**form, "path": request.path})
        if self.refuse:
            headers = {"Retry-After": self.retry_after} if self.retry_after else None
            return web.Response(status=self.refuse, headers=headers)
        if not self.silent:
            task = asyncio.ensure_future(self._verify(form))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return web.Response(status=202)

    async def _verify(self, form: dict[str, str]) -> None:
        callback, topic = form["hub.callback"], form["hub.topic"]
        if self.deny:
            await call(callback, {"hub.mode": "denied", "hub.topic": topic, "hub.reason": self.deny})
            return
        challenge = secrets.token_hex(16)
        query = {"hub.mode": form["hub.mode"], "hub.topic": topic, "hub.challenge": challenge}
        if form["hub.mode"] == "subscribe":
            query["hub.lease_seconds"] = str(self.lease_s)
        status, text = await call(callback, query)
        if status // 100 != 2 or text != challenge:
            return
        if form["hub.mode"] == "unsubscribe":
            self.held.pop(callback, None)
            return
        self.held[callback] = Held(callback, topic, form["hub.secret"], time.monotonic() + self.lease_s)

    async def distribute(self, body: str | bytes, **how: object) -> None:
        """Send a document to everybody whose lease runs, signed."""
        for held in list(self.held.values()):
            if held.until > time.monotonic():
                self.answers.append(await self.send(held.callback, body, secret=held.secret, **how))  # type: ignore[arg-type]

    async def send(
        self,
        callback: str,
        body: str | bytes,
        *,
        secret: str = "",
        method: str = "sha256",
        headers: dict[str, str] | None = None,
    ) -> int:
        """One document to one callback; without ``secret`` it is not signed. Gives the status of the answer."""
        data = body.encode() if isinstance(body, str) else body
        sent = {
            "Content-Type": f"{_TYPE}; charset=utf-8",
            "Link": f'<{self.base}{self.path}>; rel="hub", <{self.topic}>; rel="self"',
            **(headers or {}),
        }
        if secret:
            sent["X-Hub-Signature"] = f"{method}={sign(data, secret, method)}"
        async with (
            aiohttp.ClientSession() as session,
            session.post(callback, data=io.BytesIO(data), headers=sent) as answer,
        ):
            return answer.status


def sign(body: bytes, secret: str, method: str = "sha256") -> str:
    return hmac.new(secret.encode(), body, getattr(hashlib, method)).hexdigest()


async def call(callback: str, query: dict[str, str]) -> tuple[int, str]:
    """A hub's GET of a callback: status and body of the answer, (0, "") when nobody is there."""
    try:
        async with aiohttp.ClientSession() as session, session.get(callback, params=query) as answer:
            return answer.status, await answer.text()
    except aiohttp.ClientError:
        return 0, ""


@asynccontextmanager
async def open_hub() -> AsyncIterator[Hub]:
    hub = Hub()
    app = web.Application()
    app.router.add_get("/feed.xml", hub.answer_feed)
    app.router.add_post("/hub", hub.answer_hub)
    app.router.add_post("/other-hub", hub.answer_hub)
    async with serving(app) as hub.base:
        try:
            yield hub
        finally:
            for task in hub._tasks:
                task.cancel()
