"""When an item that looks like a story is another event all the same. Few rules, each with its cause."""

import re
from collections.abc import Callable, Sequence, Set
from functools import lru_cache
from itertools import islice

from bot.judgement.memory_records import Member, Story
from bot.judgement.stories_acts import (
    AFTER_RELEASE,
    BEFALLS,
    DELAY,
    DENY,
    EVALUATE,
    MARKET,
    PREANNOUNCE,
    RELEASE,
    RESPOND,
    STRONG,
    UNDONE_BY,
)
from bot.judgement.stories_features import Features
from bot.judgement.stories_lexicon import lexicon
from bot.judgement.stories_likeness import referees
from bot.model import Grade

#: Columns and series look alike from issue to issue: a story that only this outlet tells, hours ago, must look more so.
_SERIES_S = 8 * 3600
_SERIES_HANDICAP = 2.0
_FIRST_HAND, _OFFICIAL = Grade.PRIMARY_DATA.rank, Grade.OFFICIAL.rank
_LICENSE = " license "
_NUMBER = re.compile(r"\d+")
#: Acts of a denial that say when, and those that only say that somebody spoke.
_WHEN = frozenset((RELEASE, "c:ship", PREANNOUNCE, DELAY))
_OF_SPEECH = frozenset((DENY, "c:confirm", RESPOND, "c:leak"))


Acts = Set[str]


def series_handicap(story: Story, item: Features) -> float:
    """What is taken off the score for a story that may be an earlier issue of the same column."""
    if story.outlet != item.publisher or any(
        abs(item.at - member.at) <= _SERIES_S for member in story.members
    ):
        return 0.0
    return _SERIES_HANDICAP


class Rules:
    """The rules that can hold for an item at all: most say nothing of most items, whatever the story. Made once for all
    stories that the item is compared with."""

    def __init__(self, item: Features) -> None:
        self._item = item
        self._rules = [rule for rule, may_hold in _rules_for(item) if may_hold]
        self._of_acts = [rule for rule, may_hold in _rules_of_acts_for(item) if may_hold] if item.acts else []

    def keep_out_of(self, story: Story) -> bool:
        """Whether a rule keeps the item out of the story, however alike they look."""
        item = self._item
        for rule in self._rules:
            if rule(story, item):
                return True
        if not self._of_acts:
            return False
        told = _acts(story)
        return any(rule(story, item, told) for rule in self._of_acts)

    def causes(self, story: Story) -> list[str]:
        """In words, each rule that keeps the item out of the story."""
        item, told = self._item, _acts(story)
        return [_CAUSES[rule] for rule in self._rules if rule(story, item)] + [
            _CAUSES[rule] for rule in self._of_acts if rule(story, item, told)
        ]


def is_another_event(story: Story, item: Features) -> bool:
    """Whether a rule keeps the item out of the story, however alike they look."""
    return Rules(item).keep_out_of(story)


def causes_of_another_event(story: Story, item: Features) -> list[str]:
    """In words, each rule of ``is_another_event`` that holds. For --explain."""
    return Rules(item).causes(story)


def _is_next_change(story: Story, item: Features) -> bool:
    """Each change of a watched page is an event of its own."""
    return any(member.is_at(item.url) for member in story.members)


def _is_next_issue(story: Story, item: Features) -> bool:
    """The very same headline from the same outlet hours later is the next issue of a column, until others tell it."""
    return story.outlet == item.publisher and any(
        member.key == item.key and abs(item.at - member.at) > _SERIES_S for member in story.members
    )


def _is_next_number(story: Story, item: Features) -> bool:
    """Headlines of one outlet that differ in nothing but a number are parts of a series, until others tell it."""
    if story.outlet != item.publisher:
        return False
    unnumbered = _unnumbered(item.key)
    return all(member.key != item.key and _unnumbered(member.key) == unnumbered for member in story.members)


@lru_cache(maxsize=4096)
def _unnumbered(key: str) -> str:
    return _NUMBER.sub("#", key)


