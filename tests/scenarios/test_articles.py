"""The article behind an alert: told with it when it is there in time, and never waited for longer than that."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from bot.delivery.contract import AlertMessage
from bot.delivery.dispatcher import Dispatcher
from bot.flow.articles import ArticleDesk
from bot.intake.fetch import open_fetcher
from bot.model import ChannelKey, Event, Grade, Publisher, SourceKind, TopicId, utc_now
from storage import articles, deliveries, items, sources, subscriptions
from storage.articles import ArticleRow
from storage.database import Database, open_database
from storage.deliveries import DeliveryPlan
from tests.builders import a_catalog, a_source, a_subscription, a_verdict
from tests.fakes import FakeHandler
from tests.feed_server import FeedServer, feed_server
from tests.scenarios.news import open_news
from tests.scenarios.program import Program, eventually
from tests.standins import discord as discord_standin
from tests.standins.discord import open_discord_server

PAGES = Path(__file__).parents[1] / "data" / "articles"
EN, ZH = (PAGES / "en.html").read_bytes(), (PAGES / "zh.html").read_bytes()
HTML = {"Content-Type": "text/html; charset=utf-8"}
ONE, TWO = ChannelKey("discord:1"), ChannelKey("discord:2")
TITLE = "DeepSeek V4 weights published under MIT licence"
FIRST = "DeepSeek published the weights of its V4 model on Monday under the MIT licence"
OWN = "The source's own words about DeepSeek V4. They are short. There are three."


@dataclass
class Bench:
    """A database with a source on the loopback server, the desk under test, and a dispatcher that asks it."""

    database: Database
    server: FeedServer
    desk: ArticleDesk
    dispatcher: Dispatcher
    handler: FakeHandler
    alerts: int = 0

    async def alert(self, url: str, *channels: ChannelKey, age: float = 0, publisher: str = "Reuters") -> int:
        self.alerts += 1
        now = utc_now() - timedelta(seconds=age)
        verdict = a_verdict(
            number=self.alerts,
            item={
                "url": url,
                "title": TITLE,
                "summary": OWN,
                "publisher": publisher,
                "published": now,
                "seen": now,
            },
        )
        async with self.database.transaction() as tx:
            for channel in channels or (ONE,):
                await subscriptions.subscribe(tx, a_subscription(channel=channel))
            (item,) = await items.add_verdicts(tx, [verdict])
            alert = await deliveries.add_alert(
                tx, story=verdict.story, item=item, event=Event.NEW, grade=Grade.REPORT, previous_grade=None,
                reason="test", answers=(), topics=(TopicId("deepseek-v4"),), excerpt="x", now=now,
            )  # fmt: skip
            plans = [DeliveryPlan(channel=channel, due=now) for channel in channels or (ONE,)]
            await deliveries.add_deliveries(tx, alert, plans, now=now)
        return item

    async def told(self) -> list[AlertMessage]:
        """Send what is due, and give back all that was sent."""
        await self.dispatcher.drain()
        assert all(isinstance(message, AlertMessage) for message in self.handler.accepted)
        return self.handler.accepted  # type: ignore[return-value]

    async def kept(self, item: int) -> ArticleRow | None:
        async with self.database.reading() as conn:
            return await articles.article(conn, item)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    mastodon = Publisher(id="mastodon", names=("Mastodon",), kind="social", domains=("mastodon.social",))
    async with (
        feed_server() as server,
        open_database(f"sqlite+aiosqlite:///{tmp_path}/t.db") as database,
        open_fetcher(contact="", allow_private=True) as fetcher,
    ):
        async with database.transaction() as tx:
            await sources.sync_catalog(tx, [a_source(url=server.url("/feed"))], now=utc_now())
        desk = ArticleDesk(database, fetcher, clock=utc_now)
        dispatcher = Dispatcher(
            database, a_catalog(publishers=(mastodon,)), owner="one", clock=utc_now, articles=desk
        )
        handler = FakeHandler()
        dispatcher.serve(handler)
        running = asyncio.create_task(desk.run())
        await asyncio.sleep(0)
        try:
            yield Bench(database, server, desk, dispatcher, handler)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


def seconds() -> float:
    return asyncio.get_running_loop().time()


async def test_an_alert_carries_two_sentences_of_the_article_its_address_and_its_keywords(
    bench: Bench,
) -> None:
    bench.server.redirect("/go", "/2026/11/deepseek-v4-weights?ref=feed")
    bench.server.show("/2026/11/deepseek-v4-weights", EN, headers=HTML)
    await bench.alert(bench.server.url("/go"))
    (message,) = await bench.told()
    assert message.summary.startswith(FIRST)
    assert message.summary.endswith("at 9 a.m. in Hangzhou.")
    assert message.url == bench.server.url("/2026/11/deepseek-v4-weights")
    assert message.tags == ("DeepSeek", "Hangzhou", "MIT licence", "mixture of experts")
    assert message.site == "", "an outlet's own article needs no second name"


async def test_a_post_names_the_site_of_the_original(bench: Bench) -> None:
    url = bench.server.show("/2026/11/deepseek-v4-weights", EN, headers=HTML)
    await bench.alert(url, publisher="Mastodon")
    (message,) = await bench.told()
    assert (message.site, message.url) == ("127.0.0.1", url)


async def test_all_channels_share_one_request(bench: Bench) -> None:
    bench.server.show("/a/deepseek-v4", EN, headers=HTML)
    await bench.alert(bench.server.url("/a/deepseek-v4"), *(ChannelKey(f"discord:{n}") for n in range(40)))
    messages = await bench.told()
    assert len(messages) == 40
    assert all(message.summary.startswith(FIRST) for message in messages)
    assert bench.server.count("/a/deepseek-v4") == 1
    assert bench.server.count("/robots.txt") == 1


async def test_a_slow_article_holds_an_alert_for_three_seconds_and_no_longer(bench: Bench) -> None:
    bench.server.show("/slow/deepseek-v4", EN, headers=HTML, hang=True)
    await bench.alert(bench.server.url("/slow/deepseek-v4"), ONE, TWO)
    began = seconds()
    messages = await bench.told()
    assert 2 < seconds() - began < 4
    assert [message.summary for message in messages] == [
        "The source's own words about DeepSeek V4. They are short."
    ] * 2


async def test_many_slow_articles_hold_nobody_longer_than_one(bench: Bench) -> None:
    for number in range(100):
        bench.server.show(f"/slow/deepseek-{number}", EN, headers=HTML, hang=True)
        await bench.alert(bench.server.url(f"/slow/deepseek-{number}"), ChannelKey(f"discord:{number}"))
    bench.desk.wake()
    began = seconds()
    assert len(await bench.told()) == 100
    assert seconds() - began < 5


async def test_an_old_alert_waits_for_nothing(bench: Bench) -> None:
    bench.server.show("/slow/deepseek-v4", EN, headers=HTML, hang=True)
    await bench.alert(bench.server.url("/slow/deepseek-v4"), age=60)
    began = seconds()
    assert len(await bench.told()) == 1
    assert seconds() - began < 1


async def test_a_held_alert_finds_its_article_read_already(bench: Bench) -> None:
    bench.server.show("/a/deepseek-v4", EN, headers=HTML)
    item = await bench.alert(bench.server.url("/a/deepseek-v4"), age=30)
    bench.desk.wake()
    async with asyncio.timeout(10):
        while await bench.kept(item) is None:
            await asyncio.sleep(0.02)
    (message,) = await bench.told()
    assert message.summary.startswith(FIRST)


async def test_what_was_kept_is_not_asked_for_again_after_a_restart(bench: Bench) -> None:
    url = bench.server.show("/a/deepseek-v4", EN, headers=HTML)
    item = await bench.alert(url, ONE)
    row = ArticleRow(
        item=item, url="https://x.example/y", summary="Kept before.", keywords=(), problem="", read=utc_now()
    )  # type: ignore[arg-type]
    async with bench.database.transaction() as tx:
        await articles.add_article(tx, row)
    (message,) = await bench.told()
    assert message.url == "https://x.example/y"
    assert bench.server.count("/a/deepseek-v4") == 0


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ({"body": b"%PDF-1.7", "headers": {"Content-Type": "application/pdf"}}, "not a web page"),
        ({"status": 404}, "404"),
        ({"status": 302, "headers": {"Location": "/"}}, "home page"),
        ({"status": 302, "headers": {"Location": "/consent/collect"}}, "consent"),
        ({"body": b"<p>" + b"Cats sleep all day and cost little. " * 20, "headers": HTML}, "something else"),
        ({"body": b"x" * (9 * 2**20), "headers": HTML}, "larger than"),
        ({"body": EN[:300], "headers": HTML, "cut": True}, "cut"),
    ],
    ids=["pdf", "missing", "home", "consent", "soft-404", "huge", "cut"],
)
async def test_where_there_is_no_article_the_sources_words_stay(bench: Bench, page: dict, said: str) -> None:
    bench.server.show("/", b"<title>Home</title>", headers=HTML)
    bench.server.show("/consent/collect", b"<title>Consent</title>", headers=HTML)
    item = await bench.alert(bench.server.show("/a/deepseek-v4", **page))
    (message,) = await bench.told()
    assert message.summary == "The source's own words about DeepSeek V4. They are short."
    assert message.url == bench.server.url("/a/deepseek-v4")
    kept = await bench.kept(item)
    assert kept is not None
    assert said in kept.problem


async def test_robots_txt_is_obeyed(bench: Bench) -> None:
    bench.server.show("/robots.txt", "User-agent: *\nDisallow: /a/")
    item = await bench.alert(bench.server.show("/a/deepseek-v4", EN, headers=HTML))
    await bench.told()
    kept = await bench.kept(item)
    assert kept is not None
    assert "robots.txt forbids" in kept.problem
    assert bench.server.count("/a/deepseek-v4") == 0


@pytest.mark.parametrize("given", [True, False], ids=["a source that others gave", "a public source"])
async def test_links_of_public_sources_reach_no_private_address(bench: Bench, given: bool) -> None:
    home = bench.server.url("/feed") if given else "https://reuters.example/feed"
    async with bench.database.transaction() as tx:
        await sources.sync_catalog(tx, [a_source(url=home, user_given=given)], now=utc_now())
    item = await bench.alert(bench.server.show("/a/deepseek-v4", EN, headers=HTML))
    await bench.told()
    kept = await bench.kept(item)
    assert kept is not None
    assert "private address" in kept.problem
    assert not bench.server.seen


async def test_sources_with_summaries_of_their_own_are_not_asked(bench: Bench) -> None:
    async with bench.database.transaction() as tx:
        await sources.sync_catalog(
            tx, [a_source(url=bench.server.url("/f"), kind=SourceKind.ARXIV)], now=utc_now()
        )
    await bench.alert(bench.server.show("/a/deepseek-v4", EN, headers=HTML))
    assert len(await bench.told()) == 1
    assert not bench.server.seen


async def test_the_whole_program_tells_the_article_once_also_when_killed_while_it_is_read(
    tmp_path: Path,
) -> None:
    async with open_news() as news, feed_server() as server, open_discord_server() as discord:
        discord.add_channel("1001")
        server.show("/2026/11/deepseek-v4-weights", EN, headers=HTML)
        server.show("/2026/11/ascend", ZH, headers=HTML)
        server.show("/slow/deepseek-v4", EN, headers=HTML, hang=True)
        news.publish("daily", "DeepSeek V4 rumours of the winter", link=server.url("/none"))
        (tmp_path / "catalog.toml").write_text(
            news.catalog("daily") + '[[topic]]\nid = "lyon"\nname = "Lyon"\nany = ["lyon"]\n',
            encoding="utf-8",
        )
        program = Program(
            tmp_path, TIPOFF_ARTICLES="on", DISCORD_TOKEN=discord_standin.TOKEN, DISCORD_API_URL=discord.url
        )
        await program.call("subscribe", "discord:1001", "all")
        await program.start()

        def on_discord(words: str) -> list[str]:
            return [text for message in discord.messages("1001") if words in (text := str(message))]

        try:
            await eventually(lambda: on_discord("of the winter"))
            news.publish(
                "daily", TITLE, link=server.url("/2026/11/deepseek-v4-weights"), summary="Own words."
            )
            (shown,) = await eventually(lambda: on_discord("weights published"))
            assert FIRST in shown
            assert "9 a.m. in Hangzhou" in shown
            assert "18 trillion tokens" not in shown, "two sentences"
            assert "/2026/11/deepseek-v4-weights" in shown
            assert "mixture of experts" in shown
            await eventually(lambda: "9 a.m. in Hangzhou" in " ".join(program.output.split()))

            news.publish(
                "daily",
                "Surgeons in Lyon try a new pen on letters to patients",
                link=server.url("/slow/deepseek-v4"),
            )
            await eventually(lambda: server.count("/slow/deepseek-v4"), what="the article is asked for")
            assert not on_discord("Lyon")
            await program.kill()
            await program.start()
            await eventually(lambda: on_discord("Lyon"))
            await asyncio.sleep(2.5)
            assert len(on_discord("Lyon")) == 1
            assert len(on_discord("weights published")) == 1
            assert await program.stop() == 0
        finally:
            await program.stop()
            print(program.output[-6000:])
        assert not discord.violations, discord.violations
