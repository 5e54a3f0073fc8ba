"""Polling, side by side: Tipoff, reader, feedparser in threads, newsboat and sfeed against one nginx on loopback.

    python -m benchmarks.polling --sources 100 1000 10000
    python -m benchmarks.polling --quick

Each source is an address of its own with a real feed document of the shared data (TIPOFF_SHARED_DATA). First pass:
nothing is known. Then a fifth of the documents gets one new entry. Second pass: the other four fifths are to be
answered 304. nginx listens on 64 ports, as if on 64 hosts. Every pass is a process of its own: user and system time
of it and its children, nginx not among them; memory of all its processes together, at the worst moment. What was
asked is counted in nginx's access log.

"steady" is Tipoff without its start: the program opened, caught up and warm, then the second pass. "Pass only" leaves
out the start of Python programs likewise.

The peers are no dependencies of Tipoff. Debian: nginx, newsboat, sfeed, curl. Python:
`python -m venv peers && peers/bin/pip install reader feedparser requests sgmllib3k` (reader 3.26 needs the last and
does not say so), then --peer-python peers/bin/python. What is missing is skipped.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from benchmarks.polling.documents import Document, Site, load
from benchmarks.polling.measure import Cost, run
from benchmarks.polling.server import Asked, Server, serve
from benchmarks.polling.tools import ROOT, Plan, Tool, find

_TOOLS = ("tipoff", "reader", "feedparser", "newsboat", "sfeed")
_TITLES = (
    "sources", "tool", "pass", "wall s", "sources/s", "CPU s/1,000", "pass only", "memory MB", "asked once",
    "304", "new",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One pass of one tool. CPU in seconds for 1,000 sources; ``asked_once``: sources with exactly one request."""

    sources: int
    tool: str
    which: str
    wall_s: float
    cpu_per_1000: float
    pass_only_per_1000: float | None
    memory_mb: float
    asked_once: int
    requests: int
    not_modified: int
    new: int | None
    failed: bool

    def cells(self) -> tuple[str, ...]:
        only = "" if self.pass_only_per_1000 is None else f"{self.pass_only_per_1000:.2f}"
        once = f"{self.asked_once}" + (
            "" if self.requests == self.sources else f" ({self.requests} requests)"
        )
        return (
            f"{self.sources:,}",
            self.tool + (" FAILED" if self.failed else ""),
            self.which,
            f"{self.wall_s:.2f}",
            f"{self.sources / self.wall_s:,.0f}",
            f"{self.cpu_per_1000:.2f}",
            only,
            f"{self.memory_mb:.0f}",
            once,
            f"{self.not_modified}",
            "" if self.new is None else f"{self.new}",
        )


class Bench:
    def __init__(self, server: Server, site: Site, work: Path, console: Console, limit_s: float) -> None:
        self._server = server
        self._site = site
        self._work = work
        self._console = console
        self._limit_s = limit_s
        self.rows: list[Row] = []

    def measure(self, tool: Tool, sources: int) -> None:
        """Both passes of one tool, from an empty state."""
        folder = self._work / f"{tool.name}-{sources}"
        folder.mkdir()
        self._site.reset(sources)
        plan = tool.plan(folder, [self._server.url(number) for number in range(sources)])
        plan.setup()
        try:
            if self._pass(tool.name, sources, "first", plan.first, plan):
                plan.between()
                self._site.publish(sources)
                self._pass(tool.name, sources, "second", plan.second, plan)
                if plan.also_second:
                    self._pass(f"{tool.name} steady", sources, "second", plan.also_second, plan)
        finally:
            shutil.rmtree(folder)

    def _pass(self, name: str, sources: int, which: str, command: Sequence[str], plan: Plan) -> bool:
        self._server.asked()
        columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        with Progress(*columns, console=self._console, transient=True) as bar:
            bar.add_task(f"{name}, {sources:,} sources, {which} pass")
            cost = run(command, env={**os.environ, **plan.env}, cwd=ROOT, limit_s=self._limit_s)
        row = _row(name, sources, which, cost, self._server.asked())
        self.rows.append(row)
        self._console.print("  ".join(row.cells()), highlight=False)
        if cost.status:
            told = f"after {self._limit_s:.0f} s" if cost.status == -9 else cost.errors[-2000:]
            self._console.print(f"{name} ended with {cost.status}: {told}", markup=False)
        return not cost.status


