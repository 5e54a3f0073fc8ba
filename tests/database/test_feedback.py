"""What people say of alerts, and what that changes."""

from datetime import datetime, timedelta

import pytest

from bot.delivery import feedback
from bot.delivery.feedback import Taken
from bot.errors import UserError
from bot.flow.labels import label_row
from bot.model import ChannelKey, Event, Grade, StoryId, TopicId
from handlers.commands import Commands
from handlers.requests import Request
from storage import audit, deliveries, history, items, mutes, rules, sources, subscriptions
from storage import feedback as stored
from storage.database import Database
from storage.deliveries import DeliveryPlan
from storage.forgetting import forget_person
from tests.builders import NOW, a_catalog, a_source, a_subscription, a_verdict

HERE, DIRECT = ChannelKey("discord:1"), ChannelKey("discord:2")
SERVER = "discord:77"


@pytest.fixture
async def alerts(database: Database) -> Database:
    """Five alerts, each told here and in a direct message; 1 to 4 by Reuters, 5 by Nikkei."""
    async with database.transaction() as tx:
        await sources.sync_catalog(tx, [a_source()], now=NOW)
        for number in range(1, 6):
            item = {"publisher": "Nikkei"} if number == 5 else {}
            (stored_item,) = await items.add_verdicts(tx, [a_verdict(number=number, item=item)])
            alert = await deliveries.add_alert(
                tx, story=StoryId(number), item=stored_item, event=Event.NEW, grade=Grade.REPORT,
                previous_grade=None, reason="", answers=(), topics=(TopicId("deepseek-v4"),), excerpt="", now=NOW,
            )  # fmt: skip
            plans = [DeliveryPlan(channel=channel, due=NOW) for channel in (HERE, DIRECT)]
            await deliveries.add_deliveries(tx, alert, plans, now=NOW)
    return database


async def say(
    database: Database,
    verdict: str,
    *,
    person: str = "discord:a",
    alert: int = 1,
    channel: ChannelKey = HERE,
    at: datetime = NOW,
) -> Taken:
    server = SERVER if channel == HERE else ""
    async with database.transaction() as tx:
        return await feedback.take(
            tx, alert=alert, channel=channel, server=server, person=person, verdict=verdict, now=at
        )


async def in_force(database: Database, owner: str = SERVER) -> list[tuple[str, str]]:
    async with database.reading() as conn:
        return [(rule.kind, rule.value) for rule in await rules.in_force(conn, owner)]


async def test_one_person_has_one_word_on_an_alert_and_may_change_it(alerts: Database) -> None:
    assert (await say(alerts, "noise")).before == ""
    assert (await say(alerts, "noise")).before == "noise"
    assert (await say(alerts, "useful")).before == "noise"
    async with alerts.reading() as conn:
        assert await stored.counts(conn, since=NOW) == {"useful": 1}
        assert await stored.by_item(conn) == {1: {"useful": 1}}


async def test_a_word_taken_back_counts_no_more(alerts: Database) -> None:
    for person in ("discord:a", "discord:b"):
        await say(alerts, "noise", person=person)
    async with alerts.transaction() as tx:
        assert await stored.take_back(tx, 1, DIRECT, "discord:a") == "", "it was said elsewhere"
        assert await stored.take_back(tx, 1, HERE, "discord:a") == "noise"
        assert await stored.take_back(tx, 1, HERE, "discord:a") == ""
    assert (await say(alerts, "noise", person="discord:c")).rule is None, "two people, not three"


async def test_three_people_send_a_publisher_to_the_digest_and_one_takes_it_back(alerts: Database) -> None:
    for person in ("discord:a", "discord:b"):
        assert (await say(alerts, "noise", person=person)).effect == ""
    taken = await say(alerts, "noise", person="discord:c", alert=2)
    assert taken.rule is not None
    assert "Reuters waits for the digest here" in taken.effect
    assert (await say(alerts, "noise", person="discord:d")).rule is None, "it holds already"
    assert await in_force(alerts) == [("publisher-to-digest", "Reuters")]
    assert await in_force(alerts, "discord:78") == [], "no other server is concerned"
    async with alerts.transaction() as tx:
        with pytest.raises(UserError, match=r"no change 99 here\. There are: 1 \(Reuters\)"):
            await feedback.undo(tx, 99, server=SERVER, channel=HERE, person="u", now=NOW)
        with pytest.raises(UserError, match="There are: none"):
            await feedback.undo(tx, taken.rule.id, server="discord:78", channel=HERE, person="u", now=NOW)
        undone = await feedback.undo(
            tx, taken.rule.id, server=SERVER, channel=HERE, person="discord:z", now=NOW + timedelta(hours=1)
        )
        assert undone.value == "Reuters"
        log = await audit.of_server(tx, SERVER, HERE, limit=9)
    assert [(row.action, row.made_by) for row in log] == [
        ("feedback taken back", "discord:z"), ("publisher to digest", "discord:c"),
    ]  # fmt: skip
    assert await in_force(alerts) == []
    later = NOW + timedelta(hours=2)
    assert (await say(alerts, "noise", person="discord:e", at=later)).rule is None, "it takes three anew"
    for person in ("discord:f", "discord:g"):
        taken = await say(alerts, "noise", person=person, at=later)
    assert taken.rule is not None


async def test_somebody_who_finds_it_useful_ends_the_row(alerts: Database) -> None:
    await say(alerts, "noise", person="discord:a")
    await say(alerts, "noise", person="discord:b", at=NOW + timedelta(hours=1))
    await say(alerts, "useful", person="discord:d", alert=3, at=NOW + timedelta(hours=2))
    assert (await say(alerts, "noise", person="discord:c", at=NOW + timedelta(hours=3))).rule is None


