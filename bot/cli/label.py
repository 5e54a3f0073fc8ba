"""``tipoff label``: the live history as a labelled set that people can correct."""

import contextlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from bot.cli.start import begin, open_console, run_async, unknown_topic
from bot.errors import UserError

if TYPE_CHECKING:
    from bot.model import Catalog
    from bot.settings import Settings
    from storage.history import Size


def add_to(app: typer.Typer) -> None:
    @app.command()
    def label(
        file: Annotated[Path, typer.Argument(help="Where to write; one JSON object a line.")],
        topic: Annotated[str, typer.Option(help="Only stories that touch this topic.")] = "",
        since: Annotated[
            str, typer.Option(help="Only what was published since: a date such as 2026-04-01, or 30d.")
        ] = "",
        force: Annotated[bool, typer.Option("--force", help="Overwrite a file that is there.")] = False,
    ) -> None:
        """Write the history with the labels that Tipoff gave it: story, topics, grade, event, moves, claims.

        Correct the labels by hand, then `tipoff replay FILE --score FILE` tells how well Tipoff does on your topic.
        """
        start = parse_since(since, now=datetime.now(UTC))
        from handlers.answers import counted

        settings, catalog = begin()
        if topic and catalog.topic(topic) is None:
            raise unknown_topic(catalog, topic)
        if file.exists() and not force:
            raise UserError(f"{file} is there already, perhaps with corrected labels; --force overwrites it")
        with _replacing(file) as out:
            size = run_async(_label(settings, catalog, out, topic=topic, since=start))
        gone = (
            f"; left out, for they have lost their text: {counted(size.pruned, 'older item')}"
            if size.pruned
            else ""
        )
        open_console(stderr=True).print(
            f"{counted(size.items, 'item')} written to {file}{gone}.", highlight=False, markup=False
        )


def parse_since(text: str, *, now: datetime) -> datetime | None:
    """A date, a time, or a span such as ``30d`` before ``now``. None when nothing is said. Raises ``UserError``."""
    from bot.catalog.loader import parse_duration

    wanted = text.strip()
    if not wanted:
        return None
    try:
        moment = datetime.fromisoformat(wanted)
    except ValueError:
        try:
            span = parse_duration(wanted)
        except ValueError:
            raise UserError(
                f"since: {wanted!r} is neither a date such as 2026-04-01 nor a span such as 30d"
            ) from None
        return now - span
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


@contextlib.contextmanager
def _replacing(file: Path) -> Iterator[TextIO]:
    """Write beside the file first: what goes wrong leaves what was there before. Raises ``UserError``."""
    part = file.with_name(f"{file.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="\n") as out:
            yield out
        part.replace(file)
    except OSError as exc:
        raise UserError(f"{file}: cannot be written: {exc.strerror or exc}") from None
    finally:
        part.unlink(missing_ok=True)


async def _label(
    settings: "Settings", catalog: "Catalog", out: TextIO, *, topic: str, since: datetime | None
) -> "Size":
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from bot.flow.labels import label_row
    from bot.model import TopicId
    from bot.stored import open_stored
    from storage import feedback, history

    chosen = TopicId(topic) if topic else None
    console = open_console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        console=console, transient=True, disable=not console.is_terminal,
    )  # fmt: skip
    async with open_stored(settings, catalog) as database, database.reading() as conn:
        size = await history.size(conn, topic=chosen, since=since)
        said = await feedback.by_item(conn)
        with bar:
            task = bar.add_task("Labelling", total=size.items)
            async for row in history.history(conn, topic=chosen, since=since):
                out.write(json.dumps(label_row(row, said.get(row.id)), ensure_ascii=False) + "\n")
                bar.advance(task)
    return size
