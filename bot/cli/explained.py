"""Reasons of verdicts for the terminal: what was seen, what it was worth, what was refused."""

from collections.abc import Iterable, Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bot.flow.replay import Replayed
from bot.judgement.explain import GradeNote, Why
from bot.judgement.explain_stories import CandidateNote, StoryNote
from bot.judgement.explain_topics import TermNote, TopicNote
from bot.judgement.explain_watch import WatchNote
from handlers.console.cards import GRADE_COLOUR, safe

_PARTS_SHOWN = 5
_TITLE_SHOWN = 60
_SEPARATORS = str.maketrans("", "", " -_.·/*=")


def explained(row: Replayed, why: Why, titles: dict[int, str]) -> RenderableType:
    """One item with its reasons. ``titles``: the first title of each story that was seen before."""
    verdict = row.verdict
    head = Text.assemble(
        ("▌ ", GRADE_COLOUR[verdict.graded.grade]),
        (f"{safe(row.id)}  ", "dim"),
        (safe(verdict.item.title), "bold"),
        (f"  {safe(verdict.item.publisher)} · {verdict.item.published:%d %b %Y %H:%M} UTC", "dim"),
    )
    topics, *others = reasons(why)
    story = ("Story", _story_lines(why.story, verdict.story, titles))
    table = labelled([topics, story, *others, ("Alert", [_alert_line(why)])])
    return Group(head, Padding(table, (0, 0, 1, 2)))


_Section = tuple[str, Iterable[Text]]


def reasons(why: Why) -> list[_Section]:
    """What an item says by itself, whatever was told before it."""
    return [
        ("Topics", _topic_lines(why.topics)),
        ("Evidence", _grade_lines(why.grade)),
        ("Answer", map(_watch_line, why.watch)),
    ]


def labelled(sections: Iterable[_Section]) -> RenderableType:
    """Lines below one another, those of a section beside its label."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    for label, lines in sections:
        for at, line in enumerate(lines):
            table.add_row("" if at else label, line)
    return table


def _topic_lines(notes: Iterable[TopicNote]) -> Iterator[Text]:
    """One line a topic, and one for each thing that was refused."""
    none = True
    for note in notes:
        none = False
        # A catalog writes one name in several ways ("deepseek v4", "deepseek v 4").
        counting = {_unspaced(term): term for term in reversed(note.terms) if not term.refused}
        counted = "; ".join([*map(_term, reversed(counting.values())), *filter(None, [note.story])])
        mark = ("on ", "green") if note.on else ("off ", "yellow")
        yield Text.assemble(mark, (note.topic, "bold"), ": " if counted else "", safe(counted))
        for refused in (
            *(f"{_term(term)}: {term.refused}" for term in note.terms if term.refused),
            *note.refused,
        ):
            yield Text.assemble("  ", ("refused ", "yellow"), safe(refused))
    if none:
        yield Text("none: no term of any topic is there")


def _unspaced(note: TermNote) -> str:
    return note.term.translate(_SEPARATORS)


def _term(note: TermNote) -> str:
    return f'"{note.term}" in the {note.where}' if note.term != "*" else "* matches every item"


def _story_lines(note: StoryNote, number: int, titles: dict[int, str]) -> Iterator[Text]:
    joined = "begins" if note.story is None else "joins"
    yield Text.assemble(
        f"{joined} ", (f"#{number}", "bold"), f": {safe(note.reason.removeprefix('begins a story: '))}"
    )
    for candidate in note.candidates:
        yield _candidate(candidate, note, titles)


def _candidate(candidate: CandidateNote, note: StoryNote, titles: dict[int, str]) -> Text:
    title = safe(titles.get(candidate.story, ""))
    shown = title if len(title) <= _TITLE_SHOWN else f"{title[:_TITLE_SHOWN]}…"
    facts = [
        f"{name.replace('_', ' ')} {value:+.1f}"
        for name, value in list(candidate.parts.items())[:_PARTS_SHOWN]
    ]
    facts = [", ".join(facts)] if facts else []
    if candidate.shared:
        facts.append("shares " + safe(", ".join(candidate.shared)))
    taken = candidate.story == note.story
    score = "  —  " if candidate.score is None else f"{candidate.score:+.1f} "
    return Text.assemble(
        "  ",
        (score, "green" if taken else "yellow"),
        f"#{candidate.story} {shown}",
        (f"  {' · '.join(facts)}", "dim"),
        (f"  {'; '.join(candidate.refused)}", "yellow") if candidate.refused else "",
    )


def _grade_lines(note: GradeNote) -> Iterator[Text]:
    yield Text.assemble((note.grade, "bold"), f": {safe(note.reason)}")
    proof = "its address proves it" if note.verified else "by its name only"
    who = (
        f"{safe(note.publisher)}: {note.kind}, {proof}"
        if note.publisher
        else "nobody is named as its publisher"
    )
    yield Text(f"  {who}")
    if note.cites:
        yield Text(f"  relays {safe(note.cites)}: one witness with it")
    if note.cues:
        words = "; ".join(f"{cue.cue.replace('_', ' ')}: {', '.join(cue.words)}" for cue in note.cues)
        yield Text(f"  words found: {safe(words)}", style="dim")


def _watch_line(note: WatchNote) -> Text:
    if note.moved:
        came = (f"{note.state or 'no answer'} → {note.told}", "green")
        return Text.assemble((f"{note.question}: ", "dim"), came, f": {safe(note.reason)}")
    stays = (f"stays {note.state or 'without answer'}", "yellow")
    said = f" though {safe(note.words)!r} says {note.told}: {safe(note.reason)}"
    return Text.assemble((f"{note.question}: ", "dim"), stays, said)


def _alert_line(why: Why) -> Text:
    style = "green" if why.alert.told else "dim"
    return Text.assemble((safe(why.alert.reason), style), (f"  (event: {why.alert.event})", "dim"))
