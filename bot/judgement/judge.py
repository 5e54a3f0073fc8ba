"""Judgement's one door: item + memory -> verdict. Deterministic, no I/O, no clock: time is the item's own."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.judgement.alerts import decide
from bot.judgement.canonical import title_key
from bot.judgement.claims_gate import claims_of
from bot.judgement.corrected import is_correction
from bot.judgement.evidence import Grader
from bot.judgement.explain_stories import StoryNote, explain_story
from bot.judgement.explain_watch import WatchNote
from bot.judgement.memory import WINDOW, Memory
from bot.judgement.stories import Placed, place
from bot.judgement.stories_features import Features, features_of, subjects_of, without_terms
from bot.judgement.topics import TopicMatcher
from bot.judgement.watch import NOTHING, Hearsay, Standing, Watcher
from bot.judgement.watch_proof import Proof
from bot.judgement.witnesses import independent, with_speaker
from bot.model import (
    Catalog,
    Grade,
    Graded,
    Item,
    KnownState,
    StoryId,
    TopicId,
    TopicMatch,
    Verdict,
    WatchMove,
)

_RANKED = tuple(Grade)
#: So many stories that are open no more may be left in the table of speakers before it is cleared of them.
_SPARE = 1000


class Judge:
    """``known_until``: watch questions begin in the states that were known up to then (None: in none)."""

    def __init__(self, catalog: Catalog, *, known_until: datetime | None) -> None:
        self._matcher = TopicMatcher(catalog.topics)
        self._grader = Grader(catalog.publishers)
        self._watcher = Watcher(catalog.topics)
        self._memory = Memory(subjects_of(catalog.topics))
        self._states: dict[tuple[TopicId, str], str] = {}
        self._since: dict[tuple[TopicId, str], datetime] = {}
        self._proofs: dict[tuple[TopicId, str], Proof] = {}
        self._moved_by: dict[tuple[TopicId, str], StoryId] = {}
        for topic, question, step in _known_steps(catalog, known_until):
            self.set_watch_state(
                topic, question, step.state, since=step.at, proof=Proof(grade=Grade.OFFICIAL, title=step.note)
            )
        self.next_story_id = 1
        # The number of the item that moved a question last.
        self._moved_at: dict[tuple[TopicId, str], int] = {}
        self._last: tuple[Item, Features] | None = None
        # Who says what of each open story: speaker -> whom it relays.
        self._says: dict[int, dict[str, str]] = {}
        # The same of what was said of watch questions with too little proof.
        self._hearsay: dict[int, dict[Hearsay, dict[str, str]]] = {}
        # The headlines of each story that are marked as corrections.
        self._corrected: dict[int, set[str]] = {}

    def judge(self, item: Item) -> Verdict:
        """Say all of one item. Changes nothing: the same call again gives the same verdict."""
        topics = self._matcher.match(item)
        graded = self._grader.grade(item)
        if _is_archived(item, on_topic=bool(topics)):
            placed = Placed(
                story=None, reason="begins a story: on no topic, and older than what is remembered"
            )
        else:
            placed = place(self._memory, self._features(item, graded, topics))
        if placed.story is not None and placed.story.topics:
            topics = self._matcher.with_story(item, topics, placed.story.id, placed.story.topics)
        if topics:
            graded = self._grader.with_witness(item, graded)
        previous = _told_grade(placed)
        says = with_speaker(self._says.get(placed.story.id, {}) if placed.story else {}, graded)
        witnesses = len(independent(says))
        topic_ids = tuple([match.topic for match in topics])
        moves = self._moves(item, topic_ids, graded, placed)
        corrects = bool(topics) and previous is not None and is_correction(item.title, item.summary)
        if corrects and placed.story is not None:
            # A copy of a correction puts nothing more right.
            corrects = self._features(item, graded).key not in self._corrected.get(placed.story.id, ())
        decision = decide(
            on_topic=bool(topics), grade=graded.grade, previous=previous, moves=moves, corrects=corrects
        )
        story = StoryId(self.next_story_id if placed.story is None else placed.story.id)
        return Verdict(
            item=item,
            story=story,
            topics=topics,
            graded=graded,
            event=decision.event,
            alert=decision.alert,
            reasons=(
                "topic: " + ("; ".join(match.reason for match in topics) or "none"),
                f"story {story}: {placed.reason}",
                f"grade: {graded.reason}",
                *(f"watch: {move.question} -> {move.state}: {move.reason}" for move in moves),
                decision.reason,
            ),
            previous_grade=previous,
            claims=claims_of(item.title, item.summary, item.language),
            watch=moves,
            witnesses=witnesses,
            deadlines=self._watcher.deadlines(item, topic_ids, graded, self._states),
            corrects=corrects,
        )

    def remember(self, verdict: Verdict) -> None:
        """Take a verdict into memory, whether it was just given or comes from storage."""
        self.next_story_id = max(self.next_story_id, verdict.story + 1)
        if _is_archived(verdict.item, on_topic=bool(verdict.topics)):
            return
        features = self._features(verdict.item, verdict.graded)
        rank = -1
        if verdict.topics:
            known = verdict.previous_grade.rank if verdict.previous_grade else -1
            rank = max(known, verdict.graded.grade.rank)
        order = self._memory.add(
            verdict.story, features, seen=verdict.item.seen.timestamp(), rank=rank, topics=verdict.topic_ids
        )
        if verdict.topics and is_correction(verdict.item.title, verdict.item.summary):
            self._corrected.setdefault(verdict.story, set()).add(features.key)
        if verdict.graded.speaker:
            self._note_speaker(verdict)
        if verdict.topics:
            self._note_proof(verdict)
        for move in verdict.watch:
            grade = _RANKED[rank]  # the best of its story, as storage gives it back
            self.set_watch_state(
                move.topic, move.question, move.state, since=verdict.item.published,
                proof=Proof(grade=grade, title=verdict.item.title), story=verdict.story,
            )  # fmt: skip
            self._moved_at[move.topic, move.question] = order

    def _note_proof(self, verdict: Verdict) -> None:
        """Better proof of the story that moved a question is better proof of its answer."""
        for key, story in self._moved_by.items():
            if story == verdict.story and verdict.graded.grade.rank > self._proofs[key].grade.rank:
                self._proofs[key] = Proof(grade=verdict.graded.grade, title=verdict.item.title)

    def _note_speaker(self, verdict: Verdict) -> None:
        story, graded = verdict.story, verdict.graded
        self._says[story] = with_speaker(self._says.get(story, {}), graded)
        for said in self._watcher.hearsay(verdict.item, verdict.topic_ids, graded):
            table = self._hearsay.setdefault(story, {})
            table[said] = with_speaker(table.get(said, {}), graded)
        if len(self._says) > 2 * len(self._memory.stories) + _SPARE:
            still = self._memory.stories
            self._says = {story: said for story, said in self._says.items() if story in still}
            self._hearsay = {story: said for story, said in self._hearsay.items() if story in still}
            self._corrected = {story: keys for story, keys in self._corrected.items() if story in still}

    @property
    def remembered(self) -> int:
        """How many items are in memory."""
        return len(self._memory)

    def watch_state(self, topic: TopicId, question: str) -> str:
        """Where a question stands, "" when nothing moved it yet."""
        return self._states.get((topic, question), "")

    def watch_proof(self, topic: TopicId, question: str) -> Proof | None:
        """What the answer rests on, None when nothing is known of that."""
        return self._proofs.get((topic, question))

    def set_watch_state(
        self,
        topic: TopicId,
        question: str,
        state: str,
        *,
        since: datetime,
        proof: Proof | None = None,
        story: StoryId | None = None,
    ) -> None:
        """Put a question where storage says it stands: a move may be older than what is remembered. ``story``: the
        one that moved it."""
        key = (topic, question)
        self._states[key] = state
        self._since[key] = since
        self._proofs.pop(key, None)
        self._moved_by.pop(key, None)
        if proof is not None:
            self._proofs[key] = proof
            if story is not None:
                self._moved_by[key] = story

    def explain(self, item: Item) -> StoryNote:
        """The stories near an item with their scores, and what kept it out of them."""
        graded, topics = self._grader.grade(item), self._matcher.match(item)
        return explain_story(self._memory, self._features(item, graded, topics))

    def explain_watch(self, verdict: Verdict) -> tuple[WatchNote, ...]:
        """What an item tells of the questions of its topics, and why that moves none, before it is remembered."""
        item, graded, topics = verdict.item, verdict.graded, verdict.topic_ids
        placed = place(self._memory, self._features(item, graded, self._matcher.match(item)))
        notes = []
        for one in self._watcher.heard(item, topics, graded, self._standing(item, graded, placed)):
            move = None if placed.again else one.move
            notes.append(
                WatchNote(
                    question=one.question, state=self._states.get((one.topic, one.question), ""), told=one.state,
                    words=one.cue, moved=move is not None,
                    reason=move.reason if move else one.stays or "it was said before",
                )
            )  # fmt: skip
        return tuple(notes)

    def _moves(
        self, item: Item, topics: tuple[TopicId, ...], graded: Graded, placed: Placed
    ) -> tuple[WatchMove, ...]:
        if placed.again or not self._watcher.tells(item, topics, graded):
            return ()
        return self._watcher.moves(item, topics, graded, self._standing(item, graded, placed))

    def _standing(self, item: Item, graded: Graded, placed: Placed) -> Standing:
        # An old page, read late, does not take back what is known since.
        settled = frozenset(question for question, since in self._since.items() if item.published < since)
        if placed.story is None:
            return Standing(self._states, settled, proofs=self._proofs)
        if graded.grade.rank <= placed.story.told_rank:
            # What was told of before the answer changed cannot change it back by being told again.
            began = placed.story.began
            settled |= {question for question, at in self._moved_at.items() if at >= began}
        hearsay = self._hearsay.get(placed.story.id, NOTHING)
        return Standing(self._states, settled, hearsay, self._proofs)

    def _features(self, item: Item, graded: Graded, topics: Sequence[TopicMatch] | None = None) -> Features:
        """``topics``: those the item is on by itself, None where they are not asked for."""
        own = None if topics is None else frozenset([match.topic for match in topics])
        # An item is judged and then remembered: its text is cut once.
        if self._last is not None and self._last[0] is item:
            known = self._last[1]
            if known.rank == graded.grade.rank and (own is None or known.topics == own):
                return known
        features = features_of(
            item, key=title_key(item.title, item.publisher), grade=graded.grade, topics=own or ()
        )
        if self._grader.tells_no_news(item):
            features = without_terms(features)
        self._last = (item, features)
        return features


def _is_archived(item: Item, *, on_topic: bool) -> bool:
    """Whether an item is neither compared with others nor remembered: an old entry that a source still shows when it
    is first read, on no topic. Nobody is told of it, and what is told now is too far from it to be its story.

    By the item alone, so that storage gives the same memory back; a replayed history is seen as it was published.
    """
    return not on_topic and item.seen - item.published > WINDOW


def _told_grade(placed: Placed) -> Grade | None:
    if placed.story is None or placed.story.told_rank < 0:
        return None
    return _RANKED[placed.story.told_rank]


def _known_steps(catalog: Catalog, until: datetime | None) -> Iterator[tuple[TopicId, str, KnownState]]:
    """The newest known step of each question, as of ``until``."""
    for topic in catalog.topics:
        for watch in topic.watches:
            steps = [step for step in watch.known if until is not None and step.at <= until]
            if steps:
                yield topic.id, watch.id, max(steps, key=lambda step: step.at)
