"""Measures verdicts against labels. Pure: verdicts and labels in, scores out; says nothing of files.

The measures, and where they come from:

- stories: B-cubed precision and recall (Bagga and Baldwin 1998; Amigó et al. 2009): for each item the share of its
  cluster that truly belongs with it, and the share of its true story that its cluster holds, averaged over items.
- topics: precision, recall and F1 of each topic; the macro F1 is the plain mean over the topics.
- grades: accuracy over the items that are truly on a topic (over all where topics are not labelled), with the pairs.
- alerts: per true story, that is one with an item that is truly on a topic. A story without one is swallowed.
- watch moves: precision and recall; a move is right on whichever item of its true story. Questions that no label names
  are left out: the labels may be of another catalog.
- claims: precision and recall of subject, metric, value and unit. Labellers differ in how they write a name and in
  whether a score out of a hundred is in per cent or in points, so letter case, hyphens and spaces in names, and those
  two units up to 100, are the same.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from bot.model import Claim, Event, Grade

#: (question, state)
Move = tuple[str, str]
_Key = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """What a person says of one item. None: not labelled, which is left out of that measure."""

    story: str | None = None
    topics: frozenset[str] | None = None
    grade: Grade | None = None
    event: Event | None = None
    watch: tuple[Move, ...] | None = None
    claims: tuple[Claim, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What judgement says of the same item."""

    story: int
    topics: frozenset[str]
    grade: Grade
    event: Event
    alert: bool
    watch: tuple[Move, ...] = ()
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """Counts of right, wrong and missed answers."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 0.0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right + self.missed else 0.0

    @property
    def f1(self) -> float:
        return _harmonic(self.precision, self.recall)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryScore:
    items: int
    true: int  # labelled stories
    found: int  # clusters that hold their items
    precision: float
    recall: float

    @property
    def f1(self) -> float:
        return _harmonic(self.precision, self.recall)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertScore:
    """``swallowed``: true stories without an alert of their own; ``unseen``: those of them that had no item on a topic
    at all. ``false``: alerts of items whose true story touches no topic."""

    stories: int
    new: int
    all: int
    swallowed: int
    unseen: int
    false: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """``counts[true, found]``."""

    counts: Mapping[tuple[str, str], int]

    @property
    def items(self) -> int:
        return sum(self.counts.values())

    @property
    def accuracy(self) -> float:
        right = sum(count for (true, found), count in self.counts.items() if true == found)
        return right / self.items if self.counts else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """A measure is None (``topics``: empty) where nothing was labelled for it. ``unlabelled``: items without labels;
    ``unjudged``: labels without an item."""

    items: int
    unlabelled: int
    unjudged: int
    without: Mapping[str, int]  # labelled items that lack this kind of label
    stories: StoryScore | None
    alerts: AlertScore | None
    topics: Mapping[str, Hits]
    grades: Pairs | None
    events: Pairs | None
    watch: Hits | None
    claims: Hits | None

    @property
    def macro_f1(self) -> float:
        return macro_f1(self.topics)


def score(found: Mapping[str, Found], labels: Mapping[str, Labels]) -> Scores:
    """Both by item id, ``found`` in the order in which the items were judged."""
    pairs = [(found[item], labels[item]) for item in found if item in labels]
    kinds = ("story", "topics", "grade", "event", "watch", "claims")
    return Scores(
        items=len(pairs),
        unlabelled=len(found) - len(pairs),
        unjudged=len(labels.keys() - found.keys()),
        without={
            kind: lacking
            for kind in kinds
            if (lacking := sum(1 for _, label in pairs if getattr(label, kind) is None))
        },
        stories=_stories(pairs),
        alerts=_alerts(pairs),
        topics=topic_scores(
            [(label.topics, item.topics) for item, label in pairs if label.topics is not None]
        ),
        grades=_pairs(
            (label.grade, item.grade) for item, label in pairs if label.topics is None or label.topics
        ),
        events=_pairs((label.event, item.event) for item, label in pairs),
        watch=_watch(pairs),
        claims=_claims(pairs),
    )


def macro_f1(topics: Mapping[str, Hits]) -> float:
    """The plain mean of the topics' F1, 0 when there are none."""
    return sum(hits.f1 for hits in topics.values()) / len(topics) if topics else 0.0


