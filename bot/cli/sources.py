"""``tipoff sources``: what is read and how it is doing; try, add, remove, import and export."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.start import begin, open_console, run_async, unknown_topic
from bot.errors import UserError

if TYPE_CHECKING:
    from bot.flow.examine import Examined
    from bot.model import Source

_Topic = Annotated[str, typer.Option("--topic", help="Only sources of this topic.")]
_Every = Annotated[str, typer.Option(help="How often it is asked, for example 15m.")]
_Topics = Annotated[
    list[str] | None, typer.Option("--topic", help="Topic that it is read for; may be repeated.")
]


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(invoke_without_command=True)
    app.add_typer(group, name="sources", help="What is read, and how it is doing.")

    @group.callback()
    def sources(context: typer.Context, topic: _Topic = "") -> None:
        """What is read, and how it is doing: last answer, next poll, failures, items a week, share alerted."""
        if context.invoked_subcommand is None:
            from bot.cli.ask import ask

            ask("sources", {"topic": topic} if topic else {})

    @group.command()
    def check(
        ids: Annotated[
            list[str] | None, typer.Argument(help="Ids or names of sources; without any, all of them.")
        ] = None,
        topic: _Topic = "",
        as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a source.")] = False,
    ) -> None:
        """Ask every source once and show what answers. Saves nothing. Exit code 1 when any does not answer."""
        if run_async(_check(ids or [], topic, as_json=as_json)):
            raise typer.Exit(1)

    @group.command()
    def add(
        url: Annotated[str, typer.Argument(help="Address of a feed, or of a page that offers one.")],
        kind: Annotated[str, typer.Option(help="How it is read, when Tipoff cannot tell.")] = "",
        topic: _Topics = None,
        every: _Every = "15m",
        name: Annotated[str, typer.Option(help="Its name in lists.")] = "",
    ) -> None:
        """Read one more address, once it was seen to answer."""
        run_async(_add(url, kind, topic or [], every, name))

    @group.command()
    def remove(source: Annotated[str, typer.Argument(help="Id or name of a source that was added.")]) -> None:
        """Stop reading an address that was added. What it brought stays."""
        run_async(_remove(source))

    @group.command("import")
    def import_(
        file: Annotated[Path, typer.Argument(help="An OPML file, as every feed reader exports.")],
        topic: _Topics = None,
        every: _Every = "15m",
    ) -> None:
        """Add the feeds of an OPML file. They are tried at their first poll, not now."""
        try:
            data = file.read_bytes()
        except OSError as exc:
            raise UserError(f"{file}: {(exc.strerror or 'cannot be read').lower()}") from None
        run_async(_import(file, data, topic or [], every))

    @group.command()
    def export(
        file: Annotated[Path | None, typer.Argument(help="Where to write; the terminal without it.")] = None,
    ) -> None:
        """Write the feeds that are read as OPML, for any feed reader."""
        data = run_async(_export())
        if file is None:
            typer.echo(data.decode("utf-8"))
            return
        try:
            file.write_bytes(data)
        except OSError as exc:
            raise UserError(f"{file}: {(exc.strerror or 'cannot be written').lower()}") from None
        open_console().print(f"[green]Written:[/] {file}", highlight=False)


async def _check(ids: list[str], topic: str, *, as_json: bool) -> int:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from bot.flow.examine import examine_all
    from bot.intake.fetch import open_fetcher
    from bot.model import utc_now

    settings, _, listed = await _listed()
    named = {_meant(wanted, listed, "check").id for wanted in ids}
    chosen = [s for s in listed if (not named or s.id in named) and (not topic or topic in s.topics)]
    if not chosen:
        raise UserError(f"sources check: no source of topic {topic!r}")
    console = open_console(stderr=as_json)
    bar = Progress(
        TextColumn("Asking sources"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        TextColumn("[dim]{task.description}"), console=console, transient=True, disable=not console.is_terminal,
    )  # fmt: skip
    async with open_fetcher(
        contact=settings.contact, allow_private=settings.allow_private_addresses
    ) as fetcher:
        with bar:
            task = bar.add_task("", total=len(chosen))

            def on_examined(found: "Examined") -> None:
                bar.update(task, advance=1, description=found.source.id)

            found = await examine_all(chosen, fetcher, clock=utc_now, on_examined=on_examined)
    if as_json:
        for each in found:
            typer.echo(json.dumps(_as_row(each), ensure_ascii=False))
    else:
        _show(open_console(), found)
    return sum(1 for each in found if each.error)


def _as_row(found: "Examined") -> dict[str, Any]:
    return {
        "id": found.source.id, "kind": found.source.kind.value, "url": found.source.url,
        "answers": not found.error, "status": found.status, "error": found.error, "items": found.items,
        "newest": found.newest.isoformat() if found.newest else None, "problems": list(found.problems),
    }  # fmt: skip


def _show(console: Any, found: "list[Examined]") -> None:
    """Those that do not answer come last, where a person looks first."""
    from rich.table import Table
    from rich.text import Text

    from bot.model import utc_now
    from handlers.answers import ago

    now = utc_now()
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("")
    table.add_column("source", no_wrap=True, max_width=34, overflow="ellipsis")
    table.add_column("kind", style="dim")
    table.add_column("items", justify="right")
    table.add_column("newest", style="dim", no_wrap=True)
    table.add_column("note", ratio=1, overflow="fold")
    for each in sorted(found, key=lambda each: (bool(each.error), each.source.id)):
        note = each.error or "; ".join(each.problems)
        mark = (
            Text("✘", "red") if each.error else Text("!", "yellow") if each.problems else Text("✔", "green")
        )
        table.add_row(
            mark, Text(each.source.id), each.source.kind.value, "" if each.error else str(each.items),
            ago(each.newest, now) if each.newest else "", Text(note, "red" if each.error else "yellow"),
        )  # fmt: skip
    console.print(table)
    bad = sum(1 for each in found if each.error)
    console.print(
        f"[bold]{len(found) - bad}[/] of [bold]{len(found)}[/] sources answer"
        + (f", [red]{bad}[/] do not." if bad else "."),
        highlight=False,
    )


async def _listed() -> tuple[Any, Any, "list[Source]"]:
    """Settings, catalog, and every source that is read: the catalog's and those that people gave."""
    from bot.stored import open_stored
    from storage import sources

    settings, catalog = begin()
    async with open_stored(settings, catalog) as database, database.reading() as conn:
        return settings, catalog, [state.source for state in await sources.states(conn)]


