"""Reads deadlines in English: "by the end of the quarter", "before 1 March", "slated for mid-2027". Pure."""

import re
from datetime import UTC, datetime, timedelta

from bot.judgement import deadlines_spans as spans
from bot.judgement.deadlines_spans import DAY, Part, Span

_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_MONTH = "|".join([*_MONTHS, *(f"{name[:3]}\\.?" for name in _MONTHS), "sept\\.?"])
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "final": 4, "last": 4}
_NUMBERS = {
    **{word: number for number, word in enumerate("one two three four five six seven eight nine ten".split(), 1)},  # noqa: SIM905
    "a": 1, "an": 1, "twelve": 12, "thirty": 30, "ninety": 90,
}  # fmt: skip
_UNITS = {"hour": timedelta(hours=1), "day": DAY, "week": 7 * DAY, "month": 30 * DAY}
_FEAST = (
    r"christmas|thanksgiving|(?:the\ )?(?:chinese|lunar)\ new\ year|(?:the\ )?spring\ festival|new\ year(?:'s)?(?!\w)"
    r"|(?:china's\ |the\ )?(?:national\ day|golden\ week)"
)
_PART_WORD = r"early|mid|late|(?:the\ )?(?:start|beginning|middle)\ of"
_OF_YEAR = r"(?:20\d\d|(?:this|next|the|the\ current|the\ coming)\ year)"
_MOMENT = rf"""(?:
    (?P<iso>20\d\d-\d\d-\d\d)
  | (?:the\ )?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\ (?:of\ )?(?P<daymonth>{_MONTH})(?:,?\ (?P<dayyear>20\d\d))?(?![a-z\d])
  | (?P<monthday>{_MONTH})\ (?P<dayafter>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)(?:,?\ (?P<dayafteryear>20\d\d))?
  | (?P<month>{_MONTH})(?:,?\ (?P<monthyear>20\d\d))?(?![a-z\d])
  | (?:q(?P<quarter>[1-4])|(?P<nquarter>[1-4])q)(?:[\ ']?(?:of\ )?(?P<quarteryear>20\d\d|\d\d(?!\d)))?(?![\da-z])
  | (?:h(?P<half>[12])|(?P<nhalf>[12])h)(?:[\ ']?(?:of\ )?(?P<halfyear>20\d\d|\d\d(?!\d)))?(?![\da-z])
  | (?:the\ )?(?P<ordinal>first|second|third|fourth|final|last)\ quarter(?:\ of\ (?P<ordinalyear>{_OF_YEAR}))?
  | (?:the\ )?(?P<ordinalhalf>first|second|latter)\ half(?:\ of\ (?P<ordinalhalfyear>{_OF_YEAR}))?
  | (?:the\ )?(?:(?:next|this|coming)\ )?(?P<season>spring|summer|autumn|fall|winter)
    (?:\ (?:of\ )?(?P<seasonyear>20\d\d))?(?!\ fest)(?![a-z])
  | (?P<feast>{_FEAST})
  | (?P<spanend>week|month|quarter|year)(?:'s)?[\ -]end(?![a-z])
  | (?:the\ )?(?P<which>this|next|current|coming)?\ ?(?P<span>week|month|quarter|year)(?![a-z])
  | (?P<nextday>this|next|coming)?\ ?(?P<weekday>{"|".join(_WEEKDAYS)})(?:\ (?P<dayofweek>this|next)\ week)?(?![a-z])
  | (?P<tomorrow>tomorrow|today|tonight)(?![a-z])
  | (?P<year>20\d\d)(?![\d-])
)"""
_END_OF = r"(?:(?:the\ )?(?:end|close)\ of\ (?:business\ (?:on\ )?)?|end[\ -](?=q|{month}))".replace(
    "{month}", _MONTH
)
_LEAD = r"""by|before|until|till|no\ later\ than|not\ later\ than|ahead\ of|due(?:\ on|\ by|\ in)?|deadline\ of
  |in|on|during|at|later|within
  |(?:set|slated|scheduled|planned|targeted|pencil+ed\ in|tipped|expected|due|aimed|aiming|target)\ (?:for|on|by|in|at)
  |(?:delayed|postponed|pushed(?:\ back)?|slips|slipped|moved|rescheduled)\ (?:to|until|till|into)"""
PATTERN = re.compile(
    rf"""(?<![a-z])(?:
        (?P<lead>{_LEAD})\ (?P<endof>{_END_OF})?(?:(?P<part>{_PART_WORD})[\ -])?{_MOMENT}
      | within\ (?:the\ )?(?:next\ |coming\ )?(?P<count>\d{{1,3}}|[a-z]+)[\ -](?P<unit>hour|day|week|month)s?(?![a-z])
      | in\ the\ (?:next|coming)\ (?P<count2>\d{{1,3}}|[a-z]+)\ (?P<unit2>hour|day|week|month)s?(?![a-z])
      | (?:(?P<barepart>early|mid|late)[\ -])?(?P<bare>this|next)\ (?P<barespan>week|month|quarter|year)(?![a-z])
      | (?P<alonepart>early|mid|late)[\ -]
        (?:(?P<alonemonth>{_MONTH})(?:\ (?P<alonemonthyear>20\d\d))?|(?P<aloneyear>20\d\d))(?![a-z\d])
      | (?P<barenext>this|next|coming)\ (?P<bareweekday>{"|".join(_WEEKDAYS)})(?![a-z])
    )""",
    re.X,
)
#: Every moment has one of these.
PIECES = (
    *(name[:3] for name in _MONTHS), "20", "quarter", "week", "month", "year", "day", "tomorrow", "tonight", "hour",
    *(f"q{number}" for number in range(1, 5)), *(f"{number}q" for number in range(1, 5)), "h1", "h2", "1h", "2h",
    "half", "spring", "summer", "autumn", "fall", "winter", "christmas", "thanksgiving",
)  # fmt: skip
_FIRM = frozenset(("by", "before", "until", "till", "no later than", "not later than", "ahead of", "within"))
_BEFORE = frozenset(("before", "ahead of"))


