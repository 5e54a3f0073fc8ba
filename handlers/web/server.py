"""Serves the local page, health and Slack's events with uvicorn, inside the program's own loop."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

from bot.errors import ConfigError


def bind(host: str, port: int) -> socket.socket:
    """A listening-ready socket. Raises ``ConfigError`` that names the setting when the address is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as exc:
        bound.close()
        raise ConfigError(f"TIPOFF_WEB_BIND: cannot listen on {host}:{port}: {exc.strerror or exc}") from exc
    return bound


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # Signals belong to the program; uvicorn would take them and end only itself.
        yield


async def serve(app: ASGIApp, bound: socket.socket, stop: asyncio.Event) -> None:
    """Serve until ``stop``; open connections get two seconds to end."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=2,
        server_header=False,
    )
    server = _Server(config)
    async with asyncio.TaskGroup() as group:
        group.create_task(server.serve(sockets=[bound]))
        await stop.wait()
        server.should_exit = True
