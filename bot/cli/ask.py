"""The commands that people also have in chat, for the terminal: same requests, same replies."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.start import begin, open_console, run_async
from bot.errors import UserError
from bot.model import CONSOLE

if TYPE_CHECKING:
    from bot.settings import Settings
    from handlers.replies import Attachment

_Topic = Annotated[str, typer.Option("--topic", help="Only this topic.")]


def add_to(app: typer.Typer) -> None:
    @app.command()
    def subscribe(
        channel: Annotated[
            str, typer.Argument(help="discord:<channel id>, slack:<team>/<channel id> or console:")
        ],
        topic: Annotated[str, typer.Argument(help="Topic id; 'all' is every topic.")],
        min_grade: Annotated[str, typer.Option(help="The weakest evidence worth telling.")] = "",
        mode: Annotated[str, typer.Option(help="instant, hourly, daily or weekly.")] = "",
        lang: Annotated[str, typer.Option(help="Only these languages, for example en,zh.")] = "",
        quiet: Annotated[
            str, typer.Option(help="Hold alerts at night, for example 22:00-07:00@Europe/Berlin.")
        ] = "",
        words: Annotated[
            str, typer.Option(help="Only what has one of these words, for example price,export; or off.")
        ] = "",
        not_words: Annotated[str, typer.Option(help="Nothing that has one of these words; or off.")] = "",
        not_sources: Annotated[
            str, typer.Option(help="Nothing from these publishers or sites; or off.")
        ] = "",
        at: Annotated[str, typer.Option(help="When the digest is told, for example 08:00.")] = "",
        day: Annotated[str, typer.Option(help="The day of the weekly digest, for example monday.")] = "",
        zone: Annotated[str, typer.Option(help="Time zone of the digest, for example Europe/Berlin.")] = "",
        mention: Annotated[str, typer.Option(help="Id of a role or user group to call; or off.")] = "",
        mention_from: Annotated[str, typer.Option(help="Call it from this evidence on.")] = "",
    ) -> None:
        """Tell a channel about a topic."""
        given = {
            "topic": topic, "min-grade": min_grade, "mode": mode, "lang": lang, "quiet": quiet, "words": words,
            "not-words": not_words, "not-sources": not_sources, "at": at, "day": day, "zone": zone,
            "mention": mention, "mention-from": mention_from,
        }  # fmt: skip
        ask("subscribe", {name: value for name, value in given.items() if value}, channel)

    @app.command()
    def unsubscribe(
        channel: Annotated[str, typer.Argument(help="The channel's address, as for subscribe.")],
        topic: Annotated[str, typer.Argument(help="Topic id; 'all' ends every subscription.")],
    ) -> None:
        """Stop telling a channel about a topic."""
        ask("unsubscribe", {"topic": topic}, channel)

    @app.command()
    def subscriptions(
        channel: Annotated[str, typer.Argument(help="The channel's address, as for subscribe.")] = CONSOLE,
    ) -> None:
        """What a channel is told."""
        ask("subscriptions", {}, channel)

    @app.command()
    def latest(
        topic: _Topic = "", count: Annotated[int, typer.Option(help="How many stories, 1 to 20.")] = 10
    ) -> None:
        """The newest stories."""
        ask("latest", _with_topic(topic, count=str(count)))

    @app.command()
    def search(
        text: Annotated[list[str], typer.Argument(help="Words that a story must have.")], topic: _Topic = ""
    ) -> None:
        """Find stories by words."""
        ask("search", _with_topic(topic, text=" ".join(text)))

    @app.command()
    def status() -> None:
        """Is it out yet? Each watch question, and how well Tipoff can see."""
        ask("status", {})

    @app.command()
    def hot(
        topic: Annotated[str, typer.Argument(help="Topic id.")],
        time: Annotated[str, typer.Option("--time", help="How long, for example 6h or 2d; or off.")] = "1d",
    ) -> None:
        """Ask a topic's sources as often as they may be, around an expected event."""
        ask("hot", {"topic": topic, "time": time})

    @app.command()
    def why(
        story: Annotated[str, typer.Argument(help="A story's number, or the link of an article.")],
    ) -> None:
        """Who says so, and for each item why: matched terms, story and score, evidence, told or not."""
        ask("why", {"story": story})

    @app.command()
    def correct(
        story: Annotated[str, typer.Option(help="Story number.")] = "",
        grade: Annotated[str, typer.Option(help="The best evidence that the story really has.")] = "",
        merge: Annotated[str, typer.Option(help="Number of another story that is the same event.")] = "",
        split: Annotated[str, typer.Option(help="Item (number or link) that is another event.")] = "",
        question: Annotated[str, typer.Option(help="A watch question, with its state.")] = "",
        state: Annotated[str, typer.Option(help="The right answer to the question.")] = "",
    ) -> None:
        """Put right a grade, a merge or an answer. Every channel that was told is told of it once."""
        given = {
            "story": story, "grade": grade, "merge": merge, "split": split, "question": question, "state": state,
        }  # fmt: skip
        ask("correct", {name: value for name, value in given.items() if value})

    @app.command()
    def story(
        story: Annotated[str, typer.Argument(help="A story's number, or the link of an article.")],
    ) -> None:
        """One story: what is known, who says so, what was told."""
        ask("story", {"story": story})

    @app.command()
    def timeline(
        topic: _Topic = "",
        story: Annotated[str, typer.Option("--story", help="A story's number, or a link.")] = "",
        days: Annotated[int, typer.Option(help="How many days, 1 to 365.")] = 30,
        out: Annotated[Path, typer.Option(help="Where the picture goes.")] = Path("timeline.png"),
    ) -> None:
        """A picture of how a topic or a story went."""
        ask("timeline", _with_topic(topic, story=story, days=str(days)), out=out)

    @app.command()
    def export(
        channel: Annotated[str, typer.Argument(help="The channel's address, as for subscribe.")] = CONSOLE,
        form: Annotated[str, typer.Option("--format", help="csv or json.")] = "csv",
        days: Annotated[int, typer.Option(help="How many days, 1 to 365.")] = 30,
        out: Annotated[
            Path | None, typer.Option(help="Where the file goes; its name has the day without this.")
        ] = None,
    ) -> None:
        """A channel's alerts as a file, with their proof: text, SHA-256, time."""
        ask("export", {"format": form, "days": str(days)}, channel, out=out)

    @app.command()
    def backtest(
        topic: Annotated[str, typer.Argument(help="Topic id; 'all' is every topic.")],
        channel: Annotated[str, typer.Option(help="Whose settings and mutes hold.")] = CONSOLE,
        min_grade: Annotated[str, typer.Option(help="The weakest evidence worth telling.")] = "",
        lang: Annotated[str, typer.Option(help="Only these languages, for example en,zh.")] = "",
        words: Annotated[str, typer.Option(help="Only what has one of these words.")] = "",
        not_words: Annotated[str, typer.Option(help="Nothing that has one of these words.")] = "",
        not_sources: Annotated[str, typer.Option(help="Nothing from these publishers or sites.")] = "",
        days: Annotated[int, typer.Option(help="How many days, 1 to 90.")] = 30,
    ) -> None:
        """What such a subscription would have told in the last 30 days."""
        given = {
            "topic": topic, "min-grade": min_grade, "lang": lang, "words": words, "not-words": not_words,
            "not-sources": not_sources, "days": str(days),
        }  # fmt: skip
        ask("backtest", {name: value for name, value in given.items() if value}, channel)

    @app.command()
    def settings(
        channel: Annotated[str, typer.Argument(help="The channel's address, as for subscribe.")],
        zone: Annotated[str, typer.Option(help="Time zone, for example Europe/Berlin.")] = "",
        language: Annotated[str, typer.Option(help="Language of messages, for example de.")] = "",
        budget: Annotated[str, typer.Option(help="Alerts a day, then the digest; or off.")] = "",
        burst: Annotated[str, typer.Option(help="Alerts an hour, then one message; or off.")] = "",
        threads: Annotated[str, typer.Option(help="A thread for each story: on or off.")] = "",
        publish: Annotated[str, typer.Option(help="Publish in announcement channels: on or off.")] = "",
        log: Annotated[bool, typer.Option("--log", help="Show who changed what there lately.")] = False,
    ) -> None:
        """How a channel is told: time zone, language, limits, threads."""
        given = {
            "zone": zone, "language": language, "budget": budget, "burst": burst, "threads": threads,
            "publish": publish, "log": "show" if log else "",
        }  # fmt: skip
        ask("settings", {name: value for name, value in given.items() if value}, channel)

    @app.command()
    def test(
        channel: Annotated[str, typer.Argument(help="The channel's address, as for subscribe.")],
    ) -> None:
        """Send a sample alert to a channel, as soon as tipoff run is up."""
        ask("test", {}, channel)

    @app.command()
    def mute(
        channel: Annotated[str, typer.Argument(help="The channel's address, as for subscribe.")],
        story: Annotated[str, typer.Option(help="A story's number, or the link of an article.")] = "",
        topic: Annotated[str, typer.Option(help="Topic id.")] = "",
        time: Annotated[str, typer.Option(help="How long, for example 6h or 7d; or off.")] = "7d",
    ) -> None:
        """Tell a channel nothing of a story or topic for a time. Without one: what is muted there."""
        ask("mute", {"story": story, "topic": topic, "time": time}, channel)

    @app.command()
    def benchmarks(
        subject: Annotated[
            list[str] | None, typer.Argument(help="A chip or model, for example Ascend 950PR.")
        ] = None,
    ) -> None:
        """Figures claimed of chips and models: who says so, how well proved, what contradicts."""
        ask("benchmarks", {"subject": " ".join(subject or [])})

    @app.command()
    def licences(
        subject: Annotated[
            list[str] | None, typer.Argument(help="A model, a rule's words or its docket.")
        ] = None,
    ) -> None:
        """Changed model licences and export rules: docket, effective date, who says so."""
        ask("licences", {"subject": " ".join(subject or [])})


