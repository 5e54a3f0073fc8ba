"""Who is told of what, with all that the database knows of a channel: limits, mutes, rules, quiet hours."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.delivery.backtest import backtest
from bot.delivery.contract import AlertMessage, DigestMessage, Message, NoticeMessage
from bot.delivery.correcting import tell_correction
from bot.delivery.messages import build_message
from bot.delivery.telling import plans_of
from bot.flow.deadlines import DeadlineKeeper
from bot.model import (
    ALL_TOPICS,
    ChannelKey,
    Event,
    Grade,
    Mode,
    StoryId,
    TopicId,
    Verdict,
    Watch,
    WatchDeadline,
)
from storage import (
    channels,
    corrections,
    deadlines,
    deliveries,
    items,
    mutes,
    on_request,
    regroup,
    rules,
    sources,
    stories,
    subscriptions,
)
from storage.database import Database
from storage.servers import ChannelFacts, note_channel
from tests.builders import NOW, a_catalog, a_source, a_subscription, a_topic, a_verdict

HERE, THERE = ChannelKey("discord:1"), ChannelKey("discord:2")
V4, ASCEND = TopicId("deepseek-v4"), TopicId("ascend")
CATALOG = a_catalog(topics=(a_topic(), a_topic(id=ASCEND, name="Ascend")))
LEASE = timedelta(seconds=30)


class Newsroom:
    """Stores verdicts and tells them as the desk does."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = NOW
        self._number = 0

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)

    async def subscribe(self, channel: ChannelKey = HERE, **given: Any) -> None:
        async with self.database.transaction() as tx:
            await subscriptions.subscribe(tx, a_subscription(channel=channel, **{"topic": V4, **given}))

    async def settings(self, channel: ChannelKey = HERE, **changes: Any) -> None:
        async with self.database.transaction() as tx:
            await channels.change(tx, channel, **changes)

    async def tell(self, *, answers: tuple[str, ...] = (), **given: Any) -> Verdict:
        """One more item: the first of a new story, where ``story`` does not say otherwise."""
        self._number += 1
        item = {"seen": self.now, "published": self.now, **given.pop("item", {})}
        verdict = a_verdict(number=self._number, item=item, **given)
        async with self.database.transaction() as tx:
            (number,) = await items.add_verdicts(tx, [verdict])
            holders = await subscriptions.of_topics(tx, verdict.topic_ids)
            plans = await plans_of(tx, verdict, holders, now=self.now)
            if verdict.alert or plans:
                alert = await deliveries.add_alert(
                    tx, story=verdict.story, item=number, event=verdict.event, grade=verdict.graded.grade,
                    previous_grade=verdict.previous_grade, reason=verdict.reasons[-1], answers=answers,
                    topics=verdict.topic_ids, excerpt="", now=self.now,
                )  # fmt: skip
                await deliveries.add_deliveries(tx, alert, plans, now=self.now)
        return verdict

    async def told(self) -> list[Message]:
        """What is sent now, in order, over all channels."""
        messages = []
        async with self.database.transaction() as tx:
            await deliveries.fold_digests(tx, now=self.now)
            while rows := await deliveries.claim(
                tx, now=self.now, owner="me", lease=LEASE, limit=99, platforms=["discord"]
            ):
                for row in rows:
                    messages.append(await build_message(tx, row, CATALOG))
                    await deliveries.record_sent(
                        tx, row.id, message_id=f"m{row.id}", thread_id=f"t{row.id}", now=self.now
                    )
        return messages


@pytest.fixture
async def newsroom(database: Database) -> Newsroom:
    async with database.transaction() as tx:
        await sources.sync_catalog(tx, [a_source()], now=NOW)
    return Newsroom(database)


def kinds(messages: list[Message]) -> list[str]:
    return [type(message).__name__.removesuffix("Message") for message in messages]


