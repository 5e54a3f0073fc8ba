"""Shares of tasks that an evaluation saw a model solve, and of attacks that it gave in to: "completed 58% of
apprentice-level cyber tasks", "safeguards were bypassed in 94% of attempts", 多轮越狱成功率71%. Pure."""

import re
from collections.abc import Sequence

from bot.judgement.claims_names import Name
from bot.judgement.claims_numbers import ZH_TENTHS
from bot.judgement.claims_subjects import About, is_negated, is_other
from bot.model import Claim

_ABOUT = r"(?:about |some |around |roughly |nearly |just |only |up to |over |more than )?"
_SHARE = r"(\d+(?:\.\d+)?)\s?(?:%|percent|per cent)"
_SOLVED = re.compile(
    rf"\b(?:complet|finish|solv|resolv|succeed|pass|clear)\w* (?:in |on )?{_ABOUT}{_SHARE} of (?:the |its |all |our )?"
    r"(?P<what>(?:[a-z][\w-]*\s){1,4}?(?:tasks|challenges|problems|exercises))\b"
)
#: "On the cyber tasks it solves 41%, against 58% for GPT-5.8".
_ON_TASKS = re.compile(
    rf"\bon (?:the |our |[\w.-]+'s )?(?P<what>(?:[a-z][\w-]*\s){{1,2}}tasks),? (?:it|the model) "
    rf"(?:solves|completes|passes|finishes|solved|completed|passed|finished) {_ABOUT}{_SHARE}"
    rf"(?:,? (?:against|versus|vs\.?) {_SHARE} for )?"
)
_YIELDED = re.compile(
    rf"\b(?:bypassed|jailbroken|broken|breached|hijacked|defeated|gave in|complied|succeeded|failed|yielded) "
    rf"(?:in|to (?:block|stop|refuse|resist)|to|with|on) {_ABOUT}{_SHARE} of (?:the |all |our )?(?:[\w-]+ ){{0,3}}?"
    r"(?:attempts|attacks|prompts|requests|tries|jailbreaks|cases)\b"
    rf"|\b(?:success|bypass|attack|jailbreak|compliance) rate (?:of |was |is |at |reache[ds] |hit |, ){{1,2}}"
    rf"{_ABOUT}{_SHARE}"
    r"|(?:越狱|攻击|绕过|注入|劫持)[\u4e00-\u9fff]{0,4}?成功率(?:高达|超过?|达到?|约?为|约|逾|近)?\s?"
    r"(?:(\d+(?:\.\d+)?)\s?%|([一二三四五六七八九])成)"
    r"|被?(?:攻破|攻陷|绕过|越狱)的?(?:比例|概率)(?:高达|达到?|约?为|约|仅为?)?\s?(\d+(?:\.\d+)?)\s?%"
)
_HALLUCINATES = re.compile(
    r"hallucination rate (?:of |is |was |at |stands |fell |falls |drops |dropped |down |to )+"
    rf"{_ABOUT}{_SHARE}|幻觉率(?:仅|只有|为|达|是|约|降|低|到|至|升)*\s?(\d+(?:\.\d+)?)\s?%"
)
#: Words of which a sentence on attacks has one.
_ATTACKS = re.compile(
    r"jailbr|attack|safeguard|hijack|injection|malicious|harmful|red.team|越狱|攻击|攻破|绕过|注入|劫持"
)
_KINDS = (
    (re.compile(r"multi-?\s?turn|多轮"), "multi-turn attack success rate"),
    (re.compile(r"hijack|劫持"), "agent hijacking success rate"),
    (re.compile(r"safeguard|护栏|安全防护"), "safeguard bypass rate"),
    (re.compile(r"injection|注入"), "prompt injection success rate"),
    (re.compile(r"jailbr|越狱"), "jailbreak success rate"),
)


def shares_in(
    sentence: str, names: Sequence[Name], about: About, taken: Sequence[tuple[int, int]]
) -> list[tuple[int, Claim]]:
    """The shares that one sentence tells of a model, with where each stands. ``taken``: what was read otherwise."""
    found: list[tuple[int, Claim]] = []
    if not about.model:
        return found
    scored = any(name.kind == "benchmark" for name in names)
    if ("hallucination" in sentence or "幻觉率" in sentence) and "omniscience" not in sentence:
        for match in _HALLUCINATES.finditer(sentence):
            found += _of(sentence, match, names, about, "hallucination rate", float(match[1] or match[2]))
    if scored:
        return found
    for match in _SOLVED.finditer(sentence) if " of " in sentence else ():
        found += _of(sentence, match, names, about, match["what"], float(match[1]))
    for match in _ON_TASKS.finditer(sentence) if " tasks" in sentence else ():
        found += _of(sentence, match, names, about, match["what"], float(match[2]))
        other = next((name for name in names if name.start == match.end()), None)
        if match[3] and other:
            claim = Claim(subject=other.text, metric=match["what"], value=float(match[3]), unit="%")
            found.append((match.start(3), claim))
    if _ATTACKS.search(sentence):
        kind = next((metric for of, metric in _KINDS if of.search(sentence)), "attack success rate")
        for match in _YIELDED.finditer(sentence):
            digits = match[1] or match[2] or match[3] or match[5]
            value = float(digits) if digits else ZH_TENTHS[match[4]]
            found += _of(sentence, match, names, about, kind, value)
    return [
        (at, claim) for at, claim in found if not any(start <= at < end for start, end in taken)
    ]  # fmt: skip


def _of(
    sentence: str, match: re.Match[str], names: Sequence[Name], about: About, metric: str, value: float
) -> list[tuple[int, Claim]]:
    if is_negated(sentence, match.start()) or value > 100:
        return []
    before = [name for name in names if name.kind == "model" and name.end <= match.start()]
    own = [name for name in before if not is_other(name, sentence)] or before
    subject = own[-1].text if own else about.model
    return [(match.start(), Claim(subject=subject, metric=metric, value=value, unit="%"))]
