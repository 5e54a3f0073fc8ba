"""Opening, migrating, the door for writes, and what a failing database becomes."""

import asyncio
import gc
import random
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, exc, inspect, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from bot.errors import StorageError
from storage import migrations
from storage.database import Database, get_note, open_database, set_note, upgrade
from storage.engines import APPLICATION_ID
from storage.schema import metadata
from tests.database.postgres import PostgresServer
from tests.paths import DATA, ROOT

SCHEMA_DUMP = DATA / "schema.txt"


class TestOpening:
    async def test_makes_the_database_and_finds_it_again(self, empty_url: str) -> None:
        async with open_database(empty_url) as database, database.transaction() as tx:
            await set_note(tx, "first_round", "done")
        async with open_database(empty_url, migrate=False) as database, database.reading() as conn:
            assert await get_note(conn, "first_round") == "done"
            assert await get_note(conn, "other") is None

    async def test_names_its_back_end(self, database: Database, back_end: str) -> None:
        assert database.dialect == back_end

    async def test_unmigrated_says_what_to_do(self, empty_url: str) -> None:
        with pytest.raises(StorageError, match="run tipoff db upgrade"):
            await opened(empty_url, migrate=False)

    async def test_upgrade_tells_where_from_and_where_to(self, empty_url: str) -> None:
        assert await upgrade(empty_url) == ("", migrations.HEAD)
        assert await upgrade(empty_url) == (migrations.HEAD, migrations.HEAD)

    async def test_many_processes_may_start_on_a_new_database_at_once(self, empty_url: str) -> None:
        results = await asyncio.gather(*(upgrade(empty_url) for _ in range(5)))
        assert {after for _, after in results} == {migrations.HEAD}
        assert [before for before, _ in results].count("") == 1

    @pytest.mark.parametrize("migrate", [True, False])
    async def test_a_newer_database_is_refused_naming_both(self, url: str, migrate: bool) -> None:
        async with open_database(url) as database, database.transaction() as tx:
            await tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        with pytest.raises(StorageError, match=rf"9999.*{migrations.HEAD}"):
            await opened(url, migrate=migrate)

    async def test_a_failed_migration_leaves_nothing_behind(self, empty_url: str, monkeypatch) -> None:
        from alembic import op

        real = op.create_table

        def fail_late(name: str, *columns: object) -> object:
            if name == "deliveries":
                raise ZeroDivisionError
            return real(name, *columns)

        monkeypatch.setattr(op, "create_table", fail_late)
        with pytest.raises(ZeroDivisionError):
            await upgrade(empty_url)
        monkeypatch.undo()
        assert await upgrade(empty_url) == ("", migrations.HEAD)

    @pytest.mark.parametrize(
        ("bad_url", "message"),
        [
            pytest.param("sqlite+aiosqlite:///:memory:", "needs a file", id="memory"),
            pytest.param("sqlite+aiosqlite://", "needs a file", id="no file"),
            pytest.param("mysql://localhost/x", "unknown database 'mysql'", id="another kind"),
            pytest.param("postgresql+psycopg://x@/y?host=/nowhere", "nowhere", id="no server"),
            pytest.param(
                "sqlite+aiosqlite:////proc/none/t.db", "out of reach", id="a folder that cannot be made"
            ),
        ],
    )
    async def test_an_address_of_no_use_is_one_clear_line(self, bad_url: str, message: str) -> None:
        with pytest.raises(StorageError, match=message) as caught:
            await opened(bad_url)
        assert "\n" not in str(caught.value)


async def opened(url: str, *, migrate: bool = True) -> None:
    async with open_database(url, migrate=migrate):
        pass


