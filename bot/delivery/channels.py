"""Addresses of channels, as people write them."""

import re

from bot.errors import UserError
from bot.model import CONSOLE, ChannelKey

_FORMS = (
    re.compile(r"discord:\d{1,20}"),
    re.compile(r"slack:[A-Z0-9]{2,20}/[A-Z0-9]{2,20}"),
    re.compile(re.escape(CONSOLE)),
)


def parse_channel(text: str) -> ChannelKey:
    """The address if it has one of the known forms. Raises ``UserError`` that shows them."""
    wanted = text.strip()
    if not any(form.fullmatch(wanted) for form in _FORMS):
        raise UserError(
            f"unknown channel {text!r}: write discord:<channel id>, slack:<team id>/<channel id>, or {CONSOLE}"
        )
    return ChannelKey(wanted)
