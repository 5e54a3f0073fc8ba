"""One pass of Tipoff as it runs all day: opened, caught up and warm before the clock starts.

python -m benchmarks.polling.steady DATABASE CATALOG
"""

import asyncio
import json
import resource
import sys
import time
from pathlib import Path

from bot.catalog.loader import load_catalog
from bot.cli.start import settle_memory
from bot.flow.desk import Desk
from bot.flow.once import poll_all
from bot.flow.poll import pushed
from bot.intake.fetch import open_fetcher
from bot.intake.sources.registry import request_for
from bot.model import RawItem, utc_now
from storage import sources
from storage.database import open_database


def cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


async def one_pass(database_path: str, catalog_path: Path) -> dict[str, float]:
    catalog = load_catalog(catalog_path)
    async with open_database(f"sqlite+aiosqlite:///{database_path}") as database:
        desk = Desk(database, catalog, clock=utc_now)
        async with database.reading() as conn:
            states = await sources.states(conn)
        began = time.monotonic()
        request_for(
            states[0].source
        )  # adapters and, for the Chinese title, its words are loaded when first needed
        warm = RawItem(
            external_id="warm", url="http://example.org/warm", title="Warming up before the pass 预热"
        )
        await desk.record([pushed(states[0], (warm,), at=utc_now())])
        caught_up_s = time.monotonic() - began
        async with open_fetcher(contact="", allow_private=True) as fetcher:
            settle_memory()
            wall, cpu = time.monotonic(), cpu_s()
            done, tally = await poll_all(
                states, desk, fetcher, clock=utc_now, quiet=False, on_read=lambda _: None
            )
            return {
                "pass_wall_s": time.monotonic() - wall,
                "pass_cpu_s": cpu_s() - cpu,
                "caught_up_s": caught_up_s,
                "new": tally.items_new,
                "failed": done.failed,
            }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(one_pass(sys.argv[1], Path(sys.argv[2])))))
