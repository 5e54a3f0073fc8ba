"""The real Slack client against the stand-in: each thing that can become of a send, and finding it again."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.delivery.contract import (
    AlertMessage,
    ChannelGone,
    DeliveryUnavailable,
    DigestEntry,
    DigestMessage,
    NoticeMessage,
    Rejected,
    RetryAt,
    Sent,
    Unknown,
)
from bot.model import ChannelKey, Event, Grade, StoryId
from handlers.slack.client import open_session, web_client
from handlers.slack.sending import Sender
from tests.standins.slack import Fault, SlackStandin, open_slack_standin
from tests.standins.slack_workspace import BOT_TOKEN, TEAM

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
CHANNEL = "C0NEWS"


def an_alert(**given: Any) -> AlertMessage:
    fields: dict[str, Any] = {
        "token": "d1",
        "channel": ChannelKey(f"slack:{TEAM}/{CHANNEL}"),
        "story": StoryId(12),
        "event": Event.NEW,
        "title": "DeepSeek V4 is out",
        "url": "https://example.com/v4",
        "publisher": "Reuters",
        "grade": Grade.REPORT,
        "topics": ("DeepSeek V4",),
        "published": NOW,
    }
    return AlertMessage(**{**fields, **given})


@asynccontextmanager
async def sender_to(url: str, *, timeout_s: float = 5, settle_s: float = 0) -> AsyncIterator[Sender]:
    async with open_session() as session:
        client = web_client(session, token=BOT_TOKEN, api_url=url)
        yield Sender(client, team=TEAM, timeout_s=timeout_s, settle_s=settle_s)


@pytest.fixture
async def slack() -> AsyncIterator[SlackStandin]:
    async with open_slack_standin() as standin:
        yield standin


@pytest.fixture
async def sender(slack: SlackStandin) -> AsyncIterator[Sender]:
    async with sender_to(slack.url) as opened:
        yield opened


async def test_an_alert_arrives_once_with_its_metadata_and_without_unfurling(slack, sender) -> None:
    outcome = await sender.send(an_alert())
    (entry,) = slack.messages(CHANNEL)
    assert outcome == Sent(message_id=entry["ts"], thread_id=entry["ts"])
    assert entry["metadata"] == {"event_type": "tipoff_alert", "event_payload": {"delivery": "d1"}}
    asked = slack.calls[-1].arguments
    assert asked["unfurl_links"] is False
    assert asked["unfurl_media"] is False
    assert "https://example.com/v4" in str(entry["blocks"])
    assert "DeepSeek V4 is out" in entry["text"]


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(
            NoticeMessage(
                token="n1",
                channel=ChannelKey(f"slack:{TEAM}/{CHANNEL}"),
                title="A source fails",
                text="since Monday",
            ),
            id="notice",
        ),
        pytest.param(
            DigestMessage(
                token="g1",
                channel=ChannelKey(f"slack:{TEAM}/{CHANNEL}"),
                title="Digest",
                entries=tuple(
                    DigestEntry(
                        story=StoryId(n),
                        event=Event.NEW,
                        title=f"Story {n} " + "long " * 40,
                        url=f"https://example.com/{n}",
                        publisher="Reuters",
                        grade=Grade.LEAK,
                        topics=("Ascend",),
                        published=NOW,
                    )
                    for n in range(60)
                ),
            ),
            id="digest-of-sixty",
        ),
    ],
)
async def test_other_kinds_of_message_are_taken(slack, sender, message) -> None:
    assert isinstance(await sender.send(message), Sent)
    assert len(slack.messages(CHANNEL)) == 1


async def test_a_follow_up_goes_into_the_thread(slack, sender) -> None:
    first = await sender.send(an_alert())
    second = await sender.send(an_alert(token="d2", reply_to=first.message_id))
    assert second.thread_id == first.message_id
    assert slack.messages(CHANNEL)[1]["thread_ts"] == first.message_id


async def test_a_follow_up_to_a_deleted_alert_goes_into_the_channel(slack, sender) -> None:
    first = await sender.send(an_alert())
    slack.delete_message(CHANNEL, first.message_id)
    second = await sender.send(an_alert(token="d2", reply_to=first.message_id))
    assert second == Sent(message_id=second.message_id, thread_id=second.message_id)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("channel_not_found", "does not exist"),
        ("is_archived", "archived"),
        ("channel_is_archived", "archived"),
        ("not_in_channel", "/invite @Tipoff"),
        ("account_inactive", "removed"),
        ("restricted_action", "forbids"),
    ],
)
async def test_a_channel_that_cannot_be_written_to_is_gone(slack, sender, error, words) -> None:
    slack.fail("chat.postMessage", Fault(error=error))
    outcome = await sender.send(an_alert())
    assert isinstance(outcome, ChannelGone)
    assert words in outcome.reason
    assert slack.count("chat.postMessage") == 1


async def test_a_channel_of_another_workspace_is_gone_without_asking(slack, sender) -> None:
    outcome = await sender.send(an_alert(channel=ChannelKey("slack:T0OTHER/C1")))
    assert isinstance(outcome, ChannelGone)
    assert not slack.calls


@pytest.mark.parametrize(
    ("fault", "after_s"),
    [
        pytest.param(Fault(error="ratelimited", status=429, retry_after="17"), 17.0, id="429-with-seconds"),
        pytest.param(Fault(error="ratelimited", status=429), None, id="429-without"),
        pytest.param(Fault(status=429, retry_after="soon", body="slow"), None, id="429-with-nonsense"),
        pytest.param(Fault(error="rate_limited"), None, id="old-word-with-200"),
        pytest.param(Fault(error="invalid_auth"), 900.0, id="invalid-auth"),
        pytest.param(Fault(error="token_revoked"), 900.0, id="revoked"),
        pytest.param(Fault(error="missing_scope", extra={"needed": "chat:write"}), 900.0, id="scope"),
        pytest.param(Fault(status=404, body="<html>no such page"), None, id="not-slack"),
    ],
)
async def test_what_was_not_accepted_is_tried_again_later(slack, sender, fault, after_s) -> None:
    slack.fail("chat.postMessage", fault)
    outcome = await sender.send(an_alert())
    assert isinstance(outcome, RetryAt)
    assert outcome.after_s == after_s
    assert slack.count("chat.postMessage") == 1
    assert slack.messages(CHANNEL) == []


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Fault(status=500, body="oops", accept=True), id="500-after-accepting"),
        pytest.param(Fault(status=503, error="service_unavailable", accept=True), id="503-json"),
        pytest.param(Fault(error="fatal_error", accept=True), id="fatal-error"),
        pytest.param(Fault(cut=True, accept=True), id="cut-after-accepting"),
        pytest.param(Fault(hang=True, accept=True), id="hang-after-accepting"),
        pytest.param(Fault(body="ok", accept=True), id="200-html"),
        pytest.param(Fault(body="ok", content_type="text/plain", accept=True), id="200-plain"),
        pytest.param(Fault(body="{", content_type="application/json", accept=True), id="200-broken-json"),
        pytest.param(Fault(body="[]", content_type="application/json", accept=True), id="200-json-list"),
        pytest.param(Fault(extra={"channel": CHANNEL}, accept=True), id="200-without-ts"),
    ],
)
async def test_what_may_have_been_accepted_is_unknown_is_not_repeated_and_can_be_found(slack, fault) -> None:
    # Long enough for a repeat to show: the library's own retry waits for up to two seconds.
    async with sender_to(slack.url, timeout_s=0.5 if fault.hang else 5) as sender:
        since = datetime.now(UTC)
        slack.fail("chat.postMessage", fault)
        assert isinstance(await sender.send(an_alert()), Unknown)
        assert slack.count("chat.postMessage") == 1
        found = await sender.find_sent(an_alert(), since=since)
    assert found is not None
    assert found.message_id == slack.messages(CHANNEL)[0]["ts"]


async def test_nobody_listening_means_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    async with sender_to(f"http://127.0.0.1:{port}/api/") as sender:
        assert isinstance(await sender.send(an_alert()), RetryAt)


async def test_refused_blocks_go_out_as_plain_text_once(slack, sender) -> None:
    slack.fail("chat.postMessage", Fault(error="invalid_blocks"))
    outcome = await sender.send(an_alert())
    (entry,) = slack.messages(CHANNEL)
    assert outcome == Sent(
        message_id=entry["ts"], thread_id=entry["ts"], plain_because="Slack: invalid_blocks"
    )
    assert "blocks" not in entry
    assert "<https://example.com/v4>" in entry["text"]
    assert entry["metadata"]["event_payload"] == {"delivery": "d1"}


async def test_a_message_refused_in_both_forms_is_rejected(slack, sender) -> None:
    slack.fail("chat.postMessage", Fault(error="invalid_blocks"), Fault(error="msg_too_long"))
    assert await sender.send(an_alert()) == Rejected(reason="Slack: msg_too_long")
    assert slack.count("chat.postMessage") == 2


async def test_cancelling_a_send_is_not_swallowed(slack, sender) -> None:
    slack.fail("chat.postMessage", Fault(hang=True))
    task = asyncio.ensure_future(sender.send(an_alert()))
    await slack.called()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_only_its_own_delivery_is_found(slack, sender) -> None:
    since = datetime.now(UTC)
    await sender.send(an_alert(token="d2"))
    slack.add_message(
        CHANNEL, text="d1", metadata={"event_type": "other", "event_payload": {"delivery": "d1"}}
    )
    slack.add_message(CHANNEL, text="d1")
    assert await sender.find_sent(an_alert(token="d1"), since=since) is None
    assert await sender.find_sent(an_alert(token="d2"), since=since) is not None


async def test_a_delivery_on_a_later_page_is_found(slack, sender) -> None:
    since = datetime.now(UTC)
    slack.page_size = 2
    sent = await sender.send(an_alert())
    for number in range(5):
        slack.add_message(CHANNEL, text=str(number))
    assert await sender.find_sent(an_alert(), since=since) == sent
    assert slack.count("conversations.history") == 3


async def test_a_history_too_long_to_read_is_not_a_no(slack, sender) -> None:
    since = datetime.now(UTC)
    slack.page_size = 1
    for number in range(25):
        slack.add_message(CHANNEL, text=str(number))
    with pytest.raises(DeliveryUnavailable):
        await sender.find_sent(an_alert(), since=since)


async def test_what_lies_before_the_first_try_is_not_read(slack, sender) -> None:
    await sender.send(an_alert())
    assert await sender.find_sent(an_alert(), since=datetime.now(UTC) + timedelta(minutes=2)) is None
    assert await sender.find_sent(an_alert(), since=datetime.now(UTC) + timedelta(seconds=30)) is not None


async def test_a_reply_is_found_in_its_thread_and_else_in_the_channel(slack, sender) -> None:
    since = datetime.now(UTC)
    first = await sender.send(an_alert())
    reply = an_alert(token="d2", reply_to=first.message_id)
    sent = await sender.send(reply)
    assert await sender.find_sent(reply, since=since) == sent
    assert slack.count("conversations.history") == 0

    slack.delete_message(CHANNEL, first.message_id)
    moved = an_alert(token="d3", reply_to=first.message_id)
    assert await sender.find_sent(moved, since=since) is None
    sent = await sender.send(moved)
    assert await sender.find_sent(moved, since=since) == sent


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Fault(error="missing_scope"), id="scope"),
        pytest.param(Fault(error="not_in_channel"), id="not-in-channel"),
        pytest.param(Fault(error="ratelimited", status=429, retry_after="1"), id="ratelimited"),
        pytest.param(Fault(status=500, body=""), id="500"),
        pytest.param(Fault(cut=True), id="cut"),
        pytest.param(Fault(hang=True), id="hang"),
        pytest.param(Fault(body="ok", content_type="text/plain"), id="not-json"),
    ],
)
async def test_a_history_that_cannot_be_read_is_not_a_no(slack, fault) -> None:
    # A GET that was cut on a fresh connection is not repeated by the client either.
    slack.fail("conversations.history", fault, fault)
    async with sender_to(slack.url, timeout_s=0.5) as sender:
        with pytest.raises(DeliveryUnavailable):
            await sender.find_sent(an_alert(), since=NOW)


async def test_looking_into_a_channel_that_is_gone_finds_nothing_so_that_sending_says_so(
    slack, sender
) -> None:
    slack.set_channel(CHANNEL, error="channel_not_found")
    assert await sender.find_sent(an_alert(), since=NOW) is None
    assert isinstance(await sender.send(an_alert()), ChannelGone)


async def test_a_message_that_slack_takes_after_the_connection_broke_is_found(slack) -> None:
    since = datetime.now(UTC)
    slack.fail("chat.postMessage", Fault(cut=True, accept=True, late_s=0.3))
    async with sender_to(slack.url, settle_s=0.8) as sender:
        assert isinstance(await sender.send(an_alert()), Unknown)
        assert slack.messages(CHANNEL) == []
        assert await sender.find_sent(an_alert(), since=since) is not None
