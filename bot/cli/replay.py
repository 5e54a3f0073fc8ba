"""``tipoff replay``: judge a saved history, say why, and measure it against labels."""

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.lines import Lines
from bot.cli.start import begin, open_console, settle_memory
from bot.errors import UserError

if TYPE_CHECKING:
    from datetime import datetime

    from bot.flow.replay import Replayed
    from bot.model import Catalog

#: Titles of stories kept for saying which is near; older ones are far from anything new.
_TITLES_KEPT = 20_000
#: Alerts are printed as they come, so many in one go.
_ALERTS_AT_ONCE = 100


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
        settle_memory()
        lines = Lines(file)
        if gold is not None:
            _print_scores(lines, catalog, gold=gold, as_json=as_json)
        elif explain or ids:
            _print_reasons(lines, catalog, ids=tuple(ids or ()), as_json=as_json)
        elif as_json:
            _print_json(lines, catalog)
        else:
            _print_alerts(lines, catalog)


def _tracked(rows: "Iterable[Replayed]", lines: Lines) -> "Iterator[Replayed]":
    """With a progress bar where a person sees it and it does not mix with the output."""
    if not sys.stderr.isatty() or sys.stdout.isatty():
        yield from rows
        return
    from rich.progress import Progress

    with Progress(console=open_console(stderr=True), transient=True) as progress:
        task = progress.add_task("Judging", total=None)
        for row in rows:
            progress.update(task, total=lines.size, completed=lines.read)
            yield row


def _print_json(lines: Lines, catalog: "Catalog") -> None:
    from bot.flow.replay import replay as judged

    _write_rows(_tracked(judged(lines, catalog, name=lines.name), lines))


def _write_rows(rows: "Iterable[Replayed]") -> None:
    for row in rows:
        sys.stdout.write(json.dumps(row.as_json(), ensure_ascii=False) + "\n")


def _print_reasons(lines: Lines, catalog: "Catalog", *, ids: tuple[str, ...], as_json: bool) -> None:
    from bot.flow.replay import replay as judged

    missing = set(ids)

    def is_wanted(item: str) -> bool:
        missing.discard(item)
        return not ids or item in ids

    rows = _tracked(judged(lines, catalog, name=lines.name, explain=is_wanted), lines)
    if as_json:
        _write_rows(rows)
    else:
        _show_reasons(rows)
    if missing:
        raise UserError(f"{lines.name}: no item has the id {', '.join(sorted(missing))}")


def _show_reasons(rows: "Iterable[Replayed]") -> None:
    from bot.cli.explained import explained

    console = open_console()
    titles: dict[int, str] = {}
    for row in rows:
        if row.why is not None:
            console.print(explained(row, row.why, titles))
        titles.setdefault(row.verdict.story, row.verdict.item.title)
        if len(titles) > _TITLES_KEPT:
            del titles[next(iter(titles))]


def _print_scores(lines: Lines, catalog: "Catalog", *, gold: Path, as_json: bool) -> None:
    from bot.cli import scores
    from bot.flow.labels import found_of, read_labels, unknown_names
    from bot.flow.replay import replay as judged
    from bot.judgement.scoring import score

    labels = read_labels(Lines(gold), name=str(gold))
    for unknown in unknown_names(labels.values(), catalog):
        typer.echo(f"{gold}: {unknown} is not in the catalog: all of it counts as missed", err=True)
    rows = _tracked(judged(lines, catalog, name=lines.name), lines)
    measured = score({row.id: found_of(row.verdict) for row in rows}, labels)
    if not measured.items:
        raise UserError(f"{gold}: its labels are of other items; ids must be those of {lines.name}")
    if as_json:
        typer.echo(json.dumps(scores.as_json(measured), ensure_ascii=False))
    else:
        open_console().print(scores.tables(measured))


def _print_alerts(lines: Lines, catalog: "Catalog") -> None:
    from bot.cli.replayed import Answers, alert_table
    from bot.flow.replay import replay as judged
    from handlers.answers import counted

    console = open_console()
    answers = Answers(catalog)
    items = alerts = stories = on_topic = back = 0
    latest: datetime | None = None
    told: list[Replayed] = []
    for row in judged(lines, catalog, name=lines.name):
        items += 1
        on_topic += bool(row.verdict.topics)
        published = row.verdict.item.published
        back += latest is not None and published < latest
        latest = published
        stories = max(stories, row.verdict.story)  # they are numbered from 1
        answers.take(row)
        if not row.verdict.alert:
            continue
        alerts += 1
        told.append(row)
        if len(told) == _ALERTS_AT_ONCE:
            console.print(alert_table(told, answers, first=alerts == _ALERTS_AT_ONCE))
            told.clear()
    if told or not alerts:
        console.print(alert_table(told, answers, first=alerts < _ALERTS_AT_ONCE))
    if answers:
        console.print(answers.table())
    counts = (counted(items, "item"), counted(stories, "story"), counted(alerts, "alert"))
    console.print(", ".join(counts), highlight=False)
    if items and not on_topic:
        names = ", ".join(topic.id for topic in catalog.topics)
        console.print(
            f"No item is on a topic of this catalog: {names}. TIPOFF_CATALOG names another.", style="yellow"
        )
    if back > items / 2:
        console.print(
            "Most lines are older than the one before: a history is read oldest first.", style="yellow"
        )
