"""Comparisons: "60% of the H100", "2.8x the performance of", "twice", 是H20的2.87倍, 比H20高约23%, 较910B翻倍."""

import re
from collections.abc import Sequence

from bot.judgement.claims_figures import PRECISION, precision_near
from bot.judgement.claims_names import Name
from bot.model import Claim

Found = list[tuple[int, int, Claim]]

_NUM = r"(\d[\d,]*(?:\.\d+)?)"
_ZH_TENTHS = {digit: 10.0 * tenth for tenth, digit in enumerate("一二三四五六七八九", 1)} | {"两": 20.0}
_COUNTS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_WORDS = {
    **{word: float(count) for count, word in enumerate(_COUNTS, 2)},
    "half": 50.0,
    "twice": 2.0,
    "double": 2.0,
    "doubles": 2.0,
    "triple": 3.0,
    "triples": 3.0,
}
#: What a comparison is not about: prices, sales, yields and the like.
_NOT = re.compile(
    r"price|cost|yuan|\$|revenue|sales|shares?\b|orders?\b|units|output|yield|cheaper|tariff|larger|smaller|bigger"
    r"|价|售|营收|收入|订单|良率|产量|出货|成本|市值|股|关税"
)
_X = r"\x00(\d+)\x00"  # a name, replaced by its number
_DET = r"(?:the |an? |that of (?:the |an? )?|nvidia's |huawei's |nvidia |huawei |英伟达|华为)*"
_PCT = r"\s?(?:%|percent)"
_AROUND = r"(?:about |some |around |roughly |nearly )?"
_OF = r"(?:[\w-]+-way |peak |per-token \w+ of )?"
_AS = r"(?:as \w+ as |faster than |the (?:[\w\s]{0,28}? (?:of|than) )?|more \w+ than |that of )?"
_BEATS = r"(?:beats|outperforms|tops|edges out|leads|ahead of|outpaces)"
_MORE = r"(?:faster|higher|better|more [\w\s]{0,20}?|quicker|stronger)"
_COUNT = rf"({'|'.join(_COUNTS)})"
_ZH_ABOUT = r"(?:约|大约|近)?"
_ZH_OVER = r"(?:比|快过|超过|超|高于|领先)"
_ZH_MORE = rf"(?:高出?|快|强|提升|领先)?{_ZH_ABOUT}"
_ZH_TENTH = "([一两二三四五六七八九])"
#: Shape: ``%``, ``x`` after the amount; ``by`` and ``z`` before it. Groups: amount and end of range, and the name.
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), shape)
    for pattern, shape in (
        # 85 to 95 percent of an A100; 60% of H100 inference performance; 52 percent of an eight-way H200
        (rf"{_NUM}(?:\s?(?:to|-|–)\s?{_NUM})?{_PCT} of {_DET}{_OF}{_DET}{_X}", "%"),
        (rf"{_NUM}(){_PCT} of the (?:per-token flops|kv cache) of {_DET}{_X}", "%"),
        (rf"(half)() the [\w\s]{{0,30}}?of {_DET}{_X}", "%"),
        (rf"about (half)() {_DET}{_X}", "%"),
        # 28 % faster than; beats X by 23%
        (rf"{_NUM}(){_PCT} {_MORE} than {_DET}{_X}", "%"),
        (rf"{_BEATS} {_DET}{_X} by {_AROUND}{_NUM}(){_PCT}", "by"),
        # 2.8x the performance of; 1.2x the H20's; six times as powerful as; twice the performance of
        (rf"{_NUM}()\s?(?:x|times|-fold) {_AS}{_DET}{_X}", "x"),
        (rf"\b{_COUNT}() times (?:as \w+ as |faster than |the [\w\s]{{0,28}}?of ){_DET}{_X}", "x"),
        (rf"\b(twice|double|doubles|triple|triples)() (?:the (?:[\w\s]{{0,28}}?of )?)?{_DET}{_X}", "x"),
        # 是H20的2.87倍; 为H100的六成; 仅为V3.2的10%; 比H20高约23%; 快过H20两成; 较910B翻倍
        (rf"{_X}[^\x00\d，。]{{0,8}}?的\s?{_ZH_ABOUT}\s?{_NUM}()\s?倍", "zx"),
        (rf"{_X}\s?的\s?{_ZH_ABOUT}\s?{_NUM}()\s?%", "z%"),
        (rf"{_X}\s?的\s?{_ZH_ABOUT}\s?{_ZH_TENTH}()成", "z%"),
        (rf"{_ZH_OVER}\s?{_DET}{_X}\s?{_ZH_MORE}\s?{_NUM}()\s?%", "z%"),
        (rf"{_ZH_OVER}\s?{_DET}{_X}\s?{_ZH_MORE}\s?{_ZH_TENTH}()成", "z%"),
        (rf"(?:较|比|相比)\s?{_DET}{_X}[^\x00\d，。]{{0,8}}?(翻倍|翻番|提升一倍)()", "zx"),
    )
)


