"""How much a channel is told."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.delivery.budgets import DEFAULT_BUDGET, DEFAULT_BURST, budget_of, burst_of, within_limits
from bot.model import CONSOLE, ChannelKey, Grade
from storage.channels import ChannelSettings, Load
from storage.deliveries import DeliveryPlan
from tests.builders import NOW

HERE = ChannelKey("discord:1")
HOUR_DUE, DIGEST_DUE = NOW + timedelta(minutes=40), NOW + timedelta(hours=20)
PLAN = DeliveryPlan(channel=HERE, due=NOW, hour_due=HOUR_DUE, digest_due=DIGEST_DUE)
DEFAULTS = ChannelSettings(key=HERE)
FULL_DAY, FULL_HOUR = Load(day=DEFAULT_BUDGET), Load(hour=DEFAULT_BURST)
WEAK = (Grade.OPINION, Grade.RUMOUR, Grade.REPORT)
GOOD = (Grade.LEAK, Grade.PRIMARY_DATA, Grade.FILING, Grade.OFFICIAL)


@pytest.mark.parametrize("grade", list(Grade))
def test_below_its_limits_a_channel_is_told_everything_at_once(grade: Grade) -> None:
    load = Load(day=DEFAULT_BUDGET - 1, hour=DEFAULT_BURST - 1)
    assert within_limits(PLAN, grade, DEFAULTS, load, now=NOW) == PLAN


@pytest.mark.parametrize("grade", WEAK)
def test_past_the_days_budget_weak_evidence_waits_for_the_digest_of_the_day(grade: Grade) -> None:
    plan = within_limits(PLAN, grade, DEFAULTS, FULL_DAY, now=NOW)
    assert (plan.digest, plan.due, plan.folded_for) == (True, DIGEST_DUE, "budget")


@pytest.mark.parametrize("grade", GOOD)
def test_good_evidence_is_told_whatever_the_budget_is(grade: Grade) -> None:
    assert within_limits(PLAN, grade, DEFAULTS, FULL_DAY, now=NOW) == PLAN


@pytest.mark.parametrize("grade", [*WEAK, Grade.LEAK, Grade.PRIMARY_DATA])
def test_past_the_hours_limit_the_rest_waits_for_the_full_hour(grade: Grade) -> None:
    plan = within_limits(PLAN, grade, DEFAULTS, FULL_HOUR, now=NOW)
    assert (plan.digest, plan.due, plan.folded_for) == (True, HOUR_DUE, "burst")


@pytest.mark.parametrize("grade", [Grade.FILING, Grade.OFFICIAL])
def test_official_news_and_filings_are_exempt_from_the_hours_limit(grade: Grade) -> None:
    assert within_limits(PLAN, grade, DEFAULTS, FULL_HOUR, now=NOW) == PLAN


def test_what_is_too_much_at_the_end_of_quiet_hours_is_told_together_then() -> None:
    morning = NOW + timedelta(hours=8)
    held = replace(PLAN, due=morning, hour_due=morning + timedelta(hours=1))
    plan = within_limits(held, Grade.REPORT, DEFAULTS, FULL_HOUR, now=NOW)
    assert (plan.digest, plan.due, plan.folded_for) == (True, morning, "quiet")


def test_a_digest_is_never_told_before_what_it_holds_is_due() -> None:
    late = replace(PLAN, due=NOW + timedelta(minutes=5), hour_due=NOW + timedelta(minutes=1))
    assert within_limits(late, Grade.REPORT, DEFAULTS, FULL_HOUR, now=NOW).due == late.due


def test_what_is_asked_for_as_a_digest_stays_one() -> None:
    digest = replace(PLAN, digest=True)
    full = Load(day=1000, hour=1000)
    assert within_limits(digest, Grade.RUMOUR, DEFAULTS, full, now=NOW) == digest


@pytest.mark.parametrize(
    ("settings", "budget", "burst"),
    [
        pytest.param(DEFAULTS, DEFAULT_BUDGET, DEFAULT_BURST, id="defaults"),
        pytest.param(ChannelSettings(key=HERE, budget=5, burst=2), 5, 2, id="chosen"),
        pytest.param(ChannelSettings(key=HERE, budget=0, burst=0), 0, 0, id="off"),
        pytest.param(ChannelSettings(key=CONSOLE, budget=5, burst=2), 0, 0, id="the terminal"),
    ],
)
def test_a_channel_has_its_own_limits(settings: ChannelSettings, budget: int, burst: int) -> None:
    assert (budget_of(settings), burst_of(settings)) == (budget, burst)
    plan = within_limits(PLAN, Grade.REPORT, settings, Load(day=budget, hour=burst), now=NOW)
    assert plan.digest is bool(budget or burst)
