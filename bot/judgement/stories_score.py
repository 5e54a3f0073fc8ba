"""How much an item looks like one of a story: a few named measures, and the weights that join them.

Members in the item's own language are compared by all words; members in another one by what two languages share:
concepts, versions, numbers and Latin names. Each group is weighed for itself, and the better one decides.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from operator import mul
from typing import NamedTuple

from bot.judgement.memory_records import Member, Story, Weighed, Word
from bot.judgement.stories_acts import OPPOSED
from bot.judgement.stories_features import SUMMARY_WEIGHT, Features, is_model
from bot.judgement.stories_weights import FOREIGN, FOREIGN_BIAS, OWN, OWN_BIAS
from bot.model import Grade

#: A story is compared by its first and its latest members: the first say what it is, the latest how it is told now.
_FIRST, _LATEST = 3, 5
_HOUR = 3600.0
_FIRST_HAND = Grade.PRIMARY_DATA.rank
_ONE_ACT_HOURS = 6.0
#: A story's age counts up to here: what comes days after its first item is often the next event of a long affair.
_DAYS_HOURS = 120.0
#: Up to here time says little, beyond it more.
_SOON_HOURS = 36.0


class Measures(NamedTuple):
    """What was measured between an item and one group of a story's members. Named for --explain."""

    best: float
    mean: float
    title: float
    mass: float
    models_agree: float
    numbers_agree: float
    acts_agree: float
    acts_opposed: float
    soon: float
    later: float
    size: float
    cover: float
    proofs_later: float
    act_later: float
    age: float
    act_new_later: float
    heads: float


NAMES = Measures._fields


def referees(story: Story) -> list[Member]:
    """The members that speak for a story."""
    members = story.members
    return members if len(members) <= _FIRST + _LATEST else members[:_FIRST] + members[-_LATEST:]


class Told:
    """What a story tells, by its referees, of what an item says. Made once for each story that is looked at closely."""

    __slots__ = ("acts", "members", "words")

    def __init__(self, story: Story, weighed: Weighed) -> None:
        self.members = members = referees(story)
        #: Those of the item's words that the story has too.
        self.words: set[Word] = weighed.weights.keys() & chain.from_iterable(
            [member.words for member in members]
        )
        self.acts: set[str] = set().union(*[member.acts for member in members])


class Asked:
    """What is compared of an item: made once for all stories that it is compared with."""

    __slots__ = ("heads", "item", "kinds", "shared_square", "size", "square", "title", "total", "weights")

    def __init__(self, weighed: Weighed) -> None:
        item, size, weights = weighed.item, weighed.size, weighed.weights
        self.item = item
        self.size = size
        self.weights = weights
        self.title = dict(islice(weights.items(), item.heads))
        self.total = sum(self.title.values()) or 1.0
        self.square = sum([weight * weight for weight in weights.values()])
        self.kinds = _kinds_shared_by(item.script)
        #: The sum of the squared weights of what another language can have as well.
        self.shared_square = sum(
            [weight * weight for word, weight in weights.items() if word.text[0] in self.kinds]
        )
        self.heads = math.log1p(item.heads)


def measure(asked: Asked, told: Told) -> tuple[Measures | None, Measures | None]:
    """Compare an item with a story: by members in its language, and by the others."""
    item = asked.item
    own: list[Member] = []
    foreign: list[Member] = []
    script, language = item.script, item.language
    for member in told.members:
        if member.script == script and (member.language == language or not member.language or not language):
            own.append(member)
        else:
            foreign.append(member)
    whole = _Whole(asked, told)
    return (
        _group(whole, own, foreign=False) if own else None,
        _group(whole, foreign, foreign=True) if foreign else None,
    )


class _Whole:
    """What is measured of the story as a whole, once for both groups."""

    __slots__ = (
        "act_new_later", "acts_agree", "acts_opposed", "after_talk", "age", "asked", "cover", "models_agree",
        "numbers_agree", "proofs_later", "size",
    )  # fmt: skip

    def __init__(self, asked: Asked, told: Told) -> None:
        item, members, weights = asked.item, told.members, asked.weights
        self.asked = asked
        common = told.words
        model, numbers = 0.0, 0
        for word in common:
            if is_model(word.text):
                model = max(model, weights[word])
            elif word.text[0] == "#":
                numbers += 1
        self.models_agree = model
        self.numbers_agree = float(min(2, numbers))
        self.size = math.log(len(members))
        self.age = math.log1p(min(abs(item.at - members[0].at) / _HOUR, _DAYS_HOURS))
        self.cover = sum([weight for word, weight in asked.title.items() if word in common]) / asked.total
        self._compare_acts(item.acts, told.acts)
        self._compare_proofs(item, members)

    def _compare_acts(self, mine: frozenset[str], acts: set[str]) -> None:
        in_common = not mine.isdisjoint(acts)
        self.acts_agree = float(in_common)
        self.act_new_later = self.age if mine and not in_common else 0.0
        self.acts_opposed = float(
            bool(mine and acts)
            and any(frozenset((a, b)) in OPPOSED for a in mine - acts for b in acts - mine)
        )

    def _compare_proofs(self, item: Features, members: Sequence[Member]) -> None:
        """Two first-hand items are often two acts; a first-hand item after talk is often the act talked of."""
        self.after_talk = False
        self.proofs_later = 0.0
        if item.rank < _FIRST_HAND:
            return
        gaps = [abs(item.at - member.at) / _HOUR for member in members if member.rank >= _FIRST_HAND]
        self.after_talk = not gaps
        self.proofs_later = float(bool(gaps) and min(gaps) > _ONE_ACT_HOURS)


