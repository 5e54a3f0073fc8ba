"""Text from outside can neither ping, link, nor format, and fits wherever it is put."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from handlers.discord.text import clean, escaped, joined, link, plain, safe_url, width

#: Text made of what is dangerous, more often than chance would make it.
HOSTILE = st.lists(
    st.one_of(
        st.sampled_from(
            ["@everyone", "@here", "<@1>", "<@&2>", "<#3>", "<t:4:R>", "<:x:5>", "<a:x:6>", "</cmd:7>", "[a](http://e.vil)",
             "**", "__", "~~", "||", "`", "```\n", "# ", "-# ", "> ", ">>> ", "1. ", "- ", "\\", "\n", " ", "\u202e",
             "\u200b", "https://e.vil", "\U0001f600", "é", "深度求索", "@", "everyone", "<", "@\u200beveryone"]
        ),
        st.text(max_size=12),
    ),
    max_size=40,
).map("".join)  # fmt: skip
#: A busy machine is no fault of the text.
UNHURRIED = settings(deadline=None)
UNESCAPED = re.compile(r"(?<!\\)(?:\\\\)*[`*_~|<>\[\]()#:]")
PING = re.compile(r"@(everyone|here|[!&]?\d)", re.IGNORECASE)


@UNHURRIED
@given(HOSTILE, st.integers(min_value=1, max_value=120))
@example("\\" * 50, 7)
@example("@@everyone" * 9, 40)
def test_escaped_text_fits_and_holds_no_live_markup(text: str, limit: int) -> None:
    shown = escaped(text, limit)
    assert width(shown) <= limit
    assert not UNESCAPED.search(shown)
    assert not PING.search(shown)
    assert not re.match(r"(\d+)?[.+-]", shown)
    assert (len(shown) - len(shown.rstrip("\\"))) % 2 == 0, "a cut left half an escape"
    assert "\n" not in shown


@UNHURRIED
@given(HOSTILE, st.integers(min_value=1, max_value=120))
def test_plain_text_fits_and_pings_nobody(text: str, limit: int) -> None:
    shown = plain(text, limit)
    assert width(shown) <= limit
    assert not PING.search(shown)


@UNHURRIED
@given(HOSTILE, st.one_of(st.text(max_size=60), HOSTILE.map(lambda tail: f"https://news.example/{tail}")))
def test_a_link_has_one_target_and_it_is_ours(text: str, url: str) -> None:
    shown = link(text, url, limit=80)
    match = re.fullmatch(r"\[(.*)\]\((https?://[^\s()<>\[\]\\]+)\)", shown)
    if match is None:
        assert shown == escaped(text, 80)
    else:
        assert not UNESCAPED.search(match[1])
        assert match[2] == safe_url(url, limit=512)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("DeepSeek V4 is out", "DeepSeek V4 is out", id="plain words stay as they are"),
        pytest.param("**bold** _it_ ~~no~~", "\\*\\*bold\\*\\* \\_it\\_ \\~\\~no\\~\\~", id="emphasis"),
        pytest.param("[click](https://e.vil)", "\\[click\\]\\(https\\://e.vil\\)", id="masked link"),
        pytest.param("@everyone hi", "@\u200beveryone hi", id="everyone"),
        pytest.param("mail a@b.example", "mail a@b.example", id="an address is left alone"),
        pytest.param(
            "<@123> <#1> <t:1:R>", "\\<@\u200b123\\> \\<\\#1\\> \\<t\\:1\\:R\\>", id="mention, channel, time"
        ),
        pytest.param("<:smile:1>", "\\<\\:smile\\:1\\>", id="custom emoji"),
        pytest.param("-# small", "\\-\\# small", id="small print"),
        pytest.param("# big", "\\# big", id="heading"),
        pytest.param("12. point", "12\\. point", id="numbered list"),
        pytest.param("- point", "\\- point", id="list"),
        pytest.param("FP8 - 60 %", "FP8 - 60 %", id="a dash inside a line stays"),
        pytest.param("a\u202eb\u200bc\u2066d\x00e", "abcde", id="bidi, zero width, control"),
        pytest.param("ㅤ\u3164⠀", "", id="blank letters"),
        pytest.param("Z" + "\u0301" * 30, "Z" + "\u0301" * 3, id="piled marks"),
        pytest.param("a\n\n b\t c\u2028d", "a b c d", id="one line"),
        pytest.param("昇腾 950 跑分泄露", "昇腾 950 跑分泄露", id="Chinese"),
    ],
)
def test_escaping(text: str, shown: str) -> None:
    assert escaped(text, 200) == shown


@pytest.mark.parametrize(
    ("limit", "shown"),
    [
        pytest.param(20, "Huawei Ascend 950", id="fits"),
        pytest.param(16, "Huawei Ascend…", id="at a word's border"),
        pytest.param(4, "Hua…", id="inside a word when no border is near"),
        pytest.param(1, "…", id="no room at all"),
    ],
)
def test_cutting(limit: int, shown: str) -> None:
    assert plain("Huawei Ascend 950", limit) == shown


def test_an_emoji_counts_as_two() -> None:
    assert width("\U0001f600") == 2
    assert plain("\U0001f600" * 5, 6) == "\U0001f600\U0001f600…"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        pytest.param("https://a.example/x?y=1#z", "https://a.example/x?y=1#z", id="as it is"),
        pytest.param("http://a.example:8080/", "http://a.example:8080/", id="a port"),
        pytest.param("https://a.example/x(1)", "https://a.example/x%281%29", id="brackets cannot end the link"),
        pytest.param("https://a.example/中", "https://a.example/%E4%B8%AD", id="Chinese path"),
        pytest.param("https://bücher.example/", "https://xn--bcher-kva.example/", id="a name shown as what it is"),
        pytest.param("HTTPS://A.example/", "https://a.example/", id="capitals"),
        pytest.param("https://a.example/%28x", "https://a.example/%28x", id="not encoded twice"),
        pytest.param("https://good.example@e.vil/", "", id="user part"),
        pytest.param("https://good.example\\@e.vil/", "", id="backslash"),
        pytest.param("javascript:alert(1)", "", id="script"),
        pytest.param("file:///etc/passwd", "", id="file"),
        pytest.param("https://a.example/ x", "", id="space"),
        pytest.param("https://a.example/\u202ex", "", id="bidi"),
        pytest.param("https://[::1", "", id="broken"),
        pytest.param("https://a.example:99999/", "", id="port out of range"),
        pytest.param("https:///x", "", id="no host"),
        pytest.param("", "", id="nothing"),
        pytest.param("https://a.example/" + "x" * 2048, "", id="too long"),
    ],
)  # fmt: skip
def test_addresses(url: str, shown: str) -> None:
    assert safe_url(url) == shown


def test_a_list_that_is_too_long_says_how_much_is_left_out() -> None:
    assert joined(["aaa", "bbb", "ccc"], ", ", limit=20) == "aaa, bbb, ccc"
    assert joined(["aaa"] * 9, ", ", limit=20, more="+{}") == "aaa, aaa, aaa, +6"
    assert joined(["a" * 30, "b"], ", ", limit=20, more="+{}") == "+2"


@UNHURRIED
@given(st.lists(st.text(max_size=9), max_size=20), st.integers(min_value=20, max_value=60))
def test_a_joined_list_fits(rows: list[str], limit: int) -> None:
    assert width(joined(rows, "; ", limit=limit, more="and {} more")) <= limit


@UNHURRIED
@given(HOSTILE)
def test_cleaning_twice_is_cleaning_once_but_for_the_break_in_mentions(text: str) -> None:
    once = clean(text)
    assert clean(once) == once


def test_an_address_calls_nobody() -> None:
    assert safe_url("https://news.example/@everyone?x=@here#@42") == (
        "https://news.example/%40everyone?x=%40here#%4042"
    )
    assert safe_url("https://social.example/@lab/7") == "https://social.example/@lab/7"
