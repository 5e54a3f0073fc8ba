"""Buttons, lists, inputs and modals against Block Kit's published limits (docs.slack.dev/reference/block-kit and
/reference/views/modal-views)."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

MAX_ACTIONS, MAX_ID, MAX_BUTTON, MAX_VALUE, MAX_URL = 25, 255, 75, 2000, 3000
MAX_OPTIONS, MAX_OPTION, MAX_OPTION_VALUE, MAX_PLACEHOLDER = 100, 75, 150, 150
MAX_LABEL, MAX_HINT, MAX_INPUT = 2000, 2000, 3000
MAX_VIEW_TITLE, MAX_VIEW_BLOCKS, MAX_METADATA = 24, 100, 3000


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def plain_faults(text: Any, limit: int, what: str) -> list[str]:
    if not isinstance(text, Mapping) or text.get("type") != "plain_text":
        return [f"{what} is not a plain_text object"]
    length = utf16(str(text.get("text", "")))
    return [] if 1 <= length <= limit else [f"{what} of {length} characters"]


def actions_faults(block: Mapping[str, Any]) -> list[str]:
    elements = block.get("elements", [])
    wrong = [] if 1 <= len(elements) <= MAX_ACTIONS else [f"{len(elements)} elements"]
    ids = [element.get("action_id") for element in elements]
    if len(set(ids)) != len(ids):
        wrong.append("an action_id twice")
    return wrong + [fault for element in elements for fault in element_faults(element)]


def element_faults(element: Mapping[str, Any]) -> list[str]:
    wrong = [] if 1 <= len(str(element.get("action_id", ""))) <= MAX_ID else ["action_id"]
    match element.get("type"):
        case "button":
            wrong += plain_faults(element.get("text"), MAX_BUTTON, "a button's text")
            if utf16(element.get("value", "")) > MAX_VALUE:
                wrong.append("a button's value")
            if "url" in element and not _is_url(element["url"]):
                wrong.append(f"a button's url {element['url']!r:.80}")
            if "url" not in element and not element.get("value"):
                wrong.append("a button that does nothing")
            if element.get("style", "primary") not in ("primary", "danger"):
                wrong.append("a button's style")
        case "static_select":
            wrong += options_faults(element.get("options"), least=1)
            wrong += _placeholder(element)
            chosen = element.get("initial_option")
            if chosen is not None and chosen not in element.get("options", []):
                wrong.append("initial_option is none of the options")
        case "external_select":
            wrong += _placeholder(element)
            wrong += options_faults([element["initial_option"]]) if "initial_option" in element else []
        case "plain_text_input":
            if utf16(element.get("initial_value", "")) > min(element.get("max_length", MAX_INPUT), MAX_INPUT):
                wrong.append("initial_value")
            if not 1 <= element.get("max_length", MAX_INPUT) <= MAX_INPUT:
                wrong.append("max_length")
            wrong += _placeholder(element)
        case kind:
            wrong.append(f"unknown element {kind!r}")
    return wrong


def options_faults(options: Any, *, least: int = 0) -> list[str]:
    if not isinstance(options, Sequence) or not least <= len(options) <= MAX_OPTIONS:
        return ["options"]
    wrong = []
    for option in options:
        wrong += plain_faults(option.get("text"), MAX_OPTION, "an option's text")
        if not 1 <= utf16(str(option.get("value", ""))) <= MAX_OPTION_VALUE:
            wrong.append(f"an option's value {option.get('value')!r:.40}")
    return wrong


def view_faults(view: Any) -> list[str]:
    """What is wrong with a modal."""
    if not isinstance(view, Mapping) or view.get("type") != "modal":
        return ["not a modal"]
    wrong = []
    for part in ("title", "submit", "close"):
        wrong += plain_faults(view.get(part), MAX_VIEW_TITLE, part)
    if utf16(view.get("private_metadata", "")) > MAX_METADATA:
        wrong.append("private_metadata")
    blocks = view.get("blocks", [])
    if not 1 <= len(blocks) <= MAX_VIEW_BLOCKS:
        wrong.append(f"{len(blocks)} blocks")
    ids = [block.get("block_id") for block in blocks]
    if len(set(ids)) != len(ids):
        wrong.append("a block_id twice")
    for block in blocks:
        if block.get("type") != "input" or not 1 <= len(block.get("block_id", "")) <= MAX_ID:
            wrong.append(f"block {block.get('type')!r}")
            continue
        wrong += plain_faults(block.get("label"), MAX_LABEL, "a label")
        wrong += plain_faults(block["hint"], MAX_HINT, "a hint") if "hint" in block else []
        wrong += element_faults(block["element"])
    return wrong


def _placeholder(element: Mapping[str, Any]) -> list[str]:
    if "placeholder" not in element:
        return []
    return plain_faults(element["placeholder"], MAX_PLACEHOLDER, "a placeholder")


def _is_url(text: str) -> bool:
    return len(text) <= MAX_URL and re.fullmatch(r"https?://[^\s<>|\"]+", text) is not None
