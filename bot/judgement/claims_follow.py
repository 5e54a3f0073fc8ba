"""A sentence that only compares, and whose figure it goes on about. Pure."""

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.model import Claim

#: "That is 0.71x an H200", "Twice what I got on H100", 约为H20的2.3倍: a sentence that has no subject of its own.
_NO_SUBJECT = re.compile(
    r"\s*(?:(?:that|this|which|it)(?: i|')s |or )?(?:about |roughly |almost |nearly |some |just |only |around )?"
    r"(?:\d[\d.]*\s?(?:x|×|times|%|percent)|twice|half|double|triple)"
    r"|\s*(?:这|也就是|即)?(?:相当于|约为|约是|是|为)(?=[a-z\d])"
)
_SAYS_SO = re.compile(r"\s*(?:that|this|which)(?: i|')s |\s*这?相当于")


def compared_on(before: str, sentence: str, told: Sequence[Claim], last: Claim) -> list[Claim]:
    """``told`` of a sentence that only says what the figure right ``before`` it comes to, of what that one was."""
    here = _NO_SUBJECT if not before.rstrip(" ").endswith("\n") else _SAYS_SO
    if not here.match(sentence) or last.relative_to or told[0].relative_to in (None, last.subject):
        return list(told)
    return [
        replace(claim, subject=last.subject, metric=last.metric, precision=last.precision)
        if claim is told[0]
        else replace(claim, subject=last.subject)
        if claim.relative_to and claim.subject == told[0].subject
        else claim
        for claim in told
    ]
