"""Keeps subscriptions at hubs (WebSub, W3C Recommendation of 2018): asks, renews, ends them. What hubs send is taken
in ``bot.flow.websub_inbox``.

The poll goes on beside it, so nothing here can lose an item: a hub that fails only costs the head start.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import structlog

from bot.errors import SourceError, SourceUnavailable, StorageError
from bot.flow.poll import Read
from bot.flow.websub_rules import LEASE, next_ask, pushes
from bot.intake.fetch import Fetched, Fetcher
from bot.intake.sources.registry import request_for
from bot.intake.sources.websub_links import push_links
from bot.model import SourceId
from storage import sources, websub
from storage.database import Connection, Database, get_note, set_note
from storage.sources import SourceState
from storage.websub import HubState, HubSubscription

log = structlog.get_logger()

#: A feed that names another hub or another self at every change is followed only this often.
_LEAST_CHANGE = timedelta(hours=1)
#: The table is looked at this often without a reason too: sources may have been removed.
_LOOK_S, _LEAST_LOOK_S = 15.0, 0.2
#: Requests to hubs at once, and those of one look.
_AT_ONCE, _PER_LOOK = 8, 64
_NOTE = "websub_public_url"
#: States in which the hub may hold the subscription, so that it must be told when it ends.
_AT_HUB = frozenset({HubState.ASKED, HubState.ACTIVE})

Done = TypeVar("Done")


@dataclass(slots=True)
class _Tries:
    """Requests of one subscription that came to nothing yet. ``not_before``: the hub's own wish."""

    count: int = 0
    not_before: datetime | None = None


