"""Finds the literal pieces of all tables in a text, by one pass over it whatever their number. Pure.

An item is asked for thousands of words and patterns, and has next to none of them. Whoever looks for a pattern names
pieces of which every match holds at least one, and runs the pattern only where one of them is in the text.
"""

from collections.abc import Iterable
from functools import lru_cache

from ahocorasick_rs import AhoCorasick

#: An item has title and summary together, each alone, its address, and a few sentences; publishers come again.
_TEXTS_KEPT = 128


class _Pieces:
    """All pieces that anybody named in this process: tables of the package, terms of catalogs."""

    def __init__(self) -> None:
        self._all: dict[str, str] = {}
        self._automaton: AhoCorasick | None = None
        self.present = lru_cache(maxsize=_TEXTS_KEPT)(self._find)

    def add(self, pieces: Iterable[str]) -> frozenset[str]:
        known = len(self._all)
        added = frozenset(self._all.setdefault(piece, piece) for piece in pieces)
        if len(self._all) > known:
            self._automaton = None
            self.present.cache_clear()
        return added

    def _find(self, text: str) -> frozenset[str]:
        automaton = self._automaton
        if automaton is None:
            automaton = self._automaton = AhoCorasick(list(self._all), store_patterns=True)
        return frozenset(automaton.find_matches_as_strings(text, overlapping=True))


_pieces = _Pieces()


def look_for(pieces: Iterable[str]) -> frozenset[str]:
    """Have ``pieces_in`` look for these too; they come back as a set to compare its answers with. None is empty."""
    return _pieces.add(pieces)


#: Which of the pieces that were ever named are in a text. The latest texts' answers are kept.
pieces_in = _pieces.present
