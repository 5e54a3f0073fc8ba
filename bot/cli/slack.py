"""``tipoff slack``: the app manifest, and a key for the tokens of installed workspaces."""

import json
from typing import Annotated

import typer

from bot.errors import UserError

_url = typer.Option(
    help="Your address from outside, https://…: Slack posts there. Without it, Socket Mode.", metavar="URL"
)
_installs = typer.Option("--oauth", help="For many workspaces that install the app by OAuth (needs --url).")
_separate = typer.Option("--separate", help="Each command also by itself: /tipoff-latest.")


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="Make the Slack app; see docs/slack.md.", no_args_is_help=True)

    @group.command()
    def manifest(
        *,
        url: Annotated[str, _url] = "",
        installs: Annotated[bool, _installs] = False,
        separate: Annotated[bool, _separate] = False,
    ) -> None:
        """Print the app manifest (JSON), to paste at api.slack.com/apps, Create New App, From a manifest."""
        from handlers.slack.manifest import manifest as made

        url = url.strip().rstrip("/")
        if url and not url.startswith("https://"):
            raise UserError("--url: must begin with https://; Slack posts to no other address.")
        if installs and not url:
            raise UserError("--oauth: needs --url, where Slack sends people back to.")
        shown = made(url=url, installs=installs, separate=separate)
        typer.echo(json.dumps(shown, indent=2, ensure_ascii=False))

    @group.command()
    def key() -> None:
        """Print a new key for TIPOFF_SECRET_KEY. Put it before the former ones, with a comma between."""
        from handlers.slack.sealing import new_key

        typer.echo(new_key())

    app.add_typer(group, name="slack")
