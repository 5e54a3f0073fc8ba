"""Moves the answers of watch questions. Pure: where the questions stand comes from outside.

A question is moved by an item on its topic that names its subject, says with a cue word that something happened, and
carries enough proof. What is only said to come moves to ``announced`` (first-hand) or ``rumoured``.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from bot.judgement.deadlines import find_deadlines, may_name_deadline
from bot.judgement.pieces import pieces_in
from bot.judgement.terms import TITLE, Scan, Terms, scan_of
from bot.judgement.text import fold
from bot.judgement.watch_cues import Cues, cues_of, mood, stated
from bot.judgement.watch_proof import Proof, denies_another_act, overturns
from bot.judgement.watch_subject import (
    is_done_to_another,
    is_done_to_it,
    is_of_another_thing,
    is_of_another_version,
    versions_of,
)
from bot.judgement.witnesses import independent, with_speaker
from bot.model import Grade, Graded, Item, Topic, TopicId, Watch, WatchDeadline, WatchMove

#: Answers that may come at any time, and from which every other may follow. The rest only go forward.
_ASIDE = frozenset(
    {"delayed", "denied", "blocked", "rescinded", "suspended", "extended", "withdrawn", "cancelled"}
)
#: Asides are looked for first: "withdraws the proposed rule" is about the withdrawal.
_FIRST = ("denied", "rescinded", "extended", "suspended", "blocked", "delayed")
_TALK = ("rumoured", "announced")
#: Topic, question and state of what was said with too little proof to move it.
Hearsay = tuple[TopicId, str, str]
NOTHING: Mapping[Hearsay, Mapping[str, str]] = MappingProxyType({})
_NO_PROOFS: Mapping[tuple[TopicId, str], Proof] = MappingProxyType({})
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+|[。！？；\n]")
#: "Will not ship before May" names no deadline, and "missed" looks back on one.
_DENIED_TIME = re.compile(
    r"\b(?:not|n't|never|no longer|missed|misses|miss|originally|had been|was (?:expected|due|planned))\b"
    r"|不会|不在|未能|错过|跳票|原定|原计划|此前预计|されていた"
)
#: "Pushes back on reports": it refuses them.
_REFUSES = re.compile(r"\bpush\w* back (?:on|at|against)\b")
_MOVED = re.compile(r"delayed|postponed|pushed|slip|moved|rescheduled")
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
_FIRST_HAND = Grade.PRIMARY_DATA.rank


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    topic: TopicId
    watch: Watch
    subject: Terms
    groups: tuple[Terms, ...]  # one of each is as good as one of the subject
    cues: dict[str, Cues]
    versions: tuple[str, ...]  # the models and versions that its subject, or else it itself, names
    ladder: dict[str, int]  # the states that only go forward
    last: str  # of the ladder: nothing is waited for after it
    done: tuple[str, ...]  # the states in the order in which what is told as done is looked for
    #: A text without any of these tells nothing of it. None: that cannot be told.
    pieces: frozenset[str] | None

    @property
    def key(self) -> tuple[TopicId, str]:
        return self.topic, self.watch.id


class _Text(NamedTuple):
    """What an item states, folded."""

    title: str
    summary: str
    both: str


def _stated(text: str) -> str:
    told = stated(fold(text))
    return _PERFORMS.sub(" ", told) if "deliver" in told else told


def _text_of(item: Item) -> _Text:
    title, summary = _stated(item.title), _stated(item.summary)
    return _Text(title=title, summary=summary, both=_joined(title, summary))


def _joined(title: str, summary: str) -> str:
    return f"{title}\n{summary}" if summary else title


class Heard(NamedTuple):
    """What an item tells of a question: the state, and the words that say so. ``stays``: why that moves nothing."""

    topic: TopicId
    question: str
    state: str
    cue: str
    move: WatchMove | None
    stays: str


#: A question, the state that is told, and the words that say so.
_Told = tuple[_Question, str, str]


class Watcher:
    def __init__(self, topics: tuple[Topic, ...]) -> None:
        self._questions: dict[TopicId, list[_Question]] = {}
        for topic in topics:
            for watch in topic.watches:
                self._questions.setdefault(topic.id, []).append(_question(topic, watch))
        # The grade that proves any answer of a topic.
        self._proved_at = {
            topic: max(question.watch.min_grade.rank for question in questions)
            for topic, questions in self._questions.items()
        }
        # What was read of the latest item: it is judged, asked for its deadlines, and then remembered.
        self._asked: tuple[Item, tuple[TopicId, ...], list[_Question]] | None = None
        self._heard: tuple[Item, tuple[TopicId, ...], Graded, list[_Told]] | None = None

    def tells(self, item: Item, topics: tuple[TopicId, ...], graded: Graded) -> bool:
        """Whether the item tells anything of its questions."""
        return bool(topics) and bool(self._told(item, topics, graded))

    def moves(
        self,
        item: Item,
        topics: tuple[TopicId, ...],
        graded: Graded,
        states: Mapping[tuple[TopicId, str], str],
        settled: frozenset[tuple[TopicId, str]] = frozenset(),
        hearsay: Mapping[Hearsay, Mapping[str, str]] = NOTHING,
        proofs: Mapping[tuple[TopicId, str], Proof] = _NO_PROOFS,
    ) -> tuple[WatchMove, ...]:
        """What the item moves, given where the questions stand. ``settled``: the questions that were moved since the
        item's story began, and on which it brings no better proof; they move on only from talk to act. ``hearsay``:
        what others said of the same event with too little proof, and whom each relays; two who are independent of
        each other make up for proof below the question's minimum grade. ``proofs``: what the answers rest on."""
        heard = self.heard(item, topics, graded, states, settled, hearsay, proofs)
        return tuple([each.move for each in heard if each.move is not None])

    def heard(
        self,
        item: Item,
        topics: tuple[TopicId, ...],
        graded: Graded,
        states: Mapping[tuple[TopicId, str], str],
        settled: frozenset[tuple[TopicId, str]] = frozenset(),
        hearsay: Mapping[Hearsay, Mapping[str, str]] = NOTHING,
        proofs: Mapping[tuple[TopicId, str], Proof] = _NO_PROOFS,
    ) -> Iterator[Heard]:
        """What the item tells of its questions: what that moves, or why it moves nothing."""
        for question, told, cue in self._told(item, topics, graded):
            state = states.get(question.key, "")
            move = None
            if told == "denied" and denies_another_act(item, state):
                stays = "it denies something else"
            elif overturns(told, state, tuple(question.ladder), item, graded, proofs.get(question.key)):
                stays = f"it was shown first-hand; {graded.grade} does not take that back"
            else:
                says = with_speaker(hearsay.get((*question.key, told), {}), graded)
                witnesses = len(independent(says))
                stays = _stays(question, told, graded, state, witnesses)
                if not stays:
                    move = _move(question, told, cue, graded, state, witnesses)
                    if question.key in settled and not _from_talk_to_act(question, move):
                        move, stays = (
                            None,
                            "its story was told before the answer changed, and this is no better proof",
                        )
            yield Heard(question.topic, question.watch.id, told, cue, move, stays)

    def hearsay(self, item: Item, topics: tuple[TopicId, ...], graded: Graded) -> list[Hearsay]:
        """What the item says of questions with less proof than would move them alone."""
        if all(graded.grade.rank >= self._proved_at.get(topic, 0) for topic in topics):
            return []
        return [
            (*question.key, told)
            for question, told, _ in self._told(item, topics, graded)
            if not _is_proof(question, graded)
        ]

    def deadlines(
        self,
        item: Item,
        topics: tuple[TopicId, ...],
        graded: Graded,
        states: Mapping[tuple[TopicId, str], str],
    ) -> tuple[WatchDeadline, ...]:
        """Until when the item says that something is to happen that its questions wait for, and that has not."""
        if graded.grade.rank < Grade.REPORT.rank or "?" in item.title:
            return ()
        questions = [
            question
            for question in self._about(item, topics)
            if states.get(question.key, "") != question.last
        ]
        if not questions or not may_name_deadline(_text_of(item).both):
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

    def _about(self, item: Item, topics: tuple[TopicId, ...]) -> list[_Question]:
        """The questions that the item is about, of those of which its words may tell something."""
        last = self._asked
        if last is None or last[0] is not item or last[1] != topics:
            # Words for what is told are looked for first: most items have none, and many are about some question.
            here = pieces_in(_joined(fold(item.title), fold(item.summary))) if topics else frozenset()
            questions = [
                question
                for topic in topics
                for question in self._questions.get(topic, ())
                if question.pieces is None or not question.pieces.isdisjoint(here)
            ]
            scan = scan_of(item.title, item.summary) if questions else None
            about = [question for question in questions if scan and _is_about(question, scan)]
            last = self._asked = (item, topics, about)
        return last[2]

    def _told(self, item: Item, topics: tuple[TopicId, ...], graded: Graded) -> list[_Told]:
        last = self._heard
        if last is None or last[0] is not item or last[1] != topics or last[2] is not graded:
            last = self._heard = (item, topics, graded, list(self._hear(item, topics, graded)))
        return last[3]

    def _hear(self, item: Item, topics: tuple[TopicId, ...], graded: Graded) -> Iterator[_Told]:
        """What the item tells of its questions, with the words that say so."""
        questions = self._about(item, topics)
        if not questions or graded.grade is Grade.OPINION:
            return
        text = _text_of(item)
        if mood("never").find(text.title, whole=text.both) or fold(item.title).rstrip().endswith("?"):
            return
        for question in questions:
            if found := _told(question, text, graded, item):
                yield (question, *found)


