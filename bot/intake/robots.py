"""What robots.txt allows a program that reads pages made for people (RFC 9309). Keeps the answers; the caller asks.

https://www.rfc-editor.org/rfc/rfc9309
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

from protego import Protego

from bot.errors import AddressRefused, SourceError, SourceUnavailable

#: The product token that a robots.txt can name us by.
PRODUCT = "Tipoff"
#: RFC 9309, 2.4: a copy is used for a day at most; 2.5: at least 500 KiB are read.
_KEEP_S = 24 * 3600.0
_MAX_BYTES = 500 * 1024
#: A robots.txt that could not be had is asked for again after this long; until then its host is left alone.
_UNREACHABLE_AGAIN_S = 600.0
#: Crawl-delay is no part of the RFC; it is honoured up to this.
_LONGEST_DELAY_S = 30.0
_MOST_HOSTS = 1000
_AGENT = re.compile(r"\s*user[- ]?agent\s*:?\s*([^#]*)", re.IGNORECASE)
_TOKEN = re.compile(r"[a-z_-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """One robots.txt, as far as it concerns us. ``None`` as the rules: everything is allowed."""

    _rules: Protego | None

    def allows(self, url: str) -> bool:
        """By the longest rule that matches, Allow before Disallow (RFC 9309, 2.2.2). Any fault in ``url`` forbids."""
        if self._rules is None:
            return True
        try:
            return self._rules.can_fetch(url, PRODUCT)
        except ValueError:
            return False

    @property
    def delay_s(self) -> float:
        asked = self._rules.crawl_delay(PRODUCT) if self._rules is not None else None
        return min(asked or 0.0, _LONGEST_DELAY_S)


ALLOW_ALL = Rules(_rules=None)


def read_robots(body: bytes) -> Rules:
    """Never raises: lines that say nothing are passed over, what is longer than 500 KiB is cut off."""
    text = body[:_MAX_BYTES].decode("utf-8", "replace").removeprefix("\ufeff")
    return Rules(_rules=Protego.parse("\n".join(map(_ours, text.splitlines()))))


def _ours(line: str) -> str:
    """A line of a group for others names one same stranger: thousands of names before thousands of rules would be
    multiplied, and the parser takes the beginning of our name for it."""
    found = _AGENT.match(line)
    if found is None:
        return line
    named = found[1].strip().lower()
    if named == "*":
        return line
    token = _TOKEN.match(named)
    return f"User-agent: {PRODUCT if token and token[0] == PRODUCT.lower() else 'stranger'}"


@dataclass(slots=True)
class _Kept:
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    rules: Rules | None = None
    until: float = 0.0


class Robots:
    """The robots.txt of each origin, asked for once a day. ``ask`` fetches an address and raises ``SourceError``."""

    def __init__(
        self, ask: Callable[[str, bool], Awaitable[bytes]], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._ask = ask
        self._clock = clock
        self._kept: dict[str, _Kept] = {}

    async def require(self, url: str, *, private: bool) -> None:
        """Raise ``SourceUnavailable`` that names robots.txt when it forbids ``url``, or cannot be had.

        RFC 9309, 2.3.1: any 4xx means that there is none; 5xx and no answer mean that nothing may be read, unless
        an earlier copy is at hand.
        """
        origin = origin_of(url)
        kept = self._kept.setdefault(origin, _Kept())
        self._bound()
        async with kept.turn:
            if self._clock() >= kept.until:
                await self._renew(kept, origin, private)
        if kept.rules is None:
            raise SourceUnavailable(
                f"{origin}/robots.txt cannot be had, so its pages are not read",
                retry_after=timedelta(seconds=_UNREACHABLE_AGAIN_S),
            )
        if not kept.rules.allows(url):
            raise SourceUnavailable(
                f"{origin}/robots.txt forbids {urlsplit(url).path or '/'} to {PRODUCT}; watch a feed of this site, "
                "or ask its owner",
                retry_after=timedelta(seconds=_KEEP_S),
            )

    def delay_s(self, url: str) -> float:
        """The pause between requests that the host's robots.txt asks for, as far as it is known."""
        kept = self._kept.get(origin_of(url))
        return kept.rules.delay_s if kept is not None and kept.rules is not None else 0.0

    async def _renew(self, kept: _Kept, origin: str, private: bool) -> None:
        try:
            kept.rules, kept.until = (
                read_robots(await self._ask(f"{origin}/robots.txt", private)),
                self._clock() + _KEEP_S,
            )
        except AddressRefused:
            raise  # not the site's word, and no reason to remember it
        except SourceError as exc:
            if exc.status is not None and exc.status // 100 in (3, 4):  # 3: redirects without end
                kept.rules, kept.until = ALLOW_ALL, self._clock() + _KEEP_S
            else:
                kept.until = self._clock() + _UNREACHABLE_AGAIN_S

    def _bound(self) -> None:
        while len(self._kept) > _MOST_HOSTS:
            oldest = next((name for name, kept in self._kept.items() if not kept.turn.locked()), None)
            if oldest is None:
                return
            del self._kept[oldest]


def origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
