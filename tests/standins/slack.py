"""A stand-in for Slack on loopback: Web API, response addresses, Socket Mode, and signed HTTP requests.

Every call is checked against Slack's description; what is wrong with one is kept in ``faults`` and answered like
Slack would. ``open_slack_standin`` fails at the end when a fault was not expected.
"""

import asyncio
import contextlib
import hashlib
import hmac
import io
import json
import socket as sockets
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import WSMsgType, web

from tests.standins.slack_limits import SlackLimits
from tests.standins.slack_people import SlackPeople
from tests.standins.slack_spec import ApiSpec, message_faults
from tests.standins.slack_workspace import SIGNING_SECRET, TEAM, SlackWorkspace

ALL_SCOPES = (
    "commands,chat:write,channels:read,groups:read,channels:history,groups:history,im:history,users:read,"
    "im:write,files:write"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What to do to the next calls of a method.

    ``cut``: close the connection without an answer, after (``accept``) or before the call took effect.
    ``late_s``: a call that took effect all the same did so this much later, whoever still waits.
    ``hang``: never answer. ``error``: Slack's own word, with status 200. ``status``: a bare HTTP status.
    """

    error: str = ""
    status: int = 200
    retry_after: str = ""
    cut: bool = False
    hang: bool = False
    accept: bool = False
    late_s: float = 0.0
    body: str | None = None
    content_type: str = "text/html"
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    method: str
    arguments: dict[str, Any]


class SlackStandin(SlackWorkspace, SlackPeople):
    """Use ``open_slack_standin``. Public attributes are for tests to read and set."""

    def __init__(self) -> None:
        super().__init__()
        self.url = ""  # the Web API's base
        self.calls: list[Call] = []
        self.ack_seconds: list[float] = []
        self.scopes: str | None = ALL_SCOPES
        self.sockets: list[web.WebSocketResponse] = []  # oldest first
        self.refuse_sockets = 0  # how many next WebSocket requests fail
        self.mute_sockets = 0  # how many next connections never answer a ping
        self.connections = 0  # Socket Mode connections since the start
        self.responses: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.refuse_responses: list[int] = []  # statuses for the next posts to a response address
        self.limits: SlackLimits | None = None  # none unless a test asks for them
        self._spec = ApiSpec()
        self._queued: dict[str, list[Fault]] = defaultdict(list)
        self._envelopes = 0
        self._acks: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._answered: dict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._connected = asyncio.Event()
        self._called = asyncio.Event()
        self._acknowledged = asyncio.Event()
        self._never = asyncio.Event()

    # What tests say and ask.

    def fail(self, method: str, *faults: Fault, channel: str = "") -> None:
        """Treat the next calls of the method (for the channel) so, one after another."""
        self._queued[f"{method} {channel}".strip()] += faults

    def count(self, method: str) -> int:
        return sum(1 for call in self.calls if call.method == method)

    async def called(self, *, timeout_s: float = 10) -> None:
        """Wait until anything was asked."""
        async with asyncio.timeout(timeout_s):
            await self._called.wait()

    async def acknowledged(self, *, timeout_s: float = 10) -> None:
        """Wait until an envelope was acknowledged."""
        async with asyncio.timeout(timeout_s):
            await self._acknowledged.wait()

    async def connected(self, *, timeout_s: float = 10) -> None:
        """Wait until a Socket Mode connection is open."""
        async with asyncio.timeout(timeout_s):
            await self._connected.wait()

    async def slash(
        self,
        command: str,
        text: str = "",
        *,
        channel_id: str = "C1",
        user_id: str = "U1",
        team_id: str = TEAM,
        timeout_s: float = 10,
    ) -> dict[str, Any]:
        """Type a command over Socket Mode; the first body that comes to its response address."""
        payload, key = self._command(command, text, channel_id, user_id, team_id)
        await self.envelope("slash_commands", payload, timeout_s=timeout_s)
        return await self._answer(key, timeout_s)

    async def typed(self, command: str, text: str, *, channel_id: str = "C1", user_id: str = "U1") -> None:
        """Type a command over Socket Mode of which no message is expected: it opens a form."""
        payload, _ = self._command(command, text, channel_id, user_id, TEAM)
        await self.envelope("slash_commands", payload)

    async def envelope(self, kind: str, payload: dict[str, Any], *, timeout_s: float = 10) -> dict[str, Any]:
        """Send an envelope on the newest connection and wait for its acknowledgement."""
        await self.connected(timeout_s=timeout_s)
        self._envelopes += 1
        envelope = f"envelope-{self._envelopes}"
        ack = self._acks[envelope] = asyncio.get_running_loop().create_future()
        started = time.monotonic()
        await self.sockets[-1].send_json(
            {
                "envelope_id": envelope,
                "type": kind,
                "accepts_response_payload": kind != "events_api",
                "payload": payload,
            }
        )
        async with asyncio.timeout(timeout_s):
            answer = await ack
        self.ack_seconds.append(time.monotonic() - started)
        self._acknowledged.set()
        return answer

    async def slash_http(
        self, events_url: str, command: str, text: str = "", *, channel_id: str = "C1", user_id: str = "U1",
        secret: str = SIGNING_SECRET, age_s: float = 0, timeout_s: float = 10,
    ) -> tuple[int, dict[str, Any] | None]:  # fmt: skip
        """Post a signed command to the program; the status, and the reply when the status is 200."""
        payload, key = self._command(command, text, channel_id, user_id, TEAM)
        status, _ = await self.post_signed(events_url, urlencode(payload), secret=secret, age_s=age_s)
        return status, await self._answer(key, timeout_s) if status == 200 else None

    @staticmethod
    async def post_signed(
        events_url: str, body: str, *, secret: str = SIGNING_SECRET, age_s: float = 0,
        content_type: str = "application/x-www-form-urlencoded",
    ) -> tuple[int, str]:  # fmt: skip
        stamp = str(int(time.time() - age_s))
        signature = hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": content_type,
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": f"v0={signature}",
        }
        async with (
            aiohttp.ClientSession() as session,
            session.post(events_url, data=io.BytesIO(body.encode()), headers=headers) as answer,
        ):
            return answer.status, await answer.text()

    async def refresh(self, reason: str = "refresh_requested") -> None:
        """Ask every connection to be made anew, as Slack does every few hours; or say that they end for another reason:
        ``warning``, ``link_disabled``."""
        self._connected.clear()
        for socket in list(self.sockets):
            with contextlib.suppress(ConnectionError):  # one that closes just now
                await socket.send_json({"type": "disconnect", "reason": reason})

    def answer_what_hangs(self) -> None:
        """End the calls that were never to be answered."""
        self._never.set()

    async def drop_sockets(self) -> None:
        self._connected.clear()
        for socket in list(self.sockets):
            await socket.close()

    def _command(
        self, command: str, text: str, channel_id: str, user_id: str, team_id: str
    ) -> tuple[dict[str, Any], str]:
        key = self.new_key(channel_id)
        payload = {
            "command": command,
            "text": text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"),
            "team_id": team_id,
            "team_domain": "tipoff",
            "channel_id": channel_id,
            "channel_name": "directmessage" if channel_id.startswith("D") else "news",
            "user_id": user_id,
            "user_name": "someone",
            "api_app_id": "A0TIPOFF",
            "trigger_id": self.new_trigger(),
            "response_url": f"{self.origin}/commands/{TEAM}/{key}",
        }
        return payload, key

    def new_key(self, channel_id: str) -> str:
        """The end of a response address."""
        self._envelopes += 1
        return f"{channel_id}-{self._envelopes}"

    async def _answer(self, key: str, timeout_s: float) -> dict[str, Any]:
        async with asyncio.timeout(timeout_s):
            await self._answered[key].wait()
        return self.responses[key][0]

    # What the program sees.

    def routes(self, origin: str) -> web.Application:
        self.origin, self.url = origin, f"{origin}/api/"
        app = web.Application()
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_post("/commands/{team}/{key}", self._response)
        app.router.add_post("/upload/{file}", self._upload)
        app.router.add_get("/link", self._socket)
        return app

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        arguments = await _arguments(request)
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        token = str(arguments.get("token") or bearer)
        self.calls.append(Call(method=method, arguments=arguments))
        self._called.set()
        wrong = self._spec.faults(method, arguments, has_token=bool(token))
        self.faults += wrong
        if wrong:
            return web.json_response({"ok": False, "error": "invalid_arguments"})
        if self.limits is not None and (wait_s := self.limits.take(method, str(arguments.get("channel")))):
            body = {"ok": False, "error": "ratelimited"}
            return web.json_response(body, status=429, headers={"Retry-After": str(wait_s)})
        queued = self._queued[f"{method} {arguments.get('channel')}"] or self._queued[method]
        fault = queued.pop(0) if queued else None
        if fault is not None and not fault.accept:
            return await self._faulty(request, fault)
        if fault is not None and fault.late_s:
            asyncio.get_running_loop().call_later(fault.late_s, self.perform, method, arguments, token)
            return await self._faulty(request, fault)
        answer = self.perform(method, arguments, token)
        if fault is not None:
            return await self._faulty(request, fault)
        headers = {"x-oauth-scopes": self.scopes} if self.scopes is not None else {}
        return web.json_response(answer, headers=headers)

    async def _faulty(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        if fault.hang:
            await self._never.wait()
        if fault.cut:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        headers = {"Retry-After": fault.retry_after} if fault.retry_after else {}
        if fault.body is not None or (not fault.error and not fault.extra):
            return web.Response(
                status=fault.status, text=fault.body or "", content_type=fault.content_type, headers=headers
            )
        body = {"ok": not fault.error, **({"error": fault.error} if fault.error else {}), **fault.extra}
        return web.json_response(body, status=fault.status, headers=headers)

    async def _response(self, request: web.Request) -> web.Response:
        body = json.loads(await request.text())
        key = request.match_info["key"]
        self.calls.append(Call(method="response_url", arguments=body))
        wrong = message_faults(body)
        if not body.get("replace_original") and body.get("response_type") not in ("ephemeral", "in_channel"):
            wrong.append(f"response_type {body.get('response_type')!r}")
        self.faults += wrong
        if self.refuse_responses:
            return web.Response(status=self.refuse_responses.pop(0), text="invalid_blocks")
        if wrong or len(self.responses[key]) >= 5:
            return web.Response(status=400, text="invalid_blocks" if wrong else "expired_url")
        self.responses[key].append(body)
        self._answered[key].set()
        return web.Response(text="ok")

    async def _upload(self, request: web.Request) -> web.Response:
        whole = self.upload(request.match_info["file"], await request.read())
        return web.Response(status=200 if whole else 400, text="OK")

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        if self.refuse_sockets:
            self.refuse_sockets -= 1
            return web.Response(status=408)
        socket = web.WebSocketResponse(autoping=self.mute_sockets <= 0)
        self.mute_sockets -= 1
        await socket.prepare(request)
        self.sockets.append(socket)
        self.connections += 1
        await socket.send_json({"type": "hello", "num_connections": len(self.sockets)})
        self._connected.set()
        try:
            async for frame in socket:
                if frame.type is WSMsgType.TEXT:
                    answer = json.loads(frame.data)
                    waiting = self._acks.pop(str(answer.get("envelope_id")), None)
                    if waiting is None:
                        self.faults.append(f"acknowledged twice or out of nothing: {answer}")
                    elif not waiting.done():
                        waiting.set_result(answer)
        finally:
            self.sockets.remove(socket)
            if not self.sockets:
                self._connected.clear()
        return socket


async def _arguments(request: web.Request) -> dict[str, Any]:
    """Arguments from the query and the body, as Slack merges them."""
    arguments: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        arguments |= await request.json()
    elif request.can_read_body:
        arguments |= dict(await request.post())
    return arguments


@asynccontextmanager
async def open_slack_standin(*, expect_faults: bool = False) -> AsyncIterator[SlackStandin]:
    """Serve on a free loopback port. Asserts at the end that no call broke Slack's rules."""
    standin = SlackStandin()
    # Bound first: the stand-in hands out addresses with its port.
    bound = sockets.create_server(("127.0.0.1", 0))
    runner = web.AppRunner(
        standin.routes(f"http://127.0.0.1:{bound.getsockname()[1]}"), shutdown_timeout=0.2, access_log=None
    )
    await runner.setup()
    await web.SockSite(runner, bound).start()
    try:
        yield standin
    finally:
        standin.answer_what_hangs()
        for open_socket in list(standin.sockets):
            await open_socket.close()
        await runner.cleanup()
        bound.close()
    if not expect_faults:
        assert not standin.faults, standin.faults
