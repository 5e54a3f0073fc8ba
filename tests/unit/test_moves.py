"""Moved addresses and the rhythm of a source."""

from dataclasses import replace
from datetime import timedelta

from bot.flow.moves import STABLE_POLLS, Move, after_answer, after_failure
from bot.flow.rhythm import first_gap, next_gap
from bot.model import RawItem
from tests.builders import NOW, a_state

NEW = "https://new.example/feed"
HOUR = timedelta(hours=1)


def test_a_new_address_is_believed_when_it_was_told_several_times_in_a_row() -> None:
    state = a_state()
    for seen in range(1, STABLE_POLLS):
        move = after_answer(state, NEW)
        assert move == Move(moved_url=NEW, moved_seen=seen)
        state = replace(state, moved_url=move.moved_url, moved_seen=move.moved_seen)
    assert after_answer(state, NEW) == Move(current_url=NEW)


def test_another_address_or_none_begins_anew() -> None:
    state = a_state(moved_url=NEW, moved_seen=STABLE_POLLS - 1)
    assert after_answer(state, "https://other.example/") == Move(
        moved_url="https://other.example/", moved_seen=1
    )
    assert after_answer(state, None) == Move()


def test_a_learnt_address_that_fails_is_forgotten() -> None:
    learnt = a_state(current_url=NEW)
    assert after_failure(replace(learnt, failures=1), gone=False).current_url is None
    assert after_failure(replace(learnt, failures=2), gone=False).current_url == ""
    assert after_failure(learnt, gone=True).current_url == ""
    assert after_failure(a_state(), gone=True).current_url is None


def test_a_failure_in_between_does_not_count_against_a_move() -> None:
    assert after_failure(a_state(moved_url=NEW, moved_seen=2), gone=False) == Move(
        moved_url=NEW, moved_seen=2
    )


def dated(*hours_ago: float) -> list[RawItem]:
    return [
        RawItem(external_id=str(n), url="", title="x", published=NOW - timedelta(hours=ago))
        for n, ago in enumerate(hours_ago)
    ]


def test_the_first_guess_is_the_usual_gap_between_entries() -> None:
    assert first_gap(dated(1, 2, 3, 4, 10), now=NOW) == HOUR
    assert first_gap(dated(1, 2), now=NOW) is None
    assert first_gap([*dated(1), RawItem(external_id="x", url="", title="x")], now=NOW) is None


def test_a_feed_that_ended_counts_as_quiet() -> None:
    found = first_gap(dated(4800, 4801, 4802, 4803), now=NOW)
    assert found is not None
    assert found > timedelta(days=10)


def test_later_the_gap_follows_what_polls_bring() -> None:
    assert next_gap(None, last_new=None, now=NOW) is None
    assert next_gap(None, last_new=NOW - HOUR, now=NOW) == HOUR
    slower = next_gap(HOUR, last_new=NOW - 11 * HOUR, now=NOW)
    assert slower == 4 * HOUR
