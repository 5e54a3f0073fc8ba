"""The built-in topics, on invented headlines and, where it is at hand, on the labelled corpus."""

import csv

import pytest

from benchmarks.judgement_topics import rows
from bot.catalog.loader import load_catalog
from bot.judgement.topics import TopicMatcher
from bot.judgement.watch import Standing, Watcher
from bot.model import Grade, Graded, TopicId
from tests.builders import an_item
from tests.paths import DATA, SHARED_DATA

TOPICS = load_catalog().topics
MATCHER = TopicMatcher(TOPICS)
WATCHER = Watcher(TOPICS)
#: Accepted false results: what their titles say could be meant otherwise, or needs knowledge of the case.
KNOWN_WRONG = {
    "Singapore charges three men over Nvidia chip servers",
    "中方对美输华模拟芯片发起反倾销调查",
    "Jensen Huang: China market is closed without licence",
    "Nvidia to sell RTX 6090 in China from May",
    "Russia smuggles chips for missiles",
    "美国众议院通过远程访问安全法案",
}


def topics_of(title: str, summary: str = "") -> set[str]:
    return {match.topic for match in MATCHER.match(an_item(title=title, summary=summary, publisher="X"))}


def titles() -> list[tuple[str, str]]:
    with (DATA / "topics" / "titles.tsv").open(encoding="utf-8") as lines:
        return [(row["topic"], row["title"]) for row in csv.DictReader(lines, delimiter="\t")]


def test_invented_headlines_go_where_they_belong() -> None:
    wrong = {
        title
        for topic, title in titles()
        if not (topic in topics_of(title) if topic != "-" else not topics_of(title))
    }
    assert wrong == KNOWN_WRONG


