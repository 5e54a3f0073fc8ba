"""Reports, once, a deadline that passed without the answer that was promised."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog

from bot.delivery.planning import notice_dues
from bot.flow.intervals import AtMostEvery
from bot.judgement.watch_question import has_reached
from bot.model import Catalog, Watch
from storage import deadlines, deliveries, mutes, stories, subscriptions
from storage.database import Connection, Database
from storage.deadlines import Deadline

log = structlog.get_logger()

#: Deadlines end with a day; nobody needs to hear of it to the second.
_LOOK_EVERY = timedelta(seconds=30)


class DeadlineKeeper:
    """One for the process. ``look`` is called at every tick; what was reported is in the database."""

    def __init__(self, database: Database, catalog: Catalog, *, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._catalog = catalog
        self._clock = clock
        self._looks = AtMostEvery(_LOOK_EVERY)

    async def look(self) -> int:
        """Put notices into the outbox where a deadline passed; returns how many. Raises ``StorageError``."""
        now = self._clock()
        if not self._looks.begins(now):
            return 0
        async with self._database.reading() as conn:
            found = await deadlines.open_deadlines(conn)
        if not any(row.at <= now for row in found):
            return 0
        return await self._report(now)

    async def _report(self, now: datetime) -> int:
        made = 0
        async with self._database.transaction() as tx:
            found = await deadlines.open_deadlines(tx)
            answers = {(row.topic, row.question_id): row.state for row in await stories.watch_answers(tx)}
            passed = [row for row in found if row.at <= now]
            ended = await deadlines.close(tx, [row.id for row in passed], now=now)
            for row in _to_tell([row for row in passed if row.id in ended], found):
                watch = self._watch(row)
                state = answers.get((row.topic, row.question_id), "")
                if watch is not None and not has_reached(watch, state, row.state):
                    made += await self._tell(tx, row, watch, state, now)
        return made

    def _watch(self, row: Deadline) -> Watch | None:
        topic = self._catalog.topic(row.topic)
        return (
            next((watch for watch in topic.watches if watch.id == row.question_id), None) if topic else None
        )

    async def _tell(self, tx: Connection, row: Deadline, watch: Watch, state: str, now: datetime) -> int:
        title = f"Deadline passed: {watch.question}"
        text = (
            f"“{row.phrase}” is over, without the answer {row.state}. It stands at: {state or 'nothing known'}.\n"
            f"Said by {row.publisher or 'a source'} ({row.grade.value}) on {row.said:%d %b %Y}: {row.title}\n{row.url}"
        )
        muted = {mute.channel for mute in await mutes.touching(tx, None, [row.topic], now=now)}
        due = notice_dues(await subscriptions.of_topics(tx, [row.topic]), now)
        made = 0
        for channel in due.keys() - muted:
            made += await deliveries.add_notice(
                tx, channel, title, text, now=now, due=due[channel], key=f"deadline:{row.id}"
            )
        log.info("deadline_passed", question=row.question_id, phrase=row.phrase, channels=made)
        return made


def _to_tell(passed: Sequence[Deadline], known: Sequence[Deadline]) -> list[Deadline]:
    """Of each question the deadline that was named last. A later word that moved it further away supersedes it."""
    told: dict[tuple[str, str], Deadline] = {}
    for row in passed:  # what was said last comes first
        newer = any(
            (other.topic, other.question_id) == (row.topic, row.question_id)
            and other.said > row.said
            and other.at > row.at
            for other in known
        )
        if not newer:
            told.setdefault((row.topic, row.question_id), row)
    return list(told.values())
