"""How often a feed asks to be read: RSS's ttl, skipHours and skipDays, and the syndication module. Pure.

https://www.rssboard.org/rss-specification and https://web.resource.org/rss/1.0/modules/syndication/
"""

import re

from bot.model import ANY_PACE, Pace

#: What stands before the first entry; no feed says these things after 64 kB.
_HEAD_BYTES = 64 * 1024
_FIRST_ENTRY = re.compile(rb"<(?:\w+:)?(?:item|entry)[\s>]")
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_TTL = re.compile(rb"<ttl>\s*(\d{1,9})\s*</ttl>", re.IGNORECASE)
_PERIOD = re.compile(rb"<(?:\w{1,20}:)?updateperiod[^>]{0,200}>\s*([a-z]{1,10})\s*</", re.IGNORECASE)
_FREQUENCY = re.compile(rb"<(?:\w{1,20}:)?updatefrequency[^>]{0,200}>\s*(\d{1,6})\s*</", re.IGNORECASE)
_HOURS = re.compile(rb"<skiphours>(.{0,2000}?)</skiphours>", re.IGNORECASE | re.DOTALL)
_HOUR = re.compile(rb"<hour>\s*(\d{1,2})\s*</hour>", re.IGNORECASE)
_DAYS = re.compile(rb"<skipdays>(.{0,2000}?)</skipdays>", re.IGNORECASE | re.DOTALL)
_DAY = re.compile(rb"<day>\s*([a-z]{6,9})\s*</day>", re.IGNORECASE)
_PERIOD_S = {
    "hourly": 3600,
    "daily": 86400,
    "weekly": 7 * 86400,
    "monthly": 30 * 86400,
    "yearly": 365 * 86400,
}
_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def pace_of(body: bytes) -> Pace:
    """What the head of a feed says; a document that is none, or says nothing, may be read at any pace.

    Wishes that would never let it be read (all 24 hours, all seven days) are not taken.
    """
    head = body[:_HEAD_BYTES]
    if first := _FIRST_ENTRY.search(head):
        head = head[: first.start()]
    if b"<!--" in head:
        head = _COMMENT.sub(b"", head)
    lowered = head.lower()
    if not any(word in lowered for word in (b"<ttl", b"<skip", b"updateperiod")):
        return ANY_PACE
    at_least_s = max(_ttl_s(head), _period_s(head))
    hours = {int(hour) % 24 for hour in _inside(_HOURS, _HOUR, head) if int(hour) <= 24}
    days = {_WEEK.index(day) for day in _inside(_DAYS, _DAY, head) if day in _WEEK}
    return Pace(
        at_least_s=at_least_s,
        skip_hours=frozenset(hours) if len(hours) < 24 else frozenset(),
        skip_days=frozenset(days) if len(days) < 7 else frozenset(),
    )


def _ttl_s(head: bytes) -> int:
    found = _TTL.search(head)
    return int(found[1]) * 60 if found else 0


def _period_s(head: bytes) -> int:
    period = _PERIOD.search(head)
    if period is None:
        return 0
    frequency = _FREQUENCY.search(head)
    times = max(int(frequency[1]), 1) if frequency else 1
    return _PERIOD_S.get(period[1].decode("ascii").lower(), 0) // times


def _inside(outer: "re.Pattern[bytes]", inner: "re.Pattern[bytes]", head: bytes) -> list[str]:
    found = outer.search(head)
    return [value.decode("ascii").lower() for value in inner.findall(found[1])] if found else []
