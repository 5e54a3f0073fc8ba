"""Whole payloads for Discord: within its description and limits whatever the sources say, and harmless."""

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.delivery.contract import AlertMessage, DigestMessage, Place
from bot.model import Event, Grade
from handlers.actions import decoded
from handlers.discord.components import modal, reply_rows, submitted
from handlers.discord.posting import Way, bare, opens_thread, rich, story_thread, tags_for, thread_name
from handlers.discord.text import width
from handlers.replies import Button, Field, Form, Select
from tests.standins.discord_limits import check_limits
from tests.unit.test_discord_render import AT, CHANNEL, CHECKER, PUBLISHED, an_alert, an_entry
from tests.unit.test_discord_text import HOSTILE, PING

MESSAGE, FORUM = Way(channel_id=55), Way(channel_id=55, forum=True)
UNHURRIED = settings(max_examples=60, deadline=None)
TEXTS = st.one_of(
    HOSTILE, st.text(max_size=30), st.sampled_from(["word " * 900, "\U0001f600" * 300, "[x](y)" * 300])
)
URLS = st.one_of(
    st.just("https://news.example/a"), HOSTILE, HOSTILE.map(lambda tail: f"https://news.example/{tail}")
)
PLACES = st.builds(
    Place, kind=st.sampled_from(["", "text", "forum", "direct"]),
    mention=st.sampled_from(["", "4242", "@everyone", "²"]),
    locale=st.sampled_from(["en", "de", "zh-CN", "ja", "xx", ""]), threads=st.booleans(),
)  # fmt: skip
ALERTS = st.builds(
    an_alert, title=TEXTS, url=URLS, publisher=TEXTS, author=TEXTS, summary=TEXTS, site=TEXTS, meanwhile=TEXTS,
    topics=st.lists(TEXTS, max_size=4).map(tuple), answers=st.lists(TEXTS, max_size=6).map(tuple),
    tags=st.lists(TEXTS, max_size=8).map(tuple), grade=st.sampled_from(Grade), event=st.sampled_from(Event),
    previous_grade=st.sampled_from(Grade), alert=st.integers(0, 10**12), place=PLACES,
    reply_to=st.sampled_from([None, "", "12", "x"]),
)  # fmt: skip
DIGESTS = st.builds(
    DigestMessage, token=st.just("d" * 20), channel=st.just(CHANNEL), title=TEXTS, reason=TEXTS, place=PLACES,
    entries=st.lists(st.builds(an_entry, title=TEXTS, url=URLS, publisher=TEXTS), max_size=12).map(tuple),
)  # fmt: skip


def assert_taken(way: Way, body: dict[str, Any]) -> None:
    path = "/channels/55/threads" if way.forum else "/channels/55/messages"
    assert CHECKER.check("POST", path, query={}, body=body, content_type="application/json") == []
    check_limits(body["message"] if way.forum else body)
    if way.forum:
        assert body["name"].strip()
        assert width(body["name"]) <= 100


@UNHURRIED
@given(st.one_of(ALERTS, DIGESTS), st.sampled_from([MESSAGE, FORUM]))
def test_discord_takes_every_message_wherever_it_goes(
    message: AlertMessage | DigestMessage, way: Way
) -> None:
    for made in (rich(message, way), bare(message, way)):
        assert_taken(way, made)


LINK = re.compile(r"(?<!\\)\]\((https?://[^)\s]+)\)")
TIME = re.compile(r"<t:\d+:R>")


@UNHURRIED
@given(st.one_of(ALERTS, DIGESTS))
def test_what_sources_say_calls_nobody_and_links_nowhere(message: AlertMessage | DigestMessage) -> None:
    """Only our own marks are live: the role that the channel chose, links to the addresses, the times."""
    mention = message.place.mention if isinstance(message, AlertMessage) else ""
    chosen = mention if mention == "4242" else ""
    for body in (rich(message, MESSAGE), bare(message, MESSAGE)):
        assert body["allowed_mentions"] == ({"parse": [], "roles": [chosen]} if chosen else {"parse": []})
        for text in _texts(body):
            ours = TIME.sub("", text.removeprefix(f"<@&{chosen}>") if chosen else text)
            assert not PING.search(ours)
            assert "\u202e" not in ours
            assert len(LINK.findall(ours)) == len(re.findall(r"(?<!\\)\]\(", ours))
            assert not re.search(r"(?<!\\)(?:\\\\)*<(?!https?://)", ours)


def _texts(body: dict[str, Any]) -> list[str]:
    """Every text that Discord reads for mark-up or mentions; author and footer show as they are."""
    found = [body.get("content") or ""]
    for embed in body.get("embeds", []):
        found += [embed.get("title", ""), embed.get("description", "")]
        found += [field["value"] for field in embed.get("fields", [])]
    return found


