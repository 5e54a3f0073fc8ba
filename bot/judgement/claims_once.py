"""What a text tells twice is one claim. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.judgement.claims_numbers import SHARES
from bot.model import Claim


def told_once(claims: Sequence[Claim]) -> Iterator[Claim]:
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
