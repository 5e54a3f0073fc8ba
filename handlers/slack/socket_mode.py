"""Socket Mode: keeps the WebSocket to Slack, acknowledges every envelope, ends when the app token is refused."""

import asyncio
import logging
from time import monotonic, time
from typing import Any

import structlog
from slack_bolt.adapter.socket_mode.async_base_handler import AsyncBaseSocketModeHandler
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ConfigError
from handlers.slack.client import proxy_for, quiet_logger
from handlers.slack.outcomes import ACCOUNT_GONE, TOKEN_REFUSED, advice, error_code, error_status, retry_after

log = structlog.get_logger()

PING_INTERVAL_S = 5.0
CONNECT_TIMEOUT_S = 20.0
_CLOSE_TIMEOUT_S = 3.0
_RATE_WAIT_S, _LONGEST_RATE_WAIT_S = 30.0, 120.0


class _Client(SocketModeClient):
    """Slack's client, except that a refused token ends it; the original asks again for ever."""

    def __init__(self, app_token: str, web_client: AsyncWebClient) -> None:
        super().__init__(
            app_token=app_token,
            web_client=web_client,
            ping_interval=PING_INTERVAL_S,
            # It logs a traceback at every failed try; we log once, see issue_new_wss_url.
            logger=quiet_logger("slack_sdk.tipoff.socket_mode", logging.CRITICAL),
        )
        self.refusal = ""
        self.over = asyncio.Event()
        self._unreached = False
        self._not_before = 0.0

    async def connect(self) -> None:
        """Connect, with a new address after each while: the original tries one for ever, though it expires."""
        while not self.closed:
            try:
                async with asyncio.timeout(CONNECT_TIMEOUT_S):
                    await super().connect()  # type: ignore[no-untyped-call]
                    return
            except TimeoutError:
                self.wss_uri = None
                self._tell(f"no connection within {CONNECT_TIMEOUT_S:.0f} s")

    async def issue_new_wss_url(self) -> str:
        await asyncio.sleep(max(0.0, self._not_before - monotonic()))
        try:
            answer = await self.web_client.apps_connections_open(app_token=self.app_token)
        except SlackApiError as exc:
            self._refused(exc)
            raise
        except Exception as exc:
            self._tell(type(exc).__name__)
            raise
        if self._unreached:
            self._unreached = False
            log.info("slack_socket_reachable_again")
        url = str(answer["url"])
        self.proxy = proxy_for(url)
        return url

    async def run_message_listeners(self, message: dict[str, Any], raw_message: str) -> None:
        """Note why Slack ends a connection; the original makes a new one, whatever the reason."""
        if message.get("type") == "disconnect":
            reason = str(message.get("reason") or "")
            if reason == "link_disabled":
                log.warning("slack_socket_disabled", advice="Turn Socket Mode on again: api.slack.com/apps")
            else:
                log.info("slack_socket_renewed", reason=reason)
        await super().run_message_listeners(message, raw_message)

    def _refused(self, exc: SlackApiError) -> None:
        code = error_code(exc)
        if code in TOKEN_REFUSED | ACCOUNT_GONE:
            self.refusal = code
            self.over.set()
            return
        self._tell(code or f"HTTP {error_status(exc)}")
        if error_status(exc) == 429 or code == "ratelimited":
            self._not_before = monotonic() + min(retry_after(exc) or _RATE_WAIT_S, _LONGEST_RATE_WAIT_S)

    def _tell(self, error: str) -> None:
        if not self._unreached:
            self._unreached = True
            log.warning("slack_socket_unreachable", error=error)


class SocketMode(AsyncBaseSocketModeHandler):
    """One connection. Build it inside a running event loop."""

    client: _Client

    def __init__(
        self,
        app: AsyncApp,
        web_client: AsyncWebClient,
        app_token: str,
    ) -> None:
        self._bolt = app
        self.client = _Client(app_token, web_client)
        self.client.socket_mode_request_listeners.append(self.handle)

    async def handle(self, client: AsyncBaseSocketModeClient, req: SocketModeRequest) -> None:
        """Let bolt answer. What it has no listener for is acknowledged too, or Slack would send it again."""
        started = time()
        try:
            response = await run_async_bolt_app(self._bolt, req)
            if response.status == 404:
                await client.send_socket_mode_response(SocketModeResponse(envelope_id=req.envelope_id))
            else:
                await send_async_response(client, req, response, started)
        except ConnectionError as exc:
            log.warning("slack_acknowledgement_not_sent", error=type(exc).__name__)
        except Exception:  # the client below would hide it: its own logger is silenced
            log.exception("slack_envelope_crashed", type=req.type)

    async def run(self) -> None:
        """Stay connected until ``close``. Raises ``ConfigError`` when Slack refuses the app token."""
        async with asyncio.TaskGroup() as group:
            connecting = group.create_task(self.connect_async())  # type: ignore[no-untyped-call]
            await self.client.over.wait()
            connecting.cancel()
        if self.client.refusal:
            code = self.client.refusal
            raise ConfigError(f"SLACK_APP_TOKEN: Slack refused it ({code}): {advice(code)}")

    async def close(self) -> None:
        """Close the connection and what belongs to it; safe to repeat."""
        client = self.client
        client.over.set()
        client.closed = True
        try:
            async with asyncio.timeout(_CLOSE_TIMEOUT_S):
                await self.close_async()  # type: ignore[no-untyped-call]
        except (TimeoutError, OSError) as exc:
            log.warning("slack_socket_not_closed_cleanly", error=type(exc).__name__)
        finally:
            tasks = [
                task
                for task in (
                    client.message_processor,
                    client.current_session_monitor,
                    client.message_receiver,
                )
                if task is not None
            ]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await client.aiohttp_client_session.close()
