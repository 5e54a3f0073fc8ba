"""``tipoff replay``: judge a saved history."""

import io
import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli.start import begin, open_console
from bot.errors import ConfigError


def add_to(app: typer.Typer) -> None:
    @app.command()
    def replay(
        file: Annotated[Path, typer.Argument(help="One JSON object a line; - reads standard input.")],
        as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object an item.")] = False,
    ) -> None:
        """Judge a saved history exactly as the live program would: topics, stories, grades, alerts.

        Each line needs id, title, url, publisher and published; summary, language and source help. Needs no network
        and saves nothing.
        """
        _, catalog = begin()
        try:
            # Not splitlines(): it also ends a line at characters that may stand in a JSON text, such as U+2028.
            lines = (sys.stdin if str(file) == "-" else io.StringIO(file.read_text("utf-8"))).readlines()
        except (OSError, UnicodeDecodeError) as exc:
            raise ConfigError(f"{file}: cannot be read: {exc}") from None
        if as_json:
            _print_json(lines, catalog, str(file))
        else:
            _print_alerts(lines, catalog, str(file))


def _print_json(lines: list[str], catalog: Any, name: str) -> None:
    from rich.progress import track

    from bot.flow.replay import replay as judged

    out = sys.stdout
    quiet = not sys.stderr.isatty() or out.isatty()
    rows = judged(lines, catalog, name=name)
    for row in track(
        rows, "Judging", total=len(lines), console=open_console(stderr=True), transient=True, disable=quiet
    ):
        out.write(json.dumps(row.as_json(), ensure_ascii=False) + "\n")


def _print_alerts(lines: list[str], catalog: Any, name: str) -> None:
    from rich.table import Table
    from rich.text import Text

    from bot.flow.replay import replay as judged
    from handlers.console.cards import GRADE_COLOUR, safe

    console = open_console()
    table = Table(title="Alerts that a channel subscribed to every topic would get", title_justify="left")
    for column in ("Time", "Event", "Evidence"):
        table.add_column(column, no_wrap=True)
    table.add_column("Story", ratio=1)
    items = alerts = 0
    stories = set()
    for row in judged(lines, catalog, name=name):
        items += 1
        stories.add(row.verdict.story)
        if not row.verdict.alert:
            continue
        alerts += 1
        verdict = row.verdict
        grade = verdict.graded.grade
        table.add_row(
            f"{verdict.item.published:%d %b %H:%M}",
            verdict.event.value,
            Text(grade.value, GRADE_COLOUR[grade]),
            Text.assemble(
                safe(verdict.item.title), (f"  {safe(verdict.item.publisher)} #{verdict.story}", "dim")
            ),
        )
    console.print(table)
    console.print(f"{items} items, {len(stories)} stories, {alerts} alerts", highlight=False)
