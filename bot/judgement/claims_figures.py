"""Figures with a unit that says what they measure: compute, bandwidth, memory, power, token rates, latencies."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

#: A number, alone or as the first of a range ("2,300 to 2,400", "1.5-1.8"); the range's end is the second group.
#: French parts thousands by a space; a date behind a name ("V4-Pro-0730") is none.
_NUM = (
    r"(?<![a-z0-9.])(?<![a-z0-9]-)(\d{1,2} \d{3}(?![\d,.])|\d[\d,]*(?:\.\d+)?)"
    r"(?:\s?(?:-|to|~|至|到)\s?(\d[\d,]*(?:\.\d+)?))?\s?-?"
)
_SCALE = {
    "万": 1e4,
    "亿": 1e8,
    "万亿": 1e12,
    "亿亿": 1e16,
    "千": 1e3,
    "k": 1e3,
    "thousand": 1e3,
    "m": 1e6,
    "million": 1e6,
    "": 1.0,
}
_FLOPS = {"exa": "E", "peta": "P", "tera": "T", "e": "E", "p": "P", "t": "T", "g": "G"}
PRECISION = re.compile(
    r"(?<![a-z0-9])(?:mx)?(fp64|fp32|tf32|fp16|bf16|fp8|fp6"
    r"|fp4|int8|int4|nvfp4)(?![a-z0-9])|双精度|单精度|半精度"
)
_PRECISION_ZH = {"双精度": "FP64", "单精度": "FP32", "半精度": "FP16"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    start: int
    end: int
    metric: str
    value: float
    unit: str
    value_max: float | None = None  # the end of a range


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What the whole text says of how was measured, for sentences that do not repeat it.

    ``rate``: which token rate it speaks of, "" when none or several."""

    mlperf: bool
    gemm: bool
    rate: str
    rule: bool  # a rule with thresholds, which are no ratings


_RATES = (
    (re.compile(r"decod|解码"), "decode throughput"),
    (re.compile(r"prefill|预填充"), "prefill throughput"),
    (re.compile(r"(?<![a-z])mfu(?![a-z])"), "training throughput"),
)
_RULE = re.compile(
    r"threshold|chips? (?:above|over|exceeding|beyond)\b|超过[^，。]{0,12}的芯片"
    r"|(?<![a-z])tpp(?![a-z])|performance density|eccn|3a090|4a090"
    r"|(?:limit(?:s|ed)?|cap(?:s|ped)?) (?:at|to|of)|门槛|阈值|限值|限制在"
)


_GEMM = re.compile(r"gemm|matmul|matrix multipl|矩阵乘")


def setting_of(text: str) -> Setting:
    rates = [metric for pattern, metric in _RATES if pattern.search(text)]
    return Setting(
        mlperf="mlperf" in text,
        gemm=_GEMM.search(text) is not None,
        rate=rates[0] if len(rates) == 1 else "",
        rule=_RULE.search(text) is not None,
    )


_THOUSANDS = re.compile(r"\d+|\d[\d,]*\.\d+|\d{1,3}(?:,\d{3})+")


def number(digits: str, scale: str = "") -> float:
    """``"1,943"`` -> 1943; ``"1.2", "万"`` -> 12000; ``"9,4"`` (German, French) -> 9.4."""
    digits = digits.replace(" ", "")
    plain = (
        digits.replace(",", "")
        if _THOUSANDS.fullmatch(digits)
        else digits.replace(",", ".", 1).replace(",", "")
    )
    return round(float(plain) * _SCALE[scale], 6)


def precision_near(text: str, start: int, end: int) -> str | None:
    """The number format said closest to a figure within its clause."""
    best: tuple[int, str] | None = None
    left = max(text.rfind(mark, 0, start) for mark in ("。", "; ", "；", ". ", "\n"))
    stops = [at for mark in ("。", ";", "；", ". ", "\n") if (at := text.find(mark, end)) >= 0]
    for match in PRECISION.finditer(text, max(left, start - 30), min([*stops, end + 24, len(text)])):
        # What follows the figure directly ("1 PFLOPS in FP8") belongs to it before what stood earlier.
        gap = match.start() - end if match.start() >= end else (start - match.end()) + 1
        between = text[end : match.start()] if match.start() >= end else text[match.end() : start]
        # A figure in between owns the format; so does a new clause that brings the format before its own figure.
        if re.search(r"\d(?!\d*[-\s]?bit)", between) or (
            match.start() >= end and re.search(r"[,，、;]", between)
        ):
            continue
        if best is None or gap < best[0]:
            best = (gap, _PRECISION_ZH.get(match[0]) or match[1].upper())
    return best[1] if best else None


