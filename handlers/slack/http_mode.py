"""HTTP mode: an ASGI application for POST /slack/events. Bolt checks the signature and its age."""

from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response
from slack_bolt.async_app import AsyncApp
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

#: Slack's requests are some kilobytes; anyone can post here, so more is not read.
MAX_BODY = 1024 * 1024


class HttpMode:
    def __init__(self, app: AsyncApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            response = await self._answer(Request(scope, receive))
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
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
        return to_starlette_response(await self._app.async_dispatch(asked))
