"""Figures with a unit that says what they measure: compute, bandwidth, memory, power, token rates, latencies."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.judgement.claims_latency import latencies_in
from bot.judgement.claims_memory import memory_in
from bot.judgement.claims_numbers import NUM, Figure, figures_of, number
from bot.judgement.cues import pieces_of
from bot.judgement.screen import Screen

_FLOPS = {"exa": "E", "peta": "P", "tera": "T", "e": "E", "p": "P", "t": "T", "g": "G"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What the whole text says of how was measured, for sentences that do not repeat it.

    ``rate``: which token rate it speaks of, "" when none or several."""

    mlperf: bool
    gemm: bool
    rate: str
    rule: bool  # a rule with thresholds, which are no ratings
    hbm: bool = False  # memory is said to be HBM


_RATES = (
    (re.compile(r"decod|解码"), "decode throughput"),
    (re.compile(r"prefill(?!\w* (?:is|still|was|remains|takes))|预填充"), "prefill throughput"),
    (re.compile(r"(?<![a-z])mfu(?![a-z])"), "training throughput"),
)
_RULE = re.compile(
    r"threshold|chips? (?:above|over|exceeding|beyond)\b|超过[^，。]{0,12}的芯片"
    r"|(?<![a-z])tpp(?![a-z])|performance density|eccn|3a090|4a090"
    r"|(?:limit(?:s|ed)?|cap(?:s|ped)?) (?:at|to|of)|门槛|阈值|限值|限制在"
)


_GEMM = re.compile(r"gemm|matmul|matrix multipl|矩阵乘")
_SETTING_SCREEN = Screen(
    [("mlperf",), *(pieces_of(pattern.pattern) for pattern in (*(rate for rate, _ in _RATES), _RULE, _GEMM))]
)
_NO_SETTING = Setting(mlperf=False, gemm=False, rate="", rule=False)
_ONLY_HBM = Setting(mlperf=False, gemm=False, rate="", rule=False, hbm=True)


def setting_of(text: str) -> Setting:
    if not _SETTING_SCREEN.any_possible(text):
        return _ONLY_HBM if "hbm" in text else _NO_SETTING
    rates = [metric for pattern, metric in _RATES if pattern.search(text)]
    return Setting(
        mlperf="mlperf" in text,
        gemm=_GEMM.search(text) is not None,
        rate=rates[0] if len(rates) == 1 else "",
        rule=_RULE.search(text) is not None,
        hbm="hbm" in text,
    )


def figures_in(text: str, setting: Setting) -> list[Figure]:
    """All figures of a folded sentence whose unit, with the words beside it, says what is measured."""
    # Each kind has its piece: most sentences hold none, and substrings are found faster than patterns.
    found: list[Figure] = []
    if "op" in text or "p" in text or "ef" in text or "tf" in text or "亿" in text:
        found += _compute(text)
    if "tok" in text or "t/s" in text or "tps" in text or "词元" in text or "second" in text or "s/s" in text:
        found += _rates(text, setting)
    if "b" in text or "バイト" in text or "ギガ" in text or "o " in text or "o/s" in text or "显存" in text:
        found += memory_in(text, rule=setting.rule)
    if "w" in text or "瓦" in text:
        found += _power(text)
    if (
        "tok" in text
        or "ttft" in text
        or "tpot" in text
        or "latency" in text
        or "首" in text
        or "解码" in text
    ):
        found += latencies_in(text)
    found.sort(key=lambda figure: figure.start)
    return found


