"""Evidence grades: who speaks, in what manner, showing what; whom an item relays; who is one witness."""

import csv
import inspect
import re

import pytest

from benchmarks.judgement_topics import rows
from bot.catalog.loader import load_catalog
from bot.judgement import evidence, evidence_rules
from bot.judgement.cues import CueTable, pieces_of
from bot.judgement.evidence import Grader
from bot.judgement.text import fold
from bot.model import Grade, Publisher
from tests.builders import an_item
from tests.paths import DATA, SHARED_DATA

GRADER = Grader(load_catalog().publishers)
V4 = "DeepSeek V4"


@pytest.mark.parametrize(
    ("wanted", "publisher", "url", "title", "summary"),
    [
        ("official", "DeepSeek", "https://api-docs.deepseek.com/news/1", "DeepSeek-V4 Preview is live", ""),
        ("official", "DeepSeek", "https://mp.weixin.qq.com/s/8bx", "DeepSeek-V4 预览版上线", ""),
        ("official", "DeepSeek 公众号", "https://mp.weixin.qq.com/s/8by", "DeepSeek-V4 预览版上线", ""),
        (
            "primary-data",
            "Mastodon",
            "https://mastodon.social/@r/1157",
            "four 910B2 cards do 37 tok/s on GLM-5",
            "",
        ),
        (
            "primary-data",
            "知乎",
            "https://www.zhihu.com/question/1/answer/2",
            "借到一台950DT，测了三天",
            "带宽3.5TB/s",
        ),
        ("rumour", "Mastodon", "https://mastodon.social/@r/1158", "V4 Max should reach 300 tok/s", ""),
        ("rumour", "知乎", "https://www.zhihu.com/question/1/answer/3", "听说950DT每秒跑3000个token", ""),
        (
            "opinion",
            "NVIDIA",
            "https://blogs.nvidia.com/blog/x",
            "Our view: trackers make chips hard to trust",
            "",
        ),
        ("rumour", "鲸鱼观察 公众号", "https://mp.weixin.qq.com/s/8bz", "听说 DeepSeek-V4 下周上线", ""),
        ("official", "Moonshot AI", "https://x.com/Kimi_Moonshot/status/1", "Kimi K3 is here", ""),
        ("official", "Ministry", "https://www.mofcom.gov.cn/a/1.html", "公告", ""),
        ("official", "Some ministry", "https://www.example.gouv.fr/a", "Communiqué", ""),
        (
            "official",
            "PR Newswire",
            "https://www.prnewswire.com/news-releases/a-1.html",
            "SiPearl Announces Rhea2",
            "",
        ),
        (
            "report",
            "Newchip Labs",
            "https://newchip.eu/news/tape-out",
            "Newchip tapes out its first RISC-V chip",
            "",
        ),
        ("filing", "Federal Register", "https://www.federalregister.gov/documents/2026/1", "Final rule", ""),
        ("filing", "SEC EDGAR", "https://www.sec.gov/Archives/edgar/data/1/a.htm", "NVIDIA 10-Q", ""),
        ("official", "SEC", "https://www.sec.gov/newsroom/press-releases/1", "SEC charges a chip maker", ""),
        (
            "primary-data",
            "Hugging Face",
            "https://huggingface.co/deepseek-ai/DeepSeek-V4-Pro",
            "deepseek-ai/DeepSeek-V4-Pro",
            "",
        ),
        ("primary-data", "GitHub", "https://github.com/vllm-project/vllm/pull/1", "Add DeepSeek V4", ""),
        (
            "primary-data",
            "GitHub",
            "https://github.com/huggingface/transformers/pull/1",
            "Add DeepSeek V4",
            "",
        ),
        ("primary-data", "arXiv", "https://arxiv.org/abs/2601.1", "Probing DeepSeek-V4", ""),
        ("primary-data", "MLCommons", "https://mlcommons.org/2026/09/results/", "MLPerf results", ""),
        ("report", "Epoch AI", "https://epochai.substack.com/p/x", "No, that chart is not real", ""),
        (
            "leak",
            "GitHub",
            "https://github.com/someone/bench",
            "leaked 910C serving bench",
            "CSV dump of an internal test",
        ),
        (
            "leak",
            "Euractiv",
            "https://www.euractiv.com/a",
            "LEAK: Chips Act 2 draft",
            "The draft, seen and published by Euractiv.",
        ),
        ("leak", "知乎", "https://zhuanlan.zhihu.com/p/1", "偷跑：昇腾实测", "附截图"),
        (
            "report",
            "Wccftech",
            "https://wccftech.com/a",
            "Ascend 960 leaked",
            "Leiphone has published slides.",
        ),
        ("report", "Reuters", "https://www.reuters.com/a", "US eases rules, sources say", ""),
        ("report", "IT之家", "https://www.ithome.com/0/1.htm", "消息称 V4 将发布", "据路透社报道。"),
        ("rumour", "IT之家", "https://www.ithome.com/0/1.htm", "疑似 V4 Lite 上线", "有用户称。"),
        ("rumour", "快科技", "https://news.mydrivers.com/1/1.htm", "网传昇腾960跑分曝光", ""),
        ("report", "快科技", "https://news.mydrivers.com/1/1.htm", "华为昇腾首发适配DeepSeek V4", ""),
        (
            "rumour",
            "Bluesky",
            "https://bsky.app/profile/a.bsky.social/post/1",
            "hearing V4 next week, not confirmed",
            "",
        ),
        (
            "report",
            "Bluesky",
            "https://bsky.app/profile/a.bsky.social/post/1",
            "status.deepseek.com literally says V4",
            "",
        ),
        (
            "opinion",
            "r/LocalLLaMA",
            "https://www.reddit.com/r/LocalLLaMA/comments/1/x/",
            "I think V4 will flop",
            "",
        ),
        (
            "report",
            "r/LocalLLaMA",
            "https://www.reddit.com/r/LocalLLaMA/comments/1/x/",
            "PSA: that V4 repo is fake",
            "",
        ),
        ("opinion", "Gibson Dunn", "https://www.gibsondunn.com/a", "What the rule means", ""),
        (
            "opinion",
            "The Guardian",
            "https://www.theguardian.com/commentisfree/2026/a",
            "Chips and power",
            "",
        ),
        ("opinion", "The Economist", "https://www.economist.com/leaders/2026/a", "A lesson", ""),
        ("opinion", "NVIDIA Blog", "https://blogs.nvidia.com/blog/x", "No Backdoors. No Kill Switches.", ""),
        ("opinion", "The Whale Bugle (satire)", "https://bugle.example/x", "V4 asks for leave", ""),
        ("report", "Local Gazette", "https://localgazette.example/a", "New data centre for AI chips", ""),
    ],
)
def test_grades(wanted: str, publisher: str, url: str, title: str, summary: str) -> None:
    graded = GRADER.grade(an_item(publisher=publisher, url=url, title=title, summary=summary))
    assert graded.grade == wanted, graded.reason
    assert graded.reason


