"""What an item does to its story and whether that is told: every combination that matters."""

import pytest

from bot.judgement.alerts import decide
from bot.model import Event, Grade, TopicId, WatchMove

MOVE = WatchMove(topic=TopicId("t"), question="is it out", state="released", previous="rumoured", reason="r")


@pytest.mark.parametrize(
    ("on_topic", "grade", "previous", "moves", "event", "alert", "named"),
    [
        pytest.param(False, Grade.OFFICIAL, None, (), Event.NONE, False, "no topic", id="off-topic"),
        pytest.param(False, Grade.OFFICIAL, Grade.RUMOUR, (), Event.NONE, False, "no topic", id="off-topic-later"),
        pytest.param(True, Grade.OPINION, None, (), Event.NEW, True, "first", id="first-of-its-story"),
        pytest.param(True, Grade.FILING, Grade.RUMOUR, (), Event.UPGRADE, True, "filing after rumour", id="better"),
        pytest.param(True, Grade.RUMOUR, Grade.OPINION, (), Event.UPGRADE, True, "rumour after opinion", id="any-rise"),
        pytest.param(True, Grade.REPORT, Grade.REPORT, (), Event.UPDATE, False, "told already", id="same-grade"),
        pytest.param(True, Grade.RUMOUR, Grade.FILING, (), Event.UPDATE, False, "told already", id="weaker"),
        pytest.param(True, Grade.REPORT, Grade.FILING, (MOVE,), Event.UPDATE, True, "changed answer", id="answer"),
        pytest.param(True, Grade.REPORT, None, (MOVE,), Event.NEW, True, "first", id="first-and-answer"),
    ],
)  # fmt: skip
def test_event_and_alert(
    on_topic: bool,
    grade: Grade,
    previous: Grade | None,
    moves: tuple[WatchMove, ...],
    event: Event,
    alert: bool,
    named: str,
) -> None:
    decision = decide(on_topic=on_topic, grade=grade, previous=previous, moves=moves)
    assert (decision.event, decision.alert) == (event, alert)
    assert named in decision.reason
