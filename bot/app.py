"""Composition root: opens resources, wires objects, owns the task group and the shutdown."""

import asyncio
import contextlib
import secrets
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from datetime import datetime
from functools import partial

from rich.console import Console
from rich.markup import escape

from bot.delivery.dispatcher import Dispatcher, Patience
from bot.errors import ConfigError
from bot.flow.articles import ArticleDesk
from bot.flow.desk import Desk, Tally
from bot.flow.embedded import EmbeddedQueue
from bot.flow.engine import Engine
from bot.flow.examine import take
from bot.flow.scheduler import TICK_S
from bot.flow.streaming import Streams
from bot.flow.websub import HubKeeper
from bot.flow.websub_inbox import HubInbox
from bot.intake.fetch import open_fetcher
from bot.intake.streams.connect import open_connector
from bot.model import Catalog, utc_now
from bot.platforms import Platforms
from bot.settings import DEFAULT_WEB_BIND, Settings, split_bind
from bot.stored import only_runner, open_stored
from handlers.answers import counted
from handlers.commands import Commands
from handlers.console.handler import ConsoleHandler, show_progress
from handlers.context import Services
from storage import deliveries, late

#: The engine's and the dispatcher's shares of the ten seconds that a clean stop may take.
_DRAIN_S = 4.0


async def run_bot(
    settings: Settings,
    catalog: Catalog,
    *,
    console: Console,
    clock: Callable[[], datetime] = utc_now,
    stop: asyncio.Event | None = None,
    patience: Patience | None = None,
    tick_s: float = TICK_S,
) -> None:
    """The main job, until SIGINT, SIGTERM or ``stop``. Raises ``ConfigError`` and ``StorageError`` at the start."""
    stop = stop or asyncio.Event()
    async with AsyncExitStack() as stack:
        alone = stack.enter_context(only_runner(settings))
        database = await stack.enter_async_context(open_stored(settings, catalog, clock=clock))
        async with database.transaction() as tx:
            if alone:
                await deliveries.void_leases(tx)
            await late.try_now(tx, now=clock())
        fetcher = await stack.enter_async_context(
            open_fetcher(contact=settings.contact, allow_private=settings.allow_private_addresses)
        )
        connector = await stack.enter_async_context(
            open_connector(contact=settings.contact, allow_private=settings.allow_private_addresses)
        )
        articles = ArticleDesk(database, fetcher, clock=clock) if settings.articles else None
        dispatcher = Dispatcher(
            database, catalog, owner=secrets.token_hex(8), clock=clock, patience=patience, articles=articles
        )
        services = Services(
            take_source=partial(take, fetcher=fetcher, clock=clock),
            private_addresses=settings.allow_private_addresses,
            wake=dispatcher.wake,
        )
        commands = Commands(database, catalog, clock=clock, services=services)
        dispatcher.serve(ConsoleHandler(console))
        platforms = Platforms(settings, database, commands, dispatcher, console=console, clock=clock)
        bound = _bind(settings, console)

        def on_recorded(tally: Tally) -> None:
            if tally.deliveries:
                if articles:
                    articles.wake()
                dispatcher.wake()

        def on_blind(tried: int, problem: str) -> None:
            console.print(
                f"[yellow]No source could be reached ({tried} tried; {escape(problem)}). Still trying; "
                "[bold]tipoff demo[/bold] shows Tipoff without a network.[/yellow]",
                highlight=False,
            )

        hubs = None
        if settings.public_url and bound is not None:
            hubs = HubKeeper(database, fetcher, public_url=settings.public_url, clock=clock)
        engine = Engine(
            database, Desk(database, catalog, clock=clock, hold=settings.hold), fetcher, EmbeddedQueue(), clock=clock,
            on_recorded=on_recorded, on_blind=on_blind, tick_s=tick_s, on_reads=hubs.note if hubs else None,
        )  # fmt: skip
        inbox = HubInbox(database, fetcher, engine.offer, clock=clock, on_answer=hubs.wake) if hubs else None
        streams = Streams(
            database, fetcher, connector, engine.offer, clock=clock, tokens=settings.mastodon_tokens_by_host
        )
        stack.enter_context(_signals(stop))
        _greet(console, catalog, bound)
        stop_sending = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            background = [
                group.create_task(platforms.run()),
                group.create_task(streams.run(stop)),
                group.create_task(
                    show_progress(console, lambda: engine.progress, sources=len(catalog.sources))
                ),
            ]
            if bound is not None:
                background.append(
                    group.create_task(platforms.serve_web(bound, stop, clock=clock, hubs=inbox))
                )
            if articles:
                background.append(group.create_task(articles.run()))
            if hubs and inbox:
                background += [group.create_task(hubs.run()), group.create_task(inbox.run())]
            sending = group.create_task(dispatcher.run(stop_sending, drain_s=_DRAIN_S))
            await engine.run(stop, drain_s=_DRAIN_S)
            stop_sending.set()
            await sending
            for task in background:
                task.cancel()


def _bind(settings: Settings, console: Console) -> socket.socket | None:
    """The page's socket. A taken default port costs only the page; a taken chosen one is an error."""
    if not settings.web_bind:
        return None
    from handlers.web.server import bind

    host, port = split_bind(settings.web_bind)
    try:
        return bind(host, port)
    except ConfigError as exc:
        if settings.web_bind != DEFAULT_WEB_BIND:
            raise
        console.print(f"[dim]No local page: {exc}[/dim]")
        return None


def _greet(console: Console, catalog: Catalog, bound: socket.socket | None) -> None:
    page = ""
    if bound is not None:
        host, port = bound.getsockname()[:2]
        page = f" · page [link]http://{f'[{host}]' if ':' in host else host}:{port}/[/link]"
    console.print(
        f"[bold]Tipoff[/bold] watches {counted(len(catalog.topics), 'topic')} in "
        f"{counted(len(catalog.sources), 'source')}{page} · "
        "Ctrl-C stops",
        highlight=False,
    )


@contextlib.contextmanager
def _signals(stop: asyncio.Event) -> Iterator[None]:
    """SIGINT and SIGTERM set ``stop``; a second one ends the program at once."""
    loop = asyncio.get_running_loop()

    def on_signal(number: int) -> None:
        loop.remove_signal_handler(number)
        stop.set()

    handled = (signal.SIGINT, signal.SIGTERM)
    for number in handled:
        with contextlib.suppress(NotImplementedError):  # Windows
            loop.add_signal_handler(number, on_signal, number)
    try:
        yield
    finally:
        for number in handled:
            with contextlib.suppress(NotImplementedError):
                loop.remove_signal_handler(number)
