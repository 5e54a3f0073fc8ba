"""Whole corpora that were written without knowing the program: its scores on them must not fall.

A floor lies a little under what was reached (``python -m benchmarks.judgement``); raise it when a change reaches more.
"""

import pytest

from benchmarks.judgement import measured
from bot.catalog.loader import load_catalog
from tests.paths import DATA


@pytest.mark.parametrize(
    ("name", "stories", "swallowed", "topics", "grades"),
    [
        ("2026-06", 0.91, 4, 0.97, 0.95),
        ("2026-08", 0.86, 3, 0.95, 0.92),
        ("2026-09", 0.89, 1, 0.96, 0.94),
        ("2026-11", 0.90, 5, 0.92, 0.89),
        ("2027-01", 0.80, 5, 0.91, 0.85),
        ("2027-03", 0.90, 3, 0.95, 0.90),
        ("2027-05", 0.88, 6, 0.95, 0.88),
        ("2027-08", 0.81, 4, 0.95, 0.89),
        ("2027-10", 0.84, 6, 0.95, 0.87),
    ],
)
def test_stories_topics_and_grades(
    name: str, stories: float, swallowed: int, topics: float, grades: float
) -> None:
    found = measured(DATA / "judgement" / f"{name}.jsonl", load_catalog())
    assert found.stories is not None
    assert found.alerts is not None
    assert found.grades is not None
    assert found.stories.f1 >= stories
    assert found.alerts.swallowed <= swallowed
    assert found.macro_f1 >= topics
    assert found.grades.accuracy >= grades


@pytest.mark.parametrize(
    ("name", "precision", "recall"),
    [("claims-sentences", 0.94, 0.90), ("claims-2027-06", 0.93, 0.86), ("claims-2026-12", 0.94, 0.79)],
)
def test_claims(name: str, precision: float, recall: float) -> None:
    found = measured(DATA / "judgement" / f"{name}.jsonl", load_catalog())
    assert found.claims is not None
    assert found.claims.precision >= precision
    assert found.claims.recall >= recall
