"""Many workspaces: each installs the app by OAuth 2.0, and is asked and sent with its own token, which is renewed
before it expires. https://docs.slack.dev/authentication/installing-with-oauth"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import aiohttp
import structlog
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.errors import SlackApiError, SlackTokenRotationError
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator

from bot.delivery.contract import DeliveryUnavailable, Limits
from bot.model import ChannelKey
from handlers.commands import Commands
from handlers.servers import Servers
from handlers.slack.app import SlackHandler, serve
from handlers.slack.client import open_session, quiet_logger, web_client
from handlers.slack.http_mode import INSTALL, REDIRECT
from handlers.slack.installs import STATE_LIFE, Installs, States
from handlers.slack.limits import POSTS
from handlers.slack.manifest import SCOPES
from handlers.slack.outcomes import ACCOUNT_GONE, error_code
from handlers.slack.sealing import Sealer
from handlers.slack.teams import Team, Workspace, team_of
from storage.database import Database

log = structlog.get_logger()

#: A token lives 12 hours (https://docs.slack.dev/authentication/using-token-rotation).
RENEW_BEFORE_MIN = 120
#: How long what the database says of a workspace is taken for true: others may have renewed its token.
_FRESH_S = 30.0
_MOST_TEAMS = 5000
_RENEW_TIMEOUT_S = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """The Slack app's own credentials."""

    id: str
    secret: str


@dataclass(slots=True)
class _Held:
    team: Team
    read: float


