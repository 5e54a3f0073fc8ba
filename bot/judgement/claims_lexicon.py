"""Names of chips, systems, models and benchmarks as patterns over folded text, each with how it is written.

The first column of a row holds pieces, parted by spaces, of which every match of its pattern has at least one: most
texts have none, so most patterns are never run.
"""

import re
from collections.abc import Callable

#: The borders of a name.
LEFT, RIGHT = r"(?<![a-z0-9.$])", r"(?![a-z0-9])"


_Build = Callable[[re.Match[str]], str]


def _ascend(match: re.Match[str]) -> str:
    return f"Ascend {match[1]}{(match[2] or '').upper()}"


def _atlas(match: re.Match[str]) -> str:
    rest = match[2] or ""
    return f"Atlas {match[1]}" + "".join(
        part.capitalize() if len(part) > 2 else part.upper() for part in re.split(r"( )", rest)
    )


def _deepseek(match: re.Match[str]) -> str:
    variants = "".join(f" {group.capitalize()}" for group in match.groups()[1:] if group)
    return f"DeepSeek {match[1].upper()}{variants}"


def _gpt(match: re.Match[str]) -> str:
    return f"GPT-{match[1]}" + (f" {match[2]}" if match[2] else "")


def _sized(family: str, *, joint: str = " ") -> _Build:
    """``family`` and the version that the first group found, with what else the groups found after it."""

    def build(match: re.Match[str]) -> str:
        rest = " ".join(_cased(group) for group in match.groups()[1:] if group)
        return f"{family}{joint}{match[1].upper()}" + (f" {rest}" if rest else "")

    return build


def _cased(word: str) -> str:
    return word.upper() if re.search(r"\d", word) else word.capitalize()


_MAKERS = {"gaudi": "Gaudi ", "maia": "Maia ", "wse": "WSE-", "wse-": "WSE-", "cs-": "CS-"}


def _maker(match: re.Match[str]) -> str:
    return f"{_MAKERS[match[1]]}{match[2]}"


def _qwen(match: re.Match[str]) -> str:
    return f"Qwen{match[1]}" + (f"-{_cased(match[2])}" if match[2] else "")


def _upper(match: re.Match[str]) -> str:
    return match[1].upper()


def _says(text: str) -> _Build:
    return lambda match: text


