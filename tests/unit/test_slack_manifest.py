"""The app manifest, against what docs.slack.dev/reference/app-manifest says of each field."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from handlers.slack.manifest import SCOPES, manifest
from handlers.specs import COMMANDS
from tests.commandline import tipoff_in
from tests.paths import ROOT


def table(required: str = "", **properties: Any) -> dict[str, Any]:
    return {
        "type": "object", "properties": properties, "required": required.split(), "additionalProperties": False,
    }  # fmt: skip


def text(longest: int, shortest: int = 1) -> dict[str, Any]:
    return {"type": "string", "minLength": shortest, "maxLength": longest}


def listed(item: dict[str, Any], most: int) -> dict[str, Any]:
    return {"type": "array", "items": item, "maxItems": most, "minItems": 1, "uniqueItems": True}


URL = {"type": "string", "pattern": r"^https://[^\s]+$", "maxLength": 3000}
FLAG = {"type": "boolean"}
SCHEMA = table(
    "display_information",
    _metadata=table(major_version={"enum": [1, 2]}, minor_version={"type": "integer"}),
    display_information=table(
        "name", name=text(35), description=text(140), long_description=text(4000, 174),
        background_color={"type": "string", "pattern": "^#(?:[0-9a-fA-F]{3}){1,2}$"},
    ),
    features=table(
        app_home=table(
            home_tab_enabled=FLAG, messages_tab_enabled=FLAG, messages_tab_read_only_enabled=FLAG
        ),
        bot_user=table("display_name", display_name=text(80), always_online=FLAG),
        slash_commands=listed(
            table(
                "command description", command={**text(32), "pattern": r"^/[a-z0-9_-]+$"},
                description=text(2000), usage_hint=text(1000), should_escape=FLAG, url=URL,
            ),
            50,
        ),
    ),
    oauth_config=table(redirect_urls=listed(URL, 1000), scopes=table(bot=listed(text(100), 255))),
    settings=table(
        event_subscriptions=table(request_url=URL, bot_events=listed(text(100), 100)),
        interactivity=table("is_enabled", is_enabled=FLAG, request_url=URL, message_menu_options_url=URL),
        org_deploy_enabled=FLAG, socket_mode_enabled=FLAG, token_rotation_enabled=FLAG,
    ),
)  # fmt: skip
BASE = "https://tipoff.example.org"


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({}, id="socket-mode"),
        pytest.param({"separate": True}, id="separate-commands"),
        pytest.param({"url": BASE}, id="http"),
        pytest.param({"url": BASE, "installs": True, "separate": True}, id="oauth"),
    ],
)
def test_every_manifest_is_one_that_slack_takes(given) -> None:
    made = manifest(**given)
    jsonschema.validate(made, SCHEMA)
    assert made["settings"]["socket_mode_enabled"] is ("url" not in given)
    commands = [row["command"] for row in made["features"]["slash_commands"]]
    assert len(set(commands)) == len(commands)
    # Without a request address, Slack has nowhere to send what is not sent by Socket Mode.
    for row in (*made["features"]["slash_commands"], made["settings"]["interactivity"]):
        assert (row.get("url") or row.get("request_url")) == (
            f"{BASE}/slack/events" if given.get("url") else None
        )


def test_separate_commands_are_the_first_words_of_all() -> None:
    made = manifest(separate=True)["features"]["slash_commands"]
    first = dict.fromkeys(spec.name.split(" ")[0] for spec in COMMANDS)
    assert [row["command"] for row in made] == ["/tipoff", *(f"/tipoff-{name}" for name in first)]


def test_oauth_renews_tokens_and_says_where_people_come_back() -> None:
    made = manifest(url=BASE, installs=True)
    assert made["settings"]["token_rotation_enabled"] is True
    assert made["oauth_config"]["redirect_urls"] == [f"{BASE}/slack/oauth_redirect"]


def test_the_command_prints_it_and_makes_keys(tmp_path: Path) -> None:
    tipoff = tipoff_in(tmp_path, catalog="")
    printed = tipoff("slack", "manifest", "--url", BASE + "/")
    assert json.loads(printed.stdout) == manifest(url=BASE)
    first, second = tipoff("slack", "key").stdout, tipoff("slack", "key").stdout
    assert re.fullmatch(r"[\w-]{43}=\n", first)
    assert first != second


@pytest.mark.parametrize(
    "args", [("--url", "http://tipoff.example.org"), ("--oauth",)], ids=["http", "no-url"]
)
def test_what_slack_would_refuse_is_refused_here(tmp_path: Path, args: tuple[str, ...]) -> None:
    ended = tipoff_in(tmp_path, catalog="")("slack", "manifest", *args)
    assert ended.returncode == 2
    assert ended.stderr.startswith("tipoff: --")


def test_the_documents_name_every_scope() -> None:
    page = (ROOT / "docs" / "slack.md").read_text(encoding="utf-8")
    assert [scope for scope in SCOPES if f"`{scope}`" not in page] == []
