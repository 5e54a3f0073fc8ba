"""Polls a list of sources once: for one-shot commands; and the batches in which reads are saved."""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.flow.desk import Desk, Tally
from bot.flow.poll import Read, read_source
from bot.intake.fetch import Fetcher
from storage.sources import SourceState

#: Many more than requests at once (the fetcher has its own bound): most wait for their host's turn, and a host with
#: many sources must not keep the others waiting.
WORKERS = 400
#: Polls that share one transaction, at most. None waits for another.
_BATCH = 64
#: With so many entries a transaction is long enough: what a person asks waits behind it.
_BATCH_ITEMS = 200
#: Documents that wait to be saved. Who reads faster than is saved waits, so that memory stays flat.
WAITING_READS = 256


async def take_batch(reads: "asyncio.Queue[Read]") -> list[Read]:
    """Wait for a read, and take those that are there with it."""
    batch = [await reads.get()]
    items = len(batch[0].items)
    while len(batch) < _BATCH and items < _BATCH_ITEMS and not reads.empty():
        batch.append(reads.get_nowait())
        items += len(batch[-1].items)
    return batch


async def poll_all(
    states: Sequence[SourceState],
    desk: Desk,
    fetcher: Fetcher,
    *,
    clock: Callable[[], datetime],
    quiet: bool,
    on_read: Callable[[Read], None],
) -> tuple["Round", Tally]:
    """Poll each source once, now, and save. For one-shot commands. Raises ``StorageError``."""
    rng = random.Random()  # noqa: S311 - spreads polls, keeps no secret
    todo = iter(states)
    waiting: asyncio.Queue[Read] = asyncio.Queue(maxsize=WAITING_READS)
    done = Round()
    tally = Tally()

    async def work() -> None:
        for state in todo:  # shared: each worker takes the next one
            await waiting.put(await read_source(state, fetcher, clock=clock, rng=rng))

    async with asyncio.TaskGroup() as group:
        for _ in range(min(WORKERS, len(states))):
            group.create_task(work())
        while done.polled < len(states):
            batch = await take_batch(waiting)
            tally += await desk.record(batch, quiet=quiet)
            for read in batch:
                done.add(read)
                on_read(read)
    return done, tally


@dataclass(slots=True)
class Round:
    """What polling a list came to. ``noteworthy``: the reads that failed or had problems, without their items (of
    ten thousand sources all of them would not fit)."""

    fetched: int = 0
    not_modified: int = 0
    failed: int = 0
    noteworthy: list[Read] = field(default_factory=list)

    @property
    def polled(self) -> int:
        return self.fetched + self.not_modified + self.failed

    def add(self, read: Read) -> None:
        if read.record.error:
            self.failed += 1
        elif read.not_modified:
            self.not_modified += 1
        else:
            self.fetched += 1
        if read.record.error or read.problems:
            self.noteworthy.append(replace(read, items=()))
