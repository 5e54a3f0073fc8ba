"""Starts the real program cheaply: one process imports it once and forks for each start, which saves a second of CPU.

Every start is a process of its own all the same, with its own arguments, environment, folder, output and end: it can be
signalled and killed. ``python -m tests.forks FD`` is that process; it serves over a socket and ends with who began it.
``tests/scenarios/test_whole_program.py`` starts the program without it.
"""

import asyncio
import atexit
import contextlib
import importlib
import json
import os
import select
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).parents[1]
#: Imported before the first fork, so that no start need do it.
_USED = (
    "bot.cli.main", "bot.app", "handlers.console.cards", "handlers.discord.client", "handlers.slack.app",
    "aiosqlite", "psycopg", "alembic.command", "bot.judgement.claims", "trafilatura",
)  # fmt: skip
_LONGEST = 1 << 20


class Started:
    """A program that was started: its ``pid``, and over ``socket`` one line when it ends."""

    def __init__(self, request: dict[str, Any], stdout: int, stderr: int, stdin: int | None = None) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(20)
        self.socket.connect(_server())
        said = json.dumps(request).encode()
        silent = os.open(os.devnull, os.O_RDONLY)
        fds = [silent if stdin is None else stdin, stdout, stderr]
        socket.send_fds(self.socket, [len(said).to_bytes(4)], fds)
        os.close(silent)
        self.socket.sendall(said)
        self._read = b""
        self.pid = int(self.line())

    async def ended(self) -> int:
        """Its exit status, negative for a signal, when it has one."""
        self.socket.setblocking(False)
        loop = asyncio.get_running_loop()
        with self.socket:
            while b"\n" not in self._read:
                chunk = await loop.sock_recv(self.socket, 64)
                assert chunk, "the process that forks ended"
                self._read += chunk
        return int(self._read)

    def line(self) -> str:
        """What the server says next. Raises ``TimeoutError`` after the socket's timeout."""
        while b"\n" not in self._read:
            chunk = self.socket.recv(64)
            assert chunk, "the process that forks ended"
            self._read += chunk
        line, _, self._read = self._read.partition(b"\n")
        return line.decode()


def call(
    args: list[str], *, env: dict[str, str], cwd: Path, stdin: str = "", timeout_s: float = 60
) -> subprocess.CompletedProcess[str]:
    """Run ``tipoff`` to its end, as ``subprocess.run`` does."""
    with (
        tempfile.TemporaryFile() as given,
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
    ):
        given.write(stdin.encode())
        given.seek(0)
        request = {"argv": args, "env": env, "cwd": str(cwd)}
        started = Started(request, out.fileno(), err.fileno(), given.fileno())
        try:
            started.socket.settimeout(timeout_s)
            status = int(started.line())
        finally:
            started.socket.close()  # which ends it
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(args, status, out.read().decode(), err.read().decode())


@cache
def _server() -> str:
    """The address of this process' server; begins it."""
    folder = tempfile.TemporaryDirectory(prefix="tipoff-forks-")
    address = f"{folder.name}/s"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen(64)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.forks", str(listener.fileno())],
        cwd=ROOT, pass_fds=[listener.fileno()], stdin=subprocess.PIPE,
    )  # fmt: skip
    listener.close()

    def end() -> None:
        assert process.stdin is not None
        process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)
        process.kill()
        process.wait()
        folder.cleanup()

    atexit.register(end)
    return address


def _serve(listener: socket.socket) -> None:
    for name in _USED:
        importlib.import_module(name)
    running: dict[int, socket.socket] = {}
    while True:
        readable, _, _ = select.select([0, listener, *running.values()], [], [], 0.01)
        if 0 in readable:  # nothing is written there: whoever began us is gone
            for pid in running:
                os.kill(pid, 9)
            return
        for pid, asked in list(running.items()):
            if asked in readable:  # nobody waits for it any more
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, 9)
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                with contextlib.suppress(OSError), running.pop(pid) as connection:
                    connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
        if listener in readable:
            connection, _ = listener.accept()
            size, fds, _, _ = socket.recv_fds(connection, 4, 3)
            wanted = int.from_bytes(size)
            said = b""
            while len(said) < min(wanted, _LONGEST):
                said += connection.recv(wanted - len(said))
            pid = os.fork()
            if pid == 0:
                for other in (listener, connection, *running.values()):
                    other.close()
                _run(json.loads(said), fds)
            for fd in fds:
                os.close(fd)
            running[pid] = connection
            connection.sendall(f"{pid}\n".encode())


def _run(request: dict[str, Any], fds: Sequence[int]) -> NoReturn:
    import bot.cli.main

    status = 70
    try:
        for target, source in enumerate(fds):
            os.dup2(source, target)
            os.close(source)
        os.environ.clear()
        os.environ.update(request["env"])
        os.chdir(request["cwd"])
        sys.argv = ["tipoff", *request["argv"]]
        bot.cli.main.main()
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        status = 1
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
    os._exit(0)  # taking all modules down again would cost a second
