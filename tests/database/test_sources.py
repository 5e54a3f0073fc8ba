"""The due table: syncing the catalog, finding what is due, recording polls."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.model import Grade, Pace, Source, SourceId, SourceKind, TopicId
from storage import sources
from storage.database import Database
from storage.given import at_address
from storage.sources import PollRecord, SourceState
from tests.builders import NOW, a_source

HOUR = timedelta(hours=1)
FULL = a_source(
    kind=SourceKind.GITHUB, topics=(TopicId("a"), TopicId("b")), grade=Grade.OFFICIAL,
    every=timedelta(seconds=90), language="zh", publisher="新华社", why="first hand",
)  # fmt: skip


def a_record(**given: Any) -> PollRecord:
    fields: dict[str, Any] = {
        "source_id": SourceId("reuters"), "at": NOW, "status": 200, "etag": None, "last_modified": None,
        "next_poll": NOW + HOUR,
    }  # fmt: skip
    return PollRecord(**{**fields, **given})


async def sync(database: Database, *catalog: Source, now=NOW) -> None:
    async with database.transaction() as tx:
        await sources.sync_catalog(tx, catalog, now=now)


async def record(database: Database, *records: PollRecord) -> None:
    async with database.transaction() as tx:
        await sources.record_polls(tx, records)


async def the_state(database: Database) -> SourceState:
    async with database.reading() as conn:
        (state,) = await sources.states(conn)
    return state


async def due_ids(database: Database, *, now=NOW, limit: int = 10) -> list[str]:
    async with database.reading() as conn:
        return [state.source.id for state in await sources.due(conn, now=now, limit=limit)]


async def test_a_new_source_comes_back_whole_and_is_due_at_once(database: Database) -> None:
    await sync(database, FULL)
    state = await the_state(database)
    assert state.source == FULL
    assert (state.next_poll, state.oks, state.failures, state.items) == (NOW, 0, 0, 0)
    assert (state.etag, state.last_ok, state.last_error, state.stopped) == (None, None, "", "")
    assert await due_ids(database) == ["reuters"]
    assert await due_ids(database, now=NOW - timedelta(milliseconds=1)) == []


async def test_the_longest_overdue_come_first_and_no_more_than_asked(database: Database) -> None:
    await sync(database, *(a_source(id=SourceId(name)) for name in "abc"))
    await record(
        database,
        *(a_record(source_id=SourceId(name), next_poll=NOW + timedelta(seconds=s)) for name, s in
          (("a", 3), ("b", 1), ("c", 2))),
    )  # fmt: skip
    assert await due_ids(database, now=NOW + timedelta(seconds=3)) == ["b", "c", "a"]
    assert await due_ids(database, now=NOW + timedelta(seconds=3), limit=2) == ["b", "c"]
    assert await due_ids(database, now=NOW + timedelta(seconds=2)) == ["b", "c"]


async def test_a_good_poll_counts_and_keeps_what_the_server_said(database: Database) -> None:
    await sync(database, a_source())
    await record(database, a_record(error="502", status=502), a_record(error="502", status=502))
    assert (await the_state(database)).failures == 2
    later = NOW + HOUR
    await record(
        database,
        a_record(
            at=later, etag='W/"x"', last_modified="Tue", body_hash="ab", items_new=3, next_poll=later + HOUR
        ),
    )
    state = await the_state(database)
    assert (state.failures, state.oks, state.items, state.last_error) == (0, 1, 3, "")
    assert (state.etag, state.last_modified, state.body_hash) == ('W/"x"', "Tue", "ab")
    assert state.last_poll == state.last_ok == state.last_new == later
    assert (state.last_status, state.next_poll) == (200, later + HOUR)


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        pytest.param({"status": 304}, ("old", "Mon", "h1"), id="a 304 keeps the validators"),
        pytest.param({"status": 304, "etag": "new"}, ("new", "Mon", "h1"), id="a 304 may bring a new one"),
        pytest.param({"error": "timed out", "status": None}, ("old", "Mon", "h1"), id="an error keeps them"),
        pytest.param(
            {"body_hash": "h2"}, (None, None, "h2"), id="a new document without validators drops them"
        ),
        pytest.param(
            {"etag": "new", "last_modified": "Tue"}, ("new", "Tue", "h1"), id="a new document brings its own"
        ),
    ],
)
async def test_validators_belong_to_the_document(database: Database, second, expected) -> None:
    await sync(database, a_source())
    await record(database, a_record(etag="old", last_modified="Mon", body_hash="h1"))
    await record(database, a_record(**second))
    state = await the_state(database)
    assert (state.etag, state.last_modified, state.body_hash) == expected


async def test_an_error_is_counted_and_leaves_the_last_success_alone(database: Database) -> None:
    await sync(database, a_source())
    await record(database, a_record(items_new=2))
    await record(database, a_record(at=NOW + HOUR, error="timed out", status=None))
    state = await the_state(database)
    assert (state.failures, state.oks, state.items, state.last_error) == (1, 1, 2, "timed out")
    assert (state.last_ok, state.last_new, state.last_poll, state.last_status) == (NOW, NOW, NOW + HOUR, None)


async def test_a_stopped_source_is_listed_but_never_due(database: Database) -> None:
    await sync(database, a_source())
    await record(database, a_record(error="410 Gone", status=410, stopped="410 Gone", next_poll=NOW))
    assert (await the_state(database)).stopped == "410 Gone"
    assert await due_ids(database, now=NOW + HOUR) == []


async def test_the_same_catalog_again_changes_nothing(database: Database) -> None:
    await sync(database, FULL)
    await record(database, a_record(etag="x", items_new=1))
    before = await the_state(database)
    await sync(database, FULL, now=NOW + HOUR)
    assert await the_state(database) == before


async def test_a_changed_definition_keeps_the_state(database: Database) -> None:
    await sync(database, a_source())
    await record(database, a_record(etag="x", items_new=1))
    await sync(database, a_source(name="Renamed", grade=Grade.LEAK))
    state = await the_state(database)
    assert (state.source.name, state.source.grade) == ("Renamed", Grade.LEAK)
    assert (state.etag, state.items, state.next_poll) == ("x", 1, NOW + HOUR)


async def test_a_changed_address_forgets_the_old_document(database: Database) -> None:
    await sync(database, a_source())
    await record(database, a_record(etag="x", last_modified="Mon", body_hash="h"))
    await record(database, a_record(error="410", stopped="410"))
    await sync(database, a_source(url="https://reuters.example/new"), now=NOW + timedelta(minutes=1))
    state = await the_state(database)
    assert (state.etag, state.last_modified, state.body_hash, state.stopped) == (None, None, "", "")
    assert (state.failures, state.oks) == (0, 1)
    assert await due_ids(database, now=NOW + timedelta(minutes=1)) == ["reuters"]


async def test_a_shorter_interval_counts_from_now(database: Database) -> None:
    await sync(database, a_source(every=timedelta(days=1)))
    await record(database, a_record(next_poll=NOW + timedelta(days=1)))
    await sync(database, a_source(every=timedelta(minutes=5)))
    assert (await the_state(database)).next_poll == NOW + timedelta(minutes=5)


async def test_a_source_that_left_the_catalog_rests_until_it_returns(database: Database) -> None:
    mine = a_source(id=SourceId("mine"), url="https://mine.example/", user_given=True)
    await sync(database, a_source())
    async with database.transaction() as tx:
        await sources.add_given(tx, [mine], by="discord:1", now=NOW)
    await record(database, a_record(etag="x", next_poll=NOW))
    await sync(database)
    assert await due_ids(database) == ["mine"]
    assert (await the_state(database)).source == mine
    await sync(database, a_source())
    async with database.reading() as conn:
        by_id = {state.source.id: state for state in await sources.states(conn)}
    assert by_id[SourceId("reuters")].etag == "x"
    assert sorted(by_id) == ["mine", "reuters"]


async def test_odd_characters_of_a_source_do_not_spoil_a_batch(database: Database) -> None:
    await sync(database, a_source())
    await record(database, a_record(error="bad \0 byte \ud800", status=200))
    assert (await the_state(database)).last_error == "bad \N{REPLACEMENT CHARACTER} byte ?"


async def test_a_naive_time_is_a_bug(database: Database) -> None:
    await sync(database, a_source())
    with pytest.raises(Exception, match="no time zone"):
        await record(database, replace(a_record(), next_poll=NOW.replace(tzinfo=None)))


async def test_what_a_poll_learnt_is_kept_until_another_says_otherwise(database: Database) -> None:
    await sync(database, FULL)
    pace = Pace(at_least_s=60, skip_hours=frozenset({1, 2}), skip_days=frozenset({6}))
    learnt = a_record(
        memo="seen",
        pace=pace,
        usual_gap=HOUR,
        current_url="https://new.example/",
        moved_url="x",
        moved_seen=2,
    )
    await record(database, learnt)
    await record(database, a_record())
    state = await the_state(database)
    assert (state.memo, state.pace, state.usual_gap) == ("seen", pace, HOUR)
    assert (state.current_url, state.moved_url, state.moved_seen) == ("https://new.example/", "", 0)
    await record(database, a_record(memo="", pace=Pace(), current_url=""))
    state = await the_state(database)
    assert (state.memo, state.pace, state.current_url) == ("", Pace(), "")


async def test_what_a_source_pushed_leaves_its_polling_alone(database: Database) -> None:
    await sync(database, FULL)
    await record(database, a_record(etag='"1"', error="", status=200))
    before = await the_state(database)
    later = NOW + HOUR
    await record(database, a_record(at=later, status=None, streamed=True, items_new=2, next_poll=NOW))
    state = await the_state(database)
    assert (state.last_ok, state.last_new, state.items) == (later, later, before.items + 2)
    kept = replace(state, last_ok=before.last_ok, last_new=before.last_new, items=before.items)
    assert kept == before


async def test_a_given_source_outlives_the_catalog_until_it_is_removed(database: Database) -> None:
    given = a_source(id=SourceId("given"), url="https://given.example/", user_given=True)
    await sync(database, FULL)
    async with database.transaction() as tx:
        assert await sources.add_given(tx, [given], by="discord:1", now=NOW) == ["given"]
        again = replace(given, id=SourceId("other-id"))
        assert await sources.add_given(tx, [given, again], by="console:", now=NOW) == [], "read already"
    await sync(database, FULL)
    async with database.reading() as conn:
        found = {state.source.id: state for state in await sources.states(conn)}
    assert found["given"].given_by == "discord:1"
    async with database.transaction() as tx:
        assert await sources.remove_given(tx, "reuters") is False, "that one is the catalog's"
        assert await sources.remove_given(tx, "given") is True
        assert await sources.remove_given(tx, "given") is False
    assert await due_ids(database) == ["reuters"]
    async with database.transaction() as tx:
        assert await sources.add_given(tx, [given], by="console:", now=NOW) == ["given"], "and back again"
    assert "given" in await due_ids(database)


async def test_an_address_is_found_whoever_named_it_while_it_is_read(database: Database) -> None:
    mine = a_source(id=SourceId("mine"), url="https://mine.example/新闻?a=1", user_given=True)
    await sync(database, FULL)
    async with database.transaction() as tx:
        assert await at_address(tx, mine.url) is None
        await sources.add_given(tx, [mine], by="discord:1", now=NOW)
    async with database.transaction() as tx:
        assert await at_address(tx, mine.url) == mine
        assert await at_address(tx, FULL.url) == FULL
        assert await at_address(tx, mine.url[:-1]) is None
        await sources.remove_given(tx, "mine")
        assert await at_address(tx, mine.url) is None


async def test_a_stopped_source_is_not_hastened(database: Database) -> None:
    await sync(database, FULL)
    await record(database, a_record(stopped="gone", error="gone", status=410))
    async with database.transaction() as tx:
        await sources.hasten(tx, [SourceId("reuters")], now=NOW)
    assert await due_ids(database, now=NOW + timedelta(days=9)) == []
