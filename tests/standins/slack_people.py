"""What people do with Tipoff's messages in Slack: press buttons, choose from lists, fill in forms.

The payloads are those of docs.slack.dev/reference/interaction-payloads."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

TEAM_ID = "T0TIPOFF"


class SlackPeople:
    """Part of the stand-in, which carries the payloads. A ``shown`` message is a body that came to a response address
    or that stands in a channel."""

    views: list[dict[str, Any]]
    responses: dict[str, list[dict[str, Any]]]
    origin: str

    async def press(
        self, shown: Mapping[str, Any], label: str, *, events_url: str = "", **where: str
    ) -> dict[str, Any]:
        """Press a button; the first body that comes to its response address. ``events_url``: in HTTP mode."""
        button = _button(shown, label)
        payload, key = self._pressed(shown, button, where)
        await self._deliver(payload, events_url)
        return await self._reply(key)

    async def press_only(
        self, shown: Mapping[str, Any], label: str, *, events_url: str = "", **where: str
    ) -> None:
        """Press a button of which no message is expected: one that opens a form or leads to an address."""
        payload, _ = self._pressed(shown, _button(shown, label), where)
        await self._deliver(payload, events_url)

    async def choose(self, shown: Mapping[str, Any], value: str, **where: str) -> dict[str, Any]:
        """Choose from the first list that offers ``value``."""
        for element in _elements(shown):
            for option in element.get("options", ()):
                if option["value"] == value:
                    pressed = {**element, "selected_option": option}
                    payload, key = self._pressed(shown, pressed, where)
                    await self._deliver(payload, "")
                    return await self._reply(key)
        raise AssertionError(f"no list offers {value!r}")

    async def opened(self, *, after: int = 0, timeout_s: float = 10) -> dict[str, Any]:
        """The form that was opened after so many others."""
        async with asyncio.timeout(timeout_s):
            while len(self.views) <= after:
                await asyncio.sleep(0.01)
        return self.views[after]

    async def submit(
        self, view: Mapping[str, Any], *, events_url: str = "", user_id: str = "U1", **given: str
    ) -> dict[str, Any]:
        """Send a form off; the body that comes to the response address of what opened it. Slack itself refuses a form
        that lacks what it needs, and a value that a list does not offer."""
        values: dict[str, Any] = {}
        for block in view["blocks"]:
            name, element = block["block_id"], block["element"]
            value = given.pop(name.replace("-", "_"), _initial(element))
            assert value or block["optional"], f"{name} is needed"
            values[name] = {element["action_id"]: _state(element, value)}
        assert not given, f"the form has no {list(given)}"
        payload = {
            "type": "view_submission",
            "team": {"id": TEAM_ID, "domain": "tipoff"},
            "user": {"id": user_id, "team_id": TEAM_ID},
            "view": {**view, "state": {"values": values}},
            "response_urls": [],
            "trigger_id": "9.9.9",
        }
        url = json.loads(view["private_metadata"])["response_url"]
        key = url.rsplit("/", 1)[1]
        before = len(self.responses[key])
        await self._deliver(payload, events_url)
        async with asyncio.timeout(10):
            while len(self.responses[key]) <= before:
                await asyncio.sleep(0.01)
        return self.responses[key][before]

    async def type_into(self, view: Mapping[str, Any], field: str, typed: str) -> list[str]:
        """The values that a list of a form offers for what is typed."""
        element = next(block["element"] for block in view["blocks"] if block["block_id"] == field)
        payload = {
            "type": "block_suggestion",
            "team": {"id": TEAM_ID},
            "user": {"id": "U1", "team_id": TEAM_ID},
            "action_id": element["action_id"],
            "block_id": field,
            "value": typed,
            "view": view,
        }
        answer = await self.envelope("interactive", payload)
        return [option["value"] for option in answer["payload"]["options"]]

    def _pressed(
        self, shown: Mapping[str, Any], element: Mapping[str, Any], where: Mapping[str, str]
    ) -> tuple[dict[str, Any], str]:
        channel, user = where.get("channel_id", "C1"), where.get("user_id", "U1")
        team = where.get("team_id", TEAM_ID)
        key = self.new_key(channel)
        kept = ("type", "action_id", "value", "selected_option", "url")
        payload = {
            "type": "block_actions",
            "team": {"id": team, "domain": "tipoff"},
            "user": {"id": user, "team_id": team, "username": "someone"},
            "enterprise": None,
            "container": {"type": "message", "channel_id": channel, "is_ephemeral": "ts" not in shown},
            "channel": {"id": channel, "name": "news"},
            "message": {name: shown[name] for name in ("ts", "thread_ts", "text") if name in shown},
            "trigger_id": self.new_trigger(),
            "response_url": f"{self.origin}/commands/{team}/{key}",
            "actions": [{name: element[name] for name in kept if name in element} | {"block_id": "x"}],
        }
        return payload, key

    async def _deliver(self, payload: dict[str, Any], events_url: str) -> None:
        if not events_url:
            await self.envelope("interactive", payload)
            return
        status, said = await self.post_signed(events_url, urlencode({"payload": json.dumps(payload)}))
        assert status == 200, (status, said)

    async def _reply(self, key: str) -> dict[str, Any]:
        async with asyncio.timeout(10):
            while not self.responses[key]:
                await asyncio.sleep(0.01)
        return self.responses[key][0]

    # The stand-in's.

    async def envelope(self, kind: str, payload: dict[str, Any], *, timeout_s: float = 10) -> dict[str, Any]:
        raise NotImplementedError

    async def post_signed(self, events_url: str, body: str) -> tuple[int, str]:
        raise NotImplementedError

    def new_trigger(self) -> str:
        raise NotImplementedError

    def new_key(self, channel_id: str) -> str:
        raise NotImplementedError


def labels(shown: Mapping[str, Any]) -> list[str]:
    """What the buttons under a message say."""
    return [element["text"]["text"] for element in _elements(shown) if element["type"] == "button"]


def _elements(shown: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for block in shown.get("blocks", ()):
        if block["type"] == "actions":
            yield from block["elements"]


def _button(shown: Mapping[str, Any], label: str) -> dict[str, Any]:
    for element in _elements(shown):
        if element["type"] == "button" and element["text"]["text"] == label:
            return element
    raise AssertionError(f"no button {label!r}, but {labels(shown)}")


def _initial(element: Mapping[str, Any]) -> str:
    if "initial_option" in element:
        return str(element["initial_option"]["value"])
    return str(element.get("initial_value", ""))


def _state(element: Mapping[str, Any], value: str) -> dict[str, Any]:
    kind = element["type"]
    if kind == "plain_text_input":
        return {"type": kind, "value": value or None}
    offered = [option["value"] for option in element.get("options", ())]
    assert kind == "external_select" or not value or value in offered, (value, offered)
    chosen = {"text": {"type": "plain_text", "text": value}, "value": value} if value else None
    return {"type": kind, "selected_option": chosen}
