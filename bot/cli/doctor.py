"""``tipoff doctor``: is everything as it must be, and if not, what to do."""

import typer

from bot.cli.start import begin, open_console, run_async

_MARK = {"ok": "[green]✔[/]", "failed": "[red]✘[/]", "warning": "[yellow]![/]", "off": "[dim]–[/]"}


def add_to(app: typer.Typer) -> None:
    @app.command()
    def doctor() -> None:
        """Check settings, database, network, and each token with its permissions, and say what to do."""
        if run_async(_doctor()):
            raise typer.Exit(1)


async def _doctor() -> int:
    from rich.markup import escape

    from bot.checks import all_checks
    from handlers.answers import counted

    settings, catalog = begin()
    console = open_console()
    failed = 0
    with console.status("Checking"):
        async for check in all_checks(settings, catalog):
            failed += check.state == "failed"
            console.print(
                f"{_MARK[check.state]} [bold]{check.name}[/]: {escape(check.text)}", highlight=False
            )
            if check.advice and check.state != "ok":
                console.print(f"    {escape(check.advice)}", highlight=False)
    if failed:
        console.print(f"\n[red]{counted(failed, 'thing')} to mend.[/]")
    else:
        console.print("\n[green]All is well.[/]")
    return failed
