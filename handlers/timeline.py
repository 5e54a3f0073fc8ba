"""A picture of how a topic or a story went: time from left to right, better proof higher up. Pure: values in, a PNG
out. Only this module draws."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from bot.model import Grade

WIDTH = 1200
_LEFT, _RIGHT, _TOP, _ROW, _AXIS = 150, 40, 96, 52, 64
_NAME_SIZE = 13  # of a dot's name
_LINE = 30  # of the list below the picture
_MOST_LISTED = 8
_MOST_MOVES = 24  # changed answers are listed all, up to this many
_HOURS_BELOW = timedelta(days=3)  # a shorter time is labelled by the clock
_MOST_TICKS = 9
_CLOCK_STEPS = (10, 15, 30, 60, 120, 180, 360, 720)  # minutes
_DAY_STEPS = (1, 2, 7, 14, 30, 90)
_INK, _DIM, _GRID, _PAPER, _BAND = "#1f2328", "#656d76", "#d8dee4", "#ffffff", "#f6f8fa"
_COLOUR = {
    Grade.OFFICIAL: "#1a9e52",
    Grade.FILING: "#12703a",
    Grade.PRIMARY_DATA: "#12806a",
    Grade.LEAK: "#8e44ad",
    Grade.REPORT: "#2b7ec1",
    Grade.RUMOUR: "#c29d0b",
    Grade.OPINION: "#7f8c8d",
}
#: Fonts with Chinese characters, where the system has one. Without one such headlines are named by their number.
_WIDE_FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/System/Library/Fonts/PingFang.ttc",
    "C:/Windows/Fonts/msyh.ttc",
)

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One moment. ``name`` is what it is called by, as ``#4`` or ``item 4``; ``size``: how many items tell it."""

    at: datetime
    grade: Grade
    name: str
    title: str
    size: int = 1
    move: str = ""  # the answer that it changed


def timeline_png(
    title: str, marks: Sequence[Mark], *, since: datetime, until: datetime, zone: tzinfo = UTC
) -> bytes:
    """The picture. The weightiest marks are named below it. Raises ``ValueError`` without marks."""
    if not marks:
        raise ValueError("a timeline needs something to show")
    marks = sorted(marks, key=lambda mark: mark.at)
    grades = [grade for grade in reversed(Grade) if any(mark.grade is grade for mark in marks)]
    listed = _listed(marks)
    bottom = _TOP + _ROW * len(grades)
    image = Image.new("RGB", (WIDTH, bottom + _AXIS + _LINE * len(listed) + 24), _PAPER)
    draw = ImageDraw.Draw(image)
    _text(draw, (24, 20), title, size=28, most=WIDTH - 48)
    _text(draw, (24, 58), _caption(marks, since, until, zone), size=16, fill=_DIM)
    for row, grade in enumerate(grades):
        top = _TOP + row * _ROW
        draw.rectangle((_LEFT, top, WIDTH - _RIGHT, top + _ROW), fill=_BAND if row % 2 else _PAPER)
        _text(draw, (24, top + 15), grade.value, size=18, fill=_COLOUR[grade])
    _axis(draw, since, until, zone, bottom)
    places = [(_x(mark.at, since, until), _TOP + (grades.index(mark.grade) + 0.5) * _ROW) for mark in marks]
    for mark, place in zip(marks, places, strict=True):
        _dot(draw, mark, *place)
    _names(draw, [(mark, *place) for mark, place in zip(marks, places, strict=True) if mark in listed])
    for row, mark in enumerate(listed):
        y = bottom + _AXIS + row * _LINE
        draw.ellipse((24, y + 5, 38, y + 19), fill=_COLOUR[mark.grade])
        move = f"   · answer: {mark.move}" if mark.move else ""
        _text(
            draw, (48, y), f"{mark.name}  {mark.at.astimezone(zone):%d %b %H:%M}  {mark.title}{move}",
            size=17, most=WIDTH - 72,
        )  # fmt: skip
    out = BytesIO()
    image.quantize(64).save(out, "PNG", optimize=True)
    return out.getvalue()


def _listed(marks: Sequence[Mark]) -> list[Mark]:
    """Those that are named: changed answers first, then the best proof and what most tell; in the order of time."""
    moved = sum(1 for mark in marks if mark.move)
    most = max(_MOST_LISTED, min(moved, _MOST_MOVES))
    return sorted(sorted(marks, key=_weight, reverse=True)[:most], key=lambda mark: mark.at)


def _weight(mark: Mark) -> tuple[bool, int, int]:
    return bool(mark.move), mark.grade.rank, mark.size


def _caption(marks: Sequence[Mark], since: datetime, until: datetime, zone: tzinfo) -> str:
    form = "%d %b %Y %H:%M" if until - since < _HOURS_BELOW else "%d %b %Y"
    span = f"{since.astimezone(zone):{form}} to {until.astimezone(zone):{form}} · {len(marks)} shown"
    return f"{span} · ring: changed an answer" if any(mark.move for mark in marks) else span


