"""Comparisons: "60% of the H100", "2.8x the performance of", "twice", 是H20的2.87倍, 比H20高约23%, 较910B翻倍."""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from bot.judgement.claims_names import Name
from bot.judgement.claims_numbers import PRECISION, SHARES, ZH_TENTHS, number, precision_near
from bot.judgement.claims_shapes import (
    COUNTS,
    FOIS,
    MAL,
    MASKED,
    NUMBER,
    PER_CENT,
    SHAPES,
    ZH_ABOUT,
    ZH_TENTH,
)
from bot.judgement.claims_subjects import BUILT_OF, is_negated
from bot.judgement.screen import Screen
from bot.judgement.text import overlaps
from bot.model import Claim

Found = list[tuple[int, int, Claim]]

_ZH_COUNTS = {digit: float(count) for count, digit in enumerate("一二三四五六七八九十", 1)} | {"两": 2.0}
_WORDS = {
    **{word: float(count) for count, word in enumerate(COUNTS, 2)},
    **{word: float(count) for count, word in enumerate(FOIS, 2)},
    **{word: float(count) for count, word in enumerate(MAL, 2)},
    **SHARES,
    "quadruple": 4.0,
    "quadruples": 4.0,
    "one and a half": 1.5,
    "two and a half": 2.5,
    "一半": 50.0,
    "two-thirds": 66.7,
    "three-quarters": 75.0,
    "twice": 2.0,
    "double": 2.0,
    "doubles": 2.0,
    "triple": 3.0,
    "triples": 3.0,
}
#: What a comparison is not about: prices, sales, yields and the like.
_NOT = re.compile(
    r"price|cost(?!s \d)|(?<![a-z])tpp(?![a-z])|total processing|yuan|\$|revenue|sales|shares?\b"
    r"|per (?:dollar|joule)|tokens/joule|训练数据|数据量|参数|语料|(?<!energy[- ])(?<!power[- ])efficien|效率|性价比"
    r"|\bjetons|(?<!output )tokens (?:of|than)|orders?\b|units|output(?! tokens)|yield|tariff|larger|smaller|bigger"
    r"|cheaper|规模|体量|价|售|营收|收入|订单|良率|产量|出货|成本|市值|股|关税"
)
#: "Under 45% of a Rubin in FP4"
_BARE = re.compile(r"\d[\d.,]*\s?(?:%|percent|x|×|times) (?:of )?(?:an? |the |nvidia's |amd's )*\x00\d+\x00")
_IN_FORMAT = re.compile(r" (?:in|at) (?:dense )?(?:(?:nv|mx)?fp\d+|bf16|int8)\b")
#: "$24,000. That is 15% more than the 950DT and 60% of the street price of an H200".
_MORE_THAN = re.compile(r"\d[\d.]*\s?(?:%|percent) more than (?:the |an? )?")
_SOLD = re.compile(r"price|\bcosts?\b|\$|yuan")
_SCREEN = Screen(pieces.split() for pieces, _, _ in SHAPES)
#: Beside a comparison: "27% of V3.2's FLOPs per token and 10% of its KV cache", "1.7x the compute of X at 4.1x the
#: power".
_DIGITS = r"\d[\d,]*(?:\.\d+)?"
_OF_ITS = re.compile(
    rf"(?:(?<![\w.])(?P<en_by>{_DIGITS})\s?(?P<unit>%|percent|x|times) (?:(?:of )?(?:its|the)|more|higher)"
    r"|(?P<word>a third|a quarter|a fifth|a tenth|half) (?:of )?(?:its|the)) "
    r"(?:dense )?(?:(?P<precision>fp\d+|bf16|int8) )?(?:per-token )?"
    r"(?P<what>kv cache|(?:memory )?bandwidth|flops|comput(?:e|ing power)|power|memory|throughput)\b"
    rf"|(?P<zh>算力|性能|能效|互联带宽|带宽|功耗|显存|内存)(?:约?为|是|达)?(?:后者|其)的?\s?{ZH_ABOUT}\s?(?P<zh_by>{_DIGITS})\s?(?P<zh_unit>倍|%)"
    r"|(?P<doubled>算力|性能|能效|互联带宽|带宽|功耗|(?:hbm|显存|内存)(?:容量)?)(?:则|也|更|还|又|直接)*(?P<by>翻了?一?[倍番])"
)
_ITS = {
    "kv cache": "KV cache",
    "memory bandwidth": "memory bandwidth",
    "bandwidth": "memory bandwidth",
    "compute": "compute",
    "computing power": "compute",
    "power": "power",
    "memory": "HBM capacity",
    "throughput": "throughput",
    "算力": "compute",
    "性能": "performance",
    "能效": "energy efficiency",
    "互联带宽": "interconnect bandwidth",
    "带宽": "memory bandwidth",
    "功耗": "power",
    "显存": "HBM capacity",
    "内存": "HBM capacity",
}
#: "At $16,000, 20% above": a comparison right behind a price is of prices.
_PRICED = re.compile(r"[$€¥]\s?\d[\d.,]*(?: \w+)?,? $|\d(?: yuan|万?元),?\s?$")
#: SPECint2017 9.7分，达到酷睿i5-12400的83%: a share of the other's score, not that score.
_REACHES = re.compile(r"(?:达到?|相当于|约为)\s?$")
_SET_AGAINST = re.compile(
    r"\b(?:above|below|under|over|than|past|beyond|behind|against|versus|to|from"
    r"|short of|ahead of|passing|beating) the $"
)
#: 训练数据50万亿token，是Qwen3的1.4倍
_MUCH = re.compile(r"(?:数据|参数)[^，。,]*[，,]\s?约?[是为]$")
#: "Its context window is 2 million tokens, four times that of Qwen3.5"
_LENGTH = re.compile(r"context|window|parameter|\bprice|\bcosts?\b")
#: "15% of H20 and MI308 revenue"
_AND_OTHER = re.compile(r"\s(?:and|or)\s\x00\d+\x00(.{0,16})")
#: 约为A100的80%，个别场景反超20%: in some it reaches 120%.
_AHEAD_IN_SOME = re.compile(
    r"[,，](?:但|而|且)?(?:个别|部分|少数|某些|有些|在?[\u4e00-\u9fff]{1,6}(?:上|中|里))[\u4e00-\u9fff]{0,6}?反超(?:约|近|达)?\s?"
    r"(\d+(?:\.\d+)?)\s?%"
)
#: “性能为H200的1.3倍”应为1.03倍: a correction.
_SHOULD_BE = re.compile(r"[”\"」』,，]\s?应为\s?(\d+(?:\.\d+)?)\s?(倍|%)")
#: "Within 5% of X": a distance.
_WITHIN = re.compile(r"\bwithin (?:about |some )?$")
#: "On 8x H200": how many, not how much.
_BOX = re.compile(r"\s\d|\s?(?:systems?|servers?|nodes?|box|machine|cluster|rack|cards?|gpus?)\b")
_COUNTED = re.compile(r"\b(?:on|with|using|across|via|of|per|an?)\s$")
#: Shapes whose first group is what is compared with; of the others it is the third.
_NAME_FIRST = ("by", "byx", "zx", "z%")
#: 81% of peak FP8, 达到标称算力的八成: what a chip reaches of its own rating.
_OF_PEAK = re.compile(
    rf"{NUMBER}{PER_CENT} (?:of|de|du|des|der) (?:its |the |their |sa )?(?:theoretical |rated "
    rf"|nominal )?(?:peak|rated|nominal|theoretical|advertised|pic\b|spitzen|valeur nominale)"
    rf"|(?:标称|理论|峰值|额定)[\u4e00-\u9fff]{{0,4}}?的?\s?{ZH_ABOUT}\s?(?:{NUMBER}\s?%|{ZH_TENTH}成)"
    # FP8算力发挥接近九成
    rf"|(?:算力|带宽)(?:发挥|兑现)(?:出|到|了|率)?{ZH_ABOUT}(?:接近)?\s?(?:{NUMBER}\s?%|{ZH_TENTH}成)"
)


