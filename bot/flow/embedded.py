"""The work queue inside one process: asyncio, bounded."""

import asyncio
from collections.abc import Iterable

from bot.model import SourceId

#: Waiting polls at most; the due table keeps the rest, and the next tick brings them.
DEFAULT_ROOM = 1000


class EmbeddedQueue:
    """See ``bot.flow.work.WorkQueue``."""

    def __init__(self, room: int = DEFAULT_ROOM) -> None:
        self._queue: asyncio.Queue[SourceId] = asyncio.Queue(maxsize=room)
        self._held: set[SourceId] = set()

    async def put(self, sources: Iterable[SourceId]) -> int:
        added = 0
        for source in sources:
            if self._queue.full():
                break
            if source not in self._held:
                self._held.add(source)
                self._queue.put_nowait(source)
                added += 1
        return added

    async def take(self) -> SourceId:
        return await self._queue.get()

    def holds(self, source: SourceId) -> bool:
        return source in self._held

    def room(self) -> int:
        return self._queue.maxsize - self._queue.qsize()

    async def done(self, source: SourceId) -> None:
        self._held.discard(source)
