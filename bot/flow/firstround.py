"""The first round of a new database: old news is recorded quietly, then the newest few of each topic are told."""

import time
from collections.abc import Callable, Sequence

import structlog

from bot.flow.desk import Desk, Tally
from bot.flow.poll import Read
from bot.model import SourceId
from storage import sources
from storage.database import Database, get_note

log = structlog.get_logger()

NOTE = "first_round"
#: The round ends this long after the first source was read, whatever the slow ones do.
_ROUND_S = 8.0
#: Not one source read after this long: say so. (To ask hosts with many sources politely takes longer.)
_BLIND_S = 6.0
#: First polls of slow sources stay quiet for this long after the start.
_QUIET_S = 90.0


class FirstRound:
    """Follows the round from ``begin`` to its end. In an old database there is none."""

    def __init__(self, database: Database, desk: Desk, *, on_blind: Callable[[int, str], None]) -> None:
        self._database = database
        self._desk = desk
        self._on_blind = on_blind
        self._open = False
        self._blind_said = False
        self._problem = ""
        self._waiting: set[SourceId] = set()
        self._total = 0
        self._first_ok: float | None = None
        self._quiet_until = 0.0
        self._began = time.monotonic()

    async def begin(self) -> None:
        async with self._database.reading() as conn:
            self._open = await get_note(conn, NOTE) is None
            states = await sources.states(conn)
        self._waiting = {state.source.id for state in states if not state.stopped}
        self._total = len(self._waiting)
        self._began = time.monotonic()
        if self._open:
            self._quiet_until = time.monotonic() + _QUIET_S

    def is_quiet(self) -> bool:
        """Whether a source's very first document is recorded without alerts."""
        return self._open or time.monotonic() < self._quiet_until

    def note(self, batch: Sequence[Read]) -> None:
        for read in batch:
            self._waiting.discard(read.record.source_id)
            self._problem = self._problem or read.record.error
            if not read.record.error and self._first_ok is None:
                self._first_ok = time.monotonic()
        self._say_when_blind()

    def _say_when_blind(self) -> None:
        tried = self._total - len(self._waiting)
        long_enough = time.monotonic() - self._began > _BLIND_S
        if self._first_ok is None and not self._blind_said and tried and (long_enough or not self._waiting):
            self._blind_said = True
            self._on_blind(tried, self._problem)

    async def advance(self, on_told: Callable[[Tally], None]) -> None:
        """End the round when every source was tried or enough time went by. Called at every tick."""
        self._say_when_blind()
        if not self._open or self._first_ok is None:
            return
        if self._waiting and time.monotonic() - self._first_ok < _ROUND_S:
            return
        tally = await close(self._desk)
        self._open = False
        log.info("first_round_closed", alerts=tally.alerts)
        on_told(tally)


async def is_open(database: Database) -> bool:
    async with database.reading() as conn:
        return await get_note(conn, NOTE) is None


async def close(desk: Desk) -> Tally:
    """Tell the newest few; that it was done is saved with them, so a crash neither skips nor repeats it."""
    return await desk.tell_newest(note=NOTE)
