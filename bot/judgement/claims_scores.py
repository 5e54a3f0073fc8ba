"""Scores on named benchmarks: "80.6% on SWE-bench Verified", "AIME 2026: V4 Pro 96.7, V4 Flash 94.2", GPQA 90.1分."""

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.judgement.claims_context import About
from bot.judgement.claims_leads import durations_in, lags_in, leads_in
from bot.judgement.claims_names import RATE_CHIPS, Name
from bot.judgement.claims_numbers import SHARES, ZH_TENTHS, number
from bot.judgement.claims_owners import named_at, owners_of
from bot.judgement.claims_plausible import is_plausible, unit_of, value_of
from bot.judgement.claims_roles import is_negated, may_own
from bot.judgement.text import overlaps
from bot.model import Claim

#: Neither the year of "(Nov '28)" nor the gain of "index 61, up 4".
_NUMBER = re.compile(
    r"(?<![a-z0-9.,#$-])(?<![ (]')(?<!, up )(?<!, down )(?!0\d{3})(\d{1,3},\d{1,2}(?!\d)"
    r"|\d\.\d{3}(?=\s?(?:elo-)?punkte)|\d{1,6}(?:,\d{3})*(?:\.\d+)?)"
    r"\s?(%|percent|per cent|prozent|pour cent|points|punkte|分)?"
    r"(?![a-z\d]|\.\d|\s?(?:[gtm]b|b |bn|k\b|张|卡|个|氪|国|月|日|天|周|小时|年|倍|万|亿|元|tokens"
    r"|trillion|billion|million|-?bits?(?![a-z])))"
)
_Found = list[tuple[int, Claim]]


def scores_in(sentence: str, names: Sequence[Name], about: About, taken: Sequence[tuple[int, int]]) -> _Found:
    """The scores of one sentence. ``taken``: where figures stand that were read otherwise."""
    found: _Found = []
    if "minutes" in sentence or "分钟" in sentence or (about.workload and about.setting.mlperf):
        found += durations_in(sentence, names, about)
    if "month" in sentence or "个月" in sentence or "半年" in sentence or "half a year" in sentence:
        found += lags_in(sentence, names, about.main)
    if "万" in sentence or "antutu" in sentence:
        found += _ten_thousands(sentence, names, about)
    if " point" in sentence or "点" in sentence or "分" in sentence:
        found += leads_in(sentence, names, about)
    benchmarks = [name for name in names if name.kind == "benchmark"]
    if not benchmarks:
        return found + _scores_on(about, sentence, names, taken)
    blocked = [*taken, *((name.start, name.end) for name in names)]
    told = [
        (match, benchmark)
        for match in _NUMBER.finditer(sentence)
        if not overlaps(match.start(), match.end(), blocked)
        and (not is_negated(sentence, match.start()) or _NOT_THE.search(sentence, 0, match.start()))
        and (benchmark := _benchmark_of(sentence, match, benchmarks)) is not None
        and is_plausible(match, benchmark, sentence)
    ]
    numbers = [match for match, _ in told]
    subjects, main = _rated_by(benchmarks[0], names, about)
    owners = owners_of(sentence, numbers, subjects, benchmarks, main)
    if not subjects and len(numbers) > 1 and _RESPECTIVELY.search(sentence):
        # Of each benchmark one for each: "80.1% and 83.0%, BrowseComp 74.6% and 71.8%, in that order".
        rows, rest = divmod(len(numbers), len(about.row) or 1)
        owners = list(about.row) * rows if not rest and len(about.row) > 1 else []
    shared = ""  # a list of scores told without a unit is in that of its first
    for (match, benchmark), subject in zip(told, owners, strict=False):
        if not subject or _WHOSE.search(sentence[: match.start()]):
            continue
        unit = unit_of(match, benchmark)
        if match[2] is None and number(match[1]) <= 100:
            shared = shared or unit
            unit = shared
        value = value_of(match)
        claim = Claim(subject=subject, metric=_metric(benchmark, sentence, match), value=value, unit=unit)
        found.append((match.start(), claim))
        found += [
            (match.start(), replace(claim, subject=name.text))
            for name in subjects
            if name.text != subject
            and _TIED.search(sentence, 0, name.start)
            and _AT.fullmatch(sentence, name.end, match.start())
        ]
    if not found and ("题" in sentence or " problems" in sentence):
        found += _problems(sentence, benchmarks, subjects, main)
    return found + _shares(sentence, benchmarks, subjects, main)


