"""Names that a figure can be about, found in folded text and written one way: chips, systems, models, benchmarks."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick

_L, _R = r"(?<![a-z0-9.$])", r"(?![a-z0-9])"


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A name in the text: where it stands, how it is written, and whether it is a ``chip`` (or system),
    a ``model``, or a benchmark (then ``unit`` is what its bare numbers are in)."""

    start: int
    end: int
    text: str
    kind: str
    unit: str = ""


_Build = Callable[[re.Match[str]], str]


def _ascend(match: re.Match[str]) -> str:
    return f"Ascend {match[1]}{(match[2] or '').upper()}"


def _atlas(match: re.Match[str]) -> str:
    rest = match[2] or ""
    return f"Atlas {match[1]}" + "".join(
        part.capitalize() if len(part) > 2 else part.upper() for part in re.split(r"( )", rest)
    )


def _deepseek(match: re.Match[str]) -> str:
    variant = f" {match[2].capitalize()}" if match[2] else ""
    return f"DeepSeek {match[1].upper()}{variant}"


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


def _upper(match: re.Match[str]) -> str:
    return match[1].upper()


def _says(text: str) -> _Build:
    return lambda match: text


_POD = r"\s?-?(?:superpod|supernode|超节点)"
_VARIANT = r"(?:[\s-]?(pro|flash|lite|speciale|exp|terminus)(?:[\s-]max(?![a-z]))?)?"
#: In order: an earlier pattern takes the characters from a later one.
_SUBJECTS: tuple[tuple[str, str, _Build], ...] = (
    (rf"{_L}atlas\s?(\d{{3}})\s?-?(?:supercluster|超级?集群)", "chip", lambda m: f"Atlas {m[1]} SuperCluster"),
    (rf"{_L}atlas\s?(\d{{3}})(?:\s?a\d)?{_POD}", "chip", lambda m: f"Atlas {m[1]} SuperPoD"),
    (rf"{_L}atlas\s?(\d{{3}})(i?\s(?:a\d|duo)|[a-z]\d?)?{_R}", "chip", _atlas),
    (rf"(?:ascend|昇腾)\s?(9\d0){_POD}", "chip", lambda m: f"Atlas {m[1]} SuperPoD"),
    (rf"(?:ascend|昇腾|华为|huawei)\s?384(?:{_POD})?{_R}", "chip", _says("CloudMatrix 384")),
    (r"cloudmatrix\s?-?(\d{3})", "chip", lambda m: f"CloudMatrix {m[1]}"),
    # Huawei's systems are also told by how many processors they hold.
    (rf"{_L}8,?192[\s-]?(?:npus?|chips?|cards?|卡|颗)\S{{0,4}}?{_POD}", "chip", _says("Atlas 950 SuperPoD")),
    (rf"{_L}15,?488[\s-]?(?:npus?|chips?|cards?|卡|颗)\S{{0,4}}?{_POD}", "chip", _says("Atlas 960 SuperPoD")),
    (rf"(?:ascend|昇腾)[\s-]?(\d{{3}})(?:-?([a-z]{{1,2}}))?(?:s)?{_R}", "chip", _ascend),
    (rf"{_L}(9[1-9]0)-?(pr|dt|to|[a-d])s?{_R}", "chip", _ascend),
    (rf"{_L}(9[1-9]0)(?=\s?系列|'s){_R}()", "chip", _ascend),
    (rf"{_L}((?:gb[23]|vr[23])00)[\s-]?(nvl\d+){_R}", "chip", lambda m: f"{m[1]} {m[2]}".upper()),
    (rf"{_L}(?:vera )?rubin (nvl\d+){_R}", "chip", lambda m: f"Vera Rubin {m[1].upper()}"),
    (rf"{_L}rubin cpx{_R}", "chip", _says("Rubin CPX")),
    (rf"{_L}nvl72{_R}", "chip", _says("GB200 NVL72")),
    (rf"{_L}(nvl\d+){_R}", "chip", _upper),
    (rf"{_L}(h20e?|h[128]00|h20-3e|a[18]00|a40|l40s?|l20|l2|b[12]00|b30a"
     rf"|b300|b40|gb[123]00|gh200|r[12]00|dgx spark)s?{_R}", "chip", _upper),
    (rf"{_L}rtx\s?pro\s?(\d{{4}}d?){_R}", "chip", lambda m: f"RTX Pro {m[1].upper()}"),
    (rf"{_L}(?:rtx\s?)?([45]090d?){_R}", "chip", lambda m: f"RTX {m[1].upper()}"),
    (rf"{_L}(mi\d{{3}}[axp]?)s?{_R}", "chip", _upper),
    (rf"{_L}vera rubin{_R}", "chip", _says("Vera Rubin")),
    (rf"{_L}(blackwell ultra|blackwell|hopper|rubin){_R}", "chip", lambda m: m[1].title()),
    (rf"{_L}tpu\s?(v\d+[a-z]?){_R}", "chip", lambda m: f"TPU {m[1]}"),
    (rf"{_L}(ironwood|trillium){_R}", "chip", lambda m: {"ironwood": "TPU v7", "trillium": "TPU v6e"}[m[1]]),
    (rf"{_L}trainium\s?(\d){_R}", "chip", lambda m: f"Trainium{m[1]}"),
    (rf"{_L}(gaudi|maia|wse-?|cs-)\s?(\d{{1,3}}){_R}", "chip", _maker),
    (rf"{_L}(jotunn8|rhea[12]|europa|titania|metis|cinco ranch|tyr\d?|vitruvius){_R}", "chip", lambda m: m[1].title()),
    (rf"(?:xuantie|玄铁)\s?(c\d{{3}}){_R}", "chip", lambda m: f"XuanTie {m[1].upper()}"),
    (rf"(?:kunlun|昆仑芯)\s?([mp]\d{{3,4}}){_R}", "chip", lambda m: f"Kunlun {m[1].upper()}"),
    (rf"(?:siyuan|思元|mlu)\s?(\d{{3}}){_R}", "chip", lambda m: f"MLU{m[1]}"),
    (rf"{_L}(br1\d\d|bi-v\d+|mtt s\d+|c[56]\d0|zixiao|dcu z100|bw1\d\d\d){_R}", "chip", _upper),
    (rf"(?:曦云|metax)\s?(c\d{{3}}){_R}", "chip", _upper),
    (rf"(?:真武|zhenwu)\s?(\d{{3}}[a-z]?){_R}", "chip", lambda m: f"Zhenwu {m[1].upper()}"),
    (r"(?<![a-z])ascend (?:chip|npu|card|die|processor)s?(?![a-z])", "part", _says("Ascend")),
    (r"(?:单颗|每颗|每张|单张)昇腾(?!\s?\d)(?:芯片|npu|卡)?", "part", _says("Ascend")),
    (rf"(?:深度求索|deepseek)[\s-]?(v\d(?:\.\d)?|r\d){_VARIANT}(?:-\d{{4}})?{_R}", "model", _deepseek),
    (rf"{_L}(v[345](?:\.\d)?|r[12]){_VARIANT}(?:-\d{{4}})?{_R}", "model", _deepseek),
    (rf"{_L}(?:claude[\s-]?)?(opus|sonnet"
     rf"|haiku)[\s-]?(\d(?:\.\d)?){_R}", "model", lambda m: f"Claude {m[1].title()} {m[2]}"),
    (rf"{_L}gpt[\s-]?(\d(?:\.\d)?)(?:[\s-](mini|nano|pro|codex))?{_R}", "model", _gpt),
    (rf"{_L}gpt-oss[\s-](\d+b){_R}", "model", lambda m: f"gpt-oss-{m[1]}"),
    (rf"{_L}gemini[\s-]?(\d(?:\.\d)?)(?:[\s-](pro|flash|ultra))?{_R}", "model", _sized("Gemini")),
    (rf"{_L}(?:kimi[\s-]?)?(k2(?:\.\d)?|k3)(?:[\s-](thinking))?{_R}", "model", _sized("Kimi")),
    (rf"{_L}qwen[\s-]?(\d(?:\.\d)?)(?:-(\d+b(?:-a\d+b)?|max|plus|coder))?{_R}", "model", _sized("Qwen", joint="")),
    (rf"{_L}glm[\s-]?(\d(?:\.\d)?){_R}", "model", lambda m: f"GLM-{m[1]}"),
    (rf"{_L}grok[\s-]?(\d(?:\.\d+)?){_R}", "model", _sized("Grok")),
    (rf"{_L}mistral (large|medium|small) (\d(?:\.\d)?){_R}", "model", lambda m: f"Mistral {m[1].title()} {m[2]}"),
    (rf"{_L}(?:ernie|文心)[\s-]?(\d(?:\.\d)?){_R}", "model", _sized("ERNIE")),
    (rf"{_L}(?:doubao|豆包)(?:大模型)?[\s-]?(?:seed[\s-])?(\d\.\d){_R}", "model", _sized("Doubao")),
    (rf"{_L}mimo[\s-](v\d(?:\.\d)?)(?:[\s-](pro|flash))?{_R}", "model", _sized("MiMo")),
    (rf"{_L}minimax[\s-]?(m\d(?:\.\d)?){_R}", "model", _sized("MiniMax")),
    (rf"{_L}gemma[\s-]?(\d)(?:[\s-](\d+b))?{_R}", "model", _sized("Gemma")),
    (r"(?:pangu|盘古)\s?pro\s?moe", "model", _says("Pangu Pro MoE")),
    (r"(?:pangu|盘古)\s?(?:ultra)?\s?moe", "model", _says("Pangu Ultra MoE")),
    (rf"{_L}llama\s?(\d(?:\.\d)?)\s?-?(\d+b)?{_R}", "workload", _sized("Llama")),
)  # fmt: skip
_AA_INDEX = "Artificial Analysis Intelligence Index"
_BENCHMARKS: tuple[tuple[str, str, str], ...] = (
    (r"swe-?\s?bench[\s-]pro", "SWE-bench Pro", "%"),
    (r"swe-?\s?bench[\s-]multilingual", "SWE-bench Multilingual", "%"),
    (r"swe-?\s?bench(?:[\s-]verified)?", "SWE-bench Verified", "%"),
    (r"terminal-?\s?bench(?:\s?2(?:\.0)?(?!\.?\d))?", "Terminal-Bench 2.0", "%"),
    (r"gpqa(?:[\s-]diamond)?", "GPQA Diamond", "points"),
    (r"mmlu[\s-]pro", "MMLU-Pro", "points"),
    (r"(?<!m)mmlu(?![a-z-])", "MMLU", "points"),
    (r"mmmu(?:[\s-]pro)?", "MMMU", "points"),
    (r"hmmt(?:\s?(?:20)?\d\d)?", "HMMT", "points"),
    (r"(?:chinese[\s-]simpleqa|中文simpleqa)", "Chinese SimpleQA", "%"),
    (r"aider(?:[\s-]polyglot)?", "Aider Polyglot", "%"),
    (r"(?<![a-z])bfcl(?:[\s-]?v\d)?", "BFCL", "%"),
    (r"(?<![a-z])(?:gsm8k|ifeval|scicode|gdpval|cybench|cybergym|longbench"
     r"|longbench v2|mcp-?atlas|toolathlon|putnambench|healthbench)(?![a-z])", "", "%"),
    (r"livecodebench(?:\s?v\d)?", "LiveCodeBench", "points"),
    (r"aime(?:\s?(?:20)\d\d)?", "AIME", "points"),
    (r"humaneval", "HumanEval", "%"),
    (r"(?:humanity's last exam|(?<![a-z])hle(?![a-z]))", "HLE", "%"),
    (r"frontiermath", "FrontierMath", "%"),
    (r"codeforces(?:\s?(?:rating|评分|分数))?", "Codeforces rating", "points"),
    (r"(?:artificial analysis(?:'s)?\s?(?:intelligence index"
     r"|智能指数|index|指数)|intelligence index|智能指数)", _AA_INDEX, "points"),
    (r"artificial analysis(?!\s?(?:measured|found|said|says|reports?|clocks?|实测|测得))", _AA_INDEX, "points"),
    (r"aa-omniscience", "AA-Omniscience", "%"),
    (r"browsecomp", "BrowseComp", "%"),
    (r"simpleqa", "SimpleQA", "%"),
    (r"mrcr(?:\s?\d-needle)?", "MRCR", "%"),
    (r"math-500", "MATH-500", "%"),
    (r"arc-agi(?:-\d)?", "ARC-AGI", "%"),
    (r"osworld(?:-verified)?", "OSWorld", "%"),
    (r"(?:tau|τ)2?-bench", "tau-bench", "%"),
    (r"(?:c-eval|ceval)", "C-Eval", "points"),
    (r"vibe code bench(?:mark)?", "Vibe Code Benchmark", "%"),
    (r"(?:code|webdev) arena", "Code Arena score", "points"),
    (r"(?:lm\s?arena|chatbot arena|text arena)", "LMArena score", "points"),
    (r"specfp\s?2006", "SPECfp2006", "points"),
    (r"coremark(?:/mhz)?", "CoreMark", "points"),
    (r"specrate\s?2017_int_base", "SPECrate2017_int_base", "points"),
    (r"spec\s?int\s?2006", "SPECint2006", "points"),
    (r"(?<![a-z])mfu(?![a-z])", "MFU", "%"),
)  # fmt: skip
_SUBJECT_PATTERNS = tuple((re.compile(pattern), kind, build) for pattern, kind, build in _SUBJECTS)
_BENCHMARK_PATTERNS = tuple((re.compile(pattern), name, unit) for pattern, name, unit in _BENCHMARKS)
_SPELLED = {
    name.casefold().replace("-", ""): name
    for name in (
        "GSM8K", "IFEval", "SciCode", "GDPval", "Cybench", "CyberGym", "LongBench", "LongBench v2", "MCP-Atlas",
        "Toolathlon", "PutnamBench", "HealthBench",
    )
}  # fmt: skip
#: Benchmarks whose year or size is part of their name.
_DATED = re.compile(r"(aime)\s?((?:20)\d\d)|(mrcr)\s?(\d-needle)")
#: "Pro" and "Flash" alone stand for the variants of the model that the text names.
_SHORT = re.compile(rf"{_L}(pro|flash){_R}")


