"""The commands that answer with a file: a timeline as a picture, a channel's alerts as a table."""

import csv
import json
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from io import StringIO
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from bot.errors import UserError
from bot.model import StoryId
from handlers.answers import counted
from handlers.asking import story_asked
from handlers.context import Context
from handlers.options import parse_days, topic_asked
from handlers.replies import Attachment, Button, Reply
from handlers.requests import Request
from storage import items, stories, watches
from storage.exports import ToldRow, told_to
from storage.items import ItemRow
from storage.stories import Story

if TYPE_CHECKING:
    from handlers.timeline import Mark

_MOST_MARKS = 400
_LEAST_MARGIN = timedelta(minutes=30)  # before and after the news, so an hour is the least that is shown
_MOST_ROWS = 10_000
#: Discord takes 10 MiB from a bot in a server without boosts.
_MOST_BYTES = 8 * 1024 * 1024


async def timeline(context: Context, request: Request) -> Reply:
    """The picture of one story, of one topic, or of all of them."""
    from handlers.timeline import timeline_png

    now, days = context.clock(), parse_days(request.options.get("days", ""), most=365)
    since = now - timedelta(days=days)
    topic = topic_asked(request, context.catalog)
    async with context.database.reading() as conn:
        if request.options.get("story", "").strip():
            story = await story_asked(conn, request)
            rows = await items.items_of_story(conn, story.id, limit=_MOST_MARKS)
            marks = [_item_mark(row) for row in rows]
            title = f"#{story.id} {story.title}"
            about = "/story shows it in words."
        else:
            found = await stories.latest(conn, topic=topic.id if topic else None, limit=_MOST_MARKS)
            found = [story for story in found if story.first_at >= since]
            if not found:
                raise UserError(f"Nothing in the last {counted(days, 'day')}.")
            moves = await _moves(context, [story.id for story in found])
            marks = [_story_mark(story, moves.get(story.id, "")) for story in found]
            title = topic.name if topic else "Every topic"
            about = "Each dot is a story; the bigger, the more items tell it. /story NUMBER tells more."
    zone = ZoneInfo("UTC")
    first, last = min(mark.at for mark in marks), max(mark.at for mark in marks)
    margin = max((last - first) / 50, _LEAST_MARGIN)  # the picture spans the news, not the days asked for
    data = timeline_png(title, marks, since=first - margin, until=last + margin, zone=zone)
    dots = counted(len(marks), "dot")
    described = f"Timeline of {title}: {dots} by evidence, from {first:%d %b %Y} to {last:%d %b %Y}"
    return Reply(
        title=f"Timeline: {title}"[:250],
        text=about,
        file=Attachment(name="timeline.png", mime="image/png", data=data, described=described),
    )


def _item_mark(row: ItemRow) -> "Mark":
    from handlers.timeline import Mark

    return Mark(
        at=row.published,
        grade=row.graded.grade,
        name=f"item {row.id}",
        title=f"{row.publisher}: {row.title}",
        move=", ".join(move.state for move in row.watch),
    )


def _story_mark(story: Story, move: str) -> "Mark":
    from handlers.timeline import Mark

    return Mark(
        at=story.first_at,
        grade=story.grade,
        name=f"#{story.id}",
        title=story.title,
        size=story.items,
        move=move,
    )


async def _moves(context: Context, shown: Sequence[StoryId]) -> dict[StoryId, str]:
    """What each story made of the answers, in the order in which it did."""
    async with context.database.reading() as conn:
        made = await watches.moves_of(conn, shown)
    return {story: ", ".join(dict.fromkeys(states)) for story, states in made.items()}


async def export(context: Context, request: Request) -> Reply:
    """The channel's alerts with their proof: text, hash, time."""
    now, days = context.clock(), parse_days(request.options.get("days", ""), most=365)
    kind = request.options.get("format", "") or "csv"
    rows: list[ToldRow] = []
    async with context.database.reading() as conn:
        async for row in told_to(conn, request.channel, since=now - timedelta(days=days)):
            rows.append(row)
            if len(rows) > _MOST_ROWS:
                raise UserError(f"More than {_MOST_ROWS} alerts: ask for fewer days.")
    if not rows:
        return Reply(
            title=f"Nothing was told here in the last {counted(days, 'day')}",
            text="/subscriptions shows what this channel is told.",
            buttons=(Button(label="Subscriptions", command="subscriptions"),),
        )
    data = as_csv(rows) if kind == "csv" else as_json(rows)
    if len(data) > _MOST_BYTES:
        raise UserError("The file would be larger than chat takes: ask for fewer days.")
    name = f"tipoff-{now:%Y-%m-%d}.{kind}"
    mime = "text/csv" if kind == "csv" else "application/json"
    return Reply(
        title=f"{counted(len(rows), 'alert')} of the last {counted(days, 'day')}",
        text="With the text that was read, its SHA-256 and its time.",
        file=Attachment(name=name, mime=mime, data=data),
        tone="done",
    )


def as_csv(rows: Sequence[ToldRow]) -> bytes:
    """RFC 4180, UTF-8 with a mark that spreadsheets look for. A text that a spreadsheet would take for a formula gets
    an apostrophe before it (https://owasp.org/www-community/attacks/CSV_Injection)."""
    out = StringIO()
    names = [field.name for field in fields(ToldRow)]
    table = csv.writer(out)
    table.writerow(names)
    for row in rows:
        table.writerow([_cell(getattr(row, name)) for name in names])
    return out.getvalue().encode("utf-8-sig")


def as_json(rows: Sequence[ToldRow]) -> bytes:
    names = [field.name for field in fields(ToldRow)]
    table = [{name: _plain(getattr(row, name)) for name in names} for row in rows]
    return json.dumps(table, ensure_ascii=False, indent=1).encode()


def _plain(value: Any) -> Any:
    return (
        value.isoformat()
        if isinstance(value, datetime)
        else list(value)
        if isinstance(value, tuple)
        else value
    )


def _cell(value: Any) -> str:
    text = " ".join(value) if isinstance(value, tuple) else "" if value is None else str(_plain(value))
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
