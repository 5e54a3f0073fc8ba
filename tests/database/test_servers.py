"""Servers that Tipoff joins and leaves, and forgetting: what goes, and what others keep."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from bot.model import ChannelKey, Event, Grade, StoryId, TopicId
from storage import audit, deliveries, forgetting, items, schema, servers, sources, subscriptions
from storage.database import Connection, Database
from storage.deliveries import DeliveryPlan
from storage.servers import KEPT, ChannelFacts
from tests.builders import NOW, a_source, a_subscription, a_verdict

HERE, THERE, DM = ChannelKey("discord:1"), ChannelKey("discord:2"), ChannelKey("discord:3")
SLACK = ChannelKey("slack:T1/C1")
GUILD, OTHER = "discord:100", "discord:200"
ANN, BOB = "discord:7", "discord:8"
V4 = TopicId("deepseek-v4")


async def fill(tx: Connection) -> None:
    """Two servers' channels and one direct message, each told one alert, with everything that people can leave."""
    await sources.sync_catalog(tx, [a_source()], now=NOW)
    (item,) = await items.add_verdicts(tx, [a_verdict()])
    alert = await deliveries.add_alert(
        tx, story=StoryId(1), item=item, event=Event.NEW, grade=Grade.REPORT, previous_grade=None,
        reason="", answers=(), topics=(V4,), excerpt="", now=NOW,
    )  # fmt: skip
    for channel, by in ((HERE, ANN), (THERE, BOB), (DM, ANN), (SLACK, "slack:T1/U1")):
        await subscriptions.subscribe(tx, a_subscription(channel=channel, topic=V4, created_by=by))
    await servers.joined(tx, GUILD, "Guild", now=NOW)
    await servers.joined(tx, OTHER, "Other", now=NOW)
    await servers.joined(tx, "slack:T1", "Team", now=NOW)
    await servers.note_channel(tx, HERE, ChannelFacts(server=GUILD, name="news", kind="text"))
    await servers.note_channel(tx, THERE, ChannelFacts(server=OTHER, name="more", kind="forum"))
    await servers.note_channel(tx, DM, ChannelFacts(kind="direct"))
    plans = [DeliveryPlan(channel=channel, due=NOW) for channel in (HERE, THERE, DM, SLACK)]
    await deliveries.add_deliveries(tx, alert, plans, now=NOW)
    await deliveries.add_notice(tx, HERE, key="k", title="t", text="x", now=NOW)
    for server, channel, by in ((GUILD, HERE, ANN), (OTHER, THERE, BOB)):
        await tx.execute(
            insert(schema.feedback).values(
                alert_id=alert,
                channel=channel,
                server=server,
                said_by=by,
                verdict="noise",
                publisher="P",
                at=NOW,
            )
        )
        await tx.execute(
            insert(schema.mutes).values(
                channel=channel, story_id=1, topic="", until=NOW, made_by=ANN, created=NOW
            )
        )
        await tx.execute(
            insert(schema.server_rules).values(
                server=server, kind="k", value="v", cause="", at=NOW, undone_by=""
            )
        )
        await audit.record(tx, server=server, channel=channel, made_by=by, action="a", detail="d", now=NOW)
    given = [a_source(id="given", url="https://given.example/feed", user_given=True)]
    await sources.add_given(tx, given, by=str(HERE), now=NOW)


async def left_in(conn: Connection) -> dict[str, list[str]]:
    """Whose rows are still there, by table."""
    found = {}
    for table, column in (
        (schema.subscriptions, "channel"), (schema.deliveries, "channel"), (schema.feedback, "channel"),
        (schema.mutes, "channel"), (schema.audit, "channel"), (schema.server_rules, "server"),
        (schema.channels, "key"), (schema.servers, "key"),
    ):  # fmt: skip
        found[table.name] = sorted(await conn.scalars(select(table.c[column])))
    return found


@pytest.fixture
async def filled(database: Database) -> Database:
    async with database.transaction() as tx:
        await fill(tx)
    return database


async def test_a_channel_is_forgotten_and_no_other(filled: Database) -> None:
    async with filled.transaction() as tx:
        gone = await forgetting.forget_channel(tx, HERE)
    assert gone == {
        "subscriptions": 1, "mutes": 1, "feedback": 1, "messages": 2, "changes": 1, "sources": 1,
    }  # fmt: skip
    async with filled.reading() as conn:
        found = await left_in(conn)
        read = {row.id: (row.enabled, row.given_by) for row in await conn.execute(select(schema.sources))}
    assert found.pop("servers") == [GUILD, OTHER, "slack:T1"]
    assert found.pop("server_rules") == [GUILD, OTHER]
    assert not [table for table, keys in found.items() if HERE in keys]
    assert all(THERE in keys for keys in found.values())
    assert read == {"given": (False, ""), "reuters": (True, "")}


