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
        publisher: Annotated[
            str, typer.Option(help="Who publishes it: some topics look there too, and its grade rests on it.")
        ] = "",
        url: Annotated[str, typer.Option(help="Its address, which proves who publishes it.")] = "",
        topic: Annotated[str, typer.Option(help="Only this topic.")] = "",
    ) -> None:
        """Say which topics a text is on and by which terms; what nearly matched, with what kept it out; its evidence
        grade; and which watch questions it would move from where the catalog says that they stand.

        Needs no network and no database.
        """
        _test(_as_item(_text(text), title=title, publisher=publisher, url=url), topic)

    app.add_typer(topics, name="topics")


def _text(words: list[str]) -> str:
    text = sys.stdin.read(_MOST_CHARS) if words == ["-"] else " ".join(words)
    if not text.strip():
        raise UserError("topics test: give a text, for example: tipoff topics test DeepSeek releases V4")
    return text.strip()


def _as_item(text: str, *, title: str, publisher: str, url: str) -> "Item":
    """The text as a source would give it, so that it is cleaned in the same way."""
    from bot.judgement.canonical import make_item
    from bot.model import RawItem, Source, SourceId, SourceKind, utc_now

    head, _, rest = (title, "", text) if title else text.partition("\n")
    source = Source(id=SourceId("test"), name=publisher, kind=SourceKind.FEED, url="https://test.invalid/")
    raw = RawItem(external_id="test", url=url, title=head, summary=rest, publisher=publisher)
    return make_item(raw, source, seen=utc_now())


def _test(item: "Item", wanted: str) -> None:
    from dataclasses import replace

    from rich.text import Text

    from bot.cli.explained import labelled, reasons
    from bot.judgement.explain import Explainer
    from bot.judgement.judge import Judge
    from handlers.console.cards import safe

    _, catalog = begin()
    topics = tuple(topic for topic in catalog.topics if not wanted or wanted in (topic.id, topic.name))
    if not topics:
        raise unknown_topic(catalog, wanted)
    catalog = replace(catalog, topics=topics)
    judge = Judge(catalog, known_until=item.seen)
    why = Explainer(catalog).explain(judge, judge.judge(item))
    console = open_console()
    shown = [("Title", [Text(safe(item.title), style="bold")])]
    if item.summary:
        shown.append(("Summary", [Text(safe(item.summary))]))
    console.print(labelled([*shown, *reasons(why)]))
