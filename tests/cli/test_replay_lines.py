"""Replay reads line by line: what came is judged before the rest is there, and a bad line is named."""

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from bot.cli.lines import Lines
from bot.errors import ConfigError
from tests.cli.conftest import CATALOG
from tests.commandline import Tipoff


def a_line(number: int, title: str = "Huawei launches the Ascend 950") -> str:
    row = {
        "id": f"r{number}", "title": f"{title} {number}", "url": f"https://reuters.com/{number}",
        "publisher": "Reuters", "published": "2026-04-01T10:00:00Z", "summary": "",
    }  # fmt: skip
    return json.dumps(row, ensure_ascii=False) + "\n"


def test_verdicts_come_while_the_input_goes_on(tmp_path: Path) -> None:
    (tmp_path / "catalog.toml").write_text(CATALOG, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "bot.cli.main", "replay", "-", "--json"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8", cwd=tmp_path,
        env={"TIPOFF_CATALOG": str(tmp_path / "catalog.toml"), "PATH": "", "PYTHONPATH": ":".join(sys.path)},
    ) as started:  # fmt: skip
        assert started.stdin is not None
        assert started.stdout is not None
        deadline = threading.Timer(40, started.kill)
        deadline.start()
        try:
            # More than any buffer between the two holds, and the input stays open.
            for number in range(400):
                started.stdin.write(a_line(number))
            started.stdin.flush()
            assert json.loads(started.stdout.readline())["id"] == "r0"
            started.stdin.close()
            assert json.loads(started.stdout.readlines()[-1])["id"] == "r399"
        finally:
            deadline.cancel()
    assert started.returncode == 0


def test_every_alert_is_in_the_table_whatever_their_number(tipoff: Tipoff, tmp_path: Path) -> None:
    days = [
        json.dumps(
            {
                "id": str(day), "title": f"Word{day} of Huawei Ascend", "url": f"https://reuters.com/{day}",
                "publisher": "Reuters", "published": f"{2000 + day // 12}-{day % 12 + 1:02}-01T00:00:00Z",
            }
        )
        for day in range(230)
    ]  # fmt: skip
    (tmp_path / "in.jsonl").write_text("\n".join(days), encoding="utf-8")
    ended = tipoff("replay", "in.jsonl")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.count("Evidence") == 1
    assert "230 items, 230 stories, 230 alerts" in ended.stdout
    assert all(f"Word{day} of Huawei" in ended.stdout for day in range(230))


def test_the_answers_that_moved_are_beside_their_alert_and_at_the_end(tipoff: Tipoff, tmp_path: Path) -> None:
    said = [
        ("2026-03-01T00:00:00Z", "Huawei to launch the Ascend 950 in April, sources say"),
        ("2026-04-10T00:00:00Z", "Huawei Ascend 950 released"),
    ]
    rows = [
        {
            "id": when,
            "title": title,
            "url": f"https://reuters.com/{when}",
            "publisher": "Reuters",
            "published": when,
        }
        for when, title in said
    ]
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    ended = tipoff("replay", "in.jsonl")
    assert ended.returncode == 0, ended.stderr
    assert "➜ Is it out? rumoured → released" in ended.stdout
    at_the_end = ended.stdout.partition("Answers at the end")[2]
    assert [line.split() for line in at_the_end.splitlines() if "out" in line] == [
        ["Is", "it", "out?", "released", "10", "Apr", "2026", "report", "#2"]
    ]


@pytest.mark.parametrize(
    ("titles", "hint"),
    [
        pytest.param(["Cats", "Dogs"], "No item is on a topic of this catalog: t, u.", id="no topic"),
        pytest.param(["Huawei Ascend", "Huawei Ascend ships"], "read oldest first", id="newest first"),
    ],
)
def test_a_history_that_tells_nothing_gets_a_hint(
    tipoff: Tipoff, tmp_path: Path, titles: list[str], hint: str
) -> None:
    rows = [
        {
            "id": str(n), "title": title, "url": f"https://reuters.com/{n}", "publisher": "Reuters",
            "published": f"2026-04-{9 - n:02}T00:00:00Z",
        }
        for n, title in enumerate(titles * 4)
    ]  # fmt: skip
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    ended = tipoff("replay", "in.jsonl")
    assert ended.returncode == 0, ended.stderr
    assert hint in " ".join(ended.stdout.split())


def test_a_line_ends_at_its_newline_only(tmp_path: Path) -> None:
    lines = [a_line(1, "A\u2028B\x85C"), a_line(2)]
    file = tmp_path / "in.jsonl"
    file.write_text("".join(lines), encoding="utf-8")
    read = Lines(file)
    assert list(read) == lines
    assert read.read == read.size == file.stat().st_size


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b'{"id": 1}\n\xff\xfe\n', "in.jsonl:2: is not UTF-8", id="bytes"),
        pytest.param(b"{}\n" + b"x" * (5 * 2**20), "in.jsonl:2: is longer than", id="endless-line"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "in.jsonl").write_bytes(content)
    with pytest.raises(ConfigError, match=says):
        list(Lines(tmp_path / "in.jsonl"))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"gone\.jsonl: cannot be read"):
        list(Lines(tmp_path / "gone.jsonl"))
