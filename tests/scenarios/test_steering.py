"""Steering a channel from chat: its settings and forms, a preview, what is refused, mutes, feedback, a back-test."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.model import ChannelKey, Grade
from handlers.commands import Commands
from handlers.replies import Form, Reply
from handlers.requests import Request
from storage import items, sources
from storage.database import Database, open_database
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
    """Somebody in the channel ``discord:7``."""

    def __init__(self, commands: Commands, *, name: str = "discord:1", may_manage: bool = True) -> None:
        self._commands = commands
        self._name = name
        self._may_manage = may_manage

    def _request(self, command: str, options: dict[str, str]) -> Request:
        return Request(
            command=command, options=options, channel=HERE, user=self._name, may_manage=self._may_manage,
            server="discord:99", place="text",
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
                "published": NOW - timedelta(hours=number), "publisher": "Daily",
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

    async def test_only_who_may_manage(self, database: Database) -> None:
        guest = Person(Commands(database, CATALOG, clock=lambda: NOW), may_manage=False)
        assert "manage the channel" in (await guest.asks("settings")).text


class TestSubscribing:
    async def test_the_last_stories_are_a_preview(self, person: Person, database: Database) -> None:
        await publish(database, 1, 2, 3, 4)
        reply = await person.asks("subscribe", topic="deepseek-v4")
        assert [entry.title for entry in reply.entries] == [f"DeepSeek V4 news {n}" for n in (1, 2, 3)]

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
