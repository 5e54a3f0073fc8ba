"""Polls a list of sources once: for one-shot commands; and the batches in which reads are saved."""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
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
#: Documents that wait to be saved. Who reads faster than is saved waits, so that memory stays flat.
_WAITING_READS = 256


async def take_batch(reads: "asyncio.Queue[Read]") -> list[Read]:
    """Wait for a read, and take those that are there with it."""
    batch = [await reads.get()]
    while len(batch) < _BATCH and not reads.empty():
        batch.append(reads.get_nowait())
    return batch


async def poll_all(
    states: Sequence[SourceState],
    desk: Desk,
    fetcher: Fetcher,
    *,
    clock: Callable[[], datetime],
    quiet: bool,
    on_read: Callable[[Read], None],
) -> tuple[list[Read], Tally]:
    """Poll each source once, now, and save. For one-shot commands. Returns what was read, without the items: of ten
    thousand sources they would not fit. Raises ``StorageError``."""
    rng = random.Random()  # noqa: S311 - spreads polls, keeps no secret
    todo = iter(states)
    waiting: asyncio.Queue[Read] = asyncio.Queue(maxsize=_WAITING_READS)
    reads: list[Read] = []
    tally = Tally()

    async def work() -> None:
        for state in todo:  # shared: each worker takes the next one
            await waiting.put(await read_source(state, fetcher, clock=clock, rng=rng))

    async with asyncio.TaskGroup() as group:
        for _ in range(min(WORKERS, len(states))):
            group.create_task(work())
        while len(reads) < len(states):
            batch = await take_batch(waiting)
            tally += await desk.record(batch, quiet=quiet)
            reads += [replace(read, items=()) for read in batch]
            for read in batch:
                on_read(read)
    return reads, tally