def relations_in(sentence: str, names: Sequence[Name], main: str, *, chip: str, mlperf: bool) -> Found:
    """The comparisons of one sentence as claims, with where each stands. ``chip``: what the text is about, of chips;
    ``mlperf``: it tells MLPerf results."""
    named = any(name.kind in ("chip", "model") for name in names)
    possible = _SCREEN.possible(sentence) if named else ()
    of_peak = "%" in sentence or "percent" in sentence or "成" in sentence
    if not possible and not of_peak:
        return []
    masked, places = _masked(sentence, names)
    found: Found = []
    covered: list[tuple[int, int]] = []
    matches = _matches(masked, possible)
    compared = frozenset(int(match[1 if shape in _NAME_FIRST else 3]) for match, shape in matches)
    for match, shape in matches:
        span = (match.start(), match.end())
        if overlaps(*span, covered):
            continue
        claim = None if is_negated(masked, span[0]) else _claim(masked, match, shape, names, main, compared)
        if claim is not None and chip and _of_chips(claim, names):
            claim = replace(claim, subject=chip) if chip != claim.relative_to else None
        if claim is not None and claim.subject in BUILT_OF and _PER_CHIP.match(masked, match.end()):
            claim = replace(claim, subject=BUILT_OF[claim.subject])
        if claim is not None and claim.metric == "performance":
            within = range(places[match.start()], places[match.end()])
            scored = next(
                (name.text for name in names if name.kind == "benchmark" and name.start in within), ""
            )
            claim = replace(claim, metric=scored or "performance")
        if claim is not None and claim.metric == "performance" and _ITS_FORMAT.match(masked, match.end()):
            claim = replace(claim, metric="compute")
        if (
            claim is not None
            and claim.metric == "performance"
            and "'s" in masked[match.end() : match.end() + 3]
        ):
            claim = replace(claim, metric=_score_of(places[match.end()], names))
        if claim is not None:
            if mlperf:
                by_time = _TIME.search(_clause(masked, match, before=30, after=20)) is not None
                claim = replace(claim, metric="MLPerf training time" if by_time else "MLPerf performance")
            covered.append(span)
            found.append((places[match.start()], places[match.end()], claim))
    if found:
        last = found[-1][2]
        ahead = (
            _AHEAD_IN_SOME.match(sentence, found[-1][1]) if "反超" in sentence and last.unit == "%" else None
        )
        if ahead:
            more = replace(last, value=100 + number(ahead[1]), value_max=None)
            found.append((ahead.start(1), ahead.end(), more))
        for match in _SHOULD_BE.finditer(sentence, found[-1][1]) if "应为" in sentence else ():
            if (match[2] == "倍") == (last.unit == "x"):
                found.append(
                    (match.start(1), match.end(), replace(last, value=number(match[1]), value_max=None))
                )
        found += [
            (places[match.start()], places[match.end()], _of_its(match, last, names))
            for match in _OF_ITS.finditer(masked)
            if not overlaps(match.start(), match.end(), covered)
        ]
    for match in _OF_PEAK.finditer(masked) if of_peak else ():
        subject = _subject(masked, match, names, main, "", compared)
        if subject and not overlaps(match.start(), match.end(), covered):
            amount = next(group for group in match.groups() if group)
            claim = Claim(
                subject=subject,
                metric=_of_peak(masked, match),
                value=_value(amount),
                unit="%",
                precision=precision_near(masked, match.start(), match.end()),
                relative_to="peak",
            )
            found.append((places[match.start()], places[match.end()], claim))
    return found


