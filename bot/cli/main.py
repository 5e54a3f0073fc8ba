"""The ``tipoff`` command. Nothing heavy is imported before a command needs it: ``--help`` answers at once."""

import sys
from typing import Annotated

import typer

from bot.cli import ask, database, demo, doctor, invite, label, poll, replay, run, slack, sources, topics
from bot.errors import BotError, ConfigError, UserError

app = typer.Typer(
    name="tipoff",
    help="Watches the web for the event you wait for and tells Discord, Slack or this terminal once, with proof.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


def _show_version(*, wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"tipoff {version('tipoff')}")
        raise typer.Exit


@app.callback()
def options(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Show the version.", callback=lambda value: _show_version(wanted=value)
        ),
    ] = False,
) -> None:
    """Watches the web for the event you wait for and tells Discord, Slack or this terminal once, with proof."""


run.add_to(app)
demo.add_to(app)
poll.add_to(app)
replay.add_to(app)
label.add_to(app)
ask.add_to(app)
topics.add_to(app)
sources.add_to(app)
slack.add_to(app)
doctor.add_to(app)
invite.add_to(app)
database.add_to(app)


def main() -> None:
    """Run the command line; expected failures become one line and an exit code: 1 failed, 2 wrong usage or settings."""
    try:
        app()
    except (ConfigError, UserError) as exc:
        _say(exc)
        sys.exit(2)
    except BotError as exc:
        _say(exc)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()  # the reader went away (`tipoff latest | head`): nothing to say to anyone
        sys.exit(1)


def _say(exc: BotError) -> None:
    from bot.logs import without_secrets

    sys.stderr.write("tipoff: " + without_secrets(" ".join(str(exc).split())) + "\n")


if __name__ == "__main__":
    main()
