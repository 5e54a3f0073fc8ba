"""One poll of one source, up to what is to be recorded: ask, parse, say when to ask next. Stores nothing."""

import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import structlog

from bot.errors import AddressRefused, ParseFailed, SourceError, SourceRejected, SourceUnavailable
from bot.flow.moves import after_answer, after_failure
from bot.flow.reading import read_document
from bot.flow.rhythm import first_gap
from bot.intake.fetch import Fetcher, NotModified
from bot.intake.politeness import interval, next_poll
from bot.intake.sources.pace import pace_of
from bot.intake.sources.registry import obeys_robots, request_for
from bot.intake.sources.websub_links import push_links
from bot.model import RawItem, SourceMode
from storage.sources import PollRecord, SourceState

log = structlog.get_logger()

#: A source that was never read yet is tried again this soon: the program may have started before its network.
_UNREAD_AGAIN = timedelta(minutes=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What one poll brought, or what a source pushed. ``record.error`` is empty when the source was read.
    ``known``: entries that were left out, because the document before had them too.
    ``hub`` and ``self_url``: where the document says that it is pushed from (WebSub). ``title``: what the document
    calls itself, "" where it does not."""

    state: SourceState
    record: PollRecord
    items: tuple[RawItem, ...] = ()
    known: int = 0
    not_modified: bool = False
    problems: tuple[str, ...] = ()
    hub: str = ""
    self_url: str = ""
    title: str = ""


def pushed(state: SourceState, items: tuple[RawItem, ...], *, at: datetime) -> Read:
    """What a source pushed between polls, to be recorded like a poll's items."""
    record = PollRecord(
        source_id=state.source.id, at=at, status=None, etag=None, last_modified=None,
        next_poll=state.next_poll, streamed=True,
    )  # fmt: skip
    return Read(state=state, record=record, items=items)


async def read_source(
    state: SourceState,
    fetcher: Fetcher,
    *,
    clock: Callable[[], datetime],
    rng: random.Random,
    hot: bool = False,
) -> Read:
    """Poll once. Never raises for what the world causes: that stands in ``record.error``.

    ``hot``: one of its topics awaits its event, so it is asked again as soon as it may be.
    """
    try:
        return await _read(state, fetcher, clock, rng, hot)
    except SourceError as exc:
        return _failed(state, exc, clock(), rng)
    except Exception as exc:  # one poll may not end the others (a parser's bug on one document)
        log.exception("poll_crashed", source=state.source.id)
        return _failed(state, ParseFailed(f"internal error: {type(exc).__name__}"), clock(), rng)


async def _read(
    state: SourceState, fetcher: Fetcher, clock: Callable[[], datetime], rng: random.Random, hot: bool
) -> Read:
    source = state.source
    url, accept = request_for(source, state.memo)
    answer = await fetcher.fetch(
        state.current_url or url,
        etag=state.etag,
        last_modified=state.last_modified,
        accept=accept,
        public_only=source.user_given,
        obey_robots=obeys_robots(source.kind),
    )
    now = clock()
    pace = state.pace if isinstance(answer, NotModified) else pace_of(answer.body)
    every = interval(
        every=source.every, shortest=source.every_min, longest=source.every_max,
        usual_gap=state.usual_gap, hot=hot,
    )  # fmt: skip
    following = next_poll(every=every, failures=0, now=now, rng=rng, max_age_s=answer.max_age_s, pace=pace)
    move = after_answer(state, answer.permanent_url)
    if move.current_url:
        log.info("source_moved", source=source.id, to=urlsplit(move.current_url).hostname)
    record = PollRecord(
        source_id=source.id, at=now, status=answer.status, etag=answer.etag,
        last_modified=answer.last_modified, next_poll=following, current_url=move.current_url,
        moved_url=move.moved_url, moved_seen=move.moved_seen, pace=pace if pace != state.pace else None,
    )  # fmt: skip
    if isinstance(answer, NotModified):
        return Read(state=state, record=record, not_modified=True)
    digest = hashlib.sha256(answer.body).hexdigest()
    record = replace(record, body_hash=digest)
    if digest == state.body_hash and state.oks:
        return Read(state=state, record=record)  # the server has no validators, yet nothing changed
    parsed = await read_document(state, answer, fetcher, now=now)
    record = replace(record, memo=parsed.memo)
    if parsed.ask_whole:
        record = replace(record, etag=None, last_modified=None, body_hash="")
    if state.usual_gap is None:
        record = replace(record, usual_gap=first_gap(parsed.items, now=now))
    for problem in parsed.problems:
        log.info("source_problem", source=source.id, problem=problem)
    hub, self_url = "", ""
    if source.mode is SourceMode.STREAM:
        hub, self_url = push_links(answer.body, link_header=answer.link, url=answer.url)
    return Read(
        state=state,
        record=record,
        items=parsed.items,
        known=parsed.known,
        problems=parsed.problems,
        hub=hub,
        self_url=self_url,
        title=parsed.feed_title,
    )


def _failed(state: SourceState, exc: SourceError, now: datetime, rng: random.Random) -> Read:
    retry_after = exc.retry_after if isinstance(exc, SourceUnavailable) else None
    gone = isinstance(exc, SourceRejected)
    move = after_failure(state, gone=gone)
    stopped = str(exc) if gone and move.current_url is None else ""
    record = PollRecord(
        source_id=state.source.id,
        at=now,
        status=exc.status,
        etag=None,
        last_modified=None,
        next_poll=next_poll(
            every=state.source.every if state.oks else min(state.source.every, _UNREAD_AGAIN),
            failures=state.failures + 1,
            now=now,
            rng=rng,
            retry_after=retry_after,
        ),
        error=str(exc) or type(exc).__name__,
        stopped=stopped,
        current_url=move.current_url,
        moved_url=move.moved_url,
        moved_seen=move.moved_seen,
    )
    level = log.warning if isinstance(exc, AddressRefused) else log.info
    level("poll_failed", source=state.source.id, error=record.error, failures=state.failures + 1)
    return Read(state=state, record=record)
