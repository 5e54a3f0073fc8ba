"""What a command answers, before any platform renders it."""

from dataclasses import dataclass
from typing import Literal

from bot.model import Grade


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One block of an answer: a title (a link when ``url`` is set), facts in one line, a text below, then lines that
    stay lines."""

    title: str
    url: str = ""
    grade: Grade | None = None
    facts: tuple[str, ...] = ()
    text: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """``private``: shown only to who asked. All text is plain; the platform escapes it."""

    title: str
    text: str = ""
    entries: tuple[Entry, ...] = ()
    private: bool = True
    tone: Literal["info", "done", "error"] = "info"