def _is_proof(question: _Question, graded: Graded) -> bool:
    return graded.grade.rank >= question.watch.min_grade.rank


def _question(topic: Topic, watch: Watch) -> _Question:
    ladder = [state for state in watch.states if state not in _ASIDE]
    # Asides first, then the furthest of the ladder. Talk is no act.
    order = dict.fromkeys((*(x for x in _FIRST if x in watch.states), *reversed(ladder), *watch.states))
    cues = {state: cues_of(state, watch.cues.get(state, ())) for state in watch.states}
    words = [terms for of_state in cues.values() for terms in (of_state.done, of_state.about)]
    if "proposed" in ladder:
        words += [mood("to_propose"), cues_of("drafted", ()).done]
    pieces = [terms.pieces for terms in words]
    return _Question(
        topic=topic.id,
        watch=watch,
        versions=versions_of(watch.subject.all()) or versions_of((watch.question,)),
        subject=Terms(watch.subject.all()),
        groups=tuple(Terms(group) for group in watch.subject_groups),
        cues=cues,
        ladder={state: step for step, state in enumerate(ladder)},
        last=ladder[-1] if ladder else "",
        done=tuple(state for state in order if state not in _TALK),
        pieces=None if None in pieces else frozenset().union(*filter(None, pieces)),
    )


