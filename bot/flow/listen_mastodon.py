"""Listens to one timeline of one Mastodon instance."""

import asyncio
from collections.abc import Sequence
from typing import NoReturn

import structlog

from bot.errors import ParseFailed, SourceError, SourceUnavailable
from bot.flow.listening import Intake, Pace, Reporter, Unreadable, flood
from bot.intake.fetch import Fetched
from bot.intake.streams import mastodon
from bot.model import RawItem
from storage.sources import SourceState

log = structlog.get_logger()


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
        source, pace, unreadable = self._state.source, Pace(), Unreadable()
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
                raise flood()
            await self._intake.take(self._state, item)

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
