"""Where a program can be killed, and a launcher that runs ``tipoff run`` so that it kills itself there.

The program itself knows nothing of this: the launcher wraps its functions before it starts it, and the wrapper sends
SIGKILL at the n-th call. So that a start costs little, one launcher imports everything once and forks for each run:

    python -m tests.scenarios.crash_points

It reads one JSON object a line (see ``serve``) and answers with one when the program started, and one when it ended.
"""

import functools
import importlib
import inspect
import json
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, NoReturn

#: How a restart is sped up: the next digest is due after this, and a dead process' lease ends after that (a real one
#: lasts until a process that knows itself to be alone starts, or 45 s).
DIGEST_AFTER = timedelta(seconds=1)
LEASE = timedelta(seconds=3)


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


#: Imported before the first fork, so that each run need not.
_USED = (
    "bot.cli.main", "bot.app", "handlers.console.cards", "handlers.discord.client", "handlers.slack.app",
    "aiosqlite", "psycopg", "alembic.command",
)  # fmt: skip
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


async def _no_wait(*_: Any, **__: Any) -> None:
    """In place of the 5 s that discord.py lets pass before each new session."""


def hasten() -> None:
    """Make digests, the leases of the dead and new sessions come soon enough for a test."""
    import discord

    import bot.delivery.dispatcher as dispatcher
    import bot.delivery.planning as planning

    discord.Client.before_identify_hook = _no_wait  # type: ignore[method-assign]
    planning.next_digest = lambda mode, now, zone, **_: now + DIGEST_AFTER
    dispatcher.Patience = functools.partial(dispatcher.Patience, lease=LEASE)  # type: ignore[misc,assignment]


def lose_patience(send_timeout_s: float) -> None:
    """Let sends and silent connections be given up after this, in place of half a minute and more."""
    import discord

    import handlers.discord.client
    import handlers.slack.sending
    import handlers.slack.socket_mode

    handlers.slack.socket_mode.PING_INTERVAL_S = send_timeout_s / 10
    handlers.slack.sending.Sender.__init__.__kwdefaults__["timeout_s"] = send_timeout_s
    handlers.discord.client.open_discord.__wrapped__.__kwdefaults__["send_timeout_s"] = send_timeout_s  # type: ignore[attr-defined]
    begin = discord.Client.__init__
    discord.Client.__init__ = functools.partialmethod(begin, heartbeat_timeout=send_timeout_s)  # type: ignore[assignment,method-assign]


def serve() -> None:
    """Run what is asked for, one program at a time, until the input ends.

    A request: ``env``, ``cwd``, ``output`` (a file that is appended to), ``argv``; ``point`` and ``nth`` where it
    shall kill itself; ``patience_s`` for what does not answer. Answers: ``{"pid": 1}``, and when it ended
    ``{"status": 0}``, negative for a signal.
    """
    for name in _USED:
        importlib.import_module(name)
    hasten()
    while line := sys.stdin.readline():
        request = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _run(request)
        _answer(pid=pid)
        _answer(status=_wait(pid))


def _wait(pid: int) -> int:
    """The program's end; it ends with us, too."""
    while True:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        readable, _, _ = select.select([sys.stdin], [], [], 0.01)
        if readable:  # nobody asks while a program runs: whoever asked is gone
            os.kill(pid, signal.SIGKILL)
            time.sleep(0.05)


def _answer(**said: int) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


def _run(request: dict[str, Any]) -> NoReturn:
    import bot.cli.main

    status = 70
    try:
        output = os.open(request["output"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        silent = os.open(os.devnull, os.O_RDONLY)
        for target, source in ((0, silent), (1, output), (2, output)):
            os.dup2(source, target)
        os.environ.clear()
        os.environ.update(request["env"])
        os.chdir(request["cwd"])
        sys.argv = ["tipoff", *request["argv"]]
        if request.get("point"):
            arm(BY_NAME[request["point"]], request.get("nth", 1))
        if request.get("patience_s"):
            lose_patience(request["patience_s"])
        bot.cli.main.main()
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    finally:
        sys.stdout.flush()
        os._exit(status)


if __name__ == "__main__":
    serve()
    os._exit(0)  # taking all modules down again would cost a second
