"""Limits of channels, for scenarios in which more is told than anybody would want, or less."""

from collections.abc import Iterable

from bot.model import ChannelKey
from storage import channels
from storage.database import open_database


async def no_limits(url: str, keys: Iterable[str]) -> None:
    """No budget for the day and none for the hour in these channels of a database that is there."""
    await set_limits(url, keys, budget=0, burst=0)


async def set_limits(
    url: str, keys: Iterable[str], *, budget: int | None = None, burst: int | None = None
) -> None:
    """So many alerts a day and an hour in each of these channels."""
    path = url.replace("sqlite:///", "sqlite+aiosqlite:///")
    async with open_database(path, migrate=False) as database, database.transaction() as tx:
        for key in keys:
            await channels.change(tx, ChannelKey(key), budget=budget, burst=burst)
