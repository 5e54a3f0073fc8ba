"""Subscription lists (OPML 1.0 and 2.0) as sources, and sources as such a list. Pure.

http://opml.org/spec2.opml
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml import etree

from bot.catalog.given import source_id
from bot.model import FEED_KINDS, Source, SourceKind

#: A list of ten thousand feeds has about 3 MB.
MAX_BYTES = 10 * 1024 * 1024
MAX_SOURCES = 10_000
_MAX_PROBLEMS = 20
_MAX_FOLDERS, _MAX_NAME, _MAX_URL = 5, 200, 2_000
_NOT_FEEDS = frozenset({"link", "include", "script", "song", "photo"})
_LANGUAGE = re.compile(r"[a-z]{2,3}(?=$|[-_])", re.IGNORECASE)
_SPACE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
_FEED_SCHEME = re.compile(r"^feed:(?://)?(?=https?://)", re.IGNORECASE)
#: What XML 1.0 cannot hold.
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpmlRead:
    """The feeds of a list, each address once, and a line for each entry that could not be taken."""

    sources: tuple[Source, ...]
    problems: tuple[str, ...] = ()


def read_opml(data: bytes) -> OpmlRead:
    """Every feed of the list, in its order, from whichever folder. A source's id is made of its address alone, so
    that a feed that was given another title is the same source. Whether an address answers, and may be reached, is not
    asked.

    Raises ``ValueError`` when ``data`` is no list: too large, no XML, another document, or one that declares
    entities, which no list needs.
    """
    root = _root(data)
    found: dict[str, Source] = {}
    problems: list[str] = []
    for number, outline in enumerate(root.iter(), 1):
        if not isinstance(outline.tag, str) or _local(outline.tag) != "outline":
            continue
        said = {_local(str(name)): _line(str(value)) for name, value in outline.attrib.items()}
        address, kind = said.get("xmlurl", ""), said.get("type", "").lower()
        if not address and kind in ("rss", "atom"):
            address = said.get("url", "")
        if not address:
            if kind in ("rss", "atom"):
                problems.append(f"{_named(said, number)}: no address")
            continue  # a folder, or a link to a page
        if kind in _NOT_FEEDS:
            continue
        url = _address(address)
        if not url:
            problems.append(f"{_named(said, number)}: {address[:80]!r} is no http or https address")
        elif url in found:
            problems.append(f"{_named(said, number)}: the same address as {found[url].name!r}")
        elif len(found) >= MAX_SOURCES:
            problems.append(f"only the first {MAX_SOURCES} feeds were taken")
            break
        else:
            found[url] = _source(url, said, _folders(outline))
    if not found and not problems:
        problems.append("no feed is in the list")
    if len(problems) > _MAX_PROBLEMS:
        problems = [*problems[:_MAX_PROBLEMS], f"and {len(problems) - _MAX_PROBLEMS} more"]
    return OpmlRead(sources=tuple(found.values()), problems=tuple(problems))


def write_opml(sources: Iterable[Source], *, title: str = "Tipoff") -> bytes:
    """An OPML 2.0 list of those sources that are feeds; the other kinds would say nothing to another reader."""
    opml = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(opml, "head"), "title").text = _xml(title)
    body = etree.SubElement(opml, "body")
    for source in sources:
        if source.kind not in FEED_KINDS:
            continue
        said = {"type": "rss", "text": source.name, "title": source.name, "xmlUrl": source.url}
        if source.language:
            said["language"] = source.language
        etree.SubElement(body, "outline", {name: _xml(value) for name, value in said.items()})
    written: bytes = etree.tostring(opml, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return written


def _root(data: bytes) -> "etree._Element":
    if len(data) > MAX_BYTES:
        raise ValueError(f"larger than {MAX_BYTES // 2**20} MiB; split the list")
    if b"<!ENTITY" in data.replace(b"\0", b""):  # also as UTF-16
        raise ValueError("it declares entities, which no subscription list needs")
    parser = etree.XMLParser(
        recover=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
    )
    try:
        root = etree.fromstring(data.strip(b" \t\r\n"), parser)
    except (etree.XMLSyntaxError, ValueError) as exc:
        raise ValueError("no XML, so no subscription list") from exc
    if root is None or _local(str(root.tag)) != "opml":
        raise ValueError("no subscription list: its outermost element is not <opml>")
    return root


def _source(url: str, said: dict[str, str], folders: list[str]) -> Source:
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    name = (said.get("title") or said.get("text") or host)[:_MAX_NAME]
    language = _LANGUAGE.match(said.get("language", ""))
    return Source(
        id=source_id(url),
        name=name,
        kind=SourceKind.FEED,
        url=url,
        language=language[0].lower() if language else "",
        why=f"imported, folder {' / '.join(folders)}" if folders else "imported",
        user_given=True,
    )


def _folders(outline: "etree._Element") -> list[str]:
    names: list[str] = []
    parent = outline.getparent()
    while parent is not None and len(names) < _MAX_FOLDERS and _local(str(parent.tag)) == "outline":
        said = {_local(str(name)): _line(str(value)) for name, value in parent.attrib.items()}
        names.insert(0, (said.get("text") or said.get("title") or "?")[:60])
        parent = parent.getparent()
    return names


def _address(text: str) -> str:
    """``feed:`` is what browsers once said for "open this in a reader"."""
    url = _FEED_SCHEME.sub("", text)
    if url.lower().startswith("feed://"):
        url = "http" + url[4:]
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc
        parts.port  # noqa: B018 - raises for one that cannot be
    except ValueError:
        return ""
    return url if usable and len(url) <= _MAX_URL and " " not in url else ""


def _named(said: dict[str, str], number: int) -> str:
    return (said.get("title") or said.get("text") or f"element {number}")[:80]


def _local(name: str) -> str:
    return name.rpartition("}")[2].lower()


def _line(text: str) -> str:
    return _SPACE.sub(" ", text).strip()


def _xml(text: str) -> str:
    return _NOT_XML.sub("", text)