def b_cubed(pairs: Sequence[tuple[str, int]]) -> tuple[float, float]:
    """Precision and recall of clusters over (true story, cluster) of each item; at least one item."""
    true, made, both = Counter(t for t, _ in pairs), Counter(c for _, c in pairs), Counter(pairs)
    precision = sum(count * count / made[cluster] for (_, cluster), count in both.items())
    recall = sum(count * count / true[story] for (story, _), count in both.items())
    return precision / len(pairs), recall / len(pairs)


def _stories(pairs: Sequence[tuple[Found, Labels]]) -> StoryScore | None:
    known = [(label.story, item.story) for item, label in pairs if label.story is not None]
    if not known:
        return None
    precision, recall = b_cubed(known)
    return StoryScore(
        items=len(known),
        true=len({story for story, _ in known}),
        found=len({cluster for _, cluster in known}),
        precision=precision,
        recall=recall,
    )


def _alerts(pairs: Sequence[tuple[Found, Labels]]) -> AlertScore | None:
    known = [(item, label, label.story) for item, label in pairs if label.story is not None]
    if not known:
        return None
    on_topic = {story for _, label, story in known if label.topics is None or label.topics}
    new = [story for item, _, story in known if item.alert and item.event is Event.NEW]
    told = [story for item, _, story in known if item.alert]
    swallowed = on_topic - set(told)
    return AlertScore(
        stories=len(on_topic),
        new=sum(story in on_topic for story in new),
        all=sum(story in on_topic for story in told),
        swallowed=len(swallowed),
        unseen=len(swallowed - {story for item, _, story in known if item.topics}),
        false=sum(story not in on_topic for story in told),
    )


def topic_scores(answers: Sequence[tuple[Set[str], Set[str]]]) -> dict[str, Hits]:
    """The score of each topic that is true or found somewhere, over (true, found) of each item."""
    topics = {topic for both in answers for topics in both for topic in topics}
    return {
        topic: Hits(
            right=sum(topic in true and topic in found for true, found in answers),
            wrong=sum(topic in found and topic not in true for true, found in answers),
            missed=sum(topic in true and topic not in found for true, found in answers),
        )
        for topic in sorted(topics)
    }


def _pairs(both: Iterable[tuple[Grade | Event | None, Grade | Event]]) -> Pairs | None:
    counts = Counter((true.value, found.value) for true, found in both if true is not None)
    return Pairs(counts=counts) if counts else None


def _watch(pairs: Sequence[tuple[Found, Labels]]) -> Hits | None:
    known = [(item, label, label.watch) for item, label in pairs if label.watch is not None]
    if not known:
        return None
    asked = {question for _, _, moves in known for question, _ in moves}
    true, found = Counter[_Key](), Counter[_Key]()
    for at, (item, label, moves) in enumerate(known):
        place = label.story if label.story is not None else f"#{at}"
        true.update((place, move) for move in moves)
        found.update((place, move) for move in item.watch if not asked or move[0] in asked)
    return _hits(true, found)


def _claims(pairs: Sequence[tuple[Found, Labels]]) -> Hits | None:
    known = [(item.claims, label.claims) for item, label in pairs if label.claims is not None]
    if not known:
        return None
    true, found = Counter[_Key](), Counter[_Key]()
    for at, (told, labelled) in enumerate(known):
        true.update((at, *_same(claim)) for claim in labelled)
        found.update((at, *_same(claim)) for claim in told)
    return _hits(true, found)


def _same(claim: Claim) -> _Key:
    """What two claims must have in common to be one; what is compared with, and in which format, may differ."""
    unit = "%" if claim.unit == "points" and claim.value <= 100 else claim.unit
    return _plain(claim.subject), _plain(claim.metric), unit.casefold(), f"{claim.value:.6g}"


def _plain(name: str) -> str:
    """A name without what labellers write differently."""
    return name.casefold().replace("-", "").replace(" ", "")


def _hits(true: Counter[_Key], found: Counter[_Key]) -> Hits:
    right = (true & found).total()
    return Hits(right=right, wrong=found.total() - right, missed=true.total() - right)


def _harmonic(one: float, other: float) -> float:
    return 2 * one * other / (one + other) if one + other else 0.0
