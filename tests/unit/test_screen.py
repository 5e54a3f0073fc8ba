"""The pieces by which patterns are chosen leave out no pattern that would match."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.judgement.claims_benchmarks import BENCHMARKS
from bot.judgement.claims_names import SUBJECTS
from bot.judgement.claims_shapes import SHAPES
from bot.judgement.screen import Screen

ROWS = [(row[0].split(), row[1]) for row in (*BENCHMARKS, *SUBJECTS, *SHAPES)]


@pytest.mark.parametrize(("pieces", "pattern"), ROWS, ids=[pattern[:40] for _, pattern in ROWS])
@settings(max_examples=25, suppress_health_check=list(HealthCheck), deadline=None)
@given(data=st.data())
def test_every_match_has_a_piece(pieces: list[str], pattern: str, data: st.DataObject) -> None:
    match = re.search(pattern, data.draw(st.from_regex(pattern)))
    assert match is not None
    assert any(piece in match[0] for piece in pieces)


def test_only_patterns_with_a_piece_in_the_text_are_possible() -> None:
    screen = Screen([("ascend", "昇腾"), ("end",), ("h100", "h20")])
    assert screen.possible("ascends") == [0, 1]
    assert screen.possible("昇腾 beats the h20") == [0, 2]
    assert screen.possible("nothing") == []
    assert screen.any_possible("the end")
    assert not screen.any_possible("nothing")
