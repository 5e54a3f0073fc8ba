"""An item as the rules of evidence read it: folded once, asked for manners of speaking. Pure."""

import re

from bot.judgement.cues import CueTable
from bot.judgement.evidence_who import Who
from bot.judgement.text import fold, joined
from bot.model import Item

#: Cues of addresses rather than of texts.
_OF_ADDRESSES = ("opinion_path", "forum_path")


class Cues(CueTable):
    """The manners of speaking of ``evidence_cues.toml``."""

    def __init__(self) -> None:
        super().__init__("evidence_cues.toml")
        self._of_publisher = "|".join(self.lines["seen_by_us"])
        self._of_addresses = {name: re.compile("|".join(self.lines[name])) for name in _OF_ADDRESSES}

    def is_address(self, cue: str, address: str) -> bool:
        """Whether an address says so. Searched as it is: it is no text that many cues are looked for in."""
        return self._of_addresses[cue].search(address) is not None

    def seen_by(self, publisher: str, text: str) -> bool:
        """Whether the publisher itself saw the material. Rarely asked, so it is compiled on demand."""
        own = re.escape(fold(publisher).split(" ")[0]) or "we"
        return re.search(self._of_publisher.replace("__publisher__", own), text) is not None


class Read:
    """One item, folded once, asked for cues."""

    __slots__ = ("_cues", "_near", "cites", "item", "text", "title", "who")

    def __init__(self, item: Item, who: Who, cites: str, cues: Cues) -> None:
        self.item, self.who, self.cites, self._cues = item, who, cites, cues
        self.title = fold(item.title)
        self.text = joined(self.title, fold(item.summary))
        self._near = cues.near(self.text)

    def says(self, cue: str) -> bool:
        return cue in self._near and self._cues.search(cue, self.text)

    def titled(self, cue: str) -> bool:
        return cue in self._near and self._cues.search(cue, self.title, whole=self.text)

    def says_below(self, cue: str) -> bool:
        """Whether the text under the title says so."""
        return (
            cue in self._near
            and len(self.text) > len(self.title)
            and self._cues.search(cue, self.text[len(self.title) + 1 :], whole=self.text)
        )

    def path_is(self, cue: str) -> bool:
        """Whether the address says so: a section of the path, or the sub-domain."""
        return self._cues.is_address(cue, f"/{self.who.host.partition('.')[0]}{self.who.path.lower()}")

    def name_is(self, cue: str) -> bool:
        return self._cues.search(cue, fold(self.item.publisher))

    @property
    def shows_own_material(self) -> bool:
        return (
            self.says("leak") and self.says("material") and self._cues.seen_by(self.item.publisher, self.text)
        )
