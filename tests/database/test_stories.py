"""Reading stories: the newest, by words, by topic; answers of watch questions."""

from datetime import timedelta
from typing import Any

import pytest

from bot.model import Event, Grade, KnownState, StoryId, TopicId, Verdict, WatchMove
from storage import deliveries, items, regroup, sources, stories
from storage.database import Database
from tests.builders import NOW, a_source, a_verdict

DAY = timedelta(days=1)
V4, ASCEND = TopicId("deepseek-v4"), TopicId("ascend")


@pytest.fixture(autouse=True)
async def _sources(database: Database) -> None:
    async with database.transaction() as tx:
        await sources.sync_catalog(tx, [a_source()], now=NOW)


async def store(database: Database, *verdicts: Verdict) -> None:
    async with database.transaction() as tx:
        await items.add_verdicts(tx, verdicts)


def told(number: int, title: str = "", **given: Any) -> Verdict:
    """A verdict on an item published ``number`` days ago."""
    summary = given.pop("summary", "")
    item = {"title": title or f"story {number}", "summary": summary, "published": NOW - number * DAY}
    return a_verdict(number=number, item=item, **given)


async def latest(database: Database, **asked: Any) -> list[int]:
    async with database.reading() as conn:
        return [story.id for story in await stories.latest(conn, **{"topic": None, "limit": 10, **asked})]


async def found(database: Database, text: str, **asked: Any) -> list[int]:
    async with database.reading() as conn:
        return [story.id for story in await stories.search(conn, text=text, **{"limit": 10, **asked})]


async def test_latest_lists_stories_of_topics_newest_first(database: Database) -> None:
    await store(
        database,
        told(3),
        told(1),
        told(2, topics=()),
        told(4, topics=("ascend", "deepseek-v4"), grade=Grade.FILING),
    )
    assert await latest(database) == [1, 3, 4]
    assert await latest(database, limit=2) == [1, 3]
    assert await latest(database, topic=ASCEND) == [4]
    assert await latest(database, topic=TopicId("nothing")) == []
    assert await latest(database, before=NOW - 1 * DAY) == [3, 4]
    assert await latest(database, min_grade=Grade.LEAK) == [4]
    assert await latest(database, min_grade=Grade.OPINION) == [1, 3, 4]


async def test_the_newest_of_each_topic(database: Database) -> None:
    both = ("ascend", "deepseek-v4")
    await store(
        database, told(1), told(2), told(3), told(4, topics=both), told(5, topics=("ascend",)), told(50)
    )
    async with database.reading() as conn:
        newest = await stories.newest_by_topic(conn, per_topic=2, since=NOW - 10 * DAY)
    assert {topic: [story.id for story in held] for topic, held in newest.items()} == {
        V4: [1, 2],
        ASCEND: [4, 5],
    }


async def test_counts_by_topic_since_a_time(database: Database) -> None:
    await store(database, told(1), told(2, topics=("ascend", "deepseek-v4")), told(9), told(3, topics=()))
    async with database.reading() as conn:
        assert await stories.story_counts(conn, since=NOW - 7 * DAY) == {V4: 2, ASCEND: 1}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("ascend", [1], id="a word of the title, in any case"),
        pytest.param("cend 95", [1], id="parts of words, each somewhere"),
        pytest.param("benchmarks ASCEND", [1], id="one in the title, one in the summary"),
        pytest.param("昇腾", [2], id="Chinese, inside a sentence"),
        pytest.param("昇腾 华为", [2], id="Chinese words"),
        pytest.param("ascend 昇腾", [], id="every word must be there"),
        pytest.param("été ÉCOLE", [3], id="case is folded beyond ASCII"),
        pytest.param("100%", [4], id="a percent sign is itself"),
        pytest.param("%", [4], id="a percent sign alone is no wildcard"),
        pytest.param("a_b", [5], id="an underscore is itself"),
        pytest.param("axb", [6], id="and does not stand for another letter"),
        pytest.param("c/d\\e", [7], id="slashes are themselves"),
        pytest.param("it's", [8], id="a quote does no harm"),
        pytest.param("   ", [], id="no word finds nothing"),
        pytest.param("nul\0", [], id="a NUL does no harm"),
    ],
)
async def test_search(database: Database, text: str, expected: list[int]) -> None:
    await store(
        database,
        told(1, "Ascend 950 leaks", summary="First benchmarks"),
        told(2, "据悉华为昇腾芯片发布"),
        told(3, "L'ÉTÉ à l'école"),
        told(4, "Up 100% now"),
        told(5, "the a_b test"),
        told(6, "the axb test"),
        told(7, "path c/d\\e"),
        told(8, "It's out"),
    )
    assert await found(database, text) == expected


async def test_search_finds_words_in_any_item_of_a_story(database: Database) -> None:
    await store(
        database,
        told(1, "Huawei shows a chip"),
        told(2, "华为发布昇腾", story=StoryId(1), event=Event.UPDATE),
    )
    assert await found(database, "huawei 昇腾") == [1]


async def test_search_lists_stories_with_a_topic_first_then_the_newest(database: Database) -> None:
    await store(
        database, told(1, "chip one", topics=()), told(3, "chip two"), told(2, "chip three", topics=("ascend",)),
        told(4, "chip four", topics=()),
    )  # fmt: skip
    assert await found(database, "chip") == [2, 3, 1, 4]
    assert await found(database, "chip", limit=2) == [2, 3]
    assert await found(database, "chip", topic=ASCEND) == [2]


