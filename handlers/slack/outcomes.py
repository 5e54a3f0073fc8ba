"""What Slack's answers mean for a delivery. The only place that knows Slack's error words."""

import asyncio

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.delivery.contract import ChannelGone, RetryAt, SendOutcome, Unknown

#: A refused token is not mended within minutes, but the delivery must survive until someone does.
TOKEN_REFUSED_WAIT_S = 900.0

#: The token itself is refused: nothing works until someone changes the settings.
TOKEN_REFUSED = frozenset(
    {
        "invalid_auth",
        "not_authed",
        "token_revoked",
        "token_expired",
        "not_allowed_token_type",
        "no_permission",
        "org_login_required",
        "missing_scope",
    }
)
#: At connection time these too say that the token will never do.
ACCOUNT_GONE = frozenset({"account_inactive", "user_removed_from_team", "team_disabled"})

_GONE = {
    "channel_not_found": "the channel does not exist, or is private and the app is not in it",
    "not_in_channel": "the app is not in the channel: invite the app: /invite @Tipoff",
    "is_archived": "the channel is archived",
    "channel_is_archived": "the channel is archived",
    "account_inactive": "the app was removed from the workspace",
    "user_not_found": "there is no such person",
    "user_disabled": "the person's account is closed",
    "cannot_dm_bot": "a bot cannot be written to",
    "messages_tab_disabled": "the app's Messages tab is off: turn it on under App Home",
    "restricted_action": "a workspace setting forbids the app to write there",
    "restricted_action_read_only_channel": "the channel is read-only",
    "restricted_action_thread_only_channel": "only replies are allowed in the channel",
    "restricted_action_non_threadable_channel": "no replies are allowed in the channel",
    "team_access_not_granted": "the app may not write in this workspace",
    "ekm_access_denied": "the workspace's administrators suspended the channel",
}
_RATE = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded", "accesslimited"})
_MAYBE = frozenset({"fatal_error", "internal_error", "service_unavailable", "request_timeout"})
_THREAD_GONE = frozenset(
    {"thread_not_found", "message_not_found", "invalid_thread_ts", "cannot_reply_to_message"}
)
_ADVICE = {
    "missing_scope": "add the missing scope under OAuth & Permissions and install the app again",
    "not_allowed_token_type": "SLACK_BOT_TOKEN begins with xoxb-, SLACK_APP_TOKEN with xapp-",
}


def error_code(exc: SlackApiError) -> str:
    """Slack's word for the error; empty when the answer was not Slack's JSON (a proxy, a crash)."""
    response = exc.response
    return str(response.get("error") or "") if isinstance(response, AsyncSlackResponse) else ""


def error_status(exc: SlackApiError) -> int:
    response = exc.response
    if isinstance(response, AsyncSlackResponse):
        return int(response.status_code)
    return int(getattr(response, "status", 0))


def retry_after(exc: SlackApiError) -> float | None:
    """Seconds, from the header; None when it is missing or no number."""
    headers = getattr(exc.response, "headers", None) or {}
    text = next((str(value) for name, value in headers.items() if name.lower() == "retry-after"), "")
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if 0 <= seconds < 86400 else None


def needed_scope(exc: SlackApiError) -> str:
    response = exc.response
    return str(response.get("needed") or "") if isinstance(response, AsyncSlackResponse) else ""


def advice(code: str) -> str:
    return _ADVICE.get(
        code, "copy the token again from https://api.slack.com/apps; if it was revoked, install the app again"
    )


def is_thread_gone(exc: SlackApiError) -> bool:
    return error_code(exc) in _THREAD_GONE


def is_rate_limit(exc: SlackApiError) -> bool:
    return error_status(exc) == 429 or error_code(exc) in _RATE


def outcome_of_error(exc: SlackApiError) -> SendOutcome | None:
    """The outcome of a refused send; None when the message itself was refused and may go in plain form."""
    code, status = error_code(exc), error_status(exc)
    if is_rate_limit(exc):
        return RetryAt(reason=f"Slack: {code or 'ratelimited'}", after_s=retry_after(exc))
    if code in _GONE:
        return ChannelGone(reason=_GONE[code])
    if code in TOKEN_REFUSED:
        return RetryAt(reason=f"Slack: {code}", after_s=TOKEN_REFUSED_WAIT_S)
    if status >= 500 or code in _MAYBE:
        return Unknown(reason=f"Slack: {code or f'HTTP {status}'}")
    if code:
        return None
    if status in (200, 0):
        return Unknown(reason="Slack's answer could not be read")
    return RetryAt(reason=f"HTTP {status}: not an answer of Slack")


def outcome_of_failure(exc: aiohttp.ClientError | asyncio.TimeoutError | OSError) -> SendOutcome:
    """The outcome when no answer came: only a connection that was never made is surely not a send."""
    if isinstance(exc, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
        return RetryAt(reason=f"Slack cannot be reached: {type(exc).__name__}")
    if isinstance(exc, aiohttp.InvalidURL):
        return RetryAt(reason="SLACK_API_URL is not an address")
    return Unknown(reason=f"the connection to Slack broke: {type(exc).__name__}")