async def test_past_the_hours_limit_the_rest_is_one_digest_at_the_full_hour(newsroom: Newsroom) -> None:
    await newsroom.subscribe()
    await newsroom.settings(burst=10)
    newsroom.later(minutes=5)
    for _ in range(14):
        await newsroom.tell()
    await newsroom.tell(grade=Grade.OFFICIAL)
    assert kinds(await newsroom.told()) == ["Alert"] * 11, "official news is told at once"
    newsroom.later(minutes=55)
    (digest,) = await newsroom.told()
    assert isinstance(digest, DigestMessage)
    assert (len(digest.entries), digest.reason) == (
        4,
        "Not told one by one: over its limit of alerts an hour.",
    )
    newsroom.later(minutes=10)
    await newsroom.tell()
    assert kinds(await newsroom.told()) == ["Alert"], "an hour later there is room again"


async def test_past_the_days_budget_weak_evidence_waits_and_the_channel_is_told_so_once(
    newsroom: Newsroom,
) -> None:
    await newsroom.subscribe(digest_at="18:00")
    await newsroom.settings(budget=3, burst=0, zone="Europe/Berlin")
    for _ in range(5):
        newsroom.later(minutes=30)
        await newsroom.tell()
    await newsroom.tell(grade=Grade.LEAK)
    messages = await newsroom.told()
    assert sorted(kinds(messages)) == ["Alert"] * 4 + ["Notice"]
    (notice,) = [message for message in messages if isinstance(message, NoticeMessage)]
    assert notice.title == "3 alerts were told here in a day"
    assert "wait for the digest now, 18:00 Europe/Berlin" in notice.text
    newsroom.now = NOW.replace(hour=17)
    (digest,) = await newsroom.told()
    assert isinstance(digest, DigestMessage)
    assert (len(digest.entries), digest.reason) == (
        2, "Not told one by one: over the channel's budget of alerts a day.",
    )  # fmt: skip
    assert digest.place.zone == "Europe/Berlin"


async def test_the_same_news_for_several_topics_of_a_channel_is_one_message(newsroom: Newsroom) -> None:
    await newsroom.subscribe()
    await newsroom.subscribe(topic=ASCEND)
    await newsroom.subscribe(topic=ALL_TOPICS, min_grade=Grade.REPORT)
    await newsroom.tell(topics=("deepseek-v4", "ascend"))
    (message,) = await newsroom.told()
    assert isinstance(message, AlertMessage)
    assert message.topics == ("DeepSeek V4", "Ascend")


async def test_quiet_hours_tell_a_story_once_led_by_its_best_proof(newsroom: Newsroom) -> None:
    await newsroom.subscribe(quiet="22:00-07:00@Europe/Berlin", mention="42")
    newsroom.now = NOW.replace(hour=23)  # midnight in Berlin
    await newsroom.tell(answers=("Is it out? → rumoured",))
    newsroom.later(hours=3, minutes=12)
    await newsroom.tell(
        story=StoryId(1), event=Event.UPGRADE, grade=Grade.OFFICIAL, previous_grade=Grade.REPORT,
        item={"publisher": "DeepSeek", "title": "DeepSeek V4 is out"}, answers=("Is it out? → yes",),
    )  # fmt: skip
    newsroom.later(minutes=5)
    await newsroom.tell(story=StoryId(1), event=Event.UPDATE, alert=False, item={"publisher": "Nikkei"})
    await newsroom.tell(
        story=StoryId(1), event=Event.UPDATE, alert=True, item={"publisher": "Caixin"},
        answers=("Is it open? → no",),
    )  # fmt: skip
    assert await newsroom.told() == []
    newsroom.now = (NOW + timedelta(days=1)).replace(hour=6)
    (message,) = await newsroom.told()
    assert isinstance(message, AlertMessage)
    assert (message.title, message.grade, message.event) == ("DeepSeek V4 is out", Grade.OFFICIAL, Event.NEW)
    assert message.answers == ("Is it out? → yes", "Is it open? → no")
    assert message.meanwhile == "2 more outlets; report → official at 03:12"
    assert message.place.mention == "42", "its best proof calls, though a report came last"


