"""Tables of cue patterns, searched fast: a pattern is tried only where a piece of it is in the text at all.

A long alternation costs some microseconds for each text; that a word is missing is known in a few dozen nanoseconds.
"""

import re
import tomllib
from importlib import resources

_MIN_PIECE = 2


class CueTable:
    """The patterns of one TOML file of this package, by name: ``name = [pattern, ...]``."""

    def __init__(self, file: str) -> None:
        text = resources.files("bot.judgement").joinpath(file).read_text(encoding="utf-8")
        self.lines: dict[str, list[str]] = tomllib.loads(text)
        self._cues = {name: _Cue(lines) for name, lines in self.lines.items()}

    def search(self, name: str, text: str) -> bool:
        """Whether one of the patterns of ``name`` is in the folded text."""
        return self._cues[name].search(text)


class _Cue:
    def __init__(self, lines: list[str]) -> None:
        always: list[str] = []
        self._parts: list[tuple[tuple[str, ...], re.Pattern[str]]] = []
        for line in lines:
            pieces = pieces_of(line)
            if pieces:
                self._parts.append((pieces, re.compile(line)))
            else:
                always.append(line)
        self._always = re.compile("|".join(always)) if always else None

    def search(self, text: str) -> bool:
        for pieces, pattern in self._parts:
            for piece in pieces:
                if piece in text:
                    if pattern.search(text):
                        return True
                    break
        return self._always is not None and self._always.search(text) is not None


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
    return [best] if len(best) >= _MIN_PIECE else []


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
