"""How much a platform takes, as bookkeeping without input and output. All times are seconds of one monotonic clock.

What the platforms publish stands beside their figures, in ``handlers/discord/limits.py`` and
``handlers/slack/limits.py``.
"""

import math
from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

#: A request whose answer does not come has reached the platform by then, or never will.
SLOWEST_S = 1.0
#: Of so many last answers the quickest took about as long as the way there and back does at least; less this, surely.
_ANSWERS_KEPT, _UNSURE_S = 500, 0.025

Key = TypeVar("Key", bound=Hashable)


@dataclass(slots=True)
class Ticket:
    """A request that was let through; it counts against the budget ``until`` then."""

    began: float
    until: float
    answered: bool = False


class Budget:
    """At most ``limit`` requests in any ``span_s`` seconds, as the other side counts them: by fixed windows or by a
    sliding one. At most ``burst`` at once, the others spread evenly.

    The other side counts a request when it arrives, which is between its start and its answer. So one is held against
    the budget until ``span_s`` after its answer, less the shortest time from start to answer that was seen lately:
    the next one needs at least that long.
    """

    def __init__(self, limit: int, span_s: float, *, burst: int) -> None:
        self._limit, self._span_s = limit, span_s
        self._gap_s = span_s / limit
        self._leeway_s = (burst - 1) * self._gap_s
        self._next = 0.0  # when the next one would go out if all were spread evenly
        self._held: list[Ticket] = []
        self._quickest: deque[float] = deque(maxlen=_ANSWERS_KEPT)
        self._paused_until = 0.0

    def room(self, now: float, *, ahead_s: float = 0.0) -> int:
        """How many requests may go out now, or within the next ``ahead_s`` seconds."""
        at = now + ahead_s
        if self._paused_until > at:
            return 0
        free = self._limit - sum(ticket.until > at for ticket in self._held)
        spread = math.floor((at + self._leeway_s - max(self._next, now)) / self._gap_s + 1e-6) + 1
        return max(min(free, spread), 0)

    def begin(self, now: float) -> Ticket:
        """A request goes out, whether there is room or not."""
        self._held = [ticket for ticket in self._held if ticket.until > now]
        self._next = max(self._next, now) + self._gap_s
        ticket = Ticket(now, now + SLOWEST_S + self._span_s)
        self._held.append(ticket)
        return ticket

    def end(self, ticket: Ticket, now: float) -> None:
        """Its answer is there. Saying it twice changes nothing."""
        if ticket.answered:
            return
        ticket.answered = True
        self._quickest.append(now - ticket.began)
        way_s = max(min(self._quickest) - _UNSURE_S, 0.0)
        ticket.until = min(ticket.until, now - way_s + self._span_s)

    def pause(self, until: float) -> None:
        """Let nothing through before then."""
        self._paused_until = max(self._paused_until, until)

    def opens_at(self, now: float) -> float:
        """When there is room for one; ``now`` or earlier when there is already."""
        held = sorted(ticket.until for ticket in self._held if ticket.until > now)
        freed = held[len(held) - self._limit] if len(held) >= self._limit else now
        return max(self._paused_until, freed, self._next - self._leeway_s)


class Rests(Generic[Key]):
    """What must be left alone until a time. Past ``most`` the rests that end soonest are forgotten: whoever is then
    asked too early says so."""

    def __init__(self, *, most: int = 4096) -> None:
        self._until: dict[Key, float] = {}
        self._most = most

    def rest(self, key: Key, until: float, *, now: float) -> None:
        """Not before then; a longer rest stays."""
        self._until[key] = max(until, self._until.get(key, until))
        if len(self._until) > self._most:
            running = sorted((end, key) for key, end in self._until.items() if end > now)
            self._until = {key: end for end, key in running[-self._most // 2 :]}

    def until(self, key: Key) -> float:
        """When the rest ends; 0 when there was none."""
        return self._until.get(key, 0.0)

    def resting(self, at: float) -> list[Key]:
        """What still rests at that time."""
        return [key for key, until in self._until.items() if until > at]

    def next_end(self, now: float) -> float | None:
        """When the first rest ends; None when nothing rests."""
        return min((until for until in self._until.values() if until > now), default=None)


class Refusals:
    """Counts what the other side refused, and says when that was too much: ``most`` in ``span_s``."""

    def __init__(self, most: int, span_s: float) -> None:
        self._times: deque[float] = deque(maxlen=most)
        self._span_s = span_s

    def note(self, now: float) -> float | None:
        """One more. Until when to be silent, when it was one too many; else None."""
        self._times.append(now)
        if len(self._times) < (self._times.maxlen or 0):
            return None
        ends = self._times[0] + self._span_s
        return ends if ends > now else None
