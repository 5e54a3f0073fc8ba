"""Whether a number beside a benchmark can be a score, and of what value and unit. Pure."""

import re

from bot.judgement.claims_names import Name
from bot.judgement.claims_numbers import number

_POINTS = ("points", "punkte", "分")

#: "Beats it by 12 points", 领先12分: a lead is no score.
_LEAD = re.compile(
    r"(?:\b(?:by|up|adds?|(?:gain|drop|fall|los|ris|climb|jump|slip)\w*|fell|rose|lost)\s"
    r"(?:about |around |some |nearly |over )?"
    r"|(?:高出?|领先|提升|提高|落后|低)了?(?:约|近|逾|超)?)\s?$"
)


#: "+18%", "97% less than", "30% of its price": a change, or a share of something.
_CHANGE_BEFORE = re.compile(
    r"(?:(?<![\w)\]])[+-]|[+±])\s?$|(?:下降|降低|减少|下滑|增长|上涨)了?(?:约|近|逾|超)?\s?$"
)
_CHANGE_AFTER = re.compile(
    r"\s?(?:vor|hinter|mehr|weniger|besser|schlechter|less|more|fewer|cheaper|faster|slower|lower|higher|better|worse|smaller|larger|longer|shorter|below|above"
    r"|behind|ahead|(?:up|down) (?:on|from)|increase"
    r"|decrease|improvement|gain|drop|discount|cut|off|of (?:the|its|their) (?:price|cost|size|parameters|tokens)"
    r"|of (?:the |its |all |their )?(?:downloads|orders|users|traffic|market|votes|revenue|sales|customers|developers"
    r"|respondents|requests|attempts|calls|spending)|des jetons)\b"
)


#: "The lead over V4 Pro narrows to 2.1 points".
_GAP = re.compile(r"\b(?:lead|gap|edge|margin|distance)\b[^.;,]{0,60}$|(?:差距|领先优势)[^,。;]{0,12}$")
#: "3 of 30", "tiers 1-3", "top 5": no score.
_COUNTED = re.compile(
    r"(?:\d (?:out )?of (?:the )?"
    r"|\b(?:tiers?|levels?|parts?|top|no\.|rank(?:ed|s)?|version|stage|phase|round|table|figure|fig\.|appendix|section|footnote"
    # A licence or a phone has a number of its own: "under Apache 2.0 and scores 86", "on a Pixel 11".
    r"|apache|l?gpl|cc|pixel|iphone|galaxy|android|ios|windows|python|cuda|day|week|seed)\s(?:\d-)?)$"
)


_PARTS = re.compile(
    r"[\s-]?(?:core|thread|socket|watt|核|线程)|\s(?!point|versus|across|plus|thus|was\b)[a-z]{3,}s\b"
)


def is_plausible(match: re.Match[str], benchmark: Name, sentence: str) -> bool:
    value = value_of(match)
    if match[2] is None and re.match(r"\s?(?:out )?of (?:the )?\d|/\d", sentence[match.end() :]):
        return False  # 3 out of 30
    before = sentence[max(0, match.start() - 24) : match.start()]
    if _COUNTED.search(before) or _CHANGE_BEFORE.search(before) or _CHANGE_AFTER.match(sentence, match.end()):
        return False
    if match[2] in _POINTS and (_LEAD.search(before) or _GAP.search(sentence[: match.start()])):
        return False
    if benchmark.text == "Codeforces rating" or benchmark.text.endswith("Arena score"):
        return 500 <= value <= 5000
    if benchmark.text.startswith("SPEC"):
        # "Than anything since 2023" is a year, "160 cores" what was measured.
        return (
            value > 1
            and not _PARTS.match(sentence, match.end())
            and not (
                match[2] is None
                and 1990 <= value <= 2040
                and re.search(r"\b(?:since|in|by|of|until|before) $", before)
            )
        )
    if benchmark.text.startswith(("Geekbench", "single-core", "multi-core")):
        return 100 <= value <= 100_000
    if benchmark.text == "CoreMark":
        return value > 1 and match[2] is None
    if benchmark.text == "Epoch Capabilities Index":
        return 50 <= value <= 300
    if (
        re.match(
            r"\s?(?:points? |tasks|models|evaluations|steps|attempts|tries|samples|runs"
            r"|problems|issues|questions|prompts|shots|rounds|turns|seeds|hours|days|weeks|months|years|minutes|cores|threads|sockets|votes)\b",
            sentence[match.end() :],
        )
        and match[2] != "%"
    ):
        return False
    return 1 <= value <= 100


def value_of(match: re.Match[str]) -> float:
    """German parts thousands by a point: "1.478 Punkte"."""
    return number(match[1].replace(".", "") if re.fullmatch(r"\d\.\d{3}", match[1]) else match[1])


def unit_of(match: re.Match[str], benchmark: Name) -> str:
    if match[2] in ("%", "percent", "per cent", "prozent", "pour cent"):
        return "%"
    return "points" if match[2] in _POINTS else benchmark.unit
