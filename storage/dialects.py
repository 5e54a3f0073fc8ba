"""Inserts that must be built once for each back end: their ON CONFLICT differs in class, not in words."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection


class PerDialect:
    """A statement for each back end, built at import from the same expression."""

    def __init__(self, table: Table, build: Callable[[Any], Any]) -> None:
        self._statements = {
            "sqlite": build(sqlite.insert(table)),
            "postgresql": build(postgresql.insert(table)),
        }

    def on(self, conn: AsyncConnection) -> Any:
        return self._statements[conn.dialect.name]