class HubKeeper:
    """One for the process; several on one database do not ask twice. ``public_url``: where the web server is reached
    from outside, without a slash at its end."""

    def __init__(
        self, database: Database, fetcher: Fetcher, *, public_url: str, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._fetcher = fetcher
        self._public_url = public_url
        self._clock = clock
        self._changed = asyncio.Event()
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._offers: dict[SourceId, tuple[str, str]] = {}  # hub and topic, as the newest document names them
        self._known: dict[SourceId, tuple[str, str]] = {}
        self._moved: dict[SourceId, datetime] = {}
        self._tries: dict[SourceId, _Tries] = {}

    def note(self, reads: Sequence[Read]) -> None:
        """Hear what saved polls say of hubs. Cheap; it is acted on later."""
        for read in reads:
            if read.hub and pushes(read.state):
                self._offer(read.state.source.id, read.hub, read.self_url)

    def _offer(self, source: SourceId, hub: str, topic_url: str) -> None:
        if self._known.get(source) != (hub, topic_url):
            self._offers[source] = (hub, topic_url)
            self.wake()

    def wake(self) -> None:
        """Look at the table now: a hub has answered."""
        self._changed.set()

    async def run(self) -> None:
        """Until cancelled. A database that is away is waited for."""
        await _patiently(self._begin)
        async with asyncio.TaskGroup() as group:
            group.create_task(_patiently(self._discover))
            while True:
                self._changed.clear()
                wait_s = await _patiently(self._look)
                with suppress(TimeoutError):
                    async with asyncio.timeout(wait_s):
                        await self._changed.wait()

    async def _begin(self) -> None:
        """Start from what the last run left. What was pushed meanwhile is polled; another public address makes every
        callback a new one."""
        async with self._database.transaction() as tx:
            held = await websub.every(tx)
            if await get_note(tx, _NOTE) != self._public_url:
                for each in held:
                    await self._want(tx, each.source_id, each.hub, each.topic_url)
                await set_note(tx, _NOTE, self._public_url)
            active = [each.source_id for each in held if each.state is HubState.ACTIVE]
            await sources.hasten(tx, active, now=self._clock(), healthy_only=True)

    async def _discover(self) -> None:
        """Read once those that were read before hubs were asked: their documents may not change for long, and an
        unchanged one is not looked at."""
        async with self._database.reading() as conn:
            held = {each.source_id for each in await websub.every(conn)}
            known = [state for state in await sources.pushed(conn) if pushes(state) and state.oks]
        async with asyncio.TaskGroup() as group:
            for state in known:
                if state.source.id not in held:
                    group.create_task(self._look_up(state))

    async def _look_up(self, state: SourceState) -> None:
        url, accept = request_for(state.source)
        async with self._slots:
            try:
                answer = await self._fetcher.fetch(
                    state.current_url or url, accept=accept, public_only=state.source.user_given
                )
            except SourceError as exc:
                log.info("hub_not_found", source=state.source.id, error=str(exc))
                return
        if isinstance(answer, Fetched):
            hub, topic_url = push_links(answer.body, link_header=answer.link, url=answer.url)
            if hub:
                self._offer(state.source.id, hub, topic_url)

    async def _look(self) -> float:
        """Do what is due; gives the seconds until something is due again."""
        async with self._database.reading() as conn:
            held = await websub.every(conn)
        self._settle(held)
        new = [source for source in self._offers if source not in self._known]
        if new:
            async with self._database.transaction() as tx:
                for source in new:
                    await self._want(tx, source, *self._offers[source])
            for source in new:
                self._offers.pop(source, None)
            return 0.0
        now = self._clock()
        due = [each for each in held if not self._stays(each, now) or self._due(each) <= now]
        due = sorted(due, key=self._due)[:_PER_LOOK]
        async with asyncio.TaskGroup() as group:
            for each in due:
                group.create_task(self._act(each, now))
        soonest = min((self._due(each) for each in held if each not in due), default=None)
        wait_s = _LOOK_S if soonest is None else (soonest - self._clock()).total_seconds()
        return min(max(wait_s, _LEAST_LOOK_S), _LOOK_S) if not due else _LEAST_LOOK_S

    def _settle(self, held: Sequence[HubSubscription]) -> None:
        """Let go of what has come true."""
        self._known = {each.source_id: (each.hub, each.topic_url) for each in held}
        for source in [source for source, offer in self._offers.items() if self._known.get(source) == offer]:
            del self._offers[source]
        for each in held:
            if each.state is HubState.ACTIVE and not each.error:
                self._tries.pop(each.source_id, None)

    def _due(self, each: HubSubscription) -> datetime:
        tries = self._tries.get(each.source_id, _Tries())
        due = next_ask(each, tries=tries.count)
        return max(due, tries.not_before) if tries.not_before else due

    def _stays(self, each: HubSubscription, now: datetime) -> bool:
        """Whether it is still what its source wants, or was ended already."""
        if each.state is HubState.LEAVING:
            return True
        moved = self._moved.get(each.source_id)
        settled = moved is not None and now - moved < _LEAST_CHANGE
        return each.wanted and (each.source_id not in self._offers or settled)

    async def _act(self, each: HubSubscription, now: datetime) -> None:
        async with self._slots:
            try:
                if not self._stays(each, now):
                    await self._leave(each)
                elif each.state is HubState.LEAVING:
                    await self._forget(each)
                else:
                    await self._subscribe(each, now)
            except StorageError as exc:
                log.warning("websub_not_saved", source=each.source_id, error=str(exc))
            except Exception:  # one hub may not end the others
                log.exception("hub_request_crashed", source=each.source_id)

    async def _subscribe(self, each: HubSubscription, now: datetime) -> None:
        runs = each.state is HubState.ACTIVE and each.lease_until is not None and each.lease_until > now
        async with self._database.transaction() as tx:
            if not await websub.claim(tx, each, HubState.ACTIVE if runs else HubState.ASKED, now=now):
                return
        tries = self._tries.setdefault(each.source_id, _Tries())
        tries.count += 1
        tries.not_before = None
        try:
            # The secret goes out on plain http too, though the Recommendation (5.1) would rather not: who can read
            # it there can read the callback's address as well, and without it any sender would be believed.
            await self._ask(
                each,
                "subscribe",
                {"hub.secret": each.secret, "hub.lease_seconds": f"{LEASE.total_seconds():.0f}"},
            )
        except SourceError as exc:
            pause = exc.retry_after if isinstance(exc, SourceUnavailable) else None
            tries.not_before = self._clock() + pause if pause else None
            log.info("hub_failed", source=each.source_id, error=str(exc))
            async with self._database.transaction() as tx:
                await websub.fail(tx, each.token, str(exc))

    async def _leave(self, each: HubSubscription) -> None:
        if each.source_id in self._offers:
            self._moved[each.source_id] = self._clock()
        if each.state not in _AT_HUB:
            await self._forget(each)
            return
        async with self._database.transaction() as tx:
            if not await websub.claim(tx, each, HubState.LEAVING, now=self._clock()):
                return
        try:
            await self._ask(each, "unsubscribe", {})
        except SourceError as exc:  # then the lease ends it
            log.info("hub_failed", source=each.source_id, error=str(exc))
            await self._forget(each)

    async def _forget(self, each: HubSubscription) -> None:
        self._tries.pop(each.source_id, None)
        async with self._database.transaction() as tx:
            await websub.forget(tx, each.token)

    async def _ask(self, each: HubSubscription, mode: str, more: dict[str, str]) -> None:
        """Raises ``SourceError``."""
        fields = {
            "hub.mode": mode,
            "hub.topic": each.topic_url,
            "hub.callback": f"{self._public_url}/websub/{each.token}",
            **more,
        }
        await self._fetcher.post_form(each.hub, fields, public_only=each.public_only)
        log.info("hub_asked", source=each.source_id, mode=mode)

    async def _want(self, tx: Connection, source: SourceId, hub: str, topic_url: str) -> None:
        await websub.want(
            tx, source, hub=hub, topic_url=topic_url, token=secrets.token_urlsafe(32),
            secret=secrets.token_urlsafe(48), now=self._clock(),
        )  # fmt: skip


async def _patiently(step: Callable[[], Awaitable[Done]]) -> Done:
    """Do a step, again and again while the database does not take it."""
    while True:
        try:
            return await step()
        except StorageError as exc:
            log.warning("websub_not_saved", again_in_s=_LOOK_S, error=str(exc))
            await asyncio.sleep(_LOOK_S)
