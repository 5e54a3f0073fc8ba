"""Says which topics an item belongs to, and by which words. Data-driven: knows no topic itself."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Protocol

from bot.judgement.canonical import telling_summary
from bot.judgement.cues import CueTable
from bot.judgement.pieces import pieces_in
from bot.judgement.terms import SUMMARY, TITLE, Scan, Term, Terms, scan_of
from bot.model import Item, Together, Topic, TopicId, TopicMatch

_SHOWN = 4  # terms named in a reason
_BY_STORY = ", which it tells, is on it"  # how a reason ends that names no term of the item's own
Hits = list[tuple[Term, int]]


class TopicMatcher:
    """Compiles the terms of all topics once; ``match`` is pure and may be called from any thread."""

    def __init__(self, topics: Sequence[Topic]) -> None:
        self._noise = Noise()
        self._topics = [_Compiled(topic, self._noise) for topic in topics]
        #: What may speak for a topic, topic by topic.
        self._rules = [(topic, rule) for topic in self._topics for rule in topic.rules]
        self._candidates = _Candidates([rule for _, rule in self._rules])

    def match(self, item: Item) -> tuple[TopicMatch, ...]:
        """The topics of the item in catalog order. A reason names the terms and where they stand."""
        scan = scan_of(item.title, telling_summary(item))
        matches = []
        spoken_for = None
        for at in self._candidates.of(pieces_in(scan.text)):
            topic, rule = self._rules[at]
            if topic is spoken_for:
                continue
            hits, why = rule.speaks(scan, item.publisher)
            if why:
                spoken_for = topic
                match = topic.match(scan, hits, why)
                if match is not None:
                    matches.append(match)
        return tuple(matches)

    def with_story(
        self, item: Item, own: tuple[TopicMatch, ...], story: int, topics: Iterable[TopicId]
    ) -> tuple[TopicMatch, ...]:
        """The item's ``own`` topics and those of the story that it tells: headlines of one event need not all name its
        subject ("First look at the 160-cabinet beast"). ``topics``: those of the item that began the story. What a
        topic shuts out stays out."""
        missing = set(topics).difference([match.topic for match in own])
        if not missing:
            return own
        scan = scan_of(item.title, telling_summary(item))
        found = {match.topic: match for match in own}
        for topic in self._topics:
            name = topic.topic.id
            if name in missing and not topic.shuts_out(scan):
                reason = f"{name}: story {story}{_BY_STORY}"
                found[name] = TopicMatch(topic=name, matched=(), reason=reason)
        return tuple(found[topic.topic.id] for topic in self._topics if topic.topic.id in found)


def is_by_story(reason: str) -> bool:
    """Whether an item is on a topic for its story's sake alone, by the reason of its ``TopicMatch``."""
    return reason.endswith(_BY_STORY)


class Noise:
    """The built-in kinds of noise: spam, lists, market chatter, mentions in passing."""

    def __init__(self) -> None:
        self._table = _noise_table()

    def found(self, kinds: Iterable[str], scan: Scan) -> str:
        """The first of ``kinds`` whose words are in the title (for spam: anywhere), or ""."""
        near = self._table.near(scan.text)
        if not near:
            return ""
        for kind in kinds:
            if (
                kind in near
                and kind != "passing"
                and self._table.search(kind, scan.text if kind == "spam" else scan.title, whole=scan.text)
            ):
                return kind
        return ""

    def spam(self, text: str) -> bool:
        """Whether a folded text offers something instead of telling it."""
        return self._table.search("spam", text)

    def in_passing(self, scan: Scan, term: Term) -> bool:
        """Whether the title only compares something with the term ("beats DeepSeek V4")."""
        if "passing" not in self._table.near(scan.text):
            return False
        starts = scan.title_starts(term)
        return bool(starts) and all(
            self._table.search("passing", scan.text[max(0, start - 40) : start], whole=scan.text)
            for start in starts
        )


@lru_cache(maxsize=1)
def _noise_table() -> CueTable:
    """One for topics and for evidence, which ask it about the same texts."""
    return CueTable("noise.toml")


class _Compiled:
    """One topic, ready to be asked."""

    def __init__(self, topic: Topic, noise: Noise) -> None:
        self.topic, self._noise = topic, noise
        self._all = [Terms((term,)) for term in topic.all.terms.get("", ())]
        # All the terms of one language, beside those that are for every language.
        self._all_of = [
            [Terms((term,)) for term in terms] for language, terms in topic.all.terms.items() if language
        ]
        self._none = Terms(topic.none.all())
        #: What may speak for the topic, in the order in which it is asked.
        self.rules: list[_Rule] = [_Groups(together) for together in topic.together]
        alone = _Alone(topic, noise)
        if alone.groups:
            self.rules.insert(0, alone)
        if alone.everything:
            self.rules = [_Always("the term * matches every item")]
        elif not self.rules:
            self.rules = [_Always("all of " + ", ".join(topic.all.all()[:_SHOWN]))]

    def match(self, scan: Scan, hits: Hits, why: str) -> TopicMatch | None:
        """The match for which ``hits`` speak, None when something else keeps the item off the topic."""
        if not self._has_all(scan) or self.shuts_out(scan) or self._is_in_passing(scan, hits):
            return None
        matched = tuple(dict.fromkeys([term.text for term, _ in hits]))
        return TopicMatch(topic=self.topic.id, matched=matched, reason=f"{self.topic.id}: {why}")

    def _has_all(self, scan: Scan) -> bool:
        if not all(terms.everything or terms.hits(scan) for terms in self._all):
            return False
        return not self._all_of or any(
            all(terms.everything or terms.hits(scan) for terms in one) for one in self._all_of
        )

    def shuts_out(self, scan: Scan) -> bool:
        """Whether the text has what keeps it off the topic, whatever speaks for it."""
        return bool(self._none.hits(scan) or self._noise.found(self.topic.skip, scan))

    def _is_in_passing(self, scan: Scan, hits: Hits) -> bool:
        if "passing" not in self.topic.skip:
            return False
        in_title = [term for term, where in hits if where & TITLE]
        return bool(in_title) and all(self._noise.in_passing(scan, term) for term in in_title)