_POD = r"\s?-?(?:superpod|supernode|pods?(?![a-z])|超节点)"
_VARIANT = (
    r"(?:[\s-]?(pro|flash|lite|ultra|mini|nano|speciale|exp|terminus)(?:[\s-]max(?![a-z]))?)?"
    r"(?:[\s-](vision)(?![a-z]))?"
)
#: A name that is also a word is a model's where a benchmark follows.
_SCORED = r"(?=[^。]*(?:bench|aime|gpqa|mmlu|hle|index))"
_NINES = "910 920 930 940 950 960 970 980 990"
_INSTINCTS = "mi1 mi2 mi3 mi4 mi5 mi6 mi7 mi8 mi9"
#: In order: an earlier pattern takes the characters from a later one.
SUBJECTS: tuple[tuple[str, str, str, _Build], ...] = (
    ("atlas",
     rf"{LEFT}atlas\s?(\d{{3}})\s?-?(?:supercluster|超级?集群)", "chip", lambda m: f"Atlas {m[1]} SuperCluster"),
    ("atlas", rf"超节点\s?atlas\s?(\d{{3}}){RIGHT}", "chip", lambda m: f"Atlas {m[1]} SuperPoD"),
    ("atlas", rf"{LEFT}atlas\s?(\d{{3}})(?:\s?a\d)?{_POD}", "chip", lambda m: f"Atlas {m[1]} SuperPoD"),
    # Of these numbers Huawei builds nothing smaller.
    ("atlas", rf"(?:{LEFT}atlas|アトラス)\s?(9[56]0){RIGHT}", "chip", lambda m: f"Atlas {m[1]} SuperPoD"),
    ("atlas", rf"{LEFT}atlas\s?(\d{{3}})(i?\s(?:a\d|duo)|[a-z]\d?)?{RIGHT}", "chip", _atlas),
    ("ascend 昇腾", rf"(?:ascend|昇腾)\s?(9\d0)(?:pr|dt)?{_POD}", "chip", lambda m: f"Atlas {m[1]} SuperPoD"),
    (_NINES, rf"{LEFT}(9[56]0){_POD}", "chip", lambda m: f"Atlas {m[1]} SuperPoD"),
    ("384", rf"(?:ascend|昇腾|华为|huawei)\s?384(?:{_POD})?{RIGHT}", "chip", _says("CloudMatrix 384")),
    ("cloudmatrix", r"cloudmatrix\s?-?(\d{3})", "chip", lambda m: f"CloudMatrix {m[1]}"),
    ("cloudmatrix", rf"cloudmatrix{RIGHT}(?!\s?-?\d)", "chip", _says("CloudMatrix 384")),
    # Huawei's systems are also told by how many processors they hold.
    ("192",
     rf"{LEFT}8,?192[\s-]?(?:npus?|chips?|cards?|卡|颗)\S{{0,4}}?{_POD}", "chip", _says("Atlas 950 SuperPoD")),
    ("488",
     rf"{LEFT}15,?488[\s-]?(?:npus?|chips?|cards?|卡|颗)\S{{0,4}}?{_POD}", "chip", _says("Atlas 960 SuperPoD")),
    ("ascend 昇腾", rf"(?:ascend|昇腾)[\s-]?(\d{{3}})(?:-?([a-z]{{1,2}}))?(?:s)?{RIGHT}", "chip", _ascend),
    (_NINES, rf"{LEFT}(9[1-9]0)-?(pr|dt|to|[a-d])s?{RIGHT}", "chip", _ascend),
    (_NINES, rf"{LEFT}(9[1-9]0)(?=\s?系列|'s){RIGHT}()", "chip", _ascend),
    ("nvl", rf"{LEFT}((?:gb[23]|vr[23])00)[\s-]?(nvl\d+){RIGHT}", "chip", lambda m: f"{m[1]} {m[2]}".upper()),
    ("rubin", rf"{LEFT}(?:vera )?rubin (nvl\d+){RIGHT}", "chip", lambda m: f"Vera Rubin {m[1].upper()}"),
    ("rubin", rf"{LEFT}rubin cpx{RIGHT}", "chip", _says("Rubin CPX")),
    ("nvl72", rf"{LEFT}nvl72{RIGHT}", "chip", _says("GB200 NVL72")),
    ("nvl", rf"{LEFT}(nvl\d+){RIGHT}", "chip", _upper),
    ("h20 h100 h200 h800 a100 a800 a40 l40 l20 b100 b200 b30 b40 gb1 gb2 gb3 gh200 r100 r200 dgx",
     rf"{LEFT}(h20e?|h[128]00|h20-3e|a[18]00|a40|l40s?|l20|b[12]00|b30a"
     rf"|b300|b40|gb[123]00|gh200|r[12]00|dgx spark)s?{RIGHT}", "chip", _upper),
    ("l2", rf"{LEFT}(?<![km]b )(l2){RIGHT}(?!\s?(?:cache|缓存))", "chip", _upper),
    ("rtx", rf"{LEFT}rtx\s?pro\s?(\d{{4}}d?){RIGHT}", "chip", lambda m: f"RTX Pro {m[1].upper()}"),
    ("5090 4090", rf"{LEFT}(?:rtx\s?)?([45]090d?){RIGHT}", "chip", lambda m: f"RTX {m[1].upper()}"),
    (_INSTINCTS, rf"{LEFT}(mi[1-9]\d{{2}}[axp]?)s?{RIGHT}", "chip", _upper),
    ("rubin", rf"{LEFT}vera rubin{RIGHT}", "chip", _says("Vera Rubin")),
    ("blackwell hopper rubin",
     rf"{LEFT}(blackwell ultra|blackwell|hopper|rubin){RIGHT}", "chip", lambda m: m[1].title()),
    ("tpu", rf"{LEFT}tpu\s?(v\d+[a-z]?){RIGHT}", "chip", lambda m: f"TPU {m[1]}"),
    ("ironwood trillium",
     rf"{LEFT}(ironwood|trillium){RIGHT}", "chip", lambda m: {"ironwood": "TPU v7", "trillium": "TPU v6e"}[m[1]]),
    ("trainium", rf"{LEFT}trainium\s?(\d){RIGHT}", "chip", lambda m: f"Trainium{m[1]}"),
    ("gaudi maia wse cs-", rf"{LEFT}(gaudi|maia|wse-?|cs-)\s?(\d{{1,3}}){RIGHT}", "chip", _maker),
    ("jotunn8 rhea titania cinco tyr vitruvius craftwerk",
     rf"{LEFT}(jotunn8|rhea[12]|titania|cinco ranch|tyr\d?|vitruvius|craftwerk){RIGHT}", "chip",
     lambda m: m[1].title()),
    ("jupiter", rf"{LEFT}jupiter(?=.{{0,60}}(?:flop|hpl|supercomput|juelich|julich|top500)){RIGHT}", "chip",
     _says("JUPITER")),
    ("cervell", rf"{LEFT}cervell{RIGHT}", "chip", _says("Cervell")),
    ("wormhole blackhole", rf"{LEFT}(wormhole|blackhole)(?: [np]\d{{3}}[a-d]?)?{RIGHT}"
     r"(?=.{0,80}(?:flop|tops|\d w\b|gddr|tb/s|gb/s))", "chip", lambda m: m[1].title()),
    ("sg2044 sg2380 et-soc", rf"{LEFT}(sg2044|sg2380|et-soc-\d){RIGHT}", "chip", _upper),
    ("crescent jaguar", rf"{LEFT}(crescent island|jaguar shores){RIGHT}", "chip", lambda m: m[1].title()),
    ("ai200 ai250", rf"{LEFT}(ai2[05]0){RIGHT}", "chip", _upper),
    ("alice", rf"{LEFT}alice recoque{RIGHT}", "chip", _says("Alice Recoque")),
    ("kirin 麒麟", rf"(?:kirin|麒麟)\s?(\d{{4}}[a-z]?)?{RIGHT}", "chip",
     lambda m: f"Kirin {m[1].upper()}" if m[1] else "Kirin"),
    ("xuantie 玄铁", rf"(?:xuantie|玄铁)\s?(c\d{{3}}){RIGHT}", "chip", lambda m: f"XuanTie {m[1].upper()}"),
    ("kunlun 昆仑芯",
     rf"(?:kunlun|昆仑芯)\s?([mp]\d{{3,4}}){RIGHT}", "chip", lambda m: f"Kunlun {m[1].upper()}"),
    ("siyuan 思元 mlu", rf"(?:siyuan|思元|mlu)\s?(\d{{3}}){RIGHT}", "chip", lambda m: f"MLU{m[1]}"),
    ("br1 br20x bi-v mtt c5 c6 zixiao dcu bw1",
     rf"{LEFT}(br1\d\d|br20x|bi-v\d+|mtt s\d+|c[56]\d0|zixiao|dcu [zk]100|bw1\d\d\d){RIGHT}", "chip", _upper),
    ("曦云 metax", rf"(?:曦云|metax)\s?(c\d{{3}}){RIGHT}", "chip", _upper),
    ("真武 zhenwu", rf"(?:真武|zhenwu)\s?(\d{{3}}[a-z]?){RIGHT}", "chip", lambda m: f"Zhenwu {m[1].upper()}"),
    ("ascend", r"(?<![a-z])ascend (?:chip|npu|card|die|processor)s?(?![a-z])", "part", _says("Ascend")),
    ("昇腾", r"(?:单颗|每颗|每张|单张)昇腾(?!\s?\d)(?:芯片|npu|卡)?", "part", _says("Ascend")),
    ("deepseek 深度求索",
     rf"(?:深度求索|deepseek)[\s-]?(v\d(?:\.\d)?|r\d){_VARIANT}(?:-\d{{4}})?{RIGHT}", "model", _deepseek),
    ("deepseek", rf"{LEFT}deepseek[\s-]?(math|prover|coder|ocr)[\s-]?(v?\d(?:\.\d)?){RIGHT}", "model",
     lambda m: f"DeepSeek-{m[1].upper() if m[1] == 'ocr' else m[1].title()}-{m[2].upper()}"),
    ("v3 v4 v5 r1 r2", rf"{LEFT}(?<![a-z]-)(v[345](?:\.\d)?|r[12]){_VARIANT}(?:-\d{{4}})?{RIGHT}", "model", _deepseek),
    ("opus sonnet haiku", rf"{LEFT}(?:claude[\s-]?)?(opus|sonnet"
     rf"|haiku)[\s-]?(\d(?:\.\d)?){RIGHT}", "model", lambda m: f"Claude {m[1].title()} {m[2]}"),
    ("gpt", rf"{LEFT}gpt[\s-]?(\d(?:\.\d)?)(?:[\s-](mini|nano|pro|codex))?{RIGHT}", "model", _gpt),
    ("gpt-oss", rf"{LEFT}gpt-oss[\s-](\d+b){RIGHT}", "model", lambda m: f"gpt-oss-{m[1]}"),
    ("gemini",
     rf"{LEFT}gemini[\s-]?(\d(?:\.\d)?)(?:[\s-](pro|flash|ultra))?{RIGHT}", "model", _sized("Gemini")),
    ("k2 k3", rf"{LEFT}(?:kimi[\s-]?)?(k2(?:\.\d)?|k3)(?:[\s-](thinking))?{RIGHT}", "model", _sized("Kimi")),
    ("qwen",
     rf"{LEFT}qwen[\s-]?(\d(?:\.\d)?)(?:[\s-](\d+b(?:-a\d+b)?|max|plus|coder))?{RIGHT}", "model",
     _qwen),
    ("glm", rf"{LEFT}glm[\s-]?(\d(?:\.\d)?){RIGHT}", "model", lambda m: f"GLM-{m[1]}"),
    ("grok", rf"{LEFT}grok[\s-]?(\d(?:\.\d+)?){RIGHT}", "model", _sized("Grok")),
    ("mistral",
     rf"{LEFT}mistral (large|medium|small) (\d(?:\.\d)?){RIGHT}", "model",
     lambda m: f"Mistral {m[1].title()} {m[2]}"),
    ("ernie 文心", rf"{LEFT}(?:ernie|文心)[\s-]?(\d(?:\.\d)?){RIGHT}", "model", _sized("ERNIE")),
    ("doubao 豆包",
     rf"{LEFT}(?:doubao|豆包)(?:大模型)?[\s-]?(?:seed[\s-])?(\d\.\d){RIGHT}", "model", _sized("Doubao")),
    ("mimo", rf"{LEFT}mimo[\s-](v\d(?:\.\d)?)(?:[\s-](pro|flash))?{RIGHT}", "model", _sized("MiMo")),
    ("minimax", rf"{LEFT}minimax[\s-]?(m\d(?:\.\d)?){RIGHT}", "model", _sized("MiniMax")),
    ("gemma", rf"{LEFT}gemma[\s-]?(\d)(?:[\s-](\d+b))?{RIGHT}", "model", _sized("Gemma")),
    ("hunyuan 混元", rf"{LEFT}(?:hunyuan|混元)[\s-]?(\d\.\d|t\d|turbos?){RIGHT}", "model", _sized("Hunyuan")),
    ("longcat", rf"{LEFT}longcat[\s-](flash|\d(?:\.\d)?){RIGHT}", "model", _sized("LongCat")),
    ("nemotron", rf"{LEFT}nemotron[\s-]?(\d)(?:[\s-](super|ultra|nano))?{RIGHT}", "model", _sized("Nemotron")),
    ("step 阶跃", rf"{LEFT}step[\s-](\d(?:\.\d)?)(?:[\s-](flash|mini))?{RIGHT}{_SCORED}", "model", _sized("Step")),
    ("ling ring", rf"{LEFT}(ling|ring)-(\d(?:\.\d)?t?|flash|mini){RIGHT}", "model",
     lambda m: f"{m[1].title()}-{_cased(m[2])}"),
    ("o3 o4", rf"{LEFT}(o[34])(?:-(mini|pro))?{RIGHT}{_SCORED}", "model",
     lambda m: m[0].replace(" ", "-")),
    ("claude code", rf"{LEFT}claude code{RIGHT}", "model", _says("Claude Code")),
    ("星火 spark x", rf"(?:星火|{LEFT}spark)\s?(x\d(?:\.\d)?){RIGHT}", "model", _sized("Spark")),
    ("mythos", rf"{LEFT}(?:claude )?mythos{RIGHT}", "model", _says("Claude Mythos")),
    ("pangu 盘古", r"(?:pangu|盘古)\s?pro\s?moe", "model", _says("Pangu Pro MoE")),
    ("pangu 盘古", r"(?:pangu|盘古)\s?(?:ultra)?\s?moe", "model", _says("Pangu Ultra MoE")),
    ("pangu 盘古", rf"(?:pangu|盘古)(?:大模型)?\s?(\d(?:\.\d)?){RIGHT}", "model", _sized("Pangu")),
    ("llama", rf"{LEFT}llama\s?(\d(?:\.\d)?)\s?-?(\d+b)?{RIGHT}", "workload", _sized("Llama")),
)  # fmt: skip
#: Short names that stand for a maker's chip in a text that holds one of the words.
BARE: tuple[tuple[str, str, _Build], ...] = (
    ("昆仑芯 kunlun", rf"{LEFT}([mp]\d{{3}}){RIGHT}", lambda m: f"Kunlun {m[1].upper()}"),
    ("xuantie 玄铁 达摩院 risc-v", rf"{LEFT}(c9[0-9]0){RIGHT}", lambda m: f"XuanTie {m[1].upper()}"),
    ("摩尔线程 moore mtt", rf"{LEFT}(s[1-9]\d00){RIGHT}", lambda m: f"MTT {m[1].upper()}"),
    ("axelera", rf"{LEFT}(europa|metis){RIGHT}", lambda m: m[1].title()),
    ("真武 平头哥 zhenwu t-head", rf"{LEFT}(810e){RIGHT}", lambda m: f"Zhenwu {m[1].upper()}"),
    ("寒武纪 cambricon", rf"(?<![\d.$a-z])([3-9]90){RIGHT}(?![.,%]\d|\s?(?:亿|万|元|%))", lambda m: f"MLU{m[1]}"),
)  # fmt: skip
_AA_INDEX = "Artificial Analysis Intelligence Index"
BENCHMARKS: tuple[tuple[str, str, str, str], ...] = (
    ("swe", r"swe-?\s?bench[\s-]pro", "SWE-bench Pro", "%"),
    ("swe", r"swe-?\s?bench[\s-]multilingual", "SWE-bench Multilingual", "%"),
    ("swe", r"swe-?\s?bench(?:[\s-]verified)?", "SWE-bench Verified", "%"),
    ("terminal", r"terminal-?\s?bench(?:\s?2(?:\.0)?(?!\.?\d))?", "Terminal-Bench 2.0", "%"),
    ("swe-v", r"swe-?v(?:erified)?(?![a-z])", "SWE-bench Verified", "%"),
    ("tb2 tb-2", r"tb-?2(?:\.0)?(?![\w.])", "Terminal-Bench 2.0", "%"),
    ("lcb", r"lcb(?:[\s-]?v\d)?(?![a-z])", "LiveCodeBench", "points"),
    ("epoch eci", r"epoch(?:'s)? capabilit(?:y|ies) index|eci(?![a-z])", "Epoch Capabilities Index",
     "points"),
    ("finance", r"finance agent(?: bench(?:mark)?)?", "Finance Agent", "%"),
    ("livebench", r"livebench", "LiveBench", "points"),
    ("gpqa", r"gpqa(?:[\s-](?:diamond|d(?![a-z])))?", "GPQA Diamond", "points"),
    ("mmlu", r"mmlu[\s-]pro", "MMLU-Pro", "points"),
    ("mmlu", r"(?<!m)mmlu(?![a-z-])", "MMLU", "points"),
    ("mmmu", r"mmmu[\s-]pro", "MMMU-Pro", "points"),
    ("mmmu", r"mmmu", "MMMU", "points"),
    ("docvqa", r"docvqa", "DocVQA", "points"),
    ("single-core 单核", r"(?:geekbench\s?\d? )?(?:single-core|单核)(?=.{0,12}\d{4}|.{0,8}\d,\d{3}| (?:score|points))",
     "Geekbench single-core", "points"),
    ("multi-core 多核", r"(?:geekbench\s?\d? )?(?:multi-core|多核)(?=.{0,12}\d{4}|.{0,8}\d,\d{3}| (?:score|points))",
     "Geekbench multi-core", "points"),
    ("hmmt", r"hmmt(?:\s?(?:20)?\d\d)?", "HMMT", "points"),
    ("simpleqa", r"(?:chinese[\s-]simpleqa|中文simpleqa)", "Chinese SimpleQA", "%"),
    ("aider", r"aider(?:[\s-]polyglot)?", "Aider Polyglot", "%"),
    ("bfcl", r"(?<![a-z])bfcl(?:[\s-]?v\d)?", "BFCL", "%"),
    ("gsm8k ifeval scicode gdpval cybench cybergym longbench atlas toolathlon putnambench healthbench",
     r"(?<![a-z])(?:gsm8k|ifeval|scicode|gdpval|cybench|cybergym|longbench"
     r"|longbench v2|mcp-?atlas|toolathlon|putnambench|healthbench)(?![a-z])", "", "%"),
    ("livecodebench", r"livecodebench(?:\s?v\d)?", "LiveCodeBench", "points"),
    ("aime", r"aime(?![a-z])(?:\s?(?:20)\d\d)?", "AIME", "points"),
    ("humaneval", r"humaneval", "HumanEval", "%"),
    ("humanity hle", r"(?:humanity's last exam|(?<![a-z])hle(?![a-z]))", "HLE", "%"),
    ("frontiermath", r"frontiermath(?:,? tiers? (?:\d(?: ?- ?\d)?))?", "", "%"),
    ("codeforces", r"codeforces(?:\s?(?:rating|评分|分数))?", "Codeforces rating", "points"),
    ("aa", r"aa(?:'s)?\s?(?:intelligence )?(?:index|指数)", _AA_INDEX, "points"),
    ("artificial intelligence 智能指数", r"(?:artificial analysis(?:'s)?\s?(?:intelligence index"
     r"|智能指数|index|指数)|intelligence index|智能指数)", _AA_INDEX, "points"),
    ("artificial",
     r"artificial analysis(?!\s?(?:measured|found|said|says|reports?|clocks?|实测|测得))", _AA_INDEX, "points"),
    ("omniscience", r"(?:aa-)?omniscience", "AA-Omniscience", "%"),
    ("browsecomp", r"browsecomp", "BrowseComp", "%"),
    ("simpleqa", r"simpleqa", "SimpleQA", "%"),
    ("mrcr", r"mrcr(?:\s?\d-needle)?", "MRCR", "%"),
    ("math-500", r"math-500", "MATH-500", "%"),
    ("arc-agi", r"arc-agi(?:-\d)?", "", "%"),
    ("osworld", r"osworld(?:-verified)?", "OSWorld", "%"),
    ("2-bench tau-bench τ-bench", r"(?:tau|τ)2?-bench", "tau-bench", "%"),
    ("eval", r"(?:c-eval|ceval)", "C-Eval", "points"),
    ("vibe", r"vibe code bench(?:mark)?", "Vibe Code Benchmark", "%"),
    ("arena", r"(?:code|webdev) arena", "Code Arena score", "points"),
    ("arena", r"(?:lm\s?arena|chatbot arena|text arena)", "LMArena score", "points"),
    ("specfp", r"specfp\s?2006", "SPECfp2006", "points"),
    ("coremark", r"coremark(?:/mhz)?", "CoreMark", "points"),
    ("specrate", r"specrate\s?2017_int_base", "SPECrate2017_int_base", "points"),
    ("2006", r"spec\s?int\s?2006", "SPECint2006", "points"),
    ("mfu", r"(?<![a-z])mfu(?![a-z])", "MFU", "%"),
)  # fmt: skip