async def test_what_was_said_a_month_ago_does_not_count(alerts: Database) -> None:
    await say(alerts, "noise", person="discord:a", at=NOW - timedelta(days=31))
    await say(alerts, "noise", person="discord:b")
    assert (await say(alerts, "noise", person="discord:c")).rule is None


async def test_alone_in_a_direct_message_three_alerts_are_enough_and_concern_only_it(
    alerts: Database,
) -> None:
    for alert in (1, 2):
        assert (await say(alerts, "noise", alert=alert, channel=DIRECT)).rule is None
    assert (await say(alerts, "noise", alert=3, channel=DIRECT)).rule is not None
    assert await in_force(alerts, DIRECT) == [("publisher-to-digest", "Reuters")]
    assert await in_force(alerts) == []


async def test_two_people_bring_a_wrong_story_to_light_and_nothing_changes_by_itself(
    alerts: Database,
) -> None:
    assert (await say(alerts, "wrong-story", person="discord:a", alert=5)).effect == ""
    assert (
        "whoever runs Tipoff sees it"
        in (await say(alerts, "wrong-story", person="discord:b", alert=5)).effect
    )
    async with alerts.reading() as conn:
        assert await stored.wrong_stories(conn, since=NOW) == [(StoryId(5), 2)]
        assert await stored.wrong_stories(conn, since=NOW, server="discord:78") == []
        found = await feedback.tally(conn, server=SERVER, channel=HERE, since=NOW)
    assert (found.useful, found.noise, found.wrong, found.rules, found.wrong_stories) == (
        0, 0, 2, (), ((StoryId(5), 2),),
    )  # fmt: skip


async def test_only_an_alert_that_was_told_here_can_be_judged(alerts: Database) -> None:
    with pytest.raises(UserError, match="not told here"):
        await say(alerts, "noise", alert=99)
    with pytest.raises(UserError, match="not told here"):
        await say(alerts, "noise", channel=ChannelKey("discord:3"))
    with pytest.raises(UserError, match="say one of useful, noise, wrong-story"):
        await say(alerts, "boring")


async def test_a_person_who_is_forgotten_said_nothing(alerts: Database) -> None:
    await say(alerts, "noise")
    async with alerts.transaction() as tx:
        assert (await forget_person(tx, "discord:a"))["feedback"] == 1
        assert await stored.counts(tx, since=NOW) == {}


async def test_a_mute_of_a_topic_ends_what_waits_of_it_alone_and_can_be_moved(database: Database) -> None:
    async with database.transaction() as tx:
        await sources.sync_catalog(tx, [a_source()], now=NOW)
        await subscriptions.subscribe(tx, a_subscription(channel=HERE))
        for number, topics in ((1, ("deepseek-v4",)), (2, ("deepseek-v4", "ascend"))):
            (item,) = await items.add_verdicts(tx, [a_verdict(number=number, topics=topics)])
            alert = await deliveries.add_alert(
                tx, story=StoryId(number), item=item, event=Event.NEW, grade=Grade.REPORT, previous_grade=None,
                reason="", answers=(), topics=[TopicId(topic) for topic in topics], excerpt="", now=NOW,
            )  # fmt: skip
            plan = DeliveryPlan(channel=HERE, due=NOW, digest=number == 1)
            await deliveries.add_deliveries(tx, alert, [plan], now=NOW)
        day, week = NOW + timedelta(days=1), NOW + timedelta(days=7)
        assert await mutes.mute(tx, HERE, topic="deepseek-v4", until=day, by="u", now=NOW) == 1
        assert await mutes.mute(tx, HERE, topic="deepseek-v4", until=week, by="v", now=NOW) == 0
        assert await deliveries.counts(tx) == {"pending": 1, mutes.MUTED: 1}
        (held,) = await mutes.of_channel(tx, HERE, now=NOW)
        assert (held.topic, held.story, held.until, held.made_by) == ("deepseek-v4", None, week, "v")
        assert await mutes.of_channel(tx, HERE, now=week) == []
        with pytest.raises(ValueError, match="either a story or a topic"):
            await mutes.mute(tx, HERE, until=day, by="u", now=NOW)


async def test_status_shows_a_server_its_own_feedback_and_the_terminal_all_of_it(alerts: Database) -> None:
    await say(alerts, "noise", person="discord:a")
    for person in ("discord:a", "discord:b"):
        await say(alerts, "wrong-story", person=person, alert=5)
    commands = Commands(alerts, a_catalog(), clock=lambda: NOW)

    async def status(**given: str) -> str:
        fields = {"command": "status", "options": {}, "channel": HERE, "user": "u", "may_manage": False}
        return (await commands.answer(Request(**{**fields, **given}))).text

    line = "Feedback in 30 days: 1 noise, 2 wrong story. Said to be of a wrong story: #5 (2 people)."
    assert line in await status(place="terminal")
    assert line in await status(place="text", server=SERVER)
    assert "Feedback" not in await status(place="text", server="discord:78")


async def test_label_lines_carry_what_people_said(alerts: Database) -> None:
    for person in ("discord:a", "discord:b"):
        await say(alerts, "noise", person=person)
    async with alerts.reading() as conn:
        said = await stored.by_item(conn)
        rows = [row async for row in history.history(conn, topic=None, since=None)]
    lines = [label_row(row, said.get(row.id)) for row in rows]
    assert [line.get("feedback") for line in lines] == [{"noise": 2}, None, None, None, None]
