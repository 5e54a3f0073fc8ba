"""A feed server on loopback whose news a test publishes while the program runs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape

from aiohttp import web


class News:
    """``down``: the server answers 503 to everything."""

    def __init__(self) -> None:
        self.base = ""
        self.down = False
        self.asked = 0
        self._entries: dict[str, list[str]] = {}

    def publish(self, feed: str, title: str, *, link: str = "", summary: str = "") -> None:
        entries = self._entries.setdefault(feed, [])
        number = len(entries) + 1
        link = link or f"https://{feed}.example/{number}"
        entries.insert(
            0,
            f"<item><guid isPermaLink='false'>{feed}-{number}</guid><title>{escape(title)}</title>"
            f"<link>{escape(link)}</link><description>{escape(summary)}</description>"
            f"<pubDate>{format_datetime(datetime.now(UTC))}</pubDate></item>",
        )

    def change(self, feed: str, title: str, changed: str) -> None:
        """Give an entry another headline; its id and link stay."""
        self._entries[feed] = [
            entry.replace(escape(title), escape(changed)) for entry in self._entries.get(feed, [])
        ]

    def catalog(self, *feeds: str, every: str = "1s") -> str:
        """A catalog of these feeds with one topic, ``v4``, and its watch question."""
        sources = "".join(
            f'[[source]]\nid = "{feed}"\nname = "{feed.title()}"\nkind = "rss"\nurl = "{self.base}/{feed}.xml"\n'
            f'topics = ["v4"]\nevery = "{every}"\npublisher = "{feed.title()}"\n'
            for feed in feeds
        )
        return sources + (
            '[[topic]]\nid = "v4"\nname = "DeepSeek V4"\nany = ["deepseek v4"]\n'
            '[[topic.watch]]\nid = "v4-out"\nquestion = "Is DeepSeek V4 released?"\n'
            'states = ["rumoured", "announced", "released", "delayed", "denied"]\n'
        )

    async def answer(self, request: web.Request) -> web.Response:
        self.asked += 1
        if self.down:
            return web.Response(status=503)
        feed = request.match_info["feed"]
        entries = "".join(self._entries.get(feed, []))
        body = f"<rss version='2.0'><channel><title>{feed}</title>{entries}</channel></rss>"
        return web.Response(text=body, content_type="application/rss+xml")


@asynccontextmanager
async def open_news() -> AsyncIterator[News]:
    news = News()
    app = web.Application()
    app.router.add_get("/{feed}.xml", news.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    news.base = "http://{}:{}".format(*runner.addresses[0][:2])
    try:
        yield news
    finally:
        await runner.cleanup()
