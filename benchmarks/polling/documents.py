"""The feed documents that are served: real ones, and what they become when something new is published."""

import copy
import csv
import os
import random
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

from lxml import etree

from bot.intake.shortlinks import SHORTENERS
from tests.paths import SHARED_DATA

FEEDS = SHARED_DATA / "feeds"
#: An ordinary feed: well-formed, of a common kind, read alike by two parsers, some entries, and no archive.
_KINDS = frozenset({"rss0.91", "rss0.92", "rss2.0", "rdf", "atom0.3", "atom1.0"})
_MIN_ENTRIES, _MAX_BYTES = 5, 256 * 1024
_COUNTS = ("entries_feedparser_6.0.14", "entries_fastfeedparser_0.6.5", "entries_third")
_CHANGED_SHARE = 0.2
#: Seconds by which the first version of every document is older than the second.
_AGE_S = 3600


@dataclass(frozen=True)
class Document:
    """A real feed. ``mark`` stands in ``changed`` wherever the number of its source goes."""

    name: str
    body: bytes
    changed: bytes
    entries: int


#: An entry whose address is a short link: Tipoff asks where that leads, and no benchmark may ask the internet.
_SHORT_LINK = re.compile(
    rb"<link[^<>]*?(?:>|href=[\"'])\s*https?://(?:"
    + b"|".join(re.escape(host.encode()) for host in sorted(SHORTENERS))
    + rb")/"
)
_MARK = "tipoffbenchmarksourcenumber"


def load() -> list[Document]:
    """Every ordinary feed of the shared data. Raises ``FileNotFoundError`` where that is missing."""
    with (FEEDS / "MANIFEST.tsv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if _ordinary(row)]
    found = []
    for row in rows:
        body = (FEEDS / row["file"]).read_bytes()
        if _SHORT_LINK.search(body):
            continue
        changed = _with_new_entry(body)
        if changed is not None:
            found.append(Document(name=row["file"], body=body, changed=changed, entries=int(row[_COUNTS[0]])))
    return found


def _ordinary(row: dict[str, str]) -> bool:
    counts = {row[name] for name in _COUNTS}
    return (
        row["kind"] in _KINDS
        and not row["file"].startswith(("derived-", "hostile/"))
        and "not well-formed" not in row["notes"]
        and len(counts) == 1
        and counts.pop().isdigit()
        and int(row[_COUNTS[0]]) >= _MIN_ENTRIES
        and int(row["bytes"]) <= _MAX_BYTES
    )


def _with_new_entry(body: bytes) -> bytes | None:
    """The document with a copy of its first entry before it, that has an id, link, title and time of its own."""
    try:
        tree = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return None
    first = next((node for node in tree.iter("{*}item", "{*}entry")), None)
    if first is None:
        return None
    entry = copy.deepcopy(first)
    for node in list(entry):
        if not isinstance(node.tag, str):
            continue
        match etree.QName(node).localname:
            case "title":
                for child in list(node):
                    node.remove(child)
                node.text = f"News {_MARK}: {node.text or ''}"
            case "pubDate":
                node.text = format_datetime(datetime.now(UTC))
            case "published" | "updated" | "date" | "issued" | "modified":
                node.text = datetime.now(UTC).isoformat(timespec="seconds")
            case "guid" | "id":
                node.text = f"{(node.text or '').strip()}-{_MARK}"
            case "link" if node.get("href"):
                node.set("href", f"{node.get('href')}?n={_MARK}")
            case "link":
                node.text = f"{(node.text or '').strip()}?n={_MARK}"
    for name in entry.attrib:
        if etree.QName(name).localname == "about":
            entry.set(name, f"{entry.get(name)}?n={_MARK}")
    first.addprevious(entry)
    return etree.tostring(tree.getroottree(), xml_declaration=True, encoding="utf-8")


class Site:
    """The served folder of ``sources`` documents, one file each; equal ones are one file on disk until they change."""

    def __init__(self, root: Path, documents: list[Document], *, now: float) -> None:
        self.root = root
        self._documents = documents
        self._now = now
        self._masters = root.parent / "masters"
        self._masters.mkdir()
        for place, document in enumerate(documents):
            path = self._masters / str(place)
            path.write_bytes(document.body)
            os.utime(path, (now - _AGE_S, now - _AGE_S))

    def reset(self, sources: int) -> None:
        """As before the first pass."""
        folder = self.root / "f"
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.iterdir():
            path.unlink()
        for number in range(sources):
            os.link(self._masters / str(number % len(self._documents)), folder / f"{number}.xml")

    def publish(self, sources: int) -> int:
        """Give a fifth of the documents one new entry; returns how many."""
        chosen = random.Random(sources).sample(range(sources), round(sources * _CHANGED_SHARE))
        for number in chosen:
            document = self._documents[number % len(self._documents)]
            path = self.root / "f" / f"{number}.xml"
            path.unlink()
            path.write_bytes(document.changed.replace(_MARK.encode(), str(number).encode()))
        return len(chosen)
