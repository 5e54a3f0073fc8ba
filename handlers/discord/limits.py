"""What Discord lets a bot send, and how its answers change that.

From https://docs.discord.com/developers/topics/rate-limits: 50 requests a second for each bot over all routes, answers
to interactions apart; for each route and channel a bucket that the ``X-RateLimit-*`` headers describe (they are not to
be hard-coded); 10,000 refused requests (401, 403, 429 but for those of scope ``shared``) in ten minutes get the address
shut out. How the 50 are counted is not said, so they are kept to in every way of counting.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any
from weakref import WeakValueDictionary

from bot.delivery.gate import Gate, SlowDown
from bot.delivery.pacing import Budget, Refusals, Rests, Ticket
from bot.model import ChannelKey

GLOBAL_LIMIT, GLOBAL_SPAN_S, BURST = 50, 1.0, 10
#: Half of what gets the address shut out; then Tipoff is silent until they are ten minutes old.
REFUSALS, REFUSALS_SPAN_S = 5_000, 600.0
#: With a refused token every request is refused.
AFTER_BAD_LOGIN_S = 600.0
#: The route that alerts take; the only one whose buckets the dispatcher is told of.
CREATE_MESSAGE = "POST /channels/{channel_id}/messages"
#: Longer waits are the outbox's: it survives a restart, and a place is free meanwhile.
_LONGEST_TURN_S = 5.0
_REST_AFTER_429_S = 1.0


class DiscordLimits:
    """See ``bot.delivery.contract.Limits``. One for each bot token in the process."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._gate = Gate(Budget(GLOBAL_LIMIT, GLOBAL_SPAN_S, burst=BURST), clock=clock)
        self._buckets: dict[str, str] = {}  # by route: the name that Discord gives to its limit
        self._rests: Rests[tuple[str, int]] = Rests()
        self._locks: WeakValueDictionary[tuple[str, int], asyncio.Lock] = WeakValueDictionary()
        self._refusals = Refusals(REFUSALS, REFUSALS_SPAN_S)

    def room(self, *, ahead_s: float) -> int:
        return self._gate.room(ahead_s=ahead_s)

    def resting(self, *, ahead_s: float) -> list[ChannelKey]:
        bucket = self._bucket(CREATE_MESSAGE)
        return [
            ChannelKey(f"discord:{channel}")
            for name, channel in self._rests.resting(self._clock() + ahead_s)
            if name == bucket
        ]

    def opens_in(self) -> float | None:
        now = self._clock()
        ends = self._rests.next_end(now)
        waits = [wait for wait in (self._gate.opens_in(), (ends or now) - now) if wait > 0]
        return min(waits, default=None)

    @asynccontextmanager
    async def turn(self, route: str, channel: int) -> AsyncIterator[Ticket]:
        """Around one request, ``learn`` included: waits until it may be sent, for a moment at most. One at a time for
        each route and channel: how many are left is known when the one before is answered. The ticket may go to
        ``end`` as soon as the answer begins. Raises ``SlowDown``."""
        lock = self._locks.setdefault((route, channel), asyncio.Lock())
        async with lock:
            while (rest := self._rests.until((self._bucket(route), channel)) - self._clock()) > 0:
                if rest > _LONGEST_TURN_S:
                    raise SlowDown(rest)
                await asyncio.sleep(rest)
            ticket = await self._gate.turn(within_s=_LONGEST_TURN_S)
            try:
                yield ticket
            finally:
                self._gate.end(ticket)

    async def let_pass(self, path: str) -> Ticket:
        """A request that discord.py makes. It passes before all sends, and is not held for long: discord.py obeys a 429
        itself. Answers to interactions are free by the documents, though not always
        (https://github.com/discord/discord-api-docs/issues/5800): they wait for nothing, but are counted."""
        if "/interactions/" not in path and "/webhooks/" not in path:
            with contextlib.suppress(SlowDown):
                return await self._gate.turn(urgent=True, within_s=2 * GLOBAL_SPAN_S)
        return self._gate.count()

    def end(self, ticket: Ticket) -> None:
        """It was answered, or never will be."""
        self._gate.end(ticket)

    def learn(self, route: str, channel: int, status: int, headers: Mapping[str, str], body: Any) -> None:
        """Take from an answer what it says of the limits. ``body``: parsed, or text when it was no JSON."""
        now = self._clock()
        if name := headers.get("X-RateLimit-Bucket"):
            self._buckets[route] = name
        key = (self._bucket(route), channel)
        if status == 429:
            wait = retry_after(headers, body)
            if _is_global(headers, body):
                self._gate.pause(wait)
            else:
                self._rests.rest(key, now + wait, now=now)
        elif headers.get("X-RateLimit-Remaining") == "0":
            # Counted from when the answer was written, which is a little ago: the safe side.
            left = _seconds(headers.get("X-RateLimit-Reset-After")) or 0.0
            self._rests.rest(key, now + left, now=now)
        if status == 401:
            self._gate.pause(AFTER_BAD_LOGIN_S)
        if status in (401, 403) or (status == 429 and headers.get("X-RateLimit-Scope") != "shared"):
            silent_until = self._refusals.note(now)
            if silent_until is not None:
                self._gate.pause(silent_until - now)

    def _bucket(self, route: str) -> str:
        return self._buckets.get(route, route)


def retry_after(headers: Mapping[str, str], body: Any) -> float:
    """Seconds to wait after a 429. The body's figure is the finer one."""
    said = _seconds(body.get("retry_after")) if isinstance(body, dict) else None
    return said or _seconds(headers.get("Retry-After")) or _REST_AFTER_429_S


def _is_global(headers: Mapping[str, str], body: Any) -> bool:
    """Whether a 429 is meant for the bot as a whole. One that is no JSON comes from in front of Discord's API, where
    addresses are shut out."""
    if not isinstance(body, dict):
        return True
    scope = headers.get("X-RateLimit-Scope")
    return scope == "global" or bool(body.get("global")) or "X-RateLimit-Global" in headers


def _seconds(value: Any) -> float | None:
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        return None
    return seconds if 0 <= seconds < float("inf") else None
