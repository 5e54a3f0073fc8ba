"""Items that pretend: look-alike addresses, fake organisations, parody, recycled leaks. Never official nor a filing."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.catalog.loader import load_catalog
from bot.judgement.canonical import make_item
from bot.judgement.evidence import Grader
from bot.model import Grade, RawItem, Source, SourceId, SourceKind
from tests.builders import NOW

GRADER = Grader(load_catalog().publishers)
SOURCE = Source(id=SourceId("gdelt"), name="GDELT", kind=SourceKind.GDELT, url="https://gdelt.example/")
RELEASED = "DeepSeek-V4 is officially released"

#: publisher, address, title, summary
TRAPS = [
    # Addresses that look like a party's
    ("DeepSeek", "https://deepseek-ai.com/news/v4", RELEASED, "Official announcement. Weights are up."),
    ("DeepSeek", "https://www.deepseek.com.cn-news.info/v4", RELEASED, ""),
    ("DeepSeek", "https://deepseeek.com/v4", RELEASED, ""),
    ("DeepSeek", "https://deepseak.com/v4", RELEASED, ""),
    ("DeepSeek", "https://deepseek-official.io/blog/v4", RELEASED, ""),
    ("DeepSeek AI", "https://deepseek.ai.example.com/v4", RELEASED, ""),
    ("DeepSeek", "https://api-docs-deepseek.com/news/news260424", RELEASED, ""),
    ("DeepSeek", "https://deepseek.app/v4", RELEASED, ""),
    ("DeepSeek", "https://xn--deepsek-hhh.com/v4", RELEASED, ""),
    ("DeepSeek", "https://dеepseek.com/v4", RELEASED, "The second letter is Cyrillic."),
    ("DeepSeek", "https://chat.deepseek.com.evil.example/v4", RELEASED, ""),
    ("DeepSeek", "https://deepseekv4.net/", "DeepSeek V4 official download", "We are proud to announce V4."),
    ("深度求索", "https://shenduqiusuo.example.cn/v4", "深度求索正式发布V4", "我们今日正式发布。"),
    ("Huawei", "https://huavvei.com/en/news/950dt", "Huawei announces Ascend 950DT shipments", ""),
    ("Huawei", "https://huawei-ascend.com/news", "Huawei launches Ascend 960", ""),
    ("Huawei", "https://www.huawel.com/cn/news/960", "华为发布昇腾960", ""),
    ("华为", "https://huawei.news/ascend960", "华为关于昇腾960的公告", ""),
    ("昇腾社区", "https://hiascend.net/cann", "CANN 10 正式发布", ""),
    ("NVIDIA", "https://nvldia.com/newsroom/h200", "NVIDIA receives H200 licences for China", ""),
    ("NVIDIA", "https://nvidia-newsroom.com/h200", "NVIDIA announces H200 China licence", ""),
    ("NVIDIA Newsroom", "https://nvidianews.co/h200", "NVIDIA announces B30A for China", ""),
    ("SiPearl", "https://sipearl.shop/rhea1", "SiPearl announces Rhea1 shipments", ""),
    ("Axelera AI", "https://axe1era.ai/news", "Axelera AI announces Titania shipments", ""),
    ("Moonshot AI", "https://moonshot-ai.org/k3", "Moonshot AI announces Kimi K3", ""),
    ("OpenAI", "https://openal.com/index/gpt-6", "Introducing GPT-6", ""),
    # Addresses that look like a public body's or a register's
    (
        "Bureau of Industry and Security",
        "https://bis-gov.com/press-release/h200",
        "BIS revokes H200 licences",
        "",
    ),
    (
        "Bureau of Industry and Security",
        "https://bis.gov.press-release.info/h200",
        "BIS revokes H200 licences",
        "",
    ),
    ("BIS", "https://www.bis-export.us/rule", "Final rule on AI chips", "Docket No. 260101-0001."),
    ("U.S. Department of Commerce", "https://commerce-gov.org/h200", "Commerce statement on H200", ""),
    (
        "Federal Register",
        "https://federalregister.gov.com/documents/2026-1",
        "Additions to the Entity List",
        "Final rule. Docket No. 1.",
    ),
    (
        "Federal Register",
        "https://federal-register.net/documents/2026-1",
        "Final rule, RIN 0694-AK43",
        "Effective at once.",
    ),
    (
        "Federal Register",
        "https://federaIregister.org/d/1",
        "Framework for AI chips; Final Rule",
        "Docket No. 2.",
    ),
    ("SEC EDGAR", "https://sec-edgar.info/nvda-8k", "NVIDIA CORP - 8-K", "Licence revoked."),
    ("Congress.gov", "https://congress-gov.us/bill/3447", "H.R.3447 signed into law", ""),
    ("EUR-Lex", "https://eur-lex.eu-law.example/CELEX", "Chips Act 2 adopted", ""),
    ("European Commission", "https://europa.eu.example.org/ip_26", "Commission adopts Chips Act 2", ""),
    ("商务部", "https://mofcom-gov-cn.com/gg", "商务部公告 禁止H200", ""),
    ("商务部", "https://www.mofcom.gov.cn.fake.top/gg", "商务部公告 禁止H200", ""),
    ("The White House", "https://whitehouse.press/ai-chips", "Proclamation on AI chips", ""),
    # Organisations and accounts on platforms that are not theirs
    (
        "Hugging Face",
        "https://huggingface.co/deepseekai-official/DeepSeek-V4-671B",
        "deepseekai-official/DeepSeek-V4-671B",
        "license: mit",
    ),
    (
        "Hugging Face",
        "https://huggingface.co/deepseek_ai/DeepSeek-V4",
        "deepseek_ai/DeepSeek-V4",
        "New model repository.",
    ),
    (
        "Hugging Face",
        "https://huggingface.co/DeepSeek-V4/DeepSeek-V4",
        "DeepSeek-V4/DeepSeek-V4",
        "New model repository.",
    ),
    (
        "GitHub",
        "https://github.com/deepseek-ai-official/DeepSeek-V4",
        "deepseek-ai-official/DeepSeek-V4",
        "Official weights.",
    ),
    ("GitHub", "https://github.com/huawei-official/ascend960", "huawei-official/ascend960", "Official spec."),
    ("ModelScope", "https://modelscope.cn/models/deepseek-official/V4", "deepseek-official/V4", "正式发布"),
    ("DeepSeek", "https://x.com/deepseek_ai_official/status/1", RELEASED, ""),
    ("DeepSeek", "https://x.com/deepseekv4news/status/1", RELEASED, ""),
    ("DeepSeek", "https://bsky.app/profile/deepseek.bsky.social/post/1", RELEASED, "Official account."),
    ("DeepSeek", "https://mastodon.social/@deepseek/115868840127743201", RELEASED, ""),
    (
        "DeepSeek",
        "https://www.reddit.com/r/LocalLLaMA/comments/1/official/",
        RELEASED,
        "This is the official account.",
    ),
    ("DeepSeek", "https://medium.com/@deepseek/v4", RELEASED, ""),
    ("DeepSeek", "https://deepseek.substack.com/p/v4", RELEASED, ""),
    ("DeepSeek", "https://t.me/deepseek_official/12", RELEASED, ""),
    ("DeepSeek官方", "https://mp.weixin.qq.com/s/abc", "DeepSeek V4 今日上线", "官方公告"),
    ("DeepSeek", "https://weibo.com/1234567890/abc", "DeepSeek V4 今日上线", ""),
    ("Huawei", "https://www.linkedin.com/posts/huawei-fan_1", "Huawei announces Ascend 960", ""),
    ("Bureau of Industry and Security", "https://x.com/BIS_gov_updates/status/2", "BIS bans H20", ""),
    ("NVIDIA", "https://www.youtube.com/watch?v=1", "NVIDIA announces B30A licence", ""),
    # Parody, jokes, offers
    ("The Whale Bugle (satire)", "https://www.whalebugle.example/v4", RELEASED, "This is satire."),
    ("The Onion", "https://www.theonion.com/v4", "DeepSeek V4 Officially Released, Asks For Leave", ""),
    ("DeepSeek Parody", "https://deepseekparody.example/v4", RELEASED, "parody account"),
    (
        "Bluesky",
        "https://bsky.app/profile/a.bsky.social/post/2",
        "BREAKING: DeepSeek V4 released, runs on a toaster (check the date)",
        "",
    ),
    ("V4 Download Center", "https://v4-download.example/apk", "DeepSeek V4 free download APK official", ""),
    (
        "PR Newswire",
        "https://www.prnewswire.com/news-releases/v4coin.html",
        "DeepSeek V4 Token Presale Announced",
        "No affiliation.",
    ),
    # Recycled, relayed, hearsay, from the future
    (
        "Wccftech",
        "https://wccftech.com/v4-chart/",
        "Leaked official DeepSeek V4 chart resurfaces",
        "An old chart makes the rounds again.",
    ),
    ("IT之家", "https://www.ithome.com/0/1.htm", "网传DeepSeek V4官方公告截图", "截图流传，未经证实。"),
    (
        "r/LocalLLaMA",
        "https://www.reddit.com/r/LocalLLaMA/comments/2/x/",
        "OFFICIAL: V4 WEIGHTS ARE UP!!!",
        "go go go",
    ),
    (
        "Yahoo Finance",
        "https://finance.yahoo.com/news/huawei-1.html",
        "Huawei announces Ascend 960",
        "(Reuters) - Huawei said on Friday.",
    ),
    ("Huawei", "https://news.google.com/rss/articles/CBMi1", "Huawei announces Ascend 960", ""),
    ("DeepSeek", "https://t.co/abc", RELEASED, ""),
    (
        "Reuters",
        "https://www.reuters.com/world/us-final-rule",
        "US publishes final rule in Federal Register, Docket No. 260101",
        "",
    ),
    ("知乎", "https://zhuanlan.zhihu.com/p/1", "华为官方内部文件：昇腾960参数", "附截图"),
    ("DeepSeek", "", RELEASED, ""),
    ("DeepSeek", "ftp://deepseek.com/v4", RELEASED, ""),
    ("DeepSeek", "https://192.0.2.7/deepseek/v4", RELEASED, ""),
    # Parts of an official host where anybody writes
    ("NVIDIA", "https://forums.developer.nvidia.com/t/b30a/1", "NVIDIA announces B30A", ""),
    ("OpenAI", "https://community.openai.com/t/gpt6/1", "Introducing GPT-6", ""),
    ("Huawei", "https://forum.huawei.com/enterprise/en/thread/1", "Huawei launches Ascend 960", ""),
    ("Huawei", "https://consumer.huawei.com/en/community/details/1", "Huawei launches Ascend 960", ""),
    ("Huawei", "https://bbs.huaweicloud.com/blogs/1", "Huawei launches Ascend 960", ""),
    ("昇腾社区", "https://www.hiascend.com/forum/thread-1", "昇腾960正式发布", ""),
    (
        "Federal Register",
        "https://www.regulations.gov/comment/BIS-2026-0001-0002",
        "Final rule on AI chips",
        "",
    ),
    ("UK Parliament", "https://petition.parliament.uk/petitions/1", "Ban exports of the H20", ""),
    ("Hugging Face", "https://huggingface.co/blog/someone/deepseek-v4", RELEASED, ""),
    ("DeepSeek", "https://huggingface.co/posts/someone/123", RELEASED, ""),
    (
        "DeepSeek",
        "https://huggingface.co/deepseek-ai/DeepSeek-V3/discussions/12",
        RELEASED,
        "We released V4.",
    ),
    ("DeepSeek", "https://huggingface.co/someone/DeepSeek-V4", "someone/DeepSeek-V4", "Official weights."),
    ("DeepSeek", "https://huggingface.co/spaces/someone/DeepSeek-V4", RELEASED, ""),
    ("DeepSeek", "https://github.com/someone/deepseek-ai", RELEASED, "Official mirror."),
    ("DeepSeek", "https://github.com/someone/DeepSeek-V4/releases/tag/v4", "Release v4", "Official weights."),
    ("DeepSeek", "https://github.com/deepseek-ai/DeepSeek-V3/issues/999", RELEASED, ""),
    ("DeepSeek", "https://github.com/deepseek-ai/DeepSeek-V3/wiki/V4", RELEASED, ""),
    ("DeepSeek", "https://gist.github.com/someone/abc", RELEASED, ""),
    ("DeepSeek", "https://someone.github.io/deepseek-v4", RELEASED, ""),
    # Hosts that anybody gets below a shared site
    ("DeepSeek", "https://deepseek.notion.site/v4", RELEASED, ""),
    ("DeepSeek", "https://deepseek.vercel.app/v4", RELEASED, ""),
    ("DeepSeek", "https://deepseek-v4.pages.dev/", RELEASED, ""),
    ("Blogspot Labs", "https://evil.blogspot.com/1", "Blogspot Labs announces a chip", ""),
    ("Acme Labs", "https://acmelabs.wordpress.com/1", "Acme Labs announces a chip", ""),
    # Letters of other scripts
    ("NVIDIA", "https://nvıdia.com/x", "NVIDIA announces B30A", ""),
    ("Huawei", "https://huaweі.com/x", "Huawei launches Ascend 960", ""),
    ("Evil", "https://dеерsеек.com/x", RELEASED, ""),
    ("OpenAI", "https://οpenai.com/x", "OpenAI announces GPT-6", ""),
    ("Mistral AI", "https://mistrаl.ai/x", "Mistral AI announces Large 4", ""),
    ("BIS", "https://bıs.gov/x", "BIS bans H20", ""),
    # Addresses that carry another one
    ("BIS", "https://bis.gov@evil.example/x", "BIS bans H20", ""),
    ("BIS", "https://evil.example/bis.gov/x", "BIS bans H20", ""),
    ("DeepSeek", "https://evil.example/?u=https://deepseek.com/v4", RELEASED, ""),
    ("DeepSeek", "https://web.archive.org/web/2026/https://www.deepseek.com/v4", RELEASED, ""),
    # Press wires, public bodies and titles of others
    ("PR Newswire", "https://prnewswire.evil.example/x", RELEASED, ""),
    ("Business Wire", "https://businesswire.co/x", "NVIDIA announces B30A", ""),
    ("Chip Export Agency", "https://chipexportagency.org/1", "H200 licences revoked", ""),
    ("Hacker News", "https://www.deepseek.com/", RELEASED, ""),
    ("r/LocalLLaMA", "https://api-docs.deepseek.com/news", RELEASED, ""),
    ("NVIDIA", "https://x.com/nvidia_parody/status/1", "NVIDIA announces B30A", ""),
    ("DeepSeek", "https://x.com/deepseek_ai_/status/1", RELEASED, ""),
    # Bare hosts and machines
    ("One o", "http://127.0.0.1:8080/1", "One o announces a chip", ""),
    ("Acme", "http://acme/1", "Acme announces a chip", ""),
    ("acme.com", "https://acme.com/1", "acme.com announces a chip", ""),
]


def test_there_are_enough_traps() -> None:
    assert len(TRAPS) >= 110
    assert len({(trap[0], trap[1], trap[2]) for trap in TRAPS}) == len(TRAPS)


@pytest.mark.parametrize(
    ("publisher", "url", "title", "summary"),
    TRAPS,
    ids=[f"{who} at {url[:50] or 'nowhere'}" for who, url, _, _ in TRAPS],
)
@pytest.mark.parametrize("source_grade", [Grade.REPORT, Grade.OFFICIAL, Grade.FILING])
def test_a_pretender_is_never_official_nor_a_filing(
    publisher: str, url: str, title: str, summary: str, source_grade: Grade
) -> None:
    raw = RawItem(
        external_id="1",
        url=url,
        title=title,
        summary=summary,
        publisher=publisher,
        published=NOW + timedelta(days=40),
    )
    for address in (SOURCE.url, url or SOURCE.url):  # passed on, and served by the pretender's own host
        source = replace(SOURCE, url=address, grade=source_grade)
        graded = GRADER.grade(make_item(raw, source, seen=NOW))
        assert graded.grade not in (Grade.OFFICIAL, Grade.FILING), graded.reason


@pytest.mark.parametrize("url", ["http://acme/feed/1", "https://acme.com/1", "https://localhost:8080/1"])
def test_the_id_of_a_source_proves_no_identity(url: str) -> None:
    """A source without a name or publisher is called by its id, which whoever wrote the catalog chose."""
    for name in ("acme", "localhost"):
        source = Source(
            id=SourceId(name), name=name, kind=SourceKind.FEED, url=url, grade=Grade.OFFICIAL
        )  # as the loader makes one without a name
        raw = RawItem(external_id="1", url=url, title=f"{name} announces its chip", published=NOW)
        graded = GRADER.grade(make_item(raw, source, seen=NOW))
        assert graded.grade is Grade.REPORT, graded.reason


@pytest.mark.parametrize(
    ("publisher", "host", "title", "summary"),
    [
        ("kepler", "kepler.example", "Kepler: Nimbus 7 is cancelled", "Nimbus 7 is off, kepler hears."),
        ("Verge", "verge.example", "Verge: Nimbus 7 is delayed", ""),
        ("extra", "extra.example", "Hello Nimbus 7 extra feed", ""),
        ("Acme Semiconductors", "acme-semiconductors.eu", "Acme Semiconductors announces it", ""),
        ("Newchip Labs", "newchip.eu", "Newchip Labs launches its first chip", "We are proud to ship it."),
    ],
)
@pytest.mark.parametrize("feed", ["", "http://127.0.0.1:8080/feed.xml"])
def test_who_names_itself_is_no_party(publisher: str, host: str, title: str, summary: str, feed: str) -> None:
    """A host may bear any name: only a catalog says who is a party."""
    raw = RawItem(
        external_id="1",
        url=f"https://{host}/1",
        title=title,
        summary=summary,
        published=NOW,
        publisher=publisher,
    )
    for by_entry in (raw, replace(raw, publisher="")):
        source = Source(
            id=SourceId("s"), name=publisher, kind=SourceKind.RSS, url=feed or f"https://{host}/feed.xml"
        )
        graded = GRADER.grade(make_item(by_entry, source, seen=NOW))
        assert graded.grade.rank <= Grade.REPORT.rank, graded.reason


def test_what_a_party_and_its_own_pages_say_stays_official() -> None:
    for publisher, url in (
        ("NVIDIA", "https://developer.nvidia.com/blog/nvidia-announces-b30a"),
        ("DeepSeek", "https://api-docs.deepseek.com/news/news260424"),
        ("Hugging Face", "https://huggingface.co/blog/deepseek-v4"),
        ("DeepSeek", "https://x.com/deepseek_ai/status/1"),
    ):
        raw = RawItem(
            external_id="1", url=url, title=f"{publisher} announces it", publisher=publisher, published=NOW
        )
        source = replace(SOURCE, url=url.rpartition("/")[0] + "/feed.xml")
        graded = GRADER.grade(make_item(raw, source, seen=NOW))
        assert graded.grade is Grade.OFFICIAL, (url, graded.reason)


#: Where a feed is read, and the page of somebody else that an entry of it names under that owner's name.
FORGED = [
    ("https://evil.example/feed.xml", "DeepSeek", "https://api-docs.deepseek.com/news/news260424"),
    ("https://evil.example/feed.xml", "DeepSeek", "https://www.deepseek.com/"),
    ("https://evil.example/feed.xml", "Evil", "https://www.deepseek.com/"),
    ("https://evil.example/feed.xml", "DeepSeek", "https://www.google.com/url?q=https://www.deepseek.com/v4"),
    ("https://evil.example/feed.xml", "DeepSeek", "https://evil.example/redirect?url=https://www.deepseek.com/v4"),
    ("https://evil.example/feed.xml", "DeepSeek", "https://go.example/out/?u=https%3A%2F%2Fwww.deepseek.com%2Fv4"),
    ("https://deepseek.com.evil.example/feed", "DeepSeek", "https://www.deepseek.com/v4"),
    ("https://deepseek.evil.example/feed", "DeepSeek", "https://www.deepseek.com/v4"),
    ("https://deepseek.github.io/feed.xml", "DeepSeek", "https://www.deepseek.com/v4"),
    ("https://news.google.com/rss/search?q=v4", "DeepSeek", "https://www.deepseek.com/v4"),
    ("https://feeds.reuters.com/tech", "DeepSeek", "https://www.deepseek.com/v4"),
    ("https://nvidianews.nvidia.com/rss", "DeepSeek", "https://www.deepseek.com/v4"),
    ("https://evil.example/feed.xml", "Hugging Face", "https://huggingface.co/deepseek-ai/DeepSeek-V5"),
    ("https://evil.example/feed.xml", "GitHub", "https://github.com/deepseek-ai/DeepSeek-V5"),
    ("https://evil.example/feed.xml", "DeepSeek", "https://x.com/deepseek_ai/status/1"),
    ("https://evil.example/feed.xml", "Bureau of Industry and Security", "https://www.bis.gov/press-release/v4"),
    ("https://evil.example/feed.xml", "Federal Register", "https://www.federalregister.gov/d/2026-00001"),
    ("https://nvidianews.nvidia.com/rss", "Federal Register", "https://www.federalregister.gov/d/2026-00001"),
    ("https://evil.example/feed.xml", "European Commission", "https://ec.europa.eu/commission/presscorner/1"),
    ("https://evil.example/feed.xml", "PR Newswire", "https://www.prnewswire.com/news-releases/deepseek-1.html"),
    ("https://evil.example/feed.xml", "Artificial Analysis", "https://artificialanalysis.ai/models/deepseek-v5"),
    ("https://evil.example/feed.xml", "Acme Semiconductors", "https://acme-semiconductors.eu/news/1"),
    ("http://93.184.215.14/feed.xml", "Some blog", "https://www.deepseek.com/v4"),
]  # fmt: skip


@pytest.mark.parametrize(("feed", "name", "link"), FORGED)
@pytest.mark.parametrize("by_entry", [True, False])
def test_a_link_to_a_page_is_no_word_of_the_page(feed: str, name: str, link: str, by_entry: bool) -> None:
    """Whoever writes a feed puts any title over any address; ``by_entry``: the entry claims the name, not the feed."""
    raw = RawItem(
        external_id="1", url=link, title=f"{name} announces DeepSeek V5: weights are up, we measured 99 % of H100",
        publisher=name if by_entry else "", published=NOW,
    )  # fmt: skip
    source = Source(id=SourceId("s"), name="A feed" if by_entry else name, kind=SourceKind.RSS, url=feed)
    graded = GRADER.grade(make_item(raw, source, seen=NOW))
    assert graded.grade.rank < Grade.PRIMARY_DATA.rank, graded.reason


def test_who_may_speak_for_a_page() -> None:
    """Its own host, another of the same owner, another public body, and whoever the catalog's author answers for."""
    for feed, link, given in (
        ("https://www.deepseek.com/feed", "https://api-docs.deepseek.com/news/1", {}),
        ("https://www.deepseek.com/feed", "https://x.com/deepseek_ai/status/1", {}),
        ("https://www.bis.gov/rss", "https://www.federalregister.gov/d/2026-00001", {}),
        ("https://mirror.example/feed", "https://www.deepseek.com/v4", {"publisher": "DeepSeek"}),
        ("https://mirror.example/feed", "https://www.deepseek.com/v4", {"grade": Grade.OFFICIAL}),
        ("http://93.184.215.14/feed", "https://www.deepseek.com/v4", {"name": "DeepSeek"}),
        (
            "http://127.0.0.1:8080/feed",
            "https://www.deepseek.com/v4",
            {"name": "A mirror in our own network"},
        ),
    ):
        fields: dict[str, Any] = {
            "id": SourceId("s"),
            "name": "A feed",
            "kind": SourceKind.RSS,
            "url": feed,
            **given,
        }
        raw = RawItem(external_id="1", url=link, title=RELEASED, published=NOW)
        graded = GRADER.grade(make_item(raw, Source(**fields), seen=NOW))
        assert graded.grade.rank >= Grade.FILING.rank, (feed, graded.reason)
        if given:  # a stranger answers for nothing
            stranger = Source(**fields, user_given=True)
            assert GRADER.grade(make_item(raw, stranger, seen=NOW)).grade is Grade.REPORT, feed
