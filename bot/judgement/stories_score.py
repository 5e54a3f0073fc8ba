"""How much an item looks like one of a story: a few named measures, and the weights that join them.

Members in the item's own language are compared by all words; members in another one by what two languages share:
concepts, versions, numbers and Latin names. Beside the likeness stand the rarest words in common, the time, who acts,
the grade, and the topics.
"""

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import chain, islice
from operator import mul
from typing import NamedTuple

from bot.judgement.memory_records import Member, Story, Weighed, Word
from bot.judgement.stories_features import SUMMARY_WEIGHT, terms_of
from bot.judgement.stories_lexicon import lexicon
from bot.judgement.stories_weights import FIELD, FIELD_BIAS, GENERAL, GENERAL_BIAS
from bot.model import Grade

#: A story is compared by its first and its latest members: the first say what it is, the latest how it is told now.
_FIRST, _LATEST = 3, 5
_HOUR = 3600.0
_FIRST_HAND = Grade.PRIMARY_DATA.rank
_HEARSAY = frozenset((Grade.LEAK.rank, Grade.RUMOUR.rank))
#: A story's age counts up to here: what comes days after its first item is often the next event of a long affair.
_DAYS_HOURS = 120.0
#: Up to here time says little, beyond it more.
_SOON_HOURS = 36.0
_DAY_HOURS = 24.0
#: As if a word were told by so many stories: where nothing is shared.
_NOBODYS = 60
#: Words with less rarity than this are everyday ones: what one story in ten says.
COMMONPLACE = 2.6


class Measures(NamedTuple):
    """What was measured between an item and a story. Named for --explain. 0 where there is nothing to measure: those
    that begin in ``own`` are of the members in the item's language, in ``foreign`` of the others."""

    own: float
    own_best: float
    own_mean: float
    own_soon: float
    own_age: float
    own_size: float
    foreign: float
    foreign_mean: float
    foreign_cover: float
    foreign_rare: float
    rarest: float
    second_rarest: float
    told_by: float
    name_told_by: float
    of_few: float
    nearer: float
    since_last: float
    since_first: float
    within_day: float
    act_later: float
    official: float
    filing: float
    primary_data: float
    hearsay: float
    opinion: float
    better_grade: float
    same_topic: float
    other_topic: float
    new_topic: float
    lost_topic: float
    actor_share: float
    actor_told: float
    actors_own_act: float
    filing_of_another: float
    speaker_named: float
    same_outlet: float
    no_model: float
    no_act_told: float
    too_little: float


NAMES = Measures._fields


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


