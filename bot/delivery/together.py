"""Does small jobs in groups, where a job by itself costs little more than its beginning and its end."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")


@dataclass(slots=True, eq=False)
class _Asked(Generic[Job, Result]):
    job: Job
    done: bool = False
    results: list[Result] = field(default_factory=list)
    error: Exception | None = None


class Together(Generic[Job, Result]):
    """Jobs that come while a group is under way are the next group: nobody waits for a group to fill up.

    ``work`` does a group and gives the results in its order; it must be safe to repeat. When it fails for a group of
    several, each is done by itself, so that one job's failure is nobody else's.
    """

    def __init__(
        self, work: Callable[[Sequence[Job]], Awaitable[Sequence[Result]]], *, most: int = 64
    ) -> None:
        self._work = work
        self._most = most
        self._waiting: deque[_Asked[Job, Result]] = deque()
        self._lock = asyncio.Lock()

    async def do(self, job: Job) -> Result:
        """The job's result. Raises what ``work`` raises for it."""
        mine = _Asked[Job, Result](job)
        self._waiting.append(mine)
        try:
            async with self._lock:
                while not mine.done:
                    await self._do_next_group()
        finally:
            if mine in self._waiting:  # cancelled before its turn
                self._waiting.remove(mine)
        if mine.error is not None:
            raise mine.error
        return mine.results[0]

    async def _do_next_group(self) -> None:
        group = [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
        try:
            if len(group) == 1 or not await self._try(group):
                for asked in group:
                    await self._try([asked])
        finally:
            # Whoever leads was cancelled: the others do theirs themselves.
            self._waiting.extendleft(asked for asked in reversed(group) if not asked.done)

    async def _try(self, group: list[_Asked[Job, Result]]) -> bool:
        """Whether it worked; a single job's failure is kept for whoever asked."""
        try:
            results = await self._work([asked.job for asked in group])
        except Exception as exc:  # noqa: BLE001 - raised where it was asked for
            if len(group) > 1:
                return False
            group[0].error, group[0].done = exc, True
            return True
        for asked, result in zip(group, results, strict=True):
            asked.results.append(result)
            asked.done = True
        return True
