"""The layers of a poll, each measured apart: HTTP clients, feed parsers, storage, judging.

    python -m benchmarks.layers                 all of them
    python -m benchmarks.layers http parsers    some of them

CPU is that of this process; nginx is another one. `http` needs nginx (Debian: nginx-light) and tries, where installed,
httpx-pycurl, httpx-curl-cffi, pyreqwest and uvloop, which are no dependencies of Tipoff. `parsers` and `judging` read
the shared data (TIPOFF_SHARED_DATA).
"""

import argparse
import asyncio
import importlib
import json
import logging
import os
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import fastfeedparser
import feedparser
import httpx
from httpx_aiohttp import AiohttpTransport
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.polling.documents import Document, load
from benchmarks.polling.server import PORTS, Server, serve
from bot.catalog.loader import load_catalog
from bot.intake.fetch import open_fetcher
from bot.intake.sources import feed
from bot.intake.sources.document import open_document
from bot.intake.sources.parsed import Payload
from bot.judgement.canonical import make_item
from bot.judgement.judge import Judge
from bot.model import Catalog, Item, RawItem, Source, SourceId, SourceKind
from storage import sources
from storage.database import open_database
from storage.sources import PollRecord
from tests.paths import SHARED_DATA

_AT_ONCE = 64
_BODY_BYTES = 40 * 1024
_TOLD = Console(stderr=True)

Get = Callable[[str, dict[str, str]], Awaitable[int]]


