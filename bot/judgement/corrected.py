"""Whether a text takes back or puts right what its source said before. Pure."""

import re
from functools import lru_cache

from bot.judgement.screen import Screen
from bot.judgement.stories_features import terms_of
from bot.judgement.stories_lexicon import lexicon
from bot.judgement.text import fold, joined
from bot.judgement.watch_cues import cues_of

_WORD = (
    r"(?:correction|corrected|retraction|retracted|clarification|erratum|corrigendum"
    r"|更正(?:声明)?|勘误|撤稿(?:声明)?|撤回声明)"
)
#: Newsrooms mark a correction where nobody overlooks it: before the headline, or behind it. "A market correction" and
#: "US withdraws the rule" are news, not marks.
_MARKED = re.compile(rf"^\W*{_WORD}\s*[\])】）:：|–—-]|[\[(【（;；]\s*(?:已)?{_WORD}\s*[\])】）]?\W*$")
_IN_TEXT = re.compile(
    r"(?:an|the|this) (?:earlier|previous|original) version of this (?:story|article|post|report|headline)"
    r"|this (?:story|article|post|report|headline) (?:has been|was) (?:corrected|retracted|updated to correct)"
    r"|^\W*\(?(?:corrects?|fixes) (?:the )?(?:paragraph|headline|spelling|date|figure|name|number|day|year)"
    r"|本文(?:已|曾)?(?:作)?(?:更正|勘误)|(?:此前|先前|早前)(?:的)?报道(?:有误|不实|错误)",
    re.M,
)
#: What every match of these holds.
_SCREEN = Screen(
    [
        ("correct", "retract", "clarification", "erratum", "corrigendum", "更正", "勘误", "撤稿", "撤回声明"),
        ("version of this", "fixes", "报道有误", "报道不实", "报道错误"),
    ]
)
_NOT = re.compile(
    r"\b(?:no|not|never|denies|denied|won't|isn't|false|fake|cancel\w*)\b|不|未|没有|否认|辟谣|取消"
)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_STATES = ("announced", "released", "delayed", "denied", "approved", "blocked", "withdrawn")
#: Headlines that share less of their words than this tell something else.
_SAME_WORDS = 0.25


@lru_cache(maxsize=16)  # an item is judged and then remembered
def is_correction(title: str, summary: str) -> bool:
    """Whether the text says of itself that it corrects or retracts."""
    head, body = fold(title).strip(), fold(summary).strip()
    text = joined(head, body)
    if not _SCREEN.any_possible(text):
        return False
    return bool(_MARKED.search(head) or _IN_TEXT.search(text) or _opens_with_mark(body))


def _opens_with_mark(body: str) -> bool:
    return re.match(rf"^\W*{_WORD}\s*[\])】）:：]", body) is not None


def is_changed(before: str, after: str) -> bool:
    """Whether a headline that replaces another says something else: a figure was replaced, an act turned into
    another or was negated, hardly a word is left, or it is marked as corrected. Better wording is no change."""
    old, new = fold(before), fold(after)
    if old == new:
        return False
    if is_correction(after, "") and not is_correction(before, ""):
        return True
    if _replaced(set(_NUMBER.findall(old)), set(_NUMBER.findall(new))) or bool(_NOT.search(old)) != bool(
        _NOT.search(new)
    ):
        return True
    words, others = set(terms_of(old)[0]), set(terms_of(new)[0])
    acts = lexicon().acts
    if _replaced(acts & words, acts & others) or _replaced(_states(old), _states(new)):
        return True
    smaller = min(len(words), len(others))
    return smaller > 0 and len(words & others) / smaller < _SAME_WORDS


def _states(text: str) -> set[str]:
    """What the text tells as done, of the answers that matter to watch questions."""
    return {state for state in _STATES if cues_of(state, ()).done.find_said(text)}


def _replaced(before: set[str] | frozenset[str], after: set[str] | frozenset[str]) -> bool:
    """Whether something went and something else came in its place."""
    return bool(before - after) and bool(after - before)