async def test_what_is_too_much_at_the_end_of_quiet_hours_is_one_digest_then(newsroom: Newsroom) -> None:
    await newsroom.subscribe(quiet="22:00-07:00@Europe/Berlin")
    await newsroom.settings(burst=10)
    newsroom.now = NOW.replace(hour=22)
    for _ in range(13):
        newsroom.later(minutes=20)
        await newsroom.tell()
    newsroom.now = (NOW + timedelta(days=1)).replace(hour=6)
    messages = await newsroom.told()
    assert kinds(messages) == ["Alert"] * 10 + ["Digest"]
    assert isinstance(messages[-1], DigestMessage)
    assert messages[-1].reason == "Not told one by one: more than fit in an hour when quiet hours ended."


async def test_better_proof_of_what_a_full_hour_held_back_is_told_in_its_place(newsroom: Newsroom) -> None:
    await newsroom.subscribe()
    await newsroom.settings(burst=1)
    await newsroom.tell()
    held = await newsroom.tell()
    assert len(await newsroom.told()) == 1
    await newsroom.tell(
        story=held.story, event=Event.UPGRADE, grade=Grade.OFFICIAL, previous_grade=Grade.REPORT
    )
    (message,) = await newsroom.told()
    assert isinstance(message, AlertMessage)
    assert message.event is Event.NEW, "the channel hears of it for the first time"
    newsroom.later(hours=1)
    assert await newsroom.told() == [], "nothing is left for the digest"


async def test_a_story_stands_once_in_a_digest(newsroom: Newsroom) -> None:
    await newsroom.subscribe(mode=Mode.HOURLY)
    first = await newsroom.tell()
    await newsroom.tell(story=first.story, event=Event.UPGRADE, grade=Grade.LEAK, previous_grade=Grade.REPORT)
    newsroom.later(hours=1)
    (digest,) = await newsroom.told()
    assert isinstance(digest, DigestMessage)
    assert [entry.grade for entry in digest.entries] == [Grade.LEAK]
    assert digest.title.endswith(": 1 alert")


async def test_a_muted_story_is_told_nothing_of_and_what_waited_ends(newsroom: Newsroom) -> None:
    await newsroom.subscribe(quiet="11:00-13:00")
    await newsroom.subscribe(THERE)
    waits, other = await newsroom.tell(), await newsroom.tell()
    until = newsroom.now + timedelta(days=7)
    async with newsroom.database.transaction() as tx:
        ended = await mutes.mute(tx, HERE, story=waits.story, until=until, by="u", now=newsroom.now)
    assert ended == 1
    assert [message.channel for message in await newsroom.told()] == [THERE, THERE]
    newsroom.later(hours=2)
    await newsroom.tell(story=waits.story, event=Event.UPGRADE, grade=Grade.OFFICIAL)
    told = [(message.channel, getattr(message, "story", None)) for message in await newsroom.told()]
    assert sorted(told) == [(HERE, other.story), (THERE, waits.story)]
    async with newsroom.database.transaction() as tx:
        story = await stories.story(tx, waits.story)
        assert story is not None
        hearing = await corrections.hearing(tx, [waits.story])
        made = await tell_correction(tx, story, hearing, lines=(), reason="", now=newsroom.now)
    assert made == 1, "a correction of it is told to the other channel alone"
    newsroom.later(days=8)
    await newsroom.tell(story=waits.story, event=Event.UPGRADE, grade=Grade.OFFICIAL)
    assert HERE in [message.channel for message in await newsroom.told()], "the mute is over"


async def test_a_mute_of_a_story_follows_it_into_another(newsroom: Newsroom) -> None:
    await newsroom.subscribe()
    into, merged = await newsroom.tell(), await newsroom.tell()
    assert len(await newsroom.told()) == 2
    async with newsroom.database.transaction() as tx:
        await mutes.mute(tx, HERE, story=merged.story, until=NOW + timedelta(days=1), by="u", now=NOW)
        await regroup.merge(tx, into.story, merged.story)
    await newsroom.tell(story=into.story, event=Event.UPGRADE, grade=Grade.OFFICIAL)
    assert await newsroom.told() == []


