"""The queue between the scheduler's tick and the workers that poll: a protocol with few promises."""

from collections.abc import Iterable
from typing import Protocol

from bot.model import SourceId


class WorkQueue(Protocol):
    """Source ids that wait for a poll. A source is never in the queue, or under way, twice."""

    async def put(self, sources: Iterable[SourceId]) -> int:
        """Add those that are neither waiting nor under way, as far as there is room; return how many."""
        ...

    async def take(self) -> SourceId:
        """Wait for the next source. It counts as under way until ``done``."""
        ...

    def holds(self, source: SourceId) -> bool:
        """Whether the source waits or is under way."""
        ...

    def room(self) -> int:
        """How many more may wait."""
        ...

    async def done(self, source: SourceId) -> None:
        """The poll ended, however it ended; the source may be put again."""
        ...
