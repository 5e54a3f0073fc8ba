"""The tools that are compared: how each is set up, and the command of one pass."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
_HERE = Path(__file__).resolve().parent
#: What the peers' own manuals and examples use, or more where more is quicker on two cores.
_NEWSBOAT_THREADS, _SFEED_JOBS = 16, 8
#: An interest that some entries of the real documents match.
_TOPIC = '[[topic]]\nid = "watched"\nname = "Watched"\nany = ["apple", "google", "microsoft"]\n'

# As sfeed's README says under "Caching, incremental data updates and bandwidth-saving".
_SFEEDRC = """
sfeedpath="{folder}/feeds"
maxjobs={jobs}
fetch() {{
    etag="{folder}/etags/$(basename "$3")"
    curl -L --max-redirs 0 -H "User-Agent:" -f -s -m 15 --compressed \\
        --etag-save "$etag" --etag-compare "$etag" -z "$etag" "$2" 2>/dev/null
}}
feeds() {{
{feeds}
}}
"""


@dataclass(frozen=True)
class Plan:
    """One tool, ready to be run. ``setup`` runs before the first pass and is not measured. ``between`` runs after
    the first pass. ``also_second``: a second pass of another kind, from the state that ``between`` kept."""

    first: Sequence[str]
    env: dict[str, str] = field(default_factory=dict)
    second: Sequence[str] = ()
    setup: Callable[[], None] = lambda: None
    between: Callable[[], None] = lambda: None
    also_second: Sequence[str] = ()


@dataclass(frozen=True)
class Tool:
    """``missing`` says why it cannot be run, "" when it can. ``plan`` takes a new folder and the addresses."""

    name: str
    version: str
    missing: str
    plan: Callable[[Path, Sequence[str]], Plan]


def find(name: str, peer_python: str) -> Tool:
    if name == "tipoff":
        return Tool(name, "this tree", "", _tipoff)
    if name in ("reader", "feedparser"):
        version, missing = _peer(name, peer_python)
        return Tool(
            name, version, missing, lambda folder, urls: _python_peer(name, peer_python, folder, urls)
        )
    binary = shutil.which({"newsboat": "newsboat", "sfeed": "sfeed_update"}[name])
    missing = "" if binary else f"not installed (Debian: apt-get install {name})"
    return Tool(name, _packaged(name) if binary else "", missing, _newsboat if name == "newsboat" else _sfeed)


def _packaged(name: str) -> str:
    if not shutil.which("dpkg-query"):
        return ""
    told = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Version}", name], capture_output=True, text=True, check=False
    )
    return told.stdout.strip()


def _peer(name: str, python: str) -> tuple[str, str]:
    told = subprocess.run(
        [python, str(_HERE / "peers.py"), name, "check"], capture_output=True, text=True, check=False
    )
    if told.returncode:
        return (
            "",
            f"not installed in {python} (pip install reader feedparser requests sgmllib3k; --peer-python)",
        )
    return json.loads(told.stdout)["version"], ""


def _tipoff(folder: Path, urls: Sequence[str]) -> Plan:
    database, kept = folder / "tipoff.db", folder / "kept.db"
    catalog = folder / "catalog.toml"
    rows = "".join(
        f'[[source]]\nid = "s{n}"\nkind = "feed"\nurl = "{url}"\ntopics = ["watched"]\nevery = "15m"\n'
        for n, url in enumerate(urls)
    )
    catalog.write_text(rows + _TOPIC)
    poll = [sys.executable, "-m", "bot.cli.main", "poll", "--once", "--json"]
    return Plan(
        first=poll,
        second=poll,
        env={
            "TIPOFF_CATALOG": str(catalog),
            "TIPOFF_DATABASE_URL": f"sqlite:///{database}",
            "TIPOFF_ALLOW_PRIVATE_ADDRESSES": "1",
        },
        between=lambda: _copy_database(database, kept),
        also_second=[sys.executable, "-m", "benchmarks.polling.steady", str(kept), str(catalog)],
    )


def _copy_database(database: Path, kept: Path) -> None:
    for suffix in ("", "-wal"):
        source = database.with_name(database.name + suffix)
        if source.exists():
            shutil.copyfile(source, kept.with_name(kept.name + suffix))


def _python_peer(name: str, python: str, folder: Path, urls: Sequence[str]) -> Plan:
    listed = folder / "urls"
    listed.write_text("\n".join(urls))
    script = [python, str(_HERE / "peers.py"), name]
    rest = [str(folder / "state"), str(listed)]
    return Plan(
        first=[*script, "pass", *rest],
        second=[*script, "pass", *rest],
        setup=lambda: _quietly([*script, "setup", *rest], {}),
    )


def _newsboat(folder: Path, urls: Sequence[str]) -> Plan:
    (folder / "urls").write_text("\n".join(urls) + "\n")
    (folder / "config").write_text(f"reload-threads {_NEWSBOAT_THREADS}\ndownload-retries 1\n")
    command = [
        "newsboat", "-q", "-u", str(folder / "urls"), "-c", str(folder / "cache.db"), "-C", str(folder / "config"),
        "-x", "reload",
    ]  # fmt: skip
    env = {"HOME": str(folder), "TERM": os.environ.get("TERM", "xterm")}
    # It keeps validators from the second reload on (newsboat issue 2734): the measured second pass is its third.
    return Plan(first=command, second=command, env=env, between=lambda: _quietly(command, env))


def _sfeed(folder: Path, urls: Sequence[str]) -> Plan:
    for name in ("feeds", "etags"):
        (folder / name).mkdir()
    feeds = "\n".join(f'feed "s{n}" "{url}"' for n, url in enumerate(urls))
    (folder / "sfeedrc").write_text(_SFEEDRC.format(folder=folder, jobs=_SFEED_JOBS, feeds=feeds))
    command = ["sfeed_update", str(folder / "sfeedrc")]
    return Plan(first=command, second=command, env={"HOME": str(folder)})


def _quietly(command: Sequence[str], env: dict[str, str]) -> None:
    subprocess.run(command, env={**os.environ, **env}, stdout=subprocess.DEVNULL, check=True)
