"""When to ask again."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from bot.intake.politeness import HostGate, fresh_for_s, host_gap_s, interval, next_poll, retry_after
from bot.model import Pace

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def wait(every: timedelta, failures: int = 0, **more: object) -> tuple[timedelta, timedelta]:
    """The shortest and the longest wait that chance can give."""
    waits = [
        next_poll(every=every, failures=failures, now=NOW, rng=random.Random(seed), **more) - NOW  # type: ignore[arg-type]
        for seed in range(200)
    ]
    return min(waits), max(waits)


@pytest.mark.parametrize(
    ("every", "longest"),
    [
        (timedelta(seconds=1), timedelta(seconds=1.1)),
        (timedelta(seconds=15), timedelta(seconds=16)),
        (timedelta(seconds=59), timedelta(seconds=60)),
    ],
    ids=["1s", "15s", "59s"],
)
def test_a_success_is_followed_by_the_interval_and_a_little_chance(
    every: timedelta, longest: timedelta
) -> None:
    low, high = wait(every)
    assert every <= low < high <= longest


@pytest.mark.parametrize("every", [MINUTE, 5 * MINUTE, 6 * HOUR], ids=["1m", "5m", "6h"])
def test_polls_of_slow_sources_are_spread_and_none_is_late(every: timedelta) -> None:
    low, high = wait(every)
    assert every - min(every / 10, timedelta(seconds=30)) <= low < high <= every


@pytest.mark.parametrize(
    ("gap", "hot", "expected"),
    [
        (None, False, 15 * MINUTE),
        (timedelta(minutes=30), False, timedelta(minutes=7.5)),
        (timedelta(seconds=20), False, 5 * MINUTE),
        (timedelta(days=3), False, HOUR),
        (timedelta(days=3), True, 5 * MINUTE),
    ],
    ids=["unknown", "busy", "busier-than-allowed", "quiet", "hot"],
)
def test_the_interval_follows_the_news_within_its_bounds(
    gap: timedelta | None, hot: bool, expected: timedelta
) -> None:
    found = interval(every=15 * MINUTE, shortest=5 * MINUTE, longest=HOUR, usual_gap=gap, hot=hot)
    assert found == expected


@pytest.mark.parametrize(
    "gap", [None, timedelta(seconds=1), timedelta(days=30)], ids=["none", "busy", "quiet"]
)
def test_without_bounds_the_interval_never_changes(gap: timedelta | None) -> None:
    assert interval(every=10 * MINUTE, usual_gap=gap) == 10 * MINUTE


def test_a_hot_topic_without_bounds_asks_four_times_as_often_but_never_beyond_once_a_minute() -> None:
    assert interval(every=HOUR, hot=True) == 15 * MINUTE
    assert interval(every=2 * MINUTE, hot=True) == MINUTE
    assert interval(every=timedelta(seconds=2), hot=True) == timedelta(seconds=2)


def test_a_feeds_own_pace_lengthens_the_interval_by_six_hours_at_most() -> None:
    assert wait(MINUTE, pace=Pace(at_least_s=3600))[0] >= HOUR
    assert wait(HOUR, pace=Pace(at_least_s=60))[1] <= HOUR
    assert wait(MINUTE, pace=Pace(at_least_s=7 * 86400))[1] <= 6 * HOUR + MINUTE


def test_hours_and_days_to_skip_are_skipped() -> None:
    # NOW is a Tuesday at noon.
    after_lunch = wait(MINUTE, pace=Pace(skip_hours=frozenset({12, 13})))
    assert after_lunch[0] == after_lunch[1] == timedelta(hours=2)
    assert wait(MINUTE, pace=Pace(skip_days=frozenset({1, 2})))[0] == timedelta(hours=36)
    assert wait(MINUTE, pace=Pace(skip_hours=frozenset({3})))[1] <= MINUTE


@pytest.mark.parametrize(
    ("every", "failures", "least"),
    [
        (5 * MINUTE, 1, 5 * MINUTE),
        (5 * MINUTE, 2, 10 * MINUTE),
        (5 * MINUTE, 4, 40 * MINUTE),
        (5 * MINUTE, 30, 6 * HOUR),
        (5 * MINUTE, 100_000, 6 * HOUR),
        (12 * HOUR, 9, 12 * HOUR),
        (timedelta(seconds=2), 3, timedelta(seconds=8)),
        (timedelta(seconds=2), 10, timedelta(seconds=60)),
        (timedelta(seconds=2), 11, timedelta(seconds=2048)),
    ],
    ids=["1st", "2nd", "4th", "capped", "huge", "never-sooner", "quick-3rd", "quick-10th", "quick-11th"],
)
def test_failures_double_the_wait_within_bounds(every: timedelta, failures: int, least: timedelta) -> None:
    low, high = wait(every, failures)
    assert least <= low <= high <= least + timedelta(seconds=30)


def test_retry_after_is_a_minimum_and_capped_at_a_day() -> None:
    assert wait(MINUTE, 1, retry_after=HOUR)[0] >= HOUR
    assert wait(MINUTE, 1, retry_after=timedelta(days=90))[1] <= timedelta(days=1, seconds=30)
    assert wait(HOUR, 1, retry_after=MINUTE)[0] >= HOUR


def test_max_age_lengthens_the_interval_by_an_hour_at_most() -> None:
    assert wait(MINUTE, max_age_s=600)[0] >= 10 * MINUTE
    assert wait(MINUTE, max_age_s=10)[1] < 2 * MINUTE
    assert wait(MINUTE, max_age_s=10**8)[1] <= HOUR + MINUTE


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "120"}, 120),
        ({"retry-after": " 0 "}, 0),
        ({"retry-after": format_datetime(NOW + HOUR, usegmt=True)}, 3600),
        ({"retry-after": format_datetime(NOW - HOUR, usegmt=True)}, 0),
        ({"retry-after": "9" * 30}, 86400),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "٣"}, None),
        ({}, None),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW.timestamp()) + 60)}, 60),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "2026-11-24T12:05:00Z"}, 300),
        ({"x-ratelimit-remaining": "3", "x-ratelimit-reset": "2026-11-24T12:05:00Z"}, None),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "9" * 25}, None),
    ],
)
def test_a_server_says_when_to_come_back(headers: dict[str, str], seconds: int | None) -> None:
    found = retry_after(headers, now=NOW)
    assert (found.total_seconds() if found is not None else None) == seconds


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"cache-control": "public, max-age=300"}, 300),
        ({"cache-control": 'MAX-AGE="60"'}, 60),
        ({"cache-control": "max-age=300", "age": "100"}, 200),
        ({"cache-control": "max-age=300", "age": "1000"}, 0),
        ({"cache-control": "s-maxage=300"}, None),
        ({"cache-control": "no-cache, max-age=300"}, None),
        ({"cache-control": "max-age=never"}, None),
        ({}, None),
    ],
)
def test_freshness_is_what_cache_control_says(headers: dict[str, str], seconds: int | None) -> None:
    assert fresh_for_s(headers) == seconds


def test_some_hosts_are_owed_a_longer_pause() -> None:
    assert host_gap_s("api.gdeltproject.org", 1.0) >= 5
    assert host_gap_s("example.org", 1.0) == 1.0


async def test_one_host_is_asked_by_one_at_a_time_and_others_are_not_held_up() -> None:
    gate = HostGate()
    inside: list[str] = []
    crowded = False

    async def visit(host: str) -> None:
        nonlocal crowded
        async with gate.turn(host, gap_s=0.0):
            crowded = crowded or host in inside
            inside.append(host)
            await asyncio.sleep(0.01)
            inside.remove(host)

    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        for host in ["a", "b"] * 5:
            group.create_task(visit(host))
    assert not crowded


async def test_a_host_gets_its_pause_even_when_the_visit_fails() -> None:
    gate = HostGate()
    clock = asyncio.get_running_loop().time
    with pytest.raises(OSError, match="x"):
        async with gate.turn("a", gap_s=0.05):
            raise OSError("x")
    began = clock()
    async with gate.turn("a", gap_s=0.05):
        assert clock() - began >= 0.045
