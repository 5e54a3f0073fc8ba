"""Tells what the world causes from bugs: the first becomes StorageError, the second passes."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from bot.errors import StorageError

#: SQLite's code for faulty SQL, a missing table and the like. All others of its operational codes are the world's.
_SQLITE_ERROR = 1
#: PostgreSQL, "the transaction is aborted": it follows from an error that somebody swallowed.
_IN_FAILED_TRANSACTION = "25P02"


@contextmanager
def as_storage_error() -> Iterator[None]:
    """Raise ``StorageError`` from a failure of the database; let bugs and everything else pass."""
    try:
        yield
    except exc.TimeoutError as error:
        raise StorageError("the database is busy: no connection became free") from error
    except exc.DBAPIError as error:
        if not _is_of_the_world(error):
            raise
        raise StorageError(f"the database failed: {_first_line(error.orig)}") from error
    except OSError as error:
        if isinstance(error, TimeoutError):
            raise  # a deadline of the caller's, not the database's
        raise StorageError(f"the database is out of reach: {_first_line(error)}") from error


def _is_of_the_world(error: exc.DBAPIError) -> bool:
    if error.connection_invalidated:
        return True
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        # A plain DatabaseError is a file that is damaged or no database; its subclasses are bugs but for the first.
        return type(error) in (exc.OperationalError, exc.DatabaseError) and code & 0xFF != _SQLITE_ERROR
    if getattr(error.orig, "sqlstate", None) == _IN_FAILED_TRANSACTION:
        return False
    return isinstance(error, (exc.OperationalError, exc.InterfaceError, exc.InternalError))


def _first_line(error: BaseException | None) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
