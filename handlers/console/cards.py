"""Alerts and answers as rich renderables: one card an alert, coloured by grade. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from bot.delivery.contract import AlertMessage, DigestMessage, Message, NoticeMessage
from bot.model import Event, Grade
from handlers.replies import Entry, Reply

GRADE_COLOUR = {
    Grade.OFFICIAL: "bright_green",
    Grade.FILING: "green",
    Grade.PRIMARY_DATA: "cyan",
    Grade.LEAK: "magenta",
    Grade.REPORT: "blue",
    Grade.RUMOUR: "yellow",
    Grade.OPINION: "bright_black",
}
EVENT_WORD = {
    Event.NEW: "NEW",
    Event.UPGRADE: "BETTER PROOF",
    Event.UPDATE: "UPDATE",
    Event.CORRECTION: "CORRECTION",
    Event.NONE: "",
}
_WIDE = 130  # columns of a terminal from which on a line has room for its last fact
_LONGEST = 60  # and of one of its columns
_LEAST, _LEAST_TITLE = 16, 32  # what is left of a column that is cut, and of a title before it wraps
_TONE_COLOUR = {"info": "default", "done": "green", "error": "red"}


def safe(text: str) -> str:
    """Text from outside without control characters: a title must not drive the terminal."""
    folded = re.sub(r"\s+", " ", text)
    return "".join(ch for ch in folded if unicodedata.category(ch) not in ("Cc", "Cf", "Cs", "Co"))


def card(message: Message) -> RenderableType:
    match message:
        case AlertMessage():
            return _alert(message)
        case DigestMessage():
            return _digest(message)
        case NoticeMessage():
            lines = Text("\n").join(Text(safe(line)) for line in message.text.split("\n"))
            return Panel(lines, title=Text(safe(message.title)), title_align="left")


def _alert(message: AlertMessage) -> Panel:
    colour = GRADE_COLOUR[message.grade]
    head = Text(safe(message.title), style=f"bold link {message.url}" if message.url else "bold")
    by = safe(message.publisher) + (f" ({safe(message.author)})" if message.author else "")
    facts = Text(f"{by} · {message.published:%d %b %Y %H:%M} UTC", style="dim")
    lines: list[RenderableType] = [head, facts]
    if message.summary:
        lines.append(Text(safe(message.summary)))
    lines += [Text(f"➜ {safe(answer)}", style="bold bright_white") for answer in message.answers]
    if message.meanwhile:
        lines.append(Text(f"Meanwhile: {safe(message.meanwhile)}", style="bold"))
    if message.outlets:
        outlets = ", ".join(f"{safe(outlet.publisher)} ({outlet.grade})" for outlet in message.outlets)
        lines.append(Text(f"Also told by {outlets}", style="dim"))
    if message.site:
        lines.append(Text(f"Original article: {safe(message.site)}", style="dim"))
    if message.tags:
        lines.append(Text(f"Tags: {safe(', '.join(message.tags))}", style="dim"))
    if message.url:
        lines.append(Text(message.url, style="underline dim", overflow="fold"))
    grade = f"{message.previous_grade} → {message.grade}" if message.previous_grade else message.grade.value
    if message.witnesses > 1:
        grade += f", {message.witnesses} independent"
    title = Text.assemble(
        (f" {EVENT_WORD[message.event]} ", f"bold reverse {colour}"), (f" {grade} ", f"bold {colour}"),
        (f" {', '.join(message.topics)} ", "bold"),
    )  # fmt: skip
    return Panel(
        Group(*lines), title=title, title_align="left", border_style=colour,
        subtitle=Text(f"#{message.story}", style="dim"), subtitle_align="right", padding=(0, 1),
    )  # fmt: skip


def _digest(message: DigestMessage) -> Panel:
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    table.add_column(no_wrap=True, style="dim")
    for entry in message.entries:
        style = f"link {entry.url}" if entry.url else ""
        table.add_row(
            Text(entry.grade.value, style=GRADE_COLOUR[entry.grade]),
            Text(safe(entry.title), style=style),
            Text(f"{safe(entry.publisher)}  #{entry.story}"),
        )
    told = Group(Text(safe(message.reason), style="dim"), table) if message.reason else table
    return Panel(told, title=Text(safe(message.title), style="bold"), title_align="left", padding=(0, 1))


def reply(answer: Reply) -> RenderableType:
    """An answer to a command, for the terminal."""
    colour = _TONE_COLOUR[answer.tone]
    lines: list[RenderableType] = [Text(safe(answer.title), style=f"bold {colour}")]
    if answer.text:
        lines.append(Text(safe(answer.text)))
    if answer.rows:
        lines.append(_Lines(answer.entries))
    elif is_list(answer):
        lines.append(_Rows(answer.entries))
    else:
        lines += [_entry(entry) for entry in answer.entries]
    return Group(*lines)


def is_list(answer: Reply) -> bool:
    """Whether its entries are short enough to be one line each."""
    return answer.rows or (
        len(answer.entries) > 3 and not any(entry.text or entry.lines for entry in answer.entries)
    )


@dataclass(frozen=True, slots=True)
class _Rows:
    """Many short entries: a table where the terminal has room for all of it, else each in the lines that it needs.
    Nothing is cut away: there are ids among it that a command takes, and figures at the end of a title."""

    entries: Sequence[Entry]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        lengths = {len(entry.facts) for entry in self.entries}
        aligned = lengths == {max(lengths)}
        shown = [
            (
                safe(entry.title),
                *map(safe, entry.facts if aligned else [" · ".join(filter(None, entry.facts))]),
            )
            for entry in self.entries
        ]
        widths = [max(map(cell_len, column)) for column in zip_longest(*shown, fillvalue="")]
        widths[0] = min(widths[0], _LONGEST)
        widths[-1] = min(widths[-1], _LONGEST)  # it wraps
        if sum(widths) + 2 * (len(widths) - 1) > options.max_width:
            yield from map(_entry, self.entries)
            return
        table = Table.grid(padding=(0, 2))
        for at, width in enumerate(widths):
            last = 0 < at == len(widths) - 1
            table.add_column(
                style="dim" if at else "", width=None if last else width, ratio=1 if last else None,
                no_wrap=at > 0 and not last, overflow="fold",
            )  # fmt: skip
        for entry, (title, *facts) in zip(self.entries, shown, strict=True):
            table.add_row(Text(title, style=f"link {entry.url}" if entry.url else ""), *map(Text, facts))
        yield table


@dataclass(frozen=True, slots=True)
class _Lines:
    """Each entry in one line of columns, cut where the terminal is narrow. Its title and its last fact are the link;
    a narrow terminal has no room for the last fact. The widest columns are cut first; the title is not, it wraps."""

    entries: Sequence[Entry]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        shown = [(safe(entry.title), *map(safe, entry.facts)) for entry in self.entries]
        longest = [max(map(cell_len, column)) for column in zip_longest(*shown, fillvalue="")]
        last = len(longest) - 1
        used = [
            at
            for at, most in enumerate(longest)
            if most and (at < max(last, 1) or options.max_width >= _WIDE)
        ]
        widths = {at: min(longest[at], _LONGEST) for at in used}
        least = {at: min(widths[at], _LEAST if at else _LEAST_TITLE) for at in used}
        if sum(least.values()) + 2 * len(used) > options.max_width:
            yield from map(_entry, self.entries)
            return
        while sum(widths.values()) + 2 * len(used) > options.max_width:
            widths[max(used, key=lambda at: (widths[at] > least[at], widths[at], at))] -= 1
        table = Table.grid(padding=(0, 2))
        for at in used:
            table.add_column(
                style="dim" if at > 1 else "", width=widths[at], no_wrap=at > 0, overflow="ellipsis"
            )
        for entry, facts in zip(self.entries, shown, strict=True):
            link = f"link {entry.url}" if entry.url else ""
            table.add_row(
                *(Text("".join(facts[at : at + 1]), style=link if at in (0, last) else "") for at in used)
            )
        yield table


def _entry(entry: Entry) -> RenderableType:
    mark = GRADE_COLOUR[entry.grade] if entry.grade else "default"
    style = "bold" + (f" link {entry.url}" if entry.url else "")
    lines: list[RenderableType] = [Text.assemble(("▌ ", mark), (safe(entry.title), style))]
    if entry.facts:
        facts = Text(safe(" · ".join(fact for fact in entry.facts if fact)), style="dim")
        lines.append(Padding(facts, (0, 0, 0, 2), expand=False))
    if entry.text:
        lines.append(Padding(Text(safe(entry.text)), (0, 0, 0, 2), expand=False))
    lines += [Padding(Text(f"› {safe(line)}"), (0, 0, 0, 4), expand=False) for line in entry.lines]
    return Group(*lines)
