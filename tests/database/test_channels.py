"""How channels want to be told, and how much they were told."""

from datetime import timedelta

import pytest

from bot.model import ChannelKey, Event, Grade, StoryId, TopicId
from storage import channels, deliveries, items, sources, subscriptions
from storage.channels import ChannelSettings, Load
from storage.database import Database
from storage.deliveries import DeliveryPlan
from storage.holding import REPLACED, replace_waiting, waiting
from tests.builders import NOW, a_source, a_subscription, a_verdict

HERE, THERE = ChannelKey("discord:1"), ChannelKey("slack:T1/C1")
DIRECT = ChannelKey("slack:T1/D1")


async def test_settings_are_defaults_until_somebody_changes_them(database: Database) -> None:
    async with database.transaction() as tx:
        assert await channels.settings(tx, HERE) == ChannelSettings(key=HERE)
        changed = await channels.change(tx, HERE, zone="Europe/Berlin", budget=0, threads=True)
        assert changed == ChannelSettings(key=HERE, zone="Europe/Berlin", budget=0, threads=True)
        assert await channels.change(tx, HERE, budget=None) == ChannelSettings(
            key=HERE, zone="Europe/Berlin", threads=True
        )
    async with database.reading() as conn:
        both = await channels.settings_of(conn, [HERE, THERE])
    assert (both[HERE].zone, both[THERE]) == ("Europe/Berlin", ChannelSettings(key=THERE, server="slack:T1"))


@pytest.mark.parametrize(
    ("channel", "owner"),
    [(HERE, "discord:1"), (THERE, "slack:T1"), (DIRECT, "slack:T1/D1")],
    ids=["Discord, server not known", "Slack", "direct message"],
)
async def test_rules_are_the_servers_or_the_channels_own(
    database: Database, channel: ChannelKey, owner: str
) -> None:
    async with database.transaction() as tx:
        assert (await channels.settings(tx, channel)).owner == owner
        assert (await channels.change(tx, channel, zone="UTC")).owner == owner


async def test_a_subscription_without_a_zone_is_told_on_its_channels_clock(database: Database) -> None:
    async with database.transaction() as tx:
        await channels.change(tx, HERE, zone="Asia/Tokyo")
        await subscriptions.subscribe(tx, a_subscription(channel=HERE))
        await subscriptions.subscribe(tx, a_subscription(channel=THERE, zone="Europe/Berlin"))
        told = {row.channel: row.zone for row in await subscriptions.of_topics(tx, [])}
        assert told == {HERE: "Asia/Tokyo", THERE: "Europe/Berlin"}
        (held,) = await subscriptions.of_channel(tx, HERE)
        assert held.zone == "", "what people see is what they set"


async def test_a_load_is_what_is_told_singly_in_the_day_and_the_hour_before(database: Database) -> None:
    dues = {
        "a day ago": NOW - timedelta(days=1),
        "yesterday": NOW - timedelta(hours=23),
        "an hour ago": NOW - timedelta(hours=1),
        "just now": NOW,
        "later": NOW + timedelta(hours=2),
        "replaced": NOW,
        "rejected": NOW,
        "digest": NOW,
    }
    async with database.transaction() as tx:
        await sources.sync_catalog(tx, [a_source()], now=NOW)
        numbers = range(1, len(dues) + 1)
        await items.add_verdicts(tx, [a_verdict(number=number) for number in numbers])
        for number, (what, due) in zip(numbers, dues.items(), strict=True):
            alert = await deliveries.add_alert(
                tx, story=StoryId(number), item=number, event=Event.NEW, grade=Grade.REPORT, previous_grade=None,
                reason="", answers=(), topics=(TopicId("deepseek-v4"),), excerpt="", now=NOW,
            )  # fmt: skip
            plan = DeliveryPlan(channel=HERE, due=due, digest=what == "digest")
            await deliveries.add_deliveries(tx, alert, [plan], now=NOW)
        assert await replace_waiting(tx, await waiting(tx, StoryId(6)), now=NOW) == {HERE}
        await deliveries.record_failed(tx, 7, state="rejected", error="", now=NOW)
        assert await deliveries.counts(tx) == {"pending": 6, REPLACED: 1, "rejected": 1}
        loads = await channels.loads(tx, {HERE: NOW, THERE: NOW})
        later = await channels.loads(tx, {HERE: NOW + timedelta(hours=2)})
    assert loads == {HERE: Load(day=3, hour=1)}
    assert later == {HERE: Load(day=3, hour=1)}, "what waits for the end of quiet hours counts there"
