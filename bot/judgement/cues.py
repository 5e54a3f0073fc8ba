"""Tables of cue patterns, searched fast: a pattern is tried only where a piece of it is in the text at all."""

import re
import tomllib
from functools import lru_cache
from importlib import resources

from bot.judgement.pieces import look_for, pieces_in

_MIN_PIECE = 2
#: An item has title, summary, both and its address; names of publishers come again.
_TEXTS_KEPT = 64


class CueTable:
    """The patterns of one TOML file of this package, by name: ``name = [pattern, ...]``."""

    def __init__(self, file: str) -> None:
        text = resources.files("bot.judgement").joinpath(file).read_text(encoding="utf-8")
        self.lines: dict[str, list[str]] = tomllib.loads(text)
        by_piece: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
        self._always: list[tuple[str, re.Pattern[str]]] = []  # those that no piece tells of
        for name, lines in self.lines.items():
            without_piece = []
            for line in lines:
                pieces = pieces_of(line)
                for piece in pieces:
                    by_piece.setdefault(piece, []).append((name, re.compile(line)))
                if not pieces:
                    without_piece.append(line)
            if without_piece:
                self._always.append((name, re.compile("|".join(without_piece))))
        self._of_piece = by_piece
        self._pieces = look_for(by_piece)
        #: The patterns that may match a folded text or a part of it, by name. An item is asked for many cues, in title
        #: and text: who does it looks here first, since most names are in no text.
        self.near = lru_cache(maxsize=_TEXTS_KEPT)(self._find_near)

    def search(self, name: str, text: str, *, whole: str = "") -> bool:
        """Whether one of the patterns of ``name`` is in the folded text. ``whole``: a text that holds it and is asked
        as well; what may be in a part is found with it, which spares a pass."""
        for pattern in self.near(whole or text).get(name, ()):
            if pattern.search(text):
                return True
        if name not in self.lines:
            raise KeyError(name)
        return False

    def _find_near(self, text: str) -> dict[str, list[re.Pattern[str]]]:
        near: dict[str, list[re.Pattern[str]]] = {}
        for piece in self._pieces & pieces_in(text):
            for name, pattern in self._of_piece[piece]:
                near.setdefault(name, []).append(pattern)
        for name, pattern in self._always:
            near.setdefault(name, []).append(pattern)
        return near


def pieces_of(pattern: str) -> tuple[str, ...]:
    """Texts of which every match of ``pattern`` holds at least one; none when that cannot be told simply.

    Errs on the safe side: what it does not understand (classes, look-arounds, nested choices) gives no pieces.
    """
    parts = _split(pattern)
    if parts is None:
        return ()
    found: list[str] = []
    for part in parts:
        pieces = _required(part)
        if not pieces:
            return ()
        found += pieces
    return tuple(dict.fromkeys(found))


def _required(part: str) -> list[str]:
    """The longest literal run of a choice-free part, or the pieces of its first plain group."""
    runs, groups = _scan(part)
    best = max(runs, key=len, default="")
    if len(best) > _MIN_PIECE or (best and not best.isascii() and len(best) >= _MIN_PIECE):
        return [best]
    for group in groups:
        inner = pieces_of(group)
        if inner:
            return list(inner)
    return [best] if len(best) >= _MIN_PIECE or not best.isascii() else []


def _split(pattern: str) -> list[str] | None:
    """The choices at the top level, None for what should not be cut."""
    parts, depth, start, at = [], 0, 0, 0
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            at += 1
        elif char == "[":
            at = _class_end(pattern, at)
        elif char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
        elif char == "|" and depth == 0:
            parts.append(pattern[start:at])
            start = at + 1
        at += 1
    parts.append(pattern[start:])
    return parts if depth == 0 else None


def _class_end(pattern: str, at: int) -> int:
    end = pattern.find("]", at + (3 if pattern[at + 1 : at + 2] == "^" else 2))
    return len(pattern) if end < 0 else end


def _scan(part: str) -> tuple[list[str], list[str]]:
    """The literal runs outside of groups, and the plain groups that must match."""
    runs, groups, run, at = [], [], "", 0

    def optional(after: int) -> bool:
        return part[after : after + 1] in ("?", "*") or part[after : after + 2] == "{0"

    while at < len(part):
        char = part[at]
        if char == "(":
            end = _group_end(part, at)
            if part.startswith("(?:", at) and not optional(end + 1):
                groups.append(part[at + 3 : end])
            runs.append(run)
            run, at = "", end + 1
            continue
        if char == "[":
            runs.append(run)
            run, at = "", _class_end(part, at) + 1
            continue
        literal = char
        if char == "\\":
            at += 1
            literal = "" if part[at].isalnum() else part[at]
        elif char in ".^$?*+{}":
            literal = ""
        if char == "{":
            at = part.find("}", at)
        if not literal or optional(at + 1):
            runs.append(run)
            run = ""
        else:
            run += literal
        at += 1
    runs.append(run)
    return [run for run in runs if run], groups


def _group_end(part: str, at: int) -> int:
    depth = 0
    while at < len(part):
        if part[at] == "\\":
            at += 1
        elif part[at] == "[":
            at = _class_end(part, at)
        elif part[at] == "(":
            depth += 1
        elif part[at] == ")":
            depth -= 1
            if depth == 0:
                return at
        at += 1
    return at
