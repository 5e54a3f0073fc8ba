"""What the bot may do in a server, and the link that asks for it. Pure but for reading a token's first part."""

import base64
import binascii
from urllib.parse import urlencode

#: What Tipoff needs, by discord.py's names; a channel's own settings may still take it away.
NEEDED = {
    "view_channel": "View Channels",
    "send_messages": "Send Messages",
    "create_public_threads": "Create Public Threads",
    "send_messages_in_threads": "Send Messages in Threads",
    "embed_links": "Embed Links",
    "attach_files": "Attach Files",
    "read_message_history": "Read Message History",
}
#: Bits of https://docs.discord.com/developers/topics/permissions.
_BITS = {
    "view_channel": 1 << 10,
    "send_messages": 1 << 11,
    "create_public_threads": 1 << 35,
    "send_messages_in_threads": 1 << 38,
    "embed_links": 1 << 14,
    "attach_files": 1 << 15,
    "read_message_history": 1 << 16,
}
SCOPES = ("bot", "applications.commands")
_PAGE = "https://discord.com/oauth2/authorize"


def permissions() -> int:
    """The permissions as the number that Discord takes."""
    return sum(_BITS[name] for name in NEEDED)


def link(application: int) -> str:
    """Where whoever manages a server adds the bot to it."""
    query = {"client_id": application, "permissions": permissions(), "scope": " ".join(SCOPES)}
    return f"{_PAGE}?{urlencode(query)}"


def application_of(token: str) -> int | None:
    """A bot token begins with the bot's id, which is also its application's (but for very old applications, which is
    why it can be named); None where that cannot be read."""
    first = token.partition(".")[0]
    try:
        number = base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        return None
    return int(number) if number.isdecimal() and 15 <= len(number) <= 20 else None
