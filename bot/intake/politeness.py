"""When to ask again, and how many at once: pure rules, and the gate that keeps hosts from being crowded."""

import asyncio
import random
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

#: A source that goes on failing is still tried this often.
_LONGEST_BACKOFF = timedelta(hours=6)
#: No server may send us away for longer.
_LONGEST_RETRY_AFTER = timedelta(hours=24)
#: A server may ask us to come less often than the catalog says, but not by more than this.
_LONGEST_MAX_AGE = timedelta(hours=1)
_LONGEST_JITTER = timedelta(seconds=30)
#: A source asked more than once a minute is one whose news is awaited: it stays nearly on time ...
_QUICK = timedelta(seconds=60)
_QUICK_JITTER = timedelta(seconds=1.5)
#: ... and after a short outage it comes back soon.
_QUICK_BACKOFF, _QUICK_FAILURES = timedelta(seconds=60), 10


def next_poll(
    *,
    every: timedelta,
    failures: int,
    now: datetime,
    rng: random.Random,
    retry_after: timedelta | None = None,
    max_age_s: int | None = None,
) -> datetime:
    """When to poll next, after a success (``failures`` 0) or after the ``failures``-th failure in a row."""
    wait = _backoff(every, failures) if failures else every
    if not failures and max_age_s:
        wait = max(wait, min(timedelta(seconds=max_age_s), _LONGEST_MAX_AGE))
    if retry_after is not None:
        wait = max(wait, min(retry_after, _LONGEST_RETRY_AFTER))
    jitter = min(every / 10, _LONGEST_JITTER)
    if every < _QUICK:
        jitter = min(jitter, _QUICK_JITTER)
    return now + wait + jitter * rng.random()


def _backoff(every: timedelta, failures: int) -> timedelta:
    doubled: timedelta = every * (1 << min(failures - 1, 20))
    longest = _QUICK_BACKOFF if every < _QUICK and failures <= _QUICK_FAILURES else _LONGEST_BACKOFF
    return max(every, min(doubled, longest))


#: What these hosts ask of programs without an account, in seconds between two requests: GDELT says so in its
#: answers, arXiv in its API's terms of use, Reddit counts ten a minute.
_HOST_GAPS_S = {"api.gdeltproject.org": 5.5, "export.arxiv.org": 3.0, "www.reddit.com": 6.0}


def host_gap_s(host: str, usual_s: float) -> float:
    """The pause that ``host`` is owed between two requests."""
    return max(usual_s, _HOST_GAPS_S.get(host, 0.0))


def retry_after(headers: Mapping[str, str], *, now: datetime) -> timedelta | None:
    """How long a server asks us to stay away: ``Retry-After`` in seconds or as a date, else the reset time
    of a used-up rate limit (GitHub: epoch seconds, Mastodon: a date). None when it does not say."""
    asked = _pause(headers.get("retry-after", "").strip(), now)
    if asked is None and headers.get("x-ratelimit-remaining", "").strip() == "0":
        asked = _until_reset(headers.get("x-ratelimit-reset", "").strip(), now)
    return asked


def _pause(value: str, now: datetime) -> timedelta | None:
    if value.isascii() and value.isdigit():
        return timedelta(seconds=min(int(value[:9]), _LONGEST_RETRY_AFTER.total_seconds()))
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return _until(moment, now)


def _until_reset(value: str, now: datetime) -> timedelta | None:
    try:
        if value.isascii() and value.isdigit():
            return _until(datetime.fromtimestamp(int(value), UTC), now)
        return _until(datetime.fromisoformat(value), now)
    except (ValueError, OverflowError, OSError):
        return None


def _until(moment: datetime, now: datetime) -> timedelta:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(aware - now, timedelta(0)), _LONGEST_RETRY_AFTER)


def fresh_for_s(headers: Mapping[str, str]) -> int | None:
    """Seconds that the answer stays fresh: ``Cache-Control: max-age`` less ``Age``; None when not said."""
    control = headers.get("cache-control", "").lower()
    found = re.search(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,9})", control)
    if found is None or re.search(r"\bno-(?:cache|store)\b", control):
        return None
    age = headers.get("age", "").strip()
    return max(0, int(found[1]) - (int(age[:9]) if age.isascii() and age.isdigit() else 0))


@dataclass(slots=True)
class _Host:
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0
    free_at: float = 0.0


class HostGate:
    """One request to a host at a time, and a pause after each. One gate per event loop."""

    def __init__(self) -> None:
        self._hosts: dict[str, _Host] = {}

    @asynccontextmanager
    async def turn(self, host: str, *, gap_s: float) -> AsyncIterator[None]:
        """Wait for the host's turn and hold it; ``gap_s`` is the pause after the request before."""
        entry = self._hosts.setdefault(host, _Host())
        clock = asyncio.get_running_loop().time
        entry.waiting += 1
        try:
            async with entry.turn:
                pause = entry.free_at - clock()
                if pause > 0:
                    await asyncio.sleep(pause)
                try:
                    yield
                finally:
                    entry.free_at = clock() + gap_s
        finally:
            entry.waiting -= 1
            self._forget(host, entry, clock())

    def _forget(self, host: str, entry: _Host, now: float) -> None:
        if not entry.waiting and entry.free_at <= now:
            self._hosts.pop(host, None)
        elif len(self._hosts) > 4096:
            idle = [name for name, each in self._hosts.items() if not each.waiting and each.free_at <= now]
            for name in idle:
                del self._hosts[name]
