"""Publishes what was told in announcement channels, in a lane of its own: no alert ever waits for it.

Discord lets a channel publish ten messages an hour and then asks to wait for the rest of it
(https://support.discord.com/hc/en-us/articles/360047214751); what is older than ``TOO_LATE`` is left as it is.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from bot.delivery.gate import SlowDown
from bot.errors import StorageError
from handlers.discord.api import NETWORK_ERRORS, Api, Refused, cause
from storage import publishing as stored
from storage.database import Database
from storage.publishing import Ended, Unpublished

log = structlog.get_logger()

AN_HOUR, MOST_AN_HOUR = timedelta(hours=1), 10
TOO_LATE = timedelta(hours=6)
_CROSSPOST = "POST /channels/{channel_id}/messages/{message_id}/crosspost"
_ALREADY_PUBLISHED = 40033
_LOOK_EVERY_S, _SHORTEST_WAIT_S = 60.0, 0.2
#: What was told may be recorded later than that, where a machine is busy.
_LOOKS_AFTER_WAKING_S = (1.0, 5.0)
_TIMEOUT_S = 15.0
_AFTER_FAILURE = timedelta(minutes=1)


class Publisher:
    """One for the process. The outbox keeps what waits, so a restart loses nothing."""

    def __init__(self, database: Database, api: Api, *, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._api = api
        self._clock = clock
        self._told = asyncio.Event()

    def wake(self) -> None:
        """Something was told where it is published."""
        self._told.set()

    async def run(self) -> None:
        """Until cancelled."""
        looks: list[float] = []  # the next ones, sooner than there is reason to
        while True:
            self._told.clear()
            try:
                wait = await self._round()
            except StorageError as exc:
                log.warning("publishing_unreadable", error=str(exc))
                wait = _LOOK_EVERY_S
            if looks:
                wait = min(wait, looks.pop(0))
            try:
                async with asyncio.timeout(max(wait, _SHORTEST_WAIT_S)):
                    await self._told.wait()
                await asyncio.sleep(_SHORTEST_WAIT_S)  # until its outcome is recorded
                looks = list(_LOOKS_AFTER_WAKING_S)
            except TimeoutError:
                pass

    async def _round(self) -> float:
        """Publish what may be published now; seconds until there is more."""
        now = self._clock()
        async with self._database.reading() as conn:
            waiting = await stored.unpublished(conn, told_since=now - 2 * TOO_LATE)
            done = await stored.published_since(conn, now - AN_HOUR) if waiting else {}
        soonest = now + timedelta(seconds=_LOOK_EVERY_S)
        for row in waiting:
            recent = done.setdefault(row.channel, [])
            due = max(row.due, recent[-MOST_AN_HOUR] + AN_HOUR) if len(recent) >= MOST_AN_HOUR else row.due
            if now - row.told > TOO_LATE:
                await self._record(row, "failed", "it waited too long")
            elif due > now:
                soonest = min(soonest, due)
            elif await self._publish(row):
                recent.append(now)
            else:
                soonest = min(soonest, now + _AFTER_FAILURE)
        return (soonest - self._clock()).total_seconds()

    async def _publish(self, row: Unpublished) -> bool:
        channel = int(row.channel.partition(":")[2])
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                await self._api.request(_CROSSPOST, channel_id=channel, message_id=int(row.message_id))
        except Refused as exc:
            if exc.code == _ALREADY_PUBLISHED:
                await self._record(row, "done")
                return True
            if exc.status in (401, 429) or exc.status >= 500:
                await self._wait(row, exc.retry_after_s)
            else:
                await self._record(row, "failed", str(exc))
            return False
        except SlowDown as exc:
            await self._wait(row, exc.after_s)
            return False
        except NETWORK_ERRORS as exc:
            log.info("not_published_yet", delivery=row.delivery, error=cause(exc))
            await self._wait(row, None)  # to publish twice does no harm: Discord says that it is done
            return False
        await self._record(row, "done")
        return True

    async def _wait(self, row: Unpublished, after_s: float | None) -> None:
        again = self._clock() + (_AFTER_FAILURE if after_s is None else timedelta(seconds=after_s))
        async with self._database.transaction() as tx:
            await stored.record(tx, row.delivery, "waiting", at=again)

    async def _record(self, row: Unpublished, state: Ended, reason: str = "") -> None:
        async with self._database.transaction() as tx:
            await stored.record(tx, row.delivery, state, at=self._clock())
        log.info("publishing_ended", delivery=row.delivery, channel=row.channel, state=state, reason=reason)
