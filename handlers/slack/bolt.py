"""The bolt application: who we are, and which listener answers what."""

import logging
import re
from dataclasses import dataclass

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from handlers.slack.client import quiet_logger
from handlers.slack.listeners import Listeners


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """What auth.test says of the bot token."""

    team: str
    enterprise: str | None
    bot_user: str
    bot: str


def build_bolt(
    client: AsyncWebClient, workspace: Workspace, *, signing_secret: str, listeners: Listeners
) -> AsyncApp:
    """An application that answers every slash command, so that none is left without acknowledgement."""

    async def authorize() -> AuthorizeResult:
        # Known since the start: bolt's default asks auth.test again, while a person waits.
        return AuthorizeResult(
            enterprise_id=workspace.enterprise,
            team_id=workspace.team,
            bot_user_id=workspace.bot_user,
            bot_id=workspace.bot,
        )

    app = AsyncApp(
        name="tipoff",
        client=client,
        authorize=authorize,
        signing_secret=signing_secret,
        # Bolt warns of SLACK_BOT_TOKEN, which it also reads from the environment, at every start.
        logger=quiet_logger("slack_bolt.tipoff", logging.ERROR),
    )
    app.command(re.compile(".*"))(listeners.on_command)
    return app
