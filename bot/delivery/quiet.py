"""Quiet hours and digest times: pure reckoning with local clocks."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.errors import UserError
from bot.model import Mode

_SHAPE = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})(?:@([\w+/-]+))?")
#: When a daily digest is told, on the channel's own clock.
DAILY_AT = time(8, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """A span of the local day in which instant alerts are held. It may run over midnight."""

    begins: time
    ends: time
    zone: ZoneInfo

    def until(self, now: datetime) -> datetime | None:
        """When the quiet that ``now`` falls into ends (UTC); None outside of it."""
        local = now.astimezone(self.zone)
        clock = local.time().replace(tzinfo=None)
        over_midnight = self.begins > self.ends
        inside = (
            clock >= self.begins or clock < self.ends if over_midnight else self.begins <= clock < self.ends
        )
        if not inside:
            return None
        day = local.date()
        if over_midnight and clock >= self.begins:
            day += timedelta(days=1)
        ends = datetime.combine(day, self.ends, tzinfo=self.zone).astimezone(UTC)
        if ends <= now:  # the hour that clocks show twice in autumn: its second time is meant
            ends = datetime.combine(day, self.ends, tzinfo=self.zone).replace(fold=1).astimezone(UTC)
        return ends


def parse_quiet_hours(text: str, zone: str = "") -> QuietHours:
    """``22:00-07:00@Europe/Berlin``; without a zone it is in ``zone``, else UTC. Raises ``UserError``."""
    match = _SHAPE.fullmatch(text.strip())
    if match is None:
        raise UserError(f"quiet: {text!r} is not of the form 22:00-07:00@Europe/Berlin.")
    try:
        begins, ends = time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4]))
    except ValueError:
        raise UserError(f"quiet: {text!r} holds an hour or minute that no clock shows.") from None
    if begins == ends:
        raise UserError("quiet: it begins and ends at the same time; use unsubscribe to hear nothing.")
    return QuietHours(begins=begins, ends=ends, zone=_zone(match[5] or zone or "UTC"))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise UserError(f"quiet: unknown time zone {name!r}. Write for example Europe/Berlin.") from None


def next_digest(
    mode: Mode, now: datetime, zone: ZoneInfo, *, at: time = DAILY_AT, weekday: int = 0
) -> datetime:
    """When the digest that takes an alert decided ``now`` is told (UTC, later than ``now``). ``at`` and ``weekday``
    (0 is Monday) are on the clock of ``zone``."""
    if mode is Mode.HOURLY:
        return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    local = now.astimezone(zone)
    ahead = (weekday - local.weekday()) % 7 if mode is Mode.WEEKLY else 0
    step = 7 if mode is Mode.WEEKLY else 1
    day = local.date() + timedelta(days=ahead)
    due = datetime.combine(day, at, tzinfo=zone).astimezone(UTC)  # compared in UTC: clocks may go back
    if due <= now:
        due = datetime.combine(day + timedelta(days=step), at, tzinfo=zone).astimezone(UTC)
    return due
