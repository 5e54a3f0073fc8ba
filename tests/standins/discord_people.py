"""What people do in the Discord stand-in: use commands, press buttons, choose from lists, fill forms."""

import asyncio
from typing import Any

from tests.standins import discord_payloads as payloads
from tests.standins.discord_gateway import Gateway
from tests.standins.discord_interactions import Answer, Interactions
from tests.standins.discord_payloads import BITS, Channel, Json

_COMMAND, _COMPONENT, _AUTOCOMPLETE, _MODAL = 2, 3, 4, 5
_ACTION_ROW, _BUTTON, _SELECT, _LABEL = 1, 2, 3, 18
_LINK = 5


class People:
    """The acts of a person; ``permissions`` are theirs in the channel, ``user_id`` tells them apart."""

    gateway: Gateway
    registered_commands: list[Json]
    _channels: dict[str, Channel]
    _commands_known: asyncio.Event
    _interactions: Interactions

    async def slash(
        self, command: str, options: dict[str, str] | None = None, *, channel_id: str | int,
        about: str | int | None = None, permissions: tuple[str, ...] = ("manage_channels",),
        about_permissions: tuple[str, ...] = ("manage_channels", "view_channel"), user_id: str = "7",
        locale: str = "en-US", timeout_s: float = 10,
    ) -> Answer:  # fmt: skip
        """Use a command; gives what the person is shown. ``about``: another channel that they pick."""
        spec = await self._registered(command, timeout_s)
        known = {option["name"]: option for option in spec.get("options", [])}
        wanted = options or {}
        for name, value in wanted.items():
            assert name in known, f"/{command} offers no option {name}"
            closed = [choice["value"] for choice in known[name].get("choices") or []]
            assert not closed or value in closed, f"Discord lets nobody choose {value} for {name}"
        missing = [name for name, option in known.items() if option.get("required") and name not in wanted]
        assert not missing, f"Discord lets nobody send /{command} without {missing}"
        given: list[Json] = [{"name": name, "type": 3, "value": value} for name, value in wanted.items()]
        resolved: Json = {}
        if about is not None:
            picked = self._channels[str(about)]
            assert picked.payload()["type"] in known["channel"]["channel_types"]
            given.append({"name": "channel", "type": 7, "value": picked.id})
            bits = str(sum(BITS[name] for name in about_permissions))
            resolved = {"channels": {picked.id: {**picked.payload(), "permissions": bits}}}
        data = {**self._named(command, given), "resolved": resolved}
        return await self._interact(data, _COMMAND, str(channel_id), permissions, user_id, timeout_s, locale)

    async def autocomplete(
        self, command: str, option: str, typed: str, *, channel_id: str | int, timeout_s: float = 10
    ) -> list[Json]:
        """Type into an option; gives the suggestions that are shown."""
        spec = await self._registered(command, timeout_s)
        assert any(row["name"] == option and row.get("autocomplete") for row in spec["options"])
        given = [{"name": option, "type": 3, "value": typed, "focused": True}]
        data = self._named(command, given)
        return (await self._interact(data, _AUTOCOMPLETE, str(channel_id), (), "7", timeout_s)).choices

    async def press(
        self, message: Json, label: str, *, permissions: tuple[str, ...] = ("manage_channels",),
        user_id: str = "7", timeout_s: float = 10,
    ) -> Answer:  # fmt: skip
        """Press the button with this label under a message; gives what it leads to."""
        found = [each for each in components(message) if each["type"] == _BUTTON and each["label"] == label]
        assert len(found) == 1, f"buttons: {[each.get('label') for each in components(message)]}"
        assert found[0]["style"] != _LINK, "a link is opened by Discord itself"
        data = {"custom_id": found[0]["custom_id"], "component_type": _BUTTON, "id": 2}
        return await self._on_message(data, message, permissions, user_id, timeout_s)

    async def press_id(
        self, message: Json, custom_id: str, *, permissions: tuple[str, ...] = (), timeout_s: float = 10
    ) -> Answer:
        """Press a button that only the client still shows."""
        data = {"custom_id": custom_id, "component_type": _BUTTON, "id": 2}
        return await self._on_message(data, message, permissions, "7", timeout_s)

    async def choose(
        self, message: Json, value: str, *, permissions: tuple[str, ...] = ("manage_channels",),
        user_id: str = "7", timeout_s: float = 10,
    ) -> Answer:  # fmt: skip
        """Choose from the one list under a message that offers this value."""
        (select,) = [
            each for each in components(message)
            if each["type"] == _SELECT and value in [option["value"] for option in each["options"]]
        ]  # fmt: skip
        data = {"custom_id": select["custom_id"], "component_type": _SELECT, "id": 2, "values": [value]}
        return await self._on_message(data, message, permissions, user_id, timeout_s)

    async def fill(
        self, modal: Json, fields: dict[str, str], *, channel_id: str | int,
        permissions: tuple[str, ...] = ("manage_channels",), user_id: str = "7", timeout_s: float = 10,
    ) -> Answer:  # fmt: skip
        """Fill a form and send it off; a field that is not named keeps what stood in it."""
        sent = []
        for number, label in enumerate(modal["components"], 1):
            assert label["type"] == _LABEL
            sent.append({"type": _LABEL, "id": number, "component": _filled(label["component"], fields)})
        data = {"custom_id": modal["custom_id"], "components": sent}
        return await self._interact(data, _MODAL, str(channel_id), permissions, user_id, timeout_s)

    async def _registered(self, command: str, timeout_s: float) -> Json:
        async with asyncio.timeout(timeout_s):
            await self._commands_known.wait()
        first, _, second = command.partition(" ")
        spec = next(spec for spec in self.registered_commands if spec["name"] == first)
        return next(sub for sub in spec["options"] if sub["name"] == second) if second else spec

    def _named(self, command: str, given: list[Json]) -> Json:
        first, _, second = command.partition(" ")
        spec = next(spec for spec in self.registered_commands if spec["name"] == first)
        options = [{"name": second, "type": 1, "options": given}] if second else given
        return {"id": spec["id"], "name": first, "type": 1, "options": options}

    async def _on_message(
        self, data: Json, message: Json, permissions: tuple[str, ...], user_id: str, timeout_s: float
    ) -> Answer:
        return await self._interact(
            data, _COMPONENT, message["channel_id"], permissions, user_id, timeout_s, message=message
        )

    async def _interact(
        self, data: Json, kind: int, channel_id: str, permissions: tuple[str, ...], user_id: str,
        timeout_s: float, locale: str = "en-US", message: Json = None,
    ) -> Answer:  # fmt: skip
        await self.gateway.connected(timeout_s)
        channel = self._channels[channel_id]
        asked = self._interactions.begin(channel, kind=kind, message=message)
        event = payloads.interaction(
            data, kind=kind, interaction_id=asked.id, token=asked.token, channel=channel, user_id=user_id,
            permissions=sum(BITS[name] for name in permissions), locale=locale,
        )  # fmt: skip
        if message is not None:
            event["message"] = message
        await self.gateway.dispatch("INTERACTION_CREATE", event)
        async with asyncio.timeout(timeout_s):
            await asked.done.wait()
        return asked.answer


def components(message: Json) -> list[Json]:
    """Buttons and lists of a message, row by row."""
    return [each for row in message.get("components") or [] for each in row["components"]]


def _filled(field: Json, given: dict[str, str]) -> Json:
    name = field["custom_id"]
    if field["type"] == _SELECT:
        held = [option["value"] for option in field["options"] if option.get("default")]
        values = [given[name]] if given.get(name) else [] if name in given else held
        assert all(value in [option["value"] for option in field["options"]] for value in values)
        assert values or not field["required"]
        return {"type": _SELECT, "id": 1, "custom_id": name, "values": values}
    value: Any = given.get(name, field.get("value", ""))
    assert value or not field["required"]
    return {"type": 4, "id": 1, "custom_id": name, "value": value}
