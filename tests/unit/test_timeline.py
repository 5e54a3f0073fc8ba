"""The timeline as a picture: what its axis says, which names are printed, what is listed."""

from datetime import timedelta
from io import BytesIO
from itertools import pairwise

import pytest
from PIL import Image, ImageDraw

from bot.model import Grade
from handlers.timeline import Mark, timeline_png
from tests.builders import NOW


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, float, str]]:
    """Every text that is drawn, with its left and its top."""
    found: list[tuple[float, float, str]] = []
    draw = ImageDraw.ImageDraw.text

    def text(
        self: ImageDraw.ImageDraw, xy: tuple[float, float], text: str, *more: object, **named: object
    ) -> None:
        found.append((*xy, text))
        draw(self, xy, text, *more, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(ImageDraw.ImageDraw, "text", text)
    return found


def a_mark(number: int, minutes: float, move: str = "", grade: Grade = Grade.REPORT) -> Mark:
    return Mark(
        at=NOW + timedelta(minutes=minutes), grade=grade, name=f"#{number}", title=f"News {number}", move=move
    )


def drawn(marks: list[Mark], *, hours: float) -> None:
    margin = timedelta(hours=hours) / 2
    data = timeline_png("V4", marks, since=NOW - margin, until=NOW + margin)
    assert Image.open(BytesIO(data)).width == 1200


@pytest.mark.parametrize(("hours", "form"), [(1, ":"), (20, ":"), (71, ":"), (80, " Nov"), (2000, " ")])
def test_any_span_has_an_axis_and_a_short_one_is_labelled_by_the_clock(
    printed: list[tuple[float, float, str]], hours: float, form: str
) -> None:
    drawn([a_mark(1, 0)], hours=hours)
    tops = [top for _, top, text in printed if text == "#1"]
    ticks = [
        text for _, top, text in printed if tops[0] < top and len(text) <= 6 and text not in ("#1", "report")
    ]
    assert 2 <= len(ticks) <= 16
    assert any(form in text for text in ticks)


def test_names_are_never_printed_over_each_other_and_all_are_listed(
    printed: list[tuple[float, float, str]],
) -> None:
    drawn([a_mark(number, number / 10) for number in range(1, 9)], hours=1)
    names = sorted((left, top) for left, top, text in printed if text.startswith("#") and "News" not in text)
    assert names
    assert all(abs(one[0] - two[0]) > 14 or one[1] != two[1] for one, two in pairwise(names))
    assert sum("News" in text for _, _, text in printed) == 8


def test_every_changed_answer_is_listed_and_the_caption_says_what_a_ring_is(
    printed: list[tuple[float, float, str]],
) -> None:
    drawn([a_mark(number, number, "released") for number in range(1, 13)], hours=2)
    assert sum("answer: released" in text for _, _, text in printed) == 12
    assert any("ring: changed an answer" in text for _, _, text in printed)
    printed.clear()
    drawn([a_mark(1, 0)], hours=2)
    assert not any("ring" in text for _, _, text in printed)
