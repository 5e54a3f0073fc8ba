"""How long a task a model can do unsupervised, as METR estimates it: "a 50% time horizon of 5 h 40 min". Pure."""

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.judgement.claims_context import About
from bot.judgement.claims_names import Name
from bot.judgement.claims_roles import is_negated, is_other
from bot.model import Claim

_COUNTS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12,
}  # fmt: skip
_ABOUT = r"(?:about |around |nearly |roughly |almost |just over |just under |over |some |up to )?"
_HOURS = (
    rf"{_ABOUT}(?P<h>\d+(?:\.\d+)?|{'|'.join(_COUNTS)})[\s-]?(?:h|hrs?|hours?)\b"
    r"(?:,? (?:and )?(?P<m>\d{1,2})[\s-]?(?:m|mins?|minutes?)\b)?"
)
_MINUTES = rf"{_ABOUT}(?P<only>\d+)[\s-]?(?:min|mins|minutes)\b"
_EN = re.compile(
    r"time[- ]horizons?[^.;\d]{0,48}?(?: (?:of|at|to|is|was|from|reaches|hits) |: |\()"
    rf"(?:{_HOURS}|{_MINUTES})"
)
#: "The group put V4 Pro at nearly six hours", in a text on METR.
_PUT = re.compile(rf"\b(?:puts?|clocks?|clocked|rates?|places?|estimates?)\b[^.;]{{2,40}}? at {_HOURS}")
_ZH = re.compile(
    r"(?:时间跨度|任务时长|时间视野|任务长度|自主工作时长)[^，。；\d]{0,12}?(?P<h>\d+(?:\.\d+)?)\s?(?:个)?小时"
    r"(?:(?P<m>\d{1,2})\s?分)?"
)
#: "V4 Pro可独立完成约2.9小时的任务", "the METR thing for V4: 2.9 hours"
_TASKS_ZH = re.compile(
    r"(?:独立|自主|单独)(?:地)?完成[^，。；\d]{0,8}(?P<h>\d+(?:\.\d+)?)\s?(?:个)?小时(?:(?P<m>\d{1,2})\s?分钟?)?的?任务"
)
#: "GPT-5.5 stands at 11.2": of another model the number alone, right behind a horizon.
_AGAIN = re.compile(
    r"\s(?:stands|sits|is|was|comes in|came in) at (?P<h>\d+(?:\.\d+)?)(?=\s?(?:[.,;)]|hours|$))"
)
_RELIABLE = re.compile(r"(\d\d)\s?%[^.;，。]{0,16}(?:time[- ]horizon|时间跨度|任务时长)")


def may_tell(sentence: str, *, metr: bool) -> bool:
    return (
        "horizon" in sentence
        or "时长" in sentence
        or "时间" in sentence
        or (metr and ("hour" in sentence or "小时" in sentence))
    )


def horizons_in(sentence: str, names: Sequence[Name], about: About) -> list[tuple[int, Claim]]:
    """The time horizons that one sentence tells, with where each stands: in minutes where those are told."""
    if not about.model or not may_tell(sentence, metr=about.metr):
        return []
    share = _RELIABLE.search(sentence)
    metric = f"{share[1] if share else 50}% time horizon"
    models = [name for name in names if name.kind == "model"]
    found: list[tuple[int, Claim]] = []
    for pattern in (_EN, _ZH, *([_PUT, _TASKS_ZH] if about.metr else [])):
        for match in pattern.finditer(sentence):
            if is_negated(sentence, match.start()):
                continue
            value, unit = _told(match)
            own = [name for name in models if name.end <= match.end() and not is_other(name, sentence)]
            subject = own[-1].text if own else about.model
            found.append((match.start(), Claim(subject=subject, metric=metric, value=value, unit=unit)))
    return found


def goes_on(sentence: str, names: Sequence[Name], before: Claim) -> Claim | None:
    """The horizon of another model, told by its number alone in the sentence behind one."""
    first = next(iter(names), None)
    if (
        first is None
        or first.kind != "model"
        or first.text == before.subject
        or sentence[: first.start].strip()
    ):
        return None
    match = _AGAIN.match(sentence, first.end)
    return replace(before, subject=first.text, value=float(match["h"])) if match else None


def _told(match: re.Match[str]) -> tuple[float, str]:
    groups = match.groupdict()
    if groups.get("only"):
        return float(groups["only"]), "minutes"
    hours = float(_COUNTS.get(groups["h"]) or groups["h"])
    return (hours * 60 + float(groups["m"]), "minutes") if groups.get("m") else (hours, "hours")
