"""One form of an entry: addresses, text, title keys, languages, times."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.judgement.canonical import canonical_url, clean_text, detect_language, make_item, title_key
from bot.model import Grade, RawItem, Source, SourceId, SourceKind

SEEN = datetime(2026, 11, 24, 12, tzinfo=UTC)
SOURCE = Source(
    id=SourceId("s"),
    name="A Source",
    kind=SourceKind.RSS,
    url="https://example.org/feed",
    grade=Grade.LEAK,
    language="en",
)


@pytest.mark.parametrize(
    ("given_url", "wanted"),
    [
        pytest.param("HTTPS://Example.ORG:443/A/b", "https://example.org/A/b", id="case and port"),
        pytest.param("http://example.org:8080/a", "http://example.org:8080/a", id="another port stays"),
        pytest.param("http://127.0.0.1:9000/x/1", "http://127.0.0.1:9000/x/1", id="loopback stays"),
        pytest.param("http://[::1]:9000/x", "http://[::1]:9000/x", id="IPv6"),
        pytest.param("https://example.org./a", "https://example.org/a", id="dot of the root"),
        pytest.param("https://me:pw@example.org/a", "https://example.org/a", id="user info is dropped"),
        pytest.param(
            "https://e.org/a?utm_source=rss&utm_medium=feed&fbclid=1", "https://e.org/a", id="tracking"
        ),
        pytest.param(
            "https://finance.yahoo.com/n/a.html?.tsrc=rss", "https://finance.yahoo.com/n/a.html", id="tsrc"
        ),
        pytest.param("https://36kr.com/newsflashes/1?f=rss", "https://36kr.com/newsflashes/1", id="f=rss"),
        pytest.param("https://e.org/a?b=2&a=1&ref=x", "https://e.org/a?a=1&b=2", id="order of parameters"),
        pytest.param(
            "https://news.ycombinator.com/item?id=1&from=x",
            "https://news.ycombinator.com/item?id=1",
            id="id stays",
        ),
        pytest.param("https://e.org/news.aspx?aid=77", "https://e.org/news.aspx?aid=77", id="aid stays"),
        pytest.param("https://e.org/?p=12", "https://e.org?p=12", id="p stays"),
        pytest.param(
            "https://e.org/2026/chip-rules-change-again?seg=9",
            "https://e.org/2026/chip-rules-change-again",
            id="a slug names the article",
        ),
        pytest.param(
            "https://mp.weixin.qq.com/s?__biz=A&mid=1&idx=2&sn=c&scene=0",
            "https://mp.weixin.qq.com/s?__biz=A&idx=2&mid=1&sn=c",
            id="weixin",
        ),
        pytest.param("https://e.org/a#comments", "https://e.org/a", id="fragment"),
        pytest.param(
            "https://e.org/updates/#date-2026-07-24",
            "https://e.org/updates#date-2026-07-24",
            id="an entry of a change log",
        ),
        pytest.param("https://e.org/#!/post/9", "https://e.org#!/post/9", id="route of a one-page site"),
        pytest.param("https://www.e.org/a/", "https://e.org/a", id="www and slash"),
        pytest.param("https://e.org//a///b", "https://e.org/a/b", id="doubled slashes"),
        pytest.param("https://e.org/a/index.html", "https://e.org/a", id="index"),
        pytest.param(
            "https://m.ithome.com/html/9.htm?from=groupmessage", "https://ithome.com/html/9.htm", id="mobile"
        ),
        pytest.param("https://wap.eastmoney.com/a/2.html", "https://eastmoney.com/a/2.html", id="wap"),
        pytest.param(
            "https://en.m.wikipedia.org/wiki/X",
            "https://en.wikipedia.org/wiki/X",
            id="mobile inside the host",
        ),
        pytest.param("https://m.com/a", "https://m.com/a", id="a host called m"),
        pytest.param("https://old.reddit.com/r/x/", "https://reddit.com/r/x", id="old reddit"),
        pytest.param(
            "https://www.cnbc.com/amp/2026/01/13/a.html",
            "https://cnbc.com/2026/01/13/a.html",
            id="AMP in front",
        ),
        pytest.param("https://wccftech.com/a-b/amp/", "https://wccftech.com/a-b", id="AMP behind"),
        pytest.param("https://reuters.com/a?outputType=amp", "https://reuters.com/a", id="AMP parameter"),
        pytest.param("https://amp.scmp.com/a", "https://scmp.com/a", id="AMP host"),
        pytest.param(
            "https://www.google.com/amp/s/www.e.org/a/b.amp", "https://e.org/a/b", id="AMP of Google"
        ),
        pytest.param(
            "https://www-e-org.cdn.ampproject.org/c/s/www.e.org/a", "https://e.org/a", id="AMP cache"
        ),
        pytest.param(
            "https://www.google.com/url?q=https%3A%2F%2Fe.org%2Fa&sa=U", "https://e.org/a", id="google"
        ),
        pytest.param(
            "https://l.facebook.com/l.php?u=https%3A%2F%2Fe.org%2Fa%3Ffbclid%3Dz&h=1",
            "https://e.org/a",
            id="facebook",
        ),
        pytest.param(
            "https://t.umblr.com/redirect?z=https%3A%2F%2Fe.org%2Fa", "https://e.org/a", id="tumblr"
        ),
        pytest.param("https://out.reddit.com/t3?url=https%3A%2F%2Fe.org%2Fa", "https://e.org/a", id="reddit"),
        pytest.param("https://link.zhihu.com/?target=https%3A//e.org/a", "https://e.org/a", id="zhihu"),
        pytest.param(
            "https://r.search.yahoo.com/_y=1/RU=https%3a%2f%2fe.org%2fa/RK=2/RS=x",
            "https://e.org/a",
            id="yahoo",
        ),
        pytest.param(
            "https://go.theregister.com/feed/www.theregister.com/2026/01/14/x/",
            "https://theregister.com/2026/01/14/x",
            id="host in the path",
        ),
        pytest.param(
            "https://l.facebook.com/l.php?u=https%3A%2F%2Fwww.google.com%2Furl%3Fq%3Dhttps%253A%252F%252Fe.org%252Fa",
            "https://e.org/a",
            id="one in another",
        ),
        pytest.param(
            "https://e.org/redirect?url=javascript:alert(1)",
            "https://e.org/redirect?url=javascript%3Aalert%281%29",
            id="a script is no target",
        ),
        pytest.param("https://e.org/%7Eme/%e4%b8%ad", "https://e.org/~me/%E4%B8%AD", id="escapes"),
        pytest.param("https://e.org/中 文", "https://e.org/%E4%B8%AD%20%E6%96%87", id="plain Chinese"),
        pytest.param(
            "https://münchen.example/a", "https://xn--mnchen-3ya.example/a", id="international host"
        ),
        pytest.param("  https://e.org/a\n", "https://e.org/a", id="space around"),
        pytest.param("tag:e.org,2026:1", "tag:e.org,2026:1", id="no web address"),
        pytest.param("http://[bad", "http://[bad", id="what cannot be parsed"),
        pytest.param("https://e.org:99999/a", "https://e.org:99999/a", id="a port that cannot be"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_an_address_has_one_form(given_url: str, wanted: str) -> None:
    assert canonical_url(given_url) == wanted
    assert canonical_url(wanted) == wanted


@given(
    st.one_of(
        st.text(max_size=80),
        st.from_regex(r"https?://[a-z.]{1,12}(/[a-z%/?=&:.#+0-9]{0,30})?", fullmatch=True),
    )
)
def test_canonical_url_never_raises_and_settles_at_once(url: str) -> None:
    once = canonical_url(url)
    assert canonical_url(once) == once


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        pytest.param("<p>One</p><p>Two <b>three</b></p>", "One Two three", id="tags"),
        pytest.param(
            "AT&amp;T &#39;says&#39; &amp;quot;no&amp;quot;", "AT&T 'says' \"no\"", id="entities, also twice"
        ),
        pytest.param("&lt;p&gt;Hi&lt;/p&gt;", "Hi", id="escaped mark-up"),
        pytest.param("a<script>alert(1)</script>b<style>x{}</style>", "a b", id="script and style"),
        pytest.param("a <!-- hidden --> b<script>never closed", "a b", id="comment, open script"),
        pytest.param("5 < 6 and <3", "5 < 6 and <3", id="no tags"),
        pytest.param("a\u202eb\u200bc\u2066d\x00e\ufeff", "abcde", id="invisible and turning"),
        pytest.param("a\n\t b\u3000c\xa0d", "a b c d", id="white space"),
        pytest.param("e\u0301", "é", id="NFC"),
    ],
)
def test_text_becomes_plain(raw: str, wanted: str) -> None:
    assert clean_text(raw, limit=100) == wanted


def test_long_text_is_cut_at_a_word() -> None:
    assert clean_text("one two three four", limit=12) == "one two…"
    assert clean_text("深度求索发布了新的模型", limit=6) == "深度求索发…"
    assert len(clean_text("x" * 5000, limit=300)) == 300


@given(st.text(max_size=300), st.integers(min_value=1, max_value=50))
def test_cleaned_text_is_within_its_limit_and_visible(text: str, limit: int) -> None:
    cleaned = clean_text(text, limit=limit)
    assert len(cleaned) <= limit
    assert not any(char in cleaned for char in "\n\t\u202e\u200b\x00")


def test_hostile_markup_takes_no_time() -> None:
    begin = datetime.now(UTC)
    for text in ("<" * 200_000, "<script" * 50_000, "&" * 200_000, "<!--" * 50_000, "<a " * 60_000):
        clean_text(text, limit=300)
    assert datetime.now(UTC) - begin < timedelta(seconds=3)


@pytest.mark.parametrize(
    ("title", "publisher", "same_as"),
    [
        pytest.param(
            "US eases rules on H200 | Reuters", "Reuters", "US eases rules on H200", id="after a pipe"
        ),
        pytest.param(
            "H200 rides again - The Register", "The Register", "H200 rides again", id="after a dash"
        ),
        pytest.param("华为昇腾支持 V4 - IT之家", "IT之家", "华为昇腾支持V4", id="Chinese site"),
        pytest.param("【DeepSeek据悉将推出V4】", "财联社", "DeepSeek据悉将推出V4", id="brackets"),
        pytest.param(
            "IT之家 1 月 10 日消息，DeepSeek 计划推出 V4 模型",
            "IT之家",
            "DeepSeek 计划推出 V4 模型",
            id="dateline",
        ),
        pytest.param(
            "Reuters: China allows imports of H200",
            "Reuters",
            "China allows imports of H200",
            id="name in front",
        ),
        pytest.param(
            "Exclusive-China’s DeepSeek trained model",
            "X",
            "Exclusive: China's DeepSeek trained model",
            id="punctuation",
        ),
        pytest.param("ＤｅｅｐＳｅｅｋ Ｖ４ is here", "X", "DeepSeek V4 is here", id="full width"),
        pytest.param("華為發佈昇騰", "X", "华为发布昇腾", id="traditional"),
    ],
)
def test_one_headline_has_one_key(title: str, publisher: str, same_as: str) -> None:
    wanted = "".join(title_key(same_as, "").split())
    assert "".join(title_key(title, publisher).split()) == wanted


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("DeepSeek V3.2 released", "DeepSeek V3 2 released", id="version"),
        pytest.param("Chip deal - a bad idea", "Chip deal", id="a dash inside a sentence"),
        pytest.param("Huawei denies delay", "Huawei delay", id="a word"),
    ],
)
def test_other_headlines_have_other_keys(one: str, other: str) -> None:
    assert title_key(one, "Reuters") != title_key(other, "Reuters")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        pytest.param("DeepSeek releases the V4 model", "en", id="en"),
        pytest.param("DeepSeek 发布 V4 模型", "zh", id="zh with Latin names"),
        pytest.param("ファーウェイ、昇騰950PRを発表", "ja", id="ja"),
        pytest.param("Huawei und die Chips der Zukunft", "de", id="de"),
        pytest.param("Les puces de la Chine et du Japon", "fr", id="fr"),
        pytest.param("엔비디아 H20 중국 수출", "ko", id="ko"),
        pytest.param(
            "Huawei (华为) unveils Ascend roadmap in Shanghai for the first time",
            "en",
            id="a name in Chinese",
        ),
        pytest.param("12345 !!", "", id="no letters"),
    ],
)
def test_languages_are_told_apart(text: str, language: str) -> None:
    assert detect_language(text) == language


def raw(**given: object) -> RawItem:
    fields: dict[str, object] = {
        "external_id": "1",
        "url": "https://www.e.org/a?utm_source=x",
        "title": "A <b>title</b>",
    }
    return RawItem(**{**fields, **given})  # type: ignore[arg-type]


def test_an_item_takes_what_the_entry_does_not_say_from_its_source() -> None:
    item = make_item(raw(), SOURCE, seen=SEEN)
    assert (item.url, item.title, item.publisher) == ("https://e.org/a", "A title", "A Source")
    assert (item.published, item.language, item.source_grade) == (SEEN, "en", Grade.LEAK)


def test_a_time_in_the_future_is_not_believed() -> None:
    assert make_item(raw(published=SEEN + timedelta(days=2)), SOURCE, seen=SEEN).published == SEEN
    past = SEEN - timedelta(days=2)
    assert make_item(raw(published=past), SOURCE, seen=SEEN).published == past


def test_the_script_overrules_a_stated_language() -> None:
    assert make_item(raw(title="华为发布昇腾芯片"), SOURCE, seen=SEEN).language == "zh"
    assert make_item(raw(language="zh-Hant-TW", title="華為發佈"), SOURCE, seen=SEEN).language == "zh"


def test_an_entry_without_title_is_named_by_its_text_or_its_address() -> None:
    assert make_item(raw(title="", summary="<p>Some words</p>"), SOURCE, seen=SEEN).title == "Some words"
    assert make_item(raw(title=" "), SOURCE, seen=SEEN).title == "https://e.org/a"


def test_making_an_item_of_an_item_changes_nothing() -> None:
    item = make_item(raw(summary="x & y &amp; z", author="<i>Me</i>"), SOURCE, seen=SEEN)
    again = make_item(
        RawItem(
            external_id=item.external_id, url=item.url, title=item.title, summary=item.summary, author=item.author,
            publisher=item.publisher, published=item.published, language=item.language,
        ),
        SOURCE,
        seen=SEEN,
    )  # fmt: skip
    assert again == item


def test_random_bytes_make_items() -> None:
    chaos = random.Random(7)
    for _ in range(300):
        text = "".join(
            chr(chaos.choice((chaos.randrange(0x80), chaos.randrange(0x3000, 0xA000)))) for _ in range(60)
        )
        assert make_item(raw(title=text, url=text, summary=text, publisher=text), SOURCE, seen=SEEN).title
