"""Feeds of every age and shape: what is read of them."""

from datetime import UTC, datetime

import pytest

from bot.errors import ParseFailed
from tests.paths import DATA
from tests.unit.reading import NOW, URL, read, rss

FEEDS = DATA / "feeds"
ATOM = "http://www.w3.org/2005/Atom"

DOCUMENTS = [
    # file, entries, first title, first address
    ("rome-rss-0-9.xml", 2, "rss_0.9.item[0].title", "https://feeds.example/path/rss_0.9.item[0].link"),
    ("feed-rs-rss-0-92-spec-1.xml", 3, "Kevin Drennan started a Grateful Dead Weblog.", ""),
    ("feed-rs-rss-1-0-iso8859.xml", 1, None, None),
    ("huginn-github-rss.atom", 20, "Merge pull request #402 from albertsun/safer-liquid-migration",
     "https://github.com/cantino/huginn/commit/d0a844662846cf3c83b94c637c1803f03db5a5b0"),
    ("picofeed-atom-no-default-namespace.xml", 3, None, None),
    ("feedvalidator-entry-source-author.xml", 1, None, None),
    ("feedparser-cdf-item-abstract-xml-base.xml", 1, None, None),
    ("node-feedparser-unknown-namespace.atom", 1, None, None),
    ("reader-relative.atom", 1, None, "https://feeds.example/path/entries/entry.html"),
    ("rss-parser-gulp-atom.atom", 10, "v3.9.0", "https://github.com/gulpjs/gulp/releases/tag/v3.9.0"),
    ("simplepie-ng-test.atom", 6, None, None),
    ("v2-koi8r.xml", 2, None, None),
    ("feedparser-koi8r.xml", 1, "Как пережить новогоднюю ночь", None),
    ("feedparser-gb2312.xml", 1, "不归移民漫画系列：专业工作", None),
    ("simplepie-feed-utf16be.xml", 1, None, None),
    ("node-feedparser-compressed.xml.gz", 10, None, None),
    ("feed-rs-jsonfeed-elastic-1-1.json", 3, None, None),
    ("reader-invalid.json", 2, "1000", ""),
    ("picofeed-rss-20-empty-feed.xml", 0, None, None),
]  # fmt: skip


@pytest.mark.parametrize(("file", "count", "title", "url"), DOCUMENTS, ids=[row[0] for row in DOCUMENTS])
def test_a_document_of_each_kind_is_read(file: str, count: int, title: str | None, url: str | None) -> None:
    found = read(FEEDS / file)
    assert len(found.items) == count
    assert all(item.title and item.external_id for item in found.items)
    assert all(item.url.startswith(("http://", "https://")) for item in found.items if item.url)
    if title is not None:
        assert found.items[0].title.startswith(title)
    if url is not None:
        assert found.items[0].url == url


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b" \n\0 ", "empty"),
        (b"<!DOCTYPE html><p>Sorry", "web page"),
        (b"<html><body>Just a moment...</body></html>", "web page"),
        (b"<opml version='2.0'><body/></opml>", "opml"),
        (b"hello", "not a feed"),
        (b'{"error": "not found"}', "not a JSON Feed"),
        (b'{"items": ', "JSON"),
        (b"\x1f\x8b\x08broken", "gzip"),
    ],
)
def test_what_is_no_feed_is_refused_with_a_reason(body: bytes, reason: str) -> None:
    with pytest.raises(ParseFailed, match=reason):
        read(body)


@pytest.mark.parametrize("file", ["node-feedparser-notafeed.html", "feedparser-rss-empty-document.xml"])
def test_documents_that_are_no_feeds_are_refused(file: str) -> None:
    with pytest.raises(ParseFailed):
        read(FEEDS / file)


def test_an_entry_keeps_what_it_says() -> None:
    found = read(
        rss(
            "<title>DeepSeek &amp;amp; <![CDATA[<b>V4</b>]]></title><link>/a?x=1&amp;y=2</link><guid>g1</guid>"
            "<description>&lt;p&gt;One&lt;/p&gt;&lt;p&gt;two &amp;amp; three&lt;/p&gt;</description>"
            "<author>a@b.example (Ann)</author><pubDate>Tue, 24 Nov 2026 17:00:00 +0800</pubDate>",
            channel="<link>https://news.example/</link><language>zh-CN</language>",
        )
    )
    item = found.items[0]
    assert (item.external_id, item.url) == ("g1", "https://news.example/a?x=1&y=2")
    assert item.title == "DeepSeek & V4"
    assert item.summary == "One two & three"
    assert item.published == datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    assert (item.language, found.feed_title) == ("zh", "T")


def test_the_catalog_knows_the_language_better() -> None:
    body = rss("<title>x</title>", channel="<language>en-us</language>")
    assert read(body, language="de").items[0].language == "de"


def test_xml_base_moves_the_links() -> None:
    body = (
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://base.example/a/"><title>t</title>'
        '<entry xml:base="b/"><title>x</title><id>urn:1</id><link href="c"/></entry></feed>'
    )
    assert read(body).items[0].url == "https://base.example/a/b/c"


