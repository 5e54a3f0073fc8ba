"""Says which of many patterns could match a text. Pure."""

from collections.abc import Iterable, Sequence

from bot.judgement.pieces import look_for, pieces_in


class Screen:
    """Made of the pieces of each pattern: literal texts of which every match holds at least one."""

    def __init__(self, pieces: Iterable[Sequence[str]]) -> None:
        owners: dict[str, list[int]] = {}
        for index, of_one in enumerate(pieces):
            for piece in of_one:
                owners.setdefault(piece, []).append(index)
        self._owners = owners
        self._pieces = look_for(owners)

    def possible(self, text: str) -> list[int]:
        """The indexes of the patterns that are worth running over ``text``, in order."""
        return sorted({index for piece in self._pieces & pieces_in(text) for index in self._owners[piece]})

    def any_possible(self, text: str) -> bool:
        """Whether any pattern is."""
        return not self._pieces.isdisjoint(pieces_in(text))
