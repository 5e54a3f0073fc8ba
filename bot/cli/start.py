"""What every command does first: settings, logging, catalog."""

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from bot.errors import UserError

if TYPE_CHECKING:
    from rich.console import Console

    from bot.model import Catalog
    from bot.settings import Settings

T = TypeVar("T")


def begin() -> "tuple[Settings, Catalog]":
    """Read settings and catalog and set logging up. Raises ``ConfigError``."""
    from bot.catalog.loader import load_catalog
    from bot.logs import configure_logging
    from bot.settings import load_settings

    settings = load_settings()
    held = (
        settings.discord_token, settings.slack_bot_token, settings.slack_app_token, settings.slack_signing_secret,
        settings.slack_client_secret, settings.secret_key,
    )  # fmt: skip
    configure_logging(
        level=settings.log_level,
        style=settings.log_format,
        secrets=[secret.get_secret_value() for secret in held if secret],
    )
    return settings, load_catalog(settings.catalog)


def unknown_topic(catalog: "Catalog", wanted: str) -> UserError:
    """What to raise for a topic that the catalog does not have."""
    return UserError(f"Unknown topic {wanted!r}. Known: {', '.join(topic.id for topic in catalog.topics)}.")


def run_async(work: Coroutine[Any, Any, T]) -> T:
    """Like ``asyncio.run``; what a task group raises comes out as its single cause."""
    import sys

    # psycopg cannot use the default loop of Windows.
    loop_factory = asyncio.SelectorEventLoop if sys.platform == "win32" else None
    try:
        with asyncio.Runner(loop_factory=loop_factory) as runner:
            return runner.run(work)
    except BaseExceptionGroup as group:
        raise _only_cause(group) from group


def _only_cause(group: "BaseExceptionGroup[BaseException]") -> BaseException:
    """A task group's single cause, so that one clear error reaches the person."""
    cause: BaseException = group
    while isinstance(cause, BaseExceptionGroup) and len(cause.exceptions) == 1:
        cause = cause.exceptions[0]
    return cause


def settle_memory() -> None:
    """Spare the garbage collector what was loaded at the start and stays: modules, lexicons, statements. Its full
    rounds over all that cost a twentieth of a poll; new objects are looked at as before, in larger lots."""
    import gc

    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def open_console(*, stderr: bool = False) -> "Console":
    """The terminal; what goes into a pipe or a file is not cut to 80 columns."""
    import os
    import sys

    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    wide = None if stream.isatty() or "COLUMNS" in os.environ else 200
    return Console(stderr=stderr, width=wide)