@pytest.mark.parametrize(
    ("title", "summary", "wanted"),
    [
        pytest.param(
            "DeepSeek's V4 model will run on Huawei chips", "", {"deepseek-v4", "ascend"}, id="two topics"
        ),
        pytest.param(
            "US adds Huawei Ascend 910C to export-control guidance",
            "",
            {"ascend", "licences"},
            id="ascend and law",
        ),
        pytest.param(
            "deepseek-ai/DeepSeek-V4-Pro",
            "New model repository. license: mit",
            {"deepseek-v4"},
            id="a licence in passing",
        ),
        pytest.param(
            "DeepSeek V4 license tag changed to other",
            "",
            {"deepseek-v4", "licences"},
            id="a changed licence",
        ),
        pytest.param(
            "MindSpore 2.9", "DeepSeek V4 examples included", {"ascend"}, id="a mention in the summary"
        ),
        pytest.param("V4 Flash on two Macs: 38 tok/s", "", {"deepseek-v4"}, id="run at home"),
        pytest.param("Godox V4 Flash review: 40 pops", "", set(), id="another V4 Flash"),
        pytest.param("my guy in hangzhou: V4-Max is baking", "", {"deepseek-v4"}, id="known by its town"),
        pytest.param(
            "sglang v0.6.0", "DeepSeek V4 decodes 20% faster.", {"deepseek-v4"}, id="notes of what runs it"
        ),
        pytest.param(
            "How far behind is China's best AI?",
            "DeepSeek's V4 was tested.",
            {"deepseek-v4"},
            id="paraphrased in the title",
        ),
        pytest.param("CANN 全部核心仓完成开源", "", {"ascend"}, id="CANN as software"),
        pytest.param("Huawei's in-house AI memory is CXMT's", "", {"ascend"}, id="memory of its chips"),
        pytest.param("智算服务器采购结果公告", "标包一：昇腾950PR服务器", {"ascend"}, id="lots of a tender"),
        pytest.param("昇腾产业链10大核心龙头，第7家放量！", "", set(), id="a list of Chinese stocks"),
        pytest.param("昇腾客户中7家已验收950PR", "", {"ascend"}, id="a number of firms is no list"),
        pytest.param("Kimi K3 arrives with a readable licence", "", set(), id="a new model has a licence"),
        pytest.param("Moonshot drops clause from Kimi licence", "", {"licences"}, id="a licence is eased"),
        pytest.param(
            "Dutch licence requirement for DUV service", "", {"licences"}, id="servicing chip tools"
        ),
        pytest.param(
            "ASML-Wartung in China genehmigungspflichtig", "", {"licences"}, id="the same in German"
        ),
        pytest.param("The H200 about-face is bad policy", "", {"licences"}, id="policy by its chip"),
        pytest.param("H.R. 3447 signed into law", "", {"licences"}, id="a bill by its number"),
        pytest.param("午评：昇腾、CPO领涨，21股涨停", "", set(), id="the exchange at noon"),
        pytest.param("11 open LLMs you NEED, DeepSeek V4 included", "", set(), id="what you need"),
        pytest.param("3 DeepSeek V4 jailbreaks found", "", {"deepseek-v4"}, id="a number is no list"),
        pytest.param(
            "Letter on authorisations to service EUV tools", "", {"licences"}, id="leave to service"
        ),
        pytest.param("Authorizations for PRC fabs (Samsung; SK hynix)", "", {"licences"}, id="foreign fabs"),
        pytest.param("Samsung wins FDA authorization", "", set(), id="another authorization"),
        pytest.param("小蓝鲸要动了，版本号V4.1", "", {"deepseek-v4"}, id="known by its whale"),
        pytest.param("Europe's exascale CPU is late again", "", {"eu-open-hardware"}, id="for an exaflop"),
        pytest.param("美国将32家中国实体列入清单 涉AI服务器", "", {"licences"}, id="some list"),
        pytest.param("智谱把GLM-5.2的协议换了：须另行授权", "", {"licences"}, id="a licence in plain words"),
        pytest.param(
            "Startup's model is DeepSeek V4, MIT notice deleted",
            "",
            {"deepseek-v4", "licences"},
            id="a licence is broken",
        ),
        pytest.param("V4.1的RL一半在超节点上跑", "", {"deepseek-v4", "ascend"}, id="V4 on Ascend"),
        pytest.param("BIS warns banks on AI models", "", set(), id="the other BIS"),
        pytest.param("H200 pallets stuck at Shenzhen Bay", "", {"licences"}, id="on the quay"),
        pytest.param("AI服务器（CANN生态）集采候选人公示", "", {"ascend"}, id="of the CANN kind"),
        pytest.param("V4 vision on the torrents, weights tonight", "", {"deepseek-v4"}, id="a kind of V4"),
        pytest.param(
            "China's chipmakers gain", "Huawei's Ascend has 45%.", {"ascend"}, id="its trade in the title"
        ),
        pytest.param("Trump will let China buy Blackwell", "", {"licences"}, id="let them buy"),
        pytest.param("Applied Materials fined over SMIC", "", {"licences"}, id="fined for a listed firm"),
        pytest.param("US mulls caps on Nvidia chips for the Gulf", "", {"licences"}, id="caps for the Gulf"),
        pytest.param(
            "MEPs want AI gigafactory chips designed in Europe",
            "",
            {"eu-open-hardware"},
            id="designed in Europe",
        ),
        pytest.param("杭州车展：全新V4发动机亮相", "", set(), id="an engine in its town"),
        pytest.param("DeepSeek V4低吸收成本，API降价", "", {"deepseek-v4"}, id="to absorb is not to buy"),
        pytest.param("昇腾产业链龙头企业齐聚东莞", "", {"ascend"}, id="leading firms are no list"),
        pytest.param("Huawei and Nvidia named in patent probe", "", set(), id="patents"),
        pytest.param("濃煙升騰數百米", "", set(), id="rising smoke"),
        pytest.param("月之暗面起诉编程工具商：未按MIT协议署名Kimi", "", {"licences"}, id="a licence's terms"),
        pytest.param("Authors sue Mistral over training data licences", "", set(), id="works of authors"),
        pytest.param("Two jailed over Nvidia servers bound for China", "", {"licences"}, id="jailed"),
        pytest.param("Milk-V Jupiter 3: eight RISC-V cores for $129", "", set(), id="another Jupiter"),
        pytest.param("EuroHPC AI Factory picks Grace Blackwell", "", set(), id="not its own chips"),
        pytest.param("US revives export curbs on subsidiaries", "", {"licences"}, id="subsidiaries"),
        pytest.param("Mistral Large 4: open weights, Apache 2.0", "", set(), id="merely has a licence"),
        pytest.param("China's chip has in-house memory", "", set(), id="no chamber"),
        pytest.param("DeepSeek unveils V4, free to download", "", {"deepseek-v4"}, id="free to download"),
        pytest.param("Visegrád V4 leaders meet", "", set(), id="four countries"),
    ],
)
def test_borders_between_topics(title: str, summary: str, wanted: set[str]) -> None:
    assert topics_of(title, summary) == wanted


