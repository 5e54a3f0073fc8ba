"""Which items are one story: pairs of headlines with the cause in their names, and what the memory forgets."""

import json
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.catalog.loader import load_catalog
from bot.judgement.canonical import title_key
from bot.judgement.memory import WINDOW, Memory
from bot.judgement.stories import QUIET_S, Placed, place
from bot.judgement.stories_features import Features, features_of, subjects_of
from bot.judgement.text import FOLDED, fold, script_of, stem
from bot.judgement.topics import TopicMatcher
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


MATCHER = TopicMatcher(load_catalog(None).topics)


def features(item: Item, grade: Grade = Grade.REPORT) -> Features:
    topics = [match.topic for match in MATCHER.match(item)]
    return features_of(item, key=title_key(item.title, item.publisher), grade=grade, topics=topics)


def placed(memory: Memory, item: Item, grade: Grade = Grade.REPORT) -> Placed:
    return place(memory, features(item, grade))


def remember(memory: Memory, item: Item, story: int, grade: Grade = Grade.REPORT) -> None:
    told = features(item, grade)
    memory.add(story, told, seen=item.seen.timestamp(), rank=-1, topics=tuple(told.topics))


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
            "Jane Street wins licence for exchange in Turku",
            "Turku exchange: Jane Street gets its licence",
            id="no-act-that-the-field-knows",
        ),
        pytest.param(
            "DeepSeek releases final version of its V4 model",
            "DeepSeek veröffentlicht finale Version seines V4-Modells",
            id="english-and-german",
        ),
        pytest.param(
            "SiPearl ships first Rhea1 samples to partners",
            "SiPearl livre les premiers échantillons de Rhea1",
            id="english-and-french",
        ),
        pytest.param(
            "EU Chips Act 2 is delayed to June",
            "EU-Kommission verschiebt Chips Act 2",
            id="a-delay-in-german",
        ),
        pytest.param(
            "House passes Chip Security Act 371-38",
            "House passes chip tracking bill, the Chip Security Act",
            id="a-bill-and-its-nickname",
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
        pytest.param(
            "Beijing halts customs clearance of Nvidia H200s",
            "中国海关暂停放行英伟达H200",
            id="several-of-one-model-and-a-halt-in-chinese",
        ),
        pytest.param(
            "BIS imposes $18 million penalty on colocation firm over Ascend servers",
            "US fines colocation firm over Ascend servers",
            id="a-penalty-is-a-fine",
        ),
    ],
)
def test_two_reports_of_one_event_are_one_story(one: str, other: str) -> None:
    items = [an_item(one), an_item(other, publisher="36氪", hours=2)]
    assert clusters(items) == [1, 1]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("Zephyr Phone 7 released", "Zephyr Phone 7 is delayed", id="released-is-not-delayed"),
        pytest.param("Zephyr Phone 7 is delayed", "Zephyr Phone 7 released", id="delayed-is-not-released"),
        pytest.param("Zephyr Phone 7 released", "Zephyr Phone 7 not released", id="a-negated-act"),
        pytest.param("Zephyr Phone 7 is shipping", "Zephyr Phone 7 recalled", id="shipped-is-not-recalled"),
        pytest.param(
            "Zephyr Phone 7 ships in May", "Zephyr Phone 7 cancelled", id="shipped-is-not-cancelled"
        ),
        pytest.param(
            "Malta approves Zephyr merger", "Malta blocks Zephyr merger", id="approved-is-not-blocked"
        ),
        pytest.param(
            "Zephyr confirms takeover talks", "Zephyr denies takeover talks", id="confirmed-is-not-denied"
        ),
        pytest.param("Zephyr Phone 7发布", "Zephyr Phone 7推迟", id="released-is-not-delayed-in-chinese"),
        pytest.param("Zephyr Phone 7已发布", "Zephyr Phone 7尚未发布", id="a-negated-act-in-chinese"),
        pytest.param(
            "DeepSeek releases V4", "SMIC jumps after DeepSeek releases V4", id="what-markets-made-of-it"
        ),
        pytest.param(
            "DeepSeek V4发布", "DeepSeek V4发布后：英伟达大跌", id="what-markets-made-of-it-in-chinese"
        ),
        pytest.param(
            "DeepSeek launches V4", "DeepSeek API down after V4 launch", id="the-act-is-only-the-occasion"
        ),
        pytest.param(
            "Huawei says Ascend chips support DeepSeek V4",
            "Cambricon chips support DeepSeek V4",
            id="the-same-by-another-firm",
        ),
        pytest.param(
            "China approves ByteDance to buy Nvidia H200 chips",
            "China approves DeepSeek to buy Nvidia H200 chips",
            id="the-same-for-another-firm",
        ),
        pytest.param(
            "DeepSeek releases V4", "DeepSeek V4 scores 61 on independent index", id="measured-after-release"
        ),
        pytest.param(
            "TechInsights teardown of Ascend 950DT finds CXMT memory",
            "Ascend 950DT benchmarked at 85% of H100",
            id="taken-apart-and-measured",
        ),
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
    precision, recall = both / (both + right.count((True, False))), both / (both + right.count((False, True)))
    assert precision > 0.96  # of the pairs put together
    assert 2 * precision * recall / (precision + recall) > 0.86


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


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("Berlin marathon winners named", "Protest closes Berlin airport", id="a-place"),
        pytest.param("Garden show opens Saturday", "Garden fence law repealed", id="an-everyday-word"),
        pytest.param("Quixotic plan for harbour", "Quixotic senator retires", id="an-uncommon-word"),
        pytest.param("晨报：沙丘音乐节开幕", "沙丘续集定档", id="in-chinese"),
        pytest.param("Lunar New Year train rush", "春节档票房创新高", id="across-languages"),
        pytest.param("Jury awards 1,000 dollars to tenant", "Mill hires 1,000 welders", id="a-number"),
    ],
)
def test_one_shared_word_joins_nothing_in_a_new_memory(one: str, other: str) -> None:
    assert clusters([an_item(one), an_item(other, publisher="AP", hours=1)]) == [1, 2]


