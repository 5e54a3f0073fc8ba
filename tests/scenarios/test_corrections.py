"""What was told and is put right is told to the same channels, in the thread: in the whole program."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.scenarios.channels import DISCORD, SLACK, World, open_world
from tests.scenarios.program import eventually

REPORT = "DeepSeek V4 weights released on a server in Hangzhou"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as opened:
        yield opened


def are_in_one_thread(world: World, words: str) -> bool:
    """Whether the last message answers the one before it, on both platforms."""
    first, last = world.discord.messages(DISCORD)[-2:]
    assert words in str(last)
    replied = first["id"] == (last.get("message_reference") or {}).get("message_id")
    said = [message for message in world.slack.messages(SLACK) if words in str(message)]
    return replied and bool(said[-1].get("thread_ts"))


async def test_a_headline_that_its_source_changes_is_told_once_in_the_thread(world: World) -> None:
    world.news.publish("daily", REPORT)
    await eventually(lambda: all(world.told("Hangzhou")))
    changed = "DeepSeek V4 weights delayed on a server in Hangzhou"
    world.news.change("daily", REPORT, changed)
    await eventually(lambda: all(world.told("It said")))
    assert are_in_one_thread(world, "weights delayed")
    world.news.publish("wire", "DeepSeek V4 gets a new tokenizer in Zurich")
    await eventually(lambda: all(world.told("Zurich")))
    assert [len(spoken) for spoken in world.told("It said")] == [1, 1], "once"


async def test_a_marked_correction_is_told_in_the_thread(world: World) -> None:
    world.news.publish("daily", REPORT)
    await eventually(lambda: all(world.told("Hangzhou")))
    world.news.publish("daily", f"Correction: {REPORT} were a copy of V3")
    await eventually(lambda: all(world.told("were a copy of V3")))
    assert are_in_one_thread(world, "were a copy of V3")
    assert "CORRECTION" in world.program.output


async def test_an_administrator_puts_a_grade_right_and_everybody_who_was_told_hears_it(world: World) -> None:
    world.news.publish("lab", REPORT, link="https://lab.example/v4")
    await eventually(lambda: all(world.told("Hangzhou")))
    story = next(
        row.split("#")[1].split()[0]
        for row in (await world.program.call("latest", "--count", "1")).splitlines()
        if "#" in row
    )
    refused = await world.discord.slash(
        "correct", {"story": story, "grade": "rumour"}, channel_id=DISCORD, permissions=()
    )
    assert "may manage" in refused.text
    answer = await world.discord.slash("correct", {"story": story, "grade": "rumour"}, channel_id=DISCORD)
    assert "told" in answer.text, answer.text
    await eventually(lambda: all(world.told("official → rumour")))
    assert are_in_one_thread(world, "official → rumour")
    # The desk that was running all the time goes on from what is right now.
    world.news.publish("lab", f"{REPORT}, again", link="https://lab.example/v4-again")
    await eventually(lambda: all(world.told("v4-again")))
    assert all("rumour" in spoken[-1] for spoken in world.told("v4-again"))
