"""The fetcher against a real server on loopback: validators, redirects, limits, manners."""

import asyncio
import gzip
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from bot.errors import AddressRefused, SourceError, SourceRejected, SourceUnavailable
from bot.intake.fetch import Fetched, Fetcher, NotModified, open_fetcher, user_agent
from tests.feed_server import FeedServer, feed_server

pytestmark = pytest.mark.timeout(30)


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    async with feed_server() as running:
        yield running


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    async with open_fetcher(
        contact="https://ops.example/tipoff", allow_private=True, total_timeout_s=0.6, max_bytes=100_000
    ) as opened:
        yield opened


async def fetched(fetcher: Fetcher, url: str) -> Fetched:
    answer = await fetcher.fetch(url)
    assert isinstance(answer, Fetched)
    return answer


async def test_a_document_comes_with_what_the_server_said_of_it(server: FeedServer, fetcher: Fetcher) -> None:
    url = server.show(
        "/feed",
        "<rss/>",
        etag='W/"a b"',
        headers={
            "Content-Type": "Application/RSS+xml; charset=GBK",
            "Last-Modified": "Tue, 24 Nov 2026 09:00:00 GMT",
            "Cache-Control": "max-age=90",
        },
    )
    assert await fetched(fetcher, url) == Fetched(
        status=200, url=url, body=b"<rss/>", content_type="application/rss+xml", charset="gbk", etag='W/"a b"',
        last_modified="Tue, 24 Nov 2026 09:00:00 GMT", max_age_s=90,
    )  # fmt: skip


async def test_validators_go_back_exactly_as_they_came(server: FeedServer, fetcher: Fetcher) -> None:
    odd = "Tuesday, 24-Nov-26 09:00:00 GMT"  # an old format: not to be rewritten
    url = server.show("/feed", "x", etag='"ä:1;--x"', headers={"Last-Modified": odd})
    first = await fetched(fetcher, url)
    again = await fetcher.fetch(url, etag=first.etag, last_modified=first.last_modified)
    assert again == NotModified(etag='"ä:1;--x"', last_modified=odd)
    assert server.seen[-1].headers["If-None-Match"] == '"ä:1;--x"'
    assert server.seen[-1].headers["If-Modified-Since"] == odd


async def test_a_304_that_was_not_asked_for_is_no_document(server: FeedServer, fetcher: Fetcher) -> None:
    with pytest.raises(SourceUnavailable, match="304"):
        await fetcher.fetch(server.show("/feed", status=304))


async def test_a_contact_stands_in_the_user_agent(server: FeedServer, fetcher: Fetcher) -> None:
    await fetcher.fetch(server.show("/feed", "x"), accept="application/json")
    sent = server.seen[-1].headers
    assert sent["User-Agent"].startswith("Tipoff/")
    assert "(+https://ops.example/tipoff)" in sent["User-Agent"]
    assert sent["Accept"] == "application/json"
    assert set(sent["Accept-Encoding"].split(", ")) == {"gzip", "deflate", "br", "zstd"}
    assert "Cookie" not in sent


def test_a_contact_cannot_break_the_header() -> None:
    assert user_agent("me\r\nX-Evil: 1 (あ)").endswith("(+meX-Evil:1)")
    assert user_agent("").count("(") == 1


async def test_cookies_are_not_kept(server: FeedServer, fetcher: Fetcher) -> None:
    url = server.show("/feed", "x", headers={"Set-Cookie": "tracked=1"})
    await fetcher.fetch(url)
    await fetcher.fetch(url)
    assert "Cookie" not in server.seen[-1].headers


@pytest.mark.parametrize(
    ("status", "error"),
    [(410, SourceRejected), (404, SourceUnavailable), (403, SourceUnavailable), (500, SourceUnavailable)],
)
async def test_an_error_status_says_what_to_do(
    server: FeedServer, fetcher: Fetcher, status: int, error: type[SourceError]
) -> None:
    with pytest.raises(error) as caught:
        await fetcher.fetch(server.show("/feed", "x", status=status))
    assert caught.value.status == status


