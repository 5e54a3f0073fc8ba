"""Watch questions, ready to be asked of items. Pure."""

from dataclasses import dataclass

from bot.judgement.terms import Scan, Terms
from bot.judgement.watch_cues import Cues, cues_of, mood
from bot.judgement.watch_subject import is_of_another_version, versions_of
from bot.model import Topic, TopicId, Watch

#: Answers that may come at any time, and from which every other may follow. The rest only go forward.
ASIDE = frozenset(
    {"delayed", "denied", "blocked", "rescinded", "suspended", "extended", "withdrawn", "cancelled"}
)
#: Asides are looked for first: "withdraws the proposed rule" is about the withdrawal.
FIRST = ("denied", "rescinded", "extended", "suspended", "blocked", "delayed")
TALK = ("rumoured", "announced")
#: Moods that hold the words of what is told in no fixed ones.
_IN_OTHER_WORDS = {
    "delayed": "moving", "extended": "staying", "rescinded": "restoring", "proposed": "presenting",
    "passed-house": "voting_house", "passed-senate": "voting_senate",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A watch question with what is looked for in texts."""

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


def question_of(topic: Topic, watch: Watch) -> Question:
    """Compile a question of the catalog."""
    ladder = [state for state in watch.states if state not in ASIDE]
    # Asides first, then the furthest of the ladder. Talk is no act.
    order = dict.fromkeys((*(x for x in FIRST if x in watch.states), *reversed(ladder), *watch.states))
    cues = {state: cues_of(state, watch.cues.get(state, ())) for state in watch.states}
    words = [terms for of_state in cues.values() for terms in (of_state.done, of_state.about)]
    if "proposed" in ladder:
        words += [mood("to_propose"), cues_of("drafted", ()).done]
    words += [mood(words_for) for state, words_for in _IN_OTHER_WORDS.items() if state in watch.states]
    pieces = [terms.pieces for terms in words]
    return Question(
        topic=topic.id,
        watch=watch,
        versions=versions_of(watch.subject.all()) or versions_of((watch.question,)),
        subject=Terms(watch.subject.all()),
        groups=tuple(Terms(group) for group in watch.subject_groups),
        cues=cues,
        ladder={state: step for step, state in enumerate(ladder)},
        last=ladder[-1] if ladder else "",
        done=tuple(state for state in order if state not in TALK),
        pieces=None if None in pieces else frozenset().union(*filter(None, pieces)),
    )


def has_reached(watch: Watch, state: str, awaited: str) -> bool:
    """Whether a question in ``state`` has what was to be reached, or more."""
    ladder = [name for name in watch.states if name not in ASIDE]
    return state in ladder and awaited in ladder and ladder.index(state) >= ladder.index(awaited)


def is_about(question: Question, scan: Scan) -> bool:
    """Whether a text names what the question is about, and no other version of it instead."""
    return _names_subject(question, scan) and not is_of_another_version(
        question.versions, scan.title, scan.text[scan.border :]
    )


def _names_subject(question: Question, scan: Scan) -> bool:
    if not (question.subject or question.groups) or question.subject.everything:
        return True
    if question.subject.hits(scan):
        return True
    return bool(question.groups) and all(group.hits(scan) for group in question.groups)