def _row(name: str, sources: int, which: str, cost: Cost, asked: Asked) -> Row:
    only = cost.told.get("pass_cpu_s")
    steady = name.endswith("steady")
    return Row(
        sources=sources,
        tool=name,
        which=which,
        wall_s=cost.told["pass_wall_s"] if steady and not cost.status else cost.wall_s,
        cpu_per_1000=(only if steady and only is not None else cost.cpu_s) * 1000 / sources,
        pass_only_per_1000=None if only is None else only * 1000 / sources,
        memory_mb=cost.memory_mb,
        asked_once=asked.once,
        requests=asked.requests,
        not_modified=asked.not_modified,
        new=cost.told.get("new", cost.told.get("items_new")),
        failed=bool(cost.status),
    )


def _show(rows: Sequence[Row], markdown: bool) -> None:
    if markdown:
        print("| " + " | ".join(_TITLES) + " |")
        print("|" + "---|" * len(_TITLES))
        for row in rows:
            print("| " + " | ".join(row.cells()) + " |")
        return
    table = Table(title="Polling")
    for place, title in enumerate(_TITLES):
        table.add_column(title, justify="left" if place in (1, 2) else "right")
    for row in rows:
        table.add_row(*row.cells())
    Console().print(table)


def _describe(documents: Sequence[Document], console: Console) -> None:
    size = sum(len(document.body) for document in documents) / len(documents)
    entries = sum(document.entries for document in documents) / len(documents)
    console.print(
        f"{len(documents)} real documents, {size / 1024:.0f} KiB and {entries:.0f} entries each on average",
        highlight=False,
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.polling",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--sources", type=int, nargs="+", default=[100, 1000, 10_000], metavar="N")
    parser.add_argument("--tools", nargs="+", choices=_TOOLS, default=list(_TOOLS))
    parser.add_argument("--quick", action="store_true", help="100 and 300 sources only")
    parser.add_argument(
        "--peer-limit",
        type=int,
        default=1000,
        metavar="N",
        help="most sources given to another tool than Tipoff",
    )
    parser.add_argument(
        "--repeat", type=int, default=1, metavar="N", help="whole runs; the quickest by CPU is shown"
    )
    parser.add_argument(
        "--limit-s", type=float, default=1800, metavar="S", help="a pass is stopped after this long"
    )
    parser.add_argument("--peer-python", default=sys.executable, metavar="PATH")
    parser.add_argument("--nginx", default=shutil.which("nginx") or "/usr/sbin/nginx", metavar="PATH")
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every row to this file too")
    return parser.parse_args()


def main() -> int:
    arguments = _arguments()
    console = Console(stderr=True)
    if not Path(arguments.nginx).exists():
        console.print(f"{arguments.nginx}: no nginx here (Debian: apt-get install nginx-light; --nginx)")
        return 1
    try:
        documents = load()
    except FileNotFoundError as exc:
        console.print(f"{exc.filename}: no shared data here; name its folder in TIPOFF_SHARED_DATA")
        return 1
    _describe(documents, console)
    tools = [find(name, arguments.peer_python) for name in arguments.tools]
    for tool in tools:
        console.print(f"{tool.name} {tool.version}: {tool.missing or 'ready'}", highlight=False)
    wanted = [100, 300] if arguments.quick else arguments.sources
    with tempfile.TemporaryDirectory(prefix="tipoff-polling-") as name:
        work = Path(name)
        site = Site(work / "www", documents, now=time.time())
        site.reset(0)
        with serve(arguments.nginx, work, work / "www") as server:
            bench = Bench(server, site, work, console, arguments.limit_s)
            for sources in wanted:
                for tool in tools:
                    if tool.missing or (tool.name != "tipoff" and sources > arguments.peer_limit):
                        continue
                    for _ in range(arguments.repeat):
                        bench.measure(tool, sources)
    _show(_best(bench.rows), arguments.markdown)
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(row) for row in bench.rows], indent=1))
    return 1 if any(row.failed for row in bench.rows) else 0


def _best(rows: Sequence[Row]) -> list[Row]:
    """Of repeated passes the one that took the least CPU: other work on the machine only ever adds."""
    best: dict[tuple[int, str, str], Row] = {}
    for row in rows:
        key = (row.sources, row.tool, row.which)
        if key not in best or row.cpu_per_1000 < best[key].cpu_per_1000:
            best[key] = row
    return list(best.values())


if __name__ == "__main__":
    raise SystemExit(main())