async def test_a_passed_deadline_is_no_notice_where_its_topic_is_muted(newsroom: Newsroom) -> None:
    await newsroom.subscribe()
    await newsroom.subscribe(THERE)
    async with newsroom.database.transaction() as tx:
        await mutes.mute(tx, HERE, topic=V4, until=NOW + timedelta(days=9), by="u", now=NOW)
        deadline = WatchDeadline(
            topic=V4, question="out", state="released", at=NOW + timedelta(days=1), phrase="by tomorrow"
        )
        verdict = a_verdict(deadlines=(deadline,))
        (item,) = await items.add_verdicts(tx, [verdict])
        await deadlines.add(tx, verdict, item, now=NOW)
    newsroom.later(days=2)
    watch = Watch(id="out", question="Is it out?", states=("rumoured", "released"))
    catalog = a_catalog(topics=(a_topic(watches=(watch,)),))
    assert await DeadlineKeeper(newsroom.database, catalog, clock=lambda: newsroom.now).look() == 1
    assert [message.channel for message in await newsroom.told()] == [THERE]


async def test_a_muted_topic_rests_while_another_of_the_story_is_told(newsroom: Newsroom) -> None:
    await newsroom.subscribe(topic=ALL_TOPICS)
    async with newsroom.database.transaction() as tx:
        await mutes.mute(tx, HERE, topic=V4, until=NOW + timedelta(days=1), by="u", now=NOW)
    await newsroom.tell()
    await newsroom.tell(topics=("deepseek-v4", "ascend"))
    assert len(await newsroom.told()) == 1
    async with newsroom.database.transaction() as tx:
        assert await mutes.unmute(tx, HERE, topic=V4, now=newsroom.now)
        assert not await mutes.unmute(tx, HERE, topic=V4, now=newsroom.now)
    await newsroom.tell()
    assert len(await newsroom.told()) == 1


async def test_a_servers_rule_holds_in_all_of_its_channels_and_nowhere_else(newsroom: Newsroom) -> None:
    for channel in (HERE, THERE):
        await newsroom.subscribe(channel)
    async with newsroom.database.transaction() as tx:
        await note_channel(tx, HERE, ChannelFacts(server="discord:77"))
        await rules.add(
            tx, server="discord:77", kind="publisher-to-digest", value="Reuters", cause="", now=NOW
        )
    await newsroom.tell()
    assert [message.channel for message in await newsroom.told()] == [THERE]
    await newsroom.tell(grade=Grade.LEAK)
    assert sorted(message.channel for message in await newsroom.told()) == [HERE, THERE]
    async with newsroom.database.transaction() as tx:
        assert await on_request.digest_now(tx, HERE, now=newsroom.now) == 1
    (digest,) = await newsroom.told()
    assert isinstance(digest, DigestMessage)
    assert digest.reason == "Not told one by one: of a publisher that people here called noise."


async def test_a_message_knows_its_place_and_whom_to_call(newsroom: Newsroom) -> None:
    await newsroom.subscribe(mention="42", mention_from=Grade.LEAK, zone="Asia/Tokyo")
    await newsroom.settings(threads=True, publish=True, locale="de")
    async with newsroom.database.transaction() as tx:
        await note_channel(tx, HERE, ChannelFacts(kind="announcement"))
    first = await newsroom.tell()
    (before,) = await newsroom.told()
    await newsroom.tell(story=first.story, event=Event.UPGRADE, grade=Grade.LEAK, previous_grade=Grade.REPORT)
    (after,) = await newsroom.told()
    assert isinstance(before, AlertMessage)
    assert isinstance(after, AlertMessage)
    assert (before.place.mention, before.place.thread) == ("", None), "a report calls nobody"
    assert (after.place.mention, after.place.thread, after.reply_to) == ("42", "t1", "m1")
    place = after.place
    assert (place.kind, place.threads, place.publish, place.locale, place.zone) == (
        "announcement", True, True, "de", "Asia/Tokyo",
    )  # fmt: skip
    assert (before.alert, after.alert) == (1, 2)