def read(match: re.Match[str], now: datetime) -> tuple[datetime | None, bool]:
    """When the deadline has passed, None where none is named; and whether the words name an end.

    Raises ``ValueError`` for a day that does not exist."""
    count, unit = match["count"] or match["count2"], match["unit"] or match["unit2"]
    if count:
        number = int(count) if count.isdigit() else _NUMBERS.get(count)
        return (now + number * _UNITS[unit] if number else None), bool(match["count"])
    if match["bare"]:
        span = spans.running(match["barespan"], now, ahead=int(match["bare"] == "next"))
        return spans.part_of(span, _part(match["barepart"]))[1], False
    if match["alonepart"]:
        month = match["alonemonth"]
        found = (
            spans.months(_month(month), 1, _number(match["alonemonthyear"]), now)
            if month
            else spans.of_year(int(match["aloneyear"]))
        )
        return (spans.part_of(found, _part(match["alonepart"]))[1] if found else None), False
    if match["bareweekday"]:
        return _weekday(match["bareweekday"], match["barenext"], now)[1], False
    return _led(match, now)


def _led(match: re.Match[str], now: datetime) -> tuple[datetime | None, bool]:
    lead, part = " ".join((match["lead"] or "").split()), _part(match["part"])
    is_end = bool(match["endof"])
    if match["span"] and not (is_end or part or lead == "within") and not match["which"]:
        return None, False  # "for the year", "by week three"
    if lead == "at" and not (is_end or part):
        return None, False
    if match["year"] and lead == "on":
        return None, False
    found = _moment(match, now)
    if found is None:
        return None, False
    start, end = spans.part_of(found, part)
    passes_at = start if lead in _BEFORE and not is_end and not match["spanend"] else end
    return passes_at, lead in _FIRM or is_end or lead.startswith(("due", "deadline"))


def _moment(match: re.Match[str], now: datetime) -> Span | None:
    if match["iso"]:
        return spans.of_day(datetime.fromisoformat(match["iso"]).replace(tzinfo=UTC))
    if match["day"]:
        return spans.day(int(match["day"]), _month(match["daymonth"]), _number(match["dayyear"]), now)
    if match["dayafter"]:
        return spans.day(
            int(match["dayafter"]), _month(match["monthday"]), _number(match["dayafteryear"]), now
        )
    if match["month"]:
        return spans.months(_month(match["month"]), 1, _number(match["monthyear"]), now)
    if quarter := match["quarter"] or match["nquarter"]:
        return spans.quarter(int(quarter), _number(match["quarteryear"]), now)
    if half := match["half"] or match["nhalf"]:
        return spans.half_year(int(half), _number(match["halfyear"]), now)
    if match["ordinal"]:
        return spans.quarter(_ORDINALS[match["ordinal"]], _year(match["ordinalyear"], now), now)
    if match["ordinalhalf"]:
        return spans.half_year(
            1 + (match["ordinalhalf"] != "first"), _year(match["ordinalhalfyear"], now), now
        )
    if match["season"]:
        return spans.season(match["season"], _number(match["seasonyear"]), now)
    if match["feast"]:
        return spans.feast(_feast(match["feast"]), None, now)
    if match["span"] or match["spanend"]:
        ahead = int(match["which"] == "next")
        return spans.running(match["span"] or match["spanend"], now, ahead=ahead)
    if match["weekday"]:
        return _weekday(match["weekday"], match["dayofweek"] or match["nextday"], now)
    if match["tomorrow"]:
        return spans.of_day(now + (DAY if match["tomorrow"] == "tomorrow" else timedelta()))
    return spans.of_year(int(match["year"]))


def _weekday(name: str, which: str | None, now: datetime) -> Span:
    """ "Next Friday" is that of next week, "Friday" and "this Friday" the one that comes first."""
    return spans.weekday(_WEEKDAYS.index(name), now, ahead=1 if which == "next" else None)


def _part(words: str | None) -> Part:
    if not words:
        return ""
    if words in ("mid", "late"):
        return "mid" if words == "mid" else "late"
    return "mid" if "middle" in words else "early"


def _feast(words: str) -> str:
    if "lunar" in words or "chinese new" in words or "festival" in words:
        return "lunar new year"
    if "national" in words or "golden" in words:
        return "national day"
    return "new year" if "new year" in words else words


def _month(name: str) -> int:
    return next(number for number, full in enumerate(_MONTHS, 1) if full.startswith(name.rstrip(".")[:3]))


def _number(year: str | None) -> int | None:
    return None if not year else int(year) if len(year) > 2 else 2000 + int(year)


def _year(words: str | None, now: datetime) -> int | None:
    """The year of "of 2027", "of next year"."""
    if not words:
        return None
    return int(words) if words.isdigit() else now.year + ("next" in words or "coming" in words)
