"""The bilingual table of the field, ``stories_lexicon.toml``: which words of which language mean the same."""

import tomllib
from functools import lru_cache
from importlib import resources
from typing import Any

from ahocorasick_rs import AhoCorasick, MatchKind

from bot.judgement.stories_acts import NEGATED
from bot.judgement.text import WORD, fold, script_of, stem

_NEGATIONS = (
    "not", "not yet", "not be", "never", "no", "won't", "won't be", "isn't", "hasn't", "wasn't", "yet to be", "nicht",
)  # fmt: skip
_NEGATIONS_ZH = ("不", "未", "并未", "尚未", "没有", "不会", "暂不", "未能")


class Lexicon:
    """The bilingual table: phrases of Latin words, and Chinese forms, to concepts."""

    def __init__(self, groups: dict[str, dict[str, Any]]) -> None:
        self._phrases: dict[tuple[str, ...], str] = {}
        #: The first words of longer phrases, and what can stand second there.
        self.openings: dict[str, set[str]] = {}
        self._longest = 1
        self._han: dict[str, str] = {}
        self.acts = frozenset(f"c:{name}" for name in groups.get("act", {}))
        self.firms = frozenset(f"c:{name}" for name in groups.get("firm", {}))
        self.names = self.firms.union(f"c:{name}" for name in groups.get("name", {}))
        common = groups.pop("common", {})
        self.field = frozenset(common.get("field", ()))
        self.often = frozenset(common.get("often", ()))
        everyday = common.get("everyday", "").split()
        self.everyday = frozenset(
            f"w:{stem(word)}" if word.isascii() else f"z:{word}" for word in everyday
        ).union(f"c:{name}" for name in groups.get("word", {}))
        for concepts in groups.values():
            for name, forms in concepts.items():
                for form in forms:
                    self._add(fold(form), f"c:{name}")
        self._add_negated(groups.get("act", {}))
        self._han_concepts = list(self._han.values())
        self._han_forms = AhoCorasick(list(self._han), matchkind=MatchKind.LeftmostLongest)

    def _add(self, form: str, concept: str) -> None:
        if not form.isascii() and script_of(form) != "latin":
            self._han.setdefault(form, concept)
            return
        words = tuple(WORD.findall(form))
        self._phrases.setdefault(words, concept)
        if len(words) > 1:
            self.openings.setdefault(words[0], set()).add(words[1])
            self._longest = max(self._longest, len(words))

    def _add_negated(self, acts: dict[str, list[str]]) -> None:
        for act, opposite in NEGATED.items():
            for form in map(fold, acts.get(act, ())):
                for negation in _NEGATIONS if form.isascii() else _NEGATIONS_ZH:
                    self._add(f"{negation} {form}" if form.isascii() else negation + form, f"c:{opposite}")

    def alone(self, word: str) -> str:
        """The concept of a word by itself, "" when it has none."""
        return self._phrases.get((word,), "")

    def phrase(self, words: list[str], start: int) -> tuple[str, int] | None:
        """The longest phrase of several words at ``start``, and how many it takes."""
        for length in range(self._longest, 1, -1):
            concept = self._phrases.get(tuple(words[start : start + length]))
            if concept is not None:
                return concept, length
        return None

    def han(self, run: str) -> list[tuple[str, int, int]]:
        """The concepts in a run of Chinese characters, each with where it stands: from the left, the longest first."""
        concepts = self._han_concepts
        return [(concepts[at], start, end) for at, start, end in self._han_forms.find_matches_as_indexes(run)]


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    text = resources.files("bot.judgement").joinpath("stories_lexicon.toml").read_text(encoding="utf-8")
    return Lexicon(tomllib.loads(text))
