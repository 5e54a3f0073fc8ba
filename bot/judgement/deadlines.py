"""Finds until when something is said to happen: "by the end of the quarter", "before 1 March", 本月底前. Pure.

Times of day are not read: a deadline ends with its day, in UTC. "By March" ends with March, "before March" when March
begins. A day without a year is the next such day.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.judgement.screen import Screen
from bot.judgement.text import fold

#: Further ahead is a plan for some day, not a deadline to wait for.
_FURTHEST = timedelta(days=3 * 366)
#: A day without a year that passed this lately is looked back on ("missed the deadline of 1 March").
_LATELY = timedelta(days=120)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """``at``: the first moment at which it has passed. ``start``, ``end``: where ``phrase`` stands in the text.
    ``is_firm``: the words name an end ("by", 前), so no word for the future is needed beside them."""

    at: datetime
    phrase: str
    start: int
    end: int
    is_firm: bool


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
    **{word: number for number, word in enumerate("一二三四五六七八九十", 1)}, "两": 2,
}  # fmt: skip
_UNITS = {
    "hour": timedelta(hours=1), "day": _DAY, "week": timedelta(days=7), "month": timedelta(days=30),
    "小时": timedelta(hours=1), "天": _DAY, "日": _DAY, "周": timedelta(days=7), "星期": timedelta(days=7),
    "月": timedelta(days=30),
}  # fmt: skip

# A moment in English: one of these groups is found.
_MOMENT = rf"""(?:
    (?P<iso>20\d\d-\d\d-\d\d)
  | (?:the\ )?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\ (?:of\ )?(?P<daymonth>{_MONTH})(?:,?\ (?P<dayyear>20\d\d))?(?![a-z\d])
  | (?P<monthday>{_MONTH})\ (?P<dayafter>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)(?:,?\ (?P<dayafteryear>20\d\d))?
  | (?P<half>early|mid|late)[\ -](?P<halfmonth>{_MONTH})(?:\ (?P<halfyear>20\d\d))?(?![a-z\d])
  | (?P<month>{_MONTH})(?:,?\ (?P<monthyear>20\d\d))?(?![a-z\d])
  | q(?P<quarter>[1-4])(?:\ (?:of\ )?(?P<quarteryear>20\d\d))?(?!\d)
  | (?:the\ )?(?P<ordinal>first|second|third|fourth|final|last)\ quarter(?:\ of\ (?:the\ year|(?P<ordinalyear>20\d\d)))?
  | (?P<spanend>week|month|quarter|year)(?:'s)?[\ -]end(?![a-z])
  | (?:the\ )?(?P<which>this|next|current|coming)?\ ?(?P<span>week|month|quarter|year)(?![a-z])
  | (?P<weekday>{"|".join(_WEEKDAYS)})(?![a-z])
  | (?P<tomorrow>tomorrow|today|tonight)(?![a-z])
  | (?P<year>20\d\d)(?![\d-])
)"""
_END_OF = r"(?:(?:the\ )?(?:end|close)\ of\ |end[\ -](?=q|{month}))".replace("{month}", _MONTH)
_ENGLISH = re.compile(
    rf"""(?<![a-z])(?:
        (?P<lead>by|before|until|till|no\ later\ than|not\ later\ than|ahead\ of|due(?:\ on|\ by|\ in)?|deadline\ of
          |in|on|during|at|later
          |(?:delayed|postponed|pushed(?:\ back)?|slips|slipped|moved|rescheduled)\ (?:to|until|till|into))
        \ (?P<endof>{_END_OF})?{_MOMENT}
      | within\ (?:the\ )?(?:next\ |coming\ )?(?P<count>\d{{1,3}}|[a-z]+)[\ -](?P<unit>hour|day|week|month)s?(?![a-z])
      | in\ the\ (?:next|coming)\ (?P<count2>\d{{1,3}}|[a-z]+)\ (?P<unit2>hour|day|week|month)s?(?![a-z])
      | (?P<bare>this|next)\ (?P<barespan>week|month|quarter|year)(?![a-z])
    )""",
    re.X,
)
_FIRM = frozenset(("by", "before", "until", "till", "no later than", "not later than", "ahead of"))
_CHINESE = re.compile(
    r"""(?:
        (?:(?P<year>20\d\d)年|(?P<nextyear>明年|今年))?(?:(?P<month>\d{1,2})月)
            (?:(?P<day>\d{1,2})[日号]|(?P<part>底|末|初|上旬|中旬|下旬|内))?
      | (?:(?P<qyear>20\d\d)年|(?P<qnext>明年|今年))?
            (?:第?(?P<quarter>[一二三四1-4])季度?|(?<=[\u4e00-\u9fff])q(?P<q>[1-4])(?!\d))(?:度?(?:末|底|内))?
      | (?P<which>本|这个?|下下?个?|今|明|当)(?P<span>周|星期|月|季度?|年)(?:度?(?:底|末|内|份|初))?
      | (?P<bare>年|月|季度?)(?P<end>底|末|内)
      | (?P<onlyyear>20\d\d)年(?!\d{1,2}月)(?:底|末|内)?
      | (?P<relative>明天|明日|今天|今日)
      | (?:未来|今后|在)?(?P<count>\d{1,3}|[一二两三四五六七八九十])个?(?P<unit>小时|天|日|周|星期|月)(?:之?内)
    )(?P<before>之?前|以前)?""",
    re.X,
)


#: Every deadline names a moment, and every moment has one of these.
_SCREEN = Screen(
    [
        (
            *(name[:3] for name in _MONTHS),
            "20",
            "quarter",
            "week",
            "month",
            "year",
            "day",
            "tomorrow",
            "tonight",
            "hour",
        ),
        ("q1", "q2", "q3", "q4", "月", "季", "年", "周", "星期", "天", "日", "小时"),
    ]
)


def may_name_deadline(folded: str) -> bool:
    """Whether a folded text may name a deadline; cheap."""
    return _SCREEN.any_possible(folded)


def find_deadlines(text: str, published: datetime) -> list[Deadline]:
    """The deadlines that the text names and that had not passed when it was published, as they stand."""
    folded = fold(text)
    if not may_name_deadline(folded):
        return []
    shown = text if len(text) == len(folded) else folded
    now = published.astimezone(UTC)
    found: list[Deadline] = []
    for pattern, read in ((_ENGLISH, _english), (_CHINESE, _chinese)):
        if pattern is _CHINESE and folded.isascii():
            continue
        for match in pattern.finditer(folded):
            try:
                at, is_firm = read(match, now)
            except ValueError:  # the 31st of February
                continue
            if at is None or not now < at <= now + _FURTHEST:
                continue
            # "Reuters reported on Friday", 财联社1月10日电: the day on which it is said, not one that is to come.
            if is_firm or at - now > _DAY or not _names_day(match):
                phrase = shown[match.start() : match.end()].strip()
                found.append(
                    Deadline(at=at, phrase=phrase, start=match.start(), end=match.end(), is_firm=is_firm)
                )
    return sorted(found, key=lambda deadline: deadline.start)


def _names_day(match: re.Match[str]) -> bool:
    given = match.groupdict()
    return any(given.get(name) for name in ("iso", "day", "dayafter", "weekday"))


def _english(match: re.Match[str], now: datetime) -> tuple[datetime | None, bool]:
    lead = " ".join((match["lead"] or "").split())
    count, unit = match["count"] or match["count2"], match["unit"] or match["unit2"]
    if count:
        number = int(count) if count.isdigit() else _NUMBERS.get(count)
        return (now + number * _UNITS[unit] if number else None), bool(match["count"])
    if match["bare"]:
        return _span(match["barespan"], now, ahead=int(match["bare"] == "next"))[1], False
    if match["span"] and not (match["endof"] or match["which"] in ("this", "next", "current", "coming")):
        return None, False  # "for the year", "by week three"
    if lead == "at" and not match["endof"]:
        return None, False
    if match["year"] and lead == "on":
        return None, False
    start, end = _moment(match, now)
    if start is None or end is None:
        return None, False
    passes_at = (
        start if lead in ("before", "ahead of") and not match["endof"] and not match["spanend"] else end
    )
    return passes_at, lead in _FIRM or bool(match["endof"]) or lead.startswith(("due", "deadline"))


def _moment(match: re.Match[str], now: datetime) -> tuple[datetime | None, datetime | None]:
    """Where the named span of time begins, and where it has passed."""
    if match["iso"]:
        return _of_day(datetime.fromisoformat(match["iso"]).replace(tzinfo=UTC))
    if match["day"]:
        return _day(int(match["day"]), _month(match["daymonth"]), match["dayyear"], now)
    if match["dayafter"]:
        return _day(int(match["dayafter"]), _month(match["monthday"]), match["dayafteryear"], now)
    if match["halfmonth"]:
        start, end = _month_span(_month(match["halfmonth"]), match["halfyear"], now)
        last = {"early": 10, "mid": 20}.get(match["half"])
        return start, (start + last * _DAY if start and last else end)
    if match["month"]:
        return _month_span(_month(match["month"]), match["monthyear"], now)
    if match["quarter"] or match["ordinal"]:
        number = int(match["quarter"]) if match["quarter"] else _ORDINALS[match["ordinal"]]
        return _quarter(number, match["quarteryear"] or match["ordinalyear"], now)
    if match["span"] or match["spanend"]:
        return _span(match["span"] or match["spanend"], now, ahead=int(match["which"] == "next"))
    if match["weekday"]:
        days = (_WEEKDAYS.index(match["weekday"]) - now.weekday()) % 7
        return _of_day(now + days * _DAY)
    if match["tomorrow"]:
        return _of_day(now + (_DAY if match["tomorrow"] == "tomorrow" else timedelta()))
    year = int(match["year"])
    return datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)


def _chinese(match: re.Match[str], now: datetime) -> tuple[datetime | None, bool]:
    before = match["before"]
    is_firm = bool(before) or bool(re.search(r"[底末内]$", match[0]))
    if match["count"]:
        number = int(match["count"]) if match["count"].isdigit() else _NUMBERS[match["count"]]
        return now + number * _UNITS[match["unit"]], True
    start, end = _chinese_moment(match, now)
    # "3月1日前" ends when the day begins, "3月底前" with the month.
    names_end = bool(re.search(r"[底末内]", match[0]))
    return (start if before and not names_end else end), is_firm


def _chinese_moment(match: re.Match[str], now: datetime) -> tuple[datetime | None, datetime | None]:
    if match["month"]:
        year = match["year"] or _relative_year(match["nextyear"], now)
        if match["day"]:
            return _day(int(match["day"]), int(match["month"]), year, now)
        start, end = _month_span(int(match["month"]), year, now)
        last = {"初": 10, "上旬": 10, "中旬": 20}.get(match["part"] or "")
        return start, (start + last * _DAY if start and last else end)
    if match["quarter"] or match["q"]:
        shown = match["quarter"] or match["q"]
        number = int(shown) if shown.isdigit() else _NUMBERS[shown]
        return _quarter(number, match["qyear"] or _relative_year(match["qnext"], now), now)
    if match["span"]:
        ahead = match["which"].count("下") + (match["which"] == "明")
        unit = {"周": "week", "星期": "week", "月": "month", "年": "year"}.get(match["span"], "quarter")
        return _span(unit, now, ahead=ahead)
    if match["bare"]:
        return _span({"年": "year", "月": "month"}.get(match["bare"], "quarter"), now, ahead=0)
    if match["relative"]:
        return _of_day(now + (_DAY if match["relative"][0] == "明" else timedelta()))
    year_number = int(match["onlyyear"])
    return datetime(year_number, 1, 1, tzinfo=UTC), datetime(year_number + 1, 1, 1, tzinfo=UTC)


def _relative_year(word: str | None, now: datetime) -> str | None:
    return None if not word else str(now.year + (word == "明年"))


def _month(name: str) -> int:
    return next(number for number, full in enumerate(_MONTHS, 1) if full.startswith(name.rstrip(".")[:3]))


def _of_day(moment: datetime) -> tuple[datetime, datetime]:
    start = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return start, start + _DAY


def _day(day: int, month: int, year: str | None, now: datetime) -> tuple[datetime | None, datetime | None]:
    """Raises ``ValueError`` for a day that does not exist."""
    return _next_of(lambda of_year: _of_day(datetime(of_year, month, day, tzinfo=UTC)), year, now)


def _month_span(month: int, year: str | None, now: datetime) -> tuple[datetime | None, datetime | None]:
    return _next_of(lambda of_year: (_first(of_year, month), _first(of_year, month + 1)), year, now)


def _quarter(number: int, year: str | None, now: datetime) -> tuple[datetime | None, datetime | None]:
    month = 3 * number - 2
    return _next_of(lambda of_year: (_first(of_year, month), _first(of_year, month + 3)), year, now)


def _next_of(
    span: Callable[[int], tuple[datetime, datetime]], year: str | None, now: datetime
) -> tuple[datetime | None, datetime | None]:
    if year is not None:
        return span(int(year))
    start, end = span(now.year)
    if end > now:
        return start, end
    return (None, None) if now - end < _LATELY else span(now.year + 1)


def _span(unit: str, now: datetime, *, ahead: int) -> tuple[datetime, datetime]:
    """The running week (from Monday), month, quarter or year, or one that many ahead."""
    if unit == "week":
        start = _of_day(now - now.weekday() * _DAY)[0] + 7 * ahead * _DAY
        return start, start + 7 * _DAY
    months = {"month": 1, "quarter": 3, "year": 12}[unit]
    first = (now.month - 1) // months * months + 1 + months * ahead
    return _first(now.year, first), _first(now.year, first + months)


def _first(year: int, month: int) -> datetime:
    """The first moment of a month; one above 12 is of a later year."""
    return datetime(year + (month - 1) // 12, (month - 1) % 12 + 1, 1, tzinfo=UTC)
