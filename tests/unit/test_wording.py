"""Tipoff's own words: every language says everything, with the same places; English where a language is not known."""

import re
from datetime import date

import pytest

from bot.delivery.wording import languages, wording
from bot.model import Grade


@pytest.mark.parametrize("language", languages())
def test_every_language_says_everything(language: str) -> None:
    english, told = wording("en").words, wording(language).words
    assert told.keys() == english.keys()
    for key, text in told.items():
        assert set(re.findall(r"{(\w+)}", text)) == set(re.findall(r"{(\w+)}", english[key])), key
    assert {wording(language).grade(grade) for grade in Grade} <= set(told.values())


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("de", "de"),
        ("zh-CN", "zh"),
        ("zh_TW", "zh"),
        ("en-US", "en"),
        ("tlh", "en"),
        ("", "en"),
        ("pt-BR", "en"),
    ],
)
def test_a_locale_finds_its_language(locale: str, language: str) -> None:
    assert wording(locale).language == language


@pytest.mark.parametrize(
    ("locale", "day", "alerts"),
    [
        ("en", "24 November 2026", "2 alerts"),
        ("de", "24. November 2026", "2 Meldungen"),
        ("zh", "2026年11月24日", "2 条提醒"),
    ],
)
def test_days_and_numbers_are_written_as_there(locale: str, day: str, alerts: str) -> None:
    words = wording(locale)
    assert words.day(date(2026, 11, 24)) == day
    assert words.counted("alert", 2) == alerts
