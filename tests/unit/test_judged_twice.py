"""Judging any text: nothing crashes, and the same item again changes nothing and is not told again."""

from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.catalog.loader import load_catalog
from bot.judgement.judge import Judge
from bot.model import Catalog, Event, Item, SourceId, TermLists, Topic, TopicId, Verdict

START = datetime(2026, 4, 24, 8, tzinfo=UTC)
#: One topic that every item is on, beside the built-in ones.
EVERYTHING = Topic(id=TopicId("all"), name="All", any=TermLists(terms={"": ("*",)}))


@cache
def a_catalog() -> Catalog:
    built_in = load_catalog(None)
    return Catalog(sources=(), topics=(*built_in.topics, EVERYTHING), publishers=built_in.publishers)


def an_item(
    title: str, summary: str = "", *, publisher: str = "Reuters", hours: float = 0, number: int = 0
) -> Item:
    moment = START + timedelta(hours=hours)
    return Item(
        source=SourceId("s"), external_id=str(number), url=f"https://outlet.example/{number}", title=title,
        summary=summary, publisher=publisher, published=moment, seen=moment,
    )  # fmt: skip


def judged(judge: Judge, item: Item) -> Verdict:
    verdict = judge.judge(item)
    judge.remember(verdict)
    return verdict


WORDS = (
    "DeepSeek", "V4", "V3.1", "Ascend", "910C", "Huawei", "Nvidia", "H20", "released", "delayed", "denies", "not",
    "after", "Correction:", "shares", "jump", "licence", "scores", "83.7%", "SWE-bench", "by", "June", "2026", "the",
    "昇腾", "发布", "推迟", "后", "更正：", "否认", "60万", "—", "'s", "\u200b", "\U0001f40b",
)  # fmt: skip
texts = st.one_of(st.text(max_size=80), st.lists(st.sampled_from(WORDS), max_size=10).map(" ".join))


@given(st.lists(st.tuples(texts, texts, st.floats(-200, 200)), min_size=1, max_size=6), st.integers(1, 3))
@settings(max_examples=40, deadline=None)
def test_the_same_item_twice_changes_nothing(given_items: list[tuple[str, str, float]], again: int) -> None:
    judge = Judge(a_catalog(), known_until=START)
    items = [
        an_item(title, summary, hours=hours, number=at)
        for at, (title, summary, hours) in enumerate(given_items)
    ]
    verdicts = [judged(judge, item) for item in items]
    item, first = items[-1], verdicts[-1]
    states = _states(judge)
    for _ in range(again):
        twice = judge.judge(item)
        assert twice == judge.judge(item)  # judging alone changes nothing
        assert (twice.story, twice.event, twice.alert) == (first.story, Event.UPDATE, False)
        assert twice.witnesses == first.witnesses
        judge.remember(twice)
    assert _states(judge) == states


def _states(judge: Judge) -> list[str]:
    return [judge.watch_state(topic.id, watch.id) for topic in a_catalog().topics for watch in topic.watches]


@pytest.mark.parametrize(
    "title",
    [
        pytest.param("Correction: DeepSeek V4 is due in June, not May", id="a-correction"),
        pytest.param("更正：DeepSeek V4将于6月发布", id="a-correction-in-chinese"),
    ],
)
def test_a_correction_is_told_once_however_many_carry_it(title: str) -> None:
    judge = Judge(a_catalog(), known_until=START)
    first = "DeepSeek V4 is due in May" if title.isascii() else "DeepSeek V4将于5月发布"
    judged(judge, an_item(first))
    told = [
        judged(judge, an_item(title, hours=1 + n, publisher=publisher, number=n + 1)).alert
        for n, publisher in enumerate(("Reuters", "Yahoo", "AP"))
    ]
    assert told == [True, False, False]


def test_a_delay_is_told_and_witnesses_no_release() -> None:
    judge = Judge(Catalog(sources=(), topics=(EVERYTHING,)), known_until=None)
    released = judged(judge, an_item("Zephyr Phone 7 released", publisher="AP"))
    delayed = judged(judge, an_item("Zephyr Phone 7 is delayed", publisher="Reuters", hours=2, number=1))
    assert (released.event, delayed.event) == (Event.NEW, Event.NEW)
    assert delayed.alert
    assert (released.witnesses, delayed.witnesses) == (1, 1)
