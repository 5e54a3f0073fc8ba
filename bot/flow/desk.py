"""The desk: where what was read is judged and saved, many polls in one transaction.

Judgement's memory is a cache of the database. It is caught up inside the transaction, under a lock, so that many
processes on one database judge as one would; after a failed transaction it is thrown away and read again.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby

import structlog

from bot.delivery.planning import NO_HOLD, is_good_enough
from bot.delivery.telling import plans_of
from bot.flow.corrected import changed_headlines, excerpt, tell_changed, tell_corrected
from bot.flow.deadlines import DeadlineKeeper
from bot.flow.firstrun import FEW, newest_few
from bot.flow.floods import tell_floods
from bot.flow.poll import Read
from bot.flow.renamed import without_renamed
from bot.flow.rhythm import next_gap
from bot.judgement.canonical import make_item
from bot.judgement.judge import Judge
from bot.judgement.memory import OFF_TOPIC_KEPT
from bot.judgement.watch_proof import Proof
from bot.model import Catalog, Event, Grade, Item, ItemId, Source, SourceId, StoryId, Verdict
from storage import corrections, deadlines, deliveries, holding, items, sources, stories, subscriptions
from storage.corrections import ToldItem
from storage.database import Connection, Database, get_note, judge_lock, set_note
from storage.sources import PollRecord

log = structlog.get_logger()

#: How far back judgement remembers at a start; stories quiet for longer are closed.
MEMORY = timedelta(days=21)
_CATCH_UP_ROWS = 1000  # some 6 kB each while they are read
#: A document of at least this many entries, none of them known, from a source that was read before: a feed that
#: changed its ids or its subject. The newest few are told, the rest recorded.
_FLOOD_ITEMS = 10
#: Some ten milliseconds of judging.
_JUDGED_AT_ONCE = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What one batch came to."""

    items_new: int = 0
    stories_new: int = 0
    alerts: int = 0
    deliveries: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            items_new=self.items_new + other.items_new,
            stories_new=self.stories_new + other.stories_new,
            alerts=self.alerts + other.alerts,
            deliveries=self.deliveries + other.deliveries,
        )


