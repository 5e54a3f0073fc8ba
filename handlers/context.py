"""What commands answer from."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.flow.examine import Examined
from bot.model import Catalog
from storage.database import Database


def _nothing() -> None:
    """Nobody waits for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What only a running Tipoff can do for a command.

    ``try_source``: fetch an address once and say what it gives, each reading of it that works; None where nothing may
    be fetched. ``wake``: look at the outbox now.
    """

    try_source: Callable[[str], Awaitable[Sequence[Examined]]] | None = None
    wake: Callable[[], None] = _nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    database: Database
    catalog: Catalog
    clock: Callable[[], datetime]
    services: Services
