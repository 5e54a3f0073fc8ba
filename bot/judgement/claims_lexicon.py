"""Names of chips and systems as patterns over folded text, each with how it is written.

The first column of a row holds pieces, parted by spaces, of which every match of its pattern has at least one: most
texts have none, so most patterns are never run.
"""

import re
from collections.abc import Callable

#: The borders of a name.
LEFT, RIGHT = r"(?<![a-z0-9.$])", r"(?![a-z0-9])"


Build = Callable[[re.Match[str]], str]


def _ascend(match: re.Match[str]) -> str:
    grade = f" {match[3].capitalize()}" if match.re.groups > 2 and match[3] else ""
    return f"Ascend {match[1]}{(match[2] or '').upper()}{grade}"


def _atlas(match: re.Match[str]) -> str:
    rest = match[2] or ""
    return f"Atlas {match[1]}" + "".join(
        part.capitalize() if len(part) > 2 else part.upper() for part in re.split(r"( )", rest)
    )


_MAKERS = {"gaudi": "Gaudi ", "maia": "Maia ", "wse": "WSE-", "wse-": "WSE-", "cs-": "CS-"}


def _maker(match: re.Match[str]) -> str:
    return f"{_MAKERS[match[1]]}{match[2]}"


def _upper(match: re.Match[str]) -> str:
    return match[1].upper()


def says(text: str) -> Build:
    return lambda match: text