def _is_relicensed(story: Story, item: Features) -> bool:
    """A repository's page keeps its address and its name when its licence changes; that is news."""
    name = item.key.partition(_LICENSE)[0]
    latest = story.members[-1]
    return latest.url == hash(item.url) and latest.key != item.key and name in latest.key


def _is_rival(story: Story, item: Features) -> bool:
    """Another version of the same line of names: 910C is not 910D, V3 is not V4, H20 is not H200.

    Only when neither side names the other's anywhere, so that a comparison of the two stays one story.
    """
    members = referees(story)
    subjects = {other.subject for other in members}
    # A subject is a model name, and a model name anywhere in an item is one of its terms.
    if item.subject in subjects or not subjects.isdisjoint(item.terms):
        return False
    line = line_of(item.subject)
    if not any(subject and line_of(subject) == line for subject in subjects):
        return False
    return item.subject not in _terms(members)


@lru_cache(maxsize=4096)
def line_of(name: str) -> str:
    """The line that a name belongs to: ``v`` of ``m:v4``, ``h`` of ``m:h20``, ``000`` of ``m:910c``."""
    letters = re.match(r"m:([a-z]+)", name)
    return letters[1] if letters else re.sub(r"\d", "0", name[2:].rstrip("abcdefghijklmnopqrstuvwxyz"))


def _is_done_after_announced(story: Story, item: Features) -> bool:
    """A party says beforehand, first-hand, what it will do; doing it is another event. (Talk by others of a coming
    act and the act are one: that is what a rumour is.)"""
    return any(member.rank >= _FIRST_HAND and PREANNOUNCE in member.acts for member in story.members[:2])


def _is_other_measurement(story: Story, item: Features) -> bool:
    """What another party measures is its own event, even of the same thing on the same day."""
    first_hand = [member for member in referees(story) if member.rank >= _FIRST_HAND]
    return any(_has(other, EVALUATE) for other in first_hand) and all(
        other.publisher != item.publisher for other in first_hand
    )


def _is_opposed(_: Story, item: Features, told: Acts) -> bool:
    """The item tells an act that undoes the story's: "delayed" is not "released". Where one side tells both, or they
    tell another act in common, the measures decide."""
    return told.isdisjoint(item.acts) and any(
        not told.isdisjoint(UNDONE_BY.get(act, ())) for act in item.acts
    )


def _is_release_of_measured(_: Story, item: Features, told: Acts) -> bool:
    """Whoever brings a thing out does not tell what others measured, or say they did, of it before."""
    return EVALUATE in told and told.isdisjoint(item.acts)


def _is_answer(_: Story, __: Features, told: Acts) -> bool:
    """A party or public body that answers what another one did acts itself."""
    return RESPOND not in told


def _is_denial(_: Story, __: Features, told: Acts) -> bool:
    """To deny what others tell is an act of its own."""
    return DENY not in told


def _is_other_denial(_: Story, item: Features, told: Acts) -> bool:
    """Both deny, and what is denied is another act. When a thing comes and that it is late are one question."""
    if DENY not in told:
        return False
    denied, before = _denied(item.acts), _denied(told)
    return bool(denied) and bool(before) and denied.isdisjoint(before)


def _denied(acts: Acts) -> Acts:
    return {DELAY if act in _WHEN else act for act in acts} - _OF_SPEECH


def _is_what_was_denied(story: Story, item: Features, _: Acts) -> bool:
    """The story began with a denial, and the item tells as a fact the very act that was denied."""
    first = story.members[0].acts
    return DENY in first and not item.acts.isdisjoint(first) and item.acts.isdisjoint(_OF_SPEECH)


def _is_after_release(_: Story, item: Features, told: Acts) -> bool:
    """A thing that is out is measured, ported, priced or banned: that is not its release any more."""
    return RELEASE in told and told.isdisjoint(item.acts)


def _is_reaction(story: Story, item: Features, told: Acts) -> bool:
    """What the markets made of the story's act, whether the headline names the act or not."""
    occasion = item.acts - MARKET
    if told.isdisjoint(occasion) if occasion else told <= MARKET:
        return False
    return not any(word.text in MARKET for member in referees(story) for word in member.title)


