"""Sitemaps: plain, news, text and gzipped; a new address is an item. Pure."""

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from lxml import etree

from bot.errors import ParseFailed
from bot.intake.sources.charset import decode
from bot.intake.sources.dates import moment
from bot.intake.sources.document import depth_of, open_document
from bot.intake.sources.languages import language_code
from bot.intake.sources.links import clean_link, stable_id
from bot.intake.sources.parsed import Parsed, Payload, Problems, collect
from bot.intake.sources.text import one_line, title_of
from bot.model import RawItem, SourceKind

KINDS = (SourceKind.SITEMAP,)
_MAX_LINES = 50_000  # the protocol's own limit for one sitemap
_FILE_ENDING = re.compile(r"\.(?:html?|php|aspx?|shtml)$", re.IGNORECASE)


def request(url: str) -> tuple[str, str]:
    return url, "application/xml, text/xml, text/plain;q=0.8"


def read(payload: Payload) -> Parsed:
    """Raises ``ParseFailed`` for a page. An index of sitemaps has no items; a problem names its first entry."""
    start = payload.body[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith((b"http://", b"https://")):
        return collect(_lines(payload))
    document = open_document(payload.body, payload.charset)
    if document.root not in ("urlset", "sitemapindex"):
        raise ParseFailed(f"a document of kind {document.root!r}, not a sitemap")
    if depth_of(document.text, enough=64) >= 64:
        raise ParseFailed("the document is nested too deeply")
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, huge_tree=False)
    root = etree.fromstring(document.text.encode("utf-8"), parser)
    problems = Problems()
    if root is None:
        raise ParseFailed("not a sitemap")
    if document.root == "sitemapindex":
        first = " ".join(one_line(str(text)) for text in root.itertext() if str(text).strip())[:200]
        return Parsed(items=(), problems=(f"an index of other sitemaps; name one of them: {first}",))
    return collect(_entries(root, payload, problems), problems)


def _lines(payload: Payload) -> Iterator[RawItem]:
    for line in decode(payload.body, payload.charset).splitlines()[:_MAX_LINES]:
        if link := clean_link(line, payload.url):
            yield _item(link, payload.source.language)


def _entries(root: "etree._Element", payload: Payload, problems: Problems) -> Iterator[RawItem]:
    for number, entry in enumerate(root, 1):
        if _name(entry) != "url":
            continue
        values: dict[str, str] = {}
        for child in entry.iter():
            if isinstance(child.tag, str) and child.text and child.text.strip():
                values.setdefault(_name(child), child.text)
        link = clean_link(values.get("loc", ""), payload.url)
        if not link:
            problems.add(f"entry {number} has no address that can be used")
            continue
        language = language_code(values.get("language", "")) or payload.source.language
        yield _item(link, language, values)


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
    return f"{slug or 'Start page'} ({parts.hostname})"
