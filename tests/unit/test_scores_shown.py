"""Scores for people: what there was nothing of has no figure."""

import io

from rich.console import Console

from bot.cli.scores import tables
from bot.judgement.scoring import Hits, Scores


def test_where_there_is_nothing_to_find_no_score_is_printed() -> None:
    scores = Scores(
        items=3, unlabelled=0, unjudged=0, without={}, stories=None, alerts=None, topics={}, grades=None,
        events=None, watch=Hits(right=1, missed=1), claims=Hits(wrong=2),
    )  # fmt: skip
    out = io.StringIO()
    Console(file=out, width=100).print(tables(scores))
    claims, moves = (
        next(line for line in out.getvalue().splitlines() if word in line) for word in ("Claims", "Watch")
    )
    assert "none to find, 2 found" in claims
    assert "0.000" not in claims
    assert "0.667" in moves
