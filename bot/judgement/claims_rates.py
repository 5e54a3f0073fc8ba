"""Rates: tokens and images a second, and which rate of a model a text speaks of. Pure."""

import re
from collections.abc import Iterator

from bot.judgement.claims_numbers import NUM, Figure, figures_of, number
from bot.judgement.claims_setting import Setting

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


def rates_in(text: str, setting: Setting) -> Iterator[Figure]:
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
