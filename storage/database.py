"""The database: opening, the one door for writes, and the one place where its failures become StorageError."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from sqlalchemy import bindparam, exc, func, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.errors import StorageError
from storage import engines, schema
from storage.dialects import PerDialect
from storage.failures import as_storage_error
from storage.migrations import HEAD
from storage.revisions import migrate_to_head, require_current, revision_of

__all__ = [
    "Connection",
    "Database",
    "get_note",
    "judge_lock",
    "open_database",
    "set_note",
    "sqlite_path",
    "upgrade",
]

#: What the functions of this package take: one transaction, or one consistent view.
Connection = AsyncConnection

#: Nobody holds the writer for nearly as long; who waits longer is told that the database is busy.
_WRITER_WAIT_S = 30.0
#: Keys of PostgreSQL's advisory locks; any two numbers that no other program on the database uses.
_JUDGE_LOCK = 0x7469706F_0001
_OUTBOX_LOCK = 0x7469706F_0002


class Database:
    """One for the process. Both context managers raise ``StorageError`` for what the world causes: locked, broken,
    full, out of reach. A bug (wrong SQL, a broken constraint) passes through as it is."""

    def __init__(self, writer: AsyncEngine, reader: AsyncEngine) -> None:
        self._writer = writer
        self._reader = reader
        self._lock = asyncio.Lock() if writer.dialect.name == "sqlite" else None
        self._writing: set[asyncio.Task[object] | None] = set()
        self.dialect = writer.dialect.name

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """The one door for writes: committed at the end, rolled back on any exception and on cancellation.

        A cancelled commit may have landed, so what is written must be safe to write again. Never await the
        network inside. A transaction inside a transaction of the same task is a bug: ``RuntimeError``.
        """
        task = asyncio.current_task()
        if task in self._writing:
            raise RuntimeError("a transaction inside a transaction")
        with as_storage_error():
            if self._lock is not None:
                try:
                    async with asyncio.timeout(_WRITER_WAIT_S):
                        await self._lock.acquire()
                except TimeoutError:
                    raise StorageError("the database is busy: another write did not end") from None
            self._writing.add(task)
            try:
                async with self._writer.begin() as conn:
                    yield conn
            finally:
                self._writing.discard(task)
                if self._lock is not None:
                    self._lock.release()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """One consistent view that cannot write. Sees only what is committed."""
        with as_storage_error():
            async with self._reader.connect() as conn:
                yield conn


@asynccontextmanager
async def open_database(url: str, *, migrate: bool = True) -> AsyncIterator[Database]:
    """Open the database that ``url`` names, for SQLite with its folder and file.

    ``migrate``: bring it to this program's version first, under a lock; without it, a database that is not there
    yet or older raises. Raises ``StorageError``: out of reach, not Tipoff's, or newer than this program.
    """
    parsed = make_url(url)
    async with _engines(parsed, create=migrate) as (writer, reader):
        with as_storage_error():
            if migrate:
                await _upgrade(writer, reader)
            else:
                async with reader.connect() as conn:
                    require_current(await conn.run_sync(revision_of))
        yield Database(writer, reader)


def sqlite_path(url: str) -> Path | None:
    """The file of an SQLite database; None for another back end or one in memory."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        return None
    return Path(parsed.database)


async def upgrade(url: str) -> tuple[str, str]:
    """Bring the database to this program's version; returns its revision before ("" for a new one) and after."""
    async with _engines(make_url(url), create=True) as (writer, reader):
        with as_storage_error():
            return await _upgrade(writer, reader), HEAD


async def _upgrade(writer: AsyncEngine, reader: AsyncEngine) -> str:
    async with reader.connect() as conn:
        before = await conn.run_sync(revision_of)
    if before == HEAD:
        return before  # the usual start: no lock, and Alembic is not even loaded
    async with writer.begin() as conn:
        return await conn.run_sync(migrate_to_head)


@asynccontextmanager
async def _engines(url: URL, *, create: bool) -> AsyncIterator[tuple[AsyncEngine, AsyncEngine]]:
    with as_storage_error():
        writer, reader = await engines.create(url, create=create)
    try:
        yield writer, reader
    finally:
        with suppress(exc.DBAPIError):  # closing what is out of reach already is no failure
            await reader.dispose()
            await writer.dispose()


async def judge_lock(tx: AsyncConnection) -> None:
    """Hold judging until the end of the transaction, so that many processes judge one after another."""
    await _advisory_lock(tx, _JUDGE_LOCK)


async def outbox_lock(tx: AsyncConnection) -> None:
    """Hold claiming and folding until the end of the transaction: what one reads another must not change."""
    await _advisory_lock(tx, _OUTBOX_LOCK)


async def _advisory_lock(tx: AsyncConnection, key: int) -> None:
    if tx.dialect.name == "postgresql":  # in SQLite every transaction is alone from its start
        await tx.execute(select(func.pg_advisory_xact_lock(key)))


_GET_NOTE = select(schema.notes.c.value).where(schema.notes.c.key == bindparam("key"))
_SET_NOTE = PerDialect(
    schema.notes,
    lambda insert: insert.on_conflict_do_update(
        index_elements=["key"], set_={"value": insert.excluded.value}
    ),
)


async def get_note(conn: AsyncConnection, key: str) -> str | None:
    """A flag that outlives the process, such as that the first round is over."""
    value: str | None = await conn.scalar(_GET_NOTE, {"key": key})
    return value


async def set_note(tx: AsyncConnection, key: str, value: str) -> None:
    await tx.execute(_SET_NOTE.on(tx), {"key": key, "value": value})
