"""Names that a figure can be about, found in folded text and written one way: chips, systems, models, benchmarks."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

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


def _upper(match: re.Match[str]) -> str:
    return match[1].upper()


def _says(text: str) -> _Build:
    return lambda match: text


_POD = r"\s?-?(?:superpod|supernode|supercluster|超节点)"
_VARIANT = r"(?:[\s-]?(pro|flash|lite|speciale|exp|terminus|max))?"
#: In order: an earlier pattern takes the characters from a later one.
_SUBJECTS: tuple[tuple[str, str, _Build], ...] = (
    (rf"{_L}atlas\s?(\d{{3}}){_POD}", "chip", lambda m: f"Atlas {m[1]} SuperPoD"),
    (rf"{_L}atlas\s?(\d{{3}})([a-z]\d?)?{_R}", "chip", lambda m: f"Atlas {m[1]}{(m[2] or '').upper()}"),
    (r"cloudmatrix\s?(\d{3})", "chip", lambda m: f"CloudMatrix {m[1]}"),
    (rf"(?:ascend|昇腾)[\s-]?(\d{{3}})(?:-?([a-z]{{1,2}}))?(?:s)?{_R}", "chip", _ascend),
    (rf"{_L}(9[1-9]0)-?(pr|dt|to|[a-d])s?{_R}", "chip", _ascend),
    (rf"{_L}(9[1-9]0)(?=\s?系列|'s){_R}()", "chip", _ascend),
    (rf"{_L}(gb[23]00)[\s-]?(nvl\d+){_R}", "chip", lambda m: f"{m[1]} {m[2]}".upper()),
    (rf"{_L}nvl72{_R}", "chip", _says("GB200 NVL72")),
    (rf"{_L}(nvl\d+){_R}", "chip", _upper),
    (rf"{_L}(h20e?|h[128]00|a[18]00|a40|l40s?|l20|b[12]00|b30a|b300|b40|gb[123]00|gh200)s?{_R}", "chip", _upper),
    (rf"{_L}rtx\s?pro\s?(\d{{4}}d?){_R}", "chip", lambda m: f"RTX Pro {m[1].upper()}"),
    (rf"{_L}(?:rtx\s?)?([45]090d?){_R}", "chip", lambda m: f"RTX {m[1].upper()}"),
    (rf"{_L}(mi\d{{3}}[xp]?){_R}", "chip", _upper),
    (rf"{_L}vera rubin{_R}", "chip", _says("Vera Rubin")),
    (rf"{_L}(blackwell ultra|blackwell|hopper|rubin){_R}", "chip", lambda m: m[1].title()),
    (rf"{_L}tpu\s?(v\d+[a-z]?){_R}", "chip", lambda m: f"TPU {m[1]}"),
    (rf"{_L}trainium\s?(\d){_R}", "chip", lambda m: f"Trainium{m[1]}"),
    (rf"{_L}gaudi\s?(\d){_R}", "chip", lambda m: f"Gaudi {m[1]}"),
    (rf"{_L}(jotunn8|rhea[12]|europa|titania|metis|cinco ranch){_R}", "chip", lambda m: m[1].title()),
    (rf"(?:xuantie|玄铁)\s?(c\d{{3}}){_R}", "chip", lambda m: f"XuanTie {m[1].upper()}"),
    (rf"(?:kunlun|昆仑芯)\s?([mp]\d{{3,4}}){_R}", "chip", lambda m: f"Kunlun {m[1].upper()}"),
    (rf"(?:siyuan|思元|mlu)\s?(\d{{3}}){_R}", "chip", lambda m: f"MLU{m[1]}"),
    (rf"{_L}(br1\d\d|bi-v\d+|mtt s\d+|c5\d0|zixiao){_R}", "chip", _upper),
    (rf"(?:深度求索|deepseek)[\s-]?(v\d(?:\.\d)?|r\d){_VARIANT}(?:-\d{{4}})?{_R}", "model", _deepseek),
    (rf"{_L}(v[345](?:\.\d)?|r[12]){_VARIANT}(?:-\d{{4}})?{_R}", "model", _deepseek),
    (rf"{_L}(?:claude\s)?(opus|sonnet|haiku)\s(\d(?:\.\d)?){_R}", "model", lambda m: f"Claude {m[1].title()} {m[2]}"),
    (rf"{_L}gpt[\s-]?(\d(?:\.\d)?)(?:[\s-](mini|nano|pro|codex))?{_R}", "model", _gpt),
    (rf"{_L}gemini\s(\d(?:\.\d)?)(?:\s(pro|flash|ultra))?{_R}", "model", _sized("Gemini")),
    (rf"{_L}(?:kimi[\s-]?)?(k2(?:\.\d)?|k3){_R}", "model", _sized("Kimi")),
    (rf"{_L}qwen[\s-]?(\d(?:\.\d)?)(?:-(\d+b(?:-a\d+b)?|max|plus|coder))?{_R}", "model", _sized("Qwen", joint="")),
    (rf"{_L}glm[\s-]?(\d(?:\.\d)?){_R}", "model", lambda m: f"GLM-{m[1]}"),
    (rf"{_L}grok[\s-]?(\d(?:\.\d+)?){_R}", "model", _sized("Grok")),
    (rf"{_L}minimax[\s-]?(m\d(?:\.\d)?){_R}", "model", _sized("MiniMax")),
    (rf"{_L}gemma[\s-]?(\d)(?:[\s-](\d+b))?{_R}", "model", _sized("Gemma")),
    (r"(?:pangu|盘古)\s?pro\s?moe", "model", _says("Pangu Pro MoE")),
    (r"(?:pangu|盘古)\s?(?:ultra)?\s?moe", "model", _says("Pangu Ultra MoE")),
    (rf"{_L}llama\s?(\d(?:\.\d)?)\s?-?(\d+b)?{_R}", "workload", _sized("Llama")),
)  # fmt: skip
_AA_INDEX = "Artificial Analysis Intelligence Index"
_BENCHMARKS: tuple[tuple[str, str, str], ...] = (
    (r"swe-?bench[\s-]pro", "SWE-bench Pro", "%"),
    (r"swe-?bench(?:[\s-]verified)?", "SWE-bench Verified", "%"),
    (r"terminal-?bench(?:\s?2\.0)?", "Terminal-Bench 2.0", "%"),
    (r"gpqa(?:[\s-]diamond)?", "GPQA Diamond", "points"),
    (r"mmlu[\s-]pro", "MMLU-Pro", "points"),
    (r"mmlu", "MMLU", "points"),
    (r"livecodebench(?:\s?v\d)?", "LiveCodeBench", "points"),
    (r"aime(?:\s?(?:20)\d\d)?", "AIME", "points"),
    (r"humaneval", "HumanEval", "%"),
    (r"(?:humanity's last exam|(?<![a-z])hle(?![a-z]))", "HLE", "%"),
    (r"frontiermath", "FrontierMath", "%"),
    (r"codeforces(?:\s?(?:rating|评分|分数))?", "Codeforces rating", "points"),
    (r"(?:artificial analysis\s?(?:intelligence index|智能指数)|intelligence index)", _AA_INDEX, "points"),
    (r"artificial analysis(?!\s?(?:measured|found|said))", _AA_INDEX, "points"),
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
    (r"code arena", "Code Arena score", "points"),
    (r"(?:lm\s?arena|chatbot arena)", "LMArena score", "points"),
    (r"specrate\s?2017_int_base", "SPECrate2017_int_base", "points"),
    (r"spec\s?int\s?2006", "SPECint2006", "points"),
    (r"(?<![a-z])mfu(?![a-z])", "MFU", "%"),
)  # fmt: skip
_SUBJECT_PATTERNS = tuple((re.compile(pattern), kind, build) for pattern, kind, build in _SUBJECTS)
_BENCHMARK_PATTERNS = tuple((re.compile(pattern), name, unit) for pattern, name, unit in _BENCHMARKS)
#: Benchmarks whose year or size is part of their name.
_DATED = re.compile(r"(aime)\s?((?:20)\d\d)|(mrcr)\s?(\d-needle)")
#: "Pro" and "Flash" alone stand for the variants of the model that the text names.
_SHORT = re.compile(rf"{_L}(pro|flash){_R}")


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
    return sorted(found, key=lambda name: name.start)


def _subjects(text: str, taken: list[bool]) -> Iterator[Name]:
    for pattern, kind, build in _SUBJECT_PATTERNS:
        for match in _free(pattern, text, taken):
            yield Name(start=match.start(), end=match.end(), text=build(match), kind=kind)


def _benchmarks(text: str, taken: list[bool]) -> Iterator[Name]:
    for pattern, name, unit in _BENCHMARK_PATTERNS:
        for match in _free(pattern, text, taken):
            dated = _DATED.fullmatch(match[0])
            label = name
            if dated:
                label = f"AIME {dated[2]}" if dated[1] else f"MRCR {dated[4]}"
            yield Name(start=match.start(), end=match.end(), text=label, kind="benchmark", unit=unit)


def _free(pattern: re.Pattern[str], text: str, taken: list[bool]) -> Iterator[re.Match[str]]:
    for match in pattern.finditer(text):
        if not any(taken[match.start() : match.end()]):
            taken[match.start() : match.end()] = [True] * (match.end() - match.start())
            yield match
