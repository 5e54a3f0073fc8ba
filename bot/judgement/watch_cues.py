"""Cue words of watch states, as patterns over folded text. Knows nothing of questions."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from bot.judgement.text import fold, script_of

#: A negation counts when it stands at most this many characters before the cue.
_NEGATION_SPAN = 14


class Terms:
    """Finds any of some terms in folded text: Latin ones as whole words, hyphen or space between parts; others
    anywhere. The longest term that begins first is found."""

    def __init__(self, terms: Iterable[str]) -> None:
        folded = sorted({fold(term).strip() for term in terms} - {""}, key=lambda term: (-len(term), term))
        self._pattern = re.compile("|".join(_pattern(term) for term in folded)) if folded else None

    def __bool__(self) -> bool:
        return self._pattern is not None

    def find(self, text: str) -> str:
        """The words found, "" when there are none."""
        match = self._pattern.search(text) if self._pattern else None
        return match[0] if match else ""

    def find_not_negated(self, text: str) -> str:
        """Like ``find``, but passes over what a negation stands close before."""
        if self._pattern is None:
            return ""
        for match in self._pattern.finditer(text):
            if not mood("negated").find(text[max(0, match.start() - _NEGATION_SPAN) : match.start()]):
                return match[0]
        return ""


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
    if script_of(term) != "latin" and not re.search(r"[a-z0-9]$", term):
        return re.escape(term)
    parts = [re.escape(part) for part in re.split(r"[\s_-]+", term) if part]
    # [a-z0-9] and not \w: a Chinese character beside a Latin word is a border.
    return r"(?<![a-z0-9])" + r"[\s_-]{0,2}".join(parts) + ("" if begins else r"(?![a-z0-9])")
