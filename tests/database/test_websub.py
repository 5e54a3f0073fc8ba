"""Subscriptions at hubs, on both back ends: wanted, claimed once, verified, denied, left."""

from datetime import timedelta
from typing import Any

from bot.model import SourceId, SourceMode
from storage import sources, websub
from storage.database import Database
from storage.websub import HubState, HubSubscription
from tests.builders import NOW, a_source

WIRE = SourceId("wire")
LATER = NOW + timedelta(days=10)


async def sync(database: Database, *given: dict[str, Any]) -> None:
    catalog = [a_source(**{"mode": SourceMode.STREAM, **fields}) for fields in given]
    async with database.transaction() as tx:
        await sources.sync_catalog(tx, catalog, now=NOW)


async def want(database: Database, source: SourceId = WIRE, **given: Any) -> None:
    fields: dict[str, Any] = {
        "hub": "https://hub.example/", "topic_url": "https://wire.example/feed", "token": f"token-{source}",
        "secret": "secret", "now": NOW,
    }  # fmt: skip
    async with database.transaction() as tx:
        await websub.want(tx, source, **{**fields, **given})


async def held(database: Database) -> list[HubSubscription]:
    async with database.reading() as conn:
        return list(await websub.every(conn))


async def the_one(database: Database) -> HubSubscription:
    (one,) = await held(database)
    return one


async def claim(database: Database, seen: HubSubscription, state: HubState, *, now: Any = NOW) -> bool:
    async with database.transaction() as tx:
        return await websub.claim(tx, seen, state, now=now)


async def activate(database: Database, token: str = "token-wire") -> bool:
    async with database.transaction() as tx:
        return await websub.activate(tx, token, until=LATER)


async def asked(database: Database) -> None:
    await sync(database, {"id": WIRE})
    await want(database)
    assert await claim(database, await the_one(database), HubState.ASKED)


async def test_what_is_wanted_comes_back_whole(database: Database) -> None:
    await sync(database, {"id": WIRE, "user_given": True})
    await want(database)
    assert await the_one(database) == HubSubscription(
        source_id=WIRE, hub="https://hub.example/", topic_url="https://wire.example/feed", token="token-wire",
        secret="secret", state=HubState.WANTED, asked=NOW, wanted=True, public_only=True,
    )  # fmt: skip
    async with database.reading() as conn:
        assert await websub.find(conn, "token-wire") == await the_one(database)
        assert await websub.find(conn, "token") is None


async def test_neither_token_nor_secret_is_shown(database: Database) -> None:
    await sync(database, {"id": WIRE})
    await want(database)
    shown = repr(await the_one(database))
    assert "token-wire" not in shown
    assert "'secret'" not in shown


async def test_wanting_again_takes_the_place_of_what_was(database: Database) -> None:
    await asked(database)
    assert await activate(database)
    await want(database, hub="https://other.example/", token="another")
    now = await the_one(database)
    assert (now.hub, now.token, now.state, now.lease_until) == (
        "https://other.example/", "another", HubState.WANTED, None,
    )  # fmt: skip


async def test_a_source_that_is_not_there_wants_nothing(database: Database) -> None:
    await want(database)
    assert await held(database) == []


async def test_only_one_process_asks(database: Database) -> None:
    await sync(database, {"id": WIRE})
    await want(database)
    seen = await the_one(database)
    later = NOW + timedelta(seconds=1)
    assert await claim(database, seen, HubState.ASKED, now=later)
    assert not await claim(database, seen, HubState.ASKED, now=later)
    assert (await the_one(database)).asked == later


async def test_a_verified_one_has_a_lease_and_its_error_is_over(database: Database) -> None:
    await asked(database)
    async with database.transaction() as tx:
        await websub.fail(tx, "token-wire", "hub.example answered 503")
    failed = await the_one(database)
    assert (failed.state, failed.error) == (HubState.FAILED, "hub.example answered 503")
    assert await activate(database)
    active = await the_one(database)
    assert (active.state, active.lease_until, active.error) == (HubState.ACTIVE, LATER, "")


async def test_a_renewal_that_failed_leaves_the_lease(database: Database) -> None:
    await asked(database)
    await activate(database)
    async with database.transaction() as tx:
        await websub.fail(tx, "token-wire", "no answer")
    kept = await the_one(database)
    assert (kept.state, kept.lease_until, kept.error) == (HubState.ACTIVE, LATER, "no answer")


async def test_what_was_not_asked_for_is_neither_verified_nor_denied(database: Database) -> None:
    await sync(database, {"id": WIRE})
    await want(database)
    for state in (HubState.WANTED, HubState.LEAVING):
        if state is HubState.LEAVING:
            assert await claim(database, await the_one(database), HubState.LEAVING)
        assert not await activate(database)
        async with database.transaction() as tx:
            assert not await websub.deny(tx, "token-wire", "no", now=NOW)
        assert (await the_one(database)).state is state
    assert not await activate(database, "unknown")


async def test_a_denial_ends_the_lease_and_keeps_the_reason(database: Database) -> None:
    await asked(database)
    await activate(database)
    later = NOW + timedelta(hours=1)
    async with database.transaction() as tx:
        assert await websub.deny(tx, "token-wire", "not for\0you", now=later)
    denied = await the_one(database)
    assert (denied.state, denied.lease_until, denied.asked) == (HubState.DENIED, None, later)
    assert denied.error == "not for\ufffdyou"


async def test_a_source_that_is_gone_stopped_or_polled_is_not_wanted(database: Database) -> None:
    ids = [SourceId(name) for name in ("gone", "polled", "pushed")]
    await sync(database, *({"id": source, "url": f"https://{source}.example/"} for source in ids))
    for source in ids:
        await want(database, source)
    await sync(
        database,
        {"id": "polled", "url": "https://polled.example/", "mode": SourceMode.POLL},
        {"id": "pushed", "url": "https://pushed.example/"},
    )
    assert {each.source_id: each.wanted for each in await held(database)} == {
        "gone": False, "polled": False, "pushed": True,
    }  # fmt: skip
    record = sources.PollRecord(
        source_id=SourceId("pushed"), at=NOW, status=410, etag=None, last_modified=None, next_poll=NOW,
        error="gone", stopped="gone",
    )  # fmt: skip
    async with database.transaction() as tx:
        await sources.record_polls(tx, [record])
    assert not any(each.wanted for each in await held(database))


async def test_what_is_forgotten_is_gone(database: Database) -> None:
    await asked(database)
    async with database.transaction() as tx:
        await websub.forget(tx, "token-wire")
        await websub.forget(tx, "token-wire")
    assert await held(database) == []
