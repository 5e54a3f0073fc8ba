"""Tries sources without storing anything: for a check of all, and before an address that a person gave is taken."""

import asyncio
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from bot.catalog.given import source_id
from bot.errors import SourceError, UserError
from bot.flow.poll import Read, read_source
from bot.intake.fetch import Fetched, Fetcher
from bot.intake.sources.text import shorten
from bot.model import Source, SourceKind
from storage.sources import SourceState

#: Many wait for their host's turn; the fetcher has its own bound.
_AT_ONCE = 100
#: Characters of a feed's own title that become its name in lists.
_NAME = 80
_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json")
#: Sites whose addresses an adapter of their own reads.
_KIND_OF_HOST = {
    "github.com": SourceKind.GITHUB,
    "api.github.com": SourceKind.GITHUB,
    "huggingface.co": SourceKind.HUGGINGFACE,
    "bsky.app": SourceKind.BLUESKY,
    "www.reddit.com": SourceKind.REDDIT,
    "export.arxiv.org": SourceKind.ARXIV,
    "www.federalregister.gov": SourceKind.FEDERALREGISTER,
    "hn.algolia.com": SourceKind.HACKERNEWS,
    "api.gdeltproject.org": SourceKind.GDELT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What one try of a source came to. ``newest``: when its newest entry was published, where it says. ``title``: what
    it calls itself, ``moved_to``: where it says that it moved for good; "" where it says nothing."""

    source: Source
    status: int | None
    error: str
    items: int
    newest: datetime | None
    problems: tuple[str, ...]
    title: str = ""
    moved_to: str = ""


async def examine_all(
    sources: Sequence[Source],
    fetcher: Fetcher,
    *,
    clock: Callable[[], datetime],
    on_examined: Callable[[Examined], None],
) -> list[Examined]:
    """Ask each source once, as a poll would; in the order given."""
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(source: Source) -> Examined:
        async with gate:
            found = await examine(source, fetcher, clock=clock)
        on_examined(found)
        return found

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(source)) for source in sources]
    return [task.result() for task in tasks]


async def examine(source: Source, fetcher: Fetcher, *, clock: Callable[[], datetime]) -> Examined:
    """Never raises for what the world causes: that stands in ``error``."""
    read = await read_source(_unread(source, clock()), fetcher, clock=clock, rng=random.Random(0))  # noqa: S311
    return _examined(read)


def _examined(read: Read) -> Examined:
    dates = [item.published for item in read.items if item.published is not None]
    return Examined(
        source=read.state.source,
        status=read.record.status,
        error=read.record.error,
        items=len(read.items),
        newest=max(dates, default=None),
        problems=read.problems,
        title=read.title,
        moved_to=read.record.current_url or read.record.moved_url or "",
    )


def _unread(source: Source, now: datetime) -> SourceState:
    return SourceState(
        source=source, etag=None, last_modified=None, next_poll=now, last_poll=None, last_ok=None, last_new=None,
        last_status=None, last_error="", failures=0, oks=0, items=0, stopped="", body_hash="",
    )  # fmt: skip


async def take(
    source: Source, fetcher: Fetcher, *, clock: Callable[[], datetime], any_kind: bool = True
) -> Examined:
    """Examine an address that a person gave, and find the feed of a page. The source found is called what it calls
    itself, unless it was given a name. Raises ``UserError`` that says what is there when nothing of it can be read so;
    ``any_kind``: the kind is only a guess."""
    found = await examine(source, fetcher, clock=clock)
    if not found.error:
        return _named(found)
    page = await _page(source, fetcher) if found.status is None else None
    if page is not None and any_kind and source.kind is SourceKind.FEED:
        for url in feeds_offered(page):
            offered = await examine(replace(source, id=source_id(url), url=url), fetcher, clock=clock)
            if not offered.error:
                return _named(offered)
    raise UserError(f"{source.url}: {found.error}. {_advice(source, found, page)}")


def _named(found: Examined) -> Examined:
    if not found.title or found.source.name != _host_name(found.source.url):
        return found
    return replace(found, source=replace(found.source, name=shorten(found.title, _NAME)))


async def _page(source: Source, fetcher: Fetcher) -> Fetched | None:
    """What stands at the address, None when nothing answers."""
    try:
        answer = await fetcher.fetch(source.url, accept="text/html, */*", public_only=source.user_given)
    except SourceError:
        return None
    return answer if isinstance(answer, Fetched) else None


def _advice(source: Source, found: Examined, page: Fetched | None) -> str:
    """What a person can do about it."""
    if found.status in (404, 410):
        return "Look the address up again: there is nothing (any more)."
    if found.status in (401, 403):
        return "It lets no program in: look for another feed of the same news."
    if found.status is not None:
        return "Try again later."
    if page is None:
        return "Check the address, or try again later."
    head = page.body[:4000].lower()
    if source.kind is not SourceKind.SITEMAP and (b"<urlset" in head or b"<sitemapindex" in head):
        return "It is a sitemap: tipoff sources add takes it with --kind sitemap."
    if source.kind is not SourceKind.FEED and (b"<rss" in head or b"<feed" in head):
        return "It is a feed: leave --kind out."
    if source.kind is not SourceKind.PAGE and (b"<html" in head or page.content_type == "text/html"):
        return "It is a page that names no feed: tipoff sources add watches it for changes with --kind page."
    return f"It is {page.content_type or 'a document'}, and not of kind {source.kind.value}."


def feeds_offered(page: Fetched) -> list[str]:
    """See RSS Autodiscovery (https://www.rssboard.org/rss-autodiscovery)."""
    if b"<link" not in page.body[:500_000].lower():
        return []
    document = LexborHTMLParser(page.body[:500_000].decode("utf-8", "replace"))
    found: list[str] = []
    for link in document.css("link[rel~=alternate][href]"):
        kind = (link.attributes.get("type") or "").strip().lower()
        url = urljoin(page.url, link.attributes.get("href") or "")
        if kind in _FEED_TYPES and url.startswith(("http://", "https://")) and url not in found:
            found.append(url)
    return found[:3]


def given_source(url: str, *, kind: SourceKind | None = None, **fields: object) -> Source:
    """A source made of an address that a person gave. Raises ``UserError`` for one that cannot be read."""
    url = url.strip()
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"\s", url):
        raise UserError(f"{url!r} is no http or https address.")
    guessed = kind or _KIND_OF_HOST.get(parts.hostname.lower(), SourceKind.FEED)
    if kind is None and parts.path.endswith((".rss", ".atom", ".xml", "/feed", "/rss")):
        guessed = SourceKind.REDDIT if guessed is SourceKind.REDDIT else SourceKind.FEED
    source = Source(id=source_id(url), name=_host_name(url), kind=guessed, url=url, why="given by a person")
    return replace(source, **fields)  # type: ignore[arg-type]


def _host_name(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")
