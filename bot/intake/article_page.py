"""An article out of the page that shows it, or the reason why there is none. Pure."""

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from lxml import etree
from lxml import html as lxml_html

from bot.intake.article_signs import NotFound, leads_elsewhere, paid_words, unreadable_title
from bot.intake.fetch import Fetched
from bot.intake.sources.charset import decode
from bot.intake.sources.text import one_line
from bot.judgement.addresses import canonical_url, host_of

#: Bytes of a page that are looked at, and characters of it that are parsed once scripts and pictures are out. Parsers
#: take time that grows with the square of what hostile pages repeat (attributes of one tag, links): one second at most.
_MAX_BYTES, _MAX_MARKUP = 4 * 2**20, 300_000
#: Text of an article that is kept: what matters stands at the beginning.
_MAX_TEXT = 20_000
#: Below this a page says less than any feed.
_LEAST_TEXT, _LEAST_TEXT_ZH = 160, 60
_MOST_KEYWORDS, _KEYWORD_CHARS = 40, 30
_UNSHOWN = re.compile(
    r"<(script|style|template|noscript|svg|iframe|canvas)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.I | re.S
)
_INLINE_DATA = re.compile(r"data:[a-z]+/[^\"'\s>]{100,}", re.I)
_NUL = re.compile("[\0\ud800-\udfff]")
_NOT_FREE = re.compile(r"[\"']isAccessibleForFree[\"']\s*:\s*[\"']?false", re.I)
_NO_QUOTES = re.compile(r"\bnosnippet\b|\bmax-snippet\s*:\s*0\b|\bnone\b", re.I)
_HAN = re.compile(r"[\u3400-\u9fff]")
_HTML = frozenset({"", "text/html", "application/xhtml+xml", "application/xml", "text/xml"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What a page tells. ``url``: where it really is, canonical. ``text``: plain, a paragraph a line."""

    url: str
    title: str
    text: str
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NoArticle:
    """There is nothing to tell, and why."""

    reason: str


def article_of(page: Fetched, *, asked: str) -> Article | NoArticle:
    """The article of ``page``, which was found where ``asked`` led.

    A consent or login page, a home page in its place, a paid or a missing article, what is no HTML, and a page whose
    owner wants nothing quoted from it (robots meta ``nosnippet``) are no articles. Never raises; takes a second
    at most, whatever the page is.
    """
    try:
        return _article(page, asked)
    except NotFound as exc:
        return NoArticle(reason=str(exc))
    except Exception as exc:  # noqa: BLE001 - parsers of hostile pages fail in ways of their own
        return NoArticle(reason=f"the page cannot be parsed ({type(exc).__name__})")


def _article(page: Fetched, asked: str) -> Article | NoArticle:
    if page.content_type not in _HTML or page.body[:5] in (b"%PDF-", b"PK\x03\x04"):
        raise NotFound(f"not a web page but {page.content_type or 'a file'}")
    if elsewhere := leads_elsewhere(asked, page.url):
        raise NotFound(elsewhere)
    markup = decode(page.body[:_MAX_BYTES], page.charset)
    if _NOT_FREE.search(markup):
        raise NotFound("the article is for subscribers")
    tree = _parsed(markup)
    head = _Head(tree)
    if reason := unreadable_title(head.title):
        raise NotFound(reason)
    if _NO_QUOTES.search(head.one("robots")):
        raise NotFound("its owner wants nothing quoted from it")
    if head.one("article:content_tier") == "locked":
        raise NotFound("the article is for subscribers")
    url = head.address(page.url)
    keywords = head.keywords()
    text = _text(tree)
    if reason := paid_words(text):
        raise NotFound(reason)
    if len(text) < (_LEAST_TEXT_ZH if _HAN.search(text) else _LEAST_TEXT):
        raise NotFound("hardly any text")
    return Article(url=url, title=head.title, text=text, keywords=keywords)


def _parsed(markup: str) -> etree._Element:
    bare = _INLINE_DATA.sub("", _UNSHOWN.sub(" ", markup))
    data = _NUL.sub("", bare[:_MAX_MARKUP]).encode()
    parser = lxml_html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    tree = lxml_html.document_fromstring(data, parser=parser) if data.strip() else None
    if tree is None:
        raise NotFound("the page is empty")
    return tree


class _Head:
    """What a page says of itself."""

    def __init__(self, tree: etree._Element) -> None:
        self._metas: list[tuple[str, str]] = [
            (str(meta.get("property") or meta.get("name") or "").lower(), str(meta.get("content") or ""))
            for meta in tree.iter("meta")
        ]
        self._canonical = next(
            (str(link.get("href") or "") for link in tree.iter("link") if link.get("rel") == "canonical"), ""
        )
        named = next(tree.iter("title"), None)
        heading = "" if named is None else "".join(named.itertext())[:1000]
        self.title = one_line(self.one("og:title") or heading)[:300]

    def one(self, name: str) -> str:
        return next((content for known, content in self._metas if known == name and content.strip()), "")

    def address(self, found_at: str) -> str:
        """The canonical address, when it is on the same site and names an article; else where it was found."""
        own = canonical_url(found_at)
        if not self._canonical:
            return own
        try:
            said = canonical_url(urljoin(found_at, self._canonical.strip()))
            same = _same_site(host_of(said), host_of(own)) and urlsplit(said).scheme in ("http", "https")
        except ValueError:
            return own
        return said if same and len(said) <= 2000 and not leads_elsewhere(own, said) else own

    def keywords(self) -> tuple[str, ...]:
        said = [
            part
            for name, content in self._metas
            if name in ("keywords", "news_keywords", "article:tag")
            for part in re.split(r"[,;，；、|]", content[:2000])
        ]
        words = dict.fromkeys(
            word for part in said[:200] if 1 < len(word := one_line(part)) <= _KEYWORD_CHARS
        )
        return tuple(list(words)[:_MOST_KEYWORDS])


def _same_site(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return bool(short) and (long == short or (short.count(".") >= 1 and long.endswith("." + short)))


def _text(tree: etree._Element) -> str:
    # Costs 0.2 s and 27 MB, and only who is told something needs it.
    from trafilatura import bare_extraction

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # says of each odd page that it is odd
    found = bare_extraction(
        tree,
        include_comments=False,
        include_tables=False,
        with_metadata=False,
        fast=True,
        favor_precision=True,
    )
    text = getattr(found, "text", None) or ""
    return "\n".join(_lines(text[: 2 * _MAX_TEXT].splitlines()))[:_MAX_TEXT]


def _lines(raw: Sequence[str]) -> list[str]:
    return [line for line in map(one_line, raw) if line]
