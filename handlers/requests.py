"""What a person asks, before any command sees it; and what a platform needs to know to offer a command."""

from dataclasses import dataclass
from typing import Literal

from bot.model import ChannelKey

#: What an option's suggestions are drawn from.
Suggestions = Literal["", "topic", "subscribed-topic", "story", "given-source", "subject", "zone", "command"]
#: What a channel is, as far as its platform says. "" where it does not matter.
Place = Literal["", "text", "announcement", "forum", "thread", "direct", "terminal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option of a command. Every option is a text; ``choices`` closes the set.

    ``hidden``: buttons set it, nobody types it, so platforms do not offer it.
    """

    name: str
    description: str
    required: bool = False
    choices: tuple[str, ...] = ()
    autocomplete: Suggestions = ""
    words: bool = False  # takes all words that are not named, though it need not be given
    hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandSpec:
    """What a platform needs to offer a command. ``needs_manage``: it changes the channel. A name of two words is a
    group and its command: ``/source add``."""

    name: str
    description: str
    options: tuple[Option, ...] = ()
    needs_manage: bool = False

    @property
    def offered(self) -> tuple[Option, ...]:
        """The options that people type; buttons set the others."""
        return tuple(option for option in self.options if not option.hidden)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """``server``: the Discord server or Slack workspace, as ``discord:<guild id>`` or ``slack:<team id>``; "" in a
    direct message and in the terminal."""

    command: str
    options: dict[str, str]
    channel: ChannelKey
    user: str
    may_manage: bool
    may_manage_server: bool = False
    private: bool = False  # a direct message: nobody else reads it
    locale: str = "en"
    server: str = ""
    place: Place = ""

    @property
    def in_chat(self) -> bool:
        """Whether it comes from a chat platform: not from the terminal or the page of whoever runs Tipoff."""
        return self.place not in ("", "terminal")
