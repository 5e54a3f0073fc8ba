"""The help: every command in a few words, or one with all its options. Pure."""

from collections.abc import Sequence

from bot.model import Grade
from handlers.replies import Entry, Reply
from handlers.requests import CommandSpec, Option

_MANAGE = "for who may manage the channel"


def help_text(specs: Sequence[CommandSpec]) -> Reply:
    """One entry a command. Options that only buttons set are left out."""
    entries = tuple(
        Entry(title=f"/{spec.name}", facts=_facts(spec), text=f"{spec.description}.") for spec in specs
    )
    return Reply(
        title="Tipoff tells this channel once, with the evidence",
        text="Evidence, best first: " + " > ".join(grade.value for grade in reversed(Grade)) + ". "
        "Options in [ ] may be left out. /help with the name of a command says what each one means.",
        entries=entries,
    )


def help_about(spec: CommandSpec) -> Reply:
    """One command: an entry an option."""
    shown = spec.offered
    text = f"{spec.description}."
    if spec.needs_manage:
        text += f" {_MANAGE[:1].upper()}{_MANAGE[1:]}."
    text += " Options in [ ] may be left out." if shown else " It has no options."
    return Reply(title=f"/{spec.name}", text=text, entries=tuple(_described(option) for option in shown))


def _facts(spec: CommandSpec) -> tuple[str, ...]:
    names = " ".join(option.name if option.required else f"[{option.name}]" for option in spec.offered)
    return tuple(filter(None, (names, _MANAGE if spec.needs_manage else "")))


def _described(option: Option) -> Entry:
    choices = f" One of: {', '.join(option.choices)}." if option.choices else ""
    name = option.name if option.required else f"[{option.name}]"
    return Entry(title=name, text=f"{option.description}.{choices}")
