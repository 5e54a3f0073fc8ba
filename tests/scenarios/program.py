"""Runs the real program as a subprocess, for scenario tests."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


class Program:
    """One ``tipoff run``. What it printed is in ``output``; ``env`` is what it is started with."""

    def __init__(self, folder: Path, **env: str) -> None:
        self._folder = folder
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
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self.output = ""

    async def start(self, *args: str) -> "Program":
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot.cli.main", *(args or ("run",)), env=self.env, cwd=self._folder,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        self._reader = asyncio.ensure_future(self._read())
        return self

    async def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        while chunk := await self._process.stdout.read(65536):
            self.output += chunk.decode("utf-8", "replace")

    async def call(self, *args: str) -> str:
        """Run a one-shot command beside it; returns what it printed. Fails the test when it failed."""
        other = Program(self._folder, **self.env)
        await other.start(*args)
        code = await other.ended()
        assert code == 0, other.output
        return other.output

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def kill(self) -> None:
        """SIGKILL: no time to clean up."""
        assert self._process is not None
        self._process.kill()
        await self.ended()

    async def stop(self, *, within_s: float = 12.0) -> int:
        """SIGTERM; returns the exit code. Fails when it takes longer than a clean stop may."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(within_s):
            return await self.ended()

    async def ended(self) -> int:
        assert self._process is not None
        assert self._reader is not None
        await self._process.wait()
        await self._reader
        assert self._process.returncode is not None
        return self._process.returncode


async def eventually(condition: Callable[[], Any], *, within_s: float = 20.0, what: str = "") -> Any:
    """Wait until ``condition`` gives something true, and give it back."""
    try:
        async with asyncio.timeout(within_s):
            while not (found := condition()):
                await asyncio.sleep(0.05)
            return found
    except TimeoutError:
        raise AssertionError(f"not within {within_s} s: {what or condition}") from None
