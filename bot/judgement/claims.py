"""Finds benchmark figures and hardware ratings in headlines and summaries, English and Chinese.

A figure is claimed of the name that stands nearest before it in its sentence; else directly after it; else of the
name that the headline is about. Prices, dates, parameter counts, context lengths, sales, yields, votes, tariffs and
rule thresholds are no claims. Accepted misses: figures in words other than "half", "twice", 两成, and tables.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from bot.judgement.claims_about import about_of, without_families
from bot.judgement.claims_echo import echoed
from bot.judgement.claims_follow import compared_on
from bot.judgement.claims_gate import is_worth_reading
from bot.judgement.claims_horizon import goes_on as horizon_goes_on
from bot.judgement.claims_names import Name, may_name, names_in
from bot.judgement.claims_once import told_once
from bot.judgement.claims_pairs import (
    corrected,
    goes_on,
)
from bot.judgement.claims_sentence import claims_in
from bot.judgement.claims_unlisted import may_rate, unlisted_in
from bot.judgement.cues import pieces_of
from bot.judgement.screen import Screen
from bot.judgement.text import fold, joined
from bot.model import Claim

#: The end of a sentence, and the line between title and summary.
_SENTENCE = re.compile(r"(?<=[。！？!?；;\n])|(?<=[a-z\d)%]\.)(?<!\bu\.s\.)\s+(?=[^\s\d])")
#: 约为 B200 的六成: some set spaces between Chinese and Latin.
_SPACED = re.compile(r"(?<=[\u4e00-\u9fff]) (?=[a-z\d])|(?<=[a-z\d%]) (?=[\u4e00-\u9fff])")
#: 四成四 is 44%, in as many characters.
_TENTHS = re.compile(r"([一二三四五六七八九])成([一二三四五六七八九])(?![一二三四五六七八九十百千万倍])")
#: The text says itself that its figures were made up or never were.
_FAKE = re.compile(
    r"(?<!if )\bfake[ds]?\b|fabricat|debunk|hoax|\bsatire\b|\bparody\b"
    r"|恶搞|made[- ]up|photoshop|造假|伪造|编造|假图|p图"
    r"|(?:admit\w*|confess\w*)[^.]{0,20} (?:invent|fak|mak)"
    r"|(?:\b(?:deny|denies|denied)\b|否认)[^.]{0,40}(?:leak|benchmark|scores?\b|figures|numbers|跑分|数据|成绩)"
)
_FAKE_SCREEN = Screen([pieces_of(_FAKE.pattern)])


def extract_claims(title: str, summary: str, language: str) -> tuple[Claim, ...]:
    """The figures that the text states, in its order. ``language`` is a hint that nothing depends on: headlines mix
    languages. Comparisons have ``relative_to``; ``value_max`` ends a range."""
    head = fold(title)
    text = joined(head, fold(summary))
    if not (may_name(text) or may_rate(text)) or not is_worth_reading(text):
        return ()
    if _FAKE_SCREEN.any_possible(text) and _FAKE.search(head):
        return ()
    if not text.isascii():
        text = _SPACED.sub("", text)
        if "成" in text:
            text = _TENTHS.sub(_in_digits, text)
    names = names_in(text)
    if unlisted := unlisted_in(title, summary, text, names):
        names = sorted([*names, *unlisted], key=lambda name: name.start)
    if (
        not any(name.kind in ("chip", "model") for name in names)
        and "集群" not in text
        and "cluster" not in text
    ):
        return ()
    names = without_families(names, text)
    about = about_of(names, text)
    claims: list[Claim] = []
    earlier: Name | None = None
    last: Claim | None = None  # what a clause before a semicolon told
    for start, end in _sentences(text):
        inside = [
            replace(name, start=name.start - start, end=name.end - start) if start else name
            for name in names
            if start <= name.start < end
        ]
        # After a semicolon the talk goes on about the same benchmark.
        same = earlier is not None and text[:start].rstrip().endswith((";", "；"))
        here = replace(about, benchmark=earlier, same_benchmark=True) if same else about
        if not same and earlier and not about.benchmark:  # of several the one named last
            here = replace(about, benchmark=earlier)
        if about.benchmark and start <= about.benchmark.start:
            here = replace(here, benchmark_later=True)
        told = list(claims_in(text[start:end], inside, here))
        if not told and last:
            clause = text[start:end]
            row = goes_on(clause, inside, last) if inside else corrected(clause, last)
            told = [row] if row else []
        if not told and inside and claims and claims[-1].unit == "hours":
            row = horizon_goes_on(text[start:end], inside, claims[-1])
            told = [row] if row else []
        before = told[-1] if told else claims[-1] if claims else None
        if told:
            numbers = [(claim.subject, claim.value) for claim in told]
            told += [
                claim
                for _, claim in echoed(text[start:end], inside, before, ())
                if (claim.subject, claim.value) not in numbers
            ]
        elif inside:
            told = [claim for _, claim in echoed(text[start:end], inside, before, ())]
        if told and claims and told[0].metric == "performance" and not told[0].precision:
            told = compared_on(text[:start], text[start:end], told, claims[-1])
        claims.extend(told)
        last = told[-1] if told and text[start:end].rstrip().endswith((";", "；")) else None
        earlier = next((name for name in reversed(inside) if name.kind == "benchmark"), None)
        if earlier and told and told[-1].metric.startswith(f"{earlier.text} "):
            earlier = replace(
                earlier, text=told[-1].metric
            )  # of it a part or a side, about which the talk goes on
    return tuple(told_once(claims))


def _in_digits(match: re.Match[str]) -> str:
    tens, ones = ("一二三四五六七八九".index(digit) + 1 for digit in match.groups())
    return f"{tens}{ones}%"


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _SENTENCE.finditer(text):
        if match.end() > start:
            yield start, match.end()
        start = match.end()
    if start < len(text):
        yield start, len(text)