#: "Doubles Rubin Ultra's FP4"
_ITS_FORMAT = re.compile(
    r"'s (?:dense )?(?:(?:nv|mx)?fp\d+|bf16|int8)(?=[\s.,;:]|$)(?! (?:throughput|training|inference))"
)
#: "70 percent of an H200 per chip", in a text on a system.
_PER_CHIP = re.compile(r",? (?:per|chip for) (?:chip|card|npu|processor)\b")
_TIME = re.compile(r"时长|耗时|用时|\bas long\b|\btime\b")
#: "1.6x an H20 but only 71% of an H200": what the second is of, the first said.
_GOES_ON = re.compile(
    r"\s?[,，、]?\s?(?:and|but|yet|though|while|则|却|但|而|也|并|且)?\s?"
    r"(?:only|just|about|still|or|reaches|达到?|只有|仅为?|约?为|是|相当于|约)?\s?"
)


def chained(
    sentence: str, found: Sequence[tuple[int, Claim]], spans: Sequence[tuple[int, int]]
) -> list[tuple[int, Claim]]:
    """The comparisons ``found`` at ``spans``: one that says not of what goes on about what the one before it said."""
    out: list[tuple[int, Claim]] = []
    last: tuple[int, Claim] | None = None
    for (at, claim), (_, stop) in sorted(zip(found, spans, strict=True), key=lambda pair: pair[1]):
        if (
            last
            and claim.metric == "performance"
            and claim.subject == last[1].subject
            and _GOES_ON.fullmatch(sentence, last[0], at)
        ):
            claim = replace(claim, metric=last[1].metric)
        out.append((at, claim))
        last = (stop, claim)
    return out


