"""Workspaces that install the app: codes, tokens, and renewing them (docs.slack.dev/authentication)."""

import itertools
import time
from dataclasses import dataclass
from typing import Any

CLIENT_ID, CLIENT_SECRET = "111.222", "standin-client-secret"


@dataclass(slots=True, kw_only=True)
class _Grant:
    team: str
    enterprise: str
    whole: bool  # the whole Enterprise organisation
    rotates: bool


class SlackInstallations:
    """``tokens``: which bot token is of which workspace; "" is a whole organisation's."""

    def __init__(self, tokens: dict[str, str]) -> None:
        self.tokens = dict(tokens)
        self.expires_in = 43200
        self._grants: dict[str, _Grant] = {}  # by code, and by refresh token
        self._ends: dict[str, float] = {}
        self._numbers = itertools.count(1)

    def approve(self, team: str, *, enterprise: str = "", whole: bool = False, rotates: bool = False) -> str:
        """Somebody agrees to the installation; the code that Slack sends back."""
        code = f"code-{next(self._numbers)}"
        self._grants[code] = _Grant(team=team, enterprise=enterprise, whole=whole, rotates=rotates)
        return code

    def expire(self, token: str) -> None:
        self._ends[token] = 0.0

    def remove_app(self, team: str) -> None:
        """Its tokens work no more."""
        self.tokens = {token: held for token, held in self.tokens.items() if held != team}

    def refusal(self, token: str) -> str:
        if token not in self.tokens:
            return "invalid_auth"
        return "token_expired" if self._ends.get(token, time.time() + 1) <= time.time() else ""

    def names(self, token: str) -> dict[str, Any]:
        team = self.tokens[token]
        return {"team": f"Workspace {team}", "team_id": team}

    def exchange(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """oauth.v2.access."""
        if (arguments.get("client_id"), arguments.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return {"ok": False, "error": "bad_client_secret"}
        renews = arguments.get("grant_type") == "refresh_token"
        grant = self._grants.pop(str(arguments.get("refresh_token" if renews else "code")), None)
        if grant is None:
            return {"ok": False, "error": "invalid_refresh_token" if renews else "invalid_code"}
        number = next(self._numbers)
        token = f"xoxb-{grant.team or grant.enterprise}-{number}"
        self.tokens[token] = grant.team
        answer: dict[str, Any] = {
            "ok": True, "access_token": token, "token_type": "bot", "scope": "commands,chat:write",
            "bot_user_id": "U0TIPOFF", "app_id": "A0TIPOFF", "is_enterprise_install": grant.whole,
            "team": None if grant.whole else {"id": grant.team, "name": f"Workspace {grant.team}"},
            "enterprise": {"id": grant.enterprise, "name": "Org"} if grant.enterprise else None,
            "authed_user": {"id": "U1"},
        }  # fmt: skip
        if grant.rotates:
            refresh = f"xoxe-1-{number}"
            self._grants[refresh] = grant
            self._ends[token] = time.time() + self.expires_in
            answer |= {"refresh_token": refresh, "expires_in": self.expires_in}
        return answer
