"""Tries sources without storing anything: for a check of all, and before an address that a person gave is taken."""

import asyncio
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from bot.errors import SourceError, UserError
from bot.flow.poll import Read, read_source
from bot.intake.fetch import Fetched, Fetcher
from bot.model import Source, SourceId, SourceKind
from storage.sources import SourceState

#: Many wait for their host's turn; the fetcher has its own bound.
_AT_ONCE = 100
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
    """What one try of a source came to. ``newest``: when its newest entry was published, where it says."""

    source: Source
    status: int | None
    error: str
    items: int
    newest: datetime | None
    problems: tuple[str, ...]


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
    )


def _unread(source: Source, now: datetime) -> SourceState:
    return SourceState(
        source=source, etag=None, last_modified=None, next_poll=now, last_poll=None, last_ok=None, last_new=None,
        last_status=None, last_error="", failures=0, oks=0, items=0, stopped="", body_hash="",
    )  # fmt: skip


async def take(
    source: Source, fetcher: Fetcher, *, clock: Callable[[], datetime], any_kind: bool = True
) -> Examined:
    """Examine an address that a person gave, and find the feed of a page. Raises ``UserError`` when there is
    nothing that could be read; ``any_kind``: the kind is only a guess."""
    found = await examine(source, fetcher, clock=clock)
    if not found.error:
        return found
    if any_kind and source.kind is SourceKind.FEED and found.status is None:
        for url in await _feeds_of_page(source, fetcher):
            offered = await examine(replace(source, url=url), fetcher, clock=clock)
            if not offered.error:
                return offered
    raise UserError(f"{source.url}: {found.error}. Give the address of a feed, or say which kind it is.")


async def _feeds_of_page(source: Source, fetcher: Fetcher) -> list[str]:
    """Feeds that a page offers (``<link rel="alternate">``), in its order, three at most."""
    try:
        answer = await fetcher.fetch(source.url, accept="text/html")
    except SourceError:
        return []
    return feeds_offered(answer) if isinstance(answer, Fetched) else []


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
    source = Source(
        id=SourceId(_slug(f"{parts.hostname.removeprefix('www.')}-{parts.path}-{parts.query}")),
        name=parts.hostname.removeprefix("www."),
        kind=guessed,
        url=url,
        why="given by a person",
    )
    return replace(source, **fields)  # type: ignore[arg-type]


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:62].strip("-") or "source"
