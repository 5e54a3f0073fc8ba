"""Scores on named benchmarks: "80.6% on SWE-bench Verified", "AIME 2026: V4 Pro 96.7, V4 Flash 94.2", GPQA 90.1分."""

import re
from collections.abc import Sequence

from bot.judgement.claims_names import Name
from bot.judgement.claims_numbers import number
from bot.judgement.claims_subjects import About, is_negated, may_own
from bot.model import Claim

_NUMBER = re.compile(
    r"(?<![a-z0-9.,#$-])(\d{1,3},\d{1,2}(?=\s?(?:%|prozent|pour cent|punkte))|\d{1,4}(?:,\d{3})*(?:\.\d+)?)"
    r"\s?(%|percent|per cent|prozent|pour cent|points|分)?"
    r"(?![a-z\d]|\.\d|\s?(?:gb|b |bn|k\b|张|卡|个|国|月|日|年|tokens))"
)
_FOR_NAME = re.compile(r"\s?(?:for|by)\s(?:the )?")
_MINUTES = re.compile(r"(\d+(?:\.\d+)?)\s?(?:minutes|分钟)")
_LAG = re.compile(
    r"(\d+|three|four|five|six|seven|eight|nine) months? behind|(?:lag|trail|behind|落后)[^\d]{0,40}?(\d+|eight|six"
    r"|seven|nine|three|four|five)\s?(?:个)?(?:months|个月|month)"
)
_MONTHS = {"three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9}

_Found = list[tuple[int, Claim]]


def scores_in(sentence: str, names: Sequence[Name], about: About, taken: Sequence[tuple[int, int]]) -> _Found:
    """The scores of one sentence. ``taken``: where figures stand that were read otherwise."""
    main = about.main
    found = _durations(sentence, names, about) + _lags(sentence, names, main)
    benchmarks = [name for name in names if name.kind == "benchmark"]
    if not benchmarks:
        return found + _scores_on(about, sentence, names, taken)
    blocked = [*taken, *((name.start, name.end) for name in names)]
    numbers = [
        match
        for match in _NUMBER.finditer(sentence)
        if not any(start < match.end() and match.start() < end for start, end in blocked)
        and not is_negated(sentence, match.start())
    ]
    subjects = [name for name in names if name.kind in ("chip", "model")]
    owners = _owners(sentence, numbers, subjects, main)
    shared = ""  # a list of scores told without a unit is in that of its first
    for match, subject in zip(numbers, owners, strict=True):
        benchmark = _benchmark_of(sentence, match, benchmarks)
        if benchmark is None or not subject or not _plausible(match, benchmark, sentence):
            continue
        unit = _unit(match, benchmark)
        if match[2] is None and number(match[1]) <= 100:
            shared = shared or unit
            unit = shared
        value = number(match[1])
        claim = Claim(subject=subject, metric=_metric(benchmark, sentence), value=value, unit=unit)
        found.append((match.start(), claim))
    return found


#: "scores 52", "拿下52分": a number that is a score though its sentence names no benchmark.
_SCORED = re.compile(
    r"(?:scor(?:es?|ed|ing)(?: of)?|gets|got|lands(?: at)?"
    r"|reach(?:es|ed)|hits|at|with|(?:points|rises|climbs|falls|drops|improves|up|down) to"
    r"|得分|拿下|取得|获得|获|达到?|升至|降至)\s?$"
)
_SCORE_WORD = re.compile(
    r"scor|index|arena|accuracy|points|(?:lands?|is|stands|comes? in) at|finish(?:es|ed) (?:at|with)"
    r"|得分|分|评测|跑分|榜"
)


def _scores_on(
    about: About, sentence: str, names: Sequence[Name], taken: Sequence[tuple[int, int]]
) -> _Found:
    """Scores on the benchmark that the rest of the text names."""
    benchmark = about.benchmark
    if benchmark is None or not (about.same_benchmark or _SCORE_WORD.search(sentence)):
        return []
    blocked = [*taken, *((name.start, name.end) for name in names)]
    subjects = [name for name in names if name.kind in ("chip", "model")]
    found: _Found = []
    for match in _NUMBER.finditer(sentence):
        if any(start < match.end() and match.start() < end for start, end in blocked):
            continue
        told = _SCORED.search(sentence[max(0, match.start() - 14) : match.start()])
        bracketed = any(
            re.fullmatch(r"\s?[(（:：]\s?", sentence[name.end : match.start()]) for name in subjects
        )
        if not told and not bracketed and match[2] not in ("分", "%"):
            continue
        before = [
            name for name in subjects if name.end <= match.start() and may_own(name, sentence, match.start())
        ]
        subject = before[-1].text if before else about.main
        if subject and _plausible(match, benchmark, sentence):
            value = number(match[1])
            claim = Claim(subject=subject, metric=benchmark.text, value=value, unit=_unit(match, benchmark))
            found.append((match.start(), claim))
    return found


#: Between a name and its score: "Gemini 3.1 Pro's 44.4", Gemini 3.1 Pro的44.4.
_ITS_OWN = re.compile(r"(?:'s|\s?的)\s?")


def _owners(
    sentence: str, numbers: Sequence[re.Match[str]], subjects: Sequence[Name], main: str
) -> list[str]:
    """Whose each number is. Names that stand in a row before as many numbers in a row share them in order."""
    owners: list[str] = []
    for index, match in enumerate(numbers):
        after = _FOR_NAME.match(sentence, match.end())
        named = [name for name in subjects if after and name.start == after.end()]
        named = named or [name for name in subjects if _ITS_OWN.fullmatch(sentence, name.end, match.start())]
        before = [name for name in subjects if name.end <= match.start()]
        last = numbers[index - 1].end() if index else 0
        fresh = [name for name in before if name.start >= last]
        named = named or [
            name for name in subjects if re.fullmatch(r"\s?[(（]", sentence[match.end() : name.start])
        ]
        if named:
            owners.append(named[0].text)
        elif len(fresh) > 1 and _run(numbers, index, subjects) == len(fresh):
            owners.append(fresh[0].text)
        elif index and not fresh and _run_start(numbers, index, subjects):
            owners.append(before[-1].text if before else main)
        elif before:
            own = [name for name in before if may_own(name, sentence, match.start())]
            owners.append((own or before)[-1].text)
        else:
            owners.append(_later_owner(sentence, match, subjects, main))
    return owners


def _later_owner(sentence: str, match: re.Match[str], subjects: Sequence[Name], main: str) -> str:
    """Whose a number is that no name stands before: one in brackets after it, else what the text is about."""
    later = [name for name in subjects if name.start >= match.end()]
    bracketed = [name.text for name in later if sentence[name.start - 1 : name.start] in ("(", "（")]
    return bracketed[0] if bracketed else main or (later[0].text if later else "")


def _run(numbers: Sequence[re.Match[str]], index: int, subjects: Sequence[Name]) -> int:
    """How many numbers from this one on stand without a name between them."""
    count = 1
    for one, two in zip(numbers[index:], numbers[index + 1 :], strict=False):
        if any(one.end() <= name.start < two.start() for name in subjects):
            break
        count += 1
    return count


def _run_start(numbers: Sequence[re.Match[str]], index: int, subjects: Sequence[Name]) -> bool:
    return not any(numbers[index - 1].end() <= name.start < numbers[index].start() for name in subjects)


#: 线性度95%: a share of something else that a new clause names.
_ELSE = re.compile(
    r"[,，、;；][^,，、;；]{0,8}(?:线性度|利用率|占比|比例|增幅|良率|份额|可用性)[为达约超]{0,2}\s?$"
)


def _benchmark_of(sentence: str, match: re.Match[str], benchmarks: Sequence[Name]) -> Name | None:
    before = [name for name in benchmarks if name.end <= match.start()]
    after = [name for name in benchmarks if name.start >= match.end()]
    if after and re.fullmatch(r"\s?(?:on|in)\s(?:the |our )?", sentence[match.end() : after[0].start]):
        return after[0]
    if after and re.fullmatch(
        r"\s?(?:%|分)?\s?(?:to|vs|against)\s\d+(?:\.\d+)?\s(?:on|in)\s(?:the )?",
        sentence[match.end() : after[0].start],
    ):
        return after[0]
    if before:
        return None if _ELSE.search(sentence, before[-1].end, match.start()) else before[-1]
    return after[0] if after else None


#: "Beats it by 12 points", 领先12分: a lead is no score.
_LEAD = re.compile(
    r"(?:\b(?:by|gain(?:s|ed|ing)?|up|adds?)\s(?:about |around |some |nearly |over )?"
    r"|(?:高出?|领先|提升|提高|落后|低)了?约?)\s?$"
)


#: "3 of 30", "tiers 1-3", "top 5": no score.
_COUNTED = re.compile(
    r"(?:\d (?:out )?of (?:the )?"
    r"|\b(?:tiers?|levels?|parts?|top|no\.|rank(?:ed|s)?|version|stage|phase|round)\s(?:\d-)?)$"
)


def _plausible(match: re.Match[str], benchmark: Name, sentence: str) -> bool:
    value = number(match[1])
    if match[2] is None and re.match(r"\s?(?:out )?of (?:the )?\d|/\d", sentence[match.end() :]):
        return False  # 3 out of 30
    if _COUNTED.search(sentence[: match.start()]):
        return False
    if match[2] in ("points", "分") and _LEAD.search(sentence[: match.start()]):
        return False
    if benchmark.text in ("Codeforces rating", "Code Arena score", "LMArena score"):
        return 500 <= value <= 5000
    if benchmark.text.startswith("SPEC"):
        return value > 1
    if (
        re.match(r"\s?(?:points? |tasks|models|evaluations|steps)", sentence[match.end() :])
        and match[2] != "%"
    ):
        return False
    return 1 <= value <= 100


def _unit(match: re.Match[str], benchmark: Name) -> str:
    if match[2] in ("%", "percent", "per cent", "prozent", "pour cent"):
        return "%"
    return "points" if match[2] in ("points", "分") else benchmark.unit


def _metric(benchmark: Name, sentence: str) -> str:
    if benchmark.text == "AA-Omniscience" and "hallucinat" in sentence:
        return "AA-Omniscience hallucination rate"
    return benchmark.text


def _durations(sentence: str, names: Sequence[Name], about: About) -> _Found:
    """MLPerf training is told in minutes."""
    match = _MINUTES.search(sentence)
    workload = next((name for name in names if name.kind == "workload"), None)
    before = [name.text for name in names if match and name.kind == "chip" and name.end <= match.start()]
    subject = before[-1] if before else about.main
    if match is None or workload is None or not about.setting.mlperf or not subject:
        return []
    tail = " LoRA" if "lora" in sentence else ""
    metric = f"MLPerf {workload.text}{tail}"
    return [(match.start(), Claim(subject=subject, metric=metric, value=float(match[1]), unit="minutes"))]


def _lags(sentence: str, names: Sequence[Name], main: str) -> _Found:
    """How far behind the frontier an evaluation puts a model."""
    match = _LAG.search(sentence)
    subject = next((name.text for name in names if name.kind == "model"), main)
    if match is None or not subject:
        return []
    told = match[1] or match[2]
    value = float(_MONTHS.get(told) or told)
    claim = Claim(
        subject=subject, metric="capability lag", value=value, unit="months", relative_to="US frontier"
    )
    return [(match.start(), claim)]