_FLOPS_PATTERN = re.compile(
    NUM + r"(?:dense |sparse )?(?:(?:fp\d+|bf16|int\d) )?"
    r"(?:(exa|peta|tera|[eptg])\s?-?(flops?|flop/s|ops)|([ept])f)(?![a-z\d]|\s?(?:/|per |每)\s?[w瓦])"
)
#: 单卡FP4奔着8P去: the unit left to be guessed beside a number format.
_SHORT = re.compile(r"fp\d+(?:算力)?[\u4e00-\u9fff]{0,5}?\s?(\d{1,3}(?:\.\d+)?)(万?)p(?![a-z\d])")
_TIMES_PATTERN = re.compile(
    r"(?:每秒)?(\d[\d,]*(?:\.\d+)?)\s?([十百千]?)(亿亿|万亿|亿)次(?:每秒|双精度|/秒|浮点)?"
)
_SAYS_RATE = re.compile(r"每秒|算力[\u4e00-\u9fff]{0,6}\d")
#: 万亿 is told in tera, 亿亿 in peta, unless that makes thousands of it.
_ZH_TENS = {"": 1, "十": 10, "百": 100, "千": 1000}
_ZH_SIZES = ((("T", 1e12), ("E", 1e18)), (("P", 1e15), ("E", 1e18)))
_OPERATIONS = re.compile(
    r"(?<![\w.])(\d[\d,]*(?:\.\d+)?) (trillion|quadrillion) (?:[\w-]+ ){0,2}operations (?:a|per|each) second"
)
_SIZED_OPERATIONS = {"trillion": "TOPS", "quadrillion": "PFLOPS"}
#: "BF16 1,250 TFLOPS, FP8 2,500, FP4 5,000": the unit is told once.
_NEXT_FORMAT = re.compile(
    r"\s?(?:,|，|、|;|；|and|/)\s?(?:and )?(?:(?:mx|nv)?fp\d+|bf16|int\d)\s?[:：]?\s?"
    r"(\d[\d,]*(?:\.\d+)?)(?=\s?(?:[,，、;；。)]|\.(?!\d)|/|and\b|$))"
)
#: FP16 350T，INT8 700T
_SHORT_TERA = re.compile(
    r"(?:fp\d+|bf16|int\d)(?:算力)?[\u4e00-\u9fff]{0,7}\s?[:：]?\s?(\d{2,4})\s?t(?![a-z\d/])"
)
#: "One petaflop in FP8".
_ONE = re.compile(r"\b(one|two|three|four|five) (peta|exa)flops? (?=(?:in|at|of) (?:(?:nv)?fp|bf|double))")
_COUNTS = {"one": 1.0, "two": 2.0, "three": 3.0, "four": 4.0, "five": 5.0}
#: "5 zettaflops of AI compute in the region": a site, not a chip.
_SITE = re.compile(r"data ?cent(?:er|re)|campus|园区|数据中心|智算中心|gigawatt|\bsites?\b|facilit")


#: "38 GFLOPS per watt", 15 TOPS/W
_PER_WATT = re.compile(NUM + r"(?:(giga|tera|g|t)(flops?|ops))\s?(?:/|per |每)\s?(?:w(?:att)?(?![a-z])|瓦)")


#: 每瓦算力为2.1 TFLOPS
_EACH_WATT = re.compile(
    r"每瓦(?:特)?(?:的)?(?:fp\d+|int8|bf16)?(?:算力|性能)?(?:约?为|达到?|可达|是|约)?\s?$"
)


def _compute(text: str) -> Iterator[Figure]:
    for match in _PER_WATT.finditer(text) if "op" in text and ("w" in text or "瓦" in text) else ():
        unit = f"{match[3][0].upper()}{'OPS' if match[4] == 'ops' else 'FLOPS'}/W"
        yield from figures_of(text, match, "energy efficiency", unit)
    for match in _FLOPS_PATTERN.finditer(text) if "op" in text or "f" in text else ():
        unit = f"{_FLOPS[match[3] or match[5]]}{'OPS' if match[4] == 'ops' else 'FLOPS'}"
        if "每瓦" in text and _EACH_WATT.search(text, 0, match.start()):
            yield from figures_of(text, match, "energy efficiency", f"{unit}/W")
            continue
        yield from figures_of(text, match, "compute", unit)
        end = match.end()
        while following := _NEXT_FORMAT.match(text, end):
            end = following.end()
            value = number(following[1])
            yield Figure(start=following.start(1), end=end, metric="compute", value=value, unit=unit)
    for match in _SHORT_TERA.finditer(text) if "fp" in text or "int8" in text or "bf16" in text else ():
        unit = "TOPS" if match[0].startswith("int") else "TFLOPS"
        yield Figure(
            start=match.start(1), end=match.end(), metric="compute", value=number(match[1]), unit=unit
        )
    for match in _ONE.finditer(text) if "aflop" in text else ():
        unit = f"{_FLOPS[match[2]]}FLOPS"
        yield Figure(
            start=match.start(), end=match.end(), metric="compute", value=_COUNTS[match[1]], unit=unit
        )
    for match in _SHORT.finditer(text) if not text.isascii() else ():
        yield Figure(
            start=match.start(1),
            end=match.end(),
            metric="compute",
            value=number(match[1], match[2]),
            unit="PFLOPS",
        )
    for match in _OPERATIONS.finditer(text) if "operations" in text else ():
        yield Figure(
            start=match.start(),
            end=match.end(),
            metric="compute",
            value=number(match[1]),
            unit=_SIZED_OPERATIONS[match[2]],
        )
    for match in _TIMES_PATTERN.finditer(text) if "亿" in text else ():
        whole = "ops" if "int8" in text else "flops"
        if not _SAYS_RATE.search(text[max(0, match.start() - 12) : match.end() + 3]):
            continue
        value = number(match[1], match[3]) * _ZH_TENS[match[2]]
        letter, size = _ZH_SIZES[match[3] == "亿亿" or match[2] == "千"][value >= 1e18]
        unit = letter + whole.upper()
        yield Figure(
            start=match.start(), end=match.end(), metric="compute", value=round(value / size, 6), unit=unit
        )


