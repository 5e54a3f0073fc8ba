"""Finds the open story that an item tells, or says that it begins one. Online: each item is placed once.

Rules in order: the same address; the same headline; then the weighted measures of ``stories_score`` over the few
candidates that share rare terms. It errs towards a second story: a story swallowed is an alert that nobody gets.
"""

from collections.abc import Set
from dataclasses import dataclass

from bot.judgement.memory import Member, Memory, Story
from bot.judgement.stories_features import Features, lexicon
from bot.judgement.stories_rules import is_another_event, series_handicap
from bot.judgement.stories_score import Measures, measure, referees, score

#: A story ends when nothing was added to it for this long. A rumour of an act and the act itself, up to about ten
#: days later, are one story (labelling rule of the AI-chip set), so it cannot be much shorter.
QUIET_S = 10.5 * 86400
#: The same headline from another outlet this much later is still the same event; from the same outlet it is the next
#: issue of a column after hours.
_SAME_HEADLINE_S = 5 * 86400
_SAME_HEADLINE_ONE_OUTLET_S = 8 * 3600
#: A headline of fewer terms ("Morning briefing") names no event.
_HEADLINE_TERMS = 3
_RELEASE = "c:release"
_CANDIDATES = 5
#: The log-odds from which an item joins. On the tuned part of the three sets F1 is flat from 0 to 0.4 and falls after;
#: from 0.3 on no AI-chip story was swallowed, which costs more than a split one.
JOIN_AT = 0.4
#: Words with less rarity than this are everyday ones: what one story in ten says.
COMMONPLACE = 2.6
#: The part of a headline that a story's words must cover when they are all commonplace.
ENOUGH_OF_TITLE = 0.65


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A story that was considered, for --explain."""

    story: int
    score: float
    own: Measures | None  # against members in the item's language
    foreign: Measures | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Where an item belongs. ``story`` is None when it begins one."""

    story: Story | None
    reason: str
    candidates: tuple[Candidate, ...] = ()


def place(memory: Memory, item: Features) -> Placed:
    """Decide. Changes nothing."""
    same = _same_page(memory, item)
    if same is not None:
        return same
    weights = memory.weights(item)
    found = []
    for story in memory.candidates(weights, limit=_CANDIDATES):
        if not _is_open(story, item) or is_another_event(story, item):
            continue
        known = _words_of(story)
        if _shares_something_rare(memory, known, item):
            own, foreign = measure(memory, item, weights, story)
            value = score(own, foreign) - series_handicap(story, item)
            if foreign is None and _only_shares_small_talk(memory, story, known, item):
                continue
            found.append(Candidate(story=story.id, score=value, own=own, foreign=foreign))
    found.sort(key=lambda candidate: (-candidate.score, -candidate.story))
    if not found:
        return Placed(story=None, reason="begins a story: nothing open shares its rare words")
    best = found[0]
    if best.score < JOIN_AT:
        reason = f"begins a story: the nearest is {best.story} with {best.score:.1f}, below {JOIN_AT}"
        return Placed(story=None, reason=reason, candidates=tuple(found))
    story = memory.stories[best.story]
    return Placed(
        story=story, reason=f"score {best.score:.1f}: {_shared_words(item, story)}", candidates=tuple(found)
    )


def _same_page(memory: Memory, item: Features) -> Placed | None:
    for member in memory.same_url(item):
        if is_another_event(member.story, item):
            continue
        # A page that is rewritten for each event (a status page, a repository) keeps its address.
        if _gap(member, item) <= QUIET_S and (
            item.title & member.features.title or item.key == member.features.key
        ):
            return Placed(story=member.story, reason="same address")
    for member in memory.same_key(item):
        one_outlet = member.features.publisher == item.publisher
        limit = _SAME_HEADLINE_ONE_OUTLET_S if one_outlet else _SAME_HEADLINE_S
        if _gap(member, item) <= limit and (one_outlet or len(item.title) >= _HEADLINE_TERMS):
            return Placed(story=member.story, reason="same headline")
    return None


def _gap(member: Member, item: Features) -> float:
    return abs(item.at - member.features.at)


def _is_open(story: Story, item: Features) -> bool:
    return any(_gap(member, item) <= QUIET_S for member in reversed(story.members))


def _words_of(story: Story) -> Set[str]:
    return set().union(*[member.features.terms.keys() for member in referees(story)])


def _shares_something_rare(memory: Memory, known: Set[str], item: Features) -> bool:
    """Two items that have neither a name nor anything but everyday words in common ("unveils V4") may be about
    anything."""
    names = lexicon().names
    return any(memory.rarity[term] > COMMONPLACE or term in names for term in item.terms.keys() & known)


def _only_shares_small_talk(memory: Memory, story: Story, known: Set[str], item: Features) -> bool:
    """What everybody in the field says ("DeepSeek", "V4", "release") does not make two items of one language one
    event, least of all in a young memory, where nothing has been seen often yet. They need a rarer word or name in
    common, or no other act and little else to say on one side. Across languages there is often nothing more to share.
    """
    acts: set[str] = set()
    told = 0.0
    for member in referees(story):
        acts |= member.features.acts
        told = max(told, _part(member.features.title, item.terms.keys()))
    names = lexicon().names
    if any(
        memory.rarity[term] > COMMONPLACE or (term in names and term not in memory.field)
        for term in item.terms.keys() & known
    ):
        return False
    if item.acts and acts and not item.acts & acts:
        return True
    if item.acts & acts or _RELEASE in item.acts:
        # A bare name ("DeepSeek v4") is told whole by everything about it: its being out must be what is told.
        return max(told, _part(item.title, known)) < ENOUGH_OF_TITLE
    return _part(item.title, known) < ENOUGH_OF_TITLE


def _part(title: Set[str], words: Set[str]) -> float:
    """How much of a headline these words tell."""
    return len(title & words) / len(title) if title else 0.0


def _shared_words(item: Features, story: Story) -> str:
    known = set().union(*(member.features.title for member in story.first(3)))
    shared = [term.partition(":")[2] or term for term in item.terms if term in known]
    return "shares " + ", ".join(word.rstrip("_") for word in shared[:6])