def figures_in(text: str, setting: Setting) -> list[Figure]:
    """All figures of a folded sentence whose unit, with the words beside it, says what is measured."""
    found = [*_compute(text), *_rates(text, setting), *_memory(text, setting), *_power(text), *_latency(text)]
    return sorted(found, key=lambda figure: figure.start)


_FROM = re.compile(r"(?:from|由|从)\s?$")


def _figures(text: str, match: re.Match[str], metric: str, unit: str, scale: str = "") -> Iterator[Figure]:
    """The figures of a pattern that begins with ``_NUM``: one, a range, or the two values of "from A to B"."""
    first = number(match[1], scale)
    whole = Figure(start=match.start(), end=match.end(), metric=metric, value=first, unit=unit)
    if not match[2]:
        yield whole
        return
    last = number(match[2], scale)
    if _FROM.search(text[max(0, match.start() - 6) : match.start()]):
        yield replace(whole, end=match.end(1))
        yield replace(whole, start=match.start(2), value=last)
    elif first < last <= 10 * first:
        yield replace(whole, value_max=last)
    else:
        yield replace(whole, start=match.start(2), value=last)


_FLOPS_PATTERN = re.compile(
    _NUM + r"(?:dense |sparse )?(?:(?:fp\d+|bf16|int\d) )?"
    r"(?:(exa|peta|tera|[eptg])\s?-?(flops?|flop/s|ops)|([ep])f)(?![a-z]|\s?(?:/|per )\s?w)"
)
_TIMES_PATTERN = re.compile(r"(?:每秒)?(\d[\d,]*(?:\.\d+)?)\s?(亿亿|万亿|亿)次(?:每秒|双精度|/秒|浮点)?")
#: "5 zettaflops of AI compute in the region": a site, not a chip.
_SITE = re.compile(r"data ?cent(?:er|re)|campus|园区|数据中心|智算中心|gigawatt|\bsites?\b|facilit")


def _compute(text: str) -> Iterator[Figure]:
    for match in _FLOPS_PATTERN.finditer(text):
        unit = f"{_FLOPS[match[3] or match[5]]}{'OPS' if match[4] == 'ops' else 'FLOPS'}"
        yield from _figures(text, match, "compute", unit)
    for match in _TIMES_PATTERN.finditer(text):
        whole = "ops" if "int8" in text else "flops"
        if "每秒" not in text[max(0, match.start() - 6) : match.end() + 3]:
            continue
        value = number(match[1], match[2])
        letter, size = ("P", 1e15) if value >= 1e15 else ("T", 1e12)
        unit = letter + whole.upper()
        yield Figure(
            start=match.start(), end=match.end(), metric="compute", value=round(value / size, 6), unit=unit
        )


_PER_SECOND = (
    r"(?:tokens?(?:/s(?:ec(?:ond)?)?| per second| a second|/秒|\s?每秒)|tok/s(?:ec)?|toks/s|t/s|tps|词元/秒)"
)
_RATE_PATTERN = re.compile(_NUM + r"(万|k|m|million|thousand)?\s?(?:个)?\s?" + _PER_SECOND + r"(?![a-z])")
_RATE_ZH = re.compile(
    r"每秒[\u4e00-\u9fff]{0,5}?\s?(\d[\d,]*(?:\.\d+)?)(?:\s?(?:-|~|至|到)\s?(\d[\d,]*(?:\.\d+)?))?"
    r"\s?(万|k)?\s?(?:个)?\s?(?:tokens?|词元)"
)
_OTHER_RATE = re.compile(
    _NUM + r"(images?|samples?|requests?|frames?)(?:/s(?:ec)?| per second| a second)(?![a-z])"
)


def _rates(text: str, setting: Setting) -> Iterator[Figure]:
    for match in [*_RATE_PATTERN.finditer(text), *_RATE_ZH.finditer(text)]:
        metric = _rate_metric(text, match.start(), match.end(), setting)
        yield from _figures(text, match, metric, "tokens/s", match[3] or "")
    for match in _OTHER_RATE.finditer(text):
        metric = "MLPerf offline throughput" if setting.mlperf and _OFFLINE.search(text) else "throughput"
        yield from _figures(text, match, metric, f"{match[3].removesuffix('s')}s/s")


_OFFLINE = re.compile(r"offline|离线")


