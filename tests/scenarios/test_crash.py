"""The program is killed at every step of polling and telling; each piece of news is told once in every channel. The
whole matrix is ``benchmarks/crash_matrix.py``; here the points that matter most have their turn."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.database.postgres import PostgresServer
from tests.scenarios.crashes import (
    RANDOM_POINT,
    CrashWorld,
    open_crash_world,
)
from tests.scenarios.launcher import Launcher, open_launcher

#: Those that leave something behind, on either side of a commit or of a request.
SLICE = [
    "fetched and parsed",
    "claim committed",
    "Discord took the message, gave no answer",
    "deliveries saved, not committed",
    "Discord's history read",
    "before the request to Slack",
    "folded, not committed",
    "Slack takes the message a second later",
    "committed",
    "leases ended, not committed",
    "Slack took the message, gave no answer",
    "outcome saved, not committed",
    "Discord has the request, has not taken it",
    "claimed, not committed",
    "fold and claim committed",
    "before claims are handed back",
    "Slack has the request, has not taken it",
    "before Slack's history",
    "catalog saved, not committed",
    "digest sent, not recorded",
    "Slack's answer read",
    "Discord's answer read",
    "outcome committed",
    RANDOM_POINT,
]
#: What differs between the back ends: who ends the leases of the dead, and what a transaction keeps others from.
ON_POSTGRES = [
    "all saved, not committed",
    "claim committed",
    "fold and claim committed",
    "Discord took the message, gave no answer",
    "Slack took the message, gave no answer",
]

pytestmark = pytest.mark.timeout(300)  # many starts and stops of the whole program


@pytest.fixture(scope="module")
def launcher() -> Iterator[Launcher]:
    with open_launcher() as opened:
        yield opened


async def killed_at(points: Sequence[str], world: CrashWorld) -> None:
    for point in points:
        await world.kill_at(point)
    wrong = await world.settle()
    print(world.output[-8000:])  # shown when the test fails
    assert world.not_reached == []
    assert wrong == []


@pytest.mark.parametrize("forgetful", [True, False], ids=["nonces forgotten", "nonces kept"])
async def test_a_kill_at_any_step_loses_and_doubles_nothing(
    tmp_path: Path, launcher: Launcher, forgetful: bool
) -> None:
    async with open_crash_world(
        tmp_path, launcher, seed=1, forgetful=forgetful, dies_first=forgetful
    ) as world:
        await killed_at(SLICE[::2] if forgetful else SLICE[1::2], world)
        assert world.kills >= len(SLICE) // 2


async def test_the_same_on_postgresql(
    tmp_path: Path, launcher: Launcher, postgres_server: PostgresServer
) -> None:
    url = await asyncio.to_thread(postgres_server.new_database, migrated=False)
    async with open_crash_world(
        tmp_path, launcher, seed=9, dies_first=True, TIPOFF_DATABASE_URL=url
    ) as world:
        await killed_at(ON_POSTGRES, world)