def test_invented_items_are_graded_by_their_manner() -> None:
    with (DATA / "evidence" / "items.tsv").open(encoding="utf-8") as lines:
        table = list(csv.DictReader(lines, delimiter="\t"))
    wrong = {
        row["title"]
        for row in table
        if GRADER.grade(
            an_item(**{key: row[key] or "" for key in ("publisher", "url", "title", "summary")})
        ).grade
        != row["grade"]
    }
    # The name of a benchmark is taken for the name of who ran it.
    assert wrong == {"InferenceMAX: Ascend 950 measured"}
    assert len(table) > 60


@pytest.mark.parametrize(
    ("cites", "publisher", "title", "summary"),
    [
        ("theinformation", "Reuters", "DeepSeek to launch V4, The Information reports", ""),
        ("ft", "Reuters", "Huawei chip sales seen at $12 billion, FT says", ""),
        ("reuters", "CNBC", "DeepSeek favours Huawei: Reuters", ""),
        (
            "reuters",
            "Yahoo Finance",
            "DeepSeek to launch V4, The Information reports",
            "(Reuters) - Chinese startup",
        ),
        ("reuters", "财新网", "美官员称DeepSeek使用Blackwell", "路透社援引一名官员的话称"),
        ("bloomberg", "MoneyDJ理財網", "彭博：華為擬生產60萬顆昇騰910C", ""),
        (
            "ft",
            "Les Echos",
            "DeepSeek s'apprête à lancer V4",
            "Selon le Financial Times, la semaine prochaine.",
        ),
        (
            "theinformation",
            "heise online",
            "Bericht: V4 im Februar",
            "Zwei Insider sagten The Information, das Start-up",
        ),
        ("reuters", "r/hardware", "[Reuters] Huawei ships first Ascend 960 samples", ""),
        ("techinsights", "电子工程专辑", "TechInsights拆解最新昇腾910C", ""),
        ("deepseek", "财联社", "DeepSeek状态页预告：明日上线", "DeepSeek官方状态页显示"),
        ("", "Reuters", "Reuters exclusive: Huawei ships 950", "Huawei told Reuters that it ships."),
        ("", "IT之家", "华为发布昇腾960", "华为称性能翻倍。"),
        ("", "The Verge", "DeepSeek is back", "The Chinese lab says its model is open."),
    ],
)
def test_whom_an_item_relays(cites: str, publisher: str, title: str, summary: str) -> None:
    item = an_item(publisher=publisher, url="https://unknown.example/a", title=title, summary=summary)
    assert GRADER.grade(item).cites == cites


