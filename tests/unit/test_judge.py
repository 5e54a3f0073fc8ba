"""The judge as a whole: what every caller may rely on, whatever the items are."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.judgement.judge import Judge
from bot.model import (
    Catalog,
    Event,
    Grade,
    Item,
    KnownState,
    SourceId,
    StoryId,
    TermLists,
    Topic,
    TopicId,
    Verdict,
    Watch,
)

START = datetime(2026, 4, 1, 8, tzinfo=UTC)
TOPIC = TopicId("v4")
CATALOG = Catalog(
    sources=(),
    topics=(
        Topic(
            id=TOPIC,
            name="DeepSeek V4",
            any=TermLists(terms={"": ("deepseek v4", "v4")}),
            watches=(
                Watch(
                    id="out",
                    question="Is it out?",
                    states=("rumoured", "announced", "released", "delayed", "denied"),
                    known=(
                        KnownState(
                            state="rumoured", at=START - timedelta(days=9), link="https://example.org/a"
                        ),
                        KnownState(
                            state="released", at=START + timedelta(days=9), link="https://example.org/b"
                        ),
                    ),
                ),
            ),
        ),
    ),
)
TITLES = (
    "DeepSeek to release V4 next week, sources say",
    "消息称 DeepSeek V4 将于下周发布",
    "DeepSeek V4 launch delayed to May",
    "DeepSeek launches V4 under MIT licence",
    "DeepSeek V4 发布并开源，采用 MIT 许可",
    "DeepSeek辟谣：V4上线传言不实",
    "Nvidia shares fall 3% after DeepSeek V4",
    "Huawei Ascend 950PR reaches 812 TFLOPS in FP8",
    "Nepal: record number of climbers ascend Everest",
    "Morning briefing",
    "",
    "🐋🐋🐋",
    "<b>V4</b> &amp; ‮evil",
)
PUBLISHERS = ("Reuters", "财联社", "Bluesky", "")


def an_item(title: str, *, minutes: float = 0, publisher: str = "Reuters", name: str = "") -> Item:
    moment = START + timedelta(minutes=minutes)
    name = name or f"{publisher}-{title}-{minutes}"
    return Item(
        source=SourceId("s"), external_id=name, url=f"https://example.org/{name}", title=title,
        publisher=publisher, published=moment, seen=moment,
    )  # fmt: skip


def lived(judge: Judge, items: Sequence[Item]) -> list[Verdict]:
    verdicts = []
    for item in items:
        verdicts.append(judge.judge(item))
        judge.remember(verdicts[-1])
    return verdicts


def a_judge() -> Judge:
    return Judge(CATALOG, known_until=START)


streams = st.lists(
    st.builds(
        an_item,
        st.one_of(st.sampled_from(TITLES), st.text(max_size=40)),
        minutes=st.integers(0, 60 * 24 * 40),
        publisher=st.sampled_from(PUBLISHERS),
    ),
    max_size=14,
).map(lambda items: sorted(items, key=lambda item: item.seen))


@given(streams)
@settings(max_examples=25, deadline=None)
def test_judging_changes_nothing_and_is_deterministic(items: list[Item]) -> None:
    judge, other = a_judge(), a_judge()
    for item in items:
        verdict = judge.judge(item)
        assert judge.judge(item) == verdict
        assert other.judge(item) == verdict
        judge.remember(verdict)
        other.remember(verdict)


@given(streams)
@example(
    [
        an_item("DeepSeek V4 launch delayed to May"),
        an_item("DeepSeek launches V4 under MIT licence"),
        an_item("DeepSeek to release V4 next week, sources say", minutes=4473),
    ]
)
@settings(max_examples=25, deadline=None)
def test_the_same_item_again_changes_nothing(items: list[Item]) -> None:
    judge = a_judge()
    for item, first in zip(items, lived(judge, items), strict=True):
        if item.seen < items[-1].seen - timedelta(days=10):
            continue
        again = judge.judge(item)
        assert again.story == first.story
        assert not again.alert
        assert again.event in (Event.UPDATE, Event.NONE)


@given(streams, st.integers(0, 13))
@settings(max_examples=25, deadline=None)
def test_a_judge_filled_from_storage_judges_as_one_that_lived(items: list[Item], cut: int) -> None:
    one = a_judge()
    verdicts = lived(one, items[:cut])
    restored = a_judge()
    last = verdicts[-1].item.seen if verdicts else START
    for verdict in verdicts:
        # Storage gives back new objects, and only the last three weeks.
        if verdict.item.seen >= last - timedelta(days=21):
            restored.remember(replace(verdict, item=replace(verdict.item)))
        for move in verdict.watch:
            restored.set_watch_state(
                move.topic, move.question, move.state, since=verdict.item.published,
                proof=one.watch_proof(move.topic, move.question), story=verdict.story,
            )  # fmt: skip
    restored.next_story_id = one.next_story_id
    for item in items[cut:]:
        assert restored.judge(item) == one.judge(item)
        restored.remember(one.judge(item))
        one.remember(one.judge(item))


def test_two_languages_of_one_release_are_one_alert() -> None:
    verdicts = lived(
        a_judge(),
        [
            an_item("DeepSeek launches V4 model under MIT licence", publisher="Reuters"),
            an_item("DeepSeek V4 模型发布，采用 MIT 许可", publisher="财联社", minutes=20),
        ],
    )
    assert [verdict.event for verdict in verdicts] == [Event.NEW, Event.UPDATE]
    assert [verdict.alert for verdict in verdicts] == [True, False]
    assert verdicts[0].story == verdicts[1].story


def test_a_changed_answer_is_told_with_what_it_was() -> None:
    judge = a_judge()
    verdict = lived(judge, [an_item("DeepSeek launches V4")])[0]
    assert [(move.previous, move.state) for move in verdict.watch] == [("rumoured", "released")]
    assert judge.watch_state(TOPIC, "out") == "released"


def test_a_straggler_of_a_denied_rumour_does_not_bring_it_back() -> None:
    judge = a_judge()
    rumour = "DeepSeek to release V4 next week, sources say"
    lived(judge, [an_item(rumour), an_item("DeepSeek辟谣：V4上线传言不实", publisher="财联社", minutes=60)])
    assert judge.watch_state(TOPIC, "out") == "denied"
    late = judge.judge(an_item(rumour, publisher="Yahoo", minutes=90))
    assert (late.watch, late.alert) == ((), False)


def test_known_history_holds_up_to_its_moment_and_no_later() -> None:
    assert a_judge().watch_state(TOPIC, "out") == "rumoured"
    assert Judge(CATALOG, known_until=START + timedelta(days=10)).watch_state(TOPIC, "out") == "released"
    assert Judge(CATALOG, known_until=None).watch_state(TOPIC, "out") == ""


def test_what_touches_no_topic_has_a_story_and_no_event() -> None:
    verdict = lived(a_judge(), [an_item("Nepal: record number of climbers ascend Everest")])[0]
    assert (verdict.event, verdict.alert, verdict.topics) == (Event.NONE, False, ())
    assert verdict.story == 1


def test_new_stories_take_the_id_that_is_set() -> None:
    judge = a_judge()
    judge.next_story_id = 71
    assert lived(judge, [an_item("DeepSeek launches V4")])[0].story == 71
    assert judge.next_story_id == 72


def test_a_story_that_was_on_no_topic_is_new_when_it_becomes_so() -> None:
    judge = a_judge()
    first = judge.judge(an_item("Zephyr Labs opens quantum foundry in Turku"))
    judge.remember(first)
    second = judge.judge(
        an_item("Zephyr Labs opens quantum foundry in Turku, to run DeepSeek V4", minutes=30)
    )
    assert second.story == first.story
    assert (second.event, second.previous_grade) == (Event.NEW, None)


def test_what_tells_the_event_of_a_story_is_on_its_topics_without_their_words() -> None:
    judge = a_judge()
    first, second = lived(
        judge,
        [
            an_item("DeepSeek V4 weights appear on Zephyr Labs server in Turku"),
            an_item("Weights appear on Zephyr Labs server in Turku", minutes=30, publisher="AP"),
        ],
    )
    assert first.story == second.story
    assert second.topic_ids == (TOPIC,)
    assert "which it tells, is on it" in second.reasons[0]
    assert second.event is Event.UPDATE


def test_what_a_topic_shuts_out_does_not_come_in_by_its_story() -> None:
    topic = replace(CATALOG.topics[0], skip=("spam",), none=TermLists(terms={"": ("gardens",)}))
    judge = Judge(replace(CATALOG, topics=(topic,)), known_until=START)
    found = lived(
        judge,
        [
            an_item("DeepSeek V4 weights appear on Zephyr Labs server in Turku"),
            an_item("Weights appear on Zephyr Labs server in Turku gardens", minutes=40, publisher="y"),
        ],
    )
    assert len({verdict.story for verdict in found}) == 1
    assert [bool(verdict.topics) for verdict in found] == [True, False]


def test_an_offer_joins_no_story_and_nothing_joins_it() -> None:
    topic = replace(CATALOG.topics[0], skip=("spam",))
    judge = Judge(replace(CATALOG, topics=(topic,)), known_until=START)
    news, offer, again, more = lived(
        judge,
        [
            an_item("DeepSeek V4 weights appear on Zephyr Labs server in Turku"),
            an_item(
                "Weights appear on Zephyr Labs server in Turku: free download", minutes=30, publisher="x"
            ),
            an_item("Weights on Zephyr Labs server in Turku: free download here", minutes=31, publisher="z"),
            an_item(
                "DeepSeek V4 weights appear on Zephyr Labs server, says Turku", minutes=40, publisher="y"
            ),
        ],
    )
    assert news.story == more.story
    assert len({news.story, offer.story, again.story}) == 3
    assert not offer.topics
    assert not offer.alert


def test_satire_is_told_once_and_is_no_part_of_the_news_it_mocks() -> None:
    jest = an_item(
        "DeepSeek V4 weights appear on Zephyr Labs server, ask for a holiday",
        minutes=30,
        publisher="The Onion",
    )
    news, mocked, again = lived(
        a_judge(),
        [
            an_item("DeepSeek V4 weights appear on Zephyr Labs server in Turku"),
            jest,
            replace(jest, source=SourceId("b")),
        ],
    )
    assert mocked.graded.grade is Grade.OPINION
    assert mocked.story != news.story
    assert (again.story, again.alert) == (mocked.story, False)


def test_reasons_say_topic_story_grade_and_alert() -> None:
    verdict = a_judge().judge(an_item("DeepSeek launches V4"))
    kinds = [reason.split(":")[0].split(" ")[0] for reason in verdict.reasons]
    assert kinds == ["topic", "story", "grade", "watch", "told"]


def test_explain_names_the_candidates() -> None:
    judge = a_judge()
    lived(judge, [an_item("Huawei Ascend 950PR reaches 812 TFLOPS in FP8")])
    found = judge.explain(an_item("Huawei's Ascend 950PR hits 812 TFLOPS", publisher="Wccftech", minutes=9))
    assert found.candidates[0].story == StoryId(1)
    assert found.candidates[0].score > 0


def test_an_upgrade_carries_the_grade_before_it() -> None:
    judge = a_judge()
    first = judge.judge(an_item("DeepSeek launches V4"))
    weaker = replace(first, graded=replace(first.graded, grade=Grade.RUMOUR), watch=())
    judge.remember(weaker)
    again = judge.judge(an_item("DeepSeek launches V4 model", publisher="AP", minutes=5))
    assert again.story == first.story
    assert (again.event, again.previous_grade) == (Event.UPGRADE, Grade.RUMOUR)
