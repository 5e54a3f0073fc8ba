"""When to ask again, and how many at once: pure rules, and the gate that keeps hosts from being crowded."""

import asyncio
import random
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from bot.model import ANY_PACE, Pace

#: A source that goes on failing is still tried this often.
_LONGEST_BACKOFF = timedelta(hours=6)
#: No server may send us away for longer.
_LONGEST_RETRY_AFTER = timedelta(hours=24)
#: A server may ask us to come less often than the catalog says, but not by more than this: such times are often
#: a delivery network's default ...
_LONGEST_MAX_AGE = timedelta(hours=1)
#: ... while a feed's own wish (ttl, updatePeriod) is the publisher's.
_LONGEST_PACE = timedelta(hours=6)
_LONGEST_JITTER = timedelta(seconds=30)
#: A source asked more than once a minute is one whose news is awaited: it stays nearly on time ...
_QUICK = timedelta(seconds=60)
_QUICK_JITTER = timedelta(seconds=1)
#: ... and after a short outage it comes back soon.
_QUICK_BACKOFF, _QUICK_FAILURES = timedelta(seconds=60), 10
#: Polls in the usual time between two news: half of news that come evenly then wait for less than an eighth of it.
_POLLS_A_GAP = 4
#: Around an expected event a source without bounds of its own is asked this much more often ...
_HOT_SHARE = 4
#: ... but no source that may be asked only slowly is asked more often than this.
_HOT_LEAST = timedelta(seconds=60)


def interval(
    *,
    every: timedelta,
    shortest: timedelta | None = None,
    longest: timedelta | None = None,
    usual_gap: timedelta | None = None,
    hot: bool = False,
) -> timedelta:
    """How long to wait between two polls: shorter for a source that often has news, longer for a quiet one, within
    its bounds (None: ``every``). ``usual_gap``: the usual time between news, None while unknown. ``hot``: a topic of
    it awaits its event, and it is asked as often as it may be."""
    least, most = shortest or every, longest or every
    if hot:
        return least if shortest else min(every, max(every / _HOT_SHARE, _HOT_LEAST))
    if usual_gap is None:
        return every
    return max(least, min(usual_gap / _POLLS_A_GAP, most))


def next_poll(
    *,
    every: timedelta,
    failures: int,
    now: datetime,
    rng: random.Random,
    retry_after: timedelta | None = None,
    max_age_s: int | None = None,
    pace: Pace = ANY_PACE,
) -> datetime:
    """When to poll next, after a success (``failures`` 0) or after the ``failures``-th failure in a row.

    Polls of slow sources are spread by asking a little early, so that none is later than ``every``.
    """
    if failures:
        wait = _backoff(every, failures)
        if retry_after is not None:
            wait = max(wait, min(retry_after, _LONGEST_RETRY_AFTER))
        return now + wait + _jitter(every) * rng.random()
    quick = every < _QUICK
    spread = _jitter(every) * rng.random()
    wait = every if quick else every - spread
    if max_age_s:
        wait = max(wait, min(timedelta(seconds=max_age_s), _LONGEST_MAX_AGE))
    if pace.at_least_s:
        wait = max(wait, min(timedelta(seconds=pace.at_least_s), _LONGEST_PACE))
    if retry_after is not None:
        wait = max(wait, min(retry_after, _LONGEST_RETRY_AFTER))
    return _past_skipped(now + wait + (spread if quick else timedelta(0)), pace)


def _jitter(every: timedelta) -> timedelta:
    return min(every / 10, _QUICK_JITTER if every < _QUICK else _LONGEST_JITTER)


def _past_skipped(moment: datetime, pace: Pace) -> datetime:
    """The first time at or after ``moment`` that is in none of the hours and days to skip."""
    for _ in range(7 * 24):
        if moment.hour not in pace.skip_hours and moment.weekday() not in pace.skip_days:
            return moment
        moment = moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return moment


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
    return min(max(_aware(moment) - now, timedelta(0)), _LONGEST_RETRY_AFTER)


def fresh_for_s(headers: Mapping[str, str]) -> int | None:
    """Seconds that the answer stays fresh: ``Cache-Control: max-age``, else ``Expires``, less ``Age``
    (RFC 9111, 4.2); None when not said."""
    control = headers.get("cache-control", "").lower()
    if re.search(r"\bno-(?:cache|store)\b", control):
        return None
    found = re.search(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,9})", control)
    lifetime = int(found[1]) if found else _until_expiry_s(headers)
    if lifetime is None:
        return None
    age = headers.get("age", "").strip()
    return max(0, lifetime - (int(age[:9]) if age.isascii() and age.isdigit() else 0))


def _until_expiry_s(headers: Mapping[str, str]) -> int | None:
    """By the server's own clock: without its ``Date`` an ``Expires`` says nothing that can be trusted."""
    try:
        expires = parsedate_to_datetime(headers.get("expires", ""))
        said = parsedate_to_datetime(headers.get("date", ""))
        return max(0, int((_aware(expires) - _aware(said)).total_seconds()))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


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