class TestWatchAnswers:
    async def answers(self, database: Database) -> list[stories.WatchAnswer]:
        async with database.reading() as conn:
            return await stories.watch_answers(conn)

    async def know(self, database: Database, state: str, days: int) -> None:
        known = KnownState(state=state, at=NOW - days * DAY, link=f"https://x/{state}", note=f"{state} then")
        async with database.transaction() as tx:
            await stories.set_known(tx, V4, "released", known)

    def moved(self, number: int, *states: str, **given: Any) -> Verdict:
        moves = tuple(
            WatchMove(topic=V4, question="released", state=state, previous="", reason="cue")
            for state in states
        )
        return told(number, watch=moves, **given)

    async def test_known_history_is_an_answer(self, database: Database) -> None:
        await self.know(database, "rumoured", 9)
        await self.know(database, "announced", 5)
        (answer,) = await self.answers(database)
        assert (answer.topic, answer.question_id, answer.state) == (V4, "released", "announced")
        assert (answer.since, answer.url, answer.title) == (
            NOW - 5 * DAY,
            "https://x/announced",
            "announced then",
        )
        assert (answer.story, answer.grade, answer.moves) == (None, None, 2)

    async def test_saying_it_again_at_the_next_start_changes_nothing(self, database: Database) -> None:
        for _ in range(2):
            await self.know(database, "rumoured", 9)
            await self.know(database, "announced", 5)
        (answer,) = await self.answers(database)
        assert (answer.state, answer.moves) == ("announced", 2)

    async def test_a_verdict_moves_the_answer_and_is_its_evidence(self, database: Database) -> None:
        await self.know(database, "announced", 5)
        await store(database, self.moved(1, "released", grade=Grade.OFFICIAL))
        (answer,) = await self.answers(database)
        assert (answer.state, answer.since, answer.story) == ("released", NOW - DAY, 1)
        assert (answer.title, answer.url, answer.grade) == (
            "story 1",
            "https://reuters.com/1",
            Grade.OFFICIAL,
        )
        assert answer.moves == 2
        await self.know(database, "announced", 5)
        assert await self.answers(database) == [answer]

    async def test_a_newer_known_state_comes_with_a_newer_pack(self, database: Database) -> None:
        await store(database, self.moved(5, "announced"))
        await self.know(database, "released", 1)
        (answer,) = await self.answers(database)
        assert (answer.state, answer.story, answer.grade) == ("released", None, None)

    async def test_the_last_move_of_a_batch_is_the_answer(self, database: Database) -> None:
        await store(database, self.moved(3, "rumoured", "announced"), self.moved(2, "released"))
        (answer,) = await self.answers(database)
        assert (answer.state, answer.moves) == ("released", 3)


async def _headline(database: Database) -> tuple[str, str]:
    async with database.reading() as conn:
        story = await stories.story(conn, 1)
    assert story is not None
    return story.title, story.url


async def _tell(
    database: Database, number: int, *, event: Event = Event.NEW, grade: Grade = Grade.REPORT
) -> None:
    async with database.transaction() as tx:
        await deliveries.add_alert(
            tx, story=StoryId(1), item=number, event=event, grade=grade,
            previous_grade=None, reason="r", answers=(), topics=(V4,), excerpt="x", now=NOW,
        )  # fmt: skip


async def test_a_story_is_shown_by_what_was_told_of_it_unless_another_is_better_proof(
    database: Database,
) -> None:
    await store(
        database,
        told(1, "recorded silently"),
        told(2, "told", story=StoryId(1), event=Event.UPDATE),
        told(3, "weaker", story=StoryId(1), event=Event.UPDATE, grade=Grade.RUMOUR),
    )
    assert await _headline(database) == ("recorded silently", "https://reuters.com/1")
    await _tell(database, 2)
    assert await _headline(database) == ("told", "https://reuters.com/2")
    await _tell(database, 3, event=Event.UPDATE, grade=Grade.RUMOUR)
    assert (await _headline(database))[0] == "told", "weaker proof leads nothing"
    await store(database, told(4, "proof", story=StoryId(1), event=Event.UPGRADE, grade=Grade.OFFICIAL))
    assert (await _headline(database))[0] == "proof"
    await _tell(database, 2, event=Event.CORRECTION)
    assert (await _headline(database))[0] == "proof"


async def test_a_story_that_began_off_topic_is_shown_by_its_first_item_on_a_topic(database: Database) -> None:
    await store(database, told(1, "elsewhere", topics=(), grade=Grade.OFFICIAL))
    await store(database, told(2, "on it", story=StoryId(1)))
    assert (await _headline(database))[0] == "on it"


async def test_the_headline_that_was_told_outlives_a_rebuilt_story(database: Database) -> None:
    await store(
        database, told(1, "silent"), told(2, "told", story=StoryId(1), event=Event.UPDATE), told(3, "other")
    )
    await _tell(database, 2)
    async with database.transaction() as tx:
        await regroup.merge(tx, StoryId(1), StoryId(3))
    assert (await _headline(database))[0] == "told"


async def test_an_answer_shows_better_proof_that_came_later(database: Database) -> None:
    move = WatchMove(topic=V4, question="v4-out", state="released", previous="", reason="r")
    await store(database, told(1, "report", watch=(move,)))
    await store(database, told(2, "the maker", story=StoryId(1), event=Event.UPGRADE, grade=Grade.OFFICIAL))
    async with database.reading() as conn:
        (answer,) = await stories.watch_answers(conn)
    assert (answer.title, answer.url, answer.grade) == ("the maker", "https://reuters.com/2", Grade.OFFICIAL)
    assert answer.since == NOW - DAY, "it stands since it was moved"
