"""Reddit's feeds: Atom today, RSS long ago. A post that links elsewhere is told with that address. Pure."""

import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

from bot.intake.sources.feed import Channel, read_channel, to_item
from bot.intake.sources.links import clean_link
from bot.intake.sources.parsed import Parsed, Payload, Problems, collect
from bot.intake.sources.text import plain, summary_of
from bot.model import RawItem, SourceKind

KINDS = (SourceKind.REDDIT,)
PUBLISHER = "Reddit"
_OWN = re.compile(r"(?:^|\.)(?:reddit\.com|redd\.it|redditmedia\.com|redditstatic\.com|reddit\.app\.link)$")
_LINK = re.compile(r"<a\s[^<>]*?href=\"([^\"<>]{1,2000})\"[^<>]*>\s*\[link\]", re.IGNORECASE)
#: Reddit's own line below each post.
_FOOTER = re.compile(r"(?:&#32;|\s)*submitted by\b.*\Z", re.IGNORECASE | re.DOTALL)


def request(url: str) -> tuple[str, str]:
    """``https://www.reddit.com/r/<name>`` becomes the feed of its newest posts."""
    parts = urlsplit(url)
    names = [name for name in parts.path.split("/") if name]
    if (parts.hostname or "").endswith("reddit.com") and len(names) == 2 and names[0] in ("r", "user", "u"):
        return f"{parts.scheme}://{parts.netloc}/{names[0]}/{names[1]}/new/.rss", "application/atom+xml"
    return url, "application/atom+xml"


def read(payload: Payload) -> Parsed:
    channel = read_channel(payload)
    problems = Problems()
    return collect(_items(channel, payload, problems), problems, feed_title=plain(channel.title, limit=200))


def _items(channel: Channel, payload: Payload, problems: Problems) -> Iterator[RawItem]:
    for number, entry in enumerate(channel.entries, 1):
        item = to_item(entry, base=payload.url, language=payload.source.language)
        if item is None:
            problems.add(f"entry {number} has neither title nor text")
            continue
        markup = entry.content or entry.text("description")
        yield replace(
            item,
            url=_linked(markup) or item.url,
            summary=summary_of(_FOOTER.sub("", markup[:20_000])),
            author=item.author.removeprefix("/u/").removeprefix("u/"),
            publisher=PUBLISHER,
        )


def _linked(markup: str) -> str:
    found = _LINK.search(markup)
    link = clean_link(found[1].replace("&amp;", "&")) if found else ""
    return "" if _OWN.search(urlsplit(link).hostname or "") else link
