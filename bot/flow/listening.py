"""What listeners of all kinds share: what they work with, whom they tell, and how much they take.

A listener keeps one connection open, turns what is pushed into reads, and ends with a ``SourceError``; when to try
again is for ``bot.flow.streaming`` to say.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NoReturn, Protocol

import structlog

from bot.errors import ParseFailed, SourceUnavailable
from bot.flow.poll import Read, pushed
from bot.intake.fetch import Fetcher
from bot.intake.shortlinks import is_short, with_whole_links
from bot.intake.streams.connect import Connector
from bot.model import RawItem, SourceId
from storage.sources import SourceState

log = structlog.get_logger()

#: More items of one source in a minute than this, and it is left to the poll for a while: a stream must not crowd
#: out the rest.
MOST_A_MINUTE = 300
_FLOOD_PAUSE = timedelta(minutes=5)
#: Messages of one connection that may be unreadable before it is given up.
_MOST_UNREADABLE = 20
#: A short link of a pushed item is told by its target when that is known so soon; a stream does not wait longer.
_SHORT_LINK_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What every listener works with. ``offer`` may wait while there is no room."""

    connector: Connector
    fetcher: Fetcher
    offer: Callable[[Read], Awaitable[None]]
    clock: Callable[[], datetime]

    async def take(self, state: SourceState, item: RawItem) -> None:
        """Hand on one item, as a read of its own: ten in one would look like a feed that changed its ids."""
        items: tuple[RawItem, ...] = (item,)
        if is_short(item.url):
            with suppress(TimeoutError):
                async with asyncio.timeout(_SHORT_LINK_S):
                    items = await with_whole_links(items, self.fetcher, public_only=state.source.user_given)
        await self.offer(pushed(state, items, at=self.clock()))


class Reporter(Protocol):
    """Hears how each source is doing."""

    def up(self, sources: Sequence[SourceId]) -> None:
        """From now on everything new of these is pushed; what came before is for the poll."""
        ...

    def left_to_poll(self, source: SourceId, why: str) -> None:
        """This one is not pushed, although its stream may stand."""
        ...


class Listener(Protocol):
    @property
    def sources(self) -> Sequence[SourceState]: ...

    @property
    def place(self) -> str:
        """Where it listens, for logs."""
        ...

    async def listen(self, reporter: Reporter) -> NoReturn:
        """Listen until the connection ends. Raises a ``SourceError`` then, and never returns."""
        ...


class Pace:
    """Counts one source's items by the minute. Times are seconds on the loop's clock."""

    def __init__(self, *, most: int = MOST_A_MINUTE, pause: timedelta = _FLOOD_PAUSE) -> None:
        self._most, self._pause_s = most, pause.total_seconds()
        self._minute, self._count = 0.0, 0
        self._shut_until: float | None = None

    def is_shut(self, now_s: float) -> bool:
        return self._shut_until is not None and now_s < self._shut_until

    def reopened(self) -> bool:
        """Whether a pause just ended; true once."""
        ended, self._shut_until = self._shut_until is not None, None
        return ended

    def admits(self, now_s: float) -> bool:
        """Count one more; False, and a pause, when it is one too many."""
        if now_s - self._minute >= 60:
            self._minute, self._count = now_s, 0
        self._count += 1
        if self._count <= self._most:
            return True
        self._shut_until = now_s + self._pause_s
        return False


class Unreadable:
    """Forgives a few messages that cannot be read."""

    def __init__(self) -> None:
        self._count = 0

    def add(self, place: str, problem: ParseFailed) -> None:
        """Raises the problem when it is one too many."""
        self._count += 1
        log.info("stream_problem", stream=place, problem=str(problem))
        if self._count > _MOST_UNREADABLE:
            raise problem


def flood() -> SourceUnavailable:
    minutes = _FLOOD_PAUSE // timedelta(minutes=1)
    return SourceUnavailable(
        f"more than {MOST_A_MINUTE} items in a minute: only polled for the next {minutes} minutes",
        retry_after=_FLOOD_PAUSE,
    )
