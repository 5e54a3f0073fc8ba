"""Steering a channel from chat: its settings and forms, a preview, what is refused, mutes, feedback, a back-test."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.model import ChannelKey, Event, Grade, StoryId, TopicId
from handlers.commands import Commands
from handlers.replies import Form, Reply
from handlers.requests import Request
from storage import deliveries, items, sources
from storage.database import Database, open_database
from storage.deliveries import DeliveryPlan
from storage.outbox import claim, record_sent
from tests.builders import NOW, a_catalog, a_source, a_topic, a_verdict

HERE = ChannelKey("discord:7")
CATALOG = a_catalog(sources=(a_source(),), topics=(a_topic(),))


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(f"sqlite+aiosqlite:///{tmp_path}/t.db") as opened:
        async with opened.transaction() as tx:
            await sources.sync_catalog(tx, CATALOG.sources, now=NOW)
        yield opened


class Person:
    """Somebody in a channel, ``discord:7`` unless another is named."""

    def __init__(
        self,
        commands: Commands,
        *,
        name: str = "discord:1",
        may_manage: bool = True,
        may_manage_server: bool = False,
        channel: ChannelKey = HERE,
    ) -> None:
        self._commands = commands
        self._name = name
        self._may_manage, self._may_manage_server = may_manage, may_manage_server
        self._channel = channel

    def _request(self, command: str, options: dict[str, str]) -> Request:
        return Request(
            command=command, options=options, channel=self._channel, user=self._name,
            may_manage=self._may_manage, may_manage_server=self._may_manage_server, server="discord:99",
            place="text",
        )  # fmt: skip

    async def asks(self, command: str, **options: str) -> Reply:
        given = {name.replace("_", "-"): value for name, value in options.items()}
        return await self._commands.answer(self._request(command, given))

    async def opens(self, command: str, **options: str) -> Form:
        return await self._commands.form(self._request(command, options))

    async def presses(self, reply: Reply, label: str) -> Reply:
        button = next(button for button in reply.buttons if button.label.startswith(label))
        return await self._commands.answer(self._request(button.command, dict(button.options)))


@pytest.fixture
def person(database: Database) -> Person:
    return Person(Commands(database, CATALOG, clock=lambda: NOW))


async def publish(database: Database, *numbers: int, grade: Grade = Grade.REPORT) -> None:
    found = [
        a_verdict(
            number=number, story=number, grade=grade,
            item={
                "title": f"DeepSeek V4 news {number}", "url": f"https://daily.example/{number}",
                "published": NOW - timedelta(hours=number), "seen": NOW - timedelta(hours=number), "publisher": "Daily",
            },
        )
        for number in numbers
    ]  # fmt: skip
    async with database.transaction() as tx:
        await items.add_verdicts(tx, found)


class TestSettings:
    async def test_they_are_shown_and_changed(self, person: Person) -> None:
        assert "Time zone: UTC" in str(await person.asks("settings"))
        changed = await person.asks("settings", zone="Europe/Berlin", budget="12", burst="off", threads="on")
        assert changed.title == "Settings changed"
        shown = str(await person.asks("settings"))
        assert "Time zone: Europe/Berlin" in shown
        assert "digest: 12" in shown
        assert "one message: no limit" in shown
        assert "each story: on" in shown

    async def test_a_language_without_words_is_english_and_says_so(self, person: Person) -> None:
        assert "Language: en'" in str(await person.asks("settings"))
        assert "Language: de'" in str(await person.asks("settings", language="de-AT"))
        unknown = str(await person.asks("settings", language="kl"))
        assert "Language: en, as Tipoff has no words in kl; it has en, de, fr, es, zh, ja" in unknown
        assert "Language: en'" in str(await person.asks("settings", language="off"))

    async def test_a_form_is_filled_with_what_is_so_and_changes_it(self, person: Person) -> None:
        await person.asks("settings", zone="Europe/Berlin", budget="12")
        form = await person.opens("settings")
        assert len(form.fields) <= 5
        filled = {field.name: field.value for field in form.fields}
        assert (filled["zone"], filled["budget"], filled["burst"]) == ("Europe/Berlin", "12", "")
        # Sent off as it is, it changes nothing.
        assert (await person.asks(form.command, **dict(form.options), **filled)).tone == "done"
        assert "Europe/Berlin" in str(await person.asks("settings"))

    async def test_a_subscription_has_a_form_too(self, person: Person) -> None:
        await person.asks("subscribe", topic="deepseek-v4", min_grade="report", lang="en,zh")
        form = await person.opens("subscribe", topic="deepseek-v4")
        filled = {field.name: field.value for field in form.fields}
        assert (filled["min-grade"], filled["mode"], filled["lang"]) == ("report", "instant", "en,zh")
        reply = await person.asks(form.command, **dict(form.options), **(filled | {"mode": "weekly"}))
        assert "weekly digest, report or better, only en, zh" in reply.text

    @pytest.mark.parametrize(
        ("options", "says"),
        [
            ({"zone": "Mars/Olympus"}, "unknown time zone"),
            ({"budget": "-3"}, "1 to 1000"),
            ({"language": "english"}, "no language code"),
        ],
    )
    async def test_nonsense_is_refused(self, person: Person, options, says: str) -> None:
        refused = await person.asks("settings", **options)
        assert says in refused.text

    async def test_who_changed_what_is_shown_of_the_channel_and_to_who_may_manage_it_of_the_server(
        self, database: Database, person: Person
    ) -> None:
        commands = Commands(database, CATALOG, clock=lambda: NOW)
        assert (await person.asks("settings", log="show")).text == "Nothing yet."
        await person.asks("subscribe", topic="deepseek-v4", min_grade="leak")
        await person.asks("settings", budget="12")
        await Person(commands, channel=ChannelKey("discord:8")).asks("mute", topic="deepseek-v4")
        log = await person.presses(await person.asks("settings"), "Who changed what")
        assert [entry.title for entry in log.entries] == [
            "settings changed: budget=12",
            "subscribed: deepseek-v4 min-grade=leak",
        ]
        assert log.entries[0].facts == ("24 Nov 2026 12:00 UTC", "by discord:1", "here")
        admin = Person(commands, may_manage_server=True)
        seen = await admin.asks("settings", log="show")
        assert (seen.entries[0].title, seen.entries[0].facts[2]) == ("muted: DeepSeek V4", "in discord:8")
        assert len(seen.entries) == 3
        refused = await person.asks("settings", log="show", budget="13")
        assert "nothing was changed" in refused.text

    async def test_only_who_may_manage(self, database: Database) -> None:
        guest = Person(Commands(database, CATALOG, clock=lambda: NOW), may_manage=False)
        assert "manage the channel" in (await guest.asks("settings")).text


class TestSubscribing:
    async def test_the_last_stories_are_a_preview(self, person: Person, database: Database) -> None:
        await publish(database, 1, 2, 3, 4)
        reply = await person.asks("subscribe", topic="deepseek-v4")
        assert [entry.title for entry in reply.entries] == [f"DeepSeek V4 news {n}" for n in (1, 2, 3)]

    async def test_digest_times_without_a_digest_are_refused_and_do_not_outlive_it(
        self, person: Person
    ) -> None:
        refused = await person.asks("subscribe", topic="deepseek-v4", mode="instant", at="08:00")
        assert refused.text == "at: it needs mode daily or mode weekly; the mode here is instant."
        assert (await person.asks("subscribe", topic="deepseek-v4", day="monday")).tone == "error"
        refused = await person.asks("subscribe", topic="deepseek-v4", mode="daily", day="monday")
        assert "day: it needs mode weekly" in refused.text
        weekly = await person.asks("subscribe", topic="deepseek-v4", mode="weekly", day="friday", at="9")
        assert "at friday 09:00" in weekly.text
        assert "at 09:00" in (await person.asks("subscribe", topic="deepseek-v4", mode="daily")).text
        assert "09:00" not in (await person.asks("subscribe", topic="deepseek-v4", mode="instant")).text

    async def test_everything_at_once_is_refused_with_a_reason(self, person: Person) -> None:
        refused = await person.asks("subscribe", topic="all")
        assert refused.tone == "error"
        assert "mode daily" in refused.text
        assert (await person.asks("subscribe", topic="all", mode="daily")).tone == "done"

    async def test_the_filters_are_said(self, person: Person) -> None:
        reply = await person.asks(
            "subscribe", topic="deepseek-v4", words="price, 价格", not_words="webinar", not_sources="blog.example",
            mode="weekly", at="8", day="friday", zone="Asia/Shanghai", mention="<@&42>", mention_from="filing",
        )  # fmt: skip
        for part in (
            "weekly digest", "at friday 08:00", "only with price, 价格", "without webinar", "not from blog.example",
            "clock of Asia/Shanghai", "calls 42 from filing on",
        ):  # fmt: skip
            assert part in reply.text


class TestMutes:
    async def test_a_story_is_muted_listed_and_heard_again(self, person: Person, database: Database) -> None:
        await publish(database, 1)
        assert "Nothing is muted" in (await person.asks("mute")).title
        muted = await person.asks("mute", story="1", time="6h")
        assert "Muted story #1 until" in muted.title
        assert "Corrections of it are not told here, either." in muted.text
        assert [entry.title for entry in (await person.asks("mute")).entries] == ["Story #1"]
        assert (await person.presses(muted, "Take back")).title == "Story #1 is told again"
        assert "Nothing is muted" in (await person.asks("mute")).title

    async def test_a_topic_too(self, person: Person) -> None:
        assert "Muted DeepSeek V4" in (await person.asks("mute", topic="deepseek-v4")).title
        assert (await person.asks("mute", topic="all")).tone == "error"

    @pytest.mark.parametrize("time", ["5", "1m", "900d", "soon"])
    async def test_no_time_that_makes_no_sense(self, person: Person, database: Database, time: str) -> None:
        await publish(database, 1)
        assert (await person.asks("mute", story="1", time=time)).tone == "error"


class TestBacktest:
    async def test_it_counts_and_lists_what_would_have_come(self, person: Person, database: Database) -> None:
        await publish(database, *range(1, 11))
        reply = await person.asks("backtest", topic="deepseek-v4")
        assert reply.title == "These settings would have sent 10 alerts in the last 30 days"
        assert reply.entries[0].title == "DeepSeek V4 news 1", "the newest first"
        older = await person.presses(reply, "Older")
        assert len(reply.entries) + len(older.entries) == 10
        assert (await person.presses(reply, "Subscribe")).title == "Subscribed to DeepSeek V4"

    async def test_stricter_settings_would_have_sent_less(self, person: Person, database: Database) -> None:
        await publish(database, 1, 2, 3)
        await publish(database, 4, grade=Grade.OFFICIAL)
        reply = await person.asks("backtest", topic="deepseek-v4", min_grade="filing")
        assert "1 alert in" in reply.title
        assert "3 because its evidence (report) is below filing" in reply.text
        digest = await person.asks("backtest", topic="deepseek-v4", words="news 2")
        assert "1 alert in" in digest.title


class TestFeedback:
    async def told(self, database: Database, number: int) -> str:
        await publish(database, number)
        async with database.transaction() as tx:
            alert = await deliveries.add_alert(
                tx, story=StoryId(number), item=number, event=Event.NEW, grade=Grade.REPORT, previous_grade=None,
                reason="told: new", answers=(), topics=(TopicId("deepseek-v4"),), excerpt="x", now=NOW,
            )  # fmt: skip
            await deliveries.add_deliveries(
                tx, alert, [DeliveryPlan(channel=HERE, due=NOW, digest=False)], now=NOW
            )
            (row,) = await claim(
                tx, now=NOW, owner="t", lease=timedelta(seconds=9), limit=1, platforms=["discord"]
            )
            await record_sent(tx, row.id, message_id="1", thread_id=None, now=NOW)
        return str(alert)

    async def test_what_several_call_noise_waits_for_the_digest_until_it_is_taken_back(
        self, person: Person, database: Database
    ) -> None:
        alert = await self.told(database, 1)
        people = [
            Person(Commands(database, CATALOG, clock=lambda: NOW), name=f"discord:{n}", may_manage=False)
            for n in range(3)
        ]
        said = [await each.asks("feedback", alert=alert, verdict="noise") for each in people]
        assert [bool(reply.text) for reply in said] == [False, False, True]
        assert "waits for the digest" in said[-1].text
        shown = await person.asks("feedback")
        assert "3 noise" in shown.text
        number = shown.entries[0].title.split()[1].rstrip(":")
        assert (await people[0].asks("feedback", undo=number)).tone == "error"
        assert (await person.asks("feedback", undo=number)).tone == "done"
        assert not (await person.asks("feedback")).entries

    async def test_a_word_may_be_changed(self, person: Person, database: Database) -> None:
        alert = await self.told(database, 1)
        await person.asks("feedback", alert=alert, verdict="noise")
        changed = await person.asks("feedback", alert=alert, verdict="useful")
        assert "Before, you had said: noise." in changed.text
        assert "1 useful, 0 noise" in (await person.asks("feedback")).text

    async def test_a_word_may_be_taken_back(self, person: Person, database: Database) -> None:
        alert = await self.told(database, 1)
        other = Person(Commands(database, CATALOG, clock=lambda: NOW), name="discord:2")
        noted = await person.asks("feedback", alert=alert, verdict="noise")
        assert (await other.presses(noted, "Take back")).tone == "error", "each only their own word"
        assert (await person.presses(noted, "Take back")).title == "Taken back: noise"
        assert "0 useful, 0 noise" in (await person.asks("feedback")).text
        assert (await person.presses(noted, "Take back")).tone == "error"

    async def test_only_of_what_was_told_here(self, person: Person) -> None:
        assert (await person.asks("feedback", alert="77", verdict="noise")).tone == "error"


class TestOnRequest:
    async def test_a_sample_is_put_into_the_outbox(self, person: Person, database: Database) -> None:
        assert (await person.asks("test")).tone == "done"
        async with database.reading() as conn:
            assert await deliveries.pending(conn, HERE) == 1

    async def test_nothing_waits_for_a_digest(self, person: Person) -> None:
        assert "Nothing waits" in (await person.asks("digest now")).title


class TestWhatBecameOfALink:
    async def test_from_not_seen_to_told(self, person: Person, database: Database) -> None:
        link = "https://daily.example/1"
        assert "No source that Tipoff reads" in (await person.asks("why", story=link)).text
        await publish(database, 1)
        reply = await person.asks("why", story=link)
        assert reply.title == "#1 DeepSeek V4 news 1"
        assert "leads 1 item from 1 outlet" in reply.text
        await TestFeedback().told(database, 2)
        assert (await person.asks("why", story="https://daily.example/2")).text.startswith("Told here.")
