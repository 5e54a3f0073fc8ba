"""Connects to Discord: opens and closes the client, and keeps its gateway connection."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from typing import Any, NoReturn

import discord
import structlog
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.delivery.contract import DeliveryUnavailable, Message, SendOutcome, Sent
from bot.errors import BotError, ConfigError
from bot.model import utc_now
from handlers.commands import Commands
from handlers.discord.answering import Desk
from handlers.discord.api import NETWORK_ERRORS, Api, cause, open_session, trace
from handlers.discord.events import Events
from handlers.discord.limits import DiscordLimits
from handlers.discord.publishing import Publisher
from handlers.discord.reconnects import Reconnects
from handlers.discord.rest import Rest
from handlers.discord.slash import build_tree
from handlers.discord.underway import UnderWay, counted
from handlers.servers import Servers
from storage.database import Database

log = structlog.get_logger()

SEND_TIMEOUT_S = 30.0
_LOGIN_TIMEOUT_S = 60.0
_CLOSE_TIMEOUT_S = 3.0
_LONGEST_WAIT_S = 60.0
#: The gateway closes with these when trying again cannot help.
_FATAL_CLOSES = {
    4004: "Discord refuses the token. Reset it in the developer portal (Bot, Reset Token) and set DISCORD_TOKEN anew",
    4010: "Discord knows no such shard",
    4011: "the bot is in more servers than one connection may serve. Set DISCORD_SHARDS=auto",
    4012: "this version of Tipoff speaks a gateway version that Discord no longer knows",
    4013: "this version of Tipoff asks Discord for an intent that it no longer knows",
    4014: "this version of Tipoff asks Discord for an intent that the bot may not use",
}


class TipoffClient(Events):
    """A client that needs no privileged intent and keeps no messages or members."""

    def __init__(
        self, commands: Commands, servers: Servers | None, limits: DiscordLimits, **more: Any
    ) -> None:
        super().__init__(
            intents=discord.Intents(guilds=True),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            guild_ready_timeout=0.5,  # nothing waits for the last server's details
            max_messages=None,
            allowed_mentions=discord.AllowedMentions.none(),
            max_ratelimit_timeout=SEND_TIMEOUT_S,
            http_trace=trace(limits),
            **more,
        )
        pace = Reconnects(lambda: self.shard_count or 1)
        self.http.ws_connect = pace.paced(self.http.ws_connect)  # type: ignore[assignment,method-assign]
        self.under_way = UnderWay()
        self.desk = Desk(commands, servers, self.under_way)
        self.servers = servers
        self._tree = build_tree(self, self.desk)
        self._registered = False

    @counted
    async def on_ready(self) -> None:
        """Also after a reconnect that could not be resumed; the commands are registered once."""
        log.info("discord_ready", user=str(self.user), servers=len(self.guilds), shards=self.shard_count or 1)
        await self.note_servers()
        if self._registered:
            return
        try:
            known = await self._tree.sync()
        except (discord.DiscordException, *NETWORK_ERRORS) as exc:
            log.warning("discord_commands_not_registered", error=str(exc))
        else:
            self._registered = True
            log.info("discord_commands_registered", commands=len(known))

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        """Also note why the gateway's connection ended (it is made again unless that cannot help), and that it goes on
        where it was."""
        if event == "disconnect":
            log.info(
                "discord_gateway_lost", code=getattr(getattr(self.ws, "socket", None), "close_code", None)
            )
        elif event == "resumed":
            log.info("discord_resumed")
        super().dispatch(event, *args, **kwargs)

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        log.exception("discord_event_crashed", event=event_method)


class ShardedClient(TipoffClient, discord.AutoShardedClient):
    """The same over several gateway connections."""


class DiscordHandler:
    """See ``bot.delivery.contract.Handler``. Sending works from the login on, without the gateway."""

    platform = "discord"

    def __init__(
        self, client: TipoffClient, rest: Rest, limits: DiscordLimits, publisher: Publisher | None
    ) -> None:
        self._client = client
        self._rest = rest
        self._publisher = publisher
        self.limits = limits

    async def send(self, message: Message) -> SendOutcome:
        outcome = await self._rest.send(message)
        if message.place.publish and self._publisher is not None:
            self._publisher.wake()
        return outcome

    async def find_sent(self, message: Message, *, since: datetime) -> Sent | None:
        return await self._rest.find_sent(message, since=since)

    async def run(self) -> None:
        """Keep the gateway connection, through every loss of it, until the client is closed; publish meanwhile.

        Raises ``ConfigError`` when trying again cannot help (a revoked token), ``DeliveryUnavailable`` when the
        client must be opened anew.
        """
        failure: BotError | None = None
        async with asyncio.TaskGroup() as group:
            publishing = group.create_task(self._publisher.run()) if self._publisher else None
            try:
                await self._keep_connected()
            except BotError as exc:
                failure = exc  # raised outside of the group, which would wrap it
            if publishing is not None:
                publishing.cancel()
        if failure is not None:
            raise failure

    async def _keep_connected(self) -> None:
        wait = 1.0
        while not self._client.is_closed():
            try:
                await self._find_gateway()
                await self._client.connect()
            except discord.ConnectionClosed as exc:
                _give_up(exc.code, exc)
            except discord.PrivilegedIntentsRequired as exc:
                _give_up(4014, exc)
            except (discord.DiscordException, *NETWORK_ERRORS) as exc:
                if getattr(exc, "status", None) == 401:
                    _give_up(4004, exc)
                log.warning("discord_gateway_unavailable", error=cause(exc))
                await asyncio.sleep(wait * random.uniform(0.8, 1.2))  # noqa: S311 - spreads reconnects
                wait = min(wait * 2, _LONGEST_WAIT_S)

    async def _find_gateway(self) -> None:
        """discord.py has the gateway's address built in, and returns to it; so what Discord answers goes there."""
        async with asyncio.timeout(_LOGIN_TIMEOUT_S):
            answer = await self._client.http.request(Route("GET", "/gateway/bot"))
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(answer["url"])


