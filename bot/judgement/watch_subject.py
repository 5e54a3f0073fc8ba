"""Whether a headline speaks of the very version that a watch question waits for. Pure.

V4 is not V4.1, and Rhea1 is not Rhea2.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from bot.judgement.stories_features import is_model, terms_of
from bot.judgement.stories_rules import line_of
from bot.judgement.text import fold

#: Memory that a chip is built with is a product of somebody else's too.
_MEMORY = "m:hbm"
#: So near to a verb stands what it is done to.
_OBJECT_SPAN = 40
_NEXT_SPAN = 18
#: What something else was made with or for: "trained on Ascend 950", "released with V4 support", "V4 quants".
_MADE_WITH = re.compile(
    r"\btrain(?:ed|ing|s)? (?:\w+ ){0,3}(?:on|with|using) [^,;.]*|(?:基于|在|用|依托|采用)[^，,。；]{0,20}训练"
    r"|\bwith [^,;.]*\bsupport\b|\bsupport(?:s|ing)? [^,;.]*|(?:支持|适配|兼容)[^，,。；]{0,20}"
    r"|\b(?:releases?|launches|ships|adds|gets) "
    r"(?:(?!with\b|for\b)[\w'.-]+ ){0,4}(?:support|quants?|ggufs?|integration|backend|plug-?in)\b"
)
_MADE_WITH_SIGN = re.compile(r"train|support|quant|gguf|integration|backend|plug|训练|支持|适配|兼容")
#: What stands behind a cue of the passive: who or what did it.
_DONE_BY = re.compile(r"\s*(?:by|over|due to|because of|as)\b")
_DIGIT = re.compile(r"[0-9]")


def versions_of(texts: Iterable[str]) -> tuple[str, ...]:
    """The versions and models that the terms or the words of a question name."""
    cut = [terms_of(fold(text.strip("*=")), names_alone=True)[0] for text in texts]
    return tuple(sorted({term for terms in cut for term in terms if is_model(term)}))


@lru_cache(maxsize=32)  # the title of one item and parts of it, asked by every question of its topics
def _named_in(title: str) -> tuple[str, ...]:
    if not _DIGIT.search(title):  # as every version and model has
        return ()
    return tuple(term for term in terms_of(title)[0] if is_model(term) or term.startswith(_MEMORY))


@lru_cache(maxsize=256)  # of each question, asked for each item
def _lines_of(versions: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(line_of, versions))


def is_of_another_version(versions: tuple[str, ...], title: str, rest: str = "") -> bool:
    """Whether a folded headline speaks of a version of the same line ("V5", "Rhea2") that is none of these: of several
    the first, others are compared with it. Where it names none, the ``rest`` of the text tells."""
    if not versions:
        return False
    lines = _lines_of(versions)
    named = [term for term in _named_in(title) if line_of(term) in lines][:1]
    named = named or [term for term in _named_in(rest) if line_of(term) in lines]
    return bool(named) and not _has_own(versions, named)


def is_of_another_thing(versions: Sequence[str], title: str) -> bool:
    """Whether a folded headline names models or versions, and none of these: what it tells is theirs."""
    named = _named_in(title) if versions else ()
    return bool(named) and not _has_own(versions, named)


def is_done_to_another(versions: Sequence[str], text: str, cue: str) -> bool:
    """Whether the first thing that stands behind a cue is another product, and none of these stands before it: "X
    launches Hunyuan 3 as investors await V4". What is done by something is done to what stands before."""
    before, _, after = text.partition(cue)
    if versions and _DONE_BY.match(after):  # "V5 delayed by trouble with Ascend 950"
        done_to = _named_in(before)
        return bool(done_to) and not _has_own(versions, done_to)
    named = _named_in(after[:_OBJECT_SPAN]) if versions else ()
    return (
        bool(named)
        and not _has_own(versions, named[:1])
        and not _has_own(versions, _named_in(before[-_OBJECT_SPAN:]))
    )


def is_only_made_with(versions: Sequence[str], text: str) -> bool:
    """Whether these stand only in what something else was made with or for ("trained on Ascend 950")."""
    if not versions or not _MADE_WITH_SIGN.search(text):
        return False
    rest = _MADE_WITH.sub(" ", text)
    return rest != text and _has_own(versions, _named_in(text)) and not _has_own(versions, _named_in(rest))


def from_subject(versions: Sequence[str], text: str) -> str:
    """The text without the clauses before the one that first names these: "A delays B; Ascend 950 on track"."""
    if ";" not in text or not versions:
        return text
    clauses = text.split(";")
    first = next((at for at, clause in enumerate(clauses) if _has_own(versions, _named_in(clause))), 0)
    return ";".join(clauses[first:])


def is_done_to_it(versions: Sequence[str], text: str, cue: str) -> bool:
    """Whether one of these is what stands right behind a cue: "announces V4", no "announces a price cut for V4"."""
    return _has_own(versions, _named_in(text.partition(cue)[2][:_NEXT_SPAN])) if versions else False


def _has_own(versions: Sequence[str], named: Sequence[str]) -> bool:
    return any(_is_of(term, version) for term in named for version in versions)


def _is_of(term: str, version: str) -> bool:
    """ "950DT" is of the 950 series; "V4.1" is another than "V4"."""
    rest = term.removeprefix(version)
    return not rest or (rest != term and rest.isalpha())