def _called(wanted: str, listed: "list[Source]") -> "list[Source]":
    """An id or address is one source's; a name may be that of several."""
    return [source for source in listed if wanted in (source.id, source.url)] or [
        source for source in listed if source.name.casefold() == wanted.casefold()
    ]


def _meant(wanted: str, listed: "list[Source]", command: str) -> "Source":
    """The source of that id or address, or the only one of that name. Raises ``UserError``."""
    found = _called(wanted, listed)
    if not found:
        what = (
            f"{wanted!r}: no such source was added" if command == "remove" else f"unknown source {wanted!r}"
        )
        raise UserError(f"sources {command}: {what}; tipoff sources lists them with their ids")
    if len(found) > 1:
        ids = ", ".join(source.id for source in found)
        raise UserError(f"sources {command}: {wanted!r} is the name of several; give one of the ids: {ids}")
    return found[0]


def _fields(catalog: Any, topics: list[str], every: str) -> dict[str, Any]:
    from bot.catalog.loader import parse_duration
    from bot.model import TopicId

    for topic in topics:
        if catalog.topic(topic) is None:
            raise unknown_topic(catalog, topic)
    try:
        return {"topics": tuple(TopicId(topic) for topic in topics), "every": parse_duration(every)}
    except ValueError as exc:
        raise UserError(f"--every: {exc}") from None


async def _add(url: str, kind: str, topics: list[str], every: str, name: str) -> None:
    from dataclasses import replace

    from rich.markup import escape

    from bot.flow.examine import given_source, take
    from bot.intake.fetch import open_fetcher
    from bot.model import CONSOLE, SourceKind, utc_now
    from bot.stored import open_stored
    from handlers.answers import counted
    from storage import sources

    settings, catalog = begin()
    if kind and kind not in list(SourceKind):
        raise UserError(f"--kind: unknown kind {kind!r}; known: {', '.join(SourceKind)}")
    wanted = given_source(url, kind=SourceKind(kind) if kind else None, **_fields(catalog, topics, every))
    async with open_fetcher(
        contact=settings.contact, allow_private=settings.allow_private_addresses
    ) as fetcher:
        found = await take(wanted, fetcher, clock=utc_now, any_kind=not kind)
    source = replace(found.source, name=name or found.source.name)
    async with open_stored(settings, catalog) as database, database.transaction() as tx:
        added = await sources.add_given(tx, [source], by=CONSOLE, now=utc_now())
    if not added:
        raise UserError(f"{source.url} is read already")
    console = open_console()
    console.print(
        f"[green]Reading[/] {escape(source.name)} as [bold]{source.id}[/]: {escape(source.url)} "
        f"({source.kind.value}, {counted(found.items, 'item')} now).",
        highlight=False,
    )
    if found.moved_to:
        console.print(
            f"[yellow]It says that it moved for good to[/] {escape(found.moved_to)}", highlight=False
        )


async def _remove(wanted: str) -> None:
    from rich.markup import escape

    from bot.stored import open_stored
    from storage import sources

    settings, catalog = begin()
    async with open_stored(settings, catalog) as database, database.transaction() as tx:
        states = await sources.states(tx)
        given = [state.source for state in states if state.given_by]
        kept = [state.source for state in states if not state.given_by]
        if not _called(wanted, given) and _called(wanted, kept):
            raise UserError(f"{wanted}: is the catalog's; leave it out there (TIPOFF_CATALOG)")
        source = _meant(wanted, given, "remove")
        await sources.remove_given(tx, source.id)
    open_console().print(f"[green]No longer read:[/] {escape(source.name)} ({source.id})", highlight=False)


async def _import(file: Path, data: bytes, topics: list[str], every: str) -> None:
    from dataclasses import replace

    from rich.markup import escape

    from bot.catalog.opml import read_opml
    from bot.model import CONSOLE, utc_now
    from bot.stored import open_stored
    from handlers.answers import counted
    from storage import sources

    settings, catalog = begin()
    fields = _fields(catalog, topics, every)
    try:
        read = read_opml(data)
    except ValueError as exc:
        raise UserError(f"{file}: {exc}") from None
    given = [replace(source, **fields, user_given=False) for source in read.sources]
    async with open_stored(settings, catalog) as database, database.transaction() as tx:
        added = await sources.add_given(tx, given, by=CONSOLE, now=utc_now())
    console = open_console()
    for problem in read.problems:
        console.print(f"[yellow]{escape(problem)}[/]", highlight=False)
    known = len(given) - len(added)
    console.print(
        f"[green]{counted(len(added), 'source')} added[/]"
        + (f", {known} were read already" if known else "")
        + ". tipoff sources check tries them.",
        highlight=False,
    )


async def _export() -> bytes:
    from bot.catalog.opml import write_opml

    _, _, listed = await _listed()
    return write_opml(listed)
