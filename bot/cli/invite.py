"""``tipoff discord``: the link that invites the bot."""

from typing import Annotated

import typer

from bot.errors import ConfigError, UserError

_application = typer.Option(
    metavar="ID",
    help="The application's id (developer portal, General Information). Default: from DISCORD_TOKEN.",
)


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="Add the bot to a Discord server; see docs/discord.md.", no_args_is_help=True)

    @group.callback()
    def _group() -> None:
        """Add the bot to a Discord server; see docs/discord.md."""

    @group.command()
    def invite(*, application: Annotated[str, _application] = "") -> None:
        """Print the link that adds the bot to a server, with exactly the permissions that it needs."""
        from handlers.discord.invite import NEEDED, link

        typer.echo(link(_chosen(application.strip())))
        typer.echo(f"Asks for: {', '.join(NEEDED.values())}.", err=True)

    app.add_typer(group, name="discord")


def _chosen(application: str) -> int:
    if application:
        if not (application.isascii() and application.isdecimal() and 15 <= len(application) <= 20):
            raise UserError(f"--application: {application!r} is no application id, which is a long number.")
        return int(application)
    from bot.settings import load_settings
    from handlers.discord.invite import application_of

    token = load_settings().discord_token
    if token is None:
        raise ConfigError("DISCORD_TOKEN: is not set. Set it, or name the application: --application ID.")
    found = application_of(token.get_secret_value())
    if found is None:
        raise ConfigError(
            "DISCORD_TOKEN: does not tell its application. Is it the bot's token? Or name it: --application ID."
        )
    return found
