"""The link that invites the bot asks for what doctor checks, and needs no network."""

import base64
from urllib.parse import parse_qs, urlsplit

import discord
import pytest

from handlers.discord.invite import NEEDED, application_of, permissions
from tests.commandline import Tipoff

APPLICATION = "900000000000000001"
TOKEN = f"{base64.b64encode(APPLICATION.encode()).decode().rstrip('=')}.Gabcde.x-y_z"


def test_the_permissions_are_those_that_doctor_checks() -> None:
    assert discord.Permissions(**dict.fromkeys(NEEDED, True)).value == permissions()


@pytest.mark.parametrize(
    ("args", "env"),
    [
        pytest.param((), {"DISCORD_TOKEN": TOKEN}, id="from the token"),
        pytest.param(("--application", APPLICATION), {}, id="named"),
    ],
)
def test_the_link(tipoff: Tipoff, args: tuple[str, ...], env: dict[str, str]) -> None:
    done = tipoff("discord", "invite", *args, **env)
    assert done.returncode == 0
    parts = urlsplit(done.stdout.strip())
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == "https://discord.com/oauth2/authorize"
    assert parse_qs(parts.query) == {
        "client_id": [APPLICATION], "permissions": [str(permissions())], "scope": ["bot applications.commands"],
    }  # fmt: skip
    assert "Create Public Threads" in done.stderr


@pytest.mark.parametrize(
    ("args", "env", "says"),
    [
        pytest.param((), {}, "DISCORD_TOKEN", id="no token"),
        pytest.param((), {"DISCORD_TOKEN": "secret.x.y"}, "--application", id="a token that tells nothing"),
        pytest.param(("--application", "tipoff"), {}, "--application", id="a name in place of an id"),
    ],
)
def test_what_is_missing_is_said(
    tipoff: Tipoff, args: tuple[str, ...], env: dict[str, str], says: str
) -> None:
    done = tipoff("discord", "invite", *args, **env)
    assert done.returncode == 2
    assert says in done.stderr
    assert "secret" not in done.stderr


@pytest.mark.parametrize("token", ["", "....", "é.x.y", "QQ", "MTIz.x"])
def test_a_token_that_tells_no_application(token: str) -> None:
    assert application_of(token) is None
