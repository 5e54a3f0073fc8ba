"""The keys of topics that only larger packs need: named lists, words together, noise to skip."""

from pathlib import Path

import pytest

from bot.catalog.loader import load_catalog
from bot.errors import ConfigError

GOOD = """\
[[topic]]
id = "t"
any = ["one"]
title = ["one"]
skip = ["spam", "passing"]

[topic.lists]
chips = ["chip", "gpu"]

[[topic.together]]
name = "chip licence"
groups = [["@chips", "npu"], ["licence"]]
none = ["driving"]
title = 2
"""


def load(tmp_path: Path, text: str) -> object:
    file = tmp_path / "mine.toml"
    file.write_text(text, encoding="utf-8")
    return load_catalog(file)


def test_lists_are_spelled_out_where_they_are_named(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(GOOD, encoding="utf-8")
    (topic,) = load_catalog(tmp_path).topics
    (together,) = topic.together
    assert together.groups == (("chip", "gpu", "npu"), ("licence",))
    assert (together.none, together.title, topic.skip) == (("driving",), 2, ("spam", "passing"))


def test_words_together_are_enough_for_a_topic(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(GOOD.replace('any = ["one"]\n', ""), encoding="utf-8")
    assert load_catalog(file).topics[0].together


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        pytest.param('skip = ["spam", "passing"]', 'skip = ["noise"]', 5, "unknown skip 'noise'", id="skip"),
        pytest.param('"@chips", ', '"@chip", ', 12, "names no list; known: chips", id="list"),
        pytest.param('[["@chips", "npu"], ["licence"]]', '[["a"]]', 12, "two or more", id="one group"),
        pytest.param('[["@chips", "npu"], ["licence"]]', '[["a"], [3]]', 12, "two or more", id="no texts"),
        pytest.param("title = 2", "title = true", 4, "whole number", id="a count that is none"),
        pytest.param("title = 2", "titel = 2", 14, "unknown key", id="unknown key"),
    ],
)
def test_a_wrong_key_is_refused_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, says: str
) -> None:
    with pytest.raises(ConfigError, match=rf"mine\.toml:{line}: .*{says}"):
        load(tmp_path, GOOD.replace(old, new))
