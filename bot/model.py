"""The words of Tipoff as frozen types. No logic beyond what keeps a value valid."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NewType

SourceId = NewType("SourceId", str)
TopicId = NewType("TopicId", str)
StoryId = NewType("StoryId", int)
ItemId = NewType("ItemId", int)
ChannelKey = NewType("ChannelKey", str)

#: A subscription to this topic id is one to every topic, also to those added later.
ALL_TOPICS = TopicId("all")
#: The terminal that runs Tipoff.
CONSOLE = ChannelKey("console:")


class Grade(StrEnum):
    """What kind of proof an item carries, weakest first. It says nothing about truth."""

    OPINION = "opinion"
    RUMOUR = "rumour"
    REPORT = "report"
    LEAK = "leak"
    PRIMARY_DATA = "primary-data"
    FILING = "filing"
    OFFICIAL = "official"

    rank: int  # its place in this order


for _rank, _grade in enumerate(Grade):
    _grade.rank = _rank


class Event(StrEnum):
    """What an item did to its story, or an alert tells. ``NONE``: the item touches no topic."""

    NEW = "new"
    UPDATE = "update"
    UPGRADE = "upgrade"
    NONE = "none"
    CORRECTION = "correction"  # of alerts only: what was told before is put right


class Mode(StrEnum):
    """When a subscription is told."""

    INSTANT = "instant"
    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"


class SourceMode(StrEnum):
    """How a source's news arrive: asked for, or pushed with the poll as the net under it."""

    POLL = "poll"
    STREAM = "stream"


class SourceKind(StrEnum):
    FEED = "feed"  # RSS, Atom or JSON Feed, whichever the document turns out to be
    RSS = "rss"
    ATOM = "atom"
    JSONFEED = "jsonfeed"
    MASTODON = "mastodon"
    BLUESKY = "bluesky"
    HUGGINGFACE = "huggingface"
    GITHUB = "github"
    FEDERALREGISTER = "federalregister"
    HACKERNEWS = "hackernews"
    REDDIT = "reddit"
    ARXIV = "arxiv"
    SITEMAP = "sitemap"
    GDELT = "gdelt"
    PAGE = "page"


#: Kinds whose document is a feed, whatever its address calls it.
FEED_KINDS = frozenset({SourceKind.FEED, SourceKind.RSS, SourceKind.ATOM, SourceKind.JSONFEED})
#: Kinds that may push what is new: over a stream of their own, or a WebSub hub named in their document.
STREAM_KINDS = FEED_KINDS | {SourceKind.GITHUB, SourceKind.REDDIT, SourceKind.MASTODON, SourceKind.BLUESKY}
#: How the ids of a watched page's changes begin.
PAGE_CHANGE = "page:"


