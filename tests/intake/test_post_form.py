"""Sending a form to a real server on loopback: what arrives, which answers count, which redirects are followed."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp import web

from bot.errors import AddressRefused, SourceUnavailable
from bot.intake.fetch import Fetcher, open_fetcher
from tests.feed_server import FeedServer, feed_server

pytestmark = pytest.mark.timeout(30)
FORM = {"hub.mode": "subscribe", "hub.topic": "https://f.example/a?b=1&c=ü"}


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    async with feed_server() as running:
        yield running


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    async with open_fetcher(contact="ops@example.org", allow_private=True, total_timeout_s=0.6) as opened:
        yield opened


def forms(server: FeedServer, path: str, status: int = 202) -> list[dict[str, str]]:
    """Let ``path`` take forms; gives the list that they are kept in."""
    taken: list[dict[str, str]] = []

    async def take(request: web.Request) -> web.StreamResponse:
        assert request.method == "POST"
        assert request.content_type == "application/x-www-form-urlencoded"
        taken.append({name: str(value) for name, value in (await request.post()).items()})
        return web.Response(status=status)

    server.show(path, do=take)
    return taken


@pytest.mark.parametrize("status", [200, 202, 204])
async def test_a_form_arrives_whole(server: FeedServer, fetcher: Fetcher, status: int) -> None:
    taken = forms(server, "/hub", status)
    await fetcher.post_form(server.url("/hub"), FORM)
    assert taken == [FORM]
    assert "ops@example.org" in server.seen[-1].headers["User-Agent"]


@pytest.mark.parametrize("status", [307, 308])
async def test_a_redirect_that_keeps_the_method_is_followed(
    server: FeedServer, fetcher: Fetcher, status: int
) -> None:
    taken = forms(server, "/hub")
    await fetcher.post_form(server.redirect("/old", "/hub", status), FORM)
    assert taken == [FORM]


@pytest.mark.parametrize("status", [301, 302, 303])
async def test_a_redirect_that_loses_the_form_is_a_failure(
    server: FeedServer, fetcher: Fetcher, status: int
) -> None:
    taken = forms(server, "/hub")
    with pytest.raises(SourceUnavailable, match=f"answered {status}"):
        await fetcher.post_form(server.redirect("/old", "/hub", status), FORM)
    assert taken == []
    assert server.count("/hub") == 0


async def test_endless_redirects_end(server: FeedServer, fetcher: Fetcher) -> None:
    with pytest.raises(SourceUnavailable, match="more than 5 redirects"):
        await fetcher.post_form(server.redirect("/round", "/round", 307), FORM)


async def test_an_asked_pause_is_handed_on(server: FeedServer, fetcher: Fetcher) -> None:
    url = server.show("/hub", status=503, headers={"Retry-After": "120"})
    with pytest.raises(SourceUnavailable, match="answered 503") as raised:
        await fetcher.post_form(url, FORM)
    assert raised.value.retry_after == timedelta(seconds=120)


async def test_a_hub_that_does_not_answer_ends_at_the_deadline(server: FeedServer, fetcher: Fetcher) -> None:
    with pytest.raises(SourceUnavailable, match="no whole answer within"):
        await fetcher.post_form(server.show("/hub", hang=True), FORM)


async def test_what_a_person_gave_must_be_public(server: FeedServer, fetcher: Fetcher) -> None:
    with pytest.raises(AddressRefused, match="is a private address"):
        await fetcher.post_form(server.url("/hub"), FORM, public_only=True)
    assert server.seen == []


async def test_private_hubs_need_leave() -> None:
    async with feed_server() as server, open_fetcher(contact="", allow_private=False) as fetcher:
        taken = forms(server, "/hub")
        with pytest.raises(AddressRefused):
            await fetcher.post_form(server.url("/hub"), FORM)
        await fetcher.post_form(server.url("/hub"), FORM, private_ok=True)
        assert taken == [FORM]
