"""How many messages and look-ups the stand-in for Slack takes, where a test asks for limits.

https://docs.slack.dev/reference/methods/chat.postMessage: one message a second for a channel, several hundred a minute
for the workspace, with bursts. Here several hundred are 300, as a bucket of 20 messages that fills with 5 a second. The
histories are of tier 3, 50 a minute (https://docs.slack.dev/apis/web-api/rate-limits).
"""

import math
import time
from collections import Counter, deque

POSTS_PER_MINUTE, BURST = 300, 20
LOOKS_PER_MINUTE = 50
_LOOKS = ("conversations.history", "conversations.replies")


class SlackLimits:
    """``refused``: how many calls were answered 429, by method."""

    def __init__(
        self, *, posts_per_minute: int = POSTS_PER_MINUTE, burst: int = BURST, channel_s: float = 1.0
    ) -> None:
        self.refused: Counter[str] = Counter()
        self._per_s, self._burst, self._channel_s = posts_per_minute / 60, burst, channel_s
        self._left, self._filled = float(burst), time.monotonic()
        self._last: dict[str, float] = {}
        self._looks: dict[str, deque[float]] = {method: deque() for method in _LOOKS}

    def take(self, method: str, channel: str) -> int:
        """Seconds to wait, as Slack says them (0: go ahead)."""
        now = time.monotonic()
        wait = 0.0
        if method == "chat.postMessage":
            wait = self._post(channel, now)
        elif method in self._looks:
            wait = self._look(self._looks[method], now)
        self.refused[method] += wait > 0
        return math.ceil(wait)

    def _post(self, channel: str, now: float) -> float:
        self._left = min(self._left + (now - self._filled) * self._per_s, self._burst)
        self._filled = now
        early = self._last.get(channel, -math.inf) + self._channel_s - now
        if early > 0:
            return early
        if self._left < 1:
            return (1 - self._left) / self._per_s
        self._left -= 1
        self._last[channel] = now
        return 0.0

    def _look(self, times: deque[float], now: float) -> float:
        while times and times[0] <= now - 60:
            times.popleft()
        if len(times) >= LOOKS_PER_MINUTE:
            return times[0] + 60 - now
        times.append(now)
        return 0.0
