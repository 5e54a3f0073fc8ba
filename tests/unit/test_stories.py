"""Which items are one story: pairs of headlines with the cause in their names, and what the memory forgets."""

import json
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.judgement.canonical import title_key
from bot.judgement.memory import WINDOW, Memory
from bot.judgement.stories import QUIET_S, Placed, place
from bot.judgement.stories_features import Features, features_of, subjects_of
from bot.judgement.text import FOLDED, fold, script_of, stem
from bot.model import Grade, Item, SourceId, TermLists, Topic, TopicId
from tests.paths import DATA

DAY_ONE = datetime(2026, 4, 1, 8, tzinfo=UTC)


def an_item(
    title: str,
    *,
    publisher: str = "Reuters",
    hours: float = 0,
    summary: str = "",
    language: str = "",
    url: str = "",
) -> Item:
    moment = DAY_ONE + timedelta(hours=hours)
    language = language or ("zh" if script_of(title) == "zh" else "en")
    address = url or f"https://example.org/{publisher}/{title}".replace(" ", "-")
    return Item(
        source=SourceId("s"),
        external_id=address,
        url=address,
        title=title,
        publisher=publisher,
        published=moment,
        seen=moment,
        summary=summary,
        language=language,
    )


def features(item: Item, grade: Grade = Grade.REPORT) -> Features:
    return features_of(item, key=title_key(item.title, item.publisher), grade=grade)


def placed(memory: Memory, item: Item, grade: Grade = Grade.REPORT) -> Placed:
    return place(memory, features(item, grade))


def remember(memory: Memory, item: Item, story: int, grade: Grade = Grade.REPORT) -> None:
    memory.add(story, features(item, grade), seen=item.seen.timestamp(), rank=-1)


def clusters(items: Sequence[Item], grades: Sequence[Grade] = ()) -> list[int]:
    """Place items one after the other, as the judge does."""
    memory, found, new = Memory(), [], 0
    for at, item in enumerate(items):
        grade = grades[at] if grades else Grade.REPORT
        story = placed(memory, item, grade).story
        new += story is None
        found.append(new if story is None else story.id)
        remember(memory, item, found[-1], grade)
    return found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(
            "Huawei launches Atlas 350 card with Ascend 950PR chip",
            "华为发布 Atlas 350 加速卡：搭载昇腾 950PR 芯片",
            id="english-and-chinese-of-one-launch",
        ),
        pytest.param(
            "昇騰910C良率提升 華為擬擴產", "昇腾910C良率提升 华为拟扩产", id="traditional-and-simplified"
        ),
        pytest.param(
            "China gives nod to ByteDance, Alibaba to buy Nvidia's H200 chips",
            "中国批准字节跳动、阿里采购英伟达H200芯片",
            id="names-and-act-across-languages",
        ),
        pytest.param(
            "EU regulators fine Acme Robotics 600,000 euros over battery fires",
            "Acme Robotics fined by Brussels after battery fires",
            id="general-news-in-other-words",
        ),
        pytest.param(
            "Huawei plans to make 600,000 Ascend 910C chips this year",
            "华为今年拟生产60万颗昇腾910C",
            id="600000-is-60-times-ten-thousand",
        ),
    ],
)
def test_two_reports_of_one_event_are_one_story(one: str, other: str) -> None:
    items = [an_item(one), an_item(other, publisher="36氪", hours=2)]
    assert clusters(items) == [1, 1]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(
            "Huawei Ascend 910C yield improves, report says",
            "Huawei Ascend 910D yield improves, report says",
            id="910C-is-not-910D",
        ),
        pytest.param("DeepSeek V3 weights released", "DeepSeek V4 weights released", id="V3-is-not-V4"),
        pytest.param(
            "Nvidia H20 sales to China halted", "Nvidia H200 sales to China halted", id="H20-is-not-H200"
        ),
        pytest.param(
            "Commerce withdraws global AI chip licence rule",
            "Senate committee advances the Remote Access Security Act for cloud GPUs",
            id="two-acts-of-two-bodies",
        ),
        pytest.param("Ducati unveils Panigale V4 R", "DeepSeek unveils V4 model", id="V4-of-two-makers"),
        pytest.param(
            "升腾的云海：黄山春节看日出", "昇腾950PR加速卡发布", id="the-verb-that-sounds-like-the-chip"
        ),
    ],
)
def test_two_events_are_two_stories_however_alike(one: str, other: str) -> None:
    items = [an_item(one), an_item(other, publisher="Bloomberg", hours=2)]
    assert clusters(items) == [1, 2]


def test_a_comparison_of_two_versions_stays_in_the_story_that_names_both() -> None:
    items = [
        an_item("Ascend 910C beats Nvidia H20 by 23% in leaked carrier test"),
        an_item("Nvidia H20 loses to Ascend 910C in leaked carrier test", publisher="Wccftech", hours=3),
    ]
    assert clusters(items) == [1, 1]


