"""From one answer to what is new in it: parse, read the documents that belong to it, tell short links whole."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from bot.errors import ParseFailed, SourceError, SourceUnavailable
from bot.intake.fetch import Fetched, Fetcher
from bot.intake.shortlinks import with_whole_links
from bot.intake.sources.parsed import MAX_ITEMS
from bot.intake.sources.registry import Parsed, obeys_robots, parse, request_for
from bot.model import RawItem, Source
from storage.sources import SourceState

#: Documents above this size are parsed in a thread, so that the loop goes on.
_PARSE_IN_LOOP_BYTES = 128 * 1024
#: A parser that is still busy after this long is left alone and its document counted as unreadable.
_PARSE_DEADLINE_S = 20.0
#: Documents that one poll reads beside the source's own.
_MOST_FOLLOWED = 5
#: Most of it is waiting for the host's turn.
_FOLLOW_DEADLINE_S = 120.0


async def read_document(state: SourceState, answer: Fetched, fetcher: Fetcher, *, now: datetime) -> Parsed:
    """The items of a source's document and of those that belong to it, and what its adapter wants kept.

    ``memo`` of the result is None when nothing is to be kept anew. Raises ``ParseFailed``, and what the fetcher
    raises when the document has nothing but others to follow and not one of them could be read.
    """
    source = state.source
    parsed = await _parsed(source, answer, now=now, memo=state.memo)
    if parsed.follow:
        parsed = await _with_followed(source, parsed, fetcher, now=now, memo=state.memo)
    items = await with_whole_links(parsed.items, fetcher, public_only=source.user_given)
    memo = None if parsed.memo == state.memo else parsed.memo
    return replace(parsed, items=items, memo=memo)


async def _parsed(source: Source, answer: Fetched, *, now: datetime, memo: str, followed: str = "") -> Parsed:
    if len(answer.body) + len(memo) <= _PARSE_IN_LOOP_BYTES:
        return parse(source.kind, answer, source=source, now=now, memo=memo, followed=followed)
    try:
        async with asyncio.timeout(_PARSE_DEADLINE_S):
            return await asyncio.to_thread(
                parse, source.kind, answer, source=source, now=now, memo=memo, followed=followed
            )
    except TimeoutError:
        raise ParseFailed(f"reading the document took over {_PARSE_DEADLINE_S:.0f} s") from None


async def _with_followed(
    source: Source, parsed: Parsed, fetcher: Fetcher, *, now: datetime, memo: str
) -> Parsed:
    """One after the other: they are nearly always one host's. What each keeps is handed to the next."""
    kept = memo if parsed.memo is None else parsed.memo
    items, problems, failures = list(parsed.items), list(parsed.problems), list[SourceError]()
    chosen = parsed.follow[:_MOST_FOLLOWED]
    try:
        async with asyncio.timeout(_FOLLOW_DEADLINE_S):
            for address in chosen:
                try:
                    child = await _followed(source, address, fetcher, now=now, memo=kept)
                except SourceError as exc:
                    failures.append(exc)
                    problems.append(f"{urlsplit(address).path[-100:]}: {exc}")
                    continue
                items += child.items
                problems += child.problems
                kept = kept if child.memo is None else child.memo
    except TimeoutError:
        failures.append(SourceUnavailable(f"not all of its documents came within {_FOLLOW_DEADLINE_S:.0f} s"))
        problems.append(str(failures[-1]))
    if len(failures) == len(chosen) and not parsed.items:
        raise failures[0]
    ask_whole = parsed.ask_whole or bool(failures)  # what failed is tried again
    return replace(parsed, items=_unique(items), problems=tuple(problems), memo=kept, ask_whole=ask_whole)


async def _followed(source: Source, address: str, fetcher: Fetcher, *, now: datetime, memo: str) -> Parsed:
    answer = await fetcher.fetch(
        address,
        accept=request_for(source, memo)[1],
        public_only=source.user_given,
        obey_robots=obeys_robots(source.kind),
    )
    if not isinstance(answer, Fetched):
        raise SourceUnavailable("answered 'not modified' to a plain question", status=304)
    return await _parsed(source, answer, now=now, memo=memo, followed=address)


def _unique(items: Sequence[RawItem]) -> tuple[RawItem, ...]:
    kept: dict[str, RawItem] = {}
    for item in items:
        kept.setdefault(item.external_id, item)
    return tuple(kept.values())[:MAX_ITEMS]
