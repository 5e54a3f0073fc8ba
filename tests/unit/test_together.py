"""Small jobs done in groups: each gets its own result, and nobody another's failure."""

import asyncio
from collections.abc import Sequence

import pytest

from bot.delivery.together import Together


class Work:
    """Doubles numbers; what is below nought fails."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, jobs: Sequence[int]) -> list[int]:
        self.groups.append(list(jobs))
        await self.gate.wait()
        if min(jobs) < 0:
            raise ValueError(f"{min(jobs)} is below nought")
        return [2 * job for job in jobs]


async def test_what_comes_meanwhile_is_the_next_group() -> None:
    work = Work()
    together = Together(work, most=3)
    work.gate.clear()
    asked = [asyncio.ensure_future(together.do(number)) for number in range(6)]
    await asyncio.sleep(0.01)
    late = asyncio.ensure_future(together.do(9))
    await asyncio.sleep(0)
    work.gate.set()
    assert await asyncio.gather(*asked, late) == [0, 2, 4, 6, 8, 10, 18]
    assert work.groups == [[0], [1, 2, 3], [4, 5, 9]]


async def test_one_jobs_failure_is_nobody_elses() -> None:
    together = Together(Work())
    done = await asyncio.gather(*(together.do(number) for number in (1, -2, 3)), return_exceptions=True)
    assert (done[0], done[2]) == (2, 6)
    assert str(done[1]) == "-2 is below nought"
    assert await together.do(4) == 8


async def test_who_leads_may_be_cancelled() -> None:
    work = Work()
    together = Together(work)
    work.gate.clear()
    leader = asyncio.ensure_future(together.do(1))
    await asyncio.sleep(0.01)
    others = [asyncio.ensure_future(together.do(number)) for number in (2, 3)]
    await asyncio.sleep(0.01)
    others[0].cancel()
    leader.cancel()
    work.gate.set()
    assert await others[1] == 6
    for cancelled in (leader, others[0]):
        with pytest.raises(asyncio.CancelledError):
            await cancelled
    assert await together.do(5) == 10
    assert sum(group.count(1) for group in work.groups) == 1, "nobody does what nobody waits for"


async def test_a_leader_that_is_cancelled_leaves_its_group_to_the_others() -> None:
    work = Work()
    together = Together(work)
    held = asyncio.ensure_future(together.do(0))
    work.gate.clear()
    await asyncio.sleep(0)
    asked = [asyncio.ensure_future(together.do(number)) for number in (1, 2)]
    await asyncio.sleep(0.01)
    asked[0].cancel()
    await asyncio.sleep(0.01)
    work.gate.set()
    assert await held == 0
    assert await asked[1] == 4