def _not_served(settings: "Settings", channel: str) -> str:
    """The setting without which this channel's platform cannot be reached, "" when all is there."""
    if channel.startswith("discord:") and settings.discord_token is None:
        return "DISCORD_TOKEN"
    return "SLACK_BOT_TOKEN" if channel.startswith("slack:") and not settings.slack_ready else ""


def _written(file: "Attachment", out: Path | None) -> Path:
    path = out or Path(file.name)
    try:
        path.write_bytes(file.data)
    except OSError as exc:
        raise UserError(f"{path}: {(exc.strerror or 'cannot be written').lower()}") from None
    return path


def _with_topic(topic: str, **options: str) -> dict[str, str]:
    return {**options, "topic": topic} if topic else options


def ask(command: str, options: dict[str, str], channel: str = CONSOLE, *, out: Path | None = None) -> None:
    """Answer a command as the terminal's reader, who may do everything. ``out``: where a file goes. Ends with
    exit code 1 when the answer is that it could not be done."""
    from bot.delivery.channels import parse_channel
    from bot.stored import open_stored
    from handlers.commands import Commands
    from handlers.console.cards import is_list, reply, safe
    from handlers.naming import terminal_reply, terminal_text
    from handlers.replies import Reply
    from handlers.requests import Request

    settings, catalog = begin()
    request = Request(
        command=command,
        options=options,
        channel=parse_channel(channel),
        user="terminal",
        may_manage=True,
        place="terminal",
    )

    async def work() -> Reply:
        async with open_stored(settings, catalog) as database:
            return await Commands(database, catalog).perform(request)

    try:
        answer = terminal_reply(run_async(work()))
    except UserError as exc:
        raise UserError(terminal_text(str(exc))) from None
    if command in ("subscribe", "test") and (need := _not_served(settings, channel)):
        answer = replace(
            answer, text=f"{answer.text} Nothing is sent before {need} is set and tipoff run is up."
        )
    if answer.file is not None:
        answer = replace(answer, text=f"Written: {_written(answer.file, out)}. {answer.text}".strip())
    console = open_console()
    if is_list(answer) and not console.is_terminal:
        # A pipe knows neither width nor links: nothing is cut, and the address stands at the end of its line.
        console.print(reply(replace(answer, entries=())))
        for entry in answer.entries:
            typer.echo(safe(" · ".join(filter(None, (entry.title, *entry.facts, entry.url)))))
    else:
        console.print(reply(answer))
    if answer.tone == "error":
        raise typer.Exit(1)  # what is wrong was said above