async def test_a_server_is_forgotten_with_all_its_channels(filled: Database) -> None:
    async with filled.transaction() as tx:
        gone = await forgetting.forget_server(tx, GUILD)
        assert (await forgetting.forget_server(tx, "slack:T1"))["subscriptions"] == 1
    assert gone["rules"] == 1
    async with filled.reading() as conn:
        found = await left_in(conn)
    assert found["channels"] == found["subscriptions"] == [THERE, DM]
    assert found["servers"] == found["server_rules"] == [OTHER]
    assert found["feedback"] == found["audit"] == [THERE]


async def test_a_person_is_forgotten_and_what_they_set_up_for_others_stays(filled: Database) -> None:
    async with filled.transaction() as tx:
        gone = await forgetting.forget_person(tx, ANN)
    assert (gone["subscriptions"], gone["messages"], gone["feedback"], gone["names"]) == (1, 1, 1, 4)
    async with filled.reading() as conn:
        found = await left_in(conn)
        for table, column in (
            (schema.subscriptions, "created_by"), (schema.mutes, "made_by"), (schema.audit, "made_by"),
            (schema.feedback, "said_by"),
        ):  # fmt: skip
            assert ANN not in list(await conn.scalars(select(table.c[column])))
    assert found["subscriptions"] == [HERE, THERE, SLACK]
    assert found["mutes"] == [HERE, THERE]


async def test_what_is_kept_is_counted(filled: Database) -> None:
    async with filled.reading() as conn:
        assert await forgetting.kept_about(conn, HERE, BOB) == {
            "subscriptions": 1, "messages": 2, "mutes": 1, "changes": 1, "sources": 1, "your feedback": 1,
            "your subscriptions": 1,
        }  # fmt: skip


async def test_what_others_can_see_stays_without_a_name(filled: Database) -> None:
    async with filled.transaction() as tx:
        await tx.execute(
            insert(schema.corrections).values(
                kind="grade", story_id=1, topic="", question="", before="report", after="official", made_by=ANN,
                channel=HERE, at=NOW,
            )
        )  # fmt: skip
        await forgetting.forget_channel(tx, HERE)
        (kept,) = await tx.execute(select(schema.corrections))
    assert (kept.made_by, kept.channel, kept.after) == ("", "", "official")


@pytest.mark.parametrize(("server", "theirs"), [(GUILD, HERE), ("slack:T1", SLACK)])
async def test_a_server_that_is_left_rests_and_comes_back_to_what_it_had(
    filled: Database, server: str, theirs: ChannelKey
) -> None:
    async def resting(conn: Connection) -> list[ChannelKey]:
        return [row.key for row in await subscriptions.channels(conn) if not row.active]

    async with filled.transaction() as tx:
        assert await servers.left(tx, server, now=NOW)
        assert not await servers.left(tx, server, now=NOW + timedelta(days=1))
        assert await resting(tx) == [theirs]
        assert (await deliveries.pending(tx, theirs), await deliveries.pending(tx, THERE)) == (0, 1)
        assert server not in [row.key for row in await servers.present(tx, server.split(":")[0])]
        assert await servers.joined(tx, server, "Back", now=NOW + timedelta(days=2))
        assert await resting(tx) == []
        assert not await servers.joined(tx, server, "Back", now=NOW + timedelta(days=2))
        assert await servers.purge(tx, NOW + 3 * KEPT) == []


async def test_a_channel_that_was_gone_before_does_not_come_back_with_its_server(filled: Database) -> None:
    async with filled.transaction() as tx:
        await subscriptions.mark_channel_gone(tx, HERE, "deleted", now=NOW)
        await servers.left(tx, GUILD, now=NOW)
        await servers.joined(tx, GUILD, "Guild", now=NOW)
        assert [row.key for row in await subscriptions.channels(tx) if not row.active] == [HERE]


async def test_what_a_server_had_is_deleted_when_its_time_has_come(filled: Database) -> None:
    async with filled.transaction() as tx:
        await servers.left(tx, GUILD, now=NOW)
        assert await servers.purge(tx, NOW + KEPT - timedelta(seconds=1)) == []
        assert await servers.purge(tx, NOW + KEPT) == [GUILD]
        assert not await servers.is_known(tx, HERE)
        assert await servers.is_known(tx, THERE)


async def test_what_is_known_of_a_channel_is_kept_and_a_chosen_language_stays(filled: Database) -> None:
    async def facts(tx: Connection) -> tuple[str, ...]:
        row = (await tx.execute(select(schema.channels).where(schema.channels.c.key == HERE))).one()
        return row.server, row.name, row.kind, row.locale

    unknown = ChannelKey("discord:99")
    async with filled.transaction() as tx:
        await servers.note_channel(tx, HERE, ChannelFacts(name="renamed", locale="de"))
        assert await facts(tx) == (GUILD, "renamed", "text", "de")
        seen = {HERE: ChannelFacts(kind="announcement", locale="fr"), unknown: ChannelFacts(kind="text")}
        changed = await servers.changed_channels(tx, seen)
        assert list(changed) == [HERE]
        await servers.note_channel(tx, HERE, changed[HERE])
        assert await servers.changed_channels(tx, seen) == {}
        assert await facts(tx) == (GUILD, "renamed", "announcement", "de")
        assert not await servers.is_known(tx, unknown)
