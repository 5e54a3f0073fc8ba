"""Quiet hours and digest times, with local clocks and clock changes."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.quiet import next_digest, parse_quiet_hours
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
