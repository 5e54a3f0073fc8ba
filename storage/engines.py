"""Builds the engines: for SQLite one writer and a few read-only connections, for PostgreSQL a pool."""

import asyncio
import json
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import URL, Connection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from bot.errors import StorageError

#: Stamped into every SQLite file of ours ("tipo"); a file with another stamp is not touched.
APPLICATION_ID = 0x7469706F
_BUSY_S = 10.0
_BUSY_CODES = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
#: More than one, so that a long search does not hold up the look for due sources.
_READERS = 3
_POOL_WAIT_S = 30.0
#: An INSERT of many rows is another statement for each number of rows, and sqlite3 keeps the last ones compiled: with
#: SQLAlchemy's 1,000 rows and sqlite3's 128 statements they held 60 MB. Small ones cost no more time.
_INSERT_ROWS, _KEPT_STATEMENTS = 50, 32
_PG_POOL = 5
_PG_OVERFLOW = 15
#: No wait without an end: for a lock that a hung process holds, and for a statement that never returns.
_PG_OPTIONS = "-c lock_timeout=30s -c statement_timeout=60s"

_json = json.JSONEncoder(separators=(",", ":")).encode


async def create(url: URL, *, create: bool) -> tuple[AsyncEngine, AsyncEngine]:
    """The engine that writes and the one that reads. ``create``: a missing SQLite file may be made.

    Raises ``StorageError`` for an address that is of no use and for a file that is not Tipoff's, ``OSError``.
    """
    if url.get_backend_name() == "sqlite":
        if not url.database or url.database == ":memory:":
            raise StorageError("a SQLite database needs a file: sqlite:///path/to/tipoff.db")
        path = Path(url.database)
        await asyncio.to_thread(_prepare_file, path, create=create)
        return _sqlite(path, read_only=False), _sqlite(path, read_only=True)
    if url.get_backend_name() == "postgresql":
        writer = _postgresql(url)
        return writer, writer.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    raise StorageError(f"unknown database {url.get_backend_name()!r}: sqlite and postgresql are known")


def _prepare_file(path: Path, *, create: bool) -> None:
    """Refuse a foreign file untouched; make the folder and the file; set write-ahead logging."""
    if not path.exists():
        if not create:
            raise StorageError(f"{path} does not exist; run tipoff db upgrade")
        path.parent.mkdir(parents=True, exist_ok=True)
    try:
        if path.exists() and path.stat().st_size:
            with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as conn:
                _require_ours(conn, path)
        with closing(sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None)) as conn:
            _set_wal(conn)
    except sqlite3.DatabaseError as error:
        raise StorageError(f"{path} cannot be opened: {error}") from error


def _require_ours(conn: sqlite3.Connection, path: Path) -> None:
    (stamp,) = conn.execute("PRAGMA application_id").fetchone()
    (tables,) = conn.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if stamp != APPLICATION_ID and (stamp or tables):
        raise StorageError(f"{path} belongs to another program; name another file")


def _set_wal(conn: sqlite3.Connection) -> None:
    # The busy timeout does not cover the switch: processes that start together on a new file collide here.
    deadline = time.monotonic() + _BUSY_S
    while True:
        try:
            conn.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in _BUSY_CODES or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _sqlite(path: Path, *, read_only: bool) -> AsyncEngine:
    query = {"uri": "true", "mode": "ro" if read_only else "rw"}
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=path.absolute().as_uri(), query=query),
        poolclass=AsyncAdaptedQueuePool,
        pool_size=_READERS if read_only else 1,
        max_overflow=0,
        pool_timeout=_POOL_WAIT_S,
        json_serializer=_json,
        insertmanyvalues_page_size=_INSERT_ROWS,
        connect_args={"timeout": _BUSY_S, "cached_statements": _KEPT_STATEMENTS},
    )
    begin = "BEGIN" if read_only else "BEGIN IMMEDIATE"

    @event.listens_for(engine.sync_engine, "connect")
    def on_connect(connection: Any, record: object) -> None:
        connection.isolation_level = None  # we begin ourselves
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA synchronous = NORMAL")  # safe with WAL; a power cut may undo the last commits
        if read_only:
            cursor.execute("PRAGMA query_only = ON")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _postgresql(url: URL) -> AsyncEngine:
    connect_args: dict[str, Any] = {"connect_timeout": 10}
    if "options" not in url.query:
        connect_args["options"] = _PG_OPTIONS
    return create_async_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=_PG_POOL,
        max_overflow=_PG_OVERFLOW,
        pool_timeout=_POOL_WAIT_S,
        pool_pre_ping=True,
        json_serializer=_json,
        connect_args=connect_args,
    )
