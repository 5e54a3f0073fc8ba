"""Takes the limits off channels, for scenarios in which they are told more than anybody would want."""

from collections.abc import Iterable

from bot.model import ChannelKey
from storage import channels
from storage.database import open_database


async def no_limits(url: str, keys: Iterable[str]) -> None:
    """No budget for the day and none for the hour in these channels of a database that is there."""
    path = url.replace("sqlite:///", "sqlite+aiosqlite:///")
    async with open_database(path, migrate=False) as database, database.transaction() as tx:
        for key in keys:
            await channels.change(tx, ChannelKey(key), budget=0, burst=0)
