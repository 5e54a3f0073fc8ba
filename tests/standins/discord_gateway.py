"""The gateway of the Discord stand-in: hello, identify, heartbeats, dispatch, resume, over a compressed WebSocket."""

import asyncio
import json
import zlib
from collections.abc import Callable
from typing import Any

import zstandard
from aiohttp import WSMsgType, web

from tests.standins.discord_payloads import APPLICATION_ID, BOT, GUILD_ID

Json = Any
_HEARTBEAT_MS = 41250
#: Codes after which a client must begin a new session.
#: https://docs.discord.com/developers/topics/opcodes-and-status-codes
_SESSION_LOST = (4007, 4009)


class Session:
    """What outlives a connection: the events that were dispatched, so that a resume can repeat them."""

    def __init__(self, session_id: str) -> None:
        self.id = session_id
        self.events: list[Json] = []


class Gateway:
    """One bot's gateway. ``resumes`` and ``identifies`` count what clients asked for.

    ``silent``: it takes connections and frames, and says nothing, not even to heartbeats. ``close_next``: codes with
    which the next sessions are closed as soon as they begin, 0 leaves one open.
    """

    def __init__(self, *, token: str, guild: Callable[[], Json]) -> None:
        self.token = token
        self.url = ""  # set by the server when its port is known
        self.refuse_token = False
        self.refused = asyncio.Event()
        self.silent = False
        self.heartbeat_ms = _HEARTBEAT_MS
        self.close_next: list[int] = []
        self.down = False  # answers 503 in place of opening the WebSocket
        self.identifies: list[Json] = []
        self.resumes = 0
        self.heartbeats = 0
        self.connections = 0
        self._guild = guild
        self._sessions: dict[str, Session] = {}
        self._live: Session | None = None
        self._socket: web.WebSocketResponse | None = None
        self._pack: Callable[[str], bytes | str] = str
        self._ready = asyncio.Event()

    async def connected(self, timeout_s: float = 10) -> None:
        """Wait until a client has identified or resumed."""
        async with asyncio.timeout(timeout_s):
            await self._ready.wait()

    async def dispatch(self, event: str, data: Json) -> None:
        assert self._live is not None
        self._live.events.append({"op": 0, "t": event, "s": len(self._live.events) + 1, "d": data})
        if self._ready.is_set():
            await self._send(self._live.events[-1])

    async def drop(self, code: int = 4000) -> None:
        """Close the connection from this side; 4004 says that the token was refused."""
        self._ready.clear()
        if code in _SESSION_LOST:
            self.forget_sessions()
        if self._socket is not None:
            await self._socket.close(code=code)

    async def ask_reconnect(self) -> None:
        self._ready.clear()
        await self._send({"op": 7, "d": None})

    async def invalidate(self, *, resumable: bool) -> None:
        """Say "invalid session" in the middle of one."""
        self._ready.clear()
        if not resumable:
            self.forget_sessions()
        await self._send({"op": 9, "d": resumable})

    def forget_sessions(self) -> None:
        """The next resume is answered with "invalid session"."""
        self._sessions.clear()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        if self.down:
            self.refused.set()
            raise web.HTTPServiceUnavailable
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.connections += 1
        self._socket, self._pack = socket, _packer(request.query.get("compress", ""))
        if not self.silent:
            await self._send({"op": 10, "d": {"heartbeat_interval": self.heartbeat_ms}})
        try:
            async for frame in socket:
                if frame.type is WSMsgType.TEXT:
                    await self._receive(json.loads(frame.data))
        finally:
            if self._socket is socket:
                self._ready.clear()
        return socket

    async def _receive(self, frame: Json) -> None:
        if frame["op"] == 1:
            self.heartbeats += 1
        if self.silent:
            return
        if frame["op"] in (2, 6) and self.close_next and (code := self.close_next.pop(0)):
            await self.drop(code)
            return
        match frame["op"]:
            case 1:
                await self._send({"op": 11})
            case 2:
                await self._identify(frame["d"])
            case 6:
                await self._resume(frame["d"])

    async def _identify(self, data: Json) -> None:
        self.identifies.append(data)
        if self.refuse_token or data["token"] != self.token:
            await self.drop(4004)
            return
        self._live = Session(f"session-{len(self.identifies)}")
        self._sessions[self._live.id] = self._live
        self._ready.set()
        ready = {
            "v": 10, "user": BOT, "guilds": [{"id": GUILD_ID, "unavailable": True}], "session_id": self._live.id,
            "resume_gateway_url": self.url, "application": {"id": APPLICATION_ID, "flags": 0},
            **({"shard": data["shard"]} if "shard" in data else {}),
        }  # fmt: skip
        await self.dispatch("READY", ready)
        await self.dispatch("GUILD_CREATE", self._guild())

    async def _resume(self, data: Json) -> None:
        session = self._sessions.get(data["session_id"])
        if session is None or data["token"] != self.token:
            await self._send({"op": 9, "d": False})
            return
        self.resumes += 1
        self._live = session
        for event in session.events[data["seq"] :]:
            await self._send(event)
        self._ready.set()
        await self.dispatch("RESUMED", {})

    async def _send(self, frame: Json) -> None:
        assert self._socket is not None
        packed = self._pack(json.dumps(frame))
        if isinstance(packed, bytes):
            await self._socket.send_bytes(packed)
        else:
            await self._socket.send_str(packed)


def _packer(compression: str) -> Callable[[str], bytes | str]:
    """One stream for the whole connection, flushed after each message."""
    if compression == "zstd-stream":
        zstd = zstandard.ZstdCompressor().compressobj()
        return lambda text: zstd.compress(text.encode()) + zstd.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
    if compression == "zlib-stream":
        deflate = zlib.compressobj()
        return lambda text: deflate.compress(text.encode()) + deflate.flush(zlib.Z_SYNC_FLUSH)
    return str
