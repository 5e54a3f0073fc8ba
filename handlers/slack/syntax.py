"""What a person typed after a slash command, as a command and its options. Pure."""

import re
from dataclasses import dataclass

from bot.errors import UserError
from handlers.requests import CommandSpec, Option
from handlers.specs import COMMANDS

_SPECS = {spec.name: spec for spec in COMMANDS}
#: First words of commands of two words.
_GROUPS = {spec.name.split(" ")[0] for spec in COMMANDS if " " in spec.name}
_NAMED = re.compile(r"(--|[—–])?([a-z][a-z-]*)(=(.*))?", re.IGNORECASE | re.DOTALL)
#: With "Escape channels, users, and links" on, Slack writes addresses as <url|label>.
_SLACK_LINK = re.compile(r"<(https?://[^|>]+)(?:\|[^>]*)?>")
_QUOTES = {'"': '"', "“": "”", "„": "“", "«": "»"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    command: str
    options: dict[str, str]


@dataclass(frozen=True, slots=True)
class Word:
    """``bare``: not quoted from its first character on, so it may name an option."""

    text: str
    bare: bool


def parse_command(slash: str, text: str) -> Asked:
    """``/tipoff subscribe x`` and ``/tipoff-subscribe x`` alike. Raises ``UserError`` that lists what there is.

    Nothing asks for help.
    """
    words = split_words(_unescaped(text))
    named = slash.lower().partition("-")[2]
    if named in _SPECS or named in _GROUPS:
        words.insert(0, Word(named, bare=True))
    name, words = _command(words)
    spec = _SPECS.get(name)
    if spec is None:
        raise UserError(f"There is no command “{name}”. There are: {', '.join(_SPECS)}.")
    return Asked(command=name, options=_options(spec, words))


def _command(words: list[Word]) -> tuple[str, list[Word]]:
    """The name, of two words where it has two, and what follows it."""
    if not words:
        return "help", []
    first = words[0].text.lower().removeprefix("/")
    if first not in _GROUPS:
        return first, words[1:]
    both = " ".join([first, *(word.text.lower() for word in words[1:2])])
    return (both, words[2:]) if both in _SPECS or first not in _SPECS else (first, words[1:])


def usage(spec: CommandSpec) -> str:
    parts = [f"/tipoff {spec.name}"]
    for option in spec.offered:
        shown = f"<{option.name}>" if option.required else f"[{option.name}=…]"
        parts.append(shown)
    chosen = [f"{option.name}: {', '.join(option.choices)}." for option in spec.offered if option.choices]
    return " ".join([" ".join(parts) + ".", spec.description + ".", *chosen])


def _unescaped(text: str) -> str:
    linked = _SLACK_LINK.sub(r"\1", text)
    return linked.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def split_words(text: str) -> list[Word]:
    """Words by spaces; quotes, also the curly ones that phones type, keep spaces. An unclosed one runs to the end."""
    words: list[Word] = []
    index = 0
    while index < len(text):
        if text[index].isspace():
            index += 1
            continue
        bare = text[index] not in _QUOTES
        piece: list[str] = []
        while index < len(text) and not text[index].isspace():
            close = _QUOTES.get(text[index])
            if close is None:
                piece.append(text[index])
                index += 1
                continue
            # A curly pair may come mixed: phones turn the straight one too.
            ends = [at for at in (text.find(mark, index + 1) for mark in {close, '"', "”"}) if at >= 0]
            end = min(ends, default=len(text))
            piece.append(text[index + 1 : end])
            index = end + 1
        words.append(Word("".join(piece), bare))
    return words


def _free_text(spec: CommandSpec) -> Option | None:
    """The option that takes all unnamed words: one made for them, or one that must be given and is no choice."""
    return next(
        (
            option
            for option in spec.options
            if option.words or (option.required and not option.choices and not option.autocomplete)
        ),
        None,
    )


def _options(spec: CommandSpec, words: list[Word]) -> dict[str, str]:
    names = {option.name: option for option in spec.offered}
    free = _free_text(spec)
    options: dict[str, str] = {}
    loose: list[str] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        found = _NAMED.fullmatch(word.text) if word.bare else None
        marked = bool(found and (found[1] or found[3]))
        if found is None or not marked or (free is not None and found[2].lower() not in names):
            loose.append(word.text)
            continue
        name = found[2].lower()
        if name not in names:
            raise UserError(f"{spec.name} has no option “{name}”. {usage(spec)}")
        if name in options:
            raise UserError(f"{name} is given twice.")
        if found[3] is not None:
            options[name] = found[4]
        elif rest:
            options[name] = rest.pop(0).text
        else:
            raise UserError(f"{name}: a value is missing. {usage(spec)}")
    return _with_loose(spec, free, options, loose)


def _with_loose(
    spec: CommandSpec, free: Option | None, options: dict[str, str], loose: list[str]
) -> dict[str, str]:
    """Unnamed words fill the options that are not named, in their order."""
    if free is not None and free.name not in options:
        return {**options, free.name: " ".join(loose)} if loose else options
    empty = [option.name for option in spec.offered if option.name not in options]
    if len(loose) > len(empty):
        raise UserError(f"{spec.name}: “{loose[len(empty)]}” is one word too many. {usage(spec)}")
    return {**options, **dict(zip(empty, loose, strict=False))}
