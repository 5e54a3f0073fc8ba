"""The bolt application: which listener answers what."""

import logging
import re

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from handlers.slack.client import quiet_logger
from handlers.slack.listeners import Listeners

_EVERY = re.compile(".*", re.DOTALL)


def build_bolt(client: AsyncWebClient, *, signing_secret: str, listeners: Listeners) -> AsyncApp:
    """An application that answers every command, press and form, so that none is left without acknowledgement."""

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        # Bolt's default asks auth.test while a person waits. The token is looked up where one is needed.
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id)

    app = AsyncApp(
        name="tipoff",
        client=client,
        authorize=authorize,
        signing_secret=signing_secret,
        # Bolt warns of SLACK_BOT_TOKEN, which it also reads from the environment, at every start.
        logger=quiet_logger("slack_bolt.tipoff", logging.ERROR),
        # Events of our own messages are dropped; without a bot's id bolt cannot know them, and none is subscribed to.
        ignoring_self_events_enabled=False,
    )
    app.command(_EVERY)(listeners.on_command)
    app.action(_EVERY)(listeners.on_action)
    app.view(_EVERY)(listeners.on_view)
    app.options(_EVERY)(listeners.on_options)
    app.event("app_uninstalled")(listeners.on_removed)
    app.event("tokens_revoked")(listeners.on_removed)
    return app
