"""What an item does to its story, and whether that is told. Pure: ranks and moves in, a decision out."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.model import Event, Grade, WatchMove


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    event: Event
    alert: bool
    reason: str


def decide(
    *,
    on_topic: bool,
    grade: Grade,
    previous: Grade | None,
    moves: Sequence[WatchMove] = (),
    corrects: bool = False,
) -> Decision:
    """``previous``: the best grade among the story's earlier items on a topic, None when there was none.

    Told are: the first item on a topic, one with better proof than all before it, and one that changes the answer of
    a watch question; and what its source puts right (``corrects``). Everything else only adds a witness.
    """
    if not on_topic:
        return Decision(event=Event.NONE, alert=False, reason="not told: touches no topic")
    if previous is None:
        return Decision(event=Event.NEW, alert=True, reason="told: the first of its story")
    if grade.rank > previous.rank:
        return Decision(
            event=Event.UPGRADE, alert=True, reason=f"told: better proof, {grade} after {previous}"
        )
    if corrects:
        return Decision(event=Event.UPDATE, alert=True, reason="told: a correction by its source")
    if moves:
        changed = ", ".join(f"{move.question} is {move.state}" for move in moves)
        return Decision(event=Event.UPDATE, alert=True, reason=f"told: changed answer, {changed}")
    return Decision(
        event=Event.UPDATE, alert=False, reason=f"not told: the story was told already, with {previous}"
    )
