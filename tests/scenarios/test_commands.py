"""Every command against a real database: what people read, and how a wrong request is answered."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.model import ALL_TOPICS, ChannelKey, Event, Grade, Graded, KnownState, TopicId, Watch, WatchMove
from handlers.commands import Commands
from handlers.discord.render import reply_pages
from handlers.replies import Reply
from handlers.requests import Request
from handlers.slack.render import render_reply
from handlers.specs import COMMANDS
from storage import deliveries, items, sources, stories
from storage.database import Database, open_database
from storage.sources import PollRecord
from tests.builders import NOW, a_catalog, a_source, a_topic, a_verdict

CHANNEL = ChannelKey("discord:7")
WATCH = Watch(id="v4-out", question="Is V4 out?", states=("rumoured", "released"))
CATALOG = a_catalog(
    sources=(
        a_source(topics=(TopicId("deepseek-v4"),)),
        a_source(id="dead", name="Dead", url="https://dead.example/"),
    ),
    topics=(a_topic(watches=(WATCH,)), a_topic(id=TopicId("ascend"), name="Huawei Ascend")),
)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(f"sqlite+aiosqlite:///{tmp_path}/t.db") as opened:
        async with opened.transaction() as tx:
            await sources.sync_catalog(tx, CATALOG.sources, now=NOW)
        yield opened


@pytest.fixture
def ask(database: Database):
    commands = Commands(database, CATALOG, clock=lambda: NOW)

    async def call(command: str, *, may_manage: bool = True, **options: str) -> Reply:
        given = {name.replace("_", "-"): value for name, value in options.items()}
        return await commands.answer(
            Request(command=command, options=given, channel=CHANNEL, user="u1", may_manage=may_manage)
        )

    return call


async def fill(database: Database) -> None:
    move = WatchMove(
        topic=TopicId("deepseek-v4"),
        question="v4-out",
        state="released",
        previous="rumoured",
        reason="weights posted",
    )
    first = a_verdict(number=1, grade=Grade.RUMOUR, item={"title": "DeepSeek V4 rumoured for Friday"})
    better = a_verdict(
        number=2, story=1, grade=Grade.OFFICIAL, event=Event.UPGRADE, watch=(move,), previous_grade=Grade.RUMOUR,
        item={"title": "DeepSeek V4 发布", "language": "zh", "publisher": "DeepSeek", "url": "https://deepseek.com/v4"},
    )  # fmt: skip
    other = a_verdict(number=3, topics=("ascend",), item={"title": "Ascend 950 measured", "publisher": "Lab"})
    async with database.transaction() as tx:
        await items.add_verdicts(tx, [first, better, other])
        polled = PollRecord(
            source_id=a_source().id, at=NOW - timedelta(minutes=2), status=200, etag=None, last_modified=None,
            next_poll=NOW + timedelta(minutes=13), items_new=3,
        )  # fmt: skip
        broken = PollRecord(
            source_id="dead",
            at=NOW,
            status=500,
            etag=None,
            last_modified=None,
            next_poll=NOW,
            error="HTTP 500",
        )
        await sources.record_polls(tx, [polled, broken])


async def test_subscribe_change_list_and_end(ask) -> None:
    assert (await ask("subscribe", topic="deepseek-v4")).title == "Subscribed to DeepSeek V4"
    changed = await ask("subscribe", topic="DeepSeek V4", min_grade="report", mode="daily", lang="EN, zh")
    assert changed.title.startswith("Changed")
    assert "daily digest, report or better, only en, zh" in changed.text
    (entry,) = (await ask("subscriptions")).entries
    assert entry.title == "DeepSeek V4"
    assert (await ask("unsubscribe", topic="deepseek-v4")).tone == "done"
    assert (await ask("unsubscribe", topic="deepseek-v4")).tone == "error"
    assert "told nothing" in (await ask("subscriptions")).text


async def test_every_topic_at_once(ask) -> None:
    assert (await ask("subscribe", topic=ALL_TOPICS)).title == "Subscribed to every topic"
    assert (await ask("unsubscribe", topic=ALL_TOPICS)).title == "Ended 1 subscription"


@pytest.mark.parametrize("command", [spec.name for spec in COMMANDS if spec.needs_manage])
async def test_only_who_may_manage_the_channel_changes_it(ask, command: str) -> None:
    refused = await ask(command, may_manage=False, topic="deepseek-v4")
    assert refused.tone == "error"
    assert refused.private
    assert "manage the channel" in refused.text


@pytest.mark.parametrize(
    ("command", "options", "says"),
    [
        (
            "subscribe",
            {"topic": "deepseek-v5"},
            "Unknown topic 'deepseek-v5'. Known: deepseek-v4, ascend, all.",
        ),
        ("subscribe", {}, "needs topic"),
        ("subscribe", {"topic": "ascend", "mode": "monthly"}, "Known: instant, hourly, daily, weekly"),
        ("subscribe", {"topic": "ascend", "lang": "english!"}, "not a language code"),
        ("subscribe", {"topic": "ascend", "quiet": "late"}, "22:00-07:00@Europe/Berlin"),
        ("latest", {"count": "0"}, "1 to 20"),
        ("search", {"text": "  "}, "needs text"),
        ("why", {"story": "42"}, "no story 42"),
        ("why", {"story": "what"}, "number"),
        ("why", {"story": "https://nowhere.example/x"}, "No source"),
        ("dance", {}, "There is no command 'dance'"),
        ("help", {"topic": "x"}, "has no option 'topic'"),
    ],
)
async def test_a_wrong_request_gets_a_short_private_answer(ask, command, options, says) -> None:
    answer = await ask(command, **options)
    assert answer.tone == "error"
    assert answer.private
    assert says in answer.text


async def test_latest_search_and_why_tell_who_says_so(ask, database: Database) -> None:
    await fill(database)
    assert [entry.title for entry in (await ask("latest")).entries][0] in (
        "DeepSeek V4 发布",
        "Ascend 950 measured",
    )
    (only,) = (await ask("latest", topic="deepseek-v4")).entries
    assert only.grade is Grade.OFFICIAL
    assert "1 more outlet" in only.facts
    assert len((await ask("search", text="发布")).entries) == 1
    assert len((await ask("search", text="RUMOURED friday")).entries) == 1
    assert "No story" in (await ask("search", text="100%_")).text
    why = await ask("why", story="#1")
    assert [entry.facts[0] for entry in why.entries] == ["DeepSeek", "Reuters"], "the lead stands first"
    assert "better proof" in why.entries[0].facts
    assert (await ask("why", story="https://deepseek.com/v4")).title == why.title


async def test_why_has_one_line_a_reason_and_says_whether_it_was_told(ask, database: Database) -> None:
    reasons = (
        "topic: x",
        "story 1: score 4.2: shares deepseek, v4",
        "grade: x",
        "told: better proof, official",
    )
    first = a_verdict(
        number=1, grade=Grade.RUMOUR, graded=Graded(grade=Grade.RUMOUR, reason="hearsay", cites="reuters"),
        reasons=("story 1: begins a story: nothing open is near", "told: the first of its story"),
    )  # fmt: skip
    better = a_verdict(
        number=2, story=1, grade=Grade.OFFICIAL, event=Event.UPGRADE, previous_grade=Grade.RUMOUR, reasons=reasons,
        item={"publisher": "DeepSeek"},
        watch=(
            WatchMove(topic=TopicId("deepseek-v4"), question="v4-out", state="released", previous="", reason="'out'"),
        ),
    )  # fmt: skip
    later = a_verdict(
        number=3, story=1, event=Event.UPDATE, alert=False, reasons=("not told: the story was told already",),
        topics=(),
    )  # fmt: skip
    async with database.transaction() as tx:
        first_id, better_id, _ = await items.add_verdicts(tx, [first, better, later])
        for item_id, event, channels in ((first_id, Event.NEW, ()), (better_id, Event.UPGRADE, (CHANNEL,))):
            alert = await deliveries.add_alert(
                tx, story=first.story, item=item_id, event=event, grade=Grade.RUMOUR, previous_grade=None,
                reason=f"told: {event.value}", answers=(), topics=(), excerpt="", now=NOW,
            )  # fmt: skip
            plans = [deliveries.DeliveryPlan(channel=channel, due=NOW, digest=False) for channel in channels]
            await deliveries.add_deliveries(tx, alert, plans, now=NOW)
    why = await ask("why", story="1")
    assert "Who says so: Reuters (relays reuters), DeepSeek." in why.text
    assert [entry.lines for entry in why.entries] == [
        (
            "Told 24 Nov 12:00 UTC to 1 channel, sent to 0 so far: upgrade",
            "Topic: DeepSeek V4, by title: deepseek v4",
            "Story: score 4.2: shares deepseek, v4",
            "Evidence: official, an outlet",
            "Answer: v4-out is released, by 'out'",
        ),
        (
            "Worth telling, but no channel asks for it: new",
            "Topic: DeepSeek V4, by title: deepseek v4",
            "Story: begins a story: nothing open is near",
            "Evidence: rumour, hearsay",
        ),
        ("Not told: the story was told already", "Topic: none", "Evidence: report, an outlet"),
    ]
    for page in reply_pages(why):
        assert page["description"].count("\n› ") == 12, "each reason keeps its line on Discord"
    told = str(render_reply(why).blocks)
    assert told.count("› ") == 12
    assert "released, by" in told


async def test_why_of_a_story_whose_texts_are_gone(ask, database: Database) -> None:
    await fill(database)
    async with database.transaction() as tx:
        await items.prune(tx, older_than=NOW + timedelta(days=1))
    why = await ask("why", story="1")
    assert {entry.lines for entry in why.entries} == {("Its text and its reasons are no longer kept.",)}


async def test_status_answers_each_question_and_says_how_well_it_can_see(ask, database: Database) -> None:
    before = await ask("status")
    assert before.entries[0].facts == ("no answer yet", "", "", "", "blind: none of 2 sources read", "")
    await fill(database)
    after = await ask("status")
    assert after.entries[0].facts[:3] == ("released", "since 24 Nov 2026", "official")
    # The other one names no topic: it is read for all of them, and dead.
    assert "1 of 2 sources read, 2 min ago" in after.entries[0].facts
    assert after.entries[0].url == "https://deepseek.com/v4"
    assert "Not answering: Dead." in after.text


async def test_known_history_is_an_answer_from_the_first_minute(ask, database: Database) -> None:
    known = KnownState(
        state="released", at=NOW - timedelta(days=200), link="https://hf.co/x", note="Preview, MIT"
    )
    async with database.transaction() as tx:
        await stories.set_known(tx, TopicId("deepseek-v4"), "v4-out", known)
    entry = (await ask("status")).entries[0]
    assert (entry.facts[0], entry.url, entry.facts[-1]) == ("released", "https://hf.co/x", "Preview, MIT")


async def test_topics_sources_and_help(ask, database: Database) -> None:
    await fill(database)
    assert [entry.title for entry in (await ask("topics")).entries] == ["DeepSeek V4", "Huawei Ascend"]
    listed = await ask("sources")
    assert listed.entries[0].title == "Dead", "what fails stands first"
    assert listed.entries[0].facts[-1].endswith("HTTP 500")
    shown = await ask("help")
    assert len(shown.entries) == len(COMMANDS)
    by_title = {entry.title: " ".join(entry.facts) for entry in shown.entries}
    assert by_title["/feedback"] == "[undo]", "what only buttons set is not offered"
    assert by_title["/subscribe"].endswith("for who may manage the channel")
    assert "manage" not in by_title["/latest"]


async def test_help_of_one_command(database: Database) -> None:
    commands = Commands(database, CATALOG, clock=lambda: NOW)

    async def help_of(name: str) -> Reply:
        return await commands.answer(
            Request(command="help", options={"command": name}, channel=CHANNEL, user="u1", may_manage=False)
        )

    shown = await help_of("/subscribe")
    assert "For who may manage the channel." in shown.text
    said = {entry.title: entry.text for entry in shown.entries}
    assert said["[mode]"] == "At once, or as a digest. One of: instant, hourly, daily, weekly."
    assert next(iter(said)) == "topic"
    group = await help_of("source")
    assert [entry.title for entry in group.entries] == ["/source add", "/source remove"]
    assert "no options" in (await help_of("topics")).text
    assert "There are: subscribe, " in (await help_of("dance")).text


async def test_suggestions_follow_what_is_typed(database: Database, ask) -> None:
    commands = Commands(database, CATALOG, clock=lambda: NOW)
    assert await commands.suggest("topic", "hua", CHANNEL) == [("ascend", "Huawei Ascend")]
    assert [value for value, _ in await commands.suggest("subscribed-topic", "", CHANNEL)] == ["all"]
    await ask("subscribe", topic="ascend")
    assert [value for value, _ in await commands.suggest("subscribed-topic", "", CHANNEL)] == [
        "ascend",
        "all",
    ]


async def test_subscribing_again_changes_only_what_is_named(ask) -> None:
    await ask("subscribe", topic="ascend", min_grade="report", lang="en")
    again = await ask("subscribe", topic="ascend", quiet="22:00-07:00")
    assert "report or better, only en, quiet 22:00-07:00" in again.text
    cleared = await ask("subscribe", topic="ascend", quiet="off", lang="all")
    assert cleared.text == "This channel is told: at once, report or better."
