"""Names that a figure can be about, found in folded text and written one way: chips, systems, models, benchmarks."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from bot.judgement.claims_benchmarks import BENCHMARKS, called
from bot.judgement.claims_lexicon import BARE, CHIPS, LEFT, RIGHT
from bot.judgement.claims_models import MODELS
from bot.judgement.screen import Screen

#: How benchmarks begin that rate chips; the others rate models.
RATE_CHIPS = ("SPEC", "CoreMark", "Geekbench", "single-core", "multi-core")


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A name in the text: where it stands, how it is written, and whether it is a ``chip`` (or system),
    a ``model``, or a benchmark (then ``unit`` is what its bare numbers are in)."""

    start: int
    end: int
    text: str
    kind: str
    unit: str = ""


#: What a match of a pattern is called, its kind, and its unit.
_Read = Callable[[re.Match[str]], tuple[str, str, str]]


#: "Pro", "Flash" and "Lite" alone stand for the variants of the model that the text names.
_SHORT = re.compile(rf"{LEFT}(pro|flash|lite){RIGHT}")


_ACTING = ("Ultra", "Mini", "Max", "Coder")
#: Words that are parts of other names, too, only where what they do follows.
_SHORT_ACTS = re.compile(
    r"(?:^|(?<=the )|(?<=[,:;.\n(] )|(?<=\n))(ultra|mini|max|coder)"
    r"(?= (?:resolves|scores|gets|hits|reaches|solves|lands|takes|manages|posts|decodes|runs at) )"
)
#: "The 960" is a chip in a text that names an Ascend chip in full.
_BARE_ASCEND = re.compile(
    rf"(?:(?<=the )|(?<=than )|(?<=on )|(?<=on the )|(?<=and )"
    rf"|(?<=比)|(?<=较)|(?<=与)|(?<=和)|(?:(?<=为)|(?<=是))(?=\d+的)"
    # At the head of a clause only with what speaks of a chip: "960的算力", "960 will", "960: 2 PFLOPS".
    r"|(?:^|(?<=[\n。,、;(])|(?<=[,;.] ))"
    r"(?=\d+(?:\s?(?:的|将|则|预计|提前|推迟|延期|芯片|系列|fp\d|:)| will | has | offers )))"
    rf"(9[1-9]0){RIGHT}(?![.,]\d)"
    r"(?!\s?-?(?:[gt]b|k?w\b|watts|[tpe]?flops|tok|t/s|cards|chips"
    r"|gpus|npus|yuan|million|%|per|亿|万|元|张|名|家|吨|nits|points))"
)

#: The same without any name in the text, where its memory or its format stands beside it: 960单芯HBM 256GB.
_LONE_ASCEND = re.compile(
    r"(?:^|(?<=[\n,，。;；:：、 ]))(9[1-9]0)"
    r"(?=(?:单芯片?|单卡|单颗|芯片)?的?\s?(?:hbm|fp[48]|显存|算力|带宽)|(?: chip| card)?[: ] ?(?:hbm|fp[48]))"
    rf"|(?:(?<=huawei's )|(?<=huawei's leaked )|(?<=huawei's new )|(?<=huawei's next ))(9[5-9]0){RIGHT}(?!,)"
)


#: The same by what only a chip does: 960跑DeepSeek, 960上周已经回片.
_RUN_ASCEND = re.compile(
    r"(?:^|(?<=[\n,，。;；:：、 ]))(9[1-9]0)"
    r"(?=(?:单卡)?跑(?:满血)?(?:deepseek|qwen|glm|kimi|v\d)|[\u4e00-\u9fff]{0,6}(?:回片|流片))"
)


#: "The 960 sample does 1.62 PF", 960样片: a chip of that number by what it is.
_SAMPLE_ASCEND = re.compile(
    r"(?:^|(?<=the )|(?<=[\n,，。;；:：、 ]))(9[1-9]0)"
    r"(?=(?: engineering)? (?:samples?|chips?|cards?|boards?|npus?|dies?|silicon)\b(?! for\b)"
    r"|(?:工程)?样片|芯片|加速卡|单卡)"
)


def _subject(kind: str, build: Callable[[re.Match[str]], str]) -> _Read:
    return lambda match: (build(match), kind, "")


def _benchmark(name: str, unit: str) -> _Read:
    return lambda match: (called(match, name), "benchmark", unit)


SUBJECTS = (*CHIPS, *MODELS)
#: In order: an earlier pattern takes the characters from a later one.
_SOURCES: tuple[tuple[str, _Read], ...] = (
    *(
        (rf"(?:(?<![a-z])|(?<=geekbench))(?:{pattern})", _benchmark(name, unit))
        for _, pattern, name, unit in BENCHMARKS
    ),
    *((pattern, _subject(kind, build)) for _, pattern, kind, build in SUBJECTS),
)