def _group(whole: _Whole, members: Sequence[Member], *, foreign: bool) -> Measures:
    asked, at = whole.asked, whole.asked.item.at
    values, mass = (_compared_abroad if foreign else _compared)(asked, members)
    hours = min([abs(at - member.at) for member in members]) / _HOUR
    later = math.log(max(hours, _SOON_HOURS) / _SOON_HOURS)
    return Measures(
        max(values),
        sum(values) / len(values),
        mass / asked.total,
        math.log1p(mass),
        whole.models_agree,
        whole.numbers_agree,
        whole.acts_agree,
        whole.acts_opposed,
        math.log1p(min(hours, _SOON_HOURS)),
        later,
        whole.size,
        whole.cover,
        whole.proofs_later,
        later if whole.after_talk else 0.0,
        whole.age,
        whole.act_new_later,
        asked.heads,
    )


# What follows runs once for each word of each member: one loop, and no call in it, takes half the time.


def _compared(asked: Asked, members: Sequence[Member]) -> tuple[list[float], float]:
    """The cosine with each member, and the most that one of their headlines tells of the item's."""
    weights, title, size = asked.weights, asked.title, asked.size
    values = []
    most = 0.0
    for member in members:
        words, heads = member.words, member.heads
        dot = square = mass = 0.0
        for word in words[:heads]:
            theirs = size - word.log
            square += theirs * theirs
            if word in weights:
                dot += weights[word] * theirs
                if word in title:
                    mass += title[word]
        if heads < len(words):
            body_dot = body_square = 0.0
            for word in words[heads:]:
                theirs = size - word.log
                body_square += theirs * theirs
                if word in weights:
                    body_dot += weights[word] * theirs
            dot += SUMMARY_WEIGHT * body_dot
            square += SUMMARY_WEIGHT**2 * body_square
        values.append(dot / math.sqrt(asked.square * square) if dot else 0.0)
        if mass > most:
            most = mass
    return values, most


def _compared_abroad(asked: Asked, members: Sequence[Member]) -> tuple[list[float], float]:
    """The same over what two languages can have in common: concepts, versions, numbers, and Latin names."""
    weights, title, size, ours = asked.weights, asked.title, asked.size, asked.kinds
    values = []
    most = 0.0
    for member in members:
        heads, kinds = member.heads, _kinds_shared_by(member.script)
        dot = square = only_ours = mass = 0.0
        place = 1.0
        for at, word in enumerate(member.words):
            if at == heads:
                place = SUMMARY_WEIGHT
            if word in weights:
                theirs = place * (size - word.log)
                weight = weights[word]
                dot += weight * theirs
                if word.text[0] not in ours:
                    only_ours += weight * weight
                if at < heads and word in title:
                    mass += title[word]
            elif word.text[0] in kinds:
                theirs = place * (size - word.log)
            else:
                continue
            square += theirs * theirs
        values.append(dot / math.sqrt((asked.shared_square + only_ours) * square) if dot else 0.0)
        if mass > most:
            most = mass
    return values, most


def _kinds_shared_by(script: str) -> str:
    """The first letters of the terms that another language can have as well."""
    return "cm#" if script == "latin" else "cm#w"


@dataclass(frozen=True, slots=True)
class Weights:
    """Of a logistic regression on the measures: for members in the item's language, and for the others. In the order of
    ``NAMES``."""

    own_bias: float
    own: tuple[float, ...]
    foreign_bias: float
    foreign: tuple[float, ...]


def _in_order(weights: Mapping[str, float]) -> tuple[float, ...]:
    return tuple(weights.get(name, 0.0) for name in NAMES)


FITTED = Weights(own_bias=OWN_BIAS, own=_in_order(OWN), foreign_bias=FOREIGN_BIAS, foreign=_in_order(FOREIGN))


def _dot(one: Sequence[float], other: Sequence[float]) -> float:
    total: float = sum(map(mul, one, other))
    return total


def score(own: Measures | None, foreign: Measures | None, weights: Weights = FITTED) -> float:
    """Log-odds that the item tells the story, by the group of members that says more for it."""
    best = -math.inf
    if own is not None:
        best = weights.own_bias + _dot(weights.own, own)
    if foreign is not None:
        best = max(best, weights.foreign_bias + _dot(weights.foreign, foreign))
    return best


def parts(own: Measures | None, foreign: Measures | None) -> dict[str, float]:
    """What each measure adds to ``score``, of the group of members that decides. For --explain."""
    scored = []
    if own is not None:
        scored.append(_parts(FITTED.own_bias, FITTED.own, own))
    if foreign is not None:
        scored.append(_parts(FITTED.foreign_bias, FITTED.foreign, foreign))
    return max(scored, key=lambda found: sum(found.values()), default={})


def _parts(bias: float, weights: Sequence[float], measures: Measures) -> dict[str, float]:
    values = zip(NAMES, weights, measures, strict=True)
    return {"base": bias, **{name: weight * value for name, weight, value in values if weight * value}}
