"""What Slack and browsers ask over HTTP: POST /slack/events, whose signature and age bolt checks, and, for OAuth, the
two pages that an installation goes through."""

import aiohttp
import structlog
from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.error import BoltError
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from bot.errors import StorageError

log = structlog.get_logger()

EVENTS, INSTALL, REDIRECT = "/slack/events", "/slack/install", "/slack/oauth_redirect"
#: Slack's requests are some kilobytes; anyone can post here, so more is not read.
MAX_BODY = 1024 * 1024


class HttpMode:
    """An ASGI application. ``app`` None: events come by Socket Mode. ``oauth`` None: one workspace, by its token."""

    def __init__(self, app: AsyncApp | None, oauth: AsyncOAuthFlow | None = None) -> None:
        self._app = app
        self._oauth = oauth

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            response = await self._routed(Request(scope, receive))
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    async def _routed(self, request: Request) -> Response:
        path = request.url.path
        if path == EVENTS and self._app is not None:
            return await self._event(self._app, request)
        if path in (INSTALL, REDIRECT) and self._oauth is not None:
            return await self._installation(self._oauth, request, path)
        return PlainTextResponse("not found", status_code=404)

    async def _event(self, app: AsyncApp, request: Request) -> Response:
        if request.method != "POST":
            return PlainTextResponse("POST only", status_code=405, headers={"Allow": "POST"})
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY:
                return PlainTextResponse("too large", status_code=413)
        try:
            asked = to_async_bolt_request(request, bytes(body))
        except (ValueError, TypeError, AttributeError):
            # Bolt parses before it verifies, so this is what anyone may have posted.
            return PlainTextResponse("cannot be read", status_code=400)
        return to_starlette_response(await app.async_dispatch(asked))

    async def _installation(self, oauth: AsyncOAuthFlow, request: Request, path: str) -> Response:
        if request.method != "GET":
            return PlainTextResponse("GET only", status_code=405, headers={"Allow": "GET"})
        asked = to_async_bolt_request(request, b"")
        try:
            if path == INSTALL:
                answer = to_starlette_response(await oauth.handle_installation(asked))
            else:
                answer = to_starlette_response(await oauth.handle_callback(asked))
        except (StorageError, BoltError) as exc:
            log.warning("slack_installation_failed", error=str(exc))
            return PlainTextResponse("Tipoff cannot do that just now. Please try again.", status_code=503)
        except (aiohttp.ClientError, TimeoutError, OSError) as exc:
            log.warning("slack_installation_failed", error=type(exc).__name__)
            return PlainTextResponse("Tipoff cannot do that just now. Please try again.", status_code=503)
        if path == REDIRECT and answer.status_code >= 400:
            log.warning("slack_installation_refused", status=answer.status_code)
        # The addresses carry OAuth's state and code: they go nowhere else, and into no cache.
        answer.headers.update({"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"})
        return answer
