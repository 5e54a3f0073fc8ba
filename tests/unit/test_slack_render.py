"""Source text in Slack messages: never mark-up, never a ping, never another link, never too long."""

import json
import re
import unicodedata
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.delivery.contract import AlertMessage, DigestEntry, DigestMessage, NoticeMessage, Outlet, Place
from bot.errors import UserError
from bot.model import ChannelKey, Event, Grade, StoryId
from handlers.replies import Button, Entry, Field, Form, Reply, Select
from handlers.slack.blocks import MAX_BLOCKS, MAX_MESSAGE, Rendered, size
from handlers.slack.forms import form_of, view
from handlers.slack.markup import (
    clean,
    date,
    escaped,
    link,
    masks_another_host,
    safe_url,
    trim,
    width,
)
from handlers.slack.origin import Origin
from handlers.slack.render import as_slack_commands, render, render_reply
from handlers.specs import COMMANDS, SPECS
from tests.standins.slack_controls import view_faults
from tests.standins.slack_spec import message_faults, mrkdwn_faults

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
CHANNEL = ChannelKey("slack:T1/C1")
HOSTILE = [
    "<!channel>",
    "<!here|x>",
    "<@U1>",
    "<#C1>",
    "<!subteam^S1>",
    "<http://evil.example|bank.com>",
    "*bold*",
    "_i_",
    "~s~",
    "`code`",
    "```",
    "&amp;",
    "&",
    "&lt;!channel&gt;",
    "<",
    ">",
    "|",
    ":smile:",
    "@channel",
    "@here",
    "#general",
    "\u202e",
    "\u200b",
    "\u2066",
    "\ufeff",
    "\x00",
    "\n",
    "\r",
    "\u2028",
    " ",
    "平头哥",
    "🇪🇺",
    "👩‍👩‍👧",
    "e\u0301\u0301\u0301\u0301\u0301",
    "https://evil.example/",
    "javascript:alert(1)",
    "\ud800",
    "%7C",
    "\\",
    '"',
    "> quote",
    "\U000e0041",
]

texts = st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=30)), max_size=40).map("".join)
long_texts = st.one_of(texts, st.builds(lambda text, times: text * times, texts, st.integers(1, 200)))
urls = st.one_of(
    st.sampled_from(
        [
            "",
            "https://example.com/a",
            "https://example.com/a|b>c<d",
            "javascript:alert(1)",
            "https://user@evil.example/",
            "http://[::1/",
            "https://例え.jp/パス?q=あ",
            "https://example.com/?a=1&b=2",
            "ftp://x.example",
            "https://" + "a" * 300,
            "https://example.com/" + "x" * 2970,
            "https://example.com/" + "x" * 5000,
            "http://a.b:99999/",
            "//example.com",
        ]
    ),
    texts.map(lambda text: "https://example.com/" + text),
    texts,
)
grades = st.sampled_from(Grade)
DESK = "S0DESK"
places = st.builds(
    Place,
    mention=st.sampled_from(["", DESK, "S", "<!channel>", "123456", "@here"]),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "Asia/Shanghai", "Nowhere/At all", ""]),
    locale=st.sampled_from(["en", "de-DE", "zh-CN", "fr", "es-ES", "xx", ""]),
)
events = st.sampled_from(Event)
alerts = st.builds(
    AlertMessage,
    token=st.just("d1"),
    channel=st.just(CHANNEL),
    story=st.just(StoryId(7)),
    event=events,
    title=long_texts,
    url=urls,
    publisher=long_texts,
    author=long_texts,
    grade=grades,
    previous_grade=st.none() | grades,
    topics=st.lists(long_texts, max_size=12).map(tuple),
    published=st.just(NOW),
    summary=long_texts,
    outlets=st.lists(st.builds(Outlet, publisher=long_texts, url=urls, grade=grades), max_size=15).map(tuple),
    answers=st.lists(long_texts, max_size=15).map(tuple),
    alert=st.sampled_from([0, 31]),
    meanwhile=long_texts,
    site=texts,
    tags=st.lists(texts, max_size=12).map(tuple),
    place=places,
)
digests = st.builds(
    DigestMessage,
    token=st.just("d1"),
    channel=st.just(CHANNEL),
    title=long_texts,
    entries=st.lists(
        st.builds(
            DigestEntry,
            story=st.just(StoryId(7)),
            event=events,
            title=long_texts,
            url=urls,
            publisher=long_texts,
            grade=grades,
            topics=st.lists(texts, max_size=3).map(tuple),
            published=st.just(NOW),
        ),
        max_size=60,
    ).map(tuple),
    reason=long_texts,
    place=places,
)
pairs = st.lists(st.tuples(st.sampled_from(["story", "page", "text"]), texts), max_size=3).map(tuple)
buttons = st.builds(
    Button,
    label=long_texts,
    command=st.sampled_from([spec.name for spec in COMMANDS]),
    options=pairs,
    url=st.just("") | urls,
    style=st.sampled_from(["plain", "main", "danger"]),
    form=st.booleans(),
    replace=st.booleans(),
)
selects = st.builds(
    Select,
    hint=long_texts,
    command=st.just("story"),
    option=st.just("story"),
    choices=st.lists(st.tuples(long_texts, long_texts), max_size=25).map(tuple),
    options=pairs,
)
notices = st.builds(
    NoticeMessage, token=st.just("d1"), channel=st.just(CHANNEL), title=long_texts, text=long_texts
)
replies = st.builds(
    Reply,
    title=long_texts,
    text=long_texts,
    entries=st.lists(
        st.builds(
            Entry,
            title=long_texts,
            url=urls,
            grade=st.none() | grades,
            facts=st.lists(long_texts, max_size=5).map(tuple),
            lines=st.lists(long_texts, max_size=8).map(tuple),
            text=long_texts,
        ),
        max_size=70,
    ).map(tuple),
    tone=st.sampled_from(["info", "done", "error"]),
    buttons=st.lists(buttons, max_size=20).map(tuple),
    selects=st.lists(selects, max_size=3).map(tuple),
)
forms = st.builds(
    Form,
    title=long_texts,
    command=st.sampled_from([spec.name for spec in COMMANDS]),
    fields=st.lists(
        st.builds(
            Field,
            name=st.sampled_from(["zone", "topic", "story", "threads", "words", "other"]),
            label=long_texts,
            value=long_texts,
            hint=long_texts,
            required=st.booleans(),
            choices=st.just(()) | st.just(("on", "off")),
            long=st.booleans(),
        ),
        min_size=1,
        max_size=5,
        unique_by=lambda field: field.name,
    ).map(tuple),
    options=pairs,
)