_AFTER_PEAK = re.compile(
    r"(?:\s(?:theoretical|rated|nominal|memory|hbm))* bandwidth|[\u4e00-\u9fff]{0,4}带宽"
)
_BANDWIDTH = re.compile(r"带宽[^,，。;；]{0,8}$|bandwidth (?!and )[^,.;]{0,14}$")


def _of_peak(masked: str, match: re.Match[str]) -> str:
    at = match.start()
    if _BANDWIDTH.search(masked, max(0, at - 16), at) or _AFTER_PEAK.match(masked, match.end()):
        return "memory bandwidth"
    if "hpl" in masked or "linpack" in masked:
        return "HPL efficiency"
    return "DGEMM throughput" if "dgemm" in masked else "throughput"


def _score_of(at: int, names: Sequence[Name]) -> str:
    """ "Doubles Rhea1's SPECrate2017_int_base": the benchmark right behind a name, else the performance."""
    return next(
        (name.text for name in names if name.kind == "benchmark" and 2 <= name.start - at <= 4), "performance"
    )


def _of_chips(claim: Claim, names: Sequence[Name]) -> bool:
    """Whether a model was taken for what is compared with a chip: "with V4-Pro it serves 0.61x of a B200"."""
    kinds = {name.text: name.kind for name in names}
    return kinds.get(claim.subject, "model") == "model" and kinds.get(claim.relative_to or "") == "chip"


def _of_its(match: re.Match[str], beside: Claim, names: Sequence[Name]) -> Claim:
    of_model = any(name.text == beside.subject and name.kind == "model" for name in names)
    said = (match["what"] or match["zh"] or match["doubled"]).removesuffix("容量").replace("hbm", "显存")
    metric = _ITS.get(said) or ("per-token FLOPs" if of_model else "compute")
    if of_model and metric == "HBM capacity":
        metric = "memory"
    amount = match["word"] or match["by"] or match["en_by"] or match["zh_by"]
    return replace(
        beside,
        metric=metric,
        value=_value(amount),
        value_max=None,
        unit="x" if match["by"] or (match["unit"] or match["zh_unit"]) in ("x", "times", "倍") else "%",
        precision=match["precision"].upper() if match["precision"] else None,
    )


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


@cache  # a text has a few of them: to compile them all takes a tenth of a second
def _pattern(index: int) -> re.Pattern[str]:
    return re.compile(SHAPES[index][1])


def _matches(masked: str, possible: Sequence[int]) -> list[tuple[re.Match[str], str]]:
    """All comparisons of the sentence with their shapes, those of an earlier pattern first."""
    return [(match, SHAPES[index][2]) for index in possible for match in _pattern(index).finditer(masked)]


