"""The checker of requests finds what is wrong, and its description is Discord's own."""

import json
from typing import Any

import pytest

from tests.standins.openapi import (
    DISCORD_FULL,
    DISCORD_OPERATIONS,
    DISCORD_TRIMMED,
    DISCORD_UNDESCRIBED,
    RequestChecker,
    trimmed,
)

CHECKER = RequestChecker.load(DISCORD_TRIMMED, undescribed=DISCORD_UNDESCRIBED)
POST = ("POST", "/channels/55/messages")


@pytest.mark.skipif(not DISCORD_FULL.exists(), reason="the shared data (TIPOFF_SHARED_DATA) is not here")
def test_the_trimmed_description_says_what_the_full_one_says() -> None:
    full = json.loads(DISCORD_FULL.read_text("utf-8"))
    assert json.loads(DISCORD_TRIMMED.read_text("utf-8")) == trimmed(full, DISCORD_OPERATIONS)


@pytest.mark.parametrize(
    ("request_line", "query", "body", "found"),
    [
        pytest.param(POST, {}, {"content": "x", "nonce": "n", "enforce_nonce": True}, None, id="right"),
        pytest.param(POST, {}, {"content": "x", "nonce": "n" * 26}, "too long", id="a nonce that is too long"),
        pytest.param(POST, {}, {"embeds": [{"colour": 1}]}, "colour", id="a property that does not exist"),
        pytest.param(POST, {}, {"embeds": [{"title": "x" * 257}]}, "too long", id="a title that is too long"),
        pytest.param(POST, {}, {"allowed_mentions": {"parse": ["all"]}}, "all", id="a value that does not exist"),
        pytest.param(POST, {}, None, "missing", id="no body"),
        pytest.param(POST, {"wait": "1"}, {"content": "x"}, "wait", id="a query that does not exist"),
        pytest.param(("GET", "/channels/x/messages"), {}, None, "channel_id", id="an id that is none"),
        pytest.param(("GET", "/channels/5/messages"), {"limit": "101"}, None, "limit", id="a page that is too long"),
        pytest.param(("GET", "/channels/5/messages"), {"limit": "100"}, None, None, id="a page"),
        pytest.param(("GET", "/users/@me"), {}, {"a": 1}, "body", id="a body where none belongs"),
        pytest.param(("DELETE", "/users/@me"), {}, None, "no such operation", id="another method"),
        pytest.param(("GET", "/nowhere"), {}, None, "no such operation", id="another path"),
    ],
)  # fmt: skip
def test_check(request_line: tuple[str, str], query: dict[str, str], body: Any, found: str | None) -> None:
    problems = CHECKER.check(*request_line, query=query, body=body, content_type="application/json")
    assert [found in problem for problem in problems] == ([] if found is None else [True])


def test_a_form_is_not_json() -> None:
    (problem,) = CHECKER.check(*POST, query={}, body={"content": "x"}, content_type="multipart/form-data")
    assert "content type" in problem
