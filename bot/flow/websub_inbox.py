"""What hubs send (WebSub, W3C Recommendation of 2018): verifications are answered, signed documents become items.

Nothing is believed that was not asked for. A document is only taken here, and read afterwards: the hub waits for the
answer.
"""

import asyncio
import hashlib
import hmac
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

import structlog

from bot.errors import ParseFailed, SourceError, StorageError
from bot.flow.poll import Read, pushed
from bot.flow.reading import read_document
from bot.flow.websub_rules import granted, pushes
from bot.intake.fetch import Fetched, Fetcher, media_type
from bot.intake.inflate import TooLarge, Unreadable, decode_body
from bot.model import SourceId
from storage import sources, websub
from storage.database import Database
from storage.websub import HubState, HubSubscription

log = structlog.get_logger()

#: A document may become this large, also unpacked.
MAX_BYTES = 8 * 1024 * 1024
#: Documents that wait to be read, and their bytes together.
_WAITING, _WAITING_BYTES = 256, 32 * 1024 * 1024
#: Each subscription may be sent this many documents at once, and one more after each pause.
_BURST, _PAUSE_S = 30, 1.0
#: Documents read at once: a short link in one of them must not keep the others waiting.
_READERS = 4
_TOKEN = re.compile(r"[A-Za-z0-9_-]{40,64}")
_LONGEST_CHALLENGE, _LONGEST_REASON = 4096, 300
#: Section 7.1 of the Recommendation names these and no others.
_METHODS = frozenset({"sha1", "sha256", "sha384", "sha512"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The headers of a document that was sent."""

    content_type: str = ""
    content_encoding: str = ""
    signature: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Document:
    source_id: SourceId
    url: str
    body: bytes
    sent: Sent


class HubInbox:
    """One for the process. ``offer`` records what was pushed; ``on_answer`` is called after a hub has verified or
    denied something."""

    def __init__(
        self,
        database: Database,
        fetcher: Fetcher,
        offer: Callable[[Read], Awaitable[None]],
        *,
        clock: Callable[[], datetime],
        on_answer: Callable[[], None],
    ) -> None:
        self._database = database
        self._fetcher = fetcher
        self._offer = offer
        self._clock = clock
        self._on_answer = on_answer
        self._waiting: asyncio.Queue[_Document] = asyncio.Queue(maxsize=_WAITING)
        self._waiting_bytes = 0
        self._turns: dict[SourceId, float] = {}

    async def confirm(self, token: str, query: Mapping[str, str]) -> str | None:
        """What a hub's GET is answered with: its challenge when it verifies what was asked for, "" when it says no;
        None (a 404) for everything else. Raises ``StorageError``."""
        known = await self._find(token)
        if known is None or query.get("hub.topic") != known.topic_url:
            return None
        mode, challenge = query.get("hub.mode", ""), query.get("hub.challenge", "")
        if mode == "denied":
            return "" if await self._denied(known, query.get("hub.reason", "")) else None
        if not challenge or len(challenge) > _LONGEST_CHALLENGE:
            return None
        if mode == "subscribe" and await self._activated(known, query.get("hub.lease_seconds", "")):
            return challenge
        if mode == "unsubscribe" and known.state is HubState.LEAVING:
            async with self._database.transaction() as tx:
                await websub.forget(tx, token)
            log.info("hub_left", source=known.source_id)
            self._on_answer()
            return challenge
        return None

    async def _find(self, token: str) -> HubSubscription | None:
        if not _TOKEN.fullmatch(token):
            return None
        async with self._database.reading() as conn:
            return await websub.find(conn, token)

    async def _activated(self, known: HubSubscription, lease_seconds: str) -> bool:
        now, lease = self._clock(), granted(lease_seconds)
        async with self._database.transaction() as tx:
            done = await websub.activate(tx, known.token, until=now + lease)
        if done and known.state is not HubState.ACTIVE:
            await self._hasten(known.source_id)  # what came between the last poll and now was not pushed
        if done:
            log.info("hub_pushes", source=known.source_id, lease_s=round(lease.total_seconds()))
            self._on_answer()
        return done

    async def _denied(self, known: HubSubscription, reason: str) -> bool:
        told = "the hub refused" + (f": {reason[:_LONGEST_REASON]}" if reason else "")
        async with self._database.transaction() as tx:
            done = await websub.deny(tx, known.token, told, now=self._clock())
        if done:
            log.warning("hub_denied", source=known.source_id, reason=told)
            self._on_answer()
        return done

    async def expects(self, token: str) -> HubSubscription | HTTPStatus:
        """Whether a document may be sent to this address now: the subscription, or with what to refuse it. To be
        asked before the document is read. Raises ``StorageError``."""
        known = await self._find(token)
        if known is None or known.state is HubState.WANTED:
            return HTTPStatus.NOT_FOUND
        if known.state is HubState.LEAVING or not known.wanted:
            return HTTPStatus.GONE
        if self._waiting.full() or self._waiting_bytes >= _WAITING_BYTES:
            return HTTPStatus.SERVICE_UNAVAILABLE
        return known if self._may_send(known.source_id) else HTTPStatus.TOO_MANY_REQUESTS

    def _may_send(self, source: SourceId) -> bool:
        """A bucket that fills by one each pause, kept as the moment when it will be full again."""
        now = time.monotonic()
        full_at = max(self._turns.get(source, now), now) + _PAUSE_S
        if full_at - now > _BURST * _PAUSE_S:
            return False
        self._turns[source] = full_at
        return True

    def take(self, known: HubSubscription, body: bytes, sent: Sent) -> bool:
        """Keep a document until it is read. False when there is no room. One without the right signature is dropped,
        but taken to all appearance (section 7.1 of the Recommendation), so that who forges learns nothing."""
        if not is_signed(body, sent.signature, known.secret):
            log.warning("hub_signature_wrong", source=known.source_id, bytes=len(body))
            return True
        if self._waiting_bytes + len(body) > _WAITING_BYTES:
            return False
        try:
            self._waiting.put_nowait(
                _Document(source_id=known.source_id, url=known.topic_url, body=body, sent=sent)
            )
        except asyncio.QueueFull:
            return False
        self._waiting_bytes += len(body)
        return True

    async def run(self) -> None:
        """Read what was taken, until cancelled. What is not read then is polled at the next start."""
        async with asyncio.TaskGroup() as group:
            for _ in range(_READERS):
                group.create_task(self._read_on())

    async def _read_on(self) -> None:
        while True:
            document = await self._waiting.get()
            self._waiting_bytes -= len(document.body)
            try:
                await self._read(document)
            except StorageError as exc:
                log.warning("pushed_document_lost", source=document.source_id, error=str(exc))
            except Exception:  # one document may not end the others (a parser's bug)
                log.exception("pushed_document_crashed", source=document.source_id)

    async def _read(self, document: _Document) -> None:
        async with self._database.reading() as conn:
            states = await sources.of_ids(conn, [document.source_id])
        if not states or not pushes(states[0]):
            return
        state = states[0]
        now = self._clock()
        try:
            parsed = await read_document(state, _as_fetched(document), self._fetcher, now=now)
        except SourceError as exc:
            log.info("pushed_document_unread", source=document.source_id, error=str(exc))
            await self._hasten(document.source_id)
            return
        if parsed.items:
            log.info("pushed", source=document.source_id, items=len(parsed.items))
            await self._offer(pushed(state, parsed.items, at=now))
        elif not parsed.known:  # a thin ping: something is new, but it does not say what
            await self._hasten(document.source_id)

    async def _hasten(self, source: SourceId) -> None:
        """Poll soon, unless the source is failing and has its pause."""
        async with self._database.transaction() as tx:
            await sources.hasten(tx, [source], now=self._clock(), healthy_only=True)


def is_signed(body: bytes, header: str, secret: str) -> bool:
    """Whether ``X-Hub-Signature: method=hex`` is this secret's signature of the body as it was sent. Compared in
    constant time."""
    method, _, given = header.strip().partition("=")
    if method.lower() not in _METHODS or not given.isascii():
        return False
    right = hmac.new(secret.encode(), body, getattr(hashlib, method.lower())).hexdigest()
    return hmac.compare_digest(right, given.strip().lower())


def _as_fetched(document: _Document) -> Fetched:
    """The document as if it had been asked for. Raises ``ParseFailed``."""
    content_type, charset = media_type(document.sent.content_type)
    try:
        body = decode_body(document.body, document.sent.content_encoding, max_bytes=MAX_BYTES)
    except TooLarge:
        raise ParseFailed(f"unpacked, the document is larger than {MAX_BYTES // 2**20} MiB") from None
    except Unreadable as exc:
        raise ParseFailed(str(exc)) from exc
    return Fetched(status=200, url=document.url, body=body, content_type=content_type, charset=charset)
