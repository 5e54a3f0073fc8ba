"""Tells people, once, which sources that they rely on cannot be read, and once when they can again."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

import structlog

from bot.delivery.planning import notice_dues
from bot.flow.health import FAILURES, FROZEN_AT_LEAST, Condition, condition
from bot.flow.intervals import AtMostEvery
from bot.model import ChannelKey, SourceId
from storage import deliveries, health, sources, subscriptions
from storage.database import Connection, Database
from storage.sources import SourceState

log = structlog.get_logger()

#: Looks are this far apart; each is one small query while all is well.
_LOOK_EVERY = timedelta(seconds=15)
#: Sources rarely fail alone: after a notice the next one waits, and then tells of all that came together.
_PAUSE = timedelta(minutes=10)
#: A source is told as back when it has been so for this long: one that comes and goes is told once.
_SETTLED = timedelta(seconds=30)
#: When more than this share of all sources fails, the fault is most likely here: everything failing is told in one.
_OUTAGE = 0.5
_NAMES = 8


class Watchman:
    """One for the process. ``look`` is called at every tick; what it found last time is in the database."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._looks = AtMostEvery(_LOOK_EVERY)
        self._told: datetime | None = None
        self._back_since: dict[SourceId, datetime] = {}

    async def look(self) -> int:
        """Put notices into the outbox where there is something to say; returns how many. Raises ``StorageError``."""
        now = self._clock()
        if not self._looks.begins(now):
            return 0
        silent_since = now - FROZEN_AT_LEAST
        async with self._database.reading() as conn:
            found = await health.suspects(conn, failures=FAILURES, silent_since=silent_since)
            bad = {s.source.id for s in found if condition(s, now) in (Condition.FAILING, Condition.FROZEN)}
            failing, read = await health.failing_share(conn) if bad else (0, 0)
            outage = failing > 1 and failing > read * _OUTAGE
            if outage:  # then all that fails does so for one cause, also what failed only once yet
                found = await health.suspects(conn, failures=1, silent_since=silent_since)
        lost = [
            state
            for state in found
            if state.announced is None and (state.source.id in bad or (outage and state.failures))
        ]
        back = self._back(found, bad, now)
        if self._told is not None and now - self._told < _PAUSE:
            lost = []
        if not lost and not back:
            return 0
        still_lost = [state for state in found if state.failures and state.announced]
        return await self._tell(lost, back, still_lost, now, outage=outage)

    def _back(self, found: Sequence[SourceState], bad: set[SourceId], now: datetime) -> list[SourceState]:
        """Announced sources that are well again and stayed so."""
        well = [
            state for state in found if state.announced and state.source.id not in bad and not state.failures
        ]
        self._back_since = {s.source.id: self._back_since.get(s.source.id, now) for s in well}
        return [state for state in well if now - self._back_since[state.source.id] >= _SETTLED]

    async def _tell(
        self,
        lost: Sequence[SourceState],
        back: Sequence[SourceState],
        still_lost: Sequence[SourceState],
        now: datetime,
        *,
        outage: bool,
    ) -> int:
        made = 0
        async with self._database.transaction() as tx:
            newly = await health.mark_announced(tx, [state.source.id for state in lost], now=now)
            again = await health.clear_announced(tx, [state.source.id for state in back])
            lost = [state for state in lost if state.source.id in newly]
            back = [state for state in back if state.source.id in again]
            made += await self._notify(tx, lost, now, kind="lost", outage=outage)
            made += await self._notify(tx, back, now, kind="back", outage=False)
            if back:  # whatever kept one away may have kept the others away: do not wait for their next try
                waiting = [s.source.id for s in (*still_lost, *lost) if s.failures]
                await sources.hasten(tx, waiting, now=now)
        if lost:
            self._told = now
        for state in lost:
            log.warning(
                "source_lost", source=state.source.id, failures=state.failures, error=state.last_error
            )
        for state in back:
            log.warning("source_back", source=state.source.id)
        return made

    async def _notify(
        self, tx: Connection, states: Sequence[SourceState], now: datetime, *, kind: str, outage: bool
    ) -> int:
        made = 0
        by_channel: dict[ChannelKey, tuple[datetime, list[SourceState]]] = {}
        for state in states:
            for channel, due in await self._relying(tx, state, now):
                by_channel.setdefault(channel, (due, []))[1].append(state)
        for channel, (due, of_channel) in by_channel.items():
            title, text = _lost(of_channel, now, outage=outage) if kind == "lost" else _back(of_channel, now)
            key = f"sources-{kind}:{now.isoformat()}"
            made += await deliveries.add_notice(tx, channel, title, text, now=now, due=due, key=key)
        return made

    @staticmethod
    async def _relying(
        tx: Connection, state: SourceState, now: datetime
    ) -> Iterable[tuple[ChannelKey, datetime]]:
        """The channels that are told of a topic of the source, and the one whose people gave it."""
        due = notice_dues(await subscriptions.of_topics(tx, state.source.topics), now)
        if state.given_by:
            due.setdefault(ChannelKey(state.given_by), now)
        return due.items()


def _lost(states: Sequence[SourceState], now: datetime, *, outage: bool) -> tuple[str, str]:
    count = len(states)
    title = f"{count} source{'s' * (count != 1)} of this channel cannot be relied on"
    if outage:
        title = "Most sources cannot be read: news may come late"
    lines = [f"{state.source.name}: {_trouble(state, now)}" for state in states[:_NAMES]]
    if count > _NAMES:
        lines.append(f"and {count - _NAMES} more (see sources)")
    return title, "\n".join([*lines, "Tipoff goes on trying, and says when they are back."])


def _trouble(state: SourceState, now: datetime) -> str:
    if condition(state, now) is Condition.FROZEN and state.last_new is not None:
        return f"answers, but has had nothing new since {state.last_new:%d %b}, far longer than usual"
    since = f"last read {state.last_ok:%d %b %H:%M} UTC" if state.last_ok else "never read"
    return f"{' '.join(state.last_error.split())[:200]}; {since}"


def _back(states: Sequence[SourceState], now: datetime) -> tuple[str, str]:
    count = len(states)
    names = ", ".join(state.source.name for state in states[:_NAMES])
    more = f" and {count - _NAMES} more" if count > _NAMES else ""
    return f"{count} source{'s' * (count != 1)} can be read again", f"{names}{more}"
