"""The claims of one sentence: each figure with the name that it is about, and what is compared, scored and gained."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from bot.judgement.claims_context import About
from bot.judgement.claims_figures import figures_in
from bot.judgement.claims_generations import generations_in
from bot.judgement.claims_horizon import horizons_in
from bot.judgement.claims_itself import gains_in, multiples_in, shrunk_in
from bot.judgement.claims_leads import training_of
from bot.judgement.claims_makers import makers_in
from bot.judgement.claims_measured import claim_of, is_difference, memory_of
from bot.judgement.claims_names import Name
from bot.judgement.claims_numbers import PRECISION, Figure, precision_near
from bot.judgement.claims_pairs import (
    cards_in_row,
    list_before,
    others_after,
    paired,
    rated_beside,
    rates_in_row,
)
from bot.judgement.claims_relations import chained, relations_in
from bot.judgement.claims_roles import is_negated, is_part
from bot.judgement.claims_scores import scores_in
from bot.judgement.claims_subjects import subject_of
from bot.judgement.claims_tasks import shares_in
from bot.judgement.text import overlaps
from bot.model import Claim

#: What a sentence that tells a figure has: a number behind something else than a name, or one in words.
_TELLS = re.compile(
    r"\d|half|twice|doubl|tripl|third|quarter|fifth|tenth|times|[一两二三四五六七八九十][成倍]|hours|翻|fois|doppelt|减半|半年|一半|分之|month|个月"
)


_Found = list[tuple[int, Claim]]
_Spans = list[tuple[int, int]]


def claims_in(sentence: str, names: Sequence[Name], about: About) -> Iterator[Claim]:
    """The claims of a folded sentence in its order. ``names``: those in it, of any kind."""
    if not _TELLS.search(sentence):
        return
    main = about.main
    local = [
        name
        for name in names
        if name.text == main or name.kind not in ("chip", "model") or not is_part(name, sentence)
    ]
    relations = relations_in(sentence, local, main, chip=about.chip, mlperf=about.setting.mlperf)
    spans = [(at, stop) for at, stop, _ in relations]
    figures = [
        figure
        for figure in figures_in(sentence, about.setting)
        if not overlaps(figure.start, figure.end, spans)
    ]
    # What something is compared with is not what the next figure is about.
    own = [
        name
        for name in names
        if not overlaps(name.start, name.end, spans) or _OWN_FIGURE.match(sentence, name.end)
    ]
    if not own and (not main or any(name.text == main for name in names)):
        own = list(names)
    taken = [*spans, *((figure.start, figure.end) for figure in figures)]
    found = _compared(sentence, relations, figures, names, about)
    found += _rated(sentence, figures, names, local, own, about, taken)
    for at, stop, subject, value in rates_in_row(sentence, names):
        taken.append((at, stop))
        claim = Claim(subject=subject, metric="generation throughput", value=value, unit="tokens/s")
        found.append((at, claim))
    found += multiples_in(sentence, found, taken)
    for at, stop, claim in shrunk_in(sentence, names, about, taken):
        taken.append((at, stop))
        found.append((at, claim))
    found += scores_in(sentence, local, about, taken)
    found += gains_in(sentence, names, about, taken)
    found += generations_in(sentence, names, about, taken)
    found += makers_in(sentence, about, taken)
    found += horizons_in(sentence, names, about)
    found += shares_in(sentence, local, about, taken)
    found.sort(key=lambda pair: pair[0])
    yield from (claim for _, claim in found)


def _compared(
    sentence: str,
    relations: Sequence[tuple[int, int, Claim]],
    figures: Sequence[Figure],
    names: Sequence[Name],
    about: About,
) -> _Found:
    """The comparisons, each of what the words around it are of."""
    found = [
        (
            at,
            replace(claim, metric=memory_of(claim.subject, about.setting))
            if claim.metric == "HBM capacity"
            else claim,
        )
        for at, _, claim in relations
    ]
    if about.main:
        found = [(at, _of_figure(sentence, at, claim, figures)) for at, claim in found]
        found = [(at, _of_score(sentence, at, claim, names)) for at, claim in found]
    if about.setting.mlperf and about.workload:
        found = [
            (at, replace(claim, metric=training_of(about.workload, sentence)))
            if claim.metric == "MLPerf training time"
            else (at, claim)
            for at, claim in found
        ]
    return (
        chained(sentence, found, [(at, stop) for at, stop, _ in relations]) if len(relations) > 1 else found
    )


def _rated(
    sentence: str,
    figures: Sequence[Figure],
    names: Sequence[Name],
    local: Sequence[Name],
    own: Sequence[Name],
    about: About,
    taken: _Spans,
) -> _Found:
    """The figures with a unit, and what stands beside them. ``taken`` grows by where that is."""
    found: _Found = []
    owners, own = _owners(sentence, figures, names, own, about)
    for figure in figures:
        figure = _clear_of_names(sentence, figure, names)
        if is_negated(sentence, figure.start) or is_difference(sentence, figure):
            continue
        if listed := list_before(sentence, figure):
            values = [*listed, figure.value]
            rated = about.row if len(about.row) == len(values) else ()
            found += [
                (
                    figure.start,
                    replace(claim_of(sentence, figure, subject, local, about.setting), value=value),
                )
                for subject, value in zip(rated, values, strict=False)
            ]
            continue
        subject = owners.get(figure.start) or subject_of(sentence, figure, own, about)
        if not subject:
            continue
        claim = claim_of(sentence, figure, subject, local, about.setting)
        found.append((figure.start, claim))
        if beside := rated_beside(sentence, figure):
            taken.append((beside.start, beside.end))
            metric = "compute" if "FLOPS" in figure.unit and beside.metric else beside.metric or claim.metric
            found.append((beside.start, replace(claim, metric=metric, value=beside.value, value_max=None)))
        for at, stop, other, value in others_after(sentence, figure, local):
            taken.append((at, stop))
            if other != subject:
                found.append((at, replace(claim, subject=other, value=value, value_max=None)))
    return found


def _owners(
    sentence: str, figures: Sequence[Figure], names: Sequence[Name], own: Sequence[Name], about: About
) -> tuple[dict[int, str], list[Name]]:
    """Whose those figures are of which the words beside them say so, by where they begin; and the names that may own
    the others."""
    owners = paired(sentence, figures, own)
    if len(figures) > 1:
        owners |= cards_in_row(sentence, figures, names)
    for one, two in pairwise(figures):
        # "From 1,480 to 2,050 tok/s per NPU on 910C": both are told of the same.
        if one.unit == two.unit == "tokens/s" and (
            sentence[two.start : two.end]
            .replace(",", "")
            .replace(".", "")
            .isdecimal()  # only a number: of the same
            or (two.metric == "prefill throughput" and _AND_PREFILL.fullmatch(sentence, one.end, two.start))
        ):
            owners[two.start] = owners.get(one.start) or subject_of(sentence, one, own, about)
        if one.unit == two.unit and one.start not in owners and _TO.fullmatch(sentence, one.end, two.start):
            owners[one.start] = owners.get(two.start) or subject_of(sentence, two, own, about)
    left = list(own)
    for figure in figures:
        if named := _named_behind(sentence, figure, names):
            owners[figure.start] = named
        elif owner := _of_another(sentence, figure, left):
            owners[figure.start] = owner.text
            left = [name for name in left if name.start != owner.start]
    return owners, left


_OF_A = re.compile(r" of (?:an?|nvidia's|huawei's|amd's) ")


def _of_another(sentence: str, figure: Figure, names: Sequence[Name]) -> Name | None:
    """ "At 52 TFLOPS, a rounding error beside the 2,250 TFLOPS of a B200, but at 30 W": whose the second is."""
    match = _OF_A.match(sentence, figure.end) if sentence[: figure.start].endswith("the ") else None
    subjects = [name for name in names if name.kind == "chip"]
    if match is None or all(name.end > figure.start for name in subjects):
        return None
    return next((name for name in subjects if name.start == match.end()), None)


def _named_behind(sentence: str, figure: Figure, names: Sequence[Name]) -> str:
    """ "14 ms (GB200), 19 ms (Ascend 950DT)": the chip that stands alone in brackets behind a figure."""
    if not sentence.startswith((" (", "(", "（"), figure.end):
        return ""
    start = figure.end + (2 if sentence[figure.end] == " " else 1)
    return next(
        (
            name.text
            for name in names
            if name.kind == "chip"
            and name.start == start
            and sentence[name.end : name.end + 1] in (")", "）")
        ),
        "",
    )


#: "Less than half of the H20's 4 TB/s".
_OWN_FIGURE = re.compile(r"'s\s\d|\s?的\s?\d[\d.,]*(?![\d.,])\s?(?![倍%成])")


def _clear_of_names(text: str, figure: Figure, names: Sequence[Name]) -> Figure:
    """ "From the Ascend 950 to 2 PFLOPS" is no range; 昇腾970，4 PFLOPS folds into "970,4"."""
    for name in names:
        if name.start <= figure.start < name.end < figure.end and text[name.end] == ",":
            digits = re.match(r"[\d.]+", text[name.end + 1 :])
            return replace(figure, value=float(digits[0]), value_max=None) if digits else figure
    if figure.value_max is None or not any(name.start <= figure.start < name.end for name in names):
        return figure
    return replace(figure, value=figure.value_max, value_max=None)


_TO = re.compile(r"\s?(?:to|→|->|到|至|升至|降至|提升到|提升至)\s?")
#: "17.8 tok/s gen, 210 tok/s prompt"
_AND_PREFILL = re.compile(r"\s(?:gen\w*|tg\d*|decode|output)?,? (?:and )?")
_RIGHT_BEHIND = re.compile(r"[^\d.。;；]{0,24}[,，(（]\s?[^\d.。;；,，]{0,16}")


#: "22 in SPECint2006 per GHz, three times C920"
_BEHIND_SCORE = re.compile(r"( ?(?:per |/)ghz)?[,，] ?(?:or |about |roughly |nearly |almost |约为?|是){0,2}")


def _of_score(sentence: str, at: int, claim: Claim, names: Sequence[Name]) -> Claim:
    """A comparison right behind a benchmark's name is of its scores."""
    if claim.metric != "performance":
        return claim
    for name in names:
        match = _BEHIND_SCORE.fullmatch(sentence, name.end, at) if name.kind == "benchmark" else None
        if match:
            return replace(claim, metric=f"{name.text}/GHz" if match[1] else name.text)
    return claim


def _of_figure(sentence: str, at: int, claim: Claim, figures: Sequence[Figure]) -> Claim:
    """ "Draws 1,400 W, 40% more than the B200": a comparison right behind a figure is about the same."""
    listed = False
    for figure in figures:
        rest = PRECISION.sub("", sentence[figure.end :]).lstrip()
        before, listed = listed, rest.startswith((",", "，", "、"))
        # "16 PFLOPS, 432 GB, nearly three times": of all that is listed; memory is seldom what is meant.
        if before and figure.metric == "HBM capacity":
            continue
        between = PRECISION.sub("", sentence[figure.end : at])
        if (
            claim.metric == "performance"
            and _RIGHT_BEHIND.fullmatch(between)
            and not re.search(r"性能|performance|\b(?:runs|is|performs|scores|beats|trails)\b", between)
        ):
            return replace(
                claim, metric=figure.metric, precision=precision_near(sentence, figure.start, figure.end)
            )
    return claim
