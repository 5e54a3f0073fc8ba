"""Explain, score, label and test a topic, as a team does that tunes Tipoff to its own topic."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.cli.label import parse_since
from bot.errors import UserError
from bot.model import SourceId
from storage import items, sources
from storage.database import open_database
from tests.builders import NOW, a_source, a_verdict
from tests.commandline import Tipoff


def a_row(number: int, title: str, **given: Any) -> dict[str, Any]:
    fields = {
        "id": f"r{number}", "title": title, "url": f"https://reuters.com/{number}", "publisher": "Reuters",
        "published": f"2026-04-01T{10 + number}:00:00Z", "summary": "",
    }  # fmt: skip
    return {**fields, **given}


ROWS = [
    a_row(1, "Huawei launches Ascend 950", gold={"story": "a", "topics": ["t"], "grade": "report", "event": "new"}),
    a_row(
        2, "Huawei launches the Ascend 950 chip", publisher="AFP", url="https://afp.com/2",
        gold={"story": "a", "topics": ["t"], "grade": "official", "watch": {"question": "t-out", "state": "released"}},
    ),
    a_row(3, "Climbers ascend Everest in spring", gold={"story": "b", "topics": []}),
    a_row(4, "Huawei Ascend 950 beside Kirin", gold={"story": "c", "topics": ["t"]}),
    a_row(5, "A line without labels"),
]  # fmt: skip


def write(folder: Path, rows: list[dict[str, Any]], name: str = "in.jsonl") -> None:
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
    (folder / name).write_text("".join(lines), encoding="utf-8")


def test_explain_says_for_every_item_what_was_seen_and_what_was_refused(
    tipoff: Tipoff, tmp_path: Path
) -> None:
    write(tmp_path, ROWS)
    ended = tipoff("replay", "in.jsonl", "--explain")
    assert ended.returncode == 0, ended.stderr
    for said in (
        "Huawei launches Ascend 950", 'on t: "ascend 950" in the title', "told: the first of its story",
        "joins #1", "shares", "not told: the story was told already, with report",
        'refused "ascend" in the title: ambiguous, and none of huawei is near',
        'refused "kirin" in the title keeps it out', "not told: touches no topic",
        "Reuters: outlet, its address proves it",
    ):  # fmt: skip
        assert said in ended.stdout


def test_explain_one_item(tipoff: Tipoff, tmp_path: Path) -> None:
    write(tmp_path, ROWS)
    shown = tipoff("replay", "in.jsonl", "--explain", "--id", "r3").stdout
    assert "Climbers" in shown
    assert shown.count("▌") == 1
    missing = tipoff("replay", "in.jsonl", "--explain", "--id", "r9")
    assert missing.returncode == 2
    assert "no item has the id r9" in missing.stderr


def test_explain_adds_one_key_to_the_objects_and_changes_none(tipoff: Tipoff, tmp_path: Path) -> None:
    write(tmp_path, ROWS)
    plain = [json.loads(line) for line in tipoff("replay", "in.jsonl", "--json").stdout.splitlines()]
    told = [
        json.loads(line) for line in tipoff("replay", "in.jsonl", "--explain", "--json").stdout.splitlines()
    ]
    whys = [row.pop("why") for row in told]
    assert told == plain
    assert set(whys[0]) == {"topics", "story", "grade", "watch", "alert"}
    assert whys[1]["story"]["candidates"][0]["story"] == 1
    named = [
        json.loads(line)
        for line in tipoff("replay", "in.jsonl", "--explain", "--id", "r2", "--json").stdout.splitlines()
    ]
    assert ["why" in row for row in named] == [False, True, False, False, False]


def test_scores_against_labels_in_the_same_file(tipoff: Tipoff, tmp_path: Path) -> None:
    write(tmp_path, ROWS)
    ended = tipoff("replay", "in.jsonl", "--score", "in.jsonl", "--json")
    assert ended.returncode == 0, ended.stderr
    scores = json.loads(ended.stdout)
    assert (scores["items"], scores["unlabelled"], scores["unjudged"]) == (4, 1, 0)
    assert scores["without"] == {"grade": 2, "event": 3, "claims": 4}
    assert scores["stories"]["f1"] == 1.0
    assert scores["topics"]["t"] == {
        "right": 2, "wrong": 0, "missed": 1, "precision": 1.0, "recall": 0.6667, "f1": 0.8,
    }  # fmt: skip
    assert scores["alerts"]["swallowed"] == scores["alerts"]["unseen"] == 1
    assert scores["grade"]["confusion"] == {"official": {"report": 1}, "report": {"report": 1}}
    assert scores["watch"]["right"] == 1, "told by the first item of the story, labelled on the second"
    shown = tipoff("replay", "in.jsonl", "--score", "in.jsonl").stdout
    for said in ("Stories, B-cubed F1", "Swallowed stories", "50.0%", "macro F1", "without labels: 1 item"):
        assert said in shown


def test_an_earlier_replay_is_something_to_compare_with(tipoff: Tipoff, tmp_path: Path) -> None:
    write(tmp_path, ROWS)
    (tmp_path / "before.jsonl").write_text(tipoff("replay", "in.jsonl", "--json").stdout, encoding="utf-8")
    scores = json.loads(tipoff("replay", "in.jsonl", "--score", "before.jsonl", "--json").stdout)
    assert scores["stories"]["f1"] == scores["grade"]["accuracy"] == scores["event"]["accuracy"] == 1.0


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["replay", "in.jsonl", "--score", "missing.jsonl"], "missing.jsonl: cannot be read"),
        (["replay", "in.jsonl", "--score", "-"], "needs a file"),
        (
            ["replay", "in.jsonl", "--score", "bad.jsonl"],
            "bad.jsonl:1: grade: 'fine' is none of opinion, rumour",
        ),
        (["replay", "in.jsonl", "--score", "other.jsonl"], "labels are of other items"),
        (["replay", "in.jsonl", "--score", "in.jsonl", "--explain"], "say one of them"),
        (["label", "out.jsonl", "--topic", "x"], "Unknown topic 'x'. Known: t, u."),
        (["label", "out.jsonl", "--since", "lately"], "neither a date"),
        (["label", "no/such/folder.jsonl"], "cannot be written"),
        (["topics", "test", "x", "--topic", "y"], "Unknown topic 'y'. Known: t, u."),
        (["topics", "test", " "], "give a text"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_2(
    tipoff: Tipoff, tmp_path: Path, args: list[str], says: str
) -> None:
    write(tmp_path, ROWS)
    write(tmp_path, [{"id": "r1", "gold": {"grade": "fine"}}], "bad.jsonl")
    write(tmp_path, [{"id": "r9", "gold": {"story": "a"}}], "other.jsonl")
    ended = tipoff(*args)
    assert ended.returncode == 2
    assert says in ended.stderr
    assert "Traceback" not in ended.stderr


async def _store(folder: Path, count: int) -> None:
    async with open_database(f"sqlite+aiosqlite:///{folder}/t.db") as database, database.transaction() as tx:
        await sources.sync_catalog(tx, [a_source(id=SourceId("reuters"))], now=NOW)
        verdicts = [
            a_verdict(
                number=number, topics=("t",) if number % 2 else (),
                item={"published": NOW - timedelta(days=number), "title": f"Huawei Ascend 950 story {number}"},
            )
            for number in range(1, count + 1)
        ]  # fmt: skip
        await items.add_verdicts(tx, verdicts)


async def test_the_history_becomes_labels_that_replay_reads(tipoff: Tipoff, tmp_path: Path) -> None:
    await _store(tmp_path, 6)
    made = tipoff("label", "out.jsonl")
    assert made.returncode == 0, made.stderr
    assert "6 items written to out.jsonl" in made.stderr
    text = (tmp_path / "out.jsonl").read_text("utf-8")
    rows = [json.loads(line) for line in text.splitlines()]
    assert [row["published"] for row in rows] == sorted(row["published"] for row in rows)
    assert rows[-1]["title"] == "Huawei Ascend 950 story 1"
    assert rows[-1]["gold"] == {
        "story": "s1", "topics": ["t"], "grade": "report", "event": "new", "alert": True, "watch": [], "claims": [],
    }  # fmt: skip
    scores = json.loads(tipoff("replay", "out.jsonl", "--score", "out.jsonl", "--json").stdout)
    assert (scores["items"], scores["unlabelled"]) == (6, 0)
    assert scores["without"] == {"claims": 3}, "off topic nothing is said of claims"


async def test_label_takes_a_topic_and_a_time_and_spares_what_was_corrected(
    tipoff: Tipoff, tmp_path: Path
) -> None:
    await _store(tmp_path, 6)
    since = f"{NOW - timedelta(days=4):%Y-%m-%d}"
    assert tipoff("label", "out.jsonl", "--topic", "t", "--since", since).returncode == 0
    before = (tmp_path / "out.jsonl").read_text("utf-8")
    assert [json.loads(line)["gold"]["story"] for line in before.splitlines()] == ["s3", "s1"]
    refused = tipoff("label", "out.jsonl")
    assert refused.returncode == 2
    assert "--force overwrites it" in refused.stderr
    assert (tmp_path / "out.jsonl").read_text("utf-8") == before
    assert tipoff("label", "out.jsonl", "--force").returncode == 0
    assert len((tmp_path / "out.jsonl").read_text("utf-8").splitlines()) == 6
    assert not (tmp_path / "out.jsonl.part").exists()


def test_since_is_a_date_a_time_or_a_span() -> None:
    now = datetime(2026, 4, 30, tzinfo=UTC)
    assert parse_since("", now=now) is None
    assert parse_since("30d", now=now) == now - timedelta(days=30)
    assert parse_since("2026-04-01", now=now) == datetime(2026, 4, 1, tzinfo=UTC)
    assert parse_since("2026-04-01T02:00+02:00", now=now) == datetime(2026, 4, 1, tzinfo=UTC)
    with pytest.raises(UserError):
        parse_since("0d", now=now)


def test_topics_alone_lists_them(tipoff: Tipoff) -> None:
    shown = tipoff("topics").stdout
    assert "The Ascend" in shown
    assert "Is it out?" in shown


def test_a_text_is_tested_without_a_database(tipoff: Tipoff, tmp_path: Path) -> None:
    shown = tipoff("topics", "test", "Huawei's", "Ascend", "benchmark").stdout
    assert 'on t: "ascend" in the title' in shown
    nearly = tipoff("topics", "test", "They ascend", "--title", "Climbing").stdout
    assert 'refused "ascend" in the summary: ambiguous' in nearly
    assert "no term of any topic is there" in tipoff("topics", "test", "Weather").stdout
    assert not (tmp_path / "t.db").exists()


def test_a_tested_text_tells_its_grade_and_what_it_says_of_the_questions(tipoff: Tipoff) -> None:
    words = ("Huawei launches Ascend 950", "--publisher", "Reuters")
    by_name = tipoff("topics", "test", *words).stdout
    assert "Reuters: outlet, by its name only" in by_name
    assert "t-out: no answer → released" in by_name
    by_address = tipoff("topics", "test", *words, "--url", "https://www.reuters.com/x").stdout
    assert "Reuters: outlet, its address proves it" in by_address
    nobody = tipoff("topics", "test", "Huawei Ascend 950 may come, a user says").stdout
    assert "nobody is named as its publisher" in nobody
    assert "→" not in nobody


def test_a_text_from_standard_input_has_its_title_in_the_first_line(tipoff: Tipoff) -> None:
    shown = tipoff("topics", "test", "-", stdin="DeepSeek news\nIt is DeepSeek V4 and 昇腾.\n").stdout
    assert 'on u: "deepseek v4" in the summary' in shown
    assert "on t" not in tipoff("topics", "test", "Ascend 950", "--topic", "u").stdout