def test_the_same_address_is_the_same_story_whatever_the_title_became() -> None:
    url = "https://wccftech.example/v4-score"
    items = [
        an_item("DeepSeek V4 scores 83.7% on SWE-bench", url=url),
        an_item("[Update: Fake] DeepSeek V4 scores 83.7% on SWE-bench", url=url, hours=30),
    ]
    assert clusters(items) == [1, 1]


def test_a_page_that_is_rewritten_for_another_event_begins_another_story() -> None:
    url = "https://status.example/"
    items = [
        an_item("Scheduled maintenance of the login service", url=url),
        an_item("Payments in Brazil degraded", url=url, hours=40),
    ]
    assert clusters(items) == [1, 2]


def test_the_same_headline_of_two_outlets_is_one_story() -> None:
    title = "SMIC jumps as chip demand rises"
    items = [an_item(title), an_item(f"{title} | Yahoo", publisher="Yahoo", hours=20)]
    assert clusters(items) == [1, 1]


def test_a_daily_column_of_one_outlet_is_a_story_each_day() -> None:
    items = [
        an_item("早间新闻精选", publisher="财联社", hours=24 * day, url=f"https://example.org/{day}")
        for day in range(3)
    ]
    assert clusters(items) == [1, 2, 3]


def test_announced_first_hand_and_done_are_two_stories() -> None:
    items = [
        an_item("Scheduled API maintenance: introduction of deepseek-v4-pro", publisher="DeepSeek Status"),
        an_item("deepseek-ai/DeepSeek-V4-Pro", publisher="Hugging Face", hours=19, summary="New repository."),
    ]
    assert clusters(items, [Grade.OFFICIAL, Grade.PRIMARY_DATA]) == [1, 2]


def test_what_another_party_measures_is_another_story() -> None:
    items = [
        an_item("DeepSeek V4 Pro evaluation: second on our intelligence index", publisher="Artificial A"),
        an_item("DeepSeek V4 Pro evaluation: first on our coding index", publisher="Vals", hours=5),
    ]
    assert clusters(items, [Grade.PRIMARY_DATA, Grade.PRIMARY_DATA]) == [1, 2]


def test_a_rumour_and_the_act_ten_days_later_can_be_one_story_and_eleven_days_later_cannot() -> None:
    rumour = an_item("爆料：华为下周发布首款昇腾950PR加速卡Atlas 350", publisher="快科技")
    title = "华为Atlas 350加速卡正式发布 搭载昇腾950PR"
    memory = Memory()
    remember(memory, rumour, 1, Grade.RUMOUR)
    soon = placed(memory, an_item(title, publisher="华为", hours=7 * 24), Grade.OFFICIAL)
    late = placed(memory, an_item(title, publisher="华为", hours=QUIET_S / 3600 + 1), Grade.OFFICIAL)
    assert soon.story is not None
    assert late.story is None


def test_a_story_is_not_reopened_by_an_item_dated_long_before_it() -> None:
    memory = Memory()
    remember(memory, an_item("Zephyr Labs opens quantum foundry in Turku", hours=24 * 30), 1)
    early = an_item("Zephyr Labs opens quantum foundry in Turku", publisher="YLE")
    assert placed(memory, early).story is None


def test_a_story_goes_on_for_weeks_while_it_is_told() -> None:
    title = "Zephyr Labs quantum foundry in Turku burns"
    items = [an_item(title, publisher=f"outlet{day}", hours=24 * day) for day in range(0, 60, 5)]
    assert set(clusters(items)) == {1}


def test_memory_forgets_what_is_older_than_its_window() -> None:
    memory = Memory()
    days = WINDOW.days * 3
    for day in range(days):
        remember(memory, an_item(f"Story number{day} about thing{day}", hours=24 * day), day + 1)
    assert len(memory) <= WINDOW.days + 2
    assert len(memory.stories) == len(memory)


def test_one_item_dated_far_ahead_does_not_wipe_the_memory() -> None:
    memory = Memory()
    for hour in range(5):
        remember(memory, an_item(f"Story number{hour} about thing{hour}", hours=hour), hour + 1)
    remember(memory, an_item("From the year 2099", hours=24 * 365 * 73), 6)
    remember(memory, an_item("Back in the present", hours=6), 7)
    assert len(memory) == 7