def test_a_relay_is_no_witness_of_its_own() -> None:
    first = an_item(
        publisher="The Information", url="https://www.theinformation.com/a", title="V4 in February"
    )
    relay = an_item(
        publisher="Reuters", url="https://www.reuters.com/a", title="V4 in February, The Information reports"
    )
    own = an_item(publisher="Financial Times", url="https://www.ft.com/content/a", title="V4 next week")
    witnesses = [GRADER.witness(item, GRADER.grade(item)) for item in (first, relay, own)]
    assert witnesses == ["theinformation", "theinformation", "ft"]


def test_two_accounts_of_one_platform_are_two_witnesses_and_two_posts_of_one_are_one() -> None:
    def witness(account: str, post: int) -> str:
        url = f"https://bsky.app/profile/{account}.bsky.social/post/{post}"
        item = an_item(publisher="Bluesky", url=url, title="V4 soon", author=account)
        return GRADER.witness(item, GRADER.grade(item))

    assert witness("a", 1) == witness("a", 2) != witness("b", 1)


def test_relays_without_a_name_are_one_witness_together() -> None:
    items = [
        an_item(publisher="36氪", url="https://36kr.com/p/1", title="外媒：字节拟采购昇腾950PR"),
        an_item(publisher="SCMP", url="https://www.scmp.com/a", title="V4 is coming, report says"),
    ]
    assert {GRADER.witness(item, GRADER.grade(item)) for item in items} == {"unnamed"}


def test_a_relay_of_proof_is_a_report() -> None:
    item = an_item(
        publisher="MLCommons",
        url="https://mlcommons.org/a",
        title="Results",
        summary="According to Reuters, it won.",
    )
    assert GRADER.grade(item).grade is Grade.REPORT


def test_a_catalog_may_add_a_publisher_of_its_own() -> None:
    acme = Publisher(id="acme", names=("Acme",), kind="party", domains=("shop.example",))
    grader = Grader([*load_catalog().publishers, acme])
    item = an_item(publisher="Acme", url="https://news.shop.example/1", title="Acme ships")
    assert grader.grade(item).grade is Grade.OFFICIAL
    assert GRADER.grade(item).grade is not Grade.OFFICIAL


def test_publishers_are_told_apart() -> None:
    publishers = load_catalog().publishers
    domains = [domain for publisher in publishers for domain in publisher.domains]
    assert len(domains) == len(set(domains))
    for publisher in publishers:
        for domain in publisher.domains:
            item = an_item(publisher=publisher.names[0], url=f"https://{domain}/x/1", title="News")
            assert "imitates" not in GRADER.grade(item).reason, domain


