"""What commands answer from."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from bot.flow.examine import Examined
from bot.model import Catalog, Source
from storage.database import Database


def _nothing() -> None:
    """Nobody waits for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What only a running Tipoff can do for a command.

    ``take_source``: fetch an address once, as a poll would, and find the feed of a page; raises ``UserError`` when
    nothing can be read there. None where nothing may be fetched. ``private_addresses``: whoever runs Tipoff allows
    sources in its own network. ``wake``: look at the outbox now.
    """

    take_source: Callable[[Source], Awaitable[Examined]] | None = None
    private_addresses: bool = False
    wake: Callable[[], None] = _nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    database: Database
    catalog: Catalog
    clock: Callable[[], datetime]
    services: Services
