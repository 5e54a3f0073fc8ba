"""Where a person asked, and where the answer goes: the same facts from a command, a press, or a form. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.errors import UserError
from bot.model import ChannelKey
from handlers.requests import Place
from storage.servers import ChannelFacts

#: https://docs.slack.dev/reference/views/modal-views
MAX_METADATA = 3000


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """``response_url`` takes five answers within 30 minutes, ``trigger`` opens a form within 3 s. ``thread``: where
    the message stands whose button was pressed, when it stands in a thread. ``enterprise`` is "" outside of Enterprise
    organisations."""

    team: str
    channel: str
    user: str
    enterprise: str = ""
    response_url: str = ""
    trigger: str = ""
    thread: str = ""
    channel_name: str = ""

    @property
    def is_direct(self) -> bool:
        return self.channel.startswith("D")

    @property
    def place(self) -> Place:
        return "direct" if self.is_direct else "text"

    @property
    def server(self) -> str:
        return "" if self.is_direct else server_key(self.team)

    @property
    def key(self) -> ChannelKey:
        return channel_key(self.team, self.channel)

    @property
    def facts(self) -> ChannelFacts:
        """What is known of the channel. Slack names what it may not name by its kind."""
        named = self.channel_name not in ("", "directmessage", "privategroup")
        return ChannelFacts(server=self.server, name=self.channel_name if named else "", kind=self.place)

    @property
    def person(self) -> str:
        """People's ids are unique in their workspace only."""
        return f"slack:{self.team}/{self.user}"


def server_key(team: str) -> str:
    return f"slack:{team}"


def channel_key(team: str, channel: str) -> ChannelKey:
    return ChannelKey(f"slack:{team}/{channel}")


def of_command(command: Mapping[str, Any]) -> Origin:
    return Origin(
        team=_text(command, "team_id"),
        channel=_text(command, "channel_id"),
        user=_text(command, "user_id"),
        enterprise=_text(command, "enterprise_id"),
        response_url=_text(command, "response_url"),
        trigger=_text(command, "trigger_id"),
        channel_name=_text(command, "channel_name"),
    )


def of_press(body: Mapping[str, Any]) -> Origin:
    """Of a button or list under a message; of what is typed into a list of a form, by ``of_view``."""
    user, container = _table(body, "user"), _table(body, "container")
    return Origin(
        team=_text(_table(body, "team"), "id") or _text(user, "team_id"),
        channel=_text(_table(body, "channel"), "id") or _text(container, "channel_id"),
        user=_text(user, "id"),
        enterprise=_text(_table(body, "enterprise"), "id"),
        response_url=_text(body, "response_url"),
        trigger=_text(body, "trigger_id"),
        thread=_text(_table(body, "message"), "thread_ts") or _text(container, "thread_ts"),
        channel_name=_text(_table(body, "channel"), "name"),
    )


def of_view(body: Mapping[str, Any]) -> tuple[Origin, str]:
    """Of a form, and what its sending off means (see ``handlers.actions``). Raises ``UserError`` for another's."""
    try:
        held = json.loads(_text(_table(body, "view"), "private_metadata"))
        kept = {name: str(held[name]) for name in ("channel", "response_url", "thread", "meant")}
    except (ValueError, KeyError, TypeError):
        raise UserError("This form is of an older Tipoff. Ask again with the command.") from None
    meant = kept.pop("meant")
    return replace(of_press(body), **kept), meant


def metadata(origin: Origin, meant: str) -> str:
    """What a form keeps, for ``of_view``. Raises ``UserError`` when Slack would not keep that much."""
    kept = {
        "channel": origin.channel,
        "response_url": origin.response_url,
        "thread": origin.thread,
        "meant": meant,
    }
    text = json.dumps(kept, separators=(",", ":"))
    if len(text) > MAX_METADATA:
        raise UserError("That is too long for a form. Ask with the command.")
    return text


def _table(source: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = source.get(name)
    return found if isinstance(found, Mapping) else {}


def _text(source: Mapping[str, Any], name: str) -> str:
    return str(source.get(name) or "")