#: "68.8, not the 72.5 on the card": what was told before is a score as well.
_NOT_THE = re.compile(r"\d(?:%| points)?, (?:and )?not (?:the )?$")
#: PutnamBench解出211题, "solves 211 problems of PutnamBench"
_SOLVES = re.compile(
    r"(?:解出|解决|做出|答对)了?\s?(?P<zh>\d{2,4})\s?(?:道题?|题|个问题)"
    r"|\bsolv(?:es|ed|ing) (?P<en>\d{2,4})(?: of (?:the |its )?\d+)? "
    r"(?:[a-z]+ )?problems"
)


def _problems(sentence: str, benchmarks: Sequence[Name], subjects: Sequence[Name], main: str) -> _Found:
    match = _SOLVES.search(sentence)
    before = [name.text for name in subjects if match and name.end <= match.start()]
    subject = before[-1] if before else main
    if match is None or not subject or is_negated(sentence, match.start()):
        return []
    value = float(match["zh"] or match["en"])
    return [(match.start(), Claim(subject=subject, metric=benchmarks[0].text, value=value, unit="problems"))]


_SHARE = re.compile(
    r"\b(half|a third|a quarter|a fifth|a tenth|two[- ]thirds|three[- ]quarters) of (?:the |all )?(?:\w+ )?$"
)


#: "Mistral Large 4 ties GPT-5.6 mini at 71.2%" is told of both.
_TIED = re.compile(r"\b(?:ties|tied with|level with|matches) $")
_AT = re.compile(r" (?:at|on|with) ")
#: HLE首次过五成
_TENTHS = re.compile(
    r"(?:成绩|得分|准确率|正确率|解题率|首次|已|达到?|突破|过|超过?|逼近|约|近|也|就|才|只有|只|仅|在){1,4}"
    r"([一二三四五六七八九])成"
)


def _shares(sentence: str, benchmarks: Sequence[Name], subjects: Sequence[Name], main: str) -> _Found:
    """ "Solved roughly a fifth of the FrontierMath problems"."""
    found: _Found = []
    for name in benchmarks if "成" in sentence else ():
        match = _TENTHS.match(sentence, name.end)
        before = [one.text for one in subjects if one.end <= name.start]
        subject = before[-1] if before else main
        if match and subject:
            claim = Claim(subject=subject, metric=name.text, value=ZH_TENTHS[match[1]], unit="%")
            found.append((match.start(1), claim))
    for name in benchmarks:
        match = _SHARE.search(sentence, max(0, name.start - 40), name.start)
        if match and not is_negated(sentence, match.start()):
            before = [one.text for one in subjects if one.end <= match.start()]
            subject = before[-1] if before else main
            claim = Claim(
                subject=subject, metric=name.text, value=SHARES[match[1].replace("-", " ")], unit="%"
            )
            found += [(match.start(), claim)] if subject else []
    return found


#: 跑分破160万, 安兔兔跑分超过400万分: what phones are compared by is told in ten thousands.
_TEN_THOUSANDS = re.compile(r"(?:跑分|安兔兔|antutu)[^\d,，。;；]{0,8}(\d{2,3}(?:\.\d+)?)\s?万")
#: "Passes 2.8 million on AnTuTu"
_MILLIONS = re.compile(
    r"(\d(?:\.\d+)?) million(?: points)? (?:in|on) antutu|antutu[^\d,.;]{0,16}(\d(?:\.\d+)?) million"
)


#: 多核首破1.2万
_CORES = re.compile(
    r"(单核|多核)(?:[^\d,，。;；]{0,6}(\d(?:\.\d+)?)\s?万|[\u4e00-\u9fff]{0,3}[破过超]万([一二三四五六七八九])?(?![\u4e00-\u9fff\d]))"
)


def _ten_thousands(sentence: str, names: Sequence[Name], about: About) -> _Found:
    cores = _CORES.search(sentence) if "跑分" in sentence or "geekbench" in sentence else None
    millions = _MILLIONS.search(sentence)
    match = cores or _TEN_THOUSANDS.search(sentence) or millions
    before = [name.text for name in names if match and name.kind == "chip" and name.end <= match.start()]
    subject = before[-1] if before else about.chip
    if match is None or not subject or is_negated(sentence, match.start()):
        return []
    metric = "AnTuTu" if "安兔兔" in sentence or "antutu" in sentence else "benchmark score"
    if cores:
        which = "single-core" if cores[1] == "单核" else "multi-core"
        metric = f"Geekbench {which}" if about.geekbench else f"{which} score"
    if match is millions:
        value = 1e6 * float(match[1] or match[2])
    elif cores and not cores[2]:
        value = 1e4 + 100 * ZH_TENTHS[cores[3]] if cores[3] else 1e4
    else:
        value = number(cores[2] if cores else match[1], "万")
    claim = Claim(subject=subject, metric=metric, value=value, unit="points")
    return [(match.start(), claim)]


