"""The labelled sets that story clustering is measured on, read as the program reads them."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path

from bot.catalog.loader import load_catalog
from bot.judgement.canonical import canonical_url, title_key
from bot.judgement.evidence import Grader
from bot.judgement.memory import Memory
from bot.judgement.stories_features import Features, features_of, subjects_of, without_terms
from bot.judgement.topics import TopicMatcher
from bot.model import Catalog, Grade, Item, SourceId

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("TIPOFF_SHARED_DATA", ROOT.parent / "shared" / "data"))
#: General news, and busy days: not of the kind that the program is for, so they count less in the fit.
PUBLIC = {
    "uci": SHARED / "stories/uci.jsonl",
    "allsides": SHARED / "stories/allsides.jsonl",
}
#: Weeks of the field, each written by somebody who did not know the program.
FIELD = {
    "ai": SHARED / "judgement/items.jsonl",
    "dense": ROOT / "tests/data/stories/dense.jsonl",
    **{file.stem: file for file in sorted((ROOT / "tests/data/judgement").glob("20*.jsonl"))},
}
SETS: Mapping[str, Path] = FIELD | PUBLIC


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    item: Item
    story: str
    told: bool  # whether somebody waits for it: on a topic, or any item of a public set
    grade: Grade
    features: Features


@lru_cache(maxsize=1)
def catalog() -> Catalog:
    return load_catalog(None)


def memory_for(name: str) -> Memory:
    """An empty memory; for the field's sets one that knows the topics."""
    return Memory(subjects_of(catalog().topics) if name in FIELD else ())


@cache
def load(name: str) -> tuple[Labelled, ...]:
    """The items of a set in their order. On the field's sets grade and topics are the program's own, not the labels."""
    grader, matcher = Grader(catalog().publishers), TopicMatcher(catalog().topics)
    rows = []
    for line in SETS[name].read_text(encoding="utf-8").splitlines():
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
        key = title_key(item.title, item.publisher)
        if name in FIELD:
            topics = [match.topic for match in matcher.match(item)]
            features = features_of(item, key=key, grade=grader.grade(item).grade, topics=topics)
            if grader.tells_no_news(item):
                features = without_terms(features)
        else:
            features = features_of(item, key=key)
        rows.append(
            Labelled(
                item=item,
                story=gold.get("story") or row["story"],
                told=bool(gold["topics"]) if gold else True,
                grade=Grade(gold.get("grade", "report")),
                features=features,
            )
        )
    return tuple(rows)
