"""Finds until when something is said to happen: "by the end of the quarter", "before 1 March", 本月底前. Pure.

Times of day are not read: a deadline ends with its day, in UTC. "By March" ends with March, "before March" when March
begins. A day without a year is the next such day; "early", "mid" and "late" are thirds.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from bot.judgement import deadlines_chinese, deadlines_english, deadlines_european
from bot.judgement.deadlines_spans import DAY
from bot.judgement.screen import Screen
from bot.judgement.text import fold, overlaps

#: Further ahead is a plan for some day, not a deadline to wait for.
_FURTHEST = timedelta(days=3 * 366)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """``at``: the first moment at which it has passed. ``start``, ``end``: where ``phrase`` stands in the text.
    ``is_firm``: the words name an end ("by", 前), so no word for the future is needed beside them."""

    at: datetime
    phrase: str
    start: int
    end: int
    is_firm: bool


#: When the deadline has passed, None where none is named; and whether it is firm.
_Read = Callable[[re.Match[str], datetime], tuple[datetime | None, bool]]


class _Reader(NamedTuple):
    pattern: re.Pattern[str]
    read: _Read
    screen: Screen


_READERS = tuple(
    _Reader(module.PATTERN, module.read, Screen([module.PIECES]))
    for module in (deadlines_english, deadlines_chinese, deadlines_european)
)


def may_name_deadline(folded: str) -> bool:
    """Whether a folded text may name a deadline; cheap."""
    return any(reader.screen.any_possible(folded) for reader in _READERS)


def find_deadlines(text: str, published: datetime) -> list[Deadline]:
    """The deadlines that the text names and that had not passed when it was published, as they stand."""
    folded = fold(text)
    shown = text if len(text) == len(folded) else folded
    now = published.astimezone(UTC)
    found: list[Deadline] = []
    for match, read in _matches(folded):
        if overlaps(match.start(), match.end(), [(other.start, other.end) for other in found]):
            continue  # read in another language already
        try:
            at, is_firm = read(match, now)
        except ValueError:  # the 31st of February
            continue
        if at is None or not now < at <= now + _FURTHEST:
            continue
        # "Reuters reported on Friday", 财联社1月10日电: the day on which it is said, not one that is to come.
        if is_firm or at - now > DAY or not _names_day(match):
            phrase = shown[match.start() : match.end()].strip()
            found.append(
                Deadline(at=at, phrase=phrase, start=match.start(), end=match.end(), is_firm=is_firm)
            )
    return sorted(found, key=lambda deadline: deadline.start)


def _matches(folded: str) -> Iterator[tuple[re.Match[str], _Read]]:
    for reader in _READERS:
        if reader.screen.any_possible(folded):
            for match in reader.pattern.finditer(folded):
                yield match, reader.read


def _names_day(match: re.Match[str]) -> bool:
    given = match.groupdict()
    return any(given.get(name) for name in ("iso", "day", "dayafter", "weekday", "bareweekday"))
