"""What became of a link."""

from datetime import timedelta

import pytest

from bot.delivery.fate import Fate, fate
from bot.model import ALL_TOPICS, ChannelKey, Event, Grade, Mode, StoryId, TopicId
from storage import articles, deliveries, items, mutes, sources, subscriptions
from storage.articles import ArticleRow
from storage.database import Database
from storage.deliveries import DeliveryPlan
from tests.builders import NOW, a_catalog, a_source, a_subscription, a_verdict

HERE, THERE = ChannelKey("discord:1"), ChannelKey("discord:2")
V4 = TopicId("deepseek-v4")


@pytest.fixture
async def news(database: Database) -> Database:
    """A story of two items; the first was told THERE, and one on no topic."""
    async with database.transaction() as tx:
        await sources.sync_catalog(tx, [a_source()], now=NOW)
        first = a_verdict(number=1)
        adds = a_verdict(
            number=2, story=StoryId(1), event=Event.UPDATE, alert=False, item={"publisher": "Nikkei"}
        )
        off = a_verdict(number=3, topics=(), item={"title": "DeepSeek wins at chess"})
        ids = await items.add_verdicts(tx, [first, adds, off])
        alert = await deliveries.add_alert(
            tx, story=StoryId(1), item=ids[0], event=Event.NEW, grade=Grade.REPORT, previous_grade=None,
            reason="", answers=(), topics=(V4,), excerpt="", now=NOW,
        )  # fmt: skip
        await deliveries.add_deliveries(tx, alert, [DeliveryPlan(channel=THERE, due=NOW)], now=NOW)
    return database


async def asked(database: Database, number: int = 1, channel: ChannelKey = HERE) -> Fate:
    async with database.reading() as conn:
        return await fate(conn, a_catalog(), f"https://reuters.com/{number}?utm_source=x", channel=channel)


async def test_a_link_that_nobody_showed_is_not_seen(news: Database) -> None:
    found = await asked(news, 99)
    assert (found.item, found.story, found.kept, found.held_until) == (None, None, (), None)
    assert found.url == "https://reuters.com/99"


async def test_an_item_on_no_topic_has_the_words_that_came_near(news: Database) -> None:
    found = await asked(news, 3)
    assert found.item is not None
    assert (found.item.event, found.alert, found.kept) == (Event.NONE, None, ())


async def test_an_item_that_only_adds_to_a_story_leads_to_its_lead(news: Database) -> None:
    found = await asked(news, 2)
    assert found.merged
    assert found.lead is not None
    assert (found.lead.id, found.alert, len(found.told)) == (1, None, 1)


async def test_a_link_to_the_article_of_an_item_finds_it(news: Database) -> None:
    async with news.transaction() as tx:
        row = ArticleRow(
            item=items.ItemId(1),
            url="https://reuters.com/real",
            summary="",
            keywords=(),
            problem="",
            read=NOW,
        )
        await articles.add_article(tx, row)
    async with news.reading() as conn:
        found = await fate(conn, a_catalog(), "https://reuters.com/real", channel=HERE)
    assert found.item is not None
    assert found.item.id == 1


@pytest.mark.parametrize(
    ("subscription", "kept"),
    [
        pytest.param(None, ("this channel has no subscription to its topics",), id="none"),
        pytest.param(
            {"min_grade": Grade.LEAK}, ("subscription to deepseek-v4: its evidence (report) is below leak",),
            id="grade",
        ),
        pytest.param(
            {"not_sources": ("reuters.com",)}, ("subscription to deepseek-v4: its source is reuters.com",),
            id="source",
        ),
        pytest.param(
            {"created": NOW + timedelta(days=1)},
            ("subscription to deepseek-v4: this channel subscribed only on 25 Nov 2026 12:00 UTC",), id="later",
        ),
        pytest.param({}, ("this channel asked for something else at the time",), id="changed since"),
    ],
)  # fmt: skip
async def test_a_channel_that_was_not_told_hears_why(
    news: Database, subscription: dict[str, object] | None, kept: tuple[str, ...]
) -> None:
    async with news.transaction() as tx:
        if subscription is not None:
            await subscriptions.subscribe(
                tx, a_subscription(**{"channel": HERE, "topic": V4, **subscription})
            )
    found = await asked(news)
    assert (found.kept, found.here) == (kept, ())
    assert (await asked(news, channel=THERE)).kept == ()


async def test_a_mute_that_held_then_is_the_reason(news: Database) -> None:
    async with news.transaction() as tx:
        await subscriptions.subscribe(tx, a_subscription(channel=HERE, topic=ALL_TOPICS))
        await mutes.mute(tx, HERE, topic="deepseek-v4", until=NOW + timedelta(days=1), by="", now=NOW)
    assert (await asked(news)).kept == ("subscription to all: its topic is muted here",)
    async with news.transaction() as tx:
        await mutes.mute(tx, HERE, story=StoryId(1), until=NOW + timedelta(days=1), by="", now=NOW)
    assert (await asked(news)).kept == ("its story is muted here until 25 Nov 12:00 UTC",)


async def test_what_waits_says_until_when_and_why(news: Database) -> None:
    async with news.transaction() as tx:
        await subscriptions.subscribe(tx, a_subscription(channel=HERE, topic=V4, mode=Mode.INSTANT))
        plan = DeliveryPlan(channel=HERE, due=NOW + timedelta(hours=1), digest=True, folded_for="burst")
        await deliveries.add_deliveries(tx, 1, [plan], now=NOW)
    found = await asked(news)
    (here,) = found.here
    assert (here.state, here.digest, here.folded_for, here.waits) == ("pending", True, "burst", True)
    assert found.held_until == NOW + timedelta(hours=1)
    assert found.kept == ()
