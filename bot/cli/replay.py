"""``tipoff replay``: judge a saved history, say why, and measure it against labels."""

import io
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.start import begin, open_console
from bot.errors import ConfigError, UserError

if TYPE_CHECKING:
    from bot.flow.replay import Replayed
    from bot.model import Catalog


def add_to(app: typer.Typer) -> None:
    @app.command()
    def replay(
        file: Annotated[Path, typer.Argument(help="One JSON object a line; - reads standard input.")],
        as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object an item.")] = False,
        explain: Annotated[
            bool,
            typer.Option(
                "--explain",
                help="Say why, item by item: terms seen and refused, stories near it with their scores, the words "
                "behind its grade, why it was told or not. With --json: under the key why.",
            ),
        ] = False,
        ids: Annotated[
            list[str] | None,
            typer.Option("--id", metavar="ID", help="Explain this item only; may be repeated."),
        ] = None,
        gold: Annotated[
            Path | None,
            typer.Option(
                "--score",
                metavar="GOLD",
                help="Measure against the labels of this file (it may be FILE itself; `tipoff label` writes such "
                "files). With --json: one object.",
            ),
        ] = None,
    ) -> None:
        """Judge a saved history exactly as the live program would: topics, stories, grades, alerts.

        Each line needs id, title, url, publisher and published; summary, language and source help. Needs no network
        and saves nothing.
        """
        if gold is not None and (explain or ids):
            raise UserError("replay: --score and --explain answer different questions; say one of them")
        if gold is not None and str(gold) == "-":
            raise UserError("replay: --score needs a file, not standard input")
        _, catalog = begin()
        lines = read_lines(file)
        if gold is not None:
            _print_scores(lines, catalog, str(file), gold=gold, as_json=as_json)
        elif explain or ids:
            _print_reasons(lines, catalog, str(file), ids=tuple(ids or ()), as_json=as_json)
        elif as_json:
            _print_json(lines, catalog, str(file))
        else:
            _print_alerts(lines, catalog, str(file))


def read_lines(file: Path) -> list[str]:
    """The lines of a file, or of standard input for ``-``. Raises ``ConfigError``."""
    try:
        # Not splitlines(): it also ends a line at characters that may stand in a JSON text, such as U+2028.
        return (sys.stdin if str(file) == "-" else io.StringIO(file.read_text("utf-8"))).readlines()
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError(f"{file}: cannot be read: {exc}") from None


def _tracked(rows: "Iterable[Replayed]", total: int) -> "Iterable[Replayed]":
    """With a progress bar where a person sees it and it does not mix with the output."""
    from rich.progress import track

    quiet = not sys.stderr.isatty() or sys.stdout.isatty()
    return track(
        rows, "Judging", total=total, console=open_console(stderr=True), transient=True, disable=quiet
    )


def _print_json(lines: list[str], catalog: "Catalog", name: str) -> None:
    from bot.flow.replay import replay as judged

    _write_rows(_tracked(judged(lines, catalog, name=name), len(lines)))


def _write_rows(rows: "Iterable[Replayed]") -> None:
    for row in rows:
        sys.stdout.write(json.dumps(row.as_json(), ensure_ascii=False) + "\n")


def _print_reasons(
    lines: list[str], catalog: "Catalog", name: str, *, ids: tuple[str, ...], as_json: bool
) -> None:
    from bot.flow.replay import replay as judged

    wanted = frozenset(ids)
    seen: set[str] = set()

    def is_wanted(item: str) -> bool:
        seen.add(item)
        return not wanted or item in wanted

    rows = _tracked(judged(lines, catalog, name=name, explain=is_wanted), len(lines))
    if as_json:
        _write_rows(rows)
    else:
        _show_reasons(rows)
    if missing := wanted - seen:
        raise UserError(f"{name}: no item has the id {', '.join(sorted(missing))}")


def _show_reasons(rows: "Iterable[Replayed]") -> None:
    from bot.cli.explained import explained

    console = open_console()
    titles: dict[int, str] = {}
    for row in rows:
        if row.why is not None:
            console.print(explained(row, row.why, titles))
        titles.setdefault(row.verdict.story, row.verdict.item.title)


def _print_scores(lines: list[str], catalog: "Catalog", name: str, *, gold: Path, as_json: bool) -> None:
    from bot.cli import scores
    from bot.flow.labels import found_of, read_labels
    from bot.flow.replay import replay as judged
    from bot.judgement.scoring import score

    labels = read_labels(lines if str(gold) == name else read_lines(gold), name=str(gold))
    rows = _tracked(judged(lines, catalog, name=name), len(lines))
    measured = score({row.id: found_of(row.verdict) for row in rows}, labels)
    if not measured.items:
        raise UserError(f"{gold}: its labels are of other items; ids must be those of {name}")
    if as_json:
        typer.echo(json.dumps(scores.as_json(measured), ensure_ascii=False))
    else:
        open_console().print(scores.tables(measured))


def _print_alerts(lines: list[str], catalog: "Catalog", name: str) -> None:
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
