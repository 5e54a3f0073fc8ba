"""Numbers in folded text, their formats, and a figure as it is read of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

#: A number, alone or as the first of a range ("2,300 to 2,400", "1.5-1.8"); the range's end is the second group.
#: French parts thousands by a space; a date behind a name ("V4-Pro-0730") is none. What stands before it is looked at
#: behind its first digit: a pattern that begins with a digit is found much faster.
NUM = (
    r"(\d(?<![a-z0-9.]\d)(?<![a-z0-9]-\d)(?:\d? \d{3}(?![\d,.])|[\d,]*(?:\.\d+)?))"
    r"(?:\s?(?:-|to|~|[升降增提]?[至到]|提[升高][至到]|增加到|→|->|vs\.?|versus|against|对)\s?(\d[\d,]*(?:\.\d+)?))?\s?-?"
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
ZH_TENTHS = {digit: 10.0 * tenth for tenth, digit in enumerate("一二三四五六七八九", 1)} | {"两": 20.0}
#: Shares that texts write in words, in per cent.
SHARES = {
    "half": 50.0,
    "a third": 33.3,
    "a quarter": 25.0,
    "a fifth": 20.0,
    "a tenth": 10.0,
    "two thirds": 66.7,
    "three quarters": 75.0,
    "two fifths": 40.0,
    "three fifths": 60.0,
    "four fifths": 80.0,
    "three tenths": 30.0,
    "six tenths": 60.0,
    "seven tenths": 70.0,
    "nine tenths": 90.0,
}
PRECISION = re.compile(
    r"(?<![a-z0-9])(?:mx)?(fp64|fp32|tf32|fp16|bf16|fp8|fp6"
    r"|fp4|int8|int4|nvfp4)(?![a-z0-9])|double[- ]precision|双精度|单精度|半精度"
)
_PRECISION_ZH = {
    "double precision": "FP64",
    "double-precision": "FP64",
    "双精度": "FP64",
    "单精度": "FP32",
    "半精度": "FP16",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    start: int
    end: int
    metric: str
    value: float
    unit: str
    value_max: float | None = None  # the end of a range


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


_GERMAN = re.compile(r"[1-9]\d{0,2}\.\d{3}")
#: Units that may also be told in thousandths: only a German or Spanish text parts thousands of them by a point.
_MAY_BE_SMALL = ("TOPS", "TFLOPS", "GB/s", "GB", "images/s")
_EUROPEAN = re.compile(
    r"\b(?:der|die|das|den|mit|und|von|auf|laut|bei|fur|soll|zeigt|erreicht|schafft|con|los|las)\b"
)
_FROM = re.compile(r"(?:from|由|从)\s?$")
#: Two values that share their unit: "300 vs 180 PFLOPS", "2,950 → 3,890 tokens/s".
_TWO = re.compile(r"→|->|vs|versus|against|对|[升降增高加][至到]")


def figures_of(text: str, match: re.Match[str], metric: str, unit: str, scale: str = "") -> Iterator[Figure]:
    """The figures of a pattern that begins with ``NUM``: one, a range, or the two values of "from A to B"."""
    # German parts thousands by a point, and nobody tells watts and tokens in thousandths: "1.400 Watt".
    thousands = _GERMAN.fullmatch(match[1]) and (
        unit in ("W", "tokens/s") or (unit in _MAY_BE_SMALL and _EUROPEAN.search(text))
    )
    first = number(match[1].replace(".", "") if thousands else match[1], scale)
    whole = Figure(start=match.start(), end=match.end(), metric=metric, value=first, unit=unit)
    if not match[2]:
        yield whole
        return
    last = number(match[2], scale)
    between = text[match.end(1) : match.start(2)]
    if _TWO.search(between) or _FROM.search(text[max(0, match.start() - 6) : match.start()]):
        yield replace(whole, end=match.end(1))
        yield replace(whole, start=match.start(2), value=last)
    elif first < last <= 10 * first:
        yield replace(whole, value_max=last)
    else:
        yield replace(whole, start=match.start(2), value=last)
