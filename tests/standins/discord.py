"""A stand-in for Discord on loopback: REST v10 and the gateway, strict about what it is sent.

Every REST request is checked against Discord's published description; ``violations`` holds what was wrong with
them. It refuses what Discord refuses (limits, permissions, late interactions) and keeps nonces as Discord does.
"""

import asyncio
import json
import math
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.standins import discord_payloads as payloads
from tests.standins.discord_gateway import Gateway
from tests.standins.discord_interactions import Answer, Interactions
from tests.standins.discord_limits import Budget, Invalid, Refused, Requests, check_limits
from tests.standins.discord_payloads import BITS, Channel, Json
from tests.standins.openapi import DISCORD_TRIMMED, DISCORD_UNDESCRIBED, RequestChecker

TOKEN = "stand-in.bot.token"
NONCE_WINDOW_S = 180.0
_MESSAGES = re.compile(r"/channels/(\d+)/messages")
_PING = re.compile(r"@everyone|@here|<@[!&]?\d+>")


@dataclass(kw_only=True)
class Fault:
    """What happens to the next ``times`` requests that match. ``accept``: the request is carried out all the same."""

    method: str
    path: re.Pattern[str]
    status: int = 0
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    accept: bool = False
    cut: bool = False
    hang: bool = False
    times: int = 1


