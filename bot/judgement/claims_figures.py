"""Figures with a unit that says what they measure: compute, bandwidth, memory, power, token rates, latencies."""

import re
from collections.abc import Iterator

from bot.judgement.claims_latency import latencies_in
from bot.judgement.claims_memory import memory_in
from bot.judgement.claims_numbers import NUM, Figure, figures_of, number
from bot.judgement.claims_rates import rates_in
from bot.judgement.claims_setting import Setting

_FLOPS = {"exa": "E", "peta": "P", "tera": "T", "e": "E", "p": "P", "t": "T", "g": "G"}


def figures_in(text: str, setting: Setting) -> list[Figure]:
    """All figures of a folded sentence whose unit, with the words beside it, says what is measured."""
    # Each kind has its piece: most sentences hold none, and substrings are found faster than patterns.
    found: list[Figure] = []
    if "op" in text or "p" in text or "ef" in text or "tf" in text or "亿" in text:
        found += _compute(text)
    if "tok" in text or "t/s" in text or "tps" in text or "词元" in text or "second" in text or "s/s" in text:
        found += rates_in(text, setting)
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
