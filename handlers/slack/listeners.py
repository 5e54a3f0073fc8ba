"""What bolt calls for each kind of request: acknowledge at once, then answer. Slack waits 3 s for an acknowledgement
(https://docs.slack.dev/interactivity/handling-user-interaction)."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from bot.errors import StorageError, UserError
from handlers.actions import decoded
from handlers.replies import Button
from handlers.slack import origin as origins
from handlers.slack.answering import Answering
from handlers.slack.blocks import options as list_options
from handlers.slack.forms import OPEN_KINDS, SUGGEST, lacks_something, written
from handlers.slack.syntax import parse_command
from handlers.specs import SPECS

log = structlog.get_logger()

_FINISH_TIMEOUT_S = 5.0
_SUGGEST_TIMEOUT_S = 2.5

Ack = Callable[..., Awaitable[Any]]


class Listeners:
    """Bolt gives arguments by their names, and calls each in a task of its own. ``finish`` lets what is under way end
    before the connections close."""

    def __init__(self, answering: Answering, leaving: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        self._answering = answering
        self._leaving = leaving
        self._running: set[asyncio.Task[Any]] = set()

    async def on_command(self, ack: Ack, command: dict[str, Any]) -> None:
        await ack()
        self._note()
        origin = origins.of_command(command)
        try:
            asked = parse_command(str(command["command"]), str(command.get("text") or ""))
        except UserError as exc:
            await self._answering.refuse(origin, exc)
            return
        if lacks_something(SPECS[asked.command], asked.options):
            await self._answering.open_form(origin, asked.command, asked.options, blank=True)
        else:
            await self._answering.answer(origin, asked.command, asked.options)

    async def on_action(self, ack: Ack, body: dict[str, Any]) -> None:
        """A press of a button, or a choice from a list under a message."""
        await ack()
        self._note()
        origin = origins.of_press(body)
        try:
            meant = _meant(body)
        except UserError as exc:
            await self._answering.refuse(origin, exc)
            return
        if meant is None:
            return  # a button that only leads to an address
        options = dict(meant.options)
        if meant.form:
            await self._answering.open_form(origin, meant.command, options, blank=False)
        else:
            await self._answering.answer(origin, meant.command, options, replaces=meant.replace)

    async def on_view(self, ack: Ack, body: dict[str, Any]) -> None:
        """A form was sent off."""
        await ack()
        self._note()
        try:
            origin, text = origins.of_view(body)
            meant = decoded(text)
        except UserError as exc:
            # Without what the form kept there is no address to answer to.
            log.warning("slack_form_not_understood", error=str(exc))
            return
        await self._answering.answer(origin, meant.command, {**dict(meant.options), **written(body)})

    async def on_options(self, ack: Ack, body: dict[str, Any]) -> None:
        """Somebody types into a list of a form; the acknowledgement carries what it offers."""
        self._note()
        kind = str(body.get("action_id") or "").removeprefix(SUGGEST)
        typed = str(body.get("value") or "").strip()
        pairs: list[tuple[str, str]] = []
        try:
            async with asyncio.timeout(_SUGGEST_TIMEOUT_S):
                origin, _ = origins.of_view(body)
                pairs = await self._answering.suggestions(origin, kind, typed)
        except (UserError, StorageError, TimeoutError) as exc:
            log.warning("suggestions_failed", kind=kind, error=str(exc))
        if typed and kind in OPEN_KINDS and typed not in dict(pairs):
            pairs = [(typed, typed), *pairs]
        await ack(options=list_options(pairs))

    async def on_removed(self, body: dict[str, Any]) -> None:
        """The app was removed from a workspace, or tokens were taken away. Bolt has acknowledged it."""
        self._note()
        await self._leaving(body)

    async def finish(self) -> None:
        if self._running:
            await asyncio.wait(self._running, timeout=_FINISH_TIMEOUT_S)
        late = list(self._running)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    def _note(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        task.add_done_callback(self._running.discard)


def _meant(body: dict[str, Any]) -> Button | None:
    """What a press means; None for a button with an address. Raises ``UserError``."""
    actions = body.get("actions") or [{}]
    pressed = actions[0]
    chosen = pressed.get("selected_option")
    if isinstance(chosen, dict):
        return decoded(str(pressed.get("action_id") or ""), str(chosen.get("value") or ""))
    value = pressed.get("value")
    return decoded(str(value)) if value else None
