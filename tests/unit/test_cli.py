"""The command line as a person meets it: help, exit codes, one clear line."""

import json
from pathlib import Path

import pytest

from handlers.answers import counted
from tests.commandline import Tipoff, tipoff_in

CATALOG = """\
[[source]]
id = "s"
kind = "rss"
url = "https://example.org/feed"
topics = ["t"]
[[topic]]
id = "t"
any = ["*"]
"""


@pytest.fixture
def tipoff(tmp_path: Path) -> Tipoff:
    return tipoff_in(tmp_path, catalog=CATALOG)


def test_help_names_every_command(tipoff) -> None:
    shown = tipoff("--help")
    assert shown.returncode == 0
    for command in (
        "run", "demo", "poll", "replay", "subscribe", "unsubscribe", "status", "latest", "search", "sources",
        "doctor", "db",
    ):  # fmt: skip
        assert f" {command} " in shown.stdout


@pytest.mark.parametrize("args", [["why", "https://example.org/never"], ["unsubscribe", "discord:1", "t"]])
def test_what_could_not_be_done_is_said_once_and_is_exit_1(tipoff, args: list[str]) -> None:
    ended = tipoff(*args)
    assert ended.returncode == 1
    assert ended.stdout.strip()
    assert ended.stderr == ""


@pytest.mark.parametrize(
    ("args", "env", "says"),
    [
        pytest.param(["latest"], {"TIPOFF_WEB_BIND": "x"}, "TIPOFF_WEB_BIND", id="setting"),
        pytest.param(["subscribe", "irc:1", "t"], {}, "unknown channel 'irc:1'", id="channel"),
        pytest.param(["subscribe", "discord:1", "u"], {}, "Unknown topic 'u'", id="topic"),
        pytest.param(
            ["subscribe", "discord:1", "t", "--mode", "monthly"], {}, "mode: unknown value", id="mode"
        ),
        pytest.param(["subscribe", "discord:1", "t", "--quiet", "25"], {}, "quiet:", id="quiet"),
        pytest.param(["latest", "--count", "99"], {}, "count:", id="count"),
        pytest.param(["poll"], {}, "--once", id="poll without once"),
        pytest.param(["replay", "missing.jsonl"], {}, "missing.jsonl", id="replay file"),
        pytest.param(["why", "999"], {}, "no story 999", id="story"),
        pytest.param(["nonsense"], {}, "No such command", id="command"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_2(tipoff, args: list[str], env: dict[str, str], says: str) -> None:
    ended = tipoff(*args, **env)
    assert ended.returncode == 2, ended.stderr
    assert says in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_subscription_from_the_command_line(tipoff) -> None:
    made = tipoff("subscribe", "slack:T1/C1", "t", "--min-grade", "report", "--lang", "en,zh")
    assert made.returncode == 0
    assert "Subscribed to t" in made.stdout
    again = tipoff("subscribe", "slack:T1/C1", "t", "--min-grade", "report", "--lang", "en,zh")
    assert "Already subscribed" in again.stdout
    assert "report or better" in tipoff("subscriptions", "slack:T1/C1").stdout
    assert tipoff("unsubscribe", "slack:T1/C1", "t").returncode == 0
    assert tipoff("unsubscribe", "slack:T1/C1", "t").returncode == 1


def test_the_terminal_names_its_own_commands(tipoff) -> None:
    unknown = tipoff("why", "https://example.org/never")
    assert "tipoff sources shows what is read, tipoff sources add reads one more" in " ".join(
        unknown.stdout.split()
    )
    refused = tipoff("mute", "discord:1", "--topic", "all")
    assert "tipoff unsubscribe CHANNEL all ends everything" in refused.stderr


def test_a_sample_and_a_mute_from_the_command_line(tipoff) -> None:
    shown = " ".join(tipoff("test", "discord:1").stdout.split())
    assert "Nothing is sent before DISCORD_TOKEN is set and tipoff run is up." in shown
    listed = " ".join(tipoff("mute", "discord:1").stdout.split())
    assert "tipoff mute CHANNEL --story 17 --time 7d" in listed
    assert "Muted t until" in tipoff("mute", "discord:1", "--topic", "t", "--time", "2d").stdout
    assert "is told again" in tipoff("mute", "discord:1", "--topic", "t", "--time", "off").stdout


def test_status_topics_sources_and_latest_answer_on_an_empty_database(tipoff) -> None:
    for command in ("status", "topics", "sources", "latest"):
        ended = tipoff(command)
        assert ended.returncode == 0, ended.stderr
        assert ended.stdout.strip()


def test_db_upgrade_says_where_it_is(tipoff) -> None:
    assert "now at revision" in tipoff("db", "upgrade").stdout
    assert "already" in tipoff("db", "upgrade").stdout


def test_replay_prints_one_object_a_line_in_input_order(tipoff, tmp_path: Path) -> None:
    rows = [
        {
            "id": f"r{n}", "title": f"Thing {n} was released", "url": f"https://example.org/{n}",
            "publisher": "Reuters", "summary": "One line\u2028to JSON, two to some",
            "published": f"2026-04-0{n}T10:00:00Z", "extra": True,
        }
        for n in (1, 2)
    ]  # fmt: skip
    (tmp_path / "in.jsonl").write_text(
        "\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n", encoding="utf-8"
    )
    ended = tipoff("replay", "in.jsonl", "--json")
    assert ended.returncode == 0, ended.stderr
    shown = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [row["id"] for row in shown] == ["r1", "r2"]
    assert {"id", "story", "topics", "grade", "alert", "event", "reason"} <= set(shown[0])
    assert shown[0]["topics"] == ["t"]
    assert shown[0]["event"] == "new"
    assert shown[0]["alert"] is True


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "in.jsonl:1: is not JSON"),
        ("[]", "must be a JSON object"),
        ('{"id": "1"}', "title, url, publisher, published: missing"),
    ],
)
def test_replay_names_the_line_it_cannot_read(tipoff, tmp_path: Path, line: str, says: str) -> None:
    (tmp_path / "in.jsonl").write_text(line, encoding="utf-8")
    ended = tipoff("replay", "in.jsonl", "--json")
    assert ended.returncode == 2
    assert says in ended.stderr


def test_a_replay_says_the_same_in_every_run(tipoff, tmp_path: Path) -> None:
    row = {
        "id": "1", "title": "Reuters: Acme rocket launch in May, rocket engine and rocket fuel tested",
        "url": "https://example.org/1", "publisher": "Reuters", "published": "2026-04-01T10:00:00Z",
    }  # fmt: skip
    (tmp_path / "catalog.toml").write_text(
        '[[topic]]\nid = "t"\nany = ["acme", "rocket", "launch", "engine", "fuel", "tested", "may"]\n',
        encoding="utf-8",
    )
    (tmp_path / "in.jsonl").write_text(json.dumps(row), encoding="utf-8")
    said = {tipoff("replay", "in.jsonl", "--json", PYTHONHASHSEED=str(seed)).stdout for seed in range(4)}
    assert len(said) == 1
    assert '"acme' in said.pop().replace("\\", "")


def test_what_is_counted_is_said_in_the_singular_and_the_plural() -> None:
    assert [counted(number, "story") for number in (0, 1, 2)] == ["0 stories", "1 story", "2 stories"]
    assert [counted(number, "day") for number in (1, 3)] == ["1 day", "3 days"]
