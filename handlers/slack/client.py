"""Opens the Web API client: one pooled session, no retries that could repeat an accepted message."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

#: Covers the whole of one call; senders also wrap it in asyncio.timeout.
CALL_TIMEOUT_S = 30
_CONNECT_TIMEOUT_S = 10


class WebClient(AsyncWebClient):
    """Slack's client, except that an answer which is not a JSON object is an error and not a crash."""

    async def _request(self, *, http_verb: Any, api_url: Any, req_args: Any) -> dict[str, Any]:
        answer = await super()._request(http_verb=http_verb, api_url=api_url, req_args=req_args)
        if not isinstance(answer["data"], dict):
            answer["data"] = {}  # an empty answer fails Slack's own validation with its status
        return answer

    async def oauth_v2_access(
        self, *, client_id: str, client_secret: str, **given: str | None
    ) -> AsyncSlackResponse:
        """The client's id and secret as arguments: the original hands them to a class that aiohttp is about to drop."""
        told = {name: value for name, value in given.items() if value is not None}
        credentials = {"client_id": client_id, "client_secret": client_secret}
        return await self.api_call("oauth.v2.access", data={**told, **credentials})


@asynccontextmanager
async def open_session() -> AsyncIterator[aiohttp.ClientSession]:
    timeout = aiohttp.ClientTimeout(total=CALL_TIMEOUT_S, sock_connect=_CONNECT_TIMEOUT_S)
    async with aiohttp.ClientSession(timeout=timeout, trust_env=True) as session:
        yield session


def web_client(session: aiohttp.ClientSession, *, token: str | None, api_url: str) -> WebClient:
    """``token`` None: a client for calls that bring their own."""
    client = WebClient(
        token=token,
        base_url=api_url,
        session=session,
        timeout=CALL_TIMEOUT_S,
        retry_handlers=[],
        logger=quiet_logger("slack_sdk.tipoff", logging.WARNING),
    )
    # The library takes HTTPS_PROXY for every address; the session also honours NO_PROXY.
    client.proxy = None
    return client


def proxy_for(url: str) -> str | None:
    """The proxy of the environment for this WebSocket address, NO_PROXY respected."""
    parts = urlsplit(url)
    if not parts.hostname or proxy_bypass(parts.hostname):
        return None
    return getproxies().get("https" if parts.scheme == "wss" else "http")


def quiet_logger(name: str, level: int) -> logging.Logger:
    """A logger with a level of its own: the library takes one without for debugging, and writes out requests."""
    logger = logging.getLogger(name)
    logger.setLevel(level)
    return logger
