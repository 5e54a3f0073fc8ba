"""What a message and a reply look like on Discord, within its limits whatever the sources say."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.delivery.contract import (
    AlertMessage,
    DigestEntry,
    DigestMessage,
    Message,
    NoticeMessage,
    Outlet,
    Place,
)
from bot.model import ChannelKey, Event, Grade, StoryId
from handlers.discord.render import content, embed, footer, reference, reply_pages
from handlers.discord.text import width
from handlers.replies import Entry, Reply
from tests.standins.discord_limits import check_limits
from tests.standins.openapi import DISCORD_TRIMMED, DISCORD_UNDESCRIBED, RequestChecker

CHECKER = RequestChecker.load(DISCORD_TRIMMED, undescribed=DISCORD_UNDESCRIBED)
CHANNEL = ChannelKey("discord:55")
#: Under coverage an example of this size takes longer than hypothesis allows.
SLOW = settings(max_examples=60, deadline=None)
PUBLISHED = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
AT = int(PUBLISHED.timestamp())


def an_alert(**given: Any) -> AlertMessage:
    fields: dict[str, Any] = {
        "token": "0123456789abcdef0123", "channel": CHANNEL, "story": StoryId(12), "event": Event.NEW,
        "title": "DeepSeek V4 is out", "url": "https://deepseek.example/v4", "publisher": "DeepSeek",
        "grade": Grade.OFFICIAL, "topics": ("DeepSeek V4", "Licences"), "published": PUBLISHED,
    }  # fmt: skip
    return AlertMessage(**{**fields, **given})


def an_entry(**given: Any) -> DigestEntry:
    fields: dict[str, Any] = {
        "story": StoryId(1), "event": Event.NEW, "title": "A story", "url": "https://a.example/1", "publisher": "A",
        "grade": Grade.REPORT, "topics": ("T",), "published": PUBLISHED,
    }  # fmt: skip
    return DigestEntry(**{**fields, **given})


def a_digest(*entries: DigestEntry) -> DigestMessage:
    return DigestMessage(token="d" * 20, channel=CHANNEL, title="Digest, 24 November 2026", entries=entries)


def assert_discord_takes(body: dict[str, Any]) -> None:
    found = CHECKER.check(
        "POST", "/channels/55/messages", query={}, body=body, content_type="application/json"
    )
    assert found == []
    check_limits(body)


def named(made: dict[str, Any]) -> dict[str, str]:
    return {field["name"]: field["value"] for field in made["fields"]}


def test_an_alert_shows_title_link_source_grade_time_and_topic() -> None:
    made = embed(an_alert(author="Liang", summary="Weights under MIT."))
    assert made["title"] == "DeepSeek V4 is out"
    assert made["url"] == "https://deepseek.example/v4"
    assert made["author"] == {"name": "DeepSeek · Liang"}
    assert made["description"] == "Weights under MIT."
    assert made["timestamp"] == "2026-11-24T09:30:00+00:00"
    assert named(made) == {
        "Evidence": "🟢 official", "Topic": "DeepSeek V4, Licences", "Published": f"<t:{AT}:R>",
    }  # fmt: skip
    assert made["footer"] == {"text": "Tipoff · story 12 · ref 0123456789"}


def test_better_proof_shows_both_grades() -> None:
    made = embed(an_alert(event=Event.UPGRADE, previous_grade=Grade.REPORT))
    assert named(made)["Evidence"] == "🟢 report → official"


def test_changed_answers_and_other_outlets_have_their_fields() -> None:
    outlets = (
        Outlet(publisher="Reuters", url="https://r.example/1", grade=Grade.REPORT),
        Outlet(publisher="No link", url="javascript:x", grade=Grade.RUMOUR),
    )
    made = embed(an_alert(answers=("Is V4 out? -> released (was rumoured)",), outlets=outlets))
    assert named(made)["Answer"] == "➜ Is V4 out? -\\> released \\(was rumoured\\)"
    assert named(made)["Also told by"] == "[Reuters](https://r.example/1) (report), No link (rumour)"


def test_each_grade_has_its_own_colour() -> None:
    assert len({embed(an_alert(grade=grade))["color"] for grade in Grade}) == len(Grade)


@pytest.mark.parametrize("url", ["", "javascript:alert(1)", "https://good.example@e.vil/"])
def test_an_address_that_cannot_be_trusted_is_no_link(url: str) -> None:
    assert "url" not in embed(an_alert(url=url))
    assert "<" not in content(an_alert(url=url))


def test_an_author_who_is_the_publisher_is_named_once() -> None:
    assert embed(an_alert(author=" deepseek "))["author"] == {"name": "DeepSeek"}


def test_a_digest_is_grouped_by_grade() -> None:
    made = embed(
        a_digest(
            an_entry(grade=Grade.OFFICIAL, title="First"),
            an_entry(title="Second", story=StoryId(2), event=Event.UPGRADE),
            an_entry(title="Third", story=StoryId(3)),
        )
    )
    assert made["description"].split("\n") == [
        "🟢 **official**",
        f"• [First](https://a.example/1) · A · \\#1 · <t:{AT}:R>",
        "🔵 **report**",
        f"• [Second](https://a.example/1) · A · \\#2 · Better proof · <t:{AT}:R>",
        f"• [Third](https://a.example/1) · A · \\#3 · <t:{AT}:R>",
    ]


def test_a_digest_that_is_too_long_says_what_is_left_out() -> None:
    made = embed(a_digest(*[an_entry(title="word " * 40) for _ in range(60)]))
    assert made["description"].rsplit("\n", 1)[1].endswith("more: /latest")
    assert_discord_takes({"embeds": [made]})


MESSAGES: list[Message] = [
    an_alert(),
    a_digest(an_entry()),
    NoticeMessage(token="n" * 20, channel=CHANNEL, title="Reuters does not answer", text="Since yesterday."),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_every_form_of_a_message_ends_with_its_reference(message: Message) -> None:
    assert embed(message)["footer"]["text"] == footer(message)
    assert content(message).endswith(f"· {reference(message)}")


LONG = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["@everyone " * 200, "[x](http://y)" * 200, "\U0001f600" * 1500, "\\" * 2100, "# " * 900, "\x00"]
    ),
)
URLS = st.one_of(LONG, st.just("https://a.example/" + "x" * 490))
OUTLETS = st.lists(st.builds(Outlet, publisher=LONG, url=URLS, grade=st.sampled_from(Grade)), max_size=8).map(
    tuple
)
ALERTS = st.builds(
    an_alert, title=LONG, url=URLS, publisher=LONG, author=LONG, summary=LONG,
    topics=st.lists(LONG, max_size=9).map(tuple), answers=st.lists(LONG, max_size=30).map(tuple),
    outlets=OUTLETS, grade=st.sampled_from(Grade),
)  # fmt: skip
ENTRIES = st.builds(an_entry, title=LONG, url=URLS, publisher=LONG, grade=st.sampled_from(Grade))
DIGESTS = st.lists(ENTRIES, max_size=40).map(lambda entries: a_digest(*entries))
NOTICES = st.builds(NoticeMessage, token=st.just("n" * 20), channel=st.just(CHANNEL), title=LONG, text=LONG)


@SLOW
@given(st.one_of(ALERTS, DIGESTS, NOTICES))
def test_discord_takes_every_message_in_both_forms(message: Message) -> None:
    assert_discord_takes({"embeds": [embed(message)]})
    assert_discord_takes({"content": content(message)})


@SLOW
@given(
    st.builds(
        Reply, title=LONG, text=LONG,
        entries=st.lists(
            st.builds(
                Entry, title=LONG, url=URLS, facts=st.lists(LONG, max_size=20).map(tuple), text=LONG,
                lines=st.lists(LONG, max_size=8).map(tuple),
            ), max_size=30
        ).map(tuple),
    )
)  # fmt: skip
def test_discord_takes_every_page_of_every_reply(reply: Reply) -> None:
    pages = reply_pages(reply)
    assert 1 <= len(pages) <= 4
    for page in pages:
        assert_discord_takes({"embeds": [page]})


def test_a_reply_shows_title_text_and_entries() -> None:
    entry = Entry(
        title="Reuters", url="https://r.example/", facts=("rss", "", "read 5 min ago"), text="All well."
    )
    (page,) = reply_pages(Reply(title="Sources", text="1 source.", entries=(entry,)))
    assert page["title"] == "Sources"
    assert (
        page["description"]
        == "1 source.\n\n**[Reuters](https://r.example/)**\nrss · read 5 min ago\nAll well."
    )


def test_the_lines_of_an_entry_stay_lines_and_the_longest_entry_fits_one_page() -> None:
    entry = Entry(title="t", text="Below.", lines=("Story: a\nb", "", "Evidence: *c*"))
    (page,) = reply_pages(Reply(title="Why", entries=(entry,)))
    assert page["description"] == "**t**\nBelow.\n› Story\\: a b\n› Evidence\\: \\*c\\*"
    long = Entry(
        title="*" * 500, url="https://r.example/" + "x" * 480, facts=("_" * 500,) * 20, text="#" * 900,
        lines=("~" * 900,) * 30,
    )  # fmt: skip
    (page, *more) = reply_pages(Reply(title="Why", entries=(long, long)))
    assert max(width(each["description"]) for each in (page, *more)) <= 4096
    short = replace(long, facts=(), text="")
    assert "… and 28 more" in reply_pages(Reply(title="Why", entries=(short,)))[0]["description"]


def test_a_long_reply_goes_on_over_pages_and_says_what_is_left_out() -> None:
    reply = Reply(
        title="Sources", entries=tuple(Entry(title=f"Source {n}", text="word " * 80) for n in range(100))
    )
    pages = reply_pages(reply)
    assert len(pages) == 4
    assert [page.get("title") for page in pages] == ["Sources", None, None, None]
    shown = "".join(page["description"] for page in pages)
    last = shown.count("**Source")
    assert shown.endswith(f"… and {100 - last} more")


def test_the_words_around_it_are_the_channels_language() -> None:
    made = embed(an_alert(place=Place(locale="de"), event=Event.CORRECTION, witnesses=3))
    assert made["title"].startswith("Berichtigung")
    (evidence,) = [field for field in made["fields"] if field["name"] == "Beleg"]
    assert "3 unabhängig voneinander" in evidence["value"]
