"""Time to the first alert from a cold start, and memory after reading N sources, of the real program.

    python benchmarks/cold_start.py --sources 1000

Serves N small feeds on loopback, starts `tipoff run` with a new database, and watches its output and its memory.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from aiohttp import web

ITEMS = 20


def feed(number: int) -> str:
    now = datetime.now(UTC)
    entries = "".join(
        f"<item><guid>{number}-{n}</guid><title>DeepSeek V4 note {number * ITEMS + n}: part{number} of lot{n}</title>"
        f"<link>http://example.org/{number}/{n}</link><description>Word{number} about word{n}.</description>"
        f"<pubDate>{format_datetime(now - timedelta(minutes=n))}</pubDate></item>"
        for n in range(ITEMS)
    )
    return (
        f"<?xml version='1.0'?><rss version='2.0'><channel><title>f{number}</title>{entries}</channel></rss>"
    )


def catalog(base: str, sources: int) -> str:
    rows = "".join(
        f'[[source]]\nid = "s{n}"\nkind = "rss"\nurl = "{base}/{n}.xml"\ntopics = ["t"]\nevery = "5m"\n'
        for n in range(sources)
    )
    return rows + '[[topic]]\nid = "t"\nany = ["deepseek v4"]\n'


def memory_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


async def measure(sources: int) -> None:
    asked: set[str] = set()

    async def answer(request: web.Request) -> web.Response:
        asked.add(request.path)
        body = feed(int(request.path.strip("/").removesuffix(".xml")))
        return web.Response(text=body, content_type="application/rss+xml")

    app = web.Application()
    app.router.add_get("/{name}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    base = "http://{}:{}".format(*runner.addresses[0][:2])
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "catalog.toml").write_text(catalog(base, sources))
        env = {
            **os.environ, "TIPOFF_DATABASE_URL": f"sqlite:///{folder}/t.db", "TIPOFF_WEB_BIND": "",
            "TIPOFF_CATALOG": f"{folder}/catalog.toml", "TIPOFF_ALLOW_PRIVATE_ADDRESSES": "1",
        }  # fmt: skip
        began = time.monotonic()
        program = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot.cli.main", "run", env=env, stdout=asyncio.subprocess.PIPE,
            cwd=Path(__file__).parent.parent,
        )  # fmt: skip
        assert program.stdout is not None
        first = None
        while first is None and (line := await program.stdout.readline()):
            if "NEW" in line.decode():
                first = time.monotonic() - began
        while len(asked) < sources and time.monotonic() - began < 300:
            await asyncio.sleep(0.2)
        read_all = time.monotonic() - began
        await asyncio.sleep(5)
        used = memory_mb(program.pid)
        stopping = time.monotonic()
        program.terminate()
        await program.communicate()
        print("| sources | first alert s | all asked s | memory MB | stop s |")
        print("|---|---|---|---|---|")
        print(
            f"| {sources} | {first or 0:.1f} | {read_all:.1f} | {used:.0f} | {time.monotonic() - stopping:.1f} |"
        )
    await runner.cleanup()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sources", type=int, default=1000)
    asyncio.run(measure(parser.parse_args().sources))
