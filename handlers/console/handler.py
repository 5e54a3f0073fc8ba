"""The terminal as a platform: prints each alert as a card, and keeps a live line of what is being polled."""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime

from rich.console import Console
from rich.live import Live
from rich.text import Text

from bot.delivery.contract import Message, SendOutcome, Sent
from bot.flow.engine import Progress
from handlers.answers import counted
from handlers.console.cards import card

_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


class ConsoleHandler:
    """See ``bot.delivery.contract.Handler``. A card that was printed just before a crash may be printed again."""

    platform = "console"

    def __init__(self, console: Console) -> None:
        self._console = console

    async def send(self, message: Message) -> SendOutcome:
        self._console.print(card(message))
        return Sent(message_id=message.token)

    async def find_sent(self, message: Message, *, since: datetime) -> Sent | None:
        return None


async def show_progress(console: Console, progress: Callable[[], Progress], *, sources: int) -> None:
    """Redraw one line until cancelled. Draws nothing where there is no terminal."""
    if not console.is_terminal:
        await asyncio.Event().wait()
    with Live(console=console, refresh_per_second=8, transient=True) as live:
        while True:
            live.update(_line(progress(), sources))
            await asyncio.sleep(0.15)


def _line(progress: Progress, sources: int) -> Text:
    frame = _FRAMES[int(time.monotonic() * 8) % len(_FRAMES)]
    under_way = ", ".join(list(progress.under_way)[:3])
    more = len(progress.under_way) - 3
    doing = (
        f"polling {under_way}{f' and {more} more' if more > 0 else ''}"
        if under_way
        else "waiting for the next poll"
    )
    tally = progress.tally
    return Text.assemble(
        (f"{frame} ", "cyan"), (
            f"{counted(sources, 'source')} · {counted(progress.polled, 'poll')}, {progress.failed} failed · "
            f"{counted(tally.items_new, 'item')} · {counted(tally.stories_new, 'story')} · "
            f"{counted(tally.alerts, 'alert')} · ", "dim"),
        doing,  # last, as a narrow terminal cuts the end
        overflow="ellipsis", no_wrap=True,
    )  # fmt: skip
