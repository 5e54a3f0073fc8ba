"""Old news is not a flood: the newest few of each topic."""

from datetime import timedelta

from bot.flow.firstrun import newest_few
from bot.model import Event
from tests.builders import NOW, a_verdict


def at(hours: int, number: int, **given: object) -> object:
    return a_verdict(number=number, item={"published": NOW - timedelta(hours=hours)}, **given)


def test_the_newest_three_new_stories_of_each_topic_in_their_own_order() -> None:
    verdicts = [
        *(at(10 - n, n) for n in range(6)),
        at(20, 6, topics=("ascend",)),
        at(1, 7, event=Event.UPDATE, alert=False),
        at(1, 8, topics=()),
    ]
    assert [verdict.story for verdict in newest_few(verdicts)] == [3, 4, 5, 6]  # type: ignore[arg-type]


def test_nothing_of_nothing() -> None:
    assert newest_few([]) == []
