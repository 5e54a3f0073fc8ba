"""What ``tipoff doctor`` asks Slack: do the tokens work, and may the app do what it must."""

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ConfigError, StorageError
from bot.model import utc_now
from handlers.checks import Check
from handlers.slack.client import open_session, web_client
from handlers.slack.installs import Installs
from handlers.slack.manifest import SCOPES
from handlers.slack.outcomes import advice, error_code, error_status
from handlers.slack.sealing import Sealer
from storage.database import open_database

_UNREACHED = (aiohttp.ClientError, TimeoutError, OSError)


async def check_slack(bot_token: str, app_token: str | None, api_url: str) -> list[Check]:
    """Check the tokens that are set. Sends no message."""
    async with open_session() as session:
        client = web_client(session, token=bot_token, api_url=api_url)
        checks = await _check_bot(client)
        if app_token:
            checks.append(await _check_app(client, app_token))
        return checks


async def check_slack_installs(
    database_url: str, keys: str, app_token: str | None, api_url: str
) -> list[Check]:
    """Check what many workspaces need: that the keys open their tokens, and the app token where it is set."""
    name = "Slack installations"
    try:
        async with open_database(database_url, migrate=False) as database:
            found = await Installs(database, Sealer(keys), clock=utc_now).open(reseal=False)
        advice = "" if found else "Open /slack/install in a browser."
        text = f"{len(found)} workspace{'s' * (len(found) != 1)}"
        checks = [Check(name=name, state="ok" if found else "warning", text=text, advice=advice)]
    except ConfigError as exc:
        checks = [Check(name=name, state="failed", text="cannot be read", advice=f"{exc}.")]
    except StorageError as exc:
        checks = [Check(name=name, state="failed", text=str(exc), advice="Check TIPOFF_DATABASE_URL.")]
    if app_token:
        async with open_session() as session:
            client = web_client(session, token=None, api_url=api_url)
            checks.append(await _check_app(client, app_token))
    return checks


async def _check_bot(client: AsyncWebClient) -> list[Check]:
    name = "Slack bot token"
    try:
        answer = await client.auth_test()
    except SlackApiError as exc:
        return [_refused(name, "SLACK_BOT_TOKEN", exc)]
    except _UNREACHED as exc:
        return [_unreached(name, exc)]
    told = f"works in {answer.get('team') or answer.get('team_id')} ({answer.get('team_id')})"
    held = answer.headers.get("x-oauth-scopes")
    if held is None:
        return [Check(name=name, state="ok", text=told)]
    have = {scope.strip() for scope in held.split(",")}
    missing = [scope for scope in SCOPES if scope not in have]
    checks = [Check(name=name, state="ok", text=told)]
    if missing:
        needed = any(scope in missing for scope in ("commands", "chat:write"))
        checks.append(
            Check(
                name="Slack scopes",
                state="failed" if needed else "warning",
                text="missing: " + "; ".join(f"{scope} ({SCOPES[scope]})" for scope in missing),
                advice="Add them under OAuth & Permissions and install the app again.",
            )
        )
    return checks


async def _check_app(client: AsyncWebClient, app_token: str) -> Check:
    name = "Slack app token"
    try:
        await client.apps_connections_open(app_token=app_token)
    except SlackApiError as exc:
        return _refused(name, "SLACK_APP_TOKEN", exc)
    except _UNREACHED as exc:
        return _unreached(name, exc)
    return Check(name=name, state="ok", text="Socket Mode can be opened")


def _refused(name: str, setting: str, exc: SlackApiError) -> Check:
    code = error_code(exc)
    if not code:
        return Check(
            name=name,
            state="failed",
            text=f"HTTP {error_status(exc)}: not an answer of Slack",
            advice="Check SLACK_API_URL.",
        )
    return Check(name=name, state="failed", text=f"Slack says {code}", advice=f"{setting}: {advice(code)}.")


def _unreached(name: str, exc: Exception) -> Check:
    return Check(
        name=name,
        state="failed",
        text=f"Slack cannot be reached: {type(exc).__name__}",
        advice="Check the connection and SLACK_API_URL.",
    )
