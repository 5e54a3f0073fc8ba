"""Where a document says that it is pushed from: its hub and its own address there. Pure.

Discovery as the Recommendation has it (WebSub, W3C 2018, section 4): the ``Link`` headers (RFC 8288) first, then the
links in the document's head. JSON Feed names its hubs in ``hubs`` (JSON Feed 1.1, "hubs").
"""

import json
import re
from collections.abc import Iterable, Iterator
from html import unescape
from typing import Any

from bot.intake.sources.charset import decode
from bot.intake.sources.jsontext import as_dict, as_list, text_of
from bot.intake.sources.links import clean_link

#: Links of a feed stand before its first entry; a head longer than this has none that we miss.
_HEAD_BYTES = 32 * 1024
_BODY_BEGINS = re.compile(r"<(?:[\w.-]{1,40}:)?(?:item|entry|body)[\s>]", re.IGNORECASE)
_NOT_MARKUP = re.compile(r"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)", re.DOTALL)
_LINK = re.compile(r"<(?:[\w.-]{1,40}:)?link\s([^<>]{1,4000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([\w:.-]{1,40})\s{0,9}=\s{0,9}(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_HEADER_LINK = re.compile(r"""<([^<>]{0,2000})>((?:[^",<]|"(?:[^"\\]|\\.)*")*)""")
_PARAMETER = re.compile(r""";\s*([\w!#$&+.^`|~*-]{1,40})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s";,]*))""")

#: One link: its relations in lower case, and where it leads.
_Link = tuple[frozenset[str], str]


def push_links(body: bytes, *, link_header: str, url: str) -> tuple[str, str]:
    """The first hub that is named, and the document's own address (``url`` where it does not say); two empty texts
    without a hub.

    Only absolute http and https addresses count, and a public document cannot name a private host. Looks at the
    head of a document only, but for JSON, whose members have no order.
    """
    found = [*_header_links(link_header), *_document_links(body)]
    hub = _first(found, "hub", url)
    return (hub, _first(found, "self", url) or url) if hub else ("", "")


def _first(links: Iterable[_Link], relation: str, url: str) -> str:
    for relations, target in links:
        if relation in relations and target.lower().startswith(("http://", "https://")):
            link = clean_link(target[:4].lower() + target[4:], url)
            if link:
                return link
    return ""


def _header_links(header: str) -> Iterator[_Link]:
    for found in _HEADER_LINK.finditer(header):
        named: dict[str, str] = {}
        for parameter in _PARAMETER.finditer(found[2]):
            named.setdefault(parameter[1].lower(), parameter[2] or parameter[3] or "")  # the first one counts
        if "anchor" not in named:  # that would be a link of some other document
            yield _relations(named.get("rel", "")), found[1].strip()


def _document_links(body: bytes) -> Iterator[_Link]:
    start = body[:512].lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start == b"{":
        yield from _json_links(body)
        return
    head = (
        body if len(body) <= _HEAD_BYTES else body[: body.rfind(b">", 0, _HEAD_BYTES) + 1]
    )  # no half characters
    text = _NOT_MARKUP.sub(" ", decode(head))
    ends = _BODY_BEGINS.search(text)
    for found in _LINK.finditer(text, 0, ends.start() if ends else len(text)):
        named: dict[str, str] = {}
        for name, double, single, bare in _ATTRIBUTE.findall(found[1]):
            named.setdefault(name.lower(), unescape(double or single or bare))
        yield _relations(named.get("rel", "")), named.get("href", "").strip()


def _json_links(body: bytes) -> Iterator[_Link]:
    if b'"hubs"' not in body:
        return
    try:
        head: dict[str, Any] = as_dict(json.loads(decode(body), strict=False))
    except (ValueError, RecursionError):
        return
    for hub in as_list(head.get("hubs")):
        if text_of(as_dict(hub), "type").lower() in ("websub", "pubsubhubbub"):
            yield frozenset({"hub"}), text_of(as_dict(hub), "url")
    yield frozenset({"self"}), text_of(head, "feed_url")


def _relations(value: str) -> frozenset[str]:
    return frozenset(value.lower().split())