#: "The 960" is a chip in a text that names an Ascend chip in full.
_BARE_ASCEND = re.compile(
    rf"(?:(?<=the )|(?<=than )|(?<=on )|(?<=on the )|(?<=and )"
    rf"|(?<=比)|(?<=较)|(?<=与)|(?<=和))(9[1-9]0){_R}(?![.,]\d)"
    r"(?!\s?-?(?:[gt]b|k?w\b|watts|[tpe]?flops|tok|t/s|cards|chips"
    r"|gpus|npus|yuan|million|%|per|亿|万|元|张|名|家|吨|nits|points))"
)


#: A piece of every name that has a claim: a text without one is not read further. (集群, cluster: nameless ones.)
_NAME_PIECES = (
    "ascend", "昇腾", "atlas", "cloudmatrix", "超节点", "superpod", "supernode", "gb1", "gb2", "gb3",
    "gh200", "vr2", "vr3", "nvl", "rubin", "h20", "h100", "h800", "a100", "a800", "a40", "l40", "l20",
    "l2", "b100", "b200", "b30", "b40", "r100", "r200", "dgx", "rtx", "5090", "4090", "mi1", "mi2",
    "mi3", "mi4", "mi5", "blackwell", "hopper", "tpu", "ironwood", "trillium", "trainium", "gaudi",
    "maia", "wse", "cs-", "jotunn", "rhea", "europa", "titania", "metis", "cinco", "tyr",
    "vitruvius", "xuantie", "玄铁", "kunlun", "昆仑芯", "siyuan", "思元", "mlu", "br1", "bi-v", "mtt",
    "c5", "c6", "zixiao", "dcu", "bw1", "曦云", "metax", "真武", "zhenwu", "deepseek", "深度求索", "v3",
    "v4", "v5", "r1", "r2", "opus", "sonnet", "haiku", "gpt", "gemini", "kimi", "k2", "k3", "qwen",
    "glm", "grok", "mistral", "ernie", "文心", "doubao", "豆包", "mimo", "minimax", "gemma", "pangu",
    "盘古", "910", "920", "930", "940", "950", "960", "970", "980", "990", "集群", "cluster",
)  # fmt: skip
_PIECES = AhoCorasick(_NAME_PIECES)


