"""Opens the database for a command: migrated, in step with the catalog; and keeps a second `run` off an SQLite file."""

import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import datetime

from filelock import FileLock, Timeout

from bot.errors import ConfigError
from bot.model import ALL_TOPICS, CONSOLE, Catalog, utc_now
from bot.settings import Settings
from storage import sources, stories, subscriptions
from storage.database import Database, get_note, open_database, set_note, sqlite_path
from storage.subscriptions import Subscription

_CONSOLE_NOTE = "console_subscribed"


@asynccontextmanager
async def open_stored(
    settings: Settings, catalog: Catalog, *, clock: Callable[[], datetime] = utc_now
) -> AsyncIterator[Database]:
    """The database, migrated, holding the catalog's sources and known history. Raises ``StorageError``."""
    async with open_database(settings.database_url) as database:
        now = clock()
        async with database.transaction() as tx:
            await sources.sync_catalog(tx, catalog.sources, now=now)
            for topic in catalog.topics:
                for watch in topic.watches:
                    for known in sorted(watch.known, key=lambda known: known.at):
                        if known.at <= now:
                            await stories.set_known(tx, topic.id, watch.id, known)
            if await get_note(tx, _CONSOLE_NOTE) is None:
                # The terminal is told everything until somebody says otherwise, also after an unsubscribe.
                await subscriptions.subscribe(
                    tx, Subscription(channel=CONSOLE, topic=ALL_TOPICS, created=now)
                )
                await set_note(tx, _CONSOLE_NOTE, "yes")
        yield database


@contextlib.contextmanager
def only_runner(settings: Settings) -> Iterator[bool]:
    """Hold the SQLite file for one ``run``; yields whether this process is sure to be the only one.

    Raises ``ConfigError`` when another ``run`` has it. PostgreSQL may have many.
    """
    path = sqlite_path(settings.database_url)
    if path is None:
        yield False
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(f"{path}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise ConfigError(
            f"TIPOFF_DATABASE_URL: another tipoff run has {path} open; stop it, or name another database"
        ) from None
    try:
        yield True
    finally:
        lock.release()