@asynccontextmanager
async def open_discord(
    *,
    token: str,
    api_url: str,
    commands: Commands,
    database: Database | None = None,
    shards: str = "",
    clock: Callable[[], datetime] = utc_now,
    send_timeout_s: float = SEND_TIMEOUT_S,
) -> AsyncIterator[DiscordHandler]:
    """Log in and give the handler; close everything on leaving. One at a time in a process: discord.py keeps the
    addresses in its classes.

    ``database``: where servers and channels are noted and what is to be published stands; None for neither.
    ``shards``: "" for one connection to the gateway, a number, or "auto" for as many as Discord advises.

    Raises ``ConfigError`` for a token that Discord refuses, ``DeliveryUnavailable`` when it cannot be reached.
    """
    limits = DiscordLimits()
    async with open_session() as session:
        with addresses(api_url):
            servers = Servers(database, clock=clock) if database else None
            client = _client(commands, servers, limits, shards)
            api = Api(client, session, limits)
            publisher = Publisher(database, api, clock=clock) if database else None
            try:
                await _login(client, token)
                rest = Rest(client, api, timeout_s=send_timeout_s)
                yield DiscordHandler(client, rest, limits, publisher)
            finally:
                await _close(client)


def _client(commands: Commands, servers: Servers | None, limits: DiscordLimits, shards: str) -> TipoffClient:
    if not shards:
        return TipoffClient(commands, servers, limits)
    return ShardedClient(commands, servers, limits, shard_count=None if shards == "auto" else int(shards))


async def _login(client: discord.Client, token: str) -> None:
    try:
        async with asyncio.timeout(_LOGIN_TIMEOUT_S):
            await client.login(token)
    except discord.LoginFailure as exc:
        _give_up(4004, exc)
    except (discord.DiscordException, *NETWORK_ERRORS) as exc:
        raise DeliveryUnavailable(f"Discord could not be reached: {cause(exc)}") from exc


async def _close(client: TipoffClient) -> None:
    """Say goodbye, but not for long: a gateway that does not answer must not hold up the program's end."""
    await client.under_way.end()
    try:
        async with asyncio.timeout(_CLOSE_TIMEOUT_S):
            await client.close()
    except TimeoutError:
        await client.http.close()


@contextmanager
def addresses(api_url: str) -> Iterator[None]:
    """discord.py keeps the addresses of REST and gateway in two classes; both are put back afterwards."""
    base, gateway = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    quiet = discord.VoiceClient.warn_nacl, discord.VoiceClient.warn_dave
    reconnects = logging.getLogger("discord.client")
    reconnects.addFilter(_one_line)
    Route.BASE = api_url.rstrip("/")
    # Tipoff never speaks: warnings about missing voice libraries would only worry people.
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = base, gateway
        discord.VoiceClient.warn_nacl, discord.VoiceClient.warn_dave = quiet
        reconnects.removeFilter(_one_line)


def _one_line(record: logging.LogRecord) -> bool:
    """discord.py logs each try to reconnect with a traceback; a network that is away is a line, not a fault."""
    if str(record.msg).startswith("Attempting a reconnect") and record.exc_info and record.exc_info[1]:
        record.msg = "Discord's gateway is out of reach, again in %.0f s: %s"
        record.args = (*(record.args or ()), cause(record.exc_info[1]))
        record.levelno, record.levelname, record.exc_info = logging.WARNING, "WARNING", None
    return True


def _give_up(code: int, cause: Exception) -> NoReturn:
    if code in _FATAL_CLOSES:
        setting = "DISCORD_SHARDS" if code in (4010, 4011) else "DISCORD_TOKEN"
        raise ConfigError(f"{setting}: {_FATAL_CLOSES[code]}.") from cause
    raise DeliveryUnavailable(f"Discord closed the connection ({code})") from cause
