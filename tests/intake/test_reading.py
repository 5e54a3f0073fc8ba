"""A whole poll against a real server: documents that belong together, robots.txt, short links."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from bot.flow.poll import Read, read_source
from bot.intake import shortlinks
from bot.intake.fetch import Fetcher, open_fetcher
from bot.intake.shortlinks import with_whole_links
from bot.model import RawItem, SourceKind
from storage.sources import SourceState
from tests.builders import NOW, a_source
from tests.feed_server import FeedServer, feed_server
from tests.paths import DATA
from tests.unit.reading import rss

pytestmark = pytest.mark.timeout(30)


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    async with feed_server() as running:
        yield running


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    async with open_fetcher(contact="", allow_private=True, total_timeout_s=1.0) as opened:
        yield opened


class Polled:
    """One source and what is kept of it from poll to poll, as the recorder would keep it."""

    def __init__(self, fetcher: Fetcher, kind: SourceKind, url: str, **source: Any) -> None:
        self._fetcher = fetcher
        self.state = SourceState(
            source=a_source(kind=kind, url=url, **source), etag=None, last_modified=None, next_poll=NOW,
            last_poll=None, last_ok=None, last_new=None, last_status=None, last_error="", failures=0, oks=0, items=0,
            stopped="", body_hash="",
        )  # fmt: skip

    async def poll(self, now: datetime = NOW) -> Read:
        read = await read_source(self.state, self._fetcher, clock=lambda: now, rng=random.Random(1))
        record = read.record
        if not record.error:
            fresh = record.status == 200
            self.state = replace(
                self.state,
                oks=self.state.oks + 1,
                etag=record.etag if fresh else record.etag or self.state.etag,
                body_hash=record.body_hash or self.state.body_hash,
                memo=self.state.memo if record.memo is None else record.memo,
            )
        return read


def names(read: Read) -> list[str]:
    return [item.url.rpartition("/")[2] for item in read.items]


def urlset(server: FeedServer, *paths: str) -> str:
    entries = "".join(f"<url><loc>{server.url('/' + path)}</loc></url>" for path in paths)
    return f"<urlset>{entries}</urlset>"


def show_index(server: FeedServer, **parts: str) -> str:
    rows = "".join(
        f"<sitemap><loc>{server.url(f'/{name}.xml')}</loc><lastmod>{when}</lastmod></sitemap>"
        for name, when in parts.items()
    )
    return server.show("/index.xml", f"<sitemapindex>{rows}</sitemapindex>", etag="")


async def test_a_sitemap_index_is_followed_and_tells_only_what_is_new(
    server: FeedServer, fetcher: Fetcher
) -> None:
    address = show_index(server, a="2026-11-20T00:00:01Z", b="2026-11-21T00:00:01Z")
    server.show("/a.xml", urlset(server, "1", "2"))
    server.show("/b.xml", urlset(server, "3"))
    source = Polled(fetcher, SourceKind.SITEMAP, address)
    assert names(await source.poll()) == ["3", "1", "2"]
    assert (await source.poll()).not_modified
    show_index(server, a="2026-11-24T11:00:00Z", b="2026-11-21T00:00:01Z")
    server.show("/a.xml", urlset(server, "1", "2", "4"))
    assert names(await source.poll()) == ["4"]
    assert (server.count("/a.xml"), server.count("/b.xml")) == (2, 1)


async def test_a_part_that_fails_is_a_problem_and_is_tried_again(
    server: FeedServer, fetcher: Fetcher
) -> None:
    address = show_index(server, a="2026-11-24T00:00:01Z", b="2026-11-24T00:00:02Z")
    server.show("/a.xml", urlset(server, "1"))
    source = Polled(fetcher, SourceKind.SITEMAP, address)
    read = await source.poll()
    assert (names(read), read.record.error) == (["1"], "")
    assert read.problems == ("/b.xml: 127.0.0.1 answered 404",)
    dated = f"<url><loc>{server.url('/3')}</loc><lastmod>2026-11-24T11:00:00Z</lastmod></url>"
    server.show("/b.xml", urlset(server, "2").replace("</urlset>", f"{dated}</urlset>"))
    assert names(await source.poll()) == ["3"], "what has no date may be as old as the source"


async def test_when_every_part_fails_so_does_the_poll(server: FeedServer, fetcher: Fetcher) -> None:
    address = show_index(server, a="2026-11-24T00:00:01Z")
    server.show("/a.xml", "<html>down</html>")
    assert "web page" in (await Polled(fetcher, SourceKind.SITEMAP, address).poll()).record.error


async def test_no_more_than_five_documents_are_followed(server: FeedServer, fetcher: Fetcher) -> None:
    parts = {f"p{number}": f"2026-11-{number:02}T00:00:01Z" for number in range(1, 20)}
    for name in parts:
        server.show(f"/{name}.xml", urlset(server, name))
    await Polled(fetcher, SourceKind.SITEMAP, show_index(server, **parts)).poll()
    assert len(server.seen) == 6


async def test_a_mastodon_account_is_looked_up_once(server: FeedServer, fetcher: Fetcher) -> None:
    statuses = (DATA / "api" / "mastodon" / "account_statuses.json").read_text()
    server.show("/api/v1/accounts/lookup", '{"id": "117020565966271181", "acct": "mastodonpy_test"}', etag="")
    server.show("/api/v1/accounts/117020565966271181/statuses", statuses, etag="")
    source = Polled(fetcher, SourceKind.MASTODON, server.url("/@mastodonpy_test"))
    first = await source.poll()
    assert [item.title for item in first.items] == ["Toot number 4!", "Toot number 3!"]
    again = await source.poll()
    assert len(again.items) == 2
    assert (await source.poll()).not_modified
    assert server.count("/api/v1/accounts/lookup") == 1


async def test_a_page_that_robots_txt_forbids_is_not_asked_for(server: FeedServer, fetcher: Fetcher) -> None:
    server.show("/robots.txt", "User-agent: tipoff\nDisallow: /private")
    server.show("/private/page", "<p>secret</p>")
    address = server.show("/news", "<p>news</p>")
    refused = await Polled(fetcher, SourceKind.PAGE, server.url("/private/page")).poll()
    assert "/robots.txt forbids /private/page to Tipoff" in refused.record.error
    assert refused.record.stopped == ""
    assert server.count("/private/page") == 0
    assert (await Polled(fetcher, SourceKind.PAGE, address).poll()).record.error == ""
    assert server.count("/robots.txt") == 1
    server.redirect("/moved", "/private/page")
    assert "robots.txt" in (await Polled(fetcher, SourceKind.PAGE, server.url("/moved")).poll()).record.error
    assert server.count("/private/page") == 0


async def test_other_kinds_do_not_ask_robots_txt(server: FeedServer, fetcher: Fetcher) -> None:
    server.show("/robots.txt", "User-agent: *\nDisallow: /")
    address = server.show("/map.xml", urlset(server, "1"))
    assert names(await Polled(fetcher, SourceKind.SITEMAP, address).poll()) == ["1"]
    assert server.count("/robots.txt") == 0


async def test_a_crawl_delay_makes_the_pause_longer(server: FeedServer, fetcher: Fetcher) -> None:
    server.show("/robots.txt", "User-agent: *\nCrawl-delay: 0.3")
    source = Polled(fetcher, SourceKind.PAGE, server.show("/news", "<p>news</p>"))
    await source.poll()
    began = asyncio.get_running_loop().time()
    await source.poll()
    assert asyncio.get_running_loop().time() - began > 0.2


async def test_a_changed_page_is_told_by_its_difference(server: FeedServer, fetcher: Fetcher) -> None:
    source = Polled(
        fetcher, SourceKind.PAGE, server.show("/news", "<title>N</title><p>calm</p><p>1 view</p>")
    )
    assert (await source.poll()).items[0].summary == "calm 1 view"
    server.show("/news", "<title>N</title><p>calm</p><p>2 views</p>")
    assert (await source.poll()).items == ()
    server.show("/news", "<title>N</title><p>storm</p><p>2 views</p>")
    item = (await source.poll()).items[0]
    assert (item.title, item.summary) == ("N: storm", "+ storm · − calm")


async def test_a_feed_that_turns_into_a_page_is_a_failure_and_comes_back(
    server: FeedServer, fetcher: Fetcher
) -> None:
    feed = rss("<title>One</title><guid>1</guid>")
    source = Polled(fetcher, SourceKind.RSS, server.show("/feed", feed, etag=""))
    assert len((await source.poll()).items) == 1
    server.show("/feed", "<!DOCTYPE html><html><body>We are down for maintenance</body></html>", etag="")
    read = await source.poll()
    assert (read.items, read.record.error) == ((), "a web page, not a feed")
    assert read.record.body_hash == ""
    server.show("/feed", feed.replace("One", "Two").replace(">1<", ">2<"), etag="")
    assert [item.title for item in (await source.poll()).items] == ["Two"]


def an_item(url: str, number: int = 1) -> RawItem:
    return RawItem(external_id=str(number), url=url, title="x")


@pytest.fixture
def short(server: FeedServer, monkeypatch: pytest.MonkeyPatch) -> FeedServer:
    """The server as a shortener; what it leads to stands on another name of the same machine."""
    monkeypatch.setattr(shortlinks, "SHORTENERS", frozenset({"127.0.0.1"}))
    return server


async def whole(fetcher: Fetcher, *urls: str) -> list[str]:
    found = await with_whole_links(
        [an_item(url, number) for number, url in enumerate(urls)], fetcher, public_only=False
    )
    return [item.url for item in found]


async def test_a_short_link_is_told_whole_without_asking_its_target(
    short: FeedServer, fetcher: Fetcher
) -> None:
    port = short.base.rpartition(":")[2]
    target = f"http://localhost:{port}/article?id=1"
    link = short.redirect("/a", "/b")
    short.redirect("/b", target, status=301)
    assert await whole(fetcher, link, "https://news.example/x") == [target, "https://news.example/x"]
    assert await whole(fetcher, link) == [target]
    assert (short.count("/a"), short.count("/b"), short.count("/article")) == (1, 1, 0), "remembered"


async def test_a_short_link_that_leads_nowhere_stays(short: FeedServer, fetcher: Fetcher) -> None:
    gone, loop = short.url("/gone"), short.redirect("/loop", "/loop")
    page, private = short.show("/page", "hello"), short.redirect("/evil", "file:///etc/passwd")
    hanging = short.show("/hang", hang=True)
    links = [gone, loop, page, private, hanging]
    assert await whole(fetcher, *links) == links


async def test_only_a_few_short_links_are_asked_at_a_poll(short: FeedServer, fetcher: Fetcher) -> None:
    links = [short.redirect(f"/{number}", "http://localhost/x") for number in range(9)]
    assert sum(url == "http://localhost/x" for url in await whole(fetcher, *links)) == 5


async def test_a_link_to_a_private_place_stays_where_only_public_ones_may_be_asked(
    short: FeedServer, fetcher: Fetcher
) -> None:
    link = short.redirect("/a", "http://localhost/x")
    found = await with_whole_links([an_item(link)], fetcher, public_only=True)
    assert found[0].url == link
    assert short.seen == []


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://t.co/abc", True), ("https://bit.ly/x", True), ("http://www.tinyurl.com/y", True),
        ("https://reut.trib.al/x", True), ("https://t.co/", False), ("https://not-t.co/x", False),
        ("https://news.example/t.co/x", False), ("http://[", False), ("", False),
    ],
)  # fmt: skip
def test_known_shorteners(url: str, expected: bool) -> None:
    assert shortlinks.is_short(url) is expected
