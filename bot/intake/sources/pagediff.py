"""What came and what went between two readings of a page, and what of it is only noise. Pure.

Noise is what changes by itself: relative times, running clocks, "last updated" lines, counters of views, the order of
the lines. A date that stands alone is none: it may be the one that everybody waits for. So may be any other figure.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_NUMBER = r"\d(?:[\d.,]|[ \u00a0\u202f](?=\d{3}\b)){0,15}\s?(?:[kKmM]\b|万|亿)?"
_SPAN = (
    r"(?:\d{1,6}|an?|one|(?:a\s)?few|less than an?)\s?"
    r"(?:seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|w|months?|mos?|years?|yrs?|y|moments?)\.?"
)
_AGO = re.compile(
    rf"(?:\b(?:about|over|almost)\s)?\b(?:{_SPAN},?\s(?:and\s)?)?{_SPAN}\s+ago\b|\bjust now\b|\byesterday\b"
    r"|\bvor\s(?:\d{1,6}|einer|einem|wenigen)\s(?:sekunden?|minuten?|stunden?|tag(?:en)?|wochen?|monat(?:en)?|jahr(?:en)?)\b"
    r"|\bil y a\s(?:\d{1,6}|une?)\s(?:secondes?|minutes?|heures?|jours?|semaines?|mois|ans?)\b"
    r"|\d{1,6}\s?(?:秒钟?|分钟|小时|天|周|个月|年)(?:之?前)|刚刚",
    re.IGNORECASE,
)
_COUNTED = (
    r"views?|page\s?views?|visits?|visitors?|likes?|comments?|replies|followers?|subscribers?|downloads?|stars?|forks?"
    r"|reactions?|users? online|online|reads?|shares?|clicks?"
    r"|(?:people )?(?:are )?(?:now )?(?:watching|viewing)(?: this)?"
    r"|min(?:ute)?s? read|aufrufe|vues"
)
_COUNTED_ZH = (
    r"次?(?:阅读|浏览|播放|观看|点击|下载)量?|(?:条|个)?(?:评论|点赞|赞|收藏|转发|回复)|人?(?:在线|关注)"
)
_COUNTER = re.compile(
    rf"\b{_NUMBER}\s?(?:{_COUNTED})\b|\b(?:{_COUNTED})\s?[:(]\s?{_NUMBER}\)?"
    rf"|\b(?:page\s?)?(?:views|visits|visitors)\s{_NUMBER}|\b(?:viewed|read|downloaded|shared)\s{_NUMBER}\s?times?\b"
    rf"|{_NUMBER}\s?(?:{_COUNTED_ZH})|(?:{_COUNTED_ZH})[数量]?\s?[:：(（]?\s?{_NUMBER}[)）]?",
    re.IGNORECASE,
)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_DAY = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?|(?:星期|周)[一二三四五六日天]"
_DATE = (
    r"\d{4}\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}\s?日?|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?\s{_MONTH},?\s\d{{4}}|{_MONTH}\s\d{{1,2}}(?:st|nd|rd|th)?,?\s\d{{4}}"
)
_CLOCK = (
    r"\d{1,2}:\d{2}(?::\d{2})?(?:\.\d{1,9})?\s?(?:[ap]\.?m\.?)?\s?(?:utc|gmt|z|[a-z]{1,3}s?t)?"
    r"(?:\s?[+-]\d{2}:?\d{2})?"
)
_LABEL = (
    r"(?:(?:page\s)?(?:was\s)?last\s)?(?:updated?|modified|changed|checked|refreshed|reviewed|generated|edited)"
    r"(?:\s(?:on|at|date|time))?|as of|current (?:date|time)|today is|(?:最后|最近)?(?:更新|修改)(?:时间|日期|于)?"
)
_JOINT = r"[\s,;|·/()（）T@-]|\bat\b"
#: A whole line that says what time it is, or when the page was made.
_STAMP = re.compile(
    rf"(?:(?:{_LABEL})\s?[:：]?(?:{_JOINT}|{_DAY}|{_DATE}|{_CLOCK}){{1,12}}"
    rf"|(?:(?:{_JOINT}|{_DATE}){{0,4}}(?:{_CLOCK}|{_DAY}\b)(?:{_JOINT}|{_DATE}|{_CLOCK}|{_DAY}){{0,8}}))\s*[.。]?",
    re.IGNORECASE,
)
_COPYRIGHT = re.compile(r"(?:©|\(c\)|copyright)\s?(?:©\s?)?\d{4}(?:\s?[-–]\s?\d{4})?", re.IGNORECASE)
#: What stands around a relative time or a counter without saying anything more.
_FRAME = re.compile(
    rf"(?:[@#\s,;:|·•/()（）.。\-–—]|\b(?:{_LABEL}|last|latest|page|post(?:ed)?|published|total|all|about|synced|seen|active"
    r"|aktualisiert|zuletzt|mis à jour|发布于?|已有)(?!\w))+",
    re.IGNORECASE,
)
#: Longer lines are no stamps.
_MAX_STAMP = 100
_MAX_LINES_TOLD = 40
_WORD = re.compile(r"[^\W_][\w.+-]*[^\W_]|[^\W_]")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Lines that came and lines that went, in the order of their page; ``most_telling`` is one of them."""

    added: tuple[str, ...]
    gone: tuple[str, ...]
    most_telling: str


def essence(line: str) -> str:
    """A line as it is compared: without noise; "" when it is nothing else."""
    if len(line) <= _MAX_STAMP and _STAMP.fullmatch(line):
        return ""
    text = _COUNTER.sub("#", _AGO.sub("@", line))
    if text != line and _FRAME.fullmatch(text):
        return ""
    return " ".join(_COPYRIGHT.sub("©", text).casefold().split())


def essences(lines: Iterable[str]) -> frozenset[str]:
    return frozenset(map(essence, lines)) - {""}


def change_of(old: list[str], new: list[str], *, cut: str) -> Change | None:
    """None when nothing but noise or the order changed. ``cut`` ends a text that was longer than what is watched:
    lines near it that only moved across the border are neither new nor gone."""
    old_cut, new_cut = old[-1:] == [cut], new[-1:] == [cut]
    old, new = old[: len(old) - old_cut], new[: len(new) - new_cut]
    before, after = essences(old), essences(new)
    if before == after:
        return None
    added = _without(new, before, border=old_cut)
    gone = _without(old, after, border=new_cut)
    if not added and not gone:
        return None
    return Change(added=added, gone=gone, most_telling=_most_telling(added or gone, old if added else new))


def _without(lines: Sequence[str], others: frozenset[str], *, border: bool) -> tuple[str, ...]:
    """The lines whose essence is not among the others, each once. ``border``: the others' text was cut, so that what
    comes after the last common line may stand there too."""
    keys = [essence(line) for line in lines]
    end = len(lines)
    if border:
        end = max((place for place, key in enumerate(keys) if key in others), default=-1) + 1
    found: dict[str, str] = {}
    for line, key in zip(lines[:end], keys[:end], strict=True):
        if key and key not in others:
            found.setdefault(key, line)
    return tuple(found.values())[:_MAX_LINES_TOLD]


def _most_telling(lines: Sequence[str], known: Sequence[str]) -> str:
    """The line with the most words that the other text had nowhere; the first of several."""
    old = _words(" ".join(known))
    return max(lines, key=lambda line: len(_words(line) - old), default="")


def _words(text: str) -> set[str]:
    words = {word.casefold() for word in _WORD.findall(text)}
    for run in _CJK.findall(text):
        words |= {run[place : place + 2] for place in range(len(run) - 1)}
    return words
