"""The one door to the adapters: which kind is read how, and asked for where. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.errors import ParseFailed
from bot.intake.fetch import Fetched
from bot.intake.inflate import GZIP_MAGIC, TooLarge, Unreadable, decode_body
from bot.intake.sources import (
    arxiv,
    bluesky,
    federalregister,
    feed,
    gdelt,
    github,
    hackernews,
    huggingface,
    mastodon,
    page,
    reddit,
    sitemap,
)
from bot.intake.sources.parsed import Parsed, Payload
from bot.model import Source, SourceKind

__all__ = ["Parsed", "parse", "request_for"]

#: A document that is itself a gzip file may become this large.
_MAX_UNPACKED = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class _Adapter:
    read: Callable[[Payload], Parsed]
    request: Callable[[str], tuple[str, str]]


_FEED = _Adapter(read=feed.read, request=feed.request)
_ADAPTERS: dict[SourceKind, _Adapter] = {
    SourceKind.FEED: _FEED,
    SourceKind.RSS: _FEED,
    SourceKind.ATOM: _FEED,
    SourceKind.JSONFEED: _FEED,
    SourceKind.MASTODON: _Adapter(read=mastodon.read, request=mastodon.request),
    SourceKind.BLUESKY: _Adapter(read=bluesky.read, request=bluesky.request),
    SourceKind.HUGGINGFACE: _Adapter(read=huggingface.read, request=huggingface.request),
    SourceKind.GITHUB: _Adapter(read=github.read, request=github.request),
    SourceKind.FEDERALREGISTER: _Adapter(read=federalregister.read, request=federalregister.request),
    SourceKind.HACKERNEWS: _Adapter(read=hackernews.read, request=hackernews.request),
    SourceKind.REDDIT: _Adapter(read=reddit.read, request=reddit.request),
    SourceKind.ARXIV: _Adapter(read=arxiv.read, request=arxiv.request),
    SourceKind.SITEMAP: _Adapter(read=sitemap.read, request=sitemap.request),
    SourceKind.GDELT: _Adapter(read=gdelt.read, request=gdelt.request),
    SourceKind.PAGE: _Adapter(read=page.read, request=page.request),
}


def request_for(source: Source) -> tuple[str, str]:
    """The address to ask, and the ``Accept`` header. A friendly address of the catalog becomes its API's."""
    return _ADAPTERS[source.kind].request(source.url)


def parse(kind: SourceKind, fetched: Fetched, *, source: Source, now: datetime) -> Parsed:
    """The items of a fetched document; ids are unique, links absolute, texts plain.

    Raises ``ParseFailed`` when nothing of it could be read as this kind; a bad entry is a problem, no error.
    """
    payload = Payload(
        body=_unpacked(fetched.body),
        url=fetched.url,
        source=source,
        now=now,
        content_type=fetched.content_type,
        charset=fetched.charset,
    )
    if not payload.body.strip():
        raise ParseFailed("the document is empty")
    return _ADAPTERS[kind].read(payload)


def _unpacked(body: bytes) -> bytes:
    """The document inside, where a server sends a gzip file as such (``sitemap.xml.gz``)."""
    if not body.startswith(GZIP_MAGIC):
        return body
    try:
        return decode_body(body, "gzip", max_bytes=_MAX_UNPACKED)
    except TooLarge as exc:
        raise ParseFailed(f"unpacked, the document is larger than {_MAX_UNPACKED // 2**20} MiB") from exc
    except Unreadable as exc:
        raise ParseFailed(str(exc)) from exc