def require_aware(name: str, moment: datetime | None) -> None:
    """Raise ``ValueError`` on a naive time: one that reached this far is a bug at the edge."""
    if moment is not None and moment.tzinfo is None:
        raise ValueError(f"{name} has no time zone: {moment!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often a document itself asks to be read: at most once in ``at_least_s`` seconds, and not in these
    hours (UTC, 0 to 23) and on these days (0 is Monday)."""

    at_least_s: int = 0
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()


ANY_PACE = Pace()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One address that is polled, as the catalog describes it."""

    id: SourceId
    name: str
    kind: SourceKind
    url: str
    topics: tuple[TopicId, ...] = ()  # a hint for people; judgement reads the text
    grade: Grade = Grade.REPORT
    every: timedelta = timedelta(minutes=15)
    every_min: timedelta | None = None  # bounds of the interval; None: ``every``, so that it never changes
    every_max: timedelta | None = None
    mode: SourceMode = SourceMode.POLL
    stream: str = ""  # where it pushes; "" is where its kind does by itself
    language: str = ""
    publisher: str = ""
    why: str = ""
    user_given: bool = False  # given by someone who does not run Tipoff: it may never be a private address


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownState:
    """A step of a watch question that was public before the pack was written."""

    state: str
    at: datetime
    link: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TermLists:
    """Terms by language; the key ``""`` holds terms for every language."""

    terms: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return any(self.terms.values())

    def all(self) -> tuple[str, ...]:
        """Every term of every language, in catalog order."""
        return tuple(term for terms in self.terms.values() for term in terms)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What a user waits for: a question and the states its answer can take, in order.

    An item below ``min_grade`` moves it only when two independent witnesses say so.
    ``subject`` narrows the topic to what the question is about (term lists like a topic's);
    empty means that everything in the topic may move it. A term of each of ``subject_groups`` is as good as one of
    ``subject``: "worldwide" and "rule". ``cues`` adds words per state to the
    built-in ones.
    """

    id: str
    question: str
    states: tuple[str, ...]
    subject: TermLists = field(default_factory=TermLists)
    subject_groups: tuple[tuple[str, ...], ...] = ()
    cues: dict[str, tuple[str, ...]] = field(default_factory=dict)
    min_grade: Grade = Grade.REPORT
    known: tuple[KnownState, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """Words that mean a topic only jointly: a term of each group must be in the item, groups in ``title``
    of them in its title, and no term of ``none``."""

    name: str
    groups: tuple[tuple[str, ...], ...]
    none: tuple[str, ...] = ()
    title: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A named interest. An item belongs to it when a term of ``any`` is there or one of ``together`` is, all
    terms that ``all`` lists for one language are, and no term of ``none`` is. The term ``"*"`` matches every item.

    ``near`` are context words: an ``any`` term that is listed in ``ambiguous`` counts only with
    one of them in the same item. ``title``: a term that stands in the summary alone counts only when the title
    or the publisher has one of these. ``skip`` names kinds of noise that are left out (see ``noise.toml``).
    """

    id: TopicId
    name: str
    any: TermLists = field(default_factory=TermLists)
    all: TermLists = field(default_factory=TermLists)
    none: TermLists = field(default_factory=TermLists)
    ambiguous: TermLists = field(default_factory=TermLists)
    near: TermLists = field(default_factory=TermLists)
    title: TermLists = field(default_factory=TermLists)
    together: tuple[Together, ...] = ()
    skip: tuple[str, ...] = ()
    watches: tuple[Watch, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """Who stands behind a name or a domain; ``kind`` decides what its word is worth.

    ``kind``: ``party`` (acts itself: a company, a lab), ``authority`` (a public body),
    ``register`` (where filings are published), ``repository`` (code and weights), ``measurer``
    (measures and publishes how), ``outlet``, ``tipster`` (rumour press), ``opinion`` (think
    tanks, law firms, columns), ``social``, ``aggregator``.
    """

    id: str
    names: tuple[str, ...]
    kind: str
    domains: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()  # hub organisations and social accounts that are really theirs


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    sources: tuple[Source, ...]
    topics: tuple[Topic, ...]
    publishers: tuple[Publisher, ...] = ()

    def topic(self, topic_id: str) -> Topic | None:
        return next((topic for topic in self.topics if topic.id == topic_id), None)

    def topic_names(self, topics: Iterable[TopicId]) -> tuple[str, ...]:
        """The names of these topics; one that the catalog no longer has keeps its id for a name."""
        names = {topic.id: topic.name for topic in self.topics}
        return tuple(names.get(topic, topic) for topic in topics)


@dataclass(frozen=True, slots=True, kw_only=True)
class RawItem:
    """One entry as an adapter read it: text may still hold HTML, the address may be relative-resolved
    but is not canonical, ``published`` is None when the source did not say or said nonsense."""

    external_id: str
    url: str
    title: str
    summary: str = ""
    author: str = ""
    publisher: str = ""
    published: datetime | None = None
    language: str = ""

    def __post_init__(self) -> None:
        require_aware("published", self.published)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One canonical entry: plain text, canonical address, never without a time."""

    source: SourceId
    external_id: str
    url: str  # canonical, for comparing and for showing
    title: str
    publisher: str
    published: datetime  # never later than ``seen``
    seen: datetime
    summary: str = ""
    author: str = ""
    language: str = ""
    source_grade: Grade = Grade.REPORT
    #: The host that it was read from; "" where whoever runs Tipoff answers for it, and in a saved history.
    origin: str = ""
    #: The publisher's name that whoever runs Tipoff gave its source, "" when the name comes from outside.
    vouched: str = ""

    def __post_init__(self) -> None:
        require_aware("published", self.published)
        require_aware("seen", self.seen)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A benchmark figure found in text. ``relative_to`` is what a ``%`` or ``x`` compares with."""

    subject: str
    metric: str
    value: float
    unit: str
    precision: str | None = None
    relative_to: str | None = None
    value_max: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchMove:
    topic: TopicId
    question: str  # the watch's id
    state: str
    previous: str  # "" when the question had no state yet
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchDeadline:
    """Until when an item says that a question will have reached ``state``: ``at`` is when that has passed."""

    topic: TopicId
    question: str
    state: str
    at: datetime
    phrase: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicMatch:
    topic: TopicId
    matched: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Graded:
    """A grade with its reason. ``cites``: the publisher that this item relays, if it says so.

    ``speaker`` is who says it and ``witness`` who stands behind it: the speaker itself, or whom it relays.
    """

    grade: Grade
    reason: str
    cites: str = ""
    speaker: str = ""
    witness: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """All that judgement says of one item."""

    item: Item
    story: StoryId
    topics: tuple[TopicMatch, ...]
    graded: Graded
    event: Event
    alert: bool
    reasons: tuple[str, ...]  # topic, story, grade, alert: one line each
    previous_grade: Grade | None = None  # the story's grade before this item
    claims: tuple[Claim, ...] = ()
    watch: tuple[WatchMove, ...] = ()
    witnesses: int = 0  # who say so independently of each other, with this item; 0: nobody knows
    deadlines: tuple[WatchDeadline, ...] = ()
    corrects: bool = False  # it says of itself that it puts right or takes back what was told of the story

    @property
    def topic_ids(self) -> tuple[TopicId, ...]:
        return tuple(match.topic for match in self.topics)


def utc_now() -> datetime:
    """The clock that is handed to everything; tests and the demo hand another."""
    return datetime.now(UTC)
