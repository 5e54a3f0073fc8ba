"""Block Kit pieces and Slack's limits. Pure; source text goes into rich text, where no mark-up exists."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from handlers.actions import encoded, encoded_select, fits
from handlers.replies import Button, Select
from handlers.slack.markup import clean, host_of, masks_another_host, safe_url, trim, width

Block = dict[str, Any]
Element = dict[str, Any]

# Published at docs.slack.dev/reference/block-kit (blocks, header, context).
MAX_BLOCKS = 50
MAX_HEADER = 150
MAX_CONTEXT_ELEMENTS = 10
# docs.slack.dev/reference/block-kit: button and select menu elements, option object.
MAX_BUTTON, MAX_OPTION, MAX_OPTION_VALUE, MAX_OPTIONS, MAX_PLACEHOLDER = 75, 75, 150, 100, 150
#: Buttons side by side; Slack takes 25, but wraps them where the window ends.
_ROW = 5
#: Of what one message takes, the part that lists may use: their choices are also typed as a command.
_MOST_SELECTS = 5000
_STYLES = {"main": "primary", "danger": "danger"}
#: chat.postMessage cuts longer texts at 40,000 and advises 4,000.
MAX_TEXT = 3000
#: All blocks of one message together. Not published: Slack answers msg_blocks_too_long at about 13,200
#: characters, sooner with much structure (slackapi/bolt-js#2509), so the written-out JSON is counted.
MAX_MESSAGE = 12000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """One message. ``text`` is what notifications show, and the whole message in its plain form."""

    blocks: tuple[Block, ...]
    text: str


def plain(text: str, limit: int) -> Element:
    """A text without mark-up, for what Slack shows beside or inside of controls."""
    return {"type": "plain_text", "text": trim(clean(text), limit) or "-", "emoji": False}


def header(text: str) -> Block:
    return {"type": "header", "text": plain(text, MAX_HEADER)}


def option(value: str, label: str) -> Element:
    """One choice of a list; ``value`` must be at most ``MAX_OPTION_VALUE`` long."""
    return {"text": plain(label, MAX_OPTION), "value": value}


def options(pairs: Sequence[tuple[str, str]], limit: int = MAX_OPTIONS) -> list[Element]:
    """Choices of ``(value, label)``; those whose value Slack would refuse or change are left out."""
    taken = [
        (value, label)
        for value, label in pairs
        if 1 <= width(value) <= MAX_OPTION_VALUE and clean(value) == value
    ]
    return [option(value, label or value) for value, label in taken[:limit]]


def buttons(shown: Sequence[Button], *, start: int = 0) -> list[Block]:
    """Rows of buttons. One whose address may not be followed, or whose options no button can hold, is left out.
    ``start``: how many the message has already (ids must differ)."""
    made = [
        element
        for number, button in enumerate(shown, start)
        if (element := _button(button, f"b{number}")) is not None
    ]
    return [
        {"type": "actions", "elements": made[first : first + _ROW]} for first in range(0, len(made), _ROW)
    ]


def _button(button: Button, action: str) -> Element | None:
    element: Element = {"type": "button", "action_id": action, "text": plain(button.label, MAX_BUTTON)}
    if button.style in _STYLES:
        element["style"] = _STYLES[button.style]
    if button.url:
        target = safe_url(button.url)
        return {**element, "url": target} if target else None
    return {**element, "value": encoded(button)} if fits(button) else None


def selects(shown: Sequence[Select]) -> list[Block]:
    """One row a list. Of many choices only as many are shown as leave room for the message itself."""
    made: list[Block] = []
    for select in shown:
        try:
            meant = encoded_select(select)
        except ValueError:
            continue
        choices = options(select.choices)
        while choices and size([*made, *choices]) > _MOST_SELECTS:
            choices.pop()
        if choices:
            element = {
                "type": "static_select",
                "action_id": meant,
                "placeholder": plain(select.hint, MAX_PLACEHOLDER),
                "options": choices,
            }
            made.append({"type": "actions", "elements": [element]})
    return made


def call(group: str) -> list[Element]:
    """Elements that notify a user group; none for what is no id of one."""
    if not is_user_group(group):
        return []
    return [{"type": "usergroup", "usergroup_id": group}, words(" ")]


def is_user_group(text: str) -> bool:
    return re.fullmatch(r"S[A-Z0-9]{2,20}", text) is not None


def context(*parts: str) -> Block:
    """A small grey line. The parts are mrkdwn that is already escaped; empty ones are left out."""
    elements = [{"type": "mrkdwn", "text": part, "verbatim": True} for part in parts if part][
        :MAX_CONTEXT_ELEMENTS
    ]
    return {"type": "context", "elements": elements}


def rich(*elements: Element) -> Block:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}


def words(text: str, *, bold: bool = False) -> Element:
    """Text as it is: rich text takes no mark-up, and an empty one is refused by Slack."""
    element: Element = {"type": "text", "text": text or " "}
    return {**element, "style": {"bold": True}} if bold else element


def emoji(name: str) -> Element:
    return {"type": "emoji", "name": name}


def title_elements(title: str, url: str, *, limit: int, bold: bool = True) -> list[Element]:
    """A linked title. One that reads like another address stays plain, with the true host beside it."""
    shown = trim(clean(title), limit) or "(no title)"
    target = safe_url(url) if url else None
    if target is None:
        return [words(shown, bold=bold)]
    if masks_another_host(shown, target):
        return [words(shown + " ", bold=bold), _link(f"({host_of(target)})", target, bold=False)]
    return [_link(shown, target, bold=bold)]


def _link(text: str, target: str, *, bold: bool) -> Element:
    element: Element = {"type": "link", "url": target, "text": text}
    return {**element, "style": {"bold": True}} if bold else element


def size(blocks: Sequence[Block]) -> int:
    return len(json.dumps(list(blocks), ensure_ascii=False, separators=(",", ":")))


def fitted(
    head: Sequence[Block], groups: Sequence[Sequence[Block]], tail: Sequence[Block] = (), *, more: str
) -> tuple[Block, ...]:
    """``head``, as many groups as one message takes, and ``tail``; ``more`` (with ``{count}``) tells how many groups
    it does not take."""
    taken = list(head)
    for index, group in enumerate(groups):
        rest = context(more.format(count=len(groups) - index))
        spare = [rest] if index < len(groups) - 1 else []
        tried = [*taken, *group, *spare, *tail]
        if len(tried) > MAX_BLOCKS or size(tried) > MAX_MESSAGE:
            return (*taken, rest, *tail)
        taken += group
    return (*taken, *tail)
