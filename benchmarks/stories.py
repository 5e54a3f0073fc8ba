"""Measures story clustering on the labelled sets beside plain baselines, and fits its weights.

    python benchmarks/stories.py             a markdown table on standard output
    python benchmarks/stories.py --folds     the same with weights fitted without the stories that are scored
    python benchmarks/stories.py --fit       bot/judgement/stories_weights.py anew (both need scikit-learn)
    python benchmarks/stories.py --speed N   items judged a second and memory, over N made-up items
                                 --of mixed  of which so many are of the field: ai (all), general (none), mixed

Every method works online: an item is placed once, knowing only those before it. Each baseline has its best threshold,
found on the same items that it is scored on, which flatters it.
"""

import argparse
import hashlib
import json
import math
import os
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import story_baselines as baselines
from bot.catalog.loader import load_catalog
from bot.cli.start import settle_memory
from bot.judgement.canonical import canonical_url, title_key
from bot.judgement.judge import Judge
from bot.judgement.memory import WINDOW as WINDOW_OF_MEMORY
from bot.judgement.memory import Memory
from bot.judgement.stories import QUIET_S, place
from bot.judgement.stories_features import Features, features_of
from bot.judgement.stories_rules import is_another_event
from bot.judgement.stories_score import FITTED, NAMES, Asked, Told, Weights, measure
from bot.model import Grade, Item, SourceId

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("TIPOFF_SHARED_DATA", ROOT.parent / "shared" / "data"))
SETS = {
    "ai": SHARED / "judgement/items.jsonl",
    "dense": ROOT / "tests/data/stories/dense.jsonl",
    "uci": SHARED / "stories/uci.jsonl",
    "allsides": SHARED / "stories/allsides.jsonl",
}
#: Written by people who did not know the program, about other weeks; nothing is fitted on them.
LATER = {file.stem: file for file in sorted((ROOT / "tests/data/judgement").glob("20*.jsonl"))}
#: How much each set weighs in the fit: the field's own counts most. A little of its busiest days keeps apart what
#: shares no more than the names; with more of it, what belongs together on quiet days falls apart.
SET_WEIGHT = {"ai": 2.0, "dense": 0.2, "uci": 1.0, "allsides": 1.0}
_FOLDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    item: Item
    story: str
    told: bool  # whether somebody waits for it: on a topic, or any item of a public set
    grade: Grade


def load(name: str) -> list[Labelled]:
    rows = []
    for line in (SETS | LATER)[name].read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        gold = row.get("gold", {})
        moment = datetime.fromisoformat(row["published"])
        item = Item(
            source=SourceId(str(row.get("source") or row["publisher"])),
            external_id=row["id"],
            url=canonical_url(row["url"]),
            title=row["title"],
            publisher=row["publisher"],
            published=moment,
            seen=moment,
            summary=row.get("summary") or "",
            language=row["language"],
        )
        grade = Grade(gold.get("grade", "report"))
        told = bool(gold["topics"]) if gold else True
        rows.append(Labelled(item=item, story=gold.get("story") or row["story"], told=told, grade=grade))
    return rows


def fold_of(story: str) -> int:
    return int(hashlib.sha256(f"cv{story}".encode()).hexdigest(), 16) % _FOLDS


# The methods: items in, a cluster number for each out.


def tipoff(rows: Sequence[Labelled], weights: Weights = FITTED) -> list[int]:
    memory, out, new = Memory(), [], 0
    for row in rows:
        features = _features(row)
        story = place(memory, features, weights).story
        new += story is None
        out.append(new if story is None else story.id)
        memory.add(out[-1], features, seen=row.item.seen.timestamp(), rank=-1)
    return out


# The measures.


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    precision: float
    recall: float
    told: float  # "new" alerts for each true story
    alerts: float  # with upgrades
    swallowed: float  # share of true stories without an alert of their own

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / (self.precision + self.recall)


def scores(rows: Sequence[Labelled], found: Sequence[int], part: Callable[[str], bool]) -> Scores:
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
        told=sum(told.values()) / stories,
        alerts=sum(alerts.values()) / stories,
        swallowed=1 - len(alerts) / stories,
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
    for name in SETS | LATER:
        rows = load(name)
        for method, found in _methods(rows):
            yield _row(name, method, scores(rows, found, lambda story: True))


def _row(name: str, method: str, s: Scores) -> str:
    return (
        f"| {name} | {method} | {s.precision:.3f} | {s.recall:.3f} | {s.f1:.3f} "
        f"| {s.told:.2f} | {s.alerts:.2f} | {s.swallowed:.1%} |"
    )


def folds() -> Iterator[str]:
    """Every story scored with weights that were fitted without it."""
    samples = _samples()
    fitted = [_fitted(samples, lambda story, at=at: fold_of(story) != at) for at in range(_FOLDS)]
    yield HEADER
    for name in SETS:
        rows = load(name)
        found = [tipoff(rows, weights) for weights in fitted]
        yield _row(name, f"tipoff, {_FOLDS} folds", _joined(rows, found))


def _joined(rows: Sequence[Labelled], found: Sequence[Sequence[int]]) -> Scores:
    """The scores of each fold's stories together."""
    items = Counter(fold_of(row.story) for row in rows)
    stories = Counter(fold_of(story) for story in {row.story for row in rows if row.told})
    each = [
        scores(rows, clusters, lambda story, at=at: fold_of(story) == at) for at, clusters in enumerate(found)
    ]

    def mean(values: Sequence[float], counts: Counter[int]) -> float:
        return sum(value * counts[at] for at, value in enumerate(values)) / counts.total()

    return Scores(
        precision=mean([s.precision for s in each], items),
        recall=mean([s.recall for s in each], items),
        told=mean([s.told for s in each], stories),
        alerts=mean([s.alerts for s in each], stories),
        swallowed=mean([s.swallowed for s in each], stories),
    )


