"""Two sentences out of a text: which ones, and never more than a reader takes in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.judgement.summary import about, better, brief, sane_keywords, sentences, summarise

TITLE = "DeepSeek V4 weights published under MIT licence"
TEXT = """We use cookies to improve your experience on DeepSeek V4 pages, published here.
DeepSeek V4 weights published under MIT licence.
DeepSeek published the weights of its V4 model on Monday under the MIT licence. The files appeared in Hangzhou at 9 am.
Subscribe to our newsletter for more about DeepSeek V4 weights and licences every day.
It was trained on 18 trillion tokens, the company said. Coffee is a drink that many people like in the morning."""


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (
            "Mr. Liang of Example Corp. said V4.5 is out. It is big.",
            ["Mr. Liang of Example Corp. said V4.5 is out.", "It is big."],
        ),
        ("The U.S. agrees! Does it? Yes.", ["The U.S. agrees!", "Does it?", "Yes."]),
        ('"It is done." Then they left.', ['"It is done."', "Then they left."]),
        (
            "J. Smith paid $4.5 million. 12 people saw it.",
            ["J. Smith paid $4.5 million.", "12 people saw it."],
        ),
        ("华为推迟量产。原因是产能不足！真的吗？", ["华为推迟量产。", "原因是产能不足！", "真的吗？"]),
        ("他说：“很好。”随后离开。", ["他说：“很好。”", "随后离开。"]),
        ("算力达1.2 PFLOPS。The chip is new.", ["算力达1.2 PFLOPS。", "The chip is new."]),
        ("no end", ["no end"]),
        ("", []),
    ],
)
def test_sentences_end_where_a_reader_ends_them(line: str, found: list[str]) -> None:
    assert sentences(line) == found


def test_the_news_is_chosen_and_neither_headline_nor_boilerplate() -> None:
    assert summarise(TEXT, title=TITLE) == (
        "DeepSeek published the weights of its V4 model on Monday under the MIT licence. "
        "The files appeared in Hangzhou at 9 am."
    )


def test_what_the_source_tells_helps_to_choose() -> None:
    told = "Trained on 18 trillion tokens by the company."
    assert "18 trillion tokens" in summarise(
        TEXT.replace("It was trained", "V4 was trained"), title=TITLE, told=told
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Short.",
        "Oops, the page that you look for is not here any more. Try the search.",
        "华为推迟了芯片的量产时间，原因是产能不足。",
    ],
    ids=["nothing", "short", "soft-404", "another language"],
)
def test_a_text_about_something_else_says_nothing(text: str) -> None:
    assert summarise(text, title=TITLE) == ""


@given(st.text(max_size=3000), st.text(max_size=100), st.text(max_size=200))
def test_never_more_than_two_sentences_and_400_characters(text: str, title: str, told: str) -> None:
    made = summarise(text, title=title, told=told)
    assert len(made) <= 400
    for sentence in sentences(made):
        assert sentence in " ".join(text.splitlines()) or len(sentences(made)) <= 2
    assert len(brief(text)) <= 400


_WORDS = st.sampled_from(
    ["DeepSeek", "weights", "released", "V4", "the", "Monday", "cookie", "40", "华为", "推迟"]
)
_LINES = st.lists(st.lists(_WORDS, min_size=1, max_size=60).map(lambda w: " ".join(w) + "."), max_size=30)


@given(_LINES)
def test_what_is_told_stands_in_the_text_word_for_word(lines: list[str]) -> None:
    made = summarise("\n".join(lines), title="DeepSeek V4 weights released")
    assert len(made) <= 400
    assert "cookie" not in made
    rest = made
    for _ in range(2):
        match = max((line for line in lines if rest.startswith(line)), key=len, default="")
        rest = rest[len(match) :].lstrip()
    assert rest == ""


@pytest.mark.parametrize(
    ("own", "told"),
    [
        ("One is here. Two is there. Three is nowhere.", "One is here. Two is there."),
        ("word " * 200, None),
        ("", ""),
        ("第一句在这里。第二句在那里。第三句没有。", "第一句在这里。第二句在那里。"),
    ],
)
def test_a_sources_own_words_are_cut_to_two_sentences(own: str, told: str | None) -> None:
    made = brief(own)
    if told is None:
        assert len(made) <= 400
        assert made.endswith("word…")
    else:
        assert made == told


def test_the_source_wins_only_where_the_article_says_less() -> None:
    assert better("", "Own words.") == "Own words."
    assert (
        better("A short one.", "Own words that say a good deal more than that.")
        == "Own words that say a good deal more than that."
    )
    assert better(
        "An article's sentence that is long enough to stand by itself, as it has a hundred letters.", "Own."
    ).startswith("An")


def test_keywords_are_few_and_really_in_the_text() -> None:
    given_words = (
        "News",
        "DeepSeek",
        "deepseek",
        "casino",
        "MIT",
        "Hangzhou",
        "2026",
        "V4",
        "weights",
        "<b>",
        "it",
    )
    assert sane_keywords(given_words, text="DeepSeek V4 weights in Hangzhou, MIT, 2026", known=("V4",)) == (
        "DeepSeek", "MIT", "Hangzhou", "weights",
    )  # fmt: skip


def test_aboutness_is_the_share_of_the_titles_words() -> None:
    assert about("", "anything") == 1.0
    assert about("DeepSeek weights", "The weights of DeepSeek") == 1.0
    assert about("DeepSeek weights", "Cats") == 0.0
