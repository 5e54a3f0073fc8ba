"""When a publisher is noise."""

from datetime import timedelta

import pytest

from bot.delivery.feedback import is_noise
from storage.feedback import FeedbackRow, Said
from tests.builders import NOW


def said(*words: tuple[str, Said, int]) -> list[FeedbackRow]:
    """Each a person, a word and the alert that it is of, an hour apart."""
    return [
        FeedbackRow(alert=alert, person=person, said=word, at=NOW + timedelta(hours=hour))
        for hour, (person, word, alert) in enumerate(words)
    ]


@pytest.mark.parametrize(
    ("words", "alone", "noise"),
    [
        pytest.param([("a", "noise", 1), ("b", "noise", 1), ("c", "noise", 1)], False, True, id="three of one"),
        pytest.param([("a", "noise", 1), ("b", "noise", 2), ("c", "noise", 3)], False, True, id="three of three"),
        pytest.param([("a", "noise", 1), ("b", "noise", 1)], False, False, id="two people"),
        pytest.param([("a", "noise", 1), ("a", "noise", 2), ("a", "noise", 3)], False, False, id="one person"),
        pytest.param([("a", "noise", 1), ("a", "noise", 2), ("a", "noise", 3)], True, True, id="alone, of three"),
        pytest.param([("a", "noise", 1), ("a", "noise", 2)], True, False, id="alone, of two"),
        pytest.param(
            [("a", "noise", 1), ("b", "noise", 1), ("d", "useful", 2), ("c", "noise", 1)], False, False,
            id="useful in between",
        ),
        pytest.param(
            [("d", "useful", 2), ("a", "noise", 1), ("b", "noise", 1), ("c", "noise", 1)], False, True,
            id="useful long before",
        ),
        pytest.param(
            [("a", "noise", 1), ("b", "wrong-story", 1), ("c", "noise", 1)], False, False,
            id="a wrong story is no noise",
        ),
    ],
)  # fmt: skip
def test_three_people_in_a_row_make_it_noise(
    words: list[tuple[str, Said, int]], alone: bool, noise: bool
) -> None:
    assert is_noise(said(*words), alone=alone) is noise


def test_who_took_it_back_is_asked_anew() -> None:
    rows = said(("a", "noise", 1), ("b", "noise", 1), ("c", "noise", 1), ("d", "noise", 1))
    assert not is_noise(rows, alone=False, since=rows[2].at)
    assert is_noise(rows, alone=False, since=NOW - timedelta(hours=1))
