"""Connections that stay open, over real sockets: who may be reached, and when a stream counts as dead."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from aiohttp import web

from bot.errors import AddressRefused, ParseFailed, SourceUnavailable
from bot.intake.streams.connect import Connector, Deadlines, open_connector
from bot.intake.streams.sse import Event
from tests.feed_server import FeedServer, feed_server

QUICK = Deadlines(connect=0.5, silence=0.4, ping=0.2)
STREAM = {"Content-Type": "text/event-stream"}


async def read_all(connector: Connector, url: str, **how: object) -> list[Event]:
    """The events until the stream ends, which is left as the exception that it is."""
    found: list[Event] = []
    async with connector.events(url, public_only=False, **how) as stream:  # type: ignore[arg-type]
        try:
            while True:
                found.append(await stream.next())
        except SourceUnavailable as exc:
            exc.add_note(str(len(found)))
            raise


@pytest.mark.parametrize(
    ("page", "why"),
    [
        ({"body": b"data: a\n\n", "headers": STREAM}, "ended the stream"),
        ({"body": b"data: a\n\n", "headers": STREAM, "cut": True}, "was cut"),
        ({"body": b"data: " + b"x" * 100, "headers": STREAM, "drip_s": 0.05}, "silent for 0.4 s"),
        ({"hang": True}, "no stream within 0.5 s"),
        ({"body": b"<html>", "headers": {"Content-Type": "text/html"}}, "no event stream but text/html"),
        ({"status": 503, "headers": {"Retry-After": "120"}}, "answered 503"),
        ({"status": 302, "headers": {"Location": "http://127.0.0.1:1/"}}, "the stream moved (302)"),
    ],
    ids=["end", "cut", "drip", "hang", "page", "503", "redirect"],
)
async def test_why_a_stream_is_over(page: dict[str, object], why: str) -> None:
    async with (
        feed_server() as server,
        open_connector(contact="", allow_private=True, deadlines=QUICK) as connector,
    ):
        url = server.show("/s", page.pop("body", b""), **page)  # type: ignore[arg-type]
        async with asyncio.timeout(3):
            with pytest.raises(SourceUnavailable) as caught:
                await read_all(connector, url)
    assert why in str(caught.value)
    if "503" in why:
        assert (caught.value.status, caught.value.retry_after) == (503, timedelta(seconds=120))


async def test_comments_keep_a_stream_alive_and_agent_and_token_go_out() -> None:
    async def beating(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers=STREAM)
        await response.prepare(request)
        for _ in range(6):
            await response.write(b":thump\n")
            await asyncio.sleep(0.15)
        await response.write(b"data: late\n\n")
        return response

    async with (
        feed_server() as server,
        open_connector(contact="me@x.org", allow_private=True, deadlines=QUICK) as connector,
    ):
        url = server.show("/s", do=beating)
        async with connector.events(url, token="secret", public_only=False) as stream:
            assert await stream.next() == Event(data="late")
        headers = server.seen[0].headers
        assert headers["Authorization"] == "Bearer secret"
        assert headers["User-Agent"].startswith("Tipoff/")
        assert "me@x.org" in headers["User-Agent"]


async def test_a_retry_line_is_handed_on_and_an_endless_event_refused() -> None:
    async with (
        feed_server() as server,
        open_connector(contact="", allow_private=True, deadlines=QUICK) as connector,
    ):
        server.show("/retry", b"retry: 4000\n\n", headers=STREAM)
        with pytest.raises(SourceUnavailable) as caught:
            await read_all(connector, server.url("/retry"))
        assert caught.value.retry_after == timedelta(seconds=4)
        server.show("/giant", b"data: " + b"x" * 2**21, headers=STREAM)
        with pytest.raises(ParseFailed, match="larger than 256 KiB"):
            await read_all(connector, server.url("/giant"))


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/s", "http://169.254.169.254/", "http://localhost:9/", "http://0x7f.1/"]
)
@pytest.mark.parametrize("allowed", [False, True])
async def test_private_addresses_are_refused_without_a_connection(url: str, allowed: bool) -> None:
    async with open_connector(contact="", allow_private=allowed) as connector:
        with pytest.raises(AddressRefused):
            async with connector.events(url, public_only=True):
                pass
        with pytest.raises(AddressRefused):
            async with connector.messages(url.replace("http", "ws"), max_bytes=100, public_only=True):
                pass


async def test_other_schemes_are_refused() -> None:
    async with open_connector(contact="", allow_private=True) as connector:
        for url in ("ftp://x.example/", "ws://x.example/", "http:///", "x"):
            with pytest.raises(AddressRefused):
                async with connector.events(url, public_only=False):
                    pass


Talk = Callable[[web.WebSocketResponse], Awaitable[None]]


def talking(server: FeedServer, talk: Talk, *, autoping: bool = True) -> str:
    async def answer(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(autoping=autoping)
        await socket.prepare(request)
        await talk(socket)
        return socket

    return server.show("/ws", do=answer).replace("http", "ws")


async def test_messages_come_one_by_one_until_the_end() -> None:
    async def talk(socket: web.WebSocketResponse) -> None:
        await socket.send_str("one")
        await socket.send_bytes(b"not for us")
        await socket.send_str("two")

    async with (
        feed_server() as server,
        open_connector(contact="", allow_private=True, deadlines=QUICK) as connector,
    ):
        async with connector.messages(talking(server, talk), max_bytes=1000, public_only=False) as stream:
            assert [await stream.next(), await stream.next()] == ["one", "two"]
            with pytest.raises(SourceUnavailable, match="ended the stream"):
                await stream.next()
        assert server.seen[0].headers["User-Agent"].startswith("Tipoff/")


async def test_a_message_beyond_the_limit_is_refused() -> None:
    async def talk(socket: web.WebSocketResponse) -> None:
        await socket.send_str("x" * 5000)
        await socket.receive()

    async with (
        feed_server() as server,
        open_connector(contact="", allow_private=True, deadlines=QUICK) as connector,
        connector.messages(talking(server, talk), max_bytes=1000, public_only=False) as stream,
    ):
        with pytest.raises(ParseFailed, match="too large"):
            await stream.next()


@pytest.mark.parametrize("may_be_silent", [False, True], ids=["silence", "unanswered ping"])
async def test_a_dead_socket_is_noticed(may_be_silent: bool) -> None:
    released = asyncio.Event()

    async def talk(socket: web.WebSocketResponse) -> None:
        await released.wait()  # reads nothing, so answers no ping

    async with (
        feed_server() as server,
        open_connector(contact="", allow_private=True, deadlines=QUICK) as connector,
    ):
        async with (
            asyncio.timeout(5),
            connector.messages(
                talking(server, talk, autoping=False),
                max_bytes=100,
                public_only=False,
                may_be_silent=may_be_silent,
            ) as stream,
        ):
            with pytest.raises(SourceUnavailable):
                await stream.next()
        released.set()


async def test_a_quiet_socket_that_answers_pings_is_kept() -> None:
    async def talk(socket: web.WebSocketResponse) -> None:
        reading = asyncio.ensure_future(socket.receive())
        await asyncio.sleep(1.0)
        await socket.send_str("at last")
        await reading

    async with (
        feed_server() as server,
        open_connector(contact="", allow_private=True, deadlines=QUICK) as connector,
        connector.messages(
            talking(server, talk), max_bytes=100, public_only=False, may_be_silent=True
        ) as stream,
    ):
        assert await stream.next() == "at last"


async def test_a_refused_or_redirected_socket_says_so() -> None:
    async with (
        feed_server() as server,
        open_connector(contact="", allow_private=True, deadlines=QUICK) as connector,
    ):
        busy = server.show("/busy", status=429, headers={"Retry-After": "30"}).replace("http", "ws")
        with pytest.raises(SourceUnavailable) as caught:
            async with connector.messages(busy, max_bytes=100, public_only=False):
                pass
        assert (caught.value.status, caught.value.retry_after) == (429, timedelta(seconds=30))
        moved = server.redirect("/moved", server.url("/ws")).replace("http", "ws")
        with pytest.raises(SourceUnavailable, match="moved"):
            async with connector.messages(moved, max_bytes=100, public_only=False):
                pass
        assert server.count("/ws") == 0, "a redirect would lead past the check of the host"