def test_an_alert_has_two_rows_and_a_sample_none() -> None:
    rows = rich(an_alert(alert=9), MESSAGE)["components"]
    assert [[each["label"] for each in row["components"]] for row in rows] == [
        ["Why", "Mute story", "Open"], ["Useful", "Noise", "Wrong story"],
    ]  # fmt: skip
    assert rows[0]["components"][2]["url"] == "https://deepseek.example/v4"
    assert dict(decoded(rows[1]["components"][1]["custom_id"]).options) == {"alert": "9", "verdict": "noise"}
    assert "components" not in rich(an_alert(alert=0), MESSAGE)
    no_link = rich(an_alert(alert=9, url="javascript:x"), MESSAGE)["components"]
    assert [each["label"] for each in no_link[0]["components"]] == ["Why", "Mute story"]


def test_what_changed_meanwhile_and_the_time_stand_in_their_fields() -> None:
    (embed,) = rich(an_alert(meanwhile="2 more outlets"), MESSAGE)["embeds"]
    values = [field["value"] for field in embed["fields"]]
    assert "2 more outlets" in values
    assert f"<t:{AT}:R>" in values
    assert embed["timestamp"] == PUBLISHED.isoformat()


@pytest.mark.parametrize(
    ("given", "thread", "opens"),
    [
        pytest.param({}, None, None, id="as ever"),
        pytest.param({"place": Place(kind="text", threads=True)}, None, None, id="a first alert opens none"),
        pytest.param({"place": Place(kind="text", threads=True), "reply_to": "12"}, None, 12, id="the second does"),
        pytest.param({"place": Place(kind="direct", threads=True), "reply_to": "12"}, None, None, id="not in private"),
        pytest.param({"place": Place(thread="77")}, 77, None, id="known"),
        pytest.param({"place": Place(thread="x")}, None, None, id="no id"),
    ],
)  # fmt: skip
def test_threads(given: dict[str, Any], thread: int | None, opens: int | None) -> None:
    message = an_alert(**given)
    assert (story_thread(message), opens_thread(message)) == (thread, opens)


def test_a_post_without_a_headline_has_a_name() -> None:
    assert thread_name(an_alert(title="\u200b\u3164")) == "(no title)"


def test_no_more_than_five_tags_are_set() -> None:
    offered = [{"id": str(n), "name": "official"} for n in range(9)]
    assert tags_for(an_alert(), offered, needed=False) == ["0", "1", "2", "3", "4"]
    assert tags_for(an_alert(), [{"id": "1", "name": "x", "moderated": True}], needed=True) == []


# -- buttons, lists, forms

WORDS = st.text("abc-", min_size=1, max_size=12)
BUTTONS = st.one_of(
    st.builds(Button, label=TEXTS, url=URLS),
    st.builds(
        Button, label=TEXTS, command=WORDS, options=st.lists(st.tuples(WORDS, WORDS), max_size=2).map(tuple),
        style=st.sampled_from(["plain", "main", "danger"]), form=st.booleans(), replace=st.booleans(),
    ),
)  # fmt: skip
SELECTS = st.builds(
    Select, hint=TEXTS, command=WORDS, option=WORDS,
    choices=st.lists(st.tuples(st.text(max_size=110), TEXTS), max_size=30).map(tuple),
)  # fmt: skip
FIELDS = st.builds(
    Field, name=WORDS, label=TEXTS, value=TEXTS, hint=TEXTS, required=st.booleans(), long=st.booleans(),
    choices=st.lists(WORDS, max_size=7, unique=True).map(tuple),
)  # fmt: skip


@UNHURRIED
@given(st.lists(BUTTONS, max_size=24), st.lists(SELECTS, max_size=3))
def test_discord_takes_whatever_stands_under_an_answer(buttons: list[Button], selects: list[Select]) -> None:
    assert_taken(MESSAGE, {"content": "x", "components": reply_rows(buttons, selects)})


@UNHURRIED
@given(
    st.builds(Form, title=TEXTS, command=WORDS, fields=st.lists(FIELDS, min_size=1, max_size=5).map(tuple))
)
def test_discord_takes_every_form(form: Form) -> None:
    body = {"type": 9, "data": modal(form)}
    path = "/interactions/1/token/callback"
    assert CHECKER.check("POST", path, query={}, body=body, content_type="application/json") == []


def test_a_list_that_no_id_can_hold_is_left_out() -> None:
    select = Select(hint="h", command="c", option="o", options=(("x", "y" * 120),), choices=(("a", "A"),))
    assert reply_rows((), (select,)) == []


def test_what_was_filled_in_is_read_from_labels_and_rows() -> None:
    filled = [
        {"type": 18, "component": {"type": 4, "custom_id": "zone", "value": "UTC"}},
        {"type": 18, "component": {"type": 3, "custom_id": "threads", "values": ["on"]}},
        {"type": 18, "component": {"type": 3, "custom_id": "publish", "values": []}},
        {"type": 1, "components": [{"type": 4, "custom_id": "budget", "value": "40"}]},
        {"type": 10, "content": "a text"},
    ]
    assert submitted(json.loads(json.dumps(filled))) == {
        "zone": "UTC", "threads": "on", "publish": "", "budget": "40",
    }  # fmt: skip
