"""Stand-ins for our own contracts, for tests that need no real platform."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bot.delivery.contract import DeliveryUnavailable, Message, SendOutcome, Sent


class FakeClock:
    """A clock that a test moves."""

    def __init__(self, now: datetime | None = None) -> None:
        self.now = now or datetime(2026, 11, 24, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> None:
        self.now += timedelta(**span)


class FakeHandler:
    """A platform that keeps what it accepted. ``script`` decides the outcome of each send: an outcome that is not
    ``Sent`` may still have been accepted, when ``accepts`` says so."""

    def __init__(self, platform: str = "discord") -> None:
        self.platform = platform
        self.accepted: list[Message] = []
        self.tries: list[Message] = []
        self.script: list[SendOutcome] = []
        self.accepts: Callable[[SendOutcome], bool] = lambda outcome: isinstance(outcome, Sent)
        self.history_readable = True
        self.lookups = 0
        self.gates: dict[str, asyncio.Event] = {}

    async def send(self, message: Message) -> SendOutcome:
        self.tries.append(message)
        if message.channel in self.gates:
            await self.gates[message.channel].wait()
        outcome = self.script.pop(0) if self.script else Sent(message_id=f"m{len(self.accepted) + 1}")
        if self.accepts(outcome):
            self.accepted.append(message)
        return outcome

    async def find_sent(self, message: Message, *, since: datetime) -> Sent | None:
        self.lookups += 1
        if not self.history_readable:
            raise DeliveryUnavailable("the history could not be read")
        for number, known in enumerate(self.accepted, 1):
            if known.token == message.token:
                return Sent(message_id=f"m{number}")
        return None
