"""What Discord's refusals mean for a delivery. Pure: status and code in, outcome out."""

from dataclasses import dataclass

from bot.delivery.contract import ChannelGone, Rejected, RetryAt, SendOutcome


@dataclass(frozen=True, slots=True)
class TryPlain:
    """The message may pass without its embed or its reply, or the permission for embeds is what is missing. ``reason``:
    what Discord said of it as it was."""

    reason: str


LOGIN_REFUSED = "Discord refuses the token"
#: With a wrong token every request is refused, and too many refused requests get the address banned.
_AFTER_BAD_LOGIN_S = 600.0
#: A refusal that does not come from Discord's API itself: a proxy or the protection in front of it.
_AFTER_FOREIGN_REFUSAL_S = 300.0

_UNKNOWN_CHANNEL = 10003
_MISSING_ACCESS = 50001
_CANNOT_MESSAGE_USER = 50007
_MISSING_PERMISSIONS = 50013
_WRONG_CHANNEL_TYPE = 50024
_THREAD_LOCKED = 160005

_GONE = {
    _UNKNOWN_CHANNEL: "the channel was deleted",
    _MISSING_ACCESS: "Tipoff no longer sees this channel. Give it View Channel here",
    _CANNOT_MESSAGE_USER: "this person takes no direct messages from Tipoff",
    _WRONG_CHANNEL_TYPE: "messages cannot be sent to this kind of channel",
    _THREAD_LOCKED: "the thread is locked",
}


def refusal(
    *, status: int, code: int, text: str, retry_after_s: float | None, plain_tried: bool, missing: str = ""
) -> SendOutcome | TryPlain:
    """What to do after an answer of 300 or more. ``code`` is Discord's own (0: the answer had none).

    ``missing`` names permissions known to be missing. Codes:
    https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
    """
    said = f"Discord answered {status}" + (f" ({code})" if code else "") + (f": {text}" if text else "")
    if code in _GONE:
        return ChannelGone(reason=_GONE[code])
    if code == _MISSING_PERMISSIONS:
        needed = missing or "Send Messages (in a thread: Send Messages in Threads) and Embed Links"
        return ChannelGone(reason=f"give Tipoff {needed} here") if plain_tried else TryPlain(said)
    if status == 401:
        return RetryAt(reason=LOGIN_REFUSED, after_s=_AFTER_BAD_LOGIN_S)
    if status == 429:
        return RetryAt(reason="Discord asks to slow down", after_s=retry_after_s)
    if status >= 500:
        return RetryAt(reason=said, after_s=retry_after_s)
    if code == 0 and status in (403, 404):
        return RetryAt(reason=said, after_s=_AFTER_FOREIGN_REFUSAL_S)
    return Rejected(reason=said) if plain_tried else TryPlain(said)
