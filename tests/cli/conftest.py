"""The command line as a program of its own, in a folder of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

CATALOG = """\
[[source]]
id = "s"
kind = "rss"
url = "https://example.org/feed"
topics = ["t"]
[[topic]]
id = "t"
name = "The Ascend"
any = ["ascend 950", "ascend"]
ambiguous = ["ascend"]
near = ["huawei"]
none = ["kirin"]
[[topic.watch]]
id = "t-out"
question = "Is it out?"
states = ["rumoured", "announced", "released"]
[[topic]]
id = "u"
any = ["deepseek v4"]
"""

Tipoff = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def tipoff(tmp_path: Path) -> Tipoff:
    """Call ``tipoff`` with arguments; ``stdin`` is what it reads, other names are settings."""
    (tmp_path / "catalog.toml").write_text(CATALOG, encoding="utf-8")
    foreign = ("TIPOFF_", "DISCORD_", "SLACK_")
    base = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}

    def call(*args: str, stdin: str = "", **env: str) -> subprocess.CompletedProcess[str]:
        given = {
            "TIPOFF_DATABASE_URL": f"sqlite:///{tmp_path}/t.db",
            "TIPOFF_CATALOG": str(tmp_path / "catalog.toml"),
            "COLUMNS": "160",
        }
        return subprocess.run(
            [sys.executable, "-m", "bot.cli.main", *args], env={**base, **given, **env}, cwd=tmp_path,
            input=stdin, capture_output=True, text=True, encoding="utf-8", timeout=60, check=False,
        )  # fmt: skip

    return call
