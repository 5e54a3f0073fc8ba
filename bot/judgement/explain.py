"""Tells why an item was judged as it was. Asks the same questions again, for one item: nothing here is on the way of
an item that nobody asks about."""

import re
from dataclasses import asdict, dataclass
from typing import Any

from bot.judgement.cues import CueTable
from bot.judgement.evidence_who import Directory
from bot.judgement.explain_stories import StoryNote
from bot.judgement.explain_topics import TopicExplainer, TopicNote
from bot.judgement.explain_watch import WatchNote
from bot.judgement.judge import Judge
from bot.judgement.text import fold
from bot.model import Catalog, Item, Verdict

#: Cue lines of this kind hold a place for the publisher's own name; they are no words of their own.
_WITH_PLACE = "__publisher__"
_WORDS_SHOWN = 3
#: Cues that are looked for in the publisher's name and in the address; all others in title and summary.
_IN_NAME = frozenset(("public_body_name", "press_name"))
_IN_ADDRESS = frozenset(("opinion_path",))


@dataclass(frozen=True, slots=True, kw_only=True)
class CueNote:
    """A manner of speaking that was found, with the words that show it (folded)."""

    cue: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeNote:
    """``publisher``: who stands behind the item, by its address and name; ``kind`` as in the catalog's publishers.
    ``verified``: the address proves it. ``cites``: whom the item relays, "" when it names none."""

    grade: str
    reason: str
    publisher: str
    kind: str
    verified: bool
    cites: str
    cues: tuple[CueNote, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertNote:
    told: bool
    event: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """The reasons of one verdict."""

    topics: tuple[TopicNote, ...]
    story: StoryNote
    grade: GradeNote
    watch: tuple[WatchNote, ...]
    alert: AlertNote

    def as_json(self) -> dict[str, Any]:
        """Plain values, as ``tipoff replay --explain --json`` prints them under ``why``."""
        return asdict(self)


class Explainer:
    """Compiles what explanations need. One for a whole replay."""

    def __init__(self, catalog: Catalog) -> None:
        self._topics = TopicExplainer(catalog.topics)
        self._directory = Directory(catalog.publishers)
        self._cues = {
            name: [re.compile(line) for line in lines if _WITH_PLACE not in line]
            for name, lines in CueTable("evidence_cues.toml").lines.items()
        }

    def explain(self, judge: Judge, verdict: Verdict) -> Why:
        """Why ``judge`` gave this verdict. To be asked before the judge remembers it."""
        return Why(
            topics=self._topics.explain(verdict.item, verdict.topics),
            story=judge.explain(verdict.item),
            grade=self._grade(verdict),
            watch=judge.explain_watch(verdict),
            alert=AlertNote(
                told=verdict.alert,
                event=verdict.event.value,
                reason=verdict.reasons[-1] if verdict.reasons else "",
            ),
        )

    def _grade(self, verdict: Verdict) -> GradeNote:
        who = self._directory.who(verdict.item)
        return GradeNote(
            grade=verdict.graded.grade.value,
            reason=verdict.graded.reason,
            publisher=who.name or who.id,
            kind=f"{who.kind} at a {who.platform}" if who.platform and who.platform != who.kind else who.kind,
            verified=who.verified,
            cites=verdict.graded.cites,
            cues=self._found(verdict.item, address=f"/{who.host.partition('.')[0]}{who.path.lower()}"),
        )

    def _found(self, item: Item, *, address: str) -> tuple[CueNote, ...]:
        folded, name_of_publisher = fold(f"{item.title}\n{item.summary}"), fold(item.publisher)
        notes = []
        for name, patterns in self._cues.items():
            text = name_of_publisher if name in _IN_NAME else address if name in _IN_ADDRESS else folded
            matches = (pattern.search(text) for pattern in patterns)
            words = dict.fromkeys(found[0].strip() for found in matches if found and found[0].strip())
            if words:
                notes.append(CueNote(cue=name, words=tuple(words)[:_WORDS_SHOWN]))
        return tuple(notes)
