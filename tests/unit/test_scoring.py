"""Scores against labels: worked examples, and what holds whatever the answers are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.judgement.scoring import Found, Hits, Labels, b_cubed, score
from bot.model import Claim, Event, Grade


def found(**given: object) -> Found:
    fields: dict[str, object] = {
        "story": 1, "topics": frozenset({"t"}), "grade": Grade.REPORT, "event": Event.NEW, "alert": True,
    }  # fmt: skip
    return Found(**{**fields, **given})  # type: ignore[arg-type]


def labels(**given: object) -> Labels:
    fields: dict[str, object] = {"story": "a", "topics": frozenset({"t"})}
    return Labels(**{**fields, **given})  # type: ignore[arg-type]


def a_claim(**given: object) -> Claim:
    fields: dict[str, object] = {"subject": "H100", "metric": "compute", "value": 2.0, "unit": "PFLOPS"}
    return Claim(**{**fields, **given})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("true", "made", "precision", "recall"),
    [
        pytest.param("aabb", [1, 1, 2, 2], 1, 1, id="all right"),
        pytest.param("aabb", [1, 1, 1, 1], 0.5, 1, id="all in one"),
        pytest.param("aabb", [1, 2, 3, 4], 1, 0.5, id="each alone"),
        # Two of cluster 1's three are together rightly: (2/3 + 2/3 + 1/3 + 1) / 4; b is torn in halves.
        pytest.param("aabb", [1, 1, 1, 2], 2 / 3, 0.75, id="one astray"),
    ],
)
def test_b_cubed_of_worked_examples(true: str, made: list[int], precision: float, recall: float) -> None:
    assert b_cubed(list(zip(true, made, strict=True))) == pytest.approx((precision, recall))


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 4)), min_size=1, max_size=20))
def test_b_cubed_lies_between_0_and_1_and_turns_round(pairs: list[tuple[str, int]]) -> None:
    precision, recall = b_cubed(pairs)
    assert 0 < precision <= 1.0000001
    numbered = {story: at for at, story in enumerate("abc")}
    turned = b_cubed([(str(cluster), numbered[story]) for story, cluster in pairs])
    assert turned == pytest.approx((recall, precision))


def test_alerts_are_counted_by_true_story() -> None:
    judged = {
        "1": found(),
        "2": found(story=2),  # the same true story, told again
        "3": found(event=Event.UPDATE, alert=False),  # swallowed: b joined a
        "4": found(story=3, topics=frozenset(), event=Event.NONE, alert=False),  # c was taken for off topic
        "5": found(story=4),  # d touches no topic
        "6": found(event=Event.UPGRADE),
    }
    true = {
        "1": labels(), "2": labels(), "3": labels(story="b"), "4": labels(story="c"),
        "5": labels(story="d", topics=frozenset()), "6": labels(),
    }  # fmt: skip
    alerts = score(judged, true).alerts
    assert alerts is not None
    assert (alerts.stories, alerts.new, alerts.all) == (3, 2, 3)
    assert (alerts.swallowed, alerts.unseen, alerts.false) == (2, 1, 1)


def test_topics_have_their_own_scores_and_a_plain_mean() -> None:
    judged = {"1": found(topics=frozenset({"t", "u"})), "2": found(topics=frozenset())}
    measured = score(judged, {"1": labels(), "2": labels()})
    assert measured.topics == {"t": Hits(right=1, missed=1), "u": Hits(wrong=1)}
    assert measured.macro_f1 == pytest.approx((2 / 3 + 0) / 2)


def test_a_grade_off_topic_does_not_count() -> None:
    judged = {"1": found(), "2": found(grade=Grade.RUMOUR), "3": found(grade=Grade.OFFICIAL)}
    true = {
        "1": labels(grade=Grade.REPORT), "2": labels(grade=Grade.LEAK),
        "3": labels(grade=Grade.REPORT, topics=frozenset()),
    }  # fmt: skip
    grades = score(judged, true).grades
    assert grades is not None
    assert grades.counts == {("report", "report"): 1, ("leak", "rumour"): 1}
    assert grades.accuracy == 0.5


def test_a_move_is_right_on_whichever_item_of_its_true_story() -> None:
    move, other = ("out", "released"), ("out", "denied")
    judged = {"1": found(), "2": found(watch=(move,)), "3": found(watch=(move, other))}
    true = {
        "1": labels(watch=(move,)), "2": labels(watch=()), "3": labels(story="b", watch=(other,)),
    }  # fmt: skip
    assert score(judged, true).watch == Hits(right=2, wrong=1)


def test_a_question_that_no_label_names_is_not_measured() -> None:
    judged = {"1": found(watch=(("out", "released"), ("licence", "changed")))}
    assert score(judged, {"1": labels(watch=(("out", "released"),))}).watch == Hits(right=1)


def test_a_claim_is_its_subject_metric_value_and_unit() -> None:
    judged = {"1": found(claims=(a_claim(precision="FP8"), a_claim(value=3.0)))}
    true = {"1": labels(claims=(a_claim(subject="h100"), a_claim(metric="power")))}
    assert score(judged, true).claims == Hits(right=1, wrong=1, missed=1)


def test_how_labellers_write_names_and_hundredths_makes_no_other_claim() -> None:
    judged = {
        "1": found(
            claims=(a_claim(metric="MMLU-Pro", value=80.0, unit="%"), a_claim(unit="points", value=1489.0))
        )
    }
    true = {
        "1": labels(
            claims=(a_claim(metric="mmlu pro", value=80.0, unit="points"), a_claim(unit="%", value=1489.0))
        )
    }
    assert score(judged, true).claims == Hits(right=1, wrong=1, missed=1)


def test_what_is_not_labelled_is_left_out_and_counted() -> None:
    judged = {"1": found(), "2": found(), "3": found()}
    measured = score(
        judged, {"1": Labels(grade=Grade.REPORT), "2": Labels(story="a"), "9": Labels(story="a")}
    )
    assert (measured.items, measured.unlabelled, measured.unjudged) == (2, 1, 1)
    assert measured.without == {"story": 1, "topics": 2, "grade": 1, "event": 2, "watch": 2, "claims": 2}
    assert measured.stories is not None
    assert measured.stories.items == 1
    assert (measured.topics, measured.events, measured.watch, measured.claims) == ({}, None, None, None)