_RESPECTIVELY = re.compile(r"分别|respectively|in that order")
#: "Behemoth's 95.0": of something that has no name here.
_WHOSE = re.compile(r"(?<!deepseek)(?<!\d)'s\s$")
#: "scores 52", "拿下52分": a number that is a score though its sentence names no benchmark.
_SCORED = re.compile(
    r"(?:scor(?:es?|ed|ing)(?: of)?|gets|got|lands(?: at)?"
    r"|(?:first|second|third|fourth|fifth|last|\w+th) with"
    r"|(?:score|result|figure|rate) (?:is|was)|becomes|(?:comes|came) (?:to|in at)"
    r"|(?:sits|follows|stands|is|comes in|lands) on|reach(?:es|ed)|hits|at|with|from|mit|auf"
    r"|(?:points|rises|climbs|falls|drops|improves|up|down) to|from \d[\d.]*\s?%? to"
    r"|[由从]\s?\d[\d.]*[%分]?\s?[\u4e00-\u9fff]{0,2}[到至]"
    r"|(?:性能|スコア|精度)[はが]|得分|拿下|取得|获得|获|达到?|升至|降至)\s?$"
)
_SCORE_WORD = re.compile(
    r"scor|solve|index|arena|accuracy|points|punkte"
    r"|(?:second|third|fourth|fifth|last|\w+th) with|leads? (?:with|at|on)|trails? (?:with|at|on)|\bputs\b|up from"
    r"|(?:lands?|is|stands|sits|follows|comes? in|enters|debuts) (?:at|on)|finish(?:es|ed) (?:at|with)"
    r"|性能[はが]|スコア|得分|分|评测|跑分|榜"
)


def _scores_on(
    about: About, sentence: str, names: Sequence[Name], taken: Sequence[tuple[int, int]]
) -> _Found:
    """Scores on the benchmark that the rest of the text names."""
    benchmark = about.benchmark
    if benchmark is None:
        return []
    subjects, main = _rated_by(benchmark, names, about)
    expected = (about.same_benchmark and bool(subjects)) or _SCORE_WORD.search(sentence) is not None
    if not expected and not subjects:
        return []
    blocked = [*taken, *((name.start, name.end) for name in names)]
    found: _Found = []
    for match in _NUMBER.finditer(sentence):
        if overlaps(match.start(), match.end(), blocked):
            continue
        beside = [
            name for name in subjects if _BESIDE_NAME.fullmatch(sentence, name.end, match.start()) is not None
        ]
        verb = _SCORED.search(sentence[max(0, match.start() - 16) : match.start()])
        told = verb is not None or match[2] not in (None, "points")
        mark = sentence[match.start() - 1 : match.start()]
        bare = about.same_benchmark or mark in ("(", ":") or match[2] or "." in match[1]
        if not (expected and told) and not (beside and bare and (expected or not about.benchmark_later)):
            continue
        before = [
            name for name in subjects if name.end <= match.start() and may_own(name, sentence, match.start())
        ]
        given = named_at(sentence, match, subjects)
        subject = given or next((name.text for name in [*beside, *reversed(before)]), main)
        if subject and is_plausible(match, benchmark, sentence):
            value = value_of(match)
            metric = _metric(benchmark, sentence, match)
            claim = Claim(subject=subject, metric=metric, value=value, unit=unit_of(match, benchmark))
            found.append((match.start(), claim))
    return found


#: Between a name and its score where the benchmark stands elsewhere: "GPT-5.5 (88.0%)", "V3.2's 74.2%", 得54分.
_BESIDE_NAME = re.compile(
    r"\s?(?:\((?:max|high|low|medium|xhigh|thinking|non-thinking|reasoning)\):?"
    r"|[(:]|'s|的|at|得|为|,? ?(?:credite de|credited with|follows (?:at|on)|sits (?:at|on)|enters at))?\s?"
)


def _rated_by(benchmark: Name, names: Sequence[Name], about: About) -> tuple[list[Name], str]:
    """The names that a benchmark can rate, and which without one: models, not what they ran on."""
    chips = benchmark.text.startswith(RATE_CHIPS) or (benchmark.text == "MFU" and not about.model)
    kind, main = ("chip", about.chip) if chips else ("model", about.model)
    return [name for name in names if name.kind == kind], main


