"""Entries that a document shows again under another id: some sites make new ids at every request."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from bot.model import FEED_KINDS, Item, RawItem, SourceId, SourceKind
from storage import items
from storage.database import Connection


async def without_renamed(
    tx: Connection, source: SourceId, kind: SourceKind, pairs: Sequence[tuple[RawItem, Item]]
) -> tuple[Item, ...]:
    """The items that the source did not show before with the same address and title. Only of feeds, whose ids are the
    document's own word: elsewhere the platform gives them, and a second entry with one address and title is a second
    thing (a model's next revision, a page's next change).

    Where the address is a site's start page, which many entries may have, a date of their own tells two apart.
    """
    if kind not in FEED_KINDS or not pairs:
        return tuple(item for _, item in pairs)
    shown = await items.shown_at(tx, source, [item.url for _, item in pairs])
    return tuple(
        item
        for raw, item in pairs
        if (dates := shown.get((item.url, item.title))) is None
        or (_is_start_page(item.url) and raw.published is not None and item.published not in dates)
    )


def _is_start_page(url: str) -> bool:
    parts = urlsplit(url)
    return parts.path in ("", "/") and not parts.query
