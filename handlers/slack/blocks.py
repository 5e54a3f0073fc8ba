"""Block Kit pieces and Slack's limits. Pure; source text goes into rich text, where no mark-up exists."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from handlers.slack.markup import clean, host_of, masks_another_host, safe_url, trim

Block = dict[str, Any]
Element = dict[str, Any]

# Published at docs.slack.dev/reference/block-kit (blocks, header, context).
MAX_BLOCKS = 50
MAX_HEADER = 150
MAX_CONTEXT_ELEMENTS = 10
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


def header(text: str) -> Block:
    return {
        "type": "header",
        "text": {"type": "plain_text", "text": trim(clean(text), MAX_HEADER) or "-", "emoji": False},
    }


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


def fitted(head: Sequence[Block], groups: Sequence[Sequence[Block]], *, more: str) -> tuple[Block, ...]:
    """``head`` and as many groups as one message takes; ``more`` (with ``{count}``) tells how many it does not."""
    taken = list(head)
    for index, group in enumerate(groups):
        rest = context(more.format(count=len(groups) - index))
        spare = [rest] if index < len(groups) - 1 else []
        tried = [*taken, *group, *spare]
        if len(tried) > MAX_BLOCKS or size(tried) > MAX_MESSAGE:
            return (*taken, rest)
        taken += group
    return tuple(taken)