#: 线性度95%, 训练成本下降三成: a share of something else, which its own clause names.
_ELSE = re.compile(
    r"[,、;][^,、;。]{0,10}(?:线性度|幻觉率|利用率|占比|比例|增幅|良率|份额|可用性|成本|价格?|功耗|时延|延迟|速度|吞吐|throughput"
    r"|cost|price|speed|latency|efficiency|scaling)[^,、;。\d]{0,12}$"
)


def _benchmark_of(sentence: str, match: re.Match[str], benchmarks: Sequence[Name]) -> Name | None:
    before = [name for name in benchmarks if name.end <= match.start()]
    after = [name for name in benchmarks if name.start >= match.end()]
    # "86.2 MMLU-Pro, 79.0 SWE-bench Verified"
    if (
        after
        and sentence[match.end() : after[0].start] in (" ", " in ")
        and not (before and re.fullmatch(r"\s?[:(=]?\s?", sentence[before[-1].end : match.start()]))
    ):
        return after[0]
    if after and re.fullmatch(r"\s?(?:on|in)\s(?:the |our )?", sentence[match.end() : after[0].start]):
        return after[0]
    if after and re.fullmatch(
        r"\s?(?:%|分)?\s?(?:to|vs|against)\s\d+(?:\.\d+)?\s(?:on|in)\s(?:the )?",
        sentence[match.end() : after[0].start],
    ):
        return after[0]
    if before and before[-1].text == "MFU" and not _MFU_IS.fullmatch(sentence, before[-1].end, match.start()):
        return None
    if before:
        return None if _ELSE.search(sentence, before[-1].end, match.start()) else before[-1]
    if not before and _ANOTHER_RATE.search(sentence, max(0, match.start() - 16), match.start()):
        return None
    near = after and (after[0].text != "MFU" or sentence[match.end() : after[0].start].strip("的 ") == "")
    return after[0] if after and near else None


#: 幻觉率降到12%，AIME 2026拿到98.1分
_ANOTHER_RATE = re.compile(
    r"(?:幻觉率|成功率|通过率|命中率|准确率|拒答率|rate|accuracy)[^,，、;。.\d]{0,12}$"
)
_MFU_IS = re.compile(
    r"(?:[^,;。]|(?<=\d),(?=\d)){0,56}, (?:against|versus|vs\.?|compared (?:with|to)|(?:up|down) from) "
    r"|(?: (?:of|on|for|over|across) (?:an? |the |\d[\d,]* )?[a-z][\w.-]*(?: [\w-]*\d[\w-]*)?)?"
    r"(?:, up from )?[^,、;。\d]{0,24}"
    r"(?:\d[\d.]*\s?%?\s?(?:to|(?:提升|提高|升|涨|增加|增长|降|下降)?[到至]|-|,? up from|,)\s?)?"
)


#: "38% on Tiers 1-3, 12.5% on Tier 4"
_TIER = re.compile(r" (?:on|of|in) (?:the )?tier(s?) (\d(?:\s?-\s?\d)?)")
_HALLUCINATES = re.compile(
    r"hallucinat|幻觉|(?:made|makes|making|make) (?:things|stuff|answers) up|confabulat|invent(?:s|ed)"
)


_RATE_ON = re.compile(r"hallucination rate (?:on|in) (?:the )?$")
#: A score of a core by its clock: SPECint2006/GHz, 每GHz 16.5分.
_PER_CLOCK = re.compile(r"(?:/|per |每)\s?ghz")


def _metric(benchmark: Name, sentence: str, match: re.Match[str]) -> str:
    if benchmark.text == "AA-Omniscience" and _HALLUCINATES.search(sentence):
        return "AA-Omniscience hallucination rate"
    if benchmark.text == "FrontierMath" and (tier := _TIER.match(sentence, match.end())):
        return f"FrontierMath Tier{tier[1]} {tier[2].replace(' ', '')}"
    if benchmark.text.startswith("SPEC") and "ghz" in sentence and _PER_CLOCK.search(sentence):
        return f"{benchmark.text}/GHz"
    if "hallucination rate" in sentence and _RATE_ON.search(sentence, 0, benchmark.start):
        return f"{benchmark.text} hallucination rate"
    if benchmark.text == "HarmBench":
        turns = "multi-turn " if "multi-turn" in sentence else ""
        return f"HarmBench {turns}attack success rate"
    return benchmark.text
