"""Keeps the streams open beside the polls: one task each, reconnecting; the poll is the net under them.

Whenever a stream stands (again), its sources are polled once, so that what it missed is found; what both bring is
told once, because the desk knows it by its id.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import structlog
from pydantic import SecretStr

from bot.errors import AddressRefused, SourceError, SourceRejected, SourceUnavailable, StorageError
from bot.flow.listen_jetstream import JetstreamListener
from bot.flow.listen_mastodon import MastodonListener
from bot.flow.listening import Intake, Listener
from bot.flow.poll import Read
from bot.intake.fetch import Fetcher
from bot.intake.streams import jetstream
from bot.intake.streams.connect import Connector
from bot.intake.streams.jetstream import Account, Search
from bot.model import Source, SourceId, SourceKind, SourceMode
from storage import sources
from storage.database import Database
from storage.sources import SourceState

log = structlog.get_logger()

#: Connections at once; sources beyond are only polled.
_MOST_STREAMS = 64
#: How often the sources are looked at for new, changed and stopped ones.
_LOOK_AGAIN_S = 30.0
_FIRST_WAIT_S, _LONGEST_WAIT_S = 1.0, 300.0
#: A stream that stood for so long starts again with the shortest wait.
_STOOD_S = 60.0
#: A server that refuses us will not change its mind soon.
_REFUSED_WAIT_S = 3600.0
_BRIEFLY = frozenset({408, 425, 429})
#: How long the end of a poll that was already under way is waited for.
_UNDER_WAY_S, _UNDER_WAY_STEP_S = 90.0, 2.0
#: What these answered to a poll asks for a pause, which a new stream does not end.
_PAUSED = frozenset({429, 503})


Key = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamState:
    """How a source's stream is doing, since when. ``why``: the reason while it is not ``up``."""

    up: bool
    since: datetime
    why: str = ""


def reconnect_wait_s(failures: int, rng: random.Random) -> float:
    """Seconds before the next try after the ``failures``-th failure in a row (from 1): doubled each time up to five
    minutes, half of it left to chance so that many clients do not come back together."""
    longest = min(_FIRST_WAIT_S * 2.0 ** min(failures - 1, 20), _LONGEST_WAIT_S)
    return longest * rng.uniform(0.5, 1.0)


def _wait_s(error: SourceError, failures: int, rng: random.Random) -> float:
    wait_s = reconnect_wait_s(failures, rng)
    if _is_refusal(error):
        wait_s = _REFUSED_WAIT_S * rng.uniform(0.9, 1.1)
    if isinstance(error, SourceUnavailable) and error.retry_after is not None:
        wait_s = max(wait_s, error.retry_after.total_seconds())
    return wait_s


def _is_refusal(error: SourceError) -> bool:
    refused = error.status is not None and 300 <= error.status < 500 and error.status not in _BRIEFLY
    return refused or isinstance(error, AddressRefused)


def streams_of(states: Iterable[SourceState]) -> dict[Key, tuple[SourceState, ...]]:
    """Which sources share a connection. (Other kinds are pushed by WebSub, which keeps no connection open.)"""
    found: dict[Key, tuple[SourceState, ...]] = {}
    for state in states:
        source = state.source
        if source.mode is not SourceMode.STREAM or state.stopped:
            continue
        key: Key
        if source.kind is SourceKind.MASTODON:
            key = ("mastodon", source.id)
        elif source.kind is SourceKind.BLUESKY:
            key = ("jetstream", source.stream, "public only" if source.user_given else "")
        else:
            continue
        found[key] = (*found.get(key, ()), state)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Running:
    sources: tuple[Source, ...]
    task: "asyncio.Task[None]"