def test_the_cost_of_a_common_word_is_bounded() -> None:
    memory = Memory()
    for number in range(500):
        remember(memory, an_item(f"Chip word{number}", hours=number / 60), number + 1)
    probe = features(an_item("Chip"))
    found = list(memory.candidates(memory.weigh(probe), limit=1000))
    assert 0 < len(found) <= 64
    assert all(story.id > 400 for story in found)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        pytest.param("ＤｅｅｐＳｅｅｋ Ｖ４", "deepseek v4", id="full-width"),
        pytest.param("Europäischer", "europaischer", id="umlaut"),
        pytest.param("輝達與華為", "辉达与华为", id="traditional"),
        pytest.param("Nvidia’s", "nvidia's", id="curly-apostrophe"),
    ],
)
def test_fold_brings_spellings_together(text: str, folded: str) -> None:
    assert fold(text) == folded
    assert fold(folded) == folded


def plain_fold(text: str) -> str:
    """The same, said simply and slowly."""
    if text.isascii():
        return text.lower()
    lowered = unicodedata.normalize("NFKC", text).lower()
    swapped = "".join(FOLDED.get(character, character) for character in lowered)
    apart = unicodedata.normalize("NFD", swapped)
    return unicodedata.normalize("NFC", "".join(c for c in apart if not "\u0300" <= c <= "\u036f"))


@given(st.text())
@settings(max_examples=400, deadline=None)
def test_fold_skips_only_what_changes_nothing(text: str) -> None:
    assert fold(text) == plain_fold(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [("delays", "delayed"), ("launching", "launched"), ("policies", "policy"), ("banned", "bans")],
)
def test_stem_brings_endings_together(one: str, other: str) -> None:
    assert stem(one) == stem(other)


def test_the_sample_of_the_corpus_is_clustered_as_labelled() -> None:
    rows = [json.loads(line) for line in (DATA / "stories" / "ai.jsonl").read_text("utf-8").splitlines()]
    items = [
        Item(
            source=SourceId(row["source"]),
            external_id=row["id"],
            url=row["url"],
            title=row["title"],
            publisher=row["publisher"],
            published=datetime.fromisoformat(row["published"]),
            seen=datetime.fromisoformat(row["published"]),
            summary=row["summary"],
            language=row["language"],
        )
        for row in rows
    ]
    found = clusters(items, [Grade(row["gold"]["grade"]) for row in rows])
    truth = [row["gold"]["story"] for row in rows]
    right = [(found[a] == found[b], truth[a] == truth[b]) for a in range(len(rows)) for b in range(a)]
    both = right.count((True, True))
    assert both / (both + right.count((True, False))) > 0.88  # pairs put together rightly
    assert both / (both + right.count((False, True))) > 0.80  # pairs found


YOUNG = [
    "DeepSeek V4 rumours of the winter",
    "DeepSeek V4 weights appear on a server in Hangzhou",
    "Benchmarks of Kunlun accelerators beside DeepSeek V4 leak from Beijing lab",
    "Regulator opens hearing about DeepSeek V4 pricing in Brussels",
]


@pytest.mark.parametrize(
    ("titles", "publishers"),
    [
        pytest.param(YOUNG, ["Daily"], id="a-young-memory-and-one-outlet"),
        pytest.param(YOUNG, ["Reuters", "The Verge", "Bloomberg"], id="a-young-memory-and-many"),
        pytest.param(
            ["DeepSeek V4 released today", "DeepSeek V4 delayed to May", "DeepSeek V4 price cut by half"],
            ["Reuters", "The Verge"],
            id="another-act-of-the-same-subject",
        ),
        pytest.param(
            ["Item number 3 about gardens", "Item number 4 about gardens", "Item number 5 about gardens"],
            ["Daily"],
            id="a-numbered-series-of-one-outlet",
        ),
    ],
)
def test_the_subject_alone_makes_no_story(titles: list[str], publishers: list[str]) -> None:
    items = [
        an_item(title, publisher=publishers[at % len(publishers)], hours=at / 4)
        for at, title in enumerate(titles)
    ]
    assert len(set(clusters(items))) == len(titles)


def test_a_young_memory_still_joins_what_tells_the_same() -> None:
    titles = [
        "DeepSeek releases V4",
        "DeepSeek releases V4 preview",
        "DeepSeek rolls out V4 model",
        "DeepSeek V4正式发布",
    ]
    items = [an_item(title, publisher=f"Outlet {at}", hours=at / 4) for at, title in enumerate(titles)]
    assert set(clusters(items)) == {1}


def test_the_words_of_a_topic_with_few_terms_tell_no_stories_apart() -> None:
    topic = Topic(id=TopicId("g"), name="Graphene", any=TermLists(terms={"en": ("graphene",)}))
    memory = Memory(subjects_of([topic]))
    remember(memory, an_item("Graphene battery breakthrough in Manchester"), 1)
    assert placed(memory, an_item("Graphene market grows in Asia", publisher="AP", hours=1)).story is None
    same = placed(
        memory, an_item("Manchester lab hails graphene battery breakthrough", publisher="AP", hours=1)
    )
    assert same.story is not None