class DiscordServer:
    """See the module. Channels come into being with ``add_channel``; one server, one bot."""

    def __init__(self) -> None:
        self.url = ""
        self.token = TOKEN
        self.violations: list[str] = []
        self.pings: list[str] = []
        self.requests: list[tuple[str, str, Json]] = []
        self.registered_commands: list[Json] = []
        self.bot_permissions = payloads.BOT_PERMISSIONS
        self.budget = Budget()
        self.all_requests = Requests()
        self.invalid = Invalid()
        self.latency_s = 0.0
        self.slowed_down = 0  # how many messages came faster than the budget allows
        self.nonce_window_s = NONCE_WINDOW_S
        self.gateway = Gateway(token=TOKEN, guild=lambda: payloads.guild(list(self._channels.values())))
        self._checker = RequestChecker.load(DISCORD_TRIMMED, undescribed=DISCORD_UNDESCRIBED)
        self._channels: dict[str, Channel] = {}
        self._faults: list[Fault] = []
        self._ids = payloads.Ids()
        self._interactions = Interactions(self._ids)
        self._answered: set[tuple[str, str]] = set()
        self._changed = asyncio.Condition()
        self._commands_known = asyncio.Event()
        self._closing = asyncio.Event()

    # -- what tests use

    def add_channel(
        self, channel_id: str | int, *, direct: bool = False, denied: set[str] | None = None
    ) -> Channel:
        channel = Channel(id=str(channel_id), direct=direct, denied=denied or set())
        self._channels[channel.id] = channel
        return channel

    def messages(self, channel_id: str | int) -> list[Json]:
        """What stands in a channel, oldest first, as its readers see it."""
        return list(self._channels[str(channel_id)].messages)

    def chat(self, channel_id: str | int, text: str, *, user_id: str = "7") -> None:
        """Somebody else says something."""
        channel = self._channels[str(channel_id)]
        author = payloads.user(user_id)
        said = payloads.message(
            {"content": text}, message_id=self._ids(), channel_id=channel.id, author=author
        )
        channel.messages.append(said)

    def fail(
        self, *, method: str = "POST", path: str = r"/channels/\d+/messages", status: int = 0, code: int = 0,
        retry_after: float | None = None, is_global: bool = False, scope: str = "user", from_api: bool = True,
        accept: bool = False, cut: bool = False, hang: bool = False, times: int = 1,
    ) -> None:  # fmt: skip
        """Spoil requests to come. ``from_api``: the answer is Discord's own, not a proxy's in front of it."""
        headers = {"Via": "1.1 google"} if from_api else {}
        body: Json = {"message": f"fault {status}", "code": code} if from_api else "<html>refused</html>"
        if retry_after is not None:
            headers |= {"Retry-After": f"{retry_after:g}"}
            if from_api:
                headers["X-RateLimit-Scope"] = "global" if is_global else scope
                body = {
                    "message": "You are being rate limited.",
                    "retry_after": retry_after,
                    "global": is_global,
                }
        self._faults.append(
            Fault(
                method=method, path=re.compile(path), status=status, body=body, headers=headers, accept=accept,
                cut=cut, hang=hang, times=times,
            )
        )  # fmt: skip

    def posts(self, channel_id: str | int) -> int:
        """How many times a message was handed in for this channel, whatever became of it."""
        return sum(
            1
            for method, path, _ in self.requests
            if (method, path) == ("POST", f"/channels/{channel_id}/messages")
        )

    async def requested(self, method: str, path: str, *, timeout_s: float = 10) -> None:
        """Wait until such a request was made and answered."""
        async with asyncio.timeout(timeout_s), self._changed:
            await self._changed.wait_for(lambda: (method, path) in self._answered)

    async def acknowledged(self, *, timeout_s: float = 10) -> None:
        """Wait until every interaction so far, and at least one, was acknowledged."""
        async with asyncio.timeout(timeout_s), self._changed:
            await self._changed.wait_for(self._interactions.all_acknowledged)

    async def slash(
        self, command: str, options: dict[str, str] | None = None, *, channel_id: str | int,
        permissions: tuple[str, ...] = ("manage_channels",), user_id: str = "7", timeout_s: float = 10,
    ) -> Answer:  # fmt: skip
        """A person uses a command; gives what that person is shown. ``permissions`` are the person's in the channel."""
        spec = await self._registered(command, timeout_s)
        known = {option["name"]: option for option in spec.get("options", [])}
        for name, value in (options or {}).items():
            assert name in known, f"/{command} offers no option {name}"
            closed = [choice["value"] for choice in known[name].get("choices") or []]
            assert not closed or value in closed, f"Discord lets nobody choose {value} for {name}"
        missing = [
            name for name, option in known.items() if option.get("required") and name not in (options or {})
        ]
        assert not missing, f"Discord lets nobody send /{command} without {missing}"
        given = [{"name": name, "type": 3, "value": value} for name, value in (options or {}).items()]
        data = {"id": spec["id"], "name": command, "type": 1, "options": given}
        return await self._interact(data, 2, str(channel_id), permissions, user_id, timeout_s)

    async def autocomplete(
        self, command: str, option: str, typed: str, *, channel_id: str | int, timeout_s: float = 10
    ) -> list[Json]:
        """A person types into an option; gives the suggestions that are shown."""
        spec = await self._registered(command, timeout_s)
        assert any(row["name"] == option and row.get("autocomplete") for row in spec["options"])
        given = [{"name": option, "type": 3, "value": typed, "focused": True}]
        data = {"id": spec["id"], "name": command, "type": 1, "options": given}
        return (await self._interact(data, 4, str(channel_id), (), "7", timeout_s)).choices

    async def _registered(self, command: str, timeout_s: float) -> Json:
        async with asyncio.timeout(timeout_s):
            await self._commands_known.wait()
        return next(spec for spec in self.registered_commands if spec["name"] == command)

    async def _interact(
        self,
        data: Json,
        kind: int,
        channel_id: str,
        permissions: tuple[str, ...],
        user_id: str,
        timeout_s: float,
    ) -> Answer:
        await self.gateway.connected(timeout_s)
        channel = self._channels[channel_id]
        asked = self._interactions.begin(channel)
        event = payloads.interaction(
            data, kind=kind, interaction_id=asked.id, token=asked.token, channel=channel, user_id=user_id,
            permissions=sum(BITS[name] for name in permissions),
        )  # fmt: skip
        await self.gateway.dispatch("INTERACTION_CREATE", event)
        async with asyncio.timeout(timeout_s):
            await asked.done.wait()
        return asked.answer

    # -- REST

    async def handle(self, request: web.Request) -> web.StreamResponse:
        path = request.path.removeprefix("/api/v10")
        if self.latency_s:
            await asyncio.sleep(self.latency_s / 2)
        try:
            answer = await self._handle(request, path)
            self.invalid.note(answer.status, answer.headers.get("X-RateLimit-Scope", ""))
            if self.latency_s:
                await asyncio.sleep(self.latency_s / 2)
            return answer
        finally:
            async with self._changed:
                self._answered.add((request.method, path))
                self._changed.notify_all()

    async def _handle(self, request: web.Request, path: str) -> web.StreamResponse:
        raw = await request.read()
        body = json.loads(raw) if raw else None
        query = dict(request.query)
        self.requests.append((request.method, path, body))
        wrong = self._checker.check(
            request.method, path, query=query, body=body, content_type=request.content_type
        )
        self.violations += wrong
        fault = self._fault(request.method, path)
        if fault is not None and not fault.accept:
            return await self._spoil(request, fault)
        headers: dict[str, str] = {}
        if self.invalid.count >= self.invalid.limit:
            return web.Response(status=429, text="<html>banned</html>", headers={"Retry-After": "600"})
        exempt = "/interactions/" in path or "/webhooks/" in path
        if not exempt and (wait := self.all_requests.take()):
            return _slow_down(wait, {}, scope="global")
        if request.method == "POST" and (match := _MESSAGES.fullmatch(path)):
            wait, headers = self.budget.take(match[1])
            if wait:
                self.slowed_down += 1
                return _slow_down(wait, headers, scope="user")
        try:
            if wrong:
                raise Refused(400, 50035, wrong[0])
            if not exempt:
                self._authorize(request)
            result = self._route(request.method, path, query, body)
        except Refused as refused:
            body = {"message": refused.text or "refused", "code": refused.code}
            return _answer(refused.status, body, headers)
        if fault is not None:
            return await self._spoil(request, fault)
        return web.Response(status=204) if result is None else _answer(200, result, headers)

    def _fault(self, method: str, path: str) -> Fault | None:
        for fault in self._faults:
            if fault.times > 0 and fault.method == method and fault.path.fullmatch(path):
                fault.times -= 1
                return fault
        return None

    async def _spoil(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        if fault.hang:
            await self._closing.wait()
        if (fault.cut or fault.hang) and request.transport is not None:
            request.transport.abort()
            return web.Response()
        if isinstance(fault.body, str):
            return web.Response(status=fault.status, headers=fault.headers, text=fault.body)
        return _answer(fault.status, fault.body, fault.headers)

    def _authorize(self, request: web.Request) -> None:
        if request.headers.get("Authorization") != f"Bot {self.token}":
            raise Refused(401, 0, "401: Unauthorized")

    def _route(self, method: str, path: str, query: dict[str, str], body: Json) -> Json:
        routes: list[tuple[str, Callable[..., Json]]] = [
            (r"GET /users/@me", lambda: payloads.BOT),
            (r"GET /users/@me/guilds", self._guilds),
            (r"GET /oauth2/applications/@me", lambda: payloads.APPLICATION),
            (r"GET /gateway/bot", self._gateway_bot),
            (r"PUT /applications/\d+/commands", lambda: self._register(body)),
            (r"GET /channels/(\d+)", lambda channel_id: self._channel(channel_id).payload()),
            (r"GET /channels/(\d+)/messages", lambda channel_id: self._history(channel_id, query)),
            (r"POST /channels/(\d+)/messages", lambda channel_id: self._create(channel_id, body)),
            (
                r"POST /interactions/(\d+)/([^/]+)/callback",
                lambda _, token: self._interactions.callback(token, body, query),
            ),
            (r"POST /webhooks/\d+/([^/]+)", lambda token: self._interactions.followup(token, body)),
            (
                r"PATCH /webhooks/\d+/([^/]+)/messages/@original",
                lambda token: self._interactions.edit(token, body),
            ),
            (r"DELETE /webhooks/\d+/([^/]+)/messages/@original", self._interactions.delete),
        ]
        for pattern, act in routes:
            if match := re.fullmatch(pattern, f"{method} {path}"):
                return act(*match.groups())
        raise Refused(404, 0, "404: Not Found")

    def _guilds(self) -> Json:
        return [{"id": payloads.GUILD_ID, "name": "Test server", "permissions": str(self.bot_permissions)}]

    def _gateway_bot(self) -> Json:
        limit = {"total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": 1}
        return {"url": self.gateway.url, "shards": 1, "session_start_limit": limit}

    def _register(self, body: Json) -> Json:
        frame = {
            "application_id": payloads.APPLICATION_ID,
            "version": "1",
            "default_member_permissions": None,
        }
        made = [{"type": 1, **spec, "id": self._ids(), **frame} for spec in body]
        self.registered_commands = made
        self._commands_known.set()
        return made

    def _channel(self, channel_id: str) -> Channel:
        channel = self._channels.get(channel_id)
        if channel is None or channel.gone:
            raise Refused(404, 10003, "Unknown Channel")
        if "view_channel" in channel.denied:
            raise Refused(403, 50001, "Missing Access")
        return channel

    def _history(self, channel_id: str, query: dict[str, str]) -> Json:
        channel = self._channel(channel_id)
        if "read_message_history" in channel.denied:
            return []
        newer = [row for row in channel.messages if int(row["id"]) > int(query.get("after", "0"))]
        return list(reversed(newer[: int(query.get("limit", "50"))]))

    def _create(self, channel_id: str, body: Json) -> Json:
        channel = self._channel(channel_id)
        if "send_messages" in channel.denied or ("embed_links" in channel.denied and body.get("embeds")):
            raise Refused(403, 50013, "Missing Permissions")
        check_limits(body)
        nonce = str(body.get("nonce") or "")
        if nonce and body.get("enforce_nonce") and nonce in channel.nonces:
            kept_at, first = channel.nonces[nonce]
            if time.monotonic() - kept_at < self.nonce_window_s:
                return first
        self._note_pings(body)
        reference = body.get("message_reference")
        if reference and all(row["id"] != reference["message_id"] for row in channel.messages):
            if reference.get("fail_if_not_exists", True):
                raise Refused(400, 50035, "Unknown message")
            body = {**body, "message_reference": None}
        made = payloads.message(body, message_id=self._ids(), channel_id=channel.id, author=payloads.BOT)
        channel.messages.append(made)
        channel.nonces[nonce] = (time.monotonic(), {**made, "nonce": nonce})
        return {**made, "nonce": nonce}

    def _note_pings(self, body: Json) -> None:
        allowed = body.get("allowed_mentions")
        if allowed is None or allowed.get("parse") != [] or allowed.get("users") or allowed.get("roles"):
            self.pings += _PING.findall(body.get("content") or "")

    def close(self) -> None:
        self._closing.set()


def _answer(status: int, body: Json, headers: dict[str, str] | None = None) -> web.Response:
    # discord.py reads JSON only when the content type is exactly this, without a charset.
    given = {"Content-Type": "application/json", **(headers or {})}
    return web.Response(status=status, body=json.dumps(body).encode(), headers=given)


def _slow_down(wait_s: float, headers: dict[str, str], *, scope: str) -> web.Response:
    body = {"message": "You are being rate limited.", "retry_after": wait_s, "global": scope == "global"}
    said = {"Retry-After": f"{math.ceil(wait_s)}", "X-RateLimit-Scope": scope, "Via": "1.1 google"}
    if scope == "global":
        said["X-RateLimit-Global"] = "true"
    return _answer(429, body, {**headers, **said})


@asynccontextmanager
async def open_discord_server(*, port: int = 0) -> AsyncIterator[DiscordServer]:
    """Serve on loopback. ``server.url`` is the value for DISCORD_API_URL.

    On leaving, a request that broke the description, or a text that could have pinged somebody, fails the test.
    """
    server = DiscordServer()
    app = web.Application()
    app.router.add_get("/gateway/", server.gateway.serve)
    app.router.add_route("*", "/api/v10/{rest:.*}", server.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    bound = runner.addresses[0][1]
    server.url = f"http://127.0.0.1:{bound}/api/v10"
    server.gateway.url = f"ws://127.0.0.1:{bound}/gateway/"
    try:
        yield server
    finally:
        server.close()
        await server.gateway.drop(1001)
        await runner.cleanup()
    assert server.violations == []
    assert server.pings == []
