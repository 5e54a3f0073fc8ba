"""Measures the whole judge on labelled sets, as ``tipoff replay FILE --score FILE`` does: a markdown table.

python -m benchmarks.judgement            the shared AI-chip set and those of tests/data/judgement
python -m benchmarks.judgement FILE ...   other sets in the same format
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from bot.catalog.loader import load_catalog
from bot.flow.labels import found_of, read_labels
from bot.flow.replay import replay
from bot.judgement.scoring import Hits, Scores, score
from bot.model import Catalog
from tests.paths import DATA, SHARED_DATA


def measured(file: Path, catalog: Catalog) -> Scores:
    """The scores of the judge on one file of labelled items."""
    lines = file.read_text(encoding="utf-8").splitlines()
    found = {row.id: found_of(row.verdict) for row in replay(lines, catalog, name=file.name)}
    return score(found, read_labels(lines, name=file.name))


def table(files: Sequence[Path]) -> Iterator[str]:
    titles = (
        "set", "items", "stories F1", "new, all alerts a story", "swallowed", "topics F1", "grades", "watch P, R",
        "claims P, R",
    )  # fmt: skip
    yield f"| {' | '.join(titles)} |"
    yield "|---" * len(titles) + "|"
    catalog = load_catalog()
    for file in files:
        found = measured(file, catalog)
        stories, alerts, grades = found.stories, found.alerts, found.grades
        cells = (
            file.stem,
            f"{found.items}",
            f"{stories.f1:.3f}" if stories else "",
            f"{alerts.new / alerts.stories:.2f}, {alerts.all / alerts.stories:.2f}" if alerts else "",
            f"{alerts.swallowed} of {alerts.stories}" if alerts else "",
            f"{found.macro_f1:.3f}" if found.topics else "",
            f"{grades.accuracy:.3f}" if grades else "",
            _hits(found.watch),
            _hits(found.claims),
        )
        yield f"| {' | '.join(cells)} |"


def _hits(hits: Hits | None) -> str:
    return "" if hits is None else f"{hits.precision:.2f}, {hits.recall:.2f}"


def main() -> None:
    files = [Path(name) for name in sys.argv[1:]]
    for line in table(
        files or [SHARED_DATA / "judgement/items.jsonl", *sorted(DATA.glob("judgement/*.jsonl"))]
    ):
        print(line, flush=True)


if __name__ == "__main__":
    main()
