"""The local page: newest stories, what is awaited, how the sources do. Read-only; also the health check."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from starlette.applications import Starlette
from starlette.requests import Request as WebRequest
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from bot.errors import StorageError
from bot.flow.websub_inbox import HubInbox
from bot.model import CONSOLE
from handlers.commands import Commands
from handlers.requests import Request
from handlers.web.websub import websub_route

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, trim_blocks=True
)
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def build_app(
    commands: Commands,
    *,
    clock: Callable[[], datetime],
    slack: ASGIApp | None,
    hubs: HubInbox | None = None,
) -> Starlette:
    """The web application. ``slack`` answers under /slack/ when Slack's HTTP mode or OAuth is on, ``hubs`` what WebSub
    hubs send to /websub/ when they are asked for anything."""

    async def ask(command: str, **options: str) -> object:
        return await commands.answer(
            Request(command=command, options=options, channel=CONSOLE, user="web", may_manage=False)
        )

    async def page(request: WebRequest) -> Response:
        topic = request.query_params.get("topic", "")
        chosen = {"topic": topic} if topic else {}
        text = _TEMPLATES.get_template("page.html").render(
            latest=await ask("latest", count="20", **chosen),
            status=await ask("status"),
            topics=await ask("topics"),
            sources=await ask("sources"),
            topic=topic,
            now=clock(),
        )
        return HTMLResponse(text, headers=_HEADERS)

    async def health(request: WebRequest) -> Response:
        try:
            return JSONResponse({"status": "ok", **await commands.health()})
        except StorageError as exc:
            return JSONResponse({"status": "failing", "reason": str(exc)}, status_code=503)

    routes = [Route("/", page), Route("/healthz", health)]
    if slack is not None:
        routes.append(Route("/slack/{what}", slack))
    if hubs is not None:
        routes.append(websub_route(hubs))
    return Starlette(routes=routes)
