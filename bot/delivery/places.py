"""How a channel wants to be told one message: what its settings and its subscriptions say."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from bot.delivery.contract import Place
from bot.delivery.planning import quiet_hours_of
from bot.model import ALL_TOPICS, ChannelKey, Event
from storage import channels, subscriptions
from storage.channels import ChannelSettings
from storage.database import Connection
from storage.delivery_rows import AlertRow
from storage.subscriptions import Subscription


async def place_of(conn: Connection, channel: ChannelKey, alert: AlertRow | None = None) -> Place:
    """Where and how: for an alert also the thread in which its story is told here, and whom to call."""
    settings = await channels.settings(conn, channel)
    held = await subscriptions.of_channel(conn, channel)
    thread = None if alert is None else await channels.thread_of(conn, alert.story, channel)
    return Place(
        kind=settings.kind,
        thread=thread,
        threads=settings.threads,
        publish=settings.publish,
        mention=mention_of(held, alert) if alert is not None else "",
        locale=settings.locale or "en",
        zone=zone_of(settings, held),
    )


def mention_of(held: Iterable[Subscription], alert: AlertRow) -> str:
    """The role or user group to call: that of the first subscription to one of its topics that asks for it from this
    grade on. Nobody is called for a correction, nor for more of what is known."""
    if alert.event is Event.CORRECTION or (alert.event is Event.UPDATE and not alert.answers):
        return ""
    for subscription in held:
        wanted = subscription.topic == ALL_TOPICS or subscription.topic in alert.topics
        if wanted and subscription.mention and alert.grade.rank >= subscription.mention_from.rank:
            return subscription.mention
    return ""


def zone_of(settings: ChannelSettings, held: Iterable[Subscription]) -> str:
    """The channel's time zone: the one that was set, else that of its subscriptions or their quiet hours, else UTC."""
    if settings.zone:
        return settings.zone
    for subscription in held:
        if subscription.zone:
            return subscription.zone
        if (quiet := quiet_hours_of(subscription)) is not None and quiet.zone != ZoneInfo("UTC"):
            return quiet.zone.key
    return "UTC"