def _claim(
    masked: str, match: re.Match[str], shape: str, names: Sequence[Name], main: str, compared: frozenset[int]
) -> Claim | None:
    first, second, third = match[1], match[2], match[3]
    if shape in _NAME_FIRST:
        other, amount, top = names[int(first)], second, third
    else:
        other, amount, top = names[int(third)], first, second
    subject = _subject(masked, match, names, main, other.text, compared)
    before, told, behind = _clause(masked, match, before=30, after=25).partition(match[0])
    near = (
        before + told + behind.partition("、")[0]
    )  # 性能高四成、能效是其3倍: what is listed next is another's affair
    if _MORE_THAN.fullmatch(match[0].split("\x00")[0]) and _SOLD.search(masked):
        return None
    if not subject or subject == other.text or _NOT.search(near):
        return None
    # 低于Gemini的44.4%: beside a benchmark's name this is the other's score.
    scored = next((name for name in reversed(names) if name.kind == "benchmark"), None)
    reached = _REACHES.search(masked, max(0, match.start() - 6), match.start()) is not None
    if shape == "z%" and masked[match.end(1) + 1] == "的" and scored and not reached and amount[0].isdigit():
        return None
    # "A hair above the 57.7% of GPT-5.4": so it is in English.
    if shape == "%" and scored and _SET_AGAINST.search(masked, max(0, match.start() - 20), match.start()):
        return None
    if "that of" in match[0] and _LENGTH.search(masked, max(0, match.start() - 60), match.start()):
        return None
    if _MUCH.search(masked, max(0, match.start() - 30), match.start()):
        return None
    unit = "x" if shape.endswith("x") else "%"
    shared = _AND_OTHER.match(masked, match.end())
    if shared and _NOT.search(shared[1]):
        return None
    if _WITHIN.search(masked[: match.start()]):
        return None
    bare = (
        shape == "x"
        and amount.isdecimal()
        and re.fullmatch(r"\s?[x×]\s", masked[match.end(1) : match.start(3) - 1])
    )
    if bare and (_COUNTED.search(masked[: match.start()]) or _BOX.match(masked, match.end())):
        return None
    value = _ZH_COUNTS[amount] if unit == "x" and amount in _ZH_COUNTS else _value(amount)
    if (
        amount in ZH_TENTHS
        and match[0].endswith("成")
        and masked[match.end() : match.end() + 1] in ("五", "半")
    ):
        value += 5  # 七成五
    metric = _metric(masked, match, of_model=other.kind == "model")
    if metric == "performance" and scored and (reached or (shape == "z%" and amount in ZH_TENTHS)):
        metric = scored.text
    if metric == "performance" and _BARE.fullmatch(match[0]) and _IN_FORMAT.match(masked, match.end()):
        metric = "compute"
    if metric == "performance" and _PRICED.search(masked, max(0, match.start() - 16), match.start()):
        return None
    return Claim(
        subject=subject,
        metric=metric,
        value=value,
        unit=unit,
        precision=_precision(masked, match),
        relative_to=other.text,
        value_max=float(top) if top else None,
    )


_CUT_AFTER = re.compile(r"[,，;；。:：]|\band\b|\bbut\b| at (?=\d)")
_CUT = re.compile(r"[,，;；。:：]|\band\b|\bbut\b")


def _clause(masked: str, match: re.Match[str], *, before: int, after: int) -> str:
    """The match with the words around it that belong to its clause."""
    left = _CUT.split(masked[max(0, match.start() - before) : match.start()])[-1]
    return left + match[0] + _CUT_AFTER.split(masked[match.end() : match.end() + after])[0]


def _value(amount: str) -> float:
    amount = amount.replace("-", " ") if amount.replace("-", " ") in _WORDS else amount
    if amount in ZH_TENTHS:
        return ZH_TENTHS[amount]
    if "分之" in amount:
        whole, part = amount.split("分之")
        return round(100 * _ZH_COUNTS[part] / _ZH_COUNTS[whole], 1)
    if amount in _WORDS:
        return _WORDS[amount]
    if amount[0] == "翻" or amount.startswith("提升"):
        return 2.0
    return number(amount)


def _subject(
    masked: str, match: re.Match[str], names: Sequence[Name], main: str, other: str, compared: frozenset[int]
) -> str:
    stand = [int(index) for index in re.findall(MASKED, masked[: match.start()])]
    before = [index for index in stand if index not in compared] or ([] if main and main != other else stand)
    kind = next((name.kind for name in names if name.text == other), "")
    subjects = [names[index].text for index in before if names[index].text != other]
    # A chip is compared with a chip: "the 910C reaches 1.2 times an H20 on DeepSeek V4".
    subjects = [
        names[index].text for index in before if names[index].text != other and names[index].kind == kind
    ] or subjects
    if subjects:
        # "launches Atlas 350 with Ascend 950PR, claims 2.8x": the first is what the sentence is about.
        parts = re.search(rf"{MASKED}\s(?:with|using)\s[^\x00]*{MASKED}[^\x00]*$", masked[: match.start()])
        return subjects[0] if parts else subjects[-1]
    # 与H20相比，昆仑芯M100的解码吞吐高出15%
    inside = [names[int(index)].text for index in re.findall(MASKED, match[0])]
    if len(inside) > 1 and inside[-1] != other:
        return inside[-1]
    later = [names[int(index)].text for index in re.findall(MASKED, masked[match.end() :])]
    return main if main and main != other else next((text for text in later if text != other), "")


