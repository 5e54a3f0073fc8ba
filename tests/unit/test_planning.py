"""Who is told of a verdict, and when."""

from datetime import timedelta

import pytest

from bot.delivery.filters import kept_out
from bot.delivery.planning import hold_for, plans_for
from bot.model import ChannelKey, Event, Grade, Mode, TopicId
from tests.builders import NOW, a_subscription, a_verdict

DISCORD = ChannelKey("discord:1")


@pytest.mark.parametrize(
    ("subscription", "verdict", "expected"),
    [
        pytest.param({}, {}, True, id="every topic, no filter"),
        pytest.param({"topic": TopicId("deepseek-v4")}, {}, True, id="its topic"),
        pytest.param({"topic": TopicId("ascend")}, {}, False, id="another topic"),
        pytest.param({"min_grade": Grade.OFFICIAL}, {}, False, id="too weak"),
        pytest.param({"min_grade": Grade.REPORT}, {"grade": Grade.OFFICIAL}, True, id="strong enough"),
        pytest.param({"languages": ("zh",)}, {}, False, id="another language"),
        pytest.param({"languages": ("zh", "en")}, {}, True, id="its language"),
        pytest.param({}, {"topics": ()}, False, id="off topic"),
    ],
)
def test_filters(subscription: dict[str, object], verdict: dict[str, object], expected: bool) -> None:
    assert (kept_out(a_subscription(**subscription), a_verdict(**verdict)) == "") is expected


def test_an_update_is_told_to_nobody_who_could_hear_the_story_before() -> None:
    assert plans_for(a_verdict(event=Event.UPDATE, alert=False), [a_subscription()], now=NOW) == []


def test_a_channel_hears_a_story_at_the_first_item_in_its_language() -> None:
    zh_update = a_verdict(event=Event.UPDATE, alert=False, item={"language": "zh"})
    only_zh = a_subscription(channel=DISCORD, languages=("zh",))
    assert [plan.channel for plan in plans_for(zh_update, [only_zh], now=NOW)] == [DISCORD]
    assert plans_for(zh_update, [only_zh], now=NOW, told=frozenset({DISCORD})) == []


def test_two_topics_of_one_channel_make_one_message_by_the_soonest() -> None:
    both = [
        a_subscription(channel=DISCORD, topic=TopicId("deepseek-v4"), mode=Mode.DAILY),
        a_subscription(channel=DISCORD, topic=TopicId("ascend")),
    ]
    (plan,) = plans_for(a_verdict(topics=("deepseek-v4", "ascend")), both, now=NOW)
    assert (plan.channel, plan.digest, plan.due) == (DISCORD, False, NOW)


def test_quiet_hours_hold_an_instant_alert_and_the_next_digest_takes_a_digest_one() -> None:
    held = a_subscription(quiet="11:00-13:30")
    hourly = a_subscription(channel=DISCORD, mode=Mode.HOURLY)
    first, second = plans_for(a_verdict(), [held, hourly], now=NOW)
    assert (first.due, first.digest) == (NOW + timedelta(hours=1, minutes=30), False)
    assert (second.due, second.digest) == (NOW + timedelta(hours=1), True)


HOLD = timedelta(seconds=30)


@pytest.mark.parametrize(
    ("verdict", "held"),
    [
        pytest.param({"grade": Grade.RUMOUR}, True, id="a rumour"),
        pytest.param({"grade": Grade.REPORT}, True, id="a report"),
        pytest.param({"grade": Grade.OPINION}, True, id="an opinion"),
        pytest.param({"grade": Grade.REPORT, "witnesses": 2}, False, id="two witnesses"),
        pytest.param({"grade": Grade.LEAK}, False, id="a leak"),
        pytest.param({"grade": Grade.FILING}, False, id="a filing"),
        pytest.param({"grade": Grade.OFFICIAL}, False, id="official"),
        pytest.param({"event": Event.UPGRADE}, False, id="better proof of what was told"),
    ],
)
def test_only_a_first_weak_alert_waits_for_better_proof(verdict: dict[str, object], held: bool) -> None:
    given = a_verdict(**verdict)
    (plan,) = plans_for(given, [a_subscription(channel=DISCORD)], now=NOW, hold=hold_for(given, HOLD))
    assert plan.due == (NOW + HOLD if held else NOW)


def test_the_terminal_and_digests_do_not_wait_and_a_hold_does_not_break_quiet_hours() -> None:
    terminal = a_subscription()
    hourly = a_subscription(channel=DISCORD, mode=Mode.HOURLY)
    soon_quiet = a_subscription(channel=ChannelKey("discord:2"), quiet="12:00-13:00")
    noon = NOW - timedelta(seconds=10)
    plans = plans_for(a_verdict(), [terminal, hourly, soon_quiet], now=noon, hold=HOLD)
    assert [plan.due for plan in plans] == [noon, NOW, NOW + timedelta(hours=1)]