_PER_SECOND = (
    r"(?:(?:output |generated )?tokens?"
    r"(?:/s(?:ec(?:ond)?)?| per second| a second| pro sekunde| par seconde|/秒|\s?每秒)"
    r"|tok/s(?:ec)?|toks/s|t/s|tps|词元/秒)"
)
_RATE_PATTERN = re.compile(NUM + r"(万|k|m|million|thousand)?\s?(?:个)?\s?" + _PER_SECOND + r"(?![a-z])")
_RATE_ZH = re.compile(
    r"每秒[\u4e00-\u9fff]{0,5}?\s?(\d[\d,]*(?:\.\d+)?)(?:\s?(?:-|~|至|到)\s?(\d[\d,]*(?:\.\d+)?))?"
    r"\s?(万|k)?\s?(?:个)?\s?(?:tokens?|词元)"
)
_OTHER_RATE = re.compile(
    NUM + r"(images?|samples?|requests?|frames?)(?:/s(?:ec)?| per second| a second)(?![a-z])"
)


def _rates(text: str, setting: Setting) -> Iterator[Figure]:
    for match in [*_RATE_PATTERN.finditer(text), *_RATE_ZH.finditer(text)]:
        if _PER_USER.match(text, match.end()) and _AT.search(text, 0, match.start()):
            continue
        if per_watt := _A_WATT.match(text, match.end()):
            yield Figure(
                start=match.start(),
                end=per_watt.end(),
                metric="energy efficiency",
                value=number(match[1], match[3] or ""),
                unit="tokens/s/W",
            )
            continue
        metric = _rate_metric(text, match.start(), match.end(), setting)
        yield from figures_of(text, match, metric, "tokens/s", match[3] or "")
        if again := _RATE_AGAIN.match(text, match.end()):
            value = number(again["by"])
            yield Figure(
                start=again.start("by"), end=again.end("by"), metric=metric, value=value, unit="tokens/s"
            )
        if other := _OTHER_KIND.match(text, match.end()) or _IN_OTHER.match(text, match.end()):
            kind = "decode" if other["kind"] in ("decode", "decoding", "解码") else "prefill"
            yield Figure(
                start=other.start("by"),
                end=other.end(),
                metric=f"{kind} throughput",
                value=number(other["by"]),
                unit="tokens/s",
            )
    for match in _OTHER_RATE.finditer(text):
        metric = "MLPerf offline throughput" if setting.mlperf and _OFFLINE.search(text) else "throughput"
        yield from figures_of(text, match, metric, f"{match[3].removesuffix('s')}s/s")


#: "17 tokens/s per watt"
_A_WATT = re.compile(r"\s?(?:/|per )\s?w(?:att)?(?![a-z])|\s?(?:/|每)瓦")
#: "At 20 tok/s per user it serves": a condition.
_AT = re.compile(
    r"(?:(?:^|[.,;:\n] ?)|\d ?(?:tok/s|tokens/s|t/s|tokens (?:per|a) second)[^.,;\d]{0,24})at (?:about )?$"
)
_PER_USER = re.compile(r"\s?(?:/|per )user\b(?=[^.;]{0,40}?\d)")
_OFFLINE = re.compile(r"offline|离线")


#: "4.5 t/s on two 4090s, but prefill hits 210": of another rate only the number.
_OTHER_KIND = re.compile(
    r"[^.;。；\d]{0,10}(?:\d{4}s?|\d x)?[^.;。；\d]{0,12}?[,，]\s?(?:but |while |and |但|而)?"
    r"(?P<kind>prefill|prompt processing|decode|预填充|解码)"
    r"(?: is [a-z]+ at| hits| is| reaches| runs at| sits at| gets to| at|只有|仅|为|达|约)\s?(?:about |only |around )?"
    r"(?P<by>\d[\d,]*(?:\.\d+)?)(?=\s?(?:[.;,，。；)]|$|on |at |with ))"
)
#: "6,688 tokens/s per NPU in prefill and 1,943 in decode"
_IN_OTHER = re.compile(
    r"(?: per (?:npu|chip|card|gpu)|/(?:npu|chip|card|gpu))? (?:in|for|during) (?:prefill|decode|decoding),? "
    r"(?:and |but )(?:only |about )?(?P<by>\d[\d,]*(?:\.\d+)?) (?:in|for|during) (?P<kind>prefill|decode|decoding)\b"
)


