"""Sources that push: told at once, nothing lost when a stream drops, nothing told twice when the poll brings it too.

First the whole program, then the streams alone on a real database, where faults are quicker to make.
"""

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.parse import unquote

import pytest
from pydantic import SecretStr

from bot.flow.listening import MOST_A_MINUTE, Pace
from bot.flow.poll import Read
from bot.flow.streaming import Streams, reconnect_wait_s
from bot.intake.fetch import open_fetcher
from bot.intake.streams.connect import Deadlines, open_connector
from bot.model import Source, SourceId, SourceKind, SourceMode, utc_now
from storage import sources
from storage.database import Database, open_database
from storage.sources import SourceState
from tests.builders import a_source
from tests.scenarios.program import Program, eventually
from tests.standins import discord as discord_standin
from tests.standins.discord import DiscordServer, open_discord_server
from tests.standins.jetstream import ADA, BEN, Bluesky, open_bluesky
from tests.standins.mastodon import TOKEN, Mastodon, open_mastodon, sse

CHANNEL = "1001"
_TOPIC = '[[topic]]\nid = "v4"\nname = "DeepSeek V4"\nany = ["deepseek v4"]\n'


def a_table(source_id: str, kind: str, url: str, stream: str = "") -> str:
    return (
        f'[[source]]\nid = "{source_id}"\nkind = "{kind}"\nurl = "{url}"\nmode = "stream"\nstream = "{stream}"\n'
        'topics = ["v4"]\nevery = "1h"\n'
    )


# -- the whole program


@dataclass
class World:
    mastodon: Mastodon
    bluesky: Bluesky
    discord: DiscordServer
    program: Program

    def told(self, words: str) -> list[str]:
        return [text for message in self.discord.messages(CHANNEL) if words in (text := str(message))]

    async def settled(self) -> None:
        """Every stream stands, and the polls that follow are over."""
        await eventually(lambda: self.mastodon.listeners and self.bluesky.listeners, what="streams stand")
        await eventually(lambda: "first_round_closed" in self.program.output)
        before = -1
        while before != (before := self.mastodon.polled + self.bluesky.polled):
            await asyncio.sleep(2.5)  # a poll under way is followed by another after two seconds


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_mastodon() as mastodon, open_bluesky() as bluesky, open_discord_server() as discord:
        search = f"{bluesky.base}/xrpc/app.bsky.feed.searchPosts?q=deepseek+v4&sort=latest"
        feed = f"{bluesky.base}/xrpc/app.bsky.feed.getAuthorFeed?actor=ben.example&filter=posts_no_replies"
        catalog = _TOPIC + a_table("masto", "mastodon", f"{mastodon.base}/tags/deepseek")
        catalog += a_table("sky", "bluesky", search, bluesky.stream) + a_table(
            "ben", "bluesky", feed, bluesky.stream
        )
        (tmp_path / "catalog.toml").write_text(catalog, encoding="utf-8")
        discord.add_channel(CHANNEL)
        program = Program(
            tmp_path, DISCORD_TOKEN=discord_standin.TOKEN, DISCORD_API_URL=discord.url,
            TIPOFF_MASTODON_TOKENS=f"other.example=x, 127.0.0.1={TOKEN}",
        )  # fmt: skip
        await program.call("subscribe", f"discord:{CHANNEL}", "v4", "--min-grade", "opinion")
        await program.start()
        try:
            yield World(mastodon=mastodon, bluesky=bluesky, discord=discord, program=program)
        finally:
            await program.stop()
            print(program.output[-8000:])  # shown when the test fails
        assert TOKEN not in program.output
        assert not discord.violations, discord.violations


