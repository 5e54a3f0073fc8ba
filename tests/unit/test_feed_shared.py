"""All of the shared feeds: counted against what other parsers find, titles compared with feedparser's."""

import csv
import io
from pathlib import Path

import feedparser
import pytest

from bot.errors import ParseFailed
from bot.intake.sources.text import summary_of, title_of
from tests.paths import SHARED_DATA
from tests.unit.reading import read

FEEDS = SHARED_DATA / "feeds"
pytestmark = pytest.mark.skipif(not (FEEDS / "MANIFEST.tsv").exists(), reason="the shared data is not here")


def manifest() -> list[dict[str, str]]:
    path = FEEDS / "MANIFEST.tsv"
    if not path.exists():
        return []
    rows = csv.DictReader(io.StringIO(path.read_text("utf-8")), delimiter="\t", quoting=csv.QUOTE_NONE)
    return [row for row in rows if not row["file"].startswith("hostile/")]


#: Where we read another number than feedparser (for JSON: the length of ``items``), and why. None: refused.
EXPLAINED: dict[str, tuple[int | None, str]] = {
    "derived-daringfireball-truncated.json": (31, "the whole entries before the cut"),
    "netnewswire-allthis-partial.json": (2, "the whole entries before the cut"),
    "feed-io-feed.json": (1, "four entries with one id"),
    "feedreader-rss20lefigaro.xml": (49, "an id given twice"),
    "simplepie-ng-forbes-rss.xml": (26, "three ids given twice"),
    "simplepie-ng-blogdigger.xml": (14, "no ids, and one link given twice"),
    "feedparser-rss-empty-document.xml": (None, "no document at all"),
    "node-feedparser-notafeed.html": (None, "a page"),
    "picofeed-html-reader-linuxfr.html": (None, "a page"),
    "v2-miniflux-github.html": (None, "a page"),
    "node-feedparser-compressed.xml.gz": (10, "unpacked first"),
    "picofeed-atom-no-default-namespace.xml": (3, "one entry is empty"),
    "reader-invalid.json": (2, "the others have neither title nor text"),
    "simplepie-feed-utf16be.xml": (1, "UTF-16 without a mark is known by its zeros"),
    "v2-no-encoding-iso-8859-1.xml": (9, "one entry is empty"),
}
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