def _methods(rows: Sequence[Labelled]) -> Iterator[tuple[str, list[int]]]:
    items = [row.item for row in rows]
    yield "tipoff", tipoff(rows)
    yield "exact title", baselines.exact_title(items)
    hundredths = [step / 50 for step in range(3, 35)]
    for name, method, limits in (
        ("rapidfuzz token_set", baselines.token_set(items), [float(limit) for limit in range(40, 100, 4)]),
        ("MinHash LSH", baselines.minhash_lsh(items), [step / 20 for step in range(2, 17)]),
        ("TF-IDF nearest", baselines.tf_idf(items), hundredths),
    ):
        if method is None:
            print(f"{name}: not measured, its package is not installed", file=sys.stderr)
        else:
            yield _best(name, rows, method, limits)
    vectors = baselines.sentence_vectors(items)
    if vectors is None:
        print("sentence vectors: not measured, their package is not installed", file=sys.stderr)
    else:
        yield "sentence vectors, single link >= 0.6", vectors(0.6)
        yield _best("sentence vectors, single link", rows, vectors, hundredths)


def _best(
    name: str, rows: Sequence[Labelled], method: Callable[[float], list[int]], limits: Sequence[float]
) -> tuple[str, list[int]]:
    tried = [(scores(rows, found := method(limit), lambda story: True).f1, limit, found) for limit in limits]
    _, limit, found = max(tried, key=lambda entry: entry[0])
    return f"{name} >= {limit:g}", found


# The fit.


def _features(row: Labelled) -> Features:
    return features_of(row.item, key=title_key(row.item.title, row.item.publisher), grade=row.grade)


#: A candidate that was measured: its measures, whether it is the true story, the set, the label.
Sample = tuple[list[float], bool, str, str]


def fit() -> None:
    """Print the constants, fitted on all three sets."""
    weights = _fitted(_samples(), lambda story: True)
    for group, bias, values in (
        ("OWN", weights.own_bias, weights.own),
        ("FOREIGN", weights.foreign_bias, weights.foreign),
    ):
        print(f"{group}_BIAS = {bias:.2f}\n{group} = {{")
        for name, value in zip(NAMES, values, strict=True):
            print(f'    "{name}": {value:.2f},')
        print("}")


def _fitted(samples: Sequence[Sequence[Sample]], chosen: Callable[[str], bool]) -> Weights:
    """Logistic regression on (item, candidate story) pairs, the stories as labelled."""
    (own_bias, own), (foreign_bias, foreign) = [
        _regression([pair for pair in group if chosen(pair[3])]) for group in samples
    ]
    return Weights(own_bias=own_bias, own=own, foreign_bias=foreign_bias, foreign=foreign)


def _regression(pairs: Sequence[Sample]) -> tuple[float, tuple[float, ...]]:
    from sklearn.linear_model import LogisticRegression

    per_set = Counter(name for _, _, name, _ in pairs)
    # A set with few pairs in a group (two Spanish rows) is not blown up to the size of the others.
    weight = [SET_WEIGHT[name] * 1000 / max(per_set[name], 200) for _, _, name, _ in pairs]
    columns = list(zip(*(values for values, *_ in pairs), strict=True))
    spread = [_spread(column) for column in columns]
    scaled = [[v / s for v, s in zip(values, spread, strict=True)] for values, *_ in pairs]
    model = LogisticRegression(C=0.2, max_iter=3000).fit(
        scaled, [true for _, true, *_ in pairs], sample_weight=weight
    )
    return float(model.intercept_[0]), tuple(
        float(value / size) for value, size in zip(model.coef_[0], spread, strict=True)
    )


def _samples() -> tuple[list[Sample], list[Sample]]:
    """Of members in the item's language, and of the others."""
    samples: tuple[list[Sample], list[Sample]] = ([], [])
    for name in SETS:
        _collect(name, samples)
    return samples


def _collect(name: str, samples: tuple[list[Sample], list[Sample]]) -> None:
    memory, numbers = Memory(), {}
    for row in load(name):
        features = _features(row)
        weighed = memory.weigh(features)
        asked = Asked(weighed)
        truth = numbers.setdefault(row.story, len(numbers) + 1)
        for story in memory.candidates(weighed, limit=8):
            if min(abs(features.at - member.at) for member in story.members) > QUIET_S:
                continue
            if is_another_event(story, features):
                continue
            for group, measures in zip(samples, measure(asked, Told(story, weighed)), strict=True):
                if measures is not None:
                    values = [float(getattr(measures, each)) for each in NAMES]
                    group.append((values, story.id == truth, name, row.story))
        memory.add(truth, features, seen=row.item.seen.timestamp(), rank=-1)


def _spread(column: Sequence[float]) -> float:
    mean = math.fsum(column) / len(column)
    return math.sqrt(math.fsum((value - mean) ** 2 for value in column) / len(column)) + 1e-9


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
        fit()
    elif chosen.speed:
        speed(chosen.speed, chosen.of)
    else:
        for line in folds() if chosen.folds else table():
            print(line)


if __name__ == "__main__":
    main()