class Desk:
    """Judges and saves. One call at a time (the flow has one recorder task).

    ``hold``: how long a story's first rumour or report waits for better proof before chat channels are told.
    """

    def __init__(
        self,
        database: Database,
        catalog: Catalog,
        *,
        clock: Callable[[], datetime],
        hold: timedelta = NO_HOLD,
    ) -> None:
        self._database = database
        self._catalog = catalog
        self._clock = clock
        self._hold = hold
        self._judge: Judge | None = None
        self._seq = 0
        self._epoch = 0
        self._deadlines = DeadlineKeeper(database, catalog, clock=clock)

    async def record(self, reads: Sequence[Read], *, quiet: bool = False) -> Tally:
        """Judge and save a batch, all or nothing. ``quiet``: a new database's first round, which alerts nothing.

        Raises ``StorageError``; then nothing was saved and the same batch may be recorded again.
        """
        try:
            async with self._database.transaction() as tx:
                if any(read.items for read in reads):
                    await judge_lock(tx)
                    await self._catch_up(tx)
                taken: set[tuple[SourceId, str]] = set()
                fresh = [await self._fresh(tx, read, taken) for read in reads]
                tally = await self._judge_all(tx, fresh, quiet=quiet)
                for each in fresh:
                    alerts, made = await tell_changed(tx, each.changed, now=self._clock())
                    tally += Tally(alerts=alerts, deliveries=made)
                records = [each.record() for each in fresh]
                await sources.record_polls(tx, records)
                if self._judge is not None and tally.items_new:
                    self._seq = await items.last_seq(tx)
        except BaseException:
            self._judge = None  # it may remember what was not saved
            raise
        return tally

    async def tell_newest(self, *, note: str) -> Tally:
        """End a new database's first round: alert the newest few stories of each topic, and set ``note`` with it."""
        now = self._clock()
        tally = Tally()
        async with self._database.transaction() as tx:
            await judge_lock(tx)
            if await get_note(tx, note) is not None:
                return tally  # another process on this database was first
            picked: dict[StoryId, stories.Story] = {}
            for found in (
                await stories.newest_by_topic(tx, per_topic=FEW, since=now - timedelta(days=3650))
            ).values():
                picked.update({story.id: story for story in found})
            for story in sorted(picked.values(), key=lambda story: story.first_at):
                if not await deliveries.told_channels(
                    tx, story.id
                ):  # news of the round itself was told at once
                    tally += await self._tell_story(tx, story, now)
            await set_note(tx, note, now.isoformat())
        return tally

    async def report_deadlines(self) -> int:
        """Tell which deadlines of watch questions passed; returns how many messages that gives."""
        return await self._deadlines.look()

    async def _tell_story(self, tx: Connection, story: stories.Story, now: datetime) -> Tally:
        lead = await items.items_of_story(tx, story.id, limit=1)
        holders = await subscriptions.of_topics(tx, story.topics)
        if not lead:
            return Tally()
        verdict = lead[0].as_verdict(event=Event.NEW, alert=True)
        alert = await deliveries.add_alert(
            tx, story=story.id, item=lead[0].id, event=Event.NEW, grade=story.grade, previous_grade=None,
            reason="among the newest of its topic at the first start", answers=(), topics=story.topics,
            excerpt=excerpt(verdict.item), now=now,
        )  # fmt: skip
        plans = await plans_of(tx, verdict, holders, now=now)
        return Tally(alerts=1, deliveries=await deliveries.add_deliveries(tx, alert, plans, now=now))

    async def _catch_up(self, tx: Connection) -> None:
        epoch = await corrections.epoch(tx)
        if epoch != self._epoch:  # a person put right what is remembered
            self._judge, self._epoch = None, epoch
        if self._judge is None:
            self._judge = Judge(self._catalog, known_until=self._clock())
            self._seq = 0
        since = self._clock() - MEMORY
        stale = self._seq == 0
        # Judgement would forget the rest of what touches no topic at once: it is not even read.
        floor = await items.off_topic_before(tx, since=since, kept=OFF_TOPIC_KEPT) if stale else 0
        while rows := await items.remembered(
            tx, after=self._seq, since=since, limit=_CATCH_UP_ROWS, off_topic_after=floor
        ):
            for row in rows:
                self._judge.remember(row.verdict)
            self._seq = rows[-1].seq
            stale = True
        if stale:  # the moves of long ago are not among the remembered items
            for answer in await stories.watch_answers(tx):
                # Without a grade it was known from the catalog, or put right by a person.
                proof = Proof(grade=answer.grade or Grade.OFFICIAL, title=answer.title)
                self._judge.set_watch_state(
                    answer.topic, answer.question_id, answer.state, since=answer.since, proof=proof,
                    story=answer.story,
                )  # fmt: skip
        self._judge.next_story_id = await items.last_story_id(tx) + 1

    async def _fresh(self, tx: Connection, read: Read, taken: set[tuple[SourceId, str]]) -> "_Fresh":
        """The items of one read that are neither stored yet nor in an earlier read of the batch (a source may be
        polled and push at the same moment)."""
        if not read.items:
            return _Fresh(read=read, items=())
        known = await items.known_ids(tx, read.record.source_id, [raw.external_id for raw in read.items])
        now = self._clock()
        new = [
            raw
            for raw in read.items
            if raw.external_id not in known and (read.record.source_id, raw.external_id) not in taken
        ]
        taken.update((read.record.source_id, raw.external_id) for raw in new)
        source = read.state.source
        pairs = [(raw, make_item(raw, source, seen=now)) for raw in new]
        found = await without_renamed(tx, source.id, source.kind, pairs)
        changed = await changed_headlines(tx, read, known, now=now)
        backfill = read.state.oks == 0 and not read.record.streamed
        flood = not backfill and not known and not read.known and len(found) >= _FLOOD_ITEMS
        if flood:
            log.warning("source_flood", source=read.record.source_id, items=len(found), told=FEW)
        return _Fresh(read=read, items=found, backfill=backfill, flood=flood, changed=changed)

    async def _judge_all(self, tx: Connection, fresh: Sequence["_Fresh"], *, quiet: bool) -> Tally:
        """Judge in the order of publication, whichever source was quicker, and save in that order."""
        if self._judge is None:
            return Tally()
        first_new = self._judge.next_story_id
        judged: list[tuple[_Fresh, Verdict]] = []
        pairs = [(each, item) for each in fresh for item in each.items]
        for number, (each, item) in enumerate(sorted(pairs, key=lambda pair: pair[1].published), 1):
            if number % _JUDGED_AT_ONCE == 0:
                await asyncio.sleep(0)  # who asks something meanwhile need not wait for all of it
            verdict = self._judge.judge(item)
            self._judge.remember(verdict)
            judged.append((each, verdict))
        ids: list[ItemId] = []
        for old, group in groupby(judged, key=lambda pair: pair[0].is_old):
            ids += await items.add_verdicts(tx, [verdict for _, verdict in group], backfill=old)
        told = _worth_telling(judged, quiet=quiet)
        tally = Tally(
            items_new=len(judged),
            stories_new=len({verdict.story for _, verdict in judged if verdict.story >= first_new}),
        )
        for (each, verdict), item_id in zip(judged, ids, strict=True):
            if verdict.deadlines:
                await deadlines.add(tx, verdict, item_id, now=self._clock())
            if id(verdict) in told:
                tally += await self._tell(tx, verdict, item_id, hold=NO_HOLD if each.is_old else self._hold)
        floods: dict[SourceId, tuple[Source, list[Verdict]]] = {}
        for each, verdict in judged:
            if each.flood:
                floods.setdefault(each.read.record.source_id, (each.read.state.source, []))[1].append(verdict)
        return tally + Tally(deliveries=await tell_floods(tx, floods, told, now=self._clock()))

    async def _tell(self, tx: Connection, verdict: Verdict, item: int, *, hold: timedelta) -> Tally:
        if verdict.event is Event.NONE:
            return Tally()
        if not verdict.alert and hold and is_good_enough(verdict):
            await holding.let_go(tx, verdict.story, hold=hold, now=self._clock())
        holders = await subscriptions.of_topics(tx, verdict.topic_ids)
        if not verdict.alert and not any(holder.is_choosy for holder in holders):
            return Tally()
        now = self._clock()
        if verdict.corrects and verdict.event is Event.UPDATE:
            made = await tell_corrected(tx, verdict, ItemId(item), answers=self._answers(verdict), now=now)
            return Tally(alerts=int(made > 0), deliveries=made)
        plans = await plans_of(tx, verdict, holders, now=now, hold=hold)
        if not verdict.alert and not plans:
            return Tally()
        alert = await deliveries.add_alert(
            tx, story=verdict.story, item=item, event=verdict.event, grade=verdict.graded.grade,
            previous_grade=verdict.previous_grade, reason=verdict.reasons[-1] if verdict.reasons else "",
            answers=self._answers(verdict), topics=verdict.topic_ids, excerpt=excerpt(verdict.item), now=now,
        )  # fmt: skip
        made = await deliveries.add_deliveries(tx, alert, plans, now=now)
        return Tally(alerts=1, deliveries=made)

    def _answers(self, verdict: Verdict) -> tuple[str, ...]:
        lines = []
        for move in verdict.watch:
            topic = self._catalog.topic(move.topic)
            question = (
                next((w.question for w in topic.watches if w.id == move.question), move.question)
                if topic
                else ""
            )
            was = f" (was {move.previous})" if move.previous else ""
            lines.append(f"{question} → {move.state}{was}")
        return tuple(lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fresh:
    """One read's new items. ``backfill``: its source was never read before; ``flood``: nothing in it is known;
    ``changed``: items that were told, as the source shows them now."""

    read: Read
    items: tuple[Item, ...]
    backfill: bool = False
    flood: bool = False
    changed: tuple[tuple[ToldItem, Item], ...] = ()

    @property
    def is_old(self) -> bool:
        return self.backfill or self.flood

    def record(self) -> PollRecord:
        """The poll's record with what only now is known: how much of it was new."""
        record, state = self.read.record, self.read.state
        if not self.items:
            return record
        gap = next_gap(record.usual_gap or state.usual_gap, last_new=state.last_new, now=record.at)
        return replace(record, items_new=len(self.items), usual_gap=gap)


def _worth_telling(judged: Sequence[tuple[_Fresh, Verdict]], *, quiet: bool) -> set[int]:
    """Which verdicts (by identity) may become alerts: all that is live, and the newest few of each old pile."""
    told = {id(verdict) for each, verdict in judged if not each.is_old}
    piles: dict[str, list[Verdict]] = {}
    for each, verdict in judged:
        if each.flood or (each.backfill and not quiet):
            piles.setdefault(each.read.record.source_id, []).append(verdict)
    for pile in piles.values():
        told |= {id(verdict) for verdict in newest_few(pile)}
    return told