async def test_a_busy_server_names_its_pause(server: FeedServer, fetcher: Fetcher) -> None:
    url = server.show("/feed", status=429, headers={"Retry-After": "77"})
    with pytest.raises(SourceUnavailable) as caught:
        await fetcher.fetch(url)
    assert caught.value.status == 429
    assert caught.value.retry_after is not None
    assert caught.value.retry_after.total_seconds() == 77


async def test_errors_do_not_repeat_the_address(server: FeedServer, fetcher: Fetcher) -> None:
    with pytest.raises(SourceUnavailable) as caught:
        await fetcher.fetch(server.url("/none?token=secret"))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("statuses", "permanent"),
    [
        ((301,), True),
        ((308, 301), True),
        ((302,), False),
        ((301, 302), False),
        ((307,), False),
        ((303,), False),
    ],
)
async def test_a_move_for_good_is_told_only_when_every_step_is(
    server: FeedServer, fetcher: Fetcher, statuses: tuple[int, ...], permanent: bool
) -> None:
    target = server.show("/new", "here")
    for step, status in enumerate(reversed(statuses)):
        target = server.redirect(f"/old{step}", target, status)
    answer = await fetched(fetcher, target)
    assert answer.url == server.url("/new")
    assert answer.permanent_url == (server.url("/new") if permanent else None)


async def test_a_relative_redirect_is_followed(server: FeedServer, fetcher: Fetcher) -> None:
    server.show("/a/new", "here")
    assert (await fetched(fetcher, server.redirect("/a/old", "new?x=1"))).url == server.url("/a/new?x=1")


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "javascript:alert(1)"])
async def test_a_redirect_out_of_the_web_is_refused(
    server: FeedServer, fetcher: Fetcher, target: str
) -> None:
    with pytest.raises(AddressRefused):
        await fetcher.fetch(server.redirect("/feed", target))


async def test_a_circle_of_redirects_ends(server: FeedServer, fetcher: Fetcher) -> None:
    url = server.redirect("/feed", "/feed")
    with pytest.raises(SourceUnavailable, match="redirects"):
        await fetcher.fetch(url)
    assert server.count("/feed") == 6


async def test_a_redirect_to_a_private_address_is_refused_and_not_asked(server: FeedServer) -> None:
    """The first address is reached as the exception that ``private_ok`` makes; the guard stands behind it."""
    secret = server.show("/secret", "internal")
    async with open_fetcher(contact="", allow_private=False) as guarded:
        with pytest.raises(AddressRefused, match="TIPOFF_ALLOW_PRIVATE_ADDRESSES"):
            await guarded.fetch(secret)
        assert isinstance(await guarded.fetch(secret, private_ok=True), Fetched)
        # The connection of the allowed request is still open: it may not serve the next one.
        with pytest.raises(AddressRefused):
            await guarded.fetch(secret)
    assert server.count("/secret") == 1


async def test_a_name_that_resolves_to_loopback_is_refused(
    server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = server.base.rpartition(":")[2]
    server.show("/secret", "internal")
    loop = asyncio.get_running_loop()
    real = loop.getaddrinfo

    async def rebound(host: str, *rest: object, **more: object) -> object:
        return await real("127.0.0.1" if host == "rebind.example" else host, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(loop, "getaddrinfo", rebound)
    async with open_fetcher(contact="", allow_private=False) as guarded:
        with pytest.raises(AddressRefused, match=r"rebind\.example"):
            await guarded.fetch(f"http://rebind.example:{port}/secret")
        assert isinstance(
            await guarded.fetch(f"http://rebind.example:{port}/secret", private_ok=True), Fetched
        )
    assert server.count("/secret") == 1


@pytest.mark.parametrize("page", [{"hang": True}, {"drip_s": 0.05}], ids=["hangs", "drips"])
async def test_a_slow_server_is_left_in_time(
    server: FeedServer, fetcher: Fetcher, page: dict[str, object]
) -> None:
    clock = asyncio.get_running_loop().time
    url = server.show("/feed", b"x" * 100, **page)
    began = clock()
    with pytest.raises(SourceUnavailable, match=r"within 0\.6 s"):
        await fetcher.fetch(url)
    assert clock() - began < 2


async def test_the_time_is_one_for_all_redirects(server: FeedServer, fetcher: Fetcher) -> None:
    async def slow(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(0.25)
        return web.Response(status=302, headers={"Location": f"{request.path}x"})

    for length in range(6):
        server.show("/hop" + "x" * length, do=slow)
    with pytest.raises(SourceUnavailable, match="no whole answer"):
        await fetcher.fetch(server.url("/hop"))


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"x" * 200_000, {}),
        (gzip.compress(b"\0" * 50_000_000), {"Content-Encoding": "gzip"}),
        (gzip.compress(gzip.compress(b"\0" * 50_000_000)), {"Content-Encoding": "gzip, gzip"}),
    ],
    ids=["plain", "bomb", "bomb-in-bomb"],
)
async def test_a_body_beyond_the_limit_is_refused(
    server: FeedServer, fetcher: Fetcher, body: bytes, headers: dict[str, str]
) -> None:
    with pytest.raises(SourceUnavailable, match="larger than"):
        await fetcher.fetch(server.show("/feed", body, headers=headers))


