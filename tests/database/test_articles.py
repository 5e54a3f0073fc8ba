"""What is kept of articles: once an item, wanted only while somebody is still to be told."""

from datetime import timedelta

from bot.model import ChannelKey, Event, Grade, ItemId, TopicId
from storage import articles, deliveries, items, sources
from storage.articles import ArticleRow
from storage.database import Database
from storage.deliveries import DeliveryPlan
from tests.builders import NOW, a_source, a_verdict

ONE = ChannelKey("discord:1")


async def alerted(database: Database) -> ItemId:
    async with database.transaction() as tx:
        await sources.sync_catalog(tx, [a_source()], now=NOW)
        (item,) = await items.add_verdicts(tx, [a_verdict()])
        alert = await deliveries.add_alert(
            tx, story=a_verdict().story, item=item, event=Event.NEW, grade=Grade.REPORT, previous_grade=None,
            reason="", answers=(), topics=(TopicId("deepseek-v4"),), excerpt="x", now=NOW,
        )  # fmt: skip
        await deliveries.add_deliveries(tx, alert, [DeliveryPlan(channel=ONE, due=NOW)], now=NOW)
    return item


def a_row(item: ItemId, summary: str) -> ArticleRow:
    return ArticleRow(
        item=item, url="https://a.example/x", summary=summary, keywords=("MIT", "昇腾"), problem="", read=NOW
    )


async def test_an_article_is_wanted_until_it_is_kept_and_the_first_stays(database: Database) -> None:
    item = await alerted(database)
    async with database.transaction() as tx:
        assert await articles.article(tx, item) is None
        assert await articles.wanted(tx, since=NOW, limit=9) == [item]
        assert await articles.wanted(tx, since=NOW + timedelta(seconds=1), limit=9) == []
        await articles.add_article(tx, a_row(item, "The first.\0"))
        await articles.add_article(tx, a_row(item, "The second."))
        assert await articles.article(tx, item) == a_row(item, "The first.�")
        assert await articles.wanted(tx, since=NOW, limit=9) == []
        assert await articles.prune(tx, older_than=NOW) == 0
        assert await articles.prune(tx, older_than=NOW + timedelta(seconds=1)) == 1


async def test_nobody_to_tell_wants_nothing(database: Database) -> None:
    await alerted(database)
    async with database.transaction() as tx:
        (row,) = await deliveries.claim(
            tx, now=NOW, owner="me", lease=timedelta(seconds=9), limit=1, platforms=["discord"]
        )
        await deliveries.record_sent(tx, row.id, message_id="m", thread_id=None, now=NOW)
        assert await articles.wanted(tx, since=NOW, limit=9) == []
