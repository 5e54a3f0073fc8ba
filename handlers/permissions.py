"""Who may do what. The platforms say whether a person may manage a channel; the rule stands here."""

from bot.errors import UserError


def require_manage(*, command: str, needs_manage: bool, may_manage: bool) -> None:
    """Raise ``UserError`` when the command changes a channel that this person may not manage."""
    if needs_manage and not may_manage:
        raise UserError(
            f"/{command} changes what this channel is told. "
            "Only people who may manage the channel can do that."
        )
