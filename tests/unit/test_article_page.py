"""Pages as sites serve them: which are articles, and what they say. Hostile ones end soon and break nothing."""

import random
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.intake.article_page import Article, NoArticle, article_of
from bot.intake.article_signs import leads_elsewhere, may_be_article
from bot.intake.fetch import Fetched
from bot.judgement.summary import sane_keywords, summarise
from bot.model import SourceKind
from tests.paths import SHARED_DATA

PAGES = Path(__file__).parents[1] / "data" / "articles"
URL = "https://wire.example/2026/11/deepseek-v4-weights?utm_source=x"
EN, ZH = (PAGES / "en.html").read_bytes(), (PAGES / "zh.html").read_bytes()


def read(
    body: bytes | str, *, url: str = URL, asked: str = URL, content_type: str = "text/html"
) -> Article | NoArticle:
    data = body.encode() if isinstance(body, str) else body
    return article_of(Fetched(status=200, url=url, body=data, content_type=content_type), asked=asked)


def reason(found: Article | NoArticle) -> str:
    assert isinstance(found, NoArticle), found
    return found.reason


def test_an_english_article_gives_two_sentences_its_own_address_and_sane_keywords() -> None:
    found = read(EN)
    assert isinstance(found, Article)
    assert found.url == "https://wire.example/2026/11/deepseek-v4-weights"
    assert summarise(found.text, title="DeepSeek releases V4 weights under MIT licence") == (
        "DeepSeek published the weights of its V4 model on Monday under the MIT licence, two weeks after the company "
        "had called a launch premature. The files, 1.2 terabytes in all, appeared on its Hugging Face page at 9 a.m. "
        "in Hangzhou."
    )
    assert sane_keywords(found.keywords, text=found.text) == (
        "DeepSeek", "Hangzhou", "MIT licence", "mixture of experts",
    )  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_chinese_article_gives_two_sentences_in_either_encoding(encoding: str) -> None:
    found = read(ZH.decode().replace('charset="utf-8"', f'charset="{encoding}"').encode(encoding))
    assert isinstance(found, Article)
    made = summarise(found.text, title="华为昇腾910D量产推迟至明年二季度")
    assert made.startswith("华为已将昇腾910D芯片的量产时间推迟至明年第二季度，原因是先进封装产能不足。")
    assert made.count("。") == 2
    assert "扫码" not in made
    assert set(sane_keywords(found.keywords, text=found.text)) <= {"华为", "昇腾910D", "中芯国际"}


@pytest.mark.parametrize(
    ("canonical", "url"),
    [
        ("https://m.wire.example/other-article-here", "https://wire.example/other-article-here"),
        ("https://evil.example/2026/11/deepseek", "https://wire.example/2026/11/deepseek-v4-weights"),
        ("https://wire.example/", "https://wire.example/2026/11/deepseek-v4-weights"),
        ("javascript:alert(1)", "https://wire.example/2026/11/deepseek-v4-weights"),
        ("https://[", "https://wire.example/2026/11/deepseek-v4-weights"),
    ],
)
def test_a_canonical_link_counts_only_on_the_same_site(canonical: str, url: str) -> None:
    found = read(EN.decode().replace("/2026/11/deepseek-v4-weights", canonical))
    assert isinstance(found, Article)
    assert found.url == url


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            (
                "<title>DeepSeek V4 weights published under MIT licence - The Daily Wire",
                "<title>404 - Page not found",
            ),
            "",
        ),
        (
            (
                "</head>",
                '<script type="application/ld+json">{"isAccessibleForFree": "False"}</script></head>',
            ),
            "subscribers",
        ),
        (("</head>", '<meta property="article:content_tier" content="locked"></head>'), "subscribers"),
        (("</head>", '<meta name="robots" content="index, nosnippet"></head>'), "quoted"),
        (
            (
                "</article>",
                "<p>Subscribe to continue reading this article and get access to everything else.</p></article>",
            ),
            "subscribers",
        ),
    ],
    ids=["title-only-404", "json-ld", "tier", "nosnippet", "words"],
)
def test_what_may_or_can_not_be_told_is_recognised(change: tuple[str, str], said: str) -> None:
    found = read(EN.decode().replace(*change))
    if said:
        assert said in reason(found)
    else:
        assert isinstance(found, Article), "og:title goes before the title of the tab"


@pytest.mark.parametrize(
    ("body", "content_type", "said"),
    [
        (b"%PDF-1.7 \x00\x01", "text/html", "not a web page"),
        (EN, "application/pdf", "not a web page but application/pdf"),
        (b"", "text/html", ""),
        (b"   \n", "text/html", "empty"),
        (
            b"<html><head><title>404 Not Found</title></head><body><p>" + b"words and words. " * 40,
            "text/html",
            "not there",
        ),
        (b"<html><head><title>Just a moment...</title></head><body>checking", "text/html", "robots"),
        ("<title>页面不存在</title><p>您访问的页面不存在".encode(), "text/html", "not there"),
        (b"<html><body><div id=app></div></body></html>", "text/html", "hardly any text"),
    ],
)
def test_pages_without_an_article_say_why(body: bytes, content_type: str, said: str) -> None:
    assert said in reason(read(body, content_type=content_type))