_ROMAN = {"ⅰ": "I", "ⅱ": "II", "ⅲ": "III"}
_POD = r"\s?-?(?:superpod|supernode|pods?(?![a-z])|超节点)"
_NINES = "910 920 930 940 950 960 970 980 990"
_INSTINCTS = "mi1 mi2 mi3 mi4 mi5 mi6 mi7 mi8 mi9"
#: In order: an earlier pattern takes the characters from a later one.
CHIPS: tuple[tuple[str, str, str, Build], ...] = (
    ("kunpeng 鲲鹏", rf"(?:kunpeng|鲲鹏)\s?(9\d0){RIGHT}", "chip", lambda m: f"Kunpeng {m[1]}"),
    ("atlas",
     rf"{LEFT}atlas\s?(\d{{3}})\s?-?(?:supercluster|超级?集群)", "chip", lambda m: f"Atlas {m[1]} SuperCluster"),
    ("atlas", rf"超节点\s?atlas\s?(\d{{3}}){RIGHT}", "chip", lambda m: f"Atlas {m[1]} SuperPoD"),
    ("atlas", rf"{LEFT}atlas\s?(\d{{3}})(\s?a\d)?{_POD}", "chip",
     lambda m: f"Atlas {m[1]} {m[2].strip().upper()} SuperPoD" if m[2] else f"Atlas {m[1]} SuperPoD"),
    ("superpod", rf"{LEFT}superpod\s?(9\d0){RIGHT}", "chip", lambda m: f"Atlas {m[1]} SuperPoD"),
    # Of these numbers Huawei builds nothing smaller.
    ("atlas アトラス", rf"(?:{LEFT}atlas|アトラス)\s?(9[56]0){RIGHT}", "chip", lambda m: f"Atlas {m[1]} SuperPoD"),
    ("atlas", rf"{LEFT}atlas\s?(\d{{3}})([it]?\s(?:a\d|duo)|[a-rt-z]\d?)?s?{RIGHT}", "chip", _atlas),
    ("ascend 昇腾", rf"(?:ascend|昇腾)\s?(9\d0)(?:pr|dt)?{_POD}", "chip", lambda m: f"Atlas {m[1]} SuperPoD"),
    (_NINES, rf"{LEFT}(9[1-9]0){_POD}", "chip", lambda m: f"Atlas {m[1]} SuperPoD"),
    ("384", rf"(?:ascend|昇腾|华为|huawei)\s?384(?:{_POD})?{RIGHT}", "chip", says("CloudMatrix 384")),
    ("cloudmatrix", r"cloudmatrix\s?-?(\d{3,4})", "chip", lambda m: f"CloudMatrix {m[1]}"),
    ("cloudmatrix", rf"cloudmatrix{RIGHT}(?!\s?-?\d)", "chip", says("CloudMatrix 384")),
    # Huawei's systems are also told by how many processors they hold.
    ("192",
     rf"{LEFT}8,?192[\s-]?(?:npus?|chips?|cards?|卡|颗)\S{{0,4}}?{_POD}", "chip", says("Atlas 950 SuperPoD")),
    ("192", rf"{LEFT}pods? (?:of|with|mit|aus) 8[,.]?192{RIGHT}", "chip", says("Atlas 950 SuperPoD")),
    ("488", rf"{LEFT}pods? (?:of|with|mit|aus) 15[,.]?488{RIGHT}", "chip", says("Atlas 960 SuperPoD")),
    ("488",
     rf"{LEFT}15,?488[\s-]?(?:npus?|chips?|cards?|卡|颗)\S{{0,4}}?{_POD}", "chip", says("Atlas 960 SuperPoD")),
    ("488 192", rf"{LEFT}(15,?488|8,?192)[\s-]?(?:npus?|chips?|cards?|[卡颗张])"
     r"(?=[^。\n]{0,24}(?:superpod|supernode|超节点))",
     "chip", lambda m: f"Atlas {'960' if m[1][0] == '1' else '950'} SuperPoD"),
    ("ascend 昇腾 昇騰", rf"(?:ascend|昇[腾騰])[\s-]?(\d{{3}})(?:-?([a-z]{{1,2}}))?(?:s)?"
     rf"(?:[\s-](pro|ultra|max|plus|lite|mini)(?![a-z]))?{RIGHT}", "chip", _ascend),
    (_NINES, rf"{LEFT}(9[1-9]0)-?(pr|dt|to|[a-d]\d?)s?{RIGHT}", "chip", _ascend),
    (_NINES, rf"{LEFT}(9[1-9]0)(?=\s?系列|'s){RIGHT}()", "chip", _ascend),
    ("nvl", rf"{LEFT}((?:gb[23]|vr[23])00)[\s-]?(nvl\d+){RIGHT}", "chip", lambda m: f"{m[1]} {m[2]}".upper()),
    # A rack of these is this one, unless it says otherwise.
    ("gb200 gb300", rf"{LEFT}(gb[23]00)(?:\s?(?:单|整)?(?:机柜|机架)| racks?{RIGHT})", "chip",
     lambda m: f"{m[1].upper()} NVL72"),
    ("rubin", rf"{LEFT}(?:vera )?rubin (ultra )?(nvl\d+){RIGHT}", "chip",
     lambda m: f"Vera Rubin {'Ultra ' if m[1] else ''}{m[2].upper()}"),
    ("kyber", rf"{LEFT}(?:nvidia )?kyber(?= (?:row|rack)s?{RIGHT})", "chip", says("Kyber")),
    ("rubin", rf"{LEFT}rubin cpx{RIGHT}", "chip", says("Rubin CPX")),
    ("nvl72", rf"{LEFT}nvl72{RIGHT}", "chip", says("GB200 NVL72")),
    ("nvl", rf"{LEFT}(nvl\d+){RIGHT}", "chip", _upper),
    ("hgx", rf"{LEFT}hgx (h[12]00|b[123]00){RIGHT}", "chip", lambda m: f"HGX {m[1].upper()}"),
    ("h20 h100 h200 h800 a100 a800 a40 l40 l20 b100 b200 b30 b40 gb1 gb2 gb3 gh200 r100 r200 dgx",
     rf"{LEFT}(h20e?|h[128]00|h20-3e|a[18]00|a40|l40s?|l20c?|b[12]00|b30[a-f]"
     rf"|b300|b40|gb[123]00|gh200|r[12]00|dgx spark)s?{RIGHT}", "chip", _upper),
    ("l2", rf"{LEFT}(?<![km]b )(l2){RIGHT}(?!\s?(?:cache|缓存))", "chip", _upper),
    # What models are run on at home; only its power is told of it.
    ("mac",
     rf"{LEFT}(?:(m\d(?: ultra| max| pro)?) )?(mac (?:studio|mini)|macbook pro)s?{RIGHT}", "host",
     lambda m: f"{m[1] or ''} {m[2]}".strip().title().replace("Macbook", "MacBook")),
    ("rtx", rf"{LEFT}rtx\s?pro\s?(\d{{4}}d?){RIGHT}", "chip", lambda m: f"RTX Pro {m[1].upper()}"),
    ("rtx", rf"{LEFT}rtx\s?([3-6]0[5-8]0(?: ?ti)?){RIGHT}", "chip", lambda m: f"RTX {m[1].title()}"),
    ("3090", rf"{LEFT}(?:rtx\s?)?(3090)(?=s?{RIGHT}[^.\n]{{0,12}}(?:t/s|tok|gb))", "chip", lambda m: f"RTX {m[1]}"),
    ("5090", rf"{LEFT}(?:rtx\s?)?5090\s?dd{RIGHT}", "chip", says("RTX 5090 DD")),
    ("5090 4090", rf"{LEFT}(?:rtx\s?)?([45]090d?){RIGHT}", "chip", lambda m: f"RTX {m[1].upper()}"),
    # Radeon and Arc: cards for gamers that models are run on.
    ("xtx xt", rf"{LEFT}(?:(?:radeon )?rx )?([79]\d{{2}}0 xtx?){RIGHT}", "chip", lambda m: f"RX {m[1].upper()}"),
    ("arc", rf"{LEFT}arc (?:pro )?([ab]\d{{2,3}}){RIGHT}", "chip", lambda m: f"Arc {m[1].upper()}"),
    ("nvidia l4", rf"(?<=nvidia )(l4){RIGHT}|(?<=nvidia's )l4{RIGHT}|{LEFT}l4(?= (?:gpus?|cards?){RIGHT})", "chip",
     says("L4")),
    (_INSTINCTS, rf"{LEFT}(mi[1-9]\d{{2}}[axp]?)s?{RIGHT}", "chip", _upper),
    ("rubin", rf"{LEFT}vera rubin( ultra)?{RIGHT}", "chip", lambda m: "Vera Rubin Ultra" if m[1] else "Vera Rubin"),
    ("blackwell hopper rubin",
     rf"{LEFT}(blackwell ultra|blackwell|hopper|rubin ultra|rubin){RIGHT}", "chip", lambda m: m[1].title()),
    ("feynman",
     rf"{LEFT}(?<!richard )feynman{RIGHT}(?!'s|,? the physicist| (?:diagram|lectur|techni|path|integral))", "chip",
     says("Feynman")),
    ("tpu", rf"{LEFT}tpu\s?(v\d+[a-z]?){RIGHT}", "chip", lambda m: f"TPU {m[1]}"),
    ("ironwood trillium", rf"{LEFT}(ironwood|trillium){RIGHT}", "chip", lambda m: m[1].title()),
    ("trainium", rf"{LEFT}trainium\s?(\d){RIGHT}", "chip", lambda m: f"Trainium{m[1]}"),
    ("gaudi maia wse cs-", rf"{LEFT}(gaudi|maia|wse-?|cs-)\s?(\d{{1,3}}){RIGHT}", "chip", _maker),
    ("jotunn8 rhea titania cinco tyr vitruvius craftwerk",
     rf"{LEFT}(jotunn8|rhea[12]|titania|cinco ranch|tyr\d?|vitruvius|craftwerk){RIGHT}", "chip",
     lambda m: m[1].title()),
    ("jupiter", rf"{LEFT}jupiter(?=.{{0,60}}(?:flop|hpl|supercomput|juelich|julich|top500)){RIGHT}", "chip",
     says("JUPITER")),
    ("lagarto", rf"{LEFT}lagarto (hun|ka|ox){RIGHT}", "chip", lambda m: f"Lagarto {m[1].title()}"),
    ("grace", rf"{LEFT}(?:(?<=% of )|(?<=percent of )|(?<=than )|(?<=vs )|(?<=nvidia )|(?<=nvidia's ))grace{RIGHT}"
     r"(?!,? (?:hopper|blackwell|period))", "chip", says("Grace")),
    ("cervell atrevido spinnaker2 epac",
     rf"{LEFT}(cervell|atrevido(?: x\d)?|spinnaker2|epac\s?\d(?:\.\d)?){RIGHT}", "chip",
     lambda m: m[1].upper() if m[1].startswith("epac") else m[1].title().replace("nnaker", "NNaker")),
    ("bpi-f", rf"{LEFT}(?:banana pi )?(bpi-f\d){RIGHT}", "chip", _upper),
    ("eic77", rf"{LEFT}(eic77\d\dx){RIGHT}", "chip", _upper),
    ("spacemit 进迭时空", rf"(?:{LEFT}spacemit(?:'s)? |进迭时空\s?)(k\d){RIGHT}", "chip",
     lambda m: f"SpacemiT {m[1].upper()}"),
    ("ascalon veyron maverick-2", rf"{LEFT}(ascalon|veyron v\d|maverick-2){RIGHT}", "chip",
     lambda m: m[1].title()),
    ("云燧 yunsui", rf"(?:云燧|yunsui)\s?([sl]\d{{2,3}}){RIGHT}", "chip", lambda m: f"Yunsui {m[1].upper()}"),
    ("enflame 燧原", rf"(?:enflame|燧原)(?:科技)?\s?([sl]\d{{2,3}}){RIGHT}", "chip", _upper),
    ("天枢 tianshu", rf"(?:天枢|tianshu)\s?([a-z]?\d{{1,3}}){RIGHT}", "chip", lambda m: f"Tianshu {m[1].upper()}"),
    # XiangShan's cores.
    ("南湖 nanhu 昆明湖 kunminghu", rf"(香山|xiangshan )?(南湖|nanhu|昆明湖|kunminghu)\s?(v\d)?{RIGHT}", "chip",
     lambda m: f"{'XiangShan ' if m[1] else ''}{'Nanhu' if m[2] in ('南湖', 'nanhu') else 'Kunminghu'}"
     + (f" {m[3].upper()}" if m[3] else "")),
    ("智铠 天垓 tiangai zhikai", rf"(?:天数智芯)?(智铠|天垓|tiangai|zhikai)\s?(\d{{2,3}}){RIGHT}", "chip",
     lambda m: f"{'Zhikai' if m[1] in ('智铠', 'zhikai') else 'Tiangai'} {m[2]}"),
    ("scalex", rf"{LEFT}scalex\s?(\d{{2,4}}){RIGHT}", "chip", lambda m: f"scaleX{m[1]}"),
    ("磐久 panjiu", rf"(?:磐久|panjiu)\s?([a-z]{{1,3}}\d{{2,4}}){RIGHT}", "chip", lambda m: f"Panjiu {m[1].upper()}"),
    ("helios", rf"{LEFT}helios{RIGHT}(?=[\s\S]{{0,80}}(?:flop|tb\b|rack|mi4))", "chip", says("Helios")),
    ("sn40l sn5 sn6", rf"{LEFT}(sn40l|sn[56]0l?){RIGHT}", "chip", _upper),
    ("lpu", rf"{LEFT}lpu\s?(\d){RIGHT}", "chip", lambda m: f"LPU {m[1]}"),
    ("wormhole blackhole", rf"{LEFT}(wormhole|blackhole)(?: [np]\d{{3}}[a-d]?)?{RIGHT}"
     r"(?=.{0,80}(?:flop|tops|\d w\b|gddr|tb/s|gb/s))", "chip", lambda m: m[1].title()),
    ("sg2044 sg2380 et-soc", rf"{LEFT}(sg2044|sg2380|et-soc-\d){RIGHT}", "chip", _upper),
    ("crescent jaguar", rf"{LEFT}(crescent island|jaguar shores){RIGHT}", "chip", lambda m: m[1].title()),
    ("ai200 ai250", rf"{LEFT}(ai2[05]0){RIGHT}", "chip", _upper),
    ("alice", rf"{LEFT}alice recoque{RIGHT}", "chip", says("Alice Recoque")),
    ("kirin 麒麟", rf"(?:kirin|麒麟)\s?(\d{{4}}[a-z]?|x\d{{2,3}})?(?: (pro|ultra|lite|max)(?![a-z]))?{RIGHT}", "chip",
     lambda m: " ".join(["Kirin", *([m[1].upper()] if m[1] else []), *([m[2].title()] if m[2] else [])])),
    ("pengcheng 鹏城", r"(?:鹏城云脑|pengcheng cloud brain)\s?(iv|i{1,3}|[ⅰⅱⅲ])?(?![a-z])", "chip",
     lambda m: f"Pengcheng Cloud Brain {_ROMAN.get(m[1], (m[1] or '').upper())}".strip()),
    ("graviton", rf"{LEFT}graviton\s?(\d){RIGHT}", "chip", lambda m: f"Graviton{m[1]}"),
    ("深算", r"(?:海光)?深算([一二三四五六])号", "chip", lambda m: f"Shensuan {'一二三四五六'.index(m[1]) + 1}"),
    ("snapdragon 骁龙",
     rf"(?:snapdragon|骁龙)\s?(x?\d{{0,3}}[a-z]?)((?: ?(?:elite|plus|至尊版|gen ?\d)){{0,3}}){RIGHT}", "chip",
     lambda m: " ".join(f"Snapdragon {m[1].upper()} {m[2].replace('至尊版', 'Elite').title()}".split())),
    ("dimensity 天玑", rf"(?:dimensity|天玑)\s?(\d{{4}}\+?){RIGHT}", "chip", lambda m: f"Dimensity {m[1]}"),
    ("exynos", rf"{LEFT}exynos\s?(\d{{4}}){RIGHT}", "chip", lambda m: f"Exynos {m[1]}"),
    ("xring 玄戒", rf"(?:xring|玄戒)\s?(o\d){RIGHT}", "chip", lambda m: f"XRING {m[1].upper()}"),
    ("loongson 龙芯", rf"(?:loongson|龙芯)\s?(\d[a-z]\d{{4}}){RIGHT}", "chip", lambda m: f"Loongson {m[1].upper()}"),
    ("xuantie 玄铁", rf"(?:xuantie|玄铁)\s?(c\d{{3}}){RIGHT}", "chip", lambda m: f"XuanTie {m[1].upper()}"),
    ("kunlunxin", rf"{LEFT}kunlunxin\s?([mp]\d{{3,4}}){RIGHT}", "chip", lambda m: f"Kunlunxin {m[1].upper()}"),
    ("kunlun 昆仑芯",
     rf"(?:kunlun|昆仑芯)\s?([mp]\d{{3,4}}){RIGHT}", "chip", lambda m: f"Kunlun {m[1].upper()}"),
    ("曦云 xiyun", rf"(?:曦云|xiyun)\s?(c\d{{3}}){RIGHT}", "chip", lambda m: f"Xiyun {m[1].upper()}"),
    ("siyuan 思元", rf"(?:siyuan|思元)\s?(\d{{3}}){RIGHT}", "chip", lambda m: f"Siyuan {m[1]}"),
    ("mlu", rf"{LEFT}mlu\s?(\d{{3}}){RIGHT}", "chip", lambda m: f"MLU{m[1]}"),
    ("br1 br2 bi-v mtt c5 c6 zixiao dcu bw1",
     rf"{LEFT}(br[12]\d\d|br20x|bi-v\d+|mtt s\d+|c[56]\d0|zixiao|dcu [zk]100|bw1\d\d\d){RIGHT}", "chip", _upper),
    ("metax 沐曦", rf"(?:metax|沐曦)\s?(c\d{{3}}){RIGHT}", "chip", _upper),
    ("core 酷睿", rf"(?:{LEFT}core|酷睿)\s?(i\d-\d{{4,5}}[a-z]{{0,2}}){RIGHT}", "chip",
     lambda m: f"Core {m[1].replace('I', 'i')}"),
    ("orange banana", rf"{LEFT}(orange|banana) pi (\w{{1,4}})(?: (pro|max|plus|ultra))?{RIGHT}", "chip",
     lambda m: f"{m[1].title()} Pi {m[2].upper()}" + (f" {m[3].title()}" if m[3] else "")),
    ("raspberry 树莓派", rf"(?:raspberry pi|树莓派)\s?(\d){RIGHT}", "chip", lambda m: f"Raspberry Pi {m[1]}"),
    ("真武 zhenwu", rf"(?:真武|zhenwu)\s?(\d{{3}}[a-z]?){RIGHT}", "chip", lambda m: f"Zhenwu {m[1].upper()}"),
    ("ascend", r"(?<![a-z])ascend (?:chip|npu|card|die|processor)s?(?![a-z])", "part", says("Ascend")),
    ("昇腾", r"(?:单颗|每颗|每张|单张)昇腾(?!\s?\d)(?:芯片|npu|卡)?", "part", says("Ascend")),
)  # fmt: skip
#: Short names that stand for a maker's chip in a text that holds one of the words.
BARE: tuple[tuple[str, str, Build], ...] = (
    ("昆仑芯 kunlun", rf"{LEFT}([mp]\d{{3}}){RIGHT}", lambda m: f"Kunlun {m[1].upper()}"),
    ("xuantie 玄铁 达摩院 risc-v", rf"{LEFT}(c9[0-9]0){RIGHT}", lambda m: f"XuanTie {m[1].upper()}"),
    ("摩尔线程 moore mtt", rf"{LEFT}(s[1-9]\d00){RIGHT}", lambda m: f"MTT {m[1].upper()}"),
    ("enflame 燧原", rf"{LEFT}([sl]\d{{2,3}}){RIGHT}", _upper),
    ("华山 huashan 庐山 lushan", r"(huashan|lushan|华山|庐山)(?=[」”’'\"]?\s?(?:gpu|chip|芯片|ai))",
     lambda m: {"华山": "Huashan", "庐山": "Lushan"}.get(m[1], m[1].title())),
    ("摩尔线程 threads", r"(?:(?<=摩尔线程)[“\"「]?|(?<=threads )|(?<=threads' ))(huashan|lushan|华山|庐山)(?![a-z])",
     lambda m: {"华山": "Huashan", "庐山": "Lushan"}.get(m[1], m[1].title())),
    ("ppu",
     rf"(?:(?<=阿里)|(?<=阿里云)|(?<=平头哥)|(?<=alibaba's )|(?<=alibaba )|(?<=t-head )|(?<=t-head's ))(ppu){RIGHT}",
     _upper),
    ("amd", rf"{LEFT}(helios){RIGHT}", lambda m: "Helios"),
    ("tenstorrent", rf"{LEFT}(grendel|n[13]50|n[13]00){RIGHT}", lambda m: m[1].capitalize() if len(m[1]) > 4 else m[1]),
    ("tenstorrent", rf"{LEFT}(quasar|wormhole|blackhole){RIGHT}", lambda m: m[1].title()),
    ("axelera titania europa metis", rf"{LEFT}(europa|metis) ([2-9]){RIGHT}(?![.,%]\d|%)",
     lambda m: f"{m[1].title()} {m[2]}"),
    ("axelera titania", rf"{LEFT}(europa|metis){RIGHT}", lambda m: m[1].title()),
    ("europa metis", rf"{LEFT}(europa|metis){RIGHT}(?= (?:ai )?(?:cards?|chips?|aipus?|accelerators?)\b)",
     lambda m: m[1].title()),
    ("真武 平头哥 zhenwu t-head", rf"{LEFT}(810e){RIGHT}", lambda m: f"Zhenwu {m[1].upper()}"),
    ("思元 siyuan", rf"(?<![\d.$a-z])([3-9]90){RIGHT}(?![.,%]\d|\s?(?:亿|万|元|%))", lambda m: f"Siyuan {m[1]}"),
    ("寒武纪 cambricon", rf"(?<![\d.$a-z])([3-9]90){RIGHT}(?![.,%]\d|\s?(?:亿|万|元|%))", lambda m: f"MLU{m[1]}"),
)  # fmt: skip
