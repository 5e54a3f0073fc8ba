"""The places for sends under way on one platform, so that a channel that does not answer keeps nobody waiting.

A send has a place of its own until it is answered or proves slow. The slow ones have a lane apart, and so have
deliveries of which nobody knows whether they were told: looking them up is slow and rationed.
"""

from typing import Literal

PROMPT, UNCERTAIN, SLOW = 64, 16, 512
#: A send that takes longer than this is slow. Discord and Slack answer in a fraction of it.
SLOW_AFTER_S = 2.0

Lane = Literal["prompt", "uncertain", "slow"]
#: What a delivery comes in by; uncertain ones are the older.
LANES_IN: tuple[Lane, ...] = ("uncertain", "prompt")
_PLACES: dict[Lane, int] = {"prompt": PROMPT, "uncertain": UNCERTAIN, "slow": SLOW}


class Lanes:
    """Counts who is where. ``booked``: who has a place but did not begin yet."""

    def __init__(self) -> None:
        self._taken: dict[Lane, int] = dict.fromkeys(_PLACES, 0)
        self.booked = 0

    def room(self, lane: Lane) -> int:
        """How many more may come in. None while the slow lane is full: then nothing answers any more."""
        if self._taken["slow"] >= _PLACES["slow"]:
            return 0
        return _PLACES[lane] - self._taken[lane]

    def book(self, lane: Lane) -> "Stay":
        return Stay(self, lane)

    def move(self, lane: Lane, by: int) -> None:
        self._taken[lane] += by


class Stay:
    """One send's place, from the claim to the outcome: ``begin``, perhaps ``slow_down``, ``leave``."""

    def __init__(self, lanes: Lanes, lane: Lane) -> None:
        self._lanes = lanes
        self._lane: Lane | None = lane
        self._booked = True
        lanes.booked += 1
        lanes.move(lane, 1)

    def begin(self) -> None:
        """The handler is asked now, and counts for itself."""
        if self._booked:
            self._booked = False
            self._lanes.booked -= 1

    def slow_down(self) -> None:
        """Make room for one that is not slow."""
        if self._lane is not None:
            self._lanes.move(self._lane, -1)
            self._lanes.move("slow", 1)
            self._lane = "slow"

    def leave(self) -> None:
        self.begin()
        if self._lane is not None:
            self._lanes.move(self._lane, -1)
            self._lane = None
