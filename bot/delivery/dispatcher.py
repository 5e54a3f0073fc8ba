"""Takes due deliveries from the outbox, hands each to its platform's handler, records the outcome.

The outbox is the truth: a claim is committed before the send and the outcome after it, so a crash in between
leaves a delivery that is known to be uncertain, and an uncertain one is looked up before it is sent again.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.delivery.contract import DeliveryUnavailable, Handler, Limits, Message, SendOutcome, Sent, Unknown
from bot.delivery.lanes import LANES_IN, SLOW_AFTER_S, Lane, Lanes, Stay
from bot.delivery.messages import Shared, build_message
from bot.delivery.recording import Expired, Late, Outcome, record
from bot.delivery.retry import GIVE_UP_AFTER, USEFUL_FOR, overdue
from bot.delivery.together import Together
from bot.errors import StorageError
from bot.model import Catalog
from storage import deliveries
from storage.database import Database
from storage.deliveries import AlertRow, DeliveryRow

log = structlog.get_logger()

SEND_DEADLINE_S = 35.0
IDLE_WAIT_S = 1.0
#: While much is due: one look at the outbox takes what can be sent until the next, and a little more.
_CLAIM_GAP_S, _CLAIM_AHEAD_S = 0.1, 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Spans on the dispatcher's clock. ``lease`` is longer than the wait for an article and the slowest send with its
    look-up (``SEND_DEADLINE_S``); where many processes share a database it is also how long a dead one holds up a
    channel."""

    lease: timedelta = timedelta(seconds=45)
    useful: timedelta = USEFUL_FOR
    give_up: timedelta = GIVE_UP_AFTER


class Articles(Protocol):
    """Whoever looks for the article behind an alert."""

    async def ready(self, alert: AlertRow) -> None:
        """Wait until the article is stored, for a few seconds at most. Never raises."""
        ...


