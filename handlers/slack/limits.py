"""What Slack lets an app send into a workspace, and how its answers change that.

From https://docs.slack.dev/reference/methods/chat.postMessage and https://docs.slack.dev/apis/web-api/rate-limits: one
message a second for each channel, several hundred a minute for each workspace, with bursts; reading histories is of
tier 3, 50 requests a minute. A 429 names the seconds after which the method may be called again in this workspace.
"Several hundred" is taken for 300, and bursts for 15: https://docs.slack.dev says no more, and people saw some 30 to 40
messages at once pass.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from bot.delivery.gate import Gate, SlowDown
from bot.delivery.pacing import Budget, Rests
from bot.model import ChannelKey

#: 15 in any 3 seconds are at most 300 in any minute.
POSTS, POSTS_SPAN_S = 15, 3.0
CHANNEL_REST_S = 1.0
#: 10 in any 12 seconds are at most 50 in any minute.
LOOKS, LOOKS_SPAN_S = 10, 12.0
#: Longer waits are the outbox's: it survives a restart, and a place is free meanwhile.
_LONGEST_TURN_S = 5.0
_LONGEST_LOOK_TURN_S = 15.0


class SlackLimits:
    """See ``bot.delivery.contract.Limits``. One for each workspace.

    Slack does not say whether a 429 is for the channel or for the workspace. The channel rests as long as was asked.
    Meanwhile the workspace is in doubt: one message at a time goes out. When one of another channel is refused as
    well, all wait; when one is taken, it was the channel.
    """

    def __init__(self, team: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._team = team
        self._clock = clock
        self._posts = Gate(Budget(POSTS, POSTS_SPAN_S, burst=POSTS), clock=clock)
        self._looks = Gate(Budget(LOOKS, LOOKS_SPAN_S, burst=LOOKS), clock=clock)
        self._rests: Rests[str] = Rests()
        self._suspect, self._doubt_since, self._doubt_until = "", 0.0, 0.0
        self._probing = asyncio.Lock()

    def room(self, *, ahead_s: float) -> int:
        room = self._posts.room(ahead_s=ahead_s)
        return min(room, int(not self._probing.locked())) if self._in_doubt() else room

    def resting(self, *, ahead_s: float) -> list[ChannelKey]:
        if not self.room(ahead_s=ahead_s):
            return [ChannelKey(f"slack:{self._team}/")]
        resting = self._rests.resting(self._clock() + ahead_s)
        return [ChannelKey(f"slack:{self._team}/{channel}") for channel in resting]

    def opens_in(self) -> float | None:
        now = self._clock()
        ends = self._rests.next_end(now)
        waits = [wait for wait in (self._posts.opens_in(), (ends or now) - now) if wait > 0]
        return min(waits, default=None)

    @asynccontextmanager
    async def post(self, channel: str) -> AsyncIterator[None]:
        """Around one chat.postMessage: waits for its turn, for a moment at most; what ends without an exception was
        taken. Raises ``SlowDown``."""
        while (rest := self._rests.until(channel) - self._clock()) > 0:
            if rest > _LONGEST_TURN_S:
                raise SlowDown(rest)
            await asyncio.sleep(rest)
        self._begin_rest(channel)
        async with AsyncExitStack() as stack:
            if self._in_doubt():
                await stack.enter_async_context(self._probing)
            ticket = await self._posts.turn(within_s=_LONGEST_TURN_S)
            self._begin_rest(channel)
            try:
                yield
            finally:
                self._posts.end(ticket)
                self._begin_rest(channel)  # counted there from its arrival, which is before the answer
            if channel != self._suspect and ticket.began > self._doubt_since:
                self._doubt_until = 0.0

    @asynccontextmanager
    async def look(self) -> AsyncIterator[None]:
        """Around one page of a history. Raises ``SlowDown``."""
        ticket = await self._looks.turn(within_s=_LONGEST_LOOK_TURN_S)
        try:
            yield
        finally:
            self._looks.end(ticket)

    def refused(self, channel: str, after_s: float | None) -> None:
        """A message of this channel was answered 429."""
        now, wait = self._clock(), after_s or CHANNEL_REST_S
        self._rests.rest(channel, now + wait, now=now)
        if wait <= CHANNEL_REST_S or (self._in_doubt() and channel != self._suspect):
            self._posts.pause(wait)
            self._doubt_until = 0.0
        else:
            self._suspect, self._doubt_since, self._doubt_until = channel, now, now + wait

    def look_refused(self, after_s: float | None) -> None:
        """A history was answered 429."""
        self._looks.pause(after_s or LOOKS_SPAN_S)

    def silence(self, seconds: float) -> None:
        """Nothing works for now: the token is refused."""
        self._posts.pause(seconds)

    def _begin_rest(self, channel: str) -> None:
        now = self._clock()
        self._rests.rest(channel, now + CHANNEL_REST_S, now=now)

    def _in_doubt(self) -> bool:
        return self._doubt_until > self._clock()