class InstalledTeams:
    """See ``handlers.slack.teams.Teams``."""

    def __init__(
        self,
        installs: Installs,
        client: Client,
        session: aiohttp.ClientSession,
        *,
        api_url: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._installs = installs
        self._session = session
        self._api_url = api_url
        self._clock = clock
        self._rotator = AsyncTokenRotator(
            client_id=client.id,
            client_secret=client.secret,
            client=web_client(session, token=None, api_url=api_url),
        )
        self._held: dict[str, _Held] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self.limits: Limits = _AllLimits(self)
        self.dead = ACCOUNT_GONE | {"token_revoked", "invalid_auth"}  # only a new installation brings another

    def __iter__(self) -> Iterator[Team]:
        return (held.team for held in self._held.values())

    async def find(self, team: str, *, enterprise: str = "") -> Team | None:
        held = self._held.get(team)
        if held is not None and self._clock() - held.read < _FRESH_S:
            return held.team
        found = await self._read(team, enterprise)
        if found is not None and _ends_soon(found):
            # One at a time, and read anew: a refresh token is good once, and an organisation's serves many.
            async with self._locks.setdefault(found.team_id or found.enterprise_id or team, asyncio.Lock()):
                found = await self._read(team, enterprise)
                found = await self._renewed(found) if found is not None else None
        if found is None:
            self._held.pop(team, None)
            return None
        return self._keep(team, found)

    async def _read(self, team: str, enterprise: str) -> Installation | None:
        found = await self._installs.async_find_installation(enterprise_id=enterprise or None, team_id=team)
        return found if found is not None and found.bot_token else None

    async def gone(self, team: str, *, enterprise: str = "", whole: bool = False) -> list[str]:
        teams = await self._installs.remove(team=team, enterprise=enterprise, whole=whole)
        for name in teams:
            self._held.pop(name, None)
        return teams

    def _keep(self, team: str, found: Installation) -> Team:
        held = self._held.pop(team, None)
        if held is None or held.team.client.token != found.bot_token:
            if len(self._held) >= _MOST_TEAMS:
                self._held.pop(next(iter(self._held)))
            client = web_client(self._session, token=found.bot_token, api_url=self._api_url)
            whose = f"token of workspace {team}"
            held = _Held(team_of(_workspace(found, team), client, whose=whose), 0.0)
        held.read = self._clock()
        self._held[team] = held
        return held.team

    async def _renewed(self, found: Installation) -> Installation:
        """The installation with a token that is good for a while. Raises ``DeliveryUnavailable``."""
        try:
            async with asyncio.timeout(_RENEW_TIMEOUT_S):
                bot = await self._rotator.perform_bot_token_rotation(
                    bot=found.to_bot(), minutes_before_expiration=RENEW_BEFORE_MIN
                )
        except (SlackTokenRotationError, aiohttp.ClientError, TimeoutError, OSError) as exc:
            said = _why(exc)
            log.warning("slack_token_not_renewed", team=found.team_id, error=said)
            if (found.bot_token_expires_at or 0) > time.time():
                return found  # still good; the next look tries again
            raise DeliveryUnavailable(f"Slack did not renew the token of the workspace: {said}") from None
        if bot is None:
            return found
        await self._installs.async_save_bot(bot)
        log.info("slack_token_renewed", team=found.team_id)
        found.bot_token, found.bot_refresh_token = bot.bot_token, bot.bot_refresh_token
        found.bot_token_expires_at = bot.bot_token_expires_at
        return found


def _ends_soon(found: Installation) -> bool:
    ends = found.bot_token_expires_at
    return ends is not None and ends < time.time() + RENEW_BEFORE_MIN * 60


def _why(exc: Exception) -> str:
    """Slack's word, or what happened to the connection; nothing that may hold a token."""
    refused = exc.args[0] if isinstance(exc, SlackTokenRotationError) and exc.args else None
    return error_code(refused) if isinstance(refused, SlackApiError) else type(exc).__name__


def _workspace(found: Installation, team: str) -> Workspace:
    return Workspace(
        team=team,
        name=found.team_name or "",
        enterprise=found.enterprise_id or "",
        bot_user=found.bot_user_id or "",
        bot=found.bot_id or "",
    )


class _AllLimits:
    """Slack's limits are each workspace's own. What one has left is no use to another, so the sum is only a bound: a
    message whose workspace has no turn is put back by its sender."""

    def __init__(self, teams: InstalledTeams) -> None:
        self._teams = teams

    def room(self, *, ahead_s: float) -> int:
        return POSTS + sum(team.sender.limits.room(ahead_s=ahead_s) for team in self._teams)

    def resting(self, *, ahead_s: float) -> list[ChannelKey]:
        return [key for team in self._teams for key in team.sender.limits.resting(ahead_s=ahead_s)]

    def opens_in(self) -> float | None:
        waits = [team.sender.limits.opens_in() for team in self._teams]
        return min((wait for wait in waits if wait is not None), default=None)


@asynccontextmanager
async def open_slack_installs(
    *,
    client: Client,
    keys: str,
    app_token: str | None,
    signing_secret: str | None,
    public_url: str,
    api_url: str,
    database: Database,
    commands: Commands,
    servers: Servers,
    clock: Callable[[], datetime],
) -> AsyncIterator[SlackHandler]:
    """Stand ready for every workspace that installed the app, and for those that will.

    ``keys`` encrypt their tokens (see ``Sealer``). Raises ``ConfigError`` when they do not open what is kept.
    """
    installs = Installs(database, Sealer(keys), servers=servers, clock=clock)
    await servers.present("slack", await installs.open())
    async with open_session() as session:
        teams = InstalledTeams(installs, client, session, api_url=api_url)
        oauth = _flow(client, installs, States(database, clock=clock), session, public_url, api_url)
        async with serve(
            teams, session, app_token=app_token, signing_secret=signing_secret, api_url=api_url,
            commands=commands, servers=servers, oauth=oauth,
        ) as handler:  # fmt: skip
            log.info("slack_ready", installs=True, socket_mode=bool(app_token), http=bool(signing_secret))
            yield handler


def _flow(
    client: Client,
    installs: Installs,
    states: States,
    session: aiohttp.ClientSession,
    public_url: str,
    api_url: str,
) -> AsyncOAuthFlow:
    # Its warnings hold the code of an installation.
    quiet = quiet_logger("slack_bolt.tipoff.oauth", logging.ERROR)
    return AsyncOAuthFlow(
        client=web_client(session, token=None, api_url=api_url),
        logger=quiet,
        settings=AsyncOAuthSettings(
            client_id=client.id,
            client_secret=client.secret,
            scopes=list(SCOPES),
            user_scopes=[],
            redirect_uri=f"{public_url}{REDIRECT}" if public_url else None,
            install_path=INSTALL,
            redirect_uri_path=REDIRECT,
            installation_store=installs,
            installation_store_bot_only=True,
            state_store=states,
            state_expiration_seconds=int(STATE_LIFE.total_seconds()),
            logger=quiet,
        ),
    )
