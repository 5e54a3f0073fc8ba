"""What is asked at every tick and need not be done at each."""

from datetime import datetime, timedelta


class AtMostEvery:
    """Lets something through, and then nothing for ``interval``. One process's own: it is not kept."""

    def __init__(self, interval: timedelta) -> None:
        self._interval = interval
        self._last: datetime | None = None

    def begins(self, now: datetime) -> bool:
        """Whether it is time again; if so, the interval begins anew, also when what follows should fail."""
        if self._last is not None and now - self._last < self._interval:
            return False
        self._last = now
        return True
