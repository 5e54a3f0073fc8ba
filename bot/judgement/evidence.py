"""Says what kind of proof an item is, and whose. Rules from causes: who speaks, in what manner, showing what."""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from bot.judgement.cues import CueTable
from bot.judgement.evidence_cites import Citations
from bot.judgement.evidence_hosts import same_name
from bot.judgement.evidence_who import PROTECTED, Directory, Who
from bot.judgement.text import fold, joined
from bot.judgement.topics import Noise
from bot.judgement.witnesses import UNNAMED
from bot.model import Grade, Graded, Item, Publisher

#: A relay proves no more than that somebody said so.
_RELAY_LIMIT = Grade.REPORT
#: Cues of addresses rather than of texts.
_OF_ADDRESSES = ("opinion_path", "forum_path")


class Grader:
    """Compiles publishers and cues once; ``grade`` is pure and may be called from any thread."""

    def __init__(self, publishers: Sequence[Publisher]) -> None:
        self._directory = Directory(publishers)
        self._citations = Citations(self._directory)
        self._cues = Cues()
        self._noise = Noise()
        self._rules: dict[str, Callable[[_Read], tuple[Grade, str]]] = {
            "party": _party, "authority": _authority, "register": _register, "repository": _repository,
            "measurer": _measurer, "release": _release, "opinion": _opinion, "social": _social,
            "tipster": _tipster, "outlet": _outlet, "aggregator": _outlet, "unknown": _unknown,
        }  # fmt: skip

    def grade(self, item: Item) -> Graded:
        """The item's grade with the reason for it, and whom it relays."""
        who = self._directory.who(item)
        cites = self._citations.find(item, own=who.id)
        read = _Read(item, who, cites, self._cues)
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

    def _judged(self, read: "_Read") -> tuple[Grade, str]:
        if read.who.fake:
            return _fake(read)
        if read.who.kind not in PROTECTED:
            if self._is_satire(read.item, read.text):
                return Grade.OPINION, "satire"
            if read.says("joke"):
                return Grade.RUMOUR, "a joke, by its own words"
            if self._noise.spam(read.text):
                return Grade.RUMOUR, "an offer, not news"
        return self._rules[read.who.kind](read)


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


class _Read:
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


def _fake(read: _Read) -> tuple[Grade, str]:
    return Grade.RUMOUR, read.who.fake


def _party(read: _Read) -> tuple[Grade, str]:
    if read.says("arguing") and not read.who.platform:
        return Grade.OPINION, f"{read.who.name} argues rather than acts"
    if read.titled("tender") and not read.who.platform:
        return Grade.FILING, f"a tender of {read.who.name}"
    return Grade.OFFICIAL, f"{read.who.name} speaks for itself"


def _authority(read: _Read) -> tuple[Grade, str]:
    if read.titled("tender"):
        return Grade.FILING, f"a tender of {read.who.name or read.who.host}"
    return Grade.OFFICIAL, f"a public body: {read.who.name or read.who.host}"


def _register(read: _Read) -> tuple[Grade, str]:
    return Grade.FILING, f"filed at {read.who.name}"


#: ("community" is also what a project calls the repository of its rules and announcements.)
_TALK = re.compile(r"/(?:discussions|issues)(?:/|$)|/community(?:/(?!(?:blob|tree|commits?|raw)/)|$)")
#: On a main branch: at the number of a commit the hub shows strangers' copies under the owner's address too.
_ANNOUNCED = re.compile(r"/(?:blob|raw)/(?:main|master)/(?:[^/]+/)*announcements?/")


def _repository(read: _Read) -> tuple[Grade, str]:
    if _TALK.search(read.who.path):
        if (read.says("reproduced") or read.says("ran_it")) and "?" not in read.title:
            return Grade.PRIMARY_DATA, f"a fault that its finder shows how to see, at {read.who.name}"
        return Grade.REPORT, f"a discussion at {read.who.name}: anybody writes there"
    if not (read.who.verified and read.who.platform and read.who.name not in ("GitHub", "Hugging Face")) and (
        read.says("leak") and read.says("material")
    ):
        return Grade.LEAK, f"unreleased material shown at {read.who.name}"
    if read.who.owner and _ANNOUNCED.search(read.who.path):
        return Grade.OFFICIAL, f"{read.who.name} announces it in its own repository"
    return Grade.PRIMARY_DATA, f"code, weights or paper at {read.who.host}"


def _measurer(read: _Read) -> tuple[Grade, str]:
    if read.titled("debunk") and not read.says("own_correction"):
        return Grade.REPORT, f"{read.who.name} puts a claim right"
    if (read.titled("opinion") and not read.says("measured")) or read.path_is("opinion_path"):
        return Grade.OPINION, f"{read.who.name} comments"
    return Grade.PRIMARY_DATA, f"measured by {read.who.name}"


def _release(read: _Read) -> tuple[Grade, str]:
    return Grade.OFFICIAL, "a press release, word for word"


def _opinion(read: _Read) -> tuple[Grade, str]:
    if read.says("ran_it") and not read.titled("opinion"):
        return Grade.PRIMARY_DATA, f"measured by {read.who.name}"
    if read.titled("hearsay"):
        return Grade.RUMOUR, f"{read.who.name} passes on hearsay"
    if read.says("notes_on"):
        return Grade.REPORT, f"{read.who.name} reports"
    return Grade.OPINION, f"{read.who.name} publishes comment"


