"""Listens to Bluesky's Jetstream, once for all sources that are pushed from there."""

import asyncio
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from bot.errors import ParseFailed, SourceError, SourceUnavailable
from bot.flow.listening import Intake, Pace, Reporter, Unreadable, flood
from bot.intake.fetch import Fetched
from bot.intake.streams import jetstream
from bot.intake.streams.connect import MessageStream
from bot.intake.streams.jetstream import Account, Matcher, Post, Search
from bot.model import SourceId
from storage.sources import SourceState

#: Handles that nobody knows, and handles that could not be asked for, are tried again after so long.
_UNKNOWN_AGAIN_S, _UNASKED_AGAIN_S = 3600.0, 300.0


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
        again_s = await self._resolve(reporter)
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
                async with asyncio.timeout(again_s):
                    await self._read(stream, reporter)
        except TimeoutError:
            raise SourceUnavailable("asks again for the accounts that could not be found") from None
        except SourceUnavailable as exc:
            if not self._address:  # without the status: what one instance refuses, another may grant
                raise SourceUnavailable(str(exc), retry_after=exc.retry_after) from exc
            raise

    async def _read(self, stream: MessageStream, reporter: Reporter) -> NoReturn:
        unreadable = Unreadable()
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
            reporter.left_to_poll(source.id, str(flood()))
            return
        now = self._intake.clock()
        for item in jetstream.item_of(post, source, handle=handle, now=now):
            await self._intake.take(state, item)

    async def _resolve(self, reporter: Reporter) -> float | None:
        """Find the accounts by their handles. Returns after how many seconds to try again for those that could not be
        found, None when all were."""
        self._followers = {}
        again_s = None
        for state, want in self._following:
            try:
                did = await self._did(state, want.actor)
            except SourceError as exc:
                unknown = exc.status is not None and exc.status < 500
                again_s = min(again_s or math.inf, _UNKNOWN_AGAIN_S if unknown else _UNASKED_AGAIN_S)
                reporter.left_to_poll(state.source.id, f"the account cannot be found: {exc}")
                continue
            handle = "" if want.actor == did else want.actor
            follower = _Follower(state=state, handle=handle, replies=want.replies)
            self._followers.setdefault(did, []).append(follower)
        return again_s

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
