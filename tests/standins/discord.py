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

from aiohttp import BodyPartReader, web

from tests.standins import discord_payloads as payloads
from tests.standins.discord_gateway import Gateway
from tests.standins.discord_interactions import File, Interactions
from tests.standins.discord_limits import Budget, Invalid, Refused, Requests, check_limits
from tests.standins.discord_payloads import Channel, Json
from tests.standins.discord_people import People
from tests.standins.discord_threads import Threads
from tests.standins.openapi import DISCORD_TRIMMED, DISCORD_UNDESCRIBED, RequestChecker

TOKEN = "stand-in.bot.token"
NONCE_WINDOW_S = 180.0
_MESSAGES = re.compile(r"/channels/(\d+)/messages")
_PING = re.compile(r"@everyone|@here|<@[!&]?\d+>")


@dataclass(kw_only=True)
class Fault:
    """What happens to the next ``times`` requests that match. ``accept``: the request is carried out all the same,
    ``late_s`` seconds later."""

    method: str
    path: re.Pattern[str]
    status: int = 0
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    accept: bool = False
    late_s: float = 0.0
    cut: bool = False
    hang: bool = False
    times: int = 1


class DiscordServer(People):
    """See the module. Channels come into being with ``add_channel``; one server, one bot."""

    def __init__(self) -> None:
        self.url = ""
        self.token = TOKEN
        self.violations: list[str] = []
        self.pings: list[str] = []
        self.called: list[str] = []  # roles that were called on purpose
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
        self.threads = Threads(self._channels, self._create)
        self.closed_to: set[str] = set()  # people who take no direct messages
        self._answered: set[tuple[str, str]] = set()
        self._changed = asyncio.Condition()
        self._commands_known = asyncio.Event()
        self._closing = asyncio.Event()

    # -- what tests use

    def add_channel(
        self, channel_id: str | int, *, direct: bool = False, denied: set[str] | None = None, **more: Any
    ) -> Channel:
        """``more``: further fields of ``Channel``."""
        channel = Channel(id=str(channel_id), direct=direct, denied=denied or set(), **more)
        self._channels[channel.id] = channel
        return channel

    def channel(self, channel_id: str | int) -> Channel:
        return self._channels[str(channel_id)]

    async def join(self) -> None:
        """The bot is added to the server."""
        await self.gateway.dispatch("GUILD_CREATE", payloads.guild(list(self._channels.values())))

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
        accept: bool = False, late_s: float = 0.0, cut: bool = False, hang: bool = False, times: int = 1,
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
                late_s=late_s, cut=cut, hang=hang, times=times,
            )
        )  # fmt: skip

    def posts_in(self, forum_id: str | int) -> list[Json]:
        """The messages of all posts of a forum."""
        posts = [each for each in self._channels.values() if each.parent == str(forum_id)]
        return [message for post in posts for message in post.messages]

    def posts(self, channel_id: str | int, *, what: str = "messages") -> int:
        """How many times a message (or, with "threads", a post) was handed in for this channel, whatever became of
        it."""
        return sum(
            1
            for method, path, _ in self.requests
            if (method, path) == ("POST", f"/channels/{channel_id}/{what}")
        )

    async def requested(self, method: str, path: str, *, timeout_s: float = 10) -> None:
        """Wait until such a request was made and answered."""
        async with asyncio.timeout(timeout_s), self._changed:
            await self._changed.wait_for(lambda: (method, path) in self._answered)

    async def acknowledged(self, *, timeout_s: float = 10) -> None:
        """Wait until every interaction so far, and at least one, was acknowledged."""
        async with asyncio.timeout(timeout_s), self._changed:
            await self._changed.wait_for(self._interactions.all_acknowledged)

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
        body, files = await _read(request)
        query = dict(request.query)
        self.requests.append((request.method, path, body))
        wrong = self._checker.check(
            request.method, path, query=query, body=body,
            content_type="application/json" if files else request.content_type,
        )  # fmt: skip
        self.violations += wrong
        fault = self._fault(request.method, path)
        if fault is not None and fault.late_s:
            loop = asyncio.get_running_loop()
            loop.call_later(fault.late_s, self._route, request.method, path, query, body, files)
        if fault is not None and (fault.late_s or not fault.accept):
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
            result = self._route(request.method, path, query, body, files)
        except Refused as refused:
            if refused.retry_after is not None:
                return _slow_down(refused.retry_after, headers, scope="shared")
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

    def _route(self, method: str, path: str, query: dict[str, str], body: Json, files: list[File]) -> Json:
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
            (r"POST /webhooks/\d+/([^/]+)", lambda token: self._interactions.followup(token, body, files)),
            (
                r"PATCH /webhooks/\d+/([^/]+)/messages/@original",
                lambda token: self._interactions.edit(token, body, files),
            ),
            (r"POST /users/@me/channels", lambda: self._direct(body["recipient_id"])),
            (r"GET /channels/(\d+)/messages/(\d+)", self._message),
            (
                r"POST /channels/(\d+)/messages/(\d+)/threads",
                lambda channel, message: self.threads.under_message(self._channel(channel), message, body),
            ),
            (
                r"POST /channels/(\d+)/messages/(\d+)/crosspost",
                lambda channel, message: self.threads.publish(self._channel(channel), message),
            ),
            (
                r"POST /channels/(\d+)/threads",
                lambda channel: self.threads.post(self._channel(channel), body, self._ids()),
            ),
            (
                r"GET /channels/(\d+)/threads/archived/public",
                lambda channel: self.threads.archived(self._channel(channel)),
            ),
            (r"GET /guilds/\d+/threads/active", self.threads.active),
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

    def _message(self, channel_id: str, message_id: str) -> Json:
        for row in self._channel(channel_id).messages:
            if row["id"] == message_id:
                return row
        raise Refused(404, 10008, "Unknown Message")

    def _direct(self, user_id: str) -> Json:
        """The direct messages with a person; 66 is everybody's here."""
        if "66" not in self._channels:
            self.add_channel(66, direct=True)
        return {**self._channels["66"].payload(), "recipients": [payloads.user(user_id)]}

    def _create(self, channel_id: str, body: Json) -> Json:
        channel = self._channel(channel_id)
        if channel.direct and self.closed_to:
            raise Refused(403, 50007, "Cannot send messages to this user")
        if channel.kind == "forum":
            raise Refused(400, 50024, "Cannot execute action on this channel type")
        if channel.locked:
            raise Refused(400, 160005, "Thread is locked")
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
        """What could have called somebody, but for a role that was named on purpose."""
        allowed = body.get("allowed_mentions")
        found = _PING.findall(body.get("content") or "")
        if allowed is None or allowed.get("parse") != [] or allowed.get("users"):
            self.pings += found
        else:
            roles = [f"<@&{role}>" for role in allowed.get("roles") or []]
            self.called += [each for each in found if each in roles]

    def close(self) -> None:
        self._closing.set()


async def _read(request: web.Request) -> tuple[Json, list[File]]:
    """The JSON of a request, with the files that came along."""
    if request.content_type != "multipart/form-data":
        raw = await request.read()
        return (json.loads(raw) if raw else None), []
    body, files = None, []
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader)
        data = bytes(await part.read(decode=True))
        if part.name == "payload_json":
            body = json.loads(data)
        else:
            mime = part.headers.get("Content-Type", "")
            files.append(File(name=part.filename or "", mime=mime, data=data))
    return body, files


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
