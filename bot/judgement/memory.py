"""What judgement remembers: the items of the last weeks, their stories, and an index of their words.

Its state is a function of the items seen within ``WINDOW`` alone, in the order in which they were judged, and of the
latest ``OFF_TOPIC_KEPT`` of those that touch no topic. So a memory that was filled from storage equals one that lived
through the same items.
"""

import heapq
import math
from collections.abc import Iterable
from datetime import timedelta
from typing import TypeVar

from bot.judgement.memory_records import STORIES_READ, Member, Story, Weighed, Word, unsaid_in
from bot.judgement.stories_features import Features
from bot.judgement.stories_lexicon import lexicon
from bot.model import TopicId

#: Storage is read back 21 days at a start; a day less here leaves room for the time a restart takes.
WINDOW = timedelta(days=20)
#: Of the items that touch no topic, and whose story touches none, only the latest so many are remembered: what a
#: firehose sends must not fill the memory. Items of stories on a topic stay for the whole window.
OFF_TOPIC_KEPT = 20_000
#: As if so many items had been seen before the first: with few items every word looks rare.
_PRIOR_ITEMS = 400
#: What a term is taken to have been seen in before, of those: see [common] in stories_lexicon.toml.
_SEEN_FIELD, _SEEN_OFTEN, _SEEN_CONCEPT, _SEEN_WORD = 40, 14, 3, 1
_WORDS_READ = 14
_SAME_READ = 16
#: A story that shares less of the rare words than this part of what the best shares is not looked at closely.
_NEAR_BEST = 0.5


#: More than sums of weights are off by.
_ROUNDED = 1e-9

_Key = TypeVar("_Key")


