"""Logging: structlog over the standard library, to standard error, with secrets kept out."""

import logging
import re
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any, Literal

import structlog

_NOISY = (
    "apscheduler",
    "discord",
    "slack_bolt",
    "slack_sdk",
    "aiohttp",
    "httpx",
    "uvicorn",
    "alembic",
    "asyncio",
)
_TOKEN_LIKE = re.compile(r"xox[a-z]-[\w-]+|xapp-[\w-]+|Bot [\w.-]{20,}|[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}")


def configure_logging(
    *,
    level: str = "warning",
    style: Literal["auto", "console", "json"] = "auto",
    secrets: Iterable[str] = (),
) -> None:
    """Set logging up for the process. ``auto``: readable lines on a terminal, JSON lines elsewhere."""
    known = [secret for secret in secrets if secret]

    def hide(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        for key, value in event.items():
            if isinstance(value, str):
                event[key] = without_secrets(value, known)
        return event

    readable = style == "console" or (style == "auto" and sys.stderr.isatty())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        hide,
    ]
    renderer: Any = (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
        if readable
        else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _NOISY:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(level.upper())))


def without_secrets(text: str, known: Iterable[str] = ()) -> str:
    """The text with every known secret, and whatever has the shape of a token, replaced."""
    for secret in known:
        text = text.replace(secret, "***")
    return _TOKEN_LIKE.sub("***", text)