def assert_fit(rendered: Rendered, *, groups: tuple[str, ...] = ()) -> None:
    """Slack would take it, and nothing in it pings (but for ``groups``), formats or hides."""
    body: dict[str, Any] = {"blocks": list(rendered.blocks), "text": rendered.text}
    assert message_faults(body, groups=groups) == []
    assert len(rendered.blocks) <= MAX_BLOCKS
    assert size(rendered.blocks) <= MAX_MESSAGE
    assert 1 <= width(rendered.text) <= 3000
    json.dumps(body).encode()
    everything = rendered.text + json.dumps(body, ensure_ascii=False)
    hidden = {char for char in everything if unicodedata.category(char) in ("Cf", "Cs", "Co")}
    assert not hidden


@settings(max_examples=150, deadline=None)
@given(st.one_of(alerts, notices))
def test_any_alert_or_notice_is_fit_for_slack(message) -> None:
    assert_fit(render(message), groups=called(message))


@settings(max_examples=40, deadline=None)
@given(digests)
def test_any_digest_is_fit_for_slack(message) -> None:
    assert_fit(render(message), groups=called(message))


def called(message: AlertMessage | DigestMessage | NoticeMessage) -> tuple[str, ...]:
    """The user group that the message may and must call."""
    if message.place.mention != DESK:
        return ()
    rendered = render(message)
    assert rendered.text.startswith(f"<!subteam^{DESK}> ")
    assert str(rendered.blocks).count("'usergroup'") == 1
    return (DESK,)


ORIGIN = Origin(
    team="T1", channel="C1", user="U1", response_url="https://hooks.slack.com/commands/" + "x" * 80
)


@settings(max_examples=60, deadline=None)
@given(forms)
def test_any_form_is_fit_for_slack(form) -> None:
    try:
        shown = view(form, ORIGIN, SPECS.get(form.command))
    except UserError:
        return  # what it must keep is too long
    assert view_faults(shown) == []


@pytest.mark.parametrize("spec", COMMANDS, ids=lambda spec: spec.name)
def test_every_command_has_a_form_with_all_its_options(spec) -> None:
    shown = view(form_of(spec, {}), ORIGIN, spec)
    offered = [option.name for option in spec.options if not option.hidden]
    assert [block["block_id"] for block in shown["blocks"]] == offered
    assert not offered or view_faults(shown) == []


