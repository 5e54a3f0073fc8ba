"""The demo's stage: a bundled sample month, a feed server on loopback, and a clock that runs fast.

The program that reads it is that of ``tipoff run``; only clock, database and sources are the demo's.
"""

import json
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from importlib.resources import files
from xml.sax.saxutils import escape

from aiohttp import web

from bot.model import Catalog, Grade, Source, SourceId, SourceKind

_SAMPLE = "demo_sample.jsonl"
#: Quiet before the first and after the last item, on the demo's clock.
_LEAD_IN, _LEAD_OUT = timedelta(days=1), timedelta(days=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleItem:
    """One item of the sample month. Its addresses are not real."""

    id: str
    feed: str
    publisher: str
    title: str
    url: str
    published: datetime
    summary: str = ""
    language: str = "en"


def load_sample() -> list[SampleItem]:
    """The bundled items, oldest first."""
    text = files("bot.flow").joinpath(_SAMPLE).read_text("utf-8")
    rows = [json.loads(line) for line in text.splitlines() if line.strip()]
    found = [SampleItem(**{**row, "published": datetime.fromisoformat(row["published"])}) for row in rows]
    return sorted(found, key=lambda item: item.published)


class FastClock:
    """Shows the sample's month while ``seconds`` of ours go by."""

    def __init__(self, sample: Sequence[SampleItem], *, seconds: float) -> None:
        self._first = sample[0].published - _LEAD_IN
        self.ends = sample[-1].published + _LEAD_OUT
        self._rate = (self.ends - self._first) / timedelta(seconds=seconds)
        self._began = time.monotonic()

    def __call__(self) -> datetime:
        return self._first + timedelta(seconds=(time.monotonic() - self._began) * self._rate)


def demo_catalog(catalog: Catalog, sample: Sequence[SampleItem], base: str) -> Catalog:
    """The topics without their known history (the demo tells it anew), and one feed source an outlet."""
    topics = tuple(
        replace(topic, watches=tuple(replace(watch, known=()) for watch in topic.watches))
        for topic in catalog.topics
    )
    outlets = {item.feed: item.publisher for item in sample}
    sources = tuple(
        Source(
            id=SourceId(feed),
            name=f"{publisher} (sample)",
            kind=SourceKind.RSS,
            url=f"{base}/{feed}.xml",
            publisher=publisher,
            topics=tuple(topic.id for topic in topics),
            grade=Grade.REPORT,
            every=timedelta(hours=2),  # on the fast clock: at nearly every tick
        )
        for feed, publisher in sorted(outlets.items())
    )
    return Catalog(sources=sources, topics=topics, publishers=catalog.publishers)


@asynccontextmanager
async def serve_sample(sample: Sequence[SampleItem], clock: Callable[[], datetime]) -> AsyncIterator[str]:
    """A feed server on loopback that shows each item from its time on; yields its base address."""

    async def feed(request: web.Request) -> web.Response:
        name = request.match_info["feed"]
        now = clock()
        shown = [item for item in sample if item.feed == name and item.published <= now]
        return web.Response(body=_rss(name, shown).encode(), content_type="application/rss+xml")

    app = web.Application()
    app.router.add_get("/{feed}.xml", feed)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


def _rss(name: str, shown: Sequence[SampleItem]) -> str:
    entries = "".join(
        f"<item><guid isPermaLink='false'>{escape(item.id)}</guid><title>{escape(item.title)}</title>"
        f"<link>{escape(item.url)}</link><description>{escape(item.summary)}</description>"
        f"<pubDate>{format_datetime(item.published)}</pubDate></item>"
        for item in reversed(shown)
    )
    language = shown[0].language if shown else "en"
    return (
        "<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel>"
        f"<title>{escape(name)} (sample)</title><link>http://localhost/</link><description>Sample</description>"
        f"<language>{language}</language>{entries}</channel></rss>"
    )
