"""The address that hubs call: ``/websub/<token>``. Thin; ``bot.flow.websub_inbox`` decides."""

import asyncio
from http import HTTPStatus

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.errors import StorageError
from bot.flow.websub_inbox import MAX_BYTES, HubInbox, Sent

#: A document must have arrived after this long; this many arrive at once, so that their bytes have a bound.
_BODY_S, _AT_ONCE = 20.0, 4
#: The challenge is the caller's text: no browser may take it for a page.
_HEADERS = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'"}
_WAIT = {"Retry-After": "60"}


def websub_route(inbox: HubInbox) -> Route:
    """GET verifies what was asked of a hub, POST brings a document."""
    slots = asyncio.Semaphore(_AT_ONCE)

    async def confirm(request: Request) -> Response:
        answer = await inbox.confirm(request.path_params["token"], request.query_params)
        if answer is None:
            return _empty(HTTPStatus.NOT_FOUND)
        return PlainTextResponse(answer, headers=_HEADERS)

    async def receive(request: Request) -> Response:
        known = await inbox.expects(request.path_params["token"])
        if isinstance(known, HTTPStatus):
            return _empty(known)
        try:
            async with asyncio.timeout(_BODY_S), slots:
                body = await _whole(request)
        except TimeoutError:
            return _empty(HTTPStatus.REQUEST_TIMEOUT)
        except ClientDisconnect:
            return _empty(HTTPStatus.BAD_REQUEST)
        if body is None:
            return _empty(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        sent = Sent(
            content_type=request.headers.get("content-type", ""),
            content_encoding=request.headers.get("content-encoding", ""),
            signature=request.headers.get("x-hub-signature", ""),
        )
        return _empty(
            HTTPStatus.ACCEPTED if inbox.take(known, body, sent) else HTTPStatus.SERVICE_UNAVAILABLE
        )

    async def answer(request: Request) -> Response:
        try:
            return await (receive(request) if request.method == "POST" else confirm(request))
        except StorageError:  # the hub tries again
            return _empty(HTTPStatus.SERVICE_UNAVAILABLE)

    return Route("/websub/{token}", answer, methods=["GET", "POST"])


async def _whole(request: Request) -> bytes | None:
    """The body, or None when it is too large."""
    held = bytearray()
    async for chunk in request.stream():
        held += chunk
        if len(held) > MAX_BYTES:
            return None
    return bytes(held)


def _empty(status: HTTPStatus) -> Response:
    later = status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
    return Response(status_code=status, headers=_WAIT if later else None)
