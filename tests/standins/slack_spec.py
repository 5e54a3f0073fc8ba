"""Checks calls against Slack's published OpenAPI 2 description, and Block Kit against its published limits.

The description (version 1.7.0) is old. What Slack takes today and it does not know stands in two tables below,
each row with its reason; anything else that it does not know is a fault of the caller.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.paths import DATA
from tests.standins.slack_controls import actions_faults

METHODS = (
    "auth.test",
    "apps.connections.open",
    "chat.postMessage",
    "conversations.history",
    "conversations.replies",
    "conversations.info",
    "conversations.open",
    "users.info",
    "views.open",
    "files.getUploadURLExternal",
    "files.completeUploadExternal",
    "oauth.v2.access",
)
TRIMMED = DATA / "slack" / "web-api.json"

#: (method, argument) -> (type, why it is not in the description).
NOT_DESCRIBED: dict[tuple[str, str], tuple[str, str]] = {
    ("chat.postMessage", "metadata"): ("object", "message metadata came in 2022, after the description"),
    ("conversations.history", "include_all_metadata"): ("boolean", "came with message metadata"),
    ("conversations.replies", "include_all_metadata"): ("boolean", "came with message metadata"),
    ("oauth.v2.access", "grant_type"): ("string", "token rotation came in 2021"),
    ("oauth.v2.access", "refresh_token"): ("string", "token rotation came in 2021"),
}
#: Arguments that are described as required, but are not.
NOT_REQUIRED = {("oauth.v2.access", "code"): "absent when a token is renewed"}
#: Arguments whose described type differs from what Slack takes, with the reason.
OTHER_TYPE: dict[tuple[str, str], tuple[str, str]] = {
    ("chat.postMessage", "blocks"): (
        "array",
        "described as text in a form; a JSON body holds the array itself",
    ),
    ("views.open", "view"): ("object", "described as text in a query; a JSON body holds the view itself"),
}
#: Methods that the description lacks, with their arguments.
NOT_DESCRIBED_METHODS: dict[str, dict[str, str]] = {
    "apps.connections.open": {"token": "string"},  # Socket Mode came in 2021
    # files.upload, which is described, ended in 2025; docs.slack.dev/reference/methods/files.getUploadURLExternal
    "files.getUploadURLExternal": {
        "token": "string", "filename": "string", "length": "integer", "alt_txt": "string",
        "snippet_type": "string",
    },
    "files.completeUploadExternal": {
        "token": "string", "files": "string", "channel_id": "string", "initial_comment": "string",
        "thread_ts": "string",
    },
}  # fmt: skip
_NEEDED = {("files.getUploadURLExternal", name) for name in ("token", "filename", "length")} | {
    ("files.completeUploadExternal", name) for name in ("token", "files")
}

MAX_BLOCKS, MAX_TEXT, MAX_HEADER, MAX_SECTION, MAX_CONTEXT = 50, 40000, 150, 3000, 10
#: Observed by others (slackapi/bolt-js#2509), not published.
MAX_ALL_BLOCKS = 13200
_ENTITY_CUT = re.compile(r"&(?!(?:amp|lt|gt);)")
_CONTROL = re.compile(r"<([^<>]*)>")
_ALLOWED_CONTROL = re.compile(r"https?://[^|]+(?:\|.*)?|!date\^\d+\^[^|^]+\|.+", re.DOTALL)


class ApiSpec:
    """The arguments of the methods that are used."""

    def __init__(self, path: Path = TRIMMED) -> None:
        described = json.loads(path.read_text(encoding="utf-8"))["paths"]
        self._arguments: dict[str, dict[str, dict[str, Any]]] = {}
        for method in METHODS:
            if method in NOT_DESCRIBED_METHODS:
                continue
            ((_, operation),) = described[f"/{method}"].items()
            self._arguments[method] = {row["name"]: row for row in operation["parameters"]}

    def faults(self, method: str, arguments: Mapping[str, Any], *, has_token: bool) -> list[str]:
        """What is wrong with a call, one line each; empty when nothing is."""
        if method in NOT_DESCRIBED_METHODS:
            known: dict[str, dict[str, Any]] = {
                name: {"type": kind, "required": name == "token" or (method, name) in _NEEDED}
                for name, kind in NOT_DESCRIBED_METHODS[method].items()
            }
        elif method in self._arguments:
            known = self._arguments[method]
        else:
            return [f"{method}: no such method among those expected"]
        wrong = []
        for name, value in arguments.items():
            kind = self._type(method, name, known)
            if kind is None:
                wrong.append(f"{method}: unknown argument {name}")
            elif not _fits(value, kind):
                wrong.append(f"{method}: {name} is not of type {kind}: {value!r}")
        for name, row in known.items():
            given = has_token if name == "token" else name in arguments
            if row.get("required") and not given and (method, name) not in NOT_REQUIRED:
                wrong.append(f"{method}: {name} is missing")
        return wrong

    @staticmethod
    def _type(method: str, name: str, known: Mapping[str, Mapping[str, Any]]) -> str | None:
        for table in (OTHER_TYPE, NOT_DESCRIBED):
            if (method, name) in table:
                return table[method, name][0]
        return str(known[name]["type"]) if name in known else None


def _fits(value: Any, kind: str) -> bool:
    match kind:
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool) or value in ("0", "1", "true", "false")
        case "integer":
            return (isinstance(value, int) and not isinstance(value, bool)) or (
                isinstance(value, str) and bool(re.fullmatch(r"\d+", value))
            )
        case "number":
            return isinstance(value, str | int | float) and bool(re.fullmatch(r"\d+(\.\d+)?", str(value)))
        case "array":
            return isinstance(value, list)
        case "object":
            return isinstance(value, dict)
    return False


def message_faults(body: Mapping[str, Any], *, groups: Iterable[str] = ()) -> list[str]:
    """What Slack would refuse, or show as mark-up that nobody meant, in a message or a reply. ``groups``: the user
    groups that it may call."""
    wrong = []
    text = body.get("text", "")
    for group in groups:
        text = text.removeprefix(f"<!subteam^{group}> ")
    if not text and not body.get("blocks"):
        wrong.append("no_text")
    if len(text) > MAX_TEXT:
        wrong.append("msg_too_long")
    wrong += [f"text: {fault}" for fault in mrkdwn_faults(text)]
    blocks = body.get("blocks") or []
    if len(blocks) > MAX_BLOCKS:
        wrong.append(f"{len(blocks)} blocks")
    if sum(_utf16(piece) for piece in _texts(blocks)) > MAX_ALL_BLOCKS:
        wrong.append("msg_blocks_too_long")
    for index, block in enumerate(blocks):
        found = block_faults(block, groups=groups)
        wrong += [f"block {index} ({block.get('type')}): {fault}" for fault in found]
    metadata = body.get("metadata")
    if metadata is not None and set(metadata) != {"event_type", "event_payload"}:
        wrong.append("invalid_metadata_format")
    return wrong


def _utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _texts(node: Any) -> list[str]:
    if isinstance(node, Mapping):
        return [piece for value in node.values() for piece in _texts(value)]
    if isinstance(node, Sequence) and not isinstance(node, str):
        return [piece for value in node for piece in _texts(value)]
    return [node] if isinstance(node, str) else []


def mrkdwn_faults(text: str) -> list[str]:
    """Control sequences that may ping or that were cut, in text that Slack reads for them."""
    wrong = [f"bare & in {text[found.start() :][:20]!r}" for found in _ENTITY_CUT.finditer(text)]
    for found in _CONTROL.finditer(text):
        if not _ALLOWED_CONTROL.fullmatch(found[1]):
            wrong.append(f"control sequence {found[0][:60]!r}")
    rest = _CONTROL.sub("", text)
    if "<" in rest or ">" in rest:
        wrong.append("an angle bracket is not escaped")
    return wrong


def block_faults(block: Mapping[str, Any], *, groups: Iterable[str] = ()) -> list[str]:
    match block.get("type"):
        case "header":
            return _text_object(block["text"], kinds=("plain_text",), limit=MAX_HEADER)
        case "section":
            return _text_object(block["text"], kinds=("plain_text", "mrkdwn"), limit=MAX_SECTION)
        case "context":
            elements = block["elements"]
            wrong = [] if 1 <= len(elements) <= MAX_CONTEXT else [f"{len(elements)} elements"]
            for element in elements:
                wrong += _text_object(element, kinds=("plain_text", "mrkdwn"), limit=MAX_SECTION)
            return wrong
        case "rich_text":
            return [fault for section in block["elements"] for fault in _section_faults(section, groups)]
        case "actions":
            return actions_faults(block)
        case "divider":
            return []
    return [f"unknown block {block.get('type')!r}"]


def _text_object(text: Mapping[str, Any], *, kinds: tuple[str, ...], limit: int) -> list[str]:
    wrong = []
    if text.get("type") not in kinds:
        wrong.append(f"text of type {text.get('type')!r}")
    if not 1 <= _utf16(text["text"]) <= limit:
        wrong.append(f"text of {_utf16(text['text'])} characters")
    if text.get("type") == "mrkdwn":
        wrong += mrkdwn_faults(text["text"])
    return wrong


_RICH: dict[str, tuple[set[str], set[str]]] = {  # type -> (required, all) keys
    "text": ({"type", "text"}, {"type", "text", "style"}),
    "link": ({"type", "url"}, {"type", "url", "text", "style", "unsafe"}),
    "emoji": ({"type", "name"}, {"type", "name", "unicode"}),
    "date": ({"type", "timestamp", "format"}, {"type", "timestamp", "format", "url", "fallback"}),
}


def _section_faults(section: Mapping[str, Any], groups: Iterable[str]) -> list[str]:
    if section.get("type") != "rich_text_section" or not section.get("elements"):
        return ["a rich text section without elements"]
    wrong = []
    for element in section["elements"]:
        if element.get("type") == "usergroup" and element.get("usergroup_id") in groups:
            continue
        # "broadcast", "user", "usergroup" and "channel" elements ping: nothing else may make one.
        required, known = _RICH.get(element.get("type"), (set(), set()))
        if not required or not required <= set(element) <= known:
            wrong.append(f"rich text element {element!r:.80}")
            continue
        if "text" in element and not element["text"]:
            wrong.append("empty text")
        if "url" in element and not re.fullmatch(r"https?://[^\s<>|\"]+", element["url"]):
            wrong.append(f"link to {element['url']!r:.80}")
    return wrong