@dataclass(frozen=True)
class Result:
    """A table: its title, what its columns are called, and its rows."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]

    def show(self, markdown: bool) -> None:
        if markdown:
            print(f"\n{self.title}\n\n| " + " | ".join(self.columns) + " |\n|" + "---|" * len(self.columns))
            for row in self.rows:
                print("| " + " | ".join(row) + " |")
            return
        table = Table(title=self.title)
        for place, name in enumerate(self.columns):
            table.add_column(name, justify="right" if place else "left")
        for row in self.rows:
            table.add_row(*row)
        Console().print(table)


# --- HTTP clients -----------------------------------------------------------------------------------------------


@asynccontextmanager
async def _httpx_client(make: Callable[[], httpx.AsyncBaseTransport]) -> AsyncIterator[Get]:
    async with httpx.AsyncClient(transport=make(), trust_env=False, timeout=30) as client:

        async def get(url: str, headers: dict[str, str]) -> int:
            answer = await client.get(url, headers=headers)
            return answer.status_code

        yield get


@asynccontextmanager
async def _bare_transport(make: Callable[[], httpx.AsyncBaseTransport]) -> AsyncIterator[Get]:
    transport = make()
    extensions = {"timeout": {"connect": 10.0, "read": 20.0, "pool": None}}

    async def get(url: str, headers: dict[str, str]) -> int:
        request = httpx.Request("GET", url, headers=headers, extensions=extensions)
        answer = await transport.handle_async_request(request)
        await answer.aread()
        await answer.aclose()
        return answer.status_code

    async with transport:
        yield get


@asynccontextmanager
async def _aiohttp() -> AsyncIterator[Get]:
    connector = aiohttp.TCPConnector(limit=_AT_ONCE)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session:

        async def get(url: str, headers: dict[str, str]) -> int:
            async with session.get(url, headers=headers, allow_redirects=False) as answer:
                await answer.read()
                return answer.status

        yield get


@asynccontextmanager
async def _fetcher() -> AsyncIterator[Get]:
    async with open_fetcher(contact="", allow_private=True) as fetcher:

        async def get(url: str, headers: dict[str, str]) -> int:
            answer = await fetcher.fetch(url, etag=headers.get("If-None-Match"))
            return answer.status

        yield get


@asynccontextmanager
async def _pyreqwest() -> AsyncIterator[Get]:
    from pyreqwest.client import ClientBuilder  # type: ignore[import-not-found,unused-ignore]

    async with ClientBuilder().build() as client:

        async def get(url: str, headers: dict[str, str]) -> int:
            answer = await client.get(url).headers(headers).build().send()
            await answer.bytes()
            return int(answer.status)

        yield get


def _from(module: str, name: str) -> Callable[[], httpx.AsyncBaseTransport]:
    def make() -> httpx.AsyncBaseTransport:
        made: httpx.AsyncBaseTransport = getattr(importlib.import_module(module), name)()
        return made

    return make


def _aiohttp_transport() -> httpx.AsyncBaseTransport:
    return AiohttpTransport(limits=httpx.Limits(max_connections=_AT_ONCE))


_CLIENTS: dict[str, Callable[[], Any]] = {
    "httpx, own transport": partial(_httpx_client, httpx.AsyncHTTPTransport),
    "httpx, own transport, no client": partial(_bare_transport, httpx.AsyncHTTPTransport),
    "httpx-aiohttp": partial(_httpx_client, _aiohttp_transport),
    "httpx-aiohttp, no client": partial(_bare_transport, _aiohttp_transport),
    "aiohttp": _aiohttp,
    "Tipoff's fetcher": _fetcher,
    "httpx-pycurl": partial(_httpx_client, _from("httpx_pycurl", "AsyncPyCurlTransport")),
    "httpx-curl-cffi": partial(_httpx_client, _from("httpx_curl_cffi", "AsyncCurlTransport")),
    "httpx, pyreqwest's transport": partial(
        _httpx_client, _from("pyreqwest.compatibility.httpx", "HttpxTransport")
    ),
    "pyreqwest": _pyreqwest,
}


def http(requests: int) -> Result:
    binary = shutil.which("nginx") or "/usr/sbin/nginx"
    rows: list[tuple[str, ...]] = []
    with tempfile.TemporaryDirectory(prefix="tipoff-layers-") as name:
        root = Path(name) / "www"
        (root / "f").mkdir(parents=True)
        for number in range(PORTS):
            path = root / "f" / f"{number}.xml"
            path.write_bytes(b"x" * _BODY_BYTES)
            os.utime(path, (0, 1_700_000_000))  # nginx makes its ETag of time and size: one for all
        with serve(binary, Path(name), root) as server:
            for loop, factory in _loops().items():
                for label, client in track(_CLIENTS.items(), f"HTTP clients, {loop}", console=_TOLD):
                    rows += _client_row(label, loop, factory, client, server, requests)
    title = f"HTTP: {requests:,} requests, {_AT_ONCE} at once, one at a time for each of {PORTS} ports"
    return Result(title, ("client", "loop", "304: CPU ms", "304: /s", "40 KiB: CPU ms", "40 KiB: /s"), rows)


def _loops() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    loops: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {"asyncio": asyncio.new_event_loop}
    try:
        loops["uvloop"] = importlib.import_module("uvloop").new_event_loop
    except ImportError:
        _TOLD.print("uvloop: not installed, skipped")
    return loops


def _client_row(
    label: str, loop: str, factory: Any, client: Any, server: Server, requests: int
) -> list[tuple[str, ...]]:
    try:
        with asyncio.Runner(loop_factory=factory) as runner:
            same, full = runner.run(_both(client, server, requests))
    except ImportError as exc:
        _TOLD.print(f"{label}: not installed ({exc.name or exc}), skipped", highlight=False)
        return []
    except Exception as exc:
        _TOLD.print(f"{label} on {loop}: {type(exc).__name__}: {exc}, skipped", highlight=False)
        return []
    cells = [
        f"{value:{form}}" for cpu, rate in (same, full) for value, form in ((cpu, ".3f"), (rate, ",.0f"))
    ]
    return [(label, loop, *cells)]


async def _both(client: Any, server: Server, requests: int) -> list[tuple[float, float]]:
    tag = await _tag(server.url(0))
    async with client() as get:
        await _ask(get, server, {}, 2 * PORTS, 200)  # connections are open, code is loaded
        same = await _ask(get, server, {"If-None-Match": tag}, requests, 304)
        return [same, await _ask(get, server, {}, requests, 200)]


async def _tag(url: str) -> str:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.headers["ETag"]


async def _ask(
    get: Get, server: Server, headers: dict[str, str], requests: int, expected: int
) -> tuple[float, float]:
    """CPU milliseconds for one request, and requests a second."""

    async def ask_port(port: int) -> None:
        for _ in range(requests // PORTS):
            status = await get(server.url(port), headers)
            if status != expected:
                raise RuntimeError(f"answered {status}, not {expected}")

    server.asked()
    wall, cpu = time.monotonic(), time.process_time()
    async with asyncio.TaskGroup() as group:
        for port in range(PORTS):
            group.create_task(ask_port(port))
    wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    made = requests // PORTS * PORTS
    if server.asked().requests != made:
        raise RuntimeError(f"the server was not asked {made} times")
    return cpu / made * 1000, made / wall


# --- parsers ----------------------------------------------------------------------------------------------------

_SOURCE = Source(id=SourceId("s"), name="S", kind=SourceKind.FEED, url="http://feeds.example/feed.xml")


def _payload(body: bytes) -> Payload:
    return Payload(body=body, url=_SOURCE.url, source=_SOURCE, now=datetime.now(UTC))


_PARSERS: dict[str, Callable[[bytes], Any]] = {
    "feedparser": feedparser.parse,
    "feedparser, nothing cleaned": partial(
        feedparser.parse, sanitize_html=False, resolve_relative_uris=False
    ),
    "fastfeedparser": fastfeedparser.parse,
    "fastfeedparser, no tags, no media": partial(
        fastfeedparser.parse, include_tags=False, include_media=False
    ),
    "Tipoff: made safe only": lambda body: open_document(body, None),
    "Tipoff: parsed, not cleaned": lambda body: feed.read_channel(_payload(body)),
    "Tipoff: all": lambda body: feed.read(_payload(body)),
}


def parsers(rounds: int) -> Result:
    documents = load()
    size = sum(len(document.body) for document in documents)
    rows = []
    for label, parse in track(_PARSERS.items(), "Parsers", console=_TOLD):
        best = min(_time_all(parse, documents) for _ in range(rounds))
        rows.append((label, f"{best / len(documents) * 1000:.2f}", f"{size / best / 2**20:.1f}"))
    title = f"Parsers: {len(documents)} real documents of {size / len(documents) / 1024:.0f} KiB, best of {rounds}"
    return Result(title, ("parser", "CPU ms a document", "MiB/s"), rows)


def _time_all(parse: Callable[[bytes], Any], documents: Sequence[Document]) -> float:
    began = time.process_time()
    for document in documents:
        parse(document.body)
    return time.process_time() - began


# --- storage ----------------------------------------------------------------------------------------------------


def storage(polls: int) -> Result:
    rows = asyncio.run(_storage(polls))
    return Result(
        f"Storage: {polls:,} polls answered 304, SQLite",
        ("polls in one transaction", "CPU ms a poll", "ms a poll"),
        rows,
    )


async def _storage(polls: int) -> list[tuple[str, ...]]:
    now = datetime.now(UTC)
    listed = [replace(_SOURCE, id=SourceId(f"s{n}")) for n in range(polls)]
    records = [
        PollRecord(
            source_id=source.id, at=now, status=304, etag='"6743ab10-1f40"',
            last_modified="Tue, 24 Nov 2026 10:00:00 GMT", next_poll=now + timedelta(minutes=15),
        )
        for source in listed
    ]  # fmt: skip
    rows = []
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="tipoff-layers-"))
        database = await stack.enter_async_context(open_database(f"sqlite+aiosqlite:///{folder}/t.db"))
        async with database.transaction() as tx:
            await sources.sync_catalog(tx, listed, now=now)
        for size in (1, 8, 64, 256):
            wall, cpu = time.monotonic(), time.process_time()
            for start in range(0, polls, size):
                async with database.transaction() as tx:
                    await sources.record_polls(tx, records[start : start + size])
            each = (time.process_time() - cpu, time.monotonic() - wall)
            rows.append((f"{size}", *(f"{seconds / polls * 1000:.3f}" for seconds in each)))
    return rows


# --- judging ----------------------------------------------------------------------------------------------------


def judging() -> Result:
    catalog = load_catalog()
    off = [item for document in load() for item in _items(document)]
    on = _corpus()
    rows = []
    for label, items in (("real feeds, off topic", off), ("labelled AI and chip items", on)):
        rows.append(_judged(label, items, catalog))
    columns = ("items", "number", "on topic", "make_item, CPU ms", "judge and remember, CPU ms", "a second")
    return Result("Judging, built-in catalog, one core", columns, rows)


def _items(document: Document) -> Sequence[RawItem]:
    return feed.read(_payload(document.body)).items


def _corpus() -> list[RawItem]:
    lines = (SHARED_DATA / "judgement" / "items.jsonl").read_text(encoding="utf-8").splitlines()
    return [
        RawItem(
            external_id=row["id"], url=row["url"], title=row["title"], summary=row.get("summary") or "",
            publisher=row.get("publisher") or "", published=datetime.fromisoformat(row["published"]),
        )
        for row in map(json.loads, lines)
    ]  # fmt: skip


def _judged(label: str, found: Sequence[RawItem], catalog: Catalog) -> tuple[str, ...]:
    now = datetime.now(UTC)
    began = time.process_time()
    items: list[Item] = [make_item(raw, _SOURCE, seen=now) for raw in found]
    made = time.process_time() - began
    judge = Judge(catalog, known_until=None)
    judge.judge(items[0])  # tables are read at the first
    on_topic = 0
    began = time.process_time()
    for item in sorted(items, key=lambda each: each.published):
        verdict = judge.judge(item)
        judge.remember(verdict)
        on_topic += bool(verdict.topics)
    took = time.process_time() - began
    count = len(items)
    return (
        label, f"{count:,}", f"{on_topic / count:.0%}", f"{made / count * 1000:.3f}", f"{took / count * 1000:.3f}",
        f"{count / took:,.0f}",
    )  # fmt: skip


_LAYERS = ("http", "parsers", "storage", "judging")


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.layers",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "layers", nargs="*", metavar="LAYER", help=f"of {', '.join(_LAYERS)}; all without any"
    )
    parser.add_argument("--requests", type=int, default=6400, metavar="N")
    parser.add_argument("--polls", type=int, default=2048, metavar="N")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="parsers: the best of so many")
    parser.add_argument("--markdown", action="store_true")
    arguments = parser.parse_args()
    if unknown := set(arguments.layers) - set(_LAYERS):
        parser.error(f"unknown layer: {', '.join(sorted(unknown))}")
    logging.disable(logging.WARNING)
    run: dict[str, Callable[[], Result]] = {
        "http": partial(http, arguments.requests),
        "parsers": partial(parsers, arguments.rounds),
        "storage": partial(storage, arguments.polls),
        "judging": judging,
    }
    for name in arguments.layers or _LAYERS:
        try:
            run[name]().show(arguments.markdown)
        except FileNotFoundError as exc:
            _TOLD.print(f"{name}: {exc.filename} is missing, skipped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
