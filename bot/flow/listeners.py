"""What is done on one connection that stays open: open it, turn what is pushed into reads, hand them on.

A listener ends with a ``SourceError``; when to try again is for ``bot.flow.streaming`` to say.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NoReturn, Protocol

import structlog

from bot.errors import ParseFailed, SourceError, SourceUnavailable
from bot.flow.poll import Read, pushed
from bot.intake.fetch import Fetched, Fetcher
from bot.intake.streams import jetstream, mastodon
from bot.intake.streams.connect import Connector, MessageStream
from bot.intake.streams.jetstream import Account, Matcher, Post, Search
from bot.model import RawItem, SourceId
from storage.sources import SourceState

log = structlog.get_logger()

#: More items of one source in a minute than this, and it is left to the poll for a while: a stream must not crowd
#: out the rest.
MOST_A_MINUTE = 300
_FLOOD_PAUSE = timedelta(minutes=5)
#: Messages of one connection that may be unreadable before it is given up.
_MOST_UNREADABLE = 20
#: Handles that could not be resolved are tried again after so long.
_RESOLVE_AGAIN_S = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What every listener works with. ``offer`` may wait while there is no room."""

    connector: Connector
    fetcher: Fetcher
    offer: Callable[[Read], Awaitable[None]]
    clock: Callable[[], datetime]


class Reporter(Protocol):
    """Hears how each source is doing."""

    def up(self, sources: Sequence[SourceId]) -> None:
        """From now on everything new of these is pushed; what came before is for the poll."""
        ...

    def left_to_poll(self, source: SourceId, why: str) -> None:
        """This one is not pushed, although its stream may stand."""
        ...


class Listener(Protocol):
    @property
    def sources(self) -> Sequence[SourceState]: ...

    @property
    def place(self) -> str:
        """Where it listens, for logs."""
        ...

    async def listen(self, reporter: Reporter) -> NoReturn:
        """Listen until the connection ends. Raises a ``SourceError`` then, and never returns."""
        ...


class Pace:
    """Counts one source's items by the minute. Times are seconds on the loop's clock."""

    def __init__(self, *, most: int = MOST_A_MINUTE, pause: timedelta = _FLOOD_PAUSE) -> None:
        self._most, self._pause_s = most, pause.total_seconds()
        self._minute, self._count = 0.0, 0
        self._shut_until: float | None = None

    def is_shut(self, now_s: float) -> bool:
        return self._shut_until is not None and now_s < self._shut_until

    def reopened(self) -> bool:
        """Whether a pause just ended; true once."""
        ended, self._shut_until = self._shut_until is not None, None
        return ended

    def admits(self, now_s: float) -> bool:
        """Count one more; False, and a pause, when it is one too many."""
        if now_s - self._minute >= 60:
            self._minute, self._count = now_s, 0
        self._count += 1
        if self._count <= self._most:
            return True
        self._shut_until = now_s + self._pause_s
        return False


class _Unreadable:
    """Forgives a few messages that cannot be read."""

    def __init__(self) -> None:
        self._count = 0

    def add(self, place: str, problem: ParseFailed) -> None:
        """Raises the problem when it is one too many."""
        self._count += 1
        log.info("stream_problem", stream=place, problem=str(problem))
        if self._count > _MOST_UNREADABLE:
            raise problem


def _flood() -> SourceUnavailable:
    minutes = _FLOOD_PAUSE // timedelta(minutes=1)
    return SourceUnavailable(
        f"more than {MOST_A_MINUTE} items in a minute: only polled for the next {minutes} minutes",
        retry_after=_FLOOD_PAUSE,
    )


class MastodonListener:
    """One timeline of one instance. ``token``: an access token for that instance, "" when there is none."""

    def __init__(self, state: SourceState, intake: Intake, *, token: str) -> None:
        self._state = state
        self._intake = intake
        self._token = token
        self._address = ""
        self.sources = (state,)
        self.place = state.source.id

    async def listen(self, reporter: Reporter) -> NoReturn:
        source, pace, unreadable = self._state.source, Pace(), _Unreadable()
        url = self._address or await self._find_address()
        self._address = ""  # asked for again after a failure: the streaming server may have moved
        try:
            async with self._intake.connector.events(
                url, token=self._token, public_only=source.user_given
            ) as stream:
                self._address = url
                reporter.up([source.id])
                while True:
                    event = await stream.next()
                    try:
                        found = mastodon.items_of(event, source, now=self._intake.clock())
                    except ParseFailed as exc:
                        unreadable.add(self.place, exc)
                        continue
                    await self._hand_on(found, pace)
        except SourceUnavailable as exc:
            if exc.status in (401, 403):
                raise SourceUnavailable(f"{exc}: {self._advice()}", status=exc.status) from exc
            raise

    async def _hand_on(self, found: Sequence[RawItem], pace: Pace) -> None:
        for item in found:
            if not pace.admits(asyncio.get_running_loop().time()):
                raise _flood()
            # Each item is a read of its own: ten of them in one would look like a feed that changed its ids.
            await self._intake.offer(pushed(self._state, (item,), at=self._intake.clock()))

    def _advice(self) -> str:
        if self._token:
            return "its token in TIPOFF_MASTODON_TOKENS is not accepted"
        return "Mastodon pushes to known clients only; give a token in TIPOFF_MASTODON_TOKENS"

    async def _find_address(self) -> str:
        source = self._state.source
        if source.stream:
            return mastodon.given_url(source)
        mastodon.stream_url(source, "")  # raises where there is no stream, before anybody is asked
        body = b""
        try:
            answer = await self._intake.fetcher.fetch(
                mastodon.instance_url(source), accept="application/json", public_only=source.user_given
            )
            body = answer.body if isinstance(answer, Fetched) else b""
        except SourceError as exc:
            log.info("instance_unreadable", source=source.id, error=str(exc))
        return mastodon.stream_url(source, mastodon.streaming_base(body, source))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Follower:
    """A source that follows an account. ``handle``: the account's, "" where only its DID is known."""

    state: SourceState
    handle: str
    replies: bool


