"""Short links told by their target: posts on social networks hide the article's address behind them."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from bot.errors import SourceError
from bot.intake.fetch import Fetcher
from bot.intake.sources.links import clean_link
from bot.model import RawItem

#: Hosts that do nothing but redirect. One that also shows pages of its own does not belong here.
SHORTENERS = frozenset(
    {
        "t.co", "bit.ly", "j.mp", "buff.ly", "lnkd.in", "trib.al", "dlvr.it", "ift.tt", "tinyurl.com", "ow.ly",
        "shorturl.at", "is.gd", "v.gd", "cutt.ly", "rb.gy", "rebrand.ly", "t.ly", "tiny.cc", "goo.gl", "amzn.to",
        "nyti.ms", "wapo.st", "econ.st", "on.ft.com", "on.wsj.com", "bloom.bg", "reut.rs", "cnn.it", "bbc.in",
        "tcrn.ch", "engt.co", "zd.net", "spr.ly", "hubs.ly", "hubs.la", "flip.it", "fb.me", "wp.me", "youtu.be",
        "aka.ms", "t.cn", "url.cn", "dwz.cn", "suo.im", "b23.tv", "shar.es", "soo.gd", "s.id", "kutt.it",
    }
)  # fmt: skip
#: Of one poll. The others keep their short link: their id is the same, so they are told once all the same.
_MOST_AT_ONCE = 5
_MAX_HOPS = 5
#: Most of it is waiting for turns: a link itself has three seconds.
_DEADLINE_S = 12.0


def is_short(url: str) -> bool:
    """Whether the address is a known shortener's, and names something there."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    host = (parts.hostname or "").removeprefix("www.")
    return (host in SHORTENERS or host.endswith(".trib.al")) and len(parts.path) > 1


async def with_whole_links(
    items: Sequence[RawItem], fetcher: Fetcher, *, public_only: bool
) -> tuple[RawItem, ...]:
    """The items, the first few short links among their addresses replaced by what they lead to.

    A link that leads nowhere, or where it may not, or not soon enough, stays as it is.
    """
    short = list(dict.fromkeys(item.url for item in items if is_short(item.url)))[:_MOST_AT_ONCE]
    if not short:
        return tuple(items)
    targets = await asyncio.gather(*(_target(url, fetcher, public_only) for url in short))
    led = dict(zip(short, targets, strict=True))
    return tuple(replace(item, url=led.get(item.url, item.url)) for item in items)


async def _target(url: str, fetcher: Fetcher, public_only: bool) -> str:
    at = url
    try:
        async with asyncio.timeout(_DEADLINE_S):
            for _ in range(_MAX_HOPS):
                at = clean_link(await fetcher.redirect_target(at, public_only=public_only), at)
                if not at or not is_short(at):
                    return at or url
    except (SourceError, TimeoutError):
        pass
    return url