class _Rule(Protocol):
    """What may speak for a topic. It can only where the text has a key of each of its ``groups``."""

    @property
    def groups(self) -> Sequence[Terms]: ...

    def speaks(self, scan: Scan, publisher: str) -> tuple[Hits, str]:
        """The terms that speak for the topic, and a sentence about them ("" when none do)."""


class _Always:
    """A topic that no word of its own is needed for."""

    groups: Sequence[Terms] = ()

    def __init__(self, why: str) -> None:
        self._why = why

    def speaks(self, scan: Scan, publisher: str) -> tuple[Hits, str]:
        return [], self._why


class _Alone:
    """Words of which each means the topic, some of them only in fit company."""

    def __init__(self, topic: Topic, noise: Noise) -> None:
        #: None where a mention in passing is as good as any.
        self._noise = noise if "passing" in topic.skip else None
        self._any = Terms([*topic.any.all(), *topic.ambiguous.all()])
        self.everything = self._any.everything
        self.groups = (self._any,) if self._any else ()
        self._ambiguous = frozenset(topic.ambiguous.all())
        self._near, self._title = Terms(topic.near.all()), Terms(topic.title.all())

    def speaks(self, scan: Scan, publisher: str) -> tuple[Hits, str]:
        hits = [
            (term, where)
            for term, where in self._any.hits(scan)
            if (term.text not in self._ambiguous or self._is_near(scan, publisher))
            and (where != SUMMARY or not self._title or self._is_titled(scan, publisher))
        ]
        return hits, _told(hits) if hits else ""

    def _is_near(self, scan: Scan, publisher: str) -> bool:
        return bool(self._near.hits(scan) or self._near.hits(_scan_of_name(publisher)))

    def _is_titled(self, scan: Scan, publisher: str) -> bool:
        return any(
            where & TITLE and not (self._noise and self._noise.in_passing(scan, term))
            for term, where in self._title.hits(scan)
        ) or bool(self._title.hits(_scan_of_name(publisher)))


@lru_cache(maxsize=1024)  # the same publishers come again and again
def _scan_of_name(publisher: str) -> Scan:
    return Scan(publisher, "")


class _Groups:
    """Words that mean the topic only jointly."""

    def __init__(self, together: Together) -> None:
        self.groups = [Terms(group) for group in together.groups]
        self._none = Terms(together.none)
        self._in_title = together.title
        self._name = together.name or "together"

    def speaks(self, scan: Scan, publisher: str) -> tuple[Hits, str]:
        found: Hits = []
        in_title = 0
        for group in self.groups:
            hits = group.hits(scan)
            if not hits:
                return [], ""
            in_title += any(where & TITLE for _, where in hits)
            found += hits[:2]
        if in_title < self._in_title or (self._none and self._none.hits(scan)):
            return [], ""
        return found, f"{self._name}: {_told(found)}"


class _Candidates:
    """Says which of many rules a text may satisfy: those of which it has a key of each group. Most rules lack one."""

    def __init__(self, rules: Sequence[_Rule]) -> None:
        self._count = len(rules)
        self._places = max((len(rule.groups) for rule in rules), default=0)
        # Bit ``place * count + at``: the rule ``at`` has a key of the group in that place, or no group there.
        self._without = 0
        self._by_key: dict[str, int] = {}
        for at, rule in enumerate(rules):
            for place in range(self._places):
                bit = 1 << place * self._count + at
                if place >= len(rule.groups):
                    self._without |= bit
                    continue
                for key in rule.groups[place].keys:
                    self._by_key[key] = self._by_key.get(key, 0) | bit
        self._keys = frozenset(self._by_key)

    def of(self, present: frozenset[str]) -> Iterator[int]:
        """Their places among the rules, in order."""
        found = self._without
        for key in self._keys & present:
            found |= self._by_key[key]
        left = (1 << self._count) - 1
        for place in range(self._places):
            left &= found >> place * self._count
        while left:
            lowest = left & -left
            yield lowest.bit_length() - 1
            left ^= lowest


def _told(hits: Hits) -> str:
    """The terms by place: ``"deepseek v4" in the title``."""
    in_title = [f'"{term.text}"' for term, where in hits if where & TITLE][:_SHOWN]
    elsewhere = [f'"{term.text}"' for term, where in hits if not where & TITLE][:_SHOWN]
    places = [
        ", ".join(terms) + f" in the {place}"
        for terms, place in ((in_title, "title"), (elsewhere, "summary"))
        if terms
    ]
    return "; ".join(places)
