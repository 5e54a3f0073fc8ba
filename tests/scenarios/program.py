"""Runs the real program as a process of its own, for scenario tests."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests import forks


class Program:
    """One ``tipoff run``. What it printed is in ``output``; ``env`` is what it is started with. ``forked``: from a
    process that has imported everything already (``tests/forks.py``); else by a new interpreter, as people do."""

    def __init__(self, folder: Path, *, forked: bool = True, **env: str) -> None:
        self._folder = folder
        self._forked = forked
        self.env = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("TIPOFF_", "DISCORD_", "SLACK_"))},
            "TIPOFF_DATABASE_URL": f"sqlite:///{folder}/tipoff.db",
            "TIPOFF_CATALOG": str(folder / "catalog.toml"),
            "TIPOFF_ALLOW_PRIVATE_ADDRESSES": "true",
            "TIPOFF_WEB_BIND": "",
            "TIPOFF_ARTICLES": "off",  # the news' links lead to names that do not exist
            "TIPOFF_HOLD": "0s",
            "TIPOFF_LOG_LEVEL": "info",
            "COLUMNS": "120",
            **env,
        }
        self._status: asyncio.Task[int] | None = None
        self._reader: asyncio.Task[None] | None = None
        self.pid = 0
        self.output = ""

    async def start(self, *args: str) -> "Program":
        given = list(args or ("run",))
        read, write = os.pipe()
        stream = asyncio.StreamReader()
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(stream), os.fdopen(read, "rb", 0)
        )
        try:
            if self._forked:
                request = {"argv": given, "env": self.env, "cwd": str(self._folder)}
                started = forks.Started(request, write, write)
                self.pid = started.pid
                self._status = asyncio.ensure_future(started.ended())
            else:
                process = await asyncio.create_subprocess_exec(
                    sys.executable, "-m", "bot.cli.main", *given,
                    env=self.env, cwd=self._folder, stdout=write, stderr=write,
                )  # fmt: skip
                self.pid = process.pid
                self._status = asyncio.ensure_future(process.wait())
        finally:
            os.close(write)
        self._reader = asyncio.ensure_future(self._read(stream, transport))
        return self

    async def _read(self, stream: asyncio.StreamReader, transport: asyncio.ReadTransport) -> None:
        while chunk := await stream.read(65536):
            self.output += chunk.decode("utf-8", "replace")
        transport.close()

    async def call(self, *args: str) -> str:
        """Run a one-shot command beside it; returns what it printed. Fails the test when it failed."""
        other = Program(self._folder, **self.env)
        await other.start(*args)
        code = await other.ended()
        assert code == 0, other.output
        return other.output

    async def kill(self) -> None:
        """SIGKILL: no time to clean up."""
        self._signal(signal.SIGKILL)
        await self.ended()

    async def stop(self, *, within_s: float = 12.0) -> int:
        """SIGTERM; returns the exit code. Fails when it takes longer than a clean stop may."""
        self._signal(signal.SIGTERM)
        async with asyncio.timeout(within_s):
            return await self.ended()

    def _signal(self, number: signal.Signals) -> None:
        assert self._status is not None
        if not self._status.done():
            os.kill(self.pid, number)

    async def ended(self) -> int:
        assert self._status is not None
        assert self._reader is not None
        status = await asyncio.shield(self._status)
        await asyncio.shield(self._reader)
        return status


async def eventually(condition: Callable[[], Any], *, within_s: float = 20.0, what: str = "") -> Any:
    """Wait until ``condition`` gives something true, and give it back."""
    try:
        async with asyncio.timeout(within_s):
            while not (found := condition()):
                await asyncio.sleep(0.05)
            return found
    except TimeoutError:
        raise AssertionError(f"not within {within_s} s: {what or condition}") from None
