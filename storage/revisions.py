"""Brings a database to this program's revision. Alembic is loaded only when there is something to do."""

from importlib.resources import as_file, files

from sqlalchemy import Connection, inspect, text

from bot.errors import StorageError
from storage.engines import APPLICATION_ID
from storage.migrations import HEAD, REVISIONS

_UPGRADE_LOCK = 0x7469706F_0003


def revision_of(conn: Connection) -> str:
    """The database's revision, "" for a new one. Raises ``StorageError`` for one that is newer than this program."""
    if not inspect(conn).has_table("alembic_version"):
        return ""
    revision = conn.scalar(text("SELECT version_num FROM alembic_version")) or ""
    if revision and revision not in REVISIONS:
        raise StorageError(
            f"the database is at revision {revision}, newer than this program's {HEAD}: install a newer tipoff"
        )
    return str(revision)


def require_current(revision: str) -> None:
    """Raise ``StorageError`` for a database that is new or older than this program."""
    if revision != HEAD:
        raise StorageError(
            f"the database is at revision {revision or 'none'}, this program needs {HEAD}: run tipoff db upgrade"
        )


def migrate_to_head(conn: Connection) -> str:
    """Run what is missing, all or nothing, in the transaction that ``conn`` is in. Returns the revision before."""
    if conn.dialect.name == "postgresql":
        conn.execute(text("SET LOCAL statement_timeout = 0"))
        conn.execute(text(f"SELECT pg_advisory_xact_lock({_UPGRADE_LOCK})"))
    else:
        conn.execute(text(f"PRAGMA application_id = {APPLICATION_ID}"))
    before = revision_of(conn)  # another process may have been faster
    if before == HEAD:
        return before
    from alembic import command
    from alembic.config import Config

    with as_file(files("storage") / "migrations") as folder:
        config = Config()
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        config.attributes["connection"] = conn
        command.upgrade(config, "head")
    return before