def measure(
    asked: Asked, story: Story, told: Told, shared: Sequence[Word], *, too_little: bool, nearer: int
) -> Measures:
    """Compare an item with a story. ``shared``: the words that count as in common (``stories.shared_words``);
    ``too_little``: whether they name no event; ``nearer``: how many stories share more rare words with the item."""
    item, members, own, foreign = asked.item, told.members, told.own, told.foreign
    at, rank, publisher = item.at, item.rank, item.publisher
    hours = min([abs(at - member.at) for member in members]) / _HOUR
    age = abs(at - story.members[0].at) / _HOUR
    own_best = own_mean = own_soon = own_age = own_size = act_later = 0.0
    first_hand = rank >= _FIRST_HAND
    if own:
        values = _compared(asked, own)
        own_best, own_mean = max(values), sum(values) / len(values)
        own_hours = hours if len(own) == len(members) else min([abs(at - one.at) for one in own]) / _HOUR
        own_soon = math.log1p(min(own_hours, _SOON_HOURS))
        own_age = math.log1p(min(age, _DAYS_HOURS))
        own_size = math.log(len(members))
        if first_hand and own_hours > _SOON_HOURS and all(one.rank < _FIRST_HAND for one in members):
            # What is first-hand after talk is often the act talked of, days later.
            act_later = math.log(own_hours / _SOON_HOURS)
    foreign_mean = cover = rare = 0.0
    common = asked.size - COMMONPLACE
    if foreign:
        values = _compared_abroad(asked, foreign)
        foreign_mean = sum(values) / len(values)
        cover = sum([weight for word, weight in asked.title.items() if word in told.words]) / asked.total
        rare = float(sum([word.log < common and word.text[0] in "cm#" for word in told.words]))
    actors = [member.actor for member in members if member.actor]
    actor = item.actor
    other_actor = bool(actor and actors) and actor not in actors
    topics, theirs = item.topics, told.topics
    logs = sorted([word.log for word in shared])
    names = lexicon().names
    return Measures(
        own=float(bool(own)),
        own_best=own_best,
        own_mean=own_mean,
        own_soon=own_soon,
        own_age=own_age,
        own_size=own_size,
        foreign=float(bool(foreign)),
        foreign_mean=foreign_mean,
        foreign_cover=cover,
        foreign_rare=rare,
        rarest=asked.size - logs[0] if logs else 0.0,
        second_rarest=asked.size - logs[1] if len(logs) > 1 else 0.0,
        told_by=math.log1p(min([word.tellers for word in shared], default=_NOBODYS)),
        name_told_by=math.log1p(
            min(
                [word.tellers for word in shared if word.text[0] in "m#" or word.text in names],
                default=_NOBODYS,
            )
        ),
        of_few=float(sum([word.is_of_few for word in shared])),
        nearer=float(nearer),
        since_last=math.log1p(hours),
        since_first=math.log1p(age),
        within_day=float(hours < _DAY_HOURS),
        act_later=act_later,
        official=float(rank == Grade.OFFICIAL.rank),
        filing=float(rank == Grade.FILING.rank),
        primary_data=float(rank == _FIRST_HAND),
        hearsay=float(rank in _HEARSAY),
        opinion=float(rank == Grade.OPINION.rank),
        better_grade=float(all(member.rank < rank for member in members)),
        same_topic=float(not topics.isdisjoint(theirs)),
        other_topic=float(bool(topics and theirs) and topics.isdisjoint(theirs)),
        new_topic=float(bool(topics) and not theirs),
        lost_topic=float(bool(theirs) and not topics),
        actor_share=actors.count(actor) / len(actors) if actor and actors else 0.5,
        actor_told=float(
            bool(actor) and any(word.text == actor for member in members for word in member.words)
        ),
        actors_own_act=float(first_hand and bool(actor) and actor in actors),
        filing_of_another=float(rank == Grade.FILING.rank and other_actor),
        speaker_named=float(_names_speaker(asked, members)),
        same_outlet=float(any(member.publisher == publisher for member in members)),
        no_model=float(not item.subject),
        no_act_told=float(not told.acts),
        too_little=float(too_little),
    )


def _names_speaker(asked: Asked, members: Sequence[Member]) -> bool:
    """Whether the item names one of the story's outlets, or the story the item's: "TechInsights put yields at 55 %"."""
    item = asked.item
    mine = _name_of(item.publisher)
    for member in members:
        if member.publisher == item.publisher:
            continue
        if not item.terms.keys().isdisjoint(_name_of(member.publisher)):
            return True
        if mine and any(word.text in mine for word in member.words):
            return True
    return False


@lru_cache(maxsize=4096)
def _name_of(publisher: str) -> frozenset[str]:
    """What tells a publisher from others in its name."""
    table = lexicon()
    return frozenset(
        term
        for term in terms_of(publisher)[0]
        if len(term) > 4
        and term not in table.everyday
        and term not in table.field
        and term not in table.often
    )


# What follows runs once for each word of each member: one loop, and no call in it, takes half the time.


def _compared(asked: Asked, members: Sequence[Member]) -> list[float]:
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


def _compared_abroad(asked: Asked, members: Sequence[Member]) -> list[float]:
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


class Line(NamedTuple):
    """A logistic regression on the measures, its weights in the order of ``NAMES``."""

    bias: float
    values: tuple[float, ...]


class Weights(NamedTuple):
    """``field``: where the item or the story is on a topic; ``general``: for all other news, which has other habits."""

    field: Line
    general: Line


def _in_order(weights: Mapping[str, float]) -> tuple[float, ...]:
    return tuple(weights.get(name, 0.0) for name in NAMES)


FITTED = Weights(Line(FIELD_BIAS, _in_order(FIELD)), Line(GENERAL_BIAS, _in_order(GENERAL)))


def is_general(measures: Measures) -> bool:
    """Whether neither the item nor the story is on a topic."""
    return not (measures.same_topic or measures.other_topic or measures.new_topic or measures.lost_topic)


def score(measures: Measures, weights: Weights = FITTED) -> float:
    """Log-odds that the item tells the story."""
    line = weights.general if is_general(measures) else weights.field
    total: float = sum(map(mul, line.values, measures))
    return line.bias + total


def parts(measures: Measures) -> dict[str, float]:
    """What each measure adds to ``score``. For --explain."""
    line = FITTED.general if is_general(measures) else FITTED.field
    values = zip(NAMES, line.values, measures, strict=True)
    return {"base": line.bias, **{name: weight * value for name, weight, value in values if weight * value}}
