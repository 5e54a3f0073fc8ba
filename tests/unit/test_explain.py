"""Explanations: what was seen, what was refused and why, and that they never tell another tale than the verdict."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.catalog.loader import load_catalog
from bot.judgement.explain import Explainer, Why
from bot.judgement.explain_topics import TopicExplainer, TopicNote
from bot.judgement.judge import Judge
from bot.judgement.topics import TopicMatcher
from bot.model import Item, TermLists, Together, Topic, TopicId
from tests.builders import NOW, a_catalog, an_item
from tests.paths import DATA

BUILT_IN = load_catalog(None)


def lists(*terms: str) -> TermLists:
    return TermLists(terms={"": terms})


def note(topic: Topic, title: str, summary: str = "") -> TopicNote | None:
    item = an_item(title=title, summary=summary)
    found = TopicExplainer([topic]).explain(item)
    on = bool(TopicMatcher([topic]).match(item))
    assert on == any(each.on for each in found), "both ask the same"
    return found[0] if found else None


def a_topic(**given: object) -> Topic:
    fields: dict[str, object] = {"id": TopicId("t"), "name": "T", "any": lists("ascend 950", "ascend")}
    return Topic(**{**fields, **given})  # type: ignore[arg-type]


def test_a_term_is_told_with_its_place() -> None:
    told = note(a_topic(), "Ascend 950 ships", "The Ascend line")
    assert told is not None
    assert told.on
    assert [(term.term, term.where) for term in told.terms] == [
        ("ascend 950", "title"), ("ascend", "title and summary"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("topic", "title", "refused"),
    [
        pytest.param(
            a_topic(ambiguous=lists("ascend"), near=lists("huawei")),
            "Climbers ascend Everest",
            "ambiguous, and none of huawei is near",
            id="ambiguous without context",
        ),
        pytest.param(
            a_topic(none=lists("kirin")), "Ascend beside Kirin", '"kirin" in the title keeps it out', id="none-term"
        ),
        pytest.param(a_topic(all=lists("chip")), "Ascend rises", '"chip" is missing', id="all"),
        pytest.param(
            a_topic(skip=("stocks",)), "Ascend: 3 stocks to buy now", "noise: stocks", id="noise"
        ),
        pytest.param(
            a_topic(any=lists("v9"), together=(Together(name="ban", groups=(("nvidia",), ("ban",), ("chip",))),)),
            "Nvidia ban",
            'ban: "nvidia", "ban", but none of chip',
            id="nearly together",
        ),
        pytest.param(
            a_topic(any=lists("v9"), together=(Together(name="ban", groups=(("nvidia",), ("ban",)), none=("old",)),)),
            "Nvidia ban of old",
            'ban: "nvidia", "ban", but "old" keeps it out',
            id="together, kept out",
        ),
    ],
)  # fmt: skip
def test_what_nearly_matched_says_what_kept_it_out(topic: Topic, title: str, refused: str) -> None:
    told = note(topic, title)
    assert told is not None
    assert not told.on
    assert refused in [*told.refused, *(term.refused for term in told.terms)]


def test_only_in_the_summary() -> None:
    topic = a_topic(title=lists("huawei"))
    told = note(topic, "Climbing news", "They ascend")
    assert told is not None
    assert told.terms[0].refused == "only in the summary, and the title has none of huawei"
    assert (note(topic, "Huawei news", "They ascend") or told).on


def test_the_term_for_everything_and_a_text_with_nothing() -> None:
    assert note(a_topic(any=lists("*")), "Anything") is not None
    assert note(a_topic(), "Anything") is None


def test_a_topic_of_all_alone_is_silent_until_all_are_there() -> None:
    topic = a_topic(any=TermLists(), all=TermLists(terms={"en": ("chip", "ban"), "zh": ("芯片", "禁令")}))
    assert note(topic, "A chip") is None
    told = note(topic, "芯片 禁令")
    assert told is not None
    assert told.on


_WORDS = st.sampled_from((
    "DeepSeek", "V4", "Huawei", "Ascend", "昇腾", "芯片", "export", "licence", "licences", "chip", "Nvidia", "H20",
    "ban", "BIS", "RISC-V", "EuroHPC", "Rhea1", "stocks to buy", "top 10", "beats", "download", "MIT", "model", "官员",
    "出口",
))  # fmt: skip
_EXPLAINER, _MATCHER = TopicExplainer(BUILT_IN.topics), TopicMatcher(BUILT_IN.topics)


@settings(max_examples=150, deadline=None)
@given(st.lists(_WORDS, max_size=9), st.lists(_WORDS, max_size=9))
def test_explainer_and_matcher_agree_on_any_text(title: list[str], summary: list[str]) -> None:
    item = an_item(title=" ".join(title) or "x", summary=" ".join(summary))
    on = {found.topic for found in _EXPLAINER.explain(item) if found.on}
    assert on == {match.topic for match in _MATCHER.match(item)}


def lived(items: list[Item]) -> tuple[Judge, Explainer]:
    judge = Judge(BUILT_IN, known_until=None)
    for item in items:
        judge.remember(judge.judge(item))
    return judge, Explainer(BUILT_IN)


def why(before: list[Item], item: Item) -> Why:
    judge, explainer = lived(before)
    verdict = judge.judge(item)
    told = explainer.explain(judge, verdict)
    assert judge.judge(item) == verdict, "explaining changes nothing"
    assert (told.story.story or judge.next_story_id) == verdict.story
    json.dumps(told.as_json())
    return told


FIRST = an_item(
    title="Huawei Ascend 910C reaches 812 TFLOPS in FP8", url="https://wccftech.com/1", publisher="Wccftech",
    published=NOW - timedelta(hours=3), seen=NOW - timedelta(hours=3),
)  # fmt: skip


def test_the_story_that_was_joined_stands_first_with_the_parts_of_its_score() -> None:
    told = why([FIRST], an_item(number=2, title="Huawei's Ascend 910C hits 812 TFLOPS in FP8"))
    best = told.story.candidates[0]
    assert best.story == told.story.story == 1
    assert best.score is not None
    assert best.score >= told.story.threshold
    assert sum(best.parts.values()) == pytest.approx(best.score, abs=0.1)
    assert best.refused == ()
    assert "huawei" in best.shared


def test_a_veto_is_named() -> None:
    told = why([FIRST], an_item(number=2, title="Huawei Ascend 910D reaches 812 TFLOPS in FP8"))
    assert told.story.story is None
    (refused,) = told.story.candidates
    assert refused.score is None
    assert refused.refused == ("another event: another version of the same line of names",)


def test_the_grade_is_told_with_publisher_words_and_whom_it_cites() -> None:
    told = why([], an_item(title="DeepSeek V4 is out, according to Bloomberg", publisher="Reuters"))
    assert (told.grade.kind, told.grade.verified, told.grade.cites) == ("outlet", True, "bloomberg")
    assert ("attributed", ("according to",)) in [(cue.cue, cue.words) for cue in told.grade.cues]
    assert told.alert.told
    assert told.alert.reason == "told: the first of its story"


def test_no_item_of_the_corpus_is_explained_otherwise_than_it_was_judged() -> None:
    judge, explainer = lived([])
    for line in (DATA / "stories" / "ai.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        item = an_item(
            title=row["title"], url=row["url"], publisher=row["publisher"], summary=row.get("summary") or "",
            language=row["language"],
        )  # fmt: skip
        verdict = judge.judge(item)
        told = explainer.explain(judge, verdict)
        assert {each.topic for each in told.topics if each.on} == set(verdict.topic_ids), row["title"]
        assert (told.story.story or judge.next_story_id) == verdict.story
        moves = {(move.question, move.state) for move in verdict.watch}
        assert {(each.question, each.told) for each in told.watch if each.moved} == moves
        judge.remember(verdict)


@pytest.mark.parametrize(
    ("title", "publisher", "told", "reason"),
    [
        pytest.param("Huawei launches the Ascend 950", "Reuters", "launched", "grade report", id="moves"),
        pytest.param(
            "Huawei to launch the Ascend 950 in May", "Reuters", "rumoured", "that is its answer already", id="same"
        ),
        pytest.param(
            "Rumour: Huawei has launched the Ascend 950", "Wccftech", "launched",
            "rumour is no proof of it, and there is no second independent witness", id="too weak",
        ),
    ],
)  # fmt: skip
def test_what_is_said_of_a_question_is_told_also_where_it_moves_nothing(
    title: str, publisher: str, told: str, reason: str
) -> None:
    judge, explainer = lived([an_item(title="Huawei expected to launch the Ascend 950 in April")])
    item = an_item(
        number=2, title=title, publisher=publisher, url=f"https://{publisher.lower()}.com/2", published=NOW
    )
    notes = explainer.explain(judge, judge.judge(item)).watch
    assert [(each.state, each.told) for each in notes] == [("rumoured", told)]
    assert reason in notes[0].reason
    assert notes[0].moved == ("grade" in reason)


def test_a_catalog_without_publishers_is_explained_too() -> None:
    bare = replace(a_catalog(), publishers=())
    judge = Judge(bare, known_until=None)
    verdict = judge.judge(an_item())
    assert Explainer(bare).explain(judge, verdict).grade.kind == "unknown"