class Memory:
    """Not for many threads. ``add`` is the only thing that changes it.

    ``subjects``: terms by which items come to be on a topic. They are what every story of the topic says, so they
    tell none apart, however few items were seen yet.
    """

    def __init__(self, subjects: Iterable[str] = (), *, off_topic_kept: int = OFF_TOPIC_KEPT) -> None:
        self.field = lexicon().field | frozenset(subjects)
        self.stories: dict[int, Story] = {}
        self._priors = {
            **dict.fromkeys(lexicon().often, _SEEN_OFTEN),
            **dict.fromkeys(self.field, _SEEN_FIELD),
        }
        self._words: dict[str, Word] = {}
        self._by_url: dict[int, Member | list[Member]] = {}
        self._by_key: dict[str, Member | list[Member]] = {}
        # Two heaps by time: what stays for the window, and what only the latest of are kept.
        self._kept: list[Member] = []
        self._loose: list[Member] = []
        self._most_loose = off_topic_kept
        self._count = 0
        self._latest = self._second_latest = -math.inf
        self._size = math.log(_PRIOR_ITEMS)
        self._weighed: Weighed | None = None

    def __len__(self) -> int:
        return len(self._kept) + len(self._loose)

    def rarity(self, term: str) -> float:
        """Inverse document frequency: near 0 for what everybody says, about 6 for a new word."""
        return self._size - self._word(term).log

    def weigh(self, item: Features) -> Weighed:
        """The item's terms with their weights, as of now."""
        weighed = self._weighed
        if weighed is None or weighed.item is not item or weighed.order != self._count:
            words = self._words
            known = [words.get(term) or self._word(term) for term in item.terms]
            weighed = self._weighed = Weighed(item, tuple(known), self._size, self._count)
        return weighed

    def _word(self, term: str) -> Word:
        known = self._words.get(term)
        if known is not None:
            return known
        return Word(term, self._priors.get(term) or (_SEEN_CONCEPT if term[0] == "c" else _SEEN_WORD))

    def add(
        self, story_id: int, item: Features, *, seen: float, rank: int, topics: tuple[TopicId, ...] = ()
    ) -> int:
        """Remember one item; returns its number in the order of all. ``rank``: the best of its story so far, with it;
        -1 when it is off topic. ``topics``: those of the item."""
        words = self.weigh(item).words
        story = self.stories.get(story_id)
        is_new = story is None
        if story is None:
            story = self.stories[story_id] = Story(story_id, topics)
        member = Member(story, item, words, topics)
        if seen != item.at:
            member.seen = seen
        member.best_rank = rank
        member.order = self._count
        story.add(member)
        for word in words:
            if not word.seen:
                self._words[word.text] = word
            word.add(story, is_new=is_new)
        if item.url:
            _put(self._by_url, member.url, member)
        if item.key:
            _put(self._by_key, member.key, member)
        self._count += 1
        heapq.heappush(self._loose if rank < 0 else self._kept, member)
        self._expire(seen)
        self._size = math.log(len(self) + _PRIOR_ITEMS)
        return member.order

    def _expire(self, seen: float) -> None:
        # The second latest time is the clock: one entry dated far ahead must not wipe the memory.
        if seen > self._latest:
            self._latest, self._second_latest = seen, self._latest
        elif seen > self._second_latest:
            self._second_latest = seen
        oldest = self._second_latest - WINDOW.total_seconds()
        for heap in (self._kept, self._loose):
            while heap and heap[0].seen < oldest:
                self._forget(heapq.heappop(heap))
        while len(self._loose) > self._most_loose:
            member = heapq.heappop(self._loose)
            if member.story.told_rank < 0:
                self._forget(member)
            else:
                heapq.heappush(self._kept, member)

    def _forget(self, member: Member) -> None:
        story = member.story
        story.remove(member)
        if not story.members:
            del self.stories[story.id]
        gone = unsaid_in(story, member.words)
        for word in member.words:
            word.remove(story, still=word not in gone)
            if not word.seen:
                del self._words[word.text]
        _take(self._by_url, member.url, member)
        _take(self._by_key, member.key, member)

    def same_url(self, item: Features) -> list[Member]:
        """The latest members with this address, the latest first."""
        return _latest(self._by_url.get(hash(item.url)) if item.url else None)

    def same_key(self, item: Features) -> list[Member]:
        """The latest members with this title key, the latest first."""
        return _latest(self._by_key.get(item.key))

    def candidates(self, weighed: Weighed, *, limit: int) -> list[Story]:
        """The stories that share most of the rarest terms, best first."""
        weights = weighed.weights
        words = sorted(weights, key=weights.__getitem__, reverse=True)[:_WORDS_READ]
        left = sum([weights[word] for word in words])
        scores: dict[Story, float] = {}
        known = scores.get
        best = 0.0
        for word in words:
            weight = weights[word]
            stories = word.stories
            if stories is None:
                left -= weight
                continue
            latest: Iterable[Story] = stories[-STORIES_READ:] if isinstance(stories, list) else (stories,)
            # What shares none of the rarer words cannot come near the best any more, nor what shares few of them.
            enough = _NEAR_BEST * best - left - _ROUNDED
            if enough > 0:
                if enough > weight:
                    scores = {story: score for story, score in scores.items() if score >= enough}
                    known = scores.get
                latest = scores.keys() & latest
            for story in latest:
                value = scores[story] = known(story, 0.0) + weight
                if value > best:
                    best = value
            left -= weight
        floor = _NEAR_BEST * best
        near = [
            (score, story.id, story) for story, score in scores.items() if score >= floor and story.members
        ]
        near.sort(reverse=True)
        return [story for _, _, story in near[:limit]]


def _put(index: dict[_Key, Member | list[Member]], key: _Key, member: Member) -> None:
    """Most keys have one member: no list for it."""
    known = index.get(key)
    if known is None:
        index[key] = member
    elif isinstance(known, list):
        known.append(member)
    else:
        index[key] = [known, member]


def _take(index: dict[_Key, Member | list[Member]], key: _Key, member: Member) -> None:
    known = index.get(key)
    if known is member:
        del index[key]
    elif isinstance(known, list):
        known.remove(member)
        if not known:
            del index[key]


def _latest(known: Member | list[Member] | None) -> list[Member]:
    if known is None:
        return []
    return known[: -_SAME_READ - 1 : -1] if isinstance(known, list) else [known]
