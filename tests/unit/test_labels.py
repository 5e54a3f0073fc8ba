"""Labels as people and programs write them: what is read, what is refused and where."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ConfigError
from bot.flow.labels import read_labels, unknown_names
from bot.judgement.scoring import Labels
from bot.model import Claim, Event, Grade
from tests.builders import a_catalog


def read(*lines: str) -> dict[str, Labels]:
    return read_labels([line + "\n" for line in lines], name="gold.jsonl")


def test_every_label_is_read() -> None:
    line = """{"id": 7, "title": "x", "gold": {"story": "a", "topics": ["t"], "grade": "leak", "event": "new", "watch":
        [{"question": "q", "state": "s"}], "claims": [{"subject": "H100", "metric": "compute", "value": 2, "unit": "x",
        "relative_to": "A100", "value_max": 3}], "tags": ["hard"]}}""".replace("\n", "")
    claim = Claim(subject="H100", metric="compute", value=2, unit="x", relative_to="A100", value_max=3)
    assert read(line, "") == {
        "7": Labels(
            story="a", topics=frozenset({"t"}), grade=Grade.LEAK, event=Event.NEW, watch=(("q", "s"),), claims=(claim,)
        )
    }  # fmt: skip


def test_labels_may_stand_at_the_top_and_one_move_alone() -> None:
    read_back = read(
        '{"id": "a", "story": 3, "watch": {"question": "q", "state": "s"}}', '{"id": "b", "topics": []}'
    )
    assert read_back["a"] == Labels(story="3", watch=(("q", "s"),))
    assert read_back["b"] == Labels(topics=frozenset(), watch=()), (
        "where one moves a question, the others move none"
    )
    assert read('{"id": "b", "topics": []}')["b"].watch is None


@pytest.mark.parametrize(
    ("line", "says"),
    [
        pytest.param("{", "gold.jsonl:1: is not JSON", id="no JSON"),
        pytest.param('{"gold": {}}', "must be a JSON object with an id", id="no id"),
        pytest.param('{"id": "r1", "gold": []}', "gold: must be a JSON object", id="gold"),
        pytest.param('{"id": "r1", "gold": {"grade": "fine"}}', "grade: 'fine' is none of opinion", id="grade"),
        pytest.param('{"id": "r1", "gold": {"topics": "t"}}', "topics: must be a list", id="topics"),
        pytest.param('{"id": "r1", "gold": {"watch": [{"state": "out"}]}}', "a watch move needs question", id="watch"),
        pytest.param('{"id": "r1", "gold": {"claims": [7]}}', "a claim subject, metric", id="claim"),
        pytest.param('{"id": "r1", "title": "x"}', "has no labels", id="nothing"),
        pytest.param('{"id": 1, "story": 1}\n{"id": "1", "story": 1}', "gold.jsonl:2: id '1' is", id="twice"),
    ],
)  # fmt: skip
def test_a_wrong_label_names_its_line(line: str, says: str) -> None:
    with pytest.raises(ConfigError, match=r"^gold\.jsonl") as raised:
        read(*line.split("\n"))
    assert says in str(raised.value)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_KINDS = st.sampled_from(("id", "gold", "story", "topics", "grade", "event", "watch", "claims"))


@given(st.dictionaries(_KINDS, _JSON, max_size=8), st.dictionaries(_KINDS, _JSON, max_size=8))
def test_no_line_makes_it_fail_otherwise(row: dict[str, object], gold: dict[str, object]) -> None:
    for tried in (row, {"id": "a", **row}, {"id": "a", "gold": gold}):
        with contextlib.suppress(ConfigError):  # any other error fails the test
            assert len(read(json.dumps(tried))) == 1


def test_names_that_the_catalog_does_not_have_are_told() -> None:
    labels = read(
        '{"id": "a", "topics": ["deepseek-v4", "x"]}',
        '{"id": "b", "topics": ["x"], "watch": [{"question": "q", "state": "s"}]}',
    )
    assert unknown_names(labels.values(), a_catalog()) == ["topic 'x'", "question 'q'"]
