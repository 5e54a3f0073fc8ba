"""What one message tells in the place of several."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.delivery.meanwhile import gathered, meanwhile
from bot.delivery.wording import wording
from bot.model import ChannelKey, Event, Grade, ItemId, StoryId, TopicId
from storage.delivery_rows import AlertRow, DeliveryRow
from storage.items import ItemRow
from tests.builders import NOW, an_item_row

NIGHT = NOW.replace(hour=0)
BERLIN, UTC = ZoneInfo("Europe/Berlin"), ZoneInfo("UTC")


def alert(number: int, grade: Grade, event: Event, at: datetime = NIGHT, **given: Any) -> AlertRow:
    fields: dict[str, Any] = {"previous_grade": None, "answers": (), **given}
    return AlertRow(
        id=number, story=StoryId(1), item=ItemId(number), event=event, grade=grade, reason="", created=at,
        topics=(TopicId("deepseek-v4"),), excerpt="", excerpt_sha256="", **fields,
    )  # fmt: skip


def row(one: AlertRow, state: str = "sending", **given: Any) -> DeliveryRow:
    fields: dict[str, Any] = {
        "id": one.id, "token": "t", "alert": one, "channel": ChannelKey("discord:1"), "kind": "alert",
        "state": state, "attempts": 0, "due": NIGHT + timedelta(hours=7), "first_tried": None,
        "ambiguous": False, "last_error": "", "message_id": None, "thread_id": None, "digest_of": (),
        "folded_for": "", "title": "", "text": "", "created": one.created,
    }  # fmt: skip
    return DeliveryRow(**{**fields, **given})


def test_the_best_proof_leads_though_something_weaker_came_last() -> None:
    first = alert(1, Grade.REPORT, Event.NEW, answers=("Is it out? → rumoured",))
    best = alert(2, Grade.OFFICIAL, Event.UPGRADE, previous_grade=Grade.REPORT)
    last = alert(3, Grade.REPORT, Event.UPDATE, answers=("Is it out? → yes", "Is it open? → no"))
    told = gathered(row(last), last, [row(first, "replaced"), row(best, "replaced")])
    assert (told.lead, told.event, told.previous_grade) == (best, Event.NEW, None)
    assert told.answers == ("Is it out? → yes", "Is it open? → no")
    assert told.since == first.created


def test_of_equal_proof_the_last_leads() -> None:
    first, last = alert(1, Grade.REPORT, Event.NEW), alert(2, Grade.REPORT, Event.UPDATE)
    assert gathered(row(last), last, [row(first, "replaced")]).lead == last


@pytest.mark.parametrize(
    ("replaced", "last", "event", "previous"),
    [
        pytest.param(Grade.LEAK, Grade.OFFICIAL, Event.UPGRADE, Grade.REPORT, id="better than was told"),
        pytest.param(Grade.REPORT, Grade.REPORT, Event.UPDATE, None, id="no better than was told"),
    ],
)
def test_a_channel_that_knew_the_story_hears_what_changed_since(
    replaced: Grade, last: Grade, event: Event, previous: Grade | None
) -> None:
    told_before = row(alert(1, Grade.REPORT, Event.NEW), "sent")
    waited = row(alert(2, replaced, Event.UPGRADE, previous_grade=Grade.REPORT), "replaced")
    now = alert(3, last, Event.UPGRADE, previous_grade=replaced)
    told = gathered(row(now), now, [told_before, waited])
    assert (told.event, told.previous_grade) == (event, previous)


def test_what_was_told_since_is_not_told_again() -> None:
    replaced = row(alert(1, Grade.OFFICIAL, Event.NEW), "replaced")
    told_then = row(alert(2, Grade.OFFICIAL, Event.UPDATE), "sent")
    last = alert(3, Grade.REPORT, Event.UPDATE)
    told = gathered(row(last), last, [replaced, told_then])
    assert (told.lead, told.alerts, told.event) == (last, (last,), Event.UPDATE)


def test_a_correction_is_told_as_it_is() -> None:
    replaced = row(alert(1, Grade.OFFICIAL, Event.NEW), "replaced")
    correction = alert(2, Grade.REPORT, Event.CORRECTION)
    told = gathered(row(correction), correction, [replaced])
    assert (told.lead, told.event) == (correction, Event.CORRECTION)


def test_an_upgrade_alone_keeps_what_it_upgrades() -> None:
    one = alert(1, Grade.LEAK, Event.UPGRADE, previous_grade=Grade.RUMOUR)
    told = gathered(row(one), one, [])
    assert (told.event, told.previous_grade, told.since) == (Event.UPGRADE, Grade.RUMOUR, one.created)


ITEMS = (
    an_item_row(1, publisher="Reuters", seen=NIGHT),
    an_item_row(2, publisher="DeepSeek", seen=NIGHT + timedelta(hours=2, minutes=12)),
    an_item_row(3, publisher="Nikkei", seen=NIGHT + timedelta(hours=3)),
    an_item_row(4, publisher="Caixin", seen=NIGHT + timedelta(hours=3)),
    an_item_row(5, publisher="Caixin", seen=NIGHT + timedelta(hours=4)),
)


def line(
    items: tuple[ItemRow, ...], *, best: Grade = Grade.OFFICIAL, zone: ZoneInfo = BERLIN, hours: float = 7
) -> str:
    first = alert(1, Grade.REPORT, Event.NEW)
    last = alert(2, best, Event.UPGRADE, NIGHT + timedelta(hours=2, minutes=12))
    delivery = row(last, due=NIGHT + timedelta(hours=hours))
    told = gathered(delivery, last, [row(first, "replaced")])
    return meanwhile(told, ITEMS[1], items, due=delivery.due, zone=zone, said=wording("en"))


def test_one_line_says_what_came_in_quiet_hours() -> None:
    assert line(ITEMS) == "2 more outlets; report → official at 03:12"
    assert line(ITEMS[:3], zone=UTC) == "1 more outlet; report → official at 02:12 UTC"
    assert line(ITEMS, best=Grade.REPORT) == "2 more outlets"
    assert line(ITEMS[:2], best=Grade.REPORT) == ""


def test_the_wait_for_better_proof_is_nothing_to_speak_of() -> None:
    assert line(ITEMS, hours=0.1) == ""
