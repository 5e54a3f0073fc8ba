"""Names and figures that stand in rows: the order of the names tells whose each figure is."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from bot.judgement.claims_names import Name
from bot.judgement.claims_numbers import Figure, number
from bot.judgement.claims_roles import is_other
from bot.model import Claim

_JOINED = re.compile(
    r"\s?(?:vs\.?|versus|and|与|和|对比|对|到|至|to|→|->|、|/)\s?"
    r"(?:on |with |for )?(?:the |an? |eight-way |nvidia's |nvidia |英伟达)*"
)


#: "The 910C trails the H100: 3.2 TB/s against 3.35 TB/s".
_AGAINST = re.compile(r"\s?(?:of \w+ )?,?\s?(?:against|versus|vs\.?|compared (?:with|to)|对|对比)\s?")
_GIVEN_TO = re.compile(r"[^.。;；,，\d]{0,20}\b(?:for|on|by)\s")


def _go_together(sentence: str, names: Sequence[Name], one: Figure, two: Figure) -> bool:
    """Whether two names and two figures are set beside each other, so that they go together in their order."""
    return _JOINED.fullmatch(sentence, names[0].end, names[1].start) is not None or (
        is_other(names[1], sentence)
        and _AGAINST.fullmatch(sentence, one.end, two.start) is not None
        and _GIVEN_TO.match(sentence, two.end) is None
    )


def paired(sentence: str, figures: Sequence[Figure], names: Sequence[Name]) -> dict[int, str]:
    """ "910C vs H100: 780 TFLOPS against 989 TFLOPS": two names in a row own two figures in a row, in order."""
    subjects = [name for name in names if name.kind in ("chip", "model")]
    owners: dict[int, str] = {}
    for one, two in pairwise(figures):
        before = [name for name in subjects if name.end <= one.start][-2:]
        if (
            len(before) == 2
            and (one.unit == two.unit or one.unit[1:] == two.unit[1:] != "")
            and (one.value, one.unit) != (two.value, two.unit)
            and one.metric == two.metric
            and _go_together(sentence, before, one, two)
            and not any(one.end <= name.start < two.start for name in subjects)
            and two.start - one.end < 24
        ):
            owners[one.start], owners[two.start] = before[0].text, before[1].text
    return owners


_UNIT_FIRST = re.compile(
    r"(?:tokens per second|tokens/s|tok/s|t/s)"
    r"(?: (?:on|in|at|with|for) [\w -]{2,24})?\s?[:：]\s?"
)
_ITS_VALUE = re.compile(r"[:：=]?\s?(\d[\d,]*(?:\.\d+)?)(?=\s?(?:[,，;；、.。()]|$|and\b))")


def rates_in_row(sentence: str, names: Sequence[Name]) -> Iterator[tuple[int, int, str, float]]:
    """ "Tokens per second: RTX 5090 188, M5 Ultra 131": the unit stands at the head of a row of names and values."""
    head = _UNIT_FIRST.search(sentence)
    if head is None:
        return
    for name in names:
        match = _ITS_VALUE.match(sentence, name.end) if name.start >= head.end() else None
        if match and name.kind in ("chip", "model", "host"):
            yield match.start(1), match.end(1), name.text, number(match[1])


#: "3090 118 t/s, 4090 161 t/s": a card right before its rate.
_OWN_RATE = re.compile(r"(?: gets| does| at|[:：=])? ?")


def cards_in_row(sentence: str, figures: Sequence[Figure], names: Sequence[Name]) -> dict[int, str]:
    """Whose rates are that stand in a row, each right behind a card: the cards are what is compared."""
    owners = {
        figure.start: name.text
        for figure in figures
        if figure.unit == "tokens/s"
        for name in names
        if name.kind in ("chip", "host") and _OWN_RATE.fullmatch(sentence, name.end, figure.start)
    }
    return owners if len(owners) > 1 else {}


_LIST = re.compile(r"(?<![\w.])((?:\d[\d,]*(?:\.\d+)?\s?/\s?)+)$")


def list_before(sentence: str, figure: Figure) -> list[float]:
    """The values before the last one of "144/96/144 GB", which share its unit."""
    match = _LIST.search(sentence, max(0, figure.start - 40), figure.start)
    return [number(digits) for digits in match[1].split("/") if digits.strip()] if match else []


#: "1.9 PFLOPS measured of the 3.2 on the box", "3.3 TB/s of the 4 advertised": what was measured beside what is rated.
_RATED_AFTER = re.compile(
    r"\s?(?:\w+ )?(?:(?:out )?of|vs\.?|versus|against) (?:the |its |an? )?"
    r"(?:advertised |rated |promised |claimed |nominal )?"
    r"(\d[\d,]*(?:\.\d+)?)\s?(?:[a-z/]+ )?"
    r"(?:(?<=d )|(?:advertised|rated|promised|claimed|nominal|on (?:the box|paper)|listed))\b"
)
#: "3.41 TB/s where Huawei claims 4", "870 TOPS, down from the 1,000 it promised", "742 TFLOPS, up from 611".
_WHERE_RATED = re.compile(
    r"(?: (?:in |at )?(?:fp\d+|bf16|int8))?(?: measured| sustained)?,? "
    r"where (?:the (?:company|maker|vendor|(?:spec |data ?)?sheet|brochure|box)|[\w-]+) "
    r"(?:claims|claimed|promises|promised|lists|listed|advertises|has|gives|quotes|shows"
    r"|advertised|rates it at|said|says) (?:about )?(\d[\d,]*(?:\.\d+)?)(?![\d.,]*\s?%)"
)
_UP_FROM = re.compile(
    r"[^.;,\d]{0,12}(?:fp\d+)?(?: at [\w ]{3,16})?,? (?:up|down) from (?:the |its |an? )?(\d[\d,]*(?:\.\d+)?)"
    r"(?=[.;,)]|$| (?:it|in|on|with|last|before|the|at|for|of|promised|claimed)\b)"
)


#: "It has since been corrected to 2", "the poster later said it was 410 per card", 后更正为410.
_CORRECTED = re.compile(
    r"[^\d;；。]{0,60}?(?:\blater (?:said|wrote|admitted) (?:that )?it (?:was|is|should be)"
    r"|\blater (?:puts?|set|placed|gave|corrected|revised) (?:it|that|this) (?:down |up )?(?:at|to|as)"
    r"|(?<!\w)it (?:is|was|should be|should have been)(?: actually| really| in fact)?"
    r"|\b(?:corrected|revised|amended)(?: it| that| this| the figure)? (?:down |up )?to"
    r"|(?:更正|修正|订正|改|改口)为)\s?(?:about |only |just |约)?"
    r"(\d[\d,]*(?:\.\d+)?)(?=\s?(?:[gt]b(?:/s)?|[tp]?flops|k?w)?\s?(?:[;,，。；)]|\.(?!\d)|$|per |each |a card))"
)


#: "192GB of memory instead of 144GB", 应为4.0 PFLOPS，而非4.2
_NOT_AS_BEFORE = re.compile(
    r"(?: of (?:hbm\w*|memory))?,? instead of (?:the |its )?(\d[\d,]*(?:\.\d+)?)"
    r"(?=\s?(?:[gt]b(?:/s)?|[tp]flops|k?w)?(?:[\s.,;)]|$))"
    r"|(?:(?<=flops)|(?<=b)|(?<=b/s)|(?<=w))[，,]\s?(?:而非|而不是|(?<=w，)不是|(?<=b，)不是|(?<=s，)不是)(?:此前(?:报道|所说)?的)?\s?(\d[\d,]*(?:\.\d+)?)"
)


#: "Correction: it has 128 GB of memory, not 141 GB"
_BUT_NOT = re.compile(
    r"(?: of (?:hbm\w*|memory))?,? (?:and )?not (?:the )?(\d[\d,]*(?:\.\d+)?)"
    r"(?=\s?(?:[gt]b(?:/s)?|[tp]flops|k?w)?(?:[\s.,;)]|$))"
)


#: "Was pitched at 700 TOPS; the first silicon manages 580".
_FIRST_ONES = re.compile(
    r"\s*(?:the |our |its )?(?:first |early |final |actual |real )?"
    r"(?:silicon|samples?|boards?|cards?|chips?|units?|parts?|tests?)"
    r" (?:manages?|reach(?:es)?|gets?|delivers?|hits?|came to|comes? to|measured|does|do) (?:only |just |about )?"
    r"(\d[\d,]*(?:\.\d+)?)\s*[.。]?\s*"
)


def corrected(clause: str, before: Claim | None) -> Claim | None:
    """What a clause after a semicolon puts right of the figure before it, or says that it came to."""
    if before is None or before.relative_to:
        return None
    match = _CORRECTED.match(clause) or _FIRST_ONES.fullmatch(clause)
    return replace(before, value=number(match[1]), value_max=None) if match else None


def rated_beside(sentence: str, figure: Figure) -> Figure | None:
    """The rating that stands behind a measured figure, or its earlier value, then without a metric."""
    match = (
        _RATED_AFTER.match(sentence, figure.end)
        or _WHERE_RATED.match(sentence, figure.end)
        or _UP_FROM.match(sentence, figure.end)
    )
    if match is None:
        match = _CORRECTED.match(sentence, figure.end) or _NOT_AS_BEFORE.match(sentence, figure.end)
    if match is None and "correct" in sentence:
        match = _BUT_NOT.match(sentence, figure.end)
    if match is None:
        return None
    if match.re in (_UP_FROM, _CORRECTED, _NOT_AS_BEFORE, _BUT_NOT):
        figure = replace(figure, metric="")  # measured as this one was
    group = match.lastindex or 1
    return replace(
        figure, start=match.start(group), end=match.end(group), value=number(match[group]), value_max=None
    )


_OTHER_VALUE = re.compile(
    r"(?:'s)?\s?(?:is\s|at\s|[:=(（为仅达]|gets\s|manages\s|reaches\s"
    r"|does\s){0,2}\s?(\d[\d,]*(?:\.\d+)?)(k(?![a-z\d]))?(?:(?<=\dk)|\s?tokens?(?![\w/])|(?!,?\d|\.\d|\s?[%\w万倍]))"
)


_AT_VALUE = re.compile(
    r"(?: (?:server|box|system|node|card))?[:：=]?\s?(?:is|was|stands|comes|lands|got|gets|manages|reaches|does|has)?"
    r"\s?(?:at|in at|达|为|是|只有|仅)?\s?(\d[\d,]*(?:\.\d+)?)\s*[.。;；]?\s*"
)
_HEAD = re.compile(r"\s*(?:and |while |an? |the |nvidia's |huawei's |amd's |英伟达|华为|而)*")


def goes_on(clause: str, names: Sequence[Name], before: Claim | None) -> Claim | None:
    """ "950DT posts 118,400 tokens/s; B300 is at 271,900": a clause that gives another chip's value."""
    if before is None or before.unit != "tokens/s" or before.relative_to or not names:
        return None
    first = names[0]
    match = _AT_VALUE.fullmatch(clause, first.end)
    if match is None or first.kind not in ("chip", "model") or first.text == before.subject:
        return None
    head = _HEAD.match(clause)
    if head is None or head.end() != first.start:
        return None
    return replace(before, subject=first.text, value=number(match[1]), value_max=None)


