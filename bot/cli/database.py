"""``tipoff db``: the database's own commands."""

import typer

from bot.cli.start import begin, run_async


def add_to(app: typer.Typer) -> None:
    db = typer.Typer(help="Look after the database.", no_args_is_help=True)
    app.add_typer(db, name="db")

    @db.callback()
    def group() -> None:
        """Look after the database."""

    @db.command()
    def upgrade() -> None:
        """Bring the database to this program's version. `tipoff run` does the same at its start."""
        from storage.database import upgrade as upgrade_database

        settings, _ = begin()
        before, after = run_async(upgrade_database(settings.database_url))
        if before == after:
            typer.echo(f"The database is at revision {after} already.")
        else:
            typer.echo(f"The database was at {before or 'nothing'} and is now at revision {after}.")