@pytest.mark.skipif(not SHARED_DATA.exists(), reason="the shared corpus is not at hand (TIPOFF_SHARED_DATA)")
def test_the_corpus_is_sorted_with_macro_f1_of_at_least_095() -> None:
    tally: dict[str, list[int]] = {topic.id: [0, 0, 0] for topic in load_catalog().topics}
    for row, item, _ in rows():
        gold, got = set(row["gold"]["topics"]), {match.topic for match in MATCHER.match(item)}
        for topic, (hits, wrong, missed) in tally.items():
            tally[topic] = [
                hits + (topic in gold & got), wrong + (topic in got - gold), missed + (topic in gold - got)
            ]  # fmt: skip
    scores = [2 * hits / (2 * hits + wrong + missed) for hits, wrong, missed in tally.values()]
    assert sum(scores) / len(scores) >= 0.95


def test_the_watch_questions_start_from_what_is_public() -> None:
    watches = {watch.id: watch for topic in load_catalog().topics for watch in topic.watches}
    assert watches.keys() >= {
        "deepseek-v4-released", "ascend-950-shipping", "h200-china-licence", "global-chip-licence-rule",
        "chip-security-act", "affiliates-rule", "chips-act-2", "rhea1-silicon",
    }  # fmt: skip
    known = {step.state: step.at.date().isoformat() for step in watches["deepseek-v4-released"].known}
    assert known == {"rumoured": "2026-01-09", "released": "2026-04-24", "benchmarked": "2026-05-01"}
    assert watches["deepseek-v4-released"].known[1].link == "https://huggingface.co/deepseek-ai"


