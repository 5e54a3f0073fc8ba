"""What something gains over itself: "lifts decode throughput by 31%", 推理性能提升20%, "time to first token halves"."""

import re
from collections.abc import Sequence

from bot.judgement.claims_names import Name
from bot.judgement.claims_numbers import ZH_TENTHS
from bot.judgement.claims_subjects import About, is_negated
from bot.model import Claim

_GAIN = re.compile(
    r"(?:lift|rais|boost|improv|increas|push)\w* (?:its |the )?(?:[a-z][\w.-]*(?:'s)? )?"
    r"(?P<en>decod\w*|prefill|inference|training) "
    r"(?:(?P<of>throughput|performance|speed)\s(?:by )?|(?<=decode )by |(?<=decoding )by |(?<=prefill )by )"
    r"(?:about |up to |nearly |around |a further )?(?P<en_by>\d+(?:\.\d+)?)\s?(?:%|percent)"
    r"|(?P<zh>解码|预填充|推理|训练|decode|prefill|(?<=[a-z\d])(?=性能))(?:(?P<zh_of>吞吐)量?率?|性能|速度)"
    r"(?:再|可|已|平均|整体|最高)*(?:提升|提高|增长)"
    r"(?:了|约|近|超|逾|高达|达)*\s?(?:(?P<zh_by>\d+(?:\.\d+)?)\s?%|(?P<zh_tenths>[一两二三四五六七八九])成)"
)
#: "Decode throughput is up 34% over v0.18", "training throughput rises by 12%".
_UP = re.compile(
    r"(?P<kind>decode|prefill|inference|training) (?P<of>throughput|performance|speed) "
    r"(?:(?:is|was|goes|went) (?:now )?up |(?:rises|rose|jumps|jumped|grows|grew|climbs|climbed|improves|improved|up) )"
    r"(?:by )?(?:about |nearly |around |some )?(?P<by>\d+(?:\.\d+)?)\s?(?:%|percent)"
)
#: "+23% output tok/s", "throughput on Qwen3-235B is up 1.7x over the last release"
_PLUS = re.compile(
    r"(?<![\w.])\+(?P<by>\d+(?:\.\d+)?)\s?% (?P<kind>decode|prefill|output|training|inference|generation)? ?"
    r"(?:tok/s|tokens/s|tps|throughput)\b"
)
_TIMES = re.compile(
    r"(?P<kind>decode |prefill |output |inference |training |generation )?throughput (?:[^,;.%]{0,32}? )?"
    r"(?:is |was )?(?:now )?(?:up|rises|rose|grows|grew|climbs|improves|improved) (?:by )?"
    r"(?P<by>\d+(?:\.\d+)?)(?:x|×| times)(?: over (?:the |its |our )?(?:last|previous|old|earlier|prior) [\w -]{3,24})?"
)
#: "Average reasoning length falls by about 30 per cent", 思考token平均减少约三成
_FEWER = re.compile(
    r"(?P<kind>thinking|reasoning|output|completion) (?:tokens?|length|traces?)(?: \w+)?"
    r" (?:falls?|fell|drops?|dropped|shrinks?|shrank|is down|are down|goes down|down|declines?) (?:by )?"
    r"(?:about |around |some |nearly |roughly |over )?(?P<by>\d+(?:\.\d+)?)\s?(?:%|percent|per cent)"
    r"|(?P<zh>思考|推理|输出)的?(?:过程)?的?\s?(?:tokens?|词元|长度)\s?(?:数量?|用量|消耗|总量|开销)?(?:平均|再|可|已|整体)*"
    r"(?:减少|下降|降低|缩短|少用)(?:了|约|近|超|逾|达)*\s?"
    r"(?:(?P<zh_by>\d+(?:\.\d+)?)\s?%|(?P<zh_tenths>[一两二三四五六七八九])成)"
)
_SHORTENED = {"output": "output tokens", "completion": "output tokens", "输出": "output tokens"}
_HALVED = re.compile(
    r"(?P<what>time to first token|ttft|tpot|首token时?延迟?|首字延迟) (?:is )?halve[sd]|(?P<zh>ttft|tpot)减半"
)
_KINDS = {"解码": "decode", "预填充": "prefill", "推理": "inference", "训练": "training"}


