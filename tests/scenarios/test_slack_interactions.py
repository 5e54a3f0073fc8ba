"""The real bolt application against the stand-in: buttons, lists, forms, pages, files and direct messages."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.delivery.contract import AlertMessage
from bot.model import ChannelKey, Event, Grade, StoryId, utc_now
from handlers.replies import Attachment, Button, Field, Form, Reply, Select
from tests.scenarios.test_slack_http import HTTP_ONLY, listening
from tests.standins.slack import Fault, SlackStandin, open_slack_standin
from tests.standins.slack_people import labels
from tests.standins.slack_served import ScriptedCommands, serving
from tests.standins.slack_workspace import TEAM


@pytest.fixture
def commands() -> ScriptedCommands:
    return ScriptedCommands()


@pytest.fixture
async def slack() -> AsyncIterator[SlackStandin]:
    async with open_slack_standin() as standin:
        yield standin


PAGES = (
    Button(label="Next", command="latest", options=(("topic", "v4"), ("page", "2")), replace=True),
    Button(label="Open", url="https://example.com/a"),
)
TUNE = Button(label="Tune", command="settings", form=True)
SETTINGS = Form(
    title="How this channel is told of news",
    command="settings",
    fields=(
        Field(name="zone", label="Time zone", value="Europe/Berlin"),
        Field(name="threads", label="Threads", value="on", choices=("on", "off")),
        Field(name="budget", label="Alerts a day", hint="or off", required=True),
        Field(name="language", label="Language", long=True),
    ),
    options=(("page", "a|b=c%"),),
)


async def test_a_button_runs_its_command_for_whoever_pressed_it(slack, commands) -> None:
    commands.reply = Reply(
        title="List", buttons=(Button(label="Why", command="why", options=(("story", "7"),)),)
    )
    async with serving(slack, commands):
        shown = await slack.slash("/tipoff", "latest", channel_id="C7")
        commands.reply = Reply(title="Because")
        answer = await slack.press(shown, "Why", channel_id="C7", user_id="U9")
    assert answer["response_type"] == "ephemeral"
    assert answer["replace_original"] is False
    assert "Because" in answer["text"]
    request = commands.asked[1]
    assert (request.command, request.options, request.user) == ("why", {"story": "7"}, f"slack:{TEAM}/U9")
    assert (request.channel, request.server, request.place) == (f"slack:{TEAM}/C7", f"slack:{TEAM}", "text")
    assert max(slack.ack_seconds) < 1


async def test_a_page_takes_the_place_of_the_one_before(slack, commands) -> None:
    commands.reply = Reply(title="Page 1", buttons=PAGES)
    async with serving(slack, commands):
        shown = await slack.slash("/tipoff", "latest")
        commands.reply = Reply(title="Page 2")
        answer = await slack.press(shown, "Next")
    assert answer["replace_original"] is True
    assert "response_type" not in answer
    assert commands.asked[1].options == {"topic": "v4", "page": "2"}


async def test_a_page_that_fails_leaves_the_one_before_as_it_is(slack, commands) -> None:
    commands.reply = Reply(title="Page 1", buttons=PAGES)
    async with serving(slack, commands):
        shown = await slack.slash("/tipoff", "latest")
        commands.reply = Reply(title="That did not work", tone="error")
        assert (await slack.press(shown, "Next"))["replace_original"] is False


async def test_a_button_with_an_address_is_only_acknowledged(slack, commands) -> None:
    commands.reply = Reply(title="Page 1", buttons=PAGES)
    async with serving(slack, commands):
        shown = await slack.slash("/tipoff", "latest")
        await slack.press_only(shown, "Open")
    assert len(commands.asked) == 1


async def test_a_choice_from_a_list_runs_its_command(slack, commands) -> None:
    choices = (("12", "#12 <!channel> V4 is out"), ("13", "#13"), ("x" * 200, "too long for Slack"))
    commands.reply = Reply(
        title="List", selects=(Select(hint="More", command="story", option="story", choices=choices),)
    )
    async with serving(slack, commands):
        shown = await slack.slash("/tipoff", "latest")
        await slack.choose(shown, "12")
    assert (commands.asked[1].command, commands.asked[1].options) == ("story", {"story": "12"})


async def test_a_press_in_a_thread_is_answered_there(slack, commands) -> None:
    commands.reply = Reply(title="List", buttons=PAGES)
    async with serving(slack, commands):
        shown = await slack.slash("/tipoff", "latest")
        commands.reply = Reply(title="Here")
        answer = await slack.press({**shown, "ts": "2.0", "thread_ts": "1.0", "blocks": [
            {"type": "actions", "elements": [{
                "type": "button", "text": {"text": "Why"}, "action_id": "b0", "value": "tipoff1||why|story=7",
            }]}
        ]}, "Why")  # fmt: skip
    assert answer["thread_ts"] == "1.0"


async def test_a_button_of_another_version_says_what_to_do(slack, commands) -> None:
    shown = {"blocks": [{"type": "actions", "elements": [
        {"type": "button", "text": {"text": "Old"}, "action_id": "b0", "value": "v0:why:7"}
    ]}]}  # fmt: skip
    async with serving(slack, commands):
        assert "older Tipoff" in (await slack.press(shown, "Old"))["text"]
    assert commands.asked == []


async def test_every_button_under_an_alert_works(slack, commands) -> None:
    slack.make_admin("U1")
    alert = AlertMessage(
        token="d1", channel=ChannelKey(f"slack:{TEAM}/C1"), story=StoryId(7), event=Event.NEW,
        title="V4 is out", url="https://example.com/v4", publisher="Lab", grade=Grade.OFFICIAL,
        topics=("V4",), published=utc_now(), alert=31,
    )  # fmt: skip
    async with serving(slack, commands) as handler:
        await handler.send(alert)
        (shown,) = slack.messages("C1")
        for label in labels(shown):
            if label == "Open":
                await slack.press_only(shown, label)
            else:
                assert (await slack.press(shown, label))["response_type"] == "ephemeral"
    assert labels(shown) == ["Why", "Mute story", "Open", "Useful", "Noise", "Wrong story"]
    assert [(asked.command, asked.options) for asked in commands.asked] == [
        ("why", {"story": "7"}),
        ("mute", {"story": "7"}),
        ("feedback", {"alert": "31", "verdict": "useful"}),
        ("feedback", {"alert": "31", "verdict": "noise"}),
        ("feedback", {"alert": "31", "verdict": "wrong-story"}),
    ]


async def test_a_form_opens_filled_and_what_is_sent_off_runs_its_command(slack, commands) -> None:
    slack.make_admin("U1")
    commands.reply, commands.made = Reply(title="So it is", buttons=(TUNE,)), SETTINGS
    async with serving(slack, commands):
        shown = await slack.slash("/tipoff", "latest", channel_id="C7")
        await slack.press_only(shown, "Tune", channel_id="C7")
        view = await slack.opened()
        answer = await slack.submit(view, budget="20", threads="off")
    assert answer["response_type"] == "ephemeral"
    assert (commands.formed[0].command, commands.formed[0].options) == ("settings", {})
    request = commands.asked[-1]
    assert (request.command, request.channel) == ("settings", f"slack:{TEAM}/C7")
    assert request.options == {
        "page": "a|b=c%", "zone": "Europe/Berlin", "threads": "off", "budget": "20", "language": "",
    }  # fmt: skip
    assert view["title"]["text"] == "How this channel is…"


async def test_a_command_without_what_it_needs_opens_its_form(slack, commands) -> None:
    slack.make_admin("U1")
    async with serving(slack, commands):
        asking = asyncio.ensure_future(slack.slash("/tipoff", "subscribe min-grade=report", channel_id="C7"))
        view = await slack.opened()
        answer = await slack.submit(view, topic="deepseek-v4", mode="daily")
        assert await asking == answer
    request = commands.asked[0]
    given = {name: value for name, value in request.options.items() if value}
    assert (request.command, given) == (
        "subscribe",
        {"topic": "deepseek-v4", "min-grade": "report", "mode": "daily"},
    )


async def test_a_list_of_a_form_offers_what_fits_the_typing(slack, commands) -> None:
    async with serving(slack, commands):
        asking = asyncio.ensure_future(slack.slash("/tipoff", "why", channel_id="C7"))
        view = await slack.opened()
        commands.suggested = [("12", "#12 V4 is out"), ("y" * 151, "too long for Slack")]
        assert await slack.type_into(view, "story", "V4") == ["V4", "12"]
        assert await slack.type_into(view, "story", "https://example.com/a") == [
            "https://example.com/a",
            "12",
        ]
        await slack.submit(view, story="12")
        await asking
    assert commands.typed[0] == ("story", "V4", f"slack:{TEAM}/C7", f"slack:{TEAM}")
    assert commands.asked[0].options == {"story": "12"}


async def test_a_form_is_not_opened_for_who_may_not_use_it(slack, commands) -> None:
    slack.fail("users.info", Fault(error="missing_scope"))
    async with serving(slack, commands):
        assert "scope users:read" in (await slack.slash("/tipoff", "subscribe"))["text"]
    assert slack.views == []


@pytest.mark.parametrize("fault", [Fault(error="expired_trigger_id"), Fault(cut=True)], ids=["late", "cut"])
async def test_a_form_that_slack_does_not_open_is_said(slack, commands, fault) -> None:
    slack.fail("views.open", fault)
    async with serving(slack, commands):
        assert "press again" in (await slack.slash("/tipoff", "why"))["text"]


async def test_subscribing_oneself_goes_to_the_direct_message(slack, commands) -> None:
    async with serving(slack, commands):
        await slack.slash("/tipoff", "subscribe v4 whom=me", channel_id="C7", user_id="U9")
    request = commands.asked[0]
    assert request.channel == f"slack:{TEAM}/D0U9"
    assert (request.may_manage, request.private, request.server, request.place) == (True, True, "", "direct")


async def test_buttons_of_an_answer_about_oneself_stay_about_oneself(slack, commands) -> None:
    change = Button(label="Change", command="subscribe", options=(("topic", "v4"),), form=True)
    end = Button(label="End", command="unsubscribe", options=(("topic", "v4"),))
    commands.reply = Reply(title="Subscribed", buttons=(change, end))
    commands.made = Form(title="Change", command="subscribe", fields=(Field(name="words", label="Words"),))
    async with serving(slack, commands):
        shown = await slack.slash("/tipoff", "subscribe v4 whom=me", channel_id="C7", user_id="U9")
        await slack.press(shown, "End", channel_id="C7", user_id="U9")
        await slack.press_only(shown, "Change", channel_id="C7", user_id="U9")
        await slack.submit(await slack.opened(), words="price", user_id="U9")
    asked = [*commands.asked[1:], *commands.formed]
    assert [(request.command, request.channel) for request in asked] == [
        ("unsubscribe", f"slack:{TEAM}/D0U9"),
        ("subscribe", f"slack:{TEAM}/D0U9"),
        ("subscribe", f"slack:{TEAM}/D0U9"),
    ]
    assert [request.options for request in asked] == [{"topic": "v4"}, {"words": "price"}, {"topic": "v4"}]
    assert all(request.may_manage for request in asked)


async def test_subscribing_oneself_without_the_scope_says_which(slack, commands) -> None:
    slack.fail("conversations.open", Fault(error="missing_scope", extra={"needed": "im:write"}))
    async with serving(slack, commands):
        assert "scope im:write" in (await slack.slash("/tipoff", "subscribe v4 whom=me"))["text"]
    assert commands.asked == []


async def test_the_language_of_who_changes_a_channel_is_told(slack, commands) -> None:
    slack.set_user("U1", is_admin=True)
    async with serving(slack, commands):
        await slack.slash("/tipoff", "subscribe v4")
    assert commands.asked[0].locale == "de-DE"
    assert commands.asked[0].may_manage_server is True


PICTURE = Attachment(name="v4.png", mime="image/png", data=b"\x89PNG" * 100, described="Alerts a day")


async def test_a_picture_comes_into_the_direct_message_of_who_asked(slack, commands) -> None:
    commands.reply = Reply(title="Timeline", file=PICTURE)
    async with serving(slack, commands):
        answer = await slack.slash("/tipoff", "status", channel_id="C7")
    (file,) = slack.files.values()
    assert (file["data"], file["channel"], file["alt"]) == (PICTURE.data, "D0U1", "Alerts a day")
    assert "v4.png is in your direct messages" in answer["text"]


async def test_a_public_file_comes_into_the_channel(slack, commands) -> None:
    commands.reply = Reply(title="Timeline", file=PICTURE, private=False)
    async with serving(slack, commands):
        await slack.slash("/tipoff", "status", channel_id="C7")
    assert [file["channel"] for file in slack.files.values()] == ["C7"]


@pytest.mark.parametrize(
    ("method", "fault", "words"),
    [
        pytest.param(
            "files.getUploadURLExternal", Fault(error="missing_scope"), "scope files:write", id="scope"
        ),
        pytest.param(
            "files.completeUploadExternal", Fault(error="not_in_channel"), "/invite", id="not-in-channel"
        ),
        pytest.param("files.completeUploadExternal", Fault(cut=True), "in a minute", id="cut"),
    ],
)
async def test_a_file_that_slack_does_not_take_is_said(slack, commands, method, fault, words) -> None:
    commands.reply = Reply(title="Timeline", file=PICTURE)
    slack.fail(method, fault)
    async with serving(slack, commands):
        assert words in (await slack.slash("/tipoff", "status"))["text"]


async def test_presses_and_forms_come_over_http_too(slack, commands) -> None:
    slack.make_admin("U1")
    commands.reply, commands.made = Reply(title="So it is", buttons=(TUNE, *PAGES)), SETTINGS
    async with serving(slack, commands, **HTTP_ONLY) as handler, listening(handler) as url:
        _, shown = await slack.slash_http(url, "/tipoff", "latest")
        assert shown is not None
        assert (await slack.press(shown, "Next", events_url=url))["replace_original"] is True
        await slack.press_only(shown, "Tune", events_url=url)
        await slack.submit(await slack.opened(), events_url=url, budget="20")
    assert commands.asked[-1].options["budget"] == "20"
    assert slack.count("apps.connections.open") == 0


async def test_a_forged_press_is_refused(slack, commands) -> None:
    async with serving(slack, commands, **HTTP_ONLY) as handler, listening(handler) as url:
        status, _ = await slack.post_signed(url, "payload=%7B%7D", secret="wrong")
    assert status == 401
    assert commands.asked == []
