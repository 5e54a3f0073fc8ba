"""Finds licence events in an item: a model's licence that changed, an export rule with its docket and date. Pure.

Model repositories tell a changed tag in the title ("org/name: license mit -> other"). Documents of the Federal Register
tell type, effective date and docket in their summary (see ``bot.intake.sources``); the press tells them in words.
A licence that a new model merely has is no event. Accepted misses: changes told without the name of the new licence.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from bot.judgement.claims_names import names_in
from bot.judgement.text import fold
from bot.model import Item


class LicenceKind(StrEnum):
    MODEL = "model-licence"
    EXPORT_RULE = "export-rule"


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenceEvent:
    """``before`` and ``after``: licences of a model, "?" for one that is not named. ``document`` ("Rule"), ``agency``,
    ``docket`` and ``effective``: of an export rule. "" and None where it is not said."""

    kind: LicenceKind
    subject: str
    before: str = ""
    after: str = ""
    document: str = ""
    agency: str = ""
    docket: str = ""
    effective: date | None = None


_LONGEST = 160
_REPOSITORY = re.compile(r"([\w.-]+/[\w.-]+)(?=[:\s]|$)")
_TAG_CHANGES = (
    re.compile(
        r"licen[cs]e(?: tag)?:? (\S[^;>\n]{0,99}?) (?:->|→) (\S[^;\n]{0,99}?)(?=[;.]?(?:\s|$))", re.IGNORECASE
    ),
    re.compile(
        r"licen[cs]e (?:was )?changed from (\S{1,99}) to (\S{1,99}?)(?=[;.,]?(?:\s|$))", re.IGNORECASE
    ),
)
_LICENCE = (
    r"((?:modified[ -]|custom |original )?(?:mit|apache(?:[\s-]?(?:license |licence )?2(?:\.0)?)?"
    r"|bsd(?:-\d-clause)?|a?gpl(?:[\s-]?v?\d)?|lgpl|mpl(?:[\s-]2\.0)?|cc[\s-]by(?:-[a-z]{2})*(?:[\s-]\d\.\d)?"
    r"|open ?rail(?:-m)?|llama(?: \d)? community|proprietary"
    r"|(?:deepseek|qwen|kimi|gemma|tongyi|custom|research|non-?commercial|community)(?: model)?))"
)
_TO = (
    re.compile(rf"from (?:the |an? )?{_LICENCE}(?: licen[cs]e)? to (?:the |an? )?{_LICENCE}"),
    re.compile(rf"replac\w+ (?:the |its )?{_LICENCE}(?: licen[cs]e)? with (?:the |an? )?{_LICENCE}"),
    re.compile(
        rf"[由从]\s?{_LICENCE}\s?(?:许可证|协议|许可)?\s?(?:改为|变更为|换成|更换为|转为|切换到)\s?{_LICENCE}"
    ),
)
#: Only the new licence is named: "switches to Apache 2.0", "now under", 改用Apache 2.0.
_NOW = (
    re.compile(
        r"\b(?:switch(?:es|ed|ing)?|mov(?:es|ed|ing)|chang(?:es|ed|ing)|relicens(?:es|ed|ing))\s(?:\w+\s){0,3}?"
        rf"(?:to|under) (?:the |an? )?{_LICENCE}(?![\w])"
    ),
    re.compile(rf"\bnow (?:available |released |licensed )?under (?:the |an? )?{_LICENCE}(?![\w])"),
    re.compile(rf"wechselt (?:zur?|auf) (?:die )?{_LICENCE}(?![\w])"),
    re.compile(rf"(?:改用|改采用|换用|转用|切换至|切换到|变更为|改为)\s?{_LICENCE}(?![a-z])"),
)
_ABOUT_LICENCE = re.compile(r"licen[cs]|lizenz|许可|开源协议|协议|apache|(?<![a-z])a?gpl")
#: Families of models whose names need no version here.
_FAMILY = re.compile(
    r"(?<![a-z])(deepseek|qwen|kimi|minimax|gemma|llama|mistral|hunyuan|ernie)(?![a-z])|混元|通义|文心|豆包"
)
_FAMILIES = {
    "混元": "Hunyuan",
    "通义": "Qwen",
    "文心": "ERNIE",
    "豆包": "Doubao",
    "deepseek": "DeepSeek",
    "minimax": "MiniMax",
}
_SPELLED = {
    "mit": "MIT",
    "apache": "Apache",
    "bsd": "BSD",
    "gpl": "GPL",
    "agpl": "AGPL",
    "lgpl": "LGPL",
    "mpl": "MPL",
}

_REGISTER = "Federal Register"
_EXPORT = re.compile(
    r"export (?:administration|control|licen[cs]|enforcement|restriction|rule)|entity list|advanced computing"
    r"|(?:chip|cent(?:er|re)|semiconductor) exports?\b|exports? of (?:ai|advanced)|affiliates rule|diffusion rule"
    r"|industry and security|\bbis\b|\b0694-[a-z]{2}\d{2}\b|commerce department|department of commerce"
    r"|出口管制|实体清单|商务部|出口许可|芯片出口|出口规则"
)
#: Who makes such rules: its own announcement is the act, also where it tells neither docket nor date.
_MAKERS = frozenset(
    {
        "bureau of industry and security",
        "bis",
        "u.s. department of commerce",
        "department of commerce",
        "商务部",
        "中国商务部",
    }
)
_ANSWER = re.compile(r"发言人|答记者问|spokes|statement on|remarks")
_ACT = re.compile(r"\brules?\b|entity list|polic(?:y|ies)|guidance|公告|规则|清单|管制")
_RULE = re.compile(
    r"\brules?\b|\bruling\b|entity list|federal register|licen[cs]|notice|公告|规则|清单|管制|许可"
)
_DOCUMENT = re.compile(
    r"(interim final rule|proposed rule|final rule|temporary final rule|withdrawal|correction"
    r"|presidential document|notice|rule)s?\b",
    re.IGNORECASE,
)
_DOCKET = re.compile(
    r"\bdocket(?:\s(?:nos?\.?|numbers?|id))?[\s:]{0,2}((?:[A-Z]{2,6}-)?\d{2,6}-\d{3,6}(?:-\d{1,4})?)(?![\w-])",
    re.IGNORECASE,
)
_RIN = re.compile(r"\bRIN\s?(\d{4}-[A-Z]{2}\d{2})\b", re.IGNORECASE)
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_MONTH = r"(january|february|march|april|may|june|july|august|september|october|november|december)"
_WHEN = (
    r"(?:effective|(?:takes?|taking|took|in|into|goes into|comes? into) effect|in force|applies|生效|施行)"
)
_DATES = (
    (re.compile(rf"{_WHEN}[^.;\d]{{0,20}}?(\d{{4}})-(\d{{2}})-(\d{{2}})"), "ymd"),
    (re.compile(rf"{_WHEN}[^.;\d]{{0,20}}?{_MONTH} (\d{{1,2}}),? (\d{{4}})"), "mdy"),
    (re.compile(rf"{_WHEN}[^.;\d]{{0,20}}?(\d{{1,2}}) {_MONTH},? (\d{{4}})"), "dmy"),
    (re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日\s?(?:起|开始)?\s?(?:正式)?(?:生效|施行|实施|执行)"), "ymd"),
    # Without a year: see _year_of.
    (re.compile(rf"{_WHEN}[^.;\d]{{0,20}}?{_MONTH} (\d{{1,2}})(?!\d)"), "md"),
    (re.compile(r"(明年)(\d{1,2})月(\d{1,2})日\s?(?:起|开始)?\s?(?:正式)?(?:生效|施行|实施|执行)"), "nmd"),
    (re.compile(r"(?<!年)(\d{1,2})月(\d{1,2})日\s?(?:起|开始)?\s?(?:正式)?(?:生效|施行|实施|执行)"), "md"),
)
#: A day without a year that lies further back than this is of the next year.
_BACK = timedelta(days=180)
_AGENCIES = (
    (
        re.compile(r"industry and security|\bbis\b|\b0694-[a-z]{2}\d{2}\b|产业与安全局|工业与安全局"),
        "Bureau of Industry and Security",
    ),
    (re.compile(r"中国商务部|商务部|mofcom"), "Ministry of Commerce (China)"),
    (re.compile(r"commerce department|department of commerce|u\.?s\.? commerce"), "Department of Commerce"),
)


def licence_events(item: Item) -> tuple[LicenceEvent, ...]:
    """The licence events that an item tells of; most have none."""
    text = fold(f"{item.title}\n{item.summary}")
    found = [_tag_change(item), _told_change(item, text), _export_rule(item, text)]
    return tuple(event for event in found if event is not None)


def _tag_change(item: Item) -> LicenceEvent | None:
    repository = _REPOSITORY.match(item.title)
    text = f"{item.title}\n{item.summary}"
    match = next((match for pattern in _TAG_CHANGES if (match := pattern.search(text))), None)
    if repository is None or match is None:
        return None
    before, after = ("" if tag == "none" else tag for tag in (match[1].strip(), match[2].strip()))
    return LicenceEvent(kind=LicenceKind.MODEL, subject=repository[1][:_LONGEST], before=before, after=after)


def _told_change(item: Item, text: str) -> LicenceEvent | None:
    """ "DeepSeek V4 moves from MIT to Apache 2.0", in a text that speaks of licences and names a model."""
    if not _ABOUT_LICENCE.search(text) or _REPOSITORY.match(item.title):
        return None
    both = next((match for pattern in _TO if (match := pattern.search(text))), None)
    now = next((match for pattern in _NOW if (match := pattern.search(text))), None) if both is None else None
    if both is not None:
        before, after = _spelled(both[1]), _spelled(both[2])
    elif now is not None:
        before, after = "?", _spelled(now[1])
    else:
        return None
    model = _model_of(text)
    if not model or before == after:
        return None
    return LicenceEvent(kind=LicenceKind.MODEL, subject=model, before=before, after=after)


def _model_of(text: str) -> str:
    named = next((name.text for name in names_in(text) if name.kind == "model"), "")
    family = _FAMILY.search(text)
    return named or (_FAMILIES.get(family[0]) or family[0].capitalize() if family else "")


def _spelled(name: str) -> str:
    words = re.sub(r"(?<=apache)[\s-]?(?:licen[cs]e )?(?=2)", " ", name.strip()).split()
    return " ".join(_SPELLED.get(word, word) for word in words)


def _export_rule(item: Item, text: str) -> LicenceEvent | None:
    """A document on exports: one of the Federal Register, or one that is told with its docket or effective date."""
    if not _EXPORT.search(f"{text}\n{fold(item.author)}") or not _RULE.search(text):
        return None
    filed = item.publisher == _REGISTER
    docket, effective = _docket(item), _effective(text, item.published.date())
    title = fold(item.title)
    acted = fold(item.publisher) in _MAKERS and _ACT.search(title) and not _ANSWER.search(title)
    if not (filed or docket or effective or acted):
        return None
    kind = _DOCUMENT.search(item.summary if filed else f"{item.title}\n{item.summary}")
    return LicenceEvent(
        kind=LicenceKind.EXPORT_RULE,
        subject=item.title[:_LONGEST],
        document=kind[1].capitalize() if kind else "",
        agency=_agency(item, f"{text}\n{fold(item.publisher)}"),
        docket=docket,
        effective=effective,
    )


def _docket(item: Item) -> str:
    both = f"{item.title}\n{item.summary}"
    match = _DOCKET.search(both)
    if match:
        return match[1].upper()
    rin = _RIN.search(both)
    return f"RIN {rin[1].upper()}" if rin else ""


def _effective(text: str, told: date) -> date | None:
    """The day from which a rule holds. ``told``: when that was said, for days without a year."""
    for pattern, order in _DATES:
        match = pattern.search(text)
        if match is None:
            continue
        parts = dict(zip(order, match.groups(), strict=True))
        month = parts["m"]
        number = _MONTHS.index(month) + 1 if month in _MONTHS else int(month)
        try:
            if "y" in parts:
                return date(int(parts["y"]), number, int(parts["d"]))
            day = date(told.year + ("n" in parts), number, int(parts["d"]))
            return day.replace(year=day.year + 1) if day < told - _BACK else day
        except ValueError:
            continue  # 31 February
    return None


def _agency(item: Item, text: str) -> str:
    if item.publisher == _REGISTER and item.author:
        return item.author[:_LONGEST]
    return next((name for pattern, name in _AGENCIES if pattern.search(text)), "")
