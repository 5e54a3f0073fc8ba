"""Finds whom an item relays: known names in the places where texts name their source."""

import re

from bot.judgement.evidence_who import Directory
from bot.judgement.text import fold
from bot.model import Item, Publisher

_CITABLE = frozenset(
    ("outlet", "tipster", "measurer", "opinion", "repository", "social", "register", "party")
)
_WORD = re.compile(r"[a-z0-9][a-z0-9'._-]*|[\u3400-\u9fff\u3040-\u30ff]+")
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
_WIRE = re.compile(r"^\(?(reuters|bloomberg|afp|ap|xinhua|dpa|路透|新华社)\)?\s*-\s", re.M)
# A party is cited where its own page or statement is the source, not where it is what the news is about.
_PARTY_AFTER = re.compile(r"^.{0,6}(?:状态页|status page|公告显示|官网显示|文档显示)")
_STRONG_AFTER = re.compile(
    r"^(?:'s)?\s*(?:reports?|reported|has (?:learned|published|reported)|报道|援引|获悉|によると|が報じ|berichtet)"
)


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

    def find(self, item: Item, *, own: str) -> str:
        """The id of the publisher that the item relays, "" when it names none. ``own`` is the item's own id."""
        title, summary = fold(item.title), fold(item.summary)
        for text in (title, summary):
            wire = _WIRE.match(text)
            publisher = self._directory.publisher_named(wire[1]) if wire else None
            if publisher is not None and publisher.id != own:
                return publisher.id
        for text, is_title in ((title, True), (summary, False)):
            found = self._in_text(text, own, is_title)
            if found:
                return found
        return ""

    def _in_text(self, text: str, own: str, is_title: bool) -> str:
        for start, end, publisher in self._mentions(text):
            if publisher.id != own and self._is_source(text, start, end, publisher, is_title):
                return publisher.id
        return ""

    def _is_source(self, text: str, start: int, end: int, publisher: Publisher, is_title: bool) -> bool:
        before, after = text[max(0, start - 28) : start], text[end : end + 28]
        if publisher.kind == "party":
            if (
                publisher.domains
                and "." in text[start:end]
                and _SAID_AFTER.match(after.replace(" literally", ""))
            ):
                return True
            return _PARTY_AFTER.match(after) is not None or before.endswith("according to ")
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
        if is_title and not after.strip() and _AT_END.search(before):
            return True
        return _SAID_AFTER.match(after) is not None and (
            len(publisher.names[0]) > 3 or start == 0 or bool(_AT_END.search(before))
        )

    def _mentions(self, text: str) -> list[tuple[int, int, Publisher]]:
        found: list[tuple[int, int, Publisher]] = []
        for word in _WORD.finditer(text):
            token = word[0]
            if _HAN.match(token):
                for offset in range(len(token) - 1):
                    self._names_at(
                        text, word.start() + offset, self._han.get(token[offset : offset + 2], ()), found
                    )
                continue
            names = self._latin.get(token) or self._latin.get(token.rstrip(".'").removesuffix("'s"))
            if names:
                self._names_at(text, word.start(), names, found)
            elif "." in token and _HOST.fullmatch(token):
                publisher = self._directory.publisher_at(token.removeprefix("www."))
                if publisher is not None:
                    found.append((word.start(), word.end(), publisher))
        return found

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
