"""Until when the items say that what a watch question waits for will have come. Pure."""

import re
from collections.abc import Iterable, Mapping

from bot.judgement.deadlines import find_deadlines, may_name_deadline
from bot.judgement.text import fold
from bot.judgement.watch_cues import cues_of, mood
from bot.judgement.watch_question import TALK, Question, has_reached
from bot.judgement.watch_told import text_of
from bot.model import Item, TopicId, WatchDeadline

_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+|[。！？；\n]")
#: "Will not ship before May" names no deadline, and "missed" looks back on one.
_DENIED_TIME = re.compile(
    r"\b(?:not|n't|never|no longer|missed|misses|miss|originally|had been|was (?:expected|due|planned))\b"
    r"|不会|不在|未能|错过|跳票|原定|原计划|此前预计|されていた"
)
_MOVED = re.compile(r"delayed|postponed|pushed|slip|moved|rescheduled")


def named_deadlines(
    item: Item, questions: Iterable[Question], states: Mapping[tuple[TopicId, str], str]
) -> tuple[WatchDeadline, ...]:
    """Until when the item says that something is to happen that the questions wait for, and that has not."""
    if not may_name_deadline(text_of(item).both):
        return ()
    said = [
        (fold(part), deadlines)
        for part in _SENTENCE_END.split(f"{item.title}\n{item.summary}")
        if (deadlines := find_deadlines(part, item.published))
    ]
    if not said:
        return ()
    found: dict[tuple[TopicId, str], WatchDeadline] = {}
    for question in questions:
        for part, deadlines in said:
            state = _awaited(question, part)
            if not state or has_reached(question.watch, states.get(question.key, ""), state):
                continue
            for deadline in deadlines:
                named = WatchDeadline(
                    topic=question.topic, question=question.watch.id, state=state, at=deadline.at,
                    phrase=deadline.phrase,
                )  # fmt: skip
                if (deadline.is_firm or _is_ahead(part)) and _is_closer(named, found.get(question.key)):
                    found[question.key] = named
    return tuple(found.values())


def _awaited(question: Question, part: str) -> str:
    """The state that is said to come, "" when the sentence speaks of none of the question's."""
    if _DENIED_TIME.search(part) or mood("never").find(part):
        return ""
    for state in question.ladder:
        cues = question.cues[state]
        if state not in TALK and (cues.about.find(part) or cues.done.find(part)):
            return state
    if "delayed" in question.cues and question.cues["delayed"].done.find(part):
        return next((state for state in question.ladder if state not in TALK), "")
    return ""


def _is_closer(named: WatchDeadline, held: WatchDeadline | None) -> bool:
    """Of several times in one item the one it was moved to counts, else the soonest ("in February, mid-February")."""
    if held is None:
        return True
    moved, was_moved = bool(_MOVED.match(fold(named.phrase))), bool(_MOVED.match(fold(held.phrase)))
    return named.at < held.at if moved == was_moved else moved


def _is_ahead(part: str) -> bool:
    return bool(mood("future").find(part) or cues_of("delayed", ()).done.find(part))
