"""Finds whom an item relays: known names in the places where texts name their source."""

import re
from collections.abc import Iterable, Iterator

from ahocorasick_rs import AhoCorasick

from bot.judgement.evidence_who import Directory
from bot.judgement.pieces import look_for, pieces_in
from bot.judgement.text import fold, joined
from bot.model import Item, Publisher

_CITABLE = frozenset(
    ("outlet", "tipster", "measurer", "opinion", "repository", "social", "register", "party")
)
_WORD = re.compile(r"[a-z0-9][a-z0-9'._-]*|[\u3400-\u9fff\u3040-\u30ff]+")
_WORD_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789'._-")
_HAN = re.compile(r"[\u3400-\u9fff\u3040-\u30ff]")
_LATIN = re.compile(r"[a-z0-9]")
_HOST = re.compile(r"\b(?:[a-z0-9-]+\.)+(?:com|org|net|ai|cn|eu|gov|io|co)\b")

_SAID_BEFORE = re.compile(
    r"(?:according to|citing|cited by|per|via|told|tells|(?:first )?reported by|reports by|seen by|obtained by"
    r"|spotted by|published by|says|selon|d'apres|laut|sagten?|berichtet|据|引述|援引|引用|来自|外媒)"
    r"\s*(?:the |le |la |les |l'|der |die |das |a |an )?[《“\"'(]?$"
)
_SAID_AFTER = re.compile(
    r"^[》”\"')]?(?:'s)?\s*(?:reports?|reported|says|said|writes|wrote|learns?|has (?:learned|published|reported)"
    r"|reveals|revealed|exclusive|'s sources|sources|user|users|posted|measured|found|berichtet|meldet"
    r"|によると|が報じ|は報じ|报道|援引|获悉|披露|消息|称|曝光|记者|网站|周[一二三四五六日]|率先|独家|爆料"
    r"|拆解|榜单|实测|显示|刊|testing|teardown|:|で)"
)
_AT_END = re.compile(r"[,:|(\-]\s*$")
_WIRES = ("reuters", "bloomberg", "afp", "ap", "xinhua", "dpa", "路透", "新华社")
_WIRE = re.compile(rf"^\(?({'|'.join(_WIRES)})\)?\s*-\s", re.M)
# A party is cited where its own page or statement is the source, not where it is what the news is about.
_OF_PARTY = ("状态页", "status page", "公告显示", "官网显示", "文档显示")
_PARTY_AFTER = re.compile(rf"^.{{0,6}}(?:{'|'.join(_OF_PARTY)})")
_BEFORE_PARTY = "according to "
_STRONG_AFTER = re.compile(
    r"^(?:'s)?\s*(?:reports?|reported|has (?:learned|published|reported)|报道|援引|获悉|によると|が報じ|berichtet)"
)
#: What an address has at its end, as ``_HOST`` reads it.
_ENDINGS = (".com", ".org", ".net", ".ai", ".cn", ".eu", ".gov", ".io", ".co")