@pytest.mark.parametrize("word", ["open", "weakness", "costume", "1000", "China"])
def test_one_everyday_word_joins_nothing_however_much_was_read(word: str) -> None:
    memory = Memory()
    for number in range(300):
        remember(memory, an_item(f"Zork{number} quax{number} blip{number}", hours=number / 60), number + 1)
    remember(memory, an_item(f"Vexal trunk {word} morrow", hours=6), 1000)
    assert placed(memory, an_item(f"Pallid {word} thrush", publisher="AP", hours=7)).story is None


def test_a_party_that_denies_what_others_tell_begins_a_story() -> None:
    items = [
        an_item("Huawei's Ascend 950DT slips to 2027, say sources"),
        an_item("华为回应昇腾950DT延期传闻：不实", publisher="财联社", hours=20),
    ]
    assert clusters(items) == [1, 2]


@pytest.mark.parametrize(
    ("titles", "expected"),
    [
        pytest.param(
            ["DeepSeek denies that V4 was delayed", "DeepSeek denies V4 copied OpenAI code"],
            [1, 2],
            id="a-denial-of-something-else",
        ),
        pytest.param(
            ["DeepSeek否认V4推迟", "DeepSeek否认V4抄袭OpenAI代码"], [1, 2], id="of-something-else-in-chinese"
        ),
        pytest.param(
            ["DeepSeek denies that V4 was delayed", "DeepSeek V4 Pro delayed to January, sources say"],
            [1, 2],
            id="it-happens-all-the-same",
        ),
        pytest.param(
            ["DeepSeek denies that V4 was delayed", "DeepSeek denies delay of V4, plans April release"],
            [1, 1],
            id="when-it-comes-is-one-question",
        ),
        pytest.param(
            ["Huawei denies 950DT delay", "Huawei responds to reports of 950DT delay: not true"],
            [1, 1],
            id="the-same-denial",
        ),
    ],
)
def test_what_is_denied_is_told_apart_by_the_act(titles: list[str], expected: list[int]) -> None:
    others = [
        an_item(f"Zephyr {name} opens in Malta", hours=-30)
        for name in ("Bakery", "Museum", "School", "Harbour")
    ]
    told = [an_item(title, publisher=f"P{at}", hours=at) for at, title in enumerate(titles)]
    found = clusters([*others, *told])[len(others) :]
    assert [story - found[0] + 1 for story in found] == expected


def test_who_speaks_for_itself_is_part_of_what_it_says() -> None:
    """An official headline leaves out the name of its speaker, which others put in."""
    items = [
        an_item("Web and App login failures", publisher="DeepSeek Status"),
        an_item("DeepSeek web and app login fails", publisher="The Verge", hours=1),
    ]
    assert clusters(items, [Grade.OFFICIAL, Grade.REPORT]) == [1, 1]
    assert "c:deepseek" in features_of(items[0], key="x", grade=Grade.OFFICIAL).terms
    assert "c:deepseek" not in features_of(items[0], key="x").terms


def test_two_things_said_by_one_speaker_are_two_stories() -> None:
    items = [
        an_item("DeepSeek V4 weights appear on a server in Hangzhou", publisher="Lab"),
        an_item("DeepSeek V4 paper describes sparse attention in Zurich", publisher="Lab", hours=1),
    ]
    assert clusters(items, [Grade.OFFICIAL, Grade.OFFICIAL]) == [1, 2]


def test_an_official_answer_is_an_act_of_its_own() -> None:
    items = [
        an_item("Trump signs Chip Security Act into law", publisher="AP"),
        an_item("商务部新闻发言人就美签署《芯片安全法案》答记者问", publisher="商务部", hours=8),
    ]
    assert clusters(items, [Grade.REPORT, Grade.OFFICIAL]) == [1, 2]
    assert clusters(items, [Grade.REPORT, Grade.REPORT]) == [1, 1]


