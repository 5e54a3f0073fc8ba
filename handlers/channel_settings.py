"""How a channel is told: its time zone, language, limits and threads; shown, changed, and as a form."""

import re
from typing import Any

from bot.delivery.budgets import DEFAULT_BUDGET, DEFAULT_BURST
from bot.delivery.replanning import replan
from bot.delivery.wording import languages, wording
from bot.errors import UserError
from bot.model import ALL_TOPICS, Grade, Mode
from handlers.answers import subscription_facts
from handlers.context import Context
from handlers.options import parse_zone, topic_asked
from handlers.replies import Button, Entry, Field, Form, Reply
from handlers.requests import Request
from storage import audit, channels, subscriptions
from storage.channels import ChannelSettings
from storage.subscriptions import Subscription

#: Nobody reads more alerts; more would only hide a slip of the pen.
_MOST = 1000
_GRADES = tuple(grade.value for grade in reversed(Grade))
_BUTTONS_SHOWN = 4
_CHANGES_SHOWN = 20


async def settings(context: Context, request: Request) -> Reply:
    """Without options: what is so. With some: change them. ``log``: who changed what."""
    if request.options.get("log"):
        return await _log(context, request)
    changes = _changes(request.options)
    async with context.database.transaction() as tx:
        if changes:
            held = await channels.change(tx, request.channel, **changes)
            if "zone" in changes:
                await replan(tx, request.channel, now=context.clock())
            told = ", ".join(f"{name}={value}" for name, value in request.options.items() if value)
            await audit.record(
                tx, server=request.server, channel=request.channel, made_by=request.user,
                action="settings changed", detail=told, now=context.clock(),
            )  # fmt: skip
        else:
            held = await channels.settings(tx, request.channel)
        subscribed = await subscriptions.of_channel(tx, request.channel)
    entries = [Entry(title="This channel", lines=_lines(held))]
    entries += [Entry(title=_name(context, row), facts=subscription_facts(row)) for row in subscribed[:20]]
    return Reply(
        title="Settings changed" if changes else "Settings",
        tone="done" if changes else "info",
        entries=tuple(entries),
        buttons=(
            Button(label="Change this channel", command="settings", style="main", form=True),
            *(
                Button(
                    label=f"Change {_name(context, row)}"[:60], command="subscribe",
                    options=(("topic", row.topic),), form=True,
                )
                for row in subscribed[:_BUTTONS_SHOWN]
            ),
            Button(label="Send a sample", command="test"),
            Button(label="Who changed what", command="settings", options=(("log", "show"),)),
        ),
    )  # fmt: skip


async def _log(context: Context, request: Request) -> Reply:
    """The last changes: of the whole server for whoever may manage it, else of this channel."""
    if len([value for value in request.options.values() if value]) > 1:
        raise UserError("settings: log is shown by itself; nothing was changed.")
    server = request.server if request.may_manage_server else ""
    async with context.database.reading() as conn:
        made = await audit.of_server(conn, server, request.channel, limit=_CHANGES_SHOWN)
        places = await channels.settings_of(conn, {row.channel for row in made})
    entries = tuple(
        Entry(
            title=f"{row.action}: {row.detail}",
            facts=(
                f"{row.at:%d %b %Y %H:%M} UTC",
                f"by {row.made_by or 'somebody'}",
                "here" if row.channel == request.channel else f"in {places[row.channel].name or row.channel}",
            ),
        )
        for row in made
    )
    where = "server" if server else "channel"
    return Reply(
        title=f"What was changed in this {where}",
        text="The newest first." if entries else "Nothing yet.",
        entries=entries,
        rows=True,
    )


async def settings_form(context: Context, request: Request) -> Form:
    async with context.database.reading() as conn:
        held = await channels.settings(conn, request.channel)
    return Form(
        title="How this channel is told",
        command="settings",
        fields=(
            Field(name="zone", label="Time zone", value=held.zone, hint="Europe/Berlin"),
            Field(name="language", label="Language", value=held.locale, hint=", ".join(languages())),
            Field(
                name="budget", label="Alerts a day, then the digest", value=_number(held.budget),
                hint=f"{DEFAULT_BUDGET}; off for no limit",
            ),
            Field(
                name="burst", label="Alerts an hour, then one message", value=_number(held.burst),
                hint=f"{DEFAULT_BURST}; off for no limit",
            ),
            Field(
                name="threads", label="A thread for each story", value="on" if held.threads else "off",
                choices=("on", "off"),
            ),
        ),
    )  # fmt: skip


