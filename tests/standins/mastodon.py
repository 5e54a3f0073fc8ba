"""A stand-in for a Mastodon instance on loopback: hashtag timelines and the streaming API, with faults.

Shapes: https://docs.joinmastodon.org/methods/timelines/#tag and https://docs.joinmastodon.org/methods/streaming/.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from tests.standins.serving import serving

TOKEN = "stand-in-mastodon-token"
#: Handles one streaming connection instead of the stand-in.
Fault = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Mastodon:
    """``token``: what a stream must present, "" for an open instance. ``heartbeat_s``: between two comments.
    ``faults`` meet the next streaming connections, one each. ``slow_s``: what a timeline takes to answer."""

    def __init__(self) -> None:
        self.base = ""
        self.token = TOKEN
        self.heartbeat_s = 0.5
        self.slow_s = 0.0
        self.streaming_url: str | None = None
        self.faults: list[Fault] = []
        self.streamed = 0  # streaming connections that were asked for
        self.polled = 0
        self.agents: list[str] = []
        self.queries: list[str] = []
        self._statuses: dict[str, list[dict[str, Any]]] = {}
        self._open: dict[web.StreamResponse, str] = {}
        self._stopping = asyncio.Event()

    @property
    def listeners(self) -> int:
        return len(self._open)

    def status(self, text: str, tag: str = "deepseek") -> dict[str, Any]:
        """A status as the API shows it, which is in no timeline yet."""
        number = sum(map(len, self._statuses.values())) + 1
        uri = f"{self.base}/users/ada/statuses/{number}-{time.monotonic_ns()}"
        return {
            "id": str(number), "uri": uri, "url": uri, "created_at": datetime.now(UTC).isoformat(), "language": "en",
            "visibility": "public", "spoiler_text": "", "content": f"<p>{text} #{tag}</p>",
            "reblog": None, "card": None,
            "account": {"id": "1", "acct": "ada", "username": "ada"}, "mentions": [], "media_attachments": [],
            "tags": [{"name": tag, "url": f"{self.base}/tags/{tag}"}],
        }  # fmt: skip

    async def publish(
        self, text: str, tag: str = "deepseek", *, timeline: bool = True, push: bool = True
    ) -> str:
        """A new status, in the timeline and on the streams, or in one of them only. Gives its ``uri``."""
        status = self.status(text, tag)
        if timeline:
            self._statuses.setdefault(tag, []).insert(0, status)
        if push:
            await self.send(sse("update", json.dumps(status)), tag=tag)
        return str(status["uri"])

    async def send(self, data: bytes, *, tag: str = "deepseek") -> None:
        """Raw bytes to whoever listens to ``tag``."""
        for response, heard in list(self._open.items()):
            if heard == tag:
                await response.write(data)

    def drop(self) -> None:
        """Cut every stream."""
        for response in list(self._open):
            transport = response._req.transport if response._req is not None else None
            if transport is not None:
                transport.abort()
        self._open.clear()

    def refuse(self, status: int, times: int = 1, **headers: str) -> None:
        """Answer the next streaming connections with ``status``; ``Retry_After="2"`` is a header."""

        async def refused(_: web.Request) -> web.StreamResponse:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return web.json_response({"error": "no"}, status=status, headers=named)

        self.faults += [refused] * times

    def answer(
        self, *pieces: bytes, pause_s: float = 0.0, hang: bool = True, kind: str = "text/event-stream"
    ) -> None:
        """Let the next streaming connection get these pieces, then silence (``hang``) or the end."""

        async def answered(request: web.Request) -> web.StreamResponse:
            response = web.StreamResponse(headers={"Content-Type": kind})
            await response.prepare(request)
            for piece in pieces:
                await response.write(piece)
                await asyncio.sleep(pause_s)
            if hang:
                await self._stopping.wait()
            return response

        self.faults.append(answered)

    # -- what is served

    async def _instance(self, _: web.Request) -> web.Response:
        urls = {} if self.streaming_url is None else {"streaming": self.streaming_url}
        return web.json_response({"domain": "stand-in", "configuration": {"urls": urls}})

    async def _timeline(self, request: web.Request) -> web.Response:
        self.polled += 1
        await asyncio.sleep(self.slow_s)
        return web.json_response(self._statuses.get(request.match_info["tag"].lower(), [])[:40])

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        self.streamed += 1
        self.agents.append(request.headers.get("User-Agent", ""))
        self.queries.append(request.path_qs)
        if self.faults:
            return await self.faults.pop(0)(request)
        if self.token and request.headers.get("Authorization") != f"Bearer {self.token}":
            return web.json_response({"error": "Missing access token"}, status=401)
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        await response.prepare(request)
        await response.write(b":)\n")
        self._open[response] = request.query.get("tag", "").lower()
        try:
            while not self._stopping.is_set():
                await asyncio.sleep(self.heartbeat_s)
                await response.write(b":thump\n")
        except ConnectionError:
            pass
        finally:
            self._open.pop(response, None)
        return response

    def close(self) -> None:
        self._stopping.set()
        self.drop()


def sse(event: str, data: str) -> bytes:
    return f"event: {event}\ndata: {data}\n\n".encode()


@asynccontextmanager
async def open_mastodon() -> AsyncIterator[Mastodon]:
    server = Mastodon()
    app = web.Application()
    app.router.add_get("/api/v2/instance", server._instance)
    app.router.add_get("/api/v1/timelines/tag/{tag}", server._timeline)
    app.router.add_get("/api/v1/streaming/{path:.+}", server._stream)
    async with serving(app) as server.base:
        try:
            yield server
        finally:
            server.close()