async def test_a_compressed_body_is_read(server: FeedServer, fetcher: Fetcher) -> None:
    url = server.show("/feed", gzip.compress(b"<rss/>"), headers={"Content-Encoding": "gzip"})
    assert (await fetched(fetcher, url)).body == b"<rss/>"


@pytest.mark.parametrize(
    ("body", "coding", "message"),
    [(b"not gzip", "gzip", "broken gzip"), (b"x", "lzma", "unknown content coding")],
)
async def test_a_body_that_lies_about_its_coding_is_a_failure(
    server: FeedServer, fetcher: Fetcher, body: bytes, coding: str, message: str
) -> None:
    with pytest.raises(SourceUnavailable, match=message):
        await fetcher.fetch(server.show("/feed", body, headers={"Content-Encoding": coding}))


async def test_a_cut_connection_is_a_failure(server: FeedServer, fetcher: Fetcher) -> None:
    with pytest.raises(SourceUnavailable, match="cut"):
        await fetcher.fetch(server.show("/feed", b"<rss>", cut=True))


async def test_what_is_not_http_is_a_failure(fetcher: Fetcher) -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n")
        writer.close()

    other = await asyncio.start_server(greet, "127.0.0.1", 0)
    port = other.sockets[0].getsockname()[1]
    async with other:
        with pytest.raises(SourceUnavailable, match="not an HTTP answer"):
            await fetcher.fetch(f"http://127.0.0.1:{port}/")
    with pytest.raises(SourceUnavailable, match=r"connect|refused"):
        await fetcher.fetch(f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize(
    "url", ["ftp://example.org/", "file:///etc/passwd", "http://", "nonsense", "http://[::1"]
)
async def test_only_web_addresses_are_asked(fetcher: Fetcher, url: str) -> None:
    with pytest.raises(AddressRefused):
        await fetcher.fetch(url)


async def test_one_host_is_never_asked_twice_at_once(server: FeedServer, fetcher: Fetcher) -> None:
    async def slow(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(0.02)
        return web.Response(body=b"x")

    url = server.show("/feed", do=slow)
    async with asyncio.TaskGroup() as group:
        for _ in range(6):
            group.create_task(fetcher.fetch(url))
    assert server.count("/feed") == 6
    assert server.most_open == 1


async def test_a_hanging_host_does_not_hold_up_others(server: FeedServer) -> None:
    async with feed_server() as quick:
        stuck, fine = server.show("/feed", hang=True), quick.show("/feed", "x")
        async with open_fetcher(
            contact="", allow_private=True, total_timeout_s=0.5, concurrency=2
        ) as fetcher:
            waiting = [asyncio.create_task(fetcher.fetch(stuck)) for _ in range(4)]
            async with asyncio.timeout(0.4):
                assert isinstance(await fetcher.fetch(fine), Fetched)
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)


async def test_proxy_variables_are_ignored(
    server: FeedServer, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert (await fetched(fetcher, server.show("/feed", "x"))).body == b"x"
