"""Long answers in pages: what stands on one, and the buttons to the others."""

from collections.abc import Sequence
from typing import TypeVar

from bot.errors import UserError
from handlers.actions import fits
from handlers.replies import Button
from handlers.requests import Request

#: Nobody turns more pages; who looks for something searches.
MOST_PAGES = 50

T = TypeVar("T")


def page_asked(request: Request) -> int:
    """Which page, from 1. Raises ``UserError``."""
    wanted = request.options.get("page", "").strip() or "1"
    if not (wanted.isascii() and wanted.isdecimal()) or not 1 <= int(wanted[:6]) <= MOST_PAGES:
        raise UserError(f"page: a number from 1 to {MOST_PAGES}.")
    return int(wanted)


def on_page(found: Sequence[T], page: int, size: int) -> Sequence[T]:
    """What stands on this page."""
    return found[(page - 1) * size : page * size]


def page_buttons(request: Request, page: int, *, more: bool) -> tuple[Button, ...]:
    """Buttons to the pages before and after, which take the place of this one. None where a button could not hold
    the request's options."""
    kept = tuple((name, value) for name, value in request.options.items() if name != "page" and value)

    def button(label: str, to: int) -> Button:
        return Button(label=label, command=request.command, options=(*kept, ("page", str(to))), replace=True)

    buttons = []
    if page > 1:
        buttons.append(button("◀ Newer" if request.command in _BY_TIME else "◀ Back", page - 1))
    if more and page < MOST_PAGES:
        buttons.append(button("Older ▶" if request.command in _BY_TIME else "Next ▶", page + 1))
    return tuple(each for each in buttons if fits(each))


_BY_TIME = frozenset({"latest", "backtest"})
