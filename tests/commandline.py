"""Calls the command line as a program of its own, in a folder of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

Tipoff = Callable[..., subprocess.CompletedProcess[str]]


def tipoff_in(folder: Path, *, catalog: str) -> Tipoff:
    """Call ``tipoff`` with arguments; ``stdin`` is what it reads, other names are settings."""
    (folder / "catalog.toml").write_text(catalog, encoding="utf-8")
    foreign = ("TIPOFF_", "DISCORD_", "SLACK_")
    base = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    given = {
        "TIPOFF_DATABASE_URL": f"sqlite:///{folder}/t.db",
        "TIPOFF_CATALOG": str(folder / "catalog.toml"),
        "COLUMNS": "160",
    }

    def call(*args: str, stdin: str = "", **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "bot.cli.main", *args], env={**base, **given, **env}, cwd=folder,
            input=stdin, capture_output=True, text=True, encoding="utf-8", timeout=60, check=False,
        )  # fmt: skip

    return call