class Streams:
    """One for the process. ``tokens``: Mastodon access tokens by the instance's host, lower case."""

    def __init__(
        self,
        database: Database,
        fetcher: Fetcher,
        connector: Connector,
        offer: Callable[[Read], Awaitable[None]],
        *,
        clock: Callable[[], datetime],
        tokens: Mapping[str, SecretStr] | None = None,
        rng: random.Random | None = None,
    ) -> None:
        self._database = database
        self._intake = Intake(connector=connector, fetcher=fetcher, offer=offer, clock=clock)
        self._clock = clock
        self._tokens = tokens or {}
        self._rng = rng or random.Random()  # noqa: S311 - spreads reconnections, keeps no secret
        self._states: dict[SourceId, StreamState] = {}
        self._running: dict[Key, _Running] = {}
        self._warned: dict[SourceId, str] = {}  # what was said aloud last: each reason is, once

    def states(self) -> Mapping[SourceId, StreamState]:
        """How each source that asks for a stream is doing."""
        return dict(self._states)

    async def run(self, stop: asyncio.Event) -> None:
        """Keep the streams of all sources open until ``stop``. A failure of one never ends another."""
        async with asyncio.TaskGroup() as group:
            main = group.create_task(self._look_after(group))
            await stop.wait()
            main.cancel()
            for running in self._running.values():
                running.task.cancel()

    async def _look_after(self, group: asyncio.TaskGroup) -> None:
        """Start, end and restart streams as sources come, go and change."""
        while True:
            try:
                async with self._database.reading() as conn:
                    wished = streams_of(await sources.pushed(conn))
            except StorageError as exc:
                log.warning("stream_sources_unreadable", error=str(exc))
            else:
                self._adjust(wished, group)
            await asyncio.sleep(_LOOK_AGAIN_S)

    def _adjust(self, wished: Mapping[Key, tuple[SourceState, ...]], group: asyncio.TaskGroup) -> None:
        known = {state.source.id for states in wished.values() for state in states}
        self._states = {source: state for source, state in self._states.items() if source in known}
        self._warned = {source: why for source, why in self._warned.items() if source in known}
        for key, running in list(self._running.items()):
            if running.sources != tuple(state.source for state in wished.get(key, ())):
                running.task.cancel()
                del self._running[key]
        for key, states in wished.items():
            if key in self._running:
                continue
            if len(self._running) >= _MOST_STREAMS:
                for state in states:
                    self.left_to_poll(state.source.id, f"only {_MOST_STREAMS} streams are kept open")
                continue
            self._running[key] = _Running(
                sources=tuple(state.source for state in states),
                task=group.create_task(self._keep(key, states)),
            )

    def _listener(self, states: Sequence[SourceState]) -> Listener | None:
        """What listens for these sources; None when none of them can be listened for."""
        first = states[0].source
        if first.kind is SourceKind.MASTODON:
            token = self._tokens.get((urlsplit(first.url).hostname or "").lower())
            return MastodonListener(
                states[0], self._intake, token=token.get_secret_value() if token is not None else ""
            )
        wanted: list[tuple[SourceState, Search | Account]] = []
        for state in states:
            try:
                wanted.append((state, jetstream.wanted(state.source)))
            except SourceRejected as exc:
                self.left_to_poll(state.source.id, str(exc))
        if not wanted:
            return None
        return JetstreamListener(wanted, self._intake, address=first.stream, public_only=first.user_given)

    async def _keep(self, key: Key, states: Sequence[SourceState]) -> None:
        """Listen, and listen again after each failure, until cancelled or refused for good. Never raises."""
        listener = self._listener(states)
        if listener is None:
            return
        failures = 0
        async with asyncio.TaskGroup() as filling:
            while True:
                report = _Report(self, filling)
                error = await self._listened(listener, report)
                if isinstance(error, SourceRejected):
                    for state in listener.sources:
                        self.left_to_poll(state.source.id, str(error))
                    return
                failures = 1 if report.stood_s() >= _STOOD_S else failures + 1
                wait_s = _wait_s(error, failures, self._rng)
                self._down(listener, error, wait_s)
                await asyncio.sleep(wait_s)

    async def _listened(self, listener: Listener, report: "_Report") -> SourceError:
        """Why the connection ended."""
        try:
            await listener.listen(report)
        except SourceError as exc:
            return exc
        except Exception as exc:  # a bug met on one stream must not end the others
            log.exception("stream_crashed", stream=listener.place)
            return SourceUnavailable(f"internal error: {type(exc).__name__}")

    def _down(self, listener: Listener, error: SourceError, wait_s: float) -> None:
        why = str(error) or type(error).__name__
        log.info("stream_down", stream=listener.place, why=why, again_in_s=round(wait_s), meanwhile="polled")
        for state in listener.sources:
            if _is_refusal(error):
                self.left_to_poll(state.source.id, why)
            else:
                self._note_down(state.source.id, why)

    def left_to_poll(self, source: SourceId, why: str) -> None:
        """For the operator to mend, so it is said aloud."""
        if self._warned.get(source) != why:
            self._warned[source] = why
            log.warning("stream_left_to_poll", source=source, why=why)
        self._note_down(source, why)

    def _note_down(self, source: SourceId, why: str) -> None:
        before = self._states.get(source)
        since = before.since if before is not None and not before.up else self._clock()
        self._states[source] = StreamState(up=False, since=since, why=why)

    def stands(self, ids: Sequence[SourceId]) -> None:
        for source in ids:
            self._states[source] = StreamState(up=True, since=self._clock())
        log.info("stream_up", sources=list(ids))

    async def fill_gap(self, ids: Sequence[SourceId]) -> None:
        """Have these polled now. One whose poll was already under way, and so may have missed what came between its
        answer and the stream, is polled once more after it. Never raises."""
        deadline = asyncio.get_running_loop().time() + _UNDER_WAY_S
        try:
            asked = self._clock()
            async with self._database.reading() as conn:
                before = await sources.of_ids(conn, ids)
            await self._hasten([state for state in before if not _is_paused(state, asked)], asked)
            under_way = [state.source.id for state in before if state.next_poll <= asked]
            while under_way and asyncio.get_running_loop().time() < deadline:
                await asyncio.sleep(_UNDER_WAY_STEP_S)
                async with self._database.reading() as conn:
                    now = await sources.of_ids(conn, under_way)
                ended = [state for state in now if state.last_poll is not None and state.last_poll > asked]
                await self._hasten([state for state in ended if not state.failures], self._clock())
                under_way = [source for source in under_way if source not in {e.source.id for e in ended}]
        except StorageError as exc:
            log.warning("stream_gap_not_filled", sources=list(ids), error=str(exc))

    async def _hasten(self, states: Sequence[SourceState], now: datetime) -> None:
        if states:
            async with self._database.transaction() as tx:
                await sources.hasten(tx, [state.source.id for state in states], now=now)


def _is_paused(state: SourceState, now: datetime) -> bool:
    return state.failures > 0 and state.last_status in _PAUSED and state.next_poll > now


class _Report:
    """What one connection says of its sources; see ``bot.flow.listening.Reporter``."""

    def __init__(self, streams: Streams, filling: asyncio.TaskGroup) -> None:
        self._streams = streams
        self._filling = filling
        self._up_at: float | None = None

    def up(self, sources: Sequence[SourceId]) -> None:
        self._up_at = self._up_at or asyncio.get_running_loop().time()
        self._streams.stands(sources)
        self._filling.create_task(self._streams.fill_gap(sources))

    def left_to_poll(self, source: SourceId, why: str) -> None:
        self._streams.left_to_poll(source, why)

    def stood_s(self) -> float:
        """How long the stream stood."""
        return 0.0 if self._up_at is None else asyncio.get_running_loop().time() - self._up_at
