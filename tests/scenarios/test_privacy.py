"""What is kept is said; what is to be forgotten is asked for twice, and then gone."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.model import ChannelKey
from handlers.commands import Commands
from handlers.replies import Reply
from handlers.requests import Request
from storage.database import Database, open_database
from storage.servers import ChannelFacts, note_channel
from tests.builders import NOW, a_catalog, a_topic

HERE, THERE = ChannelKey("discord:7"), ChannelKey("discord:8")
SERVER = "discord:99"


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(f"sqlite+aiosqlite:///{tmp_path}/t.db") as opened:
        yield opened


@pytest.fixture
def ask(database: Database):
    commands = Commands(database, a_catalog(topics=(a_topic(),)), clock=lambda: NOW)

    async def call(command: str, channel: ChannelKey = HERE, *, owner: bool = False, **options: str) -> Reply:
        return await commands.answer(
            Request(
                command=command, options=options, channel=channel, user="discord:1", may_manage=True,
                may_manage_server=owner, server=SERVER, place="text",
            )
        )  # fmt: skip

    return call


async def test_what_is_kept_is_counted(ask) -> None:
    await ask("subscribe", topic="deepseek-v4")
    text = str(await ask("privacy"))
    assert "1 subscription with their filters" in text
    assert "with 1 subscription that you made" in text
    assert "does not read what people write" in text


async def test_a_channel_is_forgotten_when_it_was_asked_for_twice(ask) -> None:
    await ask("subscribe", topic="deepseek-v4")
    await ask("subscribe", THERE, topic="deepseek-v4")
    first = await ask("forget", what="channel")
    assert "cannot be undone" in first.text
    assert "told nothing" not in (await ask("subscriptions")).text
    (button,) = first.buttons
    assert "1 subscriptions" in (await ask("forget", **dict(button.options))).text
    assert "told nothing" in (await ask("subscriptions")).text
    assert "told nothing" not in (await ask("subscriptions", THERE)).text


async def test_a_whole_server_is_its_owners_to_forget(ask, database: Database) -> None:
    async with database.transaction() as tx:
        for key in (HERE, THERE):
            await note_channel(tx, key, ChannelFacts(server=SERVER, kind="text"))
    await ask("subscribe", topic="deepseek-v4")
    await ask("subscribe", THERE, topic="deepseek-v4")
    refused = await ask("forget", what="server", sure="yes")
    assert refused.tone == "error"
    assert "told nothing" not in (await ask("subscriptions")).text
    assert (await ask("forget", owner=True, what="server", sure="yes")).tone == "done"
    for key in (HERE, THERE):
        assert "told nothing" in (await ask("subscriptions", key)).text


async def test_my_name_goes_and_what_i_set_up_for_others_stays(ask) -> None:
    await ask("subscribe", topic="deepseek-v4")
    assert (await ask("forget", what="me", sure="yes")).tone == "done"
    assert "told nothing" not in (await ask("subscriptions")).text
    assert "with 0 subscriptions that you made" in str(await ask("privacy"))
