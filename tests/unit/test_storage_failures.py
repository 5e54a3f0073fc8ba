"""Which failures are the world's and which are bugs."""

import sqlite3
from collections.abc import Callable

import psycopg
import pytest
from sqlalchemy import exc

from bot.errors import StorageError
from storage.failures import as_storage_error


def sqlite_error(code: int, kind: type[sqlite3.Error] = sqlite3.OperationalError) -> exc.DBAPIError:
    error = kind("first line\nsecond line")
    error.sqlite_errorcode = code
    wrapper = getattr(exc, kind.__name__)
    return wrapper("SELECT secret", {"password": "hush"}, error)


def postgres_error(kind: type[psycopg.Error], wrapper: type[exc.DBAPIError]) -> exc.DBAPIError:
    return wrapper("SELECT secret", {"password": "hush"}, kind("first line\nsecond line"))


def invalidated() -> exc.DBAPIError:
    return exc.ProgrammingError(
        "SELECT 1", {}, psycopg.ProgrammingError("first line"), connection_invalidated=True
    )


WORLD = {
    "busy": lambda: sqlite_error(sqlite3.SQLITE_BUSY),
    "busy, a finer code": lambda: sqlite_error(sqlite3.SQLITE_BUSY_SNAPSHOT),
    "disk full": lambda: sqlite_error(sqlite3.SQLITE_FULL),
    "read-only": lambda: sqlite_error(sqlite3.SQLITE_READONLY),
    "no database": lambda: sqlite_error(sqlite3.SQLITE_NOTADB, sqlite3.DatabaseError),
    "damaged": lambda: sqlite_error(sqlite3.SQLITE_CORRUPT, sqlite3.DatabaseError),
    "server gone": lambda: postgres_error(psycopg.OperationalError, exc.OperationalError),
    "deadlock": lambda: postgres_error(psycopg.errors.DeadlockDetected, exc.OperationalError),
    "connection closed": lambda: postgres_error(psycopg.InterfaceError, exc.InterfaceError),
    "read-only server": lambda: postgres_error(psycopg.errors.ReadOnlySqlTransaction, exc.InternalError),
    "connection invalidated": invalidated,
    "pool empty": lambda: exc.TimeoutError("QueuePool limit"),
    "no permission": lambda: PermissionError(13, "first line"),
}
BUGS = {
    "no such table, SQLite": lambda: sqlite_error(sqlite3.SQLITE_ERROR),
    "constraint, SQLite": lambda: sqlite_error(sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.IntegrityError),
    "misuse, SQLite": lambda: sqlite_error(sqlite3.SQLITE_MISUSE, sqlite3.ProgrammingError),
    "no such table, PostgreSQL": lambda: postgres_error(psycopg.errors.UndefinedTable, exc.ProgrammingError),
    "constraint, PostgreSQL": lambda: postgres_error(psycopg.errors.UniqueViolation, exc.IntegrityError),
    "swallowed error before": lambda: postgres_error(
        psycopg.errors.InFailedSqlTransaction, exc.InternalError
    ),
    "type": lambda: TypeError("no"),
    "the caller's deadline": lambda: TimeoutError(),
}


def raised_from(error: Exception) -> None:
    with as_storage_error():
        raise error


@pytest.mark.parametrize("build", WORLD.values(), ids=WORLD.keys())
def test_what_the_world_causes_is_a_storage_error_in_one_line(build: Callable[[], Exception]) -> None:
    error = build()
    with pytest.raises(StorageError) as caught:
        raised_from(error)
    assert caught.value.__cause__ is error
    text = str(caught.value)
    assert "second line" not in text
    assert "secret" not in text
    assert "hush" not in text


@pytest.mark.parametrize("build", BUGS.values(), ids=BUGS.keys())
def test_a_bug_passes_through_untouched(build: Callable[[], Exception]) -> None:
    error = build()
    with pytest.raises(type(error)) as caught:
        raised_from(error)
    assert caught.value is error