def has_reached(watch: Watch, state: str, awaited: str) -> bool:
    """Whether a question in ``state`` has what was to be reached, or more."""
    ladder = [name for name in watch.states if name not in _ASIDE]
    return state in ladder and awaited in ladder and ladder.index(state) >= ladder.index(awaited)


def _awaited(question: _Question, part: str) -> str:
    """The state that is said to come, "" when the sentence speaks of none of the question's."""
    if _DENIED_TIME.search(part) or mood("never").find(part):
        return ""
    for state in question.ladder:
        cues = question.cues[state]
        if state not in _TALK and (cues.about.find(part) or cues.done.find(part)):
            return state
    if "delayed" in question.cues and question.cues["delayed"].done.find(part):
        return next((state for state in question.ladder if state not in _TALK), "")
    return ""


def _is_closer(named: WatchDeadline, held: WatchDeadline | None) -> bool:
    """Of several times in one item the one it was moved to counts, else the soonest ("in February, mid-February")."""
    if held is None:
        return True
    moved, was_moved = bool(_MOVED.match(fold(named.phrase))), bool(_MOVED.match(fold(held.phrase)))
    return named.at < held.at if moved == was_moved else moved


def _is_ahead(part: str) -> bool:
    return bool(mood("future").find(part) or cues_of("delayed", ()).done.find(part))


def _from_talk_to_act(question: _Question, move: WatchMove) -> bool:
    return move.previous in _TALK and move.state in question.ladder and move.state not in _TALK


def _is_about(question: _Question, scan: Scan) -> bool:
    return _names_subject(question, scan) and not is_of_another_version(question.versions, scan.title)


def _names_subject(question: _Question, scan: Scan) -> bool:
    if not (question.subject or question.groups) or question.subject.everything:
        return True
    if question.subject.hits(scan):
        return True
    return bool(question.groups) and all(group.hits(scan) for group in question.groups)


def _move(question: _Question, told: str, cue: str, graded: Graded, state: str, witnesses: int) -> WatchMove:
    confirmed = (
        f", {witnesses} independent witnesses" if witnesses > 1 and not _is_proof(question, graded) else ""
    )
    return WatchMove(
        topic=question.topic,
        question=question.watch.id,
        state=told,
        previous=state,
        reason=f"{cue!r}, grade {graded.grade}{confirmed}",
    )


def _told(question: _Question, text: _Text, graded: Graded, item: Item) -> tuple[str, str] | None:
    """The state that the text tells, and the words that say so."""
    for part in (text.title, text.summary):
        if not _may_tell(question, part):
            continue
        if part is text.title and _is_of_another_thing(question, item, text.title):
            continue
        if found := _told_in(question, part, text, graded, item):
            return found
    return None


