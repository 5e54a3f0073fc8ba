"""Finds benchmark figures and hardware ratings in headlines and summaries, English and Chinese.

A figure is claimed of the name that stands nearest before it in its sentence; else directly after it; else of the
name that the headline is about. Prices, dates, parameter counts, context lengths, sales, yields, votes, tariffs and
rule thresholds are no claims. Accepted misses: figures in words other than "half", "twice", 两成, and tables.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.judgement.claims_figures import Figure, figures_in, precision_near
from bot.judgement.claims_names import Name, names_in
from bot.judgement.claims_relations import relations_in
from bot.judgement.claims_scores import scores_in
from bot.judgement.text import fold
from bot.model import Claim

#: The end of a sentence, and the line between title and summary.
_SENTENCE = re.compile(r"(?<=[。！？!?；;\n])|(?<=[a-z\d)%]\.)\s+(?=[^\s\d])")
#: Most texts hold no figure that could be a claim; this is the cheap way to know.
_WORTH_READING = re.compile(
    r"\d\s?(?:%|percent|x(?![a-z])|times|[eptg](?:fl)?ops|peta|exa|tera|[tg]b|k?w(?![a-z])|kw|watt|tok|t/s|tps|m?s(?![a-z])"
    r"|token|万|亿|倍|成|分|秒|毫秒|瓦|points|minutes|months|个月)|half|twice|doubl|tripl|times|翻倍|翻番|[一两二三四五六七八九]成"
    r"|bench|aime|gpqa|mmlu|humaneval|hle|arena|index|codeforces|spec|mfu|mrcr|math|arc-agi|osworld|simpleqa|months"
)
#: A chip named after one of these is a part of what the text is about.
_PART = re.compile(
    r"(?:搭载|采用|基于|with|using|powered by|built on|uses)\S{0,4}\s?"
    r"(?:全新|新一代|华为|英伟达|huawei's?|the|new)?\s?$"
)


def extract_claims(title: str, summary: str, language: str) -> tuple[Claim, ...]:
    """The figures that the text states, in its order. ``language`` is a hint that nothing depends on: headlines mix
    languages. Comparisons have ``relative_to``; ``value_max`` ends a range."""
    text = fold(f"{title}\n{summary}")
    if not _WORTH_READING.search(text):
        return ()
    names = names_in(text)
    main = _main(names, text)
    claims: list[Claim] = []
    for start, end in _sentences(text):
        inside = [name for name in names if start <= name.start < end]
        claims.extend(_claims_of(text, start, end, inside, main))
    return tuple(dict.fromkeys(claims))


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _SENTENCE.finditer(text):
        if match.end() > start:
            yield start, match.end()
        start = match.end()
    if start < len(text):
        yield start, len(text)


def _main(names: Sequence[Name], text: str) -> str:
    """What the text is about: the first name that is not a part of another thing."""
    subjects = [name for name in names if name.kind in ("chip", "model")]
    first = next((name for name in subjects if not _is_part(name, text)), None)
    if first is None:
        return subjects[0].text if subjects else ""
    # A text that names a model and then its variants gives the figures of the first variant.
    variants = [name.text for name in subjects if name.text.startswith(f"{first.text} ")]
    return variants[0] if first.kind == "model" and variants else first.text


def _is_part(name: Name, text: str) -> bool:
    return _PART.search(text[max(0, name.start - 24) : name.start]) is not None


def _claims_of(text: str, start: int, end: int, names: Sequence[Name], main: str) -> Iterator[Claim]:
    sentence = text[start:end]
    local = [
        replace(name, start=name.start - start, end=name.end - start)
        for name in names
        if name.text == main or name.kind not in ("chip", "model") or not _is_part(name, text)
    ]
    relations = relations_in(sentence, local, main)
    spans = [(at, stop) for at, stop, _ in relations]
    found = [(at, claim) for at, _, claim in relations]
    figures = [figure for figure in figures_in(sentence) if not _overlaps(figure.start, figure.end, spans)]
    # What something is compared with is not what the next figure is about.
    own = [name for name in local if not _overlaps(name.start, name.end, spans)] or local
    for figure in figures:
        subject = _subject_of(sentence, figure, own, main)
        if subject:
            found.append((figure.start, _claim(sentence, figure, subject, local)))
    found += scores_in(sentence, local, main, [*spans, *((figure.start, figure.end) for figure in figures)])
    found.sort(key=lambda pair: pair[0])
    yield from (claim for _, claim in found)


def _overlaps(start: int, end: int, spans: Sequence[tuple[int, int]]) -> bool:
    return any(at < end and start < stop for at, stop in spans)


def _claim(sentence: str, figure: Figure, subject: str, names: Sequence[Name]) -> Claim:
    needs = figure.metric in ("compute", "throughput") or "FLOPS" in figure.unit
    precision = precision_near(sentence, figure.start, figure.end) if needs else None
    metric = figure.metric
    if metric == "compute" and "gemm" in sentence:
        metric = "GEMM throughput"
    workload = next((name.text for name in names if name.kind == "workload"), "")
    if metric.startswith("MLPerf offline") and workload:
        metric = f"MLPerf {workload} offline"
    return Claim(subject=subject, metric=metric, value=figure.value, unit=figure.unit, precision=precision)


_FOR_NAME = re.compile(
    r"\s?(?:\(|（)?(?:of \w+ )?(?:in \w+ )?(?:for|on|per|on a|for the|by the|by)\s(?:the |an? |its |each )?"
)


def _subject_of(sentence: str, figure: Figure, names: Sequence[Name], main: str) -> str:
    # A chip is rated; a model waits for its first token. Of token rates either is said: the nearest is meant, but
    # "on a 910C, Qwen3 decodes at" rates the chip.
    kinds = ("model", "chip") if figure.metric in ("TTFT", "TPOT") else ("chip", "model")
    subjects = [
        name for name in names if name.kind in kinds[: 2 if figure.unit in ("tokens/s", "s", "ms") else 1]
    ]
    after = _FOR_NAME.match(sentence, figure.end)
    if after:
        for name in subjects:
            if name.start == after.end():
                return name.text
    before = [
        name
        for name in subjects
        if name.end <= figure.start and not _PART.search(sentence[max(0, name.start - 24) : name.start])
    ]
    if before:
        preferred = [name for name in before if name.kind == kinds[0]]
        return (before if figure.metric == "generation throughput" or not preferred else preferred)[-1].text
    if kinds[0] == "model" and (models := [name for name in subjects if name.kind == "model"]):
        return models[0].text
    later = [name for name in subjects if name.start >= figure.end]
    if later and not main:
        return later[0].text
    if main:
        return main
    return "cluster" if re.search(r"集群|cluster", sentence) and figure.metric == "compute" else ""
