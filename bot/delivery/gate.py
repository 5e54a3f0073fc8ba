"""Lets requests through a budget one after another, those of waiting people first."""

import asyncio
import time
from collections import deque
from collections.abc import Callable

from bot.delivery.pacing import Budget, Ticket

#: Whoever found no turn asks again after this at the earliest.
_AGAIN_S = 1.0


class SlowDown(Exception):
    """Not sent: there is no turn for it within a moment. ``after_s``: try again then."""

    def __init__(self, after_s: float) -> None:
        super().__init__(f"no turn for {after_s:.1f} s")
        self.after_s = after_s


class Gate:
    """In the order in which they came, except that urgent ones pass the others. Whoever waits sets the deadline."""

    def __init__(self, budget: Budget, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._budget = budget
        self._clock = clock
        self._urgent: deque[asyncio.Future[Ticket]] = deque()
        self._patient: deque[asyncio.Future[Ticket]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    async def turn(self, *, urgent: bool = False, within_s: float | None = None) -> Ticket:
        """Wait for room and take it. The ticket goes to ``end`` when the answer is there.

        Raises ``SlowDown`` when there is none ``within_s`` seconds; at once when too many wait already.
        """
        if within_s is not None:
            before = self._waiting(self._urgent) + (0 if urgent else self._waiting(self._patient))
            if self._budget.room(self._clock(), ahead_s=within_s) <= before:
                raise SlowDown(max(self.opens_in(), _AGAIN_S))
        try:
            async with asyncio.timeout(within_s):
                return await self._turn(urgent=urgent)
        except TimeoutError:
            raise SlowDown(max(self.opens_in(), _AGAIN_S)) from None

    async def _turn(self, *, urgent: bool) -> Ticket:
        if not self._urgent and (urgent or not self._patient) and self._budget.room(self._clock()) > 0:
            return self._budget.begin(self._clock())
        waiting: asyncio.Future[Ticket] = asyncio.get_running_loop().create_future()
        (self._urgent if urgent else self._patient).append(waiting)
        self._let_through()
        return await waiting

    def count(self) -> Ticket:
        """A request that need not wait, but counts."""
        return self._budget.begin(self._clock())

    def end(self, ticket: Ticket) -> None:
        self._budget.end(ticket, self._clock())
        self._let_through()

    def pause(self, seconds: float) -> None:
        self._budget.pause(self._clock() + seconds)

    def room(self, *, ahead_s: float = 0.0) -> int:
        """How many more may pass within the next ``ahead_s`` seconds."""
        waiting = self._waiting(self._urgent) + self._waiting(self._patient)
        return max(self._budget.room(self._clock(), ahead_s=ahead_s) - waiting, 0)

    def opens_in(self) -> float:
        """Seconds until the first one may pass; 0 now."""
        now = self._clock()
        return max(self._budget.opens_at(now) - now, 0.0)

    @staticmethod
    def _waiting(line: deque[asyncio.Future[Ticket]]) -> int:
        return sum(not one.done() for one in line)

    def _let_through(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        now = self._clock()
        for line in (self._urgent, self._patient):
            while line and (line[0].done() or self._budget.room(now) > 0):
                first = line.popleft()
                if not first.done():  # who gave up waiting takes no room
                    first.set_result(self._budget.begin(now))
        if self._urgent or self._patient:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self.opens_in(), self._let_through)