@pytest.mark.parametrize(
    ("asked", "found", "why"),
    [
        ("https://a.example/2026/x-y-z", "https://a.example/", "home"),
        ("https://a.example/2026/x-y-z", "https://www.a.example/index.html", "home"),
        ("https://a.example/2026/x-y-z", "https://a.example/en/", "many"),
        ("https://a.example/news/x-y-z", "https://a.example/news", "many"),
        ("https://a.example/news/x-y-z", "https://consent.a.example/collect?to=1", "consent"),
        ("https://a.example/news/x-y-z", "https://a.example/login?next=/news/x", "login"),
        ("https://a.example/news/x-y-z", "https://a.example/news/2026/x-y-z", ""),
        ("https://a.example/?p=12", "https://a.example/2026/title-of-it", ""),
        ("https://t.example/x", "https://b.example/2026/title-of-it", ""),
    ],
)
def test_redirects_to_something_else_are_recognised(asked: str, found: str, why: str) -> None:
    said = leads_elsewhere(asked, found)
    assert (why in said) if why else not said


@pytest.mark.parametrize(
    ("url", "kind", "may"),
    [
        ("https://a.example/x", SourceKind.RSS, True),
        ("https://a.example/x", SourceKind.MASTODON, True),
        ("https://a.example/x.PDF", SourceKind.RSS, False),
        ("https://a.example/", SourceKind.RSS, False),
        ("https://a.example/x", SourceKind.PAGE, False),
        ("https://huggingface.co/deepseek-ai/V4", SourceKind.RSS, False),
        ("https://mastodon.example/@you/1234", SourceKind.MASTODON, False),
        ("https://bsky.app/profile/a/post/b", SourceKind.BLUESKY, False),
        ("https://news.google.com/rss/articles/x", SourceKind.RSS, False),
        ("mailto:x@a.example", SourceKind.RSS, False),
        ("https://[", SourceKind.RSS, False),
    ],
)
def test_only_addresses_of_articles_are_asked(url: str, kind: SourceKind, may: bool) -> None:
    assert may_be_article(url, kind) is may


@settings(max_examples=60, deadline=None)
@given(st.data(), st.sampled_from([EN, ZH]))
def test_damaged_pages_break_nothing(data: st.DataObject, page: bytes) -> None:
    rng = random.Random(data.draw(st.integers(0, 2**32)))
    body = bytearray(page)
    for _ in range(rng.randrange(1, 30)):
        at, length = rng.randrange(len(body)), rng.randrange(1, 60)
        match rng.randrange(4):
            case 0:
                del body[at : at + length]
            case 1:
                body[at:at] = body[at : at + length] * rng.randrange(1, 20)
            case 2:
                body[at : at + 2] = rng.randbytes(length)
            case _:
                body[at:at] = rng.choice(
                    [b"<", b"\0", b'"', b"<!--", b"<script>", b"</p>", b"&#x0;", b"<p " * 9]
                )
        if len(body) < 10:
            break
    found = read(bytes(body))
    if isinstance(found, Article):
        assert len(summarise(found.text, title="DeepSeek V4")) <= 400
        found.text.encode()


_SIZE = 1_000_000


@pytest.mark.parametrize(
    "body",
    [
        "<div>" * (_SIZE // 5) + "text",
        "<p " + " ".join(f'a{n}="x"' for n in range(_SIZE // 9)) + ">text",
        "<p a='<' b='<'" * (_SIZE // 14),
        "<article>" + "<p><a href=x>aa</a>" * (_SIZE // 19),
        "<article><p>" + "a<br>" * (_SIZE // 5),
        "<script>" * (_SIZE // 8),
        "<!--" * (_SIZE // 4),
        "<table><tr><td>aa bb" * (_SIZE // 20),
        "<article><p>" + "w" * _SIZE,
        "<article><p>" + "Aa. " * (_SIZE // 4),
        "data:image/" * (_SIZE // 11),
        "<meta name=keywords content='" + "a," * (_SIZE // 2) + "'>",
        "&amp;" * (_SIZE // 5),
        "<a href='" + "x" * _SIZE + "'>y</a>",
    ],
    ids=["deep", "attributes", "quotes", "links", "breaks", "scripts", "comments", "tables", "word", "sentences",
         "data",         "keywords", "entities", "href"],
)  # fmt: skip
def test_hostile_pages_end_soon(body: str) -> None:
    read(EN)  # what is loaded late is loaded
    began = time.process_time()
    found = read(body)
    if isinstance(found, Article):
        summarise(found.text, title="text")
    assert time.process_time() - began < 30


@pytest.mark.skipif(not SHARED_DATA.is_dir(), reason="TIPOFF_SHARED_DATA is not there")
def test_recorded_pages_give_a_summary_or_a_reason() -> None:
    told = {}
    for path in sorted((SHARED_DATA / "api" / "html").glob("*.html")):
        found = read(path.read_bytes())
        told[path.name] = summarise(found.text, title=found.title) if isinstance(found, Article) else ""
    assert "Erin Spiceland is a Software Engineer for SpaceX." in told["github.blog.html"]
    assert sum(1 for text in told.values() if text) >= 5
