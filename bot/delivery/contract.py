"""What a platform handler must do, and the values it is given and gives back.

A handler never decides whether to tell: it renders one message, sends it once, and says what became
of it. Every failure that the world causes is a ``SendOutcome``, never an exception.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.errors import BotError
from bot.model import ChannelKey, Event, Grade, StoryId


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """How this channel wants to be told.

    ``kind``: ``text``, ``announcement``, ``forum``, ``thread``, ``direct`` or "" (not known). ``thread``: the
    platform's id of the thread or forum post in which the story is told here already. ``threads``: open a thread for
    each story (Discord). ``publish``: publish what is told in an announcement channel. ``mention``: the role or user
    group to call, a platform id; "" for nobody. ``locale`` and ``zone`` are those of its readers.
    """

    kind: str = ""
    thread: str | None = None
    threads: bool = False
    publish: bool = False
    mention: str = ""
    locale: str = "en"
    zone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """Another outlet that tells the same story."""

    publisher: str
    url: str
    grade: Grade


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertMessage:
    """One alert for one channel.

    ``token``: the delivery's own name, at most 25 characters of ``[0-9a-z]``: Discord's nonce, Slack's
    metadata. ``reply_to``: platform message id of the story's first alert in this channel, when this
    alert follows up on it. All text is plain and from outside: the handler escapes and trims it.
    """

    token: str
    channel: ChannelKey
    story: StoryId
    event: Event
    title: str
    url: str
    publisher: str
    grade: Grade
    topics: tuple[str, ...]  # names, not ids
    published: datetime
    author: str = ""
    previous_grade: Grade | None = None
    witnesses: int = 0  # who say so independently of each other
    summary: str = ""  # two sentences at most: of the article, else the source's own
    outlets: tuple[Outlet, ...] = ()
    site: str = ""  # host of the original article, where the publisher only points to it; ``url`` leads there
    tags: tuple[str, ...] = ()  # the article's own keywords
    answers: tuple[
        str, ...
    ] = ()  # changed watch answers: "Is DeepSeek V4 released? -> released (was rumoured)"
    reason: str = ""
    reply_to: str | None = None
    alert: int = 0  # its number, for feedback
    place: Place = Place()
    meanwhile: str = ""  # one line: what else changed while the channel was not to be disturbed


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestEntry:
    story: StoryId
    event: Event
    title: str
    url: str
    publisher: str
    grade: Grade
    topics: tuple[str, ...]
    published: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestMessage:
    """Several alerts of one channel told together, best proof first."""

    token: str
    channel: ChannelKey
    title: str  # "Daily digest, 24 November 2026: 7 stories"
    entries: tuple[DigestEntry, ...]
    reason: str = ""  # why these were not told one by one, where that was not asked for
    place: Place = Place()


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeMessage:
    """Tipoff speaks about itself: a source that failed for long, a channel that went away. The lines of ``text``
    stay lines, a dozen at most."""

    token: str
    channel: ChannelKey
    title: str
    text: str
    place: Place = Place()


Message = AlertMessage | DigestMessage | NoticeMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """It is there. ``plain_because``: the platform did not take it as it should look, and said this."""

    message_id: str
    thread_id: str | None = None
    plain_because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryAt:
    """Not accepted; try the same message again. ``after_s`` None leaves the delay to the dispatcher."""

    reason: str
    after_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """It may have been accepted (the connection broke after the request left): ask ``find_sent`` first."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelGone:
    """Deleted, or we may no longer write there: stop telling it."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """The platform will never take this message, even in plain form."""

    reason: str


SendOutcome = Sent | RetryAt | Unknown | ChannelGone | Rejected


class Handler(Protocol):
    """One chat platform, or the terminal. Implementations: handlers/discord, slack, console."""

    platform: str  # the part of a channel key before ":"

    async def send(self, message: Message) -> SendOutcome:
        """Send once, within 30 s, without transport retries that could repeat an accepted message."""
        ...

    async def find_sent(self, message: Message, *, since: datetime) -> Sent | None:
        """Look for the message in the channel's history by its token, ``since`` when it was first tried.

        Raises ``DeliveryUnavailable`` when the history could not be read: that is not a "no".
        """
        ...


class Limits(Protocol):
    """What a platform lets us send, as far as is known. A handler keeps to it by itself; the dispatcher asks so that
    it takes no delivery from the outbox which would only wait."""

    def room(self, *, ahead_s: float) -> int:
        """How many sends may begin within the next ``ahead_s`` seconds."""
        ...

    def resting(self, *, ahead_s: float) -> list[ChannelKey]:
        """Channels that may be sent nothing for longer than that; one that ends in "/" stands for all that begin so."""
        ...

    def opens_in(self) -> float | None:
        """Seconds until there is room, or a channel's rest ends; None when nothing waits for a time."""
        ...


class DeliveryUnavailable(BotError):
    """The platform could not be asked; nothing is known."""