@pytest.mark.parametrize(
    ("wanted", "publisher", "url", "title", "summary"),
    [
        (
            "leak",
            "雷峰网",
            "https://www.leiphone.com/1",
            "独家｜昇腾980报价单：单卡20万元",
            "雷峰网获得某经销商报价单（图）。",
        ),
        (
            "leak",
            "雷峰网",
            "https://www.leiphone.com/2",
            "独家｜960首批已发往乌兰察布，发货单曝光",
            "发货单照片显示共32柜。",
        ),
        (
            "leak",
            "Semafor",
            "https://www.semafor.com/3",
            "Read the unsigned chip rule: Commerce targets cloud firms",
            "Semafor is publishing 12 pages of the draft.",
        ),
        (
            "leak",
            "Euractiv",
            "https://www.euractiv.com/4",
            "LEAK: Chips Act 2 draft drops the open-ISA target",
            "Euractiv publishes the 61-page draft.",
        ),
        (
            "leak",
            "ChinaTalk",
            "https://www.chinatalk.media/p/5",
            "We have the draft memo. Here is all of it",
            "Commerce would cap clusters.",
        ),
        (
            "opinion",
            "ChinaTalk",
            "https://www.chinatalk.media/p/6",
            "The draft chip memo is a mess",
            "It pleases nobody.",
        ),
        (
            "leak",
            "知乎",
            "https://zhuanlan.zhihu.com/p/7",
            "流出一页胶片：昇腾990规划",
            "图见文末，水印打码。",
        ),
        ("leak", "微博", "https://weibo.com/1/8", "手里这张PPT写着980显存512GB，自己看图", ""),
        ("rumour", "微博", "https://weibo.com/1/9", "970内部截图，懂的都懂", ""),
        ("rumour", "X", "https://x.com/a/status/10", "🚨 LEAKED V5 internal eval: 99 on everything", ""),
        (
            "leak",
            "X",
            "https://x.com/a/status/11",
            "🚨 LEAKED V5 internal eval sheet, screenshot attached",
            "",
        ),
        (
            "report",
            "快科技",
            "https://news.mydrivers.com/12",
            "昇腾980报价单曝光：单卡20万元",
            "八卡整机约两百万元。",
        ),
        ("rumour", "快科技", "https://news.mydrivers.com/13", "网传昇腾980单卡20万元", ""),
        ("report", "快科技", "https://news.mydrivers.com/14", "曝昇腾980推迟半年", "供应链称封装产能不足。"),
        ("report", "Wccftech", "https://wccftech.com/15", "Huawei Ascend 980 Reportedly Postponed", ""),
        ("rumour", "Wccftech", "https://wccftech.com/16", "Huawei Ascend 980 Reportedly Has 1 TB Of HBM", ""),
        ("opinion", "微博", "https://weibo.com/1/17", "V4又双叒涨价了[摊手]", ""),
        (
            "opinion",
            "Bluesky",
            "https://bsky.app/profile/a/post/18",
            "V4 at that price, every closed lab should be ashamed",
            "",
        ),
        (
            "opinion",
            "观察者网",
            "https://www.guancha.cn/19",
            "OpenAI这套“蒸馏”话术，还要讲几遍",
            "连证据都没有。",
        ),
        (
            "report",
            "观察者网",
            "https://www.guancha.cn/20",
            "OpenAI向国会提交备忘录，指控DeepSeek蒸馏",
            "备忘录称有百万次请求。",
        ),
        ("opinion", "虎嗅", "https://www.huxiu.com/21", "别再把V4当成“奇迹”", ""),
        (
            "opinion",
            "The Economist",
            "https://www.economist.com/business/2027/01/01/chips",
            "Huawei and the art of patience",
            "Its chips are late. Its software is not.",
        ),
        (
            "report",
            "The Economist",
            "https://www.economist.com/science-and-technology/2027/01/01/v4",
            "How good is China's best model?",
            "A test suggests it is close.",
        ),
        (
            "opinion",
            "LWN.net",
            "https://lwn.net/Articles/22/",
            "A licence that bites",
            "On Llama, and why a court had to read it.",
        ),
        (
            "report",
            "LWN.net",
            "https://lwn.net/Articles/23/",
            "Llama gets a new licence",
            "Meta published it on Monday.",
        ),
        (
            "opinion",
            "The Daily Spoon",
            "https://spoon.example.org/24",
            "Area Woman Asks V4 To Settle Divorce",
            "",
        ),
        (
            "report",
            "Local Herald",
            "https://herald.example.org/25",
            "Local man charged with smuggling Nvidia GPUs",
            "Prosecutors said he shipped 40 cards.",
        ),
        (
            "report",
            "Mastodon",
            "https://mastodon.social/@a/26",
            "That 970 slide has the same EXIF as the 950 one, someone pasted over the numbers. Comparison attached",
            "",
        ),
        (
            "report",
            "IT之家",
            "https://www.ithome.com/27",
            "网传昇腾970规格图系P图，原图为950",
            "网友比对发现字体不一致。",
        ),
        (
            "opinion",
            "NVIDIA",
            "https://blogs.nvidia.com/28",
            "A Back Door by Any Other Name",
            "Our security chief asks Congress to drop the bill.",
        ),
        (
            "opinion",
            "Semiconductor Industry Association",
            "https://www.semiconductors.org/29",
            "SIA urges negotiators to drop first-refusal rules",
            "",
        ),
        (
            "official",
            "NVIDIA",
            "https://blogs.nvidia.com/30",
            "NVIDIA Launches Rubin Ultra",
            "It ships in May.",
        ),
        (
            "primary-data",
            "SemiAnalysis",
            "https://newsletter.semianalysis.com/p/31",
            "We Borrowed an Atlas 960. Here Is What It Does",
            "It serves 900 tok/s per chip.",
        ),
        (
            "report",
            "SemiAnalysis",
            "https://newsletter.semianalysis.com/p/32",
            "That 980 Benchmark Is Photoshopped",
            "The batch sizes are ours.",
        ),
        (
            "opinion",
            "SemiAnalysis",
            "https://newsletter.semianalysis.com/p/33",
            "Huawei's Long Road",
            "HBM decides.",
        ),
        (
            "primary-data",
            "Reddit",
            "https://www.reddit.com/r/LocalLLaMA/comments/34",
            "Running V4-Flash Q4 on two 5090s: 31 tok/s, fans are loud",
            "",
        ),
        (
            "primary-data",
            "知乎",
            "https://zhuanlan.zhihu.com/p/35",
            "三周实测：V4-Flash写代码到底行不行",
            "自建200题通过率68%。",
        ),
        (
            "primary-data",
            "哔哩哔哩",
            "https://www.bilibili.com/video/36",
            "买了块Atlas 350，拆给大家看",
            "整卡功耗580W。",
        ),
        (
            "report",
            "Reddit",
            "https://www.reddit.com/r/LocalLLaMA/comments/37",
            "V4-Flash is being retired in March, says the changelog",
            "",
        ),
        (
            "filing",
            "EuroHPC JU",
            "https://www.eurohpc-ju.europa.eu/38",
            "Open call for proposals: RISC-V accelerators",
            "",
        ),
        (
            "filing",
            "Staatscourant",
            "https://zoek.officielebekendmakingen.nl/stcrt-2027-1.html",
            "Regeling geavanceerde apparatuur",
            "",
        ),
        (
            "report",
            "MediaNama",
            "https://www.medianama.com/39",
            "Startup's model appears to be Qwen3 in disguise",
            "Three researchers compared the weights layer by layer.",
        ),
        (
            "rumour",
            "Some Tech News",
            "https://stn.example.org/40",
            "V4 appears to be faster on Ascend 960",
            "Users say so.",
        ),
    ],
)
def test_manners_of_speaking_and_their_neighbours(
    wanted: str, publisher: str, url: str, title: str, summary: str
) -> None:
    item = an_item(publisher=publisher, url=url, title=title, summary=summary)
    assert GRADER.grade(item).grade.value == wanted


