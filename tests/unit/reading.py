"""Helpers for tests of adapters: a document in, what was read out."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.intake.fetch import Fetched
from bot.intake.sources.registry import Parsed, parse
from bot.model import Source, SourceId, SourceKind

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
URL = "https://feeds.example/path/feed.xml"


def a_source(kind: str = "feed", **given: Any) -> Source:
    fields: dict[str, Any] = {"id": SourceId("s"), "name": "S", "kind": SourceKind(kind), "url": URL}
    return Source(**{**fields, **given})


def read(
    body: bytes | str | Path,
    kind: str = "feed",
    *,
    url: str = URL,
    charset: str | None = None,
    address: str = URL,
    memo: str = "",
    followed: str = "",
    now: datetime = NOW,
    **source: Any,
) -> Parsed:
    """``url``: where the document came from in the end; ``address``: the source's own."""
    data = body.read_bytes() if isinstance(body, Path) else body.encode() if isinstance(body, str) else body
    described = a_source(kind, url=address, **source)
    fetched = Fetched(status=200, url=url, body=data, charset=charset)
    return parse(described.kind, fetched, source=described, now=now, memo=memo, followed=followed)


def rss(*items: str, channel: str = "") -> str:
    entries = "".join(f"<item>{item}</item>" for item in items)
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>{channel}{entries}</channel></rss>'
    )