class Dispatcher:
    """One for the process. ``owner`` names the process in the leases it takes."""

    def __init__(
        self,
        database: Database,
        catalog: Catalog,
        *,
        owner: str,
        clock: Callable[[], datetime],
        patience: Patience | None = None,
        articles: Articles | None = None,
    ) -> None:
        self._patience = patience or Patience()
        self._database = database
        self._handlers: dict[str, Handler] = {}
        self._catalog = catalog
        self._owner = owner
        self._articles = articles
        self._clock = clock
        self._wake = asyncio.Event()
        self._building = Together(self._build)
        self._recording = Together(self._write_down)
        self._limits: dict[str, Limits] = {}
        self._lanes: defaultdict[str, Lanes] = defaultdict(Lanes)
        self._tasks: set[asyncio.Task[None]] = set()
        self._next_due: datetime | None = None
        self._claim_took_s = 0.0
        self.sent = 0

    def serve(self, handler: Handler, limits: Limits | None = None) -> None:
        """Send through this handler what is for its platform, from now on; no more than its ``limits`` let through."""
        self._handlers[handler.platform] = handler
        if limits is not None:
            self._limits[handler.platform] = limits
        self._wake.set()

    def withdraw(self, platform: str) -> None:
        """Leave this platform's deliveries in the outbox from now on."""
        self._handlers.pop(platform, None)
        self._limits.pop(platform, None)

    def wake(self) -> None:
        """Look at the outbox now: something was just put there."""
        self._wake.set()

    async def run(self, stop: asyncio.Event, *, drain_s: float = 8.0) -> None:
        """Dispatch until ``stop``, then wait for the sends under way, for at most ``drain_s`` seconds.

        A send that is cut off then is looked up in its channel's history before anything is sent again.
        """
        async with asyncio.TaskGroup() as sends:
            while not stop.is_set():
                self._wake.clear()  # before the look: what is put there after it wakes us
                started = await self._start_due(sends)
                if started:
                    await asyncio.sleep(max(_CLAIM_GAP_S, self._claim_took_s))
                else:
                    await self._idle(stop)
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=drain_s)
            for task in self._tasks:
                task.cancel()
        await self._release()

    async def drain(self) -> int:
        """Send what is due now and return how many went out; for one-shot commands."""
        before = self.sent
        while True:
            async with asyncio.TaskGroup() as sends:
                started = await self._start_due(sends)
            if not started:
                return self.sent - before

    async def _release(self) -> None:
        """Hand back what was claimed and has no outcome: the next process need not wait for the lease."""
        try:
            async with self._database.transaction() as tx:
                await deliveries.release(tx, owner=self._owner)
        except StorageError as exc:
            log.warning("claims_not_released", error=str(exc))

    async def _idle(self, stop: asyncio.Event) -> None:
        waits = [asyncio.ensure_future(self._wake.wait()), asyncio.ensure_future(stop.wait())]
        wait_s = IDLE_WAIT_S
        if self._next_due is not None and (left := (self._next_due - self._clock()).total_seconds()) > 0:
            wait_s = min(wait_s, left)
        for limits in self._limits.values():
            if (opens := limits.opens_in()) is not None:
                wait_s = min(wait_s, max(opens, _CLAIM_GAP_S))
        try:
            await asyncio.wait(waits, timeout=wait_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _start_due(self, sends: asyncio.TaskGroup) -> int:
        try:
            handlers, began = dict(self._handlers), time.monotonic()
            rows = await self._claim(handlers)
            self._claim_took_s = time.monotonic() - began  # among very many open ones it takes longer
        except StorageError as exc:
            log.warning("outbox_unreadable", error=str(exc))
            return 0
        for row, lane in rows:
            platform = row.channel.split(":", 1)[0]
            stay = self._lanes[platform].book(lane)
            task = sends.create_task(self._deliver(row, stay, handlers[platform]))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return len(rows)

    async def _claim(self, platforms: Iterable[str]) -> list[tuple[DeliveryRow, Lane]]:
        """Take what has a place and may be sent in the next moment."""
        taken: list[tuple[DeliveryRow, Lane]] = []
        free = {platform: may for platform in platforms if (may := self._may_send(platform)) > 0}
        if not free:
            return taken
        now = self._clock()
        async with self._database.reading() as conn:
            due = self._next_due = await deliveries.next_due(conn, platforms=list(free))
        if due is None or due > now:
            return taken  # the usual case costs one read and no write
        async with self._database.transaction() as tx:
            await deliveries.fold_digests(tx, now=now)
            for platform, may in free.items():
                limits, lanes = self._limits.get(platform), self._lanes[platform]
                resting = limits.resting(ahead_s=_CLAIM_AHEAD_S) if limits else []
                for lane in LANES_IN:
                    room = min(lanes.room(lane), may)
                    if room <= 0:
                        continue
                    rows = await deliveries.claim(
                        tx,
                        now=now,
                        owner=self._owner,
                        lease=self._patience.lease,
                        limit=room,
                        platforms=[platform],
                        uncertain=lane == "uncertain",
                        resting=resting,
                    )
                    taken += [(row, lane) for row in rows]
                    may -= len(rows)
        return taken

    def _may_send(self, platform: str) -> int:
        """How many more sends this platform takes in the next moment."""
        lanes, limits = self._lanes[platform], self._limits.get(platform)
        places = sum(lanes.room(lane) for lane in LANES_IN)
        return places if limits is None else min(places, limits.room(ahead_s=_CLAIM_AHEAD_S) - lanes.booked)

    async def _deliver(self, row: DeliveryRow, stay: Stay, handler: Handler) -> None:
        """Send one claimed delivery and record what became of it. Never raises: a failure here is one delivery's."""
        try:
            outcome = await self._outcome(row, stay, handler)
            await self._record(row, outcome)
        except StorageError as exc:
            log.warning("delivery_not_recorded", delivery=row.id, error=str(exc))
        except Exception:
            log.exception("delivery_crashed", delivery=row.id, channel=row.channel)
            await self._put_back_after_bug(row)
        finally:
            stay.leave()
            self._wake.set()

    async def _put_back_after_bug(self, row: DeliveryRow) -> None:
        try:
            await self._record(row, Unknown(reason="internal error"))
        except StorageError as exc:
            log.warning("delivery_not_recorded", delivery=row.id, error=str(exc))

    async def _outcome(self, row: DeliveryRow, stay: Stay, handler: Handler) -> Outcome:
        now = self._clock()
        if overdue(row, now) > self._patience.give_up:
            doubt = "it may have been told, its channel's history cannot be read"
            return Expired(reason=f"given up: {doubt if row.ambiguous else row.last_error}")
        late = None
        if row.kind == "alert" and overdue(row, now) > self._patience.useful:
            late = Late(before=now - self._patience.useful)
            if not row.ambiguous:
                return late
        if self._articles is not None and row.alert is not None:
            await self._articles.ready(
                row.alert
            )  # counted from the alert's beginning: a queue adds nothing to it
        message = await self._building.do(row)
        stay.begin()
        slow = asyncio.get_running_loop().call_later(SLOW_AFTER_S, self._is_slow, stay)
        try:
            async with asyncio.timeout(SEND_DEADLINE_S):
                if row.ambiguous and (found := await self._found(row, handler, message)) is not None:
                    return found
                return late or await handler.send(message)
        except TimeoutError:
            return Unknown(reason=f"no answer within {SEND_DEADLINE_S:.0f} s")
        finally:
            slow.cancel()

    def _is_slow(self, stay: Stay) -> None:
        stay.slow_down()
        self._wake.set()  # there is a place again

    async def _found(self, row: DeliveryRow, handler: Handler, message: Message) -> SendOutcome | None:
        """What the channel's history says of an uncertain send; None when it is not there."""
        try:
            found = await handler.find_sent(message, since=row.first_tried or row.created)
        except DeliveryUnavailable as exc:
            return Unknown(reason=str(exc))
        if found is not None:
            log.info("delivery_found_in_history", delivery=row.id, channel=row.channel)
        return found

    async def _build(self, rows: Sequence[DeliveryRow]) -> list[Message]:
        shared = Shared()
        async with self._database.reading() as conn:
            return [await build_message(conn, row, self._catalog, shared) for row in rows]

    async def _write_down(self, told: Sequence[tuple[DeliveryRow, Outcome]]) -> list[None]:
        async with self._database.transaction() as tx:
            for row, outcome in told:
                await record(tx, row, outcome, now=self._clock())
        return [None] * len(told)

    async def _record(self, row: DeliveryRow, outcome: Outcome) -> None:
        await self._recording.do((row, outcome))
        self.sent += isinstance(outcome, Sent)
        log.info(
            "delivery_recorded", delivery=row.id, channel=row.channel, outcome=type(outcome).__name__.lower(),
            reason=getattr(outcome, "reason", ""),
        )  # fmt: skip