class Citations:
    """Looks names up by their first word or first two characters, so its cost does not grow with the table."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._latin: dict[str, list[tuple[str, Publisher]]] = {}
        self._han: dict[str, list[tuple[str, Publisher]]] = {}
        for name, publisher in directory.names():
            if publisher.kind not in _CITABLE or len(name) < 2:
                continue
            if _HAN.match(name):
                self._han.setdefault(name[:2], []).append((name, publisher))
            else:
                self._latin.setdefault(_WORD.findall(name)[0] if _WORD.findall(name) else name, []).append(
                    (name, publisher)
                )
        for table in (self._latin, self._han):
            for names in table.values():
                names.sort(key=lambda entry: -len(entry[0]))
        named = {
            name: publisher
            for table in (self._latin, self._han)
            for names in table.values()
            for name, publisher in names
        }
        # Most words begin no name: one pass over a text finds where a name may begin.
        self._automaton = AhoCorasick([*_ENDINGS, *sorted(named)])
        # And most names in the news are those of parties that it is about. They matter only with these words.
        self._any_name = look_for((*_ENDINGS, *_OF_PARTY, _BEFORE_PARTY))
        self._names = look_for(
            [*_WIRES, *(name for name, one in named.items() if one.kind != "party" or "." in name)]
        )

    def find(self, item: Item, *, own: str) -> str:
        """The id of the publisher that the item relays, "" when it names none. ``own`` is the item's own id."""
        title, summary = fold(item.title), fold(item.summary)
        present = pieces_in(joined(title, summary))
        names = self._names & present if self._any_name.isdisjoint(present) else None
        if names is not None and not names:
            return ""
        for text in (title, summary):
            wire = _WIRE.match(text)
            publisher = self._directory.publisher_named(wire[1]) if wire else None
            if publisher is not None and publisher.id != own:
                return publisher.id
        return self._in_text(title, own, names, True) or self._in_text(summary, own, names, False)

    def _in_text(self, text: str, own: str, names: frozenset[str] | None, is_title: bool) -> str:
        for start, end, publisher in self._mentions(text, self._starts(text, names)):
            if publisher.id != own and self._is_source(text, start, end, publisher, is_title):
                return publisher.id
        return ""

    def _is_source(self, text: str, start: int, end: int, publisher: Publisher, is_title: bool) -> bool:
        before, after = text[max(0, start - 28) : start], text[end : end + 28]
        if before.endswith("on ") and text.startswith("the hill", start):  # there it is a place
            return False
        if publisher.kind == "party":
            if (
                publisher.domains
                and "." in text[start:end]
                and _SAID_AFTER.match(after.replace(" literally", ""))
            ):
                return True
            return _PARTY_AFTER.match(after) is not None or before.endswith(_BEFORE_PARTY)
        if publisher.kind in ("repository", "social", "register"):
            return (
                _SAID_BEFORE.search(before) is not None
                or _STRONG_AFTER.match(after) is not None
                or after.startswith((" user", "用户"))
            )
        if _SAID_BEFORE.search(before) or _STRONG_AFTER.match(after):
            return True
        if start == 0 and _SAID_AFTER.match(after):
            return True
        if is_title and start == 1 and before in ("[", "【") and after.startswith(("]", "】")):
            return True  # "[Reuters] Huawei ships": how links are passed on in forums
        if is_title and not after.strip() and _AT_END.search(before):
            return True
        return _SAID_AFTER.match(after) is not None and (
            len(publisher.names[0]) > 3 or start == 0 or bool(_AT_END.search(before))
        )

    def _starts(self, text: str, names: frozenset[str] | None) -> list[int]:
        """Where these names may begin; with None, where any name or host may."""
        if names is not None:
            return sorted({at for name in names for at in _all_of(name, text)})
        near = self._automaton.find_matches_as_indexes(text, overlapping=True)
        if near and min(near)[0] < len(_ENDINGS):  # there may be a host
            return [start for word in _WORD.finditer(text) for start in _starts_in(word)]
        return sorted({start for _, start, _ in near})

    def _mentions(self, text: str, starts: Iterable[int]) -> list[tuple[int, int, Publisher]]:
        found: list[tuple[int, int, Publisher]] = []
        for start in starts:
            if _HAN.match(text[start]):
                self._names_at(text, start, self._han.get(text[start : start + 2], ()), found)
            elif not _is_inside_word(text, start):
                self._latin_at(text, start, found)
        return found

    def _latin_at(self, text: str, start: int, found: list[tuple[int, int, Publisher]]) -> None:
        word = _WORD.match(text, start)
        if word is None:
            return
        token = word[0]
        names = self._latin.get(token) or self._latin.get(token.rstrip(".'").removesuffix("'s"))
        if names:
            self._names_at(text, start, names, found)
        elif "." in token and _HOST.fullmatch(token):
            publisher = self._directory.publisher_at(token.removeprefix("www."))
            if publisher is not None:
                found.append((start, word.end(), publisher))

    @staticmethod
    def _names_at(
        text: str,
        start: int,
        names: list[tuple[str, Publisher]] | tuple[()],
        found: list[tuple[int, int, Publisher]],
    ) -> None:
        for name, publisher in names:
            end = start + len(name)
            if text.startswith(name, start) and (
                _HAN.match(name) or end >= len(text) or not _LATIN.match(text[end])
            ):
                found.append((start, end, publisher))
                return


def _all_of(name: str, text: str) -> Iterator[int]:
    """Where the name stands."""
    at = text.find(name)
    while at >= 0:
        yield at
        at = text.find(name, at + 1)


def _starts_in(word: re.Match[str]) -> Iterable[int]:
    """Where in a word a name may begin: Chinese has no spaces."""
    return range(word.start(), word.end()) if _HAN.match(word[0]) else (word.start(),)


def _is_inside_word(text: str, at: int) -> bool:
    """Whether the Latin word that holds ``at`` began before it."""
    while at and text[at - 1] in _WORD_CHARACTERS:
        at -= 1
        if text[at].isalnum():
            return True
    return False
