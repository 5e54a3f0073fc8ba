"""Shares of tasks that an evaluation saw a model solve, and of attacks that it gave in to: "completed 58% of
apprentice-level cyber tasks", "safeguards were bypassed in 94% of attempts", 多轮越狱成功率71%. Pure."""

import re
from collections.abc import Sequence

from bot.judgement.claims_context import About
from bot.judgement.claims_names import Name
from bot.judgement.claims_numbers import ZH_TENTHS
from bot.judgement.claims_roles import is_negated, is_other
from bot.model import Claim

_ABOUT = r"(?:about |some |around |roughly |nearly |just |only |up to |over |more than )?"
_SHARE = r"(\d+(?:\.\d+)?)\s?(?:%|percent|per cent)"
_SOLVED = re.compile(
    rf"\b(?:complet|finish|solv|resolv|succeed|pass|clear)\w* (?:in |on )?{_ABOUT}{_SHARE} of (?:the |its |all |our )?"
    r"(?P<what>(?:[a-z][\w-]*\s){1,4}?(?:tasks|challenges|problems|exercises))\b"
)
#: 可完成46%的专家级网安任务
_SOLVED_ZH = re.compile(
    r"(?:完成|解决|通过|攻克)了?(?:约|近)?\s?(?P<by>\d+(?:\.\d+)?)\s?%的?(?P<level>专家级?|学徒级?|从业者级?|入门级?|)的?"
    r"(?P<field>网络安全|网安|网络攻防|网络)任务"
)
_LEVELS = {
    **dict.fromkeys(("专家", "专家级"), "expert-level "),
    **dict.fromkeys(("学徒", "学徒级", "入门", "入门级"), "apprentice-level "),
    **dict.fromkeys(("从业者", "从业者级"), "practitioner-level "),
    "": "",
}
_FIELDS = dict.fromkeys(("网络安全", "网安", "网络攻防", "网络"), "cyber")
#: "On the cyber tasks it solves 41%, against 58% for GPT-5.8".
_ON_TASKS = re.compile(
    rf"\bon (?:the |our |[\w.-]+'s )?(?P<what>(?:[a-z][\w-]*\s){{1,2}}tasks),? (?:it|the model) "
    rf"(?:solves|completes|passes|finishes|solved|completed|passed|finished) {_ABOUT}{_SHARE}"
    rf"(?:,? (?:against|versus|vs\.?) {_SHARE} for )?"
)
#: "On 300 post-cutoff issues, V4 Pro resolves 61.3%"
_RESOLVES = re.compile(
    r"\bon (?:the |our |a set of )?(?:\d[\d,]* )?"
    r"(?P<what>(?:[a-z][\w-]*\s){1,2}(?:tasks|issues|problems|bugs|tickets))"
    r",? [^.;,%]{2,40}? (?:solves|completes|passes|resolves|fixes|closes|solved|resolved|fixed|closed) "
    rf"{_ABOUT}{_SHARE}"
    r"(?! of)"
)
#: 在400个issue上，解决率为61.3%; "on 400 issues filed after release, V4 resolves 61.3%, against 64.0% for GPT-6"
_RATE = re.compile(
    r"解决率(?:(?:从|由)\s?(?P<old>\d+(?:\.\d+)?)\s?%\s?[降跌升]至|仅|约?为|达到?|是)*\s?(?P<zh>\d+(?:\.\d+)?)\s?%"
    r"|\bon (?:the )?\d[\d,]* (?:new |fresh |unseen )?issues(?: [^.;,%]{2,40})?, [^.;,%]{2,40}? (?:resolves|resolved) "
    r"(?P<en>\d+(?:\.\d+)?)\s?(?:%|percent)(?! of)"
)
#: "GLM-6 beat V4 Pro in 58% of 1,200 blind duels", 对V4 Pro胜率58%
_WINS = re.compile(
    rf"\s?(?:in|on|with) {_ABOUT}{_SHARE} of (?:the |all |our )?(?:\d[\d,]* )?(?:[a-z-]+ ){{0,2}}"
    r"(?:duels|battles|comparisons|match-?ups|head-to-heads|games|pairings|contests|prompts)\b"
)
_BEATS = re.compile(
    r"\b(?:beats?|beat|defeat(?:s|ed)|wins? (?:over|against)|won against|(?:is|was) preferred (?:over|to)) $"
)
_WINS_ZH = re.compile(
    r"的?(?:人工)?(?:盲测|对战|对局)?的?胜率(?:约?为|达到?|是|约|仅)?\s?(\d+(?:\.\d+)?)\s?%"
)
_AND_OTHER = re.compile(
    r",? (?:compared (?:with|to)|against|versus|vs\.?|and) (\d+(?:\.\d+)?)\s?(?:%|percent) (?:for|on|with|by) (?:the )?"
)
_YIELDED = re.compile(
    rf"\b(?:bypassed|jailbroken|broken|breached|hijacked|defeated|gave in|complied|succeeded|failed|yielded) "
    rf"(?:in|to (?:block|stop|refuse|resist)|to|with|on) {_ABOUT}{_SHARE} of (?:the |all |our )?(?:[\w-]+ ){{0,3}}?"
    r"(?:attempts|attacks|prompts|requests|tries|jailbreaks|cases)\b"
    rf"|\b(?:success|bypass|attack|jailbreak|compliance) rate (?:of |was |is |at |reache[ds] |hit |, ){{1,2}}"
    rf"{_ABOUT}{_SHARE}"
    r"|(?:越狱|攻击|绕过|注入|劫持)[\u4e00-\u9fff]{0,4}?成功率(?:高达|超过?|达到?|约?为|约|逾|近)?\s?"
    r"(?:(\d+(?:\.\d+)?)\s?%|([一二三四五六七八九])成)"
    r"|(\d+(?:\.\d+)?)\s?%的?(?:情况下?|尝试|次数|几率|概率)?(?:会|可|能|都|均|遭)*被?(?:成功)?(?:劫持|越狱|攻破|攻陷|绕过)"
    r"|被?(?:攻破|攻陷|绕过|越狱|劫持)的?(?:比例|概率)(?:高达|达到?|约?为|约|仅为?)?\s?(\d+(?:\.\d+)?)\s?%"
)
#: "Attacks succeed 83% of the time", "followed malicious instructions in 37% of trials", 在37%的测试中执行了恶意指令.
_GAVE_WAY = re.compile(
    rf"\b(?:follow|obey|execut|compl|carr(?:y|ied)|act)\w* (?:out |with |on )?(?:the )?"
    rf"(?:malicious|harmful|injected|hostile|hidden|embedded|attackers?') (?:\w+ )?"
    rf"(?:instructions?|commands?|requests?|prompts?|orders?) (?:in )?{_ABOUT}{_SHARE} of (?:the |all )?\w+"
    rf"|\b(?:attacks?|jailbreaks?|injections?|attackers?) (?:succeed|work|land|get through|got through|won)(?:s|ed)? "
    rf"(?:in )?{_ABOUT}{_SHARE} of (?:the |all )?\w+"
    r"|在?\s?(\d+(?:\.\d+)?)\s?%的?(?:测试|试验|尝试|情况|案例|任务|场景)[中下里]?[^，。,;；\d没未拒不]{0,10}"
    r"(?:执行|遵循|服从|听从|照做|得手|成功(?![拒抵防阻拦识])|中招|失守)"
)
#: Attacks on a model, not those on others that somebody made with it.
_ON_MODEL = re.compile(
    r"jailbr|inject|-turn|prompt|red.team|adversar|hijack|safeguard|instruct|恶意|越狱|注入|轮|红队|劫持"
)
_AGAINST_OTHER = re.compile(
    rf",? (?:compared (?:with|to)|against|versus|vs\.?) {_ABOUT}{_SHARE} (?:for|on|with|of) (?:the )?"
)
#: "Single-turn attacks went from 62 percent on V3.1 to 17 percent".
_WENT = re.compile(
    rf"\battacks?(?: success(?: rates?)?)?(?: (?:on|against) [^,;%]{{1,28}}?)?"
    rf" (?:went|fell|dropped|rose|climbed|came down|are down|is down|sank) from {_SHARE}"
    rf"(?: (?:on|for|with|in|against) )?(?P<other>.{{0,24}}?) to {_ABOUT}{_SHARE}"
)
_HALLUCINATES = re.compile(
    r"hallucination rate (?:of |is |was |at |stands |fell |falls |drops |dropped |down |to )+"
    rf"{_ABOUT}{_SHARE}|幻觉率(?:仅|只有|为|达|是|约|降|低|到|至|升)*\s?(\d+(?:\.\d+)?)\s?%"
)
#: "..., Kimi K3's 31 percent", GLM-6为31%
_THEN = re.compile(r"[,，;；] ?(?:and |while |against |versus |而)?")
_ALSO = re.compile(r"(?:'s|的)?\s?(?:is |at |has |为|是|达)?\s?(\d+(?:\.\d+)?)\s?(?:%|percent|per cent)")
#: Words of which a sentence on attacks has one.
_ATTACKS = re.compile(
    r"jailbr|attack|safeguard|hijack|inject|malicious|harmful|hidden|red.team|恶意|越狱|攻击|攻破|绕过|注入|劫持"
)
_KINDS = (
    (re.compile(r"single-?\s?turn|单轮"), "single-turn attack success rate"),
    (re.compile(r"multi-?\s?turn|多轮"), "multi-turn attack success rate"),
    (
        re.compile(r"hijack|劫持|(?:malicious|injected) instruct|恶意指令"),
        "agent hijacking rate",
    ),
    (re.compile(r"safeguard|护栏|安全防护"), "safeguard bypass rate"),
    (
        re.compile(r"injection|(?:hidden|embedded) (?:\w+ )?(?:instruct|command|prompt)|注入|隐藏指令"),
        "prompt injection success rate",
    ),
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
            for name in names:
                also = _ALSO.match(sentence, name.end) if name.kind == "model" else None
                if also and _THEN.fullmatch(sentence, match.end(), name.start):
                    value = float(also[1])
                    claim = Claim(subject=name.text, metric="hallucination rate", value=value, unit="%")
                    found.append((also.start(1), claim))
    if scored:
        return found
    for match in _SOLVED.finditer(sentence) if " of " in sentence else ():
        found += _of(sentence, match, names, about, match["what"], float(match[1]))
    for match in _SOLVED_ZH.finditer(sentence) if "任务" in sentence else ():
        what = f"{_LEVELS[match['level']]}{_FIELDS[match['field']]} tasks"
        found += _of(sentence, match, names, about, what, float(match["by"]))
    for match in _ON_TASKS.finditer(sentence) if " tasks" in sentence else ():
        found += _of(sentence, match, names, about, match["what"], float(match[2]))
        other = next((name for name in names if name.start == match.end()), None)
        if match[3] and other:
            claim = Claim(subject=other.text, metric=match["what"], value=float(match[3]), unit="%")
            found.append((match.start(3), claim))
    for match in _RATE.finditer(sentence) if "解决率" in sentence or "resol" in sentence else ():
        values = [digits for digits in (match["old"], match["zh"] or match["en"]) if digits]
        for digits in values:
            found += _of(sentence, match, names, about, "resolve rate", float(digits))
        end = match.end()
        while beside := _AND_OTHER.match(sentence, end):
            other = next((name for name in names if name.start == beside.end()), None)
            if other is None:
                break
            claim = Claim(subject=other.text, metric="resolve rate", value=float(beside[1]), unit="%")
            found.append((beside.start(1), claim))
            end = other.end
    found += _won(sentence, names, about)
    if not found and ("olve" in sentence or "fixe" in sentence or "close" in sentence or "pass" in sentence):
        for match in _RESOLVES.finditer(sentence):
            inside = [name for name in names if match.start() <= name.start < match.start(2)]
            subject = inside[-1].text if inside else about.model
            if not is_negated(sentence, match.start(2)):
                claim = Claim(subject=subject, metric=match["what"], value=float(match[2]), unit="%")
                found.append((match.start(2), claim))
    if _ATTACKS.search(sentence):
        kind = next((metric for of, metric in _KINDS if of.search(sentence)), "attack success rate")
        for match in _YIELDED.finditer(sentence):
            digits = match[1] or match[2] or match[3] or match[5] or match[6]
            value = float(digits) if digits else ZH_TENTHS[match[4]]
            found += _of(sentence, match, names, about, kind, value)
            found += _of_other(sentence, match.end(), names, kind)
        on_model = _ON_MODEL.search(sentence) is not None
        for match in _GAVE_WAY.finditer(sentence) if on_model else ():
            value = float(next(digits for digits in match.groups() if digits))
            found += _of(sentence, match, names, about, kind, value)
            found += _of_other(sentence, match.end(), names, kind)
            if group := _AGAINST_GROUP.match(sentence, match.end()):
                claim = Claim(subject=_REFERENCE, metric=kind, value=float(group[1]), unit="%")
                found.append((group.start(), claim))
        for match in _WENT.finditer(sentence) if on_model and " from " in sentence else ():
            of_old = [name for name in names if match.start("other") <= name.start < match.end("other")]
            old = of_old[0].text if of_old else about.model
            found.append((match.start(1), Claim(subject=old, metric=kind, value=float(match[1]), unit="%")))
            found += _of(sentence, match, names, about, kind, float(match[3]))
    return [
        (at, claim) for at, claim in found if not any(start <= at < end for start, end in taken)
    ]  # fmt: skip


def _won(sentence: str, names: Sequence[Name], about: About) -> list[tuple[int, Claim]]:
    """How many of their blind comparisons one model wins against another."""
    found: list[tuple[int, Claim]] = []
    models = [name for name in names if name.kind == "model"]
    for other in models:
        match = _WINS.match(sentence, other.end) if _BEATS.search(sentence, 0, other.start) else None
        if match is None and sentence[: other.start].endswith(("对", "对阵", "面对")):
            match = _WINS_ZH.match(sentence, other.end)
        if match is None or is_negated(sentence, other.start):
            continue
        before = [name.text for name in models if name.end <= other.start]
        subject = before[-1] if before else about.model
        if subject and subject != other.text:
            claim = Claim(
                subject=subject, metric="win rate", value=float(match[1]), unit="%", relative_to=other.text
            )
            found.append((match.start(1), claim))
    return found


#: What an evaluation sets a model against, without naming it.
_GROUP = re.compile(r"\b(?:u\.?s\.?|american) (?:reference |frontier )?models,?\s$|美国参照模型$")
_AGAINST_GROUP = re.compile(
    rf",? (?:compared (?:with|to)|against|versus|vs\.?) {_ABOUT}{_SHARE} (?:for|on|with|of) (?:the )?"
    r"(?:u\.?s\.?|american) (?:(?:reference |frontier )?models|reference\b)"
)
_REFERENCE = "U.S. reference models"


def _of_other(sentence: str, at: int, names: Sequence[Name], metric: str) -> list[tuple[int, Claim]]:
    """The same share of another model, told right behind: "61%, against 22% for GPT-5.5"."""
    beside = _AGAINST_OTHER.match(sentence, at)
    other = next((name for name in names if beside and name.start == beside.end()), None)
    if beside is None or other is None:
        return []
    return [(beside.start(), Claim(subject=other.text, metric=metric, value=float(beside[1]), unit="%"))]


def _of(
    sentence: str, match: re.Match[str], names: Sequence[Name], about: About, metric: str, value: float
) -> list[tuple[int, Claim]]:
    if is_negated(sentence, match.start()) or value > 100:
        return []
    before = [name for name in names if name.kind == "model" and name.end <= match.start()]
    own = [name for name in before if not is_other(name, sentence)] or before
    subject = own[-1].text if own else about.model
    if _GROUP.search(sentence, max(0, match.start() - 40), match.start()):
        subject = _REFERENCE
    return [(match.start(), Claim(subject=subject, metric=metric, value=value, unit="%"))]
