"""Figures with a unit that says what they measure: compute, bandwidth, memory, power, token rates, latencies."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_NUM = r"(?<![a-z0-9.])(\d[\d,]*(?:\.\d+)?)\s?"
_SCALE = {"万": 1e4, "亿": 1e8, "万亿": 1e12, "亿亿": 1e16, "千": 1e3, "k": 1e3, "": 1.0}
_FLOPS = {"exa": "E", "peta": "P", "tera": "T", "e": "E", "p": "P", "t": "T", "g": "G"}
PRECISION = re.compile(
    r"(?<![a-z0-9])(?:mx)?(fp64|fp32|tf32|fp16|bf16|fp8|fp6|fp4|int8|int4|nvfp4)(?![a-z0-9])|双精度|单精度|半精度"
)
_PRECISION_ZH = {"双精度": "FP64", "单精度": "FP32", "半精度": "FP16"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    start: int
    end: int
    metric: str
    value: float
    unit: str


def number(digits: str, scale: str = "") -> float:
    """``"1,943"`` -> 1943; ``"1.2", "万"`` -> 12000."""
    return round(float(digits.replace(",", "")) * _SCALE[scale], 6)


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


def figures_in(text: str) -> list[Figure]:
    """All figures of folded text whose unit, with the words beside it, says what is measured."""
    found = [*_compute(text), *_rates(text), *_memory(text), *_power(text), *_latency(text)]
    return sorted(found, key=lambda figure: figure.start)


_FLOPS_PATTERN = re.compile(
    _NUM + r"(?:dense |sparse )?(exa|peta|tera|[eptg])\s?-?(flops?|flop/s|ops)(?![a-z])"
)
_TIMES_PATTERN = re.compile(r"(?:每秒)?(\d[\d,]*(?:\.\d+)?)\s?(亿亿|万亿|亿)次(?:每秒|双精度|/秒|浮点)?")


def _compute(text: str) -> Iterator[Figure]:
    for match in _FLOPS_PATTERN.finditer(text):
        unit = f"{_FLOPS[match[2]]}{'OPS' if match[3] == 'ops' else 'FLOPS'}"
        yield Figure(
            start=match.start(), end=match.end(), metric="compute", value=number(match[1]), unit=unit
        )
    for match in _TIMES_PATTERN.finditer(text):
        whole = "ops" if "int8" in text else "flops"
        if "每秒" not in text[max(0, match.start() - 2) : match.end() + 3]:
            continue
        value = number(match[1], match[2])
        letter, size = ("P", 1e15) if value >= 1e15 else ("T", 1e12)
        unit = letter + whole.upper()
        yield Figure(
            start=match.start(), end=match.end(), metric="compute", value=round(value / size, 6), unit=unit
        )


_RATE_PATTERN = re.compile(
    _NUM + r"(万|k)?\s?(?:个)?(?:tokens?(?:/s(?:ec)?| per second| a second|/秒|每秒)|tok/s|t/s|tps)(?![a-z])"
)
_RATE_ZH = re.compile(r"每秒\s?(\d[\d,]*(?:\.\d+)?)\s?(万|k)?\s?(?:个)?tokens?")


def _rates(text: str) -> Iterator[Figure]:
    for match in [*_RATE_PATTERN.finditer(text), *_RATE_ZH.finditer(text)]:
        metric = _rate_metric(text, match.start(), match.end())
        value = number(match[1], match[2] or "")
        yield Figure(start=match.start(), end=match.end(), metric=metric, value=value, unit="tokens/s")


def _rate_metric(text: str, start: int, end: int) -> str:
    near = text[max(0, start - 40) : end + 30]
    if "mlperf" in text:
        return "MLPerf offline throughput" if re.search(r"offline|离线", near) else "MLPerf throughput"
    if re.search(r"decod|解码", near):
        return "decode throughput"
    if re.search(r"prefill|预填充", near):
        return "prefill throughput"
    if re.search(r"训练|training", near):
        return "training throughput"
    if re.search(r"推理吞吐|inference throughput", near):
        return (
            "inference throughput per card"
            if re.search(r"单卡|per card|per chip", near)
            else "inference throughput"
        )
    if re.search(r"吞吐|throughput", near):
        return "throughput"
    return "generation throughput"


_MEMORY_PATTERN = re.compile(_NUM + r"([tg]b)(?:ytes)?(/s|ps| per second|每秒|/秒)?(?![a-z])")
_INTERCONNECT = re.compile(r"互联|互连|interconnect|nvlink|unifiedbus|灵衢|link")
_HBM = re.compile(r"hbm|显存|hizq|hibl|高带宽内存|high-bandwidth memory|(?<!ddr5 )memory")


def _memory(text: str) -> Iterator[Figure]:
    for match in _MEMORY_PATTERN.finditer(text):
        value, unit = number(match[1]), match[2].upper()
        clause = text[max(0, match.start() - 14) : match.end() + 12]
        if match[3]:
            before = text[max(0, match.start() - 10) : match.end() + 8]
            metric = "interconnect bandwidth" if _INTERCONNECT.search(before) else "memory bandwidth"
            if not re.search(r"threshold|tpp", text):
                yield Figure(
                    start=match.start(), end=match.end(), metric=metric, value=value, unit=f"{unit}/s"
                )
        elif _HBM.search(clause) and not re.search(r"ddr\d|ram(?![a-z])", clause):
            yield Figure(start=match.start(), end=match.end(), metric="HBM capacity", value=value, unit=unit)


_POWER_PATTERN = re.compile(_NUM + r"(w|kw|mw|watts?|瓦|千瓦)(?![a-z])")
_POWER_UNIT = {"w": "W", "kw": "kW", "mw": "MW", "watt": "W", "watts": "W", "瓦": "W", "千瓦": "kW"}


def _power(text: str) -> Iterator[Figure]:
    for match in _POWER_PATTERN.finditer(text):
        unit = _POWER_UNIT[match[2]]
        yield Figure(start=match.start(), end=match.end(), metric="power", value=number(match[1]), unit=unit)


_LATENCY_PATTERN = re.compile(
    r"(ttft|tpot|time to first token|首token(?:时延|延迟)?|首字(?:时延|延迟)|解码时延|decode latency)"
    r"(?:[^\d,，。;]{0,24}?)(\d+(?:\.\d+)?)\s?(ms|毫秒|s|秒)(?![a-z])"
)
_LATENCY = {
    "time to first token": "TTFT",
    "ttft": "TTFT",
    "tpot": "TPOT",
    "解码时延": "TPOT",
    "decode latency": "TPOT",
}


def _latency(text: str) -> Iterator[Figure]:
    for match in _LATENCY_PATTERN.finditer(text):
        metric = _LATENCY.get(match[1], "TTFT")
        unit = "ms" if match[3] in ("ms", "毫秒") else "s"
        yield Figure(start=match.start(), end=match.end(), metric=metric, value=number(match[2]), unit=unit)
