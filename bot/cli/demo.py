"""``tipoff demo``: a month in a minute, without a network."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.start import open_console, run_async

if TYPE_CHECKING:
    from rich.console import Console

    from bot.flow.demo import FastClock
    from bot.model import Catalog
    from bot.settings import Settings

_TOKENS = ("DISCORD_TOKEN", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET")
#: A quarter of a second is some three hours of the demo's month: enough to see who was first.
_TICK_S = 0.25
#: These topics come as a daily digest in the demo, so that a digest is seen too.
_DIGEST_TOPICS = ("licences", "eu-open-hardware")


def add_to(app: typer.Typer) -> None:
    @app.command()
    def demo(
        seconds: Annotated[int, typer.Option(min=10, max=600, help="How long the month takes.")] = 60,
    ) -> None:
        """See a month in a minute: rumour, denial, launch, better proof, digest. Needs no network and keeps nothing.

        A bundled sample of about 60 items is served on loopback at high speed and read by the very same program.
        """
        run_async(_demo(seconds))


async def _demo(seconds: int) -> None:
    import tempfile
    from datetime import timedelta
    from pathlib import Path

    from bot.app import run_bot
    from bot.catalog.loader import load_catalog
    from bot.delivery.dispatcher import Patience
    from bot.flow.demo import FastClock, demo_catalog, load_sample, serve_sample
    from bot.logs import configure_logging
    from bot.settings import Settings

    configure_logging()
    console = open_console()
    console.rule(
        "[bold]SAMPLE[/bold] · a recorded month with invented addresses, not real news", style="yellow"
    )
    console.print(
        "The licence and hardware topics come as a daily digest, the others at once.\n", style="dim"
    )
    sample = load_sample()
    clock = FastClock(sample, seconds=seconds)
    # The clock runs some ten thousand times too fast for spans that are meant for people.
    ages = timedelta(days=3650)
    patience = Patience(lease=ages, useful=ages, give_up=ages)
    with tempfile.TemporaryDirectory(prefix="tipoff-demo-") as folder:
        settings = Settings.model_validate(
            {
                **dict.fromkeys(("TIPOFF_CATALOG", "TIPOFF_CONTACT", *_TOKENS), ""),
                "TIPOFF_DATABASE_URL": f"sqlite:///{Path(folder) / 'demo.db'}",
                "TIPOFF_ALLOW_PRIVATE_ADDRESSES": "true",
                "TIPOFF_WEB_BIND": "127.0.0.1:0",
                "TIPOFF_ARTICLES": "off",  # the sample's addresses are invented
                "TIPOFF_HOLD": "0s",
                "TIPOFF_LOG_FORMAT": "auto",
                "TIPOFF_LOG_LEVEL": "warning",
            }
        )
        async with serve_sample(sample, clock) as base:
            catalog = demo_catalog(load_catalog(), sample, base)
            await _subscribe_console(settings, catalog, clock)
            stop = asyncio.Event()
            async with asyncio.TaskGroup() as group:
                group.create_task(_stop_at_the_end(clock, stop))
                await run_bot(
                    settings,
                    catalog,
                    console=console,
                    clock=clock,
                    stop=stop,
                    patience=patience,
                    tick_s=_TICK_S,
                )
                stop.set()
            await _close(settings, catalog, clock, console)


async def _stop_at_the_end(clock: "FastClock", stop: asyncio.Event) -> None:
    while clock() < clock.ends and not stop.is_set():
        try:
            async with asyncio.timeout(0.2):
                await stop.wait()
        except TimeoutError:
            continue
    stop.set()


async def _subscribe_console(settings: "Settings", catalog: "Catalog", clock: "FastClock") -> None:
    from bot.model import ALL_TOPICS, CONSOLE, Mode
    from bot.stored import open_stored
    from storage import subscriptions
    from storage.subscriptions import Subscription

    async with (
        open_stored(settings, catalog, clock=clock) as database,
        database.transaction() as tx,
    ):
        await subscriptions.unsubscribe(tx, CONSOLE, ALL_TOPICS)
        for topic in catalog.topics:
            mode = Mode.DAILY if topic.id in _DIGEST_TOPICS else Mode.INSTANT
            await subscriptions.subscribe(
                tx, Subscription(channel=CONSOLE, topic=topic.id, mode=mode, created=clock())
            )


async def _close(settings: "Settings", catalog: "Catalog", clock: "FastClock", console: "Console") -> None:
    """Show what `tipoff status` says at the end of the month."""
    from bot.model import CONSOLE
    from bot.stored import open_stored
    from handlers.commands import Commands
    from handlers.console.cards import reply
    from handlers.requests import Request
    from storage import sources

    async with open_stored(settings, catalog, clock=clock) as database:
        async with database.reading() as conn:
            read = [state.last_ok for state in await sources.states(conn) if state.last_ok]
        ended = max(read, default=clock.ends)
        answer = await Commands(database, catalog, clock=lambda: ended).perform(
            Request(command="status", options={}, channel=CONSOLE, user="demo", may_manage=True)
        )
    console.rule("[bold]At the end of the month: tipoff status[/bold]", style="yellow")
    console.print(reply(answer))
    console.rule("That was the sample. [bold]tipoff run[/bold] reads the real sources.", style="yellow")
