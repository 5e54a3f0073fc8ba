"""What a person typed into a command's options, as values. Pure; everything raises ``UserError``."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.catalog.loader import parse_duration
from bot.delivery.quiet import parse_quiet_hours
from bot.errors import UserError
from bot.judgement.terms import new_term
from bot.model import ALL_TOPICS, Catalog, Grade, Mode, Topic
from handlers.requests import CommandSpec, Request
from storage.subscriptions import Subscription

_MOST_WORDS, _LONGEST_WORD = 20, 60


def topic_asked(request: Request, catalog: Catalog) -> Topic | None:
    """The topic that the request names; None when it names none, or every one."""
    wanted = request.options.get("topic", "").strip()
    if not wanted or wanted == ALL_TOPICS:
        return None
    folded = wanted.casefold()
    for topic in catalog.topics:
        if folded in (topic.id, topic.name.casefold()):
            return topic
    known = ", ".join([*(topic.id for topic in catalog.topics), ALL_TOPICS])
    raise UserError(f"Unknown topic {wanted!r}. Known: {known}.")


def check_options(spec: CommandSpec, options: dict[str, str]) -> None:
    """Raise ``UserError`` for an option that is missing, unknown, or outside its choices."""
    known = {option.name: option for option in spec.options}
    for name, value in options.items():
        option = known.get(name)
        if option is None:
            names = ", ".join(known) or "none"
            raise UserError(f"{spec.name} has no option {name!r}. Options: {names}.")
        if option.choices and value and value not in option.choices:
            raise UserError(f"{name}: unknown value {value!r}. Known: {', '.join(option.choices)}.")
    for option in spec.options:
        if option.required and not options.get(option.name, "").strip():
            raise UserError(f"{spec.name} needs {option.name}: {option.description}.")


def subscription_options(options: dict[str, str]) -> dict[str, Any]:
    """The fields of a subscription that the request names. ``lang=all`` and ``quiet=off`` clear them.

    Raises ``UserError``."""
    changes: dict[str, Any] = {}
    if grade := options.get("min-grade"):
        changes["min_grade"] = Grade(grade)
    if mode := options.get("mode"):
        changes["mode"] = Mode(mode)
    if languages := options.get("lang", "").strip():
        changes["languages"] = () if languages == "all" else parse_languages(languages)
    if quiet := options.get("quiet", "").strip():
        if quiet != "off":
            parse_quiet_hours(quiet)
        changes["quiet"] = "" if quiet == "off" else quiet
    for option, field in (("words", "words"), ("not-words", "not_words"), ("not-sources", "not_sources")):
        if given := options.get(option, "").strip():
            changes[field] = () if given == "off" else parse_words(option, given)
    if at := options.get("at", "").strip():
        changes["digest_at"] = parse_clock(at)
    if day := options.get("day"):
        changes["digest_day"] = day
    if zone := options.get("zone", "").strip():
        changes["zone"] = parse_zone(zone)
    if mention := options.get("mention", "").strip():
        changes["mention"] = "" if mention == "off" else parse_mention(mention)
    if grade := options.get("mention-from"):
        changes["mention_from"] = Grade(grade)
    return changes


def with_digest_times(subscription: Subscription, options: dict[str, str]) -> Subscription:
    """The changed subscription without digest times that its mode has no use for. Raises ``UserError`` when the request
    itself names one that it can have no use for."""
    mode = subscription.mode
    for name, used_by in (("at", (Mode.DAILY, Mode.WEEKLY)), ("day", (Mode.WEEKLY,))):
        if options.get(name, "").strip() and mode not in used_by:
            wanted = " or ".join(f"mode {one.value}" for one in used_by)
            raise UserError(f"{name}: it needs {wanted}; the mode here is {mode.value}.")
    return replace(
        subscription,
        digest_at=subscription.digest_at if mode in (Mode.DAILY, Mode.WEEKLY) else "",
        digest_day=subscription.digest_day if mode is Mode.WEEKLY else "",
    )


def parse_words(option: str, text: str) -> tuple[str, ...]:
    """``price, export`` as a tuple: at most 20, of 2 to 60 characters (one Chinese character is a word)."""
    words = tuple(
        dict.fromkeys(word for part in re.split(r"[,，、;\n]", text) if (word := " ".join(part.split())))
    )
    if not words or len(words) > _MOST_WORDS:
        raise UserError(f"{option}: give 1 to {_MOST_WORDS} words or phrases, with commas between.")
    for word in words:
        if len(word) > _LONGEST_WORD or (len(word) < 2 and word.isascii()):
            raise UserError(f"{option}: {word[:80]!r} is too short or too long for a word.")
        if option != "not-sources" and new_term(word) is None:
            raise UserError(f"{option}: {word[:80]!r} has no letter or digit that could be looked for.")
    return words


def parse_clock(text: str) -> str:
    """``8:00`` as ``08:00``."""
    found = re.fullmatch(r"(\d{1,2})[:.h]?(\d{2})?", text)
    if found is None or int(found[1]) > 23 or int(found[2] or 0) > 59:
        raise UserError(f"at: {text!r} is no time of day. Write for example 08:00.")
    return f"{int(found[1]):02}:{found[2] or '00'}"


def parse_zone(text: str) -> str:
    """A time zone's name as the tz database has it."""
    try:
        return ZoneInfo(text).key
    except (KeyError, ValueError, OSError):
        raise UserError(f"zone: unknown time zone {text!r}. Write for example Europe/Berlin.") from None


def parse_mention(text: str) -> str:
    """The id in Discord's ``<@&123>``, Slack's ``<!subteam^S123|@desk>``, or as it stands."""
    found = re.fullmatch(
        r"<@&(\d{1,20})>|<!subteam\^([A-Z0-9]{2,20})(?:\|[^>]*)?>|(\d{1,20})|(S[A-Z0-9]{2,20})", text
    )
    if found is None:
        raise UserError("mention: name a role (Discord: @role) or a user group (Slack: @group); or off.")
    return next(part for part in found.groups() if part)


def parse_languages(text: str) -> tuple[str, ...]:
    """``"en,zh"`` as a tuple. Raises ``UserError``."""
    codes = [code.strip().casefold() for code in text.replace(" ", ",").split(",") if code.strip()]
    for code in codes:
        if not (code.isascii() and code.isalpha() and len(code) in (2, 3)):
            raise UserError(f"lang: {code!r} is not a language code. Write for example en,zh.")
    return tuple(dict.fromkeys(codes))


def parse_span(text: str, *, at_least: timedelta, at_most: timedelta) -> timedelta:
    """``6h`` or ``2d``. Raises ``UserError``."""
    try:
        span = parse_duration(text)
    except ValueError as exc:
        raise UserError(f"time: {exc}, or off.") from None
    if not at_least <= span <= at_most:
        hours = at_least // timedelta(hours=1)
        raise UserError(f"time: from {hours}h to {at_most.days}d.")
    return span


def parse_count(text: str) -> int:
    """How many to list, 5 when nothing was said. Raises ``UserError`` outside 1 to 20."""
    if not text.strip():
        return 5
    if not text.strip().isdecimal() or not 1 <= int(text) <= 20:
        raise UserError("count: a number from 1 to 20.")
    return int(text)


def parse_days(text: str, *, most: int, default: int = 30) -> int:
    """A number of days. Raises ``UserError`` outside 1 to ``most``."""
    wanted = text.strip() or str(default)
    if not (wanted.isascii() and wanted.isdecimal()) or not 1 <= int(wanted[:5]) <= most:
        raise UserError(f"days: a number from 1 to {most}.")
    return int(wanted)
