"""A web server on loopback for tests: every path answers as told, and every request is kept.

Not a mock of HTTP: real sockets, so that timeouts, cut connections and bombs are real too.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web


@dataclass
class Page:
    """What one path answers. ``etag``: answer 304 to who has it already."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    etag: str | None = None
    hang: bool = False  # take the request and never answer
    drip_s: float = 0.0  # pause between single bytes of the body
    cut: bool = False  # promise more bytes than are sent, then close the connection
    do: Callable[[web.Request], Awaitable[web.StreamResponse]] | None = None


@dataclass
class Seen:
    """One request that arrived."""

    path: str
    headers: dict[str, str]


class FeedServer:
    """Made by ``feed_server()``."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.seen: list[Seen] = []
        self.base = ""
        self.now_open = 0
        self.most_open = 0
        self._stopping = asyncio.Event()

    def url(self, path: str) -> str:
        return f"{self.base}{path}"

    def show(self, path: str, body: bytes | str = b"", **how: object) -> str:
        """Let ``path`` answer ``body``; gives the whole address. With ``etag=""`` one is made of the body."""
        data = body.encode() if isinstance(body, str) else body
        page = Page(body=data, **how)  # type: ignore[arg-type]
        if page.etag == "":
            page.etag = f'"{hashlib.sha256(data).hexdigest()[:16]}"'
        self.pages[path] = page
        return self.url(path)

    def redirect(self, path: str, to: str, status: int = 302) -> str:
        return self.show(path, status=status, headers={"Location": to})

    def count(self, path: str) -> int:
        return sum(1 for seen in self.seen if seen.path == path)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.seen.append(Seen(request.path, dict(request.headers)))
        self.now_open += 1
        self.most_open = max(self.most_open, self.now_open)
        try:
            return await self._answer(request)
        finally:
            self.now_open -= 1

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        page = self.pages.get(request.path)
        if page is None:
            return web.Response(status=404)
        if page.do is not None:
            return await page.do(request)
        if page.hang:
            await self._stopping.wait()
        headers = dict(page.headers)
        if page.etag is not None:
            headers["ETag"] = page.etag
            if request.headers.get("If-None-Match") == page.etag:
                return web.Response(status=304, headers=headers)
        if not page.drip_s and not page.cut:
            return web.Response(status=page.status, body=page.body, headers=headers)
        response = web.StreamResponse(status=page.status, headers=headers)
        if page.cut:
            response.content_length = len(page.body) + 100
        await response.prepare(request)
        if page.cut:
            await response.write(page.body)
            assert request.transport is not None
            request.transport.close()
            return response
        for place in range(len(page.body)):
            await response.write(page.body[place : place + 1])
            await asyncio.sleep(page.drip_s)
        return response

    def release(self) -> None:
        self._stopping.set()


@asynccontextmanager
async def feed_server() -> AsyncIterator[FeedServer]:
    server = FeedServer()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        server.base = f"http://{host}:{port}"
        yield server
    finally:
        server.release()
        await runner.cleanup()
