"""How much an item looks like one of a story: a few named measures, and the weights that join them."""

import math
from dataclasses import dataclass

from bot.judgement.memory import Member, Memory, Story
from bot.judgement.stories_features import Features

#: A story is compared by its first and its latest members: the first say what it is, the latest how it is told now.
_FIRST, _LATEST = 3, 5
_HOUR = 3600.0

#: Pairs of acts of which one undoes the other. Only these make two like headlines two events.
_OPPOSED = {
    frozenset(pair)
    for pair in (
        ("c:release", "c:delay"), ("c:release", "c:deny"), ("c:release", "c:withdraw"), ("c:release", "c:retire"),
        ("c:approve", "c:block"), ("c:approve", "c:withdraw"), ("c:propose", "c:final"), ("c:propose", "c:withdraw"),
        ("c:final", "c:withdraw"), ("c:suspend", "c:final"), ("c:ship", "c:delay"), ("c:rise", "c:fall"),
        ("c:leak", "c:deny"), ("c:delay", "c:deny"), ("c:cut_price", "c:raise_price"), ("c:approve", "c:suspend"),
    )
}  # fmt: skip


@dataclass(slots=True)
class Measures:
    """What was measured between an item and a story. All are pure numbers; named for --explain."""

    same_best: float = 0.0
    same_mean: float = 0.0
    cross: float = 0.0
    cross_best: float = 0.0
    cross_mean: float = 0.0
    title_best: float = 0.0
    shared_mass: float = 0.0
    models_differ: float = 0.0
    models_agree: float = 0.0
    numbers_agree: float = 0.0
    numbers_differ: float = 0.0
    acts_agree: float = 0.0
    acts_differ: float = 0.0
    acts_opposed: float = 0.0
    gap: float = 0.0
    one_publisher: float = 0.0
    size: float = 0.0


NAMES = tuple(Measures.__slots__)


def referees(story: Story) -> list[Member]:
    members = story.members
    return members if len(members) <= _FIRST + _LATEST else members[:_FIRST] + members[-_LATEST:]


def measure(memory: Memory, item: Features, weights: dict[str, float], story: Story) -> Measures:
    """Compare an item (with its ``weights``) with a story."""
    found = Measures()
    same: list[float] = []
    cross: list[float] = []
    nearest, best_member, best = math.inf, None, -1.0
    for member in referees(story):
        other = member.features
        other_weights = memory.weights(other)
        is_same = other.script == item.script and (other.language == item.language or item.script == "latin")
        value = _cosine(weights, other_weights)
        if is_same:
            same.append(value)
        else:
            value = _shared_cosine(item, weights, other, other_weights)
            cross.append(value)
        if value > best:
            best, best_member = value, member
        nearest = min(nearest, abs(item.at - other.at))
        mass = sum([weights[term] for term in item.title & other.title])
        found.shared_mass = max(found.shared_mass, mass)
        total = sum([weights[term] for term in item.title]) or 1.0
        found.title_best = max(found.title_best, mass / total)
    if same:
        found.same_best, found.same_mean = max(same), sum(same) / len(same)
    if cross:
        found.cross_best, found.cross_mean = max(cross), sum(cross) / len(cross)
    found.cross = 0.0 if same else 1.0
    found.shared_mass = math.log1p(found.shared_mass)
    found.gap = math.log1p(nearest / _HOUR)
    found.size = math.log(len(story.members))
    assert best_member is not None
    found.one_publisher = float(item.publisher == best_member.features.publisher)
    _names_and_acts(found, item, story, weights)
    return found


def _names_and_acts(found: Measures, item: Features, story: Story, weights: dict[str, float]) -> None:
    models: set[str] = set()
    numbers: set[str] = set()
    acts: set[str] = set()
    for member in referees(story):
        models |= member.features.models
        numbers |= member.features.numbers
        acts |= member.features.acts
    common = item.models & models
    found.models_differ = float(bool(item.models and models and not common))
    found.models_agree = max((weights[term] for term in common), default=0.0)
    agreed = item.numbers & numbers
    found.numbers_agree = min(2.0, float(len(agreed)))
    found.numbers_differ = float(bool(item.numbers and numbers and not agreed))
    if item.acts and acts:
        found.acts_agree = float(bool(item.acts & acts))
        found.acts_differ = 1.0 - found.acts_agree
        found.acts_opposed = float(
            any(frozenset((a, b)) in _OPPOSED for a in item.acts - acts for b in acts - item.acts)
        )


def _cosine(one: dict[str, float], other: dict[str, float]) -> float:
    if len(other) < len(one):
        one, other = other, one
    dot = sum([weight * other[term] for term, weight in one.items() if term in other])
    if not dot:
        return 0.0
    norms = sum([w * w for w in one.values()]) * sum([w * w for w in other.values()])
    return dot / math.sqrt(norms)


def _shared_cosine(
    item: Features, weights: dict[str, float], other: Features, other_weights: dict[str, float]
) -> float:
    """Cosine over what two languages can have in common: concepts, versions, numbers, and Latin names."""
    common = [term for term in item.terms if term in other.terms]
    if not common:
        return 0.0
    dot = sum([weights[term] * other_weights[term] for term in common])
    one = sum([weights[term] ** 2 for term in item.shared.union(common)])
    two = sum([other_weights[term] ** 2 for term in other.shared.union(common)])
    return dot / math.sqrt(one * two) if dot else 0.0


#: Logistic regression on the measures of true and false candidates; ``benchmarks/stories.py --fit`` prints them.
#: Fitted on the tuned two thirds of the AI-chip (weight 3), uci and allsides sets.
_BIAS = -3.78
_WEIGHTS = {
    "same_best": 9.56,
    "same_mean": 9.80,
    "cross": 3.49,
    "cross_best": 4.54,
    "cross_mean": -0.63,
    "title_best": -1.83,
    "shared_mass": 0.97,
    "models_differ": -0.48,
    "models_agree": -0.00,
    "numbers_agree": 1.65,
    "numbers_differ": 0.21,
    "acts_agree": -0.55,
    "acts_differ": -0.38,
    "acts_opposed": -1.49,
    "gap": -1.28,
    "one_publisher": 1.32,
    "size": -0.35,
}


def score(measures: Measures) -> float:
    """Log-odds that the item tells the story."""
    return sum([weight * float(getattr(measures, name)) for name, weight in _WEIGHTS.items()], _BIAS)