def gains_in(
    sentence: str, names: Sequence[Name], about: About, taken: Sequence[tuple[int, int]]
) -> list[tuple[int, Claim]]:
    """The gains that one sentence tells, with where each stands. ``taken``: what was read otherwise."""
    found: list[tuple[int, Claim]] = []
    if "%" in sentence or "percent" in sentence or "成" in sentence:
        for match in _GAIN.finditer(sentence):
            free = not any(start < match.end() and match.start() < end for start, end in taken)
            if free and not is_negated(sentence, match.start()):
                if match["zh"] == "" and not any(name.end == match.start() for name in names):
                    continue  # of a name alone its whole performance: 麒麟9050性能提升35%
                kind = _KINDS.get(match["zh"] or "") or (
                    match["en"] if match["en"] in _KINDS.values() else "decode"
                )
                told = (match["of"] or match["zh_of"]) in ("throughput", "吞吐") or kind in (
                    "decode",
                    "prefill",
                )
                metric = f"{kind} throughput" if told else f"{kind} performance"
                metric = "performance" if match["zh"] == "" else metric
                by = match["en_by"] or match["zh_by"]
                value = float(by) if by else ZH_TENTHS[match["zh_tenths"]]
                found += _of(sentence, match, names, about, metric, value)
        for match in _UP.finditer(sentence):
            free = not any(start < match.end() and match.start() < end for start, end in taken)
            if free and not is_negated(sentence, match.start()):
                of = "throughput" if match["of"] == "throughput" else "performance"
                of = "throughput" if match["kind"] in ("decode", "prefill") else of
                found += _of(sentence, match, names, about, f"{match['kind']} {of}", float(match["by"]))
        for match in _PLUS.finditer(sentence) if "+" in sentence else ():
            metric = f"{match['kind'] or ''} throughput".strip()
            found += _of(sentence, match, names, about, metric, float(match["by"]))
    if "token" in sentence or "length" in sentence or "长度" in sentence or "词元" in sentence:
        for match in _FEWER.finditer(sentence):
            if about.model and not is_negated(sentence, match.start()):
                by = match["by"] or match["zh_by"]
                metric = _SHORTENED.get(match["kind"] or match["zh"], "thinking tokens")
                value = float(by) if by else ZH_TENTHS[match["zh_tenths"]]
                found += _of(sentence, match, names, about, metric, value)
    for match in _TIMES.finditer(sentence) if "throughput" in sentence else ():
        free = not any(start < match.end() and match.start() < end for start, end in taken)
        if free and not is_negated(sentence, match.start()):
            metric = f"{match['kind'] or ''}throughput"
            found += _of(sentence, match, names, about, metric, float(match["by"]), unit="x")
    if "halve" in sentence or "减半" in sentence:
        for match in _HALVED.finditer(sentence):
            what = match["what"] or match["zh"]
            found += _of(sentence, match, names, about, "TPOT" if what == "tpot" else "TTFT", 50.0)
    return found


def _of(
    sentence: str,
    match: re.Match[str],
    names: Sequence[Name],
    about: About,
    metric: str,
    value: float,
    *,
    unit: str = "%",
) -> list[tuple[int, Claim]]:
    subjects = [name for name in names if name.kind in ("chip", "model")]
    before = [name for name in subjects if name.end <= match.start()]
    beside = [name for name in subjects if name.start - match.end() in range(12)]
    inside = [name for name in subjects if match.start() <= name.start < match.end()]
    near = inside or before[-1:] or beside
    subject = near[0].text if near else about.main
    if not subject:
        return []
    claim = Claim(subject=subject, metric=metric, value=value, unit=unit, relative_to="before")
    return [(match.start(), claim)]