def _rate_metric(text: str, start: int, end: int, setting: Setting) -> str:
    near = text[max(0, start - 40) : end + 30]
    if setting.mlperf:
        near = text[max(0, start - 40) : end + 48]
        if re.search(r"\bserver\b|服务器场景", near) and not _OFFLINE.search(near):
            return "MLPerf server throughput"
        return "MLPerf offline throughput" if _OFFLINE.search(near) else "MLPerf throughput"
    if (named := _nearest_rate(text, start, end)) is not None:
        return named
    if re.search(r"推理吞吐|inference throughput", near):
        return (
            "inference throughput per card"
            if re.search(r"单卡|per card|per chip", near)
            else "inference throughput"
        )
    if re.search(r"吞吐|throughput", near):
        return setting.rate or "throughput"
    return setting.rate or "generation throughput"


_NAMED_RATE = re.compile(
    r"(decod|解码)|(prefill|预填充|prompt (?:processing|eval))|(训练|training|pre-?train)|(\bgenerat|生成)"
)
_NAMED_RATES = ("decode throughput", "prefill throughput", "training throughput", "generation throughput")


def _nearest_rate(text: str, start: int, end: int) -> str | None:
    """Which rate is named beside a figure; of several the nearest, one before it before one after it."""
    best: tuple[int, str] | None = None
    for match in _NAMED_RATE.finditer(text, max(0, start - 40), min(len(text), end + 30)):
        if match.end() <= start:
            # A figure in between owns the word before it.
            gap = (
                start
                - match.end()
                + (20 if re.search(r"\d\s?(?:tok|t/s|tps|ms|s)", text[match.end() : start]) else 0)
            )
        else:
            gap = match.start() - end + (20 if re.search(r"[,，、;]", text[end : match.start()]) else 0)
        metric = next(name for group, name in zip(match.groups(), _NAMED_RATES, strict=True) if group)
        if best is None or gap < best[0]:
            best = (gap, metric)
    return best[1] if best else None


_MEMORY_PATTERN = re.compile(
    _NUM + r"([ptg]b|go(?= de ))(?:ytes)?(/s(?:ec)?|ps| per second|每秒|/秒)?(?![a-z/])"
)
_INTERCONNECT = re.compile(
    r"互联|互连|interconnect|nvlink|unifiedbus|灵衢|(?<!b)link|scale-up|infinity fabric"
)
_HBM = re.compile(
    r"hbm|显存|hizq|hibl|高带宽内存|high-bandwidth memory|(?<!ddr5 )memory|memoire|speicher(?!band)|内存|vram|gddr"
)
#: "128 GB and 3.2 TB/s": a capacity beside a bandwidth is of the same memory.
_BESIDE_RATE = re.compile(
    r"\s?(?:of \w+ )?(?:and|at|with|,|，|、|/|@)\s?(?:带宽)?\s?\d[\d.,]*\s?[tg]b(?:/s|ps)"
)
#: "a 950DT with 144 GB", "H20 (96 GB)": a chip's own memory needs no word.
_BARE_MEMORY = re.compile(
    r"(?:with|packs|carries|has|offers|搭载|配备|配|with up to|[(（:：,，])\s?(?:an? |only |just |仅)?$"
)


#: Memory that is no rating of a chip: a server's, a model's weights, one stack of several.
_NOT_ITS_MEMORY = re.compile(
    r"(?<!g)ddr\d|(?<![vd])ram(?![a-z])|ssd|disk|文件|权重|weights|download|占用|stacks? of|footprint|\bneeds|requires"
)


def _memory(text: str, setting: Setting) -> Iterator[Figure]:
    capacity = ""
    for match in _MEMORY_PATTERN.finditer(text):
        unit = match[3].upper().replace("O", "B")
        clause = text[max(0, match.start() - 14) : match.end() + 16]
        if match[4]:
            near = text[max(0, match.start() - 16) : match.end() + 14]
            before = re.split(r"[,，、;；]| and ", text[max(0, match.start() - 36) : match.start()])[-1]
            after = re.split(r"[,，、;；]| and ", text[match.end() : match.end() + 18])[0]
            on = _INTERCONNECT.search(before) or _INTERCONNECT.search(after)
            if not setting.rule and not re.search(r"ethernet|pcie|ssd|disk|硬盘|网络", near):
                metric = "interconnect bandwidth" if on else "memory bandwidth"
                yield from _figures(text, match, metric, f"{unit}/s")
        elif match[3] == "pb" or setting.rule or _NOT_ITS_MEMORY.search(clause):
            continue
        elif (
            _HBM.search(clause)
            or _BESIDE_RATE.match(text, match.end())
            or (capacity and _AGAINST.search(text[max(0, match.start() - 24) : match.start()]))
        ):
            capacity = "memory capacity" if "gddr" in clause else "HBM capacity"
            yield from _figures(text, match, capacity, unit)
        elif _BARE_MEMORY.search(text[max(0, match.start() - 16) : match.start()]) and _chip_before(
            text, match.start()
        ):
            capacity = "HBM capacity"
            yield from _figures(text, match, capacity, unit)


