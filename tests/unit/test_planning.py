"""Who is told of a verdict, and when."""

from datetime import datetime, timedelta

import pytest

from bot.delivery.planning import Standing, hold_for, notice_due, plans_for
from bot.model import ChannelKey, Event, Grade, Mode, TopicId, Verdict
from storage.channels import ChannelSettings
from storage.deliveries import DeliveryPlan
from storage.subscriptions import Subscription
from tests.builders import NOW, a_subscription, a_verdict

DISCORD = ChannelKey("discord:1")


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


@pytest.mark.parametrize(
    "filters",
    [
        pytest.param({"languages": ("zh",)}, id="language"),
        pytest.param({"words": ("weights",)}, id="words"),
        pytest.param({"not_words": ("rumour",)}, id="other words"),
        pytest.param({"not_sources": ("wccftech.com",)}, id="sources"),
    ],
)
def test_whatever_filter_kept_the_first_item_out_a_later_one_may_pass(filters: dict[str, object]) -> None:
    choosy = a_subscription(channel=DISCORD, **filters)
    first = a_verdict(item={"title": "DeepSeek V4 rumour", "url": "https://wccftech.com/1"})
    later = a_verdict(
        event=Event.UPDATE, alert=False, item={"title": "DeepSeek V4 weights are out", "language": "zh"}
    )
    assert plans_for(first, [choosy], now=NOW) == []
    assert [plan.channel for plan in plans_for(later, [choosy], now=NOW)] == [DISCORD]
    assert plans_for(later, [choosy], now=NOW, told=frozenset({DISCORD})) == []


def planned(subscription: Subscription, verdict: Verdict | None = None, **given: object) -> DeliveryPlan:
    """With what holds in its channel."""
    standing = Standing(settings=ChannelSettings(key=subscription.channel), **given)  # type: ignore[arg-type]
    (plan,) = plans_for(
        verdict or a_verdict(), [subscription], now=NOW, standings={subscription.channel: standing}
    )
    return plan


@pytest.mark.parametrize(
    ("subscription", "due"),
    [
        pytest.param({"mode": Mode.DAILY}, "2026-11-25T08:00+00:00", id="daily"),
        pytest.param({"mode": Mode.DAILY, "digest_at": "18:30"}, "2026-11-24T18:30+00:00", id="later today"),
        pytest.param(
            {"mode": Mode.DAILY, "digest_at": "18:30", "zone": "Asia/Tokyo"}, "2026-11-25T09:30+00:00",
            id="on its own clock",
        ),
        pytest.param({"mode": Mode.WEEKLY}, "2026-11-30T08:00+00:00", id="monday"),
        pytest.param(
            {"mode": Mode.WEEKLY, "digest_day": "friday", "digest_at": "09:15", "zone": "Europe/Berlin"},
            "2026-11-27T08:15+00:00", id="another day",
        ),
        pytest.param(
            {"mode": Mode.DAILY, "quiet": "22:00-07:00@Europe/Berlin"}, "2026-11-25T07:00+00:00",
            id="on the clock of its quiet hours",
        ),
        pytest.param(
            {"mode": Mode.DAILY, "digest_at": "06:00", "quiet": "22:00-07:00", "zone": "Europe/Berlin"},
            "2026-11-25T06:00+00:00", id="after its quiet hours",
        ),
    ],
)  # fmt: skip
def test_a_digest_is_told_at_its_local_time(subscription: dict[str, object], due: str) -> None:
    plan = planned(a_subscription(channel=DISCORD, **subscription))
    assert (plan.digest, plan.due, plan.folded_for) == (True, datetime.fromisoformat(due), "")


def test_quiet_hours_without_a_zone_are_on_the_subscriptions_clock() -> None:
    in_tokyo = a_subscription(channel=DISCORD, quiet="20:00-23:00", zone="Asia/Tokyo")  # it is 21:00 there
    assert planned(in_tokyo).due == NOW + timedelta(hours=2)
    assert notice_due(in_tokyo, NOW) == NOW + timedelta(hours=2)


def test_a_plan_knows_the_digests_that_would_take_it_outside_of_quiet_hours() -> None:
    plan = planned(a_subscription(channel=DISCORD, quiet="12:30-14:00", digest_at="13:00"))
    assert (plan.due, plan.hour_due, plan.digest_due) == (NOW, NOW.replace(hour=14), NOW.replace(hour=14))


@pytest.mark.parametrize(
    ("grade", "folded"), [(Grade.OPINION, True), (Grade.REPORT, True), (Grade.LEAK, False), (Grade.OFFICIAL, False)]
)  # fmt: skip
def test_what_people_called_noise_waits_for_the_digest_unless_it_is_good(grade: Grade, folded: bool) -> None:
    plan = planned(a_subscription(channel=DISCORD), a_verdict(grade=grade), to_digest=True)
    assert (plan.digest, plan.folded_for) == ((True, "feedback") if folded else (False, ""))


def test_a_muted_story_is_planned_for_nobody_there() -> None:
    here, there = a_subscription(channel=DISCORD), a_subscription(channel=ChannelKey("discord:2"))
    muted = Standing(settings=ChannelSettings(key=DISCORD), muted=True)
    plans = plans_for(a_verdict(), [here, there], now=NOW, standings={DISCORD: muted})
    assert [plan.channel for plan in plans] == ["discord:2"]