async def test_a_sample_is_marked_and_of_no_story(newsroom: Newsroom) -> None:
    async with newsroom.database.transaction() as tx:
        await on_request.add_sample(tx, HERE, now=NOW)
    (message,) = await newsroom.told()
    assert isinstance(message, AlertMessage)
    assert message.title.startswith("SAMPLE")
    assert (message.story, message.alert, message.channel) == (0, 0, HERE)
    assert await newsroom.told() == []
    await newsroom.settings(locale="zh-CN")
    async with newsroom.database.transaction() as tx:
        await on_request.add_sample(tx, HERE, now=NOW)
    (again,) = await newsroom.told()
    assert isinstance(again, AlertMessage)
    assert again.title.startswith("示例")


@pytest.mark.parametrize(
    ("subscription", "limits"),
    [
        pytest.param({"quiet": "14:00-18:00"}, {"burst": 3}, id="quiet hours and bursts"),
        pytest.param({"digest_at": "15:00"}, {"budget": 5, "burst": 0, "zone": "Europe/Berlin"}, id="budget"),
        pytest.param({"mode": Mode.HOURLY, "min_grade": Grade.LEAK}, {}, id="hourly digest"),
    ],
)
async def test_a_back_test_tells_what_the_live_program_told(
    newsroom: Newsroom, subscription: dict[str, Any], limits: dict[str, Any]
) -> None:
    """The same items, live and played back: the same messages."""
    await newsroom.subscribe(not_words=("gossip",), **subscription)
    await newsroom.settings(**limits)
    live: list[Message] = []
    for number in range(40):
        newsroom.later(minutes=7)
        live += await newsroom.told()
        story = {"story": StoryId(number - 1), "event": Event.UPGRADE} if number % 5 == 4 else {}
        grade = Grade.LEAK if number % 5 == 4 else Grade.OFFICIAL if number % 11 == 0 else Grade.RUMOUR
        title = "DeepSeek V4 gossip" if number % 7 == 3 else f"DeepSeek V4 news {number}"
        await newsroom.tell(**story, grade=grade, item={"title": title})
    newsroom.later(days=1)
    live += await newsroom.told()
    async with newsroom.database.reading() as conn:
        (held,) = await subscriptions.of_channel(conn, HERE)
        found = await backtest(conn, CATALOG, held, since=NOW, until=newsroom.now)
        nothing = await backtest(
            conn, CATALOG, held, since=newsroom.now, until=newsroom.now + timedelta(days=1)
        )
    assert nothing.messages == ()
    told = [message for message in live if not isinstance(message, NoticeMessage)]
    assert sorted(_shape(message) for message in told) == sorted(
        (one.digest, len(one.entries), sorted(entry.title for entry in one.entries)) for one in found.messages
    )
    assert found.kept["it has the word gossip"] == 6 or subscription.get("min_grade")


def _shape(message: Message) -> tuple[bool, int, list[str]]:
    if isinstance(message, DigestMessage):
        return True, len(message.entries), sorted(entry.title for entry in message.entries)
    return False, 1, [message.title]


async def test_what_a_source_held_at_first_counts_from_when_it_was_published(newsroom: Newsroom) -> None:
    def old(number: int, published: datetime) -> Verdict:
        return a_verdict(number=number, item={"published": published, "seen": NOW})

    async with newsroom.database.transaction() as tx:
        verdicts = [old(1, NOW - timedelta(days=40)), old(2, NOW - timedelta(days=3))]
        await items.add_verdicts(tx, verdicts, backfill=True)
    async with newsroom.database.reading() as conn:
        found = await backtest(
            conn, CATALOG, a_subscription(channel=HERE, topic=V4), since=NOW - timedelta(days=30), until=NOW
        )
    assert [one.at for one in found.messages] == [NOW - timedelta(days=3)]
