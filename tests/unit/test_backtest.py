"""What a subscription would have told."""

from datetime import timedelta

from bot.delivery.backtest import Backtest, Trial
from bot.model import ChannelKey, Event, Grade, Mode, StoryId
from storage.channels import ChannelSettings
from storage.items import ItemRow
from storage.mutes import Mute
from tests.builders import NOW, a_catalog, a_subscription, an_item_row

HERE = ChannelKey("discord:1")
HOLD = timedelta(seconds=30)


def trial(
    *,
    budget: int | None = None,
    burst: int | None = None,
    muted: tuple[Mute, ...] = (),
    noisy: tuple[str, ...] = (),
    **subscription: object,
) -> Trial:
    return Trial(
        subscription=a_subscription(channel=HERE, **subscription),
        settings=ChannelSettings(key=HERE, budget=budget, burst=burst),
        catalog=a_catalog(),
        muted=muted,
        noisy=noisy,
        hold=HOLD,
    )


def played(made: Trial, rows: list[ItemRow]) -> Backtest:
    for row in rows:
        made.take(row, row.seen)
    return made.result()


def stories(count: int, *, every: timedelta = timedelta(minutes=1), **given: object) -> list[ItemRow]:
    return [
        an_item_row(number, story=StoryId(number), seen=NOW + number * every, **given)
        for number in range(1, count + 1)
    ]


def test_each_story_is_one_message_and_what_adds_to_it_is_none() -> None:
    first, second = stories(2)
    adds = an_item_row(3, story=first.story, seen=NOW + timedelta(hours=1), event=Event.UPDATE, alert=False)
    found = played(trial(), [first, second, adds])
    assert [(one.at, one.digest, one.entries[0].title) for one in found.messages] == [
        (first.seen + HOLD, False, first.title),
        (second.seen + HOLD, False, second.title),
    ]
    assert found.alerts == 2


def test_what_is_kept_out_is_counted_with_its_reason() -> None:
    rows = [*stories(3), *stories(2, grade=Grade.OPINION)]
    found = played(trial(min_grade=Grade.REPORT), rows)
    assert found.alerts == 3
    assert found.kept == {"its evidence (opinion) is below report": 2}


def test_better_proof_within_the_hold_is_one_message() -> None:
    (first,) = stories(1)
    better = an_item_row(
        2, story=first.story, seen=first.seen + timedelta(seconds=10), event=Event.UPGRADE, grade=Grade.OFFICIAL,
        previous_grade=Grade.REPORT,
    )  # fmt: skip
    (message,) = played(trial(), [first, better]).messages
    assert (message.at, message.entries[0].grade) == (better.seen, Grade.OFFICIAL)


def test_the_limits_fold_as_they_do_live() -> None:
    found = played(trial(burst=3), stories(6))
    singles = [one for one in found.messages if not one.digest]
    (digest,) = [one for one in found.messages if one.digest]
    assert (len(singles), len(digest.entries)) == (3, 3)
    assert digest.reason == "Not told one by one: over its limit of alerts an hour."
    assert digest.at == NOW + timedelta(hours=1)


def test_a_budget_of_the_day_frees_itself() -> None:
    rows = stories(3, every=timedelta(hours=13))
    found = played(trial(budget=2), rows)
    assert [one.digest for one in found.messages] == [False, False, False], (
        "the first is more than a day old by the third"
    )
    found = played(trial(budget=2), stories(3, every=timedelta(hours=1)))
    assert [one.digest for one in found.messages] == [False, False, True]


def test_quiet_hours_tell_a_story_once() -> None:
    first = an_item_row(1, seen=NOW)
    better = an_item_row(2, seen=NOW + timedelta(hours=1), event=Event.UPGRADE, grade=Grade.LEAK)
    (message,) = played(trial(quiet="11:00-20:00"), [first, better]).messages
    assert message.at == NOW.replace(hour=20)
    assert message.entries[0].grade is Grade.LEAK


def test_mutes_count_while_they_held_and_rules_always() -> None:
    rows = stories(4, every=timedelta(hours=1))
    mute = Mute(
        channel=HERE, story=None, topic="deepseek-v4", until=rows[1].seen + timedelta(minutes=1), made_by="",
        created=NOW,
    )  # fmt: skip
    found = played(trial(muted=(mute,)), rows)
    assert (found.alerts, found.kept) == (2, {"its topic is muted here": 2})
    of_noise = played(trial(noisy=("Reuters",)), rows)
    assert [one.digest for one in of_noise.messages] == [True]
    assert "called noise" in of_noise.messages[0].reason


def test_a_digest_that_is_asked_for_needs_no_reason() -> None:
    (message,) = played(trial(mode=Mode.DAILY), stories(5)).messages
    assert (message.digest, message.reason, len(message.entries)) == (True, "", 5)
