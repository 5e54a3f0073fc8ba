"""Tells why an item was put into its story: each story that was near, how near, and what kept it out."""

from dataclasses import dataclass, field

from bot.judgement.memory import Memory
from bot.judgement.memory_records import Story
from bot.judgement.stories import (
    CANDIDATES,
    JOIN_AT,
    QUIET_S,
    Placed,
    place,
    shared_words,
    shares_too_little,
    shown,
)
from bot.judgement.stories_features import Features
from bot.judgement.stories_lexicon import lexicon
from bot.judgement.stories_likeness import Told, referees
from bot.judgement.stories_measures import COMMONPLACE
from bot.judgement.stories_rules import causes_of_another_event, series_handicap
from bot.judgement.stories_score import parts

_SHOWN_WORDS = 8
_DAY_S = 86400


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateNote:
    """A story that was considered. ``score``: log-odds that the item tells it, None where a rule kept it out before.
    ``parts``: what each measure adds to the score. ``refused``: why it was kept out, in words."""

    story: int
    score: float | None
    parts: dict[str, float] = field(default_factory=dict)
    shared: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryNote:
    """``story``: the one that was joined, None when the item begins one. A score joins from ``threshold`` on."""

    story: int | None
    reason: str
    threshold: float
    candidates: tuple[CandidateNote, ...]


def explain_story(memory: Memory, item: Features) -> StoryNote:
    """Judge once more, and say what was considered. The best candidate first, then those that a rule kept out."""
    placed = place(memory, item)
    scored = [_scored(memory, item, placed, at) for at in range(len(placed.candidates))]
    known = {note.story for note in scored}
    near = memory.candidates(memory.weigh(item), limit=CANDIDATES)
    refused = [_refused(memory, item, story) for story in near if story.id not in known]
    return StoryNote(
        story=None if placed.story is None else placed.story.id,
        reason=placed.reason,
        threshold=JOIN_AT,
        candidates=(
            *scored,
            *(note for note in refused if placed.story is None or note.story != placed.story.id),
        ),
    )


def _scored(memory: Memory, item: Features, placed: Placed, at: int) -> CandidateNote:
    candidate = placed.candidates[at]
    story = memory.stories[candidate.story]
    added = {name: round(value, 2) for name, value in parts(candidate.measures).items()}
    if handicap := series_handicap(story, item):
        added["same outlet hours ago"] = -handicap
    refused: tuple[str, ...] = ()
    if candidate.score < JOIN_AT:
        refused = (f"below {JOIN_AT}",)
    elif placed.story is not None and candidate.story != placed.story.id:
        refused = ("another is nearer",)
    return CandidateNote(
        story=candidate.story,
        score=round(candidate.score, 2),
        parts=dict(sorted(added.items(), key=lambda part: -abs(part[1]))),
        shared=_shared(memory, item, story),
        refused=refused,
    )


def _refused(memory: Memory, item: Features, story: Story) -> CandidateNote:
    shared = _shared(memory, item, story)
    quiet = min(abs(item.at - member.at) for member in story.members)
    names = lexicon().names
    causes = [f"quiet for {quiet / _DAY_S:.0f} days, so it ended"] if quiet > QUIET_S else []
    causes += [f"another event: {cause}" for cause in causes_of_another_event(story, item)]
    weighed = memory.weigh(item)
    if not causes and shares_too_little(memory, shared_words(weighed, Told(story, weighed))):
        causes.append("shares no topic, and nothing that names an event")
    if not causes:
        told = item.terms.keys() & _words(story)
        rare = any(memory.rarity(term) > COMMONPLACE or term in names for term in told)
        causes.append(
            "shares only what everybody in the field says" if rare else "shares only everyday words"
        )
    return CandidateNote(story=story.id, score=None, shared=shared, refused=tuple(causes))


def _words(story: Story) -> set[str]:
    return {word.text for member in referees(story) for word in member.words}


def _shared(memory: Memory, item: Features, story: Story) -> tuple[str, ...]:
    """The words in common, the rarest first."""
    common = sorted(item.terms.keys() & _words(story), key=lambda term: (-memory.rarity(term), term))
    return tuple(map(shown, common[:_SHOWN_WORDS]))
