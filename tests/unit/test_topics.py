"""The engine of topics: how terms match, alone and together. The built-in topics have their own tests."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.catalog.loader import load_catalog
from bot.judgement.terms import Scan, Terms, compile_term
from bot.judgement.topics import TopicMatcher
from bot.model import TermLists, Together, Topic, TopicId
from tests.builders import an_item


def lists(*terms: str) -> TermLists:
    return TermLists(terms={"": terms})


def matches(topic: Topic, title: str, summary: str = "", publisher: str = "Reuters") -> bool:
    found = TopicMatcher([topic]).match(an_item(title=title, summary=summary, publisher=publisher))
    return bool(found)


def a_topic(**given: object) -> Topic:
    fields: dict[str, object] = {"id": TopicId("t"), "name": "T", "any": lists("deepseek v4")}
    return Topic(**{**fields, **given})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("term", "text", "found"),
    [
        pytest.param("deepseek v4", "DeepSeek-V4 is out", True, id="hyphen"),
        pytest.param("deepseek v4", "deepseek_v4.py", True, id="underscore"),
        pytest.param("deepseek v4", "DeepSeekV4", True, id="nothing between"),
        pytest.param("deepseek v4", "DeepSeek's V4", True, id="possessive"),
        pytest.param("deepseek v4", "DeepSeek’s V4", True, id="curly possessive"),
        pytest.param("deepseek v4", "ＤｅｅｐＳｅｅｋ　Ｖ４", True, id="full width"),
        pytest.param("deepseek v4", "DeepseekV4ForCausalLM", True, id="a name in code"),
        pytest.param("deepseek v4", "DeepSeek V40", False, id="a longer number"),
        pytest.param("deepseek v4", "xdeepseek v4", False, id="no border on the left"),
        pytest.param("deepseek v4", "DeepSeek and V4", False, id="a word between"),
        pytest.param("950pr", "eight 950PRs", True, id="plural"),
        pytest.param("950pr", "950 PRO", False, id="the beginning of another word"),
        pytest.param("licens*", "relicensed licensing", True, id="prefix"),
        pytest.param("licens*", "relicensed", False, id="a prefix keeps its left border"),
        pytest.param("=BIS", "BIS rule", True, id="exact case"),
        pytest.param("=BIS", "von Mai bis Juni", False, id="the German word"),
        pytest.param("昇腾", "华为昇腾950", True, id="Chinese inside"),
        pytest.param("昇騰", "华为昇腾", True, id="traditional term"),
        pytest.param("昇腾", "華為昇騰", True, id="traditional text"),
        pytest.param("昇腾 950", "昇腾950 发布", True, id="mixed, nothing between"),
        pytest.param("昇腾 950", "昇腾9501", False, id="mixed, border of the number"),
        pytest.param("v4", "深度求索V4发布", True, id="Latin in Chinese"),
        pytest.param("v4", "深度求索V40发布", False, id="Latin border in Chinese"),
        pytest.param("risc-v", "RISC V and riscv", True, id="term with a hyphen"),
        pytest.param("50%", "a 50% rule", True, id="percent"),
        pytest.param("für", "fur", True, id="accents are folded"),
    ],
)
def test_a_term_is_found_as_people_expect(term: str, text: str, found: bool) -> None:
    compiled = compile_term(term)
    assert compiled is not None
    assert bool(Scan(text, "").where(compiled)) is found


@pytest.mark.parametrize("term", ["", "*", "=", "--", "!?"])
def test_a_term_of_nothing_is_no_term(term: str) -> None:
    assert compile_term(term) is None
    assert not Terms([term]).hits(Scan("anything", ""))


def test_all_needs_every_term_of_one_language() -> None:
    topic = a_topic(any=TermLists(), all=TermLists(terms={"en": ("chip", "export"), "zh": ("芯片", "出口")}))
    assert matches(topic, "Chip export rules")
    assert matches(topic, "芯片出口新规")
    assert not matches(topic, "Chip rules 出口")


def test_any_and_all_are_both_needed() -> None:
    topic = a_topic(any=lists("huawei"), all=lists("chip"))
    assert matches(topic, "Huawei chip")
    assert not matches(topic, "Huawei phone")
    assert not matches(topic, "A chip")


def test_none_keeps_an_item_out() -> None:
    topic = a_topic(none=lists("satire"))
    assert matches(topic, "DeepSeek V4 released")
    assert not matches(topic, "DeepSeek V4 released", "This is satire.")


def test_the_star_matches_everything() -> None:
    topic = a_topic(any=lists("*"))
    assert matches(topic, "Anything at all")
    assert matches(topic, "無題")


def test_an_ambiguous_term_needs_a_word_near_it() -> None:
    topic = a_topic(any=lists("ascend"), ambiguous=lists("ascend"), near=lists("huawei", "npu"))
    assert matches(topic, "Ascend roadmap", "Huawei said")
    assert not matches(topic, "Prices ascend", "Coffee crop fails")


def test_a_mention_in_the_summary_counts_only_under_a_fitting_title() -> None:
    topic = a_topic(title=lists("deepseek*"))
    assert matches(topic, "DeepSeek's plans", "deepseek v4 is due")
    assert matches(topic, "A note", "deepseek v4 is due", publisher="DeepSeek")
    assert not matches(topic, "MindSpore 2.9", "runs deepseek v4")


def test_together_needs_a_term_of_each_group_and_the_title() -> None:
    both = Together(name="chip licence", groups=(("chip", "gpu"), ("licence",)), none=("driving",), title=2)
    topic = a_topic(any=TermLists(), together=(both,))
    assert matches(topic, "A licence for a GPU")
    assert not matches(topic, "A GPU", "and a licence")
    assert not matches(topic, "A chip for the driving licence")
    assert not matches(topic, "A licence")


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        pytest.param("spam", "DeepSeek V4 free download APK", id="download"),
        pytest.param("spam", "DeepSeek V4 token presale", id="token"),
        pytest.param("listicles", "17 best AI models of 2026: DeepSeek V4 and more", id="list"),
        pytest.param("stocks", "DeepSeek V4: is Nvidia stock a buy?", id="what to buy"),
        pytest.param("stocks", "DeepSeek V4概念股午后异动（附名单）", id="hot stocks"),
        pytest.param("passing", "Kimi K3 beats DeepSeek V4 on coding", id="in passing"),
        pytest.param("passing", "Kimi K3 编程能力超越 DeepSeek V4", id="in passing, Chinese"),
    ],
)
def test_noise_is_left_out_only_where_the_topic_asks_for_it(kind: str, title: str) -> None:
    assert matches(a_topic(), title)
    assert not matches(a_topic(skip=(kind,)), title)


@pytest.mark.parametrize(
    "title",
    [
        "DeepSeek V4 beats Kimi K3",
        "SMIC jumps, MiniMax slumps after DeepSeek V4",
        "DeepSeek V4 downloads pass one million",
        "Kimi K3 beats DeepSeek V4, and DeepSeek V4 answers with a price cut",
    ],
)
def test_news_is_not_taken_for_noise(title: str) -> None:
    assert matches(a_topic(skip=("spam", "listicles", "stocks", "passing")), title)


def test_the_reason_names_terms_and_places() -> None:
    topic = a_topic(any=lists("deepseek v4", "weights"))
    (match,) = TopicMatcher([topic]).match(an_item(title="DeepSeek V4", summary="Weights are there"))
    assert set(match.matched) == {"deepseek v4", "weights"}
    assert match.reason == 't: "deepseek v4" in the title; "weights" in the summary'


def test_topics_come_in_catalog_order_each_by_its_own_words() -> None:
    topics = [a_topic(id=TopicId("b"), any=lists("huawei")), a_topic(id=TopicId("a"), any=lists("chip"))]
    found = TopicMatcher(topics).match(an_item(title="A chip of Huawei"))
    assert [match.topic for match in found] == ["b", "a"]
    assert TopicMatcher([]).match(an_item()) == ()


BUILT_IN = TopicMatcher(load_catalog().topics)


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_is_matched_the_same_way_twice(title: str, summary: str) -> None:
    item = an_item(title=title or "x", summary=summary)
    assert BUILT_IN.match(item) == BUILT_IN.match(item)


@given(st.text(min_size=1, max_size=40))
def test_any_text_may_be_a_term(text: str) -> None:
    term = compile_term(text)
    assert term is None or Terms([text]).hits(Scan("no such thing", "")) is not None