def _x(at: datetime, since: datetime, until: datetime) -> float:
    share = (at - since) / max(until - since, timedelta(seconds=1))
    return _LEFT + 14 + (WIDTH - _RIGHT - _LEFT - 28) * min(max(share, 0.0), 1.0)


def _ticks(since: datetime, until: datetime, zone: tzinfo) -> list[datetime]:
    """Whole hours or days of the zone's clock, at most about nine."""
    span = until - since
    if span < _HOURS_BELOW:
        sizes = [timedelta(minutes=minutes) for minutes in _CLOCK_STEPS]
    else:
        sizes = [timedelta(days=days) for days in _DAY_STEPS]
    step = next((size for size in sizes if span / size <= _MOST_TICKS), timedelta(days=120))
    moment = since.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    found = []
    while moment <= until:
        if moment >= since:
            found.append(moment)
        moment += step
    return found


def _axis(draw: ImageDraw.ImageDraw, since: datetime, until: datetime, zone: tzinfo, bottom: int) -> None:
    by_clock, day = until - since < _HOURS_BELOW, ""
    for moment in _ticks(since, until, zone):
        x = _x(moment, since, until)
        draw.line((x, _TOP, x, bottom), fill=_GRID)
        shown = f"{moment:%d %b}"
        _text(draw, (x - 22, bottom + 8), f"{moment:%H:%M}" if by_clock else shown, size=15, fill=_DIM)
        if by_clock and shown != day:  # the day once, below its first hour
            _text(draw, (x - 22, bottom + 28), shown, size=15, fill=_DIM)
        day = shown
    draw.line((_LEFT, bottom, WIDTH - _RIGHT, bottom), fill=_DIM)


def _radius(mark: Mark) -> float:
    return min(6 + 2 * math.sqrt(mark.size - 1), 14)


def _dot(draw: ImageDraw.ImageDraw, mark: Mark, x: float, y: float) -> None:
    radius = _radius(mark)
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=_COLOUR[mark.grade], outline=_PAPER)
    if mark.move:
        draw.ellipse((x - radius - 4, y - radius - 4, x + radius + 4, y + radius + 4), outline=_INK, width=2)


def _names(draw: ImageDraw.ImageDraw, named: Sequence[tuple[Mark, float, float]]) -> None:
    """The weightiest first; one that would be printed over another is left out, the list below has it."""
    taken: list[tuple[float, float, float]] = []
    for mark, x, y in sorted(named, key=lambda each: _weight(each[0]), reverse=True):
        top, width = y - _radius(mark) - (22 if mark.move else 19), _plain(_NAME_SIZE).getlength(mark.name)
        left = min(x - width / 2, WIDTH - _RIGHT - width)
        if _is_free(taken, left, top, left + width):
            taken.append((left, top, left + width))
            _text(draw, (left, top), mark.name, size=_NAME_SIZE, fill=_DIM)


def _is_free(taken: Sequence[tuple[float, float, float]], left: float, top: float, right: float) -> bool:
    """Whether a name has room there. ``taken``: left, top and right of those that stand, all of one height."""
    return all(
        right + 4 <= other_left or other_right + 4 <= left or abs(top - other_top) >= _NAME_SIZE + 2
        for other_left, other_top, other_right in taken
    )


def _text(
    draw: ImageDraw.ImageDraw, at: tuple[float, float], text: str, *, size: int, fill: str = _INK,
    most: int | None = None,
) -> None:  # fmt: skip
    """``most``: cut with an ellipsis to this many pixels."""
    font, shown = _font_for(text, size)
    while most is not None and shown and font.getlength(shown) > most:
        shown = shown[: -max(2, len(shown) // 40)].rstrip() + "…"
    draw.text(at, shown, font=font, fill=fill)


def _font_for(text: str, size: int) -> tuple[Font, str]:
    """A font that can show the text; without one, the text without what cannot be shown."""
    if all(map(_is_plain, text)):
        return _plain(size), text
    wide = _wide(size)
    if wide is not None:
        return wide, text
    kept = "".join(character if _is_plain(character) else " " for character in text)
    return _plain(size), " ".join(kept.split()) or "(a headline that this machine has no font for)"


def _is_plain(character: str) -> bool:
    """Whether Pillow's own font has it: Latin letters and common marks."""
    return character < "\u0250" or character in "–—…“”‘’•€"


@cache
def _plain(size: int) -> Font:
    return ImageFont.load_default(size)


@cache
def _wide(size: int) -> Font | None:
    found = next((path for path in _WIDE_FONTS if Path(path).exists()), None)
    return None if found is None else ImageFont.truetype(found, size)