@pytest.mark.parametrize(
    ("topic", "title", "state", "expected"),
    [
        ("licences", "White House dusts off plan for worldwide AI chip permits", "", "rumoured"),
        ("licences", "Commerce restores presumption of denial for H200-class chips", "final", "rescinded"),
        ("licences", "美国恢复推定拒绝，H200不再逐案审查", "final", "rescinded"),
        ("licences", "China tells customs to stop clearing Nvidia H200s", "approved", "blocked"),
        ("licences", "中国海关暂停放行英伟达H200", "approved", "blocked"),
        ("licences", "BIS rescinds case-by-case review for advanced computing items", "final", "rescinded"),
        ("licences", "Commerce ends suspension of the Affiliates Rule", "suspended", "in-force"),
        ("licences", "美方结束暂停，50%穿透规则恢复执行", "suspended", "in-force"),
        ("licences", "Beijing tells tech groups to cancel remaining H200 orders", "approved", "blocked"),
        (
            "licences",
            "Chip Security Act: on motion to suspend the rules and pass, agreed to",
            "",
            "passed-house",
        ),
        ("ascend", "台媒：昇腾950PR因供电模块问题暂停出货", "shipping", "delayed"),
        ("ascend", "声明：昇腾950PR供货一切正常，暂停发货的报道与事实不符", "delayed", "denied"),
        ("eu-open-hardware", "SiPearl : la production de Rhea1 glisse à 2027", "sampling", "delayed"),
        ("eu-open-hardware", "Chips Act 2.0: Council gives final green light", "proposed", "adopted"),
        ("eu-open-hardware", "Council pushes Chips Act 2 decision into the autumn", "proposed", "delayed"),
        ("eu-open-hardware", "欧盟理事会将芯片法案2.0表决移出议程", "proposed", "delayed"),
        ("eu-open-hardware", "SiPearl shifts Rhea1 from Q1 to Q3", "sampling", "delayed"),
        ("ascend", "华为昇腾950DT交付从三季度改到明年一季度", "launched", "delayed"),
        ("licences", "Licenses to export H200 to China were revoked on May 2", "approved", "rescinded"),
        ("licences", "美国吊销英伟达H200对华许可", "approved", "rescinded"),
        ("licences", "美国恢复对H200的推定拒绝政策", "approved", "rescinded"),
        ("licences", "美国50%穿透规则今日生效", "suspended", "in-force"),
        ("licences", "Licence Requirement for Large Compute Clusters; Proposed Rule", "rumoured", "proposed"),
        ("licences", "美国酝酿全球算力集群出口许可规则", "", "rumoured"),
        ("licences", "US drafts tiered permits for AI chips exported anywhere", "", "rumoured"),
        ("licences", "Suspension of the Affiliates Rule Continued Through May 2028", "suspended", "extended"),
        (
            "licences",
            "Further Suspension of Controls To Cover Affiliates of Certain Listed Entities",
            "suspended",
            "extended",
        ),
        ("licences", "US keeps 50 percent rule on ice for another year", "suspended", "extended"),
        ("licences", "Affiliates rule remains suspended until May", "suspended", "extended"),
        ("licences", "美国继续暂停50%穿透规则一年", "suspended", "extended"),
        ("licences", "Trump signs law that orders location checks in AI chips", "passed-senate", "signed"),
        ("licences", "特朗普签署AI芯片位置核验法案", "passed-senate", "signed"),
        ("licences", "It's law: GPUs must report where they are under new act", "passed-senate", "signed"),
        ("licences", "US Senate passes bill on GPU location verification", "passed-house", "passed-senate"),
        ("licences", "众议院通过芯片定位验证法案", "committee", "passed-house"),
        (
            "licences",
            "Reinstatement of Presumption of Denial for Advanced Computing Commodities",
            "approved",
            "rescinded",
        ),
        ("licences", "Commerce yanks H200 licences", "approved", "rescinded"),
        ("licences", "US shuts the door on H200 exports to China", "approved", "rescinded"),
        ("licences", "Commerce ends H200 sales to China", "approved", "rescinded"),
        ("licences", "美国收回H200对华出口许可", "approved", "rescinded"),
        ("licences", "Chip Security Act sails through Senate", "passed-house", "passed-senate"),
        ("licences", "Chip Security Act clears Congress", "passed-house", "passed-senate"),
        ("licences", "参议院全票通过芯片安全法案", "passed-house", "passed-senate"),
        ("licences", "众议院以401票赞成通过芯片安全法案", "committee", "passed-house"),
        ("licences", "参议院商务委员会全票通过芯片安全法案", "", "committee"),
        ("licences", "Affiliates rule is back", "suspended", "in-force"),
        ("ascend", "First Ascend 950DT servers reach customers", "launched", "shipping"),
        ("ascend", "华为昇腾950DT进入量产", "launched", "shipping"),
        ("ascend", "Huawei pushes Ascend 950DT to 2027", "announced", "delayed"),
        ("ascend", "Ascend 950PR deliveries held up by HBM shortage", "launched", "delayed"),
        ("eu-open-hardware", "Chips Act 2 held over until September", "rumoured", "delayed"),
        ("eu-open-hardware", "Chips Act 2: trilogue ends in agreement", "proposed", "adopted"),
        ("eu-open-hardware", "EU reaches deal on Chips Act 2", "proposed", "adopted"),
        ("eu-open-hardware", "Kommission stellt Chips Act 2 vor", "rumoured", "proposed"),
        ("eu-open-hardware", "First Rhea1 chips back in the lab", "taped-out", "sampling"),
        ("eu-open-hardware", "SiPearl : premiers échantillons de Rhea1", "taped-out", "sampling"),
        ("eu-open-hardware", "SiPearl starts volume deliveries of Rhea1", "sampling", "shipping"),
        ("ascend", "Huawei launches Ascend 950DT with vLLM support", "announced", "launched"),
        ("ascend", "华为发布昇腾950DT，支持FP4", "announced", "launched"),
        ("ascend", "Ascend 950DT is on sale; deliveries delayed to May", "launched", "delayed"),
        ("ascend", "Ascend 950DT delayed by HBM shortage", "announced", "delayed"),
        ("licences", "Commerce issues final global chip rule", "proposed", "final"),
        ("ascend", "Ascend 950PR deliveries slip to late July", "launched", "delayed"),
        ("ascend", "Ascend 950DT launch slides into 2027, distributors say", "", "delayed"),
        ("ascend", "Huawei pauses 950PR deliveries over cracked parts", "shipping", "delayed"),
        ("ascend", "华为暂停昇腾950DT交付", "shipping", "delayed"),
        ("ascend", "华为昇腾950DT交付移至12月", "launched", "delayed"),
        ("eu-open-hardware", "College agenda: European Chips Act 2 moved to 8 July", "rumoured", "delayed"),
        ("eu-open-hardware", "Commission moves Chips Act 2 proposal to September", "rumoured", "delayed"),
        ("eu-open-hardware", "欧委会议程：芯片法案2.0改至7月8日", "rumoured", "delayed"),
    ],
)
def test_built_in_questions_are_moved_in_their_own_words(
    topic: str, title: str, state: str, expected: str
) -> None:
    graded = Graded(grade=Grade.REPORT, reason="r")
    states = {(topic.id, watch.id): state for topic in TOPICS for watch in topic.watches}
    moves = WATCHER.moves(an_item(title=title), (TopicId(topic),), graded, Standing(states))
    assert [move.state for move in moves] == [expected]


