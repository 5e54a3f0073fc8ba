"""Every test that asks for ``database`` runs on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.database import Database, open_database
from tests.database.postgres import PostgresServer, postgres_server

__all__ = ["postgres_server"]


@pytest.fixture(params=["sqlite", "postgresql"])
def back_end(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def empty_url(back_end: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without any table (for SQLite: not even a file)."""
    if back_end == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/folder/tipoff.db"
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.new_database(migrated=False)


@pytest.fixture
def url(back_end: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database that this test may fill."""
    if back_end == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/tipoff.db"
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.new_database()


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    async with open_database(url) as opened:
        yield opened
