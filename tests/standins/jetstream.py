"""A stand-in for Bluesky on loopback: Jetstream with replay by cursor, and the public API that a poll asks.

Shapes: https://github.com/bluesky-social/jetstream and https://docs.bsky.app (searchPosts, getAuthorFeed).
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from aiohttp import WSCloseCode, web

from tests.standins.serving import serving

ADA, BEN = "did:plc:adaadaadaadaadaadaadaada", "did:plc:benbenbenbenbenbenbenben"
HANDLES = {ADA: "ada.example", BEN: "ben.example"}


class Bluesky:
    """``refused``: answer the next so many subscriptions with 503. ``resolved``: handles that were asked for."""

    def __init__(self) -> None:
        self.base = ""
        self.refused = 0
        self.queries: list[str] = []
        self.resolved: list[str] = []
        self.polled = 0
        self._posts: list[dict[str, Any]] = []
        self._log: list[tuple[int, str]] = []
        self._sockets: dict[web.WebSocketResponse, frozenset[str]] = {}

    @property
    def stream(self) -> str:
        return self.base.replace("http", "ws") + "/subscribe"

    @property
    def listeners(self) -> int:
        return len(self._sockets)

    async def post(
        self,
        text: str,
        did: str = ADA,
        *,
        push: bool = True,
        shown: bool = True,
        reply: bool = False,
        **record: Any,
    ) -> str:
        """A new post, on the stream (``push``) and in searches and feeds (``shown``). Gives its address."""
        time_us = time.time_ns() // 1000
        rkey = f"3k{time_us}"
        now = datetime.now(UTC).isoformat()
        record = {"$type": "app.bsky.feed.post", "text": text, "createdAt": now, "langs": ["en"], **record}
        if reply:
            parent = {"uri": "at://x/app.bsky.feed.post/1", "cid": "c"}
            record["reply"] = {"root": parent, "parent": parent}
        uri = f"at://{did}/app.bsky.feed.post/{rkey}"
        if shown:
            author = {"did": did, "handle": HANDLES.get(did, "x.example")}
            self._posts.insert(
                0,
                {"uri": uri, "cid": "c", "author": author, "record": record, "indexedAt": now, "labels": []},
            )
        if push:
            commit = {
                "rev": "r", "operation": "create", "collection": "app.bsky.feed.post", "rkey": rkey, "record": record,
                "cid": "c",
            }  # fmt: skip
            await self.say({"did": did, "time_us": time_us, "kind": "commit", "commit": commit})
        return uri

    async def say(self, message: dict[str, Any]) -> None:
        """One message to every subscriber that wants its account; kept for replay."""
        text = json.dumps(message)
        self._log.append((message["time_us"], text))
        for socket, dids in list(self._sockets.items()):
            if not dids or message["did"] in dids:
                with suppress(ConnectionError):
                    await socket.send_str(text)

    async def say_raw(self, text: str) -> None:
        for socket in list(self._sockets):
            await socket.send_str(text)

    async def drop(self) -> None:
        """End every subscription, as a server does that restarts."""
        for socket in list(self._sockets):
            await socket.close(code=WSCloseCode.GOING_AWAY)
        self._sockets.clear()

    # -- what is served

    async def _subscribe(self, request: web.Request) -> web.StreamResponse:
        self.queries.append(request.query_string)
        if self.refused:
            self.refused -= 1
            return web.Response(status=503)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        dids = frozenset(request.query.getall("wantedDids", []))
        if cursor := request.query.get("cursor"):
            for time_us, text in self._log:
                if time_us >= int(cursor) and (not dids or json.loads(text)["did"] in dids):
                    await socket.send_str(text)
        self._sockets[socket] = dids
        try:
            async for _ in socket:
                pass
        finally:
            self._sockets.pop(socket, None)
        return socket

    async def _search(self, request: web.Request) -> web.Response:
        self.polled += 1
        words = request.query["q"].lower().split()
        found = [
            post for post in self._posts if all(word in post["record"]["text"].lower() for word in words)
        ]
        return web.json_response({"posts": found[:50]})

    async def _feed(self, request: web.Request) -> web.Response:
        self.polled += 1
        actor = request.query["actor"]
        found = [
            {"post": post}
            for post in self._posts
            if actor in post["author"].values() and not post["record"].get("reply")
        ]
        return web.json_response({"feed": found[:50]})

    async def _resolve(self, request: web.Request) -> web.Response:
        handle = request.query["handle"]
        self.resolved.append(handle)
        for did, known in HANDLES.items():
            if known == handle:
                return web.json_response({"did": did})
        return web.json_response(
            {"error": "InvalidRequest", "message": "Unable to resolve handle"}, status=400
        )


@asynccontextmanager
async def open_bluesky() -> AsyncIterator[Bluesky]:
    server = Bluesky()
    app = web.Application()
    app.router.add_get("/subscribe", server._subscribe)
    app.router.add_get("/xrpc/app.bsky.feed.searchPosts", server._search)
    app.router.add_get("/xrpc/app.bsky.feed.getAuthorFeed", server._feed)
    app.router.add_get("/xrpc/com.atproto.identity.resolveHandle", server._resolve)
    async with serving(app) as server.base:
        try:
            yield server
        finally:
            for socket in list(server._sockets):
                with suppress(TimeoutError):
                    async with asyncio.timeout(1):
                        await socket.close()
