"""What a feed says about how often it wants to be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.intake.sources.pace import pace_of
from bot.model import ANY_PACE, Pace

SY = 'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'


def rss(head: str, entries: str = "<item><title>x</title></item>") -> bytes:
    return f'<?xml version="1.0"?><rss version="2.0" {SY}><channel>{head}{entries}</channel></rss>'.encode()


@pytest.mark.parametrize(
    ("head", "pace"),
    [
        ("<ttl>60</ttl>", Pace(at_least_s=3600)),
        ("<ttl> 5 </ttl>", Pace(at_least_s=300)),
        ("<ttl>soon</ttl>", ANY_PACE),
        ("<ttl>-5</ttl>", ANY_PACE),
        ("<!-- <ttl>60</ttl> -->", ANY_PACE),
        ("<sy:updatePeriod> hourly </sy:updatePeriod>", Pace(at_least_s=3600)),
        (
            "<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>",
            Pace(at_least_s=900),
        ),
        ("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", Pace(at_least_s=86400)),
        ("<sy:updatePeriod>now and then</sy:updatePeriod>", ANY_PACE),
        ("<skipHours><hour>0</hour><hour>24</hour><hour>7</hour></skipHours>", Pace(skip_hours=frozenset({0, 7}))),
        ("<skipHours>" + "".join(f"<hour>{h}</hour>" for h in range(24)) + "</skipHours>", ANY_PACE),
        ("<skipDays><day>Saturday</day><day>Sunday</day></skipDays>", Pace(skip_days=frozenset({5, 6}))),
        ("<skipDays><day>Someday</day></skipDays>", ANY_PACE),
        ("", ANY_PACE),
    ],
)  # fmt: skip
def test_what_the_head_says(head: str, pace: Pace) -> None:
    assert pace_of(rss(head)) == pace


def test_what_an_entry_says_is_not_the_feeds() -> None:
    assert pace_of(rss("", "<item><description>&lt;ttl><ttl>60</ttl></description></item>")) == ANY_PACE


@given(st.binary(max_size=300))
def test_any_bytes_are_met_with_patience(noise: bytes) -> None:
    pace = pace_of(b"<rss><channel><ttl>1</ttl><skipHours>" + noise)
    assert pace.at_least_s >= 0
    assert len(pace.skip_hours) < 24
