"""Finds benchmark figures and hardware ratings in headlines and summaries, English and Chinese.

A figure is claimed of the name that stands nearest before it in its sentence; else directly after it; else of the
name that the headline is about. Prices, dates, parameter counts, context lengths, sales, yields, votes, tariffs and
rule thresholds are no claims. Accepted misses: figures in words other than "half", "twice", 两成, and tables.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from bot.judgement.claims_about import about_of, without_families
from bot.judgement.claims_echo import echoed
from bot.judgement.claims_figures import figures_in
from bot.judgement.claims_follow import compared_on
from bot.judgement.claims_gate import is_worth_reading
from bot.judgement.claims_generations import generations_in
from bot.judgement.claims_horizon import goes_on as horizon_goes_on
from bot.judgement.claims_horizon import horizons_in
from bot.judgement.claims_itself import gains_in, multiples_in, shrunk_in
from bot.judgement.claims_leads import training_of
from bot.judgement.claims_makers import makers_in
from bot.judgement.claims_measured import claim_of, is_difference, memory_of
from bot.judgement.claims_names import Name, may_name, names_in
from bot.judgement.claims_numbers import PRECISION, SHARES, Figure, precision_near
from bot.judgement.claims_pairs import (
    cards_in_row,
    corrected,
    goes_on,
    list_before,
    others_after,
    paired,
    rated_beside,
    rates_in_row,
)
from bot.judgement.claims_relations import chained, relations_in
from bot.judgement.claims_scores import scores_in
from bot.judgement.claims_subjects import About, is_negated, is_part, subject_of
from bot.judgement.claims_tasks import shares_in
from bot.judgement.claims_unlisted import may_rate, unlisted_in
from bot.judgement.cues import pieces_of
from bot.judgement.screen import Screen
from bot.judgement.text import fold, joined, overlaps
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
        told = list(_claims_of(text[start:end], inside, here))
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
    return tuple(_told_once(claims))


def _in_digits(match: re.Match[str]) -> str:
    tens, ones = ("一二三四五六七八九".index(digit) + 1 for digit in match.groups())
    return f"{tens}{ones}%"


def _told_once(claims: Sequence[Claim]) -> Iterator[Claim]:
    """Title and summary tell one figure twice, the one of them with fewer words."""
    seen: dict[tuple[object, ...], Claim] = {}
    for claim in claims:
        key = (claim.subject, claim.value, claim.unit, claim.relative_to)
        kept = seen.get(key)
        if kept is None:
            seen[key] = claim
        elif kept.metric == claim.metric or kept.metric in _VAGUE or claim.metric in _VAGUE:
            better = claim if kept.metric in _VAGUE and claim.metric not in _VAGUE else kept
            seen[key] = replace(better, precision=kept.precision or claim.precision)
        else:
            seen[*key, claim.metric] = claim
    told = list(seen.values())
    yield from (claim for claim in told if not any(_rounds(claim, other) for other in told))


def _rounds(claim: Claim, other: Claim) -> bool:
    """ "About half an H200" in the title is the 52% of the summary, 首破7000 its 7012."""
    if claim.unit == "points" and claim.value >= 1000 and claim.value % 100 == 0:
        same = (claim.subject, claim.metric, claim.unit) == (other.subject, other.metric, other.unit)
        return same and 0 < other.value - claim.value <= 0.02 * claim.value
    return (
        claim.value in SHARES.values()
        and claim.unit == other.unit == "%"
        and claim.relative_to is not None
        and (claim.subject, claim.metric, claim.relative_to)
        == (other.subject, other.metric, other.relative_to)
        and 0 < abs(claim.value - other.value) <= 0.1 * claim.value
    )


_VAGUE = ("performance", "throughput", "generation throughput", "inference performance")


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _SENTENCE.finditer(text):
        if match.end() > start:
            yield start, match.end()
        start = match.end()
    if start < len(text):
        yield start, len(text)


#: What a sentence that tells a figure has: a number behind something else than a name, or one in words.
_TELLS = re.compile(
    r"\d|half|twice|doubl|tripl|third|quarter|fifth|tenth|times|[一两二三四五六七八九十][成倍]|hours|翻|fois|doppelt|减半|半年|一半|分之|month|个月"
)


def _claims_of(sentence: str, names: Sequence[Name], about: About) -> Iterator[Claim]:
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
    found = [
        (
            at,
            replace(claim, metric=memory_of(claim.subject, about.setting))
            if claim.metric == "HBM capacity"
            else claim,
        )
        for at, _, claim in relations
    ]
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
    if main and relations:
        found = [(at, _of_figure(sentence, at, claim, figures)) for at, claim in found]
    if relations and about.setting.mlperf and about.workload:
        found = [
            (at, replace(claim, metric=training_of(about.workload, sentence)))
            if claim.metric == "MLPerf training time"
            else (at, claim)
            for at, claim in found
        ]
    if len(relations) > 1:
        found = chained(sentence, found, spans)
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
    for figure in figures:
        if named := _named_behind(sentence, figure, names):
            owners[figure.start] = named
        elif owner := _of_another(sentence, figure, own):
            owners[figure.start] = owner.text
            own = [name for name in own if name.start != owner.start]
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
        if subject:
            claim = claim_of(sentence, figure, subject, local, about.setting)
            found.append((figure.start, claim))
            beside = rated_beside(sentence, figure)
            if beside:
                taken.append((beside.start, beside.end))
                metric = (
                    "compute" if "FLOPS" in figure.unit and beside.metric else beside.metric or claim.metric
                )
                found.append(
                    (beside.start, replace(claim, metric=metric, value=beside.value, value_max=None))
                )
            for at, stop, other, value in others_after(sentence, figure, local):
                taken.append((at, stop))
                if other != subject:
                    found.append((at, replace(claim, subject=other, value=value, value_max=None)))
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


def _of_figure(sentence: str, at: int, claim: Claim, figures: Sequence[Figure]) -> Claim:
    """ "Draws 1,400 W, 40% more than the B200": a comparison right behind a figure is about the same."""
    listed = False
    for figure in figures:
        rest = PRECISION.sub("", sentence[figure.end :]).lstrip()
        before, listed = listed, rest.startswith((",", "，", "、"))
        if before:  # "16 PFLOPS, 432 GB, nearly three times": of all that is listed
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
