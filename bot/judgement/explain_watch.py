"""What is said of watch questions and what came of it, for whoever asks why."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchNote:
    """``told``: the state that an item tells of a question which stands at ``state`` ("" for none), and the ``words``
    that say so. ``reason``: why that moves it or does not."""

    question: str
    state: str
    told: str
    words: str
    moved: bool
    reason: str
