"""What a text tells of a watch question: the state, and the words that say so. Pure."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from bot.judgement.pieces import pieces_in
from bot.judgement.terms import TITLE, scan_of
from bot.judgement.text import fold, joined
from bot.judgement.watch_cues import cues_of, mood, stated
from bot.judgement.watch_question import FIRST, TALK, Question
from bot.judgement.watch_subject import (
    from_subject,
    is_done_to_another,
    is_done_to_it,
    is_of_another_thing,
    is_only_made_with,
)
from bot.judgement.watch_wording import (
    FINAL_TO_COME,
    NO_NEW_BAN,
    ONLY_A_POSITION,
    ONLY_THOUGHT_OF,
    SUSPENSION_GOES_ON,
    may_tell_in_other_words,
    told_in_other_words,
)
from bot.model import Grade, Graded, Item

#: "Pushes back on reports": it refuses them.
_REFUSES = re.compile(r"\bpush\w* back (?:on|at|against)\b")
#: "Delivers 4.2 TFLOPS", "delivers on its promise": nothing is handed over.
_PERFORMS = re.compile(
    r"\bdeliver(?:s|ed)? (?:(?:on|up to|about|roughly|nearly|over|more|twice|half|the same)\b|(?:an? )?\d)"
)
_TO_BE_DONE = re.compile(r"\bto be (?:withdrawn|rescinded|revoked|repealed|scrapped|pulled|cancell?ed)\b")
#: Who takes back an order withdraws no rule.
_ORDERS_CANCELLED = re.compile(r"\bcancel\w* (?:[\w'-]+ ){0,4}orders?\b|取消[^，。；]{0,14}(?:订单|采购)")
#: "The rate drops from 86 to 79": nothing is handed out.
_FALLS = re.compile(
    r"\b(?:rates?|scores?|prices?|shares?|accuracy|latency|costs?|demand|share|rank(?:ing)?) drops?\b"
    r"|\bdrops? (?:from|to|by|below|under|sharply|as|\d)"
)
_REJECTED = re.compile(
    r"\b(?:reject|oppos|criti|slam|against)\w*\b[^.]{0,40}\bpropos|(?:否决|反对|拒绝)[^，。]{0,16}提案"
)
#: 曝V5四月发布: who tips a month speaks of what is to come.
_TIPPED = re.compile(
    r"(?:曝|传|消息称|爆料)[^，。；\n]{0,24}(?:\d{1,2}|[一二三四五六七八九十]{1,2})月(?!\d{1,2}日)"
)
#: 首字延迟1.4秒 is a latency, no delay.
_LATENCY = re.compile(
    r"(?:首字|首token|首个token|网络|端到端|响应|推理|通信|平均|低)延迟|延迟(?:约|仅|为|低至|降至)?\s?\d|latency"
)
_BROUGHT_OUT = ("released", "launched")
_FIRST_HAND = Grade.PRIMARY_DATA.rank


class Text(NamedTuple):
    """What an item states, folded."""

    title: str
    summary: str
    both: str


def _stated(text: str) -> str:
    told = stated(fold(text))
    return _PERFORMS.sub(" ", told) if "deliver" in told else told


def text_of(item: Item) -> Text:
    """The item without what it only asks, supposes, or counts."""
    title, summary = _stated(item.title), _stated(item.summary)
    return Text(title=title, summary=summary, both=joined(title, summary))


def state_told(question: Question, text: Text, graded: Graded, item: Item) -> tuple[str, str] | None:
    """The state that the text tells, and the words that say so."""
    for whole in (text.title, text.summary):
        part = from_subject(question.versions, whole)
        if not _may_tell(question, part):
            continue
        if whole is text.title and _is_of_another_thing(question, item, text.title):
            continue
        if found := _told_in(question, part, text, graded, item):
            return found
    return None


def _is_of_another_thing(question: Question, item: Item, title: str) -> bool:
    """What a headline tells of another product is not told of the one that only the summary names."""
    if not is_of_another_thing(question.versions, title):
        return False
    hits = question.subject.hits(scan_of(item.title, item.summary))
    return not any(where & TITLE for _, where in hits)


def _may_tell(question: Question, text: str) -> bool:
    if question.pieces is None or not question.pieces.isdisjoint(pieces_in(text)):
        return True
    return may_tell_in_other_words(text)


def _told_in(question: Question, part: str, text: Text, graded: Graded, item: Item) -> tuple[str, str] | None:
    done = _done(question, part, text, graded, item)
    if done is not None and done[0] in FIRST:
        return done
    later = _TIPPED.search(part) or mood("future").find(part)
    act = done or _about(question, part)
    if later and act is not None and question.cues[act[0]].can_be_coming(part):
        return _coming(question, act[1], graded)
    if done is not None:
        return done
    if announced := _announced(question, part):
        return "announced", announced
    if "proposed" in question.ladder and "adopted" in question.ladder and mood("reporting").find(text.both):
        return None  # who reports on a proposal has it before him: it is neither made nor hearsay any more
    planned = mood("to_propose").find(part)
    drafted = planned or cues_of("drafted", ()).done.find(part)
    if drafted and "proposed" in question.ladder:
        if "rumoured" in question.ladder and (planned or graded.grade.rank < Grade.FILING.rank):
            return "rumoured", drafted
        # Where a question knows no rumour, what the press hears of a draft moves nothing.
        return None if planned or graded.grade.rank < Grade.FILING.rank else ("proposed", drafted)
    rumoured = question.cues["rumoured"].done.find(part) if "rumoured" in question.cues else None
    # Hearsay of anything else, such as its price or its makers, is no rumour of what is waited for.
    return ("rumoured", rumoured) if rumoured and _speaks_of_an_act(question, text) else None


def _announced(question: Question, part: str) -> str:
    """The words that say that the very thing was announced, "" where there are none."""
    cue = question.cues["announced"].done.find_said(part) if "announced" in question.ladder else ""
    return cue if cue and is_done_to_it(question.versions, part, cue) else ""


def _speaks_of_an_act(question: Question, text: Text) -> bool:
    return any(
        question.cues[state].about.find_said(part) or question.cues[state].done.find_said(part)
        for state in question.ladder
        if state not in TALK
        for part in (text.title, text.summary)
    ) or ("proposed" in question.ladder and bool(cues_of("drafted", ()).done.find(text.both)))


def _done(question: Question, part: str, text: Text, graded: Graded, item: Item) -> tuple[str, str] | None:
    """The state that is told as done: asides first, then the furthest of the ladder."""
    asides = [state for state in question.done if state in FIRST]
    found = _done_of(question, asides, part, text, graded, item)
    if found is None:
        found = told_in_other_words(question.cues, part)
    if found is None:
        rest = question.done[len(asides) :]
        found = _done_of(question, rest, part, text, graded, item)
    return found


def _done_of(
    question: Question, states: Sequence[str], part: str, text: Text, graded: Graded, item: Item
) -> tuple[str, str] | None:
    for state in states:
        cue = question.cues[state].done.find_said(part)
        if (
            cue
            and _holds(state, part, text, graded, item)
            and not is_done_to_another(question.versions, part, cue)
            and not (state in _BROUGHT_OUT and is_only_made_with(question.versions, part))
        ):
            return state, cue
    return None


def _holds(state: str, part: str, text: Text, graded: Graded, item: Item) -> bool:
    """What a cue needs besides being there."""
    if state == "denied":
        # A party that denies something else (a charge, a debt) says nothing of the question.
        return bool(mood("deniable").find(text.both))
    if state == "delayed":
        return not (mood("past_delay").find(part) or _LATENCY.search(part) or _REFUSES.search(part))
    if state == "adopted":
        return not (mood("in_committee").find(text.both) or ONLY_A_POSITION.search(part))
    if state == "final":
        return not FINAL_TO_COME.search(part)
    if state == "approved":
        return not mood("before_this").find(part)
    if state == "rescinded":
        return not any(no.search(part) for no in (_TO_BE_DONE, _ORDERS_CANCELLED, ONLY_THOUGHT_OF))
    if state == "blocked":
        return not NO_NEW_BAN.search(part)
    if state == "in-force":
        return not mood("not_yet_in_force").find(part)
    if state == "released":
        return not _FALLS.search(part)
    if state == "proposed":
        amended = mood("reporting").find(text.both)
        return not (amended or mood("to_propose").find(part) or _REJECTED.search(part))
    if state == "suspended":
        return not (mood("suspension_over").find(part) or SUSPENSION_GOES_ON.search(part))
    if state == "changed":
        return not mood("unchanged").find(text.both)
    if state == "benchmarked":
        # By others: what a party says of itself is a claim.
        by_itself = text.title.startswith(fold(item.publisher))
        return graded.grade in (Grade.PRIMARY_DATA, Grade.OFFICIAL) and not by_itself
    return True


def _about(question: Question, part: str) -> tuple[str, str] | None:
    for state in question.ladder:
        cue = question.cues[state].about.find_said(part)
        if cue:
            return state, cue
    return None


def _coming(question: Question, cue: str, graded: Graded) -> tuple[str, str] | None:
    if "announced" in question.ladder and graded.grade.rank >= _FIRST_HAND:
        return "announced", cue
    if "rumoured" in question.ladder:
        return "rumoured", cue
    return None