@pytest.mark.parametrize(
    ("topic", "title"),
    [
        ("licences", "H200 licences are to be withdrawn, people briefed on it said"),
        ("licences", "商务部：美方撤销许可，严重扰乱全球半导体产供链"),
        ("licences", "监管部门要求多家大厂取消剩余H200订单"),
        ("licences", "Washington may revoke H200 licences, sources say"),
        ("licences", "US not revoking Nvidia H200 licences, Commerce official says"),
        ("licences", "白宫否认撤销英伟达H200对华许可"),
        ("licences", "美国议员敦促撤销H200对华许可"),
        ("licences", "受H200禁令影响，英伟达库存增加"),
        ("licences", "Court strikes down H200 levy that the constitution forbids"),
        ("licences", "H200 licences granted to date for China expire in June"),
        ("licences", "US set to let affiliates rule snap back, officials say"),
        ("licences", "美国50%穿透规则将于周一生效"),
        ("licences", "BIS will not renew suspension of the Affiliates Rule"),
        ("eu-open-hardware", "Rapporteur tables 80 amendments to Chips Act 2 proposal"),
        ("eu-open-hardware", "Parliament backs its position on Chips Act 2 by 402 votes"),
        ("eu-open-hardware", "SiPearl moves up Rhea1 from autumn to summer"),
        ("deepseek-v4", "DeepSeek V4 resolve rate drops from 86% to 79% on a fresh split"),
        ("deepseek-v4", "DeepSeek：V4未使用他人模型的输出进行训练，相关指控不实"),
        ("licences", "A rule restoring the presumption of denial for H200 could come within days"),
        ("licences", "White House prepares to reinstate presumption of denial for H200"),
        ("licences", "美国或恢复H200推定拒绝政策"),
        ("licences", "H200禁令重启，英伟达收跌逾2%"),
        ("licences", "The affiliates rule's suspension will not be renewed"),
        ("licences", "Affiliates rule is back on the table"),
        ("eu-open-hardware", "Commission pushes Chips Act 2 to the top of its list"),
        ("licences", "H200 could be banned again, Nvidia warns"),
        ("licences", "若H200可能再被禁止，英伟达损失几何"),
        ("licences", "Final global chip rule due in December, officials say"),
        ("ascend", "Nvidia delays Rubin; Huawei Ascend 950DT on track"),
        ("ascend", "DeepSeek V5 launch delayed by Ascend 950 training problems"),
        ("ascend", "Kimi K5 released with Ascend 950 support"),
        ("ascend", "vLLM 0.20 发布，支持昇腾950"),
        ("deepseek-v4", "Unsloth releases V4 quants"),
        ("eu-open-hardware", "Germany approves position on Chips Act 2"),
        ("eu-open-hardware", "欧洲议会委员会通过芯片法案2.0立场"),
        ("ascend", "讯飞星火X3发布，全程基于昇腾950超节点训练"),
        ("ascend", "iFlytek launches Spark X3, trained entirely on Ascend 950 SuperPoDs"),
        ("ascend", "智谱GLM-6上线，在昇腾950DT上完成训练"),
        ("ascend", "Huawei denies halting deliveries of Ascend 950PR"),
        ("eu-open-hardware", "Brussels moves Chips Act 2 money to Dresden"),
        ("eu-open-hardware", "European Parliament waves through Chips Act 2 position"),
    ],
)
def test_what_is_only_to_come_or_of_another_rule_answers_nothing(topic: str, title: str) -> None:
    graded = Graded(grade=Grade.OFFICIAL, reason="r")
    assert WATCHER.moves(an_item(title=title), (TopicId(topic),), graded, Standing({})) == ()