async def test_pushed_news_is_told_within_a_second_though_polls_are_an_hour_apart(world: World) -> None:
    await world.settled()
    polled = world.mastodon.polled + world.bluesky.polled
    took: list[float] = []
    for words, publish in (
        ("Lyon", world.mastodon.publish("Surgeons in Lyon try DeepSeek V4 on patient letters")),
        ("Zurich", world.bluesky.post("Zurich researchers describe DeepSeek V4 attention sparsity")),
        ("Oslo", world.mastodon.publish("A grandmaster in Oslo loses to DeepSeek V4")),
        ("Kenyan", world.bluesky.post("Kenyan newsroom translates archives with DeepSeek V4", BEN)),
        ("Hangzhou", world.bluesky.post("DeepSeek V4 tokenizer found in a Hangzhou bucket")),
    ):
        began = time.monotonic()
        await publish
        await eventually(lambda words=words: world.told(words), what=words)  # type: ignore[misc]
        took.append(time.monotonic() - began)
    assert median(took) < 1.0, took
    assert polled == world.mastodon.polled + world.bluesky.polled, "no poll helped"
    await asyncio.sleep(1.0)
    for words in ("Lyon", "Zurich", "Oslo", "Kenyan", "Hangzhou"):
        assert len(world.told(words)) == 1, words
    assert world.bluesky.resolved == ["ben.example"]
    assert len(world.bluesky.queries) == 1, "one connection for all sources of a Jetstream"


async def test_a_dropped_stream_loses_nothing_and_tells_nothing_twice(world: World) -> None:
    await world.settled()
    await world.mastodon.publish("Surgeons in Lyon try DeepSeek V4 on patient letters")
    await world.bluesky.post("Zurich researchers describe DeepSeek V4 attention sparsity")
    await eventually(lambda: world.told("Lyon") and world.told("Zurich"))

    cut = sse("update", json.dumps(world.mastodon.status("DeepSeek V4 half told")))[:80]
    await world.mastodon.send(cut)
    world.mastodon.drop()
    await world.bluesky.drop()
    await world.mastodon.publish("A grandmaster in Oslo loses to DeepSeek V4")  # nobody listens
    await world.bluesky.post("Kenyan newsroom translates archives with DeepSeek V4", shown=False)
    await world.bluesky.post("DeepSeek V4 tokenizer found in a Hangzhou bucket", push=False)
    await eventually(lambda: world.told("Oslo"), what="the poll after the reconnection")
    await eventually(lambda: world.told("Kenyan"), what="the replay from the cursor")
    await eventually(lambda: world.told("Hangzhou"), what="the poll after the reconnection")

    await world.settled()
    await world.mastodon.publish("Regulator opens hearing about DeepSeek V4 pricing in Brussels")
    await eventually(lambda: world.told("Brussels"), what="the stream stands again")
    for words in ("Lyon", "Zurich", "Oslo", "Kenyan", "Hangzhou", "Brussels"):
        assert len(world.told(words)) == 1, words
    assert not world.told("half told")
    assert "cursor=" in world.bluesky.queries[-1]


async def test_a_push_does_not_end_the_first_round_before_the_first_document_is_read(tmp_path: Path) -> None:
    async with open_mastodon() as server:
        server.slow_s = 4.0
        await server.publish("DeepSeek V4 rumours of the winter", push=False)
        catalog = _TOPIC + a_table("masto", "mastodon", f"{server.base}/tags/deepseek")
        (tmp_path / "catalog.toml").write_text(catalog, encoding="utf-8")
        program = await Program(tmp_path, TIPOFF_MASTODON_TOKENS=f"127.0.0.1={TOKEN}").start()
        await eventually(lambda: server.listeners)
        await server.publish("Surgeons in Lyon try DeepSeek V4 on patient letters", timeline=False)
        await eventually(lambda: "Surgeons in Lyon" in program.output)
        await eventually(lambda: "of the winter" in program.output, what="the newest of the first document")
        assert await program.stop() == 0


async def test_a_stop_with_open_streams_is_clean(world: World) -> None:
    await eventually(lambda: world.mastodon.listeners and world.bluesky.listeners, what="streams stand")
    began = time.monotonic()
    assert await world.program.stop() == 0
    assert time.monotonic() - began < 10


# -- the streams alone


