"""What is measured between an item and a story that it may tell.

Members in the item's own language are compared by all words; members in another one by what two languages share:
concepts, versions, numbers and Latin names. Beside the likeness stand the rarest words in common, the time, who acts,
the grade, and the topics.
"""

import math
from collections.abc import Sequence, Set
from functools import lru_cache
from typing import NamedTuple

from bot.judgement.memory_records import Member, Story, Word
from bot.judgement.stories_features import Features, terms_of
from bot.judgement.stories_lexicon import lexicon
from bot.judgement.stories_likeness import Asked, Told, compared_abroad, compared_within
from bot.model import Grade, TopicId

_HOUR = 3600.0
_FIRST_HAND = Grade.PRIMARY_DATA.rank
_FILING = Grade.FILING.rank
#: The measures of each grade, by its rank: official, filing, primary data, hearsay, opinion.
_KINDS = (
    (Grade.OFFICIAL,),
    (Grade.FILING,),
    (Grade.PRIMARY_DATA,),
    (Grade.LEAK, Grade.RUMOUR),
    (Grade.OPINION,),
)
_GRADES = {grade.rank: tuple(float(grade in kind) for kind in _KINDS) for grade in Grade}
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
    """What was measured between an item and a story. Named for --explain; 0 where there is nothing to measure."""

    # against members in the item's language, and the others
    own: float
    own_best: float
    own_mean: float
    own_soon: float
    own_age: float
    own_size: float
    own_cover: float
    own_shared: float
    act_later: float
    foreign: float
    foreign_mean: float
    foreign_rare: float
    # what is in common: how rare, and told by how many stories
    rarest: float
    second_rarest: float
    told_by: float
    name_told_by: float
    of_few: float
    numbers: float
    cover: float
    headline: float
    nearer: float
    # in time
    since_last: float
    since_first: float
    within_day: float
    later: float
    # the item's grade
    official: float
    filing: float
    primary_data: float
    hearsay: float
    opinion: float
    better_grade: float
    # who is on which topic
    same_topic: float
    other_topic: float
    new_topic: float
    lost_topic: float
    # who acts, and who speaks
    actor_share: float
    actor_told: float
    actors_own_act: float
    filing_of_another: float
    speaker_named: float
    same_outlet: float
    # what is not there
    no_model: float
    no_act_told: float
    too_little: float


NAMES = Measures._fields


def measure(
    asked: Asked, story: Story, told: Told, shared: Sequence[Word], *, too_little: bool, nearer: int
) -> Measures:
    """Compare an item with a story. ``shared``: the words that count as in common (``stories.shared_words``);
    ``too_little``: whether they name no event; ``nearer``: how many stories share more rare words with the item."""
    item, members = asked.item, told.members
    hours = min([abs(item.at - member.at) for member in members]) / _HOUR
    age = abs(item.at - story.members[0].at) / _HOUR
    cover = sum([weight for word, weight in asked.title.items() if word in told.words]) / asked.total
    return Measures._make(
        (
            *_of_own(asked, told, hours, age, cover, len(shared)),
            *_of_foreign(asked, told),
            *_in_common(asked, shared),
            cover,
            math.log1p(item.heads),
            float(nearer),
            math.log1p(hours),
            math.log1p(age),
            float(hours < _DAY_HOURS),
            math.log(max(hours, _SOON_HOURS) / _SOON_HOURS),
            *_of_grade(item.rank, members),
            *_of_topics(item.topics, told.topics),
            *_of_actors(item, told),
            float(_names_speaker(item, members)),
            float(any(member.publisher == item.publisher for member in members)),
            float(not item.subject),
            float(not told.acts),
            float(too_little),
        )
    )


def _of_own(
    asked: Asked, told: Told, hours: float, age: float, cover: float, shared: int
) -> tuple[float, ...]:
    own, members, item = told.own, told.members, asked.item
    if not own:
        return (0.0,) * 9
    values = compared_within(asked, own)
    if len(own) < len(members):
        hours = min([abs(item.at - member.at) for member in own]) / _HOUR
    # What is first-hand after talk is often the act talked of, days later.
    acts_later = item.rank >= _FIRST_HAND and hours > _SOON_HOURS
    if acts_later:
        acts_later = all(member.rank < _FIRST_HAND for member in members)
    return (
        1.0,
        max(values),
        sum(values) / len(values),
        math.log1p(min(hours, _SOON_HOURS)),
        math.log1p(min(age, _DAYS_HOURS)),
        math.log(len(members)),
        cover,
        math.log1p(shared),
        math.log(hours / _SOON_HOURS) if acts_later else 0.0,
    )


def _of_foreign(asked: Asked, told: Told) -> tuple[float, ...]:
    if not told.foreign:
        return (0.0,) * 3
    values = compared_abroad(asked, told.foreign)
    common = asked.size - COMMONPLACE
    rare = sum([word.log < common and word.text[0] in "cm#" for word in told.words])
    return (1.0, sum(values) / len(values), float(rare))


def _in_common(asked: Asked, shared: Sequence[Word]) -> tuple[float, ...]:
    table = lexicon()
    names, everyday = table.names, table.everyday
    told_by = name_told_by = _NOBODYS
    of_few = numbers = 0
    logs = []
    for word in shared:
        of_few += word.is_of_few
        numbers += word.text[0] == "#"
        if word.text in everyday:  # however rare it was so far, it names nothing
            continue
        logs.append(word.log)
        tellers = word.tellers
        if tellers < told_by:
            told_by = tellers
        if tellers < name_told_by and (word.text[0] in "m#" or word.text in names):
            name_told_by = tellers
    logs.sort()
    rarest, second = ([asked.size - log for log in logs[:2]] + [0.0, 0.0])[:2]
    return (
        rarest,
        second,
        math.log1p(told_by),
        math.log1p(name_told_by),
        float(of_few),
        float(min(numbers, 2)),
    )


def _of_grade(rank: int, members: Sequence[Member]) -> tuple[float, ...]:
    better = all(member.rank < rank for member in members)
    return *_GRADES[rank], float(better)


def _of_topics(mine: Set[TopicId], theirs: Set[TopicId]) -> tuple[float, ...]:
    if not mine or not theirs:
        return 0.0, 0.0, float(bool(mine)), float(bool(theirs))
    other = mine.isdisjoint(theirs)
    return float(not other), float(other), 0.0, 0.0


def _of_actors(item: Features, told: Told) -> tuple[float, ...]:
    actor = item.actor
    actors = [member.actor for member in told.members if member.actor]
    if not actor or not actors:
        return 0.5, float(bool(actor) and any(word.text == actor for word in told.words)), 0.0, 0.0
    same = actors.count(actor)
    return (
        same / len(actors),
        float(any(word.text == actor for word in told.words)),
        float(same > 0 and item.rank >= _FIRST_HAND),
        float(not same and item.rank == _FILING),
    )


def _names_speaker(item: Features, members: Sequence[Member]) -> bool:
    """Whether the item names one of the story's outlets, or the story the item's: "TechInsights put yields at 55 %"."""
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
