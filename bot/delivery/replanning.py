"""Whether and when what already waits for a channel is told, after its filters, quiet hours, mode, digest times or time
zone changed."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from bot.delivery.filters import kept_out
from bot.delivery.planning import digest_due, notice_due
from bot.model import ALL_TOPICS, ChannelKey, Mode
from storage import channels, holding, subscriptions, withdrawing
from storage.database import Connection
from storage.holding import PutOff
from storage.subscriptions import Subscription


def new_dues(found: Iterable[PutOff], held: Sequence[Subscription], *, now: datetime) -> dict[int, datetime]:
    """By delivery, when each is due by the subscriptions that hold now; one that stays as it is is left out. What no
    subscription asks for any more stays as it was planned."""
    dues: dict[int, datetime] = {}
    for row in found:
        if row.digest and row.to_all:
            continue  # a correction in a digest comes with or after what it corrects
        fitting = [one for one in held if _fits(one, row)]
        at_once = [notice_due(one, now) for one in fitting if one.mode is Mode.INSTANT or row.to_all]
        digests = [
            max(now, digest_due(one, one.mode, row.created))
            for one in fitting
            if one.mode is not Mode.INSTANT
        ]
        wanted = (digests or at_once) if row.digest else at_once
        if wanted and min(wanted) != row.due:
            dues[row.id] = min(wanted)
    return dues


def _fits(subscription: Subscription, row: PutOff) -> bool:
    if row.to_all:
        return not row.topics or subscription.topic == ALL_TOPICS or subscription.topic in row.topics
    return (
        subscription.topic == ALL_TOPICS or subscription.topic in row.topics
    ) and row.grade.rank >= subscription.min_grade.rank


async def withdraw_unwanted(tx: Connection, channel: ChannelKey, *, now: datetime) -> int:
    """End what waits for the channel and none of its subscriptions lets through any more; returns how many alerts that
    are. What is being sent, and what is tried again, is told all the same."""
    held = await subscriptions.of_channel(tx, channel)
    unwanted = [
        one
        for one in await withdrawing.untried(tx, channel)
        if all(kept_out(each, one.item.as_verdict(event=one.event)) for each in held)
    ]
    return await withdrawing.withdraw(tx, channel, unwanted, now=now)


async def replan(tx: Connection, channel: ChannelKey, *, now: datetime) -> int:
    """Move what quiet hours or a digest that was asked for put off; returns how many messages and entries of digests
    are due now by that. What waits for other reasons (better proof, a limit, feedback, a new try) stays."""
    found = await holding.put_off(tx, channel, now=now)
    if not found:
        return 0
    zone = (await channels.settings(tx, channel)).zone
    held = [replace(one, zone=one.zone or zone) for one in await subscriptions.of_channel(tx, channel)]
    dues = new_dues(found, held, now=now)
    await holding.move(tx, dues)
    return sum(1 for due in dues.values() if due <= now)
