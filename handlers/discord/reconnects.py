"""Keeps connections to Discord's gateway apart: discord.py makes the next one at once, however often one is closed."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

log = structlog.get_logger()

#: So many connections of a shard within the span are made at once; Discord moves a client now and then.
QUICK, SPAN_S = 10, 120.0
#: discord.py gives a connection 60 s, the wait included.
_LONGEST_WAIT_S = 30.0


class Reconnects:
    """``shards``: how many connections there are by right."""

    def __init__(self, shards: Callable[[], int], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._shards = shards
        self._clock = clock
        self._made: deque[float] = deque(maxlen=100_000)

    def wait_s(self) -> float:
        """How long the next connection has to wait."""
        while self._made and self._made[0] <= self._clock() - SPAN_S:
            self._made.popleft()
        beyond = len(self._made) // max(self._shards(), 1) - QUICK
        return min(2.0 ** min(beyond, 10), _LONGEST_WAIT_S) if beyond >= 0 else 0.0

    def note(self) -> None:
        self._made.append(self._clock())

    def paced(self, connect: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        """``connect``, as often as is good."""

        async def connect_in_time(*args: Any, **kwargs: Any) -> Any:
            if wait := self.wait_s():
                log.warning("discord_gateway_unsteady", connections=len(self._made), again_in_s=wait)
                await asyncio.sleep(wait)
            self.note()
            return await connect(*args, **kwargs)

        return connect_in_time
