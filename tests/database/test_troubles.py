"""What doctor is told of the outbox: what waits and why, what was given up, whose subscriptions rest."""

from datetime import timedelta

import pytest

from bot.delivery.contract import ChannelGone, Rejected, RetryAt, SendOutcome, Sent, Unknown
from bot.delivery.recording import record
from bot.model import ChannelKey
from storage import deliveries, subscriptions, troubles
from storage.database import Database
from storage.troubles import Ended, Resting, Stuck
from tests.builders import NOW, a_subscription

A, B, SLACK = ChannelKey("discord:1"), ChannelKey("discord:2"), ChannelKey("slack:T/C")
MINUTE = timedelta(minutes=1)


class Outbox:
    def __init__(self, database: Database) -> None:
        self.database = database
        self.said = 0

    async def say(self, channel: ChannelKey, outcome: SendOutcome | None) -> None:
        """A notice that came to this, or that nobody tried yet."""
        self.said += 1
        async with self.database.transaction() as tx:
            await deliveries.add_notice(tx, channel, "Title", "Text", now=NOW, key=f"n{self.said}")
            if outcome is None:
                return
            platforms = [channel.partition(":")[0]]
            (row,) = await deliveries.claim(
                tx, now=NOW, owner="me", lease=MINUTE, limit=1, platforms=platforms
            )
            await record(tx, row, outcome, now=NOW)


@pytest.fixture
def outbox(database: Database) -> Outbox:
    return Outbox(database)


async def test_what_waits_is_counted_by_platform_with_the_last_answer(outbox: Outbox) -> None:
    await outbox.say(A, RetryAt(reason="503"))
    await outbox.say(B, Unknown(reason="cut"))
    await outbox.say(B, None)
    await outbox.say(SLACK, Sent(message_id="1"))
    async with outbox.database.reading() as conn:
        assert await troubles.stuck(conn, since=NOW) == []
        assert await troubles.stuck(conn, since=NOW + MINUTE) == [
            Stuck(platform="discord", number=3, channels=2, uncertain=1, since=NOW, error="cut")
        ]


async def test_what_ended_otherwise_than_it_should(outbox: Outbox) -> None:
    await outbox.say(A, Rejected(reason="too long"))
    await outbox.say(A, Rejected(reason="too odd"))
    await outbox.say(SLACK, Sent(message_id="1"))
    await outbox.say(SLACK, Sent(message_id="2", plain_because="invalid_blocks"))
    async with outbox.database.reading() as conn:
        assert await troubles.ended(conn, since=NOW) == [
            Ended(how="plain", number=1, channel=SLACK, reason="invalid_blocks"),
            Ended(how="rejected", number=2, channel=A, reason="too odd"),
        ]
        assert await troubles.ended(conn, since=NOW + MINUTE) == []


async def test_only_channels_that_somebody_waits_in_rest(outbox: Outbox) -> None:
    async with outbox.database.transaction() as tx:
        await subscriptions.subscribe(tx, a_subscription(channel=A))
    for channel in (A, B):
        await outbox.say(channel, ChannelGone(reason="deleted"))
    async with outbox.database.reading() as conn:
        assert await troubles.resting(conn) == [Resting(channel=A, reason="deleted", since=NOW)]
    async with outbox.database.transaction() as tx:
        await subscriptions.subscribe(tx, a_subscription(channel=A))
    async with outbox.database.reading() as conn:
        assert await troubles.resting(conn) == []
