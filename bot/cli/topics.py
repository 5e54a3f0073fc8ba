"""``tipoff topics``: list the topics, and test a text against them."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.ask import ask
from bot.cli.start import begin, open_console, unknown_topic
from bot.errors import UserError

if TYPE_CHECKING:
    from bot.model import Item

#: More than this of standard input is no headline with its summary.
_MOST_CHARS = 20_000


def add_to(app: typer.Typer) -> None:
    topics = typer.Typer(
        invoke_without_command=True, help="What can be watched; and what a text would match."
    )

    @topics.callback()
    def listed(context: typer.Context) -> None:
        """What can be watched: lists the topics. `tipoff topics test` tells what a text would match."""
        if context.invoked_subcommand is None:
            ask("topics", {})

    @topics.command()
    def test(
        text: Annotated[
            list[str],
            typer.Argument(help="The text; its first line is the title unless --title is given. - reads it."),
        ],
        title: Annotated[str, typer.Option(help="The title; TEXT is then the summary.")] = "",
        publisher: Annotated[str, typer.Option(help="Who publishes it: some topics look there too.")] = "",
        topic: Annotated[str, typer.Option(help="Only this topic.")] = "",
    ) -> None:
        """Say which topics a text is on and by which terms; and what nearly matched, with what kept it out.

        Needs no network and no database.
        """
        _test(_as_item(_text(text), title=title, publisher=publisher), topic)

    app.add_typer(topics, name="topics")


def _text(words: list[str]) -> str:
    text = sys.stdin.read(_MOST_CHARS) if words == ["-"] else " ".join(words)
    if not text.strip():
        raise UserError("topics test: give a text, for example: tipoff topics test DeepSeek releases V4")
    return text.strip()


def _as_item(text: str, *, title: str, publisher: str) -> "Item":
    """The text as a source would give it, so that it is cleaned in the same way."""
    from bot.judgement.canonical import make_item
    from bot.model import RawItem, Source, SourceId, SourceKind, utc_now

    head, _, rest = (title, "", text) if title else text.partition("\n")
    source = Source(id=SourceId("test"), name=publisher, kind=SourceKind.FEED, url="https://test.invalid/")
    raw = RawItem(external_id="test", url="", title=head, summary=rest, publisher=publisher)
    return make_item(raw, source, seen=utc_now())


def _test(item: "Item", wanted: str) -> None:
    from rich.text import Text

    from bot.cli.explained import topic_lines
    from bot.judgement.explain_topics import TopicExplainer
    from handlers.console.cards import safe

    _, catalog = begin()
    topics = [topic for topic in catalog.topics if not wanted or wanted in (topic.id, topic.name)]
    if not topics:
        raise unknown_topic(catalog, wanted)
    notes = TopicExplainer(topics).explain(item)
    console = open_console()
    console.print(Text.assemble(("Title    ", "dim"), (safe(item.title), "bold")))
    if item.summary:
        console.print(Text.assemble(("Summary  ", "dim"), safe(item.summary)))
    for line in topic_lines(notes):
        console.print(line)
