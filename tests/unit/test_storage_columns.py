"""Times, spans and text on their way to the database and back."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from storage.columns import Moment, Span, storable

DIALECT = sqlite.dialect()


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_time_comes_back_to_the_millisecond_and_never_later(moment: datetime) -> None:
    column = Moment()
    back = column.process_result_value(column.process_bind_param(moment, DIALECT), DIALECT)
    assert back is not None
    assert timedelta(0) <= moment - back < timedelta(milliseconds=1)


def test_another_zone_is_the_same_moment() -> None:
    moment = datetime(2026, 1, 1, 8, tzinfo=timezone(timedelta(hours=8)))
    assert Moment().process_bind_param(moment, DIALECT) == 1767225600000
    assert Moment().process_result_value(1767225600000, DIALECT) == datetime(2026, 1, 1, tzinfo=UTC)


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        Moment().process_bind_param(datetime(2026, 1, 1), DIALECT)  # noqa: DTZ001


@pytest.mark.parametrize("column", [Moment(), Span()], ids=["Moment", "Span"])
def test_nothing_stays_nothing(column: Moment | Span) -> None:
    assert column.process_bind_param(None, DIALECT) is None
    assert column.process_result_value(None, DIALECT) is None


@given(st.text(alphabet=st.characters()))
def test_any_text_can_be_stored_and_good_text_is_left_alone(text: str) -> None:
    kept = storable(text)
    kept.encode()
    assert "\0" not in kept
    if "\0" not in text and text.encode("utf-8", "ignore").decode() == text:
        assert kept == text


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        pytest.param("a\0b", "a�b", id="NUL in ASCII"),
        pytest.param("昇\0腾", "昇�腾", id="NUL beside Chinese"),
        pytest.param("x\ud800", "x?", id="lone surrogate"),
        pytest.param("😀", "😀", id="beyond the first plane"),
    ],
)
def test_what_no_database_can_hold_is_replaced(text: str, kept: str) -> None:
    assert storable(text) == kept