def may_name(text: str) -> bool:
    """Whether a folded text may have a name at all; cheap."""
    return bool(_PIECES.find_matches_as_indexes(text))


def names_in(text: str) -> list[Name]:
    """Every name in folded text, in order, none overlapping."""
    taken = [False] * (len(text) + 1)
    found = [*_benchmarks(text, taken), *_subjects(text, taken)]
    family = next((name.text.split()[1] for name in found if name.text.startswith("DeepSeek V")), "")
    if family:
        found += [
            Name(start=m.start(), end=m.end(), text=f"DeepSeek {family} {m[1].capitalize()}", kind="model")
            for m in _free(_SHORT, text, taken)
        ]
    if any(name.text.startswith("Ascend 9") for name in found):
        found += [
            Name(start=m.start(), end=m.end(), text=f"Ascend {m[1]}", kind="chip")
            for m in _free(_BARE_ASCEND, text, taken)
        ]
    return sorted(found, key=lambda name: name.start)


def _subjects(text: str, taken: list[bool]) -> Iterator[Name]:
    for pattern, kind, build in _SUBJECT_PATTERNS:
        for match in _free(pattern, text, taken):
            yield Name(start=match.start(), end=match.end(), text=build(match), kind=kind)


def _benchmarks(text: str, taken: list[bool]) -> Iterator[Name]:
    for pattern, name, unit in _BENCHMARK_PATTERNS:
        for match in _free(pattern, text, taken):
            dated = _DATED.fullmatch(match[0])
            label = name or _SPELLED[match[0].replace("-", "")]
            if dated:
                label = f"AIME {dated[2]}" if dated[1] else f"MRCR {dated[4]}"
            yield Name(start=match.start(), end=match.end(), text=label, kind="benchmark", unit=unit)


def _free(pattern: re.Pattern[str], text: str, taken: list[bool]) -> Iterator[re.Match[str]]:
    for match in pattern.finditer(text):
        if not any(taken[match.start() : match.end()]):
            taken[match.start() : match.end()] = [True] * (match.end() - match.start())
            yield match