class Bench:
    """Streams on a real database. What they push is in ``reads``."""

    def __init__(self, database: Database, streams: Streams) -> None:
        self.database = database
        self.streams = streams
        self.reads: list[Read] = []
        self.room = asyncio.Event()
        self.room.set()

    async def offer(self, read: Read) -> None:
        await self.room.wait()
        self.reads.append(read)

    @property
    def titles(self) -> list[str]:
        return [item.title for read in self.reads for item in read.items]

    def why(self, source_id: str) -> str:
        state = self.streams.states().get(SourceId(source_id))
        return "" if state is None or state.up else state.why

    def is_up(self, source_id: str) -> bool:
        state = self.streams.states().get(SourceId(source_id))
        return state is not None and state.up

    async def state(self, source_id: str) -> SourceState:
        async with self.database.reading() as conn:
            (state,) = await sources.of_ids(conn, [SourceId(source_id)])
        return state


@asynccontextmanager
async def running(
    folder: Path, *given: Source, token: str = TOKEN, silence_s: float = 1.0
) -> AsyncIterator[Bench]:
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(f"sqlite+aiosqlite:///{folder}/t.db"))
        async with database.transaction() as tx:
            await sources.sync_catalog(tx, given, now=utc_now())
        fetcher = await stack.enter_async_context(open_fetcher(contact="", allow_private=True))
        connector = await stack.enter_async_context(
            open_connector(
                contact="", allow_private=True, deadlines=Deadlines(connect=2.0, silence=silence_s, ping=0.5)
            )
        )
        held: list[Bench] = []
        streams = Streams(
            database, fetcher, connector, lambda read: held[0].offer(read), clock=utc_now,
            tokens={"127.0.0.1": SecretStr(token)} if token else {},
        )  # fmt: skip
        bench = Bench(database, streams)
        held.append(bench)
        stop = asyncio.Event()
        task = asyncio.ensure_future(streams.run(stop))
        try:
            yield bench
        finally:
            stop.set()
            async with asyncio.timeout(5):
                await task


def a_tag(server: Mastodon, source_id: str = "masto", **given: object) -> Source:
    fields = {"kind": SourceKind.MASTODON, "url": f"{server.base}/tags/deepseek", "mode": SourceMode.STREAM}
    return a_source(id=SourceId(source_id), **{**fields, **given})


def a_search(server: Bluesky, source_id: str = "sky", query: str = "deepseek+v4") -> Source:
    url = f"{server.base}/xrpc/app.bsky.feed.searchPosts?q={query}"
    return a_source(
        id=SourceId(source_id), kind=SourceKind.BLUESKY, url=url, mode=SourceMode.STREAM, stream=server.stream
    )


def an_account(server: Bluesky, handle: str, source_id: str) -> Source:
    url = f"{server.base}/xrpc/app.bsky.feed.getAuthorFeed?actor={handle}&filter=posts_no_replies"
    return a_source(
        id=SourceId(source_id), kind=SourceKind.BLUESKY, url=url, mode=SourceMode.STREAM, stream=server.stream
    )


@pytest.mark.parametrize("fault", ["garbage", "giant", "drip", "silence", "page", "end", "503"])
async def test_a_bad_stream_is_left_and_opened_again(tmp_path: Path, fault: str) -> None:
    async with open_mastodon() as server:
        match fault:
            case "garbage":
                server.answer(*[sse("update", "{]")] * 21)
            case "giant":
                server.answer(b"data: " + b"x" * 2**21)
            case "drip":
                server.answer(*[b"x"] * 40, pause_s=0.1)
            case "silence":
                server.answer(b":)\n")
            case "page":
                server.answer(b"<html>", kind="text/html", hang=False)
            case "end":
                server.answer(hang=False)
            case _:
                server.refuse(503)
        async with running(tmp_path, a_tag(server)) as bench:
            await eventually(lambda: server.streamed == 2 and server.listeners == 1 and bench.is_up("masto"))
            await server.publish("DeepSeek V4 after the fault")
            await eventually(lambda: bench.titles)
            assert "after the fault" in bench.titles[0]


async def test_a_few_unreadable_events_are_passed_over(tmp_path: Path) -> None:
    async with open_mastodon() as server, running(tmp_path, a_tag(server)) as bench:
        await eventually(lambda: server.listeners)
        await server.send(
            sse("update", "{]") + sse("delete", "17") + sse("update", '{"id": "1"}') + b"data\n\n"
        )
        await server.publish("DeepSeek V4 in between")
        await eventually(lambda: bench.titles)
        assert server.streamed == 1


