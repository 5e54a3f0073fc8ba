"""Looks for the article behind each new alert, before the alert is told and never longer than it may wait."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import structlog

from bot.errors import StorageError
from bot.intake.article import Article, ArticleReader, NoArticle
from bot.intake.article_signs import may_be_article
from bot.intake.fetch import Fetcher
from bot.intake.guard import is_private_host
from bot.judgement.summary import sane_keywords, summarise
from bot.model import ItemId, Source
from storage import articles, items, sources
from storage.articles import ArticleRow
from storage.database import Database
from storage.deliveries import AlertRow
from storage.items import ItemRow

log = structlog.get_logger()

#: An alert is held this long at most, from when it was decided; measured with hosts that owe us a second's pause
#: between the feed, robots.txt and the article.
WAIT = timedelta(seconds=3)
#: What comes later than that is still kept, for other channels, retries and follow-ups.
_READ_WITHIN_S = 15.0
_AT_ONCE = 16
_MOST_WAITING = 200
_MOST_REMEMBERED = 4096
#: Alerts older than this are told without: their news were read long ago.
_YOUNG = timedelta(minutes=10)


class ArticleDesk:
    """One for the process; ``run`` is its task. Nothing of it happens inside a database transaction but the saving."""

    def __init__(self, database: Database, fetcher: Fetcher, *, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._reader = ArticleReader(fetcher)
        self._clock = clock
        self._wake = asyncio.Event()
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._under_way: dict[ItemId, asyncio.Task[None]] = {}
        self._done: OrderedDict[ItemId, None] = OrderedDict()
        self._group: asyncio.TaskGroup | None = None

    def wake(self) -> None:
        """Something may have been alerted just now."""
        self._wake.set()

    async def run(self) -> None:
        """Begin with the article of every new alert at once, also of those whose delivery waits for its turn."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            try:
                while True:
                    await self._wake.wait()
                    self._wake.clear()
                    await self._begin_wanted()
            finally:
                self._group = None

    async def ready(self, alert: AlertRow) -> None:
        """Wait until the alert's article is kept, or is known to be none, or the alert has waited long enough.

        Never raises for what the world causes. When it is late the alert goes without it.
        """
        if alert.item is None or alert.item in self._done:
            return
        left = (alert.created + WAIT - self._clock()).total_seconds()
        if left <= 0:
            return
        if (task := self._begin(alert.item)) is not None:
            await asyncio.wait((task,), timeout=min(left, WAIT.total_seconds()))

    async def _begin_wanted(self) -> None:
        try:
            async with self._database.reading() as conn:
                wanted = await articles.wanted(conn, since=self._clock() - _YOUNG, limit=_MOST_WAITING)
        except StorageError as exc:
            log.warning("articles_unreadable", error=str(exc))
            return
        for item in wanted:
            self._begin(item)

    def _begin(self, item: ItemId) -> asyncio.Task[None] | None:
        """The task that reads this item's article; None when there is no room for it."""
        if (task := self._under_way.get(item)) is not None:
            return task
        if self._group is None or item in self._done or len(self._under_way) >= _MOST_WAITING:
            return None
        task = self._under_way[item] = self._group.create_task(self._look(item))
        task.add_done_callback(lambda _: self._under_way.pop(item, None))
        return task

    async def _look(self, item_id: ItemId) -> None:
        """Never raises: a failure here is one article's."""
        try:
            async with self._slots:
                await self._look_in_turn(item_id)
            self._done[item_id] = None
            if len(self._done) > _MOST_REMEMBERED:
                self._done.popitem(last=False)
        except StorageError as exc:
            log.warning("article_not_kept", item=item_id, error=str(exc))
        except Exception:
            log.exception("article_crashed", item=item_id)

    async def _look_in_turn(self, item_id: ItemId) -> None:
        async with self._database.reading() as conn:
            if await articles.article(conn, item_id) is not None:
                return
            item = await items.item(conn, item_id)
            known = await sources.of_ids(conn, [item.source]) if item is not None else []
        if item is None or not known:
            return
        row = await self._row(item, known[0].source)
        async with self._database.transaction() as tx:
            await articles.add_article(tx, row)
        log.debug("article_read", item=item_id, problem=row.problem)

    async def _row(self, item: ItemRow, source: Source) -> ArticleRow:
        found: Article | NoArticle = NoArticle(reason="what it points to is no article")
        if may_be_article(item.url, source.kind):
            found = await self._reader.read(
                item.url, public_only=not _may_be_private(item.url, source), deadline_s=_READ_WITHIN_S
            )
        if isinstance(found, NoArticle):
            return self._without(item, found.reason)
        summary = summarise(found.text, title=item.title, told=item.summary)
        if not summary:
            return self._without(item, "the page is about something else, or has no fit sentence")
        keywords = sane_keywords(found.keywords, text=f"{found.title}\n{found.text[:6000]}")
        return ArticleRow(
            item=item.id, url=found.url, summary=summary, keywords=keywords, problem="", read=self._clock()
        )

    def _without(self, item: ItemRow, problem: str) -> ArticleRow:
        return ArticleRow(
            item=item.id, url="", summary="", keywords=(), problem=problem[:500], read=self._clock()
        )


def _may_be_private(url: str, source: Source) -> bool:
    """Whether a private address may be asked, where the settings allow it at all: a link out of a public source
    must not lead into the own network, whatever it says."""
    if source.user_given:
        return False
    link, home = urlsplit(url).hostname or "", urlsplit(source.url).hostname or ""
    return is_private_host(home) or link == home
