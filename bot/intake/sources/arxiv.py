"""arXiv's query API (Atom) and its daily RSS. A new version of a paper is a new item. Pure."""

import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

from bot.errors import ParseFailed
from bot.intake.sources.dates import moment
from bot.intake.sources.feed import Channel, read_channel, to_item
from bot.intake.sources.parsed import Parsed, Payload, Problems, collect
from bot.intake.sources.text import plain
from bot.model import RawItem, SourceKind

KINDS = (SourceKind.ARXIV,)
PUBLISHER = "arXiv"
_API = "https://export.arxiv.org/api/query"
_LATER_VERSION = re.compile(r"v(?:[2-9]|\d\d+)$")


def request(url: str) -> tuple[str, str]:
    """``https://arxiv.org/list/cs.AR/recent`` becomes a query for the newest papers of that subject."""
    parts = urlsplit(url)
    names = [name for name in parts.path.split("/") if name]
    if parts.hostname in ("arxiv.org", "www.arxiv.org") and len(names) >= 2 and names[0] == "list":
        query = f"search_query=cat:{names[1]}&sortBy=submittedDate&sortOrder=descending&max_results=50"
        return f"{_API}?{query}", "application/atom+xml"
    return url, "application/atom+xml"


def read(payload: Payload) -> Parsed:
    channel = read_channel(payload)
    problems = Problems()
    return collect(_items(channel, payload, problems), problems, feed_title=plain(channel.title, limit=200))


def _items(channel: Channel, payload: Payload, problems: Problems) -> Iterator[RawItem]:
    for number, entry in enumerate(channel.entries, 1):
        if "arxiv.org/api/errors" in entry.text("id"):
            raise ParseFailed(
                f"the API answered with an error: {plain(entry.text('description'), limit=200)}"
            )
        item = to_item(entry, base=payload.url, language="en")
        if item is None:
            problems.add(f"entry {number} has neither title nor text")
            continue
        updated = moment(entry.text("updated")) if _LATER_VERSION.search(item.external_id) else None
        yield replace(
            item,
            url=item.url.replace("http://", "https://", 1),
            publisher=PUBLISHER,
            published=updated or item.published,
        )