@pytest.mark.parametrize("file", ["evidence_cues.toml", "noise.toml"])
def test_the_fast_search_of_cues_finds_what_the_patterns_find(file: str) -> None:
    table = CueTable(file)
    samples = [
        "several accounts report", "网传 昇腾 曝光", "附截图 泄露", "i think so", "opinion: chips", "is this real?",
        "no, that is fake", "附名单", "we ran it ourselves", "best 10", "top 10 models", "sources said",
        "据知情人士称", "leaked slides, seen by us", "v4 要来了?", "免费领取", "",
    ]  # fmt: skip
    if SHARED_DATA.exists():
        samples += [fold(f"{item.title}\n{item.summary}") for _, item, _ in rows()]
    for name, lines in table.lines.items():
        plain = re.compile("|".join(lines))
        for sample in samples:
            assert table.search(name, sample) is bool(plain.search(sample)), (name, sample)


def test_every_cue_that_a_grade_asks_for_is_in_the_table() -> None:
    asked = re.findall(
        r'read\.(?:says|says_below|titled|name_is|path_is)\("(\w+)"\)',
        inspect.getsource(evidence) + inspect.getsource(evidence_rules),
    )
    assert len(asked) > 20
    assert set(asked) <= set(CueTable("evidence_cues.toml").lines)


@pytest.mark.parametrize(
    ("pattern", "pieces"),
    [
        (r"\bleak(?:s|ed)?\b", ("leak",)),
        (r"\b(?:tipster|leaker)\b", ("tipster", "leaker")),
        (r"colou?r", ("colo",)),
        (r"a|bcd", ()),
        (r"[ab]c", ()),
        (r"网传", ("网传",)),
        (r"[^】]*传(?!统)", ("传",)),
        (r"x{0,3}", ()),
        (r"(?:ab)?cde", ("cde",)),
    ],
)
def test_pieces_that_every_match_must_hold(pattern: str, pieces: tuple[str, ...]) -> None:
    assert pieces_of(pattern) == pieces


@pytest.mark.skipif(not SHARED_DATA.exists(), reason="the shared corpus is not at hand (TIPOFF_SHARED_DATA)")
def test_the_corpus_is_graded_right_nine_times_in_ten() -> None:
    judged = [
        GRADER.grade(item).grade == row["gold"]["grade"]
        for row, item, _ in rows()
        if row["gold"].get("grade") and row["gold"]["topics"]
    ]
    assert sum(judged) / len(judged) >= 0.90


def test_any_text_gets_a_grade() -> None:
    for text in ("", "\u202e", "《", "据", "：", "a" * 5000, "【】", "@@@"):
        graded = GRADER.grade(
            an_item(title=text or "x", summary=text, publisher=text or "x", url=text or "https://")
        )
        assert graded.grade in Grade
