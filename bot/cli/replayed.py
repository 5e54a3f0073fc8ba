"""What a replayed history would have told, for the terminal: its alerts, and the answers at its end."""

from collections.abc import Iterable, Iterator

from rich.table import Table
from rich.text import Text

from bot.flow.replay import Replayed
from bot.model import Catalog, TopicId
from handlers.console.cards import EVENT_WORD, GRADE_COLOUR, safe


class Answers:
    """The watch questions that were moved, each with the item that moved it last."""

    def __init__(self, catalog: Catalog) -> None:
        self._asked = {
            (topic.id, watch.id): watch.question for topic in catalog.topics for watch in topic.watches
        }
        self._moved: dict[tuple[TopicId, str], tuple[str, Replayed]] = {}

    def __bool__(self) -> bool:
        return bool(self._moved)

    def take(self, row: Replayed) -> None:
        for move in row.verdict.watch:
            self._moved[move.topic, move.question] = (move.state, row)

    def said_by(self, row: Replayed) -> Iterator[str]:
        """What the item answers, a line each."""
        for move in row.verdict.watch:
            before = f"{move.previous} → " if move.previous else ""
            yield f"➜ {self._asked[move.topic, move.question]} {before}{move.state}"

    def table(self) -> Table:
        """Where the questions stand that were moved, in the catalog's order."""
        table = Table(
            title="Answers at the end", title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0)
        )
        for column in ("Question", "Answer", "Since", "Evidence"):
            table.add_column(column, no_wrap=column != "Question")
        for key, question in self._asked.items():
            if key not in self._moved:
                continue
            state, row = self._moved[key]
            grade = row.verdict.graded.grade
            table.add_row(
                Text(question), Text(state, "bold"), f"{row.verdict.item.published:%d %b %Y}",
                Text.assemble((grade.value, GRADE_COLOUR[grade]), (f"  #{row.verdict.story}", "dim")),
            )  # fmt: skip
        return table


def alert_table(rows: Iterable[Replayed], answers: Answers, *, first: bool) -> Table:
    """A part of the table of alerts; its columns are as wide in every part."""
    title = "Alerts that a channel subscribed to every topic would get" if first else None
    table = Table(
        title=title, title_justify="left", box=None, show_header=first, pad_edge=False, padding=(0, 2, 0, 0)
    )
    for column, width in (("Time, UTC", 17), ("Event", 12), ("Evidence", 12)):
        table.add_column(column, no_wrap=True, min_width=width)
    table.add_column("Story", ratio=1)
    for row in rows:
        verdict = row.verdict
        grade = verdict.graded.grade
        story = Text.assemble(
            safe(verdict.item.title), (f"  {safe(verdict.item.publisher)} #{verdict.story}", "dim")
        )
        for line in answers.said_by(row):
            story.append(f"\n{line}", "bold")
        table.add_row(
            f"{verdict.item.published:%d %b %Y %H:%M}",
            EVENT_WORD[verdict.event].lower(),
            Text(grade.value, GRADE_COLOUR[grade]),
            story,
        )
    return table
