"""Tells why a text is or is not on a topic: every term that was seen, and what kept it from counting.

It asks again what ``topics`` asks, but does not stop at the first no. A test holds both to the same answer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bot.judgement.canonical import telling_summary
from bot.judgement.terms import SUMMARY, TITLE, Scan, Term, Terms
from bot.judgement.topics import Noise
from bot.model import Item, TermLists, Together, Topic, TopicId, TopicMatch

_PLACES = {TITLE: "title", SUMMARY: "summary", TITLE | SUMMARY: "title and summary"}
_SHOWN = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class TermNote:
    """A term of a topic that stands in the text. ``refused``: why it does not count, "" when it does."""

    term: str
    where: str
    refused: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicNote:
    """``on``: the text is on the topic. ``refused``: what keeps it off, though terms that count are there."""

    topic: TopicId
    on: bool
    terms: tuple[TermNote, ...]
    refused: tuple[str, ...] = ()
    story: str = ""  # the words, where the story that the text tells puts it on the topic


class TopicExplainer:
    """Compiles the topics once."""

    def __init__(self, topics: Sequence[Topic]) -> None:
        noise = Noise()
        self._topics = [_Asked(topic, noise) for topic in topics]

    def explain(self, item: Item, judged: Sequence[TopicMatch] = ()) -> tuple[TopicNote, ...]:
        """The topics of which the text holds anything, in catalog order. ``judged``: its topics by verdict; those that
        its words do not give, its story does."""
        scan = Scan(item.title, telling_summary(item))
        head = Scan(f"{item.title} · {item.publisher}", "")
        notes = [topic.note(scan, head) for topic in self._topics]
        by_verdict = {match.topic: match.reason.partition(": ")[2] for match in judged}
        return tuple(
            replace(note, on=True, refused=(), story=by_verdict[note.topic])
            if not note.on and note.topic in by_verdict
            else note
            for note in notes
            if note.on or note.terms or note.refused or note.topic in by_verdict
        )


class _Asked:
    """One topic."""

    def __init__(self, topic: Topic, noise: Noise) -> None:
        self._topic, self._noise = topic, noise
        self._any = Terms([*topic.any.all(), *topic.ambiguous.all()])
        self._ambiguous = frozenset(topic.ambiguous.all())
        self._none, self._near, self._title = (Terms(x.all()) for x in (topic.none, topic.near, topic.title))

    def note(self, scan: Scan, head: Scan) -> TopicNote:
        seen = [(term, where, self._why_not(term, where, scan, head)) for term, where in self._any.hits(scan)]
        counting = [(term, where) for term, where, refused in seen if not refused]
        notes = [
            TermNote(term=term.text, where=_PLACES[where], refused=refused) for term, where, refused in seen
        ]
        jointly_refused: list[str] = []
        if not counting and not self._any.everything:
            counting = self._jointly(scan, notes, jointly_refused)
        alone = self._any.everything or not (self._any or self._topic.together)
        missing = _missing(self._topic.all, scan)
        if not counting and not alone:
            return TopicNote(
                topic=self._topic.id, on=False, terms=tuple(notes), refused=tuple(jointly_refused)
            )
        refused = [*missing, *self._kept_out(scan, counting)]
        if alone and missing and not self._any.everything:
            return TopicNote(topic=self._topic.id, on=False, terms=())  # nothing of it is in the text
        if alone:
            notes.append(self._stands_alone())
        return TopicNote(topic=self._topic.id, on=not refused, terms=tuple(notes), refused=tuple(refused))

    def _why_not(self, term: Term, where: int, scan: Scan, head: Scan) -> str:
        if term.text in self._ambiguous and not (self._near.hits(scan) or self._near.hits(head)):
            return f"ambiguous, and none of {_named(self._topic.near.all())} is near"
        if where == SUMMARY and self._title and not self._title.hits(head):
            return f"only in the summary, and the title has none of {_named(self._topic.title.all())}"
        return ""

    def _jointly(self, scan: Scan, notes: list[TermNote], refused: list[str]) -> list[tuple[Term, int]]:
        """The words of the first joint rule that holds; what rules lack that nearly hold goes to ``refused``."""
        for together in self._topic.together:
            found = [Terms(group).hits(scan) for group in together.groups]
            lacking = _lacking(together, found, scan)
            shown = [hit for hits in found for hit in hits[:2]]
            if not lacking:
                notes += [TermNote(term=term.text, where=_PLACES[where]) for term, where in shown]
                return shown
            if sum(map(bool, found)) >= max(2, len(found) - 1):
                words = ", ".join(f'"{term.text}"' for term, _ in shown)
                refused.append(f"{together.name or 'together'}: {words}, but {lacking}")
        return []

    def _kept_out(self, scan: Scan, counting: list[tuple[Term, int]]) -> list[str]:
        causes = [
            f'"{term.text}" in the {_PLACES[where]} keeps it out' for term, where in self._none.hits(scan)
        ]
        if kind := self._noise.found(self._topic.skip, scan):
            causes.append(f"noise: {kind}")
        in_title = [term for term, where in counting if where & TITLE]
        if (
            "passing" in self._topic.skip
            and in_title
            and all(self._noise.in_passing(scan, t) for t in in_title)
        ):
            causes.append("noise: the title names it only in passing")
        return causes

    def _stands_alone(self) -> TermNote:
        if self._any.everything:
            return TermNote(term="*", where="every item")
        return TermNote(term=_named(self._topic.all.all()), where="title or summary")


def _lacking(together: Together, found: Sequence[Sequence[tuple[Term, int]]], scan: Scan) -> str:
    """What a joint rule lacks, "" when it holds."""
    for group, hits in zip(together.groups, found, strict=True):
        if not hits:
            return f"none of {_named(group)}"
    in_title = sum(any(where & TITLE for _, where in hits) for hits in found)
    if in_title < together.title:
        return f"{in_title} of them in the title, where {together.title} must be"
    kept_out = Terms(together.none).hits(scan)
    return f'"{kept_out[0][0].text}" keeps it out' if kept_out else ""


def _missing(wanted: TermLists, scan: Scan) -> list[str]:
    """The terms of ``all`` that are not there: those for every language, and those of the nearest language."""

    def absent(texts: Iterable[str]) -> list[str]:
        one_each = ((text, Terms((text,))) for text in texts)
        return [text for text, term in one_each if not (term.everything or term.hits(scan))]

    missing = absent(wanted.terms.get("", ()))
    by_language = [absent(texts) for language, texts in wanted.terms.items() if language]
    if by_language:
        nearest = min(by_language, key=len)
        missing += nearest
    return [f'"{text}" is missing' for text in missing]


def _named(texts: Sequence[str]) -> str:
    shown = ", ".join(texts[:_SHOWN])
    return f"{shown} … ({len(texts)} terms)" if len(texts) > _SHOWN else shown or "nothing"
