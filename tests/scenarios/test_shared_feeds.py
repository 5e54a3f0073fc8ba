"""``tipoff poll --once --json`` on all of the shared feeds at once: none of them brings the program down."""

import json
from pathlib import Path

import pytest

from tests.feed_server import feed_server
from tests.paths import SHARED_DATA
from tests.scenarios.program import Program

FEEDS = SHARED_DATA / "feeds"
#: Documents that are no feed, or nothing of which can be read.
UNREADABLE = {
    "feedparser-rss-empty-document.xml", "node-feedparser-notafeed.html", "picofeed-html-reader-linuxfr.html",
    "v2-miniflux-github.html", "attribute-entity-bomb.opml", "opml-loop.opml", "many-attributes.rss",
    "external-entity-http.atom", "feedparser-entity-in-doctype.xml", "simplepie-ng-slow-xpath.xml",
}  # fmt: skip


@pytest.mark.skipif(not FEEDS.exists(), reason="the shared data is not here")
async def test_all_of_the_shared_feeds_are_polled(tmp_path: Path) -> None:
    files = [path for path in sorted(FEEDS.rglob("*")) if path.is_file() and path.suffix != ".tsv"]
    async with feed_server() as server:
        entries = []
        for number, path in enumerate(files):
            address = server.show(f"/{number}", path.read_bytes())
            entries.append(
                f'[[source]]\nid = "s{number}"\nname = "{path.name}"\nkind = "feed"\nurl = "{address}"\nevery = "15m"\n'
            )
        topic = '[[topic]]\nid = "all-news"\nname = "All"\nany = ["deepseek"]\n'
        (tmp_path / "catalog.toml").write_text("\n".join([*entries, topic]))
        told = await Program(tmp_path).call("poll", "--once", "--json")
    *log, last = told.splitlines()
    counted = json.loads(last)
    refused = {json.loads(line)["source"]: json.loads(line)["error"] for line in log if "poll_failed" in line}
    assert {files[int(source[1:])].name for source in refused} == UNREADABLE
    assert not any("internal error" in error for error in refused.values())
    assert counted["sources"] == len(files) > 150
    assert counted["failed"] == len(UNREADABLE)
    assert counted["fetched"] == len(files) - len(UNREADABLE)
    assert counted["items_new"] > 4_000
