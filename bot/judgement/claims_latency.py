"""How long a model takes to its first token, and to each token: TTFT and TPOT, in texts of either language. Pure."""

import re
from collections.abc import Iterator

from bot.judgement.claims_numbers import Figure, number
from bot.judgement.text import overlaps

_LATENCY_PATTERN = re.compile(
    r"(ttft|tpot|time to first token|time per output token|latency per (?:output )?token"
    r"|per-token latency|首token(?:时延|延迟)?|首字(?:时延|延迟)|解码时延|解码延迟|decode latency)"
    r"(?: (?:on|of|for) (?:the |an? )?(?=[\d.]*[a-z])[\w-]+(?:[ .][a-z]?\d[\w.]*)?(?: (?:pro|flash))?"
    r"(?= (?:from|is|was|at|to|of|fell|rose|drops|dropped|falls) ))?"
    r"(?:[^\d,，。;]{0,24}?)(?:\d+[km](?!s)[^\d,，。;]{0,12})?"
    r"(\d+(?:\.\d+)?)\s?(ms|毫秒|s|秒|seconds|milliseconds)(?![a-z])"
)
_LATENCY_AFTER = re.compile(
    r"(\d+(?:\.\d+)?)\s?(ms|毫秒|s|秒|seconds|milliseconds)(?![a-z])\s?(?:的)?(ttft"
    r"|tpot|time to first token|decode latency|首token|to (?:the )?first token)"
)
_LATENCY_IN = re.compile(
    r"(first token) (?:in|after|within) "
    r"(\d+(?:\.\d+)?)\s?(ms|s|seconds|milliseconds)(?![a-z])"
)
#: "From 34 ms to 21 ms", 从38ms降到24ms: the second value of what fell or rose.
_LATENCY_TO = re.compile(
    r"\s?(?:to|→|->|升至|降至|升到|降到|缩短到|缩短至|压到|压缩到|到|至)\s?"
    r"(?<![\d.])(\d+(?:\.\d+)?)\s?(ms|毫秒|s|秒|seconds)(?![a-z])"
)
_LATENCY_AGAIN = re.compile(
    r"(?: ?[(（][^()（）.;]{2,24}[)）])?[^\d.。;；\n]{0,16}?(?:v4|v3|r1)?[^\d.。;；\n]{0,12}?"
    r"(?<![\d.])(\d+(?:\.\d+)?)\s?(ms|毫秒|s|秒|seconds)(?![a-z])"
)
_LATENCY = {
    "time to first token": "TTFT",
    "ttft": "TTFT",
    "tpot": "TPOT",
    "time per output token": "TPOT",
    "latency per token": "TPOT",
    "latency per output token": "TPOT",
    "per-token latency": "TPOT",
    "解码时延": "TPOT",
    "解码延迟": "TPOT",
    "decode latency": "TPOT",
}


def latencies_in(text: str) -> Iterator[Figure]:
    found = [(match, match[1], match[2], match[3]) for match in _LATENCY_PATTERN.finditer(text)]
    taken = [(match.start(), match.end()) for match, *_ in found]
    found += [
        (match, match[3], match[1], match[2])
        for match in _LATENCY_AFTER.finditer(text)
        if not overlaps(match.start(), match.end(), taken)
    ]
    found += [
        (match, match[1], match[2], match[3])
        for match in (_LATENCY_IN.finditer(text) if "first token" in text else ())
        if not overlaps(match.start(), match.end(), taken)
    ]
    for match, word, _, _ in found:
        # "TPOT of 20 ms for V4-Pro, 10 ms for V4-Flash": grows ``found`` while there is one more.
        again = _LATENCY_TO.match(text, match.end()) or _LATENCY_AGAIN.match(text, match.end())
        if again and not overlaps(again.start(1), again.end(), [other.span() for other, *_ in found]):
            found.append((again, word, again[1], again[2]))
    for match, word, digits, of in found:
        unit = "ms" if of in ("ms", "毫秒", "milliseconds") else "s"
        yield Figure(
            start=match.start(1) if match.re in (_LATENCY_AGAIN, _LATENCY_TO) else match.start(),
            end=match.end(),
            metric=_LATENCY.get(word, "TTFT"),
            value=number(digits),
            unit=unit,
        )