#: What a comparison is of, by the words of its clause, in order.
_METRICS = tuple(
    (re.compile(pattern), metric)
    for pattern, metric in (
        (r"(?<!throughput )per watt", "performance per watt"),
        (r"per watt|(?:energy|power)[- ]efficien|能效|每瓦", "energy efficiency"),
        (r"output tokens", "output tokens"),
        (r"gemm", "GEMM throughput"),
        (r"\b(?:in|on) stream\b", "STREAM"),
        (r"\bhpl\b(?! efficiency)|linpack", "HPL"),
        (r"\bhpcg\b", "HPCG"),
        (r"first[- ]token|\bttft\b|首\s?(?:token|词元|字)", "TTFT"),
        (r"\btpot\b|per output token", "TPOT"),
        (r"解码|decode", "decode throughput"),
        (r"training throughput|训练吞吐", "training throughput"),
        (r"prefill|预填充", "prefill throughput"),
        (r"per-token flops|flops per token|单token", "per-token FLOPs"),
        (r"kv cache|kv缓存", "KV cache"),
        (
            r"training (?:performance|speed|throughput|of)|(?:for|in|at) (?:[\w-]+ ){0,2}(?:pre-?)?training"
            r"|\btrains\b|训练性能"
            r"|训练(?=则|方面|上|不到|约|为)",
            "training performance",
        ),
        (r"inference throughput|推理吞吐", "inference throughput"),
        (
            r"inference performance|inference (?:is|of|speed|runs)|speed (?:at|in) inference|\bat inference"
            r"|run(?:s|ning)? inference"
            r"|推論|(?:in|for) (?:[\w.]+ ){0,3}inference"
            r"|推理|carrier test",
            "inference performance",
        ),
        (r"\blatency\b|时延|延迟", "latency"),
        (r"power per token", "power per token"),
        (r"互联|互连|interconnect|nvlink", "interconnect bandwidth"),
        (r"带宽|bandwidth", "memory bandwidth"),
        (r"跑\x00\d+\x00比", "inference performance"),
        (r"the power of|功耗|power draw|(?:more|less|times the) (?:power|energy)\b(?! efficien)", "power"),
        (r"the (?:dense )?(?:(?:nv)?fp\d+|bf16|int8) of|comput(?:e|ing)|算力|flops|rate\b", "compute"),
        (r"memory|显存|内存", "HBM capacity"),
        (
            r"throughput|吞吐|images (?:per second|/s)|tokens (?:per second|/s)|\bdebit\b|\bserve[sd]?\b",
            "throughput",
        ),
    )
)


#: "In training, the MTT S5000 gets to 70% of": what the whole sentence is of.
_HEAD = re.compile(r"\s*(?:in|for|at) (?:\w+ )?(training|inference|decode|decoding|prefill),")
_HEADS = {
    "training": "training performance",
    "inference": "inference performance",
    "prefill": "prefill throughput",
}


def _metric(masked: str, match: re.Match[str], *, of_model: bool) -> str:
    near = masked[max(0, match.start() - 40) : match.end() + 40]
    left, told, right = _clause(masked, match, before=56, after=36).partition(match[0])
    inside = left + told + right.partition("、")[0]  # what is listed next is another's affair
    for pattern, metric in _METRICS:
        if pattern.search(inside) or (metric == "inference performance" and pattern.search(near)):
            return "per-token FLOPs" if metric == "compute" and of_model and "flops" in inside else metric
    if head := _HEAD.match(masked):
        return _HEADS.get(head[1], "decode throughput")
    return "compute" if "flops" in masked[: match.start()] and "the \x00" in match[0] else "performance"


def _precision(masked: str, match: re.Match[str]) -> str | None:
    found = PRECISION.search(match[0])
    if found and found[1]:
        return found[1].upper()
    return precision_near(masked, match.start(), match.end())