def _is_aftermath(_: Story, item: Features, told: Acts) -> bool:
    """The story's act is told only as what came before another."""
    return not told.isdisjoint(item.occasion) and told.isdisjoint(item.acts - item.occasion)


def _is_other_act(_: Story, item: Features, told: Acts) -> bool:
    """Each tells an act that is news by itself, and they tell none in common."""
    return told.isdisjoint(item.acts) and not told.isdisjoint(STRONG)


def _befalls_another(story: Story, item: Features, told: Acts) -> bool:
    """The same is allowed, forbidden or done to another firm: each side names one that the other does not."""
    act = item.acts & BEFALLS
    if told.isdisjoint(act):
        return False
    firms, members = lexicon().firms, referees(story)
    ours = firms.intersection(islice(item.terms, item.heads))
    if not ours or ours <= _terms(members):
        return False
    theirs = firms.intersection([word.text for member in members for word in member.title])
    return not theirs <= item.terms.keys()


def _acts(story: Story) -> Acts:
    return set().union(*[member.acts for member in referees(story)])


def _terms(members: Sequence[Member]) -> set[str]:
    return {word.text for member in members for word in member.words}


def _has(member: Member, term: str) -> bool:
    for word in member.words:  # noqa: SIM110 - asked of each referee; half the time of any()
        if word.text == term:
            return True
    return False


_Rule = Callable[[Story, Features], bool]
_RuleOfActs = Callable[[Story, Features, Acts], bool]


def _rules_for(item: Features) -> tuple[tuple[_Rule, object], ...]:
    """The rules that look at the item alone and the story, each with whether it can be true of such an item."""
    first_hand = item.rank >= _FIRST_HAND
    return (
        (_is_next_change, item.change),
        (_is_next_issue, True),
        (_is_next_number, _NUMBER.search(item.key)),
        (_is_relicensed, _LICENSE in item.key and item.url),
        (_is_rival, item.subject),
        (_is_done_after_announced, PREANNOUNCE not in item.acts and (first_hand or RELEASE in item.acts)),
        (_is_other_measurement, first_hand and EVALUATE in item.terms),
    )


def _rules_of_acts_for(item: Features) -> tuple[tuple[_RuleOfActs, object], ...]:
    """The same of rules that ask what an item with an act has to do with the acts that the story tells."""
    acts = item.acts
    return (
        (_is_opposed, not acts.isdisjoint(UNDONE_BY)),
        (_is_release_of_measured, RELEASE in acts and item.rank >= _FIRST_HAND),
        (_is_answer, RESPOND in acts and item.rank >= _OFFICIAL),
        (_is_denial, DENY in acts),
        (_is_other_denial, DENY in acts),
        (_is_what_was_denied, DENY not in acts),
        (_is_after_release, RELEASE not in acts and not acts.isdisjoint(AFTER_RELEASE)),
        (_is_reaction, item.reacts),
        (_is_aftermath, item.occasion),
        (_is_other_act, not acts.isdisjoint(STRONG)),
        (_befalls_another, not acts.isdisjoint(BEFALLS)),
    )


_CAUSES: dict[_Rule | _RuleOfActs, str] = {
    _is_next_change: "another change of the same page",
    _is_next_issue: "the next issue of a column",
    _is_next_number: "the next part of a series",
    _is_relicensed: "the licence of the repository changed",
    _is_rival: "another version of the same line of names",
    _is_done_after_announced: "the act itself, which was announced first-hand before",
    _is_other_measurement: "measured by another party",
    _is_opposed: "an act that undoes the one told",
    _is_release_of_measured: "the release of what was measured before",
    _is_answer: "an official answer to what was told",
    _is_denial: "denies what was told",
    _is_other_denial: "denies another act",
    _is_what_was_denied: "tells as a fact what was denied",
    _is_after_release: "done with what was released before",
    _is_reaction: "what the markets made of it",
    _is_aftermath: "what came after it",
    _is_other_act: "another act",
    _befalls_another: "the same act upon another firm",
}
