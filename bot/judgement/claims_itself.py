"""What something gains over itself: "lifts decode throughput by 31%", 推理性能提升20%, "time to first token halves"."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.judgement.claims_context import About
from bot.judgement.claims_names import Name
from bot.judgement.claims_numbers import ZH_TENTHS
from bot.judgement.claims_roles import is_negated
from bot.judgement.text import overlaps
from bot.model import Claim

_GAIN = re.compile(
    r"(?:lift|rais|boost|improv|increas|push)\w* (?:its |the )?(?:[a-z][\w.-]*(?:'s)? )?"
    r"(?P<en>decod\w*|prefill|inference|training) "
    r"(?:(?P<of>throughput|performance|speed)\s(?:by )?|(?<=decode )by |(?<=decoding )by |(?<=prefill )by )"
    r"(?:about |up to |nearly |around |a further )?(?P<en_by>\d+(?:\.\d+)?)\s?(?:%|percent)"
    r"|(?P<zh>解码|预填充|推理|训练|decode|prefill|(?<=[a-z\d])(?:整机|综合|整体)?(?=性能))(?:(?P<zh_of>吞吐)量?率?|性能|速度)"
    r"(?:(?:较|比|相比)(?:上一?代|前代|上一?版)(?:产品)?)?(?:再|可|已|平均|整体|最高)*(?:提升|提高|增长)"
    r"(?:了|约|近|超|逾|高达|达)*\s?(?:(?P<zh_by>\d+(?:\.\d+)?)\s?%|(?P<zh_tenths>[一两二三四五六七八九])成)"
)
#: "Decode throughput is up 34% over v0.18", "training throughput rises by 12%".
_UP = re.compile(
    r"(?P<kind>decode|prefill|inference|training)(?: (?P<of>throughput|performance|speed))?"
    r"(?: (?:on|for) [^,;.%]{2,24}?)? "
    r"(?:(?:is|was|goes|went) (?:now )?up |(?:rises|rose|jumps|jumped|grows|grew|climbs|climbed|improves|improved|up) )"
    r"(?:by )?(?:about |nearly |around |some )?(?P<by>\d+(?:\.\d+)?)\s?(?:%|percent)"
)
#: "DeepSeek V4 Pro decodes 19% faster than with v0.20.0"
_FASTER = re.compile(
    r"(?P<kind>decode|prefill|train)s (?:about |some |up to )?(?P<by>\d+(?:\.\d+)?)\s?(?:%|percent) faster "
    r"(?:than (?:it did )?(?:with|under|on|in) (?:the )?(?:[a-z][\w-]* )?"
    r"(?:v?\d+\.\d|cann \d|(?:last|previous|old|earlier|prior) )|than before|than (?:a|last) (?:month|year|week))"
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
#: "It used 96M output tokens", "19% fewer output tokens than V4 Pro"
_SPENT = re.compile(
    r"\b(?:used|uses|consumed|needed|spent|burned|took|generated|emitted) "
    r"(?:about |only |around |just |some |roughly )?"
    r"(?P<by>\d+(?:\.\d+)?)\s?(?:m|million) (?P<kind>output|reasoning|thinking|completion) tokens"
)
_FEWER_THAN = re.compile(
    r"(?P<by>\d+(?:\.\d+)?)\s?(?:%|percent) (?:fewer|less) (?P<kind>output|reasoning|thinking|completion) tokens than "
)
#: The same of itself: "61 on the index, using 31% fewer output tokens".
_FEWER_TOKENS = re.compile(
    r"(?P<by>\d+(?:\.\d+)?)\s?(?:%|percent) (?:fewer|less) "
    r"(?P<kind>output|reasoning|thinking|completion) tokens(?! than)"
)
#: 预填充吞吐为上一版的3.5倍
_OF_OLD = re.compile(
    r"(?P<kind>解码|预填充|prefill|decode|训练|推理|生成|)(?P<of>吞吐量?率?|性能|速度|算力)(?:已|可|约)?(?:为|达到?|是)"
    r"(?:上一?版本?|上一?代|此前|之前|旧版|前代|原来|过去)(?:产品)?的?(?:约|近)?\s?"
    r"(?P<by>\d+(?:\.\d+)?|[两二三四五六七八九十])\s?倍"
)
#: "8,150 tokens/s per card, 1.62 times BF16", "3,260 TFLOPS, 1.4x the previous release"
_OF_BEFORE = re.compile(
    r"(?:,|\(|\bor|\band) (?:about |some |roughly )?(?P<by>\d+(?:\.\d+)?)\s?(?:x|×|times) "
    r"(?:the |our |its |that of the )?(?:(?P<old>(?:previous|prior|last|old|earlier) "
    r"(?:release|version|build|record|result|one|kernel|generation))"
    r"|(?P<other>[a-z][\w-]* baseline|baseline|bf16|fp16|fp8))(?![a-z\d])"
)
_OF_ALL = {
    "性能": "performance",
    "算力": "compute",
    "吞吐": "throughput",
    "吞吐量": "throughput",
    "吞吐率": "throughput",
}
_ZH_COUNTS = {"两": 2, **{digit: count for count, digit in enumerate("一二三四五六七八九十", 1)}}
#: FP8总算力34 EFLOPS，相当于上一代的四倍
_OF_LAST = re.compile(
    r"[,，(（]\s?(?:相当于|约?为|是)?(?:上一?代|前代)(?:产品|版本)?的?(?:约|近)?\s?(?P<by>\d+(?:\.\d+)?|[两二三四五六七八九十])\s?倍"
)
_SHORTENED = {"output": "output tokens", "completion": "output tokens", "输出": "output tokens"}
_HALVED = re.compile(
    r"(?P<what>time to first token|ttft|tpot|首token时?延迟?|首字延迟) (?:is )?halve[sd]|(?P<zh>ttft|tpot)减半"
)
_KINDS = {"解码": "decode", "预填充": "prefill", "推理": "inference", "训练": "training"}


_Found = list[tuple[int, Claim]]
_Spans = Sequence[tuple[int, int]]


def gains_in(sentence: str, names: Sequence[Name], about: About, taken: _Spans) -> _Found:
    """The gains that one sentence tells, with where each stands. ``taken``: what was read otherwise."""
    found: _Found = []
    if "%" in sentence or "percent" in sentence or "成" in sentence:
        found += _lifted(sentence, names, about, taken)
        for match in _said(_UP, sentence, taken):
            metric = _measure(match["kind"], match["of"] or "")
            found += _of(sentence, match, names, about, metric, float(match["by"]))
        for match in _said(_FASTER, sentence, taken) if " faster " in sentence else ():
            metric = "training performance" if match["kind"] == "train" else f"{match['kind']} throughput"
            found += _of(sentence, match, names, about, metric, float(match["by"]))
        for match in _PLUS.finditer(sentence) if "+" in sentence else ():
            metric = f"{match['kind'] or ''} throughput".strip()
            found += _of(sentence, match, names, about, metric, float(match["by"]))
    if about.model and (
        "token" in sentence or "length" in sentence or "长度" in sentence or "词元" in sentence
    ):
        for match in _said(_FEWER, sentence, ()):
            metric = _SHORTENED.get(match["kind"] or match["zh"], "thinking tokens")
            value = _per_cent(match["by"] or match["zh_by"], match["zh_tenths"])
            found += _of(sentence, match, names, about, metric, value)
    for match in _said(_TIMES, sentence, taken) if "throughput" in sentence else ():
        metric = f"{match['kind'] or ''}throughput"
        found += _of(sentence, match, names, about, metric, float(match["by"]), unit="x")
    if "tokens" in sentence and about.model:
        for match in _said(_SPENT, sentence, ()) if about.benchmark else ():
            claim = Claim(
                subject=_whose(match, names, about),
                metric=f"{match['kind']} tokens",
                value=float(match["by"]),
                unit="M tokens",
            )
            found.append((match.start(), claim))
        for match in _said(_FEWER_TOKENS, sentence, taken):
            claim = Claim(
                subject=_whose(match, names, about),
                metric=f"{match['kind']} tokens",
                value=float(match["by"]),
                unit="%",
                relative_to="before",
            )
            found.append((match.start(), claim))
        for match in _said(_FEWER_THAN, sentence, ()):
            near = range(match.end(), match.end() + 5)
            other = next((name.text for name in names if name.start in near), "")
            subject, metric = _whose(match, names, about), f"{match['kind']} tokens"
            if other and subject != other:
                value = float(match["by"])
                claim = Claim(subject=subject, metric=metric, value=value, unit="%", relative_to=other)
                found.append((match.start(), claim))
    for match in _said(_OF_OLD, sentence, taken) if "倍" in sentence else ():
        kind = _KINDS.get(match["kind"], match["kind"]).replace("生成", "generation")
        metric = _measure(kind, match["of"]) if kind else _OF_ALL.get(match["of"], "")
        if metric:
            value = float(_ZH_COUNTS.get(match["by"]) or match["by"])
            found += _of(sentence, match, names, about, metric, value, unit="x")
    if "halve" in sentence or "减半" in sentence:
        for match in _HALVED.finditer(sentence):
            what = match["what"] or match["zh"]
            found += _of(sentence, match, names, about, "TPOT" if what == "tpot" else "TTFT", 50.0)
    return found


#: "Cuts the KV cache to 55% of the FP8 baseline", KV缓存压缩到原来的一成.
_SHRUNK = re.compile(
    r"\b(?:cut|shrink|shrank|reduc|lower|bring|compress|squeez)\w* (?:down )?(?:the |its |their )?kv[ -]caches?"
    r"(?: of (?:the )?[a-z][\w.-]*(?: [\w.-]+){0,2}?)?(?: (?:size|memory|footprint|use))? (?:down )?(?:to|by) "
    r"(?:about |only |just |around |roughly |nearly )?(?P<by>\d+(?:\.\d+)?)\s?(?:%|percent)"
    r"(?: of (?:the |its |an? )?(?P<other>(?:[a-z][\w-]* )?baseline|bf16|fp16|fp8))?"
    r"|kv\s?(?:cache|缓存)(?:占用|大小|显存)?(?:压缩|降低|降|缩小|缩减|减少|缩)[到至为](?:原来|原先|此前|之前|原)的?(?:约|近)?\s?"
    r"(?:(?P<zh_by>\d+(?:\.\d+)?)\s?%|(?P<zh_tenths>[一两二三四五六七八九])成)"
)


_FORMAT = re.compile(r"[bf][fp]\d+")


def shrunk_in(
    sentence: str, names: Sequence[Name], about: About, taken: _Spans
) -> Iterator[tuple[int, int, Claim]]:
    """To how much of its size something shrinks, with where that begins and ends."""
    if "kv" not in sentence or not about.model:
        return
    for match in _said(_SHRUNK, sentence, taken):
        other = match["other"] or "before"
        yield (
            match.start(),
            match.end(),
            Claim(
                subject=_whose(match, names, about),
                metric="KV cache",
                value=_per_cent(match["by"] or match["zh_by"], match["zh_tenths"]),
                unit="%",
                relative_to=_FORMAT.sub(lambda name: name[0].upper(), other),
            ),
        )


def multiples_in(sentence: str, found: _Found, taken: _Spans) -> _Found:
    """How many times its own earlier value a figure is that stands right before: ``found`` in the sentence."""
    told: _Found = []
    for match in _OF_LAST.finditer(sentence) if "代" in sentence and "倍" in sentence else ():
        before = [claim for at, claim in found if match.start() - _NEAR <= at < match.start()]
        if before and not before[-1].relative_to and not overlaps(match.start("by"), match.end(), taken):
            value = float(_ZH_COUNTS.get(match["by"]) or match["by"])
            told.append(
                (
                    match.start(),
                    replace(before[-1], value=value, unit="x", relative_to="before", value_max=None),
                )
            )
    for match in _said(_GAINED, sentence, taken) if "%" in sentence or "percent" in sentence else ():
        before = [claim for at, claim in found if match.start() - _NEAR <= at < match.start()]
        if before and before[-1].unit in _GAINS and not before[-1].relative_to:
            gained = replace(
                before[-1], value=float(match["by"]), unit="%", relative_to="before", value_max=None
            )
            told.append((match.start(), gained))
    for match in _OF_BEFORE.finditer(sentence) if "x " in sentence or "times " in sentence else ():
        before = [claim for at, claim in found if match.start() - _NEAR <= at < match.start()]
        if before and not overlaps(match.start("by"), match.end(), taken):
            other = (
                "before"
                if match["old"]
                else match["other"].upper()
                if match["other"][1:2] == "p"
                else match["other"]
            )
            value = float(match["by"])
            told.append(
                (match.start(), replace(before[-1], value=value, unit="x", relative_to=other, value_max=None))
            )
    return told


_NEAR = 60
#: "To 96 tokens per second, a 22% gain"
_GAINED = re.compile(
    r"(?:,|\(|-|–) ?(?:an?|or|for an?) (?:about |roughly |nearly )?(?P<by>\d+(?:\.\d+)?)\s?(?:%|percent) "
    r"(?:gain|improvement|increase|uplift|jump|speed-?up|boost|rise)\b(?! (?:over|on|in|of|vs|from)\b)"
)
_GAINS = ("tokens/s", "TFLOPS", "GB/s", "TB/s", "images/s", "samples/s")


def _lifted(sentence: str, names: Sequence[Name], about: About, taken: _Spans) -> Iterator[tuple[int, Claim]]:
    for match in _said(_GAIN, sentence, taken):
        # Of a name alone its whole performance: 麒麟9050性能提升35%.
        of_name = match["zh"] in ("", "整机", "综合", "整体")
        if of_name and not any(name.end == match.start() for name in names):
            continue
        kind = _KINDS.get(match["zh"] or "") or (match["en"] if match["en"] in _KINDS.values() else "decode")
        metric = "performance" if of_name else _measure(kind, match["of"] or match["zh_of"] or "")
        value = _per_cent(match["en_by"] or match["zh_by"], match["zh_tenths"])
        yield from _of(sentence, match, names, about, metric, value)


def _measure(kind: str, of: str) -> str:
    """Decode and prefill gain in throughput, whatever word is used."""
    is_rate = of.startswith(("throughput", "吞吐")) or kind in ("decode", "prefill")
    return f"{kind} {'throughput' if is_rate else 'performance'}"


def _said(pattern: re.Pattern[str], sentence: str, taken: _Spans) -> Iterator[re.Match[str]]:
    """What was not read otherwise, and is not negated."""
    for match in pattern.finditer(sentence):
        if not overlaps(match.start(), match.end(), taken) and not is_negated(sentence, match.start()):
            yield match


def _per_cent(digits: str | None, tenths: str | None) -> float:
    return float(digits) if digits else ZH_TENTHS[tenths or ""]


def _whose(match: re.Match[str], names: Sequence[Name], about: About) -> str:
    before = [
        name.text
        for name in names
        if name.kind == "model" and name.end <= max(match.start(), match.start("by"))
    ]
    return before[-1] if before else about.model


def _of(
    sentence: str,
    match: re.Match[str],
    names: Sequence[Name],
    about: About,
    metric: str,
    value: float,
    *,
    unit: str = "%",
) -> _Found:
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