#: "74 tok/s at Q4, 38 when context fills up", "31 tok/s on the S28 Ultra, 12 on a Pixel 9"
_RATE_AGAIN = re.compile(
    r"(?: (?:at|with|on|in) [^,;.]{1,24})?, (?:and |but |then )?(?:about |only |just )?(?P<by>\d[\d,]*(?:\.\d+)?)"
    r"(?= (?:when|once) | (?:at|with) \d+k\b| on (?:an? |the |my |his )?(?:google |old |older |apple |xiaomi )?"
    r"(?:pixel|iphone|ipad|galaxy|phone|laptop|macbook|oneplus|mate \d))"
)


def _rate_metric(text: str, start: int, end: int, setting: Setting) -> str:
    near = text[max(0, start - 40) : end + 30]
    if setting.mlperf:
        near = text[max(0, start - 40) : end + 48]
        if re.search(r"\bserver\b|服务器场景", near) and not _OFFLINE.search(near):
            return "MLPerf server throughput"
        return "MLPerf offline throughput" if _OFFLINE.search(near) else "MLPerf throughput"
    if (named := _nearest_rate(text, start, end)) is not None:
        return named
    if not setting.rate and _A_CHIP.match(text, end):
        return "throughput"
    if re.search(r"推理吞吐|inference throughput", near):
        return (
            "inference throughput per card"
            if re.search(r"单卡|per card|per chip", near)
            else "inference throughput"
        )
    if re.search(r"吞吐|throughput", near):
        return setting.rate or "throughput"
    # What one card puts out at a given time per token is decoding.
    if re.search(r"(?:单卡|每卡)[^,。]{0,8}输出", near) or (
        "tpot" in text and re.search(r"per (?:card|npu|gpu|chip)", near)
    ):
        return "decode throughput"
    # "4.5 t/s on two 4090s, but prefill hits 210": what a later clause tells of is another rate.
    word = setting.rate.split()[0][:6] if setting.rate else ""
    if word and re.search(rf"[,;，；] ?(?:but |while |而|但)?{word}", text[end : end + 40]):
        return "generation throughput"
    return setting.rate or "generation throughput"


#: "612 tok/s/chip": what a chip puts out of all that it serves.
_A_CHIP = re.compile(r"\s?/\s?(?:chip|gpu|card|npu|accelerator)\b")
_NAMED_RATE = re.compile(
    r"(decod|解码)|(prefill|预填充|prompt (?:processing|eval)|(?<=[/t]s )prompt\b|prompt:? (?=\d)|\bpp\d{3,4}\b)"
    r"|(训练|training|pre-?train)|(\bgenerat|生成|\btg\d{2,4}\b|(?<=[/t]s )(?:gen|tg)\b)"
)
_NAMED_RATES = ("decode throughput", "prefill throughput", "training throughput", "generation throughput")


def _nearest_rate(text: str, start: int, end: int) -> str | None:
    """Which rate is named beside a figure; of several the nearest, one before it before one after it."""
    best: tuple[int, str] | None = None
    for match in _NAMED_RATE.finditer(text, max(0, start - 48), min(len(text), end + 30)):
        if match.end() <= start:
            # A figure in between owns the word before it.
            gap = (
                start
                - match.end()
                + (20 if re.search(r"\d\s?(?:tok|t/s|tps|ms|s)", text[match.end() : start]) else 0)
            )
        else:
            gap = match.start() - end
            # "38 tok/s, prefill is painful": a new clause speaks of something else.
            if re.search(r"[,，、;]", text[end : match.start()]):
                continue
        metric = next(name for group, name in zip(match.groups(), _NAMED_RATES, strict=True) if group)
        if best is None or gap < best[0]:
            best = (gap, metric)
    return best[1] if best else None


_POWER_PATTERN = re.compile(
    NUM + r"(w|kw|mw|watts?|kilowatts?|megawatts?|瓦|千瓦|兆瓦)"
    r"(?![a-z]|\s?(?:power )?(?:cap|limit|psu|supply)|每核| per core)"
)
_POWER_UNIT = {
    "w": "W", "kw": "kW", "mw": "MW", "watt": "W", "watts": "W", "瓦": "W", "千瓦": "kW", "兆瓦": "MW",
    "kilowatt": "kW", "kilowatts": "kW",
    "megawatt": "MW", "megawatts": "MW",
}  # fmt: skip


_IDLE_BEFORE = re.compile(r"(?:\bidle|待机|空载)[^\d,。;]{0,20}$")
_IDLE_AFTER = re.compile(r"\s?(?:at |when )?idle\b")


def _power(text: str) -> Iterator[Figure]:
    for match in _POWER_PATTERN.finditer(text):
        unit = _POWER_UNIT[match[3]]
        site = text if unit == "MW" else text[max(0, match.start() - 30) : match.end() + 30]
        if unit == "W" or not _SITE.search(site):
            idle = _IDLE_BEFORE.search(text, 0, match.start()) or _IDLE_AFTER.match(text, match.end())
            yield from figures_of(text, match, "idle power" if idle else "power", unit)
