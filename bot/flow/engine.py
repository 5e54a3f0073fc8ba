"""The running flow: tick -> queue -> workers that poll -> one recorder that judges and saves."""

import asyncio
import math
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from bot.delivery.retry import GIVE_UP_AFTER
from bot.errors import StorageError
from bot.flow.desk import Desk, Tally
from bot.flow.firstround import FirstRound
from bot.flow.intervals import AtMostEvery
from bot.flow.once import WAITING_READS, WORKERS, take_batch
from bot.flow.poll import Read, read_source
from bot.flow.scheduler import TICK_S, Ticker
from bot.flow.watchman import Watchman
from bot.flow.work import WorkQueue
from bot.intake.fetch import Fetcher
from bot.model import SourceId, TopicId
from storage import articles, items, late, servers, sources
from storage.database import Database
from storage.hot import hot_topics
from storage.sources import SourceState

log = structlog.get_logger()

#: With more due than the queue had room for, it is filled again before the next tick once it has this much room.
_REFILL = 700
#: A source that is due this soon is asked then, not at the next tick after; slots of this width bound the timers.
_SOON_S, _SLOT_S = 5.0, 0.1
#: Times in the database are whole milliseconds.
_ROUNDING = timedelta(milliseconds=1)
#: Texts of items older than this are emptied; their stories, links and ids stay.
_KEEP_ITEMS = timedelta(days=180)
_TIDY_EVERY = timedelta(days=1)
#: Seconds between tries to save a batch while the database does not take it; the last one repeats.
_SAVE_AGAIN_S = (0.5, 1.0, 2.0, 5.0, 10.0)


@dataclass(slots=True)
class Progress:
    """What a live line shows. Changed in place by the engine, read by whoever draws."""

    polled: int = 0
    failed: int = 0
    under_way: dict[SourceId, float] = field(default_factory=dict)  # since when, on the loop's clock
    tally: Tally = field(default_factory=Tally)
    last: str = ""


