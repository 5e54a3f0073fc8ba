"""What was put right, in the language of the channel."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.correcting import in_words_of
from bot.delivery.wording import languages, wording

LINES = (
    "Evidence: report → rumour (put right by an administrator)",
    "Is V4 out? → released (put right by an administrator, was denied)",
    "Story #5 “V4 {is} out” is this same event (put right by an administrator)",
    "“V4 {is} out” is another event, now story #9 (put right by an administrator)",
    "It said: V4 {is} out",
)


@pytest.mark.parametrize("line", LINES)
def test_english_stays_and_other_languages_keep_headlines_states_and_numbers(line: str) -> None:
    assert in_words_of(wording("en"), line) == line
    for language in set(languages()) - {"en"}:
        shown = in_words_of(wording(language), line)
        assert not any(
            word in shown for word in ("administrator)", "Evidence:", "event", "It said", ", was ")
        )
        assert all(
            kept in shown for kept in ("V4 {is} out", "5", "9", "denied", "Is V4 out?") if kept in line
        )


def test_grades_are_named_as_in_every_other_message() -> None:
    assert in_words_of(wording("de"), LINES[0]) == "Beleg: Bericht → Gerücht (von der Verwaltung berichtigt)"


@given(st.text(max_size=60))
def test_any_other_line_stays_as_it_is_in_english(line: str) -> None:
    assert in_words_of(wording("en"), line) == line