def test_a_release_is_not_what_was_said_to_be_measured_before_it() -> None:
    items = [
        an_item("网传DeepSeek V4.1跑分：SWE-bench破91", publisher="快科技"),
        an_item("DeepSeek-V4.1 正式上线", publisher="DeepSeek", hours=40),
    ]
    assert clusters(items, [Grade.REPORT, Grade.OFFICIAL]) == [1, 2]


def test_the_full_name_of_a_model_joins_in_a_new_memory() -> None:
    items = [
        an_item("Qwen4 发布：Apache 2.0，原生多模态", publisher="通义千问"),
        an_item("阿里连夜上新Qwen4，全模态一锅端", publisher="量子位", hours=1),
    ]
    assert clusters(items, [Grade.OFFICIAL, Grade.REPORT]) == [1, 1]


@pytest.mark.parametrize(
    ("one", "other"), [("Qwen 4", "Qwen4"), ("GPT-5", "GPT5"), ("千问4", "qwen4"), ("CANN 9.0.0", "CANN 9")]
)
def test_a_version_is_the_same_however_it_is_joined_to_its_family(one: str, other: str) -> None:
    terms = [set(features_of(an_item(f"{name} arrives"), key="x").terms) for name in (one, other)]
    assert [term for term in terms[0] & terms[1] if term.startswith("m:")]


@pytest.mark.parametrize(
    ("title", "acts"),
    [
        ("Qwen swapped Apache for a custom licence days after release", {"c:license_change", "c:release"}),
        ("Nvidia reapplies to sell a cut-down Blackwell", set()),
        ("Huawei's memory gets torn down", {"c:teardown"}),
        ("DeepSeek API goes down after V4 launch", {"c:outage", "c:release"}),
        ("Nvidia sheds 4% after H200 permits", {"c:fall"}),
    ],
)
def test_the_acts_of_a_headline(title: str, acts: set[str]) -> None:
    assert set(features_of(an_item(title), key="x").acts) == acts


def test_a_dearer_price_is_no_release() -> None:
    rumour = an_item(
        "Nimbus 7 reportedly coming in December, sources say",
        summary="Two people familiar with the matter said that Nimbus Labs plans to release Nimbus 7.",
    )
    out = an_item("Nimbus Labs launches Nimbus 7", publisher="Gazette", hours=1)
    price = an_item(
        "Nimbus 7 API price doubled",
        publisher="Wire",
        hours=2,
        summary="Nimbus Labs doubles the API price of Nimbus 7.",
    )
    others = [
        an_item(f"Zephyr {name} opens in Malta", hours=-30)
        for name in ("Bakery", "Museum", "School", "Harbour")
    ]
    first, second, third = clusters([*others, rumour, out, price])[-3:]
    assert first == second != third


def test_a_late_item_joins_the_story_that_others_told_before_it_came() -> None:
    memory = Memory()
    remember(memory, an_item("Zephyr Labs opens quantum foundry in Turku", hours=48), 1)
    late = an_item("Zephyr Labs opens a quantum foundry in Turku, Finland", publisher="YLE")
    found = placed(memory, late).story
    assert found is not None
    assert found.id == 1


@pytest.mark.parametrize("days", [0.1, 3, 9])
def test_a_story_may_be_told_by_any_number_of_outlets(days: float) -> None:
    title = "Zephyr Labs quantum foundry in Turku burns"
    items = [an_item(f"{title} {n}", publisher=f"outlet{n}", hours=24 * days * n / 120) for n in range(120)]
    assert set(clusters(items)) == {1}


DENSE = [json.loads(line) for line in (DATA / "stories" / "dense.jsonl").read_text("utf-8").splitlines()]


def test_on_days_full_of_events_few_stories_are_swallowed() -> None:
    items = [
        an_item(
            row["title"], publisher=row["publisher"], summary=row["summary"], language=row["language"],
            hours=(datetime.fromisoformat(row["published"]) - DAY_ONE) / timedelta(hours=1),
        )
        for row in DENSE
    ]  # fmt: skip
    grades = [Grade(row["gold"]["grade"]) for row in DENSE]
    begun, owned = set(), set()
    for row, story in zip(DENSE, clusters(items, grades), strict=True):
        if story not in begun:
            owned.add(row["gold"]["story"])
        begun.add(story)
    true = {row["gold"]["story"] for row in DENSE}
    assert len(true - owned) <= 0.08 * len(true)
    assert len(begun) <= 1.15 * len(true)


def test_the_words_of_a_topic_with_few_terms_tell_no_stories_apart() -> None:
    topic = Topic(id=TopicId("g"), name="Graphene", any=TermLists(terms={"en": ("graphene",)}))
    memory = Memory(subjects_of([topic]))
    remember(memory, an_item("Graphene battery breakthrough in Manchester"), 1)
    assert placed(memory, an_item("Graphene market grows in Asia", publisher="AP", hours=1)).story is None
    same = placed(
        memory, an_item("Manchester lab hails graphene battery breakthrough", publisher="AP", hours=1)
    )
    assert same.story is not None