def _is_of_another_thing(question: _Question, item: Item, title: str) -> bool:
    """What a headline tells of another product is not told of the one that only the summary names."""
    if not is_of_another_thing(question.versions, title):
        return False
    hits = question.subject.hits(scan_of(item.title, item.summary))
    return not any(where & TITLE for _, where in hits)


def _may_tell(question: _Question, text: str) -> bool:
    return question.pieces is None or not question.pieces.isdisjoint(pieces_in(text))


def _told_in(
    question: _Question, part: str, text: _Text, graded: Graded, item: Item
) -> tuple[str, str] | None:
    done = _done(question, part, text, graded, item)
    if done is not None and done[0] in _FIRST:
        return done
    later = _TIPPED.search(part) or mood("future").find(part)
    act = done or _about(question, part)
    if later and act is not None and question.cues[act[0]].can_be_coming(part):
        return _coming(question, act[1], graded)
    if done is not None:
        return done
    if announced := _announced(question, part):
        return "announced", announced
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


def _announced(question: _Question, part: str) -> str:
    """The words that say that the very thing was announced, "" where there are none."""
    cue = question.cues["announced"].done.find_said(part) if "announced" in question.ladder else ""
    return cue if cue and is_done_to_it(question.versions, part, cue) else ""


def _speaks_of_an_act(question: _Question, text: _Text) -> bool:
    return any(
        question.cues[state].about.find_said(part) or question.cues[state].done.find_said(part)
        for state in question.ladder
        if state not in _TALK
        for part in (text.title, text.summary)
    ) or ("proposed" in question.ladder and bool(cues_of("drafted", ()).done.find(text.both)))


def _done(question: _Question, part: str, text: _Text, graded: Graded, item: Item) -> tuple[str, str] | None:
    """The state that is told as done: asides first, then the furthest of the ladder."""
    for state in question.done:
        cue = question.cues[state].done.find_said(part)
        if (
            cue
            and _holds(state, part, text, graded, item)
            and not is_done_to_another(question.versions, part, cue)
        ):
            return state, cue
    return None


def _holds(state: str, part: str, text: _Text, graded: Graded, item: Item) -> bool:
    """What a cue needs besides being there."""
    if state == "denied":
        # A party that denies something else (a charge, a debt) says nothing of the question.
        return bool(mood("deniable").find(text.both))
    if state == "delayed":
        return not (mood("past_delay").find(part) or _LATENCY.search(part) or _REFUSES.search(part))
    if state == "adopted":
        return not mood("in_committee").find(text.both)
    if state == "approved":
        return not mood("before_this").find(part)
    if state == "rescinded":
        return not (_TO_BE_DONE.search(part) or _ORDERS_CANCELLED.search(part))
    if state == "released":
        return not _FALLS.search(part)
    if state == "proposed":
        return not mood("to_propose").find(part) and not _REJECTED.search(part)
    if state == "suspended":
        return not mood("suspension_over").find(part)
    if state == "changed":
        return not mood("unchanged").find(text.both)
    if state == "benchmarked":
        # By others: what a party says of itself is a claim.
        by_itself = text.title.startswith(fold(item.publisher))
        return graded.grade in (Grade.PRIMARY_DATA, Grade.OFFICIAL) and not by_itself
    return True


def _about(question: _Question, part: str) -> tuple[str, str] | None:
    for state in question.ladder:
        cue = question.cues[state].about.find_said(part)
        if cue:
            return state, cue
    return None


def _coming(question: _Question, cue: str, graded: Graded) -> tuple[str, str] | None:
    if "announced" in question.ladder and graded.grade.rank >= _FIRST_HAND:
        return "announced", cue
    if "rumoured" in question.ladder:
        return "rumoured", cue
    return None


def _stays(question: _Question, told: str, graded: Graded, state: str, witnesses: int) -> str:
    """Why what is told does not move the question, "" when it does."""
    if told == state:
        return "that is its answer already"
    if not _is_proof(question, graded) and witnesses < 2:
        # Hearsay begins a rumour and proves nothing else.
        begins = told == "rumoured" and state == ""
        return (
            "" if begins else f"{graded.grade} is no proof of it, and there is no second independent witness"
        )
    if told in _ASIDE or state == "" or state in _ASIDE:
        return ""
    return "" if question.ladder[told] > question.ladder[state] else f"it is {state}, which is further"