async def test_without_a_token_the_poll_serves_alone_and_the_server_is_left_in_peace(tmp_path: Path) -> None:
    async with open_mastodon() as server, running(tmp_path, a_tag(server), token="") as bench:
        await eventually(lambda: bench.why("masto"))
        assert "answered 401" in bench.why("masto")
        assert "TIPOFF_MASTODON_TOKENS" in bench.why("masto")
        await asyncio.sleep(2.5)
        assert server.streamed == 1


async def test_retry_after_is_honoured(tmp_path: Path) -> None:
    async with open_mastodon() as server:
        server.refuse(429, Retry_After="3")
        async with running(tmp_path, a_tag(server)) as bench:
            await eventually(lambda: "429" in bench.why("masto"))
            began = time.monotonic()
            await eventually(lambda: bench.is_up("masto"))
            assert 2.5 < time.monotonic() - began < 20


async def test_the_instance_names_another_server_for_its_streams(tmp_path: Path) -> None:
    async with open_mastodon() as front, open_mastodon() as behind:
        front.streaming_url = behind.base.replace("http", "ws")
        async with running(tmp_path, a_tag(front)) as bench:
            await eventually(lambda: behind.listeners)
            assert front.streamed == 0
            assert behind.queries == ["/api/v1/streaming/hashtag?tag=deepseek"]
            await behind.publish("DeepSeek V4 from behind")
            await eventually(lambda: bench.titles)


async def test_an_address_given_by_a_person_may_not_lead_inside(tmp_path: Path) -> None:
    async with open_mastodon() as server, running(tmp_path, a_tag(server, user_given=True)) as bench:
        await eventually(lambda: "private address" in bench.why("masto"))
        assert server.streamed == 0


async def test_what_cannot_be_pushed_is_said_and_the_others_go_on(tmp_path: Path) -> None:
    async with open_mastodon() as server, open_bluesky() as bluesky:
        accounts = a_tag(server, "accounts", url=f"{server.base}/api/v1/accounts/1/statuses")
        odd = a_search(bluesky, "odd", query="chips+-games")
        unknown = an_account(bluesky, "nobody.example", "unknown")
        given = (a_tag(server), accounts, odd, unknown, a_search(bluesky))
        async with running(tmp_path, *given) as bench:
            await eventually(lambda: bench.is_up("masto") and bench.is_up("sky"))
            assert "hashtags and public timelines only" in bench.why("accounts")
            assert "-games" in bench.why("odd")
            assert "cannot be found" in bench.why("unknown")
            await bluesky.post("DeepSeek V4 for those who can")
            await eventually(lambda: bench.titles)


async def test_accounts_alone_are_asked_for_by_did_and_replies_are_left_out(tmp_path: Path) -> None:
    async with open_bluesky() as server, running(tmp_path, an_account(server, "ben.example", "ben")) as bench:
        await eventually(lambda: server.listeners)
        assert f"wantedDids={BEN}" in unquote(server.queries[0])
        await server.post("DeepSeek V4 as a reply", BEN, reply=True)
        await server.post("DeepSeek V4 by another", ADA)
        await server.post("DeepSeek V4 by Ben", BEN)
        await eventually(lambda: bench.titles)
        assert bench.titles == ["DeepSeek V4 by Ben"]
        assert bench.reads[0].items[0].author == "ben.example"


async def test_one_jetstream_is_shared_and_each_search_gets_its_own(tmp_path: Path) -> None:
    async with open_bluesky() as server:
        given = (
            a_search(server, "v4"),
            a_search(server, "chips", query="chips"),
            an_account(server, ADA, "ada"),
        )
        async with running(tmp_path, *given) as bench:
            await eventually(lambda: server.listeners)
            await server.post("Chips for everyone", BEN)
            await server.post("DeepSeek V4 needs chips", ADA)
            await server.say({"did": ADA, "time_us": 1, "kind": "identity", "identity": {}})
            await server.say_raw("{]")
            await server.post("Nothing to see", BEN)
            await eventually(lambda: len(bench.reads) >= 4)
            got = [(read.record.source_id, read.items[0].title) for read in bench.reads]
            assert sorted(got) == [
                ("ada", "DeepSeek V4 needs chips"),
                ("chips", "Chips for everyone"),
                ("chips", "DeepSeek V4 needs chips"),
                ("v4", "DeepSeek V4 needs chips"),
            ]
            assert len(server.queries) == 1
            assert all(read.record.streamed for read in bench.reads)


