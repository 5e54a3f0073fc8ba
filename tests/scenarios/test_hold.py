"""A first report waits for better proof: in the whole program, with Discord and Slack stood in for."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.scenarios.channels import DISCORD, World, open_world
from tests.scenarios.program import eventually

REPORT = "DeepSeek V4 weights appear on a server in Hangzhou"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path, TIPOFF_HOLD="8s") as opened:
        yield opened


async def test_better_proof_leads_and_the_weaker_report_is_never_told(world: World) -> None:
    world.news.publish("daily", REPORT)
    await eventually(lambda: "Hangzhou" in world.program.output, what="the terminal is told at once")
    assert world.told("Hangzhou") == [[], []], "chat channels wait"
    world.news.publish("lab", REPORT, link="https://lab.example/v4")
    await eventually(lambda: all(world.told("Hangzhou")))
    await eventually(lambda: "BETTER PROOF" in world.program.output, what="a follow-up where it was told")
    world.news.publish("wire", "DeepSeek V4 gets a new tokenizer in Zurich")
    await eventually(lambda: all(world.told("Zurich")), what="the end of a later hold")
    for spoken in world.told("Hangzhou"):
        (only,) = spoken
        assert "lab.example" in only
        assert "official" in only
        assert "Better proof" not in only


async def test_a_held_alert_outlives_a_kill_and_is_told_once(world: World) -> None:
    world.news.publish("daily", REPORT)
    await eventually(lambda: "Hangzhou" in world.program.output)
    await world.program.kill()
    assert world.told("Hangzhou") == [[], []]
    await world.program.start()
    await eventually(lambda: all(world.told("Hangzhou")))
    world.news.publish("lab", REPORT, link="https://lab.example/v4")
    await eventually(lambda: all(len(spoken) == 2 for spoken in world.told("Hangzhou")))
    first, follow_up = world.discord.messages(DISCORD)[-2:]
    assert first["id"] in str(follow_up), "the better proof is a reply to the alert"