@settings(max_examples=40, deadline=None)
@given(replies)
def test_any_reply_is_fit_for_slack(reply) -> None:
    assert_fit(render_reply(reply))


@settings(max_examples=300, deadline=None)
@given(long_texts, st.integers(1, 200))
def test_escaped_text_has_no_mark_up_and_keeps_its_limit(text, limit) -> None:
    shown = escaped(text, limit)
    assert width(shown) <= limit
    assert not set("<>*_~`") & set(shown)
    assert mrkdwn_faults(shown) == []
    assert not re.search(r":[\w+'-]+:", shown)


@settings(max_examples=300, deadline=None)
@example("https://evil.example/" * 5, "https://evil.example/")  # cut, its end reads like another host
@given(long_texts, urls)
def test_a_link_leads_where_it_says_or_is_none(text, url) -> None:
    shown = link(text, url, 100)
    assert mrkdwn_faults(shown) == []
    if shown.startswith("<"):
        target, _, label = shown[1:-1].partition("|")
        assert target.replace("&amp;", "&") == safe_url(url)
        assert label
        assert not masks_another_host(label, target)


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        pytest.param("short", 10, "short", id="fits"),
        pytest.param("one two three", 10, "one two…", id="word-border"),
        pytest.param("one two three", 8, "one two…", id="border-just-behind"),
        pytest.param("a verylongwordwithoutborder", 12, "a verylongw…", id="no-near-border"),
        pytest.param("深度求索发布第四代模型", 5, "深度求索…", id="chinese"),
        pytest.param("🇪🇺🇪🇺", 3, "🇪…", id="wide-characters-count-twice"),
        pytest.param("x", 0, "", id="nothing"),
    ],
)
def test_trimming_prefers_word_borders(text, limit, expected) -> None:
    assert trim(text, limit) == expected


@pytest.mark.parametrize("limit", range(1, 12))
def test_no_entity_is_cut_in_two(limit) -> None:
    assert re.fullmatch(r"(&amp;)*…", escaped("&" * 20, limit))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a\u202eb\u200bc\ufeff", "abc", id="hidden"),
        pytest.param(" a \n\t b\u2028c ", "a b c", id="spaces"),
        pytest.param("e" + "\u0301" * 9, "e" + "\u0301" * 3, id="towers"),
        pytest.param("\u3164\u2800", "", id="shapeless"),
        pytest.param("\U000e0041x", "x", id="tags"),
    ],
)
def test_cleaning(text, expected) -> None:
    assert clean(text) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param("https://example.com/a?b=1#c", "https://example.com/a?b=1#c", id="plain"),
        pytest.param("https://example.com/a|b>c d", "https://example.com/a%7Cb%3Ec%20d", id="quoted"),
        pytest.param("https://example.com/%7C", "https://example.com/%7C", id="not-twice"),
        pytest.param("https://例え.jp/パ", "https://xn--r8jz45g.jp/%E3%83%91", id="international"),
        pytest.param("http://[::1]:80/", "http://[::1]:80/", id="ipv6"),
        pytest.param("javascript:alert(1)", None, id="script"),
        pytest.param("https://bank.com@evil.example/", None, id="user"),
        pytest.param("https:///x", None, id="no-host"),
        pytest.param("https://a.b:x/", None, id="port"),
        pytest.param("https://example.com/\u202egpj", None, id="bidi"),
        pytest.param("https://example.com/" + "x" * 3000, None, id="too-long"),
    ],
)
def test_addresses(url, expected) -> None:
    assert safe_url(url) == expected


@pytest.mark.parametrize(
    ("text", "url", "masks"),
    [
        ("DeepSeek V4 is out", "https://reuters.com/a", False),
        ("Node.js and llama.cpp news", "https://reuters.com/a", False),
        ("reuters.com", "https://www.reuters.com/a", False),
        ("www.reuters.com/a", "https://reuters.com/a", False),
        ("bank.com", "https://evil.example/", True),
        ("https://bank.example/login", "https://evil.example/", True),
        ("com", "https://evil.com/", False),
        ("evil.com.bank.com", "https://evil.com/", True),
        ("ｂａｎｋ．ｃｏｍ", "https://evil.example/", True),
        ("bank。com", "https://evil.example/", True),
    ],
)
def test_a_text_that_reads_like_another_address(text, url, masks) -> None:
    assert masks_another_host(text, url) is masks


