"""Who says so independently: chains of citations, and what two witnesses move."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.judgement.judge import Judge
from bot.judgement.witnesses import independent, with_speaker
from bot.model import (
    Catalog,
    Grade,
    Graded,
    Item,
    Publisher,
    SourceId,
    TermLists,
    Topic,
    TopicId,
    Verdict,
    Watch,
)

NAMES = st.sampled_from(("a", "b", "c", "d", "unnamed"))
START = datetime(2026, 4, 1, 8, tzinfo=UTC)
CATALOG = Catalog(
    sources=(),
    publishers=(
        Publisher(id="reuters", names=("Reuters",), kind="outlet", domains=("reuters.com",)),
        Publisher(id="ft", names=("Financial Times",), kind="outlet", domains=("ft.com",)),
        Publisher(id="theverge", names=("The Verge",), kind="outlet", domains=("theverge.com",)),
        Publisher(id="bluesky", names=("Bluesky",), kind="social", domains=("bsky.app",)),
    ),
    topics=(
        Topic(
            id=TopicId("v4"),
            name="DeepSeek V4",
            any=TermLists(terms={"": ("deepseek v4",)}),
            watches=(
                Watch(id="out", question="Is it out?", states=("rumoured", "announced", "released", "delayed")),
            ),
        ),
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("says", "witnesses"),
    [
        pytest.param({}, set(), id="nobody"),
        pytest.param({"ft": "ft", "reuters": "reuters"}, {"ft", "reuters"}, id="two on their own"),
        pytest.param({"ft": "ft", "verge": "ft"}, {"ft"}, id="a relay"),
        pytest.param({"verge": "ft"}, {"ft"}, id="a relay of what was not read"),
        pytest.param({"ft": "ft", "verge": "ft", "blog": "verge"}, {"ft"}, id="a relay of a relay"),
        pytest.param({"a": "b", "b": "a"}, {"a"}, id="two that cite each other"),
        pytest.param({"blog": "unnamed", "ft": "ft"}, {"ft"}, id="one without a name may repeat the other"),
        pytest.param({"blog": "unnamed", "site": "unnamed"}, {"unnamed"}, id="nobody named"),
    ],
)
def test_who_stands_behind_a_story(says: dict[str, str], witnesses: set[str]) -> None:
    assert independent(says) == witnesses


def test_one_of_its_own_knowledge_stays_a_witness_and_comment_is_none() -> None:
    own = Graded(grade=Grade.REPORT, reason="", speaker="ft", witness="ft")
    relay = Graded(grade=Grade.REPORT, reason="", cites="x", speaker="ft", witness="x")
    comment = Graded(grade=Grade.OPINION, reason="", speaker="blog", witness="blog")
    assert with_speaker(with_speaker({}, own), relay) == {"ft": "ft"}
    assert with_speaker(with_speaker({}, relay), own) == {"ft": "ft"}
    assert with_speaker({}, comment) == {}


@given(st.dictionaries(NAMES, NAMES), NAMES, NAMES)
def test_one_more_speaker_adds_at_most_one_witness(says: dict[str, str], speaker: str, behind: str) -> None:
    graded = Graded(grade=Grade.REPORT, reason="", speaker=speaker, witness=behind)
    after = independent(with_speaker(says, graded))
    assert len(after) <= len(independent(says)) + 1
    assert after


class Desk:
    def __init__(self) -> None:
        self.judge = Judge(CATALOG, known_until=None)
        self.now = START
        self.given: list[Verdict] = []

    def read(self, title: str, url: str, publisher: str, *, author: str = "", summary: str = "") -> Verdict:
        self.now += timedelta(minutes=1)
        item = Item(
            source=SourceId("s"), external_id=url, url=url, title=title, publisher=publisher, author=author,
            published=self.now, seen=self.now, language="en", summary=summary,
        )  # fmt: skip
        verdict = self.judge.judge(item)
        self.judge.remember(verdict)
        self.given.append(verdict)
        return verdict


REPORT = "DeepSeek V4 runs on Ascend 950 clusters in Ulanqab"


def test_an_outlet_that_cites_another_is_no_second_witness() -> None:
    desk = Desk()
    first = desk.read(REPORT, "https://reuters.com/1", "Reuters")
    relay = desk.read(f"{REPORT}, Reuters reports", "https://theverge.com/1", "The Verge")
    own = desk.read(REPORT, "https://ft.com/1", "Financial Times")
    assert first.story == relay.story == own.story
    assert [verdict.witnesses for verdict in (first, relay, own)] == [1, 1, 2]


def test_the_count_survives_a_restart() -> None:
    desk = Desk()
    desk.read(REPORT, "https://reuters.com/1", "Reuters")
    desk.read(REPORT, "https://ft.com/1", "Financial Times")
    again = Desk()
    for verdict in desk.given:
        again.judge.remember(verdict)
    relay = again.read(f"{REPORT}, Reuters reports", "https://theverge.com/1", "The Verge")
    assert relay.witnesses == 2


POST = "omg DeepSeek V4 is out, weights released on the hub!!"


def test_hearsay_of_two_who_are_independent_moves_a_question_and_that_of_one_does_not() -> None:
    desk = Desk()
    one = desk.read(POST, "https://bsky.app/profile/ann/post/1", "Bluesky", author="ann")
    same = desk.read(POST, "https://bsky.app/profile/ann/post/2", "Bluesky", author="ann")
    assert (one.graded.grade, same.graded.grade) == (Grade.RUMOUR, Grade.RUMOUR)
    assert (one.watch, same.watch) == ((), ())
    other = desk.read(POST, "https://bsky.app/profile/bob/post/1", "Bluesky", author="bob")
    assert [move.state for move in other.watch] == ["released"]
    assert "2 independent witnesses" in other.watch[0].reason