#: "2,780 tokens/s on the 950PR, 1,690 on the H20"
_GIVEN_VALUE = re.compile(
    r"(?:[^\d.;]|(?<=[a-z])\d+[a-z]*){0,48}?(?:\d{3}[a-z]{0,2})?"
    r"(?:[,，]\s?(?:and |versus |against )?|\s(?:against|versus|vs\.?|and)\s)"
    r"(\d[\d,]*(?:\.\d+)?)\s(?:on|for|with)\s"
    r"(?:the |an? |one |nvidia's |huawei's )*"
)


def others_after(
    sentence: str, figure: Figure, names: Sequence[Name]
) -> Iterator[tuple[int, int, str, float]]:
    """ "910C reaches 1,943 tokens/s, H20 1,580": the names after a figure whose number has no unit of its own."""
    stop = min(
        (at for mark in ("。", ". ", "\n") if (at := sentence.find(mark, figure.end)) >= 0),
        default=len(sentence),
    )
    last = figure.end  # each value of the row hangs on the one before it
    for name in names:
        if name.kind not in ("chip", "model") or not last <= name.start < min(stop, last + 60):
            continue
        given = _GIVEN_VALUE.fullmatch(sentence, figure.end, name.start)
        if given:
            yield given.start(1), given.end(1), name.text, number(given[1])
            continue
        match = _OTHER_VALUE.match(sentence, name.end)
        if match and not re.search(r"\d\s?%?", sentence[last : name.start]):
            yield match.start(1), match.end(), name.text, number(match[1], match[2] or "")
            last = match.end()
