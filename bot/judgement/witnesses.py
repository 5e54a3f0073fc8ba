"""Counts who says something independently of each other. Pure.

What speakers say is kept as a table: speaker -> whom it relays (itself, when it speaks of its own knowledge). An outlet
that cites another is no second witness, nor is one that cites an outlet which itself cites a third.
"""

from collections.abc import Mapping

from bot.model import Grade, Graded

#: The witness of items that relay somebody without a name. They may all repeat the same outlet.
UNNAMED = "unnamed"


def with_speaker(says: Mapping[str, str], graded: Graded) -> dict[str, str]:
    """The table with one more item. Who once spoke of its own knowledge stays a witness; comment is none."""
    known = dict(says)
    if graded.speaker and graded.grade is not Grade.OPINION and known.get(graded.speaker) != graded.speaker:
        known[graded.speaker] = graded.witness or graded.speaker
    return known


def independent(says: Mapping[str, str]) -> frozenset[str]:
    """Those who stand behind all that is said. Relays without a name count only where nobody is named."""
    # Most speak for themselves, and a story may have hundreds of speakers.
    roots = frozenset(
        [speaker if behind == speaker else _root(says, speaker) for speaker, behind in says.items()]
    )
    named = roots - {UNNAMED}
    return named or roots


def _root(says: Mapping[str, str], speaker: str) -> str:
    path = [speaker]
    while (behind := says.get(path[-1], path[-1])) not in path:
        path.append(behind)
    # Two that cite each other are one witness, whichever of them is asked.
    return min(path[path.index(behind) :])
