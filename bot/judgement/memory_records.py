"""What is left of an item, a story and a word while they are remembered. ``memory.py`` decides how long that is."""

import math
from collections.abc import Sequence

from bot.judgement.stories_features import Features
from bot.model import TopicId

#: A candidate search looks at no more than the latest so many stories of one word: the cost of an item stays flat.
STORIES_READ = 32
#: More are kept, as some of them are forgotten sooner than others.
_STORIES_KEPT = 2 * STORIES_READ
#: When a member of a story is forgotten, so many at each end are asked for the words that the story still tells.
_ENDS = 16
#: So many stories may share a word that still tells one from the others.
_FEW = 3
#: A word that was taken to have been seen so often before is of the field or of everyday speech.
_KNOWN = 3
#: A word of the field itself was taken to have been seen in more than so many.
_OF_FIELD = 20
_TOLD_OFTEN, _TOLD_ALWAYS = 10, 30
#: One object for each small number's logarithm: most words were seen in few items.
_LOGS_KEPT = 1024
_LOGS = [0.0, *map(math.log, range(1, _LOGS_KEPT))]


class Word:
    """A term of remembered items. ``stories``: those that tell it, the latest last; no list while there is one."""

    __slots__ = ("log", "prior", "seen", "stories", "text")

    def __init__(self, text: str, prior: int) -> None:
        self.text = text
        self.prior = prior
        self.seen = 0  # in so many remembered items
        self.stories: Story | list[Story] | None = None
        self.log = _LOGS[prior]

    @property
    def is_of_few(self) -> bool:
        """Whether no more than a few stories tell a word that is not known to be common: however often they are
        told, it is theirs."""
        return self.prior < _KNOWN and not (isinstance(self.stories, list) and len(self.stories) > _FEW)

    @property
    def tellers(self) -> int:
        """How many open stories tell it; a word that is known to be common counts as told by many."""
        stories = self.stories
        count = len(stories) if isinstance(stories, list) else 0 if stories is None else 1
        return (
            count
            if self.prior < _KNOWN
            else count + (_TOLD_OFTEN if self.prior < _OF_FIELD else _TOLD_ALWAYS)
        )

    def add(self, story: "Story", *, is_new: bool) -> None:
        """Another item of ``story`` has the word."""
        self.seen = seen = self.seen + 1
        count = seen + self.prior
        self.log = _LOGS[count] if count < _LOGS_KEPT else math.log(count)
        stories = self.stories
        if stories is None:
            self.stories = story
        elif not isinstance(stories, list):
            if stories is not story:
                self.stories = [stories, story]
        elif stories[-1] is not story:
            if not is_new and story in stories:
                stories.remove(story)
            stories.append(story)
            if len(stories) > _STORIES_KEPT:
                del stories[:-STORIES_READ]

    def remove(self, story: "Story", *, still: bool) -> None:
        """An item of ``story`` that has the word was forgotten. ``still``: others of the story have it."""
        self.seen -= 1
        self.log = _log(self.seen + self.prior)
        if still:
            return
        stories = self.stories
        if stories is story:
            self.stories = None
        elif isinstance(stories, list) and story in stories:
            stories.remove(story)
            if not stories:
                self.stories = None


def _log(count: int) -> float:
    return _LOGS[count] if count < _LOGS_KEPT else math.log(count)


class Member:
    """One remembered item: what is left of its features when it need not be placed any more."""

    __slots__ = (
        "actor", "acts", "at", "best_rank", "heads", "key", "language", "order", "publisher", "rank", "script", "seen",
        "story", "subject", "topics", "url", "words",
    )  # fmt: skip

    def __init__(
        self, story: "Story", item: Features, words: tuple[Word, ...], topics: tuple[TopicId, ...] = ()
    ) -> None:
        self.story = story
        self.topics = topics
        self.actor = item.actor
        self.words = words  # those of the title first
        self.heads = item.heads
        self.acts = tuple(item.acts)
        self.subject = item.subject
        self.script = item.script
        self.language = item.language
        self.publisher = item.publisher
        self.url = hash(item.url)
        self.key = item.key
        self.at = item.at
        self.rank = item.rank
        self.seen = item.at
        self.best_rank = -1  # of the story's items on a topic, up to and with this one; -1: not on a topic
        self.order = 0  # counts up with each item remembered

    def __lt__(self, other: "Member") -> bool:
        return self.seen < other.seen or (self.seen == other.seen and self.order < other.order)

    @property
    def title(self) -> tuple[Word, ...]:
        return self.words[: self.heads]

    def is_at(self, url: str) -> bool:
        return self.url == hash(url)


class Story:
    """An open story: its remembered members in the order in which they came."""

    __slots__ = ("id", "members", "outlet", "told_rank", "topics")

    def __init__(self, story_id: int, topics: tuple[TopicId, ...]) -> None:
        self.id = story_id
        #: Those of the item that began it: what tells the same event is on them, too.
        self.topics = topics
        self.members: list[Member] = []
        #: The publisher of all of them, None when there are several.
        self.outlet: str | None = None
        #: The best grade's rank among its items on a topic, -1 when there is none.
        self.told_rank = -1

    def add(self, member: Member) -> None:
        if not self.members:
            self.outlet = member.publisher
        elif self.outlet != member.publisher:
            self.outlet = None
        self.members.append(member)
        self.told_rank = max(self.told_rank, member.best_rank)

    def remove(self, member: Member) -> None:
        members = self.members
        members.remove(member)
        if self.outlet is None and members and all(one.publisher == members[0].publisher for one in members):
            self.outlet = members[0].publisher
        # Each member on a topic knows the best up to itself, so the latest of them knows the best of all.
        ranks = (member.best_rank for member in reversed(members) if member.best_rank >= 0)
        self.told_rank = next(ranks, -1)

    @property
    def began(self) -> int:
        """The number of its first remembered item."""
        return self.members[0].order


class Weighed:
    """An item's terms as words of the memory, with their weight in comparisons: rarity x place.

    Good until the memory changes. ``size`` less a word's ``log`` is its rarity.
    """

    __slots__ = ("item", "order", "size", "weights", "words")

    def __init__(self, item: Features, words: tuple[Word, ...], size: float, order: int) -> None:
        self.item = item
        self.words = words
        self.size = size
        self.order = order
        self.weights: dict[Word, float] = {
            word: (size - word.log) * place for word, place in zip(words, item.terms.values(), strict=True)
        }


def unsaid_in(story: Story, words: Sequence[Word]) -> set[Word]:
    """Which of the words a story does not tell; a long one by its first and latest members, by which alone it is
    compared."""
    members = story.members
    if len(members) > 2 * _ENDS:
        members = members[:_ENDS] + members[-_ENDS:]
    unsaid = set(words)
    for member in members:
        unsaid.difference_update(member.words)
        if not unsaid:
            break
    return unsaid
