"""One nginx on loopback: many ports, because one host is asked one thing at a time by whoever is polite."""

import socket
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PORTS = 64
# if_modified_since: any later date is good, as RFC 9110 has it; nginx's own default wants the very same one.
_CONFIG = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 4096; }}
http {{
    log_format asked "$status $request_uri";
    access_log {folder}/access.log asked;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    types {{ application/xml xml; }}
    if_modified_since before;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 100000;
    server {{
{listens}
        root {root};
    }}
}}
"""


@dataclass(frozen=True)
class Asked:
    """What the server was asked in one pass. ``once``: sources asked exactly once."""

    requests: int
    once: int
    not_modified: int


class Server:
    def __init__(self, folder: Path, first_port: int) -> None:
        self._log = folder / "access.log"
        self._read = 0
        self._first_port = first_port

    def url(self, number: int) -> str:
        return f"http://127.0.0.1:{self._first_port + number % PORTS}/f/{number}.xml"

    def asked(self) -> Asked:
        """What was asked since the last call."""
        with self._log.open(encoding="utf-8", errors="replace") as file:
            file.seek(self._read)
            lines = file.read().splitlines()
            self._read = file.tell()
        seen = Counter(line.split(" ", 1)[1] for line in lines)
        return Asked(
            requests=len(lines),
            once=sum(1 for times in seen.values() if times == 1),
            not_modified=sum(1 for line in lines if line.startswith("304 ")),
        )


@contextmanager
def serve(binary: str, folder: Path, root: Path) -> Iterator[Server]:
    """Raises ``RuntimeError`` when nginx does not come up."""
    port = _free_range()
    listens = "\n".join(f"        listen 127.0.0.1:{port + n};" for n in range(PORTS))
    config = folder / "nginx.conf"
    config.write_text(_CONFIG.format(folder=folder, root=root, listens=listens))
    errors = (folder / "nginx.err").open("wb")
    process = subprocess.Popen([binary, "-p", str(folder), "-c", str(config)], stderr=errors)
    try:
        _wait_for(process, port, folder / "nginx.err")
        yield Server(folder, port)
    finally:
        process.terminate()
        process.wait(10)
        errors.close()


def _wait_for(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"nginx did not start: {log.read_text() if log.exists() else 'no log'}")


def _free_range() -> int:
    for first in range(21000, 31000, PORTS):
        held: list[socket.socket] = []
        try:
            for number in range(PORTS):
                held.append(socket.socket())
                held[-1].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                held[-1].bind(("127.0.0.1", first + number))
        except OSError:
            continue
        finally:
            for each in held:
                each.close()
        return first
    raise RuntimeError(f"no {PORTS} free ports in a row on loopback")
