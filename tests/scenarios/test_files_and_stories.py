"""A story on a page, pages of lists, a timeline as a picture, a channel's alerts as a file."""

import csv
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from PIL import Image

from bot.model import Claim, Event, Grade, StoryId, TopicId
from handlers.actions import decoded, encoded
from handlers.commands import Commands
from handlers.replies import Reply
from handlers.requests import Request
from storage import deliveries, items, sources
from storage.database import Database, open_database
from storage.deliveries import DeliveryPlan
from tests.builders import NOW, a_catalog, a_source, a_topic, a_verdict

from tests.scenarios.test_commands import CHANNEL  # isort: skip

CATALOG = a_catalog(sources=(a_source(),), topics=(a_topic(),))


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(f"sqlite+aiosqlite:///{tmp_path}/t.db") as opened:
        async with opened.transaction() as tx:
            await sources.sync_catalog(tx, CATALOG.sources, now=NOW)
        yield opened


@pytest.fixture
def ask(database: Database):
    commands = Commands(database, CATALOG, clock=lambda: NOW)

    async def call(command: str, **options: str) -> Reply:
        return await commands.answer(
            Request(
                command=command, options=options, channel=CHANNEL, user="u1", may_manage=True, place="text"
            )
        )

    return call


async def fill(database: Database, *, stories: int, title: str = "DeepSeek V4 news") -> None:
    found = [
        a_verdict(
            number=number, story=number, grade=Grade.REPORT,
            item={
                "title": f"{title} {number}", "url": f"https://daily.example/{number}",
                "published": NOW - timedelta(hours=stories - number), "publisher": "Daily",
            },
        )
        for number in range(1, stories + 1)
    ]  # fmt: skip
    async with database.transaction() as tx:
        await items.add_verdicts(tx, found)


async def tell(database: Database, *, title: str = "DeepSeek V4 news 1") -> None:
    async with database.transaction() as tx:
        alert = await deliveries.add_alert(
            tx, story=StoryId(1), item=1, event=Event.NEW, grade=Grade.REPORT, previous_grade=None, reason="told: new",
            answers=(), topics=(TopicId("deepseek-v4"),), excerpt=title, now=NOW,
        )  # fmt: skip
        await deliveries.add_deliveries(
            tx, alert, [DeliveryPlan(channel=CHANNEL, due=NOW, digest=False)], now=NOW
        )


class TestPages:
    async def test_each_story_stands_on_one_page(self, ask, database: Database) -> None:
        await fill(database, stories=7)
        seen: list[str] = []
        reply = await ask("latest", count="3")
        for page in (1, 2, 3):
            seen += [entry.title for entry in reply.entries]
            forward = [button for button in reply.buttons if button.label.startswith("Older")]
            assert bool(forward) is (page < 3)
            if forward:  # a press comes back as its encoded id
                pressed = decoded(encoded(forward[0]))
                assert pressed.replace
                reply = await ask(pressed.command, **dict(pressed.options))
        assert seen == [f"DeepSeek V4 news {number}" for number in range(7, 0, -1)]
        assert [button.label for button in reply.buttons] == ["◀ Newer"]

    async def test_a_story_is_chosen_from_the_list(self, ask, database: Database) -> None:
        await fill(database, stories=2)
        (select,) = (await ask("search", text="deepseek")).selects
        assert (select.command, select.option) == ("story", "story")
        assert ("1", "#1 DeepSeek V4 news 1") in select.choices

    async def test_no_page_but_a_number(self, ask) -> None:
        assert "1 to 50" in (await ask("latest", page="0")).text


class TestStory:
    async def test_what_is_known_who_says_so_what_was_told(self, ask, database: Database) -> None:
        claim = Claim(subject="Ascend 950PR", metric="compute", value=1.0, unit="PFLOPS", precision="FP8")
        found = [
            a_verdict(number=1, grade=Grade.RUMOUR, item={"title": "Whispers", "publisher": "Wire"}, claims=(claim,)),
            a_verdict(
                number=2, story=1, grade=Grade.OFFICIAL, event=Event.UPGRADE,
                item={"title": "It is out", "publisher": "Lab", "url": "https://lab.example/v4"},
            ),
        ]  # fmt: skip
        async with database.transaction() as tx:
            await items.add_verdicts(tx, found)
        await tell(database)
        reply = await ask("story", story="1")
        text = str(reply)
        assert "official · Lab" in text
        assert text.index("official · Lab") < text.index("rumour · Wire")
        assert "Ascend 950PR compute 1 PFLOPS FP8 (Wire)" in text
        assert "first told · 1 channel" in text
        assert [button.label for button in reply.buttons] == ["Why", "Timeline", "Mute story", "Open"]

    async def test_an_unknown_one(self, ask) -> None:
        assert "no story 9" in (await ask("story", story="9")).text


class TestTimeline:
    @pytest.mark.parametrize("options", [{}, {"topic": "deepseek-v4"}, {"story": "1"}])
    async def test_it_is_a_picture_with_a_description(self, ask, database: Database, options) -> None:
        await fill(database, stories=5)
        reply = await ask("timeline", **options)
        assert reply.file is not None
        assert reply.file.described
        image = Image.open(BytesIO(reply.file.data))
        assert image.format == "PNG"
        assert image.width == 1200
        assert len(image.convert("RGB").getcolors(10_000)) > 4  # something is drawn

    async def test_any_script_can_be_drawn(self, ask, database: Database) -> None:
        await fill(database, stories=2, title="昇腾 950 发布 \u202e شبكة 🚀")
        assert (await ask("timeline")).file is not None

    async def test_nothing_to_draw(self, ask) -> None:
        assert "Nothing in the last 30 days" in (await ask("timeline")).text


class TestExport:
    async def test_the_file_has_the_proof(self, ask, database: Database) -> None:
        await fill(database, stories=1)
        await tell(database)
        reply = await ask("export")
        assert reply.file is not None
        (row,) = csv.DictReader(StringIO(reply.file.data.decode("utf-8-sig")))
        assert (row["story"], row["grade"], row["publisher"]) == ("1", "report", "Daily")
        assert len(row["excerpt_sha256"]) == 64
        (told,) = json.loads((await ask("export", format="json")).file.data)
        assert told["topics"] == ["deepseek-v4"]
        assert told["told"] is None  # it still waits

    async def test_a_headline_is_no_formula(self, ask, database: Database) -> None:
        await fill(database, stories=1, title="=HYPERLINK(1)")
        await tell(database)
        reply = await ask("export")
        (row,) = csv.DictReader(StringIO(reply.file.data.decode("utf-8-sig")))
        assert row["title"].startswith("'=")

    async def test_nothing_was_told(self, ask) -> None:
        assert (await ask("export")).file is None
