"""Bolt's stores for OAuth on our database: installations, their tokens encrypted, and installations under way."""

import json
import logging
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog
from slack_bolt.error import BoltError
from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore

from bot.errors import ConfigError, StorageError
from handlers.servers import Servers
from handlers.slack.client import quiet_logger
from handlers.slack.origin import server_key
from handlers.slack.sealing import SealBroken, Sealer
from storage import slack_installs as stored
from storage.database import Database
from storage.slack_installs import SlackInstall

log = structlog.get_logger()

#: How long somebody may think about the installation.
STATE_LIFE = timedelta(minutes=10)
#: What an installation's row keeps, sealed. Anything else that Slack told is not needed.
_KEPT = (
    "app_id", "enterprise_id", "enterprise_name", "team_id", "team_name", "bot_token", "bot_id", "bot_user_id",
    "bot_scopes", "bot_refresh_token", "bot_token_expires_at", "user_id", "is_enterprise_install", "token_type",
    "installed_at",
)  # fmt: skip


class Installs(AsyncInstallationStore):
    """One row for a workspace, or for a whole Enterprise organisation. Tipoff asks for no person's token, and keeps
    none. Saving raises ``BoltError`` when the database does not answer; all else raises ``StorageError``."""

    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        *,
        servers: Servers | None = None,
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._servers = servers
        self._clock = clock
        self._logger = quiet_logger("slack_sdk.tipoff.oauth", logging.ERROR)

    @property
    def logger(self) -> logging.Logger:
        return self._logger

    async def open(self, *, reseal: bool = True) -> dict[str, str]:
        """The workspaces that there are, by ``slack:<team id>`` with their names. What a former key sealed is sealed
        anew (``reseal``). Raises ``ConfigError`` when no key opens a row."""
        async with self._database.reading() as conn:
            rows = await stored.every(conn)
        names: dict[str, str] = {}
        for row in rows:
            held = self._opened(row) if row.sealed else None
            if row.team:
                names[server_key(row.team)] = (held.team_name if held else "") or ""
            if reseal and held is not None and not self._sealer.is_current(row.sealed):
                await self._keep(held)
        return names

    async def async_save(self, installation: Installation) -> None:
        try:
            await self._keep(installation)
        except StorageError as exc:
            raise BoltError("the database does not answer") from exc
        log.info("slack_installed", team=installation.team_id, enterprise=installation.enterprise_id)
        if self._servers is not None and installation.team_id:
            await self._servers.joined(server_key(installation.team_id), installation.team_name or "")

    async def async_save_bot(self, bot: Bot) -> None:
        """A renewed token; the rest stays."""
        held = await self.async_find_installation(
            enterprise_id=bot.enterprise_id,
            team_id=bot.team_id,
            is_enterprise_install=bot.is_enterprise_install,
        )
        if held is not None:
            held.bot_token, held.bot_refresh_token = bot.bot_token, bot.bot_refresh_token
            held.bot_token_expires_at = bot.bot_token_expires_at
            await self._keep(held)

    async def async_find_installation(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None = None,
        is_enterprise_install: bool | None = False,
    ) -> Installation | None:
        """The workspace's own, else its organisation's; a workspace that is served by its organisation's is noted, so
        that it is found by its own id from then on."""
        async with self._database.reading() as conn:
            row = await stored.of_team(conn, team_id or "") if not is_enterprise_install else None
            linked = row is not None and not row.sealed
            enterprise = row.enterprise if row is not None else enterprise_id or ""
            if (row is None or linked) and enterprise:
                row = await stored.of_enterprise(conn, enterprise)
        if row is None or not row.sealed:
            return None
        if not row.team and team_id and not linked:
            link = SlackInstall(enterprise=enterprise, team=team_id, sealed="", installed=self._clock())
            async with self._database.transaction() as tx:
                await stored.save(tx, link)
            if self._servers is not None:
                await self._servers.joined(server_key(team_id), "")
        return self._opened(row)

    async def async_find_bot(
        self, *, enterprise_id: str | None, team_id: str | None, is_enterprise_install: bool | None = False
    ) -> Bot | None:
        found = await self.async_find_installation(
            enterprise_id=enterprise_id, team_id=team_id, is_enterprise_install=is_enterprise_install
        )
        return found.to_bot() if found is not None else None

    async def async_delete_bot(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        await self.remove(team=team_id or "", enterprise=enterprise_id or "", whole=not team_id)

    async def async_delete_installation(
        self, *, enterprise_id: str | None, team_id: str | None, user_id: str | None = None
    ) -> None:
        """A person's alone is not kept, so that there is nothing to delete."""
        if user_id is None:
            await self.async_delete_bot(enterprise_id=enterprise_id, team_id=team_id)

    async def remove(self, *, team: str, enterprise: str = "", whole: bool = False) -> list[str]:
        """The workspaces whose tokens were forgotten."""
        async with self._database.transaction() as tx:
            return await stored.remove(tx, team=team, enterprise=enterprise, whole=whole)

    async def _keep(self, installation: Installation) -> None:
        kept = {name: value for name in _KEPT if (value := getattr(installation, name)) is not None}
        expires = installation.bot_token_expires_at
        row = SlackInstall(
            enterprise=installation.enterprise_id or "",
            team="" if installation.is_enterprise_install else installation.team_id or "",
            sealed=self._sealer.seal(json.dumps(kept)),
            installed=datetime.fromtimestamp(installation.installed_at, UTC),
            bot_expires=datetime.fromtimestamp(expires, UTC) if expires is not None else None,
        )
        async with self._database.transaction() as tx:
            await stored.save(tx, row)

    def _opened(self, row: SlackInstall) -> Installation:
        try:
            kept = json.loads(self._sealer.unseal(row.sealed))
        except SealBroken:
            raise ConfigError(
                f"TIPOFF_SECRET_KEY: does not open the token of Slack workspace {row.team or row.enterprise}. "
                "Put the former key behind the new one, with a comma between"
            ) from None
        return Installation(**kept)


class States(AsyncOAuthStateStore):
    """OAuth's state parameter: random, good once, for ten minutes. Raises ``StorageError``; ``BoltError`` when too many
    installations are under way."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._logger = quiet_logger("slack_sdk.tipoff.oauth", logging.ERROR)

    @property
    def logger(self) -> logging.Logger:
        return self._logger

    async def async_issue(self, *args: object, **kwargs: object) -> str:
        state, now = secrets.token_urlsafe(32), self._clock()
        async with self._database.transaction() as tx:
            if not await stored.begin(tx, state, expires=now + STATE_LIFE, now=now):
                raise BoltError("too many installations are under way")
        return state

    async def async_consume(self, state: str) -> bool:
        async with self._database.transaction() as tx:
            return await stored.end(tx, state, now=self._clock())
