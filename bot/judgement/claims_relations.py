"""Comparisons: "60% of the H100", "2.8x the performance of", "twice", 是H20的2.87倍, 比H20高约23%, 较910B翻倍."""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from bot.judgement.claims_beside import corrected_in, of_its, of_peak
from bot.judgement.claims_compared_in import clause_of
from bot.judgement.claims_comparison import NAME_FIRST, comparison, subject_at
from bot.judgement.claims_names import Name
from bot.judgement.claims_roles import is_negated
from bot.judgement.claims_shapes import SHAPES
from bot.judgement.claims_subjects import BUILT_OF
from bot.judgement.screen import Screen
from bot.judgement.text import overlaps
from bot.model import Claim

Found = list[tuple[int, int, Claim]]
_SCREEN = Screen(pieces.split() for pieces, _, _ in SHAPES)


def relations_in(sentence: str, names: Sequence[Name], main: str, *, chip: str, mlperf: bool) -> Found:
    """The comparisons of one sentence as claims, with where each stands. ``chip``: what the text is about, of chips;
    ``mlperf``: it tells MLPerf results."""
    named = any(name.kind in ("chip", "model") for name in names)
    possible = _SCREEN.possible(sentence) if named else ()
    may_peak = "%" in sentence or "percent" in sentence or "成" in sentence
    if not possible and not may_peak:
        return []
    masked, places = _masked(sentence, names)
    found: Found = []
    covered: list[tuple[int, int]] = []
    matches = _matches(masked, possible)
    compared = frozenset(int(match[1 if shape in NAME_FIRST else 3]) for match, shape in matches)
    for match, shape in matches:
        span = (match.start(), match.end())
        if overlaps(*span, covered):
            continue
        claim = (
            None if is_negated(masked, span[0]) else comparison(masked, match, shape, names, main, compared)
        )
        if claim is not None and chip and _of_chips(claim, names):
            claim = replace(claim, subject=chip) if chip != claim.relative_to else None
        if claim is not None and claim.subject in BUILT_OF and _PER_CHIP.match(masked, match.end()):
            claim = replace(claim, subject=BUILT_OF[claim.subject])
        if claim is not None and claim.metric == "performance":
            within = range(places[match.start()], places[match.end()])
            scored = next(
                (name.text for name in names if name.kind == "benchmark" and name.start in within), ""
            )
            claim = replace(claim, metric=scored or "performance")
        if claim is not None and claim.metric == "performance" and _ITS_FORMAT.match(masked, match.end()):
            claim = replace(claim, metric="compute")
        if (
            claim is not None
            and claim.metric == "performance"
            and "'s" in masked[match.end() : match.end() + 3]
        ):
            claim = replace(claim, metric=_score_of(places[match.end()], names))
        if claim is not None:
            if mlperf:
                by_time = _TIME.search(clause_of(masked, match, before=30, after=20)) is not None
                claim = replace(claim, metric="MLPerf training time" if by_time else "MLPerf performance")
            covered.append(span)
            found.append((places[match.start()], places[match.end()], claim))
    if found:
        last = found[-1][2]
        found += corrected_in(sentence, last, found[-1][1])
        beside = of_its(masked, last, names)
        found += [
            (places[at], places[end], claim) for at, end, claim in beside if not overlaps(at, end, covered)
        ]
    peaks = (
        of_peak(masked, lambda match: subject_at(masked, match, names, main, "", compared))
        if may_peak
        else ()
    )
    found += [(places[at], places[end], claim) for at, end, claim in peaks if not overlaps(at, end, covered)]
    return found


#: "Doubles Rubin Ultra's FP4"
_ITS_FORMAT = re.compile(
    r"'s (?:dense )?(?:(?:nv|mx)?fp\d+|bf16|int8)(?=[\s.,;:]|$)(?! (?:throughput|training|inference))"
)
#: "70 percent of an H200 per chip", in a text on a system.
_PER_CHIP = re.compile(r",? (?:per|chip for) (?:chip|card|npu|processor)\b")
_TIME = re.compile(r"时长|耗时|用时|\bas long\b|\btime\b")
#: "1.6x an H20 but only 71% of an H200": what the second is of, the first said.
_GOES_ON = re.compile(
    r"\s?[,，、]?\s?(?:and|but|yet|though|while|则|却|但|而|也|并|且)?\s?"
    r"(?:only|just|about|still|or|reaches|达到?|只有|仅为?|约?为|是|相当于|约)?\s?"
)


def chained(
    sentence: str, found: Sequence[tuple[int, Claim]], spans: Sequence[tuple[int, int]]
) -> list[tuple[int, Claim]]:
    """The comparisons ``found`` at ``spans``: one that says not of what goes on about what the one before it said."""
    out: list[tuple[int, Claim]] = []
    last: tuple[int, Claim] | None = None
    for (at, claim), (_, stop) in sorted(zip(found, spans, strict=True), key=lambda pair: pair[1]):
        if (
            last
            and claim.metric == "performance"
            and claim.subject == last[1].subject
            and _GOES_ON.fullmatch(sentence, last[0], at)
        ):
            claim = replace(claim, metric=last[1].metric)
        out.append((at, claim))
        last = (stop, claim)
    return out


def _score_of(at: int, names: Sequence[Name]) -> str:
    """ "Doubles Rhea1's SPECrate2017_int_base": the benchmark right behind a name, else the performance."""
    return next(
        (name.text for name in names if name.kind == "benchmark" and 2 <= name.start - at <= 4), "performance"
    )


def _of_chips(claim: Claim, names: Sequence[Name]) -> bool:
    """Whether a model was taken for what is compared with a chip: "with V4-Pro it serves 0.61x of a B200"."""
    kinds = {name.text: name.kind for name in names}
    return kinds.get(claim.subject, "model") == "model" and kinds.get(claim.relative_to or "") == "chip"


def _masked(sentence: str, names: Sequence[Name]) -> tuple[str, list[int]]:
    """The sentence with each name as its number, and the place of each of its characters in the sentence."""
    out: list[str] = []
    places: list[int] = []
    at = 0
    for index, name in enumerate(names):
        if name.kind not in ("chip", "model"):
            continue
        mark = f"\x00{index}\x00"
        out.append(sentence[at : name.start])
        places.extend(range(at, name.start))
        out.append(mark)
        places.extend([name.start] * len(mark))
        at = name.end
    out.append(sentence[at:])
    places.extend(range(at, len(sentence) + 1))
    return "".join(out), places


@cache  # a text has a few of them: to compile them all takes a tenth of a second
def _pattern(index: int) -> re.Pattern[str]:
    return re.compile(SHAPES[index][1])


def _matches(masked: str, possible: Sequence[int]) -> list[tuple[re.Match[str], str]]:
    """All comparisons of the sentence with their shapes, those of an earlier pattern first."""
    return [(match, SHAPES[index][2]) for index in possible for match in _pattern(index).finditer(masked)]
