"""What an answer of a watch question rests on, and what is too weak, or of something else, to take it back. Pure."""

import re
from dataclasses import dataclass

from bot.judgement.stories_features import is_model, terms_of
from bot.judgement.text import fold
from bot.judgement.watch_cues import cues_of, mood
from bot.model import Grade, Graded, Item

#: States that say of an act that it did not happen. (A ban or a withdrawn rule is an act of its own.)
_UNDOING = frozenset(("denied", "delayed", "cancelled"))
_TALK = frozenset(("rumoured", "announced"))
#: States in which nothing more is waited for than what others make of it.
_AFTERWARDS = frozenset(("benchmarked", "confirmed"))
_FIRST_HAND = Grade.PRIMARY_DATA.rank
_CLAUSE_END = re.compile(r"[,;，；。\n]|(?<=[a-z])\. ")
_DELAY = re.compile(
    r"(?<![a-z])(?:delay|postpon|slip|pushed back|behind schedule|verspatet|verschob|retard)|推迟|跳票|延期|延后|延迟"
    r"|(?<![a-z])(?:paus|halt|suspend)\w* (?:[\w'.-]+ ){0,4}(?:deliver|ship)"
    r"|(?:暂停|停止|中止)[^，。；]{0,12}(?:交付|出货|发货|供货)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """The best evidence of an answer: its grade, and its headline, which says of what exactly it speaks."""

    grade: Grade
    title: str


def overturns(
    told: str, state: str, ladder: tuple[str, ...], item: Item, graded: Graded, proof: Proof | None
) -> bool:
    """Whether an item would take back, on weaker proof, what was shown first-hand to be done.

    ``ladder``: the states that only go forward. What has a step still to come ("launched", not yet "shipping") can be
    late or denied by anybody's report; what is out cannot, unless the item names another version than the proof.
    """
    if told not in _UNDOING or proof is None or state not in ladder or state in _TALK:
        return False
    if proof.grade.rank < _FIRST_HAND or graded.grade.rank >= _FIRST_HAND:
        return False
    if any(step not in _AFTERWARDS for step in ladder[ladder.index(state) + 1 :]):
        return False
    subject, known = _subject(item.title), _subject(proof.title)
    return not subject or not known or subject == known


def denies_another_act(item: Item, state: str) -> bool:
    """Whether what an item denies is not what the question waits for: that it is late (which takes back only
    ``delayed``), or a charge such as that it was copied."""
    title, summary = fold(item.title), fold(item.summary)
    denial = cues_of("denied", ()).done
    for clause in (*_CLAUSE_END.split(title), *_CLAUSE_END.split(summary)):
        if denial.find(clause):
            if _DELAY.search(clause):
                return state != "delayed"
            return bool(mood("charge").find(clause))
    return False


def _subject(title: str) -> str:
    """The first version or model that a headline names, "" when it names none."""
    return next((term for term in terms_of(fold(title))[0] if is_model(term)), "")
