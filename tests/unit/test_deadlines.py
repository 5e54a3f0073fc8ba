"""Until when something is said to happen. One row a wording; all read on Tuesday 10 February 2026, 09:30 UTC."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.judgement.deadlines import find_deadlines

YEAR = timedelta(days=366)
SAID = datetime(2026, 2, 10, 9, 30, tzinfo=UTC)


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("DeepSeek to release V4 by the end of the quarter", "2026-04-01"),
        ("DeepSeek to release V4 by the end of this month", "2026-03-01"),
        ("DeepSeek to release V4 by end of March", "2026-04-01"),
        ("DeepSeek to release V4 by the end of next month", "2026-04-01"),
        ("V4 will ship by the end of the year", "2027-01-01"),
        ("V4 will ship by year-end", "2027-01-01"),
        ("V4 will ship by the end of 2026", "2027-01-01"),
        ("V4 will ship before 1 March", "2026-03-01"),
        ("V4 will ship by 1 March", "2026-03-02"),
        ("V4 will ship no later than March 1, 2026", "2026-03-02"),
        ("V4 will ship by March 15th", "2026-03-16"),
        ("V4 will ship by Jan. 5", None),  # five weeks ago: looked back on
        ("V4 will ship on 2026-03-03", "2026-03-04"),
        ("V4 will ship before March", "2026-03-01"),
        ("V4 will ship in March", "2026-04-01"),
        ("V4 will ship in mid-February", "2026-02-21"),
        ("V4 will ship in late April", "2026-05-01"),
        ("V4 is delayed to May", "2026-06-01"),
        ("V4 is postponed until Q3", "2026-10-01"),
        ("V4 will ship in Q2 2026", "2026-07-01"),
        ("V4 will ship in the second quarter", "2026-07-01"),
        ("V4 will ship in the second quarter of 2027", "2027-07-01"),
        ("V4 will launch next week", "2026-02-23"),
        ("V4 will launch later this week", "2026-02-16"),
        ("V4 will launch next month", "2026-04-01"),
        ("V4 will launch on Friday", "2026-02-14"),
        ("V4 will launch by tomorrow", "2026-02-12"),
        ("The ministry must answer within 30 days", "2026-03-12T09:30"),
        ("V4 is expected within two weeks", "2026-02-24T09:30"),
        ("V4 arrives in the coming three days", "2026-02-13T09:30"),
        ("DeepSeek V4 将于本月底前发布", "2026-03-01"),
        ("DeepSeek V4 将于月底前发布", "2026-03-01"),
        ("DeepSeek V4 将于3月1日前发布", "2026-03-01"),
        ("DeepSeek V4 将于3月1日发布", "2026-03-02"),
        ("DeepSeek V4 将于2026年3月发布", "2026-04-01"),
        ("DeepSeek V4 将于3月底前发布", "2026-04-01"),
        ("DeepSeek V4 有望3月中旬发布", "2026-03-21"),
        ("DeepSeek V4 将于年底前发布", "2027-01-01"),
        ("DeepSeek V4 有望年内发布", "2027-01-01"),
        ("DeepSeek V4 将于下周发布", "2026-02-23"),
        ("DeepSeek V4 将于下个月发布", "2026-04-01"),
        ("DeepSeek V4 将于明年发布", "2028-01-01"),
        ("DeepSeek V4 将于第二季度发布", "2026-07-01"),
        ("DeepSeek V4 将于2027年第一季度发布", "2027-04-01"),
        ("DeepSeek V4 将于本季度末发布", "2026-04-01"),
        ("DeepSeek V4 将于两周内发布", "2026-02-24T09:30"),
        ("DeepSeek V4 将在30天内发布", "2026-03-12T09:30"),
        ("DeepSeek V4 推迟至5月", "2026-06-01"),
    ],
)
def test_a_deadline_is_found(text: str, at: str | None) -> None:
    assert [found.at for found in find_deadlines(text, SAID)] == ([] if at is None else [day(at)])


#: Read on Tuesday 1 December 2026, 09:00 UTC.
IN_WINTER = datetime(2026, 12, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "at", "is_firm"),
    [
        ("Huawei says the Ascend 960 will ship before Chinese New Year", "2027-02-06", True),
        ("V5 will be out by Christmas", "2026-12-26", True),
        ("Rhea1 boards are due in spring 2027", "2027-06-01", True),
        ("V5 will be out by summer", "2027-09-01", True),
        ("Ascend 960 launch set for Q2 2027", "2027-07-01", False),
        ("Volume shipments expected in 1Q27", "2027-04-01", False),
        ("Volume shipments planned for 1H27", "2027-07-01", False),
        ("V5 is planned for the second half of next year", "2028-01-01", False),
        ("Release slated for mid-February", "2027-02-21", False),
        ("V5 is expected in early 2027", "2027-05-01", False),
        ("V5 is expected at the start of 2027", "2027-05-01", False),
        ("V5 will be ready by mid-2027", "2027-09-01", True),
        ("V5 comes early next year", "2027-05-01", False),
        ("Sampling will begin late December", "2027-01-01", False),
        ("V5 will launch next Friday", "2026-12-12", False),
        ("V5 will launch this Thursday", "2026-12-04", False),
        ("V5 will launch on Wednesday next week", "2026-12-10", False),
        ("The rule must be signed by close of business Friday", "2026-12-05", True),
        ("V5 will ship within the quarter", "2027-01-01", True),
        ("V5 will ship by early Q2", "2027-05-01", True),
        ("DeepSeek wird V5 bis Ende Januar veröffentlichen", "2027-02-01", True),
        ("Der Chip soll noch vor Weihnachten kommen", "2026-12-25", True),
        ("Rhea1 soll im ersten Quartal 2027 kommen", "2027-04-01", False),
        ("Rhea1 kommt Anfang nächsten Jahres", "2027-05-01", False),
        ("Die Frist läuft bis zum 15. Januar", "2027-01-16", True),
        ("V5 sortira d'ici la fin du mois", "2027-01-01", True),
        ("V5 sortira avant le 15 janvier 2027", "2027-01-15", True),
        ("V5 sortira au premier trimestre 2027", "2027-04-01", False),
        ("DeepSeek、V5を来月末までに公開へ", "2027-02-01", True),
        ("昇腾960将于来年初出荷", "2027-05-01", False),
        ("DeepSeek计划春节前发布V5", "2027-02-06", True),
        ("DeepSeek计划春节前后发布V5", "2027-02-07", False),
        ("V5将在本周五发布", "2026-12-05", False),
        ("V5将在下周三发布", "2026-12-10", False),
        ("V5最迟周五前发布", "2026-12-04", True),
        ("V5将于明年上半年发布", "2027-07-01", False),
        ("昇腾960将于明年年初量产", "2027-05-01", False),
        ("昇腾960将于下月初量产", "2027-01-11", False),
        ("昇腾960最迟三月底前出货", "2027-04-01", True),
        ("昇腾960将于十二月底出货", "2027-01-01", True),
    ],
)
def test_a_deadline_in_other_words(text: str, at: str, is_firm: bool) -> None:
    assert [(found.at, found.is_firm) for found in find_deadlines(text, IN_WINTER)] == [(day(at), is_firm)]


@pytest.mark.parametrize(
    "text",
    [
        "The fall of prices", "First half of the match ended", "The main thing remains", "Im Jahr 2027", "En 2027",
        "国庆节后发布", "上周五发布", "周一发布", "Revenue of 2027", "Spring festival is near",
        "by the start of the year",
    ],
)  # fmt: skip
def test_words_of_time_that_set_no_deadline(text: str) -> None:
    assert find_deadlines(text, IN_WINTER) == []


@pytest.mark.parametrize(
    "text",
    [
        "DeepSeek releases V4",
        "Built by 2030 engineers in Hangzhou",
        "V4 may be released soon",
        "DeepSeek V4 marches on",
        "V4 was out by 1 February",
        "V4 released in January",
        "V4 runs on 950 chips by Huawei",
        "by 31 February",
        "V4 will ship by the end of 2060",
        "DeepSeek V4 发布",
        "DeepSeek V4 于1月发布",
        "DeepSeek 团队三人离职",
    ],
)
def test_no_deadline_is_read_where_none_is_said(text: str) -> None:
    assert find_deadlines(text, SAID) == []


def test_the_phrase_is_as_it_was_written() -> None:
    (found,) = find_deadlines("V4 is coming By The End Of March, they say", SAID)
    assert found.phrase == "By The End Of March"
    assert found.is_firm


def test_the_same_words_count_from_when_they_were_said() -> None:
    later = SAID + timedelta(days=30)
    (found,) = find_deadlines("V4 ships by the end of the month", later)
    assert found.at == day("2026-04-01")


@given(st.text(max_size=200), st.timedeltas(min_value=-30 * YEAR, max_value=30 * YEAR))
def test_any_text_at_any_time_gives_only_what_is_to_come(text: str, ago: timedelta) -> None:
    now = SAID + ago
    assert all(found.at > now for found in find_deadlines(text, now))


WORDS = st.sampled_from(
    ["by", "before", "the end of", "March", "Q2", "31", "2026", "next", "month", "week", "within", "two", "days",
     "early", "mid-", "spring", "Christmas", "1H27", "half", "Friday", "bis", "Ende", "nächste", "Woche",
     "d'ici", "fin",
     "本", "月", "底", "前", "3月", "31日", "第四季度", "年", "下", "周", "内", "五", "初", "上半年", "春节",
     "来", "までに"]
)  # fmt: skip


@given(st.lists(WORDS, max_size=10).map(" ".join), st.lists(WORDS, max_size=10).map("".join))
def test_any_order_of_the_words_of_time_is_read_without_a_crash(spaced: str, joined: str) -> None:
    for text in (spaced, joined):
        assert all(found.at > SAID and found.phrase for found in find_deadlines(text, SAID))


@pytest.mark.parametrize(
    "text",
    ["DeepSeek will launch V4, Reuters reported on Tuesday", "财联社2月10日电，DeepSeek 将发布V4"],
)
def test_the_day_on_which_it_is_said_is_no_deadline(text: str) -> None:
    assert find_deadlines(text, SAID) == []
