"""Moves the answers of watch questions. Pure: where the questions stand comes from outside.

A question is moved by an item on its topic that names its subject, says with a cue word that something happened, and
carries enough proof. What is only said to come moves to ``announced`` (first-hand) or ``rumoured``.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from bot.judgement.pieces import pieces_in
from bot.judgement.terms import scan_of
from bot.judgement.text import fold, joined
from bot.judgement.watch_cues import mood
from bot.judgement.watch_deadlines import named_deadlines
from bot.judgement.watch_proof import Proof, denies_another_act, overturns
from bot.judgement.watch_question import ASIDE, TALK, Question, is_about, question_of
from bot.judgement.watch_told import state_told, text_of
from bot.judgement.witnesses import independent, with_speaker
from bot.model import Grade, Graded, Item, Topic, TopicId, WatchDeadline, WatchMove

#: Topic, question and state of what was said with too little proof to move it.
Hearsay = tuple[TopicId, str, str]
NOTHING: Mapping[Hearsay, Mapping[str, str]] = MappingProxyType({})
_NO_PROOFS: Mapping[tuple[TopicId, str], Proof] = MappingProxyType({})


class Heard(NamedTuple):
    """What an item tells of a question: the state, and the words that say so. ``stays``: why that moves nothing."""

    topic: TopicId
    question: str
    state: str
    cue: str
    move: WatchMove | None
    stays: str


class Standing(NamedTuple):
    """Where the questions stand when an item comes: their ``states``.

    ``settled``: the questions that were moved since the item's story began, and on which it brings no better proof;
    they move on only from talk to act. ``hearsay``: what others said of the same event with too little proof, and whom
    each relays; two who are independent of each other make up for proof below the question's minimum grade.
    ``proofs``: what the answers rest on.
    """

    states: Mapping[tuple[TopicId, str], str]
    settled: frozenset[tuple[TopicId, str]] = frozenset()
    hearsay: Mapping[Hearsay, Mapping[str, str]] = NOTHING
    proofs: Mapping[tuple[TopicId, str], Proof] = _NO_PROOFS


#: A question, the state that is told, and the words that say so.
_Told = tuple[Question, str, str]


class Watcher:
    def __init__(self, topics: tuple[Topic, ...]) -> None:
        self._questions: dict[TopicId, list[Question]] = {}
        for topic in topics:
            for watch in topic.watches:
                self._questions.setdefault(topic.id, []).append(question_of(topic, watch))
        # The grade that proves any answer of a topic.
        self._proved_at = {
            topic: max(question.watch.min_grade.rank for question in questions)
            for topic, questions in self._questions.items()
        }
        # What was read of the latest item: it is judged, asked for its deadlines, and then remembered.
        self._asked: tuple[Item, tuple[TopicId, ...], list[Question]] | None = None
        self._heard: tuple[Item, tuple[TopicId, ...], Graded, list[_Told]] | None = None

    def tells(self, item: Item, topics: tuple[TopicId, ...], graded: Graded) -> bool:
        """Whether the item tells anything of its questions."""
        return bool(topics) and bool(self._told(item, topics, graded))

    def moves(
        self, item: Item, topics: tuple[TopicId, ...], graded: Graded, standing: Standing
    ) -> tuple[WatchMove, ...]:
        """What the item moves, given where the questions stand."""
        heard = self.heard(item, topics, graded, standing)
        return tuple([each.move for each in heard if each.move is not None])

    def heard(
        self, item: Item, topics: tuple[TopicId, ...], graded: Graded, standing: Standing
    ) -> Iterator[Heard]:
        """What the item tells of its questions: what that moves, or why it moves nothing."""
        states, settled, hearsay, proofs = standing
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
        return named_deadlines(item, questions, states) if questions else ()

    def _about(self, item: Item, topics: tuple[TopicId, ...]) -> list[Question]:
        """The questions that the item is about, of those of which its words may tell something."""
        last = self._asked
        if last is None or last[0] is not item or last[1] != topics:
            # Words for what is told are looked for first: most items have none, and many are about some question.
            here = pieces_in(joined(fold(item.title), fold(item.summary))) if topics else frozenset()
            questions = [
                question
                for topic in topics
                for question in self._questions.get(topic, ())
                if question.pieces is None or not question.pieces.isdisjoint(here)
            ]
            scan = scan_of(item.title, item.summary) if questions else None
            about = [question for question in questions if scan and is_about(question, scan)]
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
        text = text_of(item)
        if mood("never").find(text.title, whole=text.both) or fold(item.title).rstrip().endswith("?"):
            return
        for question in questions:
            if found := state_told(question, text, graded, item):
                yield (question, *found)


def _is_proof(question: Question, graded: Graded) -> bool:
    return graded.grade.rank >= question.watch.min_grade.rank


def _from_talk_to_act(question: Question, move: WatchMove) -> bool:
    return move.previous in TALK and move.state in question.ladder and move.state not in TALK


def _move(question: Question, told: str, cue: str, graded: Graded, state: str, witnesses: int) -> WatchMove:
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


def _stays(question: Question, told: str, graded: Graded, state: str, witnesses: int) -> str:
    """Why what is told does not move the question, "" when it does."""
    if told == state:
        return "that is its answer already"
    if not _is_proof(question, graded) and witnesses < 2:
        # Hearsay begins a rumour and proves nothing else.
        begins = told == "rumoured" and state == ""
        return (
            "" if begins else f"{graded.grade} is no proof of it, and there is no second independent witness"
        )
    if told in ASIDE or state == "" or state in ASIDE:
        return ""
    return "" if question.ladder[told] > question.ladder[state] else f"it is {state}, which is further"
