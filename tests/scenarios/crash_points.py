"""Where a program can be killed: before or after which call of it. The program itself knows nothing of this: its
functions are wrapped before it starts (see ``launcher``)."""

import functools
import importlib
import inspect
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NoReturn


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Before or after a call of ``function`` (module:qualified name) that ``only`` admits, given its arguments and,
    after it, its result. ``phase``: what the program is doing then."""

    phase: Literal["migration", "poll", "dispatch", "look-up", "digest", "start", "stop"]
    name: str
    function: str
    when: Literal["before", "after"]
    only: Callable[[tuple[Any, ...], Any], bool] = lambda arguments, result: True


def _kind(row: Any, kind: str) -> bool:
    return bool(row.kind == kind)


def _claimed(kind: str) -> Callable[[tuple[Any, ...], Any], bool]:
    def holds(_: tuple[Any, ...], taken: Any) -> bool:
        rows = [each[0] if isinstance(each, tuple) else each for each in taken]  # with its lane
        return any(row.kind == kind and not row.channel.startswith("console") for row in rows)

    return holds


def _brings_items(_: tuple[Any, ...], read: Any) -> bool:
    return bool(read.items)


def _has_items(arguments: tuple[Any, ...], _: Any) -> bool:
    return any(read.items for read in arguments[1])


def _sent(arguments: tuple[Any, ...], _: Any) -> bool:
    return type(arguments[2]).__name__ == "Sent" and not arguments[1].channel.startswith("console")


_DISCORD, _SLACK = "handlers.discord.client:DiscordHandler", "handlers.slack.app:SlackHandler"

POINTS = (
    Point(phase="migration", name="before migrating", function="storage.database:migrate_to_head", when="before"),
    Point(phase="migration", name="a table made, not committed", function="alembic.op:create_table", when="after"),
    Point(
        phase="migration", name="migrated, not committed", function="storage.database:migrate_to_head", when="after",
    ),
    Point(phase="poll", name="before the fetch", function="bot.flow.engine:read_source", when="before"),
    Point(
        phase="poll", name="fetched and parsed", function="bot.flow.engine:read_source", when="after",
        only=_brings_items,
    ),
    Point(
        phase="poll", name="before judging", function="bot.flow.desk:Desk._catch_up", when="before",
    ),
    Point(
        phase="poll", name="items saved, not committed", function="storage.items:add_verdicts", when="after",
    ),
    Point(
        phase="poll", name="alert saved, not committed", function="storage.deliveries:add_alert", when="after",
    ),
    Point(
        phase="poll", name="deliveries saved, not committed", function="storage.deliveries:add_deliveries",
        when="after",
    ),
    Point(
        phase="poll", name="all saved, not committed", function="storage.sources:record_polls", when="after",
        only=lambda arguments, _: any(record.items_new for record in arguments[1]),
    ),
    Point(
        phase="poll", name="committed", function="bot.flow.desk:Desk.record", when="after", only=_has_items,
    ),
    Point(phase="dispatch", name="before a claim", function="storage.deliveries:claim", when="before"),
    Point(
        phase="dispatch", name="claimed, not committed", function="storage.deliveries:claim", when="after",
        only=_claimed("alert"),
    ),
    Point(
        phase="dispatch", name="claim committed", function="bot.delivery.dispatcher:Dispatcher._claim",
        when="after", only=_claimed("alert"),
    ),
    Point(
        phase="dispatch", name="message built", function="bot.delivery.dispatcher:build_message", when="after",
    ),
    Point(phase="dispatch", name="before the request to Discord", function=f"{_DISCORD}.send", when="before"),
    Point(phase="dispatch", name="before the request to Slack", function=f"{_SLACK}.send", when="before"),
    Point(phase="dispatch", name="Discord's answer read", function=f"{_DISCORD}.send", when="after"),
    Point(phase="dispatch", name="Slack's answer read", function=f"{_SLACK}.send", when="after"),
    Point(
        phase="dispatch", name="outcome saved, not committed", function="storage.deliveries:record_sent",
        when="after",
    ),
    Point(
        phase="dispatch", name="outcome committed", function="bot.delivery.dispatcher:Dispatcher._record",
        when="after", only=_sent,
    ),
    Point(
        phase="digest", name="folded, not committed", function="storage.deliveries:fold_digests", when="after",
        only=lambda _, folded: folded > 0,
    ),
    Point(
        phase="digest", name="fold and claim committed", function="bot.delivery.dispatcher:Dispatcher._claim",
        when="after", only=_claimed("digest"),
    ),
    Point(
        phase="digest", name="digest sent, not recorded", function="bot.delivery.dispatcher:Dispatcher._record",
        when="before", only=lambda arguments, _: _kind(arguments[1], "digest"),
    ),
    Point(
        phase="digest", name="digest recorded", function="bot.delivery.dispatcher:Dispatcher._record",
        when="after", only=lambda arguments, _: _kind(arguments[1], "digest"),
    ),
    Point(phase="look-up", name="before Discord's history", function=f"{_DISCORD}.find_sent", when="before"),
    Point(phase="look-up", name="Discord's history read", function=f"{_DISCORD}.find_sent", when="after"),
    Point(phase="look-up", name="before Slack's history", function=f"{_SLACK}.find_sent", when="before"),
    Point(phase="look-up", name="Slack's history read", function=f"{_SLACK}.find_sent", when="after"),
    Point(phase="start", name="database open", function="storage.sources:sync_catalog", when="before"),
    Point(
        phase="start", name="catalog saved, not committed", function="storage.sources:sync_catalog",
        when="after",
    ),
    Point(phase="start", name="before the leases are ended", function="storage.deliveries:void_leases", when="before"),
    Point(phase="start", name="leases ended, not committed", function="storage.deliveries:void_leases", when="after"),
    Point(
        phase="start", name="before Discord's log-in", function="handlers.discord.client:_login", when="before"
    ),
    Point(phase="start", name="Slack connected", function="handlers.slack.app:who_we_are", when="after"),
    Point(phase="stop", name="polls being finished", function="bot.flow.engine:Engine._drain", when="before"),
    Point(
        phase="stop", name="before claims are handed back",
        function="bot.delivery.dispatcher:Dispatcher._release", when="before",
    ),
    Point(
        phase="stop", name="claims handed back, not committed", function="storage.deliveries:release",
        when="after",
    ),
    Point(phase="stop", name="Discord closed", function="handlers.discord.client:_close", when="after"),
)  # fmt: skip
BY_NAME = {point.name: point for point in POINTS}


def arm(point: Point, nth: int) -> None:
    """Wrap the point's function so that its ``nth`` call that counts is the process' last."""
    module, _, path = point.function.partition(":")
    owner: Any = importlib.import_module(module)
    *parents, name = path.split(".")
    for parent in parents:
        owner = getattr(owner, parent)
    wrapped = getattr(owner, name)
    left = nth

    def count(arguments: tuple[Any, ...], result: Any) -> None:
        nonlocal left
        if point.only(arguments, result):
            left -= 1
            if left == 0:
                die()

    @functools.wraps(wrapped)
    async def call(*arguments: Any, **named: Any) -> Any:
        if point.when == "before":
            count(arguments, None)
        result = await wrapped(*arguments, **named)
        if point.when == "after":
            count(arguments, result)
        return result

    @functools.wraps(wrapped)
    def call_now(*arguments: Any, **named: Any) -> Any:
        if point.when == "before":
            count(arguments, None)
        result = wrapped(*arguments, **named)
        if point.when == "after":
            count(arguments, result)
        return result

    setattr(owner, name, call if inspect.iscoroutinefunction(wrapped) else call_now)


def die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("unreachable")
