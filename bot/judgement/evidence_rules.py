"""What each kind of speaker's word is worth, by the manner in which it is given. Pure: one rule for each kind."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from bot.judgement.evidence_hosts import same_name
from bot.judgement.evidence_read import Read
from bot.model import Grade


def _party(read: Read) -> tuple[Grade, str]:
    if read.says("arguing") and not read.who.platform:
        return Grade.OPINION, f"{read.who.name} argues rather than acts"
    if read.titled("tender") and not read.who.platform:
        return Grade.FILING, f"a tender of {read.who.name}"
    return Grade.OFFICIAL, f"{read.who.name} speaks for itself"


def _authority(read: Read) -> tuple[Grade, str]:
    if read.titled("tender"):
        return Grade.FILING, f"a tender of {read.who.name or read.who.host}"
    return Grade.OFFICIAL, f"a public body: {read.who.name or read.who.host}"


def _register(read: Read) -> tuple[Grade, str]:
    return Grade.FILING, f"filed at {read.who.name}"


#: ("community" is also what a project calls the repository of its rules and announcements.)
_TALK = re.compile(r"/(?:discussions|issues)(?:/|$)|/community(?:/(?!(?:blob|tree|commits?|raw)/)|$)")
#: On a main branch: at the number of a commit the hub shows strangers' copies under the owner's address too.
_ANNOUNCED = re.compile(r"/(?:blob|raw)/(?:main|master)/(?:[^/]+/)*announcements?/")


def _repository(read: Read) -> tuple[Grade, str]:
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


def _measurer(read: Read) -> tuple[Grade, str]:
    if read.titled("debunk") and not read.says("own_correction"):
        return Grade.REPORT, f"{read.who.name} puts a claim right"
    if (read.titled("opinion") and not read.says("measured")) or read.path_is("opinion_path"):
        return Grade.OPINION, f"{read.who.name} comments"
    return Grade.PRIMARY_DATA, f"measured by {read.who.name}"


def _release(read: Read) -> tuple[Grade, str]:
    return Grade.OFFICIAL, "a press release, word for word"


def _opinion(read: Read) -> tuple[Grade, str]:
    if not read.cites and read.shows_own_material:
        return Grade.LEAK, f"{read.who.name} shows unreleased material"
    if read.says("ran_it") and not read.titled("opinion"):
        return Grade.PRIMARY_DATA, f"measured by {read.who.name}"
    if read.titled("debunk"):
        return Grade.REPORT, f"{read.who.name} puts a claim right"
    if read.titled("hearsay"):
        return Grade.RUMOUR, f"{read.who.name} passes on hearsay"
    if read.says("notes_on"):
        return Grade.REPORT, f"{read.who.name} reports"
    return Grade.OPINION, f"{read.who.name} publishes comment"


def _is_unbacked(read: Read) -> bool:
    """Whether a post that speaks of unreleased material says itself that it is hearsay, jests, or only shouts."""
    shouts = read.says("shouting") and not read.says("pictured")
    return shouts or read.says("hearsay") or read.says("banter")


def _social(read: Read) -> tuple[Grade, str]:
    if read.says("debunk") and not (read.says("shouting") or read.says("supposed_fake")):
        if read.says("opinion"):
            return Grade.OPINION, "a post that argues against a claim"
        return Grade.REPORT, "a post that puts a claim right"
    shows = read.says("leak") and read.says("material") and not read.cites
    if shows and _is_unbacked(read):
        return Grade.RUMOUR, "a post that shows something and says not whence"
    if shows:
        return Grade.LEAK, "a post that shows unreleased material"
    if read.says("ran_it") and not read.says("shouting"):
        return Grade.PRIMARY_DATA, "a post that tells what its author measured"
    if read.says("opinion") and not (read.says("own_guess") or read.titled("passed_on")):
        return Grade.OPINION, "a post that comments"
    hearsay = read.says("hearsay")
    if not hearsay and read.who.id not in ("hn", "lobsters") and read.says("banter"):
        return Grade.OPINION, "a post that jests or marvels"
    hedged = hearsay or "?" in read.title or read.says("shouting") or read.says("own_guess")
    if not hedged and (read.cites or read.says("points_at")):
        return Grade.REPORT, "a post that points at its source"
    if not hedged and not read.says("to_come") and read.says("own_figures"):
        return Grade.PRIMARY_DATA, "a post that gives its author's own figures"
    if not hedged and read.who.id in ("hn", "lobsters"):
        return Grade.REPORT, "a link passed on"
    return Grade.RUMOUR, "a post without material"


def _tipster(read: Read) -> tuple[Grade, str]:
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


def _outlet(read: Read) -> tuple[Grade, str]:
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


def _comment(read: Read) -> tuple[Grade, str] | None:
    if read.path_is("opinion_path") or read.titled("opinion") or read.says_below("standfirst"):
        return Grade.OPINION, f"comment in {read.who.name}"
    return None


def _unknown(read: Read) -> tuple[Grade, str]:
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


#: By ``Who.kind``: the grade of what such a speaker says, and the reason for it.
RULES: Mapping[str, Callable[[Read], tuple[Grade, str]]] = MappingProxyType({
    "party": _party, "authority": _authority, "register": _register, "repository": _repository,
    "measurer": _measurer, "release": _release, "opinion": _opinion, "social": _social,
    "tipster": _tipster, "outlet": _outlet, "aggregator": _outlet, "unknown": _unknown,
})  # fmt: skip
