"""``tipoff run``: the main job."""

import typer

from bot.cli.start import begin, open_console, run_async, settle_memory


def add_to(app: typer.Typer) -> None:
    @app.command()
    def run() -> None:
        """Watch, tell and answer, until Ctrl-C. Needs no token: alerts come to this terminal and the local page.

        With DISCORD_TOKEN or the Slack settings in .env or the environment, the same command serves those too.
        """
        from bot.app import run_bot

        settings, catalog = begin()
        settle_memory()
        run_async(run_bot(settings, catalog, console=open_console()))
