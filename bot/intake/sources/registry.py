"""The one door to the adapters: which kind is read how, and asked for where. Pure.

An adapter is a module of this package that names its kinds in ``KINDS``; see docs/sources.md for one in full.
"""

import pkgutil
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import Protocol, cast

from bot.errors import ParseFailed
from bot.intake import sources
from bot.intake.fetch import Fetched
from bot.intake.inflate import GZIP_MAGIC, TooLarge, Unreadable, decode_body
from bot.intake.sources.parsed import Parsed, Payload
from bot.model import Source, SourceKind

__all__ = ["Parsed", "adapter", "obeys_robots", "parse", "request_for"]

#: A document that is itself a gzip file may become this large.
_MAX_UNPACKED = 8 * 1024 * 1024


class Adapter(Protocol):
    """What a module of a kind has. Two more names are optional:

    ``resume(url, memo) -> (url, accept)``: where to ask once something was kept from the poll before.
    ``OBEYS_ROBOTS = True``: the kind reads what was made for people, so robots.txt is asked first.
    """

    KINDS: Sequence[str]

    def request(self, url: str) -> tuple[str, str]:
        """The address to ask for a catalog's ``url``, and the ``Accept`` header."""

    def read(self, payload: Payload) -> Parsed:
        """The items of a document. Raises ``ParseFailed`` when nothing of it could be read as this kind."""


@cache
def _adapters() -> Mapping[str, Adapter]:
    found: dict[str, Adapter] = {}
    for entry in pkgutil.iter_modules(sources.__path__):
        module = import_module(f"{sources.__name__}.{entry.name}")
        for kind in getattr(module, "KINDS", ()):
            found[kind] = cast("Adapter", module)
    return found


def adapter(kind: SourceKind) -> Adapter:
    return _adapters()[kind]


def request_for(source: Source, memo: str = "") -> tuple[str, str]:
    """The address to ask, and the ``Accept`` header. A friendly address of the catalog becomes its API's;
    ``memo`` is what the adapter kept (``SourceState.memo``)."""
    chosen = adapter(source.kind)
    resume = getattr(chosen, "resume", None)
    if memo and resume is not None:
        return cast("tuple[str, str]", resume(source.url, memo))
    return chosen.request(source.url)


def obeys_robots(kind: SourceKind) -> bool:
    """Whether robots.txt is asked before a source of this kind is."""
    return bool(getattr(adapter(kind), "OBEYS_ROBOTS", False))


def parse(
    kind: SourceKind, fetched: Fetched, *, source: Source, now: datetime, memo: str = "", followed: str = ""
) -> Parsed:
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
        memo=memo,
        followed=followed,
    )
    if not payload.body.strip():
        raise ParseFailed("the document is empty")
    return adapter(kind).read(payload)


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
