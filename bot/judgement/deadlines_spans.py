"""Spans of the calendar that words of time name, in UTC: where each begins, and where it has passed. Pure."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Literal

DAY = timedelta(days=1)
#: A span without a year that passed this lately is looked back on ("missed the deadline of 1 March").
_LATELY = timedelta(days=120)
_SEASON_LATELY = timedelta(days=30)  # seasons are long: who speaks of summer in October means the next one
#: Where it begins, and the first moment at which it has passed.
Span = tuple[datetime, datetime]
Part = Literal["early", "mid", "late", ""]
#: First month of each, in the north, where those live of whom the catalogs speak.
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
#: The first day of the Chinese year, as the observatories give it; it cannot be told without a table.
_LUNAR_NEW_YEAR = {
    2025: (1, 29), 2026: (2, 17), 2027: (2, 6), 2028: (1, 26), 2029: (2, 13), 2030: (2, 3), 2031: (1, 23),
    2032: (2, 11), 2033: (1, 31), 2034: (2, 19), 2035: (2, 8),
}  # fmt: skip
_FEASTS = {"christmas": (12, 25), "new year": (1, 1), "national day": (10, 1), "may day": (5, 1)}
_THURSDAY = 3


def first(year: int, month: int) -> datetime:
    """The first moment of a month; one above 12 is of a later year."""
    return datetime(year + (month - 1) // 12, (month - 1) % 12 + 1, 1, tzinfo=UTC)


def of_day(moment: datetime) -> Span:
    start = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return start, start + DAY


def of_year(year: int) -> Span:
    return first(year, 1), first(year, 13)


def day(number: int, month: int, year: int | None, now: datetime) -> Span | None:
    """Raises ``ValueError`` for a day that does not exist."""
    return _next_of(lambda of: of_day(datetime(of, month, number, tzinfo=UTC)), year, now)


def months(start: int, count: int, year: int | None, now: datetime) -> Span | None:
    """``count`` months from the ``start``-th of a year on."""
    return _next_of(lambda of: (first(of, start), first(of, start + count)), year, now)


def quarter(number: int, year: int | None, now: datetime) -> Span | None:
    return months(3 * number - 2, 3, year, now)


def half_year(number: int, year: int | None, now: datetime) -> Span | None:
    return months(6 * number - 5, 6, year, now)


def season(name: str, year: int | None, now: datetime) -> Span | None:
    start = _SEASONS[name]
    return _next_of(lambda of: (first(of, start), first(of, start + 3)), year, now, lately=_SEASON_LATELY)


def feast(name: str, year: int | None, now: datetime) -> Span | None:
    """A day that is known by its name: a key of ``_FEASTS``, "lunar new year" or "thanksgiving"."""

    def of(wanted: int) -> Span:
        if name == "lunar new year":
            if wanted not in _LUNAR_NEW_YEAR:
                raise ValueError(f"no day of the Chinese new year is known for {wanted}")
            month, number = _LUNAR_NEW_YEAR[wanted]
        elif name == "thanksgiving":  # the fourth Thursday of November
            begins = first(wanted, 11).weekday()
            month, number = 11, 22 + (_THURSDAY - begins) % 7
        else:
            month, number = _FEASTS[name]
        return of_day(datetime(wanted, month, number, tzinfo=UTC))

    return _next_of(of, year, now)


def weekday(number: int, now: datetime, *, ahead: int | None = None) -> Span:
    """The next such day (0 is Monday), or the one of the week that is so many ahead."""
    if ahead is None:
        return of_day(now + (number - now.weekday()) % 7 * DAY)
    return of_day(now + (number - now.weekday() + 7 * ahead) * DAY)


def running(unit: str, now: datetime, *, ahead: int) -> Span:
    """The running week (from Monday), month, quarter or year, or one that many ahead."""
    if unit == "week":
        start = of_day(now - now.weekday() * DAY)[0] + 7 * ahead * DAY
        return start, start + 7 * DAY
    size = {"month": 1, "quarter": 3, "year": 12}[unit]
    start_month = (now.month - 1) // size * size + 1 + size * ahead
    return first(now.year, start_month), first(now.year, start_month + size)


def part_of(span: Span, part: Part) -> Span:
    """The first, second or last third; of a year these are four months each, of a month about ten days."""
    start, end = span
    if not part:
        return span
    whole = (end.year - start.year) * 12 + end.month - start.month
    if whole >= 3 and whole % 3 == 0:
        third = whole // 3
        begin = start.month + {"early": 0, "mid": third, "late": 2 * third}[part]
        return first(start.year, begin), first(start.year, begin + third)
    third_days = 10 * DAY if whole == 1 else (end - start) / 3
    begins = start + {"early": 0, "mid": 1, "late": 2}[part] * third_days
    return begins, end if part == "late" else begins + third_days


def _next_of(
    span: Callable[[int], Span], year: int | None, now: datetime, lately: timedelta = _LATELY
) -> Span | None:
    """That of the year, else the running or next one; None when it passed lately."""
    if year is not None:
        return span(year)
    found = span(now.year)
    if found[1] > now:
        return found
    return None if now - found[1] < lately else span(now.year + 1)
