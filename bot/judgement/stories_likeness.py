"""How alike an item and the members of a story are, by their words."""

import math
from collections.abc import Sequence
from itertools import chain, islice

from bot.judgement.memory_records import Member, Story, Weighed, Word
from bot.judgement.stories_features import SUMMARY_WEIGHT

#: A story is compared by its first and its latest members: the first say what it is, the latest how it is told now.
_FIRST, _LATEST = 3, 5


def referees(story: Story) -> list[Member]:
    """The members that speak for a story."""
    members = story.members
    return members if len(members) <= _FIRST + _LATEST else members[:_FIRST] + members[-_LATEST:]


class Told:
    """What a story tells, by its referees, of what an item says. Made once for each story that is looked at closely."""

    __slots__ = ("acts", "foreign", "members", "own", "topics", "words")

    def __init__(self, story: Story, weighed: Weighed) -> None:
        self.members = members = referees(story)
        #: Those of the item's words that the story has too.
        self.words: set[Word] = weighed.weights.keys() & chain.from_iterable(
            [member.words for member in members]
        )
        self.acts: set[str] = set().union(*[member.acts for member in members])
        self.topics = {topic for member in members for topic in member.topics}
        #: Those in the item's language, and the others.
        self.own: list[Member] = []
        self.foreign: list[Member] = []
        script, language = weighed.item.script, weighed.item.language
        for member in members:
            if member.script == script and (
                member.language == language or not member.language or not language
            ):
                self.own.append(member)
            else:
                self.foreign.append(member)


class Asked:
    """What is compared of an item: made once for all stories that it is compared with."""

    __slots__ = ("item", "kinds", "shared_square", "size", "square", "title", "total", "weights")

    def __init__(self, weighed: Weighed) -> None:
        item, size, weights = weighed.item, weighed.size, weighed.weights
        self.item = item
        self.size = size
        self.weights = weights
        self.title = dict(islice(weights.items(), item.heads))
        self.total = sum(self.title.values()) or 1.0
        self.square = sum([weight * weight for weight in weights.values()])
        self.kinds = _kinds_shared_by(item.script)
        #: The sum of the squared weights of what another language can have as well.
        self.shared_square = sum(
            [weight * weight for word, weight in weights.items() if word.text[0] in self.kinds]
        )


# What follows runs once for each word of each member: one loop, and no call in it, takes half the time.


def compared_within(asked: Asked, members: Sequence[Member]) -> list[float]:
    """The cosine with each member."""
    weights, size = asked.weights, asked.size
    values = []
    for member in members:
        words, heads = member.words, member.heads
        dot = square = 0.0
        for word in words[:heads]:
            theirs = size - word.log
            square += theirs * theirs
            if word in weights:
                dot += weights[word] * theirs
        if heads < len(words):
            body_dot = body_square = 0.0
            for word in words[heads:]:
                theirs = size - word.log
                body_square += theirs * theirs
                if word in weights:
                    body_dot += weights[word] * theirs
            dot += SUMMARY_WEIGHT * body_dot
            square += SUMMARY_WEIGHT**2 * body_square
        values.append(dot / math.sqrt(asked.square * square) if dot else 0.0)
    return values


def compared_abroad(asked: Asked, members: Sequence[Member]) -> list[float]:
    """The same over what two languages can have in common: concepts, versions, numbers, and Latin names."""
    weights, size, ours = asked.weights, asked.size, asked.kinds
    values = []
    for member in members:
        heads, kinds = member.heads, _kinds_shared_by(member.script)
        dot = square = only_ours = 0.0
        place = 1.0
        for at, word in enumerate(member.words):
            if at == heads:
                place = SUMMARY_WEIGHT
            if word in weights:
                theirs = place * (size - word.log)
                weight = weights[word]
                dot += weight * theirs
                if word.text[0] not in ours:
                    only_ours += weight * weight
            elif word.text[0] in kinds:
                theirs = place * (size - word.log)
            else:
                continue
            square += theirs * theirs
        values.append(dot / math.sqrt((asked.shared_square + only_ours) * square) if dot else 0.0)
    return values


def _kinds_shared_by(script: str) -> str:
    """The first letters of the terms that another language can have as well."""
    return "cm#" if script == "latin" else "cm#w"