def _social(read: _Read) -> tuple[Grade, str]:
    if read.says("debunk") and not (read.says("shouting") or read.says("supposed_fake")):
        if read.says("opinion"):
            return Grade.OPINION, "a post that argues against a claim"
        return Grade.REPORT, "a post that puts a claim right"
    shows = read.says("leak") and read.says("material") and not read.cites
    if shows and (read.says("hearsay") or read.says("banter")):
        return Grade.RUMOUR, "a post that shows something and says not whence"
    if shows:
        return Grade.LEAK, "a post that shows unreleased material"
    if read.says("ran_it") and not read.says("shouting"):
        return Grade.PRIMARY_DATA, "a post that tells what its author measured"
    if read.says("opinion") and not read.says("own_guess"):
        return Grade.OPINION, "a post that comments"
    hearsay = read.says("hearsay")
    if not hearsay and read.who.id not in ("hn", "lobsters") and read.says("banter"):
        return Grade.OPINION, "a post that jests or marvels"
    hedged = hearsay or "?" in read.title or read.says("shouting")
    if not hedged and (read.cites or read.says("points_at")):
        return Grade.REPORT, "a post that points at its source"
    if not hedged and not read.says("to_come") and read.says("own_figures"):
        return Grade.PRIMARY_DATA, "a post that gives its author's own figures"
    if not hedged and read.who.id in ("hn", "lobsters"):
        return Grade.REPORT, "a link passed on"
    return Grade.RUMOUR, "a post without material"


def _tipster(read: _Read) -> tuple[Grade, str]:
    commented = _comment(read)
    if commented:
        return commented
    if read.titled("debunk"):
        return Grade.REPORT, "puts a claim right"
    if read.shows_own_material:
        return Grade.LEAK, f"{read.who.name} shows unreleased material"
    shown = read.says("leak") and read.says("material") and not read.says("hearsay")
    if shown or read.says("others_ran_it"):
        return Grade.REPORT, f"{read.who.name} passes on material that others show"
    if (read.says("hearsay") or read.says("soft_hearsay")) and not (read.cites or read.says("attributed")):
        return Grade.RUMOUR, f"{read.who.name} tells hearsay"
    if read.titled("hearsay") and not read.cites:
        return Grade.RUMOUR, f"{read.who.name} tells hearsay"
    return Grade.REPORT, f"{read.who.name} reports"


#: Agencies through which a government publishes its documents.
_CARRY_DOCUMENTS = frozenset(("xinhua",))


def _outlet(read: _Read) -> tuple[Grade, str]:
    commented = _comment(read)
    if commented:
        return commented
    in_full = read.who.id in _CARRY_DOCUMENTS and read.titled("in_full")
    if read.who.verified and not read.cites and (in_full or read.says_below("release_dateline")):
        return Grade.OFFICIAL, "a press release, word for word"
    if not read.cites and read.shows_own_material:
        return Grade.LEAK, f"{read.who.name} shows unreleased material"
    if read.cites or read.says("attributed") or read.titled("debunk"):
        return Grade.REPORT, f"{read.who.name} reports with a source"
    if read.who.verified and read.says("tested_itself"):
        return Grade.PRIMARY_DATA, f"measured by {read.who.name}"
    if read.titled("others_ran_it"):
        return Grade.REPORT, f"{read.who.name} tells what others show"
    if read.says("hearsay"):
        return Grade.RUMOUR, f"{read.who.name} tells hearsay, nobody named"
    if read.titled("guess_title"):
        if read.says("opinion"):
            return Grade.OPINION, f"comment in {read.who.name}"
        return Grade.RUMOUR, f"{read.who.name} guesses, nobody named"
    return Grade.REPORT, f"{read.who.name or 'an outlet'} reports"


def _comment(read: _Read) -> tuple[Grade, str] | None:
    if read.path_is("opinion_path") or read.titled("opinion"):
        return Grade.OPINION, f"comment in {read.who.name}"
    return None


def _unknown(read: _Read) -> tuple[Grade, str]:
    """A publisher in no table: some outlet, as far as anybody knows."""
    if read.path_is("forum_path"):
        return _social(read)
    # A source that gives no publisher is called by its id: that is a name that its catalog gave it, and proves nothing.
    # One that styles itself a public body must have a public body's address, which ``Directory`` knows.
    itself = (
        not read.who.passed_on
        and read.item.publisher != read.item.source
        and same_name(read.item.publisher, read.who.host)
        and not read.name_is("public_body_name")
    )
    # To name itself makes nobody a party: only a catalog says who is one (``Publisher``, or the grade of a source).
    if itself and not read.name_is("press_name") and read.says("measured") and not read.says("own_voice"):
        return Grade.PRIMARY_DATA, f"measured by {read.item.publisher}"
    hint = read.item.source_grade
    if hint in (Grade.OPINION, Grade.RUMOUR) or (itself and hint is not Grade.REPORT):
        return hint, f"as its source is graded: {hint}"
    return _outlet(read)
