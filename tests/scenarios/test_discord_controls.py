"""Buttons, lists, forms, files and direct messages on Discord, over the real gateway."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import StorageError, UserError
from bot.model import ChannelKey
from handlers.actions import encoded
from handlers.commands import Commands
from handlers.discord.client import DiscordHandler, open_discord
from handlers.replies import Attachment, Button, Entry, Field, Form, Reply, Select
from handlers.requests import Request
from storage import servers as stored_servers
from storage import subscriptions
from storage.database import Database, open_database
from tests.builders import a_subscription
from tests.standins.discord import TOKEN, DiscordServer, open_discord_server
from tests.standins.discord_payloads import GUILD_ID

HERE, DIRECT = 55, 66
FORM = Form(
    title="Settings of this channel",
    command="settings",
    options=(("threads", "on"),),
    fields=(
        Field(name="zone", label="Time zone", value="UTC", hint="for example Europe/Berlin", required=True),
        Field(name="publish", label="Publish", value="off", choices=("on", "off")),
        Field(name="budget", label="Alerts a day", long=True),
    ),
)


class Scripted(Commands):
    """Answers what the test says, and keeps what was asked."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.reply: Reply = Reply(title="Done")
        self.form_answer: Form | Exception | None = FORM

    async def answer(self, request: Request) -> Reply:
        self.requests.append(request)
        return self.reply

    async def suggest(
        self, kind: str, typed: str, channel: ChannelKey, server: str = ""
    ) -> list[tuple[str, str]]:
        return [(str(channel), server)]

    async def form(self, request: Request) -> Form:
        self.requests.append(request)
        if self.form_answer is None:
            await asyncio.sleep(60)
        if isinstance(self.form_answer, Exception):
            raise self.form_answer
        assert self.form_answer is not None
        return self.form_answer


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    async with open_discord_server() as opened:
        opened.add_channel(HERE)
        opened.add_channel(DIRECT, direct=True)
        yield opened


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(f"sqlite+aiosqlite:///{tmp_path}/t.db") as opened:
        yield opened


@pytest.fixture
def commands() -> Scripted:
    return Scripted()


@pytest.fixture
async def handler(
    server: DiscordServer, commands: Scripted, database: Database
) -> AsyncIterator[DiscordHandler]:
    async with (
        open_discord(token=TOKEN, api_url=server.url, commands=commands, database=database) as opened,
        asyncio.TaskGroup() as group,
    ):
        running = group.create_task(opened.run())
        await server.gateway.connected()
        yield opened
        running.cancel()


WHY = Button(label="Why", command="why", options=(("story", "12"),))
OLDER = Button(label="Older", command="latest", options=(("page", "2"),), replace=True)
CHANGE = Button(label="Change", command="settings", form=True)
PICK = Select(
    hint="Which topic", command="latest", option="topic", options=(("page", "1"),),
    choices=(("deepseek-v4", "DeepSeek V4"), ("ascend", "Ascend")),
)  # fmt: skip


async def test_a_button_runs_its_command_for_whoever_pressed_it(
    server: DiscordServer, handler: DiscordHandler, commands: Scripted
) -> None:
    commands.reply = Reply(title="Story", buttons=(WHY, Button(label="Open", url="https://a.example/")))
    shown = await server.slash("latest", channel_id=HERE)
    answer = await server.press(shown.message, "Why", user_id="8", permissions=())
    assert answer.ephemeral
    assert not answer.replaced
    pressed = commands.requests[-1]
    assert (pressed.command, pressed.options) == ("why", {"story": "12"})
    assert (pressed.user, pressed.may_manage, pressed.server) == ("discord:8", False, f"discord:{GUILD_ID}")


async def test_a_page_takes_the_place_of_the_one_before(
    server: DiscordServer, handler: DiscordHandler, commands: Scripted
) -> None:
    commands.reply = Reply(title="Page 1", buttons=(OLDER,))
    shown = await server.slash("latest", channel_id=HERE)
    newer = replace(OLDER, label="Newer", options=(("page", "1"),))
    commands.reply = Reply(title="Page 2", buttons=(newer,))
    answer = await server.press(shown.message, "Older")
    assert answer.replaced
    assert answer.followups == []
    assert shown.message["embeds"][0]["title"] == "Page 2"
    await server.press(shown.message, "Newer")
    assert [request.options for request in commands.requests] == [{}, {"page": "2"}, {"page": "1"}]


async def test_why_a_page_cannot_be_turned_is_said_beside_it(
    server: DiscordServer, handler: DiscordHandler, commands: Scripted
) -> None:
    commands.reply = Reply(title="Page 1", buttons=(OLDER,))
    shown = await server.slash("latest", channel_id=HERE)
    commands.reply = Reply(title="That did not work", tone="error")
    answer = await server.press(shown.message, "Older")
    assert shown.message["embeds"][0]["title"] == "Page 1"
    assert [message["embeds"][0]["title"] for message in answer.followups] == ["That did not work"]
    assert answer.followups[0]["flags"] & 64