async def subscribe_form(context: Context, request: Request) -> Form:
    """The filters that people change most; the command has the rest."""
    topic = topic_asked(request, context.catalog)
    wanted = topic.id if topic else ALL_TOPICS
    async with context.database.reading() as conn:
        held = next(
            (s for s in await subscriptions.of_channel(conn, request.channel) if s.topic == wanted), None
        )
    return Form(
        title=(f"Told of {topic.name}" if topic else "Told of every topic")[:45],
        command="subscribe",
        options=(("topic", wanted),),
        fields=(
            Field(
                name="min-grade", label="Weakest evidence", choices=_GRADES,
                value=held.min_grade.value if held else Grade.OPINION.value,
            ),
            Field(
                name="mode", label="When", choices=tuple(mode.value for mode in Mode),
                value=held.mode.value if held else Mode.INSTANT.value,
            ),
            Field(name="lang", label="Languages", value=",".join(held.languages) if held else "", hint="all, or en,zh"),
            Field(
                name="quiet", label="Quiet hours", value=held.quiet if held else "",
                hint="22:00-07:00@Europe/Berlin, or off",
            ),
            Field(
                name="words", label="Only with one of these words", value=", ".join(held.words) if held else "",
                hint="price, export; or off",
            ),
        ),
    )  # fmt: skip


def _changes(options: dict[str, str]) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if zone := options.get("zone", "").strip():
        changes["zone"] = "" if zone == "off" else parse_zone(zone)
    if language := options.get("language", "").strip():
        if not re.fullmatch(r"[A-Za-z]{2,3}([-_][A-Za-z]{2,4})?", language):
            raise UserError(
                f"language: {language[:40]!r} is no language code. Write for example de or pt-BR."
            )
        changes["locale"] = language if language not in ("off", "default") else ""
    for name in ("budget", "burst"):
        if given := options.get(name, "").strip().lower():
            changes[name] = _limit(name, given)
    for name in ("threads", "publish"):
        if given := options.get(name, ""):
            changes[name] = given == "on"
    return changes


def _limit(name: str, text: str) -> int | None:
    """``off`` as 0, ``default`` as None."""
    if text in ("off", "default"):
        return 0 if text == "off" else None
    if not (text.isascii() and text.isdecimal()) or not 1 <= int(text[:6]) <= _MOST:
        raise UserError(f"{name}: a number from 1 to {_MOST}, or off, or default.")
    return int(text)


def _number(held: int | None) -> str:
    return "" if held is None else "off" if held == 0 else str(held)


def _lines(held: ChannelSettings) -> tuple[str, ...]:
    budget = DEFAULT_BUDGET if held.budget is None else held.budget
    burst = DEFAULT_BURST if held.burst is None else held.burst
    lines = [
        f"Time zone: {held.zone or 'UTC'}",
        f"Language: {_language(held.locale)}",
        f"Alerts a day before lesser evidence waits for the digest: {budget or 'no limit'}",
        f"Alerts an hour before the rest is one message: {burst or 'no limit'}",
        f"A thread for each story: {'on' if held.threads else 'off'}",
    ]
    if held.kind == "announcement":
        lines.append(f"Published to the servers that follow this channel: {'on' if held.publish else 'off'}")
    return tuple(lines)


def _language(locale: str) -> str:
    """The language that messages are in; for one that there are no words for, which ones there are."""
    said = wording(locale).language
    wanted = locale.replace("_", "-").partition("-")[0].lower()
    if wanted in ("", said):
        return said
    return f"{said}, as Tipoff has no words in {locale}; it has {', '.join(languages())}"


def _name(context: Context, row: Subscription) -> str:
    return "Every topic" if row.topic == ALL_TOPICS else context.catalog.topic_names([row.topic])[0]
