"""Fixtures that scenario tests share."""

from tests.database.postgres import postgres_server

__all__ = ["postgres_server"]