async def test_a_list_runs_its_command_with_the_choice(
    server: DiscordServer, handler: DiscordHandler, commands: Scripted
) -> None:
    commands.reply = Reply(title="Topics", selects=(PICK,))
    shown = await server.slash("topics", channel_id=HERE)
    await server.choose(shown.message, "ascend")
    assert commands.requests[-1].options == {"page": "1", "topic": "ascend"}


async def test_a_form_is_opened_filled_and_sent_off(
    server: DiscordServer, handler: DiscordHandler, commands: Scripted
) -> None:
    commands.reply = Reply(title="Settings", buttons=(CHANGE,))
    shown = await server.slash("status", channel_id=HERE)
    opened = await server.press(shown.message, "Change")
    assert opened.modal["title"] == "Settings of this channel"
    commands.reply = Reply(title="Changed")
    answer = await server.fill(opened.modal, {"zone": "Europe/Berlin"}, channel_id=HERE)
    assert answer.text == "Changed\n"
    sent = commands.requests[-1]
    assert sent.command == "settings"
    assert sent.options == {"threads": "on", "zone": "Europe/Berlin", "publish": "off", "budget": ""}


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        pytest.param(UserError("Only people who may manage it."), "Only people who may manage it", id="not allowed"),
        pytest.param(StorageError("locked"), "cannot reach its database", id="database"),
        pytest.param(RuntimeError("secret"), "fault in Tipoff", id="fault"),
        pytest.param(None, "took too long", id="slow"),
    ],
)  # fmt: skip
async def test_a_form_that_cannot_be_opened_says_why_in_time(
    server: DiscordServer, handler: DiscordHandler, commands: Scripted, problem: Exception | None, said: str
) -> None:
    commands.reply = Reply(title="Settings", buttons=(CHANGE,))
    shown = await server.slash("status", channel_id=HERE)
    commands.form_answer = problem
    answer = await server.press(shown.message, "Change")
    assert answer.ephemeral
    assert said in answer.text
    assert "secret" not in answer.text
    assert answer.acknowledged_s < 3


async def test_a_button_of_an_earlier_run_or_version_still_answers(
    server: DiscordServer, handler: DiscordHandler, commands: Scripted
) -> None:
    shown = await server.slash("status", channel_id=HERE)
    assert (await server.press_id(shown.message, encoded(WHY))).text == "Done\n"
    assert "older Tipoff" in (await server.press_id(shown.message, "something-else")).text
    assert [request.command for request in commands.requests] == ["status", "why"]


async def test_a_press_that_was_not_acknowledged_does_nothing(
    server: DiscordServer, handler: DiscordHandler, commands: Scripted
) -> None:
    shown = await server.slash("status", channel_id=HERE)
    server.fail(path=r"/interactions/.*", status=404, code=10062)
    with pytest.raises(TimeoutError):
        await server.press_id(shown.message, encoded(WHY), timeout_s=0.3)
    assert [request.command for request in commands.requests] == ["status"]


async def test_buttons_stand_under_the_last_page(
    server: DiscordServer, handler: DiscordHandler, commands: Scripted
) -> None:
    entries = tuple(Entry(title=f"Source {n}", text="word " * 50) for n in range(30))
    commands.reply = Reply(title="Sources", entries=entries, buttons=(WHY,))
    answer = await server.slash("sources", channel_id=HERE)
    await server.slash("help", channel_id=HERE)  # by then the first one's pages are all there
    assert answer.message["components"] == []
    assert [bool(message["components"]) for message in answer.followups[-2:]] == [False, True]


async def test_a_picture_is_shown_with_its_description_and_a_file_is_kept(
    server: DiscordServer, handler: DiscordHandler, commands: Scripted
) -> None:
    picture = Attachment(name="timeline.png", mime="image/png", data=b"\x89PNG", described="Five alerts")
    commands.reply = Reply(title="Timeline", file=picture)
    answer = await server.slash("timeline", channel_id=HERE)
    assert [(file.name, file.data) for file in answer.files] == [("timeline.png", b"\x89PNG")]
    assert answer.message["embeds"][0]["image"]["url"] == "attachment://timeline.png"
    body = server.requests[-1][2]
    assert body["attachments"][0]["description"] == "Five alerts"
    commands.reply = Reply(
        title="Export", file=replace(picture, name="alerts.csv", mime="text/csv", data=b"a,b")
    )
    answer = await server.slash("export", channel_id=HERE)
    assert [file.name for file in answer.files] == ["alerts.csv"]
    assert "image" not in answer.message["embeds"][0]


