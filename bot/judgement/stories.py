"""Finds the open story that an item tells, or says that it begins one. Online: each item is placed once.

Rules in order: the same address; the same headline; then the measures of ``stories_measures``, weighed, over the few
candidates that share rare terms. It errs towards a second story: a story swallowed is an alert that nobody gets.
"""

import re
from collections.abc import Container, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from bot.judgement.memory import Memory
from bot.judgement.memory_records import Member, Story, Weighed, Word
from bot.judgement.stories_acts import RELEASE
from bot.judgement.stories_features import Features
from bot.judgement.stories_lexicon import lexicon
from bot.judgement.stories_likeness import Asked, Told
from bot.judgement.stories_measures import COMMONPLACE, Measures, measure
from bot.judgement.stories_rules import Rules, is_another_event, series_handicap
from bot.judgement.stories_score import FITTED, Weights, score

#: A story ends when nothing was added to it for this long. A rumour of an act and the act itself, up to about ten
#: days later, are one story (labelling rule of the AI-chip set), so it cannot be much shorter.
QUIET_S = 10.5 * 86400
#: The same headline from another outlet this much later is still the same event; from the same outlet it is the next
#: issue of a column after hours.
_SAME_HEADLINE_S = 5 * 86400
_SAME_HEADLINE_ONE_OUTLET_S = 8 * 3600
#: A headline of fewer terms ("Morning briefing") names no event.
_HEADLINE_TERMS = 3
#: So many stories are looked at closely.
CANDIDATES = 8
#: The log-odds from which an item joins. With weights that were fitted without the set scored, F1 is flat from -0.8 to
#: 0.2, and the lower it is, the more stories are swallowed: worse than a split one.
JOIN_AT = 0.0
#: A memory of fewer items has seen nearly every word for the first time.
_YOUNG = 30
_FULL_NAME = re.compile(r"m:[a-z]{3}")
#: The part of a headline that a story's words must cover when they are all commonplace.
ENOUGH_OF_TITLE = 0.65


class Candidate(NamedTuple):
    """A story that was considered, for --explain."""

    story: int
    score: float
    measures: Measures


class Placed(NamedTuple):
    """Where an item belongs. ``story`` is None when it begins one."""

    story: Story | None
    reason: str
    candidates: tuple[Candidate, ...] = ()
    again: bool = False  # the very item is remembered already


def place(memory: Memory, item: Features, weights: Weights = FITTED) -> Placed:
    """Decide. Changes nothing."""
    same = _same_page(memory, item)
    if same is not None:
        return same
    if not item.terms:
        return Placed(story=None, reason="begins a story: it tells no event that others could tell")
    weighed = memory.weigh(item)
    found = [
        Candidate(
            story=story.id, score=score(measures, weights) - series_handicap(story, item), measures=measures
        )
        for story, measures in compared(memory, weighed)
    ]
    found.sort(key=lambda candidate: (-candidate.score, -candidate.story))
    if not found:
        return Placed(story=None, reason="begins a story: nothing open shares its rare words")
    best = found[0]
    if best.score < JOIN_AT:
        reason = f"begins a story: the nearest is {best.story} with {best.score:.1f}, below {JOIN_AT}"
        return Placed(story=None, reason=reason, candidates=tuple(found))
    story = memory.stories[best.story]
    return Placed(
        story=story,
        reason=f"score {best.score:.1f}: {_in_words(weighed, story)}",
        candidates=tuple(found),
    )


def compared(memory: Memory, weighed: Weighed) -> Iterator[tuple[Story, Measures]]:
    """The open stories near an item that no rule keeps it out of, each with what was measured."""
    item = weighed.item
    near = memory.candidates(weighed, limit=CANDIDATES)
    if not near:
        return
    rare, rules, asked = telling(weighed), Rules(item), Asked(weighed)
    for nearer, story in enumerate(near):
        if not _is_open(story, item) or rules.keep_out_of(story):
            continue
        told = Told(story, weighed)
        if rare.isdisjoint(told.words):
            continue
        shared = shared_words(weighed, told)
        if _only_shares_small_talk(memory, weighed, shared, told):
            continue
        too_little = shares_too_little(memory, shared)
        if too_little and item.topics.isdisjoint(told.topics):
            continue
        yield story, measure(asked, story, told, shared, too_little=too_little, nearer=nearer)


