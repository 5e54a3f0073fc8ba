"""How much what was measured says that an item tells a story: log-odds, by weights that were fitted."""

from collections.abc import Mapping
from operator import mul
from typing import NamedTuple

from bot.judgement.stories_measures import NAMES, Measures
from bot.judgement.stories_weights import FIELD, FIELD_BIAS, GENERAL, GENERAL_BIAS


class Line(NamedTuple):
    """A logistic regression on the measures, its weights in the order of ``NAMES``."""

    bias: float
    values: tuple[float, ...]


class Weights(NamedTuple):
    """``field``: where the item or the story is on a topic; ``general``: for all other news, which has other habits."""

    field: Line
    general: Line


def _in_order(weights: Mapping[str, float]) -> tuple[float, ...]:
    return tuple(weights.get(name, 0.0) for name in NAMES)


FITTED = Weights(Line(FIELD_BIAS, _in_order(FIELD)), Line(GENERAL_BIAS, _in_order(GENERAL)))


def is_general(measures: Measures) -> bool:
    """Whether neither the item nor the story is on a topic."""
    return not (measures.same_topic or measures.other_topic or measures.new_topic or measures.lost_topic)


def score(measures: Measures, weights: Weights = FITTED) -> float:
    """Log-odds that the item tells the story."""
    line = weights.general if is_general(measures) else weights.field
    total: float = sum(map(mul, line.values, measures))
    return line.bias + total


def parts(measures: Measures) -> dict[str, float]:
    """What each measure adds to ``score``. For --explain."""
    line = FITTED.general if is_general(measures) else FITTED.field
    values = zip(NAMES, line.values, measures, strict=True)
    return {"base": line.bias, **{name: weight * value for name, weight, value in values if weight * value}}
