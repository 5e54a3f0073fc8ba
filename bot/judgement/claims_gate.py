"""Whether a text can hold a figure that is a claim, told cheaply: most hold none. Pure."""

import re
from functools import lru_cache

from bot.judgement.screen import Screen
from bot.judgement.text import fold, joined
from bot.model import Claim

#: A number with what could be its unit. Begins with a digit, which makes it fast.
_UNIT = re.compile(
    r"\d(?!\d)\s?(?:fois|[pt]f(?![a-z\d])|[pgt](?![a-z\d])|%|per ?cent|x(?![a-z])|times|[eptg](?:fl)?ops|peta"
    r"|exa|tera|[ptg]b|[km]?w(?![a-z])|watt|tok|t/s|tps|to/s|megaw|trillion op|m?s(?![a-z])|sec"
    r"|个?token|个?词元|[百千]?[万亿]|倍|成|分|秒|毫秒|瓦|兆|points|minutes|months|个月)"
)
_UNIT_ZH = re.compile(r"[一两二三四五六七八九十](?:[成倍]|个月)")
#: The same, said without a digit or with a unit that stands elsewhere; looked for in one pass.
_WORDS = (
    "half twice fois doppelt dreimal pct third quarter fifth tenth doubl tripl quadrupl times million thousand factor "
    "prozent months 分之 一半 半年 "
    "quadrillion petaflop exaflop tok/s toks/s token/s tokens/s bench index arena aime gpqa mmlu mmmu humaneval hle "
    "codeforces spec mfu mrcr math "
    "arc-agi osworld simpleqa docvqa aider capabilit ifeval gsm8k scicode gdpval toolathlon hmmt bfcl lcb swe-v "
    "omniscience cybergym coremark eval 跑分 单核 多核 翻倍 翻番 テラ ギガ"
)
_PHRASES = (
    "tokens per|first token|pour cent| eci| tb2|finance agent|artificial analysis|last exam"
    "| on aa|aa has |aa puts |aa gives |aa rates |time horizon|perplexity |needle recall|任务时长"
    "|独立完成|自主完成|metr |metr:|metr's"
)
_SCREEN = Screen([(*_WORDS.split(), *_PHRASES.split("|"))])


def claims_of(title: str, summary: str, language: str) -> tuple[Claim, ...]:
    """The same as ``claims.extract_claims``, which is loaded with the first text that may hold a claim: that takes as
    long as to load all the rest of judging."""
    if not is_worth_reading(joined(fold(title), fold(summary))):
        return ()
    from bot.judgement.claims import extract_claims

    return extract_claims(title, summary, language)


@lru_cache(maxsize=2)  # asked again by whom the text is handed on to
def is_worth_reading(text: str) -> bool:
    """Whether a folded text can hold one."""
    return (
        _SCREEN.any_possible(text)
        or _UNIT.search(text) is not None
        or (not text.isascii() and _UNIT_ZH.search(text) is not None)
    )