async def test_a_file_that_discord_does_not_take_is_said(
    server: DiscordServer, handler: DiscordHandler, commands: Scripted
) -> None:
    commands.reply = Reply(
        title="Export", file=Attachment(name="a.csv", mime="text/csv", data=b"x" * 10_485_761)
    )
    answer = await server.slash("export", channel_id=HERE)
    assert answer.files == []
    assert "larger than Discord takes" in answer.text


# -- which channel is meant


async def test_a_command_may_be_about_another_channel_and_its_buttons_stay_so(
    server: DiscordServer, database: Database, commands: Scripted
) -> None:
    server.add_channel(77, kind="forum", name="news")
    async with (
        open_discord(token=TOKEN, api_url=server.url, commands=commands, database=database) as handler,
        asyncio.TaskGroup() as group,
    ):
        running = group.create_task(handler.run())
        commands.reply = Reply(
            title="Subscribed", buttons=(Button(label="Undo", command="unsubscribe"), CHANGE)
        )
        shown = await server.slash("subscribe", {"topic": "all"}, channel_id=HERE, about=77, permissions=())
        asked = commands.requests[-1]
        assert (asked.channel, asked.place, asked.may_manage) == ("discord:77", "forum", True)
        assert asked.options == {"topic": "all"}
        # What the person may do in the other channel is worked out from the gateway: nothing, here.
        await server.press(shown.message, "Undo", user_id="8")
        assert (commands.requests[-1].channel, commands.requests[-1].may_manage) == ("discord:77", False)
        modal = (await server.press(shown.message, "Change")).modal
        await server.fill(modal, {}, channel_id=HERE)
        assert commands.requests[-1].channel == "discord:77"
        assert "channel" not in commands.requests[-1].options
        running.cancel()
    async with database.reading() as conn:
        facts = stored_servers.ChannelFacts(
            server=f"discord:{GUILD_ID}", name="news", kind="forum", locale="en-US"
        )
        assert await stored_servers.is_noted(conn, ChannelKey("discord:77"), facts)


async def test_a_channel_that_the_person_does_not_see_is_not_spoken_of(
    server: DiscordServer, handler: DiscordHandler, commands: Scripted
) -> None:
    answer = await server.slash("subscriptions", channel_id=HERE, about=HERE, about_permissions=())
    assert "do not see it" in answer.text
    assert commands.requests == []


async def test_in_a_storys_thread_the_channel_that_is_told_is_meant(
    server: DiscordServer, database: Database, commands: Scripted
) -> None:
    server.add_channel(88, kind="thread", parent=str(HERE), name="Story")
    server.add_channel(89, kind="thread", parent=str(HERE), name="Told by itself")
    async with database.transaction() as tx:
        await subscriptions.subscribe(tx, a_subscription(channel=ChannelKey("discord:89")))
    async with (
        open_discord(token=TOKEN, api_url=server.url, commands=commands, database=database) as handler,
        asyncio.TaskGroup() as group,
    ):
        running = group.create_task(handler.run())
        (suggested,) = await server.autocomplete("unsubscribe", "topic", "", channel_id=88)
        assert suggested["value"] == "discord:55"
        await server.slash("subscriptions", channel_id=88)
        await server.slash("subscriptions", channel_id=89)
        await server.slash("subscribe", {"topic": "all"}, channel_id=88)
        running.cancel()
    assert [(request.channel, request.place) for request in commands.requests] == [
        ("discord:55", "text"), ("discord:89", "thread"), ("discord:88", "thread"),
    ]  # fmt: skip


async def test_what_a_person_subscribes_for_themselves_goes_to_their_direct_messages(
    server: DiscordServer, handler: DiscordHandler, commands: Scripted
) -> None:
    commands.reply = Reply(title="Subscribed", text="It is told.", tone="done", buttons=(CHANGE,))
    wanted = {"topic": "deepseek-v4", "whom": "me"}
    answer = await server.slash("subscribe", wanted, channel_id=HERE, permissions=(), locale="de")
    asked = commands.requests[-1]
    assert (asked.channel, asked.server, asked.place, asked.private) == ("discord:66", "", "direct", True)
    assert (asked.may_manage, asked.options, asked.locale) == (True, {"topic": "deepseek-v4"}, "de")
    assert "Look into your direct messages" in answer.text
    assert answer.message["components"] == []
    (message,) = server.messages(DIRECT)
    assert message["embeds"][0]["title"] == "Subscribed"
    await server.press(message, "Change")
    assert commands.requests[-1].channel == "discord:66"


async def test_who_takes_no_direct_messages_is_told_so(
    server: DiscordServer, handler: DiscordHandler, commands: Scripted, database: Database
) -> None:
    server.closed_to.add("7")
    answer = await server.slash("subscribe", {"topic": "all", "whom": "me"}, channel_id=HERE)
    assert "Allow them" in answer.text
    async with database.reading() as conn:
        rows = {row.key: row.active for row in await subscriptions.channels(conn)}
    assert rows["discord:66"] is False
