"""Runs one command and tells what it and its children cost."""

import json
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SAMPLE_S = 0.05


@dataclass(frozen=True)
class Cost:
    """``cpu_s``: user and system time of the process and every child it waited for. ``memory_mb``: the most that
    the whole tree held at one time. ``told``: the JSON object it printed last, if any."""

    wall_s: float
    cpu_s: float
    memory_mb: float
    status: int
    told: dict[str, Any]
    errors: str


def run(command: Sequence[str], *, env: Mapping[str, str], cwd: Path, limit_s: float) -> Cost:
    """Run to its end; killed after ``limit_s`` seconds (status -9)."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        began = time.monotonic()
        process = subprocess.Popen(
            command,
            env=dict(env),
            cwd=cwd,
            stdout=out,
            stderr=err,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        memory = _Memory(process.pid)
        memory.start()
        killer = threading.Timer(limit_s, lambda: os.killpg(process.pid, 9))
        killer.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            os.killpg(process.pid, 9)
            raise
        finally:
            killer.cancel()
            memory.stop()
        wall = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        return Cost(
            wall_s=wall,
            cpu_s=usage.ru_utime + usage.ru_stime,
            memory_mb=memory.peak_kb / 1024,
            status=process.returncode,
            told=_last_object(_tail(out)),
            errors=_tail(err),
        )


def _tail(file: Any) -> str:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 20_000))
    return file.read().decode("utf-8", "replace")


def _last_object(text: str) -> dict[str, Any]:
    for line in reversed(text.splitlines()):
        try:
            found = json.loads(line)
        except ValueError:
            continue
        if isinstance(found, dict):
            return found
    return {}


class _Memory(threading.Thread):
    """Samples the tree. The kernel's own mark of a child (ru_maxrss) would begin at what we hold ourselves."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._end = threading.Event()
        self.peak_kb = 0

    def run(self) -> None:
        while not self._end.wait(_SAMPLE_S):
            tree = _tree(self._pid)
            total = sum(_kb(pid, "VmRSS:") for pid in tree)
            self.peak_kb = max(self.peak_kb, total, _kb(self._pid, "VmHWM:"))

    def stop(self) -> None:
        self._end.set()
        self.join()


def _tree(pid: int) -> list[int]:
    found, waiting = [], [pid]
    while waiting:
        each = waiting.pop()
        found.append(each)
        try:
            for task in Path(f"/proc/{each}/task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
        except OSError:
            continue
    return found


def _kb(pid: int, name: str) -> int:
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1])
    except OSError:
        pass
    return 0
