"""Says which of many patterns could match a text, by one pass over it whatever their number. Pure."""

from collections.abc import Iterable, Sequence

from ahocorasick_rs import AhoCorasick, Implementation


class Screen:
    """Made of the pieces of each pattern: literal texts of which every match holds at least one."""

    def __init__(self, pieces: Iterable[Sequence[str]]) -> None:
        owners: dict[str, list[int]] = {}
        for index, of_one in enumerate(pieces):
            for piece in of_one:
                owners.setdefault(piece, []).append(index)
        self._automaton = AhoCorasick(list(owners), implementation=Implementation.DFA)
        self._owners = list(owners.values())

    def possible(self, text: str) -> list[int]:
        """The indexes of the patterns that are worth running over ``text``, in order."""
        seen = {at for at, _, _ in self._automaton.find_matches_as_indexes(text, overlapping=True)}
        return sorted({index for at in seen for index in self._owners[at]})

    def any_possible(self, text: str) -> bool:
        """Whether any pattern is."""
        return bool(self._automaton.find_matches_as_indexes(text))
