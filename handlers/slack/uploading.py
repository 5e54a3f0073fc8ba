"""Puts a file of an answer where who asked can see it: into the direct message with Tipoff, or into the channel when
the answer is for everyone. Slack cannot show a file to one person in a channel."""

import asyncio

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError

from bot.errors import UserError
from handlers.replies import Attachment
from handlers.slack.markup import trim
from handlers.slack.outcomes import error_code
from handlers.slack.teams import Team

log = structlog.get_logger()

UPLOAD_TIMEOUT_S = 30.0
#: https://docs.slack.dev/reference/methods/files.getUploadURLExternal
_MAX_DESCRIPTION = 1000


async def upload(
    team: Team, session: aiohttp.ClientSession, file: Attachment, *, channel: str, title: str
) -> None:
    """Upload and share. Raises ``UserError`` that says what to do."""
    try:
        async with asyncio.timeout(UPLOAD_TIMEOUT_S):
            offer = await team.client.files_getUploadURLExternal(
                filename=file.name,
                length=len(file.data),
                alt_txt=trim(file.described, _MAX_DESCRIPTION) or None,
            )
            headers = {"Content-Type": file.mime}
            async with session.post(
                str(offer["upload_url"]), data=file.data, headers=headers, allow_redirects=False
            ) as answer:
                if answer.status != 200:
                    raise UserError(f"Slack did not take the file (HTTP {answer.status}). Please try again.")
            await team.client.files_completeUploadExternal(
                files=[{"id": str(offer["file_id"]), "title": title}], channel_id=channel
            )
    except SlackApiError as exc:
        raise _refused(error_code(exc)) from exc
    except (aiohttp.ClientError, TimeoutError, OSError) as exc:
        log.warning("slack_upload_failed", error=type(exc).__name__)
        raise UserError("Slack could not be reached for the file. Please try again in a minute.") from exc


def _refused(code: str) -> UserError:
    log.warning("slack_upload_refused", error=code)
    if code == "missing_scope":
        return UserError(
            "Tipoff may not send files: add the scope files:write under OAuth & Permissions of the Slack app "
            "and install it again."
        )
    if code in ("not_in_channel", "channel_not_found"):
        return UserError("Tipoff is not in this channel: /invite @Tipoff")
    return UserError(f"Slack did not take the file ({code or 'no proper answer'}). Please try again.")
