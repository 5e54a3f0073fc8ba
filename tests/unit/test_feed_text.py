"""Plain text out of mark-up, and text out of bytes."""

import pytest

from bot.intake.sources.charset import decode
from bot.intake.sources.text import first_sentence, one_line, shorten, summary_of, title_of

CHINESE = "华为昇腾九五〇芯片基准测试成绩泄露，国际足联调查香港球迷嘘国歌事件" * 3
RUSSIAN = "Как пережить новогоднюю ночь и не потерять друзей. Новости дня" * 2


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("  Two\n lines\t here ", "Two lines here"),
        ("<b>Bold</b> &amp; <i class='x'>slanted</i>", "Bold & slanted"),
        ("Vec<T> and a < b", "Vec<T> and a < b"),
        ("Fish &amp;amp; chips", "Fish &amp; chips"),
        ("&lt;script&gt;x&lt;/script&gt;", "<script>x</script>"),
        ("a\u202eb\u200bc\u2066d\ufeffe", "abcde"),
        ("a\U000e0041b", "ab"),
        ("niÃ±os en EspaÃ±a", "niños en España"),
        ("It is â€œfineâ€\x9d", "It is “fine”"),
        ("Ã la carte", "Ã la carte"),
        ("昇腾\u3000950", "昇腾 950"),
        ("lone \ud800 surrogate", "lone surrogate"),
        ("<![CDATA[twice]]>", "twice"),
    ],
)
def test_a_title_is_one_plain_line(title: str, expected: str) -> None:
    assert title_of(title) == expected


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>One</p><p>two</p>", "One two"),
        ("He<em>llo</em><br>you", "Hello you"),
        ("<script>steal()</script>text<style>p{}</style>", "text"),
        ("<!-- hidden --> shown", "shown"),
        ("cut <a href='https://x", "cut"),
        ("<my-tag><content xmlns='x'>in</content></my-tag>", "in"),
        ("&lt;b&gt; stays text", "<b> stays text"),
    ],
)
def test_a_summary_loses_its_mark_up(markup: str, expected: str) -> None:
    assert summary_of(markup) == expected


def test_a_summary_has_an_end() -> None:
    assert len(summary_of("word " * 1000)) <= 1000
    assert len(summary_of("字" * 5000)) <= 1000


@pytest.mark.parametrize(
    "markup",
    ["<script>" * 50_000, "<a " * 50_000, "<!--" * 50_000, "&" * 200_000, "<" * 200_000, "<b><" * 50_000],
)
@pytest.mark.timeout(5)
def test_hostile_mark_up_costs_no_time(markup: str) -> None:
    assert len(summary_of(markup)) <= 1000


def test_a_cut_falls_between_words() -> None:
    assert shorten("one two three four", 12) == "one two…"
    assert shorten("字" * 20, 10) == "字" * 9 + "…"
    assert shorten("short", 10) == "short"


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>DeepSeek V4 is out, with weights. More soon.</p>", "DeepSeek V4 is out, with weights."),
        ("<p>Wow! DeepSeek V4 is really out now. More.</p>", "Wow! DeepSeek V4 is really out now."),
        ("<p>First line<br>second line</p>", "First line"),
        ("<p></p><p>Second</p>", "Second"),
        ("昇腾九五〇的跑分今天流出了！真假未知。", "昇腾九五〇的跑分今天流出了！"),
        ("", ""),
    ],
)
def test_a_post_is_titled_by_its_first_sentence(markup: str, expected: str) -> None:
    assert first_sentence(markup) == expected


def test_one_line_keeps_what_only_looks_like_mark_up() -> None:
    assert one_line("if a<b and c>d &amp; e") == "if a<b and c>d &amp; e"


@pytest.mark.parametrize(
    ("text", "codec", "said", "header"),
    [
        (CHINESE, "utf-8", "utf-8", None),
        (CHINESE, "gb18030", "gb2312", None),
        (CHINESE, "gb18030", "utf-8", None),
        (CHINESE, "gb18030", None, None),
        (CHINESE, "gb18030", None, "gbk"),
        (CHINESE, "utf-8", "gb2312", None),
        (CHINESE, "utf-8", "iso-8859-1", "gbk"),
        (CHINESE, "utf-16", "utf-8", None),
        (CHINESE, "utf-16-le", None, None),
        (CHINESE, "utf-32", None, None),
        ("日本語のニュース" * 5, "shift_jis", "Shift_JIS", None),
        ("日本語のニュース" * 5, "iso-2022-jp", "ISO-2022-JP", None),
        ("한국어 뉴스" * 5, "euc-kr", "EUC-KR", None),
        ("繁體中文新聞" * 5, "big5", "Big5", None),
        (RUSSIAN, "cp1251", "windows-1251", None),
        (RUSSIAN, "cp1251", "iso-8859-1", None),
        (RUSSIAN, "koi8-r", None, None),
        ("Übermäßig – “größer” €5", "cp1252", "iso-8859-1", None),
        ("Übermäßig", "cp1252", None, "iso-8859-1"),
        ("Zażółć", "iso-8859-2", "ISO-8859-2", None),
        ("plain", "ascii", "utf-7", None),
        ("plain", "ascii", "rot13", "unicode_escape"),
    ],
)
def test_bytes_are_read_for_what_they_are(
    text: str, codec: str, said: str | None, header: str | None
) -> None:
    declared = f'<?xml version="1.0" encoding="{said}"?>' if said else "<x/>"
    assert decode((declared + text).encode(codec), header).endswith(text)


def test_a_broken_character_does_not_change_the_encoding() -> None:
    body = CHINESE.encode()[:-1] + b"<end/>"
    assert decode(body).startswith(CHINESE[:-1])


def test_utf_7_is_never_decoded() -> None:
    assert "<script" not in decode(b'<?xml version="1.0" encoding="utf-7"?>+ADw-script+AD4-')
