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
class Button:
    """What a press does: runs ``command`` with ``options`` for whoever pressed, or leads to ``url``.

    ``form``: the command's form is opened first. ``replace``: the answer takes the place of the one that the button
    stands under (pages); else it is a message of its own that only the person sees.
    """

    label: str
    command: str = ""
    options: tuple[tuple[str, str], ...] = ()
    url: str = ""
    style: Literal["plain", "main", "danger"] = "plain"
    form: bool = False
    replace: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Select:
    """A list of which one is chosen: runs ``command`` with ``options`` and the chosen value as ``option``.
    ``choices`` are (value, label), at most 25."""

    hint: str
    command: str
    option: str
    choices: tuple[tuple[str, str], ...]
    options: tuple[tuple[str, str], ...] = ()
    replace: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a form; ``name`` is the command's option. ``choices`` close the set."""

    name: str
    label: str
    value: str = ""
    hint: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    long: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """Sent off, it runs ``command`` with ``options`` and the fields, an empty one as the empty text. At most 5 fields
    (Discord's bound for a modal)."""

    title: str
    command: str
    fields: tuple[Field, ...]
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file to show or to keep. ``described``: what a picture shows, for those who cannot see it."""

    name: str
    mime: str
    data: bytes
    described: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """``private``: shown only to who asked. All text is plain; the platform escapes it. At most 20 buttons."""

    title: str
    text: str = ""
    entries: tuple[Entry, ...] = ()
    private: bool = True
    tone: Literal["info", "done", "error"] = "info"
    buttons: tuple[Button, ...] = ()
    selects: tuple[Select, ...] = ()
    file: Attachment | None = None
    rows: bool = False  # every entry is short: one line each on a terminal, whatever their number
