"""Tipoff's own words in the language of a channel. What sources say is never translated."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from bot.model import Grade

DEFAULT = "en"


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of one language. ``language``: its code, as in ``wording.toml``."""

    language: str
    words: dict[str, str]

    def __call__(self, key: str, **places: object) -> str:
        return self.words[key].format(**places)

    def grade(self, grade: Grade) -> str:
        return self.words[grade.value]

    def counted(self, word: str, number: int) -> str:
        """``counted("alert", 2)`` is "2 alerts"."""
        return self(f"{word}_one" if number == 1 else f"{word}_many", n=number)

    def day(self, day: date) -> str:
        """``24 November 2026``, as the language writes it."""
        if self.language == DEFAULT:
            return f"{day:%d %B %Y}"
        from babel.dates import format_date  # slow to load, and most channels read English

        return str(format_date(day, "long", locale=self.language))


@cache
def wording(locale: str) -> Wording:
    """The words for a locale such as ``de``, ``pt-BR`` or ``zh_CN``; English where there are none for it."""
    language = locale.replace("_", "-").partition("-")[0].lower()
    tables = _tables()
    return Wording(language, tables[language]) if language in tables else Wording(DEFAULT, tables[DEFAULT])


@cache
def _tables() -> dict[str, dict[str, str]]:
    return tomllib.loads(files("bot.delivery").joinpath("wording.toml").read_text(encoding="utf-8"))


def languages() -> tuple[str, ...]:
    """The languages that there are words for."""
    return tuple(_tables())