@pytest.mark.parametrize(
    ("title", "summary", "wanted"),
    [
        ('智谱GLM-6开源，Apache协议，编程能力大涨', '', ''),
        ('阿里开源Qwen5-Coder，采用Apache协议', '', ''),
        ('通义千问Qwen5改用Apache协议', '', 'licences'),
        ('Kimi K5不再使用MIT协议', '', 'licences'),
        ('智谱将GLM-6协议由MIT协议改为自有许可', '', 'licences'),
        ('关于GLM-6许可证的说明：已发布版本不受影响', '', 'licences'),
        ('MiniMax：关于M4协议的说明', '已发布权重继续可商用', 'licences'),
        ('Commerce may extend 50 percent rule pause', '', 'licences'),
        ('Beijing wants the 50% rule gone for good, Commerce unmoved', '', 'licences'),
        ("Treasury explains OFAC's 50 percent rule", '', ''),
        ('EU 50 percent rule for women on boards', '', ''),
        ('US to delay 50% rule on Chinese affiliates', '', 'licences'),
        ('MindSpore 3.1.5 fixes Ascend graph compiler crash', '', 'ascend'),
        ('Ascend G7 gets a last update', '', ''),
        ("Huawei's newest accelerator has no Korean parts", '', 'ascend'),
        ("Yield of Huawei's AI dies climbs past half", '', 'ascend'),
        ('听说970已经回片，FP4翻倍', '', 'ascend'),
        ('960单卡跑分流出，比B300还快', '', 'ascend'),
        ('GTX 960还能打？2026年实测FP8', '', ''),
        ('三星980 Pro固态硬盘拆解', '', ''),
        ('STMicroelectronics ships its first RISC-V automotive microcontroller', '', 'eu-open-hardware'),
        ('NXP und Bosch setzen auf RISC-V im Auto', '', 'eu-open-hardware'),
        ('Infineon raises outlook on car chips', '', ''),
        ('Microchip launches RISC-V development board', '', ''),
        ("Washington's new chip rule puts Poland in second class", '', 'licences'),
        ("Paris furieux: la règle sur les puces de Washington divise l'Europe", '', 'licences'),
        ('美国芯片新规将欧盟国家分为两档', '', 'licences'),
        ('USA stufen Polen bei KI-Chips in zweite Klasse: zwei Klassen', '', 'licences'),
        ('Intel wins subsidy under US chip rule', '', ''),
        ('China protests U.S. change on advanced chip licenses', '', 'licences'),
        ('中方反对美国收紧先进芯片许可', '', 'licences'),
        ('Commerce Lists 12 Companies for Selling Etch Tools to SMIC', '', 'licences'),
        ('Commerce adds 200 companies to export promotion list', '', ''),
        ('S&P adds two chip companies to index', '', ''),
        ('美商务部：云服务商租用芯片给中企须许可', '', 'licences'),
        ('Commerce would require licences for renting GPUs to Chinese-owned firms', '', 'licences'),
        ('GPU rental prices fall as licences for vGPU get cheaper', '', ''),
        ('Remote access trojan hits GPU cloud', '', ''),
        ('V4接口挂了，限流到怀疑人生', '', 'deepseek-v4'),
        ('V4-Flash on a toaster is basically AGI', '', 'deepseek-v4'),
        ('DeepSeek shows 2-trillion-parameter model', '', 'deepseek-v4'),
        ('深度求索新旗舰万亿参数', '', 'deepseek-v4'),
        ("Moonshot's trillion-parameter Kimi K5 tops DeepSeek", '', ''),
        ('DeepSeek-Prover-V4 proves more', '', ''),
        ('DeepSeek-Math-V4 released', '', ''),
        ('DeepSeek hires bankers for IPO', 'The lab behind V4 is profitable.', ''),
        ('DeepSeek hires bankers', 'V4 revenue doubled.', 'deepseek-v4'),
        ('Qwen5 leapfrogs DeepSeek V4 on coding', '', ''),
        ("GLM-7 outpaces DeepSeek's V4-Pro", '', ''),
        ('OpenAI answers DeepSeek with GPT-6 mini', 'It costs less than V4-Flash.', ''),
        ("7 LLMs I tried so you don't have to (DeepSeek V4 won)", '', ''),
        ('V4 API tokens explained', '', ''),
        ('V4-Max种子带木马，已有玩家中招', '', 'deepseek-v4'),
        ('V4 Pro新快照支持并行工具调用', '', 'deepseek-v4'),
        ('华为向马来西亚出口昇腾超节点', '', 'ascend'),
        ('Huawei ships first Ascend cluster to Egypt in largest export so far', '', 'ascend'),
        ("Nvidia's China chip hits a wall in Beijing", '', 'licences'),
        ("Nvidia writes down chips China won't take", '', 'licences'),
        ('NVIDIA: location checks are a kill switch', '', 'licences'),
        ('Carmakers need Chinese export permits for Nexperia chips', '', ''),
        ('Le Monde renouvelle sa licence de contenus avec Mistral', '', ''),
        ('Mistral change de licence pour Large 4', '', 'licences'),
        ("Alibaba's Qwen5 is not open source, lawyers say", '', 'licences'),
        ('GAIN AI amendment survives conference', '', 'licences'),
        ("V4-Pro跑一天要多少钱？我们算了笔账", "", "deepseek-v4"),
        ("Hangzhou start-up's V4 passes the bar exam", "", "deepseek-v4"),
        ("Visegrad V4 leaders meet in Prague", "", ""),
        ("PyTorch 3.0 ships native Ascend backend", "", "ascend"),
        ("Rocket ascends from Wenchang", "", ""),
        ("Dutch curb ASML servicing in China", "", "licences"),
        ("商务部回应美对华芯片管制升级", "", "licences"),
        ("South Korea's Samsung wins waiver for Xi'an fab tools", "", "licences"),
        ("China halts rare earth export licences", "", ""),
        ("Is Kimi's modified MIT really open?", "The attribution clause, read closely.", "licences"),
        ("Inspur unit struck from entity list", "", "licences"),
        ("SiFive launches new RISC-V core", "", ""),
    ],
)  # fmt: skip
def test_classes_of_headlines_and_their_neighbours(title: str, summary: str, wanted: str) -> None:
    assert topics_of(title, summary) == set(wanted.split())


def test_no_term_has_a_star_inside() -> None:
    """There it would be dropped, and the term never found."""
    terms = [
        term
        for topic in TOPICS
        for lists in (topic.any, topic.all, topic.none, topic.ambiguous, topic.near, topic.title)
        for term in lists.all()
    ]
    terms += [
        term
        for topic in TOPICS
        for rule in topic.together
        for group in (*rule.groups, rule.none)
        for term in group
    ]
    assert not [term for term in terms if "*" in term[:-1]]