#: "128 GB of memory, versus 96 GB for the H20": the second needs no word of its own.
_AGAINST = re.compile(
    r"(?:versus|vs\.?|against|compared (?:with|to)|than the|up from|from|而|高于|,|，)\s?[\w\s]{0,12}?$"
)
_CHIP_ENDS = re.compile(
    r"(?:\d{2,3}[a-z]{0,2}|\d{2}[a-z]\d?)\s?(?:card|accelerator"
    r"|加速卡|芯片|gpu|npu|v2)?s?\s?(?:comes |is fitted |now |seen |announced |ships? |shipping )?$"
)


#: "Each carries 141 GB": what the sentence before named.
_IT = re.compile(
    r"\s*(?:each|it|the (?:card|chip|accelerator|part|gpu)|该芯片|该卡|单卡|每张卡?|每颗)\s?"
    r"(?:itself )?(?:was |is |comes )?(?:announced |seen |shown |fitted )?"
)


def _chip_before(text: str, at: int) -> bool:
    """Whether a chip's number stands before a figure and the one word between them."""
    before = _BARE_MEMORY.sub("", text[max(0, at - 40) : at])
    return _CHIP_ENDS.search(before) is not None or _IT.fullmatch(before) is not None


_POWER_PATTERN = re.compile(_NUM + r"(w|kw|mw|watts?|kilowatts?|瓦|千瓦)(?![a-z]|每核| per core)")
_POWER_UNIT = {
    "w": "W", "kw": "kW", "mw": "MW", "watt": "W", "watts": "W", "瓦": "W", "千瓦": "kW",
    "kilowatt": "kW", "kilowatts": "kW",
}  # fmt: skip


def _power(text: str) -> Iterator[Figure]:
    for match in _POWER_PATTERN.finditer(text):
        unit = _POWER_UNIT[match[3]]
        site = text if unit == "MW" else text[max(0, match.start() - 30) : match.end() + 30]
        if unit == "W" or not _SITE.search(site):
            yield from _figures(text, match, "power", unit)


_LATENCY_PATTERN = re.compile(
    r"(ttft|tpot|time to first token|time per output token|首token(?:时延"
    r"|延迟)?|首字(?:时延|延迟)|解码时延|解码延迟|decode latency)"
    r"(?:[^\d,，。;]{0,24}?)(\d+(?:\.\d+)?)\s?(ms|毫秒|s|秒|seconds|milliseconds)(?![a-z])"
)
_LATENCY_AFTER = re.compile(
    r"(\d+(?:\.\d+)?)\s?(ms|毫秒|s|秒|seconds|milliseconds)(?![a-z])\s?(?:的)?(ttft"
    r"|tpot|time to first token|decode latency|首token|to (?:the )?first token)"
)
_LATENCY_AGAIN = re.compile(
    r"[^\d.。;；\n]{0,16}?(?:v4|v3|r1)?[^\d.。;；\n]{0,12}?(?<![\d.])(\d+(?:\.\d+)?)\s?(ms|毫秒|s|秒|seconds)(?![a-z])"
)
_LATENCY = {
    "time to first token": "TTFT",
    "ttft": "TTFT",
    "tpot": "TPOT",
    "time per output token": "TPOT",
    "解码时延": "TPOT",
    "解码延迟": "TPOT",
    "decode latency": "TPOT",
}


def _latency(text: str) -> Iterator[Figure]:
    found = [(match, match[1], match[2], match[3]) for match in _LATENCY_PATTERN.finditer(text)]
    taken = [(match.start(), match.end()) for match, *_ in found]
    found += [
        (match, match[3], match[1], match[2])
        for match in _LATENCY_AFTER.finditer(text)
        if not any(match.start() < end and start < match.end() for start, end in taken)
    ]
    for match, word, _, _ in list(found):
        # "TPOT of 20 ms for V4-Pro and 10 ms for V4-Flash"
        again = _LATENCY_AGAIN.match(text, match.end())
        if again and not any(
            again.start(1) < other.end() and other.start() < again.end() for other, *_rest in found
        ):
            found.append((again, word, again[1], again[2]))
    for match, word, digits, of in found:
        unit = "ms" if of in ("ms", "毫秒", "milliseconds") else "s"
        yield Figure(
            start=match.start(1) if match.re is _LATENCY_AGAIN else match.start(),
            end=match.end(),
            metric=_LATENCY.get(word, "TTFT"),
            value=number(digits),
            unit=unit,
        )
