"""Sitemaps: plain, news, text and gzipped, and indexes of them; a new address is an item. Pure.

https://www.sitemaps.org/protocol.html
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from urllib.parse import unquote, urlsplit

from lxml import etree

from bot.errors import ParseFailed
from bot.intake.sources.charset import decode
from bot.intake.sources.dates import moment
from bot.intake.sources.document import depth_of, open_document
from bot.intake.sources.languages import language_code
from bot.intake.sources.links import clean_link, stable_id
from bot.intake.sources.parsed import Parsed, Payload, Problems, collect
from bot.intake.sources.sitemap_memo import SitemapMemo
from bot.intake.sources.text import MAX_TITLE, one_line, shorten, title_of
from bot.model import RawItem, SourceKind

KINDS = (SourceKind.SITEMAP,)
_MAX_LINES = 50_000  # the protocol's own limit for one sitemap
#: Parts of an index that one poll reads.
_PARTS_AT_ONCE = 5
_NEWS = re.compile(r"news", re.IGNORECASE)
_FILE_ENDING = re.compile(r"\.(?:html?|php|aspx?|shtml)$", re.IGNORECASE)


def request(url: str) -> tuple[str, str]:
    return url, "application/xml, text/xml, text/plain;q=0.8"


def read(payload: Payload) -> Parsed:
    """What was not there before. An index names the parts that are worth reading in this poll (``Parsed.follow``).

    Raises ``ParseFailed`` for what is no sitemap.
    """
    memo = SitemapMemo.read(payload.memo)
    if not payload.followed:
        memo.first, memo.asked = memo.since is None, {}
        memo.since = memo.since or payload.now
    start = payload.body[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith((b"http://", b"https://")):
        return _news(_lines(payload), payload, memo, Problems())
    document = open_document(payload.body, payload.charset)
    if document.root not in ("urlset", "sitemapindex"):
        raise ParseFailed(f"a document of kind {document.root!r}, not a sitemap")
    if depth_of(document.text, enough=64) >= 64:
        raise ParseFailed("the document is nested too deeply")
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, huge_tree=False)
    root = etree.fromstring(document.text.encode("utf-8"), parser)
    if root is None:
        raise ParseFailed("not a sitemap")
    problems = Problems()
    if document.root == "urlset":
        return _news(_entries(root, payload, problems), payload, memo, problems)
    if payload.followed:
        raise ParseFailed("an index inside an index; the protocol has no such thing")
    return _index(root, payload, memo, problems)


def _index(root: "etree._Element", payload: Payload, memo: SitemapMemo, problems: Problems) -> Parsed:
    """Chooses the parts to read: those for news first, the last changed first, and none that has not changed since it
    was read or, never read, since the source was. Parts without a date are read in turns, the last named first: they
    are nearly always the newest."""
    parts: dict[str, datetime | None] = {}
    for number, values in enumerate(_values(root, "sitemap"), 1):
        if link := clean_link(values.get("loc") or values.get("sitemap", ""), payload.url):
            parts.setdefault(link, moment(values.get("lastmod", "").strip()))
        else:
            problems.add(f"part {number} has no address that can be used")
    if not parts:
        raise ParseFailed("an index of sitemaps that names none")
    due = [link for link, changed in parts.items() if _is_due(link, changed, payload.now, memo)]
    turns = {link: turn for turn, link in enumerate(memo.parts)}
    due.reverse()
    due.sort(key=lambda link: turns.get(link, -1) if parts[link] is None else -1)
    due.sort(key=lambda link: _stamp(parts[link]), reverse=True)
    due.sort(key=lambda link: _NEWS.search(link) is None)
    memo.asked = {link: _stamp(parts[link]) for link in due[:_PARTS_AT_ONCE]}
    unsaid = any(changed is None or _is_today(changed, payload.now) for changed in parts.values())
    return Parsed(
        items=(),
        problems=problems.told(),
        follow=tuple(memo.asked),
        ask_whole=unsaid or len(due) > _PARTS_AT_ONCE,  # the index may stay the same while its parts do not
        memo=memo.written(),
    )


def _is_due(link: str, changed: datetime | None, now: datetime, memo: SitemapMemo) -> bool:
    if changed is None or _is_today(changed, now):
        return True
    if link in memo.parts:
        return _stamp(changed) > memo.parts[link]
    return memo.first or memo.since is None or changed >= _day(memo.since)


def _is_today(changed: datetime, now: datetime) -> bool:
    """Whether it is a mere date that may stand for any hour of a day that has not ended everywhere."""
    return changed == _day(changed) and now - changed < timedelta(hours=36)


def _day(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def _stamp(changed: datetime | None) -> str:
    return changed.isoformat() if changed else ""


def _news(found: Iterable[RawItem], payload: Payload, memo: SitemapMemo, problems: Problems) -> Parsed:
    """The entries that no earlier poll saw. Everything is, when the source is first read; when a part of it is read
    for the first time later, only what is of that day or newer."""
    entries = list(found)
    after: datetime | None = None
    if not memo.first and payload.followed and payload.followed not in memo.parts:
        after = _day(memo.since or payload.now)
    elif memo.full and memo.newest:
        after = _day(memo.newest)
    fresh = [
        entry
        for entry in entries
        if not memo.knows(entry.url) and (after is None or (entry.published and entry.published >= after))
    ]
    memo.note((entry.url for entry in entries), (entry.published for entry in entries))
    if payload.followed:
        memo.parts.pop(payload.followed, None)  # last read, last in order
        memo.parts[payload.followed] = memo.asked.get(payload.followed, "")
    parsed = collect(fresh, problems if fresh or not entries else None)
    return replace(parsed, problems=problems.told() or parsed.problems, memo=memo.written())


def _lines(payload: Payload) -> Iterator[RawItem]:
    for line in decode(payload.body, payload.charset).splitlines()[:_MAX_LINES]:
        if link := clean_link(line, payload.url):
            yield _item(link, payload.source.language)


def _entries(root: "etree._Element", payload: Payload, problems: Problems) -> Iterator[RawItem]:
    for number, values in enumerate(_values(root, "url"), 1):
        link = clean_link(values.get("loc") or values.get("url", ""), payload.url)
        if not link:
            problems.add(f"entry {number} has no address that can be used")
            continue
        language = language_code(values.get("language", "")) or payload.source.language
        yield _item(link, language, values)


def _values(root: "etree._Element", name: str) -> Iterator[dict[str, str]]:
    """The texts of each element ``name`` by the local name of its children, the first of each;
    ``name`` itself holds a text where somebody forgot the ``loc``."""
    for entry in islice((child for child in root if _name(child) == name), _MAX_LINES):
        values: dict[str, str] = {}
        for child in entry.iter():
            if isinstance(child.tag, str) and child.text and child.text.strip():
                values.setdefault(_name(child), child.text)
        yield values


def _name(element: "etree._Element") -> str:
    return element.tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(element.tag, str) else ""


def _item(link: str, language: str, values: dict[str, str] | None = None) -> RawItem:
    said = values or {}
    published = moment(said.get("publication_date", "").strip()) or moment(said.get("lastmod", "").strip())
    return RawItem(
        external_id=stable_id("", link),
        url=link,
        title=title_of(said.get("title", "")) or _words(link),
        publisher=one_line(said.get("name", "")),
        published=published,
        language=language,
    )


def _words(link: str) -> str:
    """A title made of the address, for sitemaps without any."""
    parts = urlsplit(link)
    names = [_FILE_ENDING.sub("", unquote(name)) for name in parts.path.split("/") if name]
    slug = one_line(re.sub(r"[-_+]+", " ", names[-1])) if names else ""
    # Without the host: it would be a rare word that all pages of a site share, and make them one story.
    return (shorten(slug, 200) or f"Start page of {parts.hostname}")[:MAX_TITLE]
