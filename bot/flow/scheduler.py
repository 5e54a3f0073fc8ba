"""The tick: the only importer of APScheduler. It wakes the flow and does no work itself."""

from collections.abc import Awaitable, Callable

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

TICK_S = 1.0


class Ticker:
    """Calls ``on_tick`` every second, in the running loop. A late tick is not made up for."""

    def __init__(self, on_tick: Callable[[], None], *, every_s: float = TICK_S) -> None:
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._scheduler.add_job(
            _as_job(on_tick),
            IntervalTrigger(seconds=every_s, timezone="UTC"),
            id="tick",
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        """No tick comes after this; what a tick started is not ended."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)


def _as_job(on_tick: Callable[[], None]) -> Callable[[], Awaitable[None]]:
    # A coroutine job runs in the loop; a plain function would be sent to a thread.
    async def job() -> None:
        on_tick()

    return job
