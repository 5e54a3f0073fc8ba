"""What is a correction by its source, and which new headlines say something else. One row a case."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.judgement.alerts import decide
from bot.judgement.corrected import is_changed, is_correction
from bot.model import Event, Grade


@pytest.mark.parametrize(
    ("title", "summary"),
    [
        ("Correction: DeepSeek V4 was announced, not released", ""),
        ("CORRECTED-DeepSeek to release V4 in March", ""),
        ("[Retracted] DeepSeek V4 benchmark results", ""),
        ("Retraction: our report on the Ascend 950 yield", ""),
        ("DeepSeek V4 delayed to May (corrected)", ""),
        ("Advanced Computing and Supercomputing Controls; Correction", ""),
        ("更正：之前的950PR GEMM数据是双卡合计", ""),
        ("【更正】DeepSeek V4 发布时间", ""),
        ("勘误：昇腾950规格", ""),
        ("DeepSeek V4 发布（已更正）", ""),
        ("DeepSeek V4 is announced", "(Corrects paragraph 3 to say announced, not released) DeepSeek said"),
        ("DeepSeek V4 is announced", "An earlier version of this story misstated the licence."),
        ("DeepSeek V4 is announced", "This article has been corrected."),
        ("DeepSeek V4 发布", "本文已更正发布日期。"),
    ],
)
def test_a_correction_says_so(title: str, summary: str) -> None:
    assert is_correction(title, summary)


@pytest.mark.parametrize(
    ("title", "summary"),
    [
        ("Chip stocks see a correction after DeepSeek V4", ""),
        ("Error correction on Ascend 950 explained", ""),
        ("US withdraws the proposed AI chip rule", ""),
        ("美国商务部撤回AI芯片出口规则草案", ""),
        ("DeepSeek V4 corrected a bug in its tokenizer", "The team retracted the branch."),
        ("Correction rates in DeepSeek V4 training", ""),
        ("DeepSeek V4 is announced", "The market correction went on."),
    ],
)
def test_news_about_corrections_and_withdrawals_is_no_mark(title: str, summary: str) -> None:
    assert not is_correction(title, summary)


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        ("DeepSeek V4 released under MIT licence", "DeepSeek V4 announced under MIT licence", True),
        ("DeepSeek releases V4", "DeepSeek delays V4", True),
        ("Ascend 950 reaches 60% of H100", "Ascend 950 reaches 40% of H100", True),
        ("DeepSeek V4 is out", "DeepSeek V4 is not out", True),
        ("DeepSeek V4 已发布", "DeepSeek V4 未发布", True),
        ("DeepSeek V4 weights appear", "Correction: DeepSeek V4 weights appear", True),
        ("DeepSeek V4 weights appear on a server", "Gardening tips for a rainy autumn weekend", True),
        ("DeepSeek V4 weights appear", "DeepSeek V4 weights appear", False),
        ("DeepSeek V4 weights apear", "DeepSeek V4 weights appear", False),
        ("DeepSeek V4 weights appear", "DeepSeek V4 weights appear on a server in Hangzhou", False),
        ("DeepSeek V4 weights appear on hub", "DeepSeek V4 Weights Appear on Hub: What We Know", False),
        ("DeepSeek releases V4", "DeepSeek releases V4 with 1M context", False),
        ("DeepSeek V4 正式发布", "DeepSeek V4 正式发布，支持百万上下文", False),
    ],
)
def test_better_wording_is_no_change_and_other_news_is(before: str, after: str, changed: bool) -> None:
    assert is_changed(before, after) is changed


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_text_is_judged_and_the_same_text_is_never_changed(one: str, other: str) -> None:
    is_correction(one, other)
    assert isinstance(is_changed(one, other), bool)
    assert not is_changed(one, one)


def test_a_correction_of_what_was_told_is_told_and_one_of_nothing_is_news() -> None:
    again = decide(on_topic=True, grade=Grade.REPORT, previous=Grade.REPORT, corrects=True)
    assert (again.event, again.alert) == (Event.UPDATE, True)
    assert "correction" in again.reason
    first = decide(on_topic=True, grade=Grade.REPORT, previous=None, corrects=True)
    assert first.event is Event.NEW
    better = decide(on_topic=True, grade=Grade.OFFICIAL, previous=Grade.REPORT, corrects=True)
    assert better.event is Event.UPGRADE
