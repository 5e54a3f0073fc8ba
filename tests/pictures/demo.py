"""Draws the README's picture of ``tipoff demo``: some of what it prints, and the status at its end.

python -m tests.pictures.demo
"""

import asyncio
import io
from pathlib import Path
from typing import Any

from rich.console import Console, RenderableType
from rich.panel import Panel
from rich.rule import Rule

from bot.cli import demo

FILE = Path(__file__).parents[2] / "docs" / "demo.svg"
_WIDTH = 112
#: Of the cards those whose title or text has one of these: a denial, a launch, its proof, who measured it, a digest.
_SHOWN = ("denied", "releases preview", "BETTER PROOF", "We measured", "Commission proposes Chips Act")


class _Keeping(Console):
    """Keeps what it is given to print."""

    def __init__(self) -> None:
        super().__init__(width=_WIDTH, file=io.StringIO())
        self.kept: list[Any] = []

    def print(self, *objects: Any, **_: Any) -> None:
        self.kept += objects

    def rule(self, title: Any = "", **kwargs: Any) -> None:
        self.kept.append(Rule(title, style=kwargs.get("style", "rule.line")))


def main() -> None:
    console = _Keeping()
    demo.open_console = lambda **_: console  # type: ignore[assignment]
    asyncio.run(demo._demo(60))
    drawn = Console(width=_WIDTH, record=True, file=io.StringIO(), force_terminal=True)
    for one in console.kept:
        if not isinstance(one, Panel) or any(word in _text(one) for word in _SHOWN):
            drawn.print(one)
    drawn.save_svg(str(FILE), title="tipoff demo")
    print(FILE)


def _text(one: RenderableType) -> str:
    out = Console(width=_WIDTH, file=io.StringIO(), record=True)
    out.print(one)
    return out.export_text()


if __name__ == "__main__":
    main()
