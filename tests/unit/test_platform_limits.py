"""What answers of Discord and Slack say of their limits."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.gate import SlowDown
from bot.model import ChannelKey
from handlers.discord.limits import (
    AFTER_BAD_LOGIN_S,
    BURST,
    CREATE_MESSAGE,
    REFUSALS,
    DiscordLimits,
    retry_after,
)
from handlers.slack.limits import POSTS, SlackLimits

REFUSED = {"message": "You are being rate limited.", "retry_after": 30.5, "global": False}


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def discord(clock: Clock) -> DiscordLimits:
    return DiscordLimits(clock=clock)


@pytest.fixture
def slack(clock: Clock) -> SlackLimits:
    return SlackLimits("T1", clock=clock)


@pytest.mark.parametrize(
    ("headers", "body", "seconds"),
    [
        pytest.param({"Retry-After": "31"}, REFUSED, 30.5, id="the body is finer"),
        pytest.param({"Retry-After": "31"}, "<html>", 31.0, id="no JSON"),
        pytest.param({}, {}, 1.0, id="nothing said"),
        pytest.param({"Retry-After": "soon"}, {"retry_after": "later"}, 1.0, id="nonsense"),
        pytest.param({"Retry-After": "-3"}, {"retry_after": float("nan")}, 1.0, id="no time at all"),
    ],
)
def test_how_long_discord_wants_us_to_wait(headers: dict[str, str], body: Any, seconds: float) -> None:
    assert retry_after(headers, body) == seconds


@pytest.mark.parametrize(
    ("headers", "body", "everything"),
    [
        pytest.param({"X-RateLimit-Scope": "user"}, REFUSED, False, id="the bot in this channel"),
        pytest.param({"X-RateLimit-Scope": "shared"}, REFUSED, False, id="the channel, whoever writes"),
        pytest.param({"X-RateLimit-Scope": "global"}, REFUSED, True, id="scope"),
        pytest.param({"X-RateLimit-Global": "true"}, REFUSED, True, id="header"),
        pytest.param({}, {**REFUSED, "global": True}, True, id="body"),
        pytest.param({"Retry-After": "30"}, "<html>", True, id="from in front of Discord's API"),
    ],
)
def test_what_discord_is_too_busy_for(
    discord: DiscordLimits, clock: Clock, headers: dict[str, str], body: Any, everything: bool
) -> None:
    discord.learn(CREATE_MESSAGE, 5, 429, headers, body)
    assert discord.room(ahead_s=0) == (0 if everything else BURST)
    assert discord.resting(ahead_s=1) == ([] if everything else [ChannelKey("discord:5")])
    assert (discord.opens_in() or 0) > 29
    clock.now += 31
    assert (discord.room(ahead_s=0), discord.resting(ahead_s=0)) == (BURST, [])


def test_a_bucket_is_shared_by_the_routes_that_name_it(discord: DiscordLimits) -> None:
    empty = {"X-RateLimit-Bucket": "abc", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset-After": "4.2"}
    discord.learn(CREATE_MESSAGE, 5, 200, {**empty, "X-RateLimit-Remaining": "1"}, {})
    assert discord.resting(ahead_s=0) == []
    discord.learn("POST /channels/{channel_id}/threads", 5, 201, empty, {})
    assert discord.resting(ahead_s=0) == [ChannelKey("discord:5")]
    assert discord.opens_in() == pytest.approx(4.2)


def test_a_refused_token_and_too_many_refusals_end_in_silence(discord: DiscordLimits, clock: Clock) -> None:
    discord.learn(CREATE_MESSAGE, 5, 401, {}, {})
    assert discord.opens_in() == AFTER_BAD_LOGIN_S
    clock.now += AFTER_BAD_LOGIN_S
    for _ in range(REFUSALS):
        discord.learn(CREATE_MESSAGE, 5, 403, {}, {})
    assert discord.room(ahead_s=0) == 0


_NAMES = ("X-RateLimit-Bucket", "X-RateLimit-Remaining", "X-RateLimit-Reset-After", "Retry-After")


@given(
    headers=st.dictionaries(st.sampled_from(_NAMES), st.text()),
    status=st.sampled_from([200, 401, 403, 429, 500]),
    body=st.none() | st.text() | st.dictionaries(st.text(), st.integers()),
)
def test_no_answer_is_too_strange(headers: dict[str, str], status: int, body: Any) -> None:
    discord = DiscordLimits(clock=Clock())
    discord.learn(CREATE_MESSAGE, 5, status, headers, body)
    assert discord.room(ahead_s=0) >= 0


def test_one_channel_of_slack_that_must_wait_leaves_the_others_one_at_a_time(slack: SlackLimits) -> None:
    slack.refused("C1", 60.0)
    assert slack.room(ahead_s=0) == 1
    assert slack.resting(ahead_s=0) == [ChannelKey("slack:T1/C1")]


async def test_when_another_channel_is_taken_it_was_the_channel(slack: SlackLimits, clock: Clock) -> None:
    slack.refused("C1", 60.0)
    clock.now += 1
    async with slack.post("C2"):
        assert slack.room(ahead_s=0) == 0, "one at a time"
    assert slack.room(ahead_s=0) == POSTS - 1
    with pytest.raises(SlowDown) as told:
        async with slack.post("C1"):
            pass
    assert told.value.after_s == pytest.approx(59.0)


async def test_what_was_under_way_before_says_nothing(slack: SlackLimits) -> None:
    async with slack.post("C2"):
        slack.refused("C1", 60.0)
    assert slack.room(ahead_s=0) == 1


def test_when_another_channel_is_refused_too_the_workspace_waits(slack: SlackLimits, clock: Clock) -> None:
    slack.refused("C1", 60.0)
    slack.refused("C2", 30.0)
    assert slack.room(ahead_s=0) == 0
    assert slack.resting(ahead_s=0) == [ChannelKey("slack:T1/")]
    clock.now += 30
    assert slack.room(ahead_s=0) == POSTS


def test_a_wait_of_a_second_is_the_workspaces_at_once(slack: SlackLimits) -> None:
    slack.refused("C1", 1.0)
    assert slack.room(ahead_s=0) == 0
