"""The workspaces that Tipoff is in, and what each is asked and sent with."""

from dataclasses import dataclass
from typing import Protocol

from slack_sdk.web.async_client import AsyncWebClient

from bot.delivery.contract import Limits
from handlers.slack.outcomes import ACCOUNT_GONE
from handlers.slack.people import People
from handlers.slack.sending import Sender


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """What auth.test or the installation says of the bot in one workspace."""

    team: str
    name: str = ""
    enterprise: str = ""
    bot_user: str = ""
    bot: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """One workspace, with its token in ``client``."""

    workspace: Workspace
    client: AsyncWebClient
    sender: Sender
    people: People


def team_of(workspace: Workspace, client: AsyncWebClient, *, whose: str) -> Team:
    """``whose``: how a log names the token."""
    sender = Sender(client, team=workspace.team, whose=whose)
    return Team(workspace=workspace, client=client, sender=sender, people=People(client))


class Teams(Protocol):
    """Finds a workspace's token. Implementations: ``OneTeam``, and ``InstalledTeams`` for OAuth. ``dead``: Slack's
    words after which the app is no longer in the workspace."""

    @property
    def limits(self) -> Limits: ...

    @property
    def dead(self) -> frozenset[str]: ...

    async def find(self, team: str, *, enterprise: str = "") -> Team | None:
        """The workspace, None when Tipoff is not in it. Raises ``StorageError``, and ``DeliveryUnavailable`` when
        Slack does not renew its token."""
        ...

    async def gone(self, team: str, *, enterprise: str = "", whole: bool = False) -> list[str]:
        """The app was removed there (``whole``: from the whole organisation), or its token taken away; the workspaces
        that this concerns. Raises ``StorageError``."""
        ...


class OneTeam:
    """The workspace of SLACK_BOT_TOKEN."""

    def __init__(self, team: Team) -> None:
        self._team = team
        self.limits: Limits = team.sender.limits
        self.dead = ACCOUNT_GONE  # a token that is refused may be mended in the settings

    async def find(self, team: str, *, enterprise: str = "") -> Team | None:
        return self._team if team == self._team.workspace.team else None

    async def gone(self, team: str, *, enterprise: str = "", whole: bool = False) -> list[str]:
        """The token stays in the settings; nothing is kept that could be deleted."""
        return [self._team.workspace.team]
