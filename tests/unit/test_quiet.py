"""Quiet hours and digest times, with local clocks and clock changes."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.delivery.quiet import QuietHours, next_digest, parse_quiet_hours
from bot.errors import UserError
from bot.model import Mode

BERLIN = ZoneInfo("Europe/Berlin")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("quiet", "now", "until"),
    [
        pytest.param("22:00-07:00@Europe/Berlin", "2026-11-24T12:00", None, id="midday is not quiet"),
        pytest.param("22:00-07:00@Europe/Berlin", "2026-11-24T21:00", "2026-11-25T06:00", id="it begins"),
        pytest.param(
            "22:00-07:00@Europe/Berlin", "2026-11-25T02:00", "2026-11-25T06:00", id="after midnight"
        ),
        pytest.param("22:00-07:00@Europe/Berlin", "2026-11-25T06:00", None, id="the end is not quiet"),
        pytest.param(
            "22:00-07:00@Europe/Berlin", "2026-03-28T23:00", "2026-03-29T05:00", id="clocks go forward"
        ),
        pytest.param("09:00-17:00", "2026-11-24T12:00", "2026-11-24T17:00", id="no zone is UTC"),
        pytest.param("22:00-07:00@Asia/Shanghai", "2026-11-24T15:00", "2026-11-24T23:00", id="another zone"),
    ],
)
def test_quiet_hours_hold_until_they_end(quiet: str, now: str, until: str | None) -> None:
    expected = utc(until) if until else None
    assert parse_quiet_hours(quiet).until(utc(now)) == expected


@pytest.mark.parametrize(
    "text", ["", "22-7", "25:00-07:00", "22:00-22:00", "22:00-07:00@Mars/Olympus", "22:00-07:00@../etc", "x"]
)
def test_a_wrong_span_is_refused_with_one_line(text: str) -> None:
    with pytest.raises(UserError, match=r"^quiet: "):
        parse_quiet_hours(text)


def test_an_hourly_digest_comes_at_the_full_hour() -> None:
    assert next_digest(Mode.HOURLY, utc("2026-11-24T12:34:56"), BERLIN) == utc("2026-11-24T13:00")


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-11-24T06:59", "2026-11-24T07:00"),
        ("2026-11-24T07:00", "2026-11-25T07:00"),
        ("2026-03-28T12:00", "2026-03-29T06:00"),
    ],
)
def test_a_daily_digest_comes_at_eight_on_the_channels_clock(now: str, due: str) -> None:
    assert next_digest(Mode.DAILY, utc(now), BERLIN) == utc(due)


@given(st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2035, 1, 1)))  # noqa: DTZ001
def test_what_is_held_is_held_for_less_than_a_day_and_then_free(moment: datetime) -> None:
    now = moment.replace(tzinfo=UTC)
    quiet = parse_quiet_hours("22:00-07:00@Europe/Berlin")
    until = quiet.until(now)
    if until is not None:
        assert now < until
        assert (until - now).total_seconds() <= 10 * 3600
        assert quiet.until(until) is None


ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"])
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
CLOCKS = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))


@given(begins=CLOCKS, ends=CLOCKS, zone=ZONES, now=MOMENTS)
@example(
    begins=time(1), ends=time(2, 30), zone="Europe/Berlin", now=datetime(2026, 10, 25, 1, 15, tzinfo=UTC)
)
def test_quiet_hours_end_within_a_day_and_not_before_they_are_asked(
    begins: time, ends: time, zone: str, now: datetime
) -> None:
    if begins == ends:
        return
    quiet = QuietHours(begins=begins, ends=ends, zone=ZoneInfo(zone))
    until = quiet.until(now)
    if until is not None:
        assert now < until <= now + timedelta(hours=25)


@given(
    mode=st.sampled_from([Mode.HOURLY, Mode.DAILY, Mode.WEEKLY]), at=CLOCKS, weekday=st.integers(0, 6),
    zone=ZONES, now=MOMENTS,
)  # fmt: skip
@example(
    mode=Mode.DAILY,
    at=time(2, 30),
    weekday=0,
    zone="Europe/Berlin",
    now=datetime(2026, 10, 25, 1, 15, tzinfo=UTC),
)
def test_a_digest_comes_after_what_it_tells_and_within_its_span(
    mode: Mode, at: time, weekday: int, zone: str, now: datetime
) -> None:
    due = next_digest(mode, now, ZoneInfo(zone), at=at, weekday=weekday)
    span = {Mode.HOURLY: timedelta(hours=1), Mode.DAILY: timedelta(days=1), Mode.WEEKLY: timedelta(days=7)}[
        mode
    ]
    assert now < due <= now + span + timedelta(hours=1), "an hour more in the night when clocks go back"
