"""The outbox: one delivery to one owner, one message of a channel at a time, and nothing lost at any crash point."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import ChannelKey, Event, Grade, ItemId, StoryId, TopicId
from storage import deliveries, items, sources
from storage.database import Database, open_database
from storage.deliveries import AlertRow, DeliveryPlan, DeliveryRow
from tests.builders import NOW, a_source, a_verdict

A, B = ChannelKey("discord:1"), ChannelKey("discord:2")
SLACK = ChannelKey("slack:T/C")
LEASE = timedelta(seconds=90)
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


class Outbox:
    """What a dispatcher does with the outbox, step by step."""

    def __init__(self, database: Database) -> None:
        self.database = database

    @asynccontextmanager
    async def crashing(self) -> AsyncIterator[AsyncConnection]:
        """A transaction in whose last step the program ends."""
        with suppress(KeyboardInterrupt):
            async with self.database.transaction() as tx:
                yield tx
                raise KeyboardInterrupt

    async def alert(self, *channels: ChannelKey, story: int = 1, due=NOW, digest: bool = False) -> int:
        async with self.database.transaction() as tx:
            alert = await self._add_alert(tx, story)
            plans = [DeliveryPlan(channel=channel, due=due, digest=digest) for channel in channels]
            assert await deliveries.add_deliveries(tx, alert, plans, now=NOW) == len(channels)
        return alert

    async def _add_alert(self, tx, story: int) -> int:
        return await deliveries.add_alert(
            tx, story=StoryId(story), item=story, event=Event.NEW, grade=Grade.REPORT, previous_grade=None,
            reason="first", answers=("Out? → yes",), topics=(TopicId("deepseek-v4"),), excerpt="Title\nText", now=NOW,
        )  # fmt: skip

    async def claim(self, *, now=NOW, owner: str = "me", **given: Any) -> list[DeliveryRow]:
        asked = {"lease": LEASE, "limit": 10, "platforms": ("discord", "slack"), **given}
        async with self.database.transaction() as tx:
            return await deliveries.claim(tx, now=now, owner=owner, **asked)

    async def claimed(self, **given: Any) -> list[tuple[str, int]]:
        """Channel and story of what a claim takes."""
        return [(row.channel, row.alert.story if row.alert else 0) for row in await self.claim(**given)]

    async def fold(self, *, now=NOW) -> int:
        async with self.database.transaction() as tx:
            return await deliveries.fold_digests(tx, now=now)

    async def sent(self, row: DeliveryRow, message: str = "m1", thread: str | None = None, now=NOW) -> None:
        async with self.database.transaction() as tx:
            await deliveries.record_sent(tx, row.id, message_id=message, thread_id=thread, now=now)

    async def retry(self, row: DeliveryRow, *, due, ambiguous: bool = False) -> None:
        async with self.database.transaction() as tx:
            await deliveries.record_retry(tx, row.id, due=due, error="503", ambiguous=ambiguous)

    async def failed(self, row: DeliveryRow, state: Any = "rejected") -> None:
        async with self.database.transaction() as tx:
            await deliveries.record_failed(tx, row.id, state=state, error="no", now=NOW)

    async def counts(self) -> dict[str, int]:
        async with self.database.reading() as conn:
            return await deliveries.counts(conn)

    async def next_due(self, platforms: Sequence[str] | None = None) -> Any:
        async with self.database.reading() as conn:
            return await deliveries.next_due(conn, platforms=platforms)


@pytest.fixture
async def outbox(database: Database) -> Outbox:
    async with database.transaction() as tx:
        await sources.sync_catalog(tx, [a_source()], now=NOW)
        await items.add_verdicts(tx, [a_verdict(number=n) for n in range(1, 6)])
    return Outbox(database)


async def test_a_delivery_comes_with_its_alert(outbox: Outbox) -> None:
    alert = await outbox.alert(A)
    (row,) = await outbox.claim()
    assert row.alert == AlertRow(
        id=alert, story=StoryId(1), item=ItemId(1), event=Event.NEW, grade=Grade.REPORT, previous_grade=None,
        reason="first", answers=("Out? → yes",), topics=(TopicId("deepseek-v4"),), excerpt="Title\nText",
        excerpt_sha256="2c21b2810f4dce981862a2ada3aa1a4a627b6c29a5fdbc536987e04c833ea235", created=NOW,
    )  # fmt: skip
    assert (row.channel, row.kind, row.state, row.attempts) == (A, "alert", "sending", 1)
    assert (row.due, row.first_tried, row.created, row.ambiguous) == (NOW, NOW, NOW, False)
    assert (row.message_id, row.thread_id, row.digest_of, row.last_error) == (None, None, (), "")
    assert len(row.token) <= 25
    assert row.token.isalnum()
    assert row.token == row.token.lower()


async def test_an_alert_is_put_into_a_channel_once(outbox: Outbox) -> None:
    alert = await outbox.alert(A)
    plans = [DeliveryPlan(channel=channel, due=NOW) for channel in (A, B, B)]
    async with outbox.database.transaction() as tx:
        assert await deliveries.add_deliveries(tx, alert, plans, now=NOW) == 1
        assert await deliveries.add_deliveries(tx, alert, [], now=NOW) == 0
        assert await deliveries.told_channels(tx, StoryId(1)) == {A, B}
        assert await deliveries.told_channels(tx, StoryId(2)) == frozenset()
        assert await deliveries.pending(tx) == 2
        assert await deliveries.pending(tx, A) == 1
        assert await deliveries.pending(tx, SLACK) == 0


class TestOrder:
    async def test_each_channel_gets_its_oldest_and_waits_for_its_outcome(self, outbox: Outbox) -> None:
        await outbox.alert(A, B, story=1)
        await outbox.alert(A, SLACK, story=2)
        rows = await outbox.claim()
        assert [(row.channel, row.alert.story) for row in rows if row.alert] == [(A, 1), (B, 1), (SLACK, 2)]
        assert await outbox.claim() == []
        await outbox.sent(rows[0])
        assert await outbox.claimed() == [(A, 2)]

    async def test_what_may_have_been_told_is_taken_apart(self, outbox: Outbox) -> None:
        await outbox.alert(A, B, story=1)
        await outbox.alert(B, SLACK, story=2)
        row, *_ = await outbox.claim(limit=2)
        async with outbox.database.transaction() as tx:
            await deliveries.record_retry(tx, row.id, due=NOW, error="cut", ambiguous=True)
        later = NOW + 2 * LEASE  # the lease of B's first ran out
        assert await outbox.claimed(now=later, uncertain=True) == [(A, 1), (B, 1)]
        assert await outbox.claimed(now=later, uncertain=False) == [(SLACK, 2)]

    async def test_resting_channels_are_left_alone(self, outbox: Outbox) -> None:
        await outbox.alert(A, B, SLACK, story=1)
        beginning = SLACK.partition("/")[0] + "/"
        assert await outbox.claimed(resting=(A, beginning)) == [(B, 1)]
        assert await outbox.claimed(resting=(beginning.lower(),)) == [(A, 1), (SLACK, 1)]

    async def test_a_failed_one_that_waits_holds_up_its_channel_only(self, outbox: Outbox) -> None:
        await outbox.alert(A, B, story=1)
        await outbox.alert(A, B, story=2)
        first, other = await outbox.claim()
        await outbox.retry(first, due=NOW + 10 * SECOND)
        await outbox.sent(other)
        assert await outbox.claimed() == [(B, 2)]
        assert await outbox.claimed(now=NOW + 9 * SECOND) == []
        assert await outbox.claimed(now=NOW + 10 * SECOND) == [(A, 1)]

    async def test_quiet_hours_hold_one_without_holding_up_the_next(self, outbox: Outbox) -> None:
        await outbox.alert(A, story=1, due=NOW + HOUR)
        await outbox.alert(A, story=2)
        (second,) = await outbox.claim()
        assert second.alert is not None
        assert second.alert.story == 2
        await outbox.sent(second)
        assert await outbox.claim(now=NOW + HOUR - SECOND) == []
        assert await outbox.claimed(now=NOW + HOUR) == [(A, 1)]

    async def test_an_older_one_that_becomes_due_waits_while_a_later_is_sent(self, outbox: Outbox) -> None:
        await outbox.alert(A, story=1, due=NOW + SECOND)
        await outbox.alert(A, story=2)
        (later,) = await outbox.claim()
        assert await outbox.claim(now=NOW + SECOND) == []
        await outbox.sent(later)
        assert await outbox.claimed(now=NOW + SECOND) == [(A, 1)]

    @pytest.mark.parametrize("state", ["rejected", "expired", "gone"])
    async def test_one_that_will_never_arrive_makes_way(self, outbox: Outbox, state: str) -> None:
        await outbox.alert(A, story=1)
        await outbox.alert(A, story=2)
        (first,) = await outbox.claim()
        await outbox.failed(first, state)
        assert await outbox.claimed() == [(A, 2)]
        assert await outbox.counts() == {state: 1, "sending": 1}

    async def test_platforms_and_limit_are_kept(self, outbox: Outbox) -> None:
        await outbox.alert(A, B, SLACK)
        assert await outbox.claimed(platforms=["slack"]) == [(SLACK, 1)]
        assert await outbox.claimed(platforms=[]) == []
        assert await outbox.claimed(limit=1) == [(A, 1)]
        assert await outbox.claimed(limit=5) == [(B, 1)]


class TestCrash:
    """The process dies between two steps; another process, or the next start, goes on."""

    async def test_before_the_claim_is_committed_nothing_happened(self, outbox: Outbox) -> None:
        await outbox.alert(A)
        async with outbox.crashing() as tx:
            assert await deliveries.claim(
                tx, now=NOW, owner="me", lease=LEASE, limit=1, platforms=["discord"]
            )
        (row,) = await outbox.claim()
        assert (row.attempts, row.ambiguous) == (1, False)

    async def test_after_the_claim_the_lease_runs_out_and_the_send_is_uncertain(self, outbox: Outbox) -> None:
        await outbox.alert(A)
        await outbox.alert(A, story=2)
        await outbox.claim(owner="dead")
        assert await outbox.claim(now=NOW + LEASE - SECOND) == []
        (row,) = await outbox.claim(now=NOW + LEASE)
        assert (row.ambiguous, row.attempts, row.first_tried) == (True, 2, NOW)
        assert row.alert is not None
        assert row.alert.story == 1

    async def test_the_only_process_need_not_wait_for_the_lease(self, outbox: Outbox) -> None:
        await outbox.alert(A, B)
        await outbox.claim(owner="dead")
        async with outbox.database.transaction() as tx:
            assert await deliveries.void_leases(tx) == 2
        assert [row.ambiguous for row in await outbox.claim()] == [True, True]

    async def test_before_the_outcome_is_committed_it_is_still_under_way(self, outbox: Outbox) -> None:
        await outbox.alert(A)
        (row,) = await outbox.claim()
        async with outbox.crashing() as tx:
            await deliveries.record_sent(tx, row.id, message_id="m", thread_id=None, now=NOW)
        assert await outbox.counts() == {"sending": 1}

    async def test_an_uncertain_one_that_is_still_uncertain_stays_so(self, outbox: Outbox) -> None:
        await outbox.alert(A)
        (row,) = await outbox.claim()
        await outbox.retry(row, due=NOW + SECOND, ambiguous=True)
        (row,) = await outbox.claim(now=NOW + SECOND)
        assert (row.ambiguous, row.last_error) == (True, "503")
        await outbox.retry(row, due=NOW + SECOND, ambiguous=False)
        (row,) = await outbox.claim(now=NOW + SECOND)
        assert not row.ambiguous

    @pytest.mark.parametrize("ambiguous", [True, False])
    async def test_a_clean_stop_hands_back_its_own_claims(self, outbox: Outbox, ambiguous: bool) -> None:
        await outbox.alert(A, B)
        await outbox.claim(owner="me", limit=1)
        await outbox.claim(owner="other")
        async with outbox.database.transaction() as tx:
            assert await deliveries.release(tx, owner="me", ambiguous=ambiguous) == 1
        (row,) = await outbox.claim(owner="next")
        assert (row.channel, row.ambiguous) == (A, ambiguous)

    async def test_a_slow_owner_cannot_undo_what_its_successor_recorded(self, outbox: Outbox) -> None:
        await outbox.alert(A)
        (slow,) = await outbox.claim(owner="slow")
        (taken,) = await outbox.claim(now=NOW + LEASE, owner="successor")
        await outbox.sent(taken, "m2")
        await outbox.retry(slow, due=NOW)
        await outbox.failed(slow)
        assert await outbox.counts() == {"sent": 1}


class TestDigests:
    async def test_what_is_due_becomes_one_message_a_channel(self, outbox: Outbox) -> None:
        await outbox.alert(A, B, story=1, digest=True)
        await outbox.alert(A, story=2, digest=True)
        await outbox.alert(A, story=3, digest=True, due=NOW + HOUR)
        assert await outbox.claim() == []
        assert await outbox.fold() == 2
        assert await outbox.fold() == 0
        of_a, of_b = await outbox.claim()
        assert (of_a.channel, of_a.kind, of_a.alert, len(of_a.digest_of)) == (A, "digest", None, 2)
        assert (of_b.channel, len(of_b.digest_of)) == (B, 1)
        async with outbox.database.reading() as conn:
            told = await deliveries.children(conn, of_a.id)
            assert await deliveries.pending(conn) == 3
        assert [row.alert.story for row in told if row.alert] == [1, 2]
        assert [row.id for row in told] == list(of_a.digest_of)
        assert await outbox.counts() == {"folded": 3, "sending": 2, "pending": 1}

    async def test_a_waiting_entry_does_not_hold_up_an_instant_alert(self, outbox: Outbox) -> None:
        await outbox.alert(A, story=1, digest=True)
        await outbox.alert(A, story=2)
        assert await outbox.claimed() == [(A, 2)]

    async def test_a_sent_digest_has_told_its_entries(self, outbox: Outbox) -> None:
        await outbox.alert(A, story=1, digest=True)
        await outbox.fold()
        (digest,) = await outbox.claim()
        await outbox.sent(digest)
        assert await outbox.counts() == {"sent": 2}
        async with outbox.database.reading() as conn:
            assert await deliveries.first_message(conn, StoryId(1), A) is None

    async def test_a_refused_digest_has_not(self, outbox: Outbox) -> None:
        await outbox.alert(A, story=1, digest=True)
        await outbox.fold()
        (digest,) = await outbox.claim()
        await outbox.failed(digest)
        assert await outbox.counts() == {"rejected": 2}

    async def test_folding_is_all_or_nothing(self, outbox: Outbox) -> None:
        await outbox.alert(A, digest=True)
        async with outbox.crashing() as tx:
            assert await deliveries.fold_digests(tx, now=NOW) == 1
        assert await outbox.counts() == {"pending": 1}
        assert await outbox.fold() == 1


class TestNotices:
    async def test_is_said_once(self, outbox: Outbox) -> None:
        said = []
        async with outbox.database.transaction() as tx:
            for channel, key in ((A, "down"), (A, "down"), (B, "down"), (A, "up")):
                said.append(await deliveries.add_notice(tx, channel, "Title", "Text", now=NOW, key=key))
        assert said == [True, False, True, True]
        (notice, _) = await outbox.claim()
        assert (notice.kind, notice.alert, notice.title, notice.text) == ("notice", None, "Title", "Text")


class TestFirstMessage:
    async def test_is_the_first_that_was_sent(self, outbox: Outbox) -> None:
        await outbox.alert(A, B, story=1)
        await outbox.alert(A, story=1)
        first, other = await outbox.claim()
        async with outbox.database.reading() as conn:
            assert await deliveries.first_message(conn, StoryId(1), A) is None
        await outbox.sent(first, "m1", "t1")
        await outbox.sent(other, "m9")
        (second,) = await outbox.claim()
        await outbox.sent(second, "m2")
        async with outbox.database.reading() as conn:
            assert await deliveries.first_message(conn, StoryId(1), A) == ("m1", "t1")
            assert await deliveries.first_message(conn, StoryId(1), B) == ("m9", None)
            assert await deliveries.first_message(conn, StoryId(2), A) is None
        assert await outbox.counts() == {"sent": 3}


class TestNextDue:
    async def test_is_the_soonest_due_time_or_end_of_a_lease(self, outbox: Outbox) -> None:
        assert await outbox.next_due() is None
        await outbox.alert(SLACK, due=NOW + 2 * HOUR)
        await outbox.alert(B, due=NOW + HOUR, digest=True)
        assert await outbox.next_due() == NOW + HOUR
        await outbox.alert(A)
        assert await outbox.next_due() == NOW
        await outbox.claim()
        assert await outbox.next_due() == NOW + LEASE
        assert await outbox.next_due(["slack"]) == NOW + 2 * HOUR
        assert await outbox.next_due(["console"]) is None


async def test_many_owners_at_once_never_share_a_delivery(outbox: Outbox, url: str) -> None:
    """Each owner has its own connections, as another process has; channels keep their order all the same."""
    channels = [ChannelKey(f"discord:{n}") for n in range(12)]
    for story in (1, 2, 3):
        await outbox.alert(*channels, story=story)
    taken: list[tuple[str, int]] = []
    sending: Counter[str] = Counter()

    async def work(owner: str) -> None:
        async with open_database(url) as database:
            mine = Outbox(database)
            while rows := await mine.claim(owner=owner, limit=3):
                for row in rows:
                    sending[row.channel] += 1
                    assert sending[row.channel] == 1, f"two messages of {row.channel} at once"
                await asyncio.sleep(0)
                for row in rows:
                    assert row.alert is not None
                    taken.append((row.channel, row.alert.story))
                    sending[row.channel] -= 1
                    await mine.sent(row)

    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        for number in range(4):
            group.create_task(work(f"owner-{number}"))
    assert await outbox.claim() == []
    assert len(taken) == len(set(taken)) == 36
    for channel in channels:
        assert [story for key, story in taken if key == channel] == [1, 2, 3]
