"""What people's word on alerts changes, for their own server only.

Noise: three people, or in a direct message one person of three alerts, call alerts of one publisher noise within 30
days and nobody calls one useful in between: from then on, what that publisher brings below a leak waits for the
digest there. The rule says why, can be taken back, and then asks for as much again. Wrong story: two people say so;
that is shown to whoever runs Tipoff and changes nothing by itself. Useful: ends a row of noise.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from bot.errors import UserError
from bot.model import ChannelKey, StoryId
from storage import audit, rules
from storage import feedback as stored
from storage.database import Connection
from storage.feedback import PEOPLE_FOR_WRONG, FeedbackRow, Said
from storage.rules import Rule

WINDOW = timedelta(days=30)
#: So many people, or of one person alone so many alerts, make a publisher noise.
ENOUGH = 3
_SAID = ("useful", "noise", "wrong-story")


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a word. ``before``: what the person said of the alert until now, "" for nothing. ``rule``: what
    it changed for the server; ``effect`` says it in a sentence, "" where nothing changes."""

    said: Said
    before: str
    publisher: str
    rule: Rule | None = None
    effect: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackTally:
    """What was said in a server, and what it changed. ``wrong_stories``: those that several people call wrong, with
    how many do."""

    useful: int
    noise: int
    wrong: int
    rules: tuple[Rule, ...]
    wrong_stories: tuple[tuple[StoryId, int], ...]


def is_noise(said: Sequence[FeedbackRow], *, alone: bool, since: datetime | None = None) -> bool:
    """Whether a publisher is noise here, by what is said of its alerts in the order in which it was said. ``alone``: a
    direct message, where no second person could say so. ``since``: when people last took such a rule back."""
    row: list[FeedbackRow] = []
    for one in said:
        if since is not None and one.at <= since:
            continue
        if one.said == "useful":
            row = []
        elif one.said == "noise":
            row.append(one)
    different = {one.alert for one in row} if alone else {one.person for one in row}
    return len(different) >= ENOUGH


async def take(
    tx: Connection, *, alert: int, channel: ChannelKey, server: str, person: str, verdict: str, now: datetime
) -> Taken:
    """Keep what a person says of an alert that their channel was told, in the place of what they said before, and
    change what follows from it. ``server`` "" is a direct message. What it changes is in the audit log.

    Raises ``UserError`` for a word that nobody knows, and for an alert that was not told here.
    """
    if verdict not in _SAID:
        raise UserError(f"feedback: say one of {', '.join(_SAID)}.")
    judged = await stored.told_alert(tx, alert, channel)
    if judged is None:
        raise UserError("feedback: that alert was not told here.")
    said, owner = cast("Said", verdict), server or str(channel)
    before = await stored.say(
        tx, judged=judged, channel=channel, server=owner, person=person, said=said, now=now
    )
    taken = Taken(said=said, before=before, publisher=judged.publisher)
    if before == said:
        return taken
    if said == "wrong-story":
        people = dict(await stored.wrong_stories(tx, since=now - WINDOW, server=owner))
        shown = people.get(judged.story, 0) >= PEOPLE_FOR_WRONG
        effect = (
            f"{PEOPLE_FOR_WRONG} people say so: whoever runs Tipoff sees it in the status." if shown else ""
        )
        return Taken(said=said, before=before, publisher=judged.publisher, effect=effect)
    if said != "noise" or not judged.publisher:
        return taken
    rows = await stored.of_publisher(tx, owner, judged.publisher, since=now - WINDOW)
    undone = await rules.last_undone(tx, owner, "publisher-to-digest", judged.publisher)
    alone = owner == channel
    if not is_noise(rows, alone=alone, since=undone):
        return taken
    who = f"{ENOUGH} of its alerts were called noise." if alone else f"{ENOUGH} people called it noise."
    rule = await rules.add(
        tx, server=owner, kind="publisher-to-digest", value=judged.publisher, cause=who, now=now
    )
    if rule is None:
        return taken
    effect = (
        f"{judged.publisher} waits for the digest here from now on, unless it brings a leak or better. "
        f"feedback undo {rule.id} takes that back."
    )
    await audit.record(
        tx, server=server, channel=channel, made_by=person, action="publisher to digest",
        detail=f"{judged.publisher} (rule {rule.id})", now=now,
    )  # fmt: skip
    return Taken(said=said, before=before, publisher=judged.publisher, rule=rule, effect=effect)


async def undo(
    tx: Connection, rule: int, *, server: str, channel: ChannelKey, person: str, now: datetime
) -> Rule:
    """Take back a change that feedback made here. Raises ``UserError`` when there is none of that number."""
    owner = server or str(channel)
    undone = await rules.undo(tx, rule, server=owner, by=person, now=now)
    if undone is None:
        held = ", ".join(f"{one.id} ({one.value})" for one in await rules.in_force(tx, owner)) or "none"
        raise UserError(f"feedback: there is no change {rule} here. There are: {held}.")
    await audit.record(
        tx, server=server, channel=channel, made_by=person, action="feedback taken back",
        detail=f"{undone.value} (rule {undone.id})", now=now,
    )  # fmt: skip
    return undone


async def tally(conn: Connection, *, server: str, channel: ChannelKey, since: datetime) -> FeedbackTally:
    """What was said here since then, and what holds because of it."""
    owner = server or str(channel)
    counts = await stored.counts(conn, since=since, server=owner)
    return FeedbackTally(
        useful=counts.get("useful", 0),
        noise=counts.get("noise", 0),
        wrong=counts.get("wrong-story", 0),
        rules=tuple(await rules.in_force(conn, owner)),
        wrong_stories=tuple(await stored.wrong_stories(conn, since=since, server=owner)),
    )