class JetstreamListener:
    """One Jetstream for all sources that name it. ``address`` "": the public ones, another after each failure."""

    def __init__(
        self,
        wanted: Sequence[tuple[SourceState, Search | Account]],
        intake: Intake,
        *,
        address: str,
        public_only: bool,
    ) -> None:
        self._intake = intake
        self._address = address
        self._public_only = public_only
        self._searching = [(state, want) for state, want in wanted if isinstance(want, Search)]
        self._following = [(state, want) for state, want in wanted if isinstance(want, Account)]
        self._matcher = Matcher([want for _, want in self._searching])
        self._dids: dict[str, str] = {}  # by actor
        self._followers: dict[str, list[_Follower]] = {}
        self._paces: dict[SourceId, Pace] = defaultdict(Pace)
        self._seen_us: int | None = None
        self._misses = 0
        self.sources = tuple(state for state, _ in wanted)
        self.place = address or "Jetstream"

    async def listen(self, reporter: Reporter) -> NoReturn:
        unresolved = await self._resolve(reporter)
        live = [state.source.id for state, _ in self._searching]
        live += [each.state.source.id for followers in self._followers.values() for each in followers]
        if not live:
            raise SourceUnavailable("no account could be found by its handle")
        dids = jetstream.narrowed(list(self._followers), searches=len(self._searching))
        url = jetstream.subscribe_url(
            self._address or jetstream.PUBLIC[self._misses % len(jetstream.PUBLIC)],
            dids=dids, after_us=self._seen_us, now=self._intake.clock(),
        )  # fmt: skip
        self._misses += 1
        try:
            async with self._intake.connector.messages(
                url, max_bytes=2 * jetstream.MAX_MESSAGE_BYTES, public_only=self._public_only,
                may_be_silent=bool(dids),
            ) as stream:  # fmt: skip
                self._misses -= 1
                reporter.up(live)
                async with asyncio.timeout(_RESOLVE_AGAIN_S if unresolved else None):
                    await self._read(stream, reporter)
        except TimeoutError:
            raise SourceUnavailable(f"asks again for {unresolved} unknown handles") from None
        except SourceUnavailable as exc:
            if not self._address:  # without the status: what one instance refuses, another may grant
                raise SourceUnavailable(str(exc), retry_after=exc.retry_after) from exc
            raise

    async def _read(self, stream: MessageStream, reporter: Reporter) -> NoReturn:
        unreadable = _Unreadable()
        while True:
            text = await stream.next()
            try:
                self._seen_us, post = jetstream.read_message(text)
                if post is not None:
                    await self._take(post, reporter)
            except ParseFailed as exc:
                unreadable.add(self.place, exc)

    async def _take(self, post: Post, reporter: Reporter) -> None:
        for place in self._matcher.matching(post):
            await self._hand_on(self._searching[place][0], post, "", reporter)
        for follower in self._followers.get(post.did, ()):
            if follower.replies or not post.is_reply:
                await self._hand_on(follower.state, post, follower.handle, reporter)

    async def _hand_on(self, state: SourceState, post: Post, handle: str, reporter: Reporter) -> None:
        pace, now_s, source = self._paces[state.source.id], asyncio.get_running_loop().time(), state.source
        if pace.is_shut(now_s):
            return
        if pace.reopened():
            reporter.up([source.id])
        if not pace.admits(now_s):
            reporter.left_to_poll(source.id, str(_flood()))
            return
        now = self._intake.clock()
        for item in jetstream.item_of(post, source, handle=handle, now=now):
            await self._intake.offer(pushed(state, (item,), at=now))

    async def _resolve(self, reporter: Reporter) -> int:
        """Find the accounts by their handles; returns how many could not be found."""
        self._followers = {}
        unresolved = 0
        for state, want in self._following:
            try:
                did = await self._did(state, want.actor)
            except SourceError as exc:
                unresolved += 1
                reporter.left_to_poll(state.source.id, f"the account cannot be found: {exc}")
                continue
            handle = "" if want.actor == did else want.actor
            follower = _Follower(state=state, handle=handle, replies=want.replies)
            self._followers.setdefault(did, []).append(follower)
        return unresolved

    async def _did(self, state: SourceState, actor: str) -> str:
        if actor.startswith("did:"):
            return actor
        if actor not in self._dids:
            answer = await self._intake.fetcher.fetch(
                jetstream.resolve_url(state.source, actor), accept="application/json",
                public_only=state.source.user_given,
            )  # fmt: skip
            if not isinstance(answer, Fetched):
                raise ParseFailed("no answer about this handle")
            self._dids[actor] = jetstream.did_of(answer.body)
        return self._dids[actor]
