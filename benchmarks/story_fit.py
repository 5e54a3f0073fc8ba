"""Fits the weights of story clustering (``bot/judgement/stories_weights.py``). Needs scikit-learn."""

import hashlib
import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from benchmarks.story_sets import SETS, load, memory_for
from bot.judgement.stories import compared, place
from bot.judgement.stories_measures import NAMES, Measures
from bot.judgement.stories_score import Line, Weights, is_general

#: The inverse of the penalty on large weights. With whole sets held back it is flat from 0.02 to 0.2.
_FREEDOM = 0.05
#: General news joins only with so much more log-odds: fewer of its stories are swallowed (allsides 6 % -> 3 %,
#: uci 18 % -> 10 %) for as good a F1.
_GENERAL_CAUTION = 0.5
FOLDS = 5


class Sample(NamedTuple):
    """A candidate that was measured, and whether it is the item's story."""

    of_set: str
    story: str
    measures: Measures
    true: bool


def fold_of(story: str) -> int:
    return int(hashlib.sha256(f"cv{story}".encode()).hexdigest(), 16) % FOLDS


def fit() -> Iterator[str]:
    """The lines of the module of weights, fitted on all sets."""
    weights = fitted(samples())
    for name, line in (("FIELD", weights.field), ("GENERAL", weights.general)):
        yield f"{name}_BIAS = {line.bias:.2f}"
        yield f"{name} = {{"
        for measure, value in zip(NAMES, line.values, strict=True):
            if round(value, 2):
                yield f'    "{measure}": {value:.2f},'
        yield "}"


def samples() -> list[Sample]:
    """Items beside their candidates. The stories before them are once as labelled, and once as the program puts them
    with the weights that it has, which teaches what to do where something is in a wrong place already."""
    return [
        sample for name in SETS for labelled in (True, False) for sample in _samples(name, labelled=labelled)
    ]


def _samples(name: str, *, labelled: bool) -> Iterator[Sample]:
    memory = memory_for(name)
    numbers: dict[str, int] = {}
    inside: dict[int, list[str]] = defaultdict(list)
    new = 0
    for row in load(name):
        features = row.features
        if features.terms:
            for story, measures in compared(memory, memory.weigh(features)):
                told = inside[story.id]
                yield Sample(name, row.story, measures, 2 * told.count(row.story) >= len(told))
        if labelled:
            cluster = numbers.setdefault(row.story, len(numbers) + 1)
        else:
            placed = place(memory, features).story
            new += placed is None
            cluster = new if placed is None else placed.id
        inside[cluster].append(row.story)
        memory.add(cluster, features, seen=features.at, rank=-1, topics=tuple(features.topics))


def fitted(
    given: Sequence[Sample], held_back: Callable[[str, str], bool] = lambda of_set, story: False
) -> Weights:
    """Logistic regressions, without the stories of sets that are held back."""
    used = [sample for sample in given if not held_back(sample.of_set, sample.story)]
    general = _regression([sample for sample in used if is_general(sample.measures)])
    return Weights(
        field=_regression([sample for sample in used if not is_general(sample.measures)]),
        general=general._replace(bias=general.bias - _GENERAL_CAUTION),
    )


def _regression(used: Sequence[Sample]) -> Line:
    from sklearn.linear_model import LogisticRegression

    spread = [_spread(column) for column in zip(*[sample.measures for sample in used], strict=True)]
    scaled = [[v / s for v, s in zip(sample.measures, spread, strict=True)] for sample in used]
    model = LogisticRegression(C=_FREEDOM, max_iter=3000).fit(scaled, [sample.true for sample in used])
    values = (float(value / size) for value, size in zip(model.coef_[0], spread, strict=True))
    return Line(float(model.intercept_[0]), tuple(values))


def _spread(column: Sequence[float]) -> float:
    mean = math.fsum(column) / len(column)
    return math.sqrt(math.fsum((value - mean) ** 2 for value in column) / len(column)) + 1e-9
