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
        ("2026-05", 0.88, 2, 0.98, 0.98),
        ("2026-06", 0.91, 3, 0.98, 0.97),
        ("2026-07", 0.88, 3, 0.96, 0.96),
        ("2026-08", 0.87, 2, 0.98, 0.97),
        ("2026-09", 0.94, 1, 0.98, 0.96),
        ("2026-11", 0.90, 4, 0.97, 0.95),
        ("2027-01", 0.89, 3, 0.98, 0.94),
        ("2027-03", 0.92, 3, 0.97, 0.94),
        ("2027-05", 0.89, 5, 0.98, 0.94),
        ("2027-08", 0.87, 2, 0.97, 0.97),
        ("2027-10", 0.89, 2, 0.97, 0.98),
        ("2027-11", 0.91, 2, 0.97, 0.97),
        ("2028-01", 0.88, 4, 0.97, 0.98),
        ("2028-03", 0.93, 4, 0.98, 0.97),
        ("2028-06", 0.82, 3, 0.94, 0.96),
        ("2028-09", 0.83, 2, 0.98, 0.96),
        ("2028-11", 0.86, 2, 0.97, 0.96),
        ("2029-05", 0.87, 6, 0.97, 0.90),
        ("2029-11", 0.90, 2, 0.97, 0.89),
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
    [
        ("claims-2026-12", 0.94, 0.81),
        ("claims-2027-06", 0.96, 0.89),
        ("claims-2027-12", 0.95, 0.91),
        ("claims-2029-03", 0.93, 0.86),
        ("claims-sentences-2028", 0.95, 0.92),
        ("claims-sentences-2029", 0.85, 0.81),
        ("claims-sentences", 0.96, 0.94),
    ],
)
def test_claims(name: str, precision: float, recall: float) -> None:
    found = measured(DATA / "judgement" / f"{name}.jsonl", load_catalog())
    assert found.claims is not None
    assert found.claims.precision >= precision
    assert found.claims.recall >= recall
