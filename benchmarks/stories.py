"""Measures story clustering on the labelled sets beside plain baselines, and fits its weights.

    python benchmarks/stories.py             a markdown table on standard output
    python benchmarks/stories.py --folds     each set with weights that were fitted without it
    python benchmarks/stories.py --fit       bot/judgement/stories_weights.py anew (both need scikit-learn)
    python benchmarks/stories.py --speed N   items judged a second and memory, over N made-up items
                                 --of mixed  of which so many are of the field: ai (all), general (none), mixed

Every method works online: an item is placed once, knowing only those before it. Each baseline has its best threshold,
found on the same items that it is scored on, which flatters it.
"""

import argparse
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from operator import mul
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import story_baselines as baselines
from benchmarks.story_fit import FOLDS, fit, fitted, fold_of, samples
from benchmarks.story_sets import FIELD, PUBLIC, SETS, Labelled, load, memory_for
from bot.catalog.loader import load_catalog
from bot.cli.start import settle_memory
from bot.judgement.judge import Judge
from bot.judgement.memory import WINDOW as WINDOW_OF_MEMORY
from bot.judgement.stories import place
from bot.judgement.stories_score import FITTED, Weights
from bot.model import Item

# The methods: items in, a cluster number for each out.


def tipoff(name: str, weights: Weights = FITTED) -> list[int]:
    memory, out, new = memory_for(name), [], 0
    for row in load(name):
        features = row.features
        story = place(memory, features, weights).story
        new += story is None
        out.append(new if story is None else story.id)
        memory.add(out[-1], features, seen=features.at, rank=-1, topics=tuple(features.topics))
    return out


# The measures.


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    precision: float
    recall: float
    told: float  # "new" alerts for each true story
    alerts: float  # with upgrades
    swallowed: float  # share of true stories without an alert of their own
    items: int
    stories: int

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / (self.precision + self.recall)


def scores(
    rows: Sequence[Labelled], found: Sequence[int], part: Callable[[str], bool] = lambda story: True
) -> Scores:
    """Of the items whose story is in ``part``; the clusters are those of the whole stream."""
    truth: dict[str, set[int]] = defaultdict(set)
    made: dict[int, set[int]] = defaultdict(set)
    for at, (row, cluster) in enumerate(zip(rows, found, strict=True)):
        truth[row.story].add(at)
        made[cluster].add(at)
    chosen = [at for at, row in enumerate(rows) if part(row.story)]
    precision = recall = 0.0
    for at in chosen:
        both = len(truth[rows[at].story] & made[found[at]])
        precision += both / len(made[found[at]])
        recall += both / len(truth[rows[at].story])
    told, alerts, stories = _alerts(rows, found, part)
    return Scores(
        precision=precision / len(chosen),
        recall=recall / len(chosen),
        told=told.total() / stories,
        alerts=alerts.total() / stories,
        swallowed=1 - len(alerts) / stories,
        items=len(chosen),
        stories=stories,
    )


def _alerts(
    rows: Sequence[Labelled], found: Sequence[int], part: Callable[[str], bool]
) -> tuple[Counter[str], Counter[str], int]:
    best: dict[int, int] = {}
    told: Counter[str] = Counter()
    alerts: Counter[str] = Counter()
    for row, cluster in zip(rows, found, strict=True):
        if row.told and row.grade.rank > best.get(cluster, -1):
            if part(row.story):
                told[row.story] += cluster not in best
                alerts[row.story] += 1
            best[cluster] = row.grade.rank
    return told, alerts, len({row.story for row in rows if row.told and part(row.story)})


HEADER = (
    "| set | method | P | R | F1 | new alerts per story | all alerts per story | swallowed |\n"
    "|---|---|---|---|---|---|---|---|"
)


def table() -> Iterator[str]:
    yield HEADER
    for name in SETS:
        for method, found in _methods(name):
            yield _row(name, method, scores(load(name), found))


def _row(name: str, method: str, s: Scores) -> str:
    return (
        f"| {name} | {method} | {s.precision:.3f} | {s.recall:.3f} | {s.f1:.3f} "
        f"| {s.told:.2f} | {s.alerts:.2f} | {s.swallowed:.1%} |"
    )


def folds() -> Iterator[str]:
    """Everything scored with weights that were fitted without it: a set of the field without the whole set, a public
    set without the fold of stories that is scored."""
    given = samples()
    yield HEADER
    for name in FIELD:
        weights = fitted(given, lambda of_set, _, name=name: of_set == name)
        yield _row(name, "tipoff, set held back", scores(load(name), tipoff(name, weights)))
    for name in PUBLIC:
        parts = []
        for fold in range(FOLDS):
            weights = fitted(
                given, lambda of_set, story, name=name, fold=fold: of_set == name and fold_of(story) == fold
            )
            parts.append(
                scores(load(name), tipoff(name, weights), lambda story, fold=fold: fold_of(story) == fold)
            )
        yield _row(name, f"tipoff, {FOLDS} folds held back", _joined(parts))


