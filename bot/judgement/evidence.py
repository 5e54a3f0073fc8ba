"""Says what kind of proof an item is, and whose. Rules from causes: who speaks, in what manner, showing what."""

import re
from collections.abc import Sequence
from functools import lru_cache

from bot.judgement.evidence_cites import Citations
from bot.judgement.evidence_read import Cues, Read
from bot.judgement.evidence_rules import RULES
from bot.judgement.evidence_who import PROTECTED, Directory, Who
from bot.judgement.text import fold, joined
from bot.judgement.topics import Noise
from bot.judgement.witnesses import UNNAMED
from bot.model import Grade, Graded, Item, Publisher

#: A relay proves no more than that somebody said so.
_RELAY_LIMIT = Grade.REPORT


class Grader:
    """Compiles publishers and cues once; ``grade`` is pure and may be called from any thread."""

    def __init__(self, publishers: Sequence[Publisher]) -> None:
        self._directory = Directory(publishers)
        self._citations = Citations(self._directory)
        self._cues = Cues()
        self._noise = Noise()

    def grade(self, item: Item) -> Graded:
        """The item's grade with the reason for it, and whom it relays."""
        who = self._directory.who(item)
        cites = self._citations.find(item, own=who.id)
        read = Read(item, who, cites, self._cues)
        grade, reason = self._judged(read)
        if (
            cites
            and grade.rank > _RELAY_LIMIT.rank
            and who.kind not in ("party", "authority", "register", "release")
        ):
            grade, reason = _RELAY_LIMIT, f"{reason}; relays {cites}"
        elif cites:
            reason = f"{reason}; cites {cites}"
        if who.passed_on and who.kind != "unknown":
            reason = f"{reason}; read at {who.passed_on}, which does not speak for {who.host}"
        return Graded(grade=grade, reason=reason, cites=cites)

    def with_witness(self, item: Item, graded: Graded) -> Graded:
        """The grade with who says so and who stands behind it (``bot.judgement.witnesses`` counts them). Who comments,
        jests or deceives is no witness."""
        who = self._directory.who(item)
        if who.fake or graded.grade is Grade.OPINION:
            return graded
        return Graded(
            grade=graded.grade, reason=graded.reason, cites=graded.cites,
            speaker=_speaker(item, who), witness=self.witness(item, graded),
        )  # fmt: skip

    def witness(self, item: Item, graded: Graded) -> str:
        """Who stands behind the item. Two items with one witness are one witness.

        All relays that do not name their source are one witness: they may all repeat the same outlet.
        """
        if graded.cites:
            return graded.cites
        who = self._directory.who(item)
        if who.kind in ("outlet", "tipster", "aggregator", "unknown") and self._cues.search(
            "unnamed_relay", _whole(item)
        ):
            return UNNAMED
        return _speaker(item, who)

    def tells_no_news(self, item: Item) -> bool:
        """Whether the item only uses the names in the news: satire, and offers such as keys and downloads."""
        if self._directory.who(item).kind in PROTECTED:
            return False
        text = _whole(item)
        return self._is_satire(item, text) or self._noise.spam(text)

    def _is_satire(self, item: Item, text: str) -> bool:
        return self._cues.search("satire", text) or _is_satirist(item.publisher)

    def _judged(self, read: Read) -> tuple[Grade, str]:
        if read.who.fake:
            return Grade.RUMOUR, read.who.fake
        if read.who.kind not in PROTECTED:
            if self._is_satire(read.item, read.text):
                return Grade.OPINION, "satire"
            if read.says("joke"):
                return Grade.RUMOUR, "a joke, by its own words"
            if self._noise.spam(read.text):
                return Grade.RUMOUR, "an offer, not news"
        return RULES[read.who.kind](read)


#: What such names say of themselves, and the papers that are known for it.
_SATIRISTS = re.compile(
    r"satir|parody|onion|讽刺|恶搞|babylon bee|beaverton|postillon|gorafi|daily mash|newsthump"
    r"|waterford whispers|虚构新闻"
)


@lru_cache(maxsize=4096)  # the same publishers come again and again
def _is_satirist(publisher: str) -> bool:
    return _SATIRISTS.search(fold(publisher)) is not None


def _whole(item: Item) -> str:
    """Title and summary as one folded text."""
    return joined(fold(item.title), fold(item.summary))


def _speaker(item: Item, who: Who) -> str:
    """A platform says nothing itself: there the account speaks."""
    if who.kind == "social":
        return f"{who.id}:{item.author or who.path.strip('/').split('/')[0] or item.url}"
    return who.id