class TestSqliteFile:
    def url(self, path: Path) -> str:
        return f"sqlite+aiosqlite:///{path}"

    async def test_carries_our_stamp_and_writes_ahead(self, tmp_path: Path) -> None:
        await upgrade(self.url(tmp_path / "plain.db"))
        with sqlite3.connect(tmp_path / "plain.db") as conn:
            assert conn.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
            assert conn.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        conn.close()

    async def test_may_have_an_odd_path(self, tmp_path: Path) -> None:
        path = tmp_path / "my data 100% 昇腾" / "t.db"
        await upgrade(self.url(path))
        assert path.exists()

    async def test_of_another_program_is_left_alone(self, tmp_path: Path) -> None:
        path = tmp_path / "theirs.db"
        with sqlite3.connect(path) as conn:
            conn.execute("CREATE TABLE theirs (x)")
        conn.close()
        before = path.read_bytes()
        with pytest.raises(StorageError, match="another program"):
            await upgrade(self.url(path))
        assert path.read_bytes() == before
        assert names_in(tmp_path) == ["theirs.db"]

    async def test_that_is_no_database_is_left_alone(self, tmp_path: Path) -> None:
        path = tmp_path / "notes.txt"
        path.write_text("shopping list\n" * 100)
        with pytest.raises(StorageError, match="not a database"):
            await upgrade(self.url(path))
        assert path.read_text().startswith("shopping")

    async def test_is_not_made_by_a_look(self, tmp_path: Path) -> None:
        with pytest.raises(StorageError, match="does not exist"):
            await opened(self.url(tmp_path / "no.db"), migrate=False)
        assert names_in(tmp_path) == []

    async def test_held_by_another_process_is_a_storage_error(self, tmp_path: Path, monkeypatch) -> None:
        monkeypatch.setattr("storage.engines._BUSY_S", 0.05)
        path = tmp_path / "t.db"
        async with open_database(self.url(path)) as database:
            other = sqlite3.connect(path, isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            try:
                with pytest.raises(StorageError, match="locked"):
                    await note(database, "a", "b")
            finally:
                other.close()
            await note(database, "a", "c")
            async with database.reading() as conn:
                assert await get_note(conn, "a") == "c"

    async def test_damaged_is_a_storage_error(self, tmp_path: Path) -> None:
        path = tmp_path / "t.db"
        await upgrade(self.url(path))
        content = bytearray(path.read_bytes())
        content[4096 : len(content)] = b"\xff" * (len(content) - 4096)
        path.write_bytes(content)
        with pytest.raises(StorageError):
            await note_through(self.url(path))


def names_in(folder: Path) -> list[str]:
    return [file.name for file in folder.iterdir()]


async def note(database: Database, key: str, value: str) -> None:
    async with database.transaction() as tx:
        await set_note(tx, key, value)


async def note_through(url: str) -> None:
    async with open_database(url) as database:
        await note(database, "a", "b")


class TestPostgresqlServer:
    async def test_that_cuts_the_line_is_a_storage_error_once(self, postgres_server: PostgresServer) -> None:
        url = postgres_server.new_database()
        async with open_database(url) as database:

            async def cut_in_the_middle() -> None:
                async with database.transaction() as tx:
                    await set_note(tx, "a", "lost")
                    await asyncio.to_thread(postgres_server.end_connections, url)
                    await set_note(tx, "a", "lost")

            with pytest.raises(StorageError):
                await cut_in_the_middle()
            await asyncio.to_thread(postgres_server.end_connections, url)
            await note(database, "a", "kept")
            async with database.reading() as conn:
                assert await get_note(conn, "a") == "kept"


class TestDoor:
    async def test_an_exception_undoes_everything(self, database: Database) -> None:
        await note(database, "a", "before")

        async def fails() -> None:
            async with database.transaction() as tx:
                await set_note(tx, "a", "half")
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await fails()
        async with database.reading() as conn:
            assert await get_note(conn, "a") == "before"

    async def test_what_is_not_committed_is_not_seen(self, database: Database) -> None:
        async with database.transaction() as tx:
            await set_note(tx, "a", "b")
            async with database.reading() as conn:
                assert await get_note(conn, "a") is None

    async def test_a_reader_keeps_its_view(self, database: Database) -> None:
        async with database.reading() as conn:
            assert await get_note(conn, "a") is None
            await note(database, "a", "b")
            assert await get_note(conn, "a") is None
        async with database.reading() as conn:
            assert await get_note(conn, "a") == "b"

    async def test_a_reader_cannot_write(self, database: Database) -> None:
        async def write() -> None:
            async with database.reading() as conn:
                await set_note(conn, "a", "b")

        with pytest.raises((StorageError, exc.DBAPIError), match=r"read-?only"):
            await write()

    async def test_a_transaction_inside_one_is_a_bug_and_not_a_deadlock(self, database: Database) -> None:
        async def nest() -> None:
            async with database.transaction(), database.transaction():
                pass

        with pytest.raises(RuntimeError, match="inside"):
            await nest()
        await note(database, "a", "b")

    async def test_who_waits_too_long_for_the_writer_is_told_so(self, tmp_path: Path, monkeypatch) -> None:
        monkeypatch.setattr("storage.database._WRITER_WAIT_S", 0.02)
        async with open_database(f"sqlite+aiosqlite:///{tmp_path}/t.db") as database:
            async with database.transaction():
                waiting = asyncio.create_task(note(database, "a", "b"))
                with pytest.raises(StorageError, match="busy"):
                    await waiting
            await note(database, "a", "b")

    async def test_a_deadline_of_the_caller_stays_a_timeout(self, database: Database) -> None:
        async def too_slow() -> None:
            async with asyncio.timeout(0.01), database.transaction() as tx:
                await set_note(tx, "a", "b")
                await asyncio.sleep(5)

        with pytest.raises(TimeoutError):
            await too_slow()
        async with database.reading() as conn:
            assert await get_note(conn, "a") is None

    async def test_many_writers_lose_no_update(self, database: Database, back_end: str) -> None:
        await note(database, "n", "0")

        async def add_one() -> None:
            async with database.transaction() as tx:
                lock = "" if back_end == "sqlite" else " FOR UPDATE"
                value = await tx.scalar(text(f"SELECT value FROM notes WHERE key = 'n'{lock}"))
                await set_note(tx, "n", str(int(value or 0) + 1))

        await asyncio.gather(*(add_one() for _ in range(20)))
        async with database.reading() as conn:
            assert await get_note(conn, "n") == "20"

    @pytest.mark.parametrize(
        "bug",
        [
            pytest.param("SELECT * FROM no_such_table", id="no such table"),
            pytest.param("SELEC 1", id="no SQL"),
            pytest.param("INSERT INTO notes (key) VALUES ('x')", id="a broken constraint"),
        ],
    )
    async def test_a_bug_passes_as_it_is(self, database: Database, bug: str) -> None:
        async def run() -> None:
            async with database.transaction() as tx:
                await tx.execute(text(bug))

        with pytest.raises(exc.DBAPIError):
            await run()
        await note(database, "a", "b")

    # From Python 3.13 on sqlite3 warns of the connections that were being opened when they were cancelled; the
    # interpreter closes them.
    @pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
    async def test_two_hundred_cancellations_leave_no_open_transaction(
        self, database: Database, url: str, request: pytest.FixtureRequest
    ) -> None:
        rng = random.Random(7)
        committed: set[str] = set()

        async def write(number: int) -> None:
            async with database.transaction() as tx:
                await set_note(tx, f"{number}-a", "x")
                await asyncio.sleep(0)
                await set_note(tx, f"{number}-b", "x")
            committed.add(str(number))

        for start in range(0, 200, 10):
            tasks = [asyncio.create_task(write(number)) for number in range(start, start + 10)]
            for task in tasks:
                await asyncio.sleep(rng.random() * 0.002)
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        await note(database, "last", "x")
        gc.collect()  # here, where its warnings are expected, and not in some later test
        async with database.reading() as conn:
            keys = set(await conn.scalars(text("SELECT key FROM notes")))
        for number in range(200):
            assert (f"{number}-a" in keys) == (f"{number}-b" in keys), "half a transaction was kept"
            assert str(number) not in committed or f"{number}-a" in keys, "a committed one was lost"
        assert len(committed) < 200
        if database.dialect == "postgresql":
            server: PostgresServer = request.getfixturevalue("postgres_server")
            assert await asyncio.to_thread(server.open_transactions, url) == 0


class TestSchema:
    async def test_the_migrations_lead_to_the_tables_of_the_code(self, database: Database) -> None:
        def differences(conn: Connection) -> list[object]:
            context = MigrationContext.configure(conn, opts={"compare_type": True})
            return list(compare_metadata(context, metadata))

        async with database.reading() as conn:
            assert await conn.run_sync(differences) == []

    async def test_every_constraint_has_a_name(self, database: Database) -> None:
        def unnamed(conn: Connection) -> list[str]:
            found = inspect(conn)
            return [
                table
                for table in metadata.tables
                for constraint in [
                    found.get_pk_constraint(table),
                    *found.get_foreign_keys(table),
                    *found.get_unique_constraints(table),
                ]
                if not constraint["name"]
            ]

        async with database.reading() as conn:
            assert await conn.run_sync(unnamed) == []

    def test_the_list_of_revisions_is_that_of_the_files(self) -> None:
        script = ScriptDirectory(str(ROOT / "storage" / "migrations"))
        assert [revision.revision for revision in reversed(list(script.walk_revisions()))] == list(
            migrations.REVISIONS
        )

    def test_the_schema_is_the_one_checked_in(self) -> None:
        """A changed table needs a migration, and whoever reviews it sees the change in tests/data/schema.txt."""
        assert schema_text() == SCHEMA_DUMP.read_text(encoding="utf-8")


def schema_text() -> str:
    parts: list[str] = []
    for name, dialect in (("sqlite", sqlite.dialect()), ("postgresql", postgresql.dialect())):
        parts.append(f"-- {name}")
        for table in metadata.sorted_tables:
            parts.append(str(CreateTable(table).compile(dialect=dialect)).strip() + ";")
            indexes = sorted(table.indexes, key=lambda index: str(index.name))
            parts += [str(CreateIndex(index).compile(dialect=dialect)).strip() + ";" for index in indexes]
    return "\n".join(line.replace("\t", "    ").rstrip() for line in "\n".join(parts).splitlines()) + "\n"
