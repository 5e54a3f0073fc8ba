"""Starts programs that can be made to kill themselves at a point of ``crash_points``.

So that a start costs little, one process imports everything once and forks for each program. It is

    python -m tests.scenarios.launcher

and reads one JSON object a line (see ``serve``); ``open_launcher`` starts it and ``Launcher`` talks to it.
"""

import asyncio
import functools
import importlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

from tests.scenarios.crash_points import BY_NAME, arm

ROOT = Path(__file__).parents[2]
#: How a restart is sped up: the next digest is due after this, and a dead process' lease ends after that (a real one
#: lasts until a process that knows itself to be alone starts, or 45 s).
DIGEST_AFTER = timedelta(seconds=1)
LEASE = timedelta(seconds=3)
#: Imported before the first fork, so that each run need not.
_USED = (
    "bot.cli.main", "bot.app", "handlers.console.cards", "handlers.discord.client", "handlers.slack.app",
    "aiosqlite", "psycopg", "alembic.command",
)  # fmt: skip


class Launcher:
    """The process that starts programs, see ``serve``. One program at a time. It belongs to no event loop,
    so that many tests can use one."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._read = b""
        self.pid = 0

    async def start(self, **request: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._process.stdin.flush()
        self.pid = (await self._answer())["pid"]

    async def ended(self, *, within_s: float) -> int | None:
        """Its exit status, negative for a signal; None when it still runs."""
        try:
            async with asyncio.timeout(within_s):
                status: int = (await self._answer())["status"]
        except TimeoutError:
            return None
        self.pid = 0
        return status

    async def _answer(self) -> dict[str, int]:
        assert self._process.stdout is not None
        pipe = self._process.stdout.fileno()
        while b"\n" not in self._read:
            if select.select([pipe], [], [], 0)[0]:
                chunk = os.read(pipe, 65536)
                assert chunk, "the launcher ended"
                self._read += chunk
            else:
                await asyncio.sleep(0.005)
        line, _, self._read = self._read.partition(b"\n")
        answer: dict[str, int] = json.loads(line)
        return answer


@contextmanager
def open_launcher() -> Iterator[Launcher]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.scenarios.launcher"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        yield Launcher(process)
    finally:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


async def _no_wait(*_: Any, **__: Any) -> None:
    """In place of the 5 s that discord.py lets pass before each new session."""


def hasten() -> None:
    """Make digests, the leases of the dead and new sessions come soon enough for a test."""
    import discord

    import bot.delivery.dispatcher as dispatcher
    import bot.delivery.planning as planning

    discord.Client.before_identify_hook = _no_wait  # type: ignore[method-assign]
    planning.next_digest = lambda mode, now, zone, **_: now + DIGEST_AFTER
    dispatcher.Patience = functools.partial(dispatcher.Patience, lease=LEASE)  # type: ignore[misc,assignment]


def lose_patience(send_timeout_s: float) -> None:
    """Let sends and silent connections be given up after this, in place of half a minute and more."""
    import discord

    import handlers.discord.client
    import handlers.slack.sending
    import handlers.slack.socket_mode

    handlers.slack.socket_mode.PING_INTERVAL_S = send_timeout_s / 5  # half of it is the wait for an answer
    handlers.slack.sending.Sender.__init__.__kwdefaults__["timeout_s"] = send_timeout_s
    handlers.discord.client.open_discord.__wrapped__.__kwdefaults__["send_timeout_s"] = send_timeout_s  # type: ignore[attr-defined]
    begin = discord.Client.__init__
    discord.Client.__init__ = functools.partialmethod(begin, heartbeat_timeout=send_timeout_s)  # type: ignore[assignment,method-assign]


def serve() -> None:
    """Run what is asked for, one program at a time, until the input ends.

    A request: ``env``, ``cwd``, ``output`` (a file that is appended to), ``argv``; ``point`` and ``nth`` where it
    shall kill itself; ``patience_s`` for what does not answer. Answers: ``{"pid": 1}``, and when it ended
    ``{"status": 0}``, negative for a signal.
    """
    for name in _USED:
        importlib.import_module(name)
    hasten()
    while line := sys.stdin.readline():
        request = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _run(request)
        _answer(pid=pid)
        _answer(status=_wait(pid))


def _wait(pid: int) -> int:
    """The program's end; it ends with us, too."""
    while True:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        readable, _, _ = select.select([sys.stdin], [], [], 0.01)
        if readable:  # nobody asks while a program runs: whoever asked is gone
            os.kill(pid, signal.SIGKILL)
            time.sleep(0.05)


def _answer(**said: int) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


def _run(request: dict[str, Any]) -> NoReturn:
    import bot.cli.main

    status = 70
    try:
        output = os.open(request["output"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        silent = os.open(os.devnull, os.O_RDONLY)
        for target, source in ((0, silent), (1, output), (2, output)):
            os.dup2(source, target)
        os.environ.clear()
        os.environ.update(request["env"])
        os.chdir(request["cwd"])
        sys.argv = ["tipoff", *request["argv"]]
        if request.get("point"):
            arm(BY_NAME[request["point"]], request.get("nth", 1))
        if request.get("patience_s"):
            lose_patience(request["patience_s"])
        bot.cli.main.main()
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    finally:
        sys.stdout.flush()
        os._exit(status)


if __name__ == "__main__":
    serve()
    os._exit(0)  # taking all modules down again would cost a second