class Engine:
    """One for the process. ``on_recorded`` is called after every saved batch, ``on_reads`` with the reads of it,
    ``on_blind`` once, when no source at all could be read in the first round."""

    def __init__(
        self,
        database: Database,
        desk: Desk,
        fetcher: Fetcher,
        queue: WorkQueue,
        *,
        clock: Callable[[], datetime],
        on_recorded: Callable[[Tally], None],
        on_blind: Callable[[int, str], None],
        on_reads: Callable[[Sequence[Read]], None] | None = None,
        rng: random.Random | None = None,
        tick_s: float = TICK_S,
    ) -> None:
        self._database = database
        self._desk = desk
        self._fetcher = fetcher
        self._queue = queue
        self._clock = clock
        self._tick_s = tick_s
        self._on_recorded = on_recorded
        self._on_reads = on_reads
        self._first_round = FirstRound(database, desk, on_blind=on_blind)
        self._rng = rng or random.Random()  # noqa: S311 - spreads polls, keeps no secret
        self._states: dict[SourceId, SourceState] = {}
        self._reads: asyncio.Queue[Read] = asyncio.Queue(maxsize=WAITING_READS)
        self._tick = asyncio.Event()
        self._more_due = False  # than the queue had room for
        self._polled: dict[SourceId, datetime] = {}
        self._wakes: set[int] = set()  # slots of the loop's clock for which a timer stands
        self._tidies = AtMostEvery(_TIDY_EVERY)
        self._watchman = Watchman(database, clock=clock)
        self._hot: frozenset[TopicId] = frozenset()
        self.progress = Progress()

    async def offer(self, read: Read) -> None:
        """Record what a source pushed (``bot.flow.poll.pushed``). Waits while there is no room."""
        await self._reads.put(read)

    async def run(self, stop: asyncio.Event, *, drain_s: float = 8.0) -> None:
        """Poll until ``stop``, then finish what is under way, for at most ``drain_s`` seconds.

        What was not finished was not recorded either: its source is still due, and is polled at the next start.
        """
        await self._first_round.begin()
        ticker = Ticker(self._tick.set, every_s=self._tick_s)
        ticker.start()
        self._tick.set()
        async with asyncio.TaskGroup() as group:
            workers = [group.create_task(self._work(stop)) for _ in range(WORKERS)]
            recorder = group.create_task(self._record_forever())
            try:
                await self._enqueue_due(stop)
            finally:
                ticker.stop()
            await self._drain(workers, drain_s)
            recorder.cancel()

    async def _drain(self, workers: Sequence["asyncio.Task[None]"], drain_s: float) -> None:
        deadline = time.monotonic() + drain_s
        while self.progress.under_way and time.monotonic() < deadline:  # noqa: ASYNC110 - once, at the end
            await asyncio.sleep(0.05)
        for worker in workers:
            worker.cancel()
        try:
            async with asyncio.timeout(max(deadline - time.monotonic(), 1.0)):
                await self._reads.join()
        except TimeoutError:
            log.warning("stopped_with_unsaved_polls", waiting=self._reads.qsize())

    async def _enqueue_due(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            stopping = asyncio.ensure_future(stop.wait())
            ticking = asyncio.ensure_future(self._tick.wait())
            try:
                await asyncio.wait([stopping, ticking], return_when=asyncio.FIRST_COMPLETED)
            finally:
                stopping.cancel()
                ticking.cancel()
            self._tick.clear()
            if stop.is_set():
                return
            try:
                await self._first_round.advance(self._on_recorded)
                await self._tidy()
                if await self._watchman.look() + await self._desk.report_deadlines():
                    self._on_recorded(Tally(deliveries=1))
                await self._fill_queue()
            except StorageError as exc:
                log.warning("due_sources_unreadable", error=str(exc))

    async def _fill_queue(self) -> None:
        # Those under way are still due in the table, and the longest overdue: look past them.
        limit = self._queue.room() + len(self._states)
        async with self._database.reading() as conn:
            due = await sources.due(conn, now=self._clock(), limit=limit)
            hot = await hot_topics(conn, now=self._clock())
        self._hot = frozenset(entry.topic for entry in hot)
        fresh = [s for s in due if not self._queue.holds(s.source.id) and not self._is_outdated(s)]
        for state in fresh[: self._queue.room()]:
            self._states[state.source.id] = state
            await self._queue.put([state.source.id])
        self._more_due = len(due) == limit

    def _is_outdated(self, state: SourceState) -> bool:
        """Whether the row was read before the poll that ended meanwhile was saved."""
        polled = self._polled.get(state.source.id)
        return polled is not None and (state.last_poll is None or polled - state.last_poll >= _ROUNDING)

    async def _tidy(self) -> None:
        """Once a day, empty what is too old to matter, so that the database does not grow without end."""
        now = self._clock()
        if not self._tidies.begins(now):
            return
        async with self._database.transaction() as tx:
            emptied = await items.prune(tx, older_than=now - _KEEP_ITEMS)
            await articles.prune(tx, older_than=now - _KEEP_ITEMS)
            purged = await servers.purge(tx, now)
            given_up = await late.expire(tx, before=now - GIVE_UP_AFTER, now=now)
        if emptied:
            log.info("old_items_emptied", items=emptied)
        for server in purged:
            log.info("server_forgotten", server=server, after_days=servers.KEPT.days)
        if given_up:
            log.warning("deliveries_given_up", deliveries=given_up)

    async def _work(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            source = await self._queue.take()
            if self._more_due and self._queue.room() > _REFILL:
                self._more_due = False
                self._tick.set()
            state = self._states.get(source)
            if state is None or stop.is_set():
                await self._queue.done(source)
                continue
            self.progress.under_way[source] = time.monotonic()
            try:
                hot = not self._hot.isdisjoint(state.source.topics)
                read = await read_source(state, self._fetcher, clock=self._clock, rng=self._rng, hot=hot)
                await self._reads.put(read)
            finally:
                self.progress.under_way.pop(source, None)

    async def _record_forever(self) -> None:
        while True:
            batch = await take_batch(self._reads)
            try:
                await self._record(batch)
            finally:
                for read in batch:
                    if not read.record.streamed:
                        self._states.pop(read.record.source_id, None)
                        await self._queue.done(read.record.source_id)
                    self._reads.task_done()

    async def _record(self, batch: Sequence[Read]) -> None:
        """Save the batch, waiting for a database that is away. A poll that only a bug can explain is isolated."""
        tries = 0
        while True:
            try:
                self._note(batch, await self._desk.record(batch, quiet=self._first_round.is_quiet()))
                return
            except StorageError as exc:
                wait = _SAVE_AGAIN_S[min(tries, len(_SAVE_AGAIN_S) - 1)]
                tries += 1
                log.warning("polls_not_saved", polls=len(batch), again_in_s=wait, error=str(exc))
                await asyncio.sleep(wait)
            except Exception:
                log.exception("recording_crashed", sources=[read.record.source_id for read in batch])
                await self._isolate(batch)
                return

    async def _isolate(self, batch: Sequence[Read]) -> None:
        if len(batch) > 1:
            for read in batch:
                await self._record([read])
            return
        read = batch[0]
        if read.items:  # keep the source going without what could not be judged
            failed = replace(
                read.record, error="internal error while judging", body_hash="", etag=None, memo=None
            )
            await self._record([replace(read, record=failed, items=())])

    def _note(self, batch: Sequence[Read], tally: Tally) -> None:
        self._polled.update(
            {read.record.source_id: read.record.at for read in batch if not read.record.streamed}
        )
        self.progress.polled += sum(1 for read in batch if not read.record.streamed)
        self.progress.failed += sum(1 for read in batch if read.record.error)
        self.progress.tally += tally
        self.progress.last = batch[-1].state.source.name
        self._first_round.note([read for read in batch if not read.record.streamed])
        if self._on_reads is not None:
            self._on_reads(batch)
        self._wake_for(batch)
        self._on_recorded(tally)

    def _wake_for(self, batch: Sequence[Read]) -> None:
        """Look for due sources also when those of the batch are due that are due soon."""
        loop, now = asyncio.get_running_loop(), self._clock()
        for read in batch:
            in_s = (read.record.next_poll - now).total_seconds()
            if not read.record.streamed and 0 < in_s <= _SOON_S:
                slot = math.ceil((loop.time() + in_s) / _SLOT_S)
                if slot not in self._wakes:
                    self._wakes.add(slot)
                    loop.call_at(slot * _SLOT_S, self._wake, slot)

    def _wake(self, slot: int) -> None:
        self._wakes.discard(slot)
        self._tick.set()
