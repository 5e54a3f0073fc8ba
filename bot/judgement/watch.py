"""Moves the answers of watch questions. Pure: the states stand in the judge's memory."""

from collections.abc import Mapping

from bot.model import Graded, Item, Topic, TopicId, WatchMove


class Watcher:
    def __init__(self, topics: tuple[Topic, ...]) -> None:
        self._topics = {topic.id: topic for topic in topics if topic.watches}

    def moves(
        self,
        item: Item,
        topics: tuple[TopicId, ...],
        graded: Graded,
        states: Mapping[tuple[TopicId, str], str],
    ) -> tuple[WatchMove, ...]:
        """What the item moves, given where the questions stand."""
        return ()