async def test_a_stream_that_stands_has_its_sources_polled_once_more_than_was_under_way(
    tmp_path: Path,
) -> None:
    async with open_mastodon() as server, running(tmp_path, a_tag(server)) as bench:
        await eventually(lambda: bench.is_up("masto"))
        before = await bench.state("masto")
        assert before.next_poll <= utc_now()
        # A poll that was already under way when the stream came up is recorded now, an hour ahead.
        record = sources.PollRecord(
            source_id=SourceId("masto"), at=utc_now(), status=200, etag=None, last_modified=None,
            next_poll=before.next_poll.replace(year=before.next_poll.year + 1),
        )  # fmt: skip
        async with bench.database.transaction() as tx:
            await sources.record_polls(tx, [record])
        async with asyncio.timeout(10):
            while (await bench.state("masto")).next_poll > utc_now():
                await asyncio.sleep(0.1)


async def test_a_flood_is_left_to_the_poll(tmp_path: Path) -> None:
    async with (
        open_bluesky() as server,
        running(tmp_path, a_search(server), a_search(server, "other", "zebra")) as bench,
    ):
        await eventually(lambda: server.listeners)
        for number in range(MOST_A_MINUTE + 20):
            await server.post(f"DeepSeek V4 number {number}", shown=False)
        await server.post("A zebra", shown=False)
        await eventually(lambda: "A zebra" in bench.titles)
        assert len(bench.titles) == MOST_A_MINUTE + 1
        assert "more than" in bench.why("sky")
        assert bench.is_up("other")


async def test_a_full_queue_makes_the_stream_wait_and_loses_nothing(tmp_path: Path) -> None:
    async with open_mastodon() as server, running(tmp_path, a_tag(server)) as bench:
        await eventually(lambda: server.listeners)
        bench.room.clear()
        for number in range(20):
            await server.publish(f"DeepSeek V4 number {number}")
        await asyncio.sleep(1.5)
        bench.room.set()
        await eventually(lambda: len(bench.reads) == 20)
        assert server.streamed == 1


async def test_a_bug_on_one_stream_ends_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a bug")

    async with open_mastodon() as server, open_bluesky() as bluesky:
        monkeypatch.setattr("bot.flow.listen_mastodon.mastodon.items_of", broken)
        async with running(tmp_path, a_tag(server), a_search(bluesky)) as bench:
            await eventually(lambda: server.listeners and bluesky.listeners)
            await server.publish("DeepSeek V4 that breaks")
            await eventually(lambda: "internal error: RuntimeError" in bench.why("masto"))
            await bluesky.post("DeepSeek V4 elsewhere")
            await eventually(lambda: bench.titles)
            await eventually(lambda: server.streamed == 2, what="tried again")


def test_reconnections_are_spread_and_never_further_apart_than_five_minutes() -> None:

    rng = random.Random(1)
    for failures in (1, 2, 5, 9, 50, 10_000):
        waits = [reconnect_wait_s(failures, rng) for _ in range(200)]
        longest = min(2.0 ** (failures - 1) if failures < 20 else 300.0, 300.0)
        assert longest / 2 <= min(waits) < max(waits) <= longest


def test_a_pace_shuts_for_a_while_and_says_once_that_it_is_open_again() -> None:
    pace = Pace(most=2)
    assert [pace.admits(10.0), pace.admits(10.0), pace.admits(10.0)] == [True, True, False]
    assert pace.is_shut(309.0)
    assert not pace.is_shut(311.0)
    assert [pace.reopened(), pace.reopened()] == [True, False]
    assert pace.admits(311.0)
