"""Says which topics an item belongs to, and by which words. Data-driven: knows no topic itself."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

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
        self._always = frozenset(at for at, topic in enumerate(self._topics) if topic.always)
        self._by_anchor: dict[str, list[int]] = {}
        for at, topic in enumerate(self._topics):
            for key in topic.anchors:
                self._by_anchor.setdefault(key, []).append(at)

    def match(self, item: Item) -> tuple[TopicMatch, ...]:
        """The topics of the item in catalog order. A reason names the terms and where they stand."""
        scan = scan_of(item.title, telling_summary(item))
        near = set(self._always)
        for key in self._by_anchor.keys() & pieces_in(scan.text):
            near.update(self._by_anchor[key])
        if not near:
            return ()
        head = _Head(item)
        matches = (self._topics[at].match(scan, head) for at in sorted(near))
        return tuple(match for match in matches if match is not None)

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


class _Head:
    """Title and publisher of an item as one text, made when first asked for."""

    def __init__(self, item: Item) -> None:
        self._item = item
        self._scan: Scan | None = None

    def scan(self) -> Scan:
        if self._scan is None:
            self._scan = Scan(f"{self._item.title} · {self._item.publisher}", "")
        return self._scan


class Noise:
    """The built-in kinds of noise: spam, lists, market chatter, mentions in passing."""

    def __init__(self) -> None:
        self._table = _noise_table()

    def found(self, kinds: Iterable[str], scan: Scan) -> str:
        """The first of ``kinds`` whose words are in the title (for spam: anywhere), or ""."""
        for kind in kinds:
            if kind != "passing" and self._table.search(
                kind, scan.text if kind == "spam" else scan.title, whole=scan.text
            ):
                return kind
        return ""

    def spam(self, text: str) -> bool:
        """Whether a folded text offers something instead of telling it."""
        return self._table.search("spam", text)

    def in_passing(self, scan: Scan, term: Term) -> bool:
        """Whether the title only compares something with the term ("beats DeepSeek V4")."""
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
        self._any = Terms([*topic.any.all(), *topic.ambiguous.all()])
        self._ambiguous = frozenset(topic.ambiguous.all())
        self._all = [Terms((term,)) for term in topic.all.terms.get("", ())]
        # All the terms of one language, beside those that are for every language.
        self._all_of = [
            [Terms((term,)) for term in terms] for language, terms in topic.all.terms.items() if language
        ]
        self._none, self._near, self._title = (Terms(x.all()) for x in (topic.none, topic.near, topic.title))
        self._together = [_Groups(together) for together in topic.together]
        self._candidates = _Candidates(self._together)
        anchors = (
            [self._any, *(groups.first for groups in self._together)] if topic.any or topic.together else []
        )
        #: Without one of these keys in the text the topic cannot match, unless it ``always`` may.
        self.anchors = frozenset(key for terms in anchors for key in terms.keys)
        self.always = self._any.everything or not anchors

    def match(self, scan: Scan, head: _Head) -> TopicMatch | None:
        hits, why = self._positive(scan, head)
        if not why or not self._has_all(scan):
            return None
        if self.shuts_out(scan) or self._is_in_passing(scan, hits):
            return None
        matched = tuple(dict.fromkeys(term.text for term, _ in hits))
        return TopicMatch(topic=self.topic.id, matched=matched, reason=f"{self.topic.id}: {why}")

    def _positive(self, scan: Scan, head: _Head) -> tuple[Hits, str]:
        """The terms that speak for the topic, and a sentence about them ("" when none do)."""
        if self._any.everything:
            return [], "the term * matches every item"
        hits = [
            (term, where) for term, where in self._any.hits(scan) if self._counts(term, where, scan, head)
        ]
        if hits:
            return hits, _told(hits)
        for together in self._candidates.of(pieces_in(scan.text)):
            hits = together.hits(scan)
            if hits:
                return hits, f"{together.name}: {_told(hits)}"
        if not self._any and not self._together:
            return [], "all of " + ", ".join(self.topic.all.all()[:_SHOWN])
        return [], ""

    def _counts(self, term: Term, where: int, scan: Scan, head: _Head) -> bool:
        if term.text in self._ambiguous and not (self._near.hits(scan) or self._near.hits(head.scan())):
            return False
        if where == SUMMARY and self._title:
            return bool(self._title.hits(head.scan()))
        return True

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
        in_title = [term for term, where in hits if where & TITLE]
        return (
            "passing" in self.topic.skip
            and bool(in_title)
            and all(self._noise.in_passing(scan, term) for term in in_title)
        )


class _Groups:
    """Words that mean the topic only jointly."""

    def __init__(self, together: Together) -> None:
        self.groups = [Terms(group) for group in together.groups]
        self._none = Terms(together.none)
        self._in_title = together.title
        self.first = self.groups[0]
        self.name = together.name or "together"

    def hits(self, scan: Scan) -> Hits:
        found: Hits = []
        in_title = 0
        for group in self.groups:
            hits = group.hits(scan)
            if not hits:
                return []
            in_title += any(where & TITLE for _, where in hits)
            found += hits[:2]
        if in_title < self._in_title or (self._none and self._none.hits(scan)):
            return []
        return found


class _Candidates:
    """Says which of many rules a text may satisfy: those of which it has a key of each group. Most rules lack one."""

    def __init__(self, rules: Sequence[_Groups]) -> None:
        self._rules = rules
        places = max((len(rule.groups) for rule in rules), default=0)
        #: By place of a group the rules that have none there, as bits: they lack no key of it.
        self._without = [0] * places
        #: Of each key the places in which rules have it, with these.
        self._by_key: dict[str, list[tuple[int, int]]] = {}
        for place in range(places):
            by_key: dict[str, int] = {}
            for at, rule in enumerate(rules):
                if place >= len(rule.groups):
                    self._without[place] |= 1 << at
                    continue
                for key in rule.groups[place].keys:
                    by_key[key] = by_key.get(key, 0) | 1 << at
            for key, bits in by_key.items():
                self._by_key.setdefault(key, []).append((place, bits))

    def of(self, present: frozenset[str]) -> Iterator[_Groups]:
        """In order."""
        by_key = self._by_key
        found = self._without.copy()
        for key in by_key.keys() & present:
            for place, bits in by_key[key]:
                found[place] |= bits
        left = (1 << len(self._rules)) - 1
        for bits in found:
            left &= bits
        while left:
            lowest = left & -left
            yield self._rules[lowest.bit_length() - 1]
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
