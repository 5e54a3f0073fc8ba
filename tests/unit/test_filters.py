"""What a subscription lets through."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.filters import kept_out, refusal
from bot.errors import UserError
from bot.model import ALL_TOPICS, CONSOLE, ChannelKey, Event, Grade, Mode, TopicId
from handlers.options import subscription_options
from tests.builders import NOW, a_subscription, a_verdict

DISCORD = ChannelKey("discord:1")


def titled(title: str, summary: str = "", **item: object) -> dict[str, object]:
    return {"item": {"title": title, "summary": summary, **item}}


@pytest.mark.parametrize(
    ("subscription", "verdict", "expected"),
    [
        pytest.param({}, {}, "", id="every topic, no filter"),
        pytest.param({"topic": TopicId("deepseek-v4")}, {}, "", id="its topic"),
        pytest.param({"topic": TopicId("ascend")}, {}, "its topic is not ascend", id="another topic"),
        pytest.param(
            {"min_grade": Grade.OFFICIAL}, {}, "its evidence (report) is below official", id="too weak"
        ),
        pytest.param({"min_grade": Grade.REPORT}, {"grade": Grade.OFFICIAL}, "", id="strong enough"),
        pytest.param({"languages": ("zh", "ja")}, {}, "its language (en) is not zh or ja", id="language"),
        pytest.param({"languages": ("zh", "en")}, {}, "", id="its language"),
        pytest.param({}, {"topics": ()}, "it touches no topic", id="off topic"),
    ],
)
def test_topic_grade_and_language(
    subscription: dict[str, object], verdict: dict[str, object], expected: str
) -> None:
    assert kept_out(a_subscription(**subscription), a_verdict(**verdict)) == expected


@pytest.mark.parametrize(
    ("words", "title", "summary", "found"),
    [
        pytest.param(("price",), "DeepSeek V4 Price cut", "", True, id="any case"),
        pytest.param(("price",), "DeepSeek V4 priceless", "", False, id="not inside a longer word"),
        pytest.param(("price",), "DeepSeek V4's prices", "", True, id="plural"),
        pytest.param(("licen*",), "New licensing rules", "", True, id="any ending"),
        pytest.param(("export controls",), "Export-controls tighten", "", True, id="hyphen for a space"),
        pytest.param(("价格",), "深度求索下调价格", "", True, id="Chinese inside a sentence"),
        pytest.param(("價格",), "深度求索下调价格", "", True, id="traditional for simplified"),
        pytest.param(("昇腾 950",), "华为昇腾950发布", "", True, id="Chinese and digits"),
        pytest.param(("昇腾 950",), "华为昇腾9501发布", "", False, id="digits keep their border"),
        pytest.param(("ｐｒｉｃｅ",), "A price", "", True, id="full width"),
        pytest.param(("énergie",), "L'energie d'Ascend", "", True, id="accents"),
        pytest.param(("weights",), "DeepSeek V4", "The weights are public.", True, id="in the summary"),
        pytest.param(("weights", "price"), "DeepSeek V4 price", "", True, id="one of several"),
    ],
)
def test_words_are_found_as_terms_are(words: tuple[str, ...], title: str, summary: str, found: bool) -> None:
    verdict = a_verdict(**titled(title, summary))
    assert (kept_out(a_subscription(words=words), verdict) == "") is found
    assert (kept_out(a_subscription(not_words=words), verdict) == "") is not found


def test_a_refusal_names_the_words() -> None:
    verdict = a_verdict(**titled("DeepSeek V4 price cut"))
    assert (
        kept_out(a_subscription(words=("chips", "wafer")), verdict) == "it has none of the words chips, wafer"
    )
    assert kept_out(a_subscription(not_words=("chips", "price")), verdict) == "it has the word price"


@pytest.mark.parametrize(
    ("source", "excluded"),
    [
        pytest.param("Reuters", True, id="publisher"),
        pytest.param("  REUTERS ", True, id="publisher in any case"),
        pytest.param("Reuter", False, id="part of a name"),
        pytest.param("reuters.com", True, id="host"),
        pytest.param("www.Reuters.com", True, id="host with www"),
        pytest.param("https://www.reuters.com/technology/", True, id="an address"),
        pytest.param("uters.com", False, id="end of another host"),
        pytest.param("com", False, id="a whole top domain"),
        pytest.param("feed-17", True, id="source id"),
    ],
)
def test_a_source_is_excluded_by_publisher_host_or_id(source: str, excluded: bool) -> None:
    verdict = a_verdict(item={"source": "feed-17", "url": "https://graphics.reuters.com/1"})
    reason = kept_out(a_subscription(not_sources=("wccftech.com", source)), verdict)
    assert reason == (f"its source is {source}" if excluded else "")


def test_a_muted_topic_keeps_out_what_touches_no_other_that_is_asked_for() -> None:
    both = a_verdict(topics=("deepseek-v4", "ascend"))
    one = a_verdict(topics=("deepseek-v4",))
    everything = a_subscription()
    v4 = a_subscription(topic=TopicId("deepseek-v4"))
    muted = {"deepseek-v4"}
    assert kept_out(everything, both, muted_topics=muted) == ""
    assert kept_out(everything, one, muted_topics=muted) == "its topic is muted here"
    assert kept_out(v4, both, muted_topics=muted) == "its topic is muted here"


@given(words=st.lists(st.text(max_size=60), max_size=20), title=st.text(max_size=200), summary=st.text())
def test_no_word_and_no_text_breaks_it(words: list[str], title: str, summary: str) -> None:
    verdict = a_verdict(**titled(title, summary))
    given_words = tuple(words)
    first = kept_out(a_subscription(words=given_words, not_sources=given_words), verdict)
    again = kept_out(a_subscription(words=given_words, not_sources=given_words), verdict)
    assert first == again
    if kept_out(a_subscription(not_words=given_words), verdict):
        assert kept_out(a_subscription(words=given_words), verdict) == "", "a word found is a word found"


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        pytest.param({}, True, id="everything at once"),
        pytest.param({"topic": TopicId("deepseek-v4")}, False, id="one topic"),
        pytest.param({"min_grade": Grade.RUMOUR}, False, id="better evidence"),
        pytest.param({"mode": Mode.DAILY}, False, id="a digest"),
        pytest.param({"words": ("price",)}, False, id="some words"),
        pytest.param({"languages": ("en",)}, True, id="one language is still everything"),
        pytest.param({"channel": CONSOLE}, False, id="the terminal"),
    ],
)
def test_everything_at_once_is_refused_with_a_way_out(change: dict[str, object], refused: bool) -> None:
    reason = refusal(a_subscription(**{"channel": DISCORD, "topic": ALL_TOPICS, **change}))
    assert bool(reason) is refused
    assert ("min-grade" in reason and "digest" in reason) is refused


def test_a_word_that_nothing_can_have_is_refused() -> None:
    assert subscription_options({"words": "价, licen*"}) == {"words": ("价", "licen*")}
    for words in ("**", "price, …!"):
        with pytest.raises(UserError, match="has no letter or digit"):
            subscription_options({"words": words})


def test_only_what_looks_at_single_items_is_choosy() -> None:
    assert not a_subscription(min_grade=Grade.LEAK, quiet="22:00-07:00").is_choosy
    for filters in (
        {"languages": ("en",)},
        {"words": ("a1",)},
        {"not_words": ("a1",)},
        {"not_sources": ("x",)},
    ):
        assert a_subscription(**filters).is_choosy


def test_an_update_that_passes_where_the_first_did_not_is_still_checked() -> None:
    later = a_verdict(
        event=Event.UPDATE, alert=False, **titled("DeepSeek V4 rumour denied", seen=NOW + timedelta(hours=1))
    )
    assert kept_out(a_subscription(not_words=("rumour",)), later) == "it has the word rumour"
