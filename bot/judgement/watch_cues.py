"""Cue words of watch states, as patterns over folded text. Knows nothing of questions."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from bot.judgement.pieces import look_for, pieces_in
from bot.judgement.text import fold, script_of

#: So many choices of the terms of one list are kept, the latest.
_PATTERNS_KEPT = 256
#: A negation counts when it stands at most this many characters before the cue.
_NEGATION_SPAN = 14
#: "Before its launch", "ahead of Rhea1 shipments", "上线前" name a time at which something else happened.
_DATING_SPAN = 32
_DATED_BEFORE = re.compile(
    r"(?<![a-z0-9])(?:before|ahead of|prior to|until|in the run-up to|run-up to)(?: (?:the|a|an|its|their|any))?"
    r"(?: [\w.'-]+){0,2} ?$"
)
_ASKED = re.compile(r"[^.!。！;；\n?]*\?")
#: What supposes has one of these; begins with letters, which makes it fast.
_SUPPOSED_WORD = re.compile(r"if\b|once\b|what happens|如果|一旦|假如|倘若")
_SUPPOSED = re.compile(
    r"\bwhat happens (?:if|when)\b[^,，.;。；\n]*|\b(?:if|once)\b[^,，.;。；\n]*|(?:如果|一旦|假如|倘若)[^，。；\n]*"
)
_DATED_AFTER = re.compile(r"(?:之|以)?前(?!瞻)|之后|以后")


class Terms:
    """Finds any of some terms in folded text: Latin ones as whole words, hyphen or space between parts; others
    anywhere. The longest term that begins first is found."""

    def __init__(self, terms: Iterable[str]) -> None:
        folded = sorted(
            {fold(term).strip() for term in terms} - {""},
            key=lambda term: (-len(term), term),
        )
        self._patterns = {term: _pattern(term) for term in folded}
        pieces = frozenset(map(_piece, folded))
        #: A text that has one of the terms holds one of these. None: a term of separators alone, which must be tried
        #: on every text.
        self.pieces = None if "" in pieces else look_for(pieces)
        # A text is searched for the terms alone of which it has the pieces, as it has few.
        self._of_pieces = lru_cache(maxsize=_PATTERNS_KEPT)(self._compiled)

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def find(self, text: str, *, whole: str = "") -> str:
        """The words found, "" when there are none. ``whole``: a text that holds this one and is looked through for
        pieces anyhow, which spares a pass."""
        pattern = self._near(whole or text)
        match = pattern.search(text) if pattern is not None else None
        return match[0] if match else ""

    def find_said(self, text: str) -> str:
        """Like ``find``, but passes over what is not said of now: what a negation stands close before, and what only
        dates something else ("before launch", "上线前")."""
        pattern = self._near(text)
        if pattern is None:
            return ""
        for match in pattern.finditer(text):
            before = text[max(0, match.start() - _NEGATION_SPAN) : match.start()]
            if not mood("negated").is_in_few(before) and not _is_date_of_another(text, match):
                return match[0]
        return ""

    def is_in_few(self, text: str) -> bool:
        """Whether one is in a few characters, which are searched sooner than looked through for pieces."""
        return bool(self._patterns) and self._of_pieces(self.pieces).search(text) is not None

    def _near(self, text: str) -> re.Pattern[str] | None:
        """What finds the terms that the text may have, None when there are none."""
        if self.pieces is None:
            return self._of_pieces(None)
        here = self.pieces & pieces_in(text)
        return self._of_pieces(here) if here else None

    def _compiled(self, pieces: frozenset[str] | None) -> re.Pattern[str]:
        return re.compile(
            "|".join(
                pattern
                for term, pattern in self._patterns.items()
                if pieces is None or _piece(term) in pieces
            )
        )


def stated(text: str) -> str:
    """What a folded text states: without what it asks, and what holds only if something else does."""
    if "?" in text:
        text = _ASKED.sub(" ", text)
    return _SUPPOSED.sub(" ", text) if _SUPPOSED_WORD.search(text) else text


def _is_date_of_another(text: str, match: re.Match[str]) -> bool:
    before = text[max(0, match.start() - _DATING_SPAN) : match.start()]
    return bool(_DATED_BEFORE.search(before) or _DATED_AFTER.match(text, match.end()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cues:
    done: Terms
    about: Terms
    own: Terms  # those of the catalog: its author knows what they mean, no mood weakens them

    def can_be_coming(self, text: str) -> bool:
        """Whether a word for the future beside the cue means that the act is still to come. Only acts that are
        talked of beforehand (those with an "about" list) are weakened so: a passed bill *would* require things."""
        return bool(self.about) and not self.own.find(text)


@lru_cache(maxsize=512)
def cues_of(state: str, own: tuple[str, ...]) -> Cues:
    """The cues of a state: the built-in ones of its name, else the name itself, and the catalog's own."""
    tables = _tables()
    built_in = tables["done"].get(state) or (state, state.replace("-", " "))
    return Cues(
        done=Terms((*built_in, *own)),
        about=Terms((*tables["about"][state], *built_in) if state in tables["about"] else ()),
        own=Terms(own),
    )


@lru_cache(maxsize=16)
def mood(name: str) -> Terms:
    return Terms(_tables()["mood"][name])


@lru_cache(maxsize=1)
def _tables() -> dict[str, dict[str, list[str]]]:
    text = resources.files("bot.judgement").joinpath("watch_lexicon.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _pattern(term: str) -> str:
    begins = term.endswith("*")  # as in a topic's terms: any ending
    term = term.rstrip("*")
    if _is_found_anywhere(term):
        return re.escape(term)
    parts = [re.escape(part) for part in _parts(term)]
    # [a-z0-9] and not \w: a Chinese character beside a Latin word is a border.
    left = r"(?<![a-z0-9])" if term[:1].isascii() else ""
    return left + r"[\s_-]{0,2}".join(parts) + ("" if begins else r"(?![a-z0-9])")


def _piece(term: str) -> str:
    """What must be in a text for ``_pattern`` to match it."""
    term = term.rstrip("*")
    return term if _is_found_anywhere(term) else max(_parts(term), key=len, default="")


def _is_found_anywhere(term: str) -> bool:
    return script_of(term) != "latin" and not re.search(r"[a-z0-9]$", term)


def _parts(term: str) -> list[str]:
    return [part for part in re.split(r"[\s_-]+", term) if part]
