"""Interactions of the Discord stand-in: what is answered to whom, and in time."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.standins import discord_payloads as payloads
from tests.standins.discord_limits import Refused, check_limits
from tests.standins.discord_payloads import Channel, Json

_INTERACTION_DEADLINE_S = 3.0
_EPHEMERAL, _LOADING = 1 << 6, 1 << 7


@dataclass(frozen=True, kw_only=True)
class File:
    """A file that came with a message."""

    name: str
    mime: str
    data: bytes


@dataclass(kw_only=True)
class Answer:
    """What the program made of one interaction. ``message`` is the reply, ``followups`` the further pages."""

    ephemeral: bool = False
    acknowledged_s: float = 0.0
    message: Json = None
    followups: list[Json] = field(default_factory=list)
    choices: list[Json] = field(default_factory=list)
    deleted: bool = False
    modal: Json = None
    replaced: bool = False  # the message under which the button stands was changed
    files: list[File] = field(default_factory=list)

    @property
    def last(self) -> Json:
        """The message under which buttons stand."""
        return self.followups[-1] if self.followups else self.message

    @property
    def text(self) -> str:
        """Every word of the reply, titles first."""
        shown = [self.message, *self.followups] if self.message else self.followups
        embeds = [embed for message in shown for embed in message["embeds"]]
        return "\n".join(f"{embed.get('title', '')}\n{embed.get('description', '')}" for embed in embeds)


@dataclass(kw_only=True)
class Interaction:
    """One use of a command, or one letter typed into it."""

    id: str
    token: str
    channel: Channel
    sent_at: float
    kind: int = 2
    on: Json = None  # the message under which a button was pressed
    answer: Answer = field(default_factory=Answer)
    acknowledged: bool = False
    done: asyncio.Event = field(default_factory=asyncio.Event)


class Interactions:
    """All interactions of a server, by their token."""

    def __init__(self, ids: Callable[[], str]) -> None:
        self._ids = ids
        self._known: dict[str, Interaction] = {}

    def begin(self, channel: Channel, *, kind: int = 2, message: Json = None) -> Interaction:
        number = self._ids()
        begun = Interaction(
            id=number,
            token=f"interaction-{number}",
            channel=channel,
            sent_at=time.monotonic(),
            kind=kind,
            on=message,
        )
        self._known[begun.token] = begun
        return begun

    def all_acknowledged(self) -> bool:
        """Whether there was one, and none waits."""
        return bool(self._known) and all(asked.acknowledged for asked in self._known.values())

    def _find(self, token: str, *, acknowledged: bool = True) -> Interaction:
        asked = self._known.get(token)
        late = asked is not None and time.monotonic() - asked.sent_at > _INTERACTION_DEADLINE_S
        if asked is None or (late and not asked.acknowledged):
            raise Refused(404, 10062, "Unknown interaction")
        if acknowledged and not asked.acknowledged:
            raise Refused(404, 10015, "Unknown Webhook")
        return asked

    def callback(self, token: str, body: Json, query: dict[str, str]) -> Json:
        asked = self._find(token, acknowledged=False)
        if asked.acknowledged:
            raise Refused(400, 40060, "Interaction has already been acknowledged.")
        data = body.get("data") or {}
        asked.acknowledged = True
        asked.answer.acknowledged_s = time.monotonic() - asked.sent_at
        asked.answer.ephemeral = bool((data.get("flags") or 0) & _EPHEMERAL)
        result: Json = {"interaction": {"id": asked.id, "type": 2}}
        if body["type"] == 8:
            asked.answer.choices = data["choices"]
            asked.done.set()
        elif body["type"] == 9:
            if asked.kind == 5:
                raise Refused(400, 50035, "a form cannot be answered with a form")
            asked.answer.modal = data
            asked.done.set()
        elif body["type"] == 6:
            if asked.on is None:
                raise Refused(400, 50035, "there is no message to change")
            asked.answer.replaced = True
        else:
            if body["type"] == 4:
                check_limits(data)
            loading = body["type"] == 5
            shown = self._shown(asked, data, (data.get("flags") or 0) | (_LOADING if loading else 0))
            result["interaction"] |= {
                "response_message_id": shown["id"],
                "response_message_loading": loading,
                "response_message_ephemeral": asked.answer.ephemeral,
            }
            result["resource"] = {"type": body["type"], "message": shown}
            if not loading:
                asked.answer.message = shown
                asked.done.set()
        return result if query.get("with_response") in ("1", "true") else None

    def _shown(self, asked: Interaction, body: Json, flags: int = 0) -> Json:
        return payloads.message(
            body, message_id=self._ids(), channel_id=asked.channel.id, author=payloads.BOT, flags=flags
        )

    def edit(self, token: str, body: Json, files: list[File]) -> Json:
        asked = self._find(token)
        check_limits(body)
        # Who sees a reply was settled when it was acknowledged.
        asked.answer.message = self._shown(asked, body, _EPHEMERAL if asked.answer.ephemeral else 0)
        if asked.answer.replaced:
            asked.on.update({**asked.answer.message, "id": asked.on["id"]})
        asked.answer.files += files
        asked.done.set()
        return asked.answer.message

    def delete(self, token: str) -> None:
        self._find(token).answer.deleted = True

    def followup(self, token: str, body: Json, files: list[File]) -> Json:
        asked = self._find(token)
        check_limits(body)
        asked.answer.followups.append(self._shown(asked, body, body.get("flags") or 0))
        asked.answer.files += files
        asked.done.set()
        return asked.answer.followups[-1]
