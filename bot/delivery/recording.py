"""Writes down what became of a delivery: the one place that says what each outcome changes."""

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from bot.delivery.contract import ChannelGone, Rejected, RetryAt, SendOutcome, Sent, Unknown
from bot.delivery.gone import stop_telling
from bot.delivery.retry import next_try
from storage import deliveries, late
from storage.database import Connection
from storage.deliveries import DeliveryRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """An alert that was not told, and is no news any more: it waits for a digest with those of its channel that should
    have been told ``before`` as well."""

    before: datetime
    reason: str = "too late for a message of its own"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expired:
    """Given up: nobody could be reached for too long."""

    reason: str


#: What can become of a claimed delivery: what the platform said, or that nobody asked it any more.
Outcome = SendOutcome | Late | Expired


async def record(tx: Connection, row: DeliveryRow, outcome: Outcome, *, now: datetime) -> None:
    """Save the outcome of a delivery that was claimed. Saying it twice is harmless."""
    match outcome:
        case Sent():
            await deliveries.record_sent(
                tx, row.id, message_id=outcome.message_id, thread_id=outcome.thread_id, now=now,
                note=outcome.plain_because,
            )  # fmt: skip
        case RetryAt():
            due = next_try(attempts=row.attempts, now=now, asked_s=outcome.after_s)
            await deliveries.record_retry(tx, row.id, due=due, error=outcome.reason, ambiguous=False)
        case Unknown():
            due = next_try(attempts=row.attempts, now=now)
            await deliveries.record_retry(tx, row.id, due=due, error=outcome.reason, ambiguous=True)
        case ChannelGone():
            await deliveries.record_failed(tx, row.id, state="gone", error=outcome.reason, now=now)
            await stop_telling(tx, row.channel, outcome.reason, now=now)
        case Rejected():
            await deliveries.record_failed(tx, row.id, state="rejected", error=outcome.reason, now=now)
        case Expired():
            await deliveries.record_failed(tx, row.id, state="expired", error=outcome.reason, now=now)
        case Late():
            await late.hand_to_digest(tx, row.id, row.channel, before=outcome.before, now=now)
        case _:
            assert_never(outcome)
