"""The same of another one: "..., reaching 44% MFU. The same run on H800 had managed 39 per cent." Pure.

What was told of one name is often told of the next by a verb and a number alone, in the same sentence or the one
behind it. Only where nothing else in the sentence says what the number is of.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.judgement.claims_names import Name
from bot.judgement.claims_numbers import number
from bot.judgement.claims_roles import is_negated, is_part
from bot.judgement.text import overlaps
from bot.model import Claim

#: Units whose numbers are told again without saying of what they are.
_UNITS = ("%", "points")
_AGAIN = re.compile(
    r"(?:,? (?:(?:had|has|have|only|just|still|which|it) )*"
    r"(?:manage[sd]?|reache[sd]|gets|got|score[sd]?|solve[sd]?|post(?:s|ed)"
    r"|(?:stands|sits|is|was|came in|comes in|lands) at"
    r"|enter(?:s|ed) (?:with|at)|does|did|hits?|follows (?:with|at|on)|kommt auf|liegt bei|schafft|erreicht"
    r"|(?:reste devant|reste|est|suit),? a|atteint|obtient)\s(?:about |only |just |rund |environ )?"
    r"|(?:则|却|也|仅|只|仍)?(?:为|是|达到?|拿到|得|只有|仅有)\s?)"
    r"(?P<by>\d[\d,]*(?:\.\d+)?)\s?(?P<unit>%|percent|per cent|prozent|pour cent|分|points)?"
    r"(?=\s?(?:\.(?!\d)|,(?!\d)|[;)。，；）]|$)| (?:and|while|in|on)\b)"
)
#: What speaks of something else than the benchmark before.
_ELSE = re.compile(
    r"price|cost|\$|€|¥|yuan|share|revenue|sales|yield|token|vote|user|parameter|context|price|价|成本|份额|良率|营收|参数|销量|占比"
)


def echoed(
    sentence: str, names: Sequence[Name], before: Claim | None, taken: Sequence[tuple[int, int]]
) -> list[tuple[int, Claim]]:
    """The claims of other names that say what ``before`` says, with where each stands."""
    if before is None or before.unit not in _UNITS or before.relative_to:
        return []
    found: list[tuple[int, Claim]] = []
    if any(name.kind == "benchmark" and name.text not in before.metric for name in names):
        return found
    kind = next((name.kind for name in names if name.text == before.subject), "")
    for name in names:
        if name.kind not in ("chip", "model") or name.text == before.subject or (kind and name.kind != kind):
            continue
        match = _AGAIN.match(sentence, name.end)
        if (
            match is None
            or (before.unit == "%") != (match["unit"] not in (None, "分", "points"))
            or overlaps(match.start("by"), match.end("by"), taken)
            or is_negated(sentence, match.start("by"))
            or is_part(name, sentence)
            or _ELSE.search(sentence, max(0, name.start - 40), match.end() + 16)
        ):
            continue
        value = number(match["by"])
        if not 0.1 * before.value <= value <= 10 * before.value:
            continue
        found.append((match.start("by"), replace(before, subject=name.text, value=value, value_max=None)))
    return found
