"""What is remembered, for how long, and what is found again: bounds that hold whatever a firehose sends."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.judgement.canonical import title_key
from bot.judgement.judge import Judge
from bot.judgement.memory import WINDOW, Memory
from bot.judgement.stories import QUIET_S, place
from bot.judgement.stories_features import Features, features_of
from bot.model import Catalog, Item, SourceId, TermLists, Topic, TopicId

START = datetime(2026, 4, 1, 8, tzinfo=UTC)
ON_TOPIC, OFF_TOPIC = 2, -1
WORDS = (
    "Turku",
    "foundry",
    "quantum",
    "Zephyr",
    "Labs",
    "opens",
    "burns",
    "V4",
    "昇腾",
    "发布",
    "60万",
    "3.5%",
    "the",
)


def an_item(
    title: str, *, hours: float = 0, seen_hours: float | None = None, publisher: str = "Reuters"
) -> Item:
    published = START + timedelta(hours=hours)
    return Item(
        source=SourceId("s"), external_id=f"{title}{hours}", url=f"https://example.org/{hash((title, hours))}",
        title=title, publisher=publisher, published=published,
        seen=published if seen_hours is None else START + timedelta(hours=seen_hours),
    )  # fmt: skip


def features(item: Item) -> Features:
    return features_of(item, key=title_key(item.title, item.publisher))


def remember(memory: Memory, item: Item, story: int, rank: int = OFF_TOPIC) -> None:
    memory.add(story, features(item), seen=item.seen.timestamp(), rank=rank)


def flood(memory: Memory, count: int, *, from_hour: float = 1) -> None:
    for number in range(count):
        item = an_item(f"Garden{number} show{number} number{number}", hours=from_hour + number / 60)
        remember(memory, item, 1000 + number)


def test_a_firehose_fills_memory_only_up_to_its_bound() -> None:
    memory = Memory(off_topic_kept=10)
    flood(memory, 200)
    assert len(memory) == 10
    assert sorted(memory.stories) == list(range(1190, 1200))


def test_a_firehose_drops_no_story_on_a_topic() -> None:
    memory = Memory(off_topic_kept=10)
    remember(memory, an_item("Zephyr Labs opens quantum foundry in Turku"), 1, ON_TOPIC)
    flood(memory, 200)
    again = features(an_item("Quantum foundry in Turku opened by Zephyr Labs", hours=5, publisher="YLE"))
    found = place(memory, again).story
    assert found is not None
    assert found.id == 1


def test_what_was_off_topic_stays_once_its_story_is_on_a_topic() -> None:
    memory = Memory(off_topic_kept=10)
    remember(memory, an_item("Zephyr Labs opens quantum foundry in Turku"), 1)
    remember(memory, an_item("Zephyr Labs foundry to run V4", hours=0.5), 1, ON_TOPIC)
    flood(memory, 200)
    assert [member.best_rank for member in memory.stories[1].members] == [OFF_TOPIC, ON_TOPIC]
    assert len(memory) == 12


def test_what_was_kept_for_its_story_is_forgotten_with_the_window() -> None:
    memory = Memory(off_topic_kept=1)
    remember(memory, an_item("Zephyr Labs opens quantum foundry in Turku"), 1)
    remember(memory, an_item("Zephyr Labs foundry to run V4", hours=0.5), 1, ON_TOPIC)
    late = WINDOW.total_seconds() / 3600 + 2
    flood(memory, 3, from_hour=late)
    assert 1 not in memory.stories
    assert len(memory) == 1


def test_a_forgotten_story_is_found_by_no_word() -> None:
    memory = Memory(off_topic_kept=1)
    title = "Zephyr Labs opens quantum foundry in Turku"
    remember(memory, an_item(title), 1)
    remember(memory, an_item("Turku garden show", hours=1), 2)
    probe = features(an_item(title, hours=2, publisher="YLE"))
    assert [story.id for story in memory.candidates(memory.weigh(probe), limit=5)] == [2]


def test_a_long_story_loses_the_words_of_its_forgotten_items() -> None:
    memory = Memory()
    remember(memory, an_item("Zephyr Labs quantum foundry in Turku burns"), 1, ON_TOPIC)
    for day in range(5, 30, 5):
        remember(memory, an_item("Zephyr Labs rebuilds after blaze", hours=24 * day), 1, ON_TOPIC)
    remember(memory, an_item("Turku garden show", hours=24 * 27), 2)
    probe = memory.weigh(features(an_item("Turku", hours=24 * 27)))
    assert [story.id for story in memory.candidates(probe, limit=5)] == [2]


texts = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join))
arrivals = st.lists(
    st.tuples(texts, st.floats(-2000, 2000), st.sampled_from(("Reuters", "财联社", "")), st.booleans()),
    max_size=40,
)


@given(arrivals, st.integers(0, 5))
@settings(max_examples=60, deadline=None)
def test_no_text_and_no_order_of_times_breaks_the_memory(
    given_items: list[tuple[str, float, str, bool]], kept: int
) -> None:
    """Nothing crashes, the bound holds, and an item joins only a story that was told near its time."""
    memory = Memory(off_topic_kept=kept)
    new = 0
    on_topic = 0
    for at, (title, hours, publisher, is_on_topic) in enumerate(given_items):
        item = features(an_item(title, hours=hours, seen_hours=2000 + at, publisher=publisher))
        story = place(memory, item).story
        if story is None:
            new += 1
        else:
            assert min(abs(member.at - item.at) for member in story.members) <= QUIET_S
        told = story.told_rank if story is not None else -1
        rank = max(told, 1) if is_on_topic else OFF_TOPIC
        on_topic += is_on_topic
        memory.add(new if story is None else story.id, item, seen=START.timestamp() + at, rank=rank)
        assert on_topic <= len(memory) <= at + 1
        loose = [one for one in memory.stories.values() if one.told_rank < 0]
        assert sum(len(one.members) for one in loose) <= kept


CATALOG = Catalog(
    sources=(), topics=(Topic(id=TopicId("v4"), name="V4", any=TermLists(terms={"": ("deepseek v4",)})),)
)


def test_an_old_entry_on_no_topic_is_neither_compared_nor_remembered() -> None:
    judge = Judge(CATALOG, known_until=START)
    late = 24 * 40
    for number, title in enumerate(["Zephyr Labs opens quantum foundry in Turku"] * 2):
        verdict = judge.judge(an_item(title, hours=number, seen_hours=late, publisher=f"Outlet {number}"))
        judge.remember(verdict)
        assert verdict.story == number + 1
    assert judge.remembered == 0


def test_an_old_entry_on_a_topic_is_remembered_and_a_replayed_one_is_compared() -> None:
    judge = Judge(CATALOG, known_until=START)
    judge.remember(judge.judge(an_item("DeepSeek V4 weights released in Hangzhou", seen_hours=24 * 40)))
    assert judge.remembered == 1
    replayed = Judge(CATALOG, known_until=START)
    stories = []
    for number in range(2):
        item = an_item(
            "Zephyr Labs opens quantum foundry in Turku", hours=number, publisher=f"Outlet {number}"
        )
        stories.append(replayed.judge(item))
        replayed.remember(stories[-1])
    assert stories[0].story == stories[1].story
