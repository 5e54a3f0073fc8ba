"""Finding the hub and the self of a document: headers first, then its head, absolute addresses only."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.intake.sources.websub_links import push_links

URL = "https://wire.example/feed.xml"
HUB, SELF = "https://hub.example/", "https://wire.example/self"
RSS = (
    "<?xml version='1.0'?><rss version='2.0' xmlns:atom='http://www.w3.org/2005/Atom'><channel><title>t</title>"
    "{links}<item><title>i</title>{inside}</item></channel></rss>"
)


def rss(links: str, inside: str = "") -> bytes:
    return RSS.format(links=links, inside=inside).encode()


@pytest.mark.parametrize(
    ("body", "header", "expected"),
    [
        pytest.param(
            rss(f"<atom:link rel='hub' href='{HUB}'/><atom:link rel='self' href='{SELF}'/>"), "", (HUB, SELF),
            id="RSS names both",
        ),
        pytest.param(
            f'<feed xmlns="http://www.w3.org/2005/Atom"><link href="{HUB}?a=1&amp;b=2" rel="hub" />'.encode(),
            "", (f"{HUB}?a=1&b=2", URL), id="Atom without self: the final address",
        ),
        pytest.param(
            f'<html><head><LINK REL="Hub Preload" HREF={HUB}><link rel=self href={SELF}></head><body>'.encode(), "",
            (HUB, SELF), id="HTML, several relations, no quotes",
        ),
        pytest.param(
            json.dumps(
                {
                    "items": [], "feed_url": SELF,
                    "hubs": [{"type": "rssCloud", "url": "https://c.example"}, {"type": "WebSub", "url": HUB}],
                }
            ).encode(), "", (HUB, SELF), id="JSON Feed",
        ),
        pytest.param(
            rss("<atom:link rel='hub' href='https://second.example/'/>"), f'<{HUB}>; rel="hub", <{SELF}>; rel=self',
            (HUB, SELF), id="the header goes first",
        ),
        pytest.param(
            rss(f"<atom:link rel='self' href='{SELF}'/>"), f'<{HUB}>; title="a, <b>; rel=x"; rel="hub"', (HUB, SELF),
            id="hub in the header, self in the document",
        ),
        pytest.param(
            rss(""), f"<https://x.example/>; rel=next, <{HUB}>;rel=hub, <https://second.example/>; rel=hub", (HUB, URL),
            id="the first hub wins",
        ),
        pytest.param(
            rss(f"<link rel='hub' href='/hub'/><link rel='hub' href='ftp://x/'/><link rel='hub' href='{HUB}'/>"), "",
            (HUB, URL), id="only absolute http and https",
        ),
        pytest.param(rss(f"<atom:link rel='self' href='{SELF}'/>"), "", ("", ""), id="no hub"),
        pytest.param(
            rss("", f"<atom:link rel='hub' href='{HUB}'/>"), "", ("", ""), id="a link of an entry is none of the feed's"
        ),
        pytest.param(
            rss(f"<!-- <link rel='hub' href='{HUB}'/> --><![CDATA[<link rel='hub' href='{HUB}'/>]]>"), "", ("", ""),
            id="comments and text are no links",
        ),
        pytest.param(
            rss(""), f'<{HUB}>; rel="hub"; anchor="https://other.example/"', ("", ""), id="a link of another document"
        ),
        pytest.param(
            rss("<atom:link rel='hub' href='http://127.0.0.1/'/>"), "<http://[::1]/>; rel=hub", ("", ""),
            id="a public feed cannot name a private hub",
        ),
        pytest.param(
            rss("<atom:link rel='hub' href='https://user:pass@hub.example/'/>"), "", ("", ""), id="no names in it"
        ),
        pytest.param(b'{"hubs": [{"type": "WebSub"}, 7, null], "feed_url": 3}', "", ("", ""), id="JSON of nonsense"),
        pytest.param(b'{"hubs": [', "", ("", ""), id="JSON cut short"),
        pytest.param(b"", "", ("", ""), id="nothing"),
    ],
)  # fmt: skip
def test_links(body: bytes, header: str, expected: tuple[str, str]) -> None:
    assert push_links(body, link_header=header, url=URL) == expected


def test_a_private_feed_may_have_a_private_hub() -> None:
    body = rss("<atom:link rel='hub' href='http://127.0.0.1:9/hub'/>")
    assert push_links(body, link_header="", url="http://127.0.0.1:8/feed") == (
        "http://127.0.0.1:9/hub",
        "http://127.0.0.1:8/feed",
    )


def test_a_head_of_many_characters_is_cut_without_harm() -> None:
    body = rss(f"<atom:link rel='hub' href='{HUB}'/><title>{'标题' * 40_000}</title>")
    assert push_links(body, link_header="", url=URL) == (HUB, URL)


_PIECES = st.sampled_from(
    ["<", ">", "link ", "<link ", "atom:", "rel=", "href=", '"', "'", "hub", "self", HUB, "<!--", "-->",
     "<![CDATA[", "]]>", ";", ",", " ", "\\", "=", "<item>", "{", '"hubs":', "[", "\0", "é"]
)  # fmt: skip


@given(st.lists(_PIECES, max_size=60).map("".join), st.lists(_PIECES, max_size=60).map("".join))
def test_whatever_comes_the_answer_is_absolute_or_nothing(text: str, header: str) -> None:
    hub, topic = push_links(text.encode(), link_header=header, url=URL)
    assert bool(hub) == bool(topic)
    for link in (hub, topic):
        assert not link or re.match(r"https?://[^\s/]+", link)


@pytest.mark.timeout(5)
@pytest.mark.parametrize(
    "piece", ["<link ", "<link rel='", "<!--", "<![CDATA[", "<a:link rel=\"hub\" href='x' "]
)
def test_hostile_heads_cost_no_time(piece: str) -> None:
    for _ in range(20):
        assert push_links((piece * 40_000).encode(), link_header=(piece * 1000)[:4096], url=URL) == ("", "")
