"""Commands in sentences, as they are typed where the sentence is read. Pure.

Answers name them as Discord does: ``/mute story:17 time:7d``.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from handlers.replies import Reply

_OPTIONS = r"((?: [a-z][a-z-]*:[^\s:.,;]+)*)"

#: What the terminal's commands are called. Those that are not here are for chat only.
_IN_TERMINAL = {
    name: f"tipoff {name}"
    for name in (
        "subscriptions", "latest", "search", "status", "topics", "sources", "hot", "why", "correct", "benchmarks",
        "licences", "story", "timeline", "export", "backtest",
    )
} | {name: f"tipoff {name} CHANNEL" for name in ("subscribe", "unsubscribe", "settings", "test", "mute")} | {
    "source add": "tipoff sources add", "source remove": "tipoff sources remove",
}  # fmt: skip
#: Given without its name there.
_POSITIONAL = "topic"
_WITH_POSITIONAL = frozenset({"subscribe", "unsubscribe", "hot", "backtest"})


def slack_text(text: str, names: Iterable[str]) -> str:
    """``/mute story:17`` becomes ``/tipoff mute story=17``."""
    return _renamed(
        text, {name: f"/tipoff {name}" for name in names}, lambda command, option, value: f"{option}={value}"
    )


def terminal_text(text: str) -> str:
    """``/mute story:17`` becomes ``tipoff mute CHANNEL --story 17``."""
    return _renamed(text, _IN_TERMINAL, _terminal_option)


def terminal_reply(reply: Reply) -> Reply:
    """The same in an answer's title and text; entries hold what sources say."""
    return replace(reply, title=terminal_text(reply.title), text=terminal_text(reply.text))


def _terminal_option(command: str, option: str, value: str) -> str:
    if option == _POSITIONAL and command in _WITH_POSITIONAL:
        return value
    return f"--{option} {value}"


def _renamed(text: str, called: Mapping[str, str], option: Callable[[str, str, str], str]) -> str:
    longest_first = sorted(called, key=len, reverse=True)
    named = re.compile(rf"(?<![\w/])/({'|'.join(map(re.escape, longest_first))})\b{_OPTIONS}")

    def typed(found: re.Match[str]) -> str:
        command, given = found[1], found[2].split()
        options = [option(command, *one.split(":", 1)) for one in given]
        return " ".join([called[command], *options])

    return named.sub(typed, text)
