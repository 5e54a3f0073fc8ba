"""What is asked at every tick is done once an interval."""

from datetime import timedelta

from bot.flow.intervals import AtMostEvery
from tests.builders import NOW

MINUTE = timedelta(minutes=1)


def test_it_begins_at_once_and_then_once_an_interval() -> None:
    looks = AtMostEvery(MINUTE)
    moments = [NOW + timedelta(seconds=s) for s in (0, 1, 59, 60, 61, 200, 259, 260)]
    assert [looks.begins(moment) for moment in moments] == [
        True,
        False,
        False,
        True,
        False,
        True,
        False,
        True,
    ]
