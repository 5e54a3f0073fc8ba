"""Whether a source can be relied on."""

from datetime import timedelta
from typing import Any

import pytest

from bot.flow.health import Condition, condition, is_seen
from tests.builders import NOW, a_state

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        pytest.param({}, Condition.WELL, id="well"),
        pytest.param({"oks": 0, "last_ok": None, "last_new": None}, Condition.UNREAD, id="never-read"),
        pytest.param({"failures": 4, "last_ok": NOW - DAY}, Condition.WELL, id="failed-a-few-times"),
        pytest.param({"failures": 5, "last_ok": NOW - HOUR}, Condition.WELL, id="often-but-not-for-long"),
        pytest.param({"failures": 5, "last_ok": NOW - 3 * HOUR}, Condition.FAILING, id="often-and-for-long"),
        pytest.param({"failures": 5, "oks": 0, "last_ok": None}, Condition.FAILING, id="never-answered"),
        pytest.param({"stopped": "gone (410)"}, Condition.STOPPED, id="stopped"),
        pytest.param({"last_new": NOW - 5 * DAY, "usual_gap": HOUR}, Condition.FROZEN, id="hourly-silent-5-days"),
        pytest.param({"last_new": NOW - 3 * DAY, "usual_gap": HOUR}, Condition.WELL, id="hourly-silent-3-days"),
        pytest.param({"last_new": NOW - 30 * DAY, "usual_gap": 7 * DAY}, Condition.WELL, id="weekly-silent-a-month"),
        pytest.param({"last_new": NOW - 80 * DAY, "usual_gap": 7 * DAY}, Condition.FROZEN, id="weekly-silent-80-days"),
        pytest.param({"last_new": NOW - 90 * DAY}, Condition.WELL, id="rhythm-unknown"),
    ],
)  # fmt: skip
def test_condition(given: dict[str, Any], found: Condition) -> None:
    assert condition(a_state(**given), NOW) is found


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        pytest.param({"next_poll": NOW + MINUTE}, True, id="just-read"),
        pytest.param({"last_ok": NOW - DAY, "next_poll": NOW - DAY}, False, id="not-asked-for-a-day"),
        pytest.param({"last_ok": NOW - 5 * HOUR, "next_poll": NOW + HOUR}, True, id="asks-to-be-read-rarely"),
        pytest.param({"last_ok": NOW - 30 * MINUTE, "failures": 2}, True, id="failed-just-now"),
        pytest.param(
            {"last_ok": NOW - 5 * HOUR, "failures": 9, "next_poll": NOW + HOUR}, False, id="failing"
        ),
        pytest.param({"last_ok": None}, False, id="never-read"),
        pytest.param({"last_new": NOW - 9 * DAY, "usual_gap": HOUR, "next_poll": NOW}, False, id="frozen"),
        pytest.param({"stopped": "gone", "next_poll": NOW}, False, id="stopped"),
    ],
)
def test_silence_is_trusted_only_of_what_is_seen(given: dict[str, Any], seen: bool) -> None:
    assert is_seen(a_state(**given), NOW) is seen
