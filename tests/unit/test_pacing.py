"""How many requests may go out: never more than the other side takes, and as many as it takes."""

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.gate import Gate, SlowDown
from bot.delivery.lanes import PROMPT, SLOW, UNCERTAIN, Lanes
from bot.delivery.pacing import SLOWEST_S, Budget, Refusals, Rests


def sent_by(
    budget: Budget, count: int, *, way_s: float, waits_s: list[float]
) -> tuple[list[float], list[float]]:
    """Starts and arrivals of ``count`` requests that go out as early as the budget lets them. Each is ``way_s`` on its
    way out and back, and one of ``waits_s`` longer on its way out."""
    now, starts, arrivals = 100.0, [], []
    under_way: list[tuple[float, object]] = []
    while len(starts) < count:
        for answered, ticket in sorted(under_way, key=lambda each: each[0]):
            if answered <= now:
                budget.end(ticket, answered)  # type: ignore[arg-type]
        under_way = [each for each in under_way if each[0] > now]
        if budget.room(now) > 0:
            ticket = budget.begin(now)
            arrival = now + way_s + waits_s[len(starts) % len(waits_s)]
            starts.append(now)
            arrivals.append(arrival)
            under_way.append((arrival + way_s, ticket))
        else:
            now = min([budget.opens_at(now), *(answered for answered, _ in under_way)]) + 1e-6
    return starts, sorted(arrivals)


def most_within(times: list[float], span_s: float) -> int:
    return max(sum(start <= time < start + span_s for time in times) for start in times)


@given(
    way_s=st.floats(0.001, 0.2),
    waits_s=st.lists(st.floats(0, 0.25), min_size=1, max_size=7).map(lambda some: [0.0, *some]),
    burst=st.integers(1, 20),
)
def test_no_window_of_the_other_side_holds_more_than_the_limit(
    way_s: float, waits_s: list[float], burst: int
) -> None:
    _, arrivals = sent_by(Budget(20, 1.0, burst=burst), 80, way_s=way_s, waits_s=waits_s)
    assert most_within(arrivals, 1.0) <= 20


@given(way_s=st.floats(0.001, 0.2))
def test_the_way_to_the_platform_costs_next_to_nothing(way_s: float) -> None:
    starts, _ = sent_by(Budget(50, 1.0, burst=10), 500, way_s=way_s, waits_s=[0.0])
    assert starts[-1] - starts[0] <= 1.05 * 10


def test_a_burst_goes_out_at_once_and_the_rest_spread_out() -> None:
    starts, _ = sent_by(Budget(50, 1.0, burst=10), 30, way_s=0.001, waits_s=[0.0])
    assert starts[9] == starts[0]
    gaps = [later - earlier for earlier, later in pairwise(starts[9:])]
    assert all(0.019 < gap < 0.022 for gap in gaps)


def test_after_a_rest_there_is_room_for_a_burst_and_what_the_time_ahead_brings() -> None:
    budget = Budget(50, 1.0, burst=10)
    assert (budget.room(100.0), budget.room(100.0, ahead_s=0.3)) == (10, 25)


def test_what_is_never_answered_is_forgotten_in_the_end() -> None:
    budget = Budget(2, 1.0, burst=2)
    budget.begin(10.0)
    budget.begin(10.0)
    assert budget.room(10.0 + 1.0) == 0
    assert budget.room(10.0 + 1.0 + SLOWEST_S) == 2


def test_a_pause_lets_nothing_through() -> None:
    budget = Budget(5, 1.0, burst=5)
    budget.pause(20.0)
    budget.pause(15.0)  # a shorter one changes nothing
    assert (budget.room(19.9), budget.opens_at(19.0), budget.room(20.0)) == (0, 20.0, 5)


def test_too_many_at_once_are_counted_all_the_same() -> None:
    budget = Budget(2, 1.0, burst=2)
    tickets = [budget.begin(10.0) for _ in range(4)]
    for ticket in tickets:
        budget.end(ticket, 10.0)
    assert budget.room(10.5) == 0
    assert budget.opens_at(10.5) == pytest.approx(11.5)  # spread evenly, the fourth stood for 11.5


def test_rests_end_and_the_longer_one_counts() -> None:
    rests: Rests[str] = Rests(most=4)
    rests.rest("a", 20.0, now=10.0)
    rests.rest("a", 15.0, now=10.0)
    rests.rest("b", 12.0, now=10.0)
    assert (rests.until("a"), rests.until("c"), rests.next_end(10.0)) == (20.0, 0.0, 12.0)
    assert rests.resting(13.0) == ["a"]
    assert rests.next_end(30.0) is None


def test_of_too_many_rests_the_longest_stay() -> None:
    rests: Rests[int] = Rests(most=10)
    for number in range(100):
        rests.rest(number, 100.0 + number, now=10.0)
    assert len(rests.resting(10.0)) <= 10
    assert 99 in rests.resting(10.0)


def test_refusals_are_too_many_only_within_the_span() -> None:
    refusals = Refusals(3, 600.0)
    assert [refusals.note(now) for now in (0.0, 1.0)] == [None, None]
    assert refusals.note(2.0) == 600.0
    assert refusals.note(700.0) is None


def test_a_slow_send_makes_room_for_another() -> None:
    lanes = Lanes()
    stays = [lanes.book("prompt") for _ in range(PROMPT)]
    assert (lanes.room("prompt"), lanes.room("uncertain"), lanes.booked) == (0, UNCERTAIN, PROMPT)
    for stay in stays:
        stay.begin()
    stays[0].slow_down()
    assert (lanes.room("prompt"), lanes.booked) == (1, 0)
    for stay in stays:
        stay.leave()
        stay.leave()  # twice changes nothing
        stay.slow_down()
    assert (lanes.room("prompt"), lanes.room("slow")) == (PROMPT, SLOW)


def test_when_all_are_slow_nothing_more_is_begun() -> None:
    lanes = Lanes()
    stays = [lanes.book("prompt") for _ in range(SLOW)]
    for stay in stays:
        stay.slow_down()
    assert (lanes.room("prompt"), lanes.room("uncertain")) == (0, 0)
    stays[0].leave()
    assert lanes.room("uncertain") == UNCERTAIN


async def test_urgent_ones_pass_those_that_wait() -> None:
    gate, passed = Gate(Budget(1, 0.05, burst=1)), []

    async def go(name: str, *, urgent: bool = False) -> None:
        gate.end(await gate.turn(urgent=urgent))
        passed.append(name)

    gate.end(await gate.turn())
    async with asyncio.TaskGroup() as group:
        group.create_task(go("first"))
        group.create_task(go("second"))
        await asyncio.sleep(0)
        group.create_task(go("person", urgent=True))
    assert passed == ["person", "first", "second"]


async def test_who_waits_too_long_is_told_when_to_come_again() -> None:
    gate = Gate(Budget(1, 30.0, burst=1))
    await gate.turn()
    with pytest.raises(SlowDown) as told:
        await gate.turn(within_s=0.02)
    assert told.value.after_s == pytest.approx(30.0, abs=1.0)


async def test_who_gives_up_waiting_takes_no_room() -> None:
    gate = Gate(Budget(1, 0.4, burst=1))
    gate.end(await gate.turn())
    began = asyncio.get_running_loop().time()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.02):
            await gate.turn()
    await gate.turn(within_s=5)
    assert asyncio.get_running_loop().time() - began < 0.75