def _same_page(memory: Memory, item: Features) -> Placed | None:
    if item.change:
        return None
    for member in memory.same_url(item):
        if member.key == item.key and member.at == item.at:
            return Placed(story=member.story, reason="the same item", again=True)
        if is_another_event(member.story, item):
            continue
        # A page that is rewritten for each event (a status page, a repository) keeps its address.
        if _gap(member, item) <= QUIET_S and (item.key == member.key or not _titles_differ(item, member)):
            return Placed(story=member.story, reason="same address")
    for member in memory.same_key(item):
        one_outlet = member.publisher == item.publisher
        limit = _SAME_HEADLINE_ONE_OUTLET_S if one_outlet else _SAME_HEADLINE_S
        if _gap(member, item) <= limit and (one_outlet or item.heads >= _HEADLINE_TERMS):
            return Placed(story=member.story, reason="same headline")
    return None


def _titles_differ(item: Features, member: Member) -> bool:
    """Whether the headlines share no term."""
    title = set(islice(item.terms, item.heads))
    return not any(word.text in title for word in member.title)


def _gap(member: Member, item: Features) -> float:
    return abs(item.at - member.at)


def _is_open(story: Story, item: Features) -> bool:
    members = story.members
    return _gap(members[-1], item) <= QUIET_S or any(_gap(member, item) <= QUIET_S for member in members)


def telling(weighed: Weighed) -> set[Word]:
    """The item's words of which a story must share one: two items that have neither a name nor anything but everyday
    words in common ("unveils V4") may be about anything."""
    names, common = lexicon().names, weighed.size - COMMONPLACE
    return {word for word in weighed.words if word.log < common or word.is_of_few or word.text in names}


def shared_words(weighed: Weighed, told: Told) -> list[Word]:
    """The item's words that the story has too; the name of one speaker joins nothing that the same one said."""
    item = weighed.item
    shared = [word for word in weighed.words if word in told.words]
    if item.voice and any(member.publisher == item.publisher for member in told.members):
        return [word for word in shared if word.text not in item.voice]
    return shared


def shares_too_little(memory: Memory, shared: Sequence[Word]) -> bool:
    """Whether nothing that they have in common names anything: everyday words and acts. A single word must be an
    uncommon one, no name that the field knows; in a nearly empty memory, where every word is new, it must be the full
    name of a model ("Qwen4", "Rhea1")."""
    if len(shared) == 1:
        name = shared[0].text
        return not _names_alone(name) or (len(memory) < _YOUNG and _FULL_NAME.match(name) is None)
    acts, everyday = lexicon().acts, lexicon().everyday
    return all(word.text in acts or word.text in everyday for word in shared)


def _names_alone(term: str) -> bool:
    return term[0] not in "c#" and term not in lexicon().everyday


def _only_shares_small_talk(memory: Memory, weighed: Weighed, shared: Sequence[Word], told: Told) -> bool:
    """What everybody in the field says ("DeepSeek", "V4", "release") does not make two items of one language one
    event, least of all in a young memory, where nothing has been seen often yet. They need a rarer word or name in
    common, or no other act and little else to say on one side. Across languages there is often nothing more to share.
    """
    item, names = weighed.item, lexicon().names
    if told.foreign:
        return False
    common = weighed.size - COMMONPLACE
    for word in shared:
        if word.log < common or word.is_of_few or (word.text in names and word.text not in memory.field):
            return False
    if item.acts and told.acts and not item.acts & told.acts:
        return True
    part = _part(weighed.words[: item.heads], told.words)
    if item.acts & told.acts or RELEASE in item.acts:
        # A bare name ("DeepSeek v4") is told whole by everything about it: its being out must be what is told.
        part = max([part, *[_part(member.title, weighed.weights) for member in told.members]])
    return part < ENOUGH_OF_TITLE


def _part(title: Sequence[Word], words: Container[Word]) -> float:
    """How much of a headline these words tell."""
    return sum([word in words for word in title]) / len(title) if title else 0.0


def _in_words(weighed: Weighed, story: Story) -> str:
    known = set().union(*[member.title for member in story.members[:3]])
    shared = [word.text for word in weighed.words if word in known][:6]
    return "shares " + ", ".join(map(shown, shared))


def shown(term: str) -> str:
    """A term for people, without its kind."""
    return (term.partition(":")[2] or term).rstrip("_").replace("_", " ")
