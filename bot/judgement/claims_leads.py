"""How far one stands from another: minutes of MLPerf, months behind the frontier, points ahead of a model. Pure."""

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.judgement.claims_context import About
from bot.judgement.claims_names import Name
from bot.judgement.claims_roles import is_negated
from bot.model import Claim

_MINUTES = re.compile(r"(\d+(?:\.\d+)?)\s?(?:minutes|分钟)")
#: "4.2 minutes on eight B300", "Nvidia needs 4.2 on B300", "512 B300s take 54.9".
_ON_CARDS = re.compile(
    r" (?:on|for|with|across) (?:the |an? |only |just )?(?:\d[\d,]* |[a-z]+ )?(?:nvidia |huawei |amd )?"
)
_TAKES = re.compile(r"\b(?:takes?|took|needs?|needed) (\d+(?:\.\d+)?)(?=\.?\s*$| on |[,;])")
_FEW = r"(?<![\d.])\d+(?:\.\d)?|three|four|five|six|seven|eight|nine|[三四五六七八九](?=\s?个月)"
_LAG = re.compile(
    rf"({_FEW}) months? behind|(?:gap|lag)\b[^\d.;]{{0,32}}(?:to|at|of) (?:about )?({_FEW}) months"
    r"|(half a year) behind|(?:gap|lag)\b[^\d.;]{0,40}? (half a year)|落后[^\d,。]{0,12}(半年)"
    rf"|差距[^\d,，。;；]{{0,8}}?({_FEW})\s?个月"
    rf"|距离?(?:最强|最好|美国|顶尖|前沿)[^\d,，。]{{0,10}}({_FEW})\s?个月"
    rf"|(?:lag|trail|behind|落后)[^\d]{{0,40}}?({_FEW})\s?(?:个)?(?:months|个月|month)"
)
_MONTHS = {
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    **{digit: months for months, digit in enumerate("三四五六七八九", 3)},
    "half a year": 6,
    "半年": 6,
}

_Found = list[tuple[int, Claim]]


#: "4.8 points better than V4", 比V4-Pro正式版高出近9分: a lead over a model that is named.
_LEAD_EN = re.compile(
    r"(\d+(?:\.\d+)?) (?:percentage )?points? (?:better than|higher than|ahead of|clear of|above) (?:the |its )?"
)
#: "Beats GLM-6 by 3.2 points on HLE"
_BEATS = re.compile(
    r"\b(?:beats|leads|tops|outscores|edges|passes|surpasses|outperforms|ahead of) (?:the )?$"
)
_LEAD_BY = re.compile(r" by (?:about |some |nearly |over )?(\d+(?:\.\d+)?) (?:percentage )?points?\b")
_LEAD_ZH = re.compile(
    r"(?:正式版|预览版|预览|旧版)?(?:还|又)?(?:高出?|领先)了?(?:近|约|逾|超)?\s?(\d+(?:\.\d+)?)\s?(?:个百分点|个点|分)"
)


def leads_in(sentence: str, names: Sequence[Name], about: About) -> _Found:
    """By how many points a model leads another on the benchmark that sentence or text names."""
    named = [name.text for name in names if name.kind == "benchmark"]
    benchmark = named[-1] if named else about.benchmark.text if about.benchmark else ""
    found: _Found = []
    models = [name for name in names if name.kind == "model"] if benchmark else []
    for other in models:
        match = (
            _LEAD_ZH.match(sentence, other.end) if sentence[: other.start].endswith(("比", "较")) else None
        )
        match = match or (
            _LEAD_BY.match(sentence, other.end) if _BEATS.search(sentence, 0, other.start) else None
        )
        match = match or next((m for m in _LEAD_EN.finditer(sentence) if m.end() == other.start), None)
        if match is None or is_negated(sentence, match.start()):
            continue
        before = [name.text for name in models if name.end <= min(match.start(), other.start)]
        subject = before[-1] if before else about.model
        if subject and subject != other.text:
            value = float(match[1])
            claim = Claim(
                subject=subject, metric=benchmark, value=value, unit="points", relative_to=other.text
            )
            found.append((match.start(), claim))
    return found


def training_of(workload: str, sentence: str) -> str:
    """How the time is called that training a network of MLPerf takes."""
    # Of the round's workloads this one is only fine-tuned.
    if not workload:
        return "MLPerf training time"
    tuned = "lora" in sentence or workload == "Llama 2 70B"
    tail = " LoRA" if tuned else " pretraining" if "pretrain" in sentence else ""
    return f"MLPerf {workload}{tail}"


def durations_in(sentence: str, names: Sequence[Name], about: About) -> _Found:
    """MLPerf training is told in minutes."""
    workload = next((name.text for name in names if name.kind == "workload"), about.workload)
    trains = "train" in sentence or "训练" in sentence
    if not about.setting.mlperf or not (workload or (trains and about.chip)):
        return []
    metric = training_of(workload, sentence)
    chips = [name for name in names if name.kind == "chip"]
    found: _Found = []
    for match in (*_MINUTES.finditer(sentence), *_TAKES.finditer(sentence)):
        behind = _ON_CARDS.match(sentence, match.end())
        on = [name.text for name in chips if behind and name.start == behind.end()]
        before = [name.text for name in chips if name.end <= match.start()]
        subject = on[0] if on else before[-1] if before else about.main
        if subject and (on or match.re is _MINUTES or before):
            claim = Claim(subject=subject, metric=metric, value=float(match[1]), unit="minutes")
            found.append((match.start(), claim))
    return found


#: "3 to 5 months behind".
_RANGE = re.compile(r"(?<![\d.])(\d+)\s?(?:to|-|至|到)\s?\d+\s?(?:个)?(?:months|月)")
_LAG_AGAIN = re.compile(
    rf"(?: is| by| at|落后)? ?({_FEW})(?: ?个?(?:months|月))?(?=\s?(?:[.,;，。；]|$|behind))"
)
#: Models of the frontier itself.
_LEADS = re.compile(r"GPT|Claude|Gemini|Grok|o\d")


def lags_in(sentence: str, names: Sequence[Name], main: str) -> _Found:
    """How far behind the frontier an evaluation puts a model."""
    match = _LAG.search(sentence)
    behind = [name.text for name in names if name.kind == "model" and not _LEADS.match(name.text)]
    subject = behind[0] if behind else "" if _LEADS.match(main) else main
    if match is None or not subject:
        return []
    told = next(group for group in match.groups() if group)
    value = float(_MONTHS.get(told) or told)
    first = _RANGE.search(sentence, max(0, match.start() - 8), match.end())
    claim = Claim(
        subject=subject,
        metric="capability lag",
        value=float(first[1]) if first else value,
        unit="months",
        relative_to="US frontier",
        value_max=value if first else None,
    )
    found = [(match.start(), claim)]
    for name in names:
        # "Qwen4-Max four months behind the US frontier, GLM-5.2 seven".
        again = (
            _LAG_AGAIN.match(sentence, name.end)
            if name.start >= match.end() and name.kind == "model"
            else None
        )
        if again and not _LEADS.match(name.text):
            value = float(_MONTHS.get(again[1]) or again[1])
            found.append((again.start(), replace(claim, subject=name.text, value=value, value_max=None)))
    return found
