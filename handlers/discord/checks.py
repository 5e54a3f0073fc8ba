"""What ``tipoff doctor`` finds out about Discord: the token, and what the bot may do in its servers."""

import asyncio
from collections.abc import Sequence
from typing import Any

import discord
from discord.http import Route

from handlers.checks import Check
from handlers.discord.api import NETWORK_ERRORS, cause
from handlers.discord.client import addresses
from handlers.discord.invite import NEEDED

_TIMEOUT_S = 20.0
_PAGE = 200


async def check_discord(token: str, api_url: str) -> list[Check]:
    """Log in and look around; the gateway is not connected, so a running Tipoff is not disturbed."""
    with addresses(api_url):
        # Nothing is connected; discord.py warns of a client without this one.
        client = discord.Client(intents=discord.Intents(guilds=True))
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                await client.login(token)
                servers = await client.http.request(
                    Route("GET", "/users/@me/guilds"), params={"limit": _PAGE}
                )
        except discord.LoginFailure:
            return [
                Check(
                    name="Discord",
                    state="failed",
                    text="the token is refused",
                    advice="Reset it in the developer portal (Bot, Reset Token) and set DISCORD_TOKEN anew.",
                )
            ]
        except (discord.DiscordException, *NETWORK_ERRORS) as exc:
            return [
                Check(
                    name="Discord",
                    state="failed",
                    text=f"could not be asked: {cause(exc)}",
                    advice="Check the connection; is DISCORD_API_URL right?",
                )
            ]
        else:
            return [Check(name="Discord", state="ok", text=f"logged in as {client.user}"), *_servers(servers)]
        finally:
            await client.close()


def _servers(servers: Sequence[dict[str, Any]]) -> list[Check]:
    if not servers:
        return [
            Check(
                name="Discord servers",
                state="warning",
                text="the bot is in no server; direct messages only",
                advice="Invite it: `tipoff discord invite` prints the link.",
            )
        ]
    checks = [check for server in servers if (check := _server(server)) is not None]
    if checks:
        return checks
    count = f"{len(servers)} server{'s' * (len(servers) != 1)}"
    return [Check(name="Discord servers", state="ok", text=f"may speak in {count}")]


def _server(server: dict[str, Any]) -> Check | None:
    """A warning when the bot's roles lack something; None when all is well."""
    held = discord.Permissions(int(server["permissions"]))
    if held.administrator:
        return None
    missing = [name for key, name in NEEDED.items() if not getattr(held, key)]
    if not missing:
        return None
    return Check(
        name=f"Discord server {server['name']}",
        state="warning",
        text=f"the bot's roles lack {', '.join(missing)}",
        advice="Give its role these permissions, or invite it again: `tipoff discord invite` prints the link.",
    )
