"""Fetches the article behind a link, politely, and reads it beside the event loop."""

import asyncio
import contextlib
import threading
from urllib.parse import urlsplit

from bot.errors import SourceError, SourceUnavailable
from bot.intake.article_page import Article, NoArticle, article_of
from bot.intake.fetch import Fetched, Fetcher
from bot.intake.guard import literal_address

__all__ = ["Article", "ArticleReader", "NoArticle"]

_ACCEPT = "text/html, application/xhtml+xml"
#: Pages that are parsed at once: a parse holds the interpreter for milliseconds at a time.
_PARSED_AT_ONCE = 2


class ArticleReader:
    """Reads articles through the program's one fetcher, so in each host's turn. Safe to use from many tasks."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher
        self._parsers = asyncio.Semaphore(_PARSED_AT_ONCE)

    async def read(self, url: str, *, public_only: bool, deadline_s: float) -> Article | NoArticle:
        """The article at ``url``, or why there is none. Never raises for what the world causes.

        The host's robots.txt is obeyed. ``public_only`` as in ``Fetcher.fetch``.
        """
        try:
            async with asyncio.timeout(deadline_s):
                page = await self._fetch(url, public_only=public_only)
                return await self._parse(page, url)
        except TimeoutError:
            return NoArticle(reason=f"not read within {deadline_s:g} s")
        except SourceError as exc:
            return NoArticle(reason=str(exc))

    async def _fetch(self, url: str, *, public_only: bool) -> Fetched:
        try:
            return await self._ask(url, public_only)
        except SourceUnavailable as exc:
            # Canonical addresses have no "www."; a few sites answer at no other.
            if exc.status is not None or (whole := _with_www(url)) is None:
                raise
            return await self._ask(whole, public_only)

    async def _ask(self, url: str, public_only: bool) -> Fetched:
        answer = await self._fetcher.fetch(url, accept=_ACCEPT, public_only=public_only, obey_robots=True)
        assert isinstance(answer, Fetched)  # no validators were sent
        return answer

    async def _parse(self, page: Fetched, url: str) -> Article | NoArticle:
        """In a thread that does not hold up the program's end, whatever the page does to a parser."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Article | NoArticle] = loop.create_future()
        await self._parsers.acquire()

        def finish(result: Article | NoArticle) -> None:
            self._parsers.release()
            if not done.done():  # the wait may have ended before
                done.set_result(result)

        def work() -> None:
            result = article_of(page, asked=url)
            with contextlib.suppress(RuntimeError):  # the program has ended meanwhile
                loop.call_soon_threadsafe(finish, result)

        threading.Thread(target=work, name="article", daemon=True).start()
        return await done


def _with_www(url: str) -> str | None:
    """The same address on ``www.``, for a name that is a site's own; None where that makes no sense."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if literal_address(host) is not None or host.count(".") != 1 or parts.port or parts.username:
        return None
    return parts._replace(netloc=f"www.{host}").geturl()