@pytest.mark.parametrize(
    ("body", "title"),
    [
        (f"<a:feed xmlns:a='{ATOM}'><a:entry><a:title>P</a:title><a:id>1</a:id></a:entry></a:feed>", "P"),
        ("<feed><entry><title>N</title><id>1</id></entry></feed>", "N"),
        ('<entry xmlns="http://www.w3.org/2005/Atom"><title>S</title><id>1</id></entry>', "S"),
        ("<b>Warning</b>: mysql_connect() in x.php\n" + rss("<title>J</title>") + "<script>x()</script>", "J"),
        ("\ufeff\n\n" + rss("<title>W</title>"), "W"),
        (rss("<title>E &nbsp;&eacute;&hellip;</title>"), "E é…"),
        (rss("<title>AT&T &x; R&D &#xD800;&#0;&#233;</title>"), "AT&T R&D é"),
        (rss("<title><![CDATA[a &amp; b & c]]></title>"), "a & b & c"),
        (rss("<title>C\x08\x0b\x1fD</title>"), "CD"),
        (rss("<title>Cut</title>")[:-30], "Cut"),
        ('<?xml version="1.0" encoding="utf-16"?>' + rss("<title>Lie é</title>")[21:], "Lie é"),
    ],
    ids=["prefixed", "no-namespace", "single-entry", "junk-around", "mark-and-space", "html-entities",
         "bare-ampersands", "cdata", "controls",
         "cut", "utf-16-lie"],
)  # fmt: skip
def test_odd_documents_are_read(body: str, title: str) -> None:
    assert [item.title for item in read(body).items] == [title]


def test_entries_without_id_keep_theirs_over_polls() -> None:
    entries = [
        "<title>A</title><link>https://x.example/a</link>",
        "<title>B</title><description>b</description>",
    ]
    first = read(rss(*entries))
    later = read(rss("<title>New</title>", *entries))
    assert first.items[0].external_id == "https://x.example/a"
    assert {item.external_id for item in first.items} < {item.external_id for item in later.items}


def test_an_id_is_given_once() -> None:
    found = read(rss("<title>First</title><guid>1</guid>", "<title>Second</title><guid>1</guid>"))
    assert [item.title for item in found.items] == ["First"]


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("Tue, 24 Nov 2026 10:00:00 EST", datetime(2026, 11, 24, 15, 0, tzinfo=UTC)),
        ("2026-11-24T10:00:00.123+01:00", datetime(2026, 11, 24, 9, 0, 0, 123000, tzinfo=UTC)),
        ("2030-01-01T00:00:00Z", datetime(2030, 1, 1, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_dates_are_utc_or_nothing(date: str, expected: datetime | None) -> None:
    assert read(rss(f"<title>x</title><pubDate>{date}</pubDate>")).items[0].published == expected


def test_a_number_as_id_is_not_taken_for_a_date() -> None:
    """The fast parser would read the id 20240101 as one, and the id 2024 as today's month and day."""
    found = read(rss("<title>x</title><guid>20240101</guid>", "<title>y</title><guid>2024</guid>"))
    assert [item.published for item in found.items] == [None, None]


def test_an_entry_without_title_is_told_by_its_text() -> None:
    found = read(rss("<description>" + "word " * 100 + "</description>", "<guid>empty</guid>"))
    assert len(found.items) == 1
    assert len(found.items[0].title) <= 120
    assert found.items[0].title.endswith("word…")
    assert found.problems == ("entry 2 has neither title nor text",)


def test_only_the_newest_entries_of_an_endless_feed_are_read() -> None:
    body = rss(
        *(
            f"<title>n{n}</title><guid>{n}</guid><pubDate>2026-01-{1 + n // 150:02}T00:00:00Z</pubDate>"
            for n in range(3000)
        )
    )
    found = read(body)
    kept = {item.external_id for item in found.items}
    assert kept >= {str(n) for n in range(1050, 3000)}  # the days after the one in which the limit falls
    assert not kept & {str(n) for n in range(900)}
    assert len(found.items) == 2000
    assert "3000 entries" in found.problems[0]


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("https://x.example/a", "https://x.example/a"),
        ("//other.example/a", "https://other.example/a"),
        ("a b", "https://feeds.example/path/a%20b"),
        ("javascript:alert(1)", ""),
        ("JaVaScRiPt:alert(1)", ""),
        ("java\nscript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("file:///etc/passwd", ""),
        ("mailto:a@b.example", ""),
        ("https://huggingface.co@evil.example/", ""),
        ("http://127.0.0.1:8080/admin", ""),
        ("http://0x7f000001/", ""),
        ("http://[::1]/", ""),
        ("https://x.example:99999/", ""),
        ("http://", ""),
        ("https://x.example/" + "a" * 5000, ""),
        ("https://x.example/\u202ex", "https://x.example/x"),
    ],
)
def test_links_lead_where_they_say_or_nowhere(link: str, expected: str) -> None:
    body = rss(f"<title>x</title><guid isPermaLink='false'>1</guid><link><![CDATA[{link}]]></link>")
    assert read(body).items[0].url == expected


def test_links_inside_the_own_network_stay_when_the_feed_is_from_there() -> None:
    body = rss("<title>x</title><link>http://10.0.0.5/a</link>")
    assert read(body, url="http://10.0.0.9/feed").items[0].url == "http://10.0.0.5/a"


def test_a_broken_json_feed_gives_its_whole_entries() -> None:
    whole = (
        '{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "title": "A"}, {"id": "2", "ti'
    )
    found = read(whole)
    assert [item.title for item in found.items] == ["A"]
    assert "cut short" in found.problems[0]


def test_reading_twice_gives_the_same() -> None:
    path = FEEDS / "picofeed-atom-no-default-namespace.xml"
    assert read(path) == read(path)
    assert read(path).items[0].published != NOW
    assert URL not in {item.external_id for item in read(path).items}
