"""Workspaces that installed the Slack app, and installations under way."""

from datetime import timedelta

from storage import slack_installs as stored
from storage.database import Database
from storage.slack_installs import SlackInstall
from tests.builders import NOW


def an_install(team: str, *, enterprise: str = "", sealed: str = "sealed", days: int = 0) -> SlackInstall:
    return SlackInstall(
        enterprise=enterprise, team=team, sealed=sealed, installed=NOW + timedelta(days=days), bot_expires=NOW
    )


async def test_a_workspace_has_one_installation_the_last(database: Database) -> None:
    async with database.transaction() as tx:
        await stored.save(tx, an_install("T1", sealed="old"))
        await stored.save(tx, an_install("T1", sealed="new", days=1))
        await stored.save(tx, an_install("T2"))
    async with database.reading() as conn:
        assert await stored.of_team(conn, "T1") == an_install("T1", sealed="new", days=1)
        assert [row.team for row in await stored.every(conn)] == ["T1", "T2"]
        assert await stored.of_team(conn, "T3") is None
        assert await stored.of_team(conn, "") is None


async def test_a_workspace_that_moved_into_an_organisation_is_found_there(database: Database) -> None:
    async with database.transaction() as tx:
        await stored.save(tx, an_install("T1", sealed="alone"))
        await stored.save(tx, an_install("T1", enterprise="E1", sealed="in E1"))
    async with database.reading() as conn:
        assert [row.sealed for row in await stored.every(conn)] == ["in E1"]


async def test_an_organisation_is_removed_with_all_that_it_serves(database: Database) -> None:
    async with database.transaction() as tx:
        await stored.save(tx, an_install("", enterprise="E1"))
        for team in ("T1", "T2"):
            await stored.save(tx, an_install(team, enterprise="E1", sealed=""))
        await stored.save(tx, an_install("T3"))
        assert await stored.of_team(tx, "T3") is not None
        assert await stored.remove(tx, team="T1", enterprise="E1", whole=True) == ["T1", "T2"]
        assert await stored.of_enterprise(tx, "E1") is None
        assert await stored.remove(tx, team="T3") == ["T3"]
        assert await stored.every(tx) == []


async def test_what_was_begun_ends_once_and_in_time(database: Database) -> None:
    soon, late = NOW + timedelta(minutes=10), NOW + timedelta(minutes=11)
    async with database.transaction() as tx:
        assert await stored.begin(tx, "a", expires=soon, now=NOW)
        assert await stored.begin(tx, "b", expires=soon, now=NOW)
        assert await stored.end(tx, "a", now=NOW)
        assert not await stored.end(tx, "a", now=NOW)
        assert not await stored.end(tx, "b", now=late)
        assert not await stored.end(tx, "never", now=NOW)
