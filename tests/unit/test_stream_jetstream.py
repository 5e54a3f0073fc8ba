"""Jetstream: what a source asks for, which posts answer it, and that a pushed post equals the polled one."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ParseFailed, SourceRejected
from bot.intake.sources import bluesky as polled
from bot.intake.sources.parsed import Payload
from bot.intake.streams import jetstream
from bot.intake.streams.jetstream import Account, Matcher, Post, Search
from bot.model import Source, SourceKind
from tests.builders import NOW, a_source

API = Path(__file__).parent.parent / "data" / "api"


def a_bluesky(url: str) -> Source:
    return a_source(kind=SourceKind.BLUESKY, url=url)


def a_search(query: str) -> Search:
    found = jetstream.wanted(a_bluesky(f"https://bsky.app/search?q={query}"))
    assert isinstance(found, Search)
    return found


def a_post(text: str = "", **record: Any) -> Post:
    return Post(did="did:plc:ada", rkey="3k1", record={"text": text, **record}, time_us=1_764_000_000_000_000)


def test_an_account_is_followed_as_the_poll_does() -> None:
    assert jetstream.wanted(a_bluesky("https://bsky.app/profile/ada.example")) == Account(
        actor="ada.example", replies=False
    )
    api = "https://api.bsky.app/xrpc/app.bsky.feed.getAuthorFeed?actor=did:plc:ada"
    assert jetstream.wanted(a_bluesky(api)) == Account(actor="did:plc:ada", replies=True)


@pytest.mark.parametrize(
    "url",
    [
        "https://bsky.app/search?q=from:ada.example+chips",
        "https://bsky.app/search?q=chips+-games",
        "https://bsky.app/search?q=(chips+OR+wafers)",
        "https://bsky.app/search?q=%22%22",
        "https://api.bsky.app/xrpc/app.bsky.feed.searchPosts?q=chips&author=ada.example",
        "https://api.bsky.app/xrpc/app.bsky.feed.getAuthorFeed?actor=ada&filter=posts_with_media",
        "https://api.bsky.app/xrpc/app.bsky.feed.getFeed?feed=at://x",
        "https://bsky.app/profile/ada.example/feed/x",
    ],
)
def test_what_only_the_server_can_tell_is_refused(url: str) -> None:
    with pytest.raises(SourceRejected):
        jetstream.wanted(a_bluesky(url))


@pytest.mark.parametrize(
    ("query", "text", "found"),
    [
        ("deepseek+v4", "V4 of DeepSeek is out", True),
        ("deepseek+v4", "DeepSeek v40", False),
        ("deepseek+v4", "deepseek.com", False),
        ("%22deepseek+v4%22", "DeepSeek V4!", True),
        ("%22deepseek+v4%22", "V4 of DeepSeek", False),
        ("risc-v", "the RISC-V summit", True),
        ("risc-v", "risc and v", False),
        ("%23deepseek", "so good #DeepSeek", True),
        ("%23deepseek", "so good deepseek", False),
        ("%23deepseek", "https://x.example/a&#deepseek", False),
        ("%E6%98%87%E8%85%BE+950", "华为昇腾950发布", True),
        ("%E6%98%87%E8%85%BE", "腾昇", False),
        ("stra%C3%9Fe", "STRASSE", True),
    ],
)
def test_a_search_finds_what_the_servers_would(query: str, text: str, found: bool) -> None:
    assert list(Matcher([a_search(query)]).matching(a_post(text))) == [0] * found


def test_a_search_looks_at_cards_pictures_tags_and_languages() -> None:
    card = {"external": {"uri": "https://x.example", "title": "DeepSeek", "description": "the V4 card"}}
    picture = {"images": [{"alt": "a DeepSeek V4 chart"}]}
    matcher = Matcher([a_search("deepseek+v4")])
    assert list(matcher.matching(a_post("look", embed=card)))
    assert list(matcher.matching(a_post("look", embed={"media": picture, "record": {}})))
    tagged = Matcher([a_search("%23ascend")])
    assert list(tagged.matching(a_post("x", tags=["Ascend"])))
    assert list(tagged.matching(a_post("x", facets=[{"features": [{"tag": "ascend"}]}])))
    api = "https://api.bsky.app/xrpc/app.bsky.feed.searchPosts?q=chips&lang=en&limit=50"
    want = jetstream.wanted(a_bluesky(api))
    assert isinstance(want, Search)
    assert list(Matcher([want]).matching(a_post("chips", langs=["en-GB"])))
    assert not list(Matcher([want]).matching(a_post("chips", langs=["de"])))


@given(st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(
    st.sampled_from(["text", "embed", "external", "title", "images", "alt", "tags", "facets", "features", "tag",
                     "langs", "media"]), inner)))  # fmt: skip
def test_a_record_of_any_shape_is_looked_through(record: Any) -> None:
    list(Matcher([a_search("deepseek")]).matching(a_post(embed=record)))
    if isinstance(record, dict):
        list(
            Matcher([a_search("deepseek+%23v4")]).matching(Post(did="d", rkey="r", record=record, time_us=1))
        )


def a_commit(**given: Any) -> str:
    commit = {
        "operation": "create",
        "collection": "app.bsky.feed.post",
        "rkey": "3k1",
        "record": {"text": "hi"},
    }
    row = {
        "did": "did:plc:ada",
        "time_us": 7,
        "kind": "commit",
        "commit": {**commit, **given.pop("commit", {})},
    }
    return json.dumps({**row, **given})


def test_only_new_posts_count() -> None:
    assert jetstream.read_message(a_commit()) == (
        7, Post(did="did:plc:ada", rkey="3k1", record={"text": "hi"}, time_us=7),
    )  # fmt: skip
    for other in (
        a_commit(commit={"operation": "delete"}),
        a_commit(commit={"operation": "update"}),
        a_commit(commit={"collection": "app.bsky.feed.like"}),
        a_commit(kind="identity"),
        a_commit(kind="account"),
    ):
        assert jetstream.read_message(other) == (7, None)
    for garbage in ("", "{", "[]", "3", '{"did": "x"}', '{"did": "x", "time_us": true}', "[" * 100_000):
        with pytest.raises(ParseFailed):
            jetstream.read_message(garbage)


def test_a_pushed_post_equals_the_polled_one() -> None:
    document = json.loads((API / "bluesky/constructed_searchPosts.json").read_text(encoding="utf-8"))
    source = a_bluesky("https://bsky.app/search?q=chips")
    compared = 0
    for row in document["posts"]:
        body = json.dumps({"posts": [row]}).encode()
        expected = polled.read(Payload(body=body, url=source.url, source=source, now=NOW)).items
        did, _, rkey = row["uri"].removeprefix("at://").split("/")
        post = Post(did=did, rkey=rkey, record=row["record"], time_us=4_000_000_000_000_000)
        pushed = jetstream.item_of(post, source, handle=row["author"]["handle"], now=NOW)
        if expected:
            assert [(i.external_id, i.url, i.title, i.summary, i.author) for i in pushed] == [
                (i.external_id, i.url, i.title, i.summary, i.author) for i in expected
            ]
            compared += 1
    assert compared


def test_a_post_without_a_known_handle_names_the_account() -> None:
    (item,) = jetstream.item_of(
        a_post("DeepSeek V4"), a_bluesky("https://bsky.app/search?q=x"), handle="", now=NOW
    )
    assert item.author == "did:plc:ada"
    assert item.url == "https://bsky.app/profile/did:plc:ada/post/3k1"
    assert item.external_id == "at://did:plc:ada/app.bsky.feed.post/3k1"


def test_an_impossible_time_is_no_reason_to_lose_a_post() -> None:
    post = Post(did="did:plc:ada", rkey="3k1", record={"text": "hi"}, time_us=10**30)
    (item,) = jetstream.item_of(post, a_bluesky("https://bsky.app/search?q=x"), handle="", now=NOW)
    assert item.published == NOW


def test_a_subscription_asks_for_posts_and_goes_on_where_it_ended() -> None:
    now_us = int(NOW.timestamp() * 1e6)

    def asked(**given: Any) -> dict[str, list[str]]:
        url = jetstream.subscribe_url(
            "wss://j.example", **{"dids": (), "after_us": None, "now": NOW, **given}
        )
        assert url.startswith("wss://j.example/subscribe?")
        return parse_qs(urlsplit(url).query)

    assert asked()["wantedCollections"] == ["app.bsky.feed.post"]
    assert "cursor" not in asked()
    assert asked(dids=("did:a", "did:b"))["wantedDids"] == ["did:a", "did:b"]
    assert asked(after_us=now_us)["cursor"] == [str(now_us - 5_000_000)]
    assert asked(after_us=5)["cursor"] == [str(now_us - 30 * 60 * 1_000_000)], (
        "no replay of the whole network"
    )
    assert jetstream.subscribe_url("http://127.0.0.1:1/x", dids=(), after_us=None, now=NOW).startswith(
        "ws://127.0.0.1:1/x?"
    )


def test_accounts_alone_are_asked_for_by_name() -> None:
    assert jetstream.narrowed(["b", "a", "b"], searches=0) == ("a", "b")
    assert jetstream.narrowed(["a"], searches=1) == ()
    assert jetstream.narrowed([str(n) for n in range(101)], searches=0) == ()


def test_a_handle_is_resolved_where_the_poll_asks() -> None:
    source = a_bluesky("https://bsky.app/profile/ada.example")
    assert (
        jetstream.resolve_url(source, "ada.example")
        == "https://api.bsky.app/xrpc/com.atproto.identity.resolveHandle?handle=ada.example"
    )
    assert jetstream.did_of(b'{"did": "did:plc:ada"}') == "did:plc:ada"
    for body in (b"", b"[]", b'{"did": "x"}', b'{"did": 3}', b'{"did": "did:plc:a b"}'):
        with pytest.raises(ParseFailed):
            jetstream.did_of(body)
