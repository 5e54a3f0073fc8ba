"""The stand-in's own checks: they must see what is wrong, and the cut-out description must be the published one."""

from typing import Any

import pytest

from tests.paths import SHARED_DATA
from tests.standins.slack_spec import METHODS, NOT_DESCRIBED, NOT_DESCRIBED_METHODS, ApiSpec, message_faults

PUBLISHED = SHARED_DATA / "slack" / "web-api.json"
POST = {"channel": "C1", "text": "x"}


def section(text: str, kind: str = "mrkdwn") -> dict[str, Any]:
    return {"type": "section", "text": {"type": kind, "text": text}}


@pytest.mark.parametrize(
    ("method", "arguments", "has_token", "words"),
    [
        pytest.param("chat.postMessage", {"text": "x"}, True, "channel is missing", id="missing"),
        pytest.param("chat.postMessage", POST, False, "token is missing", id="no-token"),
        pytest.param(
            "chat.postMessage", {**POST, "unfurl": True}, True, "unknown argument unfurl", id="unknown"
        ),
        pytest.param(
            "chat.postMessage", {**POST, "unfurl_links": "no"}, True, "not of type boolean", id="boolean"
        ),
        pytest.param("chat.postMessage", {**POST, "blocks": "[]"}, True, "not of type array", id="array"),
        pytest.param("conversations.history", {"limit": "ten"}, True, "not of type integer", id="integer"),
        pytest.param("conversations.history", {"oldest": "now"}, True, "not of type number", id="number"),
        pytest.param("conversations.list", {}, True, "no such method", id="listing-channels"),
        pytest.param("apps.connections.open", {}, False, "token is missing", id="socket-mode"),
    ],
)
def test_a_wrong_call_is_seen(method, arguments, has_token, words) -> None:
    assert words in " ".join(ApiSpec().faults(method, arguments, has_token=has_token))


def test_a_right_call_is_not_blamed() -> None:
    assert ApiSpec().faults("chat.postMessage", {**POST, "blocks": [], "metadata": {}}, has_token=True) == []


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"text": "x" * 40001}, id="long-text"),
        pytest.param({"text": "<!channel>"}, id="channel-ping"),
        pytest.param({"text": "<@U1>"}, id="user-ping"),
        pytest.param({"text": "<#C1>"}, id="channel-link"),
        pytest.param({"text": "a & b"}, id="bare-ampersand"),
        pytest.param({"text": "a &am"}, id="cut-entity"),
        pytest.param({"text": "a > b"}, id="bare-bracket"),
        pytest.param({"text": "<javascript:alert(1)|x>"}, id="script-link"),
        pytest.param({"text": "x", "blocks": [{"type": "divider"}] * 51}, id="blocks"),
        pytest.param({"text": "x", "blocks": [section("y" * 3001)]}, id="section"),
        pytest.param({"text": "x", "blocks": [section("y" * 2900)] * 5}, id="all-blocks"),
        pytest.param({"text": "x", "blocks": [section("<!here>")]}, id="here-ping"),
        pytest.param({"text": "x", "blocks": [{"type": "context", "elements": []}]}, id="empty-context"),
        pytest.param(
            {"text": "x", "blocks": [{"type": "header", "text": {"type": "mrkdwn", "text": "y"}}]},
            id="header",
        ),
        pytest.param({"text": "x", "blocks": [{"type": "image"}]}, id="unknown-block"),
        pytest.param(
            {
                "text": "x",
                "blocks": [
                    {
                        "type": "rich_text",
                        "elements": [
                            {
                                "type": "rich_text_section",
                                "elements": [{"type": "broadcast", "range": "here"}],
                            }
                        ],
                    }
                ],
            },
            id="broadcast-element",
        ),
        pytest.param({"text": "x", "metadata": {"event_type": "y"}}, id="metadata"),
    ],
)
def test_a_wrong_message_is_seen(body) -> None:
    assert message_faults(body)


@pytest.mark.skipif(not PUBLISHED.exists(), reason="the shared data folder is not here")
def test_the_cut_out_description_is_the_published_one() -> None:
    cut, whole = ApiSpec(), ApiSpec(PUBLISHED)
    for method in METHODS:
        for name in (
            "token",
            "channel",
            "ts",
            "oldest",
            "limit",
            "cursor",
            "user",
            "blocks",
            "text",
            "thread_ts",
        ):
            for value in ("x", "1", [], True):
                given = {name: value}
                assert cut.faults(method, given, has_token=False) == whole.faults(
                    method, given, has_token=False
                )


@pytest.mark.skipif(not PUBLISHED.exists(), reason="the shared data folder is not here")
def test_what_is_listed_as_not_described_is_really_not() -> None:
    text = PUBLISHED.read_text(encoding="utf-8")
    assert all(f'"/{method}"' not in text for method in NOT_DESCRIBED_METHODS)
    assert all(f'"name": "{argument}"' not in text for _, argument in NOT_DESCRIBED)
