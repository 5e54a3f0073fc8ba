"""Terms as people write them in a catalog, found in text: word borders, hyphens, Chinese, prefixes, exact case.

- Latin terms match at word borders in any case; ``-``, ``_``, ``.``, a space or nothing may stand between
  their parts, and a plural or possessive ``s`` after them: "deepseek v4" finds "DeepSeek's V4" and "DeepSeek_V4".
- Chinese and Japanese terms match anywhere; Latin parts in them keep their borders: "昇腾 950" is not in "昇腾 9501".
- ``*`` at the end matches any ending: "licens*". ``=`` in front asks for exactly this case: "=BIS".
- ``"*"`` alone matches everything.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from bot.judgement.pieces import look_for, pieces_in
from bot.judgement.text import fold, joined

TITLE, SUMMARY = 1, 2
EVERYTHING = "*"

_PART = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]+|[^\W_\u3040-\u30ff\u3400-\u9fff]+|[+%]")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_SEPARATOR = r"(?:'s)?[ \-_.·/']{0,2}"
_ENDINGS = ("", "'s", "s", "s'")
# "V4ForCausalLM", "V4Config": a version inside a name of code ends where a capitalised word begins.
_CODE_NAME = re.compile(r"([0-9])(?=[A-Z][a-z]{2})")


class Term:
    """A term, ready to be looked for. ``key``: a piece that must be in the folded text, a cheap first test; ``also``:
    another such piece, or the same. ``left``, ``right``: whether a word must begin or end there."""

    __slots__ = ("_pattern", "_source", "also", "exact", "key", "left", "right", "text")

    def __init__(
        self, text: str, source: str, *, key: str, also: str, left: bool, right: bool, exact: bool
    ) -> None:
        self.text, self.key, self.also, self.exact = text, key, also, exact
        self.left, self.right = left, right
        self._source = source
        self._pattern: re.Pattern[str] | None = None

    def first_in(self, text: str, start: int = 0, end: int | None = None) -> int:
        """Where the term first stands in ``text[start:end]``, -1 where it does not."""
        pattern = self._pattern
        if pattern is None:  # of thousands of terms a run meets some hundreds
            pattern = self._pattern = re.compile(self._source)
        end = len(text) if end is None else end
        found = pattern.search(text, start, end)
        while found is not None:
            at = found.start()
            # A class that leaves out all Chinese characters takes a millisecond to compile: borders are no patterns.
            if not (self.left and at and _is_letter(text[at - 1])) and (
                not self.right or _ends_word(text, found.end(), end)
            ):
                return at
            found = pattern.search(text, at + 1, end)
        return -1


def _is_letter(character: str) -> bool:
    """Whether it goes on with a word in an alphabet; Chinese and Japanese have no borders."""
    return character.isalnum() and not _CJK.match(character)


def _ends_word(text: str, at: int, end: int) -> bool:
    """Whether a word ends there, or behind the ending of a plural or possessive."""
    return any(
        text.startswith(ending, at, end)
        and not (at + len(ending) < end and _is_letter(text[at + len(ending)]))
        for ending in _ENDINGS
    )


class Scan:
    """One item's text, prepared once and asked for many terms."""

    __slots__ = ("_raw", "border", "known", "text", "title")

    def __init__(self, title: str, summary: str) -> None:
        head = self.title = fold(_apart(title))
        self.border = len(head)
        self.text = joined(head, fold(_apart(summary)))
        self._raw = (title, summary)
        self.known: dict[Term, int] = {}  # what ``where`` found already

    def where(self, term: Term) -> int:
        """``TITLE``, ``SUMMARY``, both added, or 0."""
        found = self.known.get(term)
        if found is None:
            found = self.known[term] = self._search(term)
        return found

    def title_starts(self, term: Term) -> list[int]:
        """Where in the folded title the term begins."""
        starts = []
        at = term.first_in(self.text, 0, self.border)
        while at >= 0:
            starts.append(at)
            at = term.first_in(self.text, at + 1, self.border)
        return starts

    def _search(self, term: Term) -> int:
        if term.exact:
            return sum(
                field
                for field, raw in zip((TITLE, SUMMARY), self._raw, strict=True)
                if term.first_in(unicodedata.normalize("NFKC", raw)) >= 0
            )
        first = term.first_in(self.text)
        if first < 0:
            return 0
        if first > self.border:
            return SUMMARY
        if len(self.text) > self.border and term.first_in(self.text, self.border) >= 0:
            return TITLE | SUMMARY
        return TITLE


def _apart(text: str) -> str:
    """The text with a space behind the versions inside names of code."""
    return _CODE_NAME.sub(r"\1 ", text) if _CODE_NAME.search(text) else text


@lru_cache(maxsize=4)
def scan_of(title: str, summary: str) -> Scan:
    """The text of an item for all that ask for terms in it: topics, and the watch questions twice."""
    return Scan(title, summary)


class Terms:
    """A list of terms. ``keys``: pieces of which a text that has one of the terms holds at least one."""

    __slots__ = ("_by_key", "everything", "keys")

    def __init__(self, texts: Iterable[str]) -> None:
        self._by_key: dict[str, list[Term]] = {}
        self.everything = False
        for text in dict.fromkeys(texts):
            if text.strip() == EVERYTHING:
                self.everything = True
                continue
            term = compile_term(text)
            if term is not None:
                self._by_key.setdefault(term.key, []).append(term)
        self.keys = look_for(self._by_key)
        look_for(term.also for terms in self._by_key.values() for term in terms)

    def __bool__(self) -> bool:
        return self.everything or bool(self._by_key)

    def __len__(self) -> int:
        return sum(map(len, self._by_key.values())) + self.everything

    def hits(self, scan: Scan) -> list[tuple[Term, int]]:
        """The terms that the item has, each with where."""
        present = pieces_in(scan.text)
        keys = self.keys & present
        if not keys:
            return []
        # Sorted: what a reason names, and what is taken for a mention in passing, must not differ from run to run.
        found = []
        known = scan.known
        for key in sorted(keys) if len(keys) > 1 else keys:
            for term in self._by_key[key]:
                if term.also not in present:
                    continue
                where = known.get(term)
                if where is None:
                    where = scan.where(term)
                if where:
                    found.append((term, where))
        return found


_compiled: dict[str, Term | None] = {}


def compile_term(text: str) -> Term | None:
    """The term as a pattern, None when it holds nothing that could be looked for.

    One text always gives the same object, so lists that share a term share its result.
    """
    if text not in _compiled:
        _compiled[text] = new_term(text)
    return _compiled[text]


def new_term(text: str) -> Term | None:
    """The same, made anew and not kept: for words that people give."""
    exact, prefix = text.startswith("="), text.endswith("*")
    written = text.strip("=*").strip()
    parts = _PART.findall(unicodedata.normalize("NFKC", written) if exact else fold(written))
    if not parts:
        return None
    pieces: list[str] = []
    for index, part in enumerate(parts):
        if index:
            both_cjk = _CJK.match(part) and _CJK.match(parts[index - 1])
            pieces.append("[ ·]?" if both_cjk else _SEPARATOR)
        pieces.append(re.escape(part))
    # The longest parts tell most. (What is looked for in its own case is not looked for in folded text.)
    key, also, *_ = [*sorted(map(fold, parts), key=len, reverse=True), ""]
    return Term(
        text, "".join(pieces), key=key, also=also if len(also) > 1 and not exact else key,
        left=not _CJK.match(parts[0]), right=not (prefix or _CJK.match(parts[-1]) or parts[-1] in "+%"), exact=exact,
    )  # fmt: skip
