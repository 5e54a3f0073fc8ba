"""Reads deadlines in German and French: "bis Ende März", "noch vor Weihnachten", "d'ici la fin du mois". Pure.

The text is folded: without umlauts and accents.
"""

import re
from datetime import datetime

from bot.judgement import deadlines_spans as spans
from bot.judgement.deadlines_spans import Part, Span

_MONTHS = (
    ("januar", "janner", "janvier"), ("februar", "fevrier"), ("marz", "mars"), ("april", "avril"), ("mai",),
    ("juni", "juin"), ("juli", "juillet"), ("august", "aout"), ("september", "septembre"), ("oktober", "octobre"),
    ("november", "novembre"), ("dezember", "decembre"),
)  # fmt: skip
_MONTH = "|".join(sorted((name for names in _MONTHS for name in names), key=len, reverse=True))
_ORDINALS = {
    "ersten": 1, "erste": 1, "zweiten": 2, "zweite": 2, "dritten": 3, "vierten": 4,
    "premier": 1, "deuxieme": 2, "second": 2, "troisieme": 3, "quatrieme": 4, "dernier": 4,
}  # fmt: skip
_ORDINAL = "|".join(_ORDINALS)
_SEASONS = {
    "fruhjahr": "spring", "fruhling": "spring", "sommer": "summer", "herbst": "autumn", "winter": "winter",
    "printemps": "spring", "automne": "autumn", "hiver": "winter",
}  # fmt: skip
_UNITS = {
    "woche": "week", "monat": "month", "monats": "month", "quartal": "quarter", "quartals": "quarter", "jahr": "year",
    "jahres": "year", "semaine": "week", "mois": "month", "trimestre": "quarter", "annee": "year",
}  # fmt: skip
_PARTS: dict[str, Part] = {"anfang": "early", "mitte": "mid", "debut": "early", "mi": "mid"}
_LEAD = (
    r"bis\ spatestens|bis\ zum|bis\ zur|bis|spatestens|noch\ vor|vor|noch\ im|noch\ in|im|am|in|zum|zur|auf"
    r"|d'ici\ a|d'ici|avant|au\ plus\ tard|jusqu'au|jusqu'en|jusqu'a|courant|en|au|a|le|pour"
)
PATTERN = re.compile(
    rf"""(?<![a-z])(?:(?P<lead>{_LEAD})\ )?(?:(?:der|dem|des|den|la|le|l')\ ?)?
        (?P<part>anfang|mitte|ende|debut|mi|fin)?(?:[\ -](?:der|des|dieses|de\ la|de\ l'|de|du|d')?)?\ ?
        (?:
            (?P<day>\d{{1,2}})(?:\.|er)?\ (?P<daymonth>{_MONTH})(?:\ (?P<dayyear>20\d\d))?
          | (?P<month>{_MONTH})(?:\ (?P<monthyear>20\d\d))?
          | (?P<ordinal>{_ORDINAL})\ (?:quartal|trimestre)(?:\ (?:de\ |des\ jahres\ )?(?P<quarteryear>20\d\d))?
          | (?P<half>{_ORDINAL})\ (?:halbjahr|jahreshalfte|semestre)(?:\ (?:de\ )?(?P<halfyear>20\d\d))?
          | (?P<season>{"|".join(_SEASONS)})(?:\ (?P<seasonyear>20\d\d))?
          | (?P<feast>weihnachten|noel)
          | (?P<spanend>jahres|monats|quartals)ende
          | (?:(?P<which>diese[rsmn]?|kommende[rsmn]?|nachste[rsmn]?|laufenden|ce|cette)\ )?
            (?P<span>{"|".join(_UNITS)})(?:\ (?P<after>prochaine?))?
          | (?P<year>20\d\d)
        )(?![a-z\d-])""",
    re.X,
)
#: Every moment has one of these.
PIECES = (
    *(f" {name}" if len(name) < 4 else name for names in _MONTHS for name in names), "quartal", "trimestre", "halbjahr",
    "semestre", *_SEASONS, "weihnachten", "noel", "woche", "monat", "jahr", "semaine", "mois", "annee", "20",
)  # fmt: skip
_FIRM = ("bis", "spatestens", "vor", "noch vor", "d'ici", "avant", "au plus tard", "jusqu'")
_BEFORE = ("vor", "noch vor", "avant")


def read(match: re.Match[str], now: datetime) -> tuple[datetime | None, bool]:
    """When the deadline has passed, None where none is named; and whether the words name an end.

    Raises ``ValueError`` for a day that does not exist."""
    lead, words = match["lead"] or "", match["part"] or ""
    is_end = words in ("ende", "fin") or bool(match["spanend"])
    if not lead and not words and not match["which"] and not match["after"]:
        return None, False
    if match["span"] and not (words or match["which"] or match["after"]):
        return None, False  # "im Jahr", "au mois"
    if match["year"] and not words:
        return None, False  # other languages name years too
    found = _moment(match, now)
    if found is None:
        return None, False
    start, end = spans.part_of(found, _PARTS.get(words, ""))
    is_firm = lead.startswith(_FIRM) or match["spanend"] is not None
    return (start if lead in _BEFORE and not is_end else end), is_firm


def _moment(match: re.Match[str], now: datetime) -> Span | None:
    if match["day"]:
        return spans.day(int(match["day"]), _month(match["daymonth"]), _number(match["dayyear"]), now)
    if match["month"]:
        return spans.months(_month(match["month"]), 1, _number(match["monthyear"]), now)
    if match["ordinal"]:
        return spans.quarter(_ORDINALS[match["ordinal"]], _number(match["quarteryear"]), now)
    if match["half"]:
        return spans.half_year(min(_ORDINALS[match["half"]], 2), _number(match["halfyear"]), now)
    if match["season"]:
        return spans.season(_SEASONS[match["season"]], _number(match["seasonyear"]), now)
    if match["feast"]:
        return spans.feast("christmas", None, now)
    if match["spanend"] or match["span"]:
        ahead = (match["which"] or "").startswith(("nachste", "kommende")) or bool(match["after"])
        return spans.running(_UNITS[match["spanend"] or match["span"]], now, ahead=int(ahead))
    return spans.of_year(int(match["year"]))


def _month(name: str) -> int:
    return next(number for number, names in enumerate(_MONTHS, 1) if name in names)


def _number(year: str | None) -> int | None:
    return int(year) if year else None
