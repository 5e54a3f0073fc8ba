"""What judgement remembers: the items of the last weeks, their stories, and an index of their terms.

Its state is a function of the items seen within ``WINDOW`` alone, in the order in which they were judged. So a memory
that was filled from storage equals one that lived through the same items.
"""

import heapq
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice

from bot.judgement.stories_features import Features, lexicon

#: Storage is read back 21 days at a start; a day less here leaves room for the time a restart takes.
WINDOW = timedelta(days=20)
#: As if so many items had been seen before the first: with few items every word looks rare.
_PRIOR_ITEMS = 400
#: What a term is taken to have been seen in before, of those: see [common] in stories_lexicon.toml.
_SEEN_FIELD, _SEEN_OFTEN, _SEEN_CONCEPT, _SEEN_WORD = 40.0, 14.0, 3.0, 1.0
#: A candidate search looks at no more than the latest so many stories of one term: the cost of an item stays flat.
_POSTINGS_READ = 48
_TERMS_READ = 14
_SAME_READ = 16
#: A story that shares less of the rare words than this part of what the best shares is not looked at closely.
_NEAR_BEST = 0.5


class _Rarity(dict[str, float]):
    """Inverse document frequency of terms: 0 for what everybody says, about 6 for a new word. Worked out at the first
    question, and anew after the memory changed."""

    def __init__(self, seen_in: dict[str, int], field: Iterable[str]) -> None:
        super().__init__()
        self._seen_in = seen_in
        self._prior = {
            **dict.fromkeys(lexicon().often, _SEEN_OFTEN),
            **dict.fromkeys(field, _SEEN_FIELD),
        }
        self.renew(0)

    def renew(self, items: int) -> None:
        self.clear()
        self._size = math.log(items + _PRIOR_ITEMS)

    def __missing__(self, term: str) -> float:
        prior = self._prior.get(term) or (_SEEN_CONCEPT if term[0] == "c" else _SEEN_WORD)
        value = self[term] = max(0.0, self._size - math.log(self._seen_in.get(term, 0) + prior))
        return value


@dataclass(slots=True, eq=False)
class Member:
    """One remembered item."""

    story: "Story" = field(repr=False)
    features: Features
    seen: float
    best_rank: int  # of the story's items on a topic, up to and with this one; -1: not on a topic
    order: int  # counts up with each item remembered


@dataclass(slots=True, eq=False)
class Story:
    """An open story: its remembered members in the order in which they came."""

    id: int
    members: dict[Member, None] = field(default_factory=dict)  # an ordered set
    #: The best grade's rank among its items on a topic, -1 when there is none.
    told_rank: int = -1

    def add(self, member: Member) -> None:
        self.members[member] = None
        self.told_rank = max(self.told_rank, member.best_rank)

    def remove(self, member: Member) -> None:
        del self.members[member]
        # Each member on a topic knows the best up to itself, so the latest of them knows the best of all.
        ranks = (member.best_rank for member in reversed(self.members) if member.best_rank >= 0)
        self.told_rank = next(ranks, -1)

    @property
    def began(self) -> int:
        """The number of its first remembered item."""
        return next(iter(self.members)).order

    def first(self, count: int) -> list[Member]:
        return list(islice(self.members, count))

    def latest(self, count: int) -> list[Member]:
        """The latest first."""
        return list(islice(reversed(self.members), count))


class Memory:
    """Not for many threads. ``add`` is the only thing that changes it.

    ``subjects``: terms by which items come to be on a topic. They are what every story of the topic says, so they
    tell none apart, however few items were seen yet.
    """

    def __init__(self, subjects: Iterable[str] = ()) -> None:
        self.field = lexicon().field | frozenset(subjects)
        self.stories: dict[int, Story] = {}
        self._seen_in: dict[str, int] = {}
        self._postings: dict[str, dict[int, int]] = {}
        self._by_url: dict[str, list[Member]] = {}
        self._by_key: dict[str, list[Member]] = {}
        self._order: list[tuple[float, int, Member]] = []
        self.rarity = _Rarity(self._seen_in, self.field)
        self._count = 0
        self._latest = (-math.inf, -math.inf)

    def __len__(self) -> int:
        return len(self._order)

    def add(self, story_id: int, features: Features, *, seen: float, rank: int) -> int:
        """Remember one item; returns its number in the order of all. ``rank``: the best of its story so far, with it;
        -1 when it is off topic."""
        story = self.stories.get(story_id)
        if story is None:
            story = self.stories[story_id] = Story(id=story_id)
        member = Member(story=story, features=features, seen=seen, best_rank=rank, order=self._count)
        story.add(member)
        for term in features.terms:
            self._seen_in[term] = self._seen_in.get(term, 0) + 1
            postings = self._postings.setdefault(term, {})
            postings[story_id] = postings.pop(story_id, 0) + 1  # the latest stands last
        if features.url:
            self._by_url.setdefault(features.url, []).append(member)
        if features.key:
            self._by_key.setdefault(features.key, []).append(member)
        self._count += 1
        heapq.heappush(self._order, (seen, self._count, member))
        self._expire(seen)
        self.rarity.renew(len(self._order))
        return member.order

    def _expire(self, seen: float) -> None:
        # The second latest time is the clock: one entry dated far ahead must not wipe the memory.
        self._latest = tuple(sorted((*self._latest, seen))[-2:])  # type: ignore[assignment]
        oldest = self._latest[0] - WINDOW.total_seconds()
        while self._order and self._order[0][0] < oldest:
            self._forget(heapq.heappop(self._order)[2])

    def _forget(self, member: Member) -> None:
        story = member.story
        story.remove(member)
        if not story.members:
            del self.stories[story.id]
        for term in member.features.terms:
            self._seen_in[term] -= 1
            if not self._seen_in[term]:
                del self._seen_in[term]
            postings = self._postings[term]
            postings[story.id] -= 1
            if not postings[story.id]:
                del postings[story.id]
                if not postings:
                    del self._postings[term]
        for index, key in ((self._by_url, member.features.url), (self._by_key, member.features.key)):
            if key:
                index[key].remove(member)
                if not index[key]:
                    del index[key]

    def same_url(self, features: Features) -> list[Member]:
        """The latest members with this address, the latest first."""
        return self._by_url.get(features.url, [])[: -_SAME_READ - 1 : -1]

    def same_key(self, features: Features) -> list[Member]:
        """The latest members with this title key, the latest first."""
        return self._by_key.get(features.key, [])[: -_SAME_READ - 1 : -1]

    def weights(self, features: Features) -> dict[str, float]:
        """The terms with their weight in comparisons: rarity x place."""
        rarity = self.rarity
        return {term: rarity[term] * place for term, place in features.terms.items()}

    def candidates(self, weights: dict[str, float], *, limit: int) -> Iterator[Story]:
        """The stories that share most of the rarest terms, best first."""
        scores: dict[int, float] = {}
        for term in sorted(weights, key=weights.__getitem__, reverse=True)[:_TERMS_READ]:
            postings = self._postings.get(term)
            if postings is None:
                continue
            weight = weights[term]
            for read, story in enumerate(reversed(postings)):
                if read >= _POSTINGS_READ:
                    break
                scores[story] = scores.get(story, 0.0) + weight
        best = heapq.nlargest(limit, scores, key=lambda story: (scores[story], story))
        for story in best:
            if scores[story] >= _NEAR_BEST * scores[best[0]]:
                yield self.stories[story]