def an_alert(**given: Any) -> AlertMessage:
    fields: dict[str, Any] = {
        "token": "d1",
        "channel": CHANNEL,
        "story": StoryId(7),
        "event": Event.NEW,
        "title": "V4 is <out> & *open*",
        "url": "https://example.com/v4",
        "publisher": "S&P",
        "grade": Grade.OFFICIAL,
        "topics": ("DeepSeek V4",),
        "published": NOW,
    }
    return AlertMessage(**{**fields, **given})


def test_an_alert_shows_title_facts_answer_outlets_and_number() -> None:
    rendered = render(
        an_alert(
            event=Event.UPGRADE,
            previous_grade=Grade.RUMOUR,
            summary="It is.",
            answers=("Is V4 out? -> released",),
            outlets=(Outlet(publisher="Heise", url="https://heise.de/x", grade=Grade.REPORT),),
        )
    )
    title, facts, summary, answer, outlets, foot = rendered.blocks
    assert title["elements"][0]["elements"] == [
        {"type": "text", "text": "Better proof: "},
        {
            "type": "link",
            "url": "https://example.com/v4",
            "text": "V4 is <out> & *open*",
            "style": {"bold": True},
        },
    ]
    assert [element["text"] for element in facts["elements"]] == [
        ":large_green_circle: rumour → *official*",
        "S&amp;P",
        "DeepSeek V4",
        date(NOW),
    ]
    assert summary["elements"][0]["elements"] == [{"type": "text", "text": "It is."}]
    assert "released" in str(answer)
    assert outlets["elements"][1]["text"] == "<https://heise.de/x|Heise> (report)"
    assert "/tipoff why 7" in str(foot)
    assert rendered.text.endswith("<https://example.com/v4>")
    assert rendered.text.startswith("Better proof: V4 is &lt;out&gt; &amp; *open*")


def test_a_masking_title_is_not_a_link_and_shows_the_true_host() -> None:
    rendered = render(an_alert(title="Log in at bank.com", url="https://evil.example/x"))
    assert rendered.blocks[0]["elements"][0]["elements"] == [
        {"type": "text", "text": "Log in at bank.com ", "style": {"bold": True}},
        {"type": "link", "url": "https://evil.example/x", "text": "(evil.example)"},
    ]


def test_what_does_not_fit_into_a_digest_is_counted() -> None:
    entry = DigestEntry(
        story=StoryId(7),
        event=Event.NEW,
        title="A story",
        url="https://example.com/",
        publisher="Reuters",
        grade=Grade.REPORT,
        topics=("Ascend",),
        published=NOW,
    )
    rendered = render(DigestMessage(token="d", channel=CHANNEL, title="Digest", entries=(entry,) * 60))
    shown = sum(block["type"] == "rich_text" for block in rendered.blocks)
    assert 20 <= shown < 60
    assert f"and {60 - shown} more" in str(rendered.blocks[-1])


def test_forty_short_entries_of_an_answer_fit() -> None:
    rendered = render_reply(
        Reply(title="Sources", entries=tuple(Entry(title=f"Source {n}") for n in range(48)))
    )
    assert len(rendered.blocks) == 49


def test_the_lines_of_an_entry_stay_lines() -> None:
    entry = Entry(title="t", lines=("Story: a\nb", "", "x" * 900))
    rendered = render_reply(Reply(title="Why", entries=(entry,) * 60))
    (section,) = rendered.blocks[1]["elements"]
    text = section["elements"][-1]["text"]
    assert text.startswith("\n› Story: a b\n› xxx")
    assert len(text) < 300
    assert size(rendered.blocks) <= MAX_MESSAGE
    assert "more" in str(rendered.blocks[-1])


def test_commands_are_named_as_typed_but_source_titles_stay() -> None:
    reply = Reply(title="/latest", text="a/latest /latestx /why", entries=(Entry(title="/why me"),))
    changed = as_slack_commands(reply, ("latest", "why"), entries=False)
    assert (changed.title, changed.text) == ("/tipoff latest", "a/latest /latestx /tipoff why")
    assert changed.entries == reply.entries
    told = as_slack_commands(Reply(title="x", text="Try: /mute story:17 time:7d."), ("mute",), entries=False)
    assert told.text == "Try: /tipoff mute story=17 time=7d."
