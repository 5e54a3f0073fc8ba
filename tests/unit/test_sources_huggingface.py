"""Models from poll to poll: new ones, revisions, files and licences read differently."""

import json
from datetime import timedelta
from typing import Any

import pytest

from bot.intake.sources.parsed import Parsed
from bot.judgement.canonical import make_item, telling_summary
from tests.unit.reading import NOW, a_source, read

CREATED = "2026-04-24T04:00:00.000Z"


def model(
    name: str = "V4", sha: str = "1", licence: str = "mit", files: int = 2, **more: Any
) -> dict[str, Any]:
    return {
        "id": f"deepseek-ai/{name}", "sha": sha * 40, "createdAt": CREATED, "lastModified": CREATED,
        "tags": [f"license:{licence}"] if licence else [],
        "siblings": [{"rfilename": f"model-{number}.safetensors"} for number in range(files)], **more,
    }  # fmt: skip


def look(*models: dict[str, Any], memo: str | None = "") -> Parsed:
    return read(json.dumps(models), "huggingface", memo=memo or "")


def titles(found: Parsed) -> list[str]:
    return [item.title for item in found.items]


def test_the_first_list_shows_names() -> None:
    assert titles(look(model())) == ["deepseek-ai/V4"]


@pytest.mark.parametrize(
    ("now", "title"),
    [
        (model(sha="2"), "deepseek-ai/V4: new revision"),
        (model(sha="2", licence="other"), "deepseek-ai/V4: license mit -> other"),
        (model(sha="2", licence=""), "deepseek-ai/V4: license mit -> none"),
        (model(sha="2", files=3), "deepseek-ai/V4: new files: model-2.safetensors"),
        (model(sha="2", files=6), "deepseek-ai/V4: new files: model-2.safetensors (+3)"),
        (
            model(sha="2", licence="v4", files=3),
            "deepseek-ai/V4: license mit -> v4; new files: model-2.safetensors",
        ),
        (model(sha="2", files=1), "deepseek-ai/V4: new revision"),
        (model(), "deepseek-ai/V4"),
    ],
    ids=["revision", "licence", "no-licence", "file", "files", "both", "fewer-files", "unchanged"],
)
def test_a_change_is_named(now: dict[str, Any], title: str) -> None:
    before = look(model())
    after = look(now, memo=before.memo)
    assert titles(after) == [title]
    assert (after.items[0].external_id == before.items[0].external_id) is (title == "deepseek-ai/V4")
    assert telling_summary(make_item(after.items[0], a_source("huggingface"), seen=NOW)) == "", (
        "a form, no news"
    )


def test_a_new_model_is_new_and_an_old_one_that_shows_first_is_not() -> None:
    memo = look(model()).memo
    young = model("V5", createdAt=(NOW + timedelta(hours=1)).isoformat())
    found = look(young, model("V1"), model(), memo=memo)
    assert titles(found) == ["New model deepseek-ai/V5", "deepseek-ai/V1: new revision", "deepseek-ai/V4"]
    assert telling_summary(make_item(found.items[0], a_source("huggingface"), seen=NOW)) == ""


def test_a_model_that_left_the_list_is_remembered() -> None:
    memo = look(model(), model("V3")).memo
    memo = look(model("V3"), memo=memo).memo
    assert titles(look(model(sha="2", licence="other"), memo=memo)) == [
        "deepseek-ai/V4: license mit -> other"
    ]


def test_what_is_remembered_is_bounded() -> None:
    memo: str | None = ""
    for start in range(0, 900, 300):
        memo = look(*(model(f"M{start + number}", files=500) for number in range(300)), memo=memo).memo
    assert len(json.loads(memo or "")["models"]) == 500
    assert len(memo or "") < 1_500_000


@pytest.mark.parametrize(
    "memo", ["nonsense", "[]", '{"models": {"deepseek-ai/V4": 5}, "since": 3}', '{"models": 1}']
)
def test_a_broken_memo_is_an_empty_one(memo: str) -> None:
    assert titles(look(model(), memo=memo)) == ["deepseek-ai/V4"]
