"""Which address pushes a Mastodon timeline, and that a pushed status equals the polled one."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.errors import ParseFailed, SourceRejected
from bot.intake.sources import mastodon as polled
from bot.intake.sources.parsed import Payload
from bot.intake.streams import mastodon
from bot.intake.streams.sse import Event
from bot.model import Source, SourceKind
from tests.builders import NOW, a_source

API = Path(__file__).parent.parent / "data" / "api"


def a_timeline(url: str = "https://mastodon.social/tags/deepseek", **given: Any) -> Source:
    return a_source(kind=SourceKind.MASTODON, url=url, **given)


@pytest.mark.parametrize(
    ("url", "pushed"),
    [
        ("https://m.example/tags/DeepSeek", "https://m.example/api/v1/streaming/hashtag?tag=DeepSeek"),
        ("https://m.example/tags/%E6%98%87%E8%85%BE/", "https://m.example/api/v1/streaming/hashtag?tag=%E6%98%87%E8%85%BE"),
        ("https://m.example/api/v1/timelines/tag/ai?limit=40", "https://m.example/api/v1/streaming/hashtag?tag=ai"),
        ("https://m.example/api/v1/timelines/tag/ai?local=true",
         "https://m.example/api/v1/streaming/hashtag/local?tag=ai"),
        ("https://m.example/api/v1/timelines/public", "https://m.example/api/v1/streaming/public"),
        ("https://m.example/api/v1/timelines/public?remote=1", "https://m.example/api/v1/streaming/public/remote"),
        ("https://m.example/api/v1/timelines/public?local=true&only_media=true",
         "https://m.example/api/v1/streaming/public/local?only_media=true"),
    ],
)  # fmt: skip
def test_a_timeline_has_its_stream(url: str, pushed: str) -> None:
    assert mastodon.stream_url(a_timeline(url), "https://m.example") == pushed


@pytest.mark.parametrize(
    "url",
    [
        "https://m.example/api/v1/accounts/1/statuses",
        "https://m.example/api/v1/timelines/tag/ai?all[]=chips",
        "https://m.example/api/v1/timelines/tag/ai?remote=true",
        "https://m.example/@ada",
    ],
)
def test_what_mastodon_does_not_push_is_refused(url: str) -> None:
    with pytest.raises(SourceRejected, match="Mastodon pushes"):
        mastodon.stream_url(a_timeline(url), "https://m.example")


@pytest.mark.parametrize(
    ("streaming", "base"),
    [
        ("wss://stream.m.example", "https://stream.m.example"),
        ("https://stream.m.example/", "https://stream.m.example"),
        ("wss://m.example:4000", "https://m.example:4000"),
        ("wss://name:secret@stream.m.example", "https://stream.m.example"),
        ("ws://stream.m.example", "https://m.example"),  # would send the token in the clear
        ("gopher://x", "https://m.example"),
        ("wss://[bad", "https://m.example"),
        ("", "https://m.example"),
    ],
)
def test_the_instance_names_its_streaming_server(streaming: str, base: str) -> None:
    body = json.dumps({"configuration": {"urls": {"streaming": streaming}}}).encode()
    assert mastodon.streaming_base(body, a_timeline("https://m.example/tags/ai")) == base


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"configuration": 3}', b"\xff", b"[" * 100_000])
def test_an_unreadable_instance_is_asked_at_its_own_host(body: bytes) -> None:
    assert mastodon.streaming_base(body, a_timeline("https://m.example/tags/ai")) == "https://m.example"


def test_a_given_address_is_a_whole_one_or_a_server() -> None:
    server = a_timeline(stream="wss://stream.example")
    assert mastodon.given_url(server) == "https://stream.example/api/v1/streaming/hashtag?tag=deepseek"
    whole = a_timeline(stream="http://127.0.0.1:1/api/v1/streaming/public?x=1")
    assert mastodon.given_url(whole) == whole.stream


@pytest.mark.parametrize("name", ["update", "status.update"])
def test_a_pushed_status_equals_the_polled_one(name: str) -> None:
    statuses = json.loads((API / "mastodon/timeline_tag.json").read_text(encoding="utf-8"))
    source = a_timeline()
    url, _ = polled.request(source.url)
    for status in statuses:
        body = json.dumps([status]).encode()
        expected = polled.read(Payload(body=body, url=url, source=source, now=NOW)).items
        assert mastodon.items_of(Event(name=name, data=json.dumps(status)), source, now=NOW) == expected
    assert statuses


def test_other_events_bring_nothing_and_garbage_is_told() -> None:
    assert mastodon.items_of(Event(name="delete", data="1"), a_timeline(), now=NOW) == ()
    for data in ("", "{", '{"error": "no"}', "[3]", '"text"'):
        with pytest.raises(ParseFailed):
            mastodon.items_of(Event(name="update", data=data), a_timeline(), now=NOW)
