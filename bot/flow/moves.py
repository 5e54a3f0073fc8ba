"""When an address that moved for good is believed, and when the old one is asked again. Pure.

RFC 9110, 15.4.2 and 15.4.9: 301 and 308 mean that future requests ought to use the new address; 302, 303 and 307
do not. A misconfigured server sends 301 for an hour, so the same answer must come several times in a row.
"""

from dataclasses import dataclass

from storage.sources import SourceState

#: The same new address this many polls in a row is believed.
STABLE_POLLS = 3
#: The learnt address is given up after this many failures in a row, and the catalog's asked again.
_FAILURES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What to record; ``current_url`` None keeps what is known, "" forgets it."""

    current_url: str | None = None
    moved_url: str = ""
    moved_seen: int = 0


def after_answer(state: SourceState, permanent_url: str | None) -> Move:
    """``permanent_url``: where only permanent redirects led, None when there was no such redirect."""
    if not permanent_url:
        return Move()
    seen = state.moved_seen + 1 if permanent_url == state.moved_url else 1
    if seen >= STABLE_POLLS:
        return Move(current_url=permanent_url)
    return Move(moved_url=permanent_url, moved_seen=seen)


def after_failure(state: SourceState, *, gone: bool) -> Move:
    """``gone``: the address answered 410."""
    if state.current_url and (gone or state.failures + 1 >= _FAILURES):
        return Move(current_url="")
    return Move(moved_url=state.moved_url, moved_seen=state.moved_seen)
