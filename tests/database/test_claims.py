"""Claims and licence events as rows: written once with their items, found by subject, taken over by the migration."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from bot.model import Claim, Grade
from storage import claims, items, schema, sources
from storage.database import Database, open_database
from tests.builders import NOW, a_source, a_verdict

CLAIM = Claim(
    subject="Ascend 950PR", metric="compute", value=1.5, unit="PFLOPS", precision="FP8", relative_to=None, value_max=2.0
)  # fmt: skip


@pytest.fixture(autouse=True)
async def _sources(database: Database) -> None:
    async with database.transaction() as tx:
        await sources.sync_catalog(tx, [a_source()], now=NOW)


def telling(number: int, *told: Claim, title: str = "A title", **more: object):
    item = {"title": title, "published": NOW - timedelta(days=number), **more}
    return a_verdict(number=number, claims=told, grade=Grade.LEAK, item=item)


async def store(database: Database, *verdicts) -> None:
    async with database.transaction() as tx:
        await items.add_verdicts(tx, verdicts)


async def count(database: Database, table) -> int:
    async with database.reading() as conn:
        return await conn.scalar(select(func.count()).select_from(table)) or 0


async def test_a_claim_is_found_by_the_words_of_its_subject(database: Database) -> None:
    other = Claim(subject="H20", metric="power", value=400, unit="W")
    await store(database, telling(2, CLAIM), telling(1, other))
    async with database.reading() as conn:
        (found,) = await claims.claims_about(conn, "ascend 950", limit=10)
        both = await claims.claims_about(conn, "", limit=10)
        newest = await claims.claims_about(conn, "", limit=1)
        assert await claims.claims_about(conn, "%", limit=10) == []
    assert found.claim == CLAIM
    assert (found.told.publisher, found.told.grade, found.told.story) == ("Reuters", Grade.LEAK, 2)
    assert found.told.at == NOW - timedelta(days=2)
    assert [row.claim.subject for row in both] == ["H20", "Ascend 950PR"]
    assert [row.claim.subject for row in newest] == ["H20"]


async def test_h20_is_not_h200(database: Database) -> None:
    await store(
        database,
        telling(1, Claim(subject="H20", metric="power", value=400, unit="W")),
        telling(2, Claim(subject="H200", metric="power", value=700, unit="W")),
    )
    async with database.reading() as conn:
        assert [row.claim.value for row in await claims.claims_about(conn, "h20", limit=10)] == [400]


async def test_saving_the_same_item_again_adds_no_row(database: Database) -> None:
    change = telling(1, CLAIM, title="org/m: license mit -> other")
    await store(database, change)
    await store(database, change, change)
    assert await count(database, schema.claims) == 1
    assert await count(database, schema.licences) == 1


async def test_a_licence_event_is_found_by_subject_and_docket(database: Database) -> None:
    rule = telling(
        1, title="Export control rule", summary="Rule. Effective 2027-01-19. Docket 261112-0207",
        publisher="Federal Register",
    )  # fmt: skip
    await store(database, rule, telling(2, title="org/m: license mit -> none"))
    async with database.reading() as conn:
        (by_docket,) = await claims.licences_about(conn, "261112", limit=10)
        (by_name,) = await claims.licences_about(conn, "ORG/M", limit=10)
    assert str(by_docket.event.effective) == "2027-01-19"
    assert (by_name.event.before, by_name.event.after) == ("mit", "")


async def test_emptied_items_keep_their_claims(database: Database) -> None:
    await store(database, telling(1, CLAIM))
    async with database.transaction() as tx:
        assert await items.prune(tx, older_than=NOW + timedelta(days=1)) == 1
    assert await count(database, schema.claims) == 1


async def test_the_migration_takes_over_the_claims_of_stored_items(url: str) -> None:
    from alembic.migration import MigrationContext
    from alembic.operations import Operations

    async with open_database(url) as database:
        await sources_in(database)
        await store(database, telling(1, CLAIM), telling(2), telling(3, CLAIM, CLAIM))
        async with database.transaction() as tx:
            await tx.execute(text("DROP TABLE claims"))
            await tx.execute(text("DROP TABLE licences"))

            def again(conn) -> None:
                import importlib

                step = importlib.import_module("storage.migrations.versions.0003_claims")
                with Operations.context(MigrationContext.configure(conn)):
                    step.upgrade()

            await tx.run_sync(again)
        async with database.reading() as conn:
            found = await claims.claims_about(conn, "", limit=10)
    assert [row.claim for row in found] == [CLAIM, CLAIM, CLAIM]


async def sources_in(database: Database) -> None:
    async with database.transaction() as tx:
        await sources.sync_catalog(tx, [a_source()], now=NOW)
