"""All of the shared feeds: counted against what other parsers find, titles compared with feedparser's."""

import csv
import io
import re
from pathlib import Path

import feedparser
import pytest

from bot.errors import ParseFailed
from bot.intake.sources.text import summary_of, title_of
from tests.paths import ROOT, SHARED_DATA
from tests.unit.reading import read

FEEDS = SHARED_DATA / "feeds"
pytestmark = pytest.mark.skipif(not (FEEDS / "MANIFEST.tsv").exists(), reason="the shared data is not here")


def manifest() -> list[dict[str, str]]:
    path = FEEDS / "MANIFEST.tsv"
    if not path.exists():
        return []
    rows = csv.DictReader(io.StringIO(path.read_text("utf-8")), delimiter="\t", quoting=csv.QUOTE_NONE)
    return [row for row in rows if not row["file"].startswith("hostile/")]


def explained() -> dict[str, tuple[int | None, str]]:
    """Where we read another number, and why, as docs/sources.md tells it. None: refused."""
    rows = re.findall(
        r"^\| `([^`]+)` \| \d+ \| (\d+|refused) \| (.+) \|$",
        (ROOT / "docs" / "sources.md").read_text(),
        re.MULTILINE,
    )
    return {file: (None if ours == "refused" else int(ours), why) for file, ours, why in rows}


EXPLAINED = explained()
#: Where feedparser's titles are the wrong ones: it believes a false charset.
BETTER = frozenset(
    {
        "derived-bbc-china-lying-utf8.xml",
        "derived-bbc-russia-windows1251-lying-latin1.xml",
        "feedparser-euckr.xml",  # both wrong: Korean without a word about its charset
        "feedparser-gb2312.xml",
        "feedparser-koi8r.xml",
        "picofeed-atom-no-default-namespace.xml",  # the empty entry
        "simplepie-ng-linuxsoft-invalidutf8.xml",
    }
)


def expected(row: dict[str, str]) -> int | None:
    if row["file"] in EXPLAINED:
        return EXPLAINED[row["file"]][0]
    is_json = row["kind"].startswith("json")
    return int(row["entries_third"] if is_json else row["entries_feedparser_6.0.14"])


@pytest.mark.parametrize("row", manifest(), ids=lambda row: row["file"])
def test_as_many_entries_as_there_are(row: dict[str, str]) -> None:
    try:
        count = len(read(FEEDS / row["file"]).items)
    except ParseFailed:
        count = None
    assert count == expected(row)


@pytest.mark.parametrize(
    "row",
    [
        row
        for row in manifest()
        if not row["kind"].startswith(("json", "html", "gzip")) and row["file"] not in BETTER
    ],
    ids=lambda row: row["file"],
)
def test_the_titles_are_those_that_feedparser_reads(row: dict[str, str]) -> None:
    if EXPLAINED.get(row["file"], (0, ""))[0] is None:
        pytest.skip("no feed")
    path: Path = FEEDS / row["file"]
    ours = {item.title for item in read(path).items}
    for entry in feedparser.parse(io.BytesIO(path.read_bytes())).entries:
        title = title_of(entry.get("title", ""), summary_of(entry.get("summary", "")))
        assert not title or title in ours


def test_every_difference_is_explained_and_every_explanation_is_one() -> None:
    files = {row["file"] for row in manifest()}
    assert len(EXPLAINED) >= 15
    assert EXPLAINED.keys() <= files
