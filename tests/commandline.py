"""Calls the command line as a program of its own, in a folder of its own."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests import forks

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
        return forks.call(list(args), env={**base, **given, **env}, cwd=folder, stdin=stdin)

    return call
