"""Measures topics and evidence grades on the labelled corpus: all of it, the tuned part, the part held back.

Run from the project: ``python -m benchmarks.judgement_topics [--errors] [--speed]``. Held back is the third of the
stories (of ``topics.jsonl``: of the titles) whose hash is divisible by three; ``--errors`` never shows these.
"""

import hashlib
import json
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from bot.catalog.loader import load_catalog
from bot.judgement.canonical import make_item
from bot.judgement.evidence import Grader
from bot.judgement.scoring import Pairs, macro_f1, topic_scores
from bot.judgement.topics import TopicMatcher
from bot.model import Item, RawItem, Source, SourceId, SourceKind
from tests.paths import SHARED_DATA

CORPUS = SHARED_DATA / "judgement"
SEEN = datetime(2026, 12, 31, tzinfo=UTC)


def held_back(key: str) -> bool:
    return int(hashlib.sha256(key.encode()).hexdigest(), 16) % 3 == 0


def rows() -> list[tuple[dict[str, Any], Item, bool]]:
    found = []
    for name in ("items.jsonl", "topics.jsonl"):
        for line in (CORPUS / name).read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            found.append((row, _item(row), held_back(row["gold"].get("story") or row["title"])))
    return found


def _item(row: dict[str, Any]) -> Item:
    at = row.get("published")
    raw = RawItem(
        external_id=row["id"],
        url=row.get("url", "https://example.org/" + row["id"]),
        title=row["title"],
        summary=row["summary"],
        publisher=row.get("publisher", ""),
        published=datetime.fromisoformat(at.replace("Z", "+00:00")) if at else None,
        language=row["language"],
    )
    source = Source(id=SourceId(row.get("source", "x")), name="", kind=SourceKind.FEED, url=raw.url)
    return make_item(raw, source, seen=SEEN)


def topics_table(data: list[tuple[dict[str, Any], Item, bool]], *, errors: bool) -> None:
    catalog = load_catalog()
    matcher = TopicMatcher(catalog.topics)
    judged = [(row, held, matcher.match(item)) for row, item, held in data]
    for part, wanted in (("all", (False, True)), ("tuned", (False,)), ("held back", (True,))):
        scores = topic_scores(
            [
                (set(row["gold"]["topics"]), {match.topic for match in found})
                for row, held, found in judged
                if held in wanted
            ]
        )
        for topic, hits in scores.items():
            print(f"{part:10} {topic:18} P {hits.precision:.3f} R {hits.recall:.3f} F1 {hits.f1:.3f}")
        print(f"{part:10} macro F1 {macro_f1(scores):.4f}")
    for row, held, found in judged:
        gold, got = set(row["gold"]["topics"]), {match.topic for match in found}
        if errors and not held and gold != got:
            print(
                "  missed",
                sorted(gold - got),
                "wrong",
                sorted(got - gold),
                "|",
                row.get("publisher", ""),
                "|",
            )
            print(
                "    ",
                row["title"],
                "|",
                row["summary"],
                "|",
                [m.reason for m in found if m.topic in got - gold],
            )


def grades_table(data: list[tuple[dict[str, Any], Item, bool]], *, errors: bool) -> None:
    grader = Grader(load_catalog().publishers)
    judged = [(row, held, grader.grade(item)) for row, item, held in data if row["gold"].get("grade")]
    for part, wanted in (("all", (False, True)), ("tuned", (False,)), ("held back", (True,))):
        for which in ("on topic", "all items"):
            pairs = Pairs(
                counts=Counter(
                    (row["gold"]["grade"], graded.grade.value)
                    for row, held, graded in judged
                    if held in wanted and (which == "all items" or row["gold"]["topics"])
                )
            )
            print(f"{part:10} {which:10} grade accuracy {pairs.accuracy:.4f} of {pairs.items}")
            if which == "on topic":
                for (gold, got), count in sorted(pairs.counts.items()):
                    print(f"{'':12}{gold:13} -> {got:13} {count}{'' if gold == got else '  *'}")
        cited = [
            (row["gold"].get("cites", ""), graded.cites) for row, held, graded in judged if held in wanted
        ]
        both = sum(gold == got for gold, got in cited if gold)
        print(
            f"{part:10} cites found {both} of {sum(bool(g) for g, _ in cited)}; "
            f"said where there is none {sum(bool(got) and not gold for gold, got in cited)}"
        )
    for row, held, graded in judged:
        if errors and not held and row["gold"]["grade"] != graded.grade:
            print(
                "  gold",
                row["gold"]["grade"],
                "got",
                graded.grade,
                "|",
                graded.reason,
                "|",
                row["publisher"],
                "|",
                row["url"],
            )
            print("    ", row["title"], "|", row["summary"], "|", row["gold"]["topics"] or "off topic")


def speed(data: list[tuple[dict[str, Any], Item, bool]]) -> None:
    catalog = load_catalog()
    matcher, grader = TopicMatcher(catalog.topics), Grader(catalog.publishers)
    items = [item for row, item, _ in data if "url" in row] * 4
    for name, work in (("topics", matcher.match), ("grade", grader.grade)):
        start = time.perf_counter()
        for item in items:
            work(item)  # type: ignore[operator]
        print(f"{name}: {len(items) / (time.perf_counter() - start):,.0f} items/s")
    start = time.perf_counter()
    for row, _, _ in data * 2:
        _item(row)
    print(f"make_item: {2 * len(data) / (time.perf_counter() - start):,.0f} items/s")


def main() -> None:
    data = rows()
    topics_table(data, errors="--errors" in sys.argv)
    grades_table(data, errors="--errors" in sys.argv)
    if "--speed" in sys.argv:
        speed(data)


if __name__ == "__main__":
    main()