def relations_in(sentence: str, names: Sequence[Name], main: str) -> Found:
    """The comparisons of one sentence as claims, with where each stands."""
    masked, places = _masked(sentence, names)
    found: Found = []
    covered: list[tuple[int, int]] = []
    for pattern, shape in _PATTERNS:
        for match in pattern.finditer(masked):
            span = (match.start(), match.end())
            if any(start < span[1] and span[0] < end for start, end in covered):
                continue
            claim = _claim(masked, match, shape, names, main)
            if claim is not None:
                covered.append(span)
                found.append((places[match.start()], places[match.end()], claim))
    return found


def _masked(sentence: str, names: Sequence[Name]) -> tuple[str, list[int]]:
    """The sentence with each name as its number, and the place of each of its characters in the sentence."""
    out: list[str] = []
    places: list[int] = []
    at = 0
    for index, name in enumerate(names):
        if name.kind not in ("chip", "model"):
            continue
        mark = f"\x00{index}\x00"
        out.append(sentence[at : name.start])
        places.extend(range(at, name.start))
        out.append(mark)
        places.extend([name.start] * len(mark))
        at = name.end
    out.append(sentence[at:])
    places.extend(range(at, len(sentence) + 1))
    return "".join(out), places


def _claim(masked: str, match: re.Match[str], shape: str, names: Sequence[Name], main: str) -> Claim | None:
    first, second, third = match[1], match[2], match[3]
    if shape in ("by", "zx", "z%"):
        other, amount, top = names[int(first)], second, third
    else:
        other, amount, top = names[int(third)], first, second
    subject = _subject(masked, match, names, main, other)
    near = masked[max(0, match.start() - 30) : match.end() + 25]
    if not subject or subject == other.text or _NOT.search(near):
        return None
    # 低于Gemini的44.4%: beside a benchmark's name this is the other's score.
    if shape == "z%" and masked[match.end(1) + 1] == "的" and any(name.kind == "benchmark" for name in names):
        return None
    unit = "x" if shape.endswith("x") else "%"
    value = _value(amount)
    return Claim(
        subject=subject,
        metric=_metric(masked, match),
        value=value,
        unit=unit,
        precision=_precision(masked, match),
        relative_to=other.text,
        value_max=float(top) if top else None,
    )


def _value(amount: str) -> float:
    if amount in _ZH_TENTHS:
        return _ZH_TENTHS[amount]
    if amount in _WORDS:
        return _WORDS[amount]
    if amount[0] == "翻" or amount.startswith("提升"):
        return 2.0
    return float(amount.replace(",", ""))


def _subject(masked: str, match: re.Match[str], names: Sequence[Name], main: str, other: Name) -> str:
    before = [int(index) for index in re.findall(_X, masked[: match.start()])]
    subjects = [names[index].text for index in before if names[index].text != other.text]
    if subjects:
        # "launches Atlas 350 with Ascend 950PR, claims 2.8x": the first is what the sentence is about.
        parts = re.search(rf"{_X}\s(?:with|using)\s[^\x00]*{_X}[^\x00]*$", masked[: match.start()])
        return subjects[0] if parts else subjects[-1]
    later = [names[int(index)].text for index in re.findall(_X, masked[match.end() :])]
    return main if main and main != other.text else next((text for text in later if text != other.text), "")


def _metric(masked: str, match: re.Match[str]) -> str:
    near = masked[max(0, match.start() - 40) : match.end() + 40]
    inside = masked[max(0, match.start() - 24) : match.end() + 28]
    if "mlperf" in masked:
        return "MLPerf performance"
    for pattern, metric in (
        (r"per-token flops|单token", "per-token FLOPs"),
        (r"kv cache|kv缓存", "KV cache"),
        (r"inference performance|推理性能|carrier test|推理", "inference performance"),
        (r"解码|decode", "decode throughput"),
        (r"training performance|训练性能", "training performance"),
        (r"带宽|bandwidth", "memory bandwidth"),
        (r"the power of|功耗|power draw", "power"),
        (r"compute|算力|flops|rate\b", "compute"),
        (r"throughput|吞吐", "throughput"),
    ):
        if re.search(pattern, inside) or (metric == "inference performance" and re.search(pattern, near)):
            return metric
    return (
        "compute"
        if re.search(r"flops", masked[: match.start()]) and "the \x00" in match[0]
        else "performance"
    )


def _precision(masked: str, match: re.Match[str]) -> str | None:
    found = PRECISION.search(match[0])
    if found and found[1]:
        return found[1].upper()
    return precision_near(masked, match.start(), match.end())
