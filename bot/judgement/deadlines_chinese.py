"""Reads deadlines in Chinese and Japanese: 本月底前, 明年上半年, 下周三, 春节前, 来月末までに. Pure."""

import re
from datetime import datetime, timedelta

from bot.judgement import deadlines_spans as spans
from bot.judgement.deadlines_spans import DAY, Part, Span

_NUMBERS = {**{word: number for number, word in enumerate("一二三四五六七八九十", 1)}, "两": 2}
_UNITS = {
    "小时": timedelta(hours=1), "時間": timedelta(hours=1), "天": DAY, "日": DAY, "周": 7 * DAY, "週間": 7 * DAY,
    "星期": 7 * DAY, "月": 30 * DAY,
}  # fmt: skip
_FEASTS = {
    "春节": "lunar new year", "农历新年": "lunar new year", "国庆": "national day", "十一": "national day",
    "元旦": "new year", "五一": "may day", "圣诞": "christmas",
}  # fmt: skip
_WEEKDAYS = "一二三四五六日天"
_YEAR = r"20\d\d年|明年|来年|今年"
_PARTS: dict[str, Part] = {
    "初": "early",
    "上旬": "early",
    "年初": "early",
    "中": "mid",
    "中旬": "mid",
    "年中": "mid",
    "下旬": "late",
}
PATTERN = re.compile(
    rf"""(?:
        (?:(?P<year>{_YEAR}))?(?:(?P<month>\d{{1,2}}|十[一二]|[一二三四五六七八九十])月)
            (?:(?P<day>\d{{1,2}})[日号]|(?P<monthpart>底|末|初|上旬|中旬|下旬|内))?
      | (?P<halfyear>{_YEAR})?(?P<half>上|下)半年
      | (?P<quarteryear>{_YEAR})?
            (?:第?(?P<quarter>[一二三四1-4])(?:季度?|四半期)|(?<=[\u4e00-\u9fff])q(?P<q>[1-4])(?!\d))(?:度?(?:末|底|内))?
      | (?P<partyear>20\d\d年|明年|来年|今年)(?P<yearpart>年?初|年?中(?![国心文芯]))
      | (?P<which>本|这个?|下下?个?|今|明|当|来|翌)(?P<span>周|週|星期|礼拜|月|季度?|四半期|年(?!代))
            (?:(?P<weekday>[{_WEEKDAYS}](?![\u4e00-\u9fff]?[季月]))|度?(?P<spanpart>底|末|内|份|初|中旬|上旬|下旬))?
      | (?<![上每])(?:周|星期|礼拜)(?P<bareweekday>[{_WEEKDAYS}])(?=之?前)
      | (?P<bare>年|月|季度?)(?P<end>底|末|内)
      | (?P<onlyyear>20\d\d)年(?!\d{{1,2}}月)(?:底|末|内)?
      | (?P<feast>{"|".join(_FEASTS)})节?(?=之?前|期间|假期前|发布|上线|推出|亮相)
      | (?P<relative>明天|明日|今天|今日)
      | (?:未来|今后|在)?(?P<count>\d{{1,3}}|[一二两三四五六七八九十])个?
            (?P<unit>小时|時間|天|日|周|週間|星期|月)(?:之?内|以内)
    )(?P<before>之?前(?!后)|以前|までに|まで)?""",
    re.X,
)
#: Every moment has one of these.
PIECES = ("月", "季", "四半期", "年", "周", "週", "星期", "礼拜", "天", "日", "小时", "時間", *_FEASTS)
_END = re.compile(r"[底末内]")


def read(match: re.Match[str], now: datetime) -> tuple[datetime | None, bool]:
    """When the deadline has passed, None where none is named; and whether the words name an end.

    Raises ``ValueError`` for a day that does not exist."""
    if match["count"]:
        number = int(match["count"]) if match["count"].isdigit() else _NUMBERS[match["count"]]
        return now + number * _UNITS[match["unit"]], True
    found = _moment(match, now)
    before = match["before"] or ""
    is_firm = bool(before) or bool(_END.search(match[0][-1]))
    if found is None:
        return None, is_firm
    # "3月1日前" ends when the day begins, "3月底前" with the month; まで includes what it names.
    names_end = bool(_END.search(match[0])) or before.startswith("まで")
    return (found[0] if before and not names_end else found[1]), is_firm


def _moment(match: re.Match[str], now: datetime) -> Span | None:
    if match["month"]:
        year, month = _year(match["year"], now), _month(match["month"])
        if match["day"]:
            return spans.day(int(match["day"]), month, year, now)
        return _part(spans.months(month, 1, year, now), match["monthpart"])
    if match["half"]:
        return spans.half_year(1 + (match["half"] == "下"), _year(match["halfyear"], now), now)
    if match["quarter"] or match["q"]:
        shown = match["quarter"] or match["q"]
        number = int(shown) if shown.isdigit() else _NUMBERS[shown]
        return spans.quarter(number, _year(match["quarteryear"], now), now)
    if match["yearpart"]:
        year = _year(match["partyear"], now)
        return _part(spans.of_year(year), match["yearpart"]) if year else None
    if match["span"]:
        ahead = match["which"].count("下") + (match["which"] in "明来翌")
        if match["weekday"]:
            return spans.weekday(_weekday(match["weekday"]), now, ahead=ahead)
        unit = {"月": "month", "年": "year"}.get(
            match["span"], "week" if match["span"][0] in "周週星礼" else "quarter"
        )
        return _part(spans.running(unit, now, ahead=ahead), match["spanpart"])
    if match["bareweekday"]:
        return spans.weekday(_weekday(match["bareweekday"]), now)
    if match["bare"]:
        return spans.running({"年": "year", "月": "month"}.get(match["bare"], "quarter"), now, ahead=0)
    if match["feast"]:
        return spans.feast(_FEASTS[match["feast"]], None, now)
    if match["relative"]:
        return spans.of_day(now + (DAY if match["relative"][0] == "明" else timedelta()))
    return spans.of_year(int(match["onlyyear"]))


def _part(span: Span | None, words: str | None) -> Span | None:
    return span and spans.part_of(span, _PARTS.get(words or "", ""))


def _month(shown: str) -> int:
    return int(shown) if shown.isdigit() else sum(_NUMBERS[sign] for sign in shown)


def _weekday(word: str) -> int:
    return min(_WEEKDAYS.index(word), 6)


def _year(words: str | None, now: datetime) -> int | None:
    if not words:
        return None
    return int(words[:4]) if words[0] == "2" else now.year + (words[0] in "明来")
