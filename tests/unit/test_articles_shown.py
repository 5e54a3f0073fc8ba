"""Tags and the original article in an alert, on each platform, within its limits."""

from datetime import UTC, datetime
from io import StringIO
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from bot.delivery.contract import AlertMessage
from bot.model import ChannelKey, Event, Grade, StoryId
from handlers.console.cards import card
from handlers.discord.render import embed
from handlers.slack.render import render
from tests.standins.discord_limits import check_limits


def an_alert(**given_fields: Any) -> AlertMessage:
    fields: dict[str, Any] = {
        "token": "0123456789abcdef0123", "channel": ChannelKey("discord:55"), "story": StoryId(12),
        "event": Event.NEW, "title": "DeepSeek V4 is out", "url": "https://wire.example/v4", "publisher": "Mastodon",
        "grade": Grade.REPORT, "topics": ("DeepSeek V4",), "published": datetime(2026, 11, 24, tzinfo=UTC),
        "site": "wire.example", "tags": ("MIT licence", "Hangzhou"),
    }  # fmt: skip
    return AlertMessage(**{**fields, **given_fields})


def on_console(message: AlertMessage) -> str:
    console = Console(file=StringIO(), width=100)
    console.print(card(message))
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_each_platform_shows_tags_and_the_original() -> None:
    fields = {field["name"]: field["value"] for field in embed(an_alert())["fields"]}
    assert fields["Tags"] == "MIT licence, Hangzhou"
    assert fields["Original article"] == "[wire.example](https://wire.example/v4)"
    said = str(render(an_alert()).blocks)
    assert "Original article: <https://wire.example/v4|wire.example>" in said
    assert "Tags: MIT licence, Hangzhou" in said
    shown = on_console(an_alert())
    assert "Original article: wire.example" in shown
    assert "Tags: MIT licence, Hangzhou" in shown


def test_without_them_nothing_is_said_of_them() -> None:
    bare = an_alert(site="", tags=())
    for shown in (str(embed(bare)), str(render(bare).blocks), on_console(bare)):
        assert "Tags" not in shown
        assert "Original" not in shown


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=400), st.lists(st.text(max_size=60), max_size=6), st.text(max_size=600))
def test_text_from_outside_stays_within_the_limits(site: str, tags: list[str], url: str) -> None:
    message = an_alert(site=site, tags=tuple(tags), url=url, title="t" * 300, summary="s" * 5000)
    check_limits({"embeds": [embed(message)], "content": "x"})
    made = render(message)
    assert len(made.blocks) <= 50
    for block in made.blocks:
        if block["type"] == "context":
            assert 1 <= len(block["elements"]) <= 10
            assert all(
                1 <= len(element["text"]) <= 3000 for element in block["elements"] if "text" in element
            )
    on_console(message)