@cache  # hundreds, of which a run meets a few: to compile them all takes a tenth of a second
def _pattern(index: int) -> re.Pattern[str]:
    return re.compile(_SOURCES[index][0])


_SCREEN = Screen(row[0].split() for row in (*BENCHMARKS, *SUBJECTS))
#: What a claim can be of; a cluster needs no name.
_SUBJECTS_SCREEN = Screen(
    [
        *(row[0].split() for row in SUBJECTS if row[2] in ("chip", "model", "part")),
        *(row[0].split() for row in BARE),
        ("集群", "cluster"),
    ]
)


_BARE = tuple((re.compile(pattern), build) for _, pattern, build in BARE)
_BARE_SCREEN = Screen(words.split() for words, _, _ in BARE)


def may_name(text: str) -> bool:
    """Whether a folded text may have a name that a figure can be of; cheap."""
    return _SUBJECTS_SCREEN.any_possible(text)


def names_in(text: str) -> list[Name]:
    """Every name in folded text, in order, none overlapping."""
    taken = bytearray(len(text))
    found = list(_written(text, taken))
    family = next((name.text.split()[1] for name in found if name.text.startswith("DeepSeek V")), "")
    if family:
        found += [
            Name(start=m.start(), end=m.end(), text=f"DeepSeek {family} {m[1].capitalize()}", kind="model")
            for m in _free(_SHORT, text, taken)
        ]
        written = {name.text for name in found if name.text.endswith(_ACTING)}
        if written:
            found += [
                Name(start=m.start(), end=m.end(), text=label, kind="model")
                for m in _free(_SHORT_ACTS, text, taken)
                if (label := f"DeepSeek {family} {m[1].capitalize()}") in written
            ]
    if any(name.text.startswith("Ascend 9") for name in found):
        found += [
            Name(start=m.start(), end=m.end(), text=f"Ascend {m[1]}", kind="chip")
            for m in _free(_BARE_ASCEND, text, taken)
        ]
    elif ("hbm" in text or "fp8" in text or "fp4" in text or "flops" in text) and not any(
        name.kind == "chip" for name in found
    ):
        found += [
            Name(start=m.start(), end=m.end(), text=f"Ascend {m[1] or m[2]}", kind="chip")
            for m in _free(_LONE_ASCEND, text, taken)
        ]
    if ("跑" in text or "流片" in text or "回片" in text) and not any(
        name.text.startswith("Ascend 9") for name in found
    ):
        found += [
            Name(start=m.start(), end=m.end(), text=f"Ascend {m[1]}", kind="chip")
            for m in _free(_RUN_ASCEND, text, taken)
        ]
    if ("fp8" in text or "fp4" in text or "flops" in text or " pf " in text) and not any(
        name.text.startswith(("Ascend 9", "Atlas")) for name in found
    ):
        found += [
            Name(start=m.start(), end=m.end(), text=f"Ascend {m[1]}", kind="chip")
            for m in _free(_SAMPLE_ASCEND, text, taken)
        ]
    for index in _BARE_SCREEN.possible(text):
        pattern, build = _BARE[index]
        found += [
            Name(start=m.start(), end=m.end(), text=build(m), kind="chip")
            for m in _free(pattern, text, taken)
        ]
    if "arena" in text and any(
        name.text.endswith("Arena score") != name.text.startswith("Arena") for name in found
    ):
        # "Enters Code Arena with an Arena score of 1456": which arena stands elsewhere.
        found = [name for name in found if name.text != "Arena score"]
    return sorted(found, key=lambda name: name.start)


def _written(text: str, taken: bytearray) -> Iterator[Name]:
    for index in _SCREEN.possible(text):
        read = _SOURCES[index][1]
        for match in _free(_pattern(index), text, taken):
            label, kind, unit = read(match)
            if label.startswith("Geekbench") and "geekbench" not in text:
                if "跑分" not in text:
                    continue
                label = f"{label.removeprefix('Geekbench ')} score"  # of which benchmark is not said
            elif label.startswith("Geekbench") and _GEEKBENCH_6.search(text):
                label = label.replace("Geekbench", "Geekbench 6")
            yield Name(start=match.start(), end=match.end(), text=label, kind=kind, unit=unit)


#: The release is a part of the name where it stands right beside the score: "Geekbench 6 single-core".
_GEEKBENCH_6 = re.compile(r"geekbench\s?6\s?(?:single|multi|单核|多核)")


def _free(pattern: re.Pattern[str], text: str, taken: bytearray) -> Iterator[re.Match[str]]:
    for match in pattern.finditer(text):
        start, end = match.span()
        if taken.find(1, start, end) < 0:
            taken[start:end] = b"\1" * (end - start)
            yield match
