"""``tipoff poll --once``: read every source one time."""

import json
import time
from collections import Counter
from typing import Annotated, Any

import typer

from bot.cli.start import begin, open_console, run_async, settle_memory
from bot.errors import UserError

#: Where no source answers and there are more than these, causes are counted, not named source by source.
_SHOWN_ALONE = 5


def add_to(app: typer.Typer) -> None:
    @app.command()
    def poll(
        once: Annotated[bool, typer.Option("--once", help="Read every source one time, now.")] = False,
        as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    ) -> None:
        """Read every source one time and save what is new.

        Alerts for this terminal are shown; those for Discord and Slack wait in the outbox for `tipoff run`.
        With --json nothing is shown, and the terminal's alerts wait too.
        """
        if not once:
            raise UserError("poll: say --once to read every source one time; `tipoff run` keeps reading")
        run_async(_poll_once(as_json=as_json))


async def _poll_once(*, as_json: bool) -> None:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from bot.flow import firstround
    from bot.flow.desk import Desk
    from bot.flow.once import poll_all
    from bot.intake.fetch import open_fetcher
    from bot.model import utc_now
    from bot.stored import open_stored
    from storage import sources

    settings, catalog = begin()
    began = time.monotonic()
    console = open_console(stderr=as_json)
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=console, transient=True, disable=not console.is_terminal,
    )  # fmt: skip
    async with open_stored(settings, catalog) as database:
        desk = Desk(database, catalog, clock=utc_now)
        first = await firstround.is_open(database)
        async with database.reading() as conn:
            states = [state for state in await sources.states(conn) if not state.stopped]
        async with open_fetcher(
            contact=settings.contact, allow_private=settings.allow_private_addresses
        ) as fetcher:
            settle_memory()
            with bar:
                task = bar.add_task("Reading sources", total=len(states))
                done, tally = await poll_all(
                    states, desk, fetcher, clock=utc_now, quiet=first, on_read=lambda _: bar.advance(task)
                )
        if first and done.fetched + done.not_modified:
            tally += await firstround.close(desk)
        result = {
            "sources": len(states),
            "fetched": done.fetched,
            "not_modified": done.not_modified,
            "failed": done.failed,
            "items_new": tally.items_new,
            "stories_new": tally.stories_new,
            "alerts": tally.alerts,
            "deliveries": tally.deliveries,
            "seconds": round(time.monotonic() - began, 3),
        }
        if as_json:
            typer.echo(json.dumps(result))
        else:
            await _show(console, database, catalog, done.noteworthy, result)


async def _show(console: Any, database: Any, catalog: Any, reads: Any, result: dict[str, Any]) -> None:
    import secrets

    from rich.markup import escape

    from bot.delivery.dispatcher import Dispatcher
    from bot.model import utc_now
    from handlers.answers import counted
    from handlers.console.handler import ConsoleHandler

    dispatcher = Dispatcher(database, catalog, owner=secrets.token_hex(8), clock=utc_now)
    dispatcher.serve(ConsoleHandler(console))
    await dispatcher.drain()
    is_cut_off = not result["fetched"] + result["not_modified"] and result["failed"] > _SHOWN_ALONE
    for read in reads:
        if read.record.error and not is_cut_off:
            console.print(
                f"[yellow]{escape(read.record.source_id)}[/]: {escape(read.record.error)}", highlight=False
            )
        for problem in read.problems:
            console.print(f"[dim]{escape(read.record.source_id)}: {escape(problem)}[/]", highlight=False)
    if is_cut_off:
        causes = Counter(read.record.error for read in reads if read.record.error)
        for cause, times in causes.most_common(_SHOWN_ALONE):
            console.print(f"[yellow]{counted(times, 'source')}[/]: {escape(cause)}", highlight=False)
        console.print("No source could be read: is there a network? `tipoff doctor` looks.", highlight=False)
    console.print(
        f"{counted(result['sources'], 'source')}: {result['fetched']} read, {result['not_modified']} unchanged, "
        f"{result['failed']} failed · {counted(result['items_new'], 'new item')} in "
        f"{counted(result['stories_new'], 'new story')} · {counted(result['alerts'], 'alert')} · {result['seconds']} s",
        highlight=False,
    )