def _joined(parts: Sequence[Scores]) -> Scores:
    """The scores of each fold's stories together."""
    items, stories = [part.items for part in parts], [part.stories for part in parts]

    def mean(values: Iterable[float], counts: Sequence[int]) -> float:
        return sum(map(mul, values, counts)) / sum(counts)

    return Scores(
        precision=mean([part.precision for part in parts], items),
        recall=mean([part.recall for part in parts], items),
        told=mean([part.told for part in parts], stories),
        alerts=mean([part.alerts for part in parts], stories),
        swallowed=mean([part.swallowed for part in parts], stories),
        items=sum(items),
        stories=sum(stories),
    )


def _methods(name: str) -> Iterator[tuple[str, list[int]]]:
    rows = load(name)
    items = [row.item for row in rows]
    yield "tipoff", tipoff(name)
    yield "exact title", baselines.exact_title(items)
    hundredths = [step / 50 for step in range(3, 35)]
    for method_name, method, limits in (
        ("rapidfuzz token_set", baselines.token_set(items), [float(limit) for limit in range(40, 100, 4)]),
        ("MinHash LSH", baselines.minhash_lsh(items), [step / 20 for step in range(2, 17)]),
        ("TF-IDF nearest", baselines.tf_idf(items), hundredths),
    ):
        if method is None:
            print(f"{method_name}: not measured, its package is not installed", file=sys.stderr)
        else:
            yield _best(method_name, rows, method, limits)
    vectors = baselines.sentence_vectors(items)
    if vectors is None:
        print("sentence vectors: not measured, their package is not installed", file=sys.stderr)
    else:
        yield "sentence vectors, single link >= 0.6", vectors(0.6)
        yield _best("sentence vectors, single link", rows, vectors, hundredths)


def _best(
    name: str, rows: Sequence[Labelled], method: Callable[[float], list[int]], limits: Sequence[float]
) -> tuple[str, list[int]]:
    tried = [(scores(rows, found := method(limit)).f1, limit, found) for limit in limits]
    _, limit, found = max(tried, key=lambda entry: entry[0])
    return f"{name} >= {limit:g}", found


# The speed.


#: What ``--of`` names: every tenth item of "mixed" is of the field, as where thousands of general sources are polled.
STREAMS = {"ai": ("ai",), "general": ("uci", "allsides"), "mixed": ("ai", *["general"] * 9)}


def speed(count: int, stream: str) -> None:
    """The whole judge over made-up items: those of the labelled sets again and again with two words changed, spread
    evenly over the window of memory, so that near copies of every story are open and nothing is forgotten for age."""
    judge = Judge(load_catalog(None), known_until=None)
    items = _stream(stream, count, step=WINDOW_OF_MEMORY / count)
    judge.remember(judge.judge(next(items)))  # what is loaded at first use
    settle_memory()  # as the program does once it has started
    parts = min(10, count // 1000)
    for part in range(1, parts + 1):
        chunk_s = 0.0
        size = count // parts - (part == 1)
        for _ in range(0, size, 1000):
            batch = list(islice(items, 1000))
            began = time.process_time()
            for item in batch:
                judge.remember(judge.judge(item))
            chunk_s += time.process_time() - began
        print(
            f"{part * count // parts:>9,} items: {size / chunk_s:,.0f} a second, {judge.remembered:,} remembered, "
            f"{_resident_mb()} MB",
            flush=True,
        )


def _resident_mb() -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) // 1024 for line in status.splitlines() if line.startswith("VmRSS"))


def _stream(stream: str, count: int, *, step: timedelta) -> Iterator[Item]:
    rows = {one: [row for name in STREAMS.get(one, (one,)) for row in load(name)] for one in STREAMS[stream]}
    given = dict.fromkeys(rows, 0)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(count):
        one = STREAMS[stream][number % len(STREAMS[stream])]
        turn, at = divmod(given[one], len(rows[one]))
        given[one] += 1
        row = rows[one][at].item
        moment = start + step * number
        yield replace(
            row,
            external_id=str(number),
            url=f"{row.url}?turn={turn}",
            title=f"{row.title} word{turn * 7919 % 5003} name{turn * 104729 % 7001}",
            published=moment,
            seen=moment,
        )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--fit", action="store_true")
    arguments.add_argument("--folds", action="store_true")
    arguments.add_argument("--speed", type=int, metavar="N")
    arguments.add_argument("--of", choices=STREAMS, default="ai")
    chosen = arguments.parse_args()
    if chosen.fit:
        print("\n".join(fit()))
    elif chosen.speed:
        speed(chosen.speed, chosen.of)
    else:
        for line in folds() if chosen.folds else table():
            print(line)


if __name__ == "__main__":
    main()
